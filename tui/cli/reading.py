"""`agenda`, `search` and `calendars`: straight from the index to the terminal.

These are typed all day, and called from prompts and status lines, so they load next to nothing: no argparse, no
asyncio, no dataclasses, no services, and config.toml only when it is not the file that the index remembers.
"""

from __future__ import annotations

import os
import sys
import time

from core.config.paths import config_file, folders
from core.errors import NotFound, StorageError, UsageError
from core.index import read
from core.index.database import ALL_DAY, CANCELLED, DAY, PRIVATE, RECURRING, meta, open_for_writing, remove, set_meta
from core.index.looking import rows_in
from core.index.update import Index
from core.language import N_, _, ngettext, use_language

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from typing import Any

    from core.index.read import Bounds, Row
    from core.index.update import Told

_STATUSES = ("free", "tentative", "busy", "out-of-office", "working-elsewhere")
_WORDS = (N_("Free"), N_("Tentative"), N_("Busy"), N_("Out of Office"), N_("Working Elsewhere"))
_OPTIONS = {
    "agenda": {"--range": True, "--json": False, "--refresh": False, "--config": True},
    "search": {"--range": True, "--calendar": True, "--json": False, "--refresh": False, "--config": True},
    "calendars": {"--json": False, "--refresh": False, "--config": True},
}
_EPOCH_DAY = 719_163
"""The ordinal of 1970-01-01."""


def main(command: str, arguments: list[str]) -> int:
    """Run one of the three; the exit code. Raises PartagendaError."""
    use_language()
    words, options = _parse(command, arguments)
    import sqlite3

    path = os.path.join(folders()[3], "index.sqlite3")
    try:
        return _run(command, words, options, path)
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError) and "no such" not in str(error):
            raise _index_refused(path, error) from error
    except OSError as error:
        raise _index_refused(path, error) from error
    remove(path)  # damaged: it is only a cache
    return _run(command, words, options, path)


def _index_refused(path: str, error: Exception) -> StorageError:
    reason = getattr(error, "strerror", None) or str(error)
    return StorageError(
        _("The index “{file}” cannot be used: {reason}.").format(file=path, reason=reason),
        _("It is a cache: it may be deleted, and needs room and the right to write."),
    )


def _run(command: str, words: list[str], options: dict[str, str], path: str) -> int:
    index = Index(open_for_writing(path))
    zone = _settings(index, options.get("--config", ""))
    if zone:
        _use_zone(zone)
    index.look(full="--refresh" in options, progress=_told() if sys.stderr.isatty() else None)
    if command == "calendars":
        _write(_calendars_json(index) if "--json" in options else _calendars_text(index))
        return 0
    names = [options["--calendar"]] if options.get("--calendar") else words if command == "agenda" else []
    chosen = _chosen(index, names)
    rows = _agenda(index, chosen, options) if command == "agenda" else _search(index, words, chosen, options)
    if "--json" in options:
        _write(_rows_json(rows, chosen))
    else:
        _write(_text(command, rows, chosen, options))
    return 0


# what was asked ------------------------------------------------------------------------------------------


def _parse(command: str, arguments: list[str]) -> tuple[list[str], dict[str, str]]:
    known = _OPTIONS[command]
    words: list[str] = []
    options: dict[str, str] = {}
    rest = list(arguments)
    while rest:
        argument = rest.pop(0)
        name, equals, value = argument.partition("=")
        if argument == "--":
            words += rest
            break
        if not argument.startswith("--") and not (argument.startswith("-") and len(argument) > 1):
            words.append(argument)
            continue
        if name not in known:
            raise UsageError(
                _("{command} has no option “{option}”.").format(command=command, option=name),
                _("It knows {options}.").format(options=" ".join(known)),
            )
        if known[name] and not equals:
            if not rest:
                raise UsageError(_("--{name} needs a value.").format(name=name[2:]))
            value = rest.pop(0)
        elif equals and not known[name]:
            raise UsageError(_("--{name} takes no value.").format(name=name[2:]))
        options[name] = value
    if command == "search" and not words:
        raise UsageError(_("What should be searched for?"), _("Write one word or more."))
    if command == "calendars" and words:
        raise UsageError(_("{command} takes no words.").format(command=command), "")
    return words, options


