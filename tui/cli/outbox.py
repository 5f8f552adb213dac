"""`outbox`: what has not left yet, and why."""

from __future__ import annotations

from collections.abc import Sequence

from core.language import N_, _
from core.language.dates import date_and_time
from core.services.outbox import OutboxItem, OutboxState, find_item
from tui.cli.context import Context
from tui.cli.grammar import Command, Given, Word
from tui.cli.shapes import moment

_GOOD = (OutboxState.SENT,)


def shape(item: OutboxItem) -> dict[str, object]:
    """One message for a program."""
    return {
        "id": item.id,
        "message_id": item.message_id,
        "subject": item.subject,
        "state": item.state.value,
        "account": item.account,
        "created": moment(item.created),
        "attempts": item.attempts,
        "next": moment(item.next_try),
        "reason": item.reason,
        "hint": item.hint,
        "recipients": [
            {"address": result.address, "state": result.delivery.value, "reason": result.reason}
            for result in item.recipients
        ],
    }


def _show(context: Context, items: Sequence[OutboxItem]) -> None:
    context.out.value([shape(item) for item in items])
    for item in items:
        created = date_and_time(item.created.astimezone(context.zone))
        context.out.line(f"{item.id}  {created}  {item.state.label}  {item.subject}")
        people = ", ".join(result.address for result in item.recipients)
        context.out.line("  " + _("to {people}").format(people=people))
        if item.reason:
            context.out.line("  " + item.reason)
        if item.hint:
            context.out.line("  " + item.hint)
        if item.next_try:
            when = date_and_time(item.next_try.astimezone(context.zone))
            context.out.line("  " + _("tried again on {when}").format(when=when))


def exit_code(items: Sequence[OutboxItem]) -> int:
    """0 when all of them left, 1 when none did, 3 in between."""
    if all(item.state in _GOOD for item in items):
        return 0
    partly = any(item.state in (*_GOOD, OutboxState.PARTLY, OutboxState.UNKNOWN) for item in items)
    return 3 if partly else 1


async def _list(context: Context, given: Given) -> int:
    items = [item for item in await context.services.outbox.items() if item.state not in _GOOD]
    _show(context, items)
    if not items:
        context.out.line(_("Nothing is waiting."))
    return 0


async def _flush(context: Context, given: Given) -> int:
    tried = await context.services.outbox.flush(context.progress)
    _show(context, tried)
    if not tried:
        context.out.line(_("Nothing is waiting."))
    return exit_code(tried)


async def _retry(context: Context, given: Given) -> int:
    outbox = context.services.outbox
    item = await outbox.retry(find_item(await outbox.items(), given.text("id")).id)
    _show(context, [item])
    return exit_code([item])


async def _drop(context: Context, given: Given) -> int:
    outbox = context.services.outbox
    item = find_item(await outbox.items(), given.text("id"))
    await outbox.drop(item.id)
    context.out.value({"dropped": item.id})
    context.out.line(_("Dropped: {subject}").format(subject=item.subject))
    return 0


_ID = (Word("id", N_("ID")),)
_LIST = Command("outbox", N_("Show what has not left yet; send it, try again, or drop it."), _list)
COMMANDS = {
    "outbox": {
        "": _LIST,
        "list": _LIST,
        "flush": Command("outbox flush", N_("Try to send everything that waits, now."), _flush),
        "retry": Command("outbox retry", N_("Send one message again to those who do not have it."), _retry, _ID),
        "drop": Command("outbox drop", N_("Take one message out for good."), _drop, _ID),
    }
}
