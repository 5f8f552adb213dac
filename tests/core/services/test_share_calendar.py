"""Share Calendar: permission and invitation as one act, inside and outside, and never half done without saying so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from core.calendar.people import Address
from core.calendar.span import WorkingHours
from core.errors import Conflict, DeliveryUnknown, PartagendaError, Refused, TransportError, Unreachable, UsageError
from core.ports.calendars import CalendarInfo, CalendarKind
from core.ports.mail import Delivery, RecipientResult
from core.services.email_calendar import Owner
from core.services.ledger import Ledger
from core.services.outbox import Outbox
from core.services.share_calendar import ShareCalendar
from core.services.share_plan import Invited, ShareRequest
from core.services.share_records import ShareRecords
from core.sharing.detail import DetailLevel
from core.sharing.incoming import MessageKind, read_message
from core.sharing.invitation import ProviderKind, Purpose
from core.sharing.permissions import NAMED_LEVELS, PermissionLevel
from tests.contracts.sharing_gateway import Gate, SharingGatewayContract
from tests.core.services.calendars import PARIS
from tests.core.services.conftest import StillClock, Transport
from tests.core.services.sharing_server import AFTER, BEFORE, CALENDAR, SILENT, PaperServer, Servers

ALICE = Address("alice@example.org", "Alice Martin")
BRUNO = Address("bruno@example.org", "Bruno Keller")
CLARA = Address("clara@example.net", "Clara Rossi")
LENIENT = ["Anonymous:CalendarSharingFreeBusySimple"]


class PaperGate(Gate):
    calendar = CALENDAR.id

    def __init__(self) -> None:
        self.server = PaperServer([f"example.net: {LENIENT[0].partition(':')[2]}"])

    def gateway(self) -> PaperServer:
        return self.server

    async def level_of(self, address: str) -> PermissionLevel | None:
        return self.server.level_of(address)


class TestPaperServer(SharingGatewayContract):
    @pytest.fixture
    def gate(self) -> PaperGate:
        return PaperGate()


@dataclass
class World:
    """Alice's side of everything."""

    server: PaperServer
    transport: Transport | None
    service: ShareCalendar
    ledger: Ledger
    outbox: Outbox

    async def share(self, *people: Address, level: PermissionLevel = PermissionLevel.REVIEWER, **more: object):
        plan = await self.service.plan(ShareRequest("Calendar", people, level, **more))
        return await self.service.share(plan)

    @property
    def letters(self):
        return [read_message(envelope.content) for envelope in self.transport.seen]


@pytest.fixture
def world(tmp_path: Path, clock: StillClock) -> Callable[..., World]:
    def make(*answers: object, policy: list[str] | None = None, sends: bool = True, **server: object) -> World:
        paper = PaperServer(policy if policy is not None else ["*:CalendarSharingFreeBusySimple"], **server)
        transport = Transport(*answers) if sends else None
        ledger = Ledger(tmp_path / "ledger.sqlite3")
        outbox = Outbox(tmp_path / "outbox.sqlite3", lambda _name: transport, ledger, clock)
        service = ShareCalendar(
            paper,
            Servers(paper),
            outbox=outbox,
            ledger=ledger,
            records=ShareRecords(tmp_path / "shares.sqlite3"),
            me=Owner(ALICE.name, ALICE, PARIS, WorkingHours()),
            clock=clock,
        )
        return World(paper, transport, service, ledger, outbox)

    return make


# --- before ------------------------------------------------------------------------------------------------------


async def test_the_plan_says_what_each_would_see_and_changes_nothing(world):
    here = world()
    here.server.somebody_else_sets(BRUNO.address, PermissionLevel.EDITOR)
    plan = await here.service.plan(ShareRequest("Calendar", (BRUNO, CLARA), PermissionLevel.FREE_BUSY_DETAILED))
    bruno, clara = plan.people
    assert (bruno.allowed, bruno.sees, bruno.now.level) == (True, DetailLevel.LIMITED, PermissionLevel.EDITOR)
    assert "Until now: Editor" in bruno.line
    assert not clara.allowed
    assert "no rule for example.net" in clara.line
    assert "administrator" in clara.refusal[-1]
    assert here.server.level_of(BRUNO.address) is PermissionLevel.EDITOR
    assert here.transport.seen == []


