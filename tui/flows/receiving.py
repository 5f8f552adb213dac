"""What one does with a sharing message: open the calendar, allow or decline a request, ask back."""

from __future__ import annotations

from typing import Any, Protocol

from textual.app import App

from core.concurrency import JobRunner
from core.errors import Refused
from core.language import _
from core.ports.calendars import CalendarInfo
from core.ports.world import Clock
from core.services.library import Library
from core.services.outbox_store import OutboxItem
from core.services.receiving import Offer, Receiving
from core.services.share_calendar import ShareCalendar
from core.services.share_plan import ShareRequest
from core.sharing.invitation import Purpose
from core.sharing.permissions import NAMED_LEVELS
from tui.flows.working import working
from tui.reporting import reporting, show_notice
from tui.screens.choose_level import ChooseLevelDialog
from tui.screens.confirm import ConfirmDialog
from tui.wording import outcome_text


class Services(Protocol):
    """What is needed here."""

    @property
    def receiving(self) -> Receiving: ...

    @property
    def sharing(self) -> ShareCalendar: ...

    @property
    def library(self) -> Library: ...

    @property
    def jobs(self) -> JobRunner: ...

    @property
    def clock(self) -> Clock: ...


async def open_offer(app: App[Any], services: Services, offer: Offer) -> CalendarInfo | None:
    """*Open this calendar*: nothing is fetched before this question is answered."""
    question = "\n".join([*offer.lines, "", _("It is added to your list and kept up to date.")])
    title = _("Open “{name}”?").format(name=offer.name)
    if not await app.push_screen_wait(ConfirmDialog(title, question, _("&Open"))):
        return None
    if offer.private and not await _agreed_private(app, offer):
        return None
    return await working(app, _("Opening the calendar…"), services.receiving.open(offer, private=bool(offer.private)))


async def _agreed_private(app: App[Any], offer: Offer) -> bool:
    words = _("It leads into a private network ({host}). Fetch from there?").format(host=offer.private)
    dialog = ConfirmDialog(_("A Private Network"), words, _("&Fetch"), danger=True)
    return bool(await app.push_screen_wait(dialog))


async def answer_request(app: App[Any], services: Services, offer: Offer, *, allow: bool) -> None:
    """Allow a request at a level that the person chooses, or decline it."""
    with reporting(app):
        if allow:
            await _allow(app, services, offer)
        else:
            await _decline(app, services, offer)


async def _allow(app: App[Any], services: Services, offer: Offer) -> None:
    from tui.flows.sharing import least, share

    calendars = [info for info in await services.library.calendars() if info.can.share and not info.owner]
    if not calendars:
        raise Refused(
            _("You have no calendar on a server that could be shared."), _("Send a copy with E-mail Calendar instead.")
        )
    mine = next((info for info in calendars if info.default), calendars[0])
    request = ShareRequest(mine.id, (offer.sender,))
    plan = await working(app, _("Asking the server…"), services.sharing.plan(request))
    levels = least(plan.people[0].standing.levels) or least(NAMED_LEVELS)
    words = _("{who} asks to see “{calendar}”.").format(who=str(offer.sender), calendar=mine.name)
    level = await app.push_screen_wait(ChooseLevelDialog(_("Allow This Request?"), words, levels))
    if level is None:
        return
    chosen = await services.sharing.plan(ShareRequest(mine.id, (offer.sender,), level))
    await share(app, services, chosen, Purpose.ALLOW)  # type: ignore[arg-type]


async def _decline(app: App[Any], services: Services, offer: Offer) -> None:
    words = _("{who} is told that you do not share your calendar.").format(who=str(offer.sender))
    if await app.push_screen_wait(ConfirmDialog(_("Decline This Request?"), words, _("&Decline"))):
        await _send(app, services, _("Declining"), offer, deny=True)


async def ask_theirs(app: App[Any], services: Services, offer: Offer) -> None:
    """Ask the sender for permission to view their calendar."""
    words = _("{who} is asked for permission to view their calendar.").format(who=str(offer.sender))
    with reporting(app):
        if await app.push_screen_wait(ConfirmDialog(_("Ask to See Theirs?"), words, _("&Ask"))):
            await _send(app, services, _("Asking"), offer, deny=False)


async def _send(app: App[Any], services: Services, title: str, offer: Offer, *, deny: bool) -> None:
    async def act(_progress: object) -> OutboxItem:
        service = services.sharing
        return await (service.deny(offer.sender) if deny else service.ask(offer.sender))

    item = await services.jobs.start(title, act).wait()
    text, severity = outcome_text(item, services.clock.zone)
    show_notice(app, text, severity=severity)
