"""Expanding a month and a year, and a snapshot of 30 days: ours, Python's usual libraries and libical, as programs.

Each program is started anew and timed as a whole. The peers read the whole file, which is all that they can do;
libical is called through its GObject binding (Debian: python3-gi gir1.2-ical-3.0), so some Python is in its time.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

SYSTEM_PYTHON = "/usr/bin/python3"

OURS = r"""
import asyncio, sys
from datetime import date
from core.bootstrap import open_services
from core.calendar.span import DateRange
from core.config.paths import Paths
from core.config.settings import load

async def main(task, first, last):
    services = open_services(load(), Paths.from_env())
    calendar = (await services.library.calendars())[0].id
    days = DateRange(date.fromisoformat(first), date.fromisoformat(last))
    if task == "expand":
        zone = services.clock.zone
        print(len(await services.library.entries([calendar], days.span(zone), zone)))
    else:
        from core.services.email_calendar import SnapshotRequest
        from core.sharing.snapshot import SnapshotOptions
        prepared = await services.email.prepare(SnapshotRequest(calendar, SnapshotOptions(days)))
        print(len(prepared.ics), len(prepared.html), len(prepared.text))
    await services.close()

asyncio.run(main(*sys.argv[2:]))
"""

PEERS = r"""
import sys
from datetime import date, timedelta
import icalendar, recurring_ical_events

file, task, first, last = sys.argv[1:]
with open(file, "rb") as stream:
    calendar = icalendar.Calendar.from_ical(stream.read())
begin, end = date.fromisoformat(first), date.fromisoformat(last) + timedelta(days=1)
found = recurring_ical_events.of(calendar).between(begin, end)
if task == "expand":
    print(len(found))
else:
    out, html, text = icalendar.Calendar(), [], []
    for event in found:
        free = icalendar.Event()
        for name in ("DTSTART", "DTEND"):
            if name in event:
                free.add(name, event[name].dt)
        free.add("summary", "Busy")
        out.add_component(free)
        html.append(f"<tr><td>{event['DTSTART'].dt}</td><td>Busy</td></tr>")
        text.append(f"{event['DTSTART'].dt} Busy")
    print(len(out.to_ical()), len("".join(html)), len("\n".join(text)))
"""

LIBICAL = r"""
import sys
import gi
gi.require_version("ICalGLib", "3.0")
from gi.repository import ICalGLib as I
file, task, first, last = sys.argv[1:]
with open(file, encoding="utf-8") as stream:
    root = I.Component.new_from_string(stream.read())
begin, end = (I.Time.new_from_string(text.replace("-", "") + "T000000") for text in (first, last))
end.adjust(1, 0, 0, 0)
paris = I.Timezone.get_builtin_timezone("Europe/Paris")
low, high = begin.as_timet_with_zone(paris), end.as_timet_with_zone(paris)
count, lines = 0, []
event = root.get_first_component(I.ComponentKind.VEVENT_COMPONENT)
while event is not None:
    start = event.get_dtstart()
    rule = event.get_first_property(I.PropertyKind.RRULE_PROPERTY)
    if rule is None:
        at = start.as_timet_with_zone(start.get_timezone() or paris)
        if low <= at < high:
            count += 1
            lines.append(f"{at} Busy")
    else:
        iterator = I.RecurIterator.new(rule.get_rrule(), start)
        while (moment := iterator.next()) is not None and not moment.is_null_time() and moment.compare(end) < 0:
            if moment.compare(begin) >= 0:
                count += 1
                lines.append(f"{moment.as_ical_string()} Busy")
    event = root.get_next_component(I.ComponentKind.VEVENT_COMPONENT)
print(count, len("\n".join(lines)))
"""


@dataclass
class RangeRow:
    """A line of the table: medians in milliseconds, 0 where there is no such program."""

    work: str
    ours: float
    python: float
    libical: float
    must: str
    met: str


def has_libical() -> bool:
    """Whether the system's Python knows libical."""
    probe = "import gi; gi.require_version('ICalGLib', '3.0'); from gi.repository import ICalGLib"
    try:
        return subprocess.run([SYSTEM_PYTHON, "-c", probe], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def programs(file: Path, task: str, first: date, last: date) -> dict[str, Sequence[str]]:
    """The programs for one line of the table; they take turns."""
    arguments = [str(file), task, first.isoformat(), last.isoformat()]
    found: dict[str, Sequence[str]] = {
        "ours": [sys.executable, "-c", OURS, *arguments],
        "python": [sys.executable, "-c", PEERS, *arguments],
    }
    if has_libical():
        found["libical"] = [SYSTEM_PYTHON, "-c", LIBICAL, *arguments]
    return found


def tasks(today: date) -> list[tuple[str, str, date, date]]:
    """Name, task and days of each line."""
    return [
        ("snapshot of 30 days", "snapshot", today, today + timedelta(days=29)),
        ("expansion of a month", "expand", today, today + timedelta(days=29)),
        ("expansion of a year", "expand", today, today + timedelta(days=364)),
    ]


def range_row(name: str, task: str, times: Mapping[str, float]) -> RangeRow:
    """A line from the medians. Only the snapshot has a limit that must be kept."""
    ours, python, libical = (times.get(program, 0.0) for program in ("ours", "python", "libical"))
    if task == "snapshot":
        return RangeRow(name, ours, python, libical, "≤ 1/20 Python", "yes" if ours <= python / 20 else "**no**")
    return RangeRow(name, ours, python, libical, "–", "–")


def table(rows: Sequence[RangeRow]) -> list[str]:
    """As Markdown."""
    lines = [
        "| Work | Partagenda | icalendar + recurring-ical-events | ratio | libical | ratio | Must | met |",
        "|---|--:|--:|--:|--:|--:|---|---|",
    ]
    for one in rows:
        ratios = [f"1/{peer / one.ours:.1f}" if peer else "–" for peer in (one.python, one.libical)]
        peers = [f"{peer:,.0f}" if peer else "–" for peer in (one.python, one.libical)]
        cells = [one.work, f"{one.ours:,.0f}", peers[0], ratios[0], peers[1], ratios[1], one.must, one.met]
        lines.append("| " + " | ".join(cells) + " |")
    return lines
