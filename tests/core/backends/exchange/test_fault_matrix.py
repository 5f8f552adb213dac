"""Each fault of the server × each thing that a person does: nothing lost, nothing twice, a clear message, keys free."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from core.backends.exchange.session import Limits
from core.backends.mirror import MirrorStore
from core.calendar.event import CalendarObject, Event, Sensitivity
from core.calendar.span import TimeSpan
from core.config.settings import SignIn
from core.errors import TransportError
from core.sandbox.exchange.options import InnerError
from core.sandbox.exchange.server import ExchangeServer
from core.sandbox.http import Answer, Break, Fault, Request, redirect
from core.sandbox.people import Accounts
from core.sharing.permissions import PermissionLevel
from tests.core.backends.exchange.conftest import let_read, open_mirror
from tests.soak import soak

pytestmark = soak("feed or server answers: local copy kept whole, person asked", 1)

PARIS = ZoneInfo("Europe/Paris")
NOON = datetime(2026, 11, 23, 12, tzinfo=PARIS)
WEEK = TimeSpan(NOON - timedelta(days=3), NOON + timedelta(days=4))
QUICK = Limits(total=20.0, tries=2, pause=0.01, longest_wait=0.5)
HASTY = replace(QUICK, total=5.0)
"""For a server that drips: it is waited for."""
_BUSY = (
    '<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault>'
    "<faultcode>s:Server</faultcode><faultstring>Busy</faultstring><detail>"
    '<e:ResponseCode xmlns:e="http://schemas.microsoft.com/exchange/services/2006/errors">ErrorServerBusy'
    '</e:ResponseCode><e:Message xmlns:e="http://schemas.microsoft.com/exchange/services/2006/errors">Busy</e:Message>'
    '<t:MessageXml xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types">'
    '<t:Value Name="BackOffMilliseconds">{wait}</t:Value></t:MessageXml></detail></s:Fault></s:Body></s:Envelope>'
)
SIGN_IN = Answer(200, b"<html><body><form>Sign in</form></body></html>", "text/html")
FAULTS: dict[str, Fault] = {
    "401": Fault(Break.ANSWER, answer=Answer(401)),
    "302 to a sign-in page": Fault(Break.ANSWER, answer=redirect("https://sign-in.example.org/")),
    "200 with a sign-in page": Fault(Break.ANSWER, answer=SIGN_IN),
    "busy, a moment": Fault(Break.ANSWER, answer=Answer(500, _BUSY.format(wait=20).encode(), "text/xml")),
    "busy, an hour": Fault(Break.ANSWER, answer=Answer(500, _BUSY.format(wait=3_600_000).encode(), "text/xml")),
    "503": Fault(Break.ANSWER, answer=Answer(503)),
    "500 without a word": Fault(Break.ANSWER, answer=Answer(500)),
    "200 with half a document": Fault(
        Break.ANSWER, answer=Answer(200, b"<?xml version='1.0'?><s:Envelope", "text/xml")
    ),
    "cut before": Fault(Break.CUT_BEFORE),
    "cut after": Fault(Break.CUT_AFTER),
    "half an answer": Fault(Break.HALF),
    "a drip": Fault(Break.DRIP, seconds=1.0),
}
INNER = ("ErrorInternalServerError", "ErrorServerBusy", "ErrorMailboxStoreUnavailable", "ErrorTimeoutExpired")


def asking(operation: str) -> Callable[[Request], bool]:
    return lambda request: f":{operation}".encode() in request.body[:3000]


def lunch(title: str = "Lunch", **changes: object) -> CalendarObject:
    event = Event("lunch@example.org", NOON, NOON + timedelta(hours=1), title)
    return CalendarObject(event.uid, (replace(event, **changes),))


@dataclass
class Desk:
    """A store over the server, the calendar's id, and what really stands there."""

    server: ExchangeServer
    store: MirrorStore
    calendar: str
    home: Path

    def there(self) -> list[tuple[str, str, int, int]]:
        """Subject, start, changed and deleted instances of each item of the mailbox's default calendar."""
        folder = self.server.organisation.mailboxes["alice@example.org"].distinguished["calendar"]
        with self.server.organisation.lock:
            return [
                (item.text("Subject"), item.text("Start")[:16], len(item.exceptions), len(item.deleted))
                for item in folder.items.values()
            ]

    async def here(self) -> list[str]:
        """Titles in the copy."""
        return [stored.object.events[0].title for stored in await self.store.objects(self.calendar)]

    async def put(self, thing: CalendarObject) -> None:
        known = {stored.object.uid: stored.etag for stored in await self.store.objects(self.calendar)}
        await self.store.put(self.calendar, thing, expected_etag=known.get(thing.uid))

    async def settled(self) -> None:
        await self.store.pushed(20.0)

    async def mended(self) -> None:
        """The server works again, and the next round comes."""
        self.server.faults.clear()
        self.server.options.inner_errors.clear()
        await self.settled()
        await self.store.refresh()
        state = await self.store.state()
        assert (state.problem, state.waiting, state.conflicts) == ("", 0, 0)


