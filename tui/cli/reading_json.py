"""What `agenda`, `search` and `calendars` print with --json: the shapes of cli.md, in ASCII."""

from __future__ import annotations

import time

from core.index import read
from core.index.database import ALL_DAY, CANCELLED, PRIVATE, RECURRING
from tui.cli.reading_times import instant, offset, problem_of, refreshed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from core.index.read import Row
    from core.index.update import Index

_STATUSES = ("free", "tentative", "busy", "out-of-office", "working-elsewhere")


def _string(text: str) -> str:
    from _json import encode_basestring_ascii

    return encode_basestring_ascii(text).replace("\x7f", "\\u007f")


def _stamp(seconds: int, ahead: int) -> str:
    """RFC 3339; `ahead` is the offset from UTC in seconds. Where it is no whole minutes (before standard time), UTC."""
    ahead = 0 if ahead % 60 else ahead
    parts = time.gmtime(seconds + ahead)
    sign, rest = ("-", -ahead) if ahead < 0 else ("+", ahead)
    clock = f"{rest // 3600:02}:{rest // 60 % 60:02}"
    return f"{_date(parts)}T{parts.tm_hour:02}:{parts.tm_min:02}:{parts.tm_sec:02}{sign}{clock}"


def _date(parts: time.struct_time) -> str:
    return f"{parts.tm_year:04}-{parts.tm_mon:02}-{parts.tm_mday:02}"


def _moment(row: Row, place: int) -> str:
    seconds: int = row[place]
    if row[read.FLAGS] & ALL_DAY:
        return _date(time.gmtime(seconds))
    if row[read.LOCAL]:
        moment = instant(seconds)
        return _stamp(moment, seconds - moment)
    return _stamp(seconds, offset(seconds))


def _person(text: str) -> str:
    address, name, role, response = text.split("\x1f")
    return (
        f'{{"name": {_string(name)}, "address": {_string(address)}, '
        f'"role": {_string(role)}, "response": {_string(response)}}}'
    )


def _row_json(row: Row, names: dict[int, str]) -> str:
    """One occurrence, as cli.md says. `cancelled` is there for those that are."""
    flags: int = row[read.FLAGS]
    identity = f"{row[read.EID]}@{row[read.RID]}" if row[read.RID] else row[read.EID]
    people = ", ".join(map(_person, row[read.ATTENDEES].split("\x1e"))) if row[read.ATTENDEES] else ""
    parts = [
        f'"id": {_string(identity)}',
        f'"uid": {_string(row[read.UID])}',
        f'"calendar": {_string(names[row[read.CALENDAR]])}',
        f'"title": {_string(row[read.TITLE])}',
        f'"start": "{_moment(row, read.START)}"',
        f'"end": "{_moment(row, read.END)}"',
        f'"all_day": {_truth(flags & ALL_DAY)}',
        f'"time_zone": {_string(row[read.ZONE])}',
        f'"status": "{_STATUSES[row[read.STATUS]]}"',
        f'"private": {_truth(flags & PRIVATE)}',
        f'"place": {_string(row[read.PLACE])}',
        f'"organizer": {_person(row[read.ORGANIZER]) if row[read.ORGANIZER] else "null"}',
        f'"attendees": [{people}]',
        f'"recurring": {_truth(flags & RECURRING)}',
    ]
    if flags & CANCELLED:
        parts.append('"cancelled": true')
    return "{" + ", ".join(parts) + "}"


def _truth(value: int) -> str:
    return "true" if value else "false"


def rows_json(rows: list[Row], names: dict[int, str]) -> str:
    """The occurrences as one JSON value; `names` are the calendars' by number."""
    return _list([_row_json(row, names) for row in rows])


def _list(values: list[str]) -> str:
    return "[" + ",\n ".join(values) + "]\n"


def calendars_json(index: Index) -> str:
    """The calendars in the order of the screen, as one JSON value."""
    values = []
    for row in read.calendars(index.db):
        _n, identity, name, account, kind, owner, events, level, *_rest = row
        looked, kind = refreshed(row), kind or "local"
        values.append(
            f'{{"id": {_string(identity)}, "name": {_string(name)}, "account": {_string(account)}, '
            f'"kind": {_string(kind)}, "owner": {_string(owner)}, "events": {events}, "level": {_string(level)}, '
            f'"refreshed": {_string(_stamp(looked, offset(looked))) if looked else "null"}{_problem(row)}}}'
        )
    return _list(values)


def _problem(row: Row) -> str:
    told = problem_of(row)
    return f', "problem": {_string(told)}' if told else ""
