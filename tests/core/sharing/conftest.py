"""Events and snapshots in one line each, for the tests of what other people may see."""

from __future__ import annotations

import random
from base64 import b64encode
from collections.abc import Callable
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from core.calendar.event import CalendarObject, Event, Moment
from core.calendar.people import Address
from core.calendar.span import WorkingHours, days_from
from core.language import language
from core.sharing import page_parts, pages
from core.sharing.detail import DetailLevel, Layout
from core.sharing.leakcheck import Allowed, LeakCheck
from core.sharing.snapshot import Snapshot, SnapshotOptions, take_snapshot

PARIS = ZoneInfo("Europe/Paris")
MONDAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 22, 9, tzinfo=PARIS)
ALICE = Address("alice@example.org", "Alice Martin")


def at(day: int, hour: float, month: int = 11, zone: ZoneInfo | None = PARIS) -> datetime:
    """A wall-clock time in November 2026, in Paris unless said otherwise."""
    return datetime(2026, month, day, tzinfo=zone) + timedelta(hours=hour)


NINE = at(23, 9)


def event(title: str = "", start: Moment = NINE, end: Moment | None = None, **fields: object) -> Event:
    """An event of an hour, or of a day where the start is a date."""
    length = timedelta(hours=1) if isinstance(start, datetime) else timedelta(days=1)
    uid = str(fields.pop("uid", f"{title or 'untitled'}-source-uid@example.org"))
    return Event(uid, start, end or start + length, title, **fields)


def calendar_object(*events: Event) -> CalendarObject:
    """The components as one stored object."""
    return CalendarObject(events[0].uid, events)


def uid_maker(seed: int = 1) -> Callable[[], str]:
    """Opaque UIDs that are the same at every run."""
    source = random.Random(seed)
    return lambda: b64encode(source.randbytes(16)).decode()


def options(level: DetailLevel = DetailLevel.AVAILABILITY, **fields: object) -> SnapshotOptions:
    """A week from Monday."""
    return SnapshotOptions(**({"days": days_from(MONDAY, 7), "level": level} | fields))


def snapshot(things: list[Event | CalendarObject], asked: SnapshotOptions | None = None, **fields: object) -> Snapshot:
    """Alice's calendar as of Sunday morning."""
    objects = [one if isinstance(one, CalendarObject) else calendar_object(one) for one in things]
    usual = {
        "calendar_name": "Work",
        "owner": ALICE,
        "zone": PARIS,
        "hours": WorkingHours(),
        "now": NOW,
        "relation": "0000002E-5A57-F9BA-4C4D-002770131FD3",
        "primary": True,
        "new_uid": uid_maker(),
    }
    return take_snapshot(objects, asked or options(), **(usual | fields))


def leak_check(things: list[Event | CalendarObject], asked: SnapshotOptions) -> LeakCheck:
    """The check that belongs to a snapshot of these things."""
    objects = [one if isinstance(one, CalendarObject) else calendar_object(one) for one in things]
    blank = snapshot([], asked)
    own = (ALICE.name, ALICE.address, "Work", *page_parts.vocabulary(), pages.text(blank))
    flags = {"include_private": asked.include_private, "include_attachments": asked.include_attachments}
    return LeakCheck(objects, Allowed(asked.level, PARIS, blank.window, by_right=own, **flags))


@pytest.fixture(scope="session")
def make() -> SimpleNamespace:
    """The helpers above."""
    return SimpleNamespace(
        paris=PARIS,
        monday=MONDAY,
        now=NOW,
        alice=ALICE,
        at=at,
        event=event,
        object=calendar_object,
        uid_maker=uid_maker,
        options=options,
        snapshot=snapshot,
        check=leak_check,
        levels=tuple(DetailLevel),
        layouts=tuple(Layout),
        language=language,
    )
