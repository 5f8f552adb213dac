"""A row of pages with their numbers: `1 As the receiver sees it`. Still: no sliding line under the chosen one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import Static

from core.language import N_
from tui.text import plain


class _Tab(Static):
    def __init__(self, number: int, label: str) -> None:
        super().__init__(plain(f" {number} {label} "), markup=False)
        self.number = number

    @dataclass
    class Clicked(Message):
        """The page with that number is wanted."""

        number: int

    def on_click(self, event: events.Click) -> None:
        """Tell the tabs which one it was."""
        event.stop()
        self.post_message(self.Clicked(self.number))


class PageTabs(Horizontal, can_focus=True):
    """The pages of a screen; left and right (or a page's number, bound by the screen) change it."""

    DEFAULT_CSS = """
    PageTabs {
        height: 1; width: 1fr; background: $surface;
        & > _Tab { width: auto; height: 1; color: $foreground; background: $surface; margin-right: 1; }
        & > _Tab.-chosen { background: $primary-muted; color: $text-primary; text-style: bold underline; }
        &:focus > _Tab.-chosen { background: $primary; color: $background; }
        &:ansi > _Tab.-chosen { background: ansi_default; color: ansi_default; text-style: bold underline; }
        &:ansi:focus > _Tab.-chosen { text-style: bold reverse; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "step(-1)", N_("Page before"), id="tabs.previous", show=False),
        Binding("right", "step(1)", N_("Next page"), id="tabs.next", show=False),
    ]

    chosen: reactive[int] = reactive(1, init=False)

    @dataclass
    class Chosen(Message):
        """Another page is wanted; counted from 1."""

        number: int

    def __init__(self, labels: Sequence[str], *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._labels = tuple(labels)

    def compose(self) -> ComposeResult:
        """A label for each page."""
        for number, label in enumerate(self._labels, 1):
            tab = _Tab(number, label)
            tab.set_class(number == self.chosen, "-chosen")
            yield tab

    def watch_chosen(self, number: int) -> None:
        """Mark it, and say so."""
        for tab in self.query(_Tab):
            tab.set_class(tab.number == number, "-chosen")
        self.post_message(self.Chosen(number))

    def action_step(self, by: int) -> None:
        """To the neighbour."""
        self.chosen = min(max(self.chosen + by, 1), len(self._labels))

    @on(_Tab.Clicked)
    def _clicked(self, event: _Tab.Clicked) -> None:
        event.stop()
        self.chosen = event.number
