"""Files in a folder of this machine, replaced whole: temporary name, fsync, rename, fsync of the folder.

What is published is for others, so that a file gets the rights that the person's umask leaves (0644 as a rule), not
the 0600 of everything else that this program writes.
"""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from core.errors import Conflict, NotFound, Refused, StorageError
from core.language import _
from core.ports.publishing import NOTHING, Place, Stored, TargetAbilities, fingerprint


class FolderTarget:
    """Implements `core.ports.PublishTarget`; addresses are absolute paths."""

    async def abilities(self, folder: str) -> TargetAbilities:
        """A rename is atomic; nothing stops another program between the look and the rename."""
        await asyncio.to_thread(_entries, folder)
        return TargetAbilities(atomic=True)

    async def places(self, folder: str) -> Sequence[Place]:
        """Hidden files are left out."""
        return await asyncio.to_thread(_places, folder)

    async def make_folder(self, folder: str) -> None:
        """One level."""
        await asyncio.to_thread(_make_folder, folder)

    async def read(self, address: str) -> bytes | None:
        """Links are not followed."""
        return await asyncio.to_thread(_read, address)

    async def put(
        self, address: str, content: bytes, *, media_type: str, expected: Collection[str], token: str
    ) -> Stored:
        """Durable when it returns."""
        return await asyncio.to_thread(_put, address, content, expected, token)

    async def remove(self, address: str, *, expected: Collection[str]) -> bool:
        """Durable when it returns."""
        return await asyncio.to_thread(_remove, address, expected)

    async def sweep(self, address: str, token: str) -> int:
        """The one temporary name that this token can have left."""
        return await asyncio.to_thread(_sweep, address, token)

    async def close(self) -> None:
        """Nothing is held."""


@contextmanager
def _telling(path: str) -> Iterator[None]:
    """OSError in words."""
    try:
        yield
    except FileNotFoundError as error:
        raise NotFound(
            _("The folder {folder} is not there.").format(folder=os.path.dirname(path.rstrip("/"))),
            _("Make it first, or choose another one."),
        ) from error
    except PermissionError as error:
        raise Refused(
            _("{path} may not be written: {reason}.").format(path=path, reason=error.strerror),
            _("Choose a folder of your own."),
        ) from error
    except OSError as error:
        raise StorageError(
            _("{path} cannot be used: {reason}.").format(path=path, reason=error.strerror),
            _("Look at the disk’s free space and at what lies there."),
        ) from error


def _entries(folder: str) -> list[os.DirEntry[str]]:
    with _telling(folder.rstrip("/") + "/x"), os.scandir(folder) as found:
        return [entry for entry in found if not entry.name.startswith(".")]


def _places(folder: str) -> list[Place]:
    found = []
    for entry in _entries(folder):
        is_folder = entry.is_dir()
        with suppress(OSError):  # it went away meanwhile
            address = entry.path + ("/" if is_folder else "")
            found.append(Place(entry.name, address, is_folder, None if is_folder else entry.stat().st_size))
    return sorted(found, key=lambda place: (not place.folder, place.name.casefold()))


def _make_folder(folder: str) -> None:
    with _telling(folder):
        try:
            os.mkdir(folder)
        except FileExistsError:
            if not os.path.isdir(folder):
                raise
            return
        _keep(folder)


def _read(address: str) -> bytes | None:
    with _telling(address):
        try:
            descriptor = os.open(address, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except (FileNotFoundError, NotADirectoryError):
            return None
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise Refused(
                _("{path} is no file.").format(path=address), _("Give the name of a file at the end, as team.ics.")
            )
        with os.fdopen(descriptor, "rb") as file:
            return file.read()


def _mine(address: str, content: bytes | None, expected: Collection[str]) -> None:
    if fingerprint(content) in expected:
        return
    if content is None:
        raise Conflict(
            _("{path} is no longer there: somebody removed it.").format(path=address),
            _("Publish it again if you want it there, or stop the publication."),
        )
    raise Conflict(
        _("{path} is not what was published last: somebody else writes there.").format(path=address),
        _("Choose another name, or overwrite it if it is yours from elsewhere."),
    )


def _put(address: str, content: bytes, expected: Collection[str], token: str) -> Stored:
    """Write beside it and rename, with `expected` looked at twice; then read back. Raises Conflict, StorageError."""
    _entries(os.path.dirname(address))
    there = _read(address)
    _mine(address, there, expected)
    if there != content:
        temporary = _temporary(address, token)
        with _telling(address):
            try:
                _write(temporary, content)
                _mine(address, _read(address), expected)
                os.rename(temporary, address)
            except BaseException:
                with suppress(OSError):
                    os.unlink(temporary)
                raise
            _keep(address)
    found = _read(address)
    if found != content:
        raise Conflict(
            _("{path} is not what was published last: somebody else writes there.").format(path=address),
            _("Choose another name, or overwrite it if it is yours from elsewhere."),
        )
    return Stored(fingerprint(content), len(content))


def _write(temporary: str, content: bytes) -> None:
    with suppress(FileNotFoundError):
        os.unlink(temporary)  # of an upload that was killed
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(temporary, flags, 0o644), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _keep(path: str) -> None:
    """The name itself outlives a crash too."""
    folder = os.open(Path(path.rstrip("/")).parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _remove(address: str, expected: Collection[str]) -> bool:
    there = _read(address)
    _mine(address, there, (*expected, NOTHING))
    if there is None:
        return False
    with _telling(address):
        os.unlink(address)
        _keep(address)
    return True


def _temporary(address: str, token: str) -> str:
    return os.path.join(os.path.dirname(address), f".part-{token}-{os.path.basename(address)}")


def _sweep(address: str, token: str) -> int:
    with _telling(address):
        try:
            os.unlink(_temporary(address, token))
        except (FileNotFoundError, NotADirectoryError):
            return 0
        _keep(address)
    return 1
