"""Free/busy, the directory, large mail, sharing: what Microsoft 365 says to each."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from core.calendar.event import BusyStatus
from core.calendar.people import Address
from core.calendar.span import TimeSpan
from core.errors import Refused
from core.ports.mail import Delivery, Envelope
from core.ports.sharing import Place
from core.sandbox.people import ALICE, BRUNO, CLARA
from core.sharing.permission_table import PermissionChange, entry, person
from core.sharing.permissions import PermissionLevel
from tests.core.backends.graph.conftest import PARIS, Account
from tests.graph_world import GraphWorld

DAY = TimeSpan(datetime(2026, 11, 23, tzinfo=PARIS), datetime(2026, 11, 24, tzinfo=PARIS))
LUNCH = {
    "subject": "Lunch",
    "start": {"dateTime": "2026-11-23T12:00:00", "timeZone": "Europe/Paris"},
    "end": {"dateTime": "2026-11-23T13:00:00", "timeZone": "Europe/Paris"},
}


async def test_each_address_has_an_answer_in_its_place(account: Account, world: GraphWorld):
    world.client(BRUNO).post("/me/events", json={**LUNCH, "showAs": "oof"})
    found = await account.free_busy.free_busy([BRUNO.address, "nobody@example.org"], DAY)
    assert [one.address for one in found] == [BRUNO.address, "nobody@example.org"]
    (block,) = found[0].blocks
    assert (block.span.start, block.status, block.title) == (
        datetime(2026, 11, 23, 12, tzinfo=PARIS), BusyStatus.OUT_OF_OFFICE, "")  # fmt: skip
    assert found[0].hours is not None
    assert found[1].problem


async def test_somebody_who_hides_everything_is_not_called_free(account: Account, world: GraphWorld):
    for row in world.calendar(BRUNO).permissions.values():
        row.role = "none"
    (found,) = await account.free_busy.free_busy([BRUNO.address], DAY)
    assert found.problem


async def test_a_long_span_is_put_together_from_pieces(account: Account, world: GraphWorld):
    client = world.client(BRUNO)
    for month in (1, 4, 6):
        times = {name: {"dateTime": f"2026-{month:02}-10T{hour}:00:00", "timeZone": "UTC"} for name, hour in
                 (("start", 10), ("end", 11))}  # fmt: skip
        client.post("/me/events", json={"subject": "x", **times})
    span = TimeSpan(datetime(2026, 1, 1, tzinfo=PARIS), datetime(2026, 7, 1, tzinfo=PARIS))
    (found,) = await account.free_busy.free_busy([BRUNO.address], span)
    assert [block.span.start.month for block in found.blocks] == [1, 4, 6]


async def test_names_are_completed_once(account: Account, world: GraphWorld):
    found = await account.directory.complete("bru")
    before = len(world.server.requests)
    assert list(await account.directory.complete("Bru")) == list(found) == [Address(BRUNO.address, BRUNO.name)]
    assert len(world.server.requests) == before


async def test_an_unreachable_directory_gives_nobody(account: Account, world: GraphWorld):
    world.server.__exit__(None, None, None)
    assert list(await account.directory.complete("bruno")) == []


@pytest.mark.parametrize("size", [1000, 3_500_000])
async def test_a_message_arrives_with_its_file_however_large(account: Account, world: GraphWorld, size: int):
    from email.message import EmailMessage
    from email.policy import SMTP

    message = EmailMessage(policy=SMTP)
    message["From"], message["To"] = ALICE.address, BRUNO.address
    message["Subject"], message["Message-ID"] = "Réunion", "<large@example.org>"
    message.set_content("Hello")
    message.add_alternative("<p>Hello</p>", subtype="html")
    content = bytes(range(250)) * (size // 250)
    message.add_attachment(content, maintype="application", subtype="octet-stream", filename="a.bin")
    envelope = Envelope("<large@example.org>", ALICE.address, (BRUNO.address, CLARA.address), bytes(message))
    results = await account.transport.send(envelope)
    assert [one.delivery for one in results] == [Delivery.SENT] * 2
    for receiver in (BRUNO, CLARA):
        (mail,) = world.mail(receiver)
        assert b"bcc" not in mail.partition(b"\r\n\r\n")[0].lower()
        assert CLARA.address.encode() not in mail.partition(b"\r\n\r\n")[0]
        from email import message_from_bytes

        (part,) = [one for one in message_from_bytes(mail).walk() if one.get_filename() == "a.bin"]
        assert part.get_payload(decode=True) == content


async def test_a_message_for_some_of_its_people_only_is_refused(account: Account, world: GraphWorld):
    content = b"From: alice@example.org\r\nTo: bruno@example.org, clara@example.net\r\n\r\nHello\r\n"
    results = await account.transport.send(Envelope("<x@x>", ALICE.address, (BRUNO.address,), content))
    assert [one.delivery for one in results] == [Delivery.REFUSED]
    assert world.mail(BRUNO) == []


# --- sharing -----------------------------------------------------------------------------------------------------


async def test_what_may_be_given_is_what_the_server_offers(account: Account, default: str):
    inside, outside, nobody = await account.sharing.standing(
        default, [BRUNO.mailbox, CLARA.mailbox, Address("nobody@example.org")]
    )
    assert (inside.place, inside.levels[-1]) == (Place.INSIDE, PermissionLevel.EDITOR)
    assert (outside.place, outside.levels[-1]) == (Place.OUTSIDE, PermissionLevel.REVIEWER)
    assert outside.reason
    assert (nobody.levels, bool(nobody.reason)) == ((), True)


async def test_sharing_grants_and_the_server_invites_once(account: Account, default: str, world: GraphWorld):
    (granted,) = await account.sharing.grant(default, [BRUNO.mailbox], PermissionLevel.REVIEWER)
    assert (granted.level, granted.invited) == (PermissionLevel.REVIEWER, True)
    assert len(world.mail(BRUNO)) == 1
    (again,) = await account.sharing.grant(default, [BRUNO.mailbox], PermissionLevel.EDITOR)
    assert (again.level, again.before.level) == (PermissionLevel.EDITOR, PermissionLevel.REVIEWER)
    assert "no second invitation" in again.reason
    assert len(world.mail(BRUNO)) == 1


async def test_a_policy_that_forbids_it_is_said_with_what_is_allowed(account: Account, default: str, world: GraphWorld):
    world.server.world.most_outside = "freeBusyRead"
    bruno, clara = await account.sharing.grant(default, [BRUNO.mailbox, CLARA.mailbox], PermissionLevel.REVIEWER)
    assert bruno.level is PermissionLevel.REVIEWER
    assert (clara.level, clara.allowed) == (None, (PermissionLevel.FREE_BUSY,))
    assert "Free/Busy time" in clara.reason
    assert world.mail(CLARA) == []


async def test_levels_that_graph_has_no_role_for_are_refused_by_name(account: Account, default: str):
    with pytest.raises(Refused) as caught:
        await account.sharing.grant(default, [BRUNO.mailbox], PermissionLevel.AUTHOR)
    assert "Publishing Editor" in caught.value.hint


async def test_a_level_that_cannot_be_set_changes_nothing_in_the_table(account: Account, default: str):
    stored = await account.sharing.permissions(default)
    change = PermissionChange(None, entry(person(BRUNO.address), PermissionLevel.CONTRIBUTOR))
    written = await account.sharing.write_permissions(default, [change], expected=stored.mark)
    assert [one.change for one in written.refused] == [change]
    assert written.stored.table.people == ()
    assert "Contributor" in stored.offered.reason


async def test_my_organization_is_default_and_is_not_removed(account: Account, default: str):
    stored = await account.sharing.permissions(default)
    row = stored.table.get("default")
    assert (row.level, row.key in stored.offered.fixed) == (PermissionLevel.FREE_BUSY, True)
    assert stored.offered.levels_for(row.principal)[0] is PermissionLevel.NONE
    assert stored.offered.announces


async def test_revoking_takes_the_row_away(account: Account, default: str, world: GraphWorld):
    await account.sharing.grant(default, [CLARA.mailbox], PermissionLevel.FREE_BUSY)
    assert await account.sharing.revoke(default, CLARA.address)
    assert not await account.sharing.revoke(default, CLARA.address)
    assert len(world.calendar().permissions) == 1


async def test_the_invitation_is_read_from_the_inbox(account: Account, default: str, world: GraphWorld):
    from core.sharing.incoming import read_message

    await account.sharing.grant(default, [BRUNO.mailbox], PermissionLevel.REVIEWER)
    bruno = Account(world, BRUNO)
    (ref,) = await bruno.messages.messages()
    assert ref.subject == "You're invited to share this calendar"
    assert read_message(await bruno.messages.read(ref.id)).kind.value != "other"
    await bruno.session.close()


def test_times_are_asked_for_in_pieces_below_two_months():
    from core.backends.graph.freebusy import _pieces

    pieces = _pieces(TimeSpan(DAY.start, DAY.start + timedelta(days=150)))
    assert [piece.end - piece.start for piece in pieces] == [timedelta(days=60), timedelta(days=60), timedelta(days=30)]
