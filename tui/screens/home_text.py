"""What the home screen says in words: the chosen event, an empty slot, a calendar's note, the first welcome. Pure."""

from __future__ import annotations

import os
from datetime import date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

from core.calendar.entry import Entry
from core.language import _, ngettext
from core.language.dates import day_and_month, time_of_day
from core.ports.calendars import CalendarInfo, CalendarKind
from core.sharing.detail import status_word
from tui.text import clean
from tui.widgets.calendar_list import age, copy_of, freshness
from tui.widgets.look import times, title

if TYPE_CHECKING:
    from core.bootstrap import Services

SEPARATOR = "  "


def describe(entry: Entry, zone: tzinfo) -> str:
    """One line about an event: title, day and times, place, status, and what else is to know."""
    parts = [title(entry), describe_times(entry)]
    if entry.place:
        parts.append(clean(entry.place))
    if entry.title.strip():
        parts.append(status_word(entry.status))
    if entry.private:
        parts.append(_("Private"))
    if entry.recurring:
        parts.append(_("Repeats"))
    if entry.cancelled:
        parts.append(_("Cancelled"))
    if there := _elsewhere(entry, zone):
        parts.append(there)
    return SEPARATOR.join(parts)


def _elsewhere(entry: Entry, zone: tzinfo) -> str:
    """When it begins in its own zone, where that is another one than the person's."""
    name = entry.time_zone
    if not name or name == str(zone):
        return ""
    from core.calendar.zones import zone_for

    own = zone_for(name)
    if own is None or not isinstance(entry.start, datetime):
        return clean(name)
    start = entry.start.astimezone(own)
    day = "" if start.date() == entry.start.date() else f"{day_and_month(start.date())} "
    return f"{day}{time_of_day(start)} {clean(name)}"


def describe_times(entry: Entry) -> str:
    """When an event is: day and times, or days."""
    start, end = entry.start, entry.end
    if isinstance(start, datetime) and isinstance(end, datetime):
        first = day_and_month(start.date())
        if start.date() == end.date():
            return f"{first} {times(entry)}"
        return f"{first} {time_of_day(start)} – {day_and_month(end.date())} {time_of_day(end)}"
    last = _last(end)
    first_day = start.date() if isinstance(start, datetime) else start
    return day_and_month(first_day) if last <= first_day else f"{day_and_month(first_day)} – {day_and_month(last)}"


def _last(end: date) -> date:
    return (end.date() if isinstance(end, datetime) else end) - timedelta(days=1)


def describe_moment(moment: datetime, *, hours: bool, about: str = "") -> str:
    """An empty place: the day, and the time where hours are shown; else what is to know of the day."""
    day = day_and_month(moment.date())
    if about:
        return f"{day}{SEPARATOR}{about}"
    return f"{day} {time_of_day(moment)}" if hours else day


def describe_progress(done: int, total: int, what: str) -> str:
    """How far looking at the calendars is; `total` is 0 while nobody knows."""
    if not total:
        return _("Looking at the calendars… Esc stops.")
    return _("Looking at {what}: {done} of {total}. Esc stops.").format(what=clean(what), done=done, total=total)


def describe_calendar(info: CalendarInfo, now: datetime) -> str:
    """One line about a calendar of the list: its whole name, whose it is, what kind of copy."""
    return SEPARATOR.join(filter(None, (clean(info.name), clean(info.owner), note_of(info, now))))


def note_of(info: CalendarInfo, now: datetime) -> str:
    """Beside a calendar's title: what kind of copy it is."""
    if info.snapshot:
        return _("Snapshot, {age}").format(age=age(info.snapshot.received, now))
    if info.kind is CalendarKind.FILE:
        return _("Looked at, not imported")
    if info.kind is CalendarKind.FEED and not info.problem:
        told = freshness(info, now)
        return f"{told}: {clean(info.offline)}" if info.offline else told
    return _news_of(info, now) or clean(info.problem) or ("" if info.can.write else _("Read only"))


def _news_of(info: CalendarInfo, now: datetime) -> str:
    """What is to know of a server's calendar, the most pressing first; empty when all is well."""
    if info.offline:
        return _("Not reached; copy of {when}").format(when=copy_of(info, now))
    if info.smaller:
        return _("The server has {now} of {before} events").format(now=info.smaller.now, before=info.smaller.before)
    if info.waiting:
        return ngettext("{count} change waits", "{count} changes wait", info.waiting).format(count=info.waiting)
    return ""


def welcome(services: Services) -> str:
    """The one line of the first run: where things are."""
    paths = services.paths
    return _("F1 all keys  Calendars {data}  Settings {config}").format(
        data=_short(paths.data), config=_short(services.settings.path.parent)
    )


def places(services: Services) -> tuple[tuple[str, str], ...]:
    """Folders and files that a person may want to find."""
    paths = services.paths
    return (
        (_("Settings"), _short(services.settings.path)),
        (_("Calendars"), _short(paths.data / "calendars")),
        (_("Themes of your own"), _short(paths.config / "themes")),
        (_("Outbox and log"), _short(paths.state)),
        (_("Index (can be deleted)"), _short(paths.cache)),
    )


def _short(path: object) -> str:
    """A path with ~ for the home folder."""
    text, home = str(path), os.path.expanduser("~")
    return clean(f"~{text[len(home) :]}" if text.startswith(home + os.sep) else text)
