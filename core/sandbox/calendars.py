"""A working year that one can believe, around today, the same for the same day and seed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from hashlib import blake2s
from zoneinfo import ZoneInfo

from core.calendar.event import (
    Attendee,
    BusyStatus,
    CalendarObject,
    Event,
    EventState,
    Response,
    Role,
    Sensitivity,
)
from core.sandbox import words
from core.sandbox.people import ALICE, BRUNO, CLARA, Person
from core.sandbox.words import Pair, say
from core.values import dataclass

_LISBON = ZoneInfo("Europe/Lisbon")
_NEW_YORK = ZoneInfo("America/New_York")


@dataclass(frozen=True, slots=True)
class SampleCalendar:
    """One calendar of one person. `folder` names it on disk."""

    folder: str
    name: str
    colour: str
    objects: tuple[CalendarObject, ...]


def calendars_of(person: Person, today: date, language: str = "en", seed: int = 1) -> tuple[SampleCalendar, ...]:
    """The person's calendars; everything lies within half a year of `today`, series go on."""
    year = _Year(person, today, language, seed)
    work = SampleCalendar("calendar", say(words.CALENDAR, language), "#2f6fd0", tuple(year.work()))
    if person is not ALICE:
        return (work,)
    return work, SampleCalendar("family", say(words.FAMILY, language), "#2f9e63", tuple(year.family()))


def office_of(person: Person, today: date, language: str = "en") -> SampleCalendar:
    """What the person has on the server of their organisation beside `calendars_of`: nothing is in both."""
    year = _Year(person, today, language, seed=2)
    return SampleCalendar("office", say(words.CALENDAR, language), "#2f6fd0", tuple(year.office()))


def private_titles(language: str = "en") -> tuple[str, ...]:
    """The titles of private items, to be looked for where they must not be."""
    return tuple(say(pair, language) for pair in words.PRIVATE)


