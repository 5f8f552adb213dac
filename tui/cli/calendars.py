"""`new` and `calendar …`: what one does with a calendar as a whole."""

from __future__ import annotations

import re

from core.errors import Refused, UsageError
from core.language import N_, _
from core.ports.calendars import CalendarInfo
from tui.cli.context import Context
from tui.cli.files import absolute
from tui.cli.grammar import YES, Command, Given, Option, Word
from tui.cli.shapes import calendar as calendar_shape

NAMED_COLOURS = {
    "red": "#d13438",
    "orange": "#ca5010",
    "yellow": "#c19c00",
    "green": "#107c10",
    "teal": "#038387",
    "blue": "#0078d4",
    "purple": "#8764b8",
    "pink": "#e3008c",
    "grey": "#7a7574",
    "gray": "#7a7574",
}
_HEX = re.compile(r"#[0-9a-fA-F]{6}")


def parse_colour(text: str) -> str:
    """`#rrggbb`, or one of the names. Raises UsageError."""
    lowered = text.strip().lower()
    if _HEX.fullmatch(lowered):
        return lowered
    if lowered in NAMED_COLOURS:
        return NAMED_COLOURS[lowered]
    raise UsageError(
        _("“{text}” is not a colour.").format(text=text),
        _("Write it as #3366cc, or as one of: {names}.").format(names=", ".join(NAMED_COLOURS)),
    )


def _done(context: Context, info: CalendarInfo, line: str) -> int:
    context.out.value(calendar_shape(info))
    context.out.line(line)
    return 0


async def _new(context: Context, given: Given) -> int:
    root = absolute(given.text("root")) if given.has("root") else None
    colour = parse_colour(given.text("colour")) if given.has("colour") else ""
    info = await context.services.library.create(given.text("name"), root=root, colour=colour)
    return _done(context, info, _("The calendar “{name}” is there.").format(name=info.name))


async def _rename(context: Context, given: Given) -> int:
    library = context.services.library
    info = await library.rename((await library.find(given.text("calendar"))).id, given.text("new"))
    return _done(context, info, _("It is called “{name}” now.").format(name=info.name))


async def _colour(context: Context, given: Given) -> int:
    library = context.services.library
    info = await library.recolour((await library.find(given.text("calendar"))).id, parse_colour(given.text("colour")))
    return _done(context, info, _("“{name}” is {colour} now.").format(name=info.name, colour=info.colour))


async def _default(context: Context, given: Given) -> int:
    library = context.services.library
    info = await library.find(given.text("calendar"))
    await library.set_default(info.id)
    return _done(context, info, _("“{name}” is your default calendar now.").format(name=info.name))


async def _delete(context: Context, given: Given) -> int:
    library = context.services.library
    info = await library.find(given.text("calendar"))
    await library.delete(info.id)
    return _done(
        context,
        info,
        _("“{name}” is deleted; “partagenda calendar restore” brings it back.").format(name=info.name),
    )


async def _take(context: Context, given: Given) -> int:
    from core.services.smaller import Deciding

    services = context.services
    info = await services.library.find(given.text("calendar"))
    question, deciding = info.smaller, Deciding(services.accounts, services.subscriptions)
    if question is None:
        raise Refused(
            _("“{name}” is not suddenly much smaller where it comes from: there is nothing to decide.").format(
                name=info.name
            ),
            _("“partagenda sync” reads it again."),
        )
    while question is not None:
        context.agree(f"{info.name}: {question.words}", given)
        question = await deciding.take(info, question)
    info = await services.library.find(info.id)
    return _done(context, info, _("“{name}” is as its server has it now.").format(name=info.name))


async def _restore(context: Context, given: Given) -> int:
    info = await context.services.library.restore(given.text("calendar"))
    return _done(context, info, _("“{name}” is back.").format(name=info.name))


_CALENDAR = Word("calendar", N_("CALENDAR"))
COMMANDS = {
    "new": {
        "": Command(
            "new",
            N_("Make an empty calendar."),
            _new,
            (Word("name", N_("NAME")),),
            (
                Option("root", N_("Put its folder into this one."), N_("DIR")),
                Option("colour", N_("#3366cc, or red, orange, green, blue, …"), N_("COLOUR")),
            ),
        )
    },
    "calendar": {
        "rename": Command(
            "calendar rename", N_("Give a calendar another name."), _rename, (_CALENDAR, Word("new", N_("NAME")))
        ),
        "colour": Command(
            "calendar colour", N_("Give a calendar another colour."), _colour, (_CALENDAR, Word("colour", N_("COLOUR")))
        ),
        "default": Command(
            "calendar default", N_("Choose the calendar that new events go to."), _default, (_CALENDAR,)
        ),
        "delete": Command(
            "calendar delete", N_("Delete a calendar; it can be restored."), _delete, (_CALENDAR,), (YES,)
        ),
        "restore": Command("calendar restore", N_("Bring a deleted calendar back."), _restore, (_CALENDAR,)),
        "take": Command(
            "calendar take",
            N_("Take a calendar that suddenly is much smaller where it comes from; your copy is kept until then."),
            _take,
            (_CALENDAR,),
            (YES,),
        ),
    },
}
