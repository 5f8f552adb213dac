"""Dialogs that stay until what was asked for is done, so that an error is shown where it happened."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from textual import work

from core.errors import PartagendaError
from tui.screens.form_dialog import FormDialog

Result = TypeVar("Result")


class ActingDialog(FormDialog[Result]):
    """`act` does what the fields ask for; False keeps the dialog open. It runs once at a time, whatever is pressed."""

    def __init__(self, title: str, act: Callable[[Result], Awaitable[bool]], *, id: str) -> None:  # noqa: A002
        super().__init__(title, id=id)
        self._act = act
        self._acting = False

    def accept(self) -> None:
        """Do it, and end with the result; or say what is wrong."""
        if self._acting:
            return
        try:
            result = self.result()
        except PartagendaError as error:
            self.show_error(error)
            return
        self._acting = True
        self._carry_out(result)

    @work(group="act", exit_on_error=False)
    async def _carry_out(self, result: Result) -> None:
        try:
            done = await self._act(result)
        except PartagendaError as error:
            self.show_error(error)
        else:
            if done:
                self.dismiss(result)
        finally:
            self._acting = False

    def action_cancel(self) -> None:
        """Leave; not in the middle of it."""
        if not self._acting:
            self.dismiss(None)
