"""Editing a series: what was before stays as it was, what comes after is what was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
import recurring_ical_events
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from core.calendar.event import BusyStatus, CalendarObject, Event, Moment, Occurrence, Sensitivity
from core.calendar.event_change import EventChange
from core.calendar.series import (
    delete_only,
    edit_all,
    edit_only,
    end_before,
    key,
    single_from,
    split,
    with_uid,
)
from core.calendar.span import TimeSpan
from core.errors import Refused, UsageError
from core.ical.decode import decode
from core.ical.encode import encode_object
from core.ical.recurrence import expand
from core.services.edit_series import fits, split_facts

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
SPAN = TimeSpan(datetime(2026, 1, 1, tzinfo=UTC), datetime(2029, 1, 1, tzinfo=UTC))
HOUR = timedelta(hours=1)


def series(
    start: Moment, rule: str, *, length: timedelta = HOUR, overrides: Sequence[Event] = (), **more: object
) -> CalendarObject:
    """A series with something that no program understands in it."""
    values = {"title": "Review", "extra": ("X-FOREIGN;A=b:kept",), **more}
    master = Event("series-1", start, start + length, rrule=rule, **values)  # type: ignore[arg-type]
    return CalendarObject("series-1", (master, *overrides))


def shown(*things: CalendarObject | None) -> list[Occurrence]:
    """All occurrences of the objects, by start."""
    found = [one for thing in things if thing for one in expand(thing, SPAN, PARIS).occurrences]
    return sorted(found, key=lambda one: key(one.start))


def times(*things: CalendarObject | None) -> list[tuple[Moment, Moment]]:
    return [(one.start, one.end) for one in shown(*things)]


def said(occurrence: Occurrence) -> tuple[object, ...]:
    return occurrence.start, occurrence.end, occurrence.event.title, occurrence.event.place


def halves(thing: CalendarObject, at: Occurrence) -> tuple[CalendarObject, CalendarObject]:
    assert thing.master is not None and at.recurrence_id is not None
    return split(thing, at, split_facts(thing.master, at.recurrence_id), "series-2", NOW)


def again(thing: CalendarObject) -> CalendarObject:
    """As it comes back from the disk."""
    (found,) = decode(encode_object(thing, now=NOW), now=NOW).objects
    return found


WEEKLY = series(datetime(2026, 10, 5, 9, tzinfo=PARIS), "FREQ=WEEKLY;COUNT=10")


# only --------------------------------------------------------------------------------------------------------


def test_one_instance_can_be_changed_alone() -> None:
    third = shown(WEEKLY)[2]
    edited = again(edit_only(WEEKLY, third, EventChange(title="Big review", start=third.start + HOUR), NOW))
    was = [said(one) for one in shown(WEEKLY)]
    was[2] = (third.start + HOUR, third.end + HOUR, "Big review", "")
    assert [said(one) for one in shown(edited)] == was


def test_a_changed_instance_keeps_what_nobody_understands() -> None:
    edited = again(edit_only(WEEKLY, shown(WEEKLY)[2], EventChange(title="Other"), NOW))
    kept = [(event.title, "X-FOREIGN;A=b:kept" in event.extra) for event in edited.events]
    assert kept == [("Review", True), ("Other", True)]


def test_an_instance_that_was_changed_can_be_changed_again() -> None:
    first = edit_only(WEEKLY, shown(WEEKLY)[2], EventChange(title="Big"), NOW)
    second = edit_only(first, shown(first)[2], EventChange(place="Room 4"), NOW)
    assert [(e.title, e.place) for e in second.overrides] == [("Big", "Room 4")]


def test_one_instance_has_no_repetition_of_its_own() -> None:
    with pytest.raises(UsageError):
        edit_only(WEEKLY, shown(WEEKLY)[2], EventChange(rrule="FREQ=DAILY"), NOW)


def test_an_instance_moved_over_the_clock_change_keeps_its_length() -> None:
    night = series(datetime(2026, 10, 20, 23, tzinfo=PARIS), "FREQ=DAILY;COUNT=3", length=4 * HOUR)
    edited = edit_only(night, shown(night)[0], EventChange(start=datetime(2026, 10, 24, 23, tzinfo=PARIS)), NOW)
    moved = shown(edited)[-1]
    assert moved.end.astimezone(UTC) - moved.start.astimezone(UTC) == 4 * HOUR  # type: ignore[union-attr,operator]


def test_an_instance_can_become_all_day() -> None:
    edited = edit_only(WEEKLY, shown(WEEKLY)[2], EventChange(start=date(2026, 10, 21)), NOW)
    assert (date(2026, 10, 21), date(2026, 10, 22)) in times(again(edited))


def test_notes_as_html_go_when_the_notes_are_rewritten() -> None:
    rich = series(datetime(2026, 10, 5, 9, tzinfo=PARIS), "FREQ=WEEKLY;COUNT=3", html="<b>old</b>", description="old")
    edited = edit_only(rich, shown(rich)[0], EventChange(description="new"), NOW)
    assert [event.html for event in edited.overrides] == [""]


def test_a_single_event_is_changed_itself() -> None:
    single = CalendarObject(
        "one", (Event("one", datetime(2026, 11, 1, 9, tzinfo=PARIS), datetime(2026, 11, 1, 10, tzinfo=PARIS)),)
    )
    edited = edit_only(single, shown(single)[0], EventChange(status=BusyStatus.FREE), NOW)
    assert [event.status for event in edited.events] == [BusyStatus.FREE]


def test_an_end_before_the_start_is_refused() -> None:
    third = shown(WEEKLY)[2]
    with pytest.raises(UsageError):
        edit_only(WEEKLY, third, EventChange(end=third.start - HOUR), NOW)


# all ---------------------------------------------------------------------------------------------------------


def test_a_series_stays_at_its_hour_over_the_clock_change_when_it_moves() -> None:
    third = shown(WEEKLY)[2]
    edited = again(edit_all(WEEKLY, third, EventChange(start=third.start + 2 * HOUR), NOW).object)
    assert {one.start.hour for one in shown(edited) if isinstance(one.start, datetime)} == {11}


def test_moving_a_weekly_series_by_a_day_moves_its_day_of_the_week() -> None:
    weekly = series(datetime(2026, 10, 5, 9, tzinfo=PARIS), "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR;COUNT=7")
    first = shown(weekly)[0]
    edited = again(edit_all(weekly, first, EventChange(start=first.start + timedelta(days=3)), NOW).object)
    assert times(edited) == [(s + timedelta(days=3), e + timedelta(days=3)) for s, e in times(weekly)]


def test_exceptions_move_with_the_series() -> None:
    gap = delete_only(WEEKLY, shown(WEEKLY)[4], NOW)
    assert gap is not None
    first = shown(gap)[0]
    edited = again(edit_all(gap, first, EventChange(start=first.start + timedelta(days=1)), NOW).object)
    assert times(edited) == [(s + timedelta(days=1), e + timedelta(days=1)) for s, e in times(gap)]


def test_a_changed_instance_keeps_its_own_words_when_the_series_is_renamed() -> None:
    changed = edit_only(WEEKLY, shown(WEEKLY)[2], EventChange(title="Big"), NOW)
    edited = edit_all(changed, shown(changed)[0], EventChange(title="Weekly", place="Room 4"), NOW).object
    assert [(e.title, e.place) for e in edited.events] == [("Weekly", "Room 4"), ("Big", "Room 4")]


def test_an_instance_that_was_moved_by_itself_stays_where_it_was_put() -> None:
    third = shown(WEEKLY)[2]
    own = datetime(2026, 10, 22, 15, tzinfo=PARIS)
    changed = edit_only(WEEKLY, third, EventChange(start=own), NOW)
    first = shown(changed)[0]
    edited = again(edit_all(changed, first, EventChange(start=first.start + HOUR), NOW).object)
    assert (own, own + HOUR) in times(edited) and len(times(edited)) == 10


def test_a_new_rule_drops_the_changed_instances_it_does_not_have_and_names_them() -> None:
    changed = edit_only(WEEKLY, shown(WEEKLY)[1], EventChange(title="Big"), NOW)
    edited = edit_all(changed, shown(changed)[0], EventChange(rrule="FREQ=MONTHLY;COUNT=3"), NOW, fits)
    assert ([event.title for event in edited.lost], len(shown(edited.object))) == (["Big"], 3)


def test_a_series_can_stop_repeating() -> None:
    edited = edit_all(WEEKLY, shown(WEEKLY)[3], EventChange(rrule=""), NOW)
    assert times(again(edited.object)) == times(WEEKLY)[:1]


def test_a_series_can_become_all_day_and_keeps_its_days() -> None:
    ends = series(datetime(2026, 10, 5, 9, tzinfo=PARIS), "FREQ=WEEKLY;UNTIL=20261109T080000Z")
    edited = edit_all(ends, shown(ends)[0], EventChange(start=date(2026, 10, 5)), NOW).object
    assert [one.start for one in shown(again(edited))] == [date(2026, 10, 5) + timedelta(days=7 * n) for n in range(6)]


def test_a_series_can_move_to_another_zone() -> None:
    tokyo = ZoneInfo("Asia/Tokyo")
    first = shown(WEEKLY)[0]
    edited = edit_all(WEEKLY, first, EventChange(start=datetime(2026, 10, 5, 18, tzinfo=tokyo)), NOW).object
    assert {one.start.astimezone(tokyo).hour for one in shown(again(edited)) if isinstance(one.start, datetime)} == {18}


def test_a_rule_that_cannot_move_says_so() -> None:
    odd = series(datetime(2026, 10, 5, 9, tzinfo=PARIS), "FREQ=MONTHLY;BYDAY=MO,TU,WE;BYSETPOS=1,-1;COUNT=5")
    first = shown(odd)[0]
    with pytest.raises(Refused):
        edit_all(odd, first, EventChange(start=first.start + timedelta(days=1)), NOW)


@pytest.mark.parametrize(
    ("rule", "start", "moved", "expected"),
    [
        (
            "FREQ=MONTHLY;BYMONTHDAY=15;COUNT=3",
            date(2026, 10, 15),
            date(2026, 10, 17),
            "FREQ=MONTHLY;BYMONTHDAY=17;COUNT=3",
        ),
        ("FREQ=MONTHLY;COUNT=3", date(2026, 11, 1), date(2026, 10, 31), "FREQ=MONTHLY;COUNT=3;BYMONTHDAY=-1"),
        ("FREQ=MONTHLY;BYDAY=2TU;COUNT=3", date(2026, 10, 13), date(2026, 10, 21), "FREQ=MONTHLY;BYDAY=3WE;COUNT=3"),
        ("FREQ=MONTHLY;BYDAY=-1FR;COUNT=3", date(2026, 10, 30), date(2026, 10, 29), "FREQ=MONTHLY;BYDAY=-1TH;COUNT=3"),
        (
            "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=24",
            date(2026, 12, 24),
            date(2027, 1, 6),
            "FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=6",
        ),
    ],
)
def test_monthly_and_yearly_patterns_follow_the_new_start(rule: str, start: date, moved: date, expected: str) -> None:
    thing = series(start, rule, length=timedelta(days=1))
    edited = edit_all(thing, shown(thing)[0], EventChange(start=moved), NOW).object
    assert edited.master is not None and edited.master.rrule == expected


# this and following -------------------------------------------------------------------------------------------


def test_a_split_shows_the_same_occurrences_as_before() -> None:
    left, right = halves(WEEKLY, shown(WEEKLY)[4])
    assert times(again(left), again(right)) == times(WEEKLY)


def test_changed_instances_and_exceptions_go_to_their_side() -> None:
    thing = delete_only(WEEKLY, shown(WEEKLY)[7], NOW)
    assert thing is not None
    thing = edit_only(thing, shown(thing)[1], EventChange(title="Early"), NOW)
    thing = edit_only(thing, shown(thing)[6], EventChange(title="Late"), NOW)
    left, right = halves(thing, shown(thing)[4])
    assert ([e.title for e in left.overrides], [e.title for e in right.overrides]) == (["Early"], ["Late"])
    assert [said(one) for one in shown(again(left), again(right))] == [said(one) for one in shown(thing)]


def test_a_changed_rest_of_a_series_is_what_goes_on_after_a_split() -> None:
    start = datetime(2026, 10, 5, 9, tzinfo=PARIS)
    onward = start + timedelta(days=14)
    rest = Event("series-1", onward + 2 * HOUR, onward + 3 * HOUR, "Later", recurrence_id=onward, this_and_future=True)
    thing = series(start, "FREQ=WEEKLY;COUNT=8", overrides=(rest,))
    left, right = halves(thing, shown(thing)[5])
    assert [said(one) for one in shown(again(left), again(right))] == [said(one) for one in shown(thing)]


def test_additional_dates_stay_additional_after_a_split_at_one() -> None:
    start = datetime(2026, 10, 5, 9, tzinfo=PARIS)
    extra = datetime(2026, 10, 21, 15, tzinfo=PARIS)
    thing = series(start, "FREQ=WEEKLY;COUNT=6", rdates=(extra,))
    at = next(one for one in shown(thing) if one.start == extra)
    left, right = halves(thing, at)
    assert times(again(left), again(right)) == times(thing)


def test_ending_a_series_before_an_instance_keeps_the_past() -> None:
    fifth = shown(WEEKLY)[4]
    assert WEEKLY.master is not None and fifth.recurrence_id is not None
    ended = end_before(WEEKLY, fifth, split_facts(WEEKLY.master, fifth.recurrence_id), NOW)
    assert times(again(ended)) == times(WEEKLY)[:4]


def test_a_series_at_an_hour_that_a_night_leaves_out_is_split_right() -> None:
    night = series(datetime(2026, 3, 27, 2, 30, tzinfo=PARIS), "FREQ=DAILY;COUNT=6")
    in_the_gap = shown(night)[2]
    left, right = halves(night, in_the_gap)
    assert times(again(left), again(right)) == times(night)


# deleting and taking out ---------------------------------------------------------------------------------------


def test_deleting_one_instance_leaves_the_others() -> None:
    rest = delete_only(WEEKLY, shown(WEEKLY)[3], NOW)
    assert rest is not None and times(again(rest)) == [*times(WEEKLY)[:3], *times(WEEKLY)[4:]]


def test_deleting_a_changed_instance_takes_its_change_with_it() -> None:
    changed = edit_only(WEEKLY, shown(WEEKLY)[3], EventChange(title="Big"), NOW)
    rest = delete_only(changed, shown(changed)[3], NOW)
    assert rest is not None and (len(shown(again(rest))), rest.overrides) == (9, ())


def test_deleting_an_instance_without_its_series_leaves_nothing() -> None:
    start = datetime(2026, 10, 5, 9, tzinfo=PARIS)
    alone = CalendarObject("x", (Event("x", start, start + HOUR, recurrence_id=start),))
    assert delete_only(alone, shown(alone)[0], NOW) is None


def test_an_instance_that_a_private_change_hides_stays_private_alone() -> None:
    silent = Occurrence(Event("u", NOW, NOW + timedelta(hours=1), recurrence_id=NOW), NOW, NOW, NOW, True)
    (event,) = single_from(CalendarObject("u", (silent.event,)), silent, "new", NOW).events
    assert event.private


def test_an_instance_taken_out_is_as_private_as_its_series() -> None:
    hidden = series(datetime(2026, 10, 5, 9, tzinfo=PARIS), "FREQ=DAILY", sensitivity=Sensitivity.PRIVATE)
    start = datetime(2026, 10, 7, 9, tzinfo=PARIS)
    override = Event("series-1", start, start + HOUR, "Shown", recurrence_id=start)
    thing = replace(hidden, events=(*hidden.events, override))
    (event,) = single_from(thing, shown(thing)[2], "new", NOW).events
    assert (event.uid, event.private, event.rrule, event.recurrence_id) == ("new", True, "", None)


def test_a_copy_has_the_new_uid_everywhere() -> None:
    changed = edit_only(WEEKLY, shown(WEEKLY)[3], EventChange(title="Big"), NOW)
    copy = with_uid(changed, "copy", NOW)
    assert {copy.uid, *(event.uid for event in copy.events)} == {"copy"}


# any series ----------------------------------------------------------------------------------------------------

STARTS = st.one_of(
    st.datetimes(datetime(2026, 3, 1), datetime(2026, 11, 30)).map(
        lambda d: d.replace(second=0, microsecond=0, fold=0, tzinfo=PARIS)
    ),
    st.datetimes(datetime(2026, 3, 1), datetime(2026, 11, 30)).map(
        lambda d: d.replace(second=0, microsecond=0, fold=0)
    ),
    st.dates(date(2026, 3, 1), date(2026, 11, 30)),
    st.datetimes(datetime(2026, 3, 1), datetime(2026, 11, 30)).map(
        lambda d: d.replace(second=0, microsecond=0, fold=0, tzinfo=UTC)
    ),
)
RULES = st.builds(
    lambda frequency, interval, count, days: ";".join(
        filter(
            None,
            (
                f"FREQ={frequency}",
                f"INTERVAL={interval}" if interval > 1 else "",
                f"BYDAY={','.join(sorted(days))}" if days and frequency == "WEEKLY" else "",
                f"COUNT={count}" if count else "",
            ),
        )
    ),
    st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]),
    st.integers(1, 3),
    st.none() | st.integers(2, 30),
    st.sets(st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"]), max_size=4),
)
LENGTHS = st.integers(1, 60)
FEW = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def any_series(draw: st.DrawFn) -> CalendarObject:
    """A series with an exception, a changed and a moved instance."""
    start = draw(STARTS)
    length = (
        timedelta(days=draw(st.integers(1, 3)))
        if not isinstance(start, datetime)
        else draw(LENGTHS) * timedelta(minutes=15)
    )
    thing = series(start, draw(RULES), length=length)
    for action in draw(st.lists(st.sampled_from(["skip", "rename", "move"]), max_size=3)):
        found = shown(thing)
        if len(found) < 4:
            break
        at = found[draw(st.integers(0, min(len(found) - 1, 12)))]
        if action == "skip":
            thing = delete_only(thing, at, NOW) or thing
        elif action == "rename":
            thing = edit_only(thing, at, EventChange(title="Renamed"), NOW)
        else:
            thing = edit_only(thing, at, EventChange(start=at.start + timedelta(days=1)), NOW)
    return thing


def _split_point(thing: CalendarObject, number: int) -> Occurrence:
    found = sorted(
        (one for one in shown(thing) if one.recurrence_id is not None), key=lambda one: key(one.recurrence_id)
    )  # type: ignore[arg-type]
    assume(len(found) > 2)
    at = found[1 + number % min(len(found) - 1, 20)]
    assume(thing.master is not None and split_facts(thing.master, at.recurrence_id).last is not None)  # type: ignore[arg-type]
    return at


@FEW
@given(any_series(), st.integers(0, 40))
def test_whatever_the_series_a_split_changes_no_occurrence(thing: CalendarObject, number: int) -> None:
    left, right = halves(thing, _split_point(thing, number))
    assert sorted(map(str, map(said, shown(again(left), again(right))))) == sorted(map(str, map(said, shown(thing))))


@FEW
@given(any_series(), st.integers(0, 40), st.integers(-5, 5).map(lambda n: n * timedelta(minutes=30)))
def test_what_follows_moves_as_asked_and_the_past_does_not(thing: CalendarObject, number: int, by: timedelta) -> None:
    at = _split_point(thing, number)
    assert at.recurrence_id is not None
    if not isinstance(at.start, datetime):
        by = timedelta(0)
    elif "MONTHLY" in str(thing.master) or "YEARLY" in str(thing.master):  # their pattern follows the day: tested apart
        assume((at.recurrence_id + by).day == at.recurrence_id.day)
    left, right = halves(thing, at)
    first = next(one for one in shown(right) if key(one.recurrence_id or one.start) == key(at.recurrence_id))
    edited = edit_all(right, first, EventChange(title="After", start=at.recurrence_id + by), NOW).object
    before = [said(one) for one in shown(thing) if key(one.recurrence_id or one.start) < key(at.recurrence_id)]
    after = [one for one in shown(again(edited)) if one.event.recurrence_id is None]
    assert sorted(map(str, before)) == sorted(map(str, map(said, shown(again(left)))))
    assert {one.event.title for one in after} <= {"After"}
    plain = {key(one.start) for one in shown(right) if one.event.recurrence_id is None}
    walls = {
        key((one.start.replace(tzinfo=None) - by).replace(tzinfo=one.start.tzinfo))
        if isinstance(one.start, datetime)
        else key(one.start)
        for one in after
    }
    within = {moment for moment in plain ^ walls if moment[1] < datetime(2028, 12, 1)}  # the span cuts series off
    assert _near_a_clock_change(within)


def _near_a_clock_change(moments: set[tuple[int, datetime]]) -> bool:
    """Only instances in the nights in which the clock changes may look moved by another amount."""
    days = {moment.date() for _kind, moment in moments}
    return days <= {
        date(y, m, d) + timedelta(days=n)
        for y, m, d in ((2026, 3, 29), (2026, 10, 25), (2027, 3, 28), (2027, 10, 31), (2028, 3, 26), (2028, 10, 29))
        for n in (-1, 0, 1)
    }


@FEW
@given(any_series(), st.integers(0, 40))
def test_deleting_this_and_following_leaves_exactly_the_past(thing: CalendarObject, number: int) -> None:
    at = _split_point(thing, number)
    assert thing.master is not None and at.recurrence_id is not None
    ended = end_before(thing, at, split_facts(thing.master, at.recurrence_id), NOW)
    past = [said(one) for one in shown(thing) if key(one.recurrence_id or one.start) < key(at.recurrence_id)]
    assert sorted(map(str, map(said, shown(again(ended))))) == sorted(map(str, past))


@FEW
@given(any_series())
def test_nothing_foreign_is_lost_by_any_edit(thing: CalendarObject) -> None:
    at = shown(thing)[0]
    edited = again(edit_all(thing, at, EventChange(title="New", place="There"), NOW).object)
    assert all("X-FOREIGN;A=b:kept" in event.extra for event in edited.events)


# a changed rest (RANGE=THISANDFUTURE), as other programs write it ------------------------------------------------


@st.composite
def with_a_changed_rest(draw: st.DrawFn) -> CalendarObject:
    """A series whose rest is somebody's THISANDFUTURE change, with an exception and an instance changed by itself."""
    rules = ("FREQ=WEEKLY;COUNT=12", "FREQ=DAILY;INTERVAL=2;UNTIL=20261110T080000Z", "FREQ=WEEKLY;BYDAY=MO,TH;COUNT=12")
    thing = series(datetime(2026, 10, 5, 9, tzinfo=PARIS), draw(st.sampled_from(rules)))
    found = shown(thing)
    rid = found[draw(st.integers(1, len(found) - 2))].recurrence_id
    assert isinstance(rid, datetime)
    start = rid + draw(st.integers(-3, 3)) * HOUR
    end = start + draw(st.integers(1, 2)) * HOUR
    rest = Event("series-1", start, end, "Later", recurrence_id=rid, this_and_future=True)
    thing = replace(thing, events=(*thing.events, rest))
    for action in draw(st.lists(st.sampled_from(["skip", "rename"]), max_size=2)):
        found = shown(thing)
        at = found[draw(st.integers(0, len(found) - 1))]
        if action == "skip":
            thing = delete_only(thing, at, NOW) or thing
        elif at.event.recurrence_id is None or key(at.event.recurrence_id) != key(at.recurrence_id or at.start):
            thing = edit_only(thing, at, EventChange(title="Renamed"), NOW)
    return thing


