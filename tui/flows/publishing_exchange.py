"""Publish This Calendar, from the choice of the way to the links."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import PartagendaError
from core.language import _
from core.ports.calendars import CalendarInfo, CalendarKind
from core.services.publish_on_exchange import OnExchange, Standing
from core.sharing.exchange_publishing import ExchangeLinks
from tui.flows.publishing import publish_online
from tui.flows.working import working
from tui.reporting import reporting, show_error, show_notice
from tui.screens.confirm import ConfirmDialog
from tui.screens.publish_exchange import ExchangeRequest, PublishExchangeDialog
from tui.screens.publish_on_web import PublishOnWebDialog
from tui.screens.publish_ways import EXCHANGE, PublishWaysDialog
from tui.screens.published import PublishedDialog

if TYPE_CHECKING:
    from core.bootstrap import Services
    from tui.app import PartagendaApp


async def publish_of_server(app: PartagendaApp, services: Services, info: CalendarInfo) -> None:
    """For a calendar that lies on a server: which way, then that way."""
    standing = await working(app, _("Asking the server…"), services.exchange_publishing.standing(info))
    if info.kind is CalendarKind.MICROSOFT365:
        way = await app.push_screen_wait(PublishOnWebDialog(info.name))
    else:
        way = await app.push_screen_wait(PublishWaysDialog(info.name, standing.ways))
    if way == EXCHANGE:
        await _this_calendar(app, services, info, standing)
    elif way:
        await publish_online(app, services, info.id)


async def show_links(app: PartagendaApp, _services: Services, one: OnExchange) -> None:
    """The links of a calendar that its server publishes."""
    await _show(app, one.info, one.links)


async def end_on_server(app: PartagendaApp, services: Services, one: OnExchange) -> None:
    """Let the server publish it no more, after asking."""
    configured = services.exchange_publishing.can_ask(one)
    await _stopped(app, services, one.info, one.identity, configured=configured)


async def _this_calendar(app: PartagendaApp, services: Services, info: CalendarInfo, standing: Standing) -> None:
    service = services.exchange_publishing
    while True:
        request = await app.push_screen_wait(PublishExchangeDialog(info.name, standing, service))
        if request is None:
            return
        try:
            if request.stop:
                if await _stopped(app, services, info, request.identity, configured=standing.configured):
                    return
                continue
            links = await _links(app, services, info, request, configured=standing.configured)
        except PartagendaError as error:
            show_error(app, error)
            continue
        if links is not None:
            await _show(app, info, links)
            return


async def _links(
    app: PartagendaApp, services: Services, info: CalendarInfo, request: ExchangeRequest, *, configured: bool
) -> ExchangeLinks | None:
    service = services.exchange_publishing
    if not configured:
        return await service.take_links(info, request.pasted, request.options)
    who = _("Everybody can search for it.") if request.options.public else _("Whoever knows the address can read it.")
    words = _("“{calendar}” · {level}").format(calendar=info.name, level=request.options.level.label)
    question = ConfirmDialog(_("Let the Server Publish It?"), f"{words}\n\n{who}", _("&Start publishing"))
    if not await app.push_screen_wait(question):
        return None
    work = service.publish(info, request.identity, request.options, new_links=request.new_links)
    return await working(app, _("Asking the server…"), work)


async def _stopped(
    app: PartagendaApp, services: Services, info: CalendarInfo, identity: str, *, configured: bool
) -> bool:
    service = services.exchange_publishing
    words = _("The links of “{calendar}” stop working. Copies that others kept stay with them.")
    if not configured:
        words += "\n\n" + _run_first(info) + "\n" + service.how_to_end(info, identity)
    dialog = ConfirmDialog(_("Stop Publishing?"), words.format(calendar=info.name), _("&Stop"), danger=True)
    if not await app.push_screen_wait(dialog):
        return False
    with reporting(app):
        if configured:
            await working(app, _("Asking the server…"), service.stop(info, identity))
        else:
            await service.forget(info)
        show_notice(app, _("“{calendar}” is not published any more.").format(calendar=info.name))
        return True
    return False


def _run_first(info: CalendarInfo) -> str:
    on_web = info.kind is CalendarKind.MICROSOFT365
    return _("End it there first, in Outlook on the web:") if on_web else _("Run this first:")


async def _show(app: PartagendaApp, info: CalendarInfo, links: ExchangeLinks) -> None:
    addresses = [
        (_("For calendar programs: one click subscribes"), links.webcal),
        (_("The calendar file: Outlook, Thunderbird, Google"), links.ics),
        (_("The web page, for people without a calendar program"), links.page),
    ]
    title = _("Published: {calendar}").format(calendar=info.name)
    await app.push_screen_wait(PublishedDialog(title, addresses, invite=False))
