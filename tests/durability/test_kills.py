"""kill -9 at any moment: nothing torn, nothing acknowledged and lost, nothing twice, no temporary file after a start.

Each test kills some processes in `make test`; together they kill ten thousand in `make soak`.
"""

from __future__ import annotations

import time
import tomllib
from collections import Counter
from email.parser import BytesHeaderParser
from pathlib import Path

import pytest

from core.backends.smtp import Security, SmtpSettings, SmtpTransport
from core.private import sweep_private
from core.sandbox.people import Accounts
from core.sandbox.servers import Certificates, MailServer
from core.services.drafts import DraftStore
from core.services.ledger import Ledger
from core.services.outbox import OutboxState
from core.services.publication_store import Publication
from core.services.state_file import read_state
from core.sharing.detail import DetailLevel
from tests.core.services.conftest import StillClock
from tests.durability.children import (
    LEVELS,
    MARKS,
    Password,
    open_outbox,
    open_publishing,
    open_store,
    prepare_publishing,
)  # fmt: skip
from tests.nursery import Nursery
from tests.soak import chance, parts, scaled, soak

pytestmark = pytest.mark.slow

SAVES, IMPORTS, SENDS, SETTINGS, PUBLISHED = (
    scaled(12, 3_000), scaled(8, 2_000), scaled(8, 2_500), scaled(12, 2_000), scaled(6, 500),
)  # fmt: skip
CHILD = "tests.durability.children"
IMPORTED = 60
"""Events of the calendar that is imported."""
GROUP = 25
"""Kills until the outbox is looked at."""


@pytest.mark.parametrize("trials", parts(SAVES, 500))
@soak("kill -9 during save: 0 torn, 0 acknowledged and lost", SAVES)
async def test_a_kill_tears_no_event_and_loses_nothing_that_was_acknowledged(
    children: Nursery, tmp_path: Path, trials: int
) -> None:
    draw = chance(1)
    store = open_store(tmp_path)
    calendar = (await store.create("Work")).id
    folder = tmp_path / "data" / "calendars" / calendar.partition("/")[2]
    store._index.close()
    for _trial in range(trials):
        child = children.start(f"{CHILD}:save", tmp_path, calendar)
        said = dict([_pair(child.next())])
        time.sleep(draw.random() * 0.03)
        child.kill()
        said |= dict(map(_pair, child.rest()))
        store = open_store(tmp_path)
        await store.refresh()
        stored = {one.object.uid: int(one.object.events[0].title) for one in await store.objects(calendar)}
        whole = all(path.read_bytes().endswith(b"END:VCALENDAR\r\n") for path in folder.glob("*.ics"))
        lost = {uid: number for uid, number in said.items() if stored.get(uid, -1) < number}
        assert (whole, lost, [path.name for path in folder.glob(".*.tmp")]) == (True, {}, [])
        store._index.close()


def _pair(text: str | None) -> tuple[str, int]:
    assert text, "it ended before it was killed"
    uid, number = text.split()
    return uid, int(number)


def calendar_of(count: int) -> bytes:
    events = b"".join(
        b"BEGIN:VEVENT\r\nUID:e%d\r\nDTSTAMP:20261101T000000Z\r\nDTSTART:20261123T%02d0000Z\r\n"
        b"DTEND:20261123T%02d3000Z\r\nSUMMARY:Event %d\r\nEND:VEVENT\r\n" % (n, n % 24, n % 24, n)
        for n in range(count)
    )
    head = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//EN\r\nX-WR-CALNAME:Killed\r\n"
    return head + events + b"END:VCALENDAR\r\n"


@pytest.mark.parametrize("trials", parts(IMPORTS, 500))
@soak("kill -9 during import: the whole calendar or none", IMPORTS)
async def test_a_kill_during_an_import_leaves_the_whole_calendar_or_none(
    children: Nursery, tmp_path: Path, trials: int
) -> None:
    (tmp_path / "in.ics").write_bytes(calendar_of(IMPORTED))
    draw, seen = chance(2), Counter[bool]()
    for _trial in range(trials):
        child = children.start(f"{CHILD}:take_in", tmp_path, tmp_path / "in.ics")
        assert child.next() == "reading"
        time.sleep(draw.random() * 0.07)
        child.kill()
        said = child.rest()
        store = open_store(tmp_path)
        await store.refresh()
        found = await store.calendars()
        counts = [info.events for info in found]
        assert counts in ([IMPORTED], [] if "done" not in said else [IMPORTED])
        assert [path.name for path in (tmp_path / "data" / "calendars").glob(".*")] == []
        seen[bool(counts)] += 1
        for info in found:
            await store.remove(info.id)
        store._index.close()
    assert trials < 100 or len(seen) == 2, "the moments of the kills are chosen badly"


