"""What `agenda`, `search` and `calendars` print for a person."""

from __future__ import annotations

import sys

from core.index import read
from core.index.database import ALL_DAY, CANCELLED, DAY, PRIVATE
from core.language import N_, _, ngettext
from tui.cli.reading_times import EPOCH_DAY, days_of, offset, problem_of, refreshed, wall

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import date

    from core.index.read import Row
    from core.index.update import Index

_WORDS = (N_("Free"), N_("Tentative"), N_("Busy"), N_("Out of Office"), N_("Working Elsewhere"))


def rows_text(command: str, rows: list[Row], chosen: dict[int, str], days: str) -> str:
    """The occurrences under their days; those of a search in the whole calendar (`days` is all) stand in its order."""
    if not rows:
        return (_("Nothing in these days.") if command == "agenda" else _("Nothing was found.")) + "\n"
    _prepare()
    first = days_of(days)[0]
    return "\n".join(_listed(rows, chosen, first, sorted_by_day=command == "agenda" or bool(first))) + "\n"


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
        day = date.fromordinal(max(wall(row, read.START) // DAY + EPOCH_DAY, first))
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

    begin, end = wall(row, read.START), wall(row, read.END)
    last = day_type.fromordinal(max(end - 1, begin) // DAY + EPOCH_DAY)
    until = "" if last <= day else _("until {day}").format(day=day_and_month(last))
    if row[read.FLAGS] & ALL_DAY:
        return " ".join(part for part in (_("All day"), until) if part)
    epoch = datetime(1970, 1, 1)  # noqa: DTZ001 - wall-clock times
    start_text = time_of_day(epoch + timedelta(seconds=begin)) if begin // DAY + EPOCH_DAY >= day.toordinal() else "…"
    if begin == end:
        return start_text
    return f"{start_text} – {until or time_of_day(epoch + timedelta(seconds=end))}"


def calendars_text(index: Index) -> str:
    """A line for each calendar."""
    from tui.text import cell_width, cells, clean

    rows = []
    for row in read.calendars(index.db):
        count = ngettext("{count} event", "{count} events", row[6]).format(count=row[6])
        about = "  ".join(filter(None, (_when(refreshed(row)) if not row[12] else "", clean(problem_of(row)))))
        rows.append([clean(row[2]), clean(row[3]), count, _level(row[7]), about])
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
    return date_and_time(datetime(1970, 1, 1) + timedelta(seconds=seconds + offset(seconds)))  # noqa: DTZ001
