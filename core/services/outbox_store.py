"""The outbox's journal: what must leave, how far each recipient is, and which process is at it."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from core.errors import NotFound, Refused
from core.language import N_, _
from core.ports.mail import Delivery, Envelope, RecipientResult
from core.services.private_database import PrivateDatabase
from core.values import dataclass

_SCHEMA = """
CREATE TABLE messages (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    message_id TEXT NOT NULL UNIQUE,
    sender TEXT NOT NULL,
    subject TEXT NOT NULL,
    account TEXT NOT NULL,
    state TEXT NOT NULL,
    created TEXT NOT NULL,
    changed TEXT NOT NULL,
    since TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    next_try TEXT,
    reason TEXT NOT NULL DEFAULT '',
    hint TEXT NOT NULL DEFAULT '',
    owner TEXT NOT NULL DEFAULT '',
    calendar TEXT NOT NULL,
    level TEXT NOT NULL,
    range_text TEXT NOT NULL,
    how TEXT NOT NULL,
    copy_due INTEGER NOT NULL DEFAULT 0,
    ledger_due INTEGER NOT NULL DEFAULT 0,
    content BLOB NOT NULL
);
CREATE TABLE recipients (
    message INTEGER NOT NULL REFERENCES messages (number) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    address TEXT NOT NULL,
    delivery TEXT NOT NULL,
    reason TEXT NOT NULL DEFAULT '',
    retry INTEGER NOT NULL DEFAULT 1,
    PRIMARY KEY (message, position)
)
"""
_HEAD = (
    "number, id, message_id, sender, subject, account, state, created, since, attempts, next_try, reason, hint, owner,"
    " calendar, level, range_text, how"
)


MEETING = "meeting"
"""`ShareFacts.how` of invitations and answers: they share no calendar, so the ledger does not know them."""
NOTICE = "notice"
"""That of sharing requests and refusals, which give nothing away either."""
SILENT = frozenset((MEETING, NOTICE))
"""What the ledger does not hear of."""


class OutboxState(StrEnum):
    """How far a message is."""

    PREPARED = "prepared"
    """Journalled; it goes now, or at `next_try`."""
    WAITING = "waiting"
    """It cannot go before the person does something: the reason and the hint say what."""
    SENDING = "sending"
    SENT = "sent"
    PARTLY = "partly"
    """Some have it, others do not; with a `next_try` the rest is tried again."""
    FAILED = "failed"
    UNKNOWN = "unknown"
    """It may have been sent; it is never sent again by itself."""

    @property
    def label(self) -> str:
        """For a person, in their language."""
        return _(_LABELS[self])


_LABELS = {
    OutboxState.PREPARED: N_("to be sent"),
    OutboxState.WAITING: N_("waiting for you"),
    OutboxState.SENDING: N_("being sent"),
    OutboxState.SENT: N_("sent"),
    OutboxState.PARTLY: N_("partly sent"),
    OutboxState.FAILED: N_("not sent"),
    OutboxState.UNKNOWN: N_("may have been sent"),
}


@dataclass(frozen=True, slots=True)
class ShareFacts:
    """What a message gives away, for the ledger."""

    calendar: str
    level: str
    range_text: str
    how: str = "e-mail"


@dataclass(frozen=True, slots=True)
class OutboxItem:
    """One message as the outbox knows it. Times are UTC."""

    id: str
    message_id: str
    subject: str
    state: OutboxState
    recipients: tuple[RecipientResult, ...]
    attempts: int
    next_try: datetime | None
    created: datetime
    since: datetime
    """When it was first tried, or the person last asked for it: what the patience counts from."""
    account: str
    reason: str
    hint: str
    sender: str
    facts: ShareFacts

    @property
    def untouched(self) -> bool:
        """Whether nobody has tried to send it yet."""
        return self.state is OutboxState.PREPARED and not self.attempts

    @property
    def open_recipients(self) -> tuple[RecipientResult, ...]:
        """Those who do not have it yet and may still get it."""
        return tuple(r for r in self.recipients if r.delivery is Delivery.QUEUED)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one attempt came to, to be written down."""

    results: tuple[RecipientResult, ...]
    state: OutboxState
    next_try: datetime | None = None
    reason: str = ""
    hint: str = ""
    handed_over: bool = False
    """Whether somebody has it now, or may have it: a copy goes to the Sent folder."""
    reached: bool = True
    """Whether the server could be reached at all."""