class Post:
    """The sandbox's mail server, and an outbox."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        self.accounts = Accounts.fresh(folder / "mail")
        self.certificates = Certificates(folder)
        self.server = MailServer(self.accounts, self.certificates)

    def arguments(self, first: int) -> tuple[object, ...]:
        return self.folder, self.server.port, self.certificates.pem, self.accounts.passwords["alice"], first

    def delivered(self) -> Counter[str]:
        files = (self.accounts.maildirs["bruno"] / "new").glob("*")
        return Counter(BytesHeaderParser().parsebytes(file.read_bytes())["Message-ID"] for file in files)

    async def check(self, said: set[str]) -> None:
        """What the next start finds, sends and says."""
        settings = SmtpSettings("127.0.0.1", self.server.port, Security.STARTTLS, "alice", self.certificates.pem)
        outbox = open_outbox(
            self.folder, SmtpTransport("mail", settings, Password(self.accounts.passwords["alice"]))
        )  # fmt: skip
        await outbox.flush()
        states = {item.message_id: item.state for item in await outbox.items()}
        outbox.close()
        delivered = self.delivered()
        assert [name for name, times in delivered.items() if times > 1] == [], "sent twice"
        assert said - set(states) == set(), "acknowledged and lost"
        assert set(states.values()) <= {OutboxState.SENT, OutboxState.UNKNOWN}
        assert [name for name, state in states.items() if state is OutboxState.SENT and not delivered[name]] == []
        entries = {entry.reference: entry.state for entry in await Ledger(self.folder / "ledger.sqlite3").entries()}
        assert entries == {name: state.value for name, state in states.items()}


@pytest.mark.parametrize("trials", parts(SENDS, 500))
@soak("kill -9 during enqueue and sending: 0 lost, 0 double", SENDS)
async def test_a_kill_loses_no_message_and_sends_none_twice(children: Nursery, tmp_path: Path, trials: int) -> None:
    draw = chance(3)
    for group in range(0, trials, GROUP):
        post, said = Post(tmp_path / str(group)), set()
        with post.server:
            for number in range(min(GROUP, trials - group)):
                child = children.start(f"{CHILD}:send", *post.arguments(1_000 * number))
                if draw.random() < 0.5:
                    said.add(child.next())
                time.sleep(draw.random() * 0.06)
                child.kill()
                said.update(child.rest())
            await post.check(said)


@pytest.mark.parametrize("trials", parts(SETTINGS, 500))
@soak("kill -9 during settings: 0 torn, 0 acknowledged and lost", SETTINGS)
def test_a_kill_leaves_every_setting_draft_and_account_that_was_acknowledged(
    children: Nursery, tmp_path: Path, trials: int
) -> None:
    draw, first, place = chance(4), 0, tmp_path / "place"
    place.mkdir()
    for _trial in range(trials):
        (place / "config.toml").unlink(missing_ok=True)  # it would grow with every round
        child = children.start(f"{CHILD}:configure", place, first)
        said = [child.next() for _line in range(3)]
        time.sleep(draw.random() * 0.02)
        child.kill()
        last: dict[str, int] = {}
        for what, _space, number in (str(line).partition(" ") for line in [*said, *child.rest()]):
            last[what] = int(number)
        sweep_private(place)
        (draft,) = DraftStore(place / "drafts").drafts()
        kept = max(read_state(place / "library.json").values())
        accounts = tomllib.loads((place / "config.toml").read_text())["accounts"]
        written = int(draft.message.rpartition(" ")[2])
        assert (kept >= last["state"], f"a{last['account']}" in accounts, written >= last["draft"]) == (True,) * 3
        assert len(accounts) in (last["account"] - first + 1, last["account"] - first + 2)
        names = sorted(path.name for folder in (place, place / "drafts") for path in folder.iterdir())
        assert names == [f"{draft.id}.json", "config.toml", "drafts", "library.json"]
        first = kept + 1


def shown_level(text: str) -> DetailLevel:
    """What this page or calendar shows."""
    return next((level for level in reversed(LEVELS) if MARKS.get(level, "BEGIN") in text), LEVELS[0])


def _allowed(said: str) -> set[str]:
    """What may hold after this was said, and the process was killed over the next thing."""
    if said == "nothing":
        return {"nothing", LEVELS[0].value}
    level = LEVELS.index(DetailLevel(said))
    return {said, LEVELS[(level + 1) % 3].value, "nothing"}


def holds(there: list[Publication]) -> str:
    return there[0].options.level.value if there else "nothing"


@pytest.mark.parametrize("trials", parts(PUBLISHED, 125))
@soak("kill -9 during publish: 0 torn, 0 wider than wanted", PUBLISHED)
async def test_a_kill_publishes_nothing_torn_and_nothing_wider_and_the_next_sync_ends_it(
    children: Nursery, tmp_path: Path, trials: int
) -> None:
    draw = chance(5)
    await prepare_publishing(tmp_path)
    clock = StillClock()
    for _trial in range(trials):
        clock.pass_by(hours=12)
        child = children.start(f"{CHILD}:publish", tmp_path)
        said = [str(child.next())]
        time.sleep(draw.random() * 0.15)
        child.kill()
        said += child.rest()
        torn = [path.name for path in (tmp_path / "site").glob("[!.]*") if not whole(path.read_text())]
        world = open_publishing(tmp_path, clock)
        await world.service.upload_due()
        there = await world.service.publications()
        files = {path.name: path.read_text() for path in (tmp_path / "site").iterdir()}
        assert (torn, [one.problem for one in there]) == ([], [""] * len(there))
        assert holds(there) in _allowed(said[-1])
        assert all(map(whole, files.values()))
        assert set(files) == ({"work.ics", "work.html"} if there else set())
        assert {shown_level(text) for text in files.values()} == {one.options.level for one in there}


def whole(text: str) -> bool:
    return text.rstrip().endswith(("END:VCALENDAR", "</html>"))
