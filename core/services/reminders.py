"""Reminders (VALARM, RFC 5545 §3.6.6): which are due now, for the app and for a command that `sync` starts.

Each is given out once for the app and once for the command, also across restarts and to several processes: it is
written down before it is shown or started. One that is a day late is not given out any more.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from hashlib import blake2s
from pathlib import Path
from typing import Protocol

from core.calendar.event import Alarm, CalendarObject, Moment, Occurrence
from core.calendar.span import TimeSpan
from core.errors import NotFound, PartagendaError
from core.ical.values import BadValue, duration
from core.language import _
from core.language.dates import date_and_time, short_date
from core.ports.calendars import CalendarInfo, CalendarKind, StoredObject
from core.ports.world import Clock
from core.services.private_database import PrivateDatabase
from core.sharing.wording import one_line
from core.values import dataclass

LATE = timedelta(days=1)
"""How late a reminder may still be given out."""
EARLIEST = timedelta(days=32)
"""How long before its event a reminder may be; Outlook offers two weeks."""
_DAY_BEFORE = timedelta(days=1)
"""How long before its event a usual reminder rings at the most; the index knows which others there are."""
_CLOCKS = timedelta(hours=2)
"""What a change of clocks may move."""
TIME_LIMIT = 30.0
"""Seconds that the command may take."""
_MOST_REPEATS = 20
_KEPT = timedelta(days=90)
_SILENT = ("EMAIL", "NONE", "PROCEDURE")
"""Actions that are not ours: a mail, nothing (Apple's mark for “no reminder”), and running what an event says."""
_SCHEMA = """
CREATE TABLE given (
    key TEXT NOT NULL,
    channel TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (key, channel)
)
"""


class Channel(StrEnum):
    """Who gives a reminder out."""

    APP = "app"
    COMMAND = "command"


class Calendars(Protocol):
    """The part of the library that is needed here."""

    async def calendars(self) -> list[CalendarInfo]: ...

    async def reminding(self, calendar: str, near: TimeSpan, far: TimeSpan) -> list[StoredObject]: ...


@dataclass(frozen=True, slots=True)
class Reminder:
    """One reminder of one occurrence. `key` is the same at every look, and another one when its time changes."""

    key: str
    due: datetime
    """When it rings; UTC."""
    title: str
    start: Moment
    end: Moment
    place: str
    calendar: str
    """The calendar's name."""
    text: str
    """What the reminder itself says; may be empty."""

    def words(self, zone: tzinfo) -> str:
        """A line for a person: what, when, and where."""
        start = self.start
        if isinstance(start, datetime):
            when = date_and_time(start.astimezone(zone) if start.tzinfo else start)
        else:
            when = short_date(start)
        title = self.title or _("(no title)")
        if self.place:
            return _("{title}, {when}, {place}").format(title=title, when=when, place=self.place)
        return _("{title}, {when}").format(title=title, when=when)


@dataclass(frozen=True, slots=True)
class Started:
    """What became of the command for one reminder. `problem` is empty when it ended well."""

    reminder: Reminder
    problem: str = ""


class Reminders:
    """The service behind notices and `[reminders] command`. `path` is the file that remembers; `command` may be ()."""

    def __init__(self, library: Calendars, clock: Clock, path: Path, command: Sequence[str] = ()) -> None:
        self._library = library
        self._clock = clock
        self._command = tuple(command)
        self._database = PrivateDatabase(path, _SCHEMA)

    async def take(self, channel: Channel = Channel.APP) -> list[Reminder]:
        """Those that are due and were not given out by this channel yet, by time. They now count as given out."""
        return (await self.look(channel))[0]

    async def next_due(self) -> datetime | None:
        """When the next reminder rings, so that nobody has to look all the time; None within the next day."""
        now = self._clock.now()
        return _next(await self._all(now), now)

    async def look(self, channel: Channel = Channel.APP) -> tuple[list[Reminder], datetime | None]:
        """`take` and `next_due` in one look at the calendars."""
        now = self._clock.now()
        every = await self._all(now)
        found = [one for one in every if now - LATE < one.due <= now]
        fresh = await asyncio.to_thread(self._claim, found, channel, now)
        return sorted(fresh, key=lambda one: (one.due, one.title)), _next(every, now)

    async def run(self) -> list[Started]:
        """Start the configured command once for each reminder that is due; nothing without a command."""
        if not self._command:
            return []
        return [await self._start(one) for one in await self.take(Channel.COMMAND)]

    async def _all(self, now: datetime) -> list[Reminder]:
        near = TimeSpan(now - LATE - _CLOCKS, now + LATE + _DAY_BEFORE + _CLOCKS)
        span = TimeSpan(now - EARLIEST, now + EARLIEST)
        found: dict[str, Reminder] = {}
        for info in await self._library.calendars():
            if info.problem or info.kind in (CalendarKind.SNAPSHOT, CalendarKind.FILE):
                continue
            try:
                stored = await self._library.reminding(info.id, near, span)
            except NotFound:  # gone since it was listed
                continue
            things = [one.object for one in stored if any(event.alarms for event in one.object.events)]
            for one in await asyncio.to_thread(_of_things, things, info.name, span, self._clock.zone):
                found.setdefault(one.key, one)
        return list(found.values())

    def _claim(self, found: Iterable[Reminder], channel: Channel, now: datetime) -> list[Reminder]:
        wanted = list(found)
        if not wanted:
            return []
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM given WHERE at < ?", ((now.astimezone(UTC) - _KEPT).isoformat(),))
            return [
                one
                for one in wanted
                if connection.execute(
                    "INSERT OR IGNORE INTO given (key, channel, at) VALUES (?, ?, ?)",
                    (one.key, channel.value, now.astimezone(UTC).isoformat()),
                ).rowcount
            ]

    # the command ---------------------------------------------------------------------------------------------

    async def _start(self, reminder: Reminder) -> Started:
        values = _values(reminder, self._clock.zone)
        arguments = [_filled(word, values) for word in self._command[1:]]
        environment = {**os.environ, **{f"PARTAGENDA_{name.upper()}": value for name, value in values.items()}}
        try:
            await _run([self._command[0], *arguments], environment)
        except PartagendaError as error:
            return Started(reminder, error.message)
        return Started(reminder)


def _values(reminder: Reminder, zone: tzinfo) -> dict[str, str]:
    """What a command can be told; also in its environment, as PARTAGENDA_TITLE and so on."""
    return {
        "title": reminder.title,
        "start": _iso(reminder.start, zone),
        "end": _iso(reminder.end, zone),
        "place": reminder.place,
        "calendar": reminder.calendar,
        "text": reminder.text or reminder.words(zone),
    }


def _iso(moment: Moment, zone: tzinfo) -> str:
    if not isinstance(moment, datetime):
        return moment.isoformat()
    aware = moment.astimezone(zone) if moment.tzinfo else moment.replace(tzinfo=zone)
    return aware.isoformat(timespec="seconds")


def _filled(word: str, values: dict[str, str]) -> str:
    """An argument with `{title}` and the like filled in. What an event says never becomes an option of the command."""
    import re

    filled = re.sub(r"\{(\w+)\}", lambda match: values.get(match[1], match[0]), word)
    return f" {filled}" if filled.startswith("-") and not word.startswith("-") else filled


async def _run(command: Sequence[str], environment: dict[str, str]) -> None:
    """Start a command without a shell and wait for it. Raises PartagendaError with the reason."""
    nothing = asyncio.subprocess.DEVNULL
    name = os.path.basename(command[0])
    try:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=nothing, stdout=nothing, stderr=nothing, env=environment
        )
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise PartagendaError(
            _("The reminder command {name} could not be started: {reason}.").format(name=name, reason=reason)
        ) from error
    try:
        async with asyncio.timeout(TIME_LIMIT):
            code = await process.wait()
    except TimeoutError:
        raise PartagendaError(
            _("The reminder command {name} did not end within {seconds} seconds; it was stopped.").format(
                name=name, seconds=round(TIME_LIMIT)
            )
        ) from None
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if code:
        raise PartagendaError(
            _("The reminder command {name} ended with code {code}.").format(name=name, code=code),
        )


