"""`publish --to exchange`: the server itself publishes the calendar, by remote PowerShell or by a command to run."""

from __future__ import annotations

from collections.abc import Sequence

from core.errors import UsageError
from core.language import _
from core.language.dates import date_and_time
from core.ports.calendars import CalendarKind
from core.services.publish_on_exchange import OnExchange
from core.services.publish_options import PublishOptions
from core.sharing.exchange_publishing import ExchangeLinks, ExchangeOptions, period_for, web_steps
from tui.cli.context import Context
from tui.cli.files import text_or_stdin
from tui.cli.grammar import Given
from tui.cli.shapes import moment, table


def exchange_options(options: PublishOptions, given: Given, context: Context) -> ExchangeOptions:
    """The nearest that Exchange has: whole periods before and after today. Raises UsageError for what it has not."""
    if options.working_hours_only or options.include_private or options.page or options.expires:
        raise UsageError(
            _("Exchange publishes with a level and a span of time only."),
            _("Leave out --working-hours, --private, --page and --expires."),
        )
    days = options.days(context.today)
    if days.first is None or days.last is None:
        raise UsageError(_("Exchange publishes no whole calendar."), _("Give a range as -90d..+90d."))
    before, after = (context.today - days.first).days, (days.last - context.today).days
    return ExchangeOptions(
        options.level, period_for(max(0, before)), period_for(max(0, after)), public=given.has("public")
    )


async def publish_on_exchange(context: Context, given: Given, options: PublishOptions) -> int:
    """Publish it there; without a configured shell, say the commands and take the links back."""
    service = context.services.exchange_publishing
    info = await context.services.library.find(given.text("calendar"))
    if info.kind is CalendarKind.MICROSOFT365 and not given.has("links"):
        return _steps(context, info.name)
    standing = await service.standing(info)
    chosen = exchange_options(options, given, context)
    if given.has("links"):
        links = await service.take_links(info, text_or_stdin(given.text("links")), chosen)
        return _told(context, links)
    context.out.line(standing.ways.reason)
    if not standing.configured or given.has("dry-run"):
        commands = service.commands(standing.identity, chosen)
        context.out.value({"id": None, "urls": _urls(ExchangeLinks()), "commands": commands.splitlines()})
        context.out.line(_("Run this in Exchange’s PowerShell, or ask your administrator to:"))
        for line in commands.splitlines():
            context.out.line(f"  {line}")
        context.out.line(_("Then give back what it printed: partagenda publish … --to exchange --links -"))
        return 0 if given.has("dry-run") else 3
    context.agree(
        _("Let the server publish “{calendar}” ({level})? {who}").format(
            calendar=info.name,
            level=chosen.level.label,
            who=_("Everybody can search for it.") if chosen.public else _("Whoever knows the address can read it."),
        ),
        given,
    )
    return _told(context, await service.publish(info, standing.identity, chosen))


def _steps(context: Context, calendar: str) -> int:
    """Microsoft 365 lets no program do it: what to do there, and the way that a program can go."""
    steps = web_steps(calendar)
    context.out.value({"id": None, "urls": _urls(ExchangeLinks()), "steps": list(steps)})
    context.out.line(_("Microsoft 365 lets no program publish a calendar. You can do it in Outlook on the web:"))
    for number, step in enumerate(steps, 1):
        context.out.line(f"{number}. {step}")
    context.out.line(_("Or let Partagenda upload it to a WebDAV server: partagenda publish … URL"))
    return 3


def _told(context: Context, links: ExchangeLinks) -> int:
    context.out.value({"id": None, "urls": _urls(links)})
    context.out.line(_("Published. The addresses to give out:"))
    for address in (links.ics, links.webcal, links.page):
        context.out.line(f"  {address}")
    return 0


def _urls(links: ExchangeLinks) -> dict[str, object]:
    return {"ics": links.ics or None, "webcal": links.webcal or None, "page": links.page or None}


def server_shape(one: OnExchange, context: Context) -> dict[str, object]:
    """One line of `publications` for a calendar that its server publishes: nothing is uploaded from here."""
    return {
        "id": one.id,
        "calendar": one.info.name,
        "url": one.links.ics,
        "page": one.links.page or None,
        "level": one.options.level.value,
        "range": one.range,
        "state": "exchange",
        "last_upload": moment(one.when.astimezone(context.zone)) if one.when else None,
        "result": one.result,
        "hint": "",
        "wider_copy_out": False,
        "next": None,
    }


def tell_of_servers(context: Context, found: Sequence[OnExchange]) -> None:
    """The same for a person."""
    rows = [
        [
            one.id,
            one.info.name,
            one.options.level.label,
            one.range,
            date_and_time(one.when.astimezone(context.zone)) if one.when else "–",
            one.result,
            "–",
        ]
        for one in found
    ]
    for row, one in zip(table(rows), found, strict=True):
        context.out.line(row)
        for address in (one.links.ics, one.links.page):
            context.out.line(f"    {address}")


async def found_on_server(context: Context, id_: str) -> OnExchange | None:
    """The one with this id, or with the beginning of it that says which."""
    published = await context.services.exchange_publishing.published()
    found = [one for one in published if id_ and one.id.startswith(id_.strip().lower())]
    return found[0] if len(found) == 1 else None


async def end_on_server(context: Context, given: Given, one: OnExchange) -> int:
    """Let the server publish it no more; without a shell, say what to run and forget the links."""
    if given.has("stop"):
        raise UsageError(
            _("The server renews it by itself: that cannot be stopped alone."), _("Leave out --stop to end it.")
        )
    service = context.services.exchange_publishing
    words = _("The links of “{calendar}” stop working. Copies that others kept stay with them.")
    context.agree(words.format(calendar=one.info.name), given)
    if service.can_ask(one):
        await service.stop(one.info, one.identity)
        context.out.value({"id": one.id, "state": "removed"})
        context.out.line(_("“{calendar}” is not published any more.").format(calendar=one.info.name))
        return 0
    commands = service.how_to_end(one.info, one.identity)
    await service.forget(one.info)
    context.out.value({"id": one.id, "state": "forgotten", "commands": commands.splitlines()})
    context.out.line(_("The links are forgotten here. The server publishes it until it is ended there:"))
    context.out.line(f"  {commands}")
    return 0
