"""Subscriptions and a scripted server: what is here gives way to whole calendars only, and never shrinks unasked."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from core.backends.feed import Limits, WebFeedSource
from core.backends.vdir import LookedAtStore, VdirStore
from core.errors import PartagendaError, PrivateNetwork, Refused, Unreadable, UsageError
from core.index.session import IndexSession
from core.ports.calendars import CalendarKind
from core.sandbox.http import Answer, Break, Fault, Request
from core.sandbox.servers import Certificates
from core.services.library import Library
from core.services.subscriptions import Result, Subscriptions
from tests.core.backends.feed.scripted import ICS, ScriptedServer, calendar, versioned
from tests.soak import soak

LIMITS = Limits(step=2, total=0.8, size=200_000)


class Clock:
    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 22, 9, tzinfo=UTC)

    @property
    def zone(self) -> tzinfo:
        return ZoneInfo("Europe/Paris")

    def now(self) -> datetime:
        return self.moment.astimezone(self.zone)


@dataclass
class Person:
    """Somebody with a library of their own, who said yes to this machine."""

    base: Path
    clock: Clock = field(default_factory=Clock)
    trusted: tuple[str, ...] = ("127.0.0.1",)

    def __post_init__(self) -> None:
        home = self.base / "data" / "calendars"
        index = IndexSession(str(self.base / "cache" / "index.sqlite3"), [("local", f"{home}/*")])
        store = VdirStore("local", index, self.clock, home=home, data=self.base / "data", state=self.base / "state")
        self.library = Library([store, LookedAtStore(self.clock)], self.clock, self.base / "state")
        self.source = WebFeedSource(trusted=self.trusted, limits=LIMITS)
        self.feeds = Subscriptions(self.library, store, self.source, self.clock, self.base / "state")

    def later(self, **span: float) -> None:
        self.clock.moment += timedelta(**span)

    async def titles(self, name: str = "Team") -> list[str]:
        info = await self.library.find(name)
        return sorted(one.object.events[0].title for one in await self.library.objects(info.id))


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as found:
        found.pages["/a.ics"] = Answer(200, calendar(8), ICS)
        yield found


@pytest.fixture
def person(tmp_path: Path) -> Person:
    return Person(tmp_path)


@pytest.fixture
async def address(server: ScriptedServer, person: Person) -> AsyncIterator[str]:
    """Subscribed to."""
    await person.feeds.subscribe(f"{server.url}/a.ics")
    person.later(hours=2)
    yield f"{server.url}/a.ics"


async def test_a_subscription_is_a_calendar_that_cannot_be_written(server: ScriptedServer, person: Person) -> None:
    done = await person.feeds.subscribe(f"{server.url}/a.ics", every=timedelta(hours=2))
    info = await person.library.find("Team")
    assert (info.kind, info.events, info.can.write, info.can.delete) == (CalendarKind.FEED, 8, False, True)
    assert (done.added, done.subscription.every, done.subscription.chosen) == (8, timedelta(hours=2), True)
    assert info.refreshed == person.clock.now()
    store = await person.library.store_of(info.id)
    [first, *_rest] = await person.library.objects(info.id)
    with pytest.raises(Refused, match="comes from the internet"):
        await store.put(info.id, first.object, expected_etag=first.etag)


async def test_a_change_is_seen_at_the_next_refresh(server: ScriptedServer, person: Person, address: str) -> None:
    server.pages["/a.ics"] = Answer(200, calendar(7, title="Dinner"), ICS)
    [done] = await person.feeds.refresh_all(due_only=True)
    assert (done.result, done.added, done.updated, done.removed) == (Result.CHANGED, 0, 7, 1)
    assert (await person.titles())[0] == "Dinner 0"


async def test_nothing_is_fetched_before_it_is_due(server: ScriptedServer, person: Person) -> None:
    await person.feeds.subscribe(f"{server.url}/a.ics")
    assert await person.feeds.refresh_all(due_only=True) == []
    assert len(server.asked) == 1
    person.later(minutes=61)
    await person.feeds.refresh_all(due_only=True)
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    ("said", "every"),
    [
        ("", timedelta(hours=1)),
        ("REFRESH-INTERVAL;VALUE=DURATION:PT4H\r\n", timedelta(hours=4)),
        ("X-PUBLISHED-TTL:PT30M\r\n", timedelta(minutes=30)),
        ("X-PUBLISHED-TTL:PT1S\r\n", timedelta(minutes=15)),
        ("REFRESH-INTERVAL;VALUE=DURATION:P52W\r\n", timedelta(days=1)),
        ("X-PUBLISHED-TTL:nonsense\r\n", timedelta(hours=1)),
    ],
)
async def test_the_calendars_advice_counts_within_bounds(
    server: ScriptedServer, person: Person, said: str, every: timedelta
) -> None:
    server.pages["/a.ics"] = Answer(200, calendar(extra=said), ICS)
    assert (await person.feeds.subscribe(f"{server.url}/a.ics")).subscription.every == every


@pytest.mark.parametrize("every", [timedelta(seconds=30), timedelta(days=31)])
async def test_an_interval_out_of_bounds_is_refused_before_anything_is_fetched(
    server: ScriptedServer, person: Person, every: timedelta
) -> None:
    with pytest.raises(UsageError):
        await person.feeds.subscribe(f"{server.url}/a.ics", every=every)
    assert server.asked == []


@soak("feed or server answers: local copy kept whole, person asked", 1)
async def test_an_unchanged_calendar_is_not_sent_again(server: ScriptedServer, person: Person) -> None:
    server.pages["/a.ics"] = versioned(calendar, lambda: '"1"')
    await person.feeds.subscribe(f"{server.url}/a.ics")
    person.later(hours=2)
    done = await person.feeds.refresh("Team")
    assert done.result is Result.UNCHANGED
    assert server.asked[-1].header("If-None-Match") == '"1"'
    assert done.subscription.refreshed == person.clock.now()


def _page(_request: Request) -> Answer:
    return Answer(200, b"<!DOCTYPE html><html><body>Sign in</body></html>", "text/html")


CUT = calendar(8)[: len(calendar(8)) // 2]
BOMB = gzip.compress(b"BEGIN:VCALENDAR\r\n" + b" " * 10_000_000)

SCENARIOS: dict[str, tuple[object, str]] = {
    "a web page with 200": (_page, "web page"),
    "nothing at all": (Answer(200, b"", ICS), "nothing at all"),
    "something else": (Answer(200, b"hello", ICS), "no calendar"),
    "JSON": (Answer(200, b'{"error":"x"}', "application/json"), "no calendar"),
    "cut in the middle, with the length of a whole one": (Answer(200, CUT, ICS), "broke off"),
    "a broken head": (Answer(200, b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VCALENDAR", ICS), ""),
    "401": (Answer(401), "wants a name"),
    "403": (Answer(403), "does not let"),
    "404": (Answer(404), "no calendar at this address"),
    "410": (Answer(410), "took it away"),
    "429": (Answer(429), "busy"),
    "500": (Answer(500, b"oops"), "failed"),
    "503": (Answer(503), "busy"),
    "a redirect loop": (Answer(302, headers=(("Location", "/a.ics"),)), "address to address"),
    "a redirect to a file": (Answer(302, headers=(("Location", "file:///etc/passwd"),)), "address to address"),
    "a redirect inside": (Answer(302, headers=(("Location", "http://127.0.0.2/"),)), "private network"),
    "too large": (Answer(200, b"BEGIN:VCALENDAR" + b" " * 300_000, ICS), "more than a calendar"),
    "a bomb": (Answer(200, BOMB, ICS, (("Content-Encoding", "gzip"),)), "more than a calendar"),
    "an unknown encoding": (Answer(200, b"x", ICS, (("Content-Encoding", "br"),)), "broken"),
    "cut before the answer": (Fault(Break.CUT_BEFORE), "broke off"),
    "cut in the body": (Fault(Break.HALF), "broke off"),
    "a drip": (Fault(Break.DRIP, seconds=0.05), "in time"),
}


@pytest.mark.parametrize("scenario", SCENARIOS)
@soak("feed or server answers: local copy kept whole, person asked", 1)
async def test_the_copy_stays_whole_and_the_reason_is_told(
    server: ScriptedServer, person: Person, address: str, scenario: str
) -> None:
    answer, words = SCENARIOS[scenario]
    if isinstance(answer, Fault):
        server.faults.add(answer)
    else:
        server.pages["/a.ics"] = answer
    before, refreshed = await person.titles(), (await person.feeds.find("Team")).refreshed
    [done] = await person.feeds.refresh_all()
    assert await person.titles() == before
    assert done.result in (Result.FAILED, Result.ASKED)
    assert words in done.subscription.problem
    info = await person.library.find("Team")
    assert info.offline == done.subscription.problem, "the list shows it"
    assert info.refreshed == refreshed, "and how old the copy is"
    server.pages["/a.ics"] = Answer(200, calendar(8), ICS)
    [healed] = await person.feeds.refresh_all()
    assert (healed.result, healed.subscription.problem) == (Result.UNCHANGED, "")
    assert server.crashes == []


@soak("feed or server answers: local copy kept whole, person asked", 1)
async def test_a_bad_certificate_leaves_the_copy(person: Person, tmp_path: Path) -> None:
    certificates = Certificates(tmp_path)
    with ScriptedServer(certificates) as secure:
        secure.pages["/a.ics"] = Answer(200, calendar(), ICS)
        with pytest.raises(PartagendaError, match="could not prove who it is"):
            await person.feeds.subscribe(f"{secure.url}/a.ics")
    assert await person.feeds.all() == []


@pytest.mark.parametrize(("now", "asked"), [(0, True), (1, True), (4, True), (5, False), (8, False), (20, False)])
@soak("feed or server answers: local copy kept whole, person asked", 1)
async def test_much_fewer_events_wait_for_the_persons_word(
    server: ScriptedServer, person: Person, address: str, now: int, asked: bool
) -> None:
    server.pages["/a.ics"] = Answer(200, calendar(now), ICS)
    [done] = await person.feeds.refresh_all()
    assert (done.result is Result.ASKED) is asked
    assert len(await person.titles()) == (8 if asked else now)
    if asked:
        assert done.subscription.question is not None
        assert (done.subscription.question.before, done.subscription.question.now) == (8, now)


async def test_a_yes_takes_the_smaller_calendar(server: ScriptedServer, person: Person, address: str) -> None:
    server.pages["/a.ics"] = versioned(lambda: calendar(1), lambda: '"2"')
    await person.feeds.refresh_all()
    done = await person.feeds.refresh("Team", take_smaller=True)
    assert (done.result, done.removed, done.subscription.question) == (Result.CHANGED, 7, None)
    assert await person.titles() == ["Lunch 0"]


@soak("feed or server answers: local copy kept whole, person asked", 1)
async def test_a_no_keeps_the_copy_and_is_not_asked_about_again(
    server: ScriptedServer, person: Person, address: str
) -> None:
    server.pages["/a.ics"] = Answer(200, calendar(0), ICS)
    await person.feeds.refresh_all()
    assert (await person.feeds.keep_mine("Team")).question is None
    [again] = await person.feeds.refresh_all()
    assert (again.result, again.subscription.question) == (Result.UNCHANGED, None)
    assert len(await person.titles()) == 8
    server.pages["/a.ics"] = Answer(200, calendar(1), ICS)
    [other] = await person.feeds.refresh_all()
    assert other.result is Result.ASKED


@soak("feed or server answers: local copy kept whole, person asked", 1)
async def test_a_busy_server_is_not_asked_before_it_wants(server: ScriptedServer, person: Person, address: str) -> None:
    server.pages["/a.ics"] = Answer(503, headers=(("Retry-After", "7200"),))
    await person.feeds.refresh_all()
    person.later(minutes=90)
    assert await person.feeds.refresh_all(due_only=True) == []
    person.later(minutes=31)
    assert len(await person.feeds.refresh_all(due_only=True)) == 1


async def test_the_same_address_again_is_the_same_subscription(server: ScriptedServer, person: Person) -> None:
    await person.feeds.subscribe(f"{server.url}/a.ics")
    again = await person.feeds.subscribe(
        f"{server.url}/a.ics".replace("http:", "webcal:"), name="Our team", every=timedelta(days=1)
    )
    [only] = await person.feeds.all()
    assert (only.calendar.name, only.every) == ("Our team", timedelta(days=1))
    assert again.subscription.calendar.id == only.calendar.id


async def test_a_private_network_is_refused_until_the_person_says_yes(server: ScriptedServer, tmp_path: Path) -> None:
    careful = Person(tmp_path, trusted=())
    with pytest.raises(PrivateNetwork):
        await careful.feeds.subscribe(f"{server.url}/a.ics")
    assert server.asked == []
    await careful.feeds.subscribe(f"{server.url}/a.ics", allowed=("127.0.0.1",))
    assert (await careful.feeds.refresh("Team")).result is Result.UNCHANGED, "the yes is remembered"


async def test_what_is_no_calendar_makes_no_subscription(server: ScriptedServer, person: Person) -> None:
    server.pages["/a.ics"] = _page
    with pytest.raises(Unreadable):
        await person.feeds.subscribe(f"{server.url}/a.ics")
    assert await person.library.calendars() == []


async def test_app_and_cron_do_not_both_refresh(server: ScriptedServer, person: Person, address: str) -> None:
    def slow(_request: Request) -> Answer:
        server.stopping.wait(0.3)
        return Answer(200, calendar(9), ICS)

    server.pages["/a.ics"] = slow
    other = Person(person.base, person.clock)
    asked = len(server.asked)
    results = await asyncio.gather(person.feeds.refresh_all(due_only=True), other.feeds.refresh_all(due_only=True))
    assert len(server.asked) == asked + 1
    assert sorted(done.result for [done] in results) == [Result.CHANGED, Result.ELSEWHERE]


async def test_many_are_refreshed_and_one_that_fails_keeps_no_other_back(
    server: ScriptedServer, person: Person
) -> None:
    for number in range(6):
        server.pages[f"/{number}.ics"] = Answer(200, calendar(3, name=f"C{number}"), ICS)
        await person.feeds.subscribe(f"{server.url}/{number}.ics")
        server.pages[f"/{number}.ics"] = Answer(500) if number == 2 else Answer(200, calendar(4), ICS)
    told: list[str] = []
    done = await person.feeds.refresh_all(lambda _done, _total, what: told.append(what))
    assert [one.result for one in done] == [Result.FAILED if n == 2 else Result.CHANGED for n in range(6)]
    assert sorted(told) == [f"C{n}" for n in range(6)]


async def test_a_subscription_is_stopped_and_can_be_restored(
    server: ScriptedServer, person: Person, address: str
) -> None:
    await person.feeds.stop("Team")
    assert await person.feeds.all() == []
    await person.library.restore("Team")
    assert (await person.feeds.refresh("Team")).result is Result.UNCHANGED


async def test_a_calendar_of_ones_own_is_no_subscription(person: Person) -> None:
    await person.library.create("Mine")
    for call in (person.feeds.stop, person.feeds.refresh, person.feeds.find):
        with pytest.raises(Refused):
            await call("Mine")


async def test_another_interval_counts_from_the_last_look(server: ScriptedServer, person: Person, address: str) -> None:
    checked = (await person.feeds.find("Team")).checked
    assert (await person.feeds.change("Team", timedelta(days=2))).next == checked + timedelta(days=2)
    assert (await person.feeds.change("Team", None)).chosen is False


async def test_once_is_fetched_without_a_subscription(server: ScriptedServer, person: Person) -> None:
    assert await person.feeds.fetch(f"{server.url}/a.ics") == calendar(8)
    assert await person.feeds.all() == []


async def test_what_is_remembered_is_the_persons_alone(server: ScriptedServer, person: Person, address: str) -> None:
    kept = [path for place in ("data", "state") for path in (person.base / place).rglob("*")]
    assert {path.suffix for path in kept if path.is_file()} >= {".ics", ".json"}
    assert [path for path in kept if path.stat().st_mode & 0o077] == []


def test_damaged_facts_are_no_crash() -> None:
    from core.services.feed_facts import read_feed

    damaged: list[Callable[[], object]] = [
        lambda: read_feed({"feed": {"url": "https://x.example.org/", "every": "often", "allowed": 3, "checked": 7}}),
        lambda: read_feed({"feed": []}),
        lambda: read_feed({}),
    ]
    first, *rest = (one() for one in damaged)
    assert first is not None
    assert first.interval == timedelta(hours=1)
    assert rest == [None, None]
