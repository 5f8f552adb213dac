"""Each fault of Graph, its sign-in and the network: nothing lost, nothing doubled, no token sent elsewhere."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from core.backends.mirror import MirrorStore
from core.calendar.span import TimeSpan
from core.errors import (
    CertificateError,
    Conflict,
    DeliveryUnknown,
    NotFound,
    PartagendaError,
    Refused,
    SignInFailed,
    TransportError,
    Unreachable,
)
from core.sandbox.http import Answer, Break, Fault, HttpServer, redirect
from tests.contracts.calendar_store import make_event
from tests.core.backends.graph.conftest import PARIS, Account
from tests.core.backends.mirror.conftest import open_mirror
from tests.graph_world import GraphWorld
from tests.soak import soak

pytestmark = soak("feed or server answers: local copy kept whole, person asked", 1)

WEEK = TimeSpan(datetime(2026, 11, 23, tzinfo=PARIS), datetime(2026, 11, 30, tzinfo=PARIS))


def status(code: int, word: str = "x", **headers: str) -> Answer:
    body = json.dumps({"error": {"code": word, "message": "planted"}}).encode()
    return Answer(code, body, "application/json", tuple((n.replace("_", "-"), v) for n, v in headers.items()))


def fault(world: GraphWorld, answer: Answer, method: str = "", times: int = 1, part: str = "/v1.0/") -> None:
    def meant(request) -> bool:
        return part in request.target and (not method or request.method == method)

    world.server.faults.add(Fault(Break.ANSWER, meant, times, answer))


async def filled(account: Account, calendar: str, count: int = 3) -> None:
    for number in range(count):
        await account.calendars.create(calendar, make_event(f"{number}@x", str(number)), f"key-{number}")


async def titles(account: Account, calendar: str) -> list[str]:
    return sorted(item.object.events[0].title for item in await account.calendars.window(calendar, WEEK))


READING = [
    (status(403, "ErrorAccessDenied"), Refused),
    (status(404, "ErrorItemNotFound"), NotFound),
    (redirect("https://elsewhere.example.net/v1.0/me"), TransportError),
    (Answer(200, b"<html>Sign in to the network</html>", "text/html"), TransportError),
    (Answer(200, b"", "application/json"), TransportError),
    (Answer(200, b'{"value": "none"}', "application/json"), TransportError),
    (Answer(200, b'{"value": [{"id":', "application/json"), TransportError),
    (Answer(200, b'{"value": "P1Y"}', "application/json"), TransportError),
    (Answer(200, b'{"value": [null, 1]}', "application/json"), TransportError),
    (Answer(200, b'{"value": [{"start": []}]}', "application/json"), TransportError),
]


@pytest.mark.parametrize(("answer", "error"), READING, ids=lambda value: getattr(value, "__name__", str(value)[:30]))
async def test_an_answer_that_is_none_is_never_an_empty_week(account, default, world: GraphWorld, answer, error):
    await filled(account, default)
    fault(world, answer, "GET", part="calendarView")
    with pytest.raises(error) as caught:
        await account.calendars.window(default, WEEK)
    assert caught.value.message
    assert await titles(account, default) == ["0", "1", "2"]


def in_a_minute() -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=7), usegmt=True)


@pytest.mark.parametrize("code", [429, 503])
@pytest.mark.parametrize("wait", ["3", "date", ""], ids=["seconds", "date", "missing"])
async def test_a_server_that_asks_to_wait_is_waited_for_and_nothing_is_done_twice(
    account: Account, default: str, world: GraphWorld, code: int, wait: str
):
    said = {"Retry_After": in_a_minute() if wait == "date" else wait} if wait else {}
    for method in ("POST", "GET", "PATCH", "DELETE"):
        fault(world, status(code, "ApplicationThrottled", **said), method, times=2, part="events")
    ref = await account.calendars.create(default, make_event(), "k")
    await account.calendars.fetch(default, [ref.id])
    ref = await account.calendars.update(default, ref, make_event(), make_event(title="New"), "k2")
    assert [item.facts["subject"] for item in world.calendar().items.values()] == ["New"]
    await account.calendars.delete(default, ref)
    assert world.calendar().items == {}
    expected = {"3": [3.0], "": [1.0, 2.0]}.get(wait)
    assert all(one in expected if expected else 4 < one <= 7 for one in account.waited)
    assert len(account.waited) >= 8


async def test_a_server_that_asks_to_wait_for_long_is_left_alone_and_it_is_said_when(account, default, world):
    fault(world, status(429, "ApplicationThrottled", Retry_After="600"), times=9)
    with pytest.raises(Unreachable) as caught:
        await account.calendars.window(default, WEEK)
    assert "600" in caught.value.hint
    assert account.waited == []


@pytest.mark.parametrize("code", [500, 502, 504])
async def test_a_reading_is_asked_again_after_a_failure_of_the_server(account, default, world, code: int):
    await filled(account, default)
    fault(world, status(code), "GET", part="calendarView", times=2)
    assert await titles(account, default) == ["0", "1", "2"]


@pytest.mark.parametrize("code", [500, 502, 504])
async def test_a_write_is_not_sent_again_when_nobody_knows(account, default, world: GraphWorld, code: int):
    fault(world, status(code), "POST", part="/events")
    with pytest.raises(DeliveryUnknown):
        await account.calendars.create(default, make_event(), "k")
    assert sum(line.startswith("POST") for line in world.server.requests) == 0  # the fault took the only one
    assert await account.calendars.find(default, "k") is None


async def test_a_token_that_ends_in_the_middle_of_a_list_is_renewed(account, default, world: GraphWorld):
    await filled(account, default, 5)
    found = []
    async for page in account.session.pages(f"{default}/events", select="id,subject", top="2"):
        found += [one["subject"] for one in page["value"]]
        world.server.sign_ins.expire()
    assert found == list("01234")
    assert account.tokens.asked >= 2


async def test_a_token_that_is_refused_again_and_again_is_said(account, default, world: GraphWorld):
    fault(world, status(401, "InvalidAuthenticationToken"), times=5)
    with pytest.raises(SignInFailed) as caught:
        await account.calendars.window(default, WEEK)
    assert "account check cloud" in caught.value.hint
    assert account.tokens.asked == 1


@pytest.mark.parametrize("code", [409, 412])
async def test_a_conflict_is_told_and_nothing_is_changed(account, default, world: GraphWorld, code: int):
    ref = await account.calendars.create(default, make_event(), "k")
    fault(world, status(code, "ErrorIrresolvableConflict"), "PATCH")
    with pytest.raises(Conflict):
        await account.calendars.update(default, ref, make_event(), make_event(title="New"), "k2")
    assert await titles(account, default) == ["Lunch with Bruno"]


class Elsewhere(HttpServer):
    """Another host, which keeps what it is sent."""

    def __init__(self, certificates) -> None:
        super().__init__(certificates, "elsewhere")
        self.seen: list[dict[str, str]] = []

    def answer(self, request):
        self.seen.append(dict(request.headers.items()))
        return Answer(200, b'{"value": []}', "application/json")


@pytest.mark.parametrize("where", ["nextLink", "redirect", "deltaLink"])
async def test_no_token_goes_to_another_host(account, default, world: GraphWorld, where: str):
    await filled(account, default)
    with Elsewhere(world.certificates) as other:
        address = f"{other.url}/v1.0/{default}/events?$skip=2"
        if where == "redirect":
            fault(world, redirect(address, 307), "GET")
        else:
            page = {"value": [], f"@odata.{where}": address}
            fault(world, Answer(200, json.dumps(page).encode(), "application/json"), "GET")
        with pytest.raises(TransportError) as caught:
            if where == "deltaLink":
                token = (await account.calendars.changes(default, "")).token
                token = (await account.calendars.changes(default, token)).token
                await account.calendars.changes(default, token)
            else:
                await account.calendars.window(default, WEEK)
        assert str(other.port) in caught.value.message
        assert other.seen == []


async def test_an_upload_address_gets_no_token(account, default, world: GraphWorld):
    with Elsewhere(world.certificates) as other:
        await account.session.upload(f"{other.url}/upload/1", b"0123456789")
        assert [{name.lower() for name in seen} & {"authorization"} for seen in other.seen] == [set()]


async def test_a_page_that_comes_twice_doubles_nothing(account, default, world: GraphWorld):
    await filled(account, default)
    whole = world.client().get(f"/{default}/events?$select=id,subject").json()["value"]
    again = {"value": whole[:2], "@odata.nextLink": f"{world.server.url}/v1.0/{default}/events?$select=id,subject"}
    fault(world, Answer(200, json.dumps(again).encode(), "application/json"), "GET", part="/events")
    found = await account.session.everything(f"{default}/events", select="id,subject")
    assert [one["subject"] for one in found] == ["0", "1", "2"]


async def test_pages_that_go_in_a_circle_end(account, default, world: GraphWorld):
    circle = {"value": [], "@odata.nextLink": f"{world.server.url}/v1.0/{default}/events?$skip=1"}
    fault(world, Answer(200, json.dumps(circle).encode(), "application/json"), "GET", times=9, part="/events")
    with pytest.raises(TransportError):
        await account.session.everything(f"{default}/events")


async def test_a_throttled_part_of_a_batch_is_asked_again_alone(account, default, world: GraphWorld):
    await filled(account, default)
    ids = list(world.calendar().items)
    steps = [{"id": str(n), "status": 200, "headers": {}, "body": {"id": i, "changeKey": "x", "value": []}} for n, i in
             enumerate(ids[:2])]  # fmt: skip
    steps.append({"id": "2", "status": 429, "headers": {"Retry-After": "2"}, "body": {"error": {"code": "x"}}})
    fault(world, Answer(200, json.dumps({"responses": steps}).encode(), "application/json"), "POST", part="$batch")
    answers = await account.session.batch([f"{default}/events/{one}" for one in ids])
    assert [answer.status for answer in answers] == [200, 200, 200]
    assert account.waited == [2.0]


@pytest.mark.parametrize("kind", [Break.CUT_BEFORE, Break.CUT_AFTER, Break.HALF])
async def test_a_create_that_is_cut_is_there_once_after_the_next_round(
    account: Account, world: GraphWorld, tmp_path: Path, kind: Break
):
    store = open_mirror(tmp_path, account.calendars)
    await store.refresh()
    (calendar,) = [info.id for info in await store.calendars()]
    world.server.faults.add(Fault(kind, lambda r: r.method == "POST" and r.path.endswith("/events")))
    await store.put(calendar, make_event(), expected_etag=None)
    await store.pushed(10)
    await store.refresh()
    await store.pushed(10)
    assert [item.facts["subject"] for item in world.calendar().items.values()] == ["Lunch with Bruno"]
    assert (await store.get(calendar, "lunch@example.org")).object.events[0].title == "Lunch with Bruno"
    assert await store.writes() == []
    await store.close()


async def mirrored(account: Account, base: Path, count: int = 8) -> tuple[MirrorStore, str]:
    default = (await account.calendars.calendars())[0].id
    await filled(account, default, count)
    store = open_mirror(base, account.calendars)
    await store.refresh()
    return store, (await store.calendars())[0].id


OUTAGES = [
    ("403", status(403, "ErrorAccessDenied")),
    ("500", status(500)),
    ("503", status(503)),
    ("html", Answer(200, b"<html></html>", "text/html")),
    ("cut", None),
]


@pytest.mark.parametrize(("name", "answer"), OUTAGES, ids=[name for name, _answer in OUTAGES])
async def test_no_outage_empties_the_local_copy(account, world: GraphWorld, tmp_path: Path, name, answer):
    store, calendar = await mirrored(account, tmp_path)
    if answer is None:
        world.server.faults.add(Fault(Break.CUT_BEFORE, times=0))
    else:
        fault(world, answer, times=0)
    with pytest.raises(PartagendaError):
        await store.refresh()
    assert len(await store.entries([calendar], WEEK, PARIS)) == 8
    assert (await store.state()).problem
    world.server.faults.clear()
    await store.refresh()
    assert not (await store.state()).problem
    await store.close()


async def test_a_forgotten_token_reads_everything_again_and_loses_nothing(account, world, tmp_path: Path):
    store, calendar = await mirrored(account, tmp_path)
    gone = next(iter(world.calendar().items))
    del world.calendar().items[gone]
    world.server.world.rounds.forget()
    await store.refresh()
    assert len(await store.entries([calendar], WEEK, PARIS)) == 7
    await store.close()


async def test_a_server_that_is_not_who_it_should_be_gets_no_token(account, default, world: GraphWorld, tmp_path: Path):
    from core.sandbox.servers import Certificates

    (tmp_path / "other").mkdir(mode=0o700)
    with Elsewhere(Certificates(tmp_path / "other")) as other:
        from dataclasses import replace

        from core.backends.graph.session import Session

        session = Session(replace(account.settings, server=other.url), account.tokens)
        with pytest.raises(CertificateError):
            await session.get("me")
        assert other.seen == []


async def test_never_more_than_three_at_once(account, default, world: GraphWorld):
    import asyncio

    await filled(account, default)
    world.server.faults.add(Fault(Break.DELAY, lambda r: "/me" in r.target, times=12, seconds=0.05))
    await asyncio.gather(*(account.session.get("me") for _n in range(12)))
    assert world.server.most_at_once <= 3


async def test_a_write_whose_answer_is_strange_may_have_been_done(account: Account, default: str, world: GraphWorld):
    usual = world.server.answer
    world.server.answer = lambda request: (
        Answer(201, b'{"id": null}', "application/json")
        if usual(request).status == 201 and request.method == "POST"
        else usual(request)
    )
    with pytest.raises(DeliveryUnknown) as caught:
        await account.calendars.create(default, make_event(), "k")
    assert caught.value.message
