"""`publish --to exchange`: the server itself publishes the calendar, by remote PowerShell or by a command to run."""

from __future__ import annotations

from core.errors import UsageError
from core.language import _
from core.ports import CalendarKind
from core.services.publish_options import PublishOptions
from core.sharing.exchange_publishing import ExchangeLinks, ExchangeOptions, period_for, web_steps
from tui.cli.context import Context
from tui.cli.files import text_or_stdin
from tui.cli.grammar import Given


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
