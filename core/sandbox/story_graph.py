"""`demo --check` a second time, on Microsoft 365: Alice and Bruno have nothing but their mailboxes there.

Clara is outside: she has her mail and local calendars, as before.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from core.bootstrap import Services, open_services
from core.calendar.event import Event
from core.calendar.people import Address
from core.calendar.span import DateRange, Preset, preset_range
from core.language import _
from core.ports.calendars import CalendarInfo, CalendarKind
from core.sandbox.calendars import private_titles
from core.sandbox.cloud import ACCOUNT, cloud_home, sign_in_by_address, sign_in_by_code
from core.sandbox.home import sandbox
from core.sandbox.people import ALICE, BRUNO, CLARA, Person
from core.services.find_time import Freshness, TimeRequest
from core.services.share_plan import ShareRequest
from core.sharing.detail import DetailLevel
from core.sharing.permission_table import DEFAULT, entry, person
from core.sharing.permissions import PermissionLevel

if TYPE_CHECKING:
    from core.sandbox.graph.model import Item
    from core.sandbox.home import Sandbox
    from core.sandbox.story import Story
    from core.services.receiving import Offer

_PATIENCE = 20.0


@dataclass
class _Stage:
    """Who tells, in which sandbox, in which language the sample data are."""

    story: Story
    box: Sandbox
    language: str
    people: dict[str, Services] = field(default_factory=dict)

    @property
    def alice(self) -> Services:
        """Alice's services, over Microsoft 365 alone."""
        return self.people[ALICE.key]

    @property
    def bruno(self) -> Services:
        """Bruno's."""
        return self.people[BRUNO.key]

    def on_server(self, who: Person) -> list[Item]:
        """What really stands in somebody's default calendar there."""
        with self.box.graph.tenant.lock:
            return list(self.box.graph.mailbox(who.address).default.items.values())


async def tell_graph(story: Story, language: str) -> None:
    """The story from signing in to the ledger, in a sandbox of its own."""
    with sandbox(language) as box:
        stage = _Stage(story, box, language)
        try:
            for who in (ALICE, BRUNO):
                home = await asyncio.to_thread(cloud_home, box, who)
                stage.people[who.key] = open_services(home.settings, home.paths)
            clara = await asyncio.to_thread(box.home, CLARA)
            stage.people[CLARA.key] = open_services(clara.settings, clara.paths)
            await _sign_in(stage)
            own = await _calendars(stage)
            await _send_at_each_level(stage, own)
            await _share(stage, own)
            await _outside(stage, own)
            await _edit(stage, own)
            await _common_time(stage, own)
            await _look_back(stage)
        finally:
            for services in stage.people.values():
                await services.close()


async def _sign_in(stage: _Stage) -> None:
    ways = ((ALICE, sign_in_by_code, _("by a code")), (BRUNO, sign_in_by_address, _("by an address pasted back")))
    for who, way, words in ways:
        services = stage.people[who.key]
        door = services.sign_in(ACCOUNT)
        assert door is not None
        address = await way(stage.box, who, door)
        name = who.name.partition(" ")[0]
        line = _("{name} signs in to Microsoft 365 {way}").format(name=name, way=words)
        stage.story.step(line, address == who.address)
    parts = stage.alice._servers.parts(stage.alice.settings.servers[0])
    said = (await parts.calendars.check()).text
    stage.story.step(_("Microsoft 365 answers: {words}").format(words=said), ALICE.address in said)


async def _calendars(stage: _Stage) -> CalendarInfo:
    for services in (stage.alice, stage.bruno):
        failed = await services.accounts.refresh()
        stage.story.step(_("Everything is read from Microsoft 365"), not failed, failed[0][1].message if failed else "")
    calendars = await stage.alice.library.calendars()
    names = ", ".join(f"{info.name} ({info.events})" for info in calendars)
    count = len(stage.on_server(ALICE))
    own = next(info for info in calendars if info.kind is CalendarKind.MICROSOFT365)
    stage.story.step(_("Alice’s calendars: {names}").format(names=names), own.events == count, f"{own.events}/{count}")
    return own


