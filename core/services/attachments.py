"""Files that go into an event, and come out of one again. Blocking: call it in a thread."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Sequence
from pathlib import Path

from core.calendar.event import Attachment
from core.errors import NotFound, Refused, StorageError, UsageError
from core.language import _
from core.private import make_private_folder

MOST = 10 * 2**20
"""Bytes that the files of one event may have together: an event is one small file that many programs read."""
_NAME = 200
_UNSAFE = re.compile(r"[^\w.+@ ()\[\]-]|[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


class AttachedFiles:
    """Reads files to be attached, and saves attached ones into `folder` (by default the person's downloads)."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    @property
    def folder(self) -> Path:
        """Where files are saved: ~/Downloads where that exists, else the home folder."""
        if self._folder is not None:
            return self._folder
        home = Path.home()
        named = os.environ.get("XDG_DOWNLOAD_DIR", "")
        found = Path(named) if os.path.isabs(named) else home / "Downloads"
        return found if found.is_dir() else home

    def read(self, path: Path, present: Sequence[Attachment] = ()) -> Attachment:
        """A file as an attachment. Raises NotFound, UsageError, Refused (too large), StorageError."""
        from mimetypes import guess_type

        room = MOST - sum(len(one.content or b"") for one in present)
        data = _content(Path(os.path.expanduser(path)), room)
        media = guess_type(path.name)[0] or "application/octet-stream"
        return Attachment(path.name, media, content=data)

    def save(self, attachment: Attachment) -> Path:
        """Write an attached file into the folder, under a name that is free there. Raises UsageError, StorageError."""
        if attachment.content is None:
            raise UsageError(_("This is a link; nothing of it is in the calendar."), attachment.url)
        folder = self.folder
        try:
            make_private_folder(folder)
            return _write_new(folder, safe_name(attachment), attachment.content)
        except OSError as error:
            raise StorageError(
                _("{file} could not be written: {reason}").format(
                    file=folder / safe_name(attachment), reason=error.strerror or str(error)
                )
            ) from error


def safe_name(attachment: Attachment) -> str:
    """A name for the disk: what the event calls the file is never a path, and never hidden (traps.md, 4)."""
    from mimetypes import guess_extension

    last = attachment.name.replace("\\", "/").rpartition("/")[2]
    cleaned = _UNSAFE.sub("_", last).strip(" .")
    while len(cleaned.encode("utf-8", "replace")) > _NAME:
        stem, dot, suffix = cleaned.rpartition(".")
        cleaned = f"{stem[:-1]}{dot}{suffix}" if len(stem) > 1 and len(suffix) < 20 else cleaned[:-1]
    return cleaned or f"attachment{guess_extension(attachment.media_type) or ''}"


def _content(path: Path, room: int) -> bytes:
    """At most `room` bytes. Opened without waiting, and looked at when open: a pipe or a device is no file."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError as error:
        raise NotFound(_("There is no file {file}.").format(file=path)) from error
    except OSError as error:
        raise _unreadable(path, error) from error
    facts = os.fstat(descriptor)
    if not stat.S_ISREG(facts.st_mode):
        os.close(descriptor)
        raise UsageError(_("{file} is not a file.").format(file=path))
    with os.fdopen(descriptor, "rb") as file:
        try:
            data = file.read(room + 1) if facts.st_size <= room else None
        except OSError as error:
            raise _unreadable(path, error) from error
    if data is None or len(data) > room:
        raise Refused(
            _("“{file}” is too large: the files of an event may have {most} MB together.").format(
                file=path.name, most=MOST // 2**20
            ),
            _("Put a link to it into the notes."),
        )
    return data


def _unreadable(path: Path, error: OSError) -> StorageError:
    return StorageError(_("{path} cannot be read: {reason}").format(path=path, reason=error.strerror or str(error)))


def _write_new(folder: Path, name: str, data: bytes) -> Path:
    """Never over another file: a number is put behind the name, up to 999. Raises OSError."""
    stem, dot, suffix = name.rpartition(".")
    stem, ending = (stem, f"{dot}{suffix}") if stem else (name, "")
    for number in range(1, 1000):
        path = folder / (name if number == 1 else f"{stem} ({number}){ending}")
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        except FileExistsError:
            continue
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
        except OSError:
            path.unlink(missing_ok=True)  # half a file helps nobody
            raise
        return path
    raise OSError(17, os.strerror(17), str(folder / name))
