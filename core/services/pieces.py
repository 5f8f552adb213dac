"""A calendar file cut into the files of a vdir: one for each UID, with the time zones it names, bytes as they came.

Cutting bytes keeps every property and parameter and is quick. What the index's scanner finds unusual is read by the
tolerant codec; only where that had to repair something is the event written anew.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import field
from datetime import datetime
from itertools import accumulate
from typing import TYPE_CHECKING

from core.calendar.event import Problem
from core.errors import Unreadable
from core.index.blocks import Unusual
from core.index.scan import Scanned, Scanner
from core.language import _
from core.values import dataclass

if TYPE_CHECKING:
    from core.ical.decode import CalendarHeader
    from core.index.scan import Thing

_HEAD = b"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Partagenda//Partagenda//EN\n"
_TAIL = b"END:VCALENDAR\n"
_BEGIN = re.compile(rb"(?m)^BEGIN:(VEVENT|VTIMEZONE)\n")
_BEGIN_ALARM = re.compile(rb"(?m)^BEGIN:(VALARM)\n")
_LINE_END = re.compile(rb"[ \t]*(?:\n|\Z)")
_UID = re.compile(rb"(?m)^UID(?:;[^:\n]*)?:([^\n]*(?:\n[ \t][^\n]*)*)")
_TZID_OF_ZONE = re.compile(rb"(?m)^TZID(?:;[^:\n]*)?:([^\n]*(?:\n[ \t][^\n]*)*)")
_TZID_USED = re.compile(rb';TZID=("[^"\n]*"|[^;:\n]*)')
_FOLD = re.compile(rb"\n[ \t]")
_CLOCK_LINES = re.compile(rb"(?m)^(?:DTSTAMP|PRODID)[;:][^\n]*\n")
_SEQUENCE = re.compile(rb"(?m)^SEQUENCE:(\d{1,9})\r?$")
_MODIFIED = re.compile(rb"(?m)^LAST-MODIFIED(?:;[^:\r\n]*)?:(\d{8}T\d{6}Z)\r?$")
_CARRIED = 4000
"""For so many events the index is told what was read here: more would fill the memory (3 KB each)."""
_ZONES, _ZONE = 16 << 20, 32 << 10
"""Bytes of time zones that a calendar's files may hold: for all together, and for each more. Real ones have 1 to 10 KB;
half a megabyte of hostile ones could become a gigabyte, since each event is kept with those that it names.
"""
_HORIZON = (0, 1)
"""Reading is only tried here; no occurrence is wanted."""


@dataclass(slots=True)
class Pieces:
    """A file's events as (UID, bytes of a vdir file), what the calendar says of itself, and what was wrong."""

    header: CalendarHeader
    events: list[tuple[str, bytes]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    zones: int = 0
    """Bytes of time zones in the events' files."""


_Zones = dict[bytes, tuple[int, bytes]]
"""Time zones by TZID: which one of the file it is, and its lines."""


@dataclass(slots=True)
class _Block:
    data: bytes
    """With LF, as everything between `_blocks` and what `cut` returns."""
    line: int
    """Where it begins in the file."""


def cut(data: bytes, now: datetime, told: Callable[[int, int], None] | None = None) -> Pieces:
    """The events of a file. `told(done, total)` may raise to stop.

    Raises Unreadable when it is no calendar, and when its time zones would fill the disk.
    """
    from core.ical.decode import decode

    blocks = _blocks(data)
    if blocks is None:
        return _decoded(data, now)
    events, zones, rest = blocks
    found = decode(rest, now=now)
    pieces = Pieces(found.header, problems=list(found.problems))
    scanner = Scanner(*_HORIZON)
    groups = list(events.items())
    for number, (uid, parts) in enumerate(groups):
        if told is not None and number % 200 == 0:
            told(number, len(groups))
        _take(pieces, scanner, uid, parts, zones, now)
        if pieces.zones > _ZONES + _ZONE * number:
            raise Unreadable(_("Its time zones are too long to be kept with every event."))
    return pieces


def _decoded(data: bytes, now: datetime) -> Pieces:
    from core.ical.decode import decode
    from core.ical.encode import encode_object

    found = decode(data, now=now)
    events = [(thing.uid, encode_object(thing, now=now)) for thing in found.objects]
    return Pieces(found.header, events, list(found.problems))


def _blocks(data: bytes) -> tuple[dict[bytes, list[_Block]], _Zones, bytes] | None:
    """Events by UID, zones by TZID, and the file without them; None for a file that cannot be cut like this."""
    if data.startswith(b"\xef\xbb\xbf"):
        data = data[3:]
    data = data.replace(b"\r\n", b"\n")
    if b"\0" in data or not data.startswith(b"BEGIN:VCALENDAR") or b"\r" in data:
        return None
    events: dict[bytes, list[_Block]] = {}
    zones: _Zones = {}
    rest: list[bytes] = []
    end, line = 0, 1
    for start, name, behind in _components(data, _BEGIN):
        between = data[end:start]
        rest.append(between)
        line += between.count(b"\n")
        block = data[start:behind]
        if b"\nBEGIN:" in block and (b"\nBEGIN:" + name in block or b"\nBEGIN:VCALENDAR" in block):
            return None
        if name == b"VEVENT":
            uid = _UID.search(_outside(block))
            key = _FOLD.sub(b"", uid[1]).strip() if uid else b""
            events.setdefault(key, []).append(_Block(block, line))
        else:
            tzid = _TZID_OF_ZONE.search(block)
            zones.setdefault(_FOLD.sub(b"", tzid[1]).strip() if tzid else b"", (len(zones), block))
        line += block.count(b"\n")
        end = behind
    rest.append(data[end:])
    left = b"".join(rest)
    return None if b"VEVENT" in left.upper() else (events, zones, left)


def _components(data: bytes, beginning: re.Pattern[bytes]) -> Iterator[tuple[int, bytes, int]]:
    """Where each component begins, what it is, and where it ends; one that never ends is none."""
    endless: set[bytes] = set()
    begin = beginning.search(data)
    while begin is not None:
        name = begin[1]
        behind = begin.end() if name in endless else _behind(data, begin.end() - 1, b"\nEND:" + name)
        if behind > begin.end():
            yield begin.start(), name, behind
        else:
            endless.add(name)
        begin = beginning.search(data, behind)


def _behind(data: bytes, start: int, close: bytes) -> int:
    """Where the line is over that closes; the beginning of the next line where none does."""
    end = data.find(close, start)
    while end >= 0:
        if over := _LINE_END.match(data, end + len(close)):
            return over.end()
        end = data.find(close, end + 1)
    return start + 1


def _outside(block: bytes) -> bytes:
    """The event's own lines: an alarm may have a UID, too."""
    begin = block.find(b"\nBEGIN:", 1)
    if begin < 0 or _UID.search(block, 0, begin):
        return block
    own, end = [], 0
    for start, _name, behind in _components(block, _BEGIN_ALARM):
        own.append(block[end:start])
        end = behind
    return b"".join((*own, block[end:]))


def _take(  # noqa: PLR0917 - one step of `cut`
    pieces: Pieces, scanner: Scanner, uid: bytes, parts: Sequence[_Block], zones: _Zones, now: datetime
) -> None:
    """One object: by the fast scanner where that reads it, else by the tolerant codec, with the problems it found."""
    needed = _zones_of(parts, zones)
    pieces.zones += sum(map(len, needed))
    lines = b"".join([_HEAD, *needed, *(_ended(part.data) for part in parts), _TAIL])
    data = lines.replace(b"\n", b"\r\n")
    try:
        things = scanner.scan(lines)
        if len(things) == 1 and things[0][0].encode() == uid:
            told = _scanned(data, things) if len(pieces.events) < _CARRIED else data
            pieces.events.append((things[0][0], told))
            return
    except Unusual:
        pass
    found = _decoded(data, now)
    skipped = _HEAD.count(b"\n") + sum(zone.count(b"\n") for zone in needed)
    ends = list(accumulate(part.data.count(b"\n") for part in parts))
    pieces.problems += [_moved(problem, parts, ends, problem.line - skipped) for problem in found.problems]
    whole = not found.problems and len(found.events) == 1 and found.events[0][0].encode("utf-8", "replace") == uid
    pieces.events += [(found.events[0][0], data)] if whole else found.events


def _scanned(data: bytes, things: list[Thing]) -> bytes:
    """The bytes, with what was read in them if that is so at every horizon."""
    ((_uid, _items, first, last, _trouble),) = things
    if first is not None or last is not None:
        return data
    found = Scanned(data)
    found.things = things
    return found


def _ended(block: bytes) -> bytes:
    return block if block.endswith(b"\n") else block + b"\n"


def _zones_of(parts: Sequence[_Block], zones: _Zones) -> list[bytes]:
    if not zones:
        return []
    used = {name.strip(b'"') for part in parts for name in _TZID_USED.findall(_FOLD.sub(b"", part.data))}
    found = {zones[name] for one in used for name in (one, b'"%b"' % one) if name in zones}
    return [_ended(block) for _place, block in sorted(found)]


def _moved(problem: Problem, parts: Sequence[_Block], ends: Sequence[int], line: int) -> Problem:
    """The problem with its line in the file it came from; `ends`: the last line of each part, `line`: its own there."""
    number = bisect_left(ends, line) if line > 0 else len(ends)
    if number == len(ends):
        return Problem(problem.what, parts[0].line, problem.uid, problem.repaired)
    before = ends[number - 1] if number else 0
    return Problem(problem.what, parts[number].line + line - before - 1, problem.uid, problem.repaired)


def replaces(stored: bytes, incoming: bytes) -> bool:
    """Whether an incoming version is a change: not the same but for its stamp, and not older than what is stored.

    RFC 5546 §2.1.5: SEQUENCE decides; where it is equal, LAST-MODIFIED does.
    """
    if _comparable(stored) == _comparable(incoming):
        return False
    return _age(incoming) >= _age(stored)


def differs(stored: bytes, incoming: bytes) -> bool:
    """Whether two versions differ but for their stamps."""
    return _comparable(stored) != _comparable(incoming)


def _comparable(data: bytes) -> bytes:
    return _CLOCK_LINES.sub(b"", _FOLD.sub(b"", data.replace(b"\r\n", b"\n")))


def _age(data: bytes) -> tuple[int, bytes]:
    sequence = max((int(number) for number in _SEQUENCE.findall(data)), default=0)
    return sequence, max(_MODIFIED.findall(data), default=b"")
