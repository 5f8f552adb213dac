"""The command palette: any command or theme by its name. Opaque, still, and with our own commands only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from core.errors import UsageError
from core.language import N_, _
from tui.commands import Scope, commands
from tui.screens.dialog import BaseDialog, DialogButton
from tui.text import plain
from tui.theming import Themes
from tui.widgets.marked_list import MarkedList

if TYPE_CHECKING:
    from tui.app import PartagendaApp


class Choice(NamedTuple):
    """A line of the palette. `id` is `command:calendar.email` or `theme:daylight`."""

    id: str
    name: str
    key: str
    sentence: str

    def rank(self, words: Sequence[str]) -> int | None:
        """How well it matches: names that begin with the words first, then names, then explanations; None: not."""
        name, all_of_it = self.name.casefold(), f"{self.name} {self.sentence}".casefold()
        if not all(word in all_of_it for word in words):
            return None
        if words and name.startswith(words[0]):
            return 0
        return 1 if all(word in name for word in words) else 2


def matching(choices: Sequence[Choice], text: str) -> list[Choice]:
    """The choices in which every word stands, the best first."""
    words = text.casefold().split()
    ranked = [(rank, number) for number, choice in enumerate(choices) if (rank := choice.rank(words)) is not None]
    return [choices[number] for _rank, number in sorted(ranked)]


class CommandsDialog(BaseDialog[str]):
    """Type a part of the name; Enter runs it. Ends with the id of the choice."""

    CSS_PATH = "palette.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,ctrl+n", "step(1)", N_("Down"), show=False),
        Binding("up,ctrl+p", "step(-1)", N_("Up"), show=False),
    ]
    AUTO_FOCUS = "#palette-input"

    def __init__(self, themes: Themes) -> None:
        super().__init__(_("Commands"))
        self.themes = themes
        self.choices: list[Choice] = []

    def buttons(self) -> Sequence[DialogButton]:
        """None: the list is the choice."""
        return ()

    def compose_body(self) -> ComposeResult:
        """What is typed, and what matches."""
        field = Input(placeholder=_("Type a part of its name"), id="palette-input", compact=True, select_on_focus=False)
        field.cursor_blink = False
        yield field
        found = MarkedList(id="palette-list", markup=False, compact=True)
        found.can_focus = False
        yield found

    def on_mount(self) -> None:
        """Everything that can be done now."""
        app: PartagendaApp = self.app  # type: ignore[assignment]
        at_home = app.screen_stack[-2] is app.home
        scopes = (Scope.HOME, Scope.PANE, Scope.APP) if at_home else (Scope.APP,)
        self.choices = [
            Choice(f"command:{command.id}", command.name, app.keymap.names(command), command.sentence)
            for command in commands(*scopes)
            if command.checked and command.id != "app.commands" and not command.reason(app.home)
        ]
        for file in self.themes.files.values():
            self.choices.append(Choice(f"theme:{file.name}", _("Theme: {name}").format(name=file.label), "", ""))
        self._show("")

    @on(Input.Changed, "#palette-input")
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._show(event.value)

    def _show(self, text: str) -> None:
        found = self.query_one("#palette-list", OptionList)
        found.clear_options()
        found.add_options([Option(self._line(choice), id=choice.id) for choice in matching(self.choices, text)])
        found.highlighted = 0 if found.option_count else None
        self.show_error("" if found.option_count else _("No command has this name."))

    @staticmethod
    def _line(choice: Choice) -> Content:
        head = plain(choice.name.ljust(26))
        return Content.assemble(
            head, plain(choice.key.ljust(10)).stylize("bold"), plain(choice.sentence).stylize("dim")
        )

    def action_step(self, direction: int) -> None:
        """Up and down the list while one types."""
        found = self.query_one("#palette-list", OptionList)
        if direction > 0:
            found.action_cursor_down()
        else:
            found.action_cursor_up()

    @on(Input.Submitted, "#palette-input")
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.accept()

    @on(OptionList.OptionSelected, "#palette-list")
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(event.option.id)

    def result(self) -> str:
        """The line under the cursor."""
        found = self.query_one("#palette-list", OptionList)
        if found.highlighted is None:
            raise UsageError(_("No command has this name."))
        return str(found.get_option_at_index(found.highlighted).id)