async def _send_at_each_level(stage: _Stage, own: CalendarInfo) -> None:
    """The first story's own steps, over Microsoft 365's mail."""
    from core.sandbox.story import no_title, receive, send

    days = preset_range(Preset.NEXT_7_DAYS, stage.alice.clock.now().date())
    for level in DetailLevel:
        sent = await send(stage.story, stage.alice, own, level, days)
        for receiver in (BRUNO, CLARA):
            await receive(stage.story, stage.people[receiver.key], receiver, level, sent)
        if level is DetailLevel.AVAILABILITY:
            entries = await stage.alice.library.entries([own.id], days.span(sent.zone), sent.zone)
            no_title(stage.story, stage.box, entries)


async def _share(stage: _Stage, own: CalendarInfo) -> None:
    """Granted and invited in one; opened from the invitation; more, then nothing."""
    story = stage.story
    plan = await stage.alice.sharing.plan(ShareRequest(own.id, (BRUNO.mailbox,), PermissionLevel.FREE_BUSY_DETAILED))
    before = len(_mails(stage, BRUNO))
    outcome = await stage.alice.sharing.share(plan)
    told = len(_mails(stage, BRUNO)) - before
    story.step(
        _("Alice shares with Bruno, Limited details: granted and invited in one"),
        len(outcome.shared) == 1 and not outcome.unfinished and told == 1,
        f"{len(outcome.shared)}, {told}",
    )
    offer = await _offer(stage)
    shared = await stage.bruno.receiving.open(offer)
    level = await _seen(stage, shared)
    story.step(_("Bruno opens it from the invitation and sees titles, no notes"), level == (True, False), str(level))
    await _regrade(stage, own, PermissionLevel.REVIEWER)
    await stage.bruno.accounts.refresh()
    level = await _seen(stage, shared)
    story.step(_("Alice makes him Reviewer: now Bruno sees the notes too"), level == (True, True), str(level))
    story.step(_("Private items are blocks without a word for Bruno"), not await _private_seen(stage, shared))
    await _regrade(stage, own, None)
    await stage.bruno.accounts.refresh()
    level = await _seen(stage, shared)
    words = _("Alice takes it back: Bruno sees busy times only, as everybody in the organisation does")
    story.step(words, level == (False, False), str(level))
    await _hide(stage, own)
    await stage.bruno.accounts.refresh()
    left = [info.id for info in await stage.bruno.library.calendars()]
    story.step(_("Alice gives the organisation nothing: Bruno’s copy is gone"), shared.id not in left)
    await stage.alice.permissions.save(await stage.alice.permissions.undo(own.id), undoing=True)


def _mails(stage: _Stage, who: Person) -> Sequence[object]:
    return list((stage.box.accounts.maildirs[who.key] / "new").iterdir())


async def _offer(stage: _Stage) -> Offer:
    items = await stage.bruno.inbox.items()
    item = next(one for one in items if "invited to share" in one.subject)
    return await stage.bruno.receiving.offer(item.id)


async def _seen(stage: _Stage, shared: CalendarInfo) -> tuple[bool, bool]:
    """Whether there are titles, and whether there are notes."""
    found = await stage.bruno.library.objects(shared.id)
    events = [event for stored in found for event in stored.object.events]
    return any(event.title for event in events), any(event.description for event in events)


async def _private_seen(stage: _Stage, shared: CalendarInfo) -> bool:
    titles = private_titles(stage.language)
    found = await stage.bruno.library.objects(shared.id)
    return any(event.title in titles for stored in found for event in stored.object.events)


async def _regrade(stage: _Stage, own: CalendarInfo, level: PermissionLevel | None) -> None:
    permissions = stage.alice.permissions
    if level is None:
        proposed = await permissions.remove(own.id, BRUNO.address)
    else:
        proposed = await permissions.set_level(own.id, entry(person(BRUNO.address), level))
    await permissions.save(proposed)


async def _hide(stage: _Stage, own: CalendarInfo) -> None:
    permissions = stage.alice.permissions
    await permissions.save(await permissions.set_level(own.id, entry(DEFAULT, PermissionLevel.NONE)))


