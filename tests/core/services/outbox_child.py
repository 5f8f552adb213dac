"""A process that queues and sends messages until it is killed: `outbox_child.py FOLDER PORT CA PASSWORD FIRST POINT`.

POINT n > 0: it kills itself at the n-th point where the journal, the wire or the ledger is touched. It prints a line
for each message that was accepted by the outbox.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import sys
from pathlib import Path

from core.backends.smtp import Security, SmtpSettings, SmtpTransport
from core.config.clock import SystemClock
from core.ports.mail import Envelope
from core.services.ledger import Ledger
from core.services.outbox import Outbox, ShareFacts


class Password:
    def __init__(self, word: str) -> None:
        self._word = word

    async def password(self, account: str) -> str:
        return self._word

    def forget(self, account: str) -> None:
        pass


def die_at(point: int, *places: tuple[object, str]) -> None:
    """Kill this process before and after the calls of these methods, at the point of that number."""
    counter = itertools.count(1)

    def reached() -> None:
        if next(counter) == point:
            os.kill(os.getpid(), signal.SIGKILL)

    for owner, name in places:
        usual = getattr(owner, name)
        if asyncio.iscoroutinefunction(usual):

            async def both(*args, _usual=usual, **named):
                reached()
                result = await _usual(*args, **named)
                reached()
                return result
        else:

            def both(*args, _usual=usual, **named):
                reached()
                result = _usual(*args, **named)
                reached()
                return result

        setattr(owner, name, both)


def envelope(number: int) -> Envelope:
    name = f"<{number}.{os.getpid()}@example.org>"
    head = (
        f"Message-ID: {name}\r\nFrom: alice@example.org\r\nTo: bruno@example.org\r\nSubject: {number}\r\n\r\nHello\r\n"
    )
    return Envelope(name, "alice@example.org", ("bruno@example.org",), head.encode())


async def main(folder: Path, port: int, ca: Path, password: str, first: int, point: int) -> None:
    transport = SmtpTransport(
        "mail", SmtpSettings("127.0.0.1", port, Security.STARTTLS, "alice", ca), Password(password)
    )
    ledger = Ledger(folder / "ledger.sqlite3")
    outbox = Outbox(folder / "outbox.sqlite3", lambda _account: transport, ledger, SystemClock())
    store = outbox._store
    die_at(
        point, (store, "add"), (store, "claim"), (transport, "send"), (store, "finish"), (ledger, "record_now"),
        (store, "done_with"),
    )  # fmt: skip
    for number in range(first, first + (2 if point else 500)):
        letter = envelope(number)
        item = await outbox.submit(letter, ShareFacts("Calendar", "full", "today"), subject=str(number))
        sys.stdout.write(f"{letter.message_id} {item.state}\n")
        sys.stdout.flush()
    outbox.close()


if __name__ == "__main__":
    values = sys.argv[1:]
    asyncio.run(main(Path(values[0]), int(values[1]), Path(values[2]), values[3], int(values[4]), int(values[5])))
