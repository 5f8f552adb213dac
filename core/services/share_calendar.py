"""Share Calendar: a permission is given and an invitation sent, as one act; what came of each is said.

The order is: note it, give the permission, note that it was given, hand the invitation to the outbox, strike the note
out. Whatever breaks in between, the note says what is half done, and the person finishes it or takes it back.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Protocol

from core.calendar.people import Address, unique
from core.errors import DeliveryUnknown, PartagendaError, Refused, UsageError
from core.language import _
from core.ports.calendars import CalendarInfo
from core.ports.mail import Envelope
from core.ports.sharing import FolderReference, Granted, PermissionStore, Place, SharingGateway
from core.ports.world import Clock
from core.services.email_calendar import Owner
from core.services.ledger import Ledger, LedgerEntry, LedgerState
from core.services.outbox import Outbox, OutboxItem, OutboxState, ShareFacts
from core.services.outbox_store import NOTICE
from core.services.share_plan import (
    Invited,
    NotShared,
    PersonPlan,
    Shared,
    ShareOutcome,
    SharePlan,
    ShareRequest,
)
from core.services.share_records import OpenShare, ShareRecords
from core.sharing.detail import DetailLevel
from core.sharing.invitation import Provider, ProviderKind, Purpose
from core.sharing.invitation_mail import SharingLetter, wire_recipients, write
from core.sharing.links import judge
from core.sharing.mail_fields import wire_address
from core.sharing.permission_table import PermissionChange, apply_changes
from core.sharing.permissions import PermissionLevel, level_for

SHARED = "share"
"""What the ledger calls a calendar that was shared with an invitation."""
ADDRESS = "address"
"""What it calls an invitation to a published address."""


class Servers(Protocol):
    """The servers on which calendars are shared, by the account's name."""

    def gateway(self, account: str) -> SharingGateway | None: ...

    def permissions(self, account: str) -> PermissionStore | None: ...

    async def remote(self, info: CalendarInfo) -> str:
        """The server's own name for a calendar."""
        ...


class Calendars(Protocol):
    """The part of the library that is needed here."""

    async def find(self, name_or_id: str, able: Callable[[CalendarInfo], bool] | None = None) -> CalendarInfo: ...


