"""What one does with a calendar as a whole from the list: make one, name and colour it, delete it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.language import _, ngettext
from core.ports.calendars import CalendarInfo
from tui.edit_commands import pointed_at
from tui.flows.showing import undo_hint
from tui.screens.calendar_properties import CalendarFields, CalendarPropertiesDialog
from tui.screens.confirm import ConfirmDialog

if TYPE_CHECKING:
    from tui.screens.home import HomeScreen


async def new_calendar(home: HomeScreen) -> None:
    """Ask for name and colour, and show the new calendar in the active pane."""
    made: list[CalendarInfo] = []
    library = home.services.library

    async def act(fields: CalendarFields) -> bool:
        made.append(await library.create(fields.name, colour=fields.colour))
        if fields.default:
            await library.set_default(made[0].id)
        return True

    if await home.app.push_screen_wait(CalendarPropertiesDialog(None, act)) is not None:
        await home.reload(made[0])
        home.status.say(_("“{name}” is a calendar of yours now.").format(name=made[0].name))


async def properties(home: HomeScreen) -> None:
    """Another name, another colour, or the calendar that new events go to."""
    info, library = pointed_at(home), home.services.library
    if info is None:
        return

    async def act(fields: CalendarFields) -> bool:
        if fields.name != info.name:
            await library.rename(info.id, fields.name)
        if fields.colour != info.colour.lower():
            await library.recolour(info.id, fields.colour)
        if fields.default and not info.default:
            await library.set_default(info.id)
        return True

    if await home.app.push_screen_wait(CalendarPropertiesDialog(info, act)) is not None:
        await home.reload(None)


async def delete_calendar(home: HomeScreen) -> None:
    """Ask once, though undo brings it back: other programs lose sight of it at once."""
    info = pointed_at(home)
    if info is None:
        return
    count = ngettext("It holds {count} event.", "It holds {count} events.", info.events).format(count=info.events)
    question = "\n".join([count, _("Undo brings it back.")])
    title = _("Delete “{name}”?").format(name=info.name)
    if await home.app.push_screen_wait(ConfirmDialog(title, question, _("&Delete"), danger=True)):
        await home.services.library.delete(info.id)
        await home.reload(None)
        home.status.say("  ".join([_("Deleted the calendar {calendar}").format(calendar=info.name), undo_hint(home)]))
