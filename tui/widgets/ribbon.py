"""The ribbon: the Home tab's commands in groups, each with its key. Pure layout, and a widget on it.

Where there is room it has two lines of commands and their groups' names below; else one line, on which the commands
with the highest weight stay.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from textual.events import Click

from core.language import _
from tui.commands import RIBBON, Command, Group, Scope, commands, grouped
from tui.text import cell_width
from tui.widgets.canvas import Canvas, Ink
from tui.widgets.canvas_widget import CanvasWidget

ROWS = 2
"""Lines of commands where there is room."""
WEIGHTY = 5
"""From this weight on a command is not the one that takes its whole group away."""
SPACE = 2
"""Cells between two commands."""


class Button(NamedTuple):
    """A command's place: its key, a space, its name."""

    x: int
    y: int
    key: str
    command: Command

    @property
    def width(self) -> int:
        """Cells of key and name."""
        return cell_width(self.key) + 1 + cell_width(self.command.name)


class RibbonLayout(NamedTuple):
    """Buttons; the lines between groups; the groups' names with their place."""

    buttons: tuple[Button, ...] = ()
    lines: tuple[int, ...] = ()
    captions: tuple[tuple[int, str], ...] = ()
    width: int = 0


def lay_out(keys: Mapping[str, str], width: int, rows: int) -> RibbonLayout:
    """Place as many commands as fit; `keys` has each command's key as a person reads it, by id."""
    known = [command for command in commands(Scope.HOME, Scope.APP) if command.group in RIBBON]
    wide = {command.id: cell_width(keys[command.id]) + 1 + cell_width(command.name) for command in known}
    captions = {group: cell_width(_(group)) if rows > 1 else 0 for group in RIBBON}

    def taken(some: Sequence[Command]) -> int:
        return _width(some, wide, captions, rows)

    shown = [command for command in known if command.weight or rows > 1]
    left_out: list[Command] = []
    while shown and taken(shown) > width:
        left_out.append(_least(shown, rows))
        shown.remove(left_out[-1])
    ids = {command.id for command in shown}
    for command in sorted(left_out, key=lambda command: -command.weight):  # a second line may have room for some
        more = [each for each in known if each.id in ids or each is command]
        if taken(more) <= width:
            shown, ids = more, ids | {command.id}
    return _place(shown, keys, rows) if shown else RibbonLayout()


def _least(shown: Sequence[Command], rows: int) -> Command:
    """The command to leave out first: of least weight, but for the last one of a group that has something to say."""
    sizes = Counter(command.group for command in shown)
    return min(
        reversed(shown),
        key=lambda command: (
            rows > 1 and sizes[command.group] == 1 and command.weight >= WEIGHTY,
            command.weight,
        ),
    )


def _width(shown: Sequence[Command], wide: Mapping[str, int], captions: Mapping[Group, int], rows: int) -> int:
    """The cells that `_place` will take, without placing: it is asked for each command that may have to go."""
    x = 1
    for members in grouped(shown).values():
        columns = [max(wide[each.id] for each in members[n : n + rows]) for n in range(0, len(members), rows)]
        x += max(sum(columns) + SPACE * (len(columns) - 1), captions[members[0].group]) + 3
    return x - 2


def _place(shown: Sequence[Command], keys: Mapping[str, str], rows: int) -> RibbonLayout:
    """In cells from the left edge: groups side by side, their commands in columns of `rows`."""
    buttons: list[Button] = []
    lines: list[int] = []
    captions: list[tuple[int, str]] = []
    groups = grouped(shown)
    x = 1
    for group in RIBBON:
        if group not in groups:
            continue
        if captions:
            lines.append(x - 2)
        start = x
        for first in range(0, len(groups[group]), rows):
            column = groups[group][first : first + rows]
            placed = [Button(x, y, keys[command.id], command) for y, command in enumerate(column)]
            buttons += placed
            x += max(button.width for button in placed) + SPACE
        end = max(x - SPACE, start + cell_width(_(group)) if rows > 1 else 0)
        captions.append((start, _(group)))
        x = end + 3
    return RibbonLayout(tuple(buttons), tuple(lines), tuple(captions), x - 2)


class Ribbon(CanvasWidget):
    """Draws the layout; a click runs the command."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.current = ""
        """The id of the view's command, which is marked."""
        self.off: frozenset[str] = frozenset()
        """Ids of commands that cannot be used now."""
        self.layout_now = RibbonLayout()
        self._laid_out = (0, 0)

    def show(self, current: str, off: frozenset[str]) -> None:
        """What is marked, and what cannot be used now."""
        if (current, off) != (self.current, self.off):
            self.current, self.off = current, off
            self.redraw()

    def draw(self, width: int, height: int) -> Canvas:
        """Commands, lines, and the groups' names where there are three lines."""
        canvas = Canvas(width, height, Ink("ribbon"))
        rows = ROWS if height > ROWS else 1
        if self._laid_out != (width, rows):
            keymap = self.partagenda.keymap
            keys = {command.id: keymap.name(command) for command in commands(Scope.HOME, Scope.APP)}
            self.layout_now, self._laid_out = lay_out(keys, width, rows), (width, rows)
        layout = self.layout_now
        line = self.partagenda.marks.group_line
        for x in layout.lines:
            for y in range(height):
                canvas.put(x, y, line, Ink("ribbon.line"))
        for button in layout.buttons:
            self._draw_button(canvas, button)
        if rows > 1:
            for x, name in layout.captions:
                canvas.put(x, ROWS, name, Ink("ribbon.caption"))
        return canvas

    def _draw_button(self, canvas: Canvas, button: Button) -> None:
        off = button.command.id in self.off
        name = "ribbon.off" if off else "ribbon.on" if button.command.id == self.current else "ribbon"
        canvas.put(button.x, button.y, button.key, Ink("ribbon.off" if off else "ribbon.key"))
        canvas.put(button.x + cell_width(button.key) + 1, button.y, button.command.name, Ink(name))

    async def on_click(self, event: Click) -> None:
        """Run the command under the mouse."""
        for button in self.layout_now.buttons:
            if button.y == event.y and button.x <= event.x < button.x + button.width:
                event.stop()
                await self.partagenda.action_run(button.command.id)
                return