def settle(results: Sequence[RecipientResult], *, waits: bool) -> OutboxState:
    """The message's state from its recipients'. `waits`: queued ones need the person, not time."""
    kinds = {result.delivery for result in results}
    reached = Delivery.SENT in kinds
    if Delivery.QUEUED in kinds:
        if reached:
            return OutboxState.PARTLY
        return OutboxState.WAITING if waits else OutboxState.PREPARED
    if Delivery.UNKNOWN in kinds:
        return OutboxState.UNKNOWN
    if reached:
        return OutboxState.PARTLY if Delivery.REFUSED in kinds else OutboxState.SENT
    return OutboxState.FAILED


class OutboxStore:
    """The outbox's SQLite file. All methods block: call them in a thread. All raise StorageError."""

    def __init__(self, path: Path) -> None:
        self._database = PrivateDatabase(path, _SCHEMA)

    def add(self, envelope: Envelope, facts: ShareFacts, *, id: str, subject: str, account: str, now: datetime) -> str:  # noqa: A002
        """Journal a message durably and return its id; the same Message-ID again is the message that is there."""
        with self._database.transaction() as connection:
            known = connection.execute(
                "SELECT id FROM messages WHERE message_id = ?", (envelope.message_id,)
            ).fetchone()
            if known:
                return str(known["id"])
            times = (_text(now),) * 3
            cursor = connection.execute(
                "INSERT INTO messages (id, message_id, sender, subject, account, state, created, changed, since,"
                " calendar, level, range_text, how, ledger_due, content)"
                " VALUES (?, ?, ?, ?, ?, 'prepared', ?, ?, ?, ?, ?, ?, ?, 1, ?)",
                (id, envelope.message_id, envelope.sender, subject, account, *times, *_values(facts), envelope.content),
            )
            connection.executemany(
                "INSERT INTO recipients (message, position, address, delivery) VALUES (?, ?, ?, ?)",
                [(cursor.lastrowid, n, a, Delivery.QUEUED.value) for n, a in enumerate(envelope.recipients)],
            )
        return id

    def items(self) -> list[OutboxItem]:
        """Every message, oldest first."""
        with self._database.reading() as connection:
            if connection is None:
                return []
            rows = connection.execute(f"SELECT {_HEAD} FROM messages ORDER BY number").fetchall()  # noqa: S608
            return [_item(connection, row) for row in rows]

    def item(self, id: str) -> OutboxItem:  # noqa: A002
        """One message. Raises NotFound."""
        with self._database.reading() as connection:
            if connection is not None:
                return _item(connection, _row(connection, id))
        raise _unknown(id)

    def content(self, id: str) -> bytes:  # noqa: A002
        """The message's bytes. Raises NotFound."""
        with self._database.reading() as connection:
            if connection is not None:
                found = connection.execute("SELECT content FROM messages WHERE id = ?", (id,)).fetchone()
                if found:
                    return bytes(found["content"])
        raise _unknown(id)

    def senders_at_work(self) -> set[str]:
        """The owners of messages in state sending."""
        with self._database.reading() as connection:
            if connection is None:
                return set()
            rows = connection.execute("SELECT DISTINCT owner FROM messages WHERE state = 'sending'").fetchall()
        return {str(row["owner"]) for row in rows}

    def give_up_for_dead(self, owner: str, *, reason: str, hint: str, now: datetime) -> None:
        """The process that sent these messages died over it: whoever was queued may have the message."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE recipients SET delivery = 'unknown', retry = 0, reason = ? WHERE delivery = 'queued'"
                " AND message IN (SELECT number FROM messages WHERE state = 'sending' AND owner = ?)",
                (reason, owner),
            )
            connection.execute(
                "UPDATE messages SET state = 'unknown', owner = '', next_try = NULL, reason = ?, hint = ?, changed = ?,"
                " ledger_due = 1, copy_due = 1 WHERE state = 'sending' AND owner = ?",
                (reason, hint, _text(now), owner),
            )

    def claim(self, id: str, owner: str, *, now: datetime) -> tuple[OutboxItem, Envelope] | None:  # noqa: A002
        """Mark a message as being sent by `owner`; None when another one has it, or nobody is left to send to."""
        with self._database.transaction() as connection:
            item = _item(connection, _row(connection, id))
            if item.state is OutboxState.SENDING or not item.open_recipients:
                return None
            connection.execute(
                "UPDATE messages SET state = 'sending', owner = ?, attempts = attempts + 1, changed = ? WHERE id = ?",
                (owner, _text(now), id),
            )
            content = connection.execute("SELECT content FROM messages WHERE id = ?", (id,)).fetchone()["content"]
        addresses = tuple(result.address for result in item.open_recipients)
        return item, Envelope(item.message_id, item.sender, addresses, bytes(content))

    def finish(self, id: str, outcome: Outcome, *, now: datetime) -> OutboxItem:  # noqa: A002
        """Write an attempt's outcome: `results` holds the recipients that it was about."""
        with self._database.transaction() as connection:
            number = _row(connection, id)["number"]
            connection.executemany(
                "UPDATE recipients SET delivery = ?, reason = ?, retry = ? WHERE message = ? AND address = ?",
                [(r.delivery.value, r.reason, r.retry, number, r.address) for r in outcome.results],
            )
            next_try = _text(outcome.next_try) if outcome.next_try else None
            connection.execute(
                "UPDATE messages SET state = ?, owner = '', next_try = ?, reason = ?, hint = ?, changed = ?,"
                " ledger_due = 1, copy_due = copy_due OR ? WHERE number = ?",
                (outcome.state.value, next_try, outcome.reason, outcome.hint, _text(now), outcome.handed_over, number),
            )
            return _item(connection, _row(connection, id))

    def release(self, id: str, before: OutboxItem, *, now: datetime) -> None:  # noqa: A002
        """An attempt was stopped before anything was handed over: as it was, and not counted."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE messages SET state = ?, owner = '', attempts = ?, changed = ? WHERE id = ?",
                (before.state.value, before.attempts, _text(now), id),
            )

    def hold(self, id: str, *, reason: str, hint: str, now: datetime) -> OutboxItem:  # noqa: A002
        """It was not tried, because nothing can send it yet."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE messages SET state = 'waiting', next_try = NULL, reason = ?, hint = ?, changed = ?"
                " WHERE id = ? AND state IN ('prepared', 'waiting')",
                (reason, hint, _text(now), id),
            )
            return _item(connection, _row(connection, id))

    def note(self, id: str, reason: str) -> None:  # noqa: A002
        """Say something about a message whose state stands."""
        with self._database.transaction() as connection:
            connection.execute("UPDATE messages SET reason = ? WHERE id = ?", (reason, id))

    def queue_again(self, id: str, *, now: datetime) -> None:  # noqa: A002
        """The person wants it tried again: all not known to have it are queued. Raises Refused while sending."""
        with self._database.transaction() as connection:
            row = _row(connection, id)
            _refuse_if_sending(row)
            connection.execute(
                "UPDATE recipients SET delivery = 'queued', retry = 1 WHERE message = ? AND delivery <> 'sent'",
                (row["number"],),
            )
            left = connection.execute(
                "SELECT count(*) FROM recipients WHERE message = ? AND delivery = 'queued'", (row["number"],)
            ).fetchone()[0]
            if left:
                connection.execute(
                    "UPDATE messages SET state = 'prepared', next_try = NULL, since = ?, changed = ? WHERE id = ?",
                    (_text(now), _text(now), id),
                )

    def drop(self, id: str) -> OutboxItem:  # noqa: A002
        """Take it out; returns what it was. Raises NotFound, and Refused while it is being sent."""
        with self._database.transaction() as connection:
            row = _row(connection, id)
            _refuse_if_sending(row)
            item = _item(connection, row)
            connection.execute("DELETE FROM messages WHERE id = ?", (id,))
        return item

    def forget_sent(self, before: datetime) -> None:
        """Remove messages that all recipients have had since before that time, once nothing hangs on them any more."""
        with self._database.transaction() as connection:
            connection.execute(
                "DELETE FROM messages WHERE state = 'sent' AND NOT ledger_due AND NOT copy_due AND changed < ?",
                (_text(before),),
            )

    def ledger_due(self) -> list[OutboxItem]:
        """Messages whose recipients' states are not yet in the ledger."""
        return self._with("ledger_due")

    def copy_due(self) -> list[OutboxItem]:
        """Messages of which a copy must go to the Sent folder."""
        return self._with("copy_due")

    def _with(self, flag: str) -> list[OutboxItem]:
        with self._database.reading() as connection:
            if connection is None:
                return []
            rows = connection.execute(f"SELECT {_HEAD} FROM messages WHERE {flag} ORDER BY number").fetchall()  # noqa: S608
            return [_item(connection, row) for row in rows]

    def done_with(self, flag: str, item: OutboxItem) -> None:
        """`ledger_due` or `copy_due` is settled for the state in which `item` was read."""
        with self._database.transaction() as connection:
            connection.execute(
                f"UPDATE messages SET {flag} = 0 WHERE id = ? AND state = ? AND attempts = ?",  # noqa: S608
                (item.id, item.state.value, item.attempts),
            )


