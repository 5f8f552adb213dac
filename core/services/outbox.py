"""What must leave the machine: written down before the first byte goes, and never sent twice by itself."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from core.calendar.people import clean_name
from core.errors import (
    Cancelled,
    DeliveryUnknown,
    NotFound,
    PartagendaError,
    StorageError,
    TransportError,
    Unreachable,
    UsageError,
)
from core.language import _
from core.ports.mail import Delivery, Envelope, MailTransport, RecipientResult
from core.ports.world import Clock, Progress
from core.services.ledger import Ledger, LedgerEntry, LedgerState
from core.services.outbox_store import SILENT, OutboxItem, OutboxState, OutboxStore, Outcome, ShareFacts, settle
from core.services.sender_mark import SenderMark, sender_lives, sweep_marks

__all__ = ["Outbox", "OutboxItem", "OutboxState", "ShareFacts"]

T = TypeVar("T")

BACK_OFF = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 240))
"""How long after each failed attempt the next one comes; the last one repeats."""
PATIENCE = timedelta(days=2)
"""After this a temporary failure counts as final."""

KEEP_SENT = timedelta(days=30)
"""How long a message that everybody has stays in the outbox; the ledger keeps the fact for good."""

Transports = Callable[[str], MailTransport | None]
SentCopy = Callable[[str, bytes], None]


async def _whole(work: Callable[..., T], *arguments: object, **named: object) -> T:
    """The result of a short blocking call in a thread; a cancellation waits for it and then shows in `_stopped`."""
    future = asyncio.ensure_future(asyncio.to_thread(work, *arguments, **named))
    while not future.done():
        try:
            await asyncio.shield(future)
        except asyncio.CancelledError:
            if future.cancelled():
                raise
        except Exception:
            break  # raised again below, from the future itself
    return future.result()


def _stopped() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


class Outbox:
    """The durable queue of messages. Several processes may share it: each message is sent by one at a time.

    `transports` gives the transport of an account ("" for the person's usual one), None where there is none.
    `sent_copy` puts a message into an account's Sent folder; it blocks and may be called again with the same message.
    A message whose sender died over it becomes `unknown`: it may have been sent, and only the person sends it again.
    """

    def __init__(
        self, path: Path, transports: Transports, ledger: Ledger, clock: Clock, sent_copy: SentCopy | None = None
    ) -> None:
        self._store = OutboxStore(path)
        self._marks = path.parent / f"{path.name}-senders"
        self._transports = transports
        self._ledger = ledger
        self._clock = clock
        self._sent_copy = sent_copy
        self._mark: SenderMark | None = None

    async def submit(self, envelope: Envelope, facts: ShareFacts, *, subject: str, account: str = "") -> OutboxItem:
        """Journal the message, then try to send it; the item says what came of it.

        Raises UsageError without recipients and StorageError when outbox or ledger cannot be written: then nothing was
        sent, and nothing is kept.
        A Message-ID that is already there is not queued a second time. When cancelled, the message stays queued unless
        it was already handed over.
        """
        if not envelope.recipients:
            raise UsageError(_("There is nobody to send it to."), _("Give at least one address."))
        id_ = hashlib.blake2s(envelope.message_id.encode(), digest_size=5).hexdigest()
        id_ = await _whole(
            self._store.add, envelope, facts, id=id_, subject=clean_name(subject), account=account, now=self._now()
        )
        try:
            await self._settle_accounts()
        except StorageError:  # what cannot be noted in the ledger is not sent, and must not leave later unsaid
            if (await _whole(self._store.item, id_)).untouched:
                await _whole(self._store.drop, id_)
            raise
        return (await self._attempt(id_))[0]

    async def items(self) -> list[OutboxItem]:
        """Every message, oldest first."""
        await self._recover()
        return await _whole(self._store.items)

    async def message(self, id: str) -> bytes:  # noqa: A002
        """The message as it goes out. Raises NotFound."""
        return await _whole(self._store.content, id)

    async def save_message(self, id: str, path: Path) -> Path:  # noqa: A002
        """Write the message as a new .eml, 0600. Raises NotFound, and StorageError also if the file exists."""
        content = await self.message(id)
        try:
            await _whole(_write_new, path, content)
        except OSError as error:
            raise StorageError(
                _("{file} could not be written: {reason}").format(file=path, reason=error.strerror or error)
            ) from error
        return path

    async def flush(self, progress: Progress | None = None, *, due_only: bool = False) -> list[OutboxItem]:
        """Try everything that has not left; returns the items that were tried.

        With `due_only` (cron, the app's timer) those whose next attempt is later, and those that wait for the person,
        are left alone. After a server could not be reached, its other messages are not tried this time.
        """
        await self._recover()
        await _whole(self._store.forget_sent, self._now() - KEEP_SENT)
        tried, silent = [], set[str]()
        queue = [item for item in await _whole(self._store.items) if self._is_due(item, due_only)]
        for done, item in enumerate(queue):
            if progress:
                progress(done, len(queue), item.subject)
            if item.account in silent:
                continue
            after, reached = await self._attempt(item.id)
            tried.append(after)
            if not reached:
                silent.add(item.account)
        await self._settle_accounts()
        return tried

    def _is_due(self, item: OutboxItem, due_only: bool) -> bool:
        if item.state is OutboxState.SENDING or not item.open_recipients:
            return False
        if not due_only:
            return True
        if item.next_try is None:
            return item.state is OutboxState.PREPARED
        return item.next_try <= self._now()

    async def retry(self, id: str) -> OutboxItem:  # noqa: A002
        """Send it again to all who are not known to have it, because the person says so; the Message-ID stays.

        Raises NotFound, and Refused while it is being sent.
        """
        await self._recover()
        await _whole(self._store.queue_again, id, now=self._now())
        return (await self._attempt(id))[0]

    async def drop(self, id: str) -> None:  # noqa: A002
        """Take a message out for good. Raises NotFound, and Refused while it is being sent."""
        await self._recover()
        await self._settle_accounts()
        item = await _whole(self._store.drop, id)
        entries = [self._entry(item, result, dropped=True) for result in item.open_recipients]
        if item.facts.how not in SILENT:
            await _whole(self._ledger.record_now, entries)

    def close(self) -> None:
        """This process sends no more."""
        if self._mark is not None:
            self._mark.close()
            self._mark = None

    # --- one attempt -------------------------------------------------------------------------------------------------

    async def _attempt(self, id_: str) -> tuple[OutboxItem, bool]:
        """What the message is after one attempt, and whether its server could be reached."""
        item = await _whole(self._store.item, id_)
        transport, reason, hint = self._transport(item.account)
        if transport is None:
            return await _whole(self._store.hold, id_, reason=reason, hint=hint, now=self._now()), True
        owner = await _whole(self._owner)
        claimed = await _whole(self._store.claim, id_, owner, now=self._now())
        if claimed is None:
            return await _whole(self._store.item, id_), True
        before, envelope = claimed
        try:
            if _stopped():
                raise asyncio.CancelledError
            outcome = await self._send(transport, envelope, before)
        except (asyncio.CancelledError, Cancelled):
            await _whole(self._store.release, id_, before, now=self._now())
            raise
        after = await _whole(self._store.finish, id_, outcome, now=self._now())
        try:
            await self._settle_accounts()
        except StorageError as error:  # it has left or not: that is the answer, and the ledger follows at the next look
            after = replace(after, reason=after.reason or error.message, hint=after.hint or error.hint)
        if _stopped():
            raise asyncio.CancelledError
        return after, outcome.reached

    def _transport(self, account: str) -> tuple[MailTransport | None, str, str]:
        try:
            transport = self._transports(account)
        except PartagendaError as error:
            return None, error.message, error.hint
        return transport, _("No account can send mail yet."), add_account_hint()

    def _owner(self) -> str:
        if self._mark is None:
            try:
                self._mark = SenderMark(self._marks)
            except OSError as error:
                raise StorageError(
                    _("{file} could not be used: {reason}").format(file=self._marks, reason=error.strerror or error)
                ) from error
        return self._mark.name

    async def _send(self, transport: MailTransport, envelope: Envelope, before: OutboxItem) -> Outcome:
        try:
            results = await transport.send(envelope)
        except DeliveryUnknown as error:
            return _all(envelope, before, Delivery.UNKNOWN, error, handed_over=True)
        except Unreachable as error:
            silence = replace(_all(envelope, before, Delivery.QUEUED, error), reached=False)
            return self._later(before, silence)
        except (TransportError, PartagendaError) as error:
            if isinstance(error, Cancelled):
                raise
            return _all(envelope, before, Delivery.QUEUED, error, waits=True)
        except Exception as error:  # a fault of ours: nobody knows how far it came, and it must not be sent twice
            surprise = DeliveryUnknown(_("The program failed over it: {fault}.").format(fault=type(error).__name__))
            return _all(envelope, before, Delivery.UNKNOWN, surprise, handed_over=True)
        return self._later(before, _judge(before, results))

    def _later(self, before: OutboxItem, outcome: Outcome) -> Outcome:
        """Put a temporary failure off, or call it final when the patience is used up."""
        queued = [r for r in outcome.results if r.delivery is Delivery.QUEUED]
        if not queued:
            return outcome
        now = self._now()
        if now - before.since < PATIENCE:
            pause = BACK_OFF[min(before.attempts, len(BACK_OFF) - 1)]
            return replace(outcome, next_try=now + pause)
        given_up = tuple(
            RecipientResult(r.address, Delivery.REFUSED, r.reason) if r.delivery is Delivery.QUEUED else r
            for r in outcome.results
        )
        reason = _("Given up after two days: {reason}").format(reason=outcome.reason)
        return replace(outcome, results=given_up, state=_state(before, given_up), reason=reason)

    # --- what hangs on it --------------------------------------------------------------------------------------------

    async def _recover(self) -> None:
        await _whole(self._recover_now)

    def _recover_now(self) -> None:
        for owner in self._store.senders_at_work():
            if self._mark is not None and owner == self._mark.name:
                continue
            if not sender_lives(self._marks, owner):
                self._store.give_up_for_dead(
                    owner, reason=_("The program ended while it was sending."), hint=unknown_hint(), now=self._now()
                )
        sweep_marks(self._marks)

    async def _settle_accounts(self) -> None:
        """Bring ledger and Sent folder up to what the journal says; safe to repeat after a crash at any point."""
        await _whole(self._settle_now)

    def _settle_now(self) -> None:
        for item in self._store.ledger_due():
            if item.facts.how not in SILENT:
                self._ledger.record_now([self._entry(item, result) for result in item.recipients])
            self._store.done_with("ledger_due", item)
        for item in self._store.copy_due():
            try:
                if self._sent_copy is not None:
                    self._sent_copy(item.account, self._store.content(item.id))
            except (PartagendaError, OSError) as error:
                why = error.message if isinstance(error, PartagendaError) else str(error.strerror or error)
                self._store.note(item.id, _("No copy could be kept in the Sent folder: {reason}").format(reason=why))
            else:
                self._store.done_with("copy_due", item)

    def _entry(self, item: OutboxItem, result: RecipientResult, *, dropped: bool = False) -> LedgerEntry:
        state = LedgerState.DROPPED if dropped else LedgerState(result.delivery.value)
        facts = item.facts
        return LedgerEntry(
            person=result.address,
            calendar=facts.calendar,
            how=facts.how,
            level=facts.level,
            range=facts.range_text,
            when=self._now(),
            state=state,
            reference=item.message_id,
        )

    def _now(self) -> datetime:
        return self._clock.now().astimezone(UTC)


def add_account_hint() -> str:
    """How to give the program something to send with."""
    return _(
        "Add an account: partagenda account add mail --type smtp --set host=… --set username=…; until then the message"
        " is kept here, and it can be saved as a file (.eml) for another mail program."
    )


def unknown_hint() -> str:
    """What to do about a message of which nobody knows whether it left."""
    return _("It is not sent again by itself. Ask whether it arrived, then “retry” or “drop” it.")


def _state(before: OutboxItem, results: Sequence[RecipientResult], *, waits: bool = False) -> OutboxState:
    fresh = {result.address for result in results}
    return settle([*results, *(r for r in before.recipients if r.address not in fresh)], waits=waits)


def _all(
    envelope: Envelope,
    before: OutboxItem,
    delivery: Delivery,
    error: PartagendaError,
    *,
    waits: bool = False,
    handed_over: bool = False,
) -> Outcome:
    """One answer for everybody the attempt was about."""
    results = tuple(
        RecipientResult(address, delivery, error.message, retry=delivery is Delivery.QUEUED)
        for address in envelope.recipients
    )
    hint = error.hint or (unknown_hint() if delivery is Delivery.UNKNOWN else "")
    state = _state(before, results, waits=waits)
    return Outcome(results, state, None, error.message, hint, handed_over)


def _judge(before: OutboxItem, results: Sequence[RecipientResult]) -> Outcome:
    """What a transport's answer means for the message."""
    kept = tuple(
        RecipientResult(r.address, Delivery.QUEUED, r.reason, retry=True)
        if r.retry and r.delivery in (Delivery.REFUSED, Delivery.QUEUED)
        else r
        for r in results
    )
    reason = next((r.reason for r in kept if r.delivery is not Delivery.SENT and r.reason), "")
    unknown = any(r.delivery is Delivery.UNKNOWN for r in kept)
    handed_over = unknown or any(r.delivery is Delivery.SENT for r in kept)
    return Outcome(kept, _state(before, kept), None, reason, unknown_hint() if unknown else "", handed_over)


def _write_new(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def find_item(items: Sequence[OutboxItem], id: str) -> OutboxItem:  # noqa: A002
    """The item of that id, or the only one that begins with it. Raises NotFound."""
    found = [item for item in items if item.id == id] or [item for item in items if id and item.id.startswith(id)]
    if len(found) == 1:
        return found[0]
    raise NotFound(_("There is no message {id} in the outbox.").format(id=id))
