"""Lines that cost little: what a terminal shows after them is what a whole line would show."""

from __future__ import annotations

import pyte
from hypothesis import given
from hypothesis import strategies as st
from rich.color import ColorSystem
from rich.console import Console
from rich.segment import Segment
from rich.style import Style

from tui.widgets.canvas import Canvas, Ink, changes
from tui.widgets.line_strip import LineStrip, codes_of, render_pieces

WIDTH = 24
CONSOLE = Console(color_system="truecolor", force_terminal=True)
STYLES = {
    "plain": Style.parse("#ffffff on #000000"),
    "event": Style.parse("#ffffff on #224466"),
    "mark": Style.parse("#88aaff on #224466"),
    "chosen": Style.parse("bold reverse #ffffff on #000000"),
    "line": Style.parse("underline #ffffff on #000000"),
    "none": Style.null(),
}


def _strip(canvas: Canvas, runs: dict[int, int] | None = None) -> LineStrip:
    return LineStrip([Segment(text, STYLES[ink.role]) for text, ink in canvas.runs(0)], canvas.width, runs)


def _seen(*writes: str) -> list[tuple[object, ...]]:
    """What a terminal shows after these writes, each from the line's begin; the colour of a blank cannot be seen."""
    screen = pyte.Screen(WIDTH, 1)
    stream = pyte.Stream(screen)
    for text in writes:
        stream.feed("\x1b[1;1H" + text)
    cells = (screen.buffer[0][x] for x in range(WIDTH))
    return [
        (c.data, c.bg, c.reverse, c.underscore, (c.fg, c.bold) if c.data.strip() or c.reverse or c.underscore else None)
        for c in cells
    ]


_PIECES = st.lists(
    st.tuples(st.text(st.sampled_from("ab ▌日"), min_size=1, max_size=6), st.sampled_from(list(STYLES))), max_size=6
)


def _canvas(pieces: list[tuple[str, str]]) -> Canvas:
    canvas, x = Canvas(WIDTH, 1, Ink("plain")), 0
    for text, role in pieces:
        canvas.put(x, 0, text, Ink(role))
        x += len(text)
    return canvas


@given(_PIECES)
def test_fewer_colour_changes_show_the_same(pieces):
    canvas = _canvas(pieces)
    whole = "".join(
        f"\x1b[{codes_of(STYLES[ink.role], ColorSystem.TRUECOLOR).all}m{text}" for text, ink in canvas.runs(0)
    )
    assert _seen(_strip(canvas).render(CONSOLE)) == _seen(whole)


@given(_PIECES, _PIECES)
def test_changed_runs_alone_turn_the_old_line_into_the_new_one(before, after):
    old, new = _canvas(before), _canvas(after)
    runs = {change.x + change.width: change.x for change in changes(old, new)}
    strip = _strip(new, dict(runs))
    parts = [strip.crop(0, end).render(CONSOLE) for end in runs]
    assert _seen(_strip(old).render(CONSOLE), *parts) == _seen(_strip(new).render(CONSOLE))


def test_a_run_leaves_out_what_stands_before_it():
    strip = _strip(_canvas([("aaaaaaaaaa", "plain"), ("b", "mark")]), {11: 10})
    assert strip.crop(0, 11).render(CONSOLE).startswith("\x1b[10C")


def test_a_run_is_left_out_once_only():
    strip = _strip(_canvas([("aaaaaaaaaa", "plain"), ("b", "mark")]), {11: 10})
    strip.crop(0, 11)
    assert "aaaaaaaaaa" in strip.crop(0, 11).render(CONSOLE)


def test_a_whole_line_is_sent_whole_whatever_changed():
    strip = _strip(_canvas([("aaaaaaaaaa", "plain"), ("b", "mark")]), {11: 10})
    assert "aaaaaaaaaa" in strip.render(CONSOLE)


def test_a_strip_is_pending_until_something_of_it_was_sent():
    strip = _strip(_canvas([("ab", "plain")]), {2: 1})
    assert strip.pending
    strip.crop(0, 2)
    assert not strip.pending


def test_only_the_colour_that_differs_is_sent():
    system = ColorSystem.TRUECOLOR
    text = render_pieces([("▌", codes_of(STYLES["mark"], system)), ("a", codes_of(STYLES["event"], system))])
    assert text.endswith("▌\x1b[38;2;255;255;255ma\x1b[0m")