async def _outside(stage: _Stage, own: CalendarInfo) -> None:
    """Clara may be let read, never write."""
    sharing = stage.alice.sharing
    plan = await sharing.plan(ShareRequest(own.id, (CLARA.mailbox,), PermissionLevel.EDITOR))
    stage.story.step(
        _("Clara, who is outside, cannot be made Editor: {reason}").format(
            reason=next((one.refusal[0] for one in plan.refused), "")
        ),
        len(plan.refused) == 1 and not plan.granted,
    )
    plan = await sharing.plan(ShareRequest(own.id, (CLARA.mailbox,), PermissionLevel.FREE_BUSY))
    outcome = await sharing.share(plan)
    subjects = [item.subject for item in await stage.people[CLARA.key].inbox.items()]
    invited = any("invited to share" in subject for subject in subjects)
    stage.story.step(_("At Availability only she is invited"), len(outcome.shared) == 1 and invited)


async def _edit(stage: _Stage, own: CalendarInfo) -> None:
    """Made here, stored there once; taken back by undo."""
    alice = stage.alice
    start = datetime.combine(alice.clock.now().date() + timedelta(days=1), datetime.min.time())
    start = start.replace(hour=18, tzinfo=alice.clock.zone)
    made = await alice.editing.create(own.id, Event("", start, start + timedelta(hours=1), _("Choir practice")))
    await alice.accounts.pushed(_PATIENCE)
    titles = [item.facts["subject"] for item in stage.on_server(ALICE)]
    stage.story.step(_("A new appointment is on the server, once"), titles.count(_("Choir practice")) == 1)
    assert made.entry is not None
    await alice.editing.undo()
    await alice.accounts.pushed(_PATIENCE)
    titles = [item.facts["subject"] for item in stage.on_server(ALICE)]
    stage.story.step(_("Undo takes it away there too"), _("Choir practice") not in titles)
    states = await alice.accounts.states()
    stage.story.step(_("Nothing waits for the server"), not any(one.waiting or one.conflicts for one in states))


async def _common_time(stage: _Stage, own: CalendarInfo) -> None:
    days: DateRange = preset_range(Preset.NEXT_7_DAYS, stage.alice.clock.now().date())
    request = TimeRequest((own.id, BRUNO.address), days, timedelta(hours=1), working_hours=True)
    found = await stage.alice.find_time.find(request)
    source = next(one for one in found.sources if one.who == BRUNO.address)
    stage.story.step(
        _("Microsoft 365 says when Bruno is busy: {count} times").format(count=len(source.busy)),
        source.freshness is Freshness.LIVE and bool(source.busy),
        source.problem,
    )
    slot = found.next(datetime.now(UTC))
    clash = [busy for busy in source.busy if slot and busy.start < slot.end and slot.start < busy.end]
    when = slot.start.astimezone(stage.alice.clock.zone).strftime("%Y-%m-%d %H:%M") if slot else "–"
    stage.story.step(_("A common free hour: {when}").format(when=when), slot is not None and not clash)
    completed = await stage.alice.people.complete("bru")
    stage.story.step(
        _("The directory completes “bru”: {name}").format(name=next(iter(map(str, completed)), "–")),
        Address(BRUNO.address).key in [one.key for one in completed],
    )


async def _look_back(stage: _Stage) -> None:
    from core.sandbox.story import nothing_private

    entries = await stage.alice.ledger.entries()
    count = len(entries)
    stage.story.step(_("Alice’s ledger has who was given what: {count} lines").format(count=count), count >= 8)
    items = await stage.alice.outbox.items()
    stage.story.step(_("Nothing is left in the outbox"), all(item.state == "sent" for item in items))
    nothing_private(stage.story, stage.box, stage.language)
    signed_out = [await door.sign_out() for who in (ALICE, BRUNO) if (door := stage.people[who.key].sign_in(ACCOUNT))]
    kept = list(stage.box.root.glob("cloud-*/**/cloud.json"))
    stage.story.step(_("Both sign out; no token is kept"), signed_out == [True, True] and not kept)
