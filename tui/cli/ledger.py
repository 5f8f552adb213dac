"""`ledger`: who has been given what, when, and at which level."""

from __future__ import annotations

from core.calendar.people import parse_address
from core.language import N_, _
from core.language.dates import date_and_time
from core.sharing.permissions import level_label
from tui.cli.context import Context
from tui.cli.grammar import Command, Given, Option
from tui.cli.shapes import moment, table


async def _ledger(context: Context, given: Given) -> int:
    person = parse_address(given.text("person")).address if given.has("person") else None
    entries = await context.services.ledger.entries(person)
    context.out.value(
        [
            {
                "person": entry.person,
                "calendar": entry.calendar,
                "how": entry.how,
                "level": entry.level,
                "range": entry.range,
                "when": moment(entry.when.astimezone(context.zone)),
                "state": entry.state.value,
            }
            for entry in entries
        ]
    )
    rows = [
        [
            date_and_time(entry.when.astimezone(context.zone)),
            entry.person,
            entry.calendar,
            level_label(entry.level),
            entry.range,
            entry.state.label,
        ]
        for entry in entries
    ]
    for line in table(rows):
        context.out.line(line)
    if not rows:
        context.out.line(_("Nobody has been given anything."))
    return 0


COMMANDS = {
    "ledger": {
        "": Command(
            "ledger",
            N_("Show who has been given what."),
            _ledger,
            options=(Option("person", N_("Only what this person was given."), N_("ADDRESS")),),
        )
    }
}
