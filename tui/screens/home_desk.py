"""The desk of the home screen: the list of calendars with a month below it, and the panes beside them."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.geometry import Size

from tui.widgets.calendar_list import CalendarList
from tui.widgets.calendar_pane import CalendarPane
from tui.widgets.month_card import HEIGHT as CARD_HEIGHT
from tui.widgets.month_card import WIDTH, MonthCard
from tui.widgets.time_grid import GUTTER
from tui.workspace import PLACES, Workspace

WIDE = 100
"""From this width on two panes stand side by side."""
ROOM_FOR = ((200, 4), (160, 3))
"""From these widths on there can be more of them."""
HIGH = 30
"""From this height on there are the ribbon's names of groups and the month below the list."""


class Desk(Horizontal):
    """Who is on the screen, and how wide. What stands where is said by the workspace."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(id="desk")
        self.workspace = workspace
        self.list = CalendarList(id="calendars")
        self.card = MonthCard(id="card")
        self.side = Vertical(self.list, self.card, id="side")
        self.panes = [CalendarPane(id="pane-1", classes="-active"), CalendarPane(id="pane-2")]
        self.single = False
        """One pane, as the person wished."""
        self.listed: bool | None = None
        """Whether the person wants the list; None: where there is room."""
        self.narrow = False
        self._room = Size(0, 0)

    def compose(self) -> ComposeResult:
        """List, month, panes."""
        yield self.side
        yield from self.panes

    @property
    def on_screen(self) -> list[CalendarPane]:
        """The panes on the screen: all of them, or the active one alone."""
        alone = self.workspace.overlay or self.single or self.narrow
        return [self.panes[self.workspace.active]] if alone else self.panes[: self.workspace.limit]

    async def match(self) -> None:
        """As many panes as there are places."""
        first = self.panes[0]
        while len(self.panes) > len(self.workspace.places):
            await self.panes.pop().remove()
        while len(self.panes) < len(self.workspace.places):
            pane = CalendarPane(id=f"pane-{len(self.panes) + 1}")
            pane.dress(first.look)
            pane.grid.scale, pane.grid.second = first.grid.scale, first.grid.second
            pane.suggest(first.grid.band, first.ghost)
            pane.number_weeks(on=first.look.weeks)
            self.panes.append(pane)
            await self.mount(pane)
        self.share_out()

    def fit_to(self, size: Size) -> None:
        """Another size of the terminal."""
        self._room = size
        self.narrow = size.width < WIDE
        self.workspace.limit = next((count for least, count in ROOM_FOR if size.width >= least), PLACES)
        self.workspace.active = min(self.workspace.active, self.workspace.limit - 1)
        self.share_out()

    def share_out(self) -> None:
        """Give every pane its cells: panes that move together need their hours once."""
        shown, listed = self.on_screen, not self.narrow if self.listed is None else self.listed
        self.side.display = listed
        self.card.display = self._room.height >= HIGH
        total = self._room.width - WIDTH * listed - (len(shown) - 1)
        hours = GUTTER * (2 if self.panes[0].grid.second else 1)
        once = hours if self.workspace.together and len(shown) > 1 else 0
        for number, pane in enumerate(self.panes):
            pane.set_class(number == self.workspace.active, "-active")
            pane.display = pane in shown
            first = pane is shown[0]
            pane.grid.gutter = hours if first or not once else 0
            pane.styles.width = "1fr" if pane is shown[-1] else (total - once) // len(shown) + once * first
            pane.styles.margin = (0, 0, 0, int(not first))


__all__ = ["CARD_HEIGHT", "HIGH", "WIDE", "Desk"]
