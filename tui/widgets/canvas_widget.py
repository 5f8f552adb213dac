"""A widget that is drawn on a canvas by the line API. Which cells are sent is decided by `tui.picture`."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.events import Resize
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from tui.widgets.canvas import BASE, Canvas, Ink, changed_lines
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
        self._lines: dict[int, Strip] = {}
        self._palette: Palette | None = None
        self._drawn_focused = False
        self._focus_to_come: bool | None = None
        self._ground: Color | None = None
        self._styles: dict[Ink, Style] = {}
        """How inks look on `_styles_on`, filtered."""
        self._styles_on: Color | None = None
        self._held = False

    @abstractmethod
    def draw(self, width: int, height: int) -> Canvas:
        """The whole widget as it is now."""

    @property
    def partagenda(self) -> PartagendaApp:
        """The app with its own type."""
        app: PartagendaApp = self.app  # type: ignore[assignment]
        return app

    @property
    def lit(self) -> bool:
        """Whether it is drawn as what has the focus."""
        return self.has_focus if self._focus_to_come is None else self._focus_to_come

    def foresee_focus(self, *, here: bool) -> None:
        """The focus will come (or go): show it now. Textual says so to each widget for itself, frames later."""
        if here != self.lit:
            self._focus_to_come = here
            self.redraw()

    def watch_has_focus(self, focused: bool) -> None:
        """Nothing has to be foreseen any more."""
        self._focus_to_come = None
        super().watch_has_focus(focused)

    @contextmanager
    def drawn_once(self) -> Iterator[None]:
        """Whatever asks for a redraw inside of this: one picture comes of it, at the end."""
        self._held = True
        try:
            yield
        finally:
            self._held = False
            self.redraw()

    def redraw(self) -> None:
        """Draw again, and have the lines shown again that differ from what was drawn before."""
        if self._held:
            return
        if self.partagenda.put_off.due:
            self.partagenda.put_off.add(self._draw_again)
        else:
            self._draw_again()

    def _draw_again(self) -> None:
        if not self.is_attached:
            return
        self.partagenda.put_off.drop(self._draw_again)
        width, height = self.size
        if not width or not height or self.partagenda.behind_curtain:
            return
        self._drawn_focused, self._ground = self.lit, None
        old, new = self._canvas, self.draw(width, height)
        self._canvas = new
        found = changed_lines(old, new)
        for first, count in found:
            for y in range(first, first + count):
                self._lines.pop(y, None)
        if old is None:
            super().refresh()
        elif found:
            super().refresh(*(Region(0, first, width, count) for first, count in found))

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """As any widget's; but where only the whole would be sent again without a reason (the focus came or went),
        it is compared first."""
        whole = repaint and not regions and not layout and not recompose
        if whole and self._canvas is not None and self._palette is self.partagenda.palette:
            if self._drawn_focused != self.lit:  # Textual asks more than once for a focus that moves
                self.redraw()
            return self
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines of a region. There is no border and no padding, so nothing is added to them."""
        if self.partagenda.behind_curtain:
            return [Strip.blank(crop.width)] * crop.height
        if self._canvas is None:
            self._canvas = self.draw(*self.size)
        lines: list[Strip] = [self.render_line(y) for y in crop.line_range]
        if crop.x or crop.width != self.size.width:
            return [line.crop(crop.x, crop.right) for line in lines]
        return lines

    def render_line(self, y: int) -> Strip:
        """One line, from the canvas."""
        palette = self.partagenda.palette
        if palette is not self._palette:
            self._palette, self._ground = palette, None
            self._lines.clear()
            self._styles.clear()
        line = self._lines.get(y)
        if line is None:
            line = self._lines[y] = self._line(y, palette)
        return line

    def _line(self, y: int, palette: Palette) -> Strip:
        canvas, width = self._canvas, self.size.width
        if self._ground is None:
            self._ground = self.background_colors[1]
            if self._ground != self._styles_on:
                self._styles.clear()
                self._styles_on = self._ground
        styles, segments = self._styles, []
        for text, ink in [(" " * width, BASE)] if canvas is None or y >= canvas.height else canvas.runs(y):
            style = styles.get(ink)
            segments.append(Segment(text, self._style(ink, palette) if style is None else style))
        return Strip(segments, width)

    def _style(self, ink: Ink, palette: Palette) -> Style:
        """An ink as Textual's filters leave it; they look at the style and what is behind it, never at the text."""
        segments = [Segment(" ", palette.style(ink))]
        for line_filter in self.get_line_filters():
            segments = line_filter.apply(segments, self._ground or self.background_colors[1])
        style = self._styles[ink] = segments[0].style or Style.null()
        return style

    def on_resize(self, _event: Resize) -> None:
        """Another size: everything is drawn anew."""
        self._canvas = None
        self._lines.clear()
        self.redraw()
