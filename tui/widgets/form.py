"""The parts of a form: drop-downs, check boxes and captions that a letter reaches.

A letter is marked as in other window systems: `_("&Calendar")` is shown as Calendar with its C underlined, and C goes
there. The mark is part of the text, so each language has letters that fit its words.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Button, Checkbox, Input, Select, Static, TextArea
from textual.widgets._select import SelectCurrent, SelectOverlay

from core.language import N_
from tui.text import clean, plain
from tui.widgets.marked_list import Reversible

Value = TypeVar("Value")


def letter_of(marked: str) -> str:
    """The letter behind the `&`, in lower case; empty where there is none."""
    _before, mark, after = marked.partition("&")
    return after[:1].lower() if mark else ""


def unmarked(marked: str) -> str:
    """The text without its mark."""
    return marked.replace("&", "", 1)


def marked_content(marked: str) -> Content:
    """The text with its letter underlined."""
    at = marked.find("&")
    text = plain(unmarked(marked))
    return text if at < 0 else text.stylize("underline", at, at + 1)


class Caption(Static):
    """The words left of a field; its letter goes to the widget `#target`."""

    DEFAULT_CSS = """
    Caption { width: 14; height: 1; color: $foreground; }
    """

    def __init__(self, marked: str, target: str, *, classes: str | None = None) -> None:
        super().__init__(marked_content(marked), markup=False, classes=classes)
        self.letter = letter_of(marked)
        self.target = target


class Tick(Checkbox, inherit_bindings=False):
    """A check box that leaves Enter to the dialog. Drawn `[x]`: readable without colour and in every font."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "toggle_button", N_("Tick"), id="form.tick", show=False),
    ]
    BUTTON_LEFT = "["
    BUTTON_INNER = "x"
    BUTTON_RIGHT = "]"
    DEFAULT_CSS = """
    Tick {
        width: auto; height: 1; padding: 0; border: none; background: $surface; color: $foreground;
        &:focus { border: none; background: $surface; background-tint: transparent; }
        &:focus > .toggle--label { background: $primary; color: $background; text-style: none; }
        & > .toggle--button, &.-on > .toggle--button,
        &:focus > .toggle--button, &.-on:focus > .toggle--button { color: $foreground; background: $surface; }
        &:disabled { opacity: 100%; color: $foreground 50%; }
        &:disabled > .toggle--button { color: $foreground 50%; }
        &:ansi:focus { text-style: bold reverse; }
        &:ansi:focus > .toggle--label { background: ansi_default; color: ansi_default; text-style: bold reverse; }
        &:ansi > .toggle--button, &:ansi.-on > .toggle--button { background: ansi_default; text-style: none; }
        &:ansi:disabled > .toggle--label, &:ansi:disabled > .toggle--button { text-style: dim; }
    }
    """

    def __init__(self, marked: str, value: bool = False, *, id: str) -> None:  # noqa: A002
        super().__init__(marked_content(marked), value, id=id, compact=True)
        self.letter = letter_of(marked)

    @property
    def _button(self) -> Content:
        """`[x]` or `[ ]` in one style; an empty box is empty, not grey."""
        style = self.get_visual_style("toggle--button")
        return Content.assemble(("[x]" if self.value else "[ ]", style))


class TextLine(Input):
    """A line to type in. What is pasted into it is cleaned as everything that others wrote; nothing blinks."""

    def __init__(self, value: str = "", *, id: str, select_on_focus: bool = False) -> None:  # noqa: A002
        super().__init__(clean(value), id=id, select_on_focus=select_on_focus, compact=True)
        self.cursor_blink = False

    def validate_value(self, value: str) -> str:
        """Whatever puts a text here, a control character never reaches the terminal."""
        return clean(value)


class OwnWords(TextArea):
    """Several lines to type in, with the same care."""

    def __init__(self, text: str, *, id: str, placeholder: str = "") -> None:  # noqa: A002
        super().__init__(clean(text, newline=True), id=id, compact=True, placeholder=placeholder)
        self.cursor_blink = False

    async def _on_paste(self, event: events.Paste) -> None:
        event.text = clean(event.text, newline=True)
        await super()._on_paste(event)


class _Overlay(Reversible, SelectOverlay):
    """The open list of a drop-down."""


