"""A calendar that is suddenly much smaller where it comes from: the copy is kept, and the person is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.language import _
from core.ports.calendars import CalendarInfo, Smaller
from core.services.smaller import Deciding
from tui.feed_commands import meant
from tui.text import clean

if TYPE_CHECKING:
    from textual.app import App

    from core.bootstrap import Services
    from tui.screens.home import HomeScreen


async def smaller(home: HomeScreen) -> None:
    """Ask about the calendar that is meant, and show what came of it."""
    info = meant(home)
    if info is not None and info.smaller:
        said = await decide(home.app, home.services, info)
        await home.reload(None)
        home.status.say(said)


async def decide(app: App[object], services: Services, info: CalendarInfo) -> str:
    """Ask whether to take the smaller calendar; keeping what is here is the default. Returns what was done, in words.

    A server's calendar is read once more before it is taken: where it has fewer events still, the question comes again.
    """
    deciding = Deciding(services.accounts, services.subscriptions)
    question, name = info.smaller, clean(info.name)
    while question is not None:
        if not await _yes(app, name, question):
            await deciding.keep(info)
            return _("Your copy of “{name}” stays as it is.").format(name=name)
        question = await deciding.take(info, question)
    return _("“{name}” is as its server has it now.").format(name=name)


async def _yes(app: App[object], name: str, question: Smaller) -> bool:
    from tui.screens.confirm import ConfirmDialog

    dialog = ConfirmDialog(name, question.words, _("&Take It"), _("&Keep Mine"))
    return bool(await app.push_screen_wait(dialog))
