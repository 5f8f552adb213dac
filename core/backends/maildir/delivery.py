"""Puts a message into a Maildir: whole or not at all, readable by its owner only."""

from __future__ import annotations

import os
import secrets
import time
from contextlib import suppress
from email.parser import BytesHeaderParser
from hashlib import blake2s
from pathlib import Path

from core.errors import StorageError
from core.language import _
from core.private import make_private_folder

_HOST = "partagenda"
"""The last part of our file names. The machine's own name is nobody's business."""


def deliver(maildir: Path, content: bytes) -> Path:
    """Write to tmp, sync, rename into new; the folders are made (0700) where they are missing. Raises StorageError."""
    name = f"{int(time.time())}.M{time.time_ns() % 1_000_000_000}R{secrets.token_hex(8)}.{_HOST}"
    return _put(maildir, "new", name, name, content)


def keep_copy(maildir: Path, content: bytes) -> Path:
    """Put a message that one has sent into a folder, as read. The same Message-ID again is the file that is there.

    Raises StorageError.
    """
    message_id = str(BytesHeaderParser().parsebytes(content).get("Message-ID", "")).strip()
    mark = blake2s(message_id.encode(errors="replace") or content, digest_size=12).hexdigest()
    name = f"S{mark}.{_HOST}"
    for place in ("cur", "new"):
        with suppress(OSError):
            for entry in os.scandir(maildir / place):
                if entry.name.partition(":")[0] == name:
                    return Path(entry.path)
    local = content.replace(b"\r\n", b"\n")  # as other files of this system end their lines: mutt shows a ^M at each
    return _put(maildir, "cur", f"{name}.{secrets.token_hex(8)}", f"{name}:2,S", local)


def make_maildir(maildir: Path) -> None:
    """Make the folder, its parents and its three parts, 0700, where they are missing. Raises OSError."""
    for name in ("tmp", "new", "cur"):
        make_private_folder(maildir / name)


def _put(maildir: Path, place: str, temporary: str, name: str, content: bytes) -> Path:
    """Through tmp/, as maildirs are written: under its name is the whole message or nothing. Raises StorageError."""
    passing, final = maildir / "tmp" / temporary, maildir / place / name
    try:
        make_maildir(maildir)
        descriptor = os.open(passing, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            passing.rename(final)
        except BaseException:
            with suppress(OSError):
                passing.unlink(missing_ok=True)
            raise
        _sync_folder(final.parent)
    except OSError as error:
        raise StorageError(
            _("The message could not be put into {folder}: {reason}").format(
                folder=maildir, reason=error.strerror or error
            ),
            _("Look at the disk’s free space and at the rights of this folder."),
        ) from error
    return final


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
