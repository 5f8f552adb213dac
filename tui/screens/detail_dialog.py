"""Dialogs that ask how much of a calendar others get (outlook.md §1.1, §5.1): a level, its hours, and *Advanced*.

The rules live in `core.sharing.detail`; here stand the fields that these dialogs share, and what they say.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Button, Static

from core.language import _
from core.sharing.detail import Choice as Rule
from core.sharing.detail import DetailLevel, private_choice
from tui.screens.form_dialog import FormDialog
from tui.text import cell_width, plain
from tui.widgets.form import Caption, Choice, LetterButton, Tick

Result = TypeVar("Result")

STYLE = Path(__file__).with_suffix(".tcss")
_LINE, _WORD = 58, 8
"""Cells beside the captions, and what a line loses at most where words are wrapped."""


class DetailDialog(FormDialog[Result]):
    """A subclass puts the fields into Outlook's order; `compose_more` gives the options that Advanced folds away,
    with the tick box `private` and its reason from `compose_option`. `unfolded`: one of them differs from the usual.
    """

    def __init__(self, title: str, *, id: str, unfolded: bool) -> None:  # noqa: A002
        super().__init__(title, id=id)
        self.css_path = [*self.css_path, STYLE]
        self._unfolded = unfolded

    @abstractmethod
    def compose_more(self) -> ComposeResult:
        """The options below Advanced."""

    def compose_level(self, level: DetailLevel, *, classes: str) -> ComposeResult:
        """The drop-down with the levels, and what the chosen one shows."""
        with Horizontal(classes=classes):
            yield Caption(_("&Detail"), "detail")
            yield Choice([(one.label, one) for one in DetailLevel], level, id="detail")
        yield Static("", id="sentence", classes="note indented", markup=False)

    def compose_hours(self, wanted: bool, *below: Widget) -> ComposeResult:
        """Whether only the working hours are shown; `below` stands under it."""
        with Vertical(id="hours-part", classes="indented"):
            yield Tick(_("Show time within my &working hours only"), wanted, id="working-hours")
            yield from below

    def compose_advanced(self) -> ComposeResult:
        """The button, and the options that it shows and hides."""
        with Horizontal(classes="row"):
            yield Caption(_("&Advanced"), "advanced")
            yield LetterButton("", id="advanced")
        with Vertical(id="more"):
            yield from self.compose_more()

    def compose_option(self, label: str, wanted: bool, name: str) -> ComposeResult:
        """A tick box that not every level allows; `allow` says so and why."""
        yield Tick(label, wanted, id=name)
        yield Static("", id=f"{name}-reason", classes="reason", markup=False)

    def keys(self) -> Sequence[tuple[str, str]]:
        """Enter is OK everywhere, Space opens and ticks."""
        return (
            (_("Enter"), _("OK: preview")),
            (_("Tab"), _("Next")),
            (_("Space"), _("Open, tick")),
            (_("Esc"), _("Cancel")),
        )

    def on_mount(self) -> None:
        """Show what the first choices mean."""
        super().on_mount()
        self._make_room()
        self._fold()
        self.show_meaning()

    def _make_room(self) -> None:
        """A language with longer words gets a third line for the sentence, and tick boxes that begin further left."""
        longest = max(cell_width(level.sentence) for level in DetailLevel)
        self.query_one("#sentence").set_class(longest > 2 * _LINE - _WORD, "tall")
        ticks = max(cell_width(tick.label.plain) for tick in self.query(Tick))
        for part in ("#hours-part", "#more"):
            self.query_one(part).set_class(ticks > _LINE - len("[ ] "), "long")

    @property
    def level(self) -> DetailLevel:
        """The level that is chosen now."""
        level: DetailLevel = self.query_one("#detail", Choice).chosen
        return level

    def ticked(self, name: str) -> bool:
        """Whether an option is wanted, and can be had with this level."""
        tick = self.query_one(f"#{name}", Tick)
        return tick.value and not tick.disabled

    def show_meaning(self) -> None:
        """The lines below the drop-downs, and which options can be had with this level."""
        self.query_one("#sentence", Static).update(plain(self.level.sentence))
        self.allow("private", private_choice(self.level))

    def allow(self, name: str, rule: Rule) -> None:
        """Open an option, or close it with the rule's reason below it."""
        self.query_one(f"#{name}", Tick).disabled = not rule.enabled
        reason = self.query_one(f"#{name}-reason", Static)
        reason.update(plain(rule.reason))
        reason.display = bool(rule.reason)

    @on(Choice.Changed)
    def _changed(self) -> None:
        self.show_meaning()
        self.show_error("")

    @on(Button.Pressed, "#advanced")
    def _toggle_advanced(self, event: Button.Pressed) -> None:
        event.stop()
        self._unfolded = not self._unfolded
        self._fold()

    def _fold(self) -> None:
        self.query_one("#more").display = self._unfolded
        self.query_one("#advanced", LetterButton).rename(_("<< Hide") if self._unfolded else _("Show >>"))
