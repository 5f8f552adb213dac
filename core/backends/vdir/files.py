"""Writing files so that none is ever torn, lost or overwritten, whoever else works in the same folder.

Each change is: a temporary file in the same folder (hidden, so that khal and vdirsyncer pass it by), write, fsync, a
comparison of the target with what was read, an exchange of the two names, fsync of the folder. The exchange hands back
what it displaced: if that is not what was compared a moment before, another program wrote in between, and its version
is kept as a conflict. A lock keeps our own processes apart.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import functools
import os
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from core.errors import Conflict, StorageError
from core.index.folder import read_file
from core.language import _
from core.private import make_private_folder

TEMPORARY = re.compile(r"\.partagenda-[0-9a-f]{16}\.tmp")
LOCK_SECONDS = 60.0
_LONGEST_PAUSE = 0.5
"""Seconds between two looks at a lock that others hold; the first ones come after milliseconds."""
_SAFE = re.compile(r"[A-Za-z0-9_+@-][A-Za-z0-9_.+@-]{0,199}")
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2


def file_name(uid: str) -> str:
    """The name of an event's file: its UID where that is harmless, else a hash of it (traps.md, 4)."""
    if _SAFE.fullmatch(uid):
        return f"{uid}.ics"
    from hashlib import sha256

    return sha256(uid.encode("utf-8", "surrogatepass")).hexdigest() + ".ics"


def etag_of(stat: os.stat_result) -> str:
    """Changes whenever the stored bytes change: time, size and inode."""
    return f"{stat.st_mtime_ns}.{stat.st_size}.{stat.st_ino}"


def storage_error(error: OSError, path: str | Path) -> StorageError:
    """An error of the disk in words: the file, and the reason that the system gave."""
    reason = error.strerror or str(error)
    return StorageError(
        _("“{file}” could not be written: {reason}.").format(file=str(path), reason=reason),
        _("What was there before is still there."),
    )


@contextmanager
def locked(locks: Path, folder: str) -> Iterator[None]:
    """Keep other Partagenda processes out of a folder. Raises StorageError after a minute of waiting."""
    from hashlib import sha256

    name = sha256(os.path.realpath(folder).encode("utf-8", "surrogateescape")).hexdigest()[:32]
    path = locks / f"{name}.lock"
    try:
        make_private_folder(locks)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise storage_error(error, path) from error
    try:
        _acquire(descriptor, folder)
        yield
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, folder: str) -> None:
    """LOCK_SECONDS begin anew with each holder: a long queue is no hang. Raises StorageError."""
    end, pause, holder = time.monotonic() + LOCK_SECONDS, 0.005, 0
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.utime(descriptor)  # those who wait see that it goes on
            return
        except BlockingIOError:
            if (latest := os.fstat(descriptor).st_mtime_ns) != holder:
                end, holder = time.monotonic() + LOCK_SECONDS, latest
            if time.monotonic() > end:
                raise StorageError(
                    _("Another Partagenda has been writing in “{folder}” for a minute.").format(folder=folder),
                    _("Wait for it to end, or stop it."),
                ) from None
            time.sleep(pause * (0.5 + os.getpid() % 97 / 97))  # very many waiters must not keep the holder from working
            pause = min(pause * 1.5, _LONGEST_PAUSE)


def make_folder(path: str | Path) -> None:
    """A folder (0700) and those above it. Raises StorageError."""
    try:
        make_private_folder(path)
    except OSError as error:
        raise storage_error(error, path) from error


def write_temporary(folder: str, data: bytes, *, sync: bool = True) -> str:
    """The path of a new hidden file with these bytes, on the disk when it returns. Raises OSError, leaving none."""
    path = os.path.join(folder, f".partagenda-{os.urandom(8).hex()}.tmp")
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        rest = memoryview(data)
        while rest:
            written = os.write(descriptor, rest)
            if written <= 0:
                raise OSError(errno.EIO, os.strerror(errno.EIO), path)
            rest = rest[written:]
        if sync:
            os.fsync(descriptor)
    except BaseException:
        os.close(descriptor)
        discard(path)
        raise
    os.close(descriptor)
    return path


def discard(path: str) -> None:
    """Remove a temporary file; one that cannot be removed is swept at the next start."""
    try:
        os.unlink(path)
    except OSError:
        return


