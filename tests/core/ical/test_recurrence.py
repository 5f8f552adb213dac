"""Series inside a span: overrides, exceptions, moved instances, clock changes, bounds; beside an independent answer."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import icalendar
import pytest
import recurring_ical_events

from core.calendar.event import CalendarObject, Moment, Occurrence
from core.calendar.span import TimeSpan
from core.ical.decode import decode
from core.ical.recurrence import Expansion, expand
from tests.soak import chance, scaled, soak

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
TRIALS = scaled(400, 5_000)


def calendar(*events: str) -> bytes:
    body = "".join(
        f"BEGIN:VEVENT\nUID:series@example.org\nDTSTAMP:20260101T000000Z\n{event}\nEND:VEVENT\n" for event in events
    )
    return f"BEGIN:VCALENDAR\nVERSION:2.0\n{body}END:VCALENDAR\n".encode()


def thing(*events: str) -> CalendarObject:
    (found,) = decode(calendar(*events), now=NOW).objects
    return found


def span(first: str, last: str, zone: tzinfo = PARIS) -> TimeSpan:
    return TimeSpan(*(datetime.fromisoformat(text).replace(tzinfo=zone) for text in (first, last)))


def seen(*events: str, first: str = "2026-01-01", last: str = "2027-01-01") -> Expansion:
    return expand(thing(*events), span(first, last), PARIS)


def starts(*events: str, first: str = "2026-01-01", last: str = "2027-01-01") -> list[str]:
    return [text(item.start) for item in seen(*events, first=first, last=last).occurrences]


def text(moment: Moment) -> str:
    return f"{moment:%m-%d %H:%M}" if isinstance(moment, datetime) else f"{moment:%m-%d}"


MONDAYS = (
    "DTSTART;TZID=Europe/Paris:20260105T090000\nDTEND;TZID=Europe/Paris:20260105T100000\nRRULE:FREQ=WEEKLY;COUNT=4"
)


def test_a_series_gives_its_instances() -> None:
    assert starts(MONDAYS) == ["01-05 09:00", "01-12 09:00", "01-19 09:00", "01-26 09:00"]


def test_an_instance_that_began_before_the_span_and_is_still_on_is_in_it() -> None:
    assert starts(MONDAYS, first="2026-01-12T09:30", last="2026-01-12T12:00") == ["01-12 09:00"]


def test_an_instance_that_ends_when_the_span_begins_is_not_in_it() -> None:
    assert starts(MONDAYS, first="2026-01-12T10:00", last="2026-01-13") == []


def test_an_exception_takes_its_instance_away_even_when_it_is_written_in_another_zone() -> None:
    assert starts(MONDAYS + "\nEXDATE:20260112T080000Z") == ["01-05 09:00", "01-19 09:00", "01-26 09:00"]


def test_an_exception_that_is_a_date_takes_away_what_starts_on_that_day() -> None:
    assert starts(MONDAYS + "\nEXDATE;VALUE=DATE:20260105") == ["01-12 09:00", "01-19 09:00", "01-26 09:00"]


def test_a_further_date_is_an_instance_in_the_zone_of_the_series() -> None:
    assert starts(MONDAYS + "\nRDATE:20260107T080000Z") == [
        "01-05 09:00", "01-07 09:00", "01-12 09:00", "01-19 09:00", "01-26 09:00",
    ]  # fmt: skip


def test_a_period_gives_its_instance_its_own_length() -> None:
    found = seen("DTSTART:20260105T090000Z\nDTEND:20260105T100000Z\nRDATE;VALUE=PERIOD:20260106T090000Z/PT3H")
    assert [item.end - item.start for item in found.occurrences] == [timedelta(hours=1), timedelta(hours=3)]  # type: ignore[operator]


MOVED = "RECURRENCE-ID;TZID=Europe/Paris:20260112T090000\nDTSTART;TZID=Europe/Paris:20260302T150000\nDURATION:PT1H"


def test_an_instance_moved_out_of_the_span_is_not_shown_where_it_was() -> None:
    assert starts(MONDAYS, MOVED, last="2026-02-01") == ["01-05 09:00", "01-19 09:00", "01-26 09:00"]


def test_an_instance_moved_into_the_span_is_shown_there() -> None:
    assert starts(MONDAYS, MOVED, first="2026-03-01", last="2026-04-01") == ["03-02 15:00"]


def test_an_instance_knows_when_it_originally_was() -> None:
    (item,) = seen(MONDAYS, MOVED, first="2026-03-01", last="2026-04-01").occurrences
    assert item.recurrence_id == datetime(2026, 1, 12, 9, tzinfo=PARIS)


def test_an_override_of_an_instance_that_was_taken_away_is_not_shown() -> None:
    assert "03-02 15:00" not in starts(MONDAYS + "\nEXDATE;TZID=Europe/Paris:20260112T090000", MOVED)


def test_a_cancelled_instance_is_there_and_says_so() -> None:
    found = seen(MONDAYS, "RECURRENCE-ID:20260112T080000Z\nDTSTART:20260112T080000Z\nSTATUS:CANCELLED")
    assert [item.event.cancelled for item in found.occurrences] == [False, True, False, False]


FUTURE = (
    "RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Paris:20260112T090000\n"
    "DTSTART;TZID=Europe/Paris:20260113T110000\nDTEND;TZID=Europe/Paris:20260113T130000\nSUMMARY:Later"
)


def test_this_and_future_moves_every_later_instance() -> None:
    assert starts(MONDAYS, FUTURE) == ["01-05 09:00", "01-13 11:00", "01-20 11:00", "01-27 11:00"]


def test_this_and_future_gives_later_instances_its_own_words_and_length() -> None:
    last = seen(MONDAYS, FUTURE).occurrences[-1]
    assert (last.event.title, text(last.end)) == ("Later", "01-27 13:00")


def test_a_single_change_wins_over_this_and_future() -> None:
    single = "RECURRENCE-ID;TZID=Europe/Paris:20260119T090000\nDTSTART;TZID=Europe/Paris:20260119T080000\nDURATION:PT1H"
    assert starts(MONDAYS, FUTURE, single)[2] == "01-19 08:00"


def test_this_and_future_can_move_instances_into_a_span_that_the_rule_does_not_reach() -> None:
    far = FUTURE.replace("20260113", "20260713")
    assert starts(MONDAYS, far, first="2026-07-01", last="2026-08-01") == ["07-13 11:00", "07-20 11:00", "07-27 11:00"]


def test_overrides_without_their_master_are_shown() -> None:
    assert starts(MOVED) == ["03-02 15:00"]


def test_a_time_that_the_clock_leaves_out_is_read_with_the_offset_before_it() -> None:
    night = "DTSTART;TZID=Europe/Paris:20260328T023000\nDURATION:PT30M\nRRULE:FREQ=DAILY;COUNT=3"
    assert starts(night) == ["03-28 02:30", "03-29 03:30", "03-30 02:30"]


def test_a_time_that_the_clock_shows_twice_is_the_first_one() -> None:
    night = "DTSTART;TZID=Europe/Paris:20261025T023000\nDURATION:PT30M\nRRULE:FREQ=DAILY;COUNT=1"
    (item,) = seen(night).occurrences
    assert item.start.astimezone(UTC) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # type: ignore[union-attr]


def test_hours_stay_hours_over_a_clock_change() -> None:
    night = (
        "DTSTART;TZID=Europe/Paris:20260327T230000\nDTEND;TZID=Europe/Paris:20260328T050000\nRRULE:FREQ=DAILY;COUNT=2"
    )
    assert text(seen(night).occurrences[1].end) == "03-29 06:00"


def test_days_stay_days_over_a_clock_change() -> None:
    night = (
        "DTSTART;TZID=Europe/Paris:20260328T000000\nDTEND;TZID=Europe/Paris:20260329T000000\nRRULE:FREQ=DAILY;COUNT=2"
    )
    assert text(seen(night).occurrences[1].end) == "03-30 00:00"


def test_an_all_day_event_is_taken_in_the_viewers_zone() -> None:
    day = thing("DTSTART;VALUE=DATE:20260501")
    tokyo = span("2026-05-01", "2026-05-02", ZoneInfo("Asia/Tokyo"))
    early = TimeSpan(tokyo.start, tokyo.start + timedelta(minutes=1))
    assert [bool(expand(day, early, zone).occurrences) for zone in (ZoneInfo("Asia/Tokyo"), PARIS)] == [True, False]


def test_a_floating_event_is_at_the_same_clock_everywhere() -> None:
    found = expand(thing("DTSTART:20260501T090000\nDURATION:PT1H"), span("2026-05-01T08:59", "2026-05-01T09:01"), PARIS)
    assert found.occurrences[0].start == datetime(2026, 5, 1, 9)


def test_an_instance_of_a_private_series_is_private() -> None:
    found = seen(MONDAYS + "\nCLASS:PRIVATE", MOVED)
    assert [item.private for item in found.occurrences] == [True] * 4


def test_an_instance_may_say_that_it_is_public() -> None:
    found = seen(MONDAYS + "\nCLASS:PRIVATE", MOVED + "\nCLASS:PUBLIC")
    assert [item.private for item in found.occurrences] == [True, True, True, False]


def test_a_private_instance_of_a_public_series_hides_itself_alone() -> None:
    found = seen(MONDAYS, MOVED + "\nCLASS:CONFIDENTIAL")
    assert [item.private for item in found.occurrences] == [False, False, False, True]


def test_what_follows_a_private_change_of_all_future_instances_is_private() -> None:
    found = seen(MONDAYS, FUTURE + "\nCLASS:PRIVATE")
    assert [item.private for item in found.occurrences] == [False, True, True, True]


def test_an_instance_that_says_nothing_stays_private_although_the_private_series_was_opened_before_it() -> None:
    found = seen(MONDAYS + "\nCLASS:PRIVATE", FUTURE + "\nCLASS:PUBLIC", MOVED.replace("20260112", "20260126"))
    assert [item.private for item in found.occurrences] == [True, False, False, True]


AGAIN = FUTURE.replace(":20260112", ":20260126").replace(":20260113", ":20260127")


def test_a_second_change_of_all_future_instances_stays_private_after_a_private_one() -> None:
    found = seen(MONDAYS, FUTURE + "\nCLASS:PRIVATE", AGAIN)
    assert [item.private for item in found.occurrences] == [False, True, True, True]


def test_a_series_that_repeats_too_often_shows_its_first_instance_and_says_so() -> None:
    found = seen("DTSTART:20260105T090000Z\nRRULE:FREQ=SECONDLY")
    assert (len(found.occurrences), len(found.problems)) == (1, 1)


def test_a_rule_that_cannot_be_read_shows_its_first_instance() -> None:
    assert starts("DTSTART:20260105T090000Z\nRRULE:FREQ=DAILY;INTERVAL=0") == ["01-05 09:00"]


def test_no_more_occurrences_than_the_limit() -> None:
    found = expand(
        thing("DTSTART:20260105T090000Z\nRRULE:FREQ=HOURLY"), span("2026-01-05", "2026-02-05"), PARIS, limit=50
    )
    assert (len(found.occurrences), len(found.problems)) == (50, 1)


ODD = [
    "DTSTART:00010101T000000Z\nRRULE:FREQ=MINUTELY",
    "DTSTART;TZID=Asia/Tokyo:00010101T000000\nRRULE:FREQ=YEARLY",
    "DTSTART:99991231T235959Z\nRRULE:FREQ=DAILY",
    "DTSTART;VALUE=DATE:99991231\nRRULE:FREQ=DAILY",
    "DTSTART;TZID=America/New_York:99991231T235959\nDURATION:P900W\nRRULE:FREQ=DAILY",
    "DTSTART:20260105T090000Z\nRRULE:FREQ=SECONDLY;COUNT=999999999",
    "DTSTART:20260105T090000Z\nRRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
    "DTSTART:19700101T000000Z\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31;COUNT=3",
    "DTSTART:20260105T090000Z\nDTEND:99991231T000000Z\nRRULE:FREQ=SECONDLY",
    "DTSTART;VALUE=DATE:20260105\nDTEND;VALUE=DATE:90260105\nRRULE:FREQ=DAILY",
    "DTSTART:20260105T090000Z\nRRULE:FREQ=MONTHLY;BYDAY=5MO,5TU;BYMONTH=2;BYMONTHDAY=1",
    "DTSTART:20260105T090000Z\nRRULE:FREQ=DAILY;BYHOUR=" + ",".join(map(str, range(24))),
    "DTSTART:20260105T090000Z\nRRULE:FREQ=YEARLY;BYSETPOS=366;BYDAY=MO",
    "DTSTART:20260105T090000Z\nRRULE:FREQ=HOURLY;INTERVAL=999999999",
    "DTSTART:20260105T090000Z\nRDATE:" + ",".join(["20260105T090000Z"] * 20_000),
    "DTSTART:20260105T090000Z\nRRULE:FREQ=DAILY\nEXDATE:" + ",".join(["20260105T090000Z"] * 20_000),
    "DTSTART:20260105T090000Z\nRRULE:FREQ=WEEKLY;INTERVAL=0",
    "DTSTART:20260105T090000Z\nRRULE:FREQ=YEARLY;BYYEARDAY=366;BYMONTH=1",
    "DTSTART;VALUE=DATE:00010101\nRRULE:FREQ=SECONDLY",
    "DTSTART:16010101T000000Z\nRRULE:FREQ=MINUTELY;BYSECOND=" + ",".join(map(str, range(60))),
    "DTSTART:20260105T090000Z\nRRULE:FREQ=DAILY;UNTIL=00010101T000000Z",
    "DTSTART:20260105T090000Z\nRRULE:FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO;BYMONTH=7",
    "DTSTART:20260105T090000Z\nRRULE:FREQ=SECONDLY;INTERVAL=1;BYSETPOS=1;BYSECOND=0",
]


@pytest.mark.parametrize("bomb", ODD)
@pytest.mark.parametrize("years", [("2026-01-01", "2027-01-01"), ("0002-01-01", "9998-12-31")])
def test_no_bomb_gives_more_than_the_limit(bomb: str, years: tuple[str, str]) -> None:
    assert len(expand(thing(bomb), span(*years, zone=UTC), PARIS).occurrences) <= 10_000


def test_one_bad_series_takes_no_other_with_it() -> None:
    data = calendar("DTSTART:20260105T090000Z\nRRULE:FREQ=SECONDLY").replace(b"END:VCALENDAR\n", b"")
    data += b"BEGIN:VEVENT\nUID:other@example.org\nDTSTART:20260106T090000Z\nEND:VEVENT\nEND:VCALENDAR\n"
    found = [expand(each, span("2026-01-06", "2026-01-07"), PARIS) for each in decode(data, now=NOW).objects]
    assert found[1].occurrences[0].event.uid == "other@example.org"


def outlook_series(chance: random.Random) -> str:
    """A series as Outlook's dialog makes them, in a zone, in UTC, floating or all-day, with exceptions."""
    start = datetime(2026, chance.randint(1, 6), chance.randint(1, 28), chance.randint(0, 23), chance.choice([0, 30]))
    weekday = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"][start.weekday()]
    rule = chance.choice([
        f"FREQ=DAILY;INTERVAL={chance.randint(1, 5)}",
        f"FREQ=WEEKLY;INTERVAL={chance.randint(1, 3)};BYDAY={weekday}",
        f"FREQ=MONTHLY;BYMONTHDAY={start.day}",
        f"FREQ=MONTHLY;BYDAY={(start.day - 1) // 7 + 1}{weekday}" if start.day < 29 else "FREQ=MONTHLY",
        f"FREQ=YEARLY;BYMONTH={start.month};BYMONTHDAY={start.day}",
    ])  # fmt: skip
    rule += chance.choice(["", f";COUNT={chance.randint(1, 20)}"])
    shape = chance.choice([";TZID=Europe/Paris:{}", ";TZID=America/New_York:{}", ":{}Z", "date"])
    gone = start + timedelta(days=7 * chance.randint(1, 5))
    if shape == "date":
        times = f"DTSTART;VALUE=DATE:{start:%Y%m%d}\nEXDATE;VALUE=DATE:{gone:%Y%m%d}"
    else:
        at = [shape.format(f"{moment:%Y%m%dT%H%M%S}") for moment in (start, gone)]
        times = f"DTSTART{at[0]}\nDURATION:PT{chance.randint(1, 30)}H\nEXDATE{at[1]}"
    return f"{times}\nRRULE:{rule}"


def _key(occurrence: Occurrence) -> datetime | date:
    return occurrence.start.astimezone(UTC) if isinstance(occurrence.start, datetime) else occurrence.start


@pytest.mark.slow
@soak("recurrence: series against recurring-ical-events", TRIALS)
def test_hundreds_of_outlook_series_give_what_recurring_ical_events_gives() -> None:
    draw = chance(7)
    first, last = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
    for _trial in range(TRIALS):
        series = outlook_series(draw)
        ours = [_key(item) for item in expand(thing(series), TimeSpan(first, last), UTC).occurrences]
        query = recurring_ical_events.of(icalendar.Calendar.from_ical(calendar(series)))
        theirs = [event["DTSTART"].dt for event in query.between(first, last)]
        assert ours == sorted(each.astimezone(UTC) if isinstance(each, datetime) else each for each in theirs), series