# which are there -------------------------------------------------------------------------------------------------


def _next(every: Iterable[Reminder], now: datetime) -> datetime | None:
    return min((one.due for one in every if now < one.due <= now + LATE), default=None)


def _of_things(things: Sequence[CalendarObject], calendar: str, span: TimeSpan, zone: tzinfo) -> list[Reminder]:
    return [one for thing in things for one in reminders_of(thing, calendar, span, zone)]


def reminders_of(thing: CalendarObject, calendar: str, span: TimeSpan, zone: tzinfo) -> Iterator[Reminder]:
    """Every reminder of the occurrences in a span. All-day ones are counted from midnight in `zone`."""
    from core.ical.recurrence import expand

    for occurrence in expand(thing, span, zone).occurrences:
        if occurrence.event.cancelled:
            continue
        for alarm in occurrence.event.alarms:
            if alarm.action in _SILENT:
                continue
            for due in _times(alarm, occurrence, zone):
                yield _reminder(thing, occurrence, alarm, due, calendar)


def _times(alarm: Alarm, occurrence: Occurrence, zone: tzinfo) -> Iterator[datetime]:
    """When it rings: once, and again as REPEAT and DURATION say; not what was acknowledged (RFC 9074 §6)."""
    if isinstance(alarm.trigger, timedelta):
        first = _instant(occurrence.start, zone) + alarm.trigger
    elif occurrence.recurrence_id is None or occurrence.event.recurrence_id is not None:
        first = alarm.trigger.astimezone(UTC)
    else:  # an absolute time in a series is one time, not one for each instance
        if occurrence.recurrence_id != occurrence.event.start:
            return
        first = alarm.trigger.astimezone(UTC)
    count, pause = _repeats(alarm)
    known = _acknowledged(alarm)
    for number in range(count + 1):
        due = first + number * pause
        if known is None or due > known:
            yield due