def _settings(index: Index, given: str) -> str:
    """The person's zone (empty: the system's), from the index where config.toml is the file that it remembers."""
    file, data = config_file(given), folders()[1]
    try:
        stat = os.stat(file)
        stamp = f"{file}\n{data}\n{stat.st_mtime_ns} {stat.st_size} {stat.st_mode}"
    except OSError:
        stamp = f"{file}\n{data}\n-"
    if meta(index.db, "settings") != stamp:
        from core.config.settings import VdirAccount, load

        settings = load(given or None)
        accounts = settings.accounts.values()
        roots = [("local", os.path.join(data, "calendars", "*"))]
        roots += [(account.name, account.pattern) for account in accounts if isinstance(account, VdirAccount)]
        index.set_roots(roots)
        set_meta(index.db, "zone", settings.me.time_zone)
        set_meta(index.db, "language", settings.me.language)
        set_meta(index.db, "settings", stamp)
    language = meta(index.db, "language")
    if language:
        use_language(language)
    return meta(index.db, "zone")


def _use_zone(name: str) -> None:
    """Let the C library work in that zone: it reads the same files as zoneinfo and costs nothing to load."""
    if not os.path.exists(f"/usr/share/zoneinfo/{name}"):
        import tzdata  # type: ignore[import-untyped]

        name = f":{os.path.join(os.path.dirname(tzdata.__file__), 'zoneinfo', name)}"
    os.environ["TZ"] = name
    time.tzset()


def _told() -> Told:
    from tui.cli.progress import StillProgress

    return StillProgress()


def _chosen(index: Index, names: Sequence[str]) -> dict[int, str]:
    """Number and name of the calendars that are meant; all without names. An id is as good as a name."""
    known = read.calendars(index.db)
    if not names:
        return {row[0]: row[2] for row in known}
    found: dict[int, str] = {}
    for name in names:
        hits = [row for row in known if name in (row[1], row[2])]
        hits = hits or [row for row in known if name.casefold() in (row[1].casefold(), row[2].casefold())]
        if not hits:
            raise _no_calendar(name, [row[2] for row in known])
        found |= {row[0]: row[2] for row in hits}
    return found


def _no_calendar(name: str, known: Sequence[str]) -> NotFound:
    from difflib import get_close_matches

    close = get_close_matches(name.casefold(), [each.casefold() for each in known], 1, 0.5)
    meant = next((each for each in known if close and each.casefold() == close[0]), "")
    hint = _("Did you mean “{name}”?").format(name=meant) if meant else _("partagenda calendars lists them.")
    return NotFound(_("There is no calendar “{name}”.").format(name=name), hint)


# days and hours ------------------------------------------------------------------------------------------


def _days(text: str) -> tuple[int, int]:
    """First and last day of RANGE as ordinals; (0, 0) for the whole calendar."""
    now = time.localtime()
    today = _ordinal(now.tm_year, now.tm_mon, now.tm_mday)
    if text[:-1].isdigit() and text[-1] == "d" and text.isascii() and 0 < int(text[:-1]) < 10_000:
        return today, today + int(text[:-1]) - 1
    if text in ("today", "tomorrow"):
        return (today, today) if text == "today" else (today + 1, today + 1)
    from datetime import date

    from core.calendar.span import parse_range

    days = parse_range(text, date.fromordinal(today))
    return (days.first.toordinal(), days.last.toordinal()) if days.first and days.last else (0, 0)


def _ordinal(year: int, month: int, day: int) -> int:
    from datetime import date

    return date(year, month, day).toordinal()


def _bounds(first: int, last: int) -> Bounds:
    if not first:
        low, high = -_EPOCH_DAY * DAY + 2 * DAY, 2_932_895 * DAY
        return low, high, low, high
    wall = (first - _EPOCH_DAY) * DAY, (last + 1 - _EPOCH_DAY) * DAY
    return _instant(wall[0]), _instant(wall[1]), *wall


def _instant(wall: int) -> int:
    """Seconds since 1970 of a wall-clock moment here."""
    parts = time.gmtime(wall)
    try:
        return int(time.mktime((*parts[:6], 0, 0, -1)))
    except OverflowError:
        return wall


def _offset(seconds: int) -> int:
    try:
        return time.localtime(seconds).tm_gmtoff or 0
    except (OverflowError, OSError, ValueError):
        return 0