def _values(facts: ShareFacts) -> tuple[str, ...]:
    return facts.calendar, facts.level, facts.range_text, facts.how


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def _unknown(id: str) -> NotFound:  # noqa: A002
    return NotFound(
        _("There is no message {id} in the outbox.").format(id=id), _("“partagenda outbox” lists what is there.")
    )


def _row(connection: sqlite3.Connection, id: str) -> sqlite3.Row:  # noqa: A002
    row: sqlite3.Row | None = connection.execute(f"SELECT {_HEAD} FROM messages WHERE id = ?", (id,)).fetchone()  # noqa: S608
    if row is None:
        raise _unknown(id)
    return row


def _refuse_if_sending(row: sqlite3.Row) -> None:
    if row["state"] == OutboxState.SENDING:
        raise Refused(
            _("Message {id} is being sent at this moment.").format(id=row["id"]), _("Try again when that has ended.")
        )


def _item(connection: sqlite3.Connection, row: sqlite3.Row) -> OutboxItem:
    recipients = connection.execute(
        "SELECT address, delivery, reason, retry FROM recipients WHERE message = ? ORDER BY position", (row["number"],)
    ).fetchall()
    return OutboxItem(
        id=row["id"],
        message_id=row["message_id"],
        subject=row["subject"],
        state=OutboxState(row["state"]),
        recipients=tuple(
            RecipientResult(r["address"], Delivery(r["delivery"]), r["reason"], bool(r["retry"])) for r in recipients
        ),
        attempts=row["attempts"],
        next_try=datetime.fromisoformat(row["next_try"]) if row["next_try"] else None,
        created=datetime.fromisoformat(row["created"]),
        since=datetime.fromisoformat(row["since"]),
        account=row["account"],
        reason=row["reason"],
        hint=row["hint"],
        sender=row["sender"],
        facts=ShareFacts(row["calendar"], row["level"], row["range_text"], row["how"]),
    )
