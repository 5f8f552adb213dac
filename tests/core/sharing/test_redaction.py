"""What other people may see of an event, level by level."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest

from core.calendar.event import (
    Alarm,
    Attachment,
    Attendee,
    BusyStatus,
    Event,
    EventState,
    Response,
    Sensitivity,
    SharedEvent,
)
from core.calendar.span import DateRange, days_from
from core.sharing.detail import DetailLevel
from core.sharing.redaction import clean_html, safe_rule
from tests.cost import MEGABYTES, SECONDS, cheapest

AVAILABILITY, LIMITED, FULL = DetailLevel
PRIVATE, CONFIDENTIAL = Sensitivity.PRIVATE, Sensitivity.CONFIDENTIAL
OPAQUE = {"uid", "start", "end", "status", "stamp"}


def rich(make: SimpleNamespace, **changes: object) -> Event:
    values: dict[str, object] = {
        "place": "Room 4",
        "description": "Secret plans\nin two lines",
        "html": "<p>Secret <b>plans</b></p>",
        "categories": ("Projects",),
        "attachments": (Attachment("plan.txt", "text/plain", b"the plan"),),
        "alarms": (Alarm(timedelta(minutes=-10), description="wake up"),),
        "url": "https://example.org/plan",
        "priority": 3,
        "importance": 2,
        "organizer": make.alice and Attendee("alice@example.org", "Alice Martin"),
        "attendees": (Attendee("bruno@example.org", "Bruno", response=Response.ACCEPTED, rsvp=True),),
        "sequence": 7,
        "extra": ("X-SECRET:hidden",),
    }
    return make.event("Budget", **(values | changes))


def set_fields(event: SharedEvent) -> set[str]:
    """The fields that do not hold their default."""
    blank = SharedEvent("", event.start, event.end, BusyStatus.FREE, event.stamp)
    always = {"start", "end", "stamp"}
    return always | {f.name for f in fields(event) if getattr(event, f.name) != getattr(blank, f.name)}


def test_availability_only_is_time_and_status_and_nothing_else(make: SimpleNamespace) -> None:
    (shared,) = make.snapshot([rich(make)]).events
    assert set_fields(shared) == OPAQUE


def test_limited_adds_the_subject_and_nothing_else(make: SimpleNamespace) -> None:
    (shared,) = make.snapshot([rich(make)], make.options(LIMITED)).events
    assert set_fields(shared) == OPAQUE | {"title"}


def test_full_has_the_allow_list_and_no_files_unless_they_are_asked_for(make: SimpleNamespace) -> None:
    (shared,) = make.snapshot([rich(make)], make.options(FULL)).events
    details = {"title", "place", "description", "html", "categories", "priority", "importance", "url"}
    assert set_fields(shared) == OPAQUE | details | {"organizer", "attendees", "sequence"}


def test_files_go_with_the_option_and_without_their_folder(make: SimpleNamespace) -> None:
    files = (
        Attachment("C:\\Users\\alice\\plan.txt", "text/plain", b"the plan"),
        Attachment("paper", url="https://example.org/paper"),
        Attachment("local", url="file:///home/alice/paper"),
    )
    (shared,) = make.snapshot([rich(make, attachments=files)], make.options(FULL, include_attachments=True)).events
    assert [(one.name, one.content, one.url) for one in shared.attachments] == [
        ("plan.txt", b"the plan", ""),
        ("paper", None, "https://example.org/paper"),
    ]


def test_people_lose_what_the_list_does_not_name(make: SimpleNamespace) -> None:
    (shared,) = make.snapshot([rich(make)], make.options(FULL)).events
    assert shared.attendees == (Attendee("bruno@example.org", "Bruno", response=Response.ACCEPTED),)


def test_an_inner_address_of_a_server_is_not_told(make: SimpleNamespace) -> None:
    person = Attendee("/o=Example/cn=Recipients/cn=bruno", "Bruno")
    (shared,) = make.snapshot([rich(make, attendees=(person,))], make.options(FULL)).events
    assert shared.attendees[0].address == ""


@pytest.mark.parametrize("level", DetailLevel)
@pytest.mark.parametrize("sensitivity", [PRIVATE, CONFIDENTIAL])
def test_a_private_item_looks_like_any_other_block_at_availability_only(
    make: SimpleNamespace, level: DetailLevel, sensitivity: Sensitivity
) -> None:
    hidden = make.snapshot([rich(make, sensitivity=sensitivity)], make.options(level)).events
    assert hidden == make.snapshot([rich(make)]).events


@pytest.mark.parametrize("level", DetailLevel)
def test_a_private_whole_day_is_a_block_between_midnights_at_every_level(
    make: SimpleNamespace, level: DetailLevel
) -> None:
    (shared,) = make.snapshot([make.event("x", make.monday, sensitivity=PRIVATE)], make.options(level)).events
    assert (shared.start, shared.end) == (
        datetime(2026, 11, 22, 23, tzinfo=UTC),
        datetime(2026, 11, 23, 23, tzinfo=UTC),
    )


@pytest.mark.parametrize("level", [LIMITED, FULL])
def test_an_item_without_a_title_looks_like_a_private_one_at_limited(make: SimpleNamespace, level: DetailLevel) -> None:
    untitled = make.snapshot([make.event("")], make.options(level)).events
    assert untitled == make.snapshot([make.event("x", sensitivity=PRIVATE)], make.options(level)).events


def test_private_items_show_themselves_with_the_option(make: SimpleNamespace) -> None:
    asked = make.options(LIMITED, include_private=True)
    (shared,) = make.snapshot([rich(make, sensitivity=PRIVATE)], asked).events
    assert (shared.title, shared.private, shared.place) == ("Budget", True, "")


def test_personal_is_no_private(make: SimpleNamespace) -> None:
    (shared,) = make.snapshot([rich(make, sensitivity=Sensitivity.PERSONAL)], make.options(LIMITED)).events
    assert shared.title == "Budget"


@pytest.mark.parametrize(("level", "count"), [(AVAILABILITY, 0), (LIMITED, 1), (FULL, 1)])
def test_free_items_are_left_out_at_availability_only(make: SimpleNamespace, level: DetailLevel, count: int) -> None:
    free = make.event("Lunch", status=BusyStatus.FREE)
    assert [e.status for e in make.snapshot([free], make.options(level)).events] == [BusyStatus.FREE] * count


@pytest.mark.parametrize("level", DetailLevel)
def test_a_private_free_item_is_left_out_at_every_level(make: SimpleNamespace, level: DetailLevel) -> None:
    free = make.event("Lunch", status=BusyStatus.FREE, sensitivity=PRIVATE)
    assert make.snapshot([free], make.options(level)).empty


@pytest.mark.parametrize("level", DetailLevel)
def test_cancelled_items_are_never_shared(make: SimpleNamespace, level: DetailLevel) -> None:
    assert make.snapshot([make.event("Off", state=EventState.CANCELLED)], make.options(level)).empty


@pytest.mark.parametrize("level", DetailLevel)
def test_every_share_has_new_uids(make: SimpleNamespace, level: DetailLevel) -> None:
    one = make.snapshot([rich(make)], make.options(level)).events[0].uid
    two = make.snapshot([rich(make)], make.options(level), new_uid=make.uid_maker(2)).events[0].uid
    assert len({one, two, rich(make).uid}) == 3


# Series and their instances


def series(make: SimpleNamespace, *overrides: Event, **fields: object) -> object:
    master = make.event("Standup", make.at(23, 9), rrule="FREQ=DAILY;COUNT=3", uid="series", **fields)
    return make.object(master, *overrides)


def override(make: SimpleNamespace, title: str, day: int, start: datetime | None = None, **fields: object) -> Event:
    return make.event(title, start or make.at(day, 9), recurrence_id=make.at(day, 9), uid="series", **fields)


def test_a_range_sends_instances_on_their_own_and_no_rule(make: SimpleNamespace) -> None:
    events = make.snapshot([series(make)], make.options(FULL)).events
    assert len({e.uid for e in events}) == 3
    assert {(e.rrule, e.exdates, e.recurrence_id) for e in events} == {("", (), None)}


def test_a_private_instance_hides_itself_only(make: SimpleNamespace) -> None:
    hidden = override(make, "Doctor", 24, sensitivity=PRIVATE)
    titles = [e.title for e in make.snapshot([series(make, hidden)], make.options(LIMITED)).events]
    assert titles == ["Standup", None, "Standup"]


def test_an_instance_of_a_private_series_is_private_even_if_moved_and_renamed(make: SimpleNamespace) -> None:
    moved = override(make, "Renamed", 24, make.at(26, 15))
    events = make.snapshot([series(make, moved, sensitivity=PRIVATE)], make.options(FULL)).events
    assert [(e.title, e.start) for e in events if e.start > make.at(26, 0)] == [(None, make.at(26, 15).astimezone(UTC))]
    assert {e.title for e in events} == {None}


def test_an_instance_of_a_private_series_is_open_when_it_says_so(make: SimpleNamespace) -> None:
    opened = override(make, "Open day", 24, sensitivity=Sensitivity.PUBLIC)
    events = make.snapshot([series(make, opened, sensitivity=PRIVATE)], make.options(LIMITED)).events
    assert [e.title for e in events] == [None, "Open day", None]


def test_an_instance_that_says_nothing_stays_private_after_its_series_was_opened(make: SimpleNamespace) -> None:
    opened = override(make, "Opened", 24, sensitivity=Sensitivity.PUBLIC, this_and_future=True)
    silent = override(make, "Silent", 25)
    events = make.snapshot([series(make, opened, silent, sensitivity=PRIVATE)], make.options(LIMITED)).events
    assert [e.title for e in events] == [None, "Opened", None]


# The whole calendar

WHOLE = {"days": DateRange()}


def test_a_whole_calendar_keeps_rule_and_one_uid_for_the_series(make: SimpleNamespace) -> None:
    moved = override(make, "Standup, later", 24, make.at(24, 11))
    master, instance = make.snapshot([series(make, moved)], make.options(FULL, **WHOLE)).events
    assert (master.rrule, instance.recurrence_id) == ("FREQ=DAILY;COUNT=3", make.at(24, 9))
    assert master.uid == instance.uid != "series"


def test_a_private_instance_leaves_its_series_and_is_a_block_of_its_own(make: SimpleNamespace) -> None:
    hidden = override(make, "Doctor", 24, make.at(24, 15), sensitivity=PRIVATE)
    master, block = make.snapshot([series(make, hidden)], make.options(FULL, **WHOLE)).events
    assert master.exdates == (make.at(24, 9),)
    assert set_fields(block) == OPAQUE
    assert block.uid != master.uid


def test_a_cancelled_instance_leaves_its_series(make: SimpleNamespace) -> None:
    gone = override(make, "Standup", 24, state=EventState.CANCELLED)
    (master,) = make.snapshot([series(make, gone)], make.options(LIMITED, **WHOLE)).events
    assert master.exdates == (make.at(24, 9),)


def test_an_open_instance_of_a_private_series_does_not_name_it(make: SimpleNamespace) -> None:
    opened = override(make, "Open day", 24, sensitivity=Sensitivity.PUBLIC)
    events = make.snapshot([series(make, opened, sensitivity=PRIVATE)], make.options(FULL, **WHOLE)).events
    assert [(e.title, e.rrule, e.recurrence_id) for e in events if e.title] == [("Open day", "", None)]
    assert len({e.uid for e in events}) == 3


def test_a_whole_calendar_at_availability_is_written_out_for_two_years(make: SimpleNamespace) -> None:
    forever = make.event("Daily", make.at(23, 9), rrule="FREQ=DAILY")
    shot = make.snapshot([forever], make.options(**WHOLE))
    assert shot.horizon == date(2028, 11, 22)
    assert shot.events[-1].start.date() == date(2028, 11, 22)
    assert all(not e.rrule for e in shot.events)


def test_working_hours_only_writes_series_out(make: SimpleNamespace) -> None:
    shot = make.snapshot([series(make)], make.options(LIMITED, working_hours_only=True, **WHOLE))
    assert ([e.rrule for e in shot.events], shot.horizon) == (["", "", ""], date(2028, 11, 22))


@pytest.mark.parametrize(
    "rule", ["FREQ=DAILY;X-NOTE=SECRET", "FREQ=DAILY;COUNT=3;BYDAY=SECRET", "FREQ=DAILY;UNTIL=20261399"]
)
def test_a_rule_with_anything_strange_in_it_is_not_sent(make: SimpleNamespace, rule: str) -> None:
    assert safe_rule(make.event("x", rrule=rule), make.paris) is None


def test_the_end_of_a_rule_is_written_as_outlook_wants_it(make: SimpleNamespace) -> None:
    timed = make.event("x", rrule="FREQ=DAILY;UNTIL=20261125")
    whole = make.event("x", make.monday, rrule="FREQ=DAILY;UNTIL=20261125T080000Z")
    assert safe_rule(timed, make.paris) == "FREQ=DAILY;UNTIL=20261125T225959Z"
    assert safe_rule(whole, make.paris) == "FREQ=DAILY;UNTIL=20261125"


# Window and working hours


def test_blocks_are_cut_to_the_window_and_open_items_stay_whole(make: SimpleNamespace) -> None:
    long = make.event("Trip", make.at(22, 20), make.at(24, 8))
    asked = {"days": days_from(make.monday, 1)}
    (block,) = make.snapshot([long], make.options(**asked)).events
    (whole,) = make.snapshot([long], make.options(LIMITED, **asked)).events
    assert (block.start, block.end) == (make.at(23, 0), make.at(24, 0))
    assert (whole.start, whole.end) == (long.start, long.end)


def test_working_hours_only_cuts_items_and_drops_days_off(make: SimpleNamespace) -> None:
    long = make.event("Sprint", make.at(27, 16), make.at(30, 9))
    events = make.snapshot([long], make.options(working_hours_only=True, days=days_from(make.monday, 14))).events
    assert [(e.start, e.end) for e in events] == [
        (make.at(27, 16), make.at(27, 17)),
        (make.at(30, 8), make.at(30, 9)),
    ]


def test_an_open_whole_day_keeps_its_worked_days(make: SimpleNamespace) -> None:
    trip = make.event("Trip", date(2026, 11, 27), date(2026, 12, 2))
    asked = make.options(LIMITED, working_hours_only=True, days=days_from(make.monday, 14))
    events = make.snapshot([trip], asked).events
    assert [(e.start, e.end) for e in events] == [
        (date(2026, 11, 27), date(2026, 11, 28)),
        (date(2026, 11, 30), date(2026, 12, 2)),
    ]


def test_a_whole_day_is_the_working_window_at_availability_with_working_hours_only(make: SimpleNamespace) -> None:
    (shared,) = make.snapshot([make.event("Trip", make.monday)], make.options(working_hours_only=True)).events
    assert (shared.start, shared.end) == (make.at(23, 8), make.at(23, 17))


def test_floating_times_are_the_owners(make: SimpleNamespace) -> None:
    (shared,) = make.snapshot([make.event("Lunch", make.at(23, 12, zone=None))]).events
    assert shared.start == make.at(23, 12)


# Texts


@pytest.mark.parametrize(
    "hostile",
    [
        '<img src="http://t.example.org/x.gif">',
        "<script>alert(1)</script>",
        "<style>p{background:url(http://t.example.org)}</style>",
        '<p style="background:url(http://t.example.org)">x</p>',
        '<form action="http://t.example.org"><input></form>',
        '<a href="javascript:alert(1)" onclick="x()">x</a>',
        '<iframe src="http://t.example.org"></iframe>',
        "<!-- http://t.example.org -->",
        '<body background="http://t.example.org">x</body>',
        '<p title="t.example.org" lang="t.example" class="t.example">x</p>',
    ],
)
def test_notes_in_html_fetch_nothing_and_do_nothing(hostile: str) -> None:
    cleaned = clean_html(f"<p>kept</p>{hostile}")
    assert "kept" in cleaned
    assert not any(word in cleaned for word in ("t.example", "alert", "src", "style", "<form", "<input", "onclick"))


@pytest.mark.parametrize("times", [1_000, 5_000, 80_000])
@pytest.mark.parametrize(
    "tag", ["<div>", "<ul>", "<b><p>", "<span></table></a>", "<i c=%d><p>", "<a href=%d><b c=%d><p>"]
)
def test_notes_in_html_that_are_made_to_eat_time_and_memory_do_not(tag: str, times: int) -> None:
    html = "".join(tag.replace("%d", str(number)) for number in range(times))
    seconds, megabytes = cheapest(lambda data: clean_html(data.decode()), html.encode())
    assert (seconds < SECONDS, megabytes < MEGABYTES) == (True, True), (seconds, megabytes)


@pytest.mark.parametrize("times", [100, 400])
def test_notes_with_many_words_in_bold_are_kept(times: int) -> None:
    html = "<p>" + "<b>a</b> <i>b</i> c<br>" * times + "</p>"
    assert clean_html(html) == html


def test_control_characters_in_a_title_cannot_begin_a_new_line(make: SimpleNamespace) -> None:
    (shared,) = make.snapshot([make.event("a\r\nBEGIN:VALARM\x00\x1b[31m\u2028b\u202ec")], make.options(LIMITED)).events
    assert shared.title == "a BEGIN:VALARM [31m bc"
