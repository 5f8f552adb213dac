"""The part of `demo --check` on sharing: Alice’s calendar on Exchange, Bruno inside the organisation, Clara outside."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING

from core.bootstrap import Services, open_services
from core.calendar.entry import Entry
from core.calendar.event import Event, Moment
from core.calendar.people import Address
from core.calendar.span import DateRange, days_from
from core.config.paths import Paths
from core.config.settings import load
from core.language import _, ngettext
from core.ports.calendars import CalendarInfo
from core.private import replace_file
from core.sandbox.people import ALICE, BRUNO, CLARA, Person
from core.services.email_calendar import Draft, SnapshotRequest
from core.services.receiving import Offer
from core.services.share_plan import Invited, ShareRequest
from core.sharing.detail import DetailLevel
from core.sharing.permission_table import DEFAULT, entry, person
from core.sharing.permissions import PermissionLevel, level_for
from core.sharing.policy import parse_policy
from core.sharing.snapshot import SnapshotOptions

if TYPE_CHECKING:
    from core.sandbox.home import Sandbox
    from core.sandbox.story import Story

POLICY = f"{CLARA.mailbox.domain}: CalendarSharingFreeBusySimple"
_PATIENCE = 20.0
_CONFIG = """\
[me]
name = {name}
address = {address}
time_zone = {zone}
language = {language}

[accounts.office]
type = "exchange"
server = {server}
address = {address}
username = {user}
password_command = ["cat", {secret}]
ca = {ca}
sharing_policy = [{policy}]
partners = [{partner}]
"""


@dataclass(frozen=True)
class _Stage:
    """Who tells, and to whom."""

    story: Story
    alice: Services
    bruno: Services
    clara: Services
    own: CalendarInfo
    days: DateRange

    async def seen_by_alice(self, who: Person) -> list[Entry]:
        """What Alice is told that this person sees."""
        return list((await self.alice.seeing.view_as(self.own.id, who.mailbox, self.days)).entries)


async def tell_sharing(story: Story, box: Sandbox, clara: Services) -> None:
    """Alice shares with Bruno at each level, lets him write, takes it back; the policy refuses Clara."""
    organisation = box.exchange.organisation
    with organisation.lock:
        organisation.policy = parse_policy([POLICY], "Default Sharing Policy")
        organisation.federated = frozenset([CLARA.mailbox.domain])
    async with _office(box, ALICE) as alice, _office(box, BRUNO) as bruno:
        await alice.library.refresh()
        own = next(info for info in await alice.library.calendars() if info.account == "office" and info.can.share)
        stage = _Stage(story, alice, bruno, clara, own, days_from(alice.clock.now().date(), 14))
        for detail in DetailLevel:
            await _share(stage, level_for(detail))
        opened = await _let_write(stage)
        await _take_back(stage, opened)
        await _outside(stage)
        await _look_back(stage)


@asynccontextmanager
async def _office(box: Sandbox, who: Person) -> AsyncIterator[Services]:
    """Somebody's program with nothing but their mailbox on Exchange."""
    base = box.root / "office" / who.key
    file = base / "config.toml"
    words = {
        "name": who.name,
        "address": who.address,
        "zone": who.zone,
        "language": box.language,
        "server": box.exchange.ews,
        "user": who.key,
        "secret": str(box.root / who.key / "password"),
        "ca": str(box.certificates.pem),
        "policy": POLICY,
        "partner": CLARA.mailbox.domain,
    }
    text = _CONFIG.format(**{key: json.dumps(value, ensure_ascii=False) for key, value in words.items()})

    def write() -> None:
        replace_file(file, text.encode())

    await asyncio.to_thread(write)
    services = open_services(load(file), Paths.below(base))
    try:
        yield services
    finally:
        await services.close()


# Bruno, inside -------------------------------------------------------------------------------------------------