class ShareCalendar:
    """The service behind *Share Calendar*, `share`, and answers to sharing requests."""

    def __init__(
        self,
        library: Calendars,
        servers: Servers,
        *,
        outbox: Outbox,
        ledger: Ledger,
        records: ShareRecords,
        me: Owner,
        clock: Clock,
    ) -> None:
        self._library = library
        self._servers = servers
        self._outbox = outbox
        self._ledger = ledger
        self._records = records
        self._me = me
        self._clock = clock

    # before --------------------------------------------------------------------------------------------------

    async def plan(self, request: ShareRequest) -> SharePlan:
        """What would happen for each person, asked of the server. Changes nothing.

        Raises Refused for a calendar that no server shares, UsageError without people.
        """
        info = await self._library.find(request.calendar, lambda one: one.can.share)
        gateway, store = self._server(info)
        people = self._others(request.people)
        if request.ask_theirs and not info.default:
            raise UsageError(
                _("Only an invitation to your default calendar can also ask for theirs."),
                _("Share that one, or ask with a message of its own."),
            )
        remote = await self._servers.remote(info)
        policy = await gateway.policy()
        standings = await gateway.standing(remote, people)
        table = (await store.permissions(remote)).table
        plans = tuple(PersonPlan(one, request.level, table.get(one.address.key)) for one in standings)
        rules = tuple(map(str, policy.rules)) if policy else ()
        return SharePlan(request, info, plans, rules, gateway.invites)

    def _server(self, info: CalendarInfo) -> tuple[SharingGateway, PermissionStore]:
        gateway, store = self._servers.gateway(info.account), self._servers.permissions(info.account)
        if gateway is None or store is None:
            raise Refused(
                _("“{name}” is not on a server that shares calendars.").format(name=info.name),
                _("Send a copy by e-mail (send), or publish it and give out the address."),
            )
        if info.owner and not info.can.share:
            raise Refused(
                _("“{name}” belongs to {owner}: only an owner can share it.").format(name=info.name, owner=info.owner)
            )
        return gateway, store

    def _others(self, people: Sequence[Address]) -> tuple[Address, ...]:
        me = self._me.address.key if self._me.address else ""
        others = tuple(one for one in unique(people) if one.key != me)
        if not others:
            raise UsageError(_("There is nobody to share it with."), _("Give at least one address."))
        return others

    # the act -------------------------------------------------------------------------------------------------

    async def share(self, plan: SharePlan, purpose: Purpose = Purpose.INVITE) -> ShareOutcome:
        """Give the permission to those who may have it, then invite each of them.

        Raises only when nothing was changed for anybody, or DeliveryUnknown when nobody can know; what is half done
        stays among `unfinished`.
        """
        refused = tuple(NotShared(one.address, one.refusal[0], one.standing.levels) for one in plan.refused)
        if not plan.granted:
            return ShareOutcome(plan, (), refused)
        gateway, _store = self._server(plan.info)
        token = secrets.token_hex(16)
        await asyncio.to_thread(self._records.begin, [self._open(plan, one, token) for one in plan.granted])
        answers = await self._grant(plan, token)
        for answer in answers:
            if answer.level is not None:
                await asyncio.to_thread(self._records.given, token, answer.address.key)
            else:
                await asyncio.to_thread(self._records.finish, token, answer.address.key)
        reference = await self._reference(gateway, plan, answers)
        shared = [await self._tell(plan, one, token, purpose, reference) for one in answers if one.level is not None]
        refused += tuple(NotShared(one.address, one.reason, one.allowed) for one in answers if one.level is None)
        return ShareOutcome(plan, tuple(shared), refused)

    def _open(self, plan: SharePlan, one: PersonPlan, token: str) -> OpenShare:
        return OpenShare(
            token, one.address.key, plan.info.id, plan.info.name, one.level, one.now, given=False, at=self._now()
        )

    async def _grant(self, plan: SharePlan, token: str) -> Sequence[Granted]:
        gateway, store = self._server(plan.info)
        remote = await self._servers.remote(plan.info)
        people = [one.address for one in plan.granted]
        try:
            return await gateway.grant(remote, people, plan.request.level, plan.request.message)
        except DeliveryUnknown as error:
            return await self._look_again(store, remote, plan, error)
        except PartagendaError:
            for one in people:
                await asyncio.to_thread(self._records.finish, token, one.key)
            raise

    async def _look_again(
        self, store: PermissionStore, remote: str, plan: SharePlan, error: DeliveryUnknown
    ) -> list[Granted]:
        """The line broke while permissions were given: what the table says is what was done."""
        try:
            table = (await store.permissions(remote)).table
        except PartagendaError:
            raise DeliveryUnknown(
                _("The line broke: nobody knows whether the permission was given. Nobody has been told."),
                _("Look at the permissions of “{name}”.").format(name=plan.info.name),
            ) from error
        found = []
        for one in plan.granted:
            row = table.get(one.address.key)
            done = row is not None and row.level is one.level
            reason = "" if done else _("The line broke before this was done.")
            found.append(Granted(one.address, one.level if done else None, reason, before=one.now))
        return found

    async def _reference(
        self, gateway: SharingGateway, plan: SharePlan, answers: Sequence[Granted]
    ) -> FolderReference | PartagendaError | None:
        """How an invitation names the calendar; the error if the server does not say it, None if nobody needs it."""
        if not any(one.level is not None and not one.invited for one in answers):
            return None
        try:
            return await gateway.reference(await self._servers.remote(plan.info))
        except PartagendaError as error:
            return error

    async def _tell(
        self,
        plan: SharePlan,
        answer: Granted,
        token: str,
        purpose: Purpose,
        reference: FolderReference | PartagendaError | None,
    ) -> Shared:
        """Invite somebody to whom it is granted already; that the letter failed does not take the permission back."""
        assert answer.level is not None
        result = Shared(answer.address, answer.level, Invited.BY_SERVER, token=token, before=answer.before)
        if answer.invited:
            result = replace(result, reason=answer.reason)
            await self._note(plan, result, LedgerState.SENT)
        else:
            try:
                result = self._told(result, await self._invite(plan, answer, purpose, reference))
            except PartagendaError as error:
                result = replace(result, invited=Invited.NOT, reason=error.message, hint=error.hint)
                await self._note(plan, result, LedgerState.GIVEN)
        if not result.unfinished:
            await asyncio.to_thread(self._records.finish, token, answer.address.key)
        return result

    @staticmethod
    def _told(result: Shared, item: OutboxItem) -> Shared:
        match item.state:
            case OutboxState.SENT:
                invited = Invited.SENT
            case OutboxState.UNKNOWN:
                invited = Invited.UNKNOWN
            case OutboxState.FAILED | OutboxState.PARTLY:
                invited = Invited.NOT
            case _:
                invited = Invited.QUEUED
        reason = item.reason or next((one.reason for one in item.recipients if one.reason), "")
        return replace(result, invited=invited, reason=reason, hint=item.hint, message=item.id)

    async def _invite(
        self,
        plan: SharePlan,
        answer: Granted,
        purpose: Purpose,
        reference: FolderReference | PartagendaError | None,
    ) -> OutboxItem:
        """Raises the `reference` where it is an error: what is in the way of a letter, found once for all of them."""
        if isinstance(reference, PartagendaError):
            raise reference
        assert reference is not None
        request = plan.request
        outside = next(one.standing.place for one in plan.people if one.address.key == answer.address.key)
        if purpose is Purpose.INVITE and request.ask_theirs:
            purpose = Purpose.BOTH
        letter = self._letter(
            answer.address,
            purpose,
            request,
            name=reference.name or plan.info.name,
            default=reference.default,
            level=answer.level,
            providers=_providers(answer, reference, outside),
            sealed=answer.sealed,
        )
        return await self._submit(letter, plan.info.name, SHARED, request.account)

    def _letter(
        self,
        to: Address,
        purpose: Purpose,
        request: ShareRequest,
        *,
        name: str = "",
        default: bool = True,
        level: PermissionLevel | None = None,
        providers: tuple[Provider, ...] = (),
        sealed: str = "",
    ) -> SharingLetter:
        return SharingLetter(
            sender=self._sender(),
            to=(to,),
            purpose=purpose,
            date=self._clock.now().replace(microsecond=0),
            token=secrets.token_hex(16),
            subject=request.subject,
            message=request.message,
            name=name,
            default=default,
            level=level,
            providers=providers,
            sealed=sealed,
        )

    def _sender(self) -> Address:
        if self._me.address is None:
            raise UsageError(
                _("Partagenda does not know your e-mail address."),
                _("Write it into config.toml: [me] with name = … and address = …"),
            )
        return Address(self._me.address.address, self._me.name or self._me.address.name)

    async def _submit(self, letter: SharingLetter, calendar: str, how: str, account: str) -> OutboxItem:
        data = await asyncio.to_thread(write, letter)
        sender = wire_address(letter.sender.address)
        envelope = Envelope(letter.message_id, sender, wire_recipients(letter), data)
        facts = ShareFacts(calendar, letter.level.value if letter.level else "", "", how)
        return await self._outbox.submit(envelope, facts, subject=letter.subject_line, account=account)

    # after ---------------------------------------------------------------------------------------------------

    async def unfinished(self) -> list[OpenShare]:
        """Who was given something, or was about to be, and has not been told: after a crash, or undecided."""
        return await asyncio.to_thread(self._records.open)

    async def keep(self, token: str, address: str) -> None:
        """The permission stays, told or not. An invitation in the outbox still goes."""
        await asyncio.to_thread(self._records.finish, token, address.lower())

    async def take_back(self, token: str, address: str, message: str = "") -> None:
        """Put the row back as it was before, and take the invitation out of the outbox.

        Raises Conflict when somebody changed the row meanwhile; then it is left alone.
        """
        found = next(
            (one for one in await self.unfinished() if (one.token, one.person) == (token, address.lower())), None
        )
        if found is None:
            raise UsageError(_("There is nothing to be taken back from {who}.").format(who=address))
        info = await self._library.find(found.calendar)
        _gateway, store = self._server(info)
        remote = await self._servers.remote(info)
        if message:
            await self._outbox.drop(message)
        stored = await store.permissions(remote)
        row = stored.table.get(found.person)
        change = PermissionChange(row, found.before)
        if row is not None and row.level is found.level and apply_changes(stored.table, [change]) != stored.table:
            await store.write_permissions(remote, [change], expected=stored.mark)
        await asyncio.to_thread(self._records.finish, token, found.person)
        entry = LedgerEntry(
            address, info.name, SHARED, found.level.value, "", self._now(), LedgerState.REVOKED, f"share:{token}"
        )
        await self._ledger.record([entry])

    async def _note(self, plan: SharePlan, result: Shared, state: LedgerState) -> None:
        """The ledger hears of it from the outbox, but for what needs no message of ours."""
        entry = LedgerEntry(
            person=result.address.address,
            calendar=plan.info.name,
            how=SHARED,
            level=result.level.value,
            range="",
            when=self._now(),
            state=state,
            reference=f"share:{result.token}",
        )
        await self._ledger.record([entry])

    # other messages ------------------------------------------------------------------------------------------

    async def ask(self, address: Address, message: str = "", account: str = "") -> OutboxItem:
        """Ask somebody for permission to view their default calendar."""
        request = ShareRequest("", (address,), message=message, account=account)
        return await self._submit(self._letter(address, Purpose.REQUEST, request), "", NOTICE, account)

    async def deny(self, address: Address, message: str = "", account: str = "") -> OutboxItem:
        """Say no to somebody's request; nothing is changed."""
        request = ShareRequest("", (address,), message=message, account=account)
        return await self._submit(self._letter(address, Purpose.DENY, request), "", NOTICE, account)

    async def invite_published(
        self, request: ShareRequest, detail: DetailLevel, *, ics: str, page: str = ""
    ) -> list[tuple[Address, OutboxItem]]:
        """Invite people to addresses at which the calendar is published, each in a message of their own."""
        info = await self._library.find(request.calendar)
        links = judge(ics), judge(page) if page else None
        sent = []
        for person in self._others(request.people):
            provider = Provider(ProviderKind.PUBLISH, (person.address,), page=links[1], ics=links[0])
            letter = self._letter(
                person, Purpose.INVITE, request, name=info.name, level=level_for(detail), providers=(provider,)
            )
            sent.append((person, await self._submit(letter, info.name, ADDRESS, request.account)))
        return sent

    def _now(self) -> datetime:
        return self._clock.now().astimezone(UTC)


def _providers(answer: Granted, reference: FolderReference, place: Place) -> tuple[Provider, ...]:
    """The way to the calendar for one person. Raises Refused where the server gave no way for somebody outside."""
    mine = (answer.address.address,)
    if place is Place.INSIDE:
        return (Provider(ProviderKind.INTERNAL, mine, reference.folder.upper(), reference.mailbox.upper()),)
    if answer.sealed:
        return (Provider(ProviderKind.EXTERNAL, mine, reference.folder.upper(), sealed=True),)
    if answer.links is None:
        raise Refused(
            _("The server gave no address at which {who} could open the calendar.").format(who=str(answer.address)),
            _("Send them a copy by e-mail, or invite them to a published address."),
        )
    return (Provider(ProviderKind.PUBLISH, mine, page=judge(answer.links.page), ics=judge(answer.links.ics)),)
