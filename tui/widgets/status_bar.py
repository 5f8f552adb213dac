"""The two lines at the bottom: what is under the cursor, and the keys that work now (or a message)."""

from __future__ import annotations

from collections.abc import Sequence

from textual.events import Click

from core.language import _
from tui.commands import Command
from tui.text import cell_width
from tui.widgets.canvas import Canvas, Ink
from tui.widgets.canvas_widget import CanvasWidget

_LEAST = 20
"""Cells of the first line that are worth it."""
_LETTERS = 4
"""For so many to a cell a line is looked through: more are combining marks without end."""


def _in_two(message: str, width: int, above: int) -> tuple[str, str]:
    """What of a message stands in the upper line, and in the lower one: it goes there alone where it fits."""
    if cell_width(message) <= width or above < _LEAST:
        return "", message
    end = message.rfind(" ", 0, _LETTERS * above)  # a title in it may be a million letters long
    while end > 0 and cell_width(message[:end]) > above:
        end = message.rfind(" ", 0, end)
    return (message[:end].rstrip(), message[end:].lstrip()) if end > 0 else ("", message)


class StatusBar(CanvasWidget):
    """`tell` sets the first line, `say` a message that stands in the second one until the next `hint`.

    A message that is wider than the terminal begins in the first line.
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.left = ""
        self.right = ""
        self.message = ""
        self.hints: tuple[Command, ...] = ()
        self._places: list[tuple[int, int, Command]] = []

    def tell(self, left: str, right: str) -> None:
        """What is under the cursor; at the right what holds for the whole screen."""
        if (left, right) != (self.left, self.right):
            self.left, self.right = left, right
            self.redraw()

    def say(self, message: str) -> None:
        """A message; empty brings the keys back."""
        if message != self.message:
            self.message = message
            self.redraw()

    def hint(self, commands: Sequence[Command]) -> None:
        """The commands whose keys are shown."""
        if tuple(commands) != self.hints:
            self.hints = tuple(commands)
            self.redraw()

    def draw(self, width: int, height: int) -> Canvas:
        """Both lines."""
        canvas = Canvas(width, height, Ink("status.hint"))
        room = width - 2 - (cell_width(self.right) + 2 if self.right else 0)
        canvas.fill(0, 0, width, 1, Ink("status"))
        upper, lower = _in_two(self.message, width - 2, max(0, room))
        canvas.put(1, 0, upper or self.left, Ink("status.message" if upper else "status"), max(0, room))
        if self.right and room > 0:
            canvas.put(width - 1 - cell_width(self.right), 0, self.right, Ink("status.dim"))
        self._places = []
        if lower:
            canvas.put(1, 1, lower, Ink("status.message"), width - 2)
        else:
            self._draw_hints(canvas)
        return canvas

    def _draw_hints(self, canvas: Canvas) -> None:
        keymap, x = self.partagenda.keymap, 1
        for command in self.hints:
            key, name = keymap.name(command), _(command.hint)
            width = cell_width(key) + 1 + cell_width(name)
            if x + width >= canvas.width:
                break
            canvas.put(x, 1, key, Ink("status.key"))
            canvas.put(x + cell_width(key) + 1, 1, name, Ink("status.hint"))
            self._places.append((x, x + width, command))
            x += width + 2

    async def on_click(self, event: Click) -> None:
        """Run the command whose key was clicked."""
        found = next((command for x, end, command in self._places if x <= event.x < end), None)
        if event.y == 1 and found:
            event.stop()
            await self.partagenda.action_run(found.id)
