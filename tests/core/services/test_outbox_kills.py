"""kill -9 at any moment between queueing and the ledger: nothing acknowledged is lost, nothing is sent twice.

Kills at random: tests/durability.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections import Counter
from email.parser import BytesHeaderParser
from pathlib import Path

import pytest

from core.backends.smtp import Security, SmtpSettings, SmtpTransport
from core.config.clock import SystemClock
from core.ports.mail import Envelope
from core.sandbox.people import Accounts
from core.sandbox.servers import Certificates, MailServer
from core.services.ledger import Ledger
from core.services.outbox import Outbox, OutboxState, ShareFacts
from tests.soak import soak

ROOT = Path(__file__).parents[3]
CHILD = Path(__file__).with_name("outbox_child.py")
POINTS = 16


class Password:
    def __init__(self, word: str) -> None:
        self._word = word

    async def password(self, account: str) -> str:
        return self._word

    def forget(self, account: str) -> None:
        pass


class Post:
    """The sandbox's server and one outbox folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.accounts = Accounts.fresh(folder / "mail")
        self.certificates = Certificates(folder)
        self.server = MailServer(self.accounts, self.certificates)

    def child(self, first: int, point: int) -> subprocess.Popen:
        values = [self.folder, self.server.port, self.certificates.pem, self.accounts.passwords["alice"], first, point]
        return subprocess.Popen(
            [sys.executable, str(CHILD), *map(str, values)], stdout=subprocess.PIPE, text=True, cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip

    def delivered(self) -> Counter:
        files = (self.accounts.maildirs["bruno"] / "new").glob("*")
        return Counter(BytesHeaderParser().parsebytes(file.read_bytes())["Message-ID"] for file in files)

    def outbox(self, *, silent: bool = False) -> Outbox:
        """A later start of the program; a silent one has no account."""
        settings = SmtpSettings("127.0.0.1", self.server.port, Security.STARTTLS, "alice", self.certificates.pem)
        transport = None if silent else SmtpTransport("mail", settings, Password(self.accounts.passwords["alice"]))
        ledger = Ledger(self.folder / "ledger.sqlite3")
        return Outbox(self.folder / "outbox.sqlite3", lambda _name: transport, ledger, SystemClock())

    async def settle(self) -> list:
        """What a later start does: send what is left, look at what there is."""
        outbox = self.outbox()
        await outbox.flush()
        items = await outbox.items()
        outbox.close()
        return items

    async def check(self, said: list[str]) -> None:
        items = {item.message_id: item.state for item in await self.settle()}
        delivered = self.delivered()
        assert not [name for name, times in delivered.items() if times > 1], "sent twice"
        assert set(said) <= set(items), "acknowledged and lost"
        assert not [n for n, state in items.items() if state is OutboxState.SENT and delivered[n] != 1], (
            "said sent, is not"
        )
        assert set(items.values()) <= {OutboxState.SENT, OutboxState.UNKNOWN}
        entries = {entry.reference: entry.state for entry in await Ledger(self.folder / "ledger.sqlite3").entries()}
        assert entries == {name: state.value for name, state in items.items()}


@pytest.fixture
def post(tmp_path: Path):
    made = Post(tmp_path / "post")
    with made.server:
        yield made


def acknowledged(output: str) -> list[str]:
    return [line.split()[0] for line in output.splitlines() if line.count(" ") == 1]


@pytest.mark.slow
@soak("kill -9 during enqueue and sending: 0 lost, 0 double", POINTS)
async def test_a_kill_at_each_point_loses_nothing_and_sends_nothing_twice(post):
    said = []
    for point in range(1, POINTS + 1):
        child = await asyncio.to_thread(post.child, 100 * point, point)
        output, _ = await asyncio.to_thread(child.communicate, timeout=60)
        assert child.returncode == -signal.SIGKILL, f"point {point} was not reached"
        said += acknowledged(output)
    await post.check(said)


@pytest.mark.slow
async def test_several_senders_at_once_send_each_message_once(post):
    waiting = post.outbox(silent=True)
    names = [f"<{number}@example.org>" for number in range(20)]
    for name in names:
        letter = Envelope(
            name, "alice@example.org", ("bruno@example.org",), f"Message-ID: {name}\r\n\r\nHi\r\n".encode()
        )
        await waiting.submit(letter, ShareFacts("Calendar", "full", "today"), subject="s")
    senders = [post.outbox() for _n in range(4)]
    await asyncio.gather(*(sender.flush() for sender in senders))
    for sender in senders:
        sender.close()
    assert post.delivered() == Counter(names)