async def _share(stage: _Stage, level: PermissionLevel) -> None:
    request = ShareRequest(stage.own.id, (BRUNO.mailbox,), level, message=_("Have a look."))
    outcome = await stage.alice.sharing.share(await stage.alice.sharing.plan(request))
    stage.story.step(
        _("Alice shares with Bruno, {level}: permission given, invitation sent").format(level=level.label),
        [one.invited for one in outcome.shared] == [Invited.SENT],
        "; ".join(one.line for one in (*outcome.shared, *outcome.refused)),  # type: ignore[attr-defined]
    )
    offer = await _offer(stage.bruno, level)
    stage.story.step(
        _("Bruno’s inbox says: from {sender}, {level}").format(
            sender=offer.sender.address if offer else "", level=level.label
        ),
        offer is not None and (offer.sender.address, offer.can_open) == (ALICE.address, True),
    )
    assert offer is not None
    opened = await stage.bruno.receiving.open(offer)
    stage.story.step(
        _("Bruno opens it: “{name}” is in his list").format(name=opened.name),
        opened.owner == ALICE.address and opened.id in {info.id for info in await stage.bruno.library.calendars()},
    )
    zone = stage.alice.clock.zone
    shown = _comparable(await stage.seen_by_alice(BRUNO), zone)
    there = _comparable(await _entries(stage, opened), zone)
    stage.story.step(
        ngettext(
            "He sees exactly what Alice was shown as “view as Bruno”: {count} item",
            "He sees exactly what Alice was shown as “view as Bruno”: {count} items",
            len(there),
        ).format(count=len(there)),
        shown == there,
        _("{missing} missing, {more} too many").format(missing=len(shown - there), more=len(there - shown)),
    )


async def _offer(services: Services, level: PermissionLevel | None) -> Offer | None:
    """The newest invitation that says this level, as soon as it is there."""
    for _attempt in range(50):
        for item in reversed(await services.inbox.items()):
            if item.kind.value == "invitation":
                offer = await services.receiving.offer(item.id)
                if level is None or offer.message.level is level:
                    return offer
        await asyncio.sleep(0.1)
    return None


async def _entries(stage: _Stage, info: CalendarInfo) -> list[Entry]:
    zone = stage.bruno.clock.zone
    return await stage.bruno.library.entries([info.id], stage.days.span(zone), zone)


def _comparable(entries: Iterable[Entry], zone: tzinfo) -> frozenset[tuple[object, ...]]:
    """What one can tell from entries. Free/busy knows no all-day items, only times from midnight to midnight."""
    return frozenset(
        (_instant(one.start, zone), _instant(one.end, zone), one.status.value, one.title, one.place) for one in entries
    )


def _instant(moment: Moment, zone: tzinfo) -> datetime:
    return moment if isinstance(moment, datetime) else datetime.combine(moment, time(), zone)


async def _let_write(stage: _Stage) -> CalendarInfo:
    await _set(stage, entry(person(BRUNO.mailbox), PermissionLevel.EDITOR))
    await stage.bruno.library.refresh()
    opened = next(info for info in await stage.bruno.library.calendars() if info.owner == ALICE.address)
    stage.story.step(_("Alice makes Bruno Editor; he can write there now"), opened.can.write)
    day = stage.alice.clock.now().date() + timedelta(days=2)
    start = datetime.combine(day, time(18), stage.bruno.clock.zone)
    title = _("Rehearsal with Bruno")
    await stage.bruno.editing.create(opened.id, Event("", start, start + timedelta(hours=1), title))
    await stage.bruno.accounts.pushed(_PATIENCE)
    await stage.alice.library.refresh()
    zone = stage.alice.clock.zone
    mine = await stage.alice.library.entries([stage.own.id], stage.days.span(zone), zone)
    stage.story.step(
        _("Bruno writes “{title}”, and Alice has it").format(title=title), title in {one.title for one in mine}
    )
    return opened


async def _set(stage: _Stage, row: object) -> None:
    """One change of permissions, as `permissions set` makes it."""
    proposed = await stage.alice.permissions.set_level(stage.own.id, row)  # type: ignore[arg-type]
    saved = await stage.alice.permissions.save(proposed)
    stage.story.step(
        _("Permissions: {lines}").format(lines="; ".join(line.strip() for line in proposed.lines) or "="),
        not saved.refused,
        "; ".join(saved.lines),
    )