async def test_levels_that_the_policy_refuses_cannot_be_chosen_and_the_reason_says_who_can_change_it(world):
    here = world(policy=LENIENT)
    plan = await here.service.plan(ShareRequest("Calendar", (CLARA,)))
    assert plan.choice(PermissionLevel.FREE_BUSY).enabled
    for level in (PermissionLevel.FREE_BUSY_DETAILED, PermissionLevel.REVIEWER):
        choice = plan.choice(level)
        assert not choice.enabled
        assert "Availability only" in choice.reason
        assert "administrator" in choice.reason
    assert "never write" in plan.choice(PermissionLevel.EDITOR).reason


async def test_a_level_that_some_may_have_can_be_chosen(world):
    here = world()
    plan = await here.service.plan(ShareRequest("Calendar", (BRUNO, CLARA)))
    assert all(plan.choice(level).enabled for level in NAMED_LEVELS)


@pytest.mark.parametrize("people", [(), (ALICE,)])
async def test_sharing_with_nobody_is_refused(world, people):
    with pytest.raises(UsageError):
        await world().service.plan(ShareRequest("Calendar", people))


async def test_a_calendar_of_this_machine_is_not_shared_by_a_server(world):
    here = world()
    here.server.find = lambda _name, _able=None: _local()
    with pytest.raises(Refused) as raised:
        await here.service.plan(ShareRequest("Work", (BRUNO,)))
    assert "e-mail" in raised.value.hint


async def _local() -> CalendarInfo:
    return CalendarInfo("local/work", "Work", "local", CalendarKind.LOCAL)


# --- the act -----------------------------------------------------------------------------------------------------


async def test_somebody_inside_gets_the_permission_and_an_invitation_that_names_the_folder(world):
    here = world()
    outcome = await here.share(BRUNO, message="Have a look")
    [shared] = outcome.shared
    assert (shared.invited, shared.level) == (Invited.SENT, PermissionLevel.REVIEWER)
    assert here.server.level_of(BRUNO.address) is PermissionLevel.REVIEWER
    [letter] = here.letters
    assert letter.kind is MessageKind.INVITATION
    assert letter.sharing.purpose is Purpose.INVITE
    assert letter.sharing.level is PermissionLevel.REVIEWER
    assert letter.sharing.provider_for(frozenset([BRUNO.key])).kind is ProviderKind.INTERNAL
    assert letter.text.endswith("Have a look")
    [line] = await here.ledger.entries()
    assert (line.person, line.how, line.level, line.state) == (BRUNO.address, "share", "reviewer", "sent")
    assert await here.service.unfinished() == []


async def test_each_of_several_people_gets_a_message_of_their_own_and_a_line_in_the_ledger(world):
    here = world()
    other = Address("someone@example.org")
    await here.share(BRUNO, other)
    assert [envelope.recipients for envelope in here.transport.seen] == [(BRUNO.address,), (other.address,)]
    assert {line.person for line in await here.ledger.entries()} == {BRUNO.address, other.address}


async def test_asking_for_theirs_makes_it_an_invitation_and_a_request(world):
    here = world()
    await here.share(BRUNO, ask_theirs=True)
    assert here.letters[0].sharing.purpose is Purpose.BOTH


async def test_theirs_can_only_be_asked_for_with_the_default_calendar(world):
    here = world()
    other = replace(await here.server.find("Calendar"), default=False)

    async def find(_name: str, _able: object = None) -> CalendarInfo:
        return other

    here.server.find = find
    with pytest.raises(UsageError):
        await here.service.plan(ShareRequest("Calendar", (BRUNO,), ask_theirs=True))


async def test_a_partial_refusal_names_the_person_and_offers_the_copy(world):
    here = world()
    outcome = await here.share(BRUNO, CLARA)
    assert [one.address for one in outcome.shared] == [BRUNO]
    [refused] = outcome.refused
    assert refused.address == CLARA
    assert "send-copy" in refused.fallbacks
    assert [letter.sharing.purpose for letter in here.letters] == [Purpose.INVITE]


