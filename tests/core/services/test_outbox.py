"""Nothing that must leave is lost, and nothing leaves twice by itself."""

from __future__ import annotations

import asyncio
import os
import stat
from datetime import timedelta
from pathlib import Path

import pytest

from core.errors import (
    CertificateError,
    DeliveryUnknown,
    NotFound,
    Refused,
    SignInFailed,
    StorageError,
    Unreachable,
    UsageError,
)
from core.ports.mail import Delivery, Envelope, RecipientResult
from core.services.ledger import Ledger, LedgerState
from core.services.outbox import Outbox, OutboxState, ShareFacts, find_item

FACTS = ShareFacts("Calendar", "limited", "22–28 November 2026")
TO = ("bruno@example.org", "clara@example.net")


def letter(number: int = 1, to: tuple[str, ...] = TO) -> Envelope:
    content = b"Message-ID: <%d@example.org>\r\n\r\nHi\r\n" % number
    return Envelope(f"<{number}@example.org>", "alice@example.org", to, content)


@pytest.fixture
def make(tmp_path: Path, clock):
    boxes = []

    def outbox(transport, sent_copy=None) -> Outbox:
        transports = transport if callable(transport) else lambda _account: transport
        ledger = Ledger(tmp_path / "data" / "ledger.sqlite3")
        box = Outbox(tmp_path / "state" / "outbox.sqlite3", transports, ledger, clock, sent_copy)
        box.test_ledger = ledger
        boxes.append(box)
        return box

    yield outbox
    for box in boxes:
        box.close()


def one_refused(address: str, *, retry: bool):
    def answer(envelope: Envelope):
        return [
            RecipientResult(a, Delivery.QUEUED if retry else Delivery.REFUSED, "no", retry)
            if a == address
            else RecipientResult(a, Delivery.SENT)
            for a in envelope.recipients
        ]

    return answer


async def test_a_message_that_was_taken_is_sent(make, transport):
    item = await make(transport()).submit(letter(), FACTS, subject="Alice Martin Calendar")
    assert (item.state, [r.delivery for r in item.recipients]) == (OutboxState.SENT, [Delivery.SENT] * 2)


async def test_a_message_is_on_disk_before_its_first_byte_leaves(make, transport, tmp_path):
    seen = []

    def look(envelope):
        seen.append(make(None)._store.content(make(None)._store.items()[0].id))
        return [RecipientResult(a, Delivery.SENT) for a in envelope.recipients]

    await make(transport(look)).submit(letter(), FACTS, subject="s")
    assert seen == [letter().content]


async def test_the_same_message_id_is_not_queued_twice(make, transport):
    post = transport()
    outbox = make(post)
    await outbox.submit(letter(), FACTS, subject="s")
    await outbox.submit(letter(), FACTS, subject="s")
    assert len(post.seen) == 1


async def test_nobody_to_send_to_is_said(make, transport):
    with pytest.raises(UsageError):
        await make(transport()).submit(letter(to=()), FACTS, subject="s")


async def test_without_an_account_the_message_waits_and_says_how_to_add_one(make):
    item = await make(None).submit(letter(), FACTS, subject="s")
    assert (item.state, "partagenda account add" in item.hint) == (OutboxState.WAITING, True)


async def test_a_message_that_waits_can_be_saved_as_a_file_for_its_owner_only(make, tmp_path):
    outbox = make(None)
    item = await outbox.submit(letter(), FACTS, subject="s")
    path = await outbox.save_message(item.id, tmp_path / "message.eml")
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (letter().content, 0o600)


async def test_saving_a_message_overwrites_nothing(make, tmp_path):
    outbox = make(None)
    item = await outbox.submit(letter(), FACTS, subject="s")
    (tmp_path / "message.eml").write_text("mine")
    with pytest.raises(StorageError):
        await outbox.save_message(item.id, tmp_path / "message.eml")


async def test_a_waiting_message_goes_once_there_is_an_account(make, transport):
    await make(None).submit(letter(), FACTS, subject="s")
    (item,) = await make(transport()).flush()
    assert item.state is OutboxState.SENT


