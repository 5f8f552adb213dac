"""What can be imported or looked at: .ics files, messages (.eml), folders of .ics files, bytes; all as one pile."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable
from dataclasses import field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import NotFound, Refused, StorageError, Unreadable
from core.index import folder as folders
from core.language import _
from core.services.pieces import Pieces, cut
from core.values import dataclass

if TYPE_CHECKING:
    from core.ical.decode import CalendarHeader

LARGEST = 1 << 30
"""Bytes of one source."""

Told = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Source:
    """Something to import: bytes (as from standard input), or a path. `label` is what problems call it."""

    label: str
    data: bytes | None = None
    path: Path | None = None
    key: str = ""
    """Names bytes that have a home, so that they are known when they come again: the address they were fetched from."""


@dataclass(frozen=True, slots=True)
class SourceProblem:
    """Something that was repaired or left out: in which file, on which line (0: the whole file), and what."""

    file: str
    line: int
    what: str
    refused: bool = False
    """The component or the whole file was left out."""


@dataclass(slots=True)
class Piled:
    """The events of a source as (UID, bytes), and what is known of the calendar they make."""

    name: str
    key: str
    """Names the source, so that it is known when it comes again: its path, or a message's id."""
    events: list[tuple[str, bytes]] = field(default_factory=list)
    problems: list[SourceProblem] = field(default_factory=list)
    header: CalendarHeader | None = None
    sender: str = ""
    received: datetime | None = None
    colour: str = ""

    @property
    def relation(self) -> str:
        """X-WR-RELCALID, empty where there is none."""
        return self.header.relation if self.header else ""


def read_source(source: Source, now: datetime, told: Told | None = None) -> Piled:
    """Everything that a source holds. Raises Unreadable, NotFound, StorageError, Refused (addresses)."""
    if source.data is not None:
        return _from_bytes(source.data, source.label, source.key, now, told)
    if source.path is None or source.label.lower().startswith(("http:", "https:", "webcal:", "webcals:")):
        raise Refused(
            _("“{address}” is an address: it has to be fetched first.").format(address=source.label),
            _("Subscribe to it, or import it on the command line."),
        )
    return read_path(source.path, now, told, source.label)


def read_path(path: Path, now: datetime, told: Told | None = None, label: str = "") -> Piled:
    """Everything in a file or a folder. Raises Unreadable, NotFound, StorageError."""
    label = label or str(path)
    if path.is_dir():
        return _from_folder(path, label, now, told)
    data = _bytes_of(path, label)
    key = os.path.realpath(path)
    return _from_bytes(data, label, key, now, told)


def _bytes_of(path: Path, label: str) -> bytes:
    """At most LARGEST, of a file or a pipe. Raises NotFound, StorageError, Unreadable."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            about = os.fstat(descriptor)
            if not stat.S_ISREG(about.st_mode) and not stat.S_ISFIFO(about.st_mode):
                raise Unreadable(_("“{file}” is not a file.").format(file=label))
            os.set_blocking(descriptor, True)
            data = file.read(LARGEST + 1)
    except FileNotFoundError:
        raise NotFound(_("There is no file {file}.").format(file=label)) from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise StorageError(_("“{file}” could not be read: {reason}.").format(file=label, reason=reason)) from error
    if len(data) > LARGEST:
        raise Unreadable(_("“{file}” is larger than a gigabyte.").format(file=label))
    return data


def _from_bytes(data: bytes, label: str, key: str, now: datetime, told: Told | None) -> Piled:
    if _is_message(data, label):
        return _from_message(data, label, now, told)
    return _pile(cut_named(data, label, now, told), label, key)


def cut_named(data: bytes, label: str, now: datetime, told: Told | None = None) -> Pieces:
    """`cut`, with an error that names the file."""
    try:
        return cut(data, now, told)
    except Unreadable as error:
        raise Unreadable(f"{label}: {error.message}", error.hint) from error


def _pile(pieces: Pieces, label: str, key: str) -> Piled:
    stem = Path(label).stem if label not in ("", "-") else ""
    return Piled(
        name=pieces.header.name or stem,
        key=key,
        events=pieces.events,
        problems=[SourceProblem(label, one.line, one.what, not one.repaired) for one in pieces.problems],
        header=pieces.header,
        sender=pieces.header.owner.address if pieces.header.owner else "",
        colour=pieces.header.colour,
    )


def _is_message(data: bytes, label: str) -> bool:
    """A message begins with a header field; a calendar with BEGIN:VCALENDAR somewhere near its top."""
    if label.lower().endswith((".eml", ".msg", ".mbox")):
        return True
    head = data[:4096].lstrip(b"\xef\xbb\xbf\r\n\t ").upper()
    return not head.startswith(b"BEGIN:") and (b"\nMIME-VERSION:" in head or b"\nCONTENT-TYPE:" in head)


def _from_message(data: bytes, label: str, now: datetime, told: Told | None) -> Piled:
    """All calendars of the message together; the first one gives the name. Raises Unreadable without one."""
    from core.sharing.incoming import read_message

    message = read_message(data)
    if not message.calendars:
        raise Unreadable(_("There is no calendar in the message “{file}”.").format(file=label))
    piles = [
        _pile(cut_named(part.data, part.name or label, now, told), part.name or message.subject or label, "")
        for part in message.calendars
    ]
    first = piles[0]
    return Piled(
        name=first.name or message.subject,
        key=message.message_id,
        events=_together(pile.events for pile in piles),
        problems=[
            SourceProblem(label, problem.line, problem.what, problem.refused)
            for pile in piles
            for problem in pile.problems
        ],
        header=first.header,
        sender=message.sender.address if message.sender else "",
        received=message.received or message.date,
        colour=first.colour,
    )


def _together(lists: Iterable[Iterable[tuple[str, bytes]]]) -> list[tuple[str, bytes]]:
    """Each UID once; the first version stays."""
    found: dict[str, bytes] = {}
    for events in lists:
        for uid, data in events:
            found.setdefault(uid, data)
    return list(found.items())


def _or_else(read: Callable[[str], str], folder: str, otherwise: str) -> str:
    """What stands beside the events; it is no reason to refuse them."""
    try:
        return read(folder)
    except OSError:
        return otherwise


def _from_folder(path: Path, label: str, now: datetime, told: Told | None) -> Piled:
    """A file that cannot be read is a problem of the pile, not of the folder. Raises StorageError, Unreadable."""
    folder = os.path.realpath(path)
    try:
        names = sorted(entry.name for entry in os.scandir(path) if folders.is_event_file(entry.name.lower()))
    except OSError as error:
        reason = error.strerror or str(error)
        raise StorageError(_("“{file}” could not be read: {reason}.").format(file=label, reason=reason)) from error
    pile = Piled(_or_else(folders.display_name, folder, os.path.basename(folder)), folder)
    pile.colour = _or_else(folders.colour, folder, "")
    if not names:
        raise Unreadable(_("There is no .ics file in the folder “{file}”.").format(file=label))
    lists = []
    for number, name in enumerate(names):
        if told is not None and number % 100 == 0:
            told(number, len(names))
        try:
            pieces = cut_named(_bytes_of(path / name, name), name, now)
        except (Unreadable, StorageError) as error:
            pile.problems.append(SourceProblem(name, 0, error.message, True))
            continue
        pile.problems += [SourceProblem(name, one.line, one.what, not one.repaired) for one in pieces.problems]
        lists.append(pieces.events)
    pile.events = _together(lists)
    return pile
