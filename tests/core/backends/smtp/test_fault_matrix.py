"""The outbox over a server that fails: nothing lost, nothing doubled, and a message that says what happened."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from core.backends.smtp import Limits, Security, SmtpSettings, SmtpTransport
from core.ports.mail import Delivery, Envelope
from core.services.ledger import Ledger
from core.services.outbox import Outbox, OutboxState, ShareFacts
from tests.soak import soak

pytestmark = [pytest.mark.slow, soak("SMTP faults: 0 lost, 0 doubled, said where nobody can know", 1)]

TO = ("a@example.org", "b@example.org", "c@example.org")
BODY = b"Message-ID: <1@example.org>\r\n\r\nHello\r\n"
BEFORE = ["greeting", "EHLO", "MAIL", "RCPT", "DATA"]
FAULTS: list[tuple[str, str]] = [
    *((step, fault) for step in BEFORE for fault in ("<cut>", "<hang>", "<drip>", "421 busy", "garbage")),
    *((step, "554 never") for step in BEFORE),
    *(("dot", fault) for fault in ("<cut>", "<hang>", "<drip>", "451 later", "554 never", "garbage")),
    ("greeting", "\r\n".join(["220-more"] * 10_000 + ["220 end"])),
    ("dot", "\r\n".join(["250-more"] * 10_000 + ["250 end"])),
]


class Clock:
    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 22, 9, tzinfo=UTC)

    @property
    def zone(self) -> tzinfo:
        return ZoneInfo("UTC")

    def now(self) -> datetime:
        return self.moment


class Post:
    """An outbox over one scripted server."""

    def __init__(self, folder: Path, server) -> None:
        self.clock = Clock()
        limits = Limits(step=0.2, total=0.4, farewell=0.1)
        settings = SmtpSettings("127.0.0.1", server.port, Security.NONE, limits=limits)
        transport = SmtpTransport("mail", settings)
        self.server = server
        self.outbox = Outbox(folder / "o.sqlite3", lambda _a: transport, Ledger(folder / "l.sqlite3"), self.clock)

    async def submit(self):
        letter = Envelope("<1@example.org>", "alice@example.org", TO, BODY)
        return await self.outbox.submit(letter, ShareFacts("Calendar", "full", "today"), subject="s")

    async def mend_and_wait(self):
        """The server works again, and the next day comes."""
        self.server.answers.clear()
        self.clock.moment += timedelta(days=1)
        await self.outbox.flush(due_only=True)
        (item,) = await self.outbox.items()
        return item

    def received(self) -> Counter:
        return Counter(address for _body, to in self.server.taken for address in to)


@pytest.fixture
async def post_with(start, scripted, tmp_path: Path):
    posts = []

    async def make(**script) -> Post:
        posts.append(Post(tmp_path, await start(scripted(**script))))
        return posts[-1]

    yield make
    for post in posts:
        post.outbox.close()


@pytest.mark.parametrize(("step", "fault"), FAULTS)
async def test_nobody_gets_a_message_twice(post_with, step, fault):
    post = await post_with(answers={step: fault})
    await post.submit()
    await post.mend_and_wait()
    assert all(count == 1 for count in post.received().values())


@pytest.mark.parametrize(("step", "fault"), FAULTS)
async def test_nobody_is_forgotten_without_a_word(post_with, step, fault):
    """Whoever has not got it is refused, unknown or queued, with a reason."""
    post = await post_with(answers={step: fault})
    await post.submit()
    item = await post.mend_and_wait()
    received = post.received()
    silent = [
        r for r in item.recipients if not received[r.address] and (r.delivery is Delivery.SENT or not item.reason)
    ]
    assert silent == []


@pytest.mark.parametrize(("step", "fault"), FAULTS)
async def test_every_fault_is_said(post_with, step, fault):
    post = await post_with(answers={step: fault})
    item = await post.submit()
    assert item.reason
    assert len(item.reason) < 500


@pytest.mark.parametrize(("step", "fault"), [f for f in FAULTS if f[0] != "dot" and not f[1].startswith("554")])
async def test_a_passing_fault_before_the_final_dot_is_made_good(post_with, step, fault):
    post = await post_with(answers={step: fault})
    await post.submit()
    item = await post.mend_and_wait()
    assert (item.state, post.received()) == (OutboxState.SENT, Counter(TO))


@pytest.mark.parametrize("fault", ["<cut>", "<hang>", "<drip>", "garbage"])
async def test_may_have_been_sent_is_said_where_nobody_can_know(post_with, fault):
    post = await post_with(answers={"dot": fault})
    assert (await post.submit()).state is OutboxState.UNKNOWN


async def test_one_of_three_refused_for_now_gets_it_later_and_the_others_once(post_with):
    post = await post_with(answers={"RCPT": ["250 ok", "450 later", "250 ok"]})
    await post.submit()
    item = await post.mend_and_wait()
    assert (item.state, post.received()) == (OutboxState.SENT, Counter(TO))


async def test_one_of_three_refused_for_good_is_named(post_with):
    post = await post_with(answers={"RCPT": ["250 ok", "550 nobody", "250 ok"]})
    item = await post.submit()
    assert [(r.address, r.reason) for r in item.recipients if r.delivery is Delivery.REFUSED] == [
        ("b@example.org", "550 nobody")
    ]


async def test_a_line_cut_after_the_dot_leaves_the_refused_one_refused(post_with):
    post = await post_with(answers={"RCPT": ["250 ok", "550 nobody", "250 ok"], "dot": "<cut>"})
    item = await post.submit()
    assert [r.delivery for r in item.recipients] == [Delivery.UNKNOWN, Delivery.REFUSED, Delivery.UNKNOWN]
