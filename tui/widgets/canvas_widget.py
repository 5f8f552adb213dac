"""A widget that is drawn on a canvas by the line API and sends only the cells that changed."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Self

from rich.segment import Segment
from textual.events import Resize
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from tui.widgets.canvas import BASE, Canvas, changes
from tui.widgets.palette import Palette

if TYPE_CHECKING:
    from tui.app import PartagendaApp


class CanvasWidget(Widget):
    """Subclasses say what they look like (`draw`); `redraw` is called whenever that may have changed.

    Cells, not widgets, make up the calendar: two week grids of widgets took 2.3 s to start, lines 0.2 s (trap 28).
    """

    ALLOW_SELECT = False

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._canvas: Canvas | None = None
        self._strips: dict[int, Strip] = {}
        self._palette: Palette | None = None

    @abstractmethod
    def draw(self, width: int, height: int) -> Canvas:
        """The whole widget as it is now."""

    @property
    def partagenda(self) -> PartagendaApp:
        """The app with its own type."""
        app: PartagendaApp = self.app  # type: ignore[assignment]
        return app

    def redraw(self) -> None:
        """Draw again, and have the cells sent that differ from what was drawn before."""
        width, height = self.size
        if not width or not height:
            return
        old, new = self._canvas, self.draw(width, height)
        self._canvas = new
        found = changes(old, new)
        for change in found:
            self._strips.pop(change.y, None)
        if old is None:
            super().refresh()
        elif found:
            super().refresh(*(Region(change.x, change.y, change.width, 1) for change in found))

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """As any widget's; but where only the whole would be sent again without a reason (the focus came or went),
        it is compared first."""
        whole = repaint and not regions and not layout and not recompose
        if whole and self._canvas is not None and self._palette is self.partagenda.palette:
            self.redraw()
            return self
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def render_line(self, y: int) -> Strip:
        """One line, from the canvas."""
        palette = self.partagenda.palette
        if palette is not self._palette:
            self._palette = palette
            self._strips.clear()
        strip = self._strips.get(y)
        if strip is None:
            strip = self._strips[y] = self._strip(y, palette)
        return strip

    def _strip(self, y: int, palette: Palette) -> Strip:
        canvas = self._canvas
        if canvas is None or y >= canvas.height:
            return Strip.blank(self.size.width, palette.style(BASE))
        return Strip([Segment(text, palette.style(ink)) for text, ink in canvas.runs(y)], canvas.width)

    def on_resize(self, _event: Resize) -> None:
        """Another size: everything is drawn anew."""
        self._canvas = None
        self._strips.clear()
        self.redraw()
