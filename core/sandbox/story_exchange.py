"""The part of `demo --check` on the Exchange server: Alice’s calendar there, and a snapshot of Bruno’s beside it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from core.bootstrap import Services
from core.calendar.entry import Entry
from core.calendar.span import DateRange, Preset, preset_range
from core.language import _, ngettext
from core.ports.calendars import CalendarInfo, CalendarKind
from core.sandbox.people import ALICE, BRUNO
from core.services.email_calendar import Draft, SnapshotRequest
from core.services.find_time import Freshness, TimeRequest
from core.sharing.detail import DetailLevel
from core.sharing.snapshot import SnapshotOptions

if TYPE_CHECKING:
    from core.sandbox.exchange.model import Item
    from core.sandbox.home import Sandbox
    from core.sandbox.story import Story

ACCOUNT = "office"
_PATIENCE = 20.0
_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class _Stage:
    """Who tells, and to whom."""

    story: Story
    box: Sandbox
    alice: Services
    bruno: Services
    days: DateRange


async def tell_exchange(story: Story, box: Sandbox, alice: Services, bruno: Services) -> None:
    """Alice reads her mailbox's calendar beside Bruno's snapshot, moves appointments, and finds a common time."""
    days = preset_range(Preset.NEXT_7_DAYS, alice.clock.now().date())
    stage = _Stage(story, box, alice, bruno, days)
    office = await _office(stage)
    snapshot = await _snapshot(stage, office)
    await _take_from_snapshot(stage, snapshot, office)
    await _move(stage, office)
    await _common_time(stage, office)


def _on_server(stage: _Stage, address: str) -> list[Item]:
    """What really stands in a mailbox's default calendar."""
    organisation = stage.box.exchange.organisation
    with organisation.lock:
        return list(organisation.mailboxes[address].distinguished["calendar"].items.values())


async def _office(stage: _Stage) -> CalendarInfo:
    from core.bootstrap import check_account

    said = await check_account(stage.alice.settings, stage.alice.settings.accounts[ACCOUNT])
    stage.story.step(_("The Exchange server answers: {words}").format(words=said), ALICE.address in said)
    failed = await stage.alice.accounts.refresh()
    office = await _calendar(stage.alice)
    count = len(_on_server(stage, ALICE.address))
    stage.story.step(
        ngettext(
            "Alice’s calendar on the server is here whole: {count} event",
            "Alice’s calendar on the server is here whole: {count} events",
            count,
        ).format(count=office.events),
        not failed and office.events == count,
        failed[0][1].message if failed else f"{office.events} / {count}",
    )
    return office


async def _calendar(services: Services) -> CalendarInfo:
    return next(info for info in await services.library.calendars() if info.kind is CalendarKind.EXCHANGE)


async def _entries(stage: _Stage, calendar: CalendarInfo) -> list[Entry]:
    zone = stage.alice.clock.zone
    return await stage.alice.library.entries([calendar.id], stage.days.span(zone), zone)


async def _snapshot(stage: _Stage, office: CalendarInfo) -> CalendarInfo:
    """Bruno e-mails his week at Limited details; Alice opens it beside her Exchange calendar."""
    bruno, alice = stage.bruno, stage.alice
    own = next(info for info in await bruno.library.calendars() if info.kind is CalendarKind.LOCAL)
    request = SnapshotRequest(own.id, SnapshotOptions(stage.days, DetailLevel.LIMITED))
    prepared = await bruno.email.prepare(request)
    subject = f"{bruno.email.default_subject(prepared)} (office)"
    draft = Draft(request, (ALICE.mailbox,), subject=subject)
    await bruno.email.send(bruno.email.compose(prepared, draft), draft, prepared)
    item = None
    for _attempt in range(50):
        item = next((one for one in await alice.inbox.items() if one.subject == subject), None)
        if item is not None:
            break
        await asyncio.sleep(0.1)
    stage.story.step(_("Bruno’s week is in Alice’s inbox"), item is not None)
    assert item is not None
    opened = await alice.inbox.open(item.id, lambda _question: False)
    both = len(await _entries(stage, office)), len(await _entries(stage, opened))
    stage.story.step(
        _("“{own}” on Exchange with {count} items stands beside “{other}” with {others}").format(
            own=office.name, count=both[0], other=opened.name, others=both[1]
        ),
        all(both) and opened.kind is CalendarKind.SNAPSHOT,
    )
    return opened


