"""Many events at once: a new calendar that is there whole or not at all, and a merge in which each file is whole."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from core.backends.vdir import files
from core.errors import Conflict
from core.index import folder as folders
from core.ports.world import Progress

Saved = list[tuple[str, bytes, os.stat_result]]
Told = Callable[[int], None]
_STEP = 200


def telling(progress: Progress | None, total: int, what: str) -> Told:
    """A function that passes on how many are done; it raises Cancelled when the person stopped the work."""

    def told(done: int) -> None:
        if progress is not None:
            progress(done, total, what)

    return told


def create_filled(
    home: Path,
    slug: str,
    events: Sequence[tuple[str, bytes]],
    *,
    name: str,
    colour: str,
    facts: Mapping[str, Any],
    told: Told,
) -> tuple[str, Saved]:
    """Build a calendar's folder out of sight, bring it to the disk, then give it its name: its path and its events.

    Raises StorageError and whatever `told` raises; then there is nothing of it.
    """
    staging = home / f".partagenda-{os.urandom(8).hex()}.new"
    target = home / slug
    small = [(folders.NAME_FILE, f"{name}\n".encode("utf-8", "replace")), (folders.FACTS, json.dumps(facts).encode())]
    if colour:
        small.append((folders.COLOUR_FILE, f"{colour}\n".encode()))
    saved: Saved = []
    try:
        os.mkdir(staging, 0o700)
        folder = os.open(staging, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            for number, (href, data) in enumerate(named(events)):
                if number % _STEP == 0:
                    told(number)
                saved.append((href, data, _write(folder, href, data)))
            for href, data in small:
                _write(folder, href, data)
        finally:
            os.close(folder)
        files.flush(str(staging), [os.path.join(staging, href) for href in os.listdir(staging)])
        told(len(events))
        files.sync_folder(str(staging))
        os.rename(staging, target)
        files.sync_folder(str(home))
    except OSError as error:
        _remove(staging)
        raise files.storage_error(error, target) from error
    except BaseException:
        _remove(staging)
        raise
    return str(target), saved


def _remove(staging: Path) -> None:
    import shutil

    shutil.rmtree(staging, ignore_errors=True)


def _write(folder: int, name: str, data: bytes) -> os.stat_result:
    """A new file in a folder that is open, and what is known of it then."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(name, flags, 0o600, dir_fd=folder)
    try:
        written = os.write(descriptor, data)
        while written < len(data):
            written += os.write(descriptor, memoryview(data)[written:])
        return os.fstat(descriptor)
    finally:
        os.close(descriptor)


def named(events: Iterable[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    """File names for (UID, bytes); names that differ in case only get apart, for file systems that do not."""
    taken: set[str] = set()
    found = []
    for uid, data in events:
        href = files.file_name(uid)
        if href.casefold() in taken:
            href = files.file_name(f"/{uid}")
        taken.add(href.casefold())
        found.append((href, data))
    return found


def contents(path: str, rows: Iterable[tuple[str, str, int]], uids: Collection[str]) -> dict[str, bytes]:
    """The files of these UIDs, of rows (file name, UID, events in the file): those that hold nothing else."""
    wanted = set(uids)
    alone = [(href, uid) for href, uid, count in rows if count == 1 and uid in wanted]
    found = {uid: files.read_current(path, href) for href, uid in alone}
    return {uid: current[0] for uid, current in found.items() if current is not None}


def sweep_staging(home: Path) -> None:
    """Remove unfinished calendars that a killed process left. Call it with `home` locked."""
    if home.is_dir():
        for path in home.glob(".partagenda-*.new"):
            _remove(path)


class Merger:
    """Takes events into a calendar's folder, which the caller has locked."""

    def __init__(
        self,
        folder: str,
        known: Mapping[str, str],
        replaces: Callable[[bytes, bytes], bool],
        keep: Callable[[str, str], None],
    ) -> None:
        self.added = self.updated = self.unchanged = 0
        self.due: list[tuple[str, bytes, str]] = []
        """File name, new bytes, and the etag of what they replace (empty: nothing)."""
        self._folder = folder
        self._known = known
        self._replaces = replaces
        self._keep = keep

    def plan(self, events: Sequence[tuple[str, bytes]], told: Told) -> None:
        """Decide for each (UID, bytes) whether it is new, a change, or nothing. Raises StorageError."""
        taken = {href.casefold() for href in self._known.values()}
        for number, (uid, data) in enumerate(events):
            if number % _STEP == 0:
                told(number)
            href = self._known.get(uid)
            current = files.read_current(self._folder, href) if href else None
            if current is None:
                name = files.file_name(uid)
                if not href and (name.casefold() in taken or files.stat_of(os.path.join(self._folder, name))):
                    name = files.file_name(f"/{uid}")
                taken.add(name.casefold())
                self.due.append((href or name, data, ""))
            elif current[0] != data and self._replaces(current[0], data):
                self.due.append((href or "", data, current[1]))
            else:
                self.unchanged += 1

    def write(self, told: Told) -> Saved:
        """Write what is due: all bytes on the disk first, then the names. Raises StorageError, Conflict."""
        try:
            hidden = files.write_together(self._folder, [(href, data) for href, data, _etag in self.due], told)
        except OSError as error:
            raise files.storage_error(error, error.filename or self._folder) from error
        saved: Saved = []
        try:
            for temporary, (href, data, etag) in zip(hidden, self.due, strict=True):
                saved.append((href, data, files.place(temporary, self._folder, href, etag, self._keep)))
                self.added += not etag
                self.updated += bool(etag)
            if saved:
                files.sync_folder(self._folder)
        except OSError as error:
            raise files.storage_error(error, error.filename or self._folder) from error
        finally:
            for temporary in hidden[len(saved) :]:
                files.discard(temporary)
        return saved

    def remove(self, uids: Iterable[str]) -> None:
        """Take events away; one that somebody changes at this moment stays."""
        for uid in uids:
            href = self._known[uid]
            current = files.read_current(self._folder, href)
            if current is not None:
                try:
                    files.remove(self._folder, href, current[1])
                except Conflict:
                    continue