@FEW
@given(with_a_changed_rest(), st.integers(0, 30))
def test_a_series_with_a_changed_rest_is_split_without_a_difference(thing: CalendarObject, number: int) -> None:
    left, right = halves(thing, _split_point(thing, number))
    assert sorted(map(str, map(said, shown(again(left), again(right))))) == sorted(map(str, map(said, shown(thing))))


@FEW
@given(with_a_changed_rest(), st.integers(0, 30))
def test_one_instance_of_a_changed_rest_is_deleted_alone(thing: CalendarObject, number: int) -> None:
    found = shown(thing)
    at = found[number % len(found)]
    rest = delete_only(thing, at, NOW)
    assert rest is not None
    assert sorted(str(said(one)) for one in shown(again(rest))) == sorted(
        str(said(one)) for one in found if one is not at
    )


# an independent reader -------------------------------------------------------------------------------------------


FIRST, LAST = datetime(2026, 2, 1, tzinfo=UTC), datetime(2027, 2, 1, tzinfo=UTC)


def instants(starts: Sequence[Moment]) -> list[datetime]:
    """In order, without those at the edges of the span, where readers differ in what touches it."""
    timed = [one if isinstance(one, datetime) else datetime.combine(one, datetime.min.time()) for one in starts]
    found = sorted((one if one.tzinfo else one.replace(tzinfo=PARIS)).astimezone(UTC) for one in timed)
    return [one for one in found if FIRST + timedelta(days=5) < one < LAST - timedelta(days=5)]


def read_by_others(*things: CalendarObject) -> list[datetime]:
    """Starts as icalendar and recurring-ical-events see them in what we wrote."""
    calendars = [icalendar.Calendar.from_ical(encode_object(thing, now=NOW)) for thing in things]
    return instants(
        [one["DTSTART"].dt for calendar in calendars for one in recurring_ical_events.of(calendar).between(FIRST, LAST)]
    )


@settings(FEW, max_examples=10)
@given(any_series(), st.integers(0, 40))
def test_other_programs_see_the_same_instances_in_what_was_edited(thing: CalendarObject, number: int) -> None:
    left, right = halves(thing, _split_point(thing, number))
    at = shown(right)[0]
    edited = edit_only(right, at, EventChange(start=at.start + timedelta(days=1)), NOW)
    ours = [one.start for part in (left, edited) for one in expand(part, TimeSpan(FIRST, LAST), PARIS).occurrences]
    assert read_by_others(left, edited) == instants(ours)