async def _take_from_snapshot(stage: _Stage, snapshot: CalendarInfo, office: CalendarInfo) -> None:
    """What is dragged out of a snapshot is a copy: the snapshot stays as it was sent."""
    entry = next(one for one in await _entries(stage, snapshot) if one.title)
    before = len(_on_server(stage, ALICE.address))
    await stage.alice.editing.move(entry.id, office.id)
    await stage.alice.accounts.pushed(_PATIENCE)
    titles = [item.text("Subject") for item in _on_server(stage, ALICE.address)]
    stage.story.step(
        _("“{title}” goes from Bruno’s snapshot into the Exchange calendar: it is on the server").format(
            title=entry.title
        ),
        len(titles) == before + 1 and entry.title in titles and entry in await _entries(stage, snapshot),
    )


async def _move(stage: _Stage, office: CalendarInfo) -> None:
    """Between the local and the Exchange calendar, and back by undo."""
    alice = stage.alice
    local = next(info for info in await alice.library.calendars() if info.kind is CalendarKind.LOCAL)
    known = {item.text("UID") for item in _on_server(stage, ALICE.address)}
    entry = await _movable(stage, local, known)
    await alice.editing.move(entry.id, office.id)
    await alice.accounts.pushed(_PATIENCE)
    arrived = [item for item in _on_server(stage, ALICE.address) if item.text("UID") == entry.uid]
    here = [one.uid for one in await _entries(stage, local)]
    stage.story.step(
        _("“{title}” is moved from “{own}” to Exchange: once there, no more here").format(
            title=entry.title, own=local.name
        ),
        len(arrived) == 1 and entry.uid not in here,
    )
    await alice.editing.undo()
    await alice.accounts.pushed(_PATIENCE)
    left = [item for item in _on_server(stage, ALICE.address) if item.text("UID") == entry.uid]
    here = [one.uid for one in await _entries(stage, local)]
    stage.story.step(_("Undo brings it back, and the server has it no more"), not left and entry.uid in here)
    states = await alice.accounts.states()
    stage.story.step(_("Nothing waits for the server"), not any(one.waiting or one.conflicts for one in states))


async def _movable(stage: _Stage, local: CalendarInfo, known: set[str]) -> Entry:
    """An appointment that the server does not have: made for this."""
    from core.calendar.event import Event

    start = datetime.combine(stage.days.first or stage.alice.clock.now().date(), datetime.min.time())
    start = start.replace(hour=18, tzinfo=stage.alice.clock.zone)
    draft = Event("", start, start + _HOUR, _("Choir practice"))
    edit = await stage.alice.editing.create(local.id, draft)
    assert edit.entry is not None
    assert edit.entry.uid not in known
    return edit.entry


async def _common_time(stage: _Stage, office: CalendarInfo) -> None:
    """Alice's own time from her copy, Bruno's from the server, at this moment."""
    request = TimeRequest((office.id, BRUNO.address), stage.days, _HOUR, working_hours=True)
    found = await stage.alice.find_time.find(request)
    source = next(one for one in found.sources if one.who == BRUNO.address)
    stage.story.step(
        ngettext(
            "The server says when Bruno is busy: {count} block",
            "The server says when Bruno is busy: {count} blocks",
            len(source.busy),
        ).format(count=len(source.busy)),
        source.freshness is Freshness.LIVE and bool(source.busy),
        source.problem,
    )
    slot = found.next(datetime.now(UTC))
    clash = [busy for busy in source.busy if slot and busy.start < slot.end and slot.start < busy.end]
    when = slot.start.astimezone(stage.alice.clock.zone) if slot else None
    stage.story.step(
        _("A common free hour: {when}").format(when=when.strftime("%Y-%m-%d %H:%M") if when else "–"),
        slot is not None and not clash,
    )
