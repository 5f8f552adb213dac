"""A long text to read: drawn line by line, so that the source of a whole year's calendar opens at once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from core.language import N_
from core.values import dataclass
from tui.text import cell_width, clean

KINDS = ("title", "rule", "quiet", "warning", "good")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the text; `kind` is one of KINDS or empty. A long one goes on `hang` cells in, or as indented."""

    text: str
    kind: str = ""
    hang: int = 0


def table(rows: Sequence[tuple[str, str]]) -> list[Line]:
    """Labels on the left, what they say on the right; rows that say nothing are left out."""
    width = max((cell_width(label) for label, _text in rows), default=0) + 2
    return [
        Line(label + " " * (width - cell_width(label)) + " ".join(text.split()), hang=width)
        for label, text in rows
        if text.strip()
    ]


def wrapped(text: str, width: int, hang: int = 0) -> list[str]:
    """The text in lines of at most `width` cells, cut between words where possible."""
    if cell_width(text) <= width or width < 8:
        return [text]
    bare = text.lstrip(" ")
    start = hang or min(len(text) - len(bare), width // 2)
    indent = " " * min(start + (2 if bare.startswith("• ") else 0), width // 2)
    lines, current = [], text[:start]
    for word in filter(None, text[start:].split(" ")):
        begin, left = 0, cell_width(word)
        while begin < len(word) and cell_width(current) + left > width and len(indent) + left > width:
            room = width - cell_width(current)
            end = _fitting(word, room, begin)
            if end == begin and not current.strip():
                end += 1  # a character that is wider than the whole line
            lines.append((current + word[begin:end]).rstrip())
            left -= cell_width(word[begin:end])
            current, begin = indent, end
        if current.strip() and cell_width(current) + left > width:
            lines.append(current.rstrip())
            current = indent
        if begin < len(word):
            current += word[begin:] + " "
    return [*lines, current.rstrip()] if current.strip() else lines


def _fitting(word: str, room: int, begin: int) -> int:
    """Where that part of a word ends which begins there and takes at most `room` cells.

    It looks at no more of the word than it must: that may be a million letters long.
    """
    if room < 0:
        return begin
    if word[begin : begin + room + 1].isascii():  # with what comes after, which may combine with it
        return min(begin + room, len(word))
    size = room + 16
    while begin + size < len(word) and cell_width(word[begin : begin + size]) <= room:
        size *= 2
    ends = range(begin, min(begin + size, len(word)) + 1)
    return ends[bisect_right(ends, room, key=lambda end: cell_width(word[begin:end])) - 1]


class TextView(ScrollView, can_focus=True):
    """Read-only lines with keys to scroll. Text is cleaned here; nothing in it is markup."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"text-view--{kind}" for kind in KINDS}
    DEFAULT_CSS = """
    TextView {
        height: 1fr; background: $surface; color: $foreground; padding: 0 1; scrollbar-size-vertical: 1;
        overflow-x: hidden; overflow-y: auto;
        & > .text-view--title { text-style: bold; color: $primary; }
        & > .text-view--rule { text-style: dim; }
        & > .text-view--quiet { text-style: dim; }
        & > .text-view--warning { color: $text-warning; text-style: bold; }
        & > .text-view--good { color: $text-success; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "scroll_down", N_("Down"), id="text.down", show=False),
        Binding("k", "scroll_up", N_("Up"), id="text.up", show=False),
        Binding("space", "page_down", N_("Page down"), id="text.page-down", show=False),
        Binding("u", "page_up", N_("Page up"), id="text.page-up", show=False),
    ]

    def __init__(self, lines: Iterable[Line] = (), *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._lines: Sequence[Line] = tuple(lines)
        self._drawn: list[Line] = []

    def show(self, lines: Iterable[Line]) -> None:
        """Another text, from its beginning."""
        self._lines = tuple(lines)
        self._wrap()
        self.scroll_to(0, 0, animate=False)

    @property
    def text(self) -> str:
        """The lines as they are drawn."""
        return "\n".join(line.text for line in self._drawn)

    def lines_needed(self) -> int:
        """How many lines the text takes in its width of now, though it was not told of it yet."""
        self._wrap()
        return len(self._drawn)

    def on_resize(self, event: events.Resize) -> None:
        """Other widths break lines elsewhere."""
        self._wrap()

    def _wrap(self) -> None:
        """Where the lines do not all fit, a cell is left to the scrollbar: showing it sends no Resize."""
        room = self.outer_size - self.gutter.totals
        width = max(room.width, 1)
        self._drawn = self._broken(width)
        if len(self._drawn) > room.height:
            width = max(room.width - self.styles.scrollbar_size_vertical, 1)
            self._drawn = self._broken(width)
        self.virtual_size = Size(width, len(self._drawn))
        self.refresh()

    def _broken(self, width: int) -> list[Line]:
        return [
            Line(part, line.kind)
            for line in self._lines
            for raw in clean(line.text, newline=True).split("\n")
            for part in wrapped(raw, width, line.hang)
        ]

    def render_line(self, y: int) -> Strip:
        """The line that stands there now."""
        at = y + int(self.scroll_offset.y)
        width = self.scrollable_content_region.width
        style = self.rich_style
        if at >= len(self._drawn):
            return Strip.blank(width, style)
        line = self._drawn[at]
        if line.kind:
            style += self.get_component_rich_style(f"text-view--{line.kind}", partial=True)
        return Strip([Segment(line.text, style)]).adjust_cell_length(width, self.rich_style)

    def action_scroll_down(self) -> None:
        """A line down; without animation, as everything here."""
        self.scroll_relative(y=1, animate=False)

    def action_scroll_up(self) -> None:
        """A line up."""
        self.scroll_relative(y=-1, animate=False)

    def action_page_down(self) -> None:
        """A page down."""
        self.scroll_relative(y=self.size.height - 1, animate=False)

    def action_page_up(self) -> None:
        """A page up."""
        self.scroll_relative(y=1 - self.size.height, animate=False)

    def action_scroll_home(self) -> None:
        """To the beginning."""
        self.scroll_to(0, 0, animate=False)

    def action_scroll_end(self) -> None:
        """To the end."""
        self.scroll_to(0, self.virtual_size.height, animate=False)
