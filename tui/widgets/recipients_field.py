"""A line of mail addresses that completes itself while one types, and says which one is wrong."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from core.calendar.people import Address, parse_addresses
from core.errors import UsageError
from core.language import N_
from tui.text import plain
from tui.widgets.form import TextLine
from tui.widgets.marked_list import MarkedList

PAUSE = 0.12
"""Seconds without a key before the address book is asked."""

Complete = Callable[[str], Awaitable[Sequence[Address]]]


def last_part(text: str) -> tuple[str, str]:
    """What is finished (with its comma) and what is being typed; a comma inside quotes does not separate."""
    quoted, cut = False, 0
    for at, character in enumerate(text):
        if character == '"' and text[at - 1 : at] != "\\":
            quoted = not quoted
        elif character in ",;" and not quoted:
            cut = at + 1
    return text[:cut], text[cut:].strip()


def _complete_address(text: str) -> bool:
    """Whether it can stand as it is: then Tab must not put somebody else in its place."""
    try:
        return bool(parse_addresses(text))
    except UsageError:
        return False


class _Line(TextLine):
    """The line itself. While proposals are shown, arrows, Tab, Enter and Esc belong to them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "propose(1)", N_("Next proposal"), id="recipients.next", show=False),
        Binding("up", "propose(-1)", N_("Proposal before"), id="recipients.previous", show=False),
    ]

    def _field(self) -> RecipientsField:
        parent = self.parent
        assert isinstance(parent, RecipientsField)
        return parent

    def action_propose(self, by: int) -> None:
        """Walk in the proposals."""
        self._field().walk(by)

    async def _on_key(self, event: events.Key) -> None:
        field = self._field()
        if field.proposing and (event.key == "escape" or (event.key in ("tab", "enter") and field.marked is not None)):
            event.stop()
            event.prevent_default()
            if event.key == "escape":
                field.close()
            else:
                field.accept()
            return
        await super()._on_key(event)


class RecipientsField(Vertical):
    """Addresses separated by commas; proposals below while one types; what is wrong is said under the line."""

    DEFAULT_CSS = """
    RecipientsField {
        width: 1fr; height: auto;
        & > _Line {
            height: 1; border: none; padding: 0 1; background: $panel; color: $foreground; width: 1fr;
            &:focus { border: none; background: $primary 20%; background-tint: transparent; }
            &.-wrong { text-style: underline; }
        }
        & > OptionList {
            display: none; overlay: screen; constrain: none inside; width: 1fr; height: auto; max-height: 8;
            background: $panel; border: round $primary; padding: 0;
            &.-open { display: block; }
            &:ansi > .option-list--option-highlighted {
                background: ansi_default; color: ansi_default; text-style: bold reverse;
            }
        }
        & > .problem { display: none; height: auto; color: $text-error; }
        & > .problem.-shown { display: block; }
    }
    """

    @dataclass
    class Changed(Message):
        """Another text stands in the line."""

        field: RecipientsField
        text: str

    def __init__(self, complete: Complete, text: str = "", *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._complete = complete
        self._start = text
        self._found: Sequence[Address] = ()
        self._pause: Timer | None = None
        self._settled = text

    def compose(self) -> ComposeResult:
        """The line, its proposals, and what is wrong."""
        yield _Line(self._start, id=f"{self.id}-line")
        proposals = MarkedList(markup=False, compact=True)
        proposals.can_focus = False
        yield proposals
        yield Static("", classes="problem", markup=False)

    @property
    def line(self) -> Input:
        """The line one types in."""
        return self.query_one(_Line)

    @property
    def text(self) -> str:
        """What stands there."""
        return self.line.value if self.is_mounted else self._start

    @property
    def proposing(self) -> bool:
        """Whether proposals are shown."""
        return self.query_one(OptionList).has_class("-open")

    @property
    def marked(self) -> int | None:
        """The proposal that Tab would take."""
        return self.query_one(OptionList).highlighted

    def addresses(self) -> tuple[Address, ...]:
        """The people in the line. Raises UsageError for the first one that is no address, and marks the line."""
        try:
            found = parse_addresses(self.text)
        except UsageError as error:
            self._say(f"{error.message} {error.hint}")
            raise
        self._say("")
        return found

    def focus(self, scroll_visible: bool = True) -> RecipientsField:
        """Keys go into the line."""
        self.line.focus(scroll_visible)
        return self

    def walk(self, by: int) -> None:
        """To the next proposal or the one before."""
        proposals = self.query_one(OptionList)
        if self.proposing and proposals.option_count:
            at = proposals.highlighted
            first = 0 if by > 0 else proposals.option_count - 1
            proposals.highlighted = first if at is None else (at + by) % proposals.option_count

    def close(self) -> None:
        """Take the proposals away."""
        self.query_one(OptionList).remove_class("-open")

    def accept(self) -> None:
        """Put the marked proposal in the place of what was typed, ready for the next one."""
        at = self.marked
        if at is not None and at < len(self._found):
            done, _typed = last_part(self.line.value)
            before = done.strip() + " " if done.strip() else ""
            self._settled = f"{before}{self._found[at]}, "
            self.line.value = self._settled
            self.line.cursor_position = len(self._settled)
        self.close()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._say("")
        self.post_message(self.Changed(self, event.value))
        if self._pause is not None:
            self._pause.stop()
        if event.value == self._settled:
            return
        self._pause = self.set_timer(PAUSE, self._ask)

    @work(exclusive=True, group="complete", exit_on_error=False)
    async def _ask(self) -> None:
        _done, typed = last_part(self.line.value)
        self._found = await self._complete(typed) if typed else ()
        _done, still = last_part(self.line.value)
        if still == typed:
            self._show_found()

    def _show_found(self) -> None:
        proposals = self.query_one(OptionList)
        proposals.clear_options()
        proposals.add_options([Option(plain(str(address))) for address in self._found])
        proposals.set_class(bool(self._found) and self.line.has_focus, "-open")
        proposals.highlighted = None if _complete_address(last_part(self.line.value)[1]) else 0

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.query_one(OptionList).highlighted = event.option_index
        self.accept()
        self.focus()

    @on(events.DescendantBlur)
    def _left(self) -> None:
        """Leaving the field checks it: a wrong address is said here, not only when one sends."""
        self.close()
        try:
            self.addresses()
        except UsageError:
            self.line.add_class("-wrong")

    def _say(self, text: str) -> None:
        line = self.query_one(".problem", Static)
        line.update(plain(text))
        line.set_class(bool(text), "-shown")
        self.line.set_class(bool(text), "-wrong")
