"""UIDs of a publication: the same while an item is the same, and nothing to link by."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from core.calendar.event import BusyStatus, SharedEvent
from core.sharing.stable import stable

NOON = datetime(2026, 11, 23, 11, tzinfo=UTC)
LATER = NOON + timedelta(hours=3)
KEY, OTHER = b"k" * 32, b"o" * 32


def shared(title: str | None, hour: int = 0, uid: str = "") -> SharedEvent:
    start = NOON + timedelta(hours=hour)
    return SharedEvent(uid or f"{title}{hour}", start, start + timedelta(hours=1), BusyStatus.BUSY, NOON, title=title)


def uids(*events: SharedEvent, key: bytes = KEY) -> list[str]:
    return [event.uid for event in stable(events, key, LATER)]


def test_an_item_keeps_its_uid_whatever_it_was_called_before() -> None:
    assert uids(shared("Planning", uid="one")) == uids(shared("Planning", uid="two"))


def test_another_item_beside_it_changes_no_uid() -> None:
    assert uids(shared("Planning"))[0] in uids(shared("Earlier", -2), shared("Planning"))


def test_another_publication_has_other_uids() -> None:
    assert uids(shared("Planning")) != uids(shared("Planning"), key=OTHER)


def test_a_changed_title_or_time_is_another_item() -> None:
    assert len({*uids(shared("Planning")), *uids(shared("Plan")), *uids(shared("Planning", 1))}) == 3


def test_items_that_look_the_same_are_told_apart() -> None:
    assert len(set(uids(shared(None, uid="a"), shared(None, uid="b")))) == 2


def test_components_of_one_series_keep_one_uid() -> None:
    master = replace(shared("Stand-up", uid="s"), rrule="FREQ=DAILY")
    override = replace(shared("Stand-up, later", 2, uid="s"), recurrence_id=NOON)
    one, two = uids(master, override)
    assert one == two


def test_all_items_have_the_one_stamp() -> None:
    assert {event.stamp for event in stable([shared("A"), shared("B", 1)], KEY, LATER)} == {LATER}


@given(st.lists(st.tuples(st.text(max_size=5), st.integers(0, 5)), max_size=12))
def test_order_and_number_stay_and_no_uid_comes_twice(items) -> None:
    events = [shared(title, hour, uid=str(number)) for number, (title, hour) in enumerate(items)]
    made = stable(events, KEY, LATER)
    assert [event.title for event in made] == [event.title for event in events]
    assert len({event.uid for event in made}) == len(events)