def _wall(row: Row, place: int) -> int:
    """The wall-clock second here of a row's start or end."""
    seconds: int = row[place]
    return seconds if row[read.LOCAL] else seconds + _offset(seconds)


# finding -------------------------------------------------------------------------------------------------


def _agenda(index: Index, chosen: dict[int, str], options: dict[str, str]) -> list[Row]:
    bounds = _bounds(*_days(options.get("--range", "7d").strip().lower() or "7d"))
    rows = rows_in(index, chosen, bounds, int(time.time()))
    return sorted(rows, key=_order)


def _order(row: Row) -> tuple[Any, ...]:
    wall = _wall(row, read.START)
    day = wall // DAY
    if row[read.FLAGS] & ALL_DAY:
        return day, 0, 0, row[read.TITLE], row[read.EID]
    return (
        day,
        1,
        wall - _offset(row[read.START]) if row[read.LOCAL] else row[read.START],
        row[read.TITLE],
        row[read.EID],
    )


def _search(index: Index, words: list[str], chosen: dict[int, str], options: dict[str, str]) -> list[Row]:
    """Each occurrence in the range (seven days unless said otherwise) that matches, in order.

    In the whole calendar an event stands once, at its nearest occurrence. What matches outside the range is counted
    on standard error, so that nobody takes a short list for the whole answer.
    """
    rows = read.search(index.db, words, chosen, int(time.time()))
    first, last = _days(options.get("--range", "7d").strip().lower() or "7d")
    if not first:
        return rows
    events = {row[read.OBJECT] for row in rows}
    inside = rows_in(index, chosen, _bounds(first, last), int(time.time()))
    found = [row for row in inside if row[read.OBJECT] in events]
    if "--json" not in options:
        _tell_of_others(len(events) - len({row[read.OBJECT] for row in found}))
    return sorted(found, key=_order)


def _tell_of_others(count: int) -> None:
    if count:
        told = ngettext(
            "{count} event outside these days matches too: --range all",
            "{count} events outside these days match too: --range all",
            count,
        )
        print(told.format(count=count), file=sys.stderr)


# JSON ----------------------------------------------------------------------------------------------------


def _string(text: str) -> str:
    from _json import encode_basestring_ascii

    return encode_basestring_ascii(text).replace("\x7f", "\\u007f")


def _stamp(seconds: int, offset: int) -> str:
    """RFC 3339."""
    parts = time.gmtime(seconds + offset)
    sign, rest = ("-", -offset) if offset < 0 else ("+", offset)
    clock = f"{rest // 3600:02}:{rest // 60 % 60:02}" + (f":{rest % 60:02}" if rest % 60 else "")
    return f"{_date(parts)}T{parts.tm_hour:02}:{parts.tm_min:02}:{parts.tm_sec:02}{sign}{clock}"


def _date(parts: time.struct_time) -> str:
    return f"{parts.tm_year:04}-{parts.tm_mon:02}-{parts.tm_mday:02}"


def _moment(row: Row, place: int) -> str:
    seconds: int = row[place]
    if row[read.FLAGS] & ALL_DAY:
        return _date(time.gmtime(seconds))
    if row[read.LOCAL]:
        instant = _instant(seconds)
        return _stamp(instant, seconds - instant)
    return _stamp(seconds, _offset(seconds))


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


def _rows_json(rows: list[Row], names: dict[int, str]) -> str:
    return _list([_row_json(row, names) for row in rows])


def _list(values: list[str]) -> str:
    return "[" + ",\n ".join(values) + "]\n"


def _calendars_json(index: Index) -> str:
    values = []
    for row in read.calendars(index.db):
        _n, identity, name, account, kind, owner, events, level, *_rest = row
        refreshed = _refreshed(row)
        values.append(
            f'{{"id": {_string(identity)}, "name": {_string(name)}, "account": {_string(account)}, '
            f'"kind": {_string(kind)}, "owner": {_string(owner)}, "events": {events}, "level": {_string(level)}, '
            f'"refreshed": {_string(_stamp(refreshed, _offset(refreshed))) if refreshed else "null"}}}'
        )
    return _list(values)


def _refreshed(row: Sequence[Any]) -> int:
    """When the calendar was last looked at; a snapshot: when it came."""
    if row[4] == "snapshot" and row[11]:
        import json
        from datetime import datetime

        received = json.loads(row[11]).get("received", "")
        try:
            return int(datetime.fromisoformat(received).timestamp())
        except ValueError:
            return 0
    return int(row[8])