def sync_folder(folder: str) -> None:
    """Bring the names in a folder to the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sweep(folder: str) -> int:
    """Remove temporary files that a killed process left; how many. Call it with the folder locked."""
    swept = 0
    try:
        names = [entry.name for entry in os.scandir(folder) if TEMPORARY.fullmatch(entry.name)]
    except OSError:
        return 0
    for name in names:
        discard(os.path.join(folder, name))
        swept += 1
    return swept


def stat_of(path: str) -> os.stat_result | None:
    """What lies at that name itself, links not followed; None for nothing."""
    try:
        return os.lstat(path)
    except FileNotFoundError:
        return None


def save_new(folder: str, href: str, data: bytes) -> os.stat_result:
    """Store a file that must not be there yet. Raises Conflict, StorageError."""
    return _save(folder, href, data, "", _nothing)


def replace(folder: str, href: str, data: bytes, expected: str, keep: Callable[[str, str], None]) -> os.stat_result:
    """Store a file over the version whose etag is `expected`. Raises Conflict, StorageError.

    `keep(href, path)` copies a version that a foreign program slipped in between comparing and exchanging.
    """
    return _save(folder, href, data, expected, keep)


def _nothing(_href: str, _path: str) -> None:
    return


def _save(folder: str, href: str, data: bytes, expected: str, keep: Callable[[str, str], None]) -> os.stat_result:
    path = os.path.join(folder, href)
    try:
        temporary = write_temporary(folder, data)
        try:
            stat = place(temporary, folder, href, expected, keep)
        except (OSError, Conflict):
            discard(temporary)
            raise
        sync_folder(folder)
    except OSError as error:
        raise storage_error(error, path) from error
    return stat


def place(temporary: str, folder: str, href: str, expected: str, keep: Callable[[str, str], None]) -> os.stat_result:
    """Give a written temporary file its name, in the place of the version `expected` (empty: of nothing).

    Raises Conflict when something else stands there, and OSError; then the temporary file is still there. The
    folder is not yet synced.
    """
    path = os.path.join(folder, href)
    stat = os.lstat(temporary)
    if not expected:
        try:
            os.link(temporary, path, follow_symlinks=False)  # fails where a name exists: nothing is overwritten
        except FileExistsError:
            raise changed(href) from None
        discard(temporary)
        return stat
    there = stat_of(path)
    if there is None or etag_of(there) != expected:
        raise changed(href)
    exchange(temporary, path)
    _settle(temporary, href, expected, keep)
    return stat


def _settle(displaced: str, href: str, expected: str, keep: Callable[[str, str], None]) -> None:
    """Drop the version that was read; keep any other."""
    was = stat_of(displaced)
    if was is not None and etag_of(was) != expected:
        try:
            keep(href, displaced)
        except StorageError:
            os.rename(displaced, displaced.removesuffix(".tmp") + ".kept")  # never swept
            raise
    discard(displaced)


def remove(folder: str, href: str, expected: str) -> None:
    """Take a file away if it is still the version `expected`. Raises Conflict, StorageError."""
    path = os.path.join(folder, href)
    aside = os.path.join(folder, f".partagenda-{os.urandom(8).hex()}.tmp")
    try:
        there = stat_of(path)
        if there is None or etag_of(there) != expected:
            raise changed(href)
        os.rename(path, aside)
        was = stat_of(aside)
        if was is not None and etag_of(was) != expected:  # a foreign version came in between: it stays
            _put_back(aside, path)
            raise changed(href)
        discard(aside)
        sync_folder(folder)
    except OSError as error:
        raise storage_error(error, path) from error


def _put_back(aside: str, path: str) -> None:
    """A yet newer version may stand at `path` by now; then the one aside is older than what its writer wants."""
    with contextlib.suppress(FileExistsError):
        os.link(aside, path, follow_symlinks=False)
    discard(aside)


def write_together(folder: str, files: Sequence[tuple[str, bytes]], told: Callable[[int], None]) -> list[str]:
    """Hidden files with these bytes, all on the disk when it returns; their paths in order.

    One flush of the file system stands for an fsync each, which would take minutes for thousands. When anything
    fails, or `told` (called with how many are written) raises, none is left.
    """
    written: list[str] = []
    try:
        for number, (_href, data) in enumerate(files):
            if number % 200 == 0:
                told(number)
            written.append(write_temporary(folder, data, sync=False))
        flush(folder, written)
    except BaseException:
        for path in written:
            discard(path)
        raise
    return written


def flush(folder: str, paths: Sequence[str]) -> None:
    """Bring written files to the disk: syncfs, or fsync of each where there is none or they are few."""
    from ctypes import get_errno

    function = _libc("syncfs") if len(paths) > 8 else None
    if function is None:
        for path in paths:
            _sync_file(path)
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        if function(descriptor) != 0:
            code = get_errno()
            raise OSError(code, os.strerror(code), folder)
    finally:
        os.close(descriptor)


def _sync_file(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def changed(href: str) -> Conflict:
    """What a person reads when somebody else was quicker."""
    return Conflict(
        _("“{file}” was changed by another program since it was read.").format(file=href),
        _("Look at it again; nothing was overwritten."),
    )


def exchange(one: str, other: str) -> None:
    """Swap two names in one step (renameat2); where the system cannot, put `one` in the place of `other`.

    Then `one` becomes a second name of what `other` was just before. Raises OSError.
    """
    from ctypes import get_errno

    function = _libc("renameat2")
    if function is not None:
        if function(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) == 0:
            return
        code = get_errno()
        if code not in (errno.ENOSYS, errno.EINVAL):
            raise OSError(code, os.strerror(code), other)
    backup = os.path.join(os.path.dirname(one), f".partagenda-{os.urandom(8).hex()}.tmp")
    os.link(other, backup, follow_symlinks=False)
    os.rename(one, other)
    os.rename(backup, one)


@functools.cache
def _libc(name: str) -> Callable[..., int] | None:
    """A call of the C library that Python does not offer; None where the system has none."""
    import ctypes

    arguments = {
        "renameat2": (ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint),
        "syncfs": (ctypes.c_int,),
    }
    try:
        function = getattr(ctypes.CDLL(None, use_errno=True), name)
    except (AttributeError, OSError):
        return None
    function.argtypes = arguments[name]
    return function  # type: ignore[no-any-return]


def write_small(folder: str, name: str, text: str) -> None:
    """Replace a small file beside the events (`color`, `displayname`, facts), durably. Raises StorageError."""
    path = os.path.join(folder, name)
    temporary = ""
    try:
        temporary = write_temporary(folder, text.encode("utf-8", "replace"))
        os.rename(temporary, path)
        sync_folder(folder)
    except OSError as error:
        if temporary:
            discard(temporary)
        raise storage_error(error, path) from error


def read_current(folder: str, href: str) -> tuple[bytes, str] | None:
    """Bytes and etag of a file as it is now; None when it is not there. Raises StorageError."""
    try:
        data, stat = read_file(folder, href)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StorageError(
            _("“{file}” could not be read: {reason}.").format(
                file=os.path.join(folder, href), reason=error.strerror or str(error)
            )
        ) from error
    return data, etag_of(stat)
