"""Dialogs that stay until what was asked for is done, so that an error is shown where it happened."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from textual import work
from textual.containers import Vertical
from textual.widget import Widget

from core.errors import PartagendaError
from core.language import _
from tui.screens.form_dialog import FormDialog
from tui.text import plain

Result = TypeVar("Result")

PATIENCE = 0.3
"""Seconds after which the dialog says that it is saving: what is quick shows nothing."""


class ActingDialog(FormDialog[Result]):
    """`act` does what the fields ask for; False keeps the dialog open. It runs once at a time, whatever is pressed.

    The fields are what is saved: keys that come behind it wait (`tui.typed_ahead`), and where it takes longer than a
    moment the dialog says so, its fields are grey, and nothing more is taken.
    """

    def __init__(self, title: str, act: Callable[[Result], Awaitable[bool]], *, id: str) -> None:  # noqa: A002
        super().__init__(title, id=id)
        self._act = act
        self._last: Widget | None = None
        self.acting = False
        """Whether it is being done."""
        self.refuses_keys = False
        """Whether the person was told so, and keys go nowhere until it is done."""

    def accept(self) -> None:
        """Do it, and end with the result; or say what is wrong."""
        if self.acting:
            return
        try:
            result = self.result()
        except PartagendaError as error:
            self.show_error(error)
            return
        self.acting = True
        self.set_timer(PATIENCE, self._say_acting)
        self._carry_out(result)

    @work(group="act", exit_on_error=False)
    async def _carry_out(self, result: Result) -> None:
        done = False
        try:
            done = await self._act(result)
        except PartagendaError as error:
            self.show_error(error)
        finally:
            self.acting = False
            self._take_keys_again(stays=not done)
        if done:
            self.dismiss(result)

    def _say_acting(self) -> None:
        """Show that keys are not taken: nobody shall type for nothing."""
        if self.acting:
            self._last = self.focused
            self._refuse(on=True)

    def _take_keys_again(self, *, stays: bool) -> None:
        if self.refuses_keys and stays:
            self._refuse(on=False)
            if self._last is not None and self._last.is_attached:
                self._last.focus()
        self.refuses_keys = False
        if stays and (typed := getattr(self.app, "typed_ahead", None)):
            typed.not_saved()

    def _refuse(self, *, on: bool) -> None:
        self.refuses_keys = on
        for part in ("#dialog-body", "#dialog-buttons"):
            self.query_one(part).disabled = on
        self.show_keys()

    def show_keys(self) -> None:
        """The keys that work now; none while it is being saved."""
        if self.refuses_keys:
            words = plain(_("Saving… Keys are not taken until it is done."))
            self.query_one("#dialog", Vertical).border_subtitle = words
        else:
            super().show_keys()

    def action_cancel(self) -> None:
        """Leave; not in the middle of it."""
        if not self.acting:
            self.dismiss(None)
