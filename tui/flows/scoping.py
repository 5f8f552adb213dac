"""Asking how much of a series is meant, where an event repeats."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from core.calendar.event_change import Scope
from core.errors import Cancelled
from core.language import _
from core.services.editing import ScopeNeeded
from tui.screens.scope import ScopeDialog

if TYPE_CHECKING:
    from tui.screens.home import HomeScreen

T = TypeVar("T")


async def scoped(home: HomeScreen, title: str, act: Callable[[Scope | None], Awaitable[T]]) -> tuple[T, Scope | None]:
    """Do something with an event; where it repeats, ask first. Raises Cancelled when the person does not say."""
    try:
        return await act(None), None
    except ScopeNeeded:
        scope = await ask_scope(home, title)
    return await act(scope), scope


async def ask_scope(home: HomeScreen, title: str) -> Scope:
    """Which instances. Raises Cancelled."""
    question = _("“{title}” repeats. Which of its dates do you mean?").format(title=title or _("(no title)"))
    scope = await home.app.push_screen_wait(ScopeDialog(_("Open Recurring Item"), question))
    if scope is None:
        raise Cancelled(_("Nothing was changed."))
    return scope
