"""Folders of calendars, as khal and vdirsyncer lay them out: listing, name, colour, and reading one file safely.

A calendar's own facts (its kind, whose it is, of which window it speaks) lie in `.partagenda.json` beside its events.
"""

from __future__ import annotations

import errno
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

FACTS = ".partagenda.json"
NAME_FILE, COLOUR_FILE = "displayname", "color"
BIGGEST = 64 << 20
"""A file above this size (bytes) is not read."""
_NONE = frozenset((errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EISDIR, errno.EFBIG))
"""There is no such file, or none that one reads; any other error says nothing of what is in it."""


def calendar_folders(pattern: str) -> list[str]:
    """The folders that a `path` of config.toml names, by name. `~` is the home; a pattern may have `*` and `?`.

    Raises OSError where the folder above them is there but cannot be listed: that says nothing of what is in it.
    """
    pattern = os.path.expanduser(pattern)
    parent, last = os.path.split(pattern.rstrip("/") if len(pattern) > 1 else pattern)
    if last == "*" and not _magic(parent):
        return sorted(_folders(parent))
    if _magic(pattern):
        import glob

        return sorted(path.rstrip("/") for path in glob.glob(pattern) if _is_text(path) and os.path.isdir(path))
    return [pattern.rstrip("/")] if os.path.isdir(pattern) else []


def _magic(pattern: str) -> bool:
    return any(sign in pattern for sign in "*?[")


def _folders(parent: str) -> Iterator[str]:
    try:
        found = os.scandir(parent)
    except (FileNotFoundError, NotADirectoryError):
        return
    with found:
        for entry in found:
            if not entry.name.startswith(".") and _is_text(entry.name) and entry.is_dir():
                yield entry.path


def _is_text(name: str) -> bool:
    """Whether the index can hold a name: one that another system wrote in another encoding is no UTF-8."""
    return name.isascii() or not any("\ud800" <= sign <= "\udfff" for sign in name)


def is_event_file(name: str) -> bool:
    """What vdir calls an item: not hidden, and ending in .ics."""
    return name.endswith(".ics") and not name.startswith(".")


def read_file(folder: str, href: str) -> tuple[bytes, os.stat_result]:
    """The bytes of one file and what it was at that moment. Symbolic links are not followed. Raises OSError."""
    descriptor = os.open(os.path.join(folder, href), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        stat = os.fstat(descriptor)
        if stat.st_size > BIGGEST:
            raise OSError(27, os.strerror(27), href)
        data = os.read(descriptor, stat.st_size + 1)
        while len(data) != stat.st_size and (more := os.read(descriptor, 1 << 16)) and len(data) <= BIGGEST:
            data += more  # it grew while it was read, or is a special file
        return data, stat
    finally:
        os.close(descriptor)


def stamp(folder: str) -> str:
    """Changes whenever name, colour or facts change."""
    parts = []
    for name in (NAME_FILE, COLOUR_FILE, FACTS):
        try:
            stat = os.stat(os.path.join(folder, name))
        except OSError:
            parts.append("-")
        else:
            parts.append(f"{stat.st_mtime_ns}.{stat.st_size}.{stat.st_ino}")
    return " ".join(parts)


def _beside(folder: str, name: str) -> bytes:
    """A small file beside the events; empty where there is none, or nothing one reads. Raises OSError."""
    try:
        return read_file(folder, name)[0]
    except OSError as error:
        if error.errno in _NONE:
            return b""
        raise


def first_line(folder: str, name: str) -> str:
    """The first line of a small file beside the events; empty when it is not there. Raises OSError."""
    return _beside(folder, name)[:400].decode("utf-8", "replace").strip().partition("\n")[0].strip()


def display_name(folder: str) -> str:
    """What the person calls the calendar: `displayname`, else the folder's name."""
    return first_line(folder, NAME_FILE) or os.path.basename(folder)


def colour(folder: str) -> str:
    """`#rrggbb` from `color`; empty for none and for what is not written so."""
    text = first_line(folder, COLOUR_FILE).lower()
    if len(text) in (7, 9) and text[0] == "#" and all(sign in "0123456789abcdef" for sign in text[1:]):
        return text[:7]
    return ""


def facts(folder: str) -> dict[str, Any]:
    """What we remember of the calendar; empty for a plain one, and when it is not what we wrote. Raises OSError."""
    data = _beside(folder, FACTS)
    if not data:
        return {}
    import json

    from core.json_text import read_json

    try:
        found = read_json(data)
        if not isinstance(found, dict) or not _is_shallow(found):
            return {}
        if b"\\u" in data:
            json.dumps(found, ensure_ascii=False).encode()  # half of a character is no text that can be kept
    except ValueError:
        return {}
    return found


def _is_shallow(value: object, levels: int = 20) -> bool:
    """Whether it can be written and read again from anywhere: both go down into it by recursion."""
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return levels > 0 and all(_is_shallow(one, levels - 1) for one in inside)


def kind_of(facts: dict[str, Any]) -> str:
    """What the facts say that a calendar is; without a word it is one's own."""
    return str(facts.get("kind") or "local")


def age(path: str) -> tuple[float, str]:
    """When we made the calendar (foreign folders: 0), so that a rebuilt index has the same order."""
    try:
        created = facts(path).get("created", 0)
    except OSError:
        created = 0
    return (float(created) if isinstance(created, int | float) and abs(created) < 1e12 else 0.0, path)


def columns(path: str) -> tuple[dict[str, object], bool]:
    """What the index keeps of what a calendar says of itself, by column, and whether all of it could be read."""
    found: dict[str, object] = {}
    whole = True
    for read in (_kind, _name, _colour):
        try:
            found |= read(path)
        except OSError:
            whole = False
    return found, whole


def _kind(path: str) -> dict[str, object]:
    known, text = facts(path), ""
    if known:
        import json

        text = json.dumps(known)
    return {
        "kind": kind_of(known),
        "owner": str(known.get("owner") or ""),
        "level": str(known.get("level") or "full"),
        "facts": text,
    }


def _name(path: str) -> dict[str, object]:
    return {"name": display_name(path)}


def _colour(path: str) -> dict[str, object]:
    return {"colour": colour(path)}


def listing(path: str) -> dict[str, tuple[int, int, int]]:
    """The calendar files of a folder: time, size and inode of each."""
    return dict(each_file(path))


def each_file(path: str) -> Iterator[tuple[str, tuple[int, int, int]]]:
    """One after another, as `listing` has them: a hundred thousand at once take 40 MB. None whose name is no UTF-8."""
    with os.scandir(path) as entries:
        for entry in entries:
            name = entry.name
            if name.endswith(".ics") and not name.startswith(".") and _is_text(name):
                try:
                    stat = entry.stat(follow_symlinks=False)
                except OSError:
                    continue
                if stat.st_mode & 0o170000 == 0o100000:
                    yield name, (stat.st_mtime_ns, stat.st_size, stat.st_ino)