async def _take_back(stage: _Stage, opened: CalendarInfo) -> None:
    await _set(stage, entry(DEFAULT, PermissionLevel.NONE))
    held = await stage.alice.revoking.held(BRUNO.address)
    taken = await stage.alice.revoking.revoke(BRUNO.address, held)
    stage.story.step(
        _("Alice takes it back: {lines}").format(lines="; ".join(one.line for one in taken)),
        any(one.done for one in taken),
    )
    await stage.bruno.accounts.refresh()
    left = [info.name for info in await stage.bruno.library.calendars() if info.owner == ALICE.address]
    folder = stage.bruno.paths.data / "accounts" / "office" / opened.id.partition("/")[2]
    gone = not await asyncio.to_thread(folder.exists)
    stage.story.step(_("Bruno sees nothing, and his copy is gone"), not left and gone, f"{left} {folder}")
    shown = await stage.seen_by_alice(BRUNO)
    stage.story.step(_("“View as Bruno” says so too"), not shown)


# Clara, outside ------------------------------------------------------------------------------------------------


async def _outside(stage: _Stage) -> None:
    full = await stage.alice.sharing.plan(ShareRequest(stage.own.id, (CLARA.mailbox,), PermissionLevel.REVIEWER))
    refusal = full.people[0].refusal
    stage.story.step(
        _("Full details for Clara are refused beforehand: {reason}").format(reason=" ".join(refusal)),
        not full.granted and full.people[0].standing.levels == (PermissionLevel.FREE_BUSY,),
    )
    low = await stage.alice.sharing.plan(ShareRequest(stage.own.id, (CLARA.mailbox,), PermissionLevel.FREE_BUSY))
    outcome = await stage.alice.sharing.share(low)
    stage.story.step(
        _("At a lower level it is allowed: {line}").format(line="; ".join(one.line for one in outcome.shared)),
        [one.invited for one in outcome.shared] == [Invited.SENT],
        "; ".join(one.line for one in outcome.refused),
    )
    offer = await _offer(stage.clara, PermissionLevel.FREE_BUSY)
    stage.story.step(
        _("Clara’s program says what that is: {words}").format(words=offer.problem if offer else ""),
        offer is not None and not offer.can_open and bool(offer.problem),
    )
    await _copy(stage)


async def _copy(stage: _Stage) -> None:
    """Outlook's way out: a copy by e-mail, opened beside Clara's own calendar."""
    request = SnapshotRequest(stage.own.id, SnapshotOptions(stage.days, DetailLevel.AVAILABILITY))
    prepared = await stage.alice.email.prepare(request)
    subject = f"{stage.alice.email.default_subject(prepared)} (copy)"
    draft = Draft(request, (CLARA.mailbox,), subject=subject)
    sent = await stage.alice.email.send(stage.alice.email.compose(prepared, draft), draft, prepared)
    item = None
    for _attempt in range(50):
        item = next((one for one in await stage.clara.inbox.items() if one.subject == subject), None)
        if item is not None:
            break
        await asyncio.sleep(0.1)
    stage.story.step(_("A copy by e-mail goes instead, and is in Clara’s inbox"), sent.state == "sent" and bool(item))
    assert item is not None
    opened = await stage.clara.inbox.open(item.id, lambda _question: True)
    zone = stage.clara.clock.zone
    found = await stage.clara.library.entries([opened.id], stage.days.span(stage.alice.clock.zone), zone)
    stage.story.step(
        ngettext("Clara opens it: {count} block", "Clara opens it: {count} blocks", len(found)).format(
            count=len(found)
        ),
        bool(found) and all(not one.place for one in found),
    )


async def _look_back(stage: _Stage) -> None:
    entries = await stage.alice.ledger.entries()
    who = {Address(one.person).key for one in entries}
    stage.story.step(
        ngettext(
            "Alice’s ledger has {count} line about this", "Alice’s ledger has {count} lines about this", len(entries)
        ).format(count=len(entries)),
        who == {BRUNO.address, CLARA.address},
    )
    stage.story.step(_("Nothing is left half done"), not await stage.alice.sharing.unfinished())
