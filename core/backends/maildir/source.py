"""The port MessageSource over a Maildir. It reads; it never renames, marks or removes."""

from __future__ import annotations

import asyncio
import os
import re
import stat
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path

from core.errors import NotFound, StorageError
from core.language import _
from core.ports.mail import MessageRef
from core.ports.world import Progress
from core.sharing.incoming import MessageKind, read_message
from core.values import dataclass

LARGEST_MESSAGE = 64 * 1024 * 1024
"""A larger message is read up to here."""
_FIRST = 32 * 1024
_CHUNK = 1024 * 1024
_OVERLAP = 64
_MAY_CARRY = re.compile(
    rb"(?i)^content-type:[ \t\r\n]*(?:multipart/|text/calendar|application/|message/)", re.MULTILINE
)
_CARRIES = (
    b"text/calendar",
    b"text/x-vcalendar",
    b"application/ics",
    b"application/icalendar",
    b".ics",
    b"x-sharing-",
    b"content-class: sharing",
)
"""In lower case; plain searches are ten times as fast as a pattern here."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a look into a file found; it stands as long as the file's name, size and time do."""

    stamp: tuple[int, int]
    ref: MessageRef | None


class MaildirSource:
    """One Maildir. Message ids are file names without flags, so they stay when another program marks a message."""

    def __init__(self, account: str, path: Path) -> None:
        self._account = account
        self._path = path
        self._seen: dict[str, _Seen] = {}

    @property
    def account(self) -> str:
        """The account's name in config.toml."""
        return self._account

    async def messages(self, progress: Progress | None = None) -> Sequence[MessageRef]:
        """Messages that carry a calendar or are about sharing one, oldest first.

        Only the first bytes of a message without attachments are read, and nothing of one that was looked into
        before. Raises StorageError when the folder cannot be read; a message that cannot be read is left out.
        """
        return await asyncio.to_thread(self._messages, progress)

    async def read(self, message: str) -> bytes:
        """The whole message (at most LARGEST_MESSAGE bytes). Raises NotFound, StorageError."""
        return await asyncio.to_thread(self._read, message)

    def _messages(self, progress: Progress | None) -> list[MessageRef]:
        files = list(self._files())
        seen: dict[str, _Seen] = {}
        for done, (name, path) in enumerate(files):
            if progress and done % 200 == 0:
                progress(done, len(files), str(self._path))
            if found := self._look(name, path):
                seen[name] = found
        self._seen = seen
        refs = [found.ref for found in seen.values() if found.ref is not None]
        return sorted(refs, key=lambda ref: (ref.received, ref.id))

    def _files(self) -> Iterator[tuple[str, str]]:
        """Name without flags and path; `cur` after `new`, so that a message that moves meanwhile is not missed."""
        for place in ("new", "cur"):
            try:
                with os.scandir(self._path / place) as entries:
                    for entry in entries:
                        if not entry.name.startswith("."):
                            yield entry.name.partition(":")[0], entry.path
            except FileNotFoundError:
                if place == "new":
                    raise self._trouble(_("it is no Maildir (no folder “new” in it)")) from None
            except OSError as error:
                raise self._trouble(error.strerror or str(error)) from error

    def _trouble(self, reason: str) -> StorageError:
        return StorageError(
            _("{folder} cannot be read: {reason}").format(folder=self._path, reason=reason),
            _("Check “path” of the account {name}.").format(name=self._account),
        )

    def _look(self, name: str, path: str) -> _Seen | None:
        """None for what is no file. A message without a calendar is remembered, too: it is read once."""
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            return None
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):  # a folder, a pipe: no message
            os.close(descriptor)
            return None
        with FileIO(descriptor, "rb") as file:
            stamp = (found.st_mtime_ns, found.st_size)
            known = self._seen.get(name)
            if known is not None and known.stamp == stamp:
                return known
            try:
                content = _content_if_it_carries(file)
            except OSError:
                return None
        return _Seen(stamp, self._ref(name, content, found.st_mtime) if content else None)

    def _ref(self, name: str, content: bytes, modified: float) -> MessageRef | None:
        message = read_message(content)
        if message.kind is MessageKind.OTHER:
            return None
        arrived = datetime.fromtimestamp(modified, UTC)
        received = message.received if message.received and message.received <= arrived else arrived
        return MessageRef(name, self._account, message.sender, message.subject, received)

    def _read(self, message: str) -> bytes:
        for name, path in self._files():
            if name == message:
                try:
                    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
                    with os.fdopen(descriptor, "rb") as file:
                        return file.read(LARGEST_MESSAGE)
                except FileNotFoundError:
                    continue  # marked or moved at this moment: the next folder has it
                except OSError as error:
                    raise self._trouble(error.strerror or str(error)) from error
        raise NotFound(_("The message is no longer there."), _("Another program moved or removed it."))


def _content_if_it_carries(file: FileIO) -> bytes:
    """The whole message when a calendar seems to be in it, else nothing."""
    first = file.read(_FIRST)
    head = first.partition(b"\n\n")[0].partition(b"\r\n\r\n")[0]
    complete_head = len(head) < len(first)
    if complete_head and not _MAY_CARRY.search(head) and not _names_one(head):
        return b""
    content, carries, looked = bytearray(first), False, 0
    while True:
        carries = carries or _names_one(content[max(0, looked - _OVERLAP) :])
        looked = len(content)
        chunk = file.read(_CHUNK) if len(content) < LARGEST_MESSAGE else b""
        if not chunk:
            return bytes(content) if carries else b""
        content += chunk


def _names_one(text: bytes | bytearray) -> bool:
    low = text.lower()
    return any(word in low for word in _CARRIES)
