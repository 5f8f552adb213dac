"""`sync`: sends what is due and looks at every calendar again; made for cron and systemd timers."""

from __future__ import annotations

from core.errors import Cancelled, PartagendaError
from core.language import N_, _, ngettext
from tui.cli.context import Context
from tui.cli.grammar import Command, Given
from tui.cli.outbox import exit_code, shape


async def _sync(context: Context, given: Given) -> int:
    sent = await context.services.outbox.flush(context.progress, due_only=True)
    trouble: PartagendaError | None = None
    try:
        await context.services.library.refresh(context.progress)
    except Cancelled:
        raise
    except PartagendaError as error:
        trouble = error
        context.out.error(error)
    calendars = await context.services.library.calendars()
    broken = [info for info in calendars if info.problem]
    for info in broken:
        context.out.problem(_("“{calendar}” cannot be read: {reason}").format(calendar=info.name, reason=info.problem))
    context.out.value({"sent": [shape(item) for item in sent], "calendars": len(calendars), "problems": len(broken)})
    for item in sent:
        context.out.line(f"{item.id}  {item.state.label}  {item.subject}")
    context.out.line(
        ngettext("{count} calendar is up to date.", "{count} calendars are up to date.", len(calendars)).format(
            count=len(calendars)
        )
    )
    code = exit_code(sent)
    return 3 if not code and (trouble or broken) else code


COMMANDS = {
    "sync": {"": Command("sync", N_("Send what waits and look at every calendar again; for cron and timers."), _sync)}
}
