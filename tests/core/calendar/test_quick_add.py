"""One typed line as an event, in two languages."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.calendar.event import BusyStatus, Sensitivity
from core.calendar.quick_add import QuickEvent, read_quick
from core.errors import UsageError
from core.language import use_language

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 22, 10, 5, tzinfo=PARIS)
"""A Sunday."""


def at(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=PARIS)


def read(line: str) -> QuickEvent:
    return read_quick(line, NOW)


@pytest.mark.parametrize(
    ("line", "title", "start", "end"),
    [
        (
            "lunch with Bruno tomorrow 12:30-13:30 @ canteen !private",
            "lunch with Bruno",
            at(23, 12, 30),
            at(23, 13, 30),
        ),
        ("déjeuner demain 12h30", "déjeuner", at(23, 12, 30), at(23, 13)),
        ("dentist fri 9 for 45m", "dentist", at(27, 9), at(27, 9, 45)),
        ("standup every weekday 9:15-9:30", "standup", at(23, 9, 15), at(23, 9, 30)),
        ("call 14h-15h30 !tentative", "call", at(22, 14), at(22, 15, 30)),
        ("réunion lundi prochain à 14 h salle Curie", "réunion", at(23, 14), at(23, 14, 30)),
        ("review monday 9-10am", "review", at(23, 9), at(23, 10)),
        ("lunch 11-1pm tomorrow", "lunch", at(23, 11), at(23, 13)),
        ("meeting noon-2 tomorrow", "meeting", at(23, 12), at(23, 14)),
        ("work 9-5 tomorrow", "work", at(23, 9), at(23, 17)),
        ("party saturday 10pm-2am", "party", at(28, 22), at(29, 2)),
        ("quart de nuit 22h-6h demain", "quart de nuit", at(23, 22), at(24, 6)),
        ("team lunch 2026-12-03 12:00", "team lunch", at(3, 12, 0, 12), at(3, 12, 30, 12)),
        ("dinner tonight 8", "dinner", at(22, 20), at(22, 20, 30)),
        ("dîner demain soir 8h", "dîner", at(23, 20), at(23, 20, 30)),
        ("run tomorrow morning 7", "run", at(23, 7), at(23, 7, 30)),
        ("call at noon", "call", at(22, 12), at(22, 12, 30)),
        ("call 9:00", "call", at(23, 9), at(23, 9, 30)),
        ("RDV dentiste le 15 à 9h30", "RDV dentiste", at(15, 9, 30, 12), at(15, 10, 0, 12)),
        ("the 15th dentist 9:30", "dentist", at(15, 9, 30, 12), at(15, 10, 0, 12)),
        ("appel dans 3 jours 16h", "appel", at(25, 16), at(25, 16, 30)),
        ("in 2 weeks review 10:00", "review", at(6, 10, 0, 12), at(6, 10, 30, 12)),
        ("meeting from 9 to 10:30 tomorrow", "meeting", at(23, 9), at(23, 10, 30)),
        ("réunion de 14h à 15h30 mardi", "réunion", at(24, 14), at(24, 15, 30)),
        ("call 45 min tomorrow 11:00", "call", at(23, 11), at(23, 11, 45)),
        ("conseil demain 9h pendant 1h30", "conseil", at(23, 9), at(23, 10, 30)),
        ("lundi en huit dentiste 9h", "dentiste", at(30, 9), at(30, 9, 30)),
        ("hackathon 24.12.-26.12. 9:00-17:00", "hackathon", at(24, 9, 0, 12), at(26, 17, 0, 12)),
        ("rendez-vous 24/12/2026 8h15", "rendez-vous", at(24, 8, 15, 12), at(24, 8, 45, 12)),
        ("1:1 with Alice tomorrow 11:00", "1:1 with Alice", at(23, 11), at(23, 11, 30)),
        ("budget 2027 review fri 10", "budget 2027 review", at(27, 10), at(27, 10, 30)),
        ("look at report tomorrow 10:00", "look at report", at(23, 10), at(23, 10, 30)),
        ("the 15 people meeting tomorrow 9:00", "the 15 people meeting", at(23, 9), at(23, 9, 30)),
        ('"Monday report" tomorrow 9:00', "Monday report", at(23, 9), at(23, 9, 30)),
        ("« rapport du lundi » demain 9h", "rapport du lundi", at(23, 9), at(23, 9, 30)),
        ("café mar 9h", "café", at(24, 9), at(24, 9, 30)),
    ],
)
def test_a_line_gives_its_title_and_its_times(line: str, title: str, start: datetime, end: datetime) -> None:
    found = read(line)
    assert (found.title, found.start, found.end) == (title, start, end)


@pytest.mark.parametrize(
    ("line", "title", "first", "after"),
    [
        ("holiday 24.12.-31.12. all day", "holiday", date(2026, 12, 24), date(2027, 1, 1)),
        ("vacances du 24 au 31 décembre", "vacances", date(2026, 12, 24), date(2027, 1, 1)),
        ("conference 3-5 dec", "conference", date(2026, 12, 3), date(2026, 12, 6)),
        ("conference dec 3-5", "conference", date(2026, 12, 3), date(2026, 12, 6)),
        ("offsite mon-wed", "offsite", date(2026, 11, 23), date(2026, 11, 26)),
        ("kickoff 2027-01-04 to 2027-01-06", "kickoff", date(2027, 1, 4), date(2027, 1, 7)),
        ("après-demain jardin toute la journée", "jardin", date(2026, 11, 24), date(2026, 11, 25)),
        ("trip dec 24 for 3 days", "trip", date(2026, 12, 24), date(2026, 12, 27)),
        ("24/12 xmas", "xmas", date(2026, 12, 24), date(2026, 12, 25)),
        ("pay 100 euros tomorrow", "pay 100 euros", date(2026, 11, 23), date(2026, 11, 24)),
    ],
)
def test_a_line_without_a_time_is_all_day(line: str, title: str, first: date, after: date) -> None:
    found = read(line)
    assert (found.title, found.start, found.end) == (title, first, after)


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("standup every weekday 9:15", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
        ("gym every mon and thu 18:00 until 24.12.", "FREQ=WEEKLY;BYDAY=MO,TH;UNTIL=20261224T170000Z"),
        ("sync every 2 weeks tuesday 10:00", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU"),
        ("X every other friday 16:00", "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR"),
        ("yoga tous les lundis 19h", "FREQ=WEEKLY;BYDAY=MO"),
        ("yoga tous les jours ouvrés 8h 10 fois", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;COUNT=10"),
        ("sprint weekly fri 15:00", "FREQ=WEEKLY;BYDAY=FR"),
        ("chaque mois loyer le 5", "FREQ=MONTHLY;BYMONTHDAY=5"),
        ("birthday Clara 12 May every year", "FREQ=YEARLY;BYMONTH=5;BYMONTHDAY=12"),
        ("pills daily 8:00", "FREQ=DAILY"),
    ],
)
def test_a_line_can_repeat(line: str, rule: str) -> None:
    assert read(line).rule == rule


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("lunch tomorrow 12:30 @ canteen !private", "canteen"),
        ("lunch @canteen tomorrow 12:30", "canteen"),
        ("party saturday 22h @ Clara's place", "Clara's place"),
        ("réunion lundi à 14 h salle Curie", "salle Curie"),
        ("piscine mercredi 14h-15h chez Clara", "chez Clara"),
        ("meeting 10:00 Monday in Paris", "Paris"),
        ("meeting @ 9:00 tomorrow @ HQ", "HQ"),
        ("call with bruno@example.org tomorrow 15:00", ""),
        ("dîner demain 20h avec Bruno", ""),
    ],
)
def test_a_line_can_name_a_place(line: str, place: str) -> None:
    assert read(line).place == place


@pytest.mark.parametrize(
    ("line", "people"),
    [
        ("lunch with Bruno tomorrow 12:30", ("Bruno",)),
        ("déjeuner avec Clara et Bruno demain 12h", ("Clara", "Bruno")),
        ("call with Alice Martin, Bruno and Clara tomorrow 9:00", ("Alice Martin", "Bruno", "Clara")),
        ("coffee with milk tomorrow 8:00", ()),
    ],
)
def test_people_are_the_names_after_with(line: str, people: tuple[str, ...]) -> None:
    assert read(line).people == people


def test_an_address_in_the_line_is_known_as_one() -> None:
    assert read("call with bruno@example.org tomorrow 15:00").addresses == ("bruno@example.org",)


@pytest.mark.parametrize(
    ("flag", "status"),
    [
        ("!tentative", BusyStatus.TENTATIVE),
        ("!provisoire", BusyStatus.TENTATIVE),
        ("!libre", BusyStatus.FREE),
        ("!busy", BusyStatus.BUSY),
        ("!absent", BusyStatus.OUT_OF_OFFICE),
        ("!elsewhere", BusyStatus.WORKING_ELSEWHERE),
    ],
)
def test_a_mark_gives_the_status(flag: str, status: BusyStatus) -> None:
    assert read(f"X tomorrow 9:00 {flag}").status is status


def test_a_private_line_makes_a_private_event() -> None:
    assert read("docteur demain 9h !privé").event().sensitivity is Sensitivity.PRIVATE


def test_an_all_day_event_is_free_unless_it_says_otherwise() -> None:
    assert (read("holiday tomorrow").event().status, read("trip tomorrow !out").event().status) == (
        BusyStatus.FREE,
        BusyStatus.OUT_OF_OFFICE,
    )


@pytest.mark.parametrize(("language", "month"), [("en", 12), ("fr", 11)])
def test_the_language_decides_what_12_11_is(language: str, month: int) -> None:
    use_language(language)
    found = read("thing 12/11")
    assert (found.start.month, found.title) == (month, "thing")


def test_a_bare_small_hour_is_the_afternoon_in_english_and_says_it_was_guessed() -> None:
    found = read("call mom tomorrow at 5")
    assert (found.start, found.guessed) == (at(23, 17), True)


def test_a_bare_small_hour_is_itself_in_french() -> None:
    use_language("fr")
    assert read("train demain à 5").start == at(23, 5)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("lunch", "When is it?"),
        ("tomorrow 9:00", "What is it?"),
        ("meeting next week", "Which day is “next week”?"),
        ("réunion la semaine prochaine", "Which day is “la semaine prochaine”?"),
        ("meeting tomorrow evening", "At what time?"),
        ("Monday report tomorrow", "Two days are named"),
        ("x !foo tomorrow", "“!foo” is not known."),
        ("thing 25:00 tomorrow", "“25:00” is no time of day."),
        ("x tomorrow 9:00-10:00 for 2h", "an end and a duration"),
        ("x all day tomorrow 9:00", "all day and at a time"),
        ("trip 24.12.-26.12. 9:00", "When does it end on the last day?"),
        ("x tomorrow for 45m", "When does it begin?"),
        ("", "When is it?"),
    ],
)
def test_what_could_mean_two_things_or_nothing_is_asked_about(line: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(line)
    assert said in caught.value.message


def test_the_reading_is_shown_in_words() -> None:
    assert read("gym every mon 18:00-19:00 until 14.12. @ hall !tentative").words == (
        "gym · Monday, November 23, 2026, 6:00 PM – 7:00 PM · every week on Monday, until Dec 14, 2026"
        " · hall · Tentative"
    )


def test_a_meeting_over_the_clock_change_keeps_its_length() -> None:
    found = read_quick("watch 25.10. 1:30 am for 4h", datetime(2026, 10, 1, 9, tzinfo=PARIS))
    assert isinstance(found.end, datetime) and (found.end.hour, found.end.utcoffset()) == (4, at(1, 1).utcoffset())


WORDS = (
    *("lunch", "9", "9-10", "tomorrow", "fri", "every", "for", "45m", "@", "!", "!private", "24.12.", "-", "to"),
    *("until", "the", "3", "h", "pm", "12:30", "à", "demain", "le", "5", "with", "Bruno", "mon-wed", "14h", "10 times"),
)


@given(st.text(max_size=60) | st.lists(st.sampled_from(WORDS), max_size=9).map(" ".join))
def test_no_line_brings_the_reading_down(line: str) -> None:
    try:
        found = read(line)
    except UsageError:
        return
    assert found.title and found.start < found.end  # type: ignore[operator]


POINTED = (datetime(2026, 12, 3, 10, 30, tzinfo=NOW.tzinfo), datetime(2026, 12, 3, 11, 0, tzinfo=NOW.tzinfo))


def test_a_line_without_a_time_is_meant_for_the_time_that_is_pointed_at():
    found = read_quick("think", NOW, POINTED)
    assert (found.start, found.end) == POINTED


def test_a_length_alone_begins_at_the_time_that_is_pointed_at():
    found = read_quick("think for 2h", NOW, POINTED)
    assert (found.start, found.end - found.start) == (POINTED[0], timedelta(hours=2))


def test_a_time_alone_is_meant_for_the_day_that_is_pointed_at():
    assert read_quick("think 9:00", NOW, POINTED).start == datetime(2026, 12, 3, 9, tzinfo=NOW.tzinfo)


def test_a_day_that_is_typed_counts_more_than_the_one_that_is_pointed_at():
    assert read_quick("think 24.12. 9:00", NOW, POINTED).start == datetime(2026, 12, 24, 9, tzinfo=NOW.tzinfo)


def test_a_day_that_is_pointed_at_stays_a_whole_day():
    day = (date(2026, 12, 3), date(2026, 12, 4))
    found = read_quick("fair", NOW, day)
    assert (found.start, found.end) == day
