"""At which level: for allowing somebody's request."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Static

from core.language import _
from core.sharing.permissions import PermissionLevel, meaning_of
from tui.screens.form_dialog import FormDialog
from tui.text import plain
from tui.widgets.form import Caption, Choice


class ChooseLevelDialog(FormDialog[PermissionLevel]):
    """Returns one of the levels that are offered."""

    def __init__(self, title: str, words: str, levels: Sequence[PermissionLevel]) -> None:
        super().__init__(title, id="choose-level")
        self._words = words
        self._levels = levels

    def compose_body(self) -> ComposeResult:
        """Who asks, and the level with its meaning."""
        yield Static(plain(self._words, newline=True), markup=False)
        with Horizontal(classes="row spaced"):
            yield Caption(_("&Level"), "level")
            yield Choice([(level.label, level) for level in self._levels], self._levels[0], id="level")
        yield Static(plain(meaning_of(self._levels[0])), id="meaning", classes="note indented", markup=False)

    @on(Choice.Changed, "#level")
    def _changed(self) -> None:
        self.query_one("#meaning", Static).update(plain(meaning_of(self.result())))

    def result(self) -> PermissionLevel:
        """The chosen one."""
        level: PermissionLevel = self.query_one("#level", Choice).chosen
        return level