async def test_an_unreachable_server_is_tried_again_after_a_minute(make, transport, clock):
    item = await make(transport(Unreachable("down"))).submit(letter(), FACTS, subject="s")
    assert (item.state, item.next_try) == (OutboxState.PREPARED, clock.now() + timedelta(minutes=1))


async def test_the_pauses_between_attempts_grow(make, transport, clock):
    outbox = make(transport(*[Unreachable("down")] * 6))
    item = await outbox.submit(letter(), FACTS, subject="s")
    pauses = []
    for _n in range(5):
        pauses.append((item.next_try - clock.now()) // timedelta(minutes=1))
        clock.moment = item.next_try
        (item,) = await outbox.flush(due_only=True)
    assert pauses == [1, 5, 15, 60, 240]


async def test_what_is_not_due_is_left_alone(make, transport):
    outbox = make(transport(Unreachable("down")))
    await outbox.submit(letter(), FACTS, subject="s")
    assert await outbox.flush(due_only=True) == []


async def test_after_two_days_a_temporary_failure_is_final(make, transport, clock):
    outbox = make(transport(Unreachable("down"), Unreachable("down")))
    await outbox.submit(letter(), FACTS, subject="s")
    clock.pass_by(days=2, minutes=1)
    (item,) = await outbox.flush(due_only=True)
    assert (item.state, item.next_try) == (OutboxState.FAILED, None)


async def test_the_other_messages_for_a_silent_server_are_not_tried_at_once(make, transport):
    await make(None).submit(letter(1), FACTS, subject="s")
    await make(None).submit(letter(2), FACTS, subject="s")
    post = transport(Unreachable("down"))
    await make(post).flush()
    assert len(post.seen) == 1


@pytest.mark.parametrize("error", [SignInFailed("no"), CertificateError("no")])
async def test_a_failure_that_only_the_person_can_mend_is_not_repeated(make, transport, clock, error):
    post = transport(error)
    outbox = make(post)
    item = await outbox.submit(letter(), FACTS, subject="s")
    clock.pass_by(days=1)
    await outbox.flush(due_only=True)
    assert (item.state, len(post.seen)) == (OutboxState.WAITING, 1)


async def test_one_refused_recipient_leaves_the_message_partly_sent(make, transport):
    item = await make(transport(one_refused(TO[0], retry=False))).submit(letter(), FACTS, subject="s")
    assert (item.state, item.next_try) == (OutboxState.PARTLY, None)


async def test_only_those_who_failed_for_now_are_tried_again(make, transport, clock):
    post = transport(one_refused(TO[0], retry=True))
    outbox = make(post)
    await outbox.submit(letter(), FACTS, subject="s")
    clock.pass_by(minutes=2)
    await outbox.flush(due_only=True)
    assert [envelope.recipients for envelope in post.seen] == [TO, (TO[0],)]


async def test_a_second_attempt_keeps_the_message_id(make, transport, clock):
    post = transport(Unreachable("down"))
    outbox = make(post)
    await outbox.submit(letter(), FACTS, subject="s")
    await outbox.flush()
    assert {envelope.message_id for envelope in post.seen} == {"<1@example.org>"}


async def test_what_may_have_been_sent_is_never_sent_again_by_itself(make, transport, clock):
    post = transport(DeliveryUnknown("cut"))
    outbox = make(post)
    item = await outbox.submit(letter(), FACTS, subject="s")
    clock.pass_by(days=1)
    await outbox.flush()
    assert (item.state, len(post.seen)) == (OutboxState.UNKNOWN, 1)


async def test_the_person_may_send_again_what_may_have_been_sent(make, transport):
    outbox = make(transport(DeliveryUnknown("cut")))
    item = await outbox.submit(letter(), FACTS, subject="s")
    assert (await outbox.retry(item.id)).state is OutboxState.SENT


async def test_a_retry_is_for_those_who_do_not_have_it(make, transport):
    post = transport(one_refused(TO[0], retry=False))
    outbox = make(post)
    item = await outbox.submit(letter(), FACTS, subject="s")
    await outbox.retry(item.id)
    assert post.seen[1].recipients == (TO[0],)


async def test_a_fault_of_the_program_counts_as_may_have_been_sent(make, transport):
    item = await make(transport(ZeroDivisionError())).submit(letter(), FACTS, subject="s")
    assert item.state is OutboxState.UNKNOWN


async def test_a_dropped_message_is_gone(make):
    outbox = make(None)
    item = await outbox.submit(letter(), FACTS, subject="s")
    await outbox.drop(item.id)
    assert await outbox.items() == []


async def test_a_message_that_everybody_has_is_forgotten_after_a_month(make, transport, clock):
    outbox = make(transport())
    await outbox.submit(letter(), FACTS, subject="s")
    clock.pass_by(days=31)
    await outbox.flush()
    assert await outbox.items() == []


async def test_what_may_have_been_sent_is_not_forgotten(make, transport, clock):
    outbox = make(transport(DeliveryUnknown("cut")))
    await outbox.submit(letter(), FACTS, subject="s")
    clock.pass_by(days=400)
    await outbox.flush()
    assert len(await outbox.items()) == 1


async def test_nothing_of_a_dropped_message_stays_in_the_file(make, tmp_path):
    outbox = make(None)
    item = await outbox.submit(letter(), FACTS, subject="a canary in the subject")
    await outbox.drop(item.id)
    data = b"".join(path.read_bytes() for path in (tmp_path / "state").glob("outbox*") if path.is_file())
    assert b"a canary in the subject" not in data


async def test_an_unknown_id_is_said(make):
    with pytest.raises(NotFound):
        await make(None).drop("nothing")


async def test_the_beginning_of_an_id_is_enough(make):
    item = await make(None).submit(letter(), FACTS, subject="s")
    assert find_item([item], item.id[:4]) == item


# --- several processes ------------------------------------------------------------------------------------------------


def held(gate: asyncio.Event, begun: asyncio.Event):
    async def answer(envelope: Envelope):
        begun.set()
        await gate.wait()
        return [RecipientResult(a, Delivery.SENT) for a in envelope.recipients]

    return answer


async def test_two_senders_do_not_send_the_same_message(make, transport):
    gate, begun = asyncio.Event(), asyncio.Event()
    first = asyncio.create_task(make(transport(held(gate, begun))).submit(letter(), FACTS, subject="s"))
    await begun.wait()
    other = transport()
    await make(other).flush()
    gate.set()
    await first
    assert other.seen == []


async def test_a_message_that_is_being_sent_cannot_be_dropped(make, transport):
    gate, begun = asyncio.Event(), asyncio.Event()
    outbox = make(transport(held(gate, begun)))
    task = asyncio.create_task(outbox.submit(letter(), FACTS, subject="s"))
    await begun.wait()
    (item,) = await outbox.items()
    with pytest.raises(Refused):
        await outbox.drop(item.id)
    gate.set()
    await task


async def test_a_cancelled_attempt_leaves_the_message_to_be_sent(make, transport):
    gate, begun = asyncio.Event(), asyncio.Event()
    outbox = make(transport(held(gate, begun)))
    task = asyncio.create_task(outbox.submit(letter(), FACTS, subject="s"))
    await begun.wait()
    task.cancel()
    await asyncio.wait([task])
    (item,) = await outbox.items()
    assert (task.cancelled(), item.state, item.attempts) == (True, OutboxState.PREPARED, 0)


async def test_a_cancellation_after_the_handover_is_written_down_as_unknown(make, transport):
    begun = asyncio.Event()

    async def answer(_envelope):
        begun.set()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            raise DeliveryUnknown("stopped") from None

    outbox = make(transport(answer))
    task = asyncio.create_task(outbox.submit(letter(), FACTS, subject="s"))
    await begun.wait()
    task.cancel()
    await asyncio.wait([task])
    assert (task.cancelled(), (await outbox.items())[0].state) == (True, OutboxState.UNKNOWN)


# --- ledger, copies, files --------------------------------------------------------------------------------------------


async def test_the_ledger_has_each_recipient(make, transport):
    outbox = make(transport(one_refused(TO[0], retry=False)))
    await outbox.submit(letter(), FACTS, subject="s")
    entries = await outbox.test_ledger.entries()
    assert [(e.person, e.calendar, e.level, e.range, e.state) for e in entries] == [
        (TO[0], "Calendar", "limited", "22–28 November 2026", LedgerState.REFUSED),
        (TO[1], "Calendar", "limited", "22–28 November 2026", LedgerState.SENT),
    ]


async def test_what_the_ledger_cannot_note_is_neither_sent_nor_kept(make, transport, tmp_path):
    carrier = transport()
    outbox = make(carrier)
    (tmp_path / "data" / "ledger.sqlite3").mkdir(parents=True)
    with pytest.raises(StorageError):
        await outbox.submit(letter(), FACTS, subject="Calendar")
    assert (await outbox.items(), carrier.seen) == ([], [])


async def test_a_ledger_that_fails_afterwards_does_not_hide_that_the_message_was_sent(make, transport, tmp_path):
    ledger = tmp_path / "data" / "ledger.sqlite3"

    def break_the_ledger(envelope):
        ledger.unlink()
        ledger.mkdir()
        return [RecipientResult(a, Delivery.SENT) for a in envelope.recipients]

    outbox = make(transport(break_the_ledger))
    item = await outbox.submit(letter(), FACTS, subject="Calendar")
    assert (item.state, str(ledger) in item.reason) == (OutboxState.SENT, True)


async def test_the_ledger_says_what_may_have_been_sent(make, transport):
    outbox = make(transport(DeliveryUnknown("cut")))
    await outbox.submit(letter(), FACTS, subject="s")
    assert {e.state for e in await outbox.test_ledger.entries()} == {LedgerState.UNKNOWN}


async def test_the_ledger_follows_a_message_that_waits(make, transport):
    outbox = make(None)
    item = await outbox.submit(letter(), FACTS, subject="s")
    before = {e.state for e in await outbox.test_ledger.entries()}
    await outbox.drop(item.id)
    assert (before, {e.state for e in await outbox.test_ledger.entries()}) == (
        {LedgerState.QUEUED},
        {LedgerState.DROPPED},
    )


async def test_a_copy_of_what_was_sent_is_kept_once(make, transport):
    copies = []
    outbox = make(transport(), lambda account, content: copies.append((account, content)))
    await outbox.submit(letter(), FACTS, subject="s", account="mail")
    await outbox.flush()
    assert copies == [("mail", letter().content)]


async def test_no_copy_is_kept_of_what_was_not_sent(make):
    copies = []
    await make(None, lambda account, content: copies.append(content)).submit(letter(), FACTS, subject="s")
    assert copies == []


async def test_a_copy_that_could_not_be_kept_is_tried_again(make, transport):
    copies, failing = [], [True]

    def keep(_account, content):
        if failing.pop() if failing else False:
            raise StorageError("disk full")
        copies.append(content)

    outbox = make(transport(), keep)
    await outbox.submit(letter(), FACTS, subject="s")
    await outbox.flush()
    assert copies == [letter().content]


async def test_the_journal_is_readable_by_its_owner_only(make, transport, tmp_path):
    await make(transport()).submit(letter(), FACTS, subject="s")
    modes = {p: stat.S_IMODE(p.stat().st_mode) for p in (tmp_path / "state").rglob("*") if p.is_file()}
    assert modes
    assert set(modes.values()) == {0o600}


async def test_a_planted_link_is_not_followed(make, transport, tmp_path):
    target = tmp_path / "elsewhere"
    (tmp_path / "state").mkdir()
    os.symlink(target, tmp_path / "state" / "outbox.sqlite3")
    with pytest.raises(StorageError):
        await make(transport()).submit(letter(), FACTS, subject="s")
    assert not target.exists()


async def test_a_journal_that_cannot_be_written_sends_nothing(make, transport, tmp_path):
    (tmp_path / "state").write_text("a file where a folder should be")
    post = transport()
    with pytest.raises(StorageError):
        await make(post).submit(letter(), FACTS, subject="s")
    assert post.seen == []


async def test_the_marks_of_senders_that_died_are_swept(make, transport, tmp_path):
    marks = tmp_path / "state" / "outbox.sqlite3-senders"
    marks.mkdir(parents=True)
    (marks / "sender-0123456789abcdef.lock").touch(0o600)
    await make(transport()).items()
    assert list(marks.iterdir()) == []