# text ----------------------------------------------------------------------------------------------------


def _write(text: str) -> None:
    stream = sys.stdout
    try:
        stream.write(text)
    except UnicodeEncodeError:
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
        stream.write(text)


def _text(command: str, rows: list[Row], chosen: dict[int, str], options: dict[str, str]) -> str:
    if not rows:
        return (_("Nothing in these days.") if command == "agenda" else _("Nothing was found.")) + "\n"
    _prepare()
    first = _days(options.get("--range", "7d").strip().lower())[0] if command == "agenda" else 0
    return "\n".join(_listed(rows, chosen, first, sorted_by_day=command == "agenda" or "--range" in options)) + "\n"


def _prepare() -> None:
    from tui.text import use_ascii

    if "utf" not in (sys.stdout.encoding or "").lower():
        use_ascii()


def _listed(rows: list[Row], chosen: dict[int, str], first: int, *, sorted_by_day: bool) -> list[str]:
    from datetime import date

    from core.language.dates import long_date

    lines: list[str] = []
    shown = None
    for row in rows:
        day = date.fromordinal(max(_wall(row, read.START) // DAY + _EPOCH_DAY, first))
        if day != shown or not sorted_by_day:
            lines += ["", long_date(day)] if lines else [long_date(day)]
            shown = day
        lines.append(_line(row, chosen, day))
    return lines


def _line(row: Row, chosen: dict[int, str], day: date) -> str:
    from tui.text import clean

    parts = [clean(row[read.TITLE]) or _(_WORDS[row[read.STATUS]])]
    if row[read.PLACE]:
        parts.append(clean(row[read.PLACE]))
    if row[read.STATUS] != 2 and row[read.TITLE]:
        parts.append(_(_WORDS[row[read.STATUS]]))
    if row[read.FLAGS] & PRIVATE:
        parts.append(_("Private"))
    if row[read.FLAGS] & CANCELLED:
        parts.append(_("Cancelled"))
    if len(chosen) > 1:
        parts.append(f"[{clean(chosen[row[read.CALENDAR]])}]")
    return f"  {_hours(row, day):<21}  {' · '.join(parts)}"


def _hours(row: Row, day: date) -> str:
    from datetime import date as day_type
    from datetime import datetime, timedelta

    from core.language.dates import day_and_month, time_of_day

    begin, end = _wall(row, read.START), _wall(row, read.END)
    last = day_type.fromordinal(max(end - 1, begin) // DAY + _EPOCH_DAY)
    until = "" if last <= day else _("until {day}").format(day=day_and_month(last))
    if row[read.FLAGS] & ALL_DAY:
        return " ".join(part for part in (_("All day"), until) if part)
    epoch = datetime(1970, 1, 1)  # noqa: DTZ001 - wall-clock times
    start_text = time_of_day(epoch + timedelta(seconds=begin)) if begin // DAY + _EPOCH_DAY >= day.toordinal() else "…"
    if begin == end:
        return start_text
    return f"{start_text} – {until or time_of_day(epoch + timedelta(seconds=end))}"


def _calendars_text(index: Index) -> str:
    from tui.text import cell_width, cells, clean

    rows = []
    for row in read.calendars(index.db):
        count = ngettext("{count} event", "{count} events", row[6]).format(count=row[6])
        rows.append([clean(row[2]), clean(row[3]), count, _level(row[7]), clean(row[12]) or _when(_refreshed(row))])
    if not rows:
        return (
            _("There is no calendar yet: “partagenda new NAME” makes one, “partagenda import FILE” takes one in.")
            + "\n"
        )
    _prepare()
    widths = [min(48, max(cell_width(row[place]) for row in rows)) for place in range(4)]
    lines = ["  ".join([*map(cells, row[:4], widths), row[4]]).rstrip() for row in rows]
    return "\n".join(lines) + "\n"


def _level(level: str) -> str:
    words = {
        "availability": _("Availability only"),
        "limited": _("Limited details"),
        "full": _("Full details"),
    }
    return words.get(level, level)


def _when(seconds: int) -> str:
    from datetime import datetime, timedelta

    from core.language.dates import date_and_time

    if not seconds:
        return ""
    return date_and_time(datetime(1970, 1, 1) + timedelta(seconds=seconds + _offset(seconds)))  # noqa: DTZ001