class Choice(Select[Value], inherit_bindings=False):
    """A drop-down that leaves Enter to the dialog: Space or Down opens it, Left and Right step through it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,space", "open_or_walk(1)", N_("Open the list"), id="form.open", show=False),
        Binding("up", "open_or_walk(-1)", N_("Open the list"), id="form.open-up", show=False),
        Binding("left", "step(-1)", N_("Choice before"), id="form.previous", show=False),
        Binding("right", "step(1)", N_("Next choice"), id="form.next", show=False),
    ]
    DEFAULT_CSS = """
    Choice {
        width: 1fr; height: 1;
        & > SelectCurrent, &.-textual-compact > SelectCurrent { background: $panel; padding: 0 1; }
        &:focus > SelectCurrent { background: $primary; background-tint: transparent; }
        &:focus > SelectCurrent Static#label, &:focus > SelectCurrent .arrow { color: $background; }
        & > SelectOverlay { border: round $primary; background: $panel; padding: 0; }
        &:disabled > SelectCurrent Static#label { color: $foreground 50%; }
        &:ansi:focus > SelectCurrent { background: ansi_default; }
        &:ansi:focus > SelectCurrent Static#label, &:ansi:focus > SelectCurrent .arrow {
            background: ansi_default; color: ansi_default; text-style: reverse;
        }
        &:ansi > SelectOverlay > .option-list--option-highlighted {
            background: ansi_default; color: ansi_default; text-style: bold reverse;
        }
    }
    """

    @dataclass
    class Picked(Message):
        """An entry was taken from the list, also the one that was chosen already."""

        choice: Choice[Any]
        value: Any

        @property
        def control(self) -> Choice[Any]:
            """The drop-down."""
            return self.choice

    def __init__(self, options: Iterable[tuple[str, Value]], value: Value, *, id: str) -> None:  # noqa: A002
        pairs: Any = [(Text(clean(label), no_wrap=True, overflow="ellipsis"), entry) for label, entry in options]
        super().__init__(pairs, value=value, allow_blank=False, compact=True, id=id)
        self._values = [entry for _label, entry in pairs]

    def compose(self) -> ComposeResult:
        """As Textual's, with a list whose marked row is seen without colours."""
        yield SelectCurrent(self.prompt)
        yield _Overlay(type_to_search=self._type_to_search).data_bind(compact=Select.compact)

    @property
    def chosen(self) -> Value:
        """The value; there always is one."""
        value: Any = self.value
        return value  # type: ignore[no-any-return]

    def action_open_or_walk(self, by: int) -> None:
        """Open the list; where it is open and has no focus yet, because somebody types fast, walk in it already."""
        if not self.expanded:
            self.action_show_overlay()
            return
        overlay = self.query_one(SelectOverlay)
        (overlay.action_cursor_down if by > 0 else overlay.action_cursor_up)()

    def action_step(self, by: int) -> None:
        """The choice before or after this one, without opening the list."""
        at = self._values.index(self.chosen) + by
        if 0 <= at < len(self._values):
            self.value = self._values[at]
            self.post_message(self.Picked(self, self._values[at]))

    @on(SelectOverlay.UpdateSelection)
    def _picked(self, event: SelectOverlay.UpdateSelection) -> None:
        self.post_message(self.Picked(self, self._values[event.option_index]))


def typing(widget: Widget | None) -> bool:
    """Whether letters belong to the widget that has the focus."""
    return isinstance(widget, Input | TextArea | SelectOverlay)


def follow_letter(screen: Screen[Any], event: events.Key) -> None:
    """Go where the letter leads: to a field, or press the button or tick the box that carries it."""
    if typing(screen.focused) or event.key in screen.active_bindings:  # a key of the page goes before a button's letter
        return
    if widget := lettered(screen, event):
        event.stop()
        event.prevent_default()
        _follow(screen, widget)


def lettered(screen: Screen[Any], event: events.Key) -> Widget | None:
    """What carries the letter that was typed."""
    letter = event.character.lower() if event.character and event.is_printable else ""
    found = screen.query("Caption, Tick, LetterButton") if letter else ()
    return next((widget for widget in found if getattr(widget, "letter", "") == letter and _visible(widget)), None)


def _visible(widget: Widget) -> bool:
    return all(node.display for node in widget.ancestors_with_self if isinstance(node, Widget))


def _follow(screen: Screen[Any], widget: Widget) -> None:
    target = screen.query_one(f"#{widget.target}") if isinstance(widget, Caption) else widget
    if target.disabled:
        return
    target.focus()
    if isinstance(target, Tick):
        target.toggle()
    elif isinstance(target, Button):
        target.press()
    elif isinstance(target, Choice):
        target.action_show_overlay()


class LetterButton(Button):
    """A button inside the form that a letter presses."""

    def __init__(self, marked: str, *, id: str) -> None:  # noqa: A002
        super().__init__(marked_content(marked), id=id, compact=True, classes="dialog-button")
        self.letter = letter_of(marked)

    def rename(self, marked: str) -> None:
        """Other words on the same button."""
        self.label = marked_content(marked)
        self.letter = letter_of(marked)
        self.refresh(layout=True)
