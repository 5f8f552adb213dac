"""What the processes do that are killed in the middle of it: each says what the program has acknowledged."""

from __future__ import annotations

import asyncio
import functools
import itertools
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from core.backends.smtp import Security, SmtpSettings, SmtpTransport
from core.backends.vdir import VdirStore
from core.calendar.event import CalendarObject, Event
from core.calendar.span import DateRange
from core.config.accounts import add_account
from core.config.clock import SystemClock
from core.errors import Conflict, NotFound
from core.index.session import IndexSession
from core.ports.mail import Envelope
from core.services.drafts import DraftStore, new_draft
from core.services.ledger import Ledger
from core.services.library import Library, Source
from core.services.outbox import Outbox, ShareFacts
from core.services.publish import PublishOptions
from core.services.state_file import write_state
from core.sharing.detail import DetailLevel
from core.sharing.snapshot import SnapshotOptions
from tests.core.services.calendars import PARIS, calendar, event, open_library
from tests.core.services.conftest import StillClock
from tests.core.services.publishing import Places, World, service
from tests.nursery import Voice

START = datetime(2026, 11, 23, 12, tzinfo=PARIS)
LEVELS = (DetailLevel.AVAILABILITY, DetailLevel.LIMITED, DetailLevel.FULL)
MARKS = {DetailLevel.LIMITED: "Budget review", DetailLevel.FULL: "Figures of the quarter"}
"""The words that a level is the narrowest to show."""
TO_PUBLISH = calendar(
    event("a@x", "DURATION:PT1H", "RRULE:FREQ=DAILY", "DESCRIPTION:Figures of the quarter", title="Budget review"),
    name="Work",
)
Words = Callable[..., Awaitable[None]]


def running(work: Words) -> Callable[..., None]:
    """A child's function from a coroutine."""

    @functools.wraps(work)
    def run(voice: Voice, *arguments: object) -> None:
        asyncio.run(work(voice, *arguments))  # type: ignore[arg-type]

    return run


def open_store(base: str | Path) -> VdirStore:
    """The calendars below this folder, as each start of the program opens them."""
    folder, home = Path(base), Path(base) / "data" / "calendars"
    index = IndexSession(str(folder / "cache" / "index.sqlite3"), [("local", f"{home}/*")])
    clock = SystemClock(PARIS)
    return VdirStore("local", index, clock, home=home, data=folder / "data", state=folder / "state")


def one_event(uid: str, title: str) -> CalendarObject:
    return CalendarObject(uid, (Event(uid, START, START + timedelta(hours=1), title),))


@running
async def save(voice: Voice, base: str, calendar_id: str) -> None:
    """Saves three events again and again; says `uid number`."""
    store = open_store(base)
    for number in itertools.count():
        uid = f"e{number % 3}"
        last = -1
        try:
            stored = await store.get(calendar_id, uid)
            last = int(stored.object.events[0].title)
            changed = replace(stored.object.events[0], title=str(last + 1))
            await store.put(calendar_id, CalendarObject(uid, (changed,)), expected_etag=stored.etag)
        except NotFound:
            await store.put(calendar_id, one_event(uid, "0"), expected_etag=None)
        except Conflict:
            continue
        voice.say(f"{uid} {last + 1}")


@running
async def take_in(voice: Voice, base: str, file: str) -> None:
    """Imports the file; says `reading` and `done`."""
    library = Library([open_store(base)], SystemClock(PARIS), Path(base) / "state")
    voice.say("reading")
    await library.import_sources([Source(file, path=Path(file))])
    voice.say("done")


@running
async def add_one(voice: Voice, base: str, calendar_id: str, uid: str) -> None:
    """Waits for the word and adds one event, as one of very many processes."""
    store = open_store(base)
    voice.say("here")
    voice.hear()
    await store.put(calendar_id, one_event(uid, uid), expected_etag=None)
    voice.say("kept")


class Password:
    """The sandbox's."""

    def __init__(self, word: str) -> None:
        self._word = word

    async def password(self, account: str) -> str:
        return self._word

    def forget(self, account: str) -> None:
        pass


def letter(name: str) -> Envelope:
    head = f"Message-ID: {name}\r\nFrom: alice@example.org\r\nTo: bruno@example.org\r\nSubject: s\r\n\r\nHello\r\n"
    return Envelope(name, "alice@example.org", ("bruno@example.org",), head.encode())


def open_outbox(folder: str | Path, transport: SmtpTransport | None) -> Outbox:
    """The outbox in this folder; without a transport nothing leaves it."""
    base = Path(folder)
    return Outbox(base / "outbox.sqlite3", lambda _name: transport, Ledger(base / "ledger.sqlite3"), SystemClock())