def _line(alarm: Alarm, name: str) -> str:
    for text in alarm.extra:
        head, _colon, value = text.partition(":")
        if head.partition(";")[0].upper() == name:
            return value.strip()
    return ""


def _repeats(alarm: Alarm) -> tuple[int, timedelta]:
    count = _line(alarm, "REPEAT")
    if not count.isdecimal() or not count.isascii():
        return 0, timedelta()
    try:
        pause = duration(_line(alarm, "DURATION")).whole
    except BadValue:
        return 0, timedelta()
    return (min(int(count[:3]), _MOST_REPEATS), pause) if pause > timedelta() else (0, timedelta())


def _acknowledged(alarm: Alarm) -> datetime | None:
    try:
        return datetime.strptime(_line(alarm, "ACKNOWLEDGED"), "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None


def _instant(moment: Moment, zone: tzinfo) -> datetime:
    if not isinstance(moment, datetime):
        moment = datetime(moment.year, moment.month, moment.day, tzinfo=zone)
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def _reminder(thing: CalendarObject, at: Occurrence, alarm: Alarm, due: datetime, calendar: str) -> Reminder:
    mark = f"{thing.uid}\0{at.recurrence_id or ''}\0{at.start}\0{due.isoformat()}"
    return Reminder(
        key=blake2s(mark.encode("utf-8", "replace"), digest_size=12).hexdigest(),
        due=due,
        title=one_line(at.event.title),
        start=at.start,
        end=at.end,
        place=one_line(at.event.place),
        calendar=one_line(calendar),
        text=one_line(alarm.description) if alarm.description != at.event.title else "",
    )
