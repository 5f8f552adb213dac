"""The history of changes: readable, and undone from the last one on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import tzinfo
from typing import ClassVar, Protocol

from textual import work
from textual.binding import Binding, BindingType

from core.language import N_, _
from core.language.dates import date_and_time
from core.ports.world import Clock
from core.services.editing import Editing
from core.services.history import HistoryEntry, State
from tui.reporting import reporting
from tui.screens.dialog import DialogButton
from tui.screens.list_page import ListPage
from tui.widgets.form import LetterButton
from tui.widgets.text_view import Line, table

_STATES = {State.DONE: "", State.UNDONE: N_("undone"), State.LEFT: N_("cannot be undone")}
_SCOPES = {"only": N_("only one date"), "following": N_("a date and all after it"), "all": N_("the whole series")}


class _Services(Protocol):
    @property
    def editing(self) -> Editing: ...

    @property
    def clock(self) -> Clock: ...


class HistoryScreen(ListPage[HistoryEntry, None]):
    """`undo` and `redo` do it, with their questions."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("u", "undo", N_("Undo"), id="history.undo", show=False),
        Binding("U,ctrl+r", "redo", N_("Redo"), id="history.redo", show=False),
    ]

    def __init__(
        self, services: _Services, undo: Callable[[], Awaitable[None]], redo: Callable[[], Awaitable[None]]
    ) -> None:
        super().__init__(_("History"), id="history")
        self._editing = services.editing
        self._zone: tzinfo = services.clock.zone
        self._undo = undo
        self._redo = redo

    def facts(self) -> str:
        """How undo goes."""
        return _("Undo takes the last change back, then the one before, also after a restart.")

    def buttons(self) -> Sequence[DialogButton]:
        """Undo, redo, back."""
        return (
            DialogButton("undo", _("Undo the last"), main=True),
            DialogButton("redo", _("Redo")),
            DialogButton("back", _("Back")),
        )

    def keys(self) -> Sequence[tuple[str, str]]:
        """What works now."""
        undo = [("u", _("Undo the last"))] if self._last(State.DONE) else []
        redo = [("U", _("Redo"))] if self._last(State.UNDONE) else []
        return [*undo, *redo, (_("Esc"), _("Back"))]

    def _last(self, state: State) -> bool:
        return any(entry.state is state for entry in self.items)

    def nothing(self) -> str:
        """Nothing yet."""
        return _("Nothing has been changed yet.")

    async def read(self) -> Sequence[HistoryEntry]:
        """The last first."""
        return await self._editing.history(200)

    def columns(self, item: HistoryEntry) -> Sequence[tuple[str, float]]:
        """When, what, whether it is undone."""
        return (
            (date_and_time(item.when.astimezone(self._zone)), -22),
            (item.words, 4),
            (_(_STATES[item.state]) if _STATES[item.state] else "", -17),
        )

    async def describe(self, item: HistoryEntry) -> Sequence[Line]:
        """The same in full."""
        scope = _SCOPES.get(item.facts.scope, "")
        state = _STATES[item.state]
        rows = [
            (_("When"), date_and_time(item.when.astimezone(self._zone))),
            (_("Calendar"), item.facts.calendar),
            (_("To"), item.facts.other),
            (_("Of a series"), _(scope) if scope else ""),
            (_("State"), _(state) if state else _("done")),
        ]
        return [Line(item.words, "title"), Line(""), *table(rows)]

    def marked_changed(self) -> None:
        """Undo and redo are there while there is something."""
        super().marked_changed()
        self.query_one("#undo", LetterButton).disabled = not self._last(State.DONE)
        self.query_one("#redo", LetterButton).disabled = not self._last(State.UNDONE)

    def pressed(self, button: str) -> None:
        """Undo, redo, back."""
        match button:
            case "undo":
                self.action_undo()
            case "redo":
                self.action_redo()
            case _other:
                self.action_back()

    def action_undo(self) -> None:
        """The last change."""
        self._turn(self._undo)

    def action_redo(self) -> None:
        """What was undone last."""
        self._turn(self._redo)

    @work(group="turn", exit_on_error=False)
    async def _turn(self, what: Callable[[], Awaitable[None]]) -> None:
        with reporting(self.app):
            await what()
        await self.action_read().wait()