class _Year:
    """Makes the events of one person. `_day` places things relative to today, so that each week has something."""

    def __init__(self, person: Person, today: date, language: str, seed: int) -> None:
        self._person = person
        self._today = today
        self._language = language
        self._zone = ZoneInfo(person.zone)
        self._seed = seed
        self._random = random.Random(f"{seed}-{person.key}-{today.isoformat()}")  # noqa: S311 - sample data
        self._first = today - timedelta(days=182)
        self._count = 0
        self._stamp = datetime.combine(today - timedelta(days=30), time(9), UTC)

    # --- what there is -----------------------------------------------------------------------------------------------

    def work(self) -> Iterator[CalendarObject]:
        """Series, single meetings, absences, and the private things that one has in a work calendar."""
        yield from self._series()
        yield from self._private()
        yield from self._single_meetings()
        yield from self._this_week()
        if self._person is not CLARA:
            yield from self._holidays()
            yield from self._trip(self._monday() + timedelta(days=15))
        yield from self._vacation()

    def family(self) -> Iterator[CalendarObject]:
        """Alice's other calendar."""
        yield self._one(words.CHOIR, self._at(self._weekday(0), 19, 30), 120, rrule="FREQ=WEEKLY;BYDAY=MO")
        yield self._one(words.CONCERT, self._at(self._today + timedelta(days=5), 20, 0), 150)
        yield self._one(words.SCHOOL, self._at(self._today + timedelta(days=12), 18, 0), 60)
        yield self._days(words.BIRTHDAY, self._today + timedelta(days=3), 1, BusyStatus.FREE, rrule="FREQ=YEARLY")

    def office(self) -> Iterator[CalendarObject]:
        """Meetings of the organisation: single ones, series with a moved and a left out instance, a private one."""
        yield from self._single_meetings()
        yield self._training()
        council, place, minutes = words.MEETINGS[-1]
        month = self._at(_second(self._first.replace(day=1), 1), 9, 30)
        yield self._one(council, month, minutes, place=place, rrule="FREQ=MONTHLY;BYDAY=2TU", people=(ALICE, BRUNO))
        hidden = self._at(self._working_day(2), 17, 30)
        yield self._one(words.PRIVATE[2], hidden, 30, sensitivity=Sensitivity.PRIVATE)

    def _training(self) -> CalendarObject:
        """Each Thursday; this week's is an hour later, the one after it left out."""
        title, place, _minutes = words.MEETINGS[0]
        rule = "FREQ=WEEKLY;BYDAY=TH"
        master = self._event(title, self._at(self._weekday(3), 16, 0), 60, place=place, rrule=rule, people=(CLARA,))
        day = next(day for day in self._days_from(self._today) if day.weekday() == 3)
        later = self._override(master, day, title, self._at(day, 17, 0), 60)
        return CalendarObject(master.uid, (replace(master, exdates=(self._at(day + timedelta(days=7), 16, 0),)), later))

    def _series(self) -> Iterator[CalendarObject]:
        yield self._stand_up()
        yield self._review()
        call = datetime.combine(self._weekday(3), time(10), _NEW_YORK)
        yield self._one(words.NEW_YORK, call, 45, rrule="FREQ=WEEKLY;BYDAY=TH", people=(CLARA,))
        start = self._at(self._weekday(4), 11, 0)
        yield self._one(words.ONE_TO_ONE, start, 30, rrule="FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", people=(BRUNO,))
        month = self._first.replace(day=1)
        yield self._one(words.CLOSING, self._at(_last_friday(month), 16, 0), 60, rrule="FREQ=MONTHLY;BYDAY=-1FR")
        yield self._one(words.BOARD, self._at(_second(month, 0), 14, 0), 120, rrule="FREQ=MONTHLY;BYDAY=2MO")
        home = self._at(self._weekday(4), 8, 0)
        where = BusyStatus.WORKING_ELSEWHERE
        yield self._one(words.FROM_HOME, home, 9 * 60, status=where, rrule="FREQ=WEEKLY;BYDAY=FR")

    def _stand_up(self) -> CalendarObject:
        """Each working day; left out on holidays, once moved, once private."""
        master = self._event(
            words.STAND_UP, self._at(self._weekday(0), 9, 15), 15, rrule="FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"
        )
        away = [self._at(day, 9, 15) for day in self._public_holidays() if day.weekday() < 5 and day > self._first]
        moved, hidden = self._working_day(1), self._working_day(2)
        later = self._override(master, moved, words.STAND_UP_MOVED, self._at(moved, 10, 0), 15)
        private = self._override(master, hidden, words.PRIVATE[2], self._at(hidden, 9, 15), 45)
        private = replace(private, sensitivity=Sensitivity.PRIVATE)
        exdates = tuple(day for day in away if day.date() not in (moved, hidden))
        return CalendarObject(master.uid, (replace(master, exdates=exdates), later, private))

    def _review(self) -> CalendarObject:
        """Every Tuesday; this week's is a day later and shorter."""
        tuesday = self._weekday(1)
        master = self._event(
            words.REVIEW,
            self._at(tuesday, 14, 0),
            60,
            place=("Room 3.12", "Salle 3.12"),
            notes=words.NOTES[1],
            rrule="FREQ=WEEKLY;BYDAY=TU",
            people=(BRUNO, CLARA),
        )
        instance = next(day for day in self._days_from(self._today) if day.weekday() == 1)
        override = self._override(
            master, instance, words.REVIEW_SHORT, self._at(instance + timedelta(days=1), 15, 0), 30
        )
        return CalendarObject(master.uid, (master, override))

    def _private(self) -> Iterator[CalendarObject]:
        hidden = Sensitivity.PRIVATE
        first = self._at(self._working_day(0), 12, 30)
        yield self._one(words.PRIVATE[0], first, 45, sensitivity=hidden, status=BusyStatus.OUT_OF_OFFICE)
        weekly = self._at(self._weekday(2), 17, 0)
        yield self._one(words.PRIVATE[1], weekly, 45, sensitivity=hidden, rrule="FREQ=WEEKLY;BYDAY=WE")
        bank = self._at(self._working_day(3), 16, 30)
        yield self._one(words.PRIVATE[3], bank, 30, sensitivity=Sensitivity.CONFIDENTIAL)

    def _this_week(self) -> Iterator[CalendarObject]:
        """One of each busy status in the next seven days, and a cancelled one."""
        yield self._one(words.LUNCH, self._at(self._working_day(1), 12, 30), 60, status=BusyStatus.TENTATIVE)
        yield self._one(words.AUTHORITY, self._at(self._working_day(2), 11, 0), 60, status=BusyStatus.OUT_OF_OFFICE)
        yield self._one(words.WRITING, self._at(self._working_day(3), 8, 30), 90, status=BusyStatus.FREE)
        gone = self._event(words.SUPPLIER, self._at(self._working_day(0), 15, 0), 60, people=(BRUNO,))
        yield _object(replace(gone, state=EventState.CANCELLED))
        yield self._days(words.OFFSITE, self._today + timedelta(days=24), 2, BusyStatus.TENTATIVE)
        if self._person is CLARA:
            yield self._one(words.EDITORS, self._at(self._working_day(0), 10, 0), 60)

    def _single_meetings(self) -> Iterator[CalendarObject]:
        slots = (10 * 60 + 30, 11 * 60, 13 * 60 + 30, 15 * 60 + 30, 16 * 60 + 15)
        for day in self._days_from(self._first, 364):
            if day.weekday() >= 5 or day in self._public_holidays():
                continue
            for minute in sorted(self._random.sample(slots, self._random.choice((0, 1, 1, 2)))):
                title, place, minutes = self._random.choice(words.MEETINGS)
                people = tuple(p for p in (ALICE, BRUNO) if p is not self._person and self._random.random() < 0.4)
                start = self._at(day, minute // 60, minute % 60)
                notes = self._random.choice(words.NOTES)
                yield self._one(title, start, minutes, place=place, notes=notes, people=people)

    def _holidays(self) -> Iterator[CalendarObject]:
        for month, day, title in words.HOLIDAYS:
            first = date(self._first.year, month, day)
            yield self._days(title, first, 1, BusyStatus.OUT_OF_OFFICE, rrule="FREQ=YEARLY")

    def _trip(self, first: date) -> Iterator[CalendarObject]:
        """Two flights that end in another zone, and the days between."""
        out, back = self._at(first, 7, 20), datetime.combine(first + timedelta(days=2), time(17, 5), _LISBON)
        away = BusyStatus.OUT_OF_OFFICE
        yield self._one(words.FLIGHT_OUT, out, 155, status=away, ends_in=_LISBON)
        yield self._one(words.FLIGHT_BACK, back, 150, status=away, ends_in=self._zone)
        yield self._days(words.TRIP, first, 3, BusyStatus.WORKING_ELSEWHERE)

    def _vacation(self) -> Iterator[CalendarObject]:
        for weeks, length in ((-11, 5), (8, 12)):
            yield self._days(words.VACATION, self._monday() + timedelta(weeks=weeks), length, BusyStatus.OUT_OF_OFFICE)

    # --- days --------------------------------------------------------------------------------------------------------

    def _monday(self) -> date:
        return self._today - timedelta(days=self._today.weekday())

    def _weekday(self, number: int) -> date:
        """The first such weekday of the year that is shown."""
        return self._first + timedelta(days=(number - self._first.weekday()) % 7)

    def _days_from(self, first: date, count: int = 7) -> Iterator[date]:
        return (first + timedelta(days=n) for n in range(count))

    def _working_day(self, number: int) -> date:
        """The n-th working day from today on; with four of them one stays inside the next seven days."""
        return [day for day in self._days_from(self._today) if day.weekday() < 5][number]

    def _public_holidays(self) -> frozenset[date]:
        years = range(self._first.year, self._first.year + 3)
        return frozenset(date(year, month, day) for year in years for month, day, _title in words.HOLIDAYS)

    def _at(self, day: date, hour: int, minute: int) -> datetime:
        return datetime.combine(day, time(hour, minute), self._zone)

    # --- events ------------------------------------------------------------------------------------------------------

    def _one(
        self,
        title: Pair,
        start: datetime,
        minutes: int,
        *,
        place: Pair = ("", ""),
        notes: Pair = ("", ""),
        status: BusyStatus = BusyStatus.BUSY,
        sensitivity: Sensitivity | None = None,
        rrule: str = "",
        people: tuple[Person, ...] = (),
        ends_in: ZoneInfo | None = None,
    ) -> CalendarObject:
        event = self._event(title, start, minutes, place=place, notes=notes, rrule=rrule, people=people)
        end = (start.astimezone(UTC) + timedelta(minutes=minutes)).astimezone(ends_in or start.tzinfo)
        return _object(replace(event, status=status, sensitivity=sensitivity, end=end))

    def _event(
        self,
        title: Pair,
        start: datetime,
        minutes: int,
        *,
        place: Pair = ("", ""),
        notes: Pair = ("", ""),
        rrule: str = "",
        people: tuple[Person, ...] = (),
    ) -> Event:
        invited = tuple(person for person in people if person is not self._person)
        return Event(
            uid=self._uid(),
            start=start,
            end=start + timedelta(minutes=minutes),
            title=say(title, self._language),
            place=say(place, self._language),
            description=say(notes, self._language),
            organizer=_attendee(self._person, Role.CHAIR, Response.ACCEPTED) if invited else None,
            attendees=tuple(_attendee(person, Role.REQUIRED, Response.ACCEPTED) for person in invited),
            rrule=rrule,
            stamp=self._stamp,
            created=self._stamp,
            modified=self._stamp,
        )

    def _days(self, title: Pair, first: date, count: int, status: BusyStatus, *, rrule: str = "") -> CalendarObject:
        event = Event(
            uid=self._uid(),
            start=first,
            end=first + timedelta(days=count),
            title=say(title, self._language),
            status=status,
            rrule=rrule,
            stamp=self._stamp,
        )
        return _object(event)

    def _override(self, master: Event, day: date, title: Pair, start: datetime, minutes: int) -> Event:
        assert isinstance(master.start, datetime)
        instance = datetime.combine(day, master.start.timetz())
        return replace(
            master,
            title=say(title, self._language),
            start=start,
            end=start + timedelta(minutes=minutes),
            rrule="",
            exdates=(),
            recurrence_id=instance,
        )

    def _uid(self) -> str:
        self._count += 1
        mark = f"{self._person.key}-{self._count}-{self._today.isoformat()}{'' if self._seed == 1 else self._seed}"
        return f"{blake2s(mark.encode(), digest_size=12).hexdigest()}@{self._person.address.rpartition('@')[2]}"


def _object(event: Event) -> CalendarObject:
    return CalendarObject(event.uid, (event,))


def _attendee(person: Person, role: Role, response: Response) -> Attendee:
    return Attendee(person.address, person.name, role, response)


def _last_friday(month: date) -> date:
    last = (month.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return last - timedelta(days=(last.weekday() - 4) % 7)


def _second(month: date, weekday: int) -> date:
    return month + timedelta(days=(weekday - month.weekday()) % 7 + 7)
