"""What a person sees when they look at a span: stored occurrences, and those that are only worked out now.

Light: the reading commands of the command line use it as the app does.
"""

from __future__ import annotations

from core.index import read
from core.index.database import DAY
from core.index.update import SMALL, Index, changed_files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import date

    from core.index.read import Bounds, Row
    from core.index.update import Told

YEARS_AHEAD = 731 * DAY
"""A whole calendar shows endless series for two years from today (outlook.md §1.8, *Series*)."""


def rows_in(index: Index, chosen: Collection[int], bounds: Bounds, now: int, progress: Told | None = None) -> list[Row]:
    """Occurrences that touch the span, in no order; the columns and `bounds` are those of `read`."""
    low, high = min(bounds), max(bounds)
    whole = high - low > read.LONG
    index.reach(low, min(high, now + YEARS_AHEAD) if whole else high, progress)
    rows = read.occurrences(index.db, chosen, bounds)
    if _mend(index, chosen, {row[read.OBJECT] for row in rows}):
        rows = read.occurrences(index.db, chosen, bounds)
    rows += _beyond(index, chosen, bounds, endless=not whole)
    return read.without_far_ends(rows, now + YEARS_AHEAD) if whole else rows


def days_touched(
    index: Index, chosen: Collection[int], days: Sequence[tuple[date, Bounds]], now: int
) -> frozenset[date]:
    """Those of the days (in order, each with its `bounds`) that an occurrence touches.

    Files of large calendars that were changed in place are not looked for, as `rows_in` does.
    """
    if not days:
        return frozenset()
    spans = [bounds for _day, bounds in days]
    (first, _end, wall, _wall_end), (_first, end, _wall, wall_end) = spans[0], spans[-1]
    around = first, end, wall, wall_end
    if _is_stored_whole(index, around):
        there = read.touched(index.db, chosen, spans)
    else:
        rows = rows_in(index, chosen, around, now)
        there = [any(_touches(row[read.START], row[read.END], _own(row, bounds)) for row in rows) for bounds in spans]
    return frozenset(day for (day, _bounds), is_there in zip(days, there, strict=True) if is_there)


def times_in(
    index: Index, chosen: Collection[int], bounds: Bounds, now: int
) -> Iterable[tuple[int, int, int, int, int]]:
    """Start, end, LOCAL, status and flags of what touches a span. As `days_touched`, no file is looked at again."""
    if _is_stored_whole(index, bounds):
        return read.times(index.db, chosen, bounds)
    return [
        (row[read.START], row[read.END], row[read.LOCAL], row[read.STATUS], row[read.FLAGS])
        for row in rows_in(index, chosen, bounds, now)
    ]


def _is_stored_whole(index: Index, bounds: Bounds) -> bool:
    """Whether every occurrence of the span is stored, after reaching for it; far from today some are not."""
    low, high = min(bounds), max(bounds)
    index.reach(low, high)
    begin, end = index.horizon()
    return begin <= low and high <= end


def _own(row: Row, bounds: Bounds) -> Sequence[int]:
    return bounds[2 * row[read.LOCAL] : 2 * row[read.LOCAL] + 2]


def _mend(index: Index, chosen: Collection[int], shown: Collection[int]) -> bool:
    """Read files anew that are shown and changed in place; only large calendars can have such."""
    large = {
        n: (identity, path)
        for n, identity, path in index.db.execute("SELECT n, id, path FROM calendar WHERE files > ?", (SMALL,))
        if n in chosen
    }
    if not large:
        return False
    files = [file for file in read.files_of(index.db, shown) if file[5] in large]
    changed = set(changed_files([file[:5] for file in files]))
    for n, (identity, path) in large.items():
        if hrefs := sorted({file[1] for file in files if file[5] == n and file[:2] in changed}):
            index.read_in(n, identity, path, hrefs)
    return bool(changed)


def _beyond(index: Index, chosen: Collection[int], bounds: Bounds, *, endless: bool) -> list[Row]:
    """Occurrences of series where the horizon does not reach."""
    now_low, now_high = index.horizon()
    low, high = min(bounds), max(bounds)
    stretches = [(low, min(high, now_low)), (max(low, now_high), high)]
    seen: set[tuple[int, str, int]] = set()
    rows: list[Row] = []
    for begin, end in stretches:
        if begin >= end:
            continue
        for number, item, uid, (kind, start, rid, last) in index.beyond(begin, end, endless=endless or begin < now_low):
            local = kind & 1
            known = (number, rid, start) in seen or _is_stored(index, number, kind, start, rid)
            if not known and _touches(start, last, bounds[2 * local : 2 * local + 2]):
                seen.add((number, rid, start))
                rows.append((start, last, local, rid, *_of_item(item), uid, *_of_object(index, number)))
    return [row for row in rows if row[read.CALENDAR] in chosen]


def _is_stored(index: Index, number: int, kind: int, start: int, rid: str) -> bool:
    """An override far from today is kept with its series; another instance of it may begin at the same time."""
    joined = "SELECT 1 FROM item i JOIN occurrence o ON o.item=i.n WHERE i.object=?"
    query = f"{joined} AND o.kind=? AND o.start=? AND o.rid=?"
    return index.db.execute(query, (number, kind, start, rid)).fetchone() is not None


def _touches(start: int, end: int, span: Sequence[int]) -> bool:
    return start < span[1] and (end > span[0] or start == end >= span[0])


def _of_item(item: Sequence[object]) -> tuple[object, ...]:
    title, place, _people, _notes, status, flags, zone, organizer, attendees, *_times = item
    return title, place, status, flags, zone, organizer, attendees


def _of_object(index: Index, number: int) -> tuple[str, int, int]:
    eid, cal = index.db.execute("SELECT eid, cal FROM object WHERE n=?", (number,)).fetchone()
    return eid, cal, number