async def test_somebody_outside_gets_the_lower_level_and_the_addresses_that_the_server_made(world):
    here = world(policy=LENIENT)
    here.server.links = True
    outcome = await here.share(CLARA, level=PermissionLevel.FREE_BUSY)
    assert outcome.shared[0].invited is Invited.SENT
    provider = here.letters[0].sharing.provider_for(frozenset([CLARA.key]))
    assert (provider.kind, provider.ics.host) == (ProviderKind.PUBLISH, "mail.example.org")


async def test_without_an_address_somebody_outside_cannot_be_invited_and_it_is_said(world):
    here = world(policy=LENIENT)
    outcome = await here.share(CLARA, level=PermissionLevel.FREE_BUSY)
    [shared] = outcome.unfinished
    assert shared.invited is Invited.NOT
    assert "no address" in shared.reason
    assert "copy" in shared.hint
    assert here.transport.seen == []


async def test_a_server_that_invites_by_itself_is_not_doubled(world):
    here = world(invites=True)
    outcome = await here.share(BRUNO)
    assert outcome.shared[0].invited is Invited.BY_SERVER
    assert here.transport.seen == []
    assert [line.state for line in await here.ledger.entries()] == ["sent"]


async def test_a_person_whom_the_server_refuses_after_all_is_told_with_what_is_allowed(world):
    here = world(policy=LENIENT)
    plan = await here.service.plan(ShareRequest("Calendar", (CLARA,), PermissionLevel.FREE_BUSY))
    here.server.rules = replace(here.server.rules, rules=())
    outcome = await here.service.share(plan)
    assert outcome.shared == ()
    assert "no rule" in outcome.refused[0].line
    assert await here.service.unfinished() == []


# --- the mail cannot go ------------------------------------------------------------------------------------------


async def refused_for_good(envelope):
    return [RecipientResult(one, Delivery.REFUSED, "no such mailbox") for one in envelope.recipients]


async def test_when_the_mail_cannot_go_the_person_decides_and_taking_back_restores_the_row(world):
    here = world(refused_for_good)
    here.server.somebody_else_sets(BRUNO.address, PermissionLevel.FREE_BUSY)
    [shared] = (await here.share(BRUNO)).unfinished
    assert (shared.invited, shared.reason) == (Invited.NOT, "no such mailbox")
    assert [one.person for one in await here.service.unfinished()] == [BRUNO.address]
    await here.service.take_back(shared.token, BRUNO.address, shared.message)
    assert here.server.level_of(BRUNO.address) is PermissionLevel.FREE_BUSY
    assert await here.service.unfinished() == []
    assert await here.outbox.items() == []


async def test_when_the_permission_stays_nothing_is_asked_again(world):
    here = world(refused_for_good)
    [shared] = (await here.share(BRUNO)).unfinished
    await here.service.keep(shared.token, BRUNO.address)
    assert await here.service.unfinished() == []
    assert here.server.level_of(BRUNO.address) is PermissionLevel.REVIEWER


async def test_what_somebody_else_changed_meanwhile_is_not_taken_back(world):
    here = world(refused_for_good)
    [shared] = (await here.share(BRUNO)).unfinished
    here.server.somebody_else_sets(BRUNO.address, PermissionLevel.OWNER)
    await here.service.take_back(shared.token, BRUNO.address)
    assert here.server.level_of(BRUNO.address) is PermissionLevel.OWNER