@running
async def send(voice: Voice, folder: str, port: int, ca: str, password: str, first: int) -> None:
    """Queues and sends message after message; says each Message-ID."""
    settings = SmtpSettings("127.0.0.1", port, Security.STARTTLS, "alice", Path(ca))
    outbox = open_outbox(folder, SmtpTransport("mail", settings, Password(password)))
    for number in itertools.count(first):
        name = f"<{number}@example.org>"
        await outbox.submit(letter(name), ShareFacts("Calendar", "full", "today"), subject=str(number))
        voice.say(name)


def configure(voice: Voice, base: str, first: int) -> None:
    """Writes settings, drafts and accounts without end; says `what number`."""
    folder = Path(base)
    drafts = DraftStore(folder / "drafts")
    draft = replace(new_draft("c", SnapshotOptions(days=DateRange(START.date(), START.date()))), id="0" * 16)
    for number in itertools.count(first):
        write_state(folder / "library.json", {f"n{number % 20}": number})
        voice.say(f"state {number}")
        add_account(folder / "config.toml", f"a{number}", "vdir", {"path": f"/calendars/{number}"})
        voice.say(f"account {number}")
        drafts.save(replace(draft, message=f"Draft {number}"), datetime.now(UTC))
        voice.say(f"draft {number}")


def open_publishing(base: str | Path, clock: StillClock) -> World:
    """The publications below this folder; their readers' folder is `site`."""
    folder = Path(base)
    library, places = open_library(folder), Places(folder / "site")
    ledger = Ledger(folder / "data" / "ledger.sqlite3")
    return World(service(folder, library, places, clock), library, places, ledger, folder / "site", folder, clock)


async def prepare_publishing(base: Path) -> None:
    """A calendar and a folder to publish it to."""
    (base / "site").mkdir(parents=True)
    (base / "sample.ics").write_bytes(TO_PUBLISH)
    await open_library(base).import_sources([Source("sample", path=base / "sample.ics")], name="Work")


def level_of(number: int) -> DetailLevel:
    return LEVELS[number % 3]


@running
async def publish(voice: Voice, base: str) -> None:
    """Publishes, changes what others see a few times, takes it away, and again; says what holds from now on."""
    world = open_publishing(base, StillClock())
    for number in itertools.count():
        there = await world.service.publications()
        if there and number % 5 == 4:
            await world.service.remove(there[0].id)
            voice.say("nothing")
        elif there:
            level = LEVELS[(LEVELS.index(there[0].options.level) + 1) % 3]
            await world.service.change(there[0].id, PublishOptions(level=level, page=True))
            voice.say(level.value)
        else:
            await world.service.publish(world.request("work.ics", level=LEVELS[0], page=True))
            voice.say(LEVELS[0].value)


# one act, for what fails at one call of the system -----------------------------------------------------------


async def _save_once(base: Path) -> None:
    store = open_store(base)
    (info,) = await store.calendars()
    stored = await store.get(info.id, "e0")
    changed = replace(stored.object.events[0], title="new")
    await store.put(info.id, CalendarObject("e0", (changed,)), expected_etag=stored.etag)


async def _take_in_once(base: Path) -> None:
    library = Library([open_store(base)], SystemClock(PARIS), base / "state")
    await library.import_sources([Source("in.ics", path=base / "in.ics")], name="Imported")


async def _enqueue_once(base: Path) -> None:
    outbox = open_outbox(base, None)
    try:
        await outbox.submit(letter("<new@example.org>"), ShareFacts("Calendar", "full", "today"), subject="s")
    finally:
        outbox.close()


async def _publish_once(base: Path) -> None:
    world = open_publishing(base, StillClock())
    (one,) = await world.service.publications()
    await world.service.change(one.id, PublishOptions(level=DetailLevel.AVAILABILITY, page=True))


async def _state_once(base: Path) -> None:
    write_state(base / "library.json", {"default": "new"})


async def _account_once(base: Path) -> None:
    add_account(base / "config.toml", "new", "vdir", {"path": "/calendars"})


ACTS = {
    "save": _save_once,
    "import": _take_in_once,
    "enqueue": _enqueue_once,
    "publish": _publish_once,
    "state": _state_once,
    "settings": _account_once,
}


@running
async def act(voice: Voice, name: str, warm: str, base: str) -> None:
    """Does it once elsewhere, so that every module is there; then, at the word, once here. Says `saved` or why not."""
    from core.errors import PartagendaError

    await ACTS[name](Path(warm))
    voice.say("ready")
    voice.hear()
    try:
        await ACTS[name](Path(base))
    except PartagendaError as error:
        voice.say(f"refused {error.message}")
    except BaseException as error:
        voice.say(f"raised {error!r}")
        sys.exit(1)
    else:
        voice.say("saved")
