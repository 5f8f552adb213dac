"""What the instances of a series have of their own, brought to the server one by one.

Exchange forgets all of it when a series gets another time or rule; it cannot give a cancelled instance back otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from urllib.parse import quote

from core.backends.graph.session import Session
from core.backends.graph.wire import Json
from core.backends.graph.writing import differences, facts_of, rule_facts
from core.calendar.event import CalendarObject, Event, Moment
from core.calendar.span import TimeSpan
from core.errors import NotFound, Refused
from core.ical.moments import to_utc
from core.ical.recurrence import expand, instance_end
from core.language import _
from core.values import dataclass

_MOMENT = timedelta(minutes=1)
_DAY = timedelta(days=1)
_YEAR = timedelta(days=400)


def place_of(moment: Moment) -> date:
    """The day by which Graph names an instance."""
    return moment.date() if isinstance(moment, datetime) else moment


def vet_moves(thing: CalendarObject, zone: tzinfo) -> None:
    """Raise Refused for an instance that was moved to or past another one: Exchange does not hold that."""
    master = thing.master
    if master is None or not master.rrule:
        return
    moved = [
        one
        for one in thing.overrides
        if one.recurrence_id and _day(one.start, master) != _day(one.recurrence_id, master)
    ]
    if not moved:
        return
    where = {_day(one.recurrence_id, master): _day(one.start, master) for one in thing.overrides if one.recurrence_id}
    for one in moved:
        assert one.recurrence_id is not None
        own, wanted = _day(one.recurrence_id, master), _day(one.start, master)
        places = _places_around(thing, master, own, zone)
        before = max((where.get(day, day) for day in places if day < own), default=date.min)
        after = min((where.get(day, day) for day in places if day > own), default=date.max)
        if not before < wanted < after:
            raise Refused(
                _("In Microsoft 365 an instance cannot be moved to the day of another one of its series, or past it."),
                _("Delete this instance and make an event of its own of it."),
            )


def _day(moment: Moment, master: Event) -> date:
    if isinstance(moment, datetime) and isinstance(master.start, datetime) and moment.tzinfo and master.start.tzinfo:
        return moment.astimezone(master.start.tzinfo).date()
    return place_of(moment)


def _places_around(thing: CalendarObject, master: Event, own: date, zone: tzinfo) -> list[date]:
    plain = CalendarObject(thing.uid, (master,))
    middle = datetime.combine(own, datetime.min.time(), UTC)
    found = expand(plain, TimeSpan(middle - _YEAR, middle + _YEAR), zone).occurrences
    return [_day(one.recurrence_id or one.start, master) for one in found]


@dataclass(frozen=True, slots=True)
class SeriesNow:
    """A series as the server has it: our value, and the server's ids of its exceptions by their day."""

    object: CalendarObject
    exceptions: dict[date, str]


class SeriesWriter:
    """Brings the instances of one series to what they should be."""

    def __init__(self, session: Session, event: str, zone: tzinfo) -> None:
        self._session = session
        self._event = event
        self._calendar = event.rpartition("/events/")[0]
        self._zone = zone

    async def bring(self, now: SeriesNow, after: CalendarObject) -> None:
        """Cancel, change and put back instances. Raises as `Session`."""
        master = after.master
        assert master is not None
        gone = {place_of(one) for one in now.object.master.exdates} if now.object.master else set()
        wanted = {place_of(one): one for one in master.exdates}
        if gone - set(wanted):
            await self._begin_anew(master)
            now, gone = SeriesNow(CalendarObject(after.uid, (master,)), {}), set()
        changes = self._changes(now, after, master)
        cancelled = [moment for day, moment in wanted.items() if day not in gone]
        ids = await self._ids(now, [*cancelled, *(moment for moment, _facts in changes)])
        for moment in cancelled:
            if identity := ids.get(place_of(moment)):
                await self._cancel(identity)
        for moment, facts in changes:
            identity = ids.get(place_of(moment))
            if identity is not None:
                await self._session.send("PATCH", f"{self._calendar}/events/{quote(identity, safe='')}", facts)

    async def _cancel(self, identity: str) -> None:
        try:
            await self._session.ask("DELETE", f"{self._calendar}/events/{quote(identity, safe='')}")
        except NotFound:
            return  # it is cancelled already

    async def _begin_anew(self, master: Event) -> None:
        """Another rule and back: the only way to give back an instance that was cancelled."""
        real = rule_facts(master, self._zone)
        span = {**real["recurrence"]["range"], "type": "numbered", "numberOfOccurrences": 1}
        span.pop("endDate", None)
        passing = {"recurrence": {"pattern": {"type": "daily", "interval": 1}, "range": span}}
        await self._session.send("PATCH", self._event, passing)
        await self._session.send("PATCH", self._event, real)

    def _changes(self, now: SeriesNow, after: CalendarObject, master: Event) -> list[tuple[Moment, Json]]:
        """For each instance that is not yet what it should be: its place, and what it gets."""
        known = {place_of(one.recurrence_id): one for one in now.object.overrides if one.recurrence_id is not None}
        found = []
        for one in after.overrides:
            assert one.recurrence_id is not None
            there = known.pop(place_of(one.recurrence_id), None) or _plain(master, one.recurrence_id)
            facts = differences(facts_of(there, self._zone), facts_of(_inherited(one, master), self._zone))
            if facts:
                found.append((one.recurrence_id, facts))
        cancelled = {place_of(one) for one in master.exdates}
        for day, one in known.items():
            if day not in cancelled and one.recurrence_id is not None:
                plain = _plain(master, one.recurrence_id)
                facts = differences(facts_of(one, self._zone), facts_of(plain, self._zone))
                if facts:
                    found.append((one.recurrence_id, facts))
        return found

    async def _ids(self, now: SeriesNow, places: Sequence[Moment]) -> dict[date, str]:
        found = {place_of(one): now.exceptions[place_of(one)] for one in places if place_of(one) in now.exceptions}
        due = [one for one in places if place_of(one) not in found]
        answers = await self._session.batch([self._window(one) for one in due])
        for moment, answer in zip(due, answers, strict=True):
            for data in answer.json.get("value", []):
                if _is_at(data, moment, self._zone):
                    found[place_of(moment)] = str(data["id"])
        return found

    def _window(self, moment: Moment) -> str:
        begin = to_utc(moment, UTC if not isinstance(moment, datetime) else self._zone)
        end = begin + (_MOMENT if isinstance(moment, datetime) else _DAY)
        span = f"startDateTime={begin:%Y-%m-%dT%H:%M:%SZ}&endDateTime={end:%Y-%m-%dT%H:%M:%SZ}"
        return f"{self._event}/instances?{span}&$select=id,start,originalStart&$top=50"


def _is_at(data: Json, moment: Moment, zone: tzinfo) -> bool:
    text = str(data.get("originalStart") or data["start"]["dateTime"])[:19]
    wanted = to_utc(moment, UTC if not isinstance(moment, datetime) else zone)
    return text == f"{wanted:%Y-%m-%dT%H:%M:%S}"


def _plain(master: Event, place: Moment) -> Event:
    """An instance that has nothing of its own."""
    return replace(master, start=place, end=instance_end(master, place), rrule="", exdates=(), recurrence_id=place)


def _inherited(override: Event, master: Event) -> Event:
    """An override that says nothing of privacy has its series'."""
    return override if override.sensitivity is not None else replace(override, sensitivity=master.sensitivity)