# --- faults: at each step, what was done is said -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("faults", "answers", "error", "given", "invited", "open_"),
    [
        ({"standing": [Unreachable("no answer")]}, (), Unreachable, False, None, 0),
        ({"read": [Unreachable("no answer")]}, (), Unreachable, False, None, 0),
        ({"grant": [BEFORE]}, (), Unreachable, False, None, 0),
        ({"grant": [Refused("not the owner")]}, (), Refused, False, None, 0),
        ({"grant": [AFTER]}, (), None, True, Invited.SENT, 0),
        ({"grant": [SILENT]}, (), None, False, None, 0),
        ({"grant": [AFTER], "read": [None, Unreachable("x")]}, (), DeliveryUnknown, True, None, 1),
        ({"grant": [SILENT], "read": [None, Unreachable("x")]}, (), DeliveryUnknown, False, None, 1),
        ({"reference": [Unreachable("no answer")]}, (), None, True, Invited.NOT, 1),
        ({}, (Unreachable("no mail server"),), None, True, Invited.QUEUED, 1),
        ({}, (TransportError("refused"),), None, True, Invited.QUEUED, 1),
        ({}, (DeliveryUnknown("broke"),), None, True, Invited.UNKNOWN, 0),
        ({}, (refused_for_good,), None, True, Invited.NOT, 1),
    ],
    ids=[
        *("standing", "reading", "grant-before", "grant-refused", "grant-after", "grant-not-done"),
        *("grant-after-silence", "grant-not-done-silence", "no-reference"),
        *("mail-unreachable", "mail-fails", "mail-unknown", "mail-refused"),
    ],
)
async def test_whatever_breaks_what_was_done_is_said(world, faults, answers, error, given, invited, open_):
    here = world(*answers)
    here.server.faults.update(faults)
    if error is not None:
        with pytest.raises(error):
            await here.share(BRUNO)
    else:
        outcome = await here.share(BRUNO)
        assert [one.invited for one in outcome.shared] == ([invited] if invited else [])
        assert bool(outcome.refused) == (invited is None)
    here.server.faults.clear()
    assert (here.server.level_of(BRUNO.address) is PermissionLevel.REVIEWER) == given
    assert len(await here.service.unfinished()) == open_


async def test_with_no_account_that_sends_the_invitation_waits_and_it_is_said(world):
    here = world(sends=False)
    [shared] = (await here.share(BRUNO)).unfinished
    assert shared.invited is Invited.QUEUED
    assert shared.hint


async def test_a_program_that_dies_between_permission_and_mail_leaves_a_note_to_finish_by(world):
    class Death(BaseException):
        pass

    here = world()
    here.server.faults["reference"] = [Death()]
    with pytest.raises(Death):
        await here.share(BRUNO)
    [left] = await here.service.unfinished()
    assert (left.person, left.level, left.given) == (BRUNO.address, PermissionLevel.REVIEWER, True)
    await here.service.take_back(left.token, left.person)
    assert here.server.level_of(BRUNO.address) is None
    assert await here.service.unfinished() == []


async def test_taking_back_that_the_server_refuses_keeps_the_note(world):
    here = world(refused_for_good)
    [shared] = (await here.share(BRUNO)).unfinished
    here.server.faults["write"] = [BEFORE]
    with pytest.raises(PartagendaError):
        await here.service.take_back(shared.token, BRUNO.address)
    assert len(await here.service.unfinished()) == 1


async def test_what_is_not_open_cannot_be_taken_back(world):
    with pytest.raises(UsageError):
        await world().service.take_back("none", BRUNO.address)


# --- other messages ----------------------------------------------------------------------------------------------


async def test_a_request_and_a_refusal_share_nothing_and_the_ledger_does_not_know_them(world):
    here = world()
    await here.service.ask(BRUNO, "May I?")
    await here.service.deny(BRUNO)
    assert [letter.sharing.purpose for letter in here.letters] == [Purpose.REQUEST, Purpose.DENY]
    assert await here.ledger.entries() == []


async def test_allowing_a_request_gives_the_permission_and_answers_with_an_invitation(world):
    here = world()
    plan = await here.service.plan(ShareRequest("Calendar", (BRUNO,), PermissionLevel.FREE_BUSY))
    await here.service.share(plan, Purpose.ALLOW)
    assert here.letters[0].sharing.purpose is Purpose.ALLOW
    assert here.server.level_of(BRUNO.address) is PermissionLevel.FREE_BUSY


async def test_somebody_can_be_invited_to_a_published_address(world):
    here = world()
    request = ShareRequest("Calendar", (CLARA,))
    await here.service.invite_published(request, DetailLevel.LIMITED, ics="https://dav.example.org/a.ics")
    provider = here.letters[0].sharing.provider_for(frozenset([CLARA.key]))
    assert provider.ics.url == "https://dav.example.org/a.ics"
    [line] = await here.ledger.entries()
    assert (line.how, line.level) == ("address", "free-busy-time-subject-location")


async def test_two_at_once_change_the_table_one_after_the_other(world):
    here = world()
    plan = await here.service.plan(ShareRequest("Calendar", (BRUNO,)))
    here.server.faults["grant"] = [Conflict("changed meanwhile")]
    with pytest.raises(Conflict):
        await here.service.share(plan)
    assert await here.service.unfinished() == []