@pytest.fixture
async def desk(
    server: ExchangeServer, open_parts, tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[Desk]:
    limits = HASTY if "drip" in request.node.name else QUICK
    store = open_mirror(tmp_path / "home", open_parts(limits).calendars)
    await store.refresh()
    yield Desk(server, store, (await store.calendars())[0].id, tmp_path / "home")
    server.faults.clear()
    await store.close()


async def create(desk: Desk) -> list[tuple[str, str, int, int]]:
    await desk.put(lunch())
    return [("Lunch", "2026-11-23T11:00", 0, 0)]


async def edit(desk: Desk) -> list[tuple[str, str, int, int]]:
    await desk.put(lunch("Dinner"))
    return [("Dinner", "2026-11-23T11:00", 0, 0)]


async def delete(desk: Desk) -> list[tuple[str, str, int, int]]:
    (stored,) = await desk.store.objects(desk.calendar)
    await desk.store.delete(desk.calendar, stored.object.uid, expected_etag=stored.etag)
    return []


async def change_instances(desk: Desk) -> list[tuple[str, str, int, int]]:
    master = replace(lunch(rrule="FREQ=DAILY;COUNT=5").events[0], exdates=(NOON + timedelta(days=1),))
    rid = NOON + timedelta(days=2)
    special = replace(master, rrule="", exdates=(), recurrence_id=rid, start=rid, end=rid + timedelta(hours=3))
    await desk.put(CalendarObject(master.uid, (master, special)))
    return [("Lunch", "2026-11-23T11:00", 1, 1)]


WRITES = {
    "creating": (None, create, "CreateItem"),
    "changing": (lunch(), edit, "UpdateItem"),
    "deleting": (lunch(), delete, "DeleteItem"),
    "changing instances": (lunch(rrule="FREQ=DAILY;COUNT=5"), change_instances, "UpdateItem"),
    "deleting an instance": (lunch(rrule="FREQ=DAILY;COUNT=5"), change_instances, "DeleteItem"),
}


FULL = bool(os.environ.get("PARTAGENDA_SOAK"))
"""`make soak` runs every cell; `make test` each fault at each write once, or until it is mended, by turns."""
CELLS = [(what, fault, times) for what in WRITES for fault in FAULTS for times in (1, 0)]
MATRIX = CELLS if FULL else [cell for number, cell in enumerate(CELLS) if number % 4 in (0, 3)]
INSIDE = [(what, inner) for what in WRITES for inner in INNER][:: 1 if FULL else 2]
READS = ("GetFolder", "FindFolder", "SyncFolderItems", "GetItem")[:: 1 if FULL else 2]


@pytest.mark.parametrize(("what", "fault", "times"), MATRIX)
@pytest.mark.slow
async def test_a_write_arrives_once_whatever_breaks(desk: Desk, what: str, fault: str, times: int):
    first, act, operation = WRITES[what]
    if first is not None:
        await desk.put(first)
        await desk.settled()
    desk.server.faults.add(replace(FAULTS[fault], when=asking(operation), times=times))
    wanted = await act(desk)
    here = await desk.here()
    await desk.settled()
    state = await desk.store.state()
    assert desk.server.faults.happened
    assert (state.waiting > 0) == bool(state.problem)  # what did not arrive is said, with its reason
    assert await desk.here() == here  # the person's own version stays on the screen
    await desk.mended()
    assert desk.there() == wanted
    assert await desk.here() == here


@pytest.mark.parametrize(("what", "inner"), INSIDE)
@pytest.mark.slow
async def test_a_write_arrives_once_after_errors_inside_of_200(desk: Desk, what: str, inner: str):
    first, act, _operation = WRITES[what]
    if first is not None:
        await desk.put(first)
        await desk.settled()
    desk.server.options.inner_errors.append(InnerError(inner, times=0))
    wanted = await act(desk)
    await desk.settled()
    assert (await desk.store.state()).problem
    await desk.mended()
    assert desk.there() == wanted


@pytest.mark.parametrize("fault", FAULTS, ids=str)
@pytest.mark.parametrize("operation", READS)
@pytest.mark.slow
async def test_the_copy_stays_whole_while_reading_fails(
    desk: Desk, server: ExchangeServer, open_parts, tmp_path: Path, fault: str, operation: str
):
    await desk.put(lunch())
    await desk.settled()
    other = open_parts().calendars
    await other.create((await other.calendars())[0].id, _dinner(), "key-of-another-program")
    server.faults.add(replace(FAULTS[fault], when=asking(operation), times=0))
    with pytest.raises(TransportError) as refused:
        await desk.store.refresh()
    assert refused.value.message
    assert await desk.here() == ["Lunch"]
    assert (await desk.store.state()).problem == refused.value.message
    assert [info.offline for info in await desk.store.calendars()] == [refused.value.message]
    await desk.mended()
    assert sorted(await desk.here()) == ["Dinner", "Lunch"]


def _dinner() -> CalendarObject:
    return CalendarObject("dinner@example.org", (replace(lunch("Dinner").events[0], uid="dinner@example.org"),))


@pytest.mark.parametrize("fault", ["a drip", "cut before"])
async def test_reading_the_copy_waits_for_no_server(desk: Desk, fault: str):
    await desk.put(lunch())
    await desk.settled()
    desk.server.faults.add(replace(FAULTS[fault], times=0))
    asked = asyncio.ensure_future(desk.store.refresh())
    while not desk.server.faults.happened:
        await asyncio.sleep(0.01)
    assert [entry.title for entry in await desk.store.entries([desk.calendar], WEEK, PARIS)] == ["Lunch"]
    await desk.put(lunch("Dinner"))
    assert [entry.title for entry in await desk.store.entries([desk.calendar], WEEK, PARIS)] == ["Dinner"]
    with pytest.raises(TransportError):
        await asked
    await desk.mended()
    assert [title for title, *_rest in desk.there()] == ["Dinner"]


async def test_private_text_of_a_colleague_is_hidden_where_the_server_sends_it(
    desk: Desk, server: ExchangeServer, open_parts, accounts: Accounts
):
    sign_in = SignIn("bruno", password=accounts.passwords["bruno"])
    bruno = open_parts(name="bruno", address="bruno@example.org", sign_in=sign_in).calendars
    secret = lunch("The secret surgery", sensitivity=Sensitivity.PRIVATE, place="Clinic")
    await bruno.create((await bruno.calendars())[0].id, secret, "k")
    let_read(server, "bruno@example.org", PermissionLevel.REVIEWER)
    server.options.private_text = True
    shared = await desk.store.open_shared("bruno@example.org")
    (entry,) = await desk.store.entries([shared.id], WEEK, PARIS)
    assert (entry.title, entry.place, entry.private) == ("", "", True)
    assert await desk.store.search(["surgery"], [shared.id], PARIS) == []
    kept = b"".join(path.read_bytes() for path in desk.home.rglob("*") if path.is_file())
    assert b"surgery" not in kept


async def test_control_characters_in_an_answer_stop_nothing(desk: Desk, server: ExchangeServer, open_parts):
    other = open_parts().calendars
    await other.create((await other.calendars())[0].id, lunch(), "key-of-another-program")
    server.options.control_characters = True
    await desk.store.refresh()
    (title,) = await desk.here()
    assert "Lunch" in title
    assert all(sign.isprintable() for sign in title)
