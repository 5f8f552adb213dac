"""What is sent costs little, and the terminal then shows what it would show had everything been sent."""

from __future__ import annotations

import pyte
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from tui.picture import Picture
from tui.sgr import RESET, Codes, change

WIDTH, HEIGHT = 24, 3
NO_WRAP = "\x1b[?7l"
"""As Textual sets the terminal; else pyte scrolls when a combining mark comes behind the last cell."""
CONSOLE = Console(color_system="truecolor", force_terminal=True)
STYLES = {
    "default": Style.null(),
    "red": Style.parse("red"),
    "plain": Style.parse("#ffffff on #000000"),
    "event": Style.parse("#ffffff on #224466"),
    "mark": Style.parse("#88aaff on #224466"),
    "bold": Style.parse("bold #88aaff on #224466"),
    "chosen": Style.parse("bold reverse #ffffff on #000000"),
    "line": Style.parse("underline #ffffff on #000000"),
}
Pieces = list[tuple[str, str]]


def _strip(pieces: Pieces) -> Strip:
    segments = [Segment(text, STYLES[style]) for text, style in pieces]
    return Strip(segments).adjust_cell_length(WIDTH, STYLES["plain"])


def _update(lines: list[Pieces]) -> LayoutUpdate:
    return LayoutUpdate([[_strip(pieces)] for pieces in lines], Region(0, 0, WIDTH, len(lines)))


def _seen(*writes: str) -> list[list[tuple[object, ...]]]:
    """What a terminal shows after these writes; the colour of a blank cannot be seen."""
    screen = pyte.Screen(WIDTH, HEIGHT)
    stream = pyte.Stream(screen)
    stream.feed(NO_WRAP)
    for text in writes:
        stream.feed(text)
    rows = [[screen.buffer[y][x] for x in range(WIDTH)] for y in range(HEIGHT)]
    return [[_cell(cell) for cell in row] for row in rows]


def _cell(cell: pyte.screens.Char) -> tuple[object, ...]:
    shows = cell.data.strip() or cell.reverse or cell.underscore
    return (cell.data, cell.bg, cell.reverse, cell.underscore, (cell.fg, cell.bold) if shows else None)


_TEXT = st.text(st.sampled_from("ab ▌日é"), min_size=1, max_size=6) | st.just("e\u0301")
_LINE = st.lists(st.tuples(_TEXT, st.sampled_from(list(STYLES))), max_size=6)
_LINES = st.lists(_LINE, min_size=HEIGHT, max_size=HEIGHT)


@given(_LINES)
def test_fewer_escapes_show_the_same(lines):
    whole = "".join(f"\x1b[{y + 1};1H" + _strip(pieces).render(CONSOLE) for y, pieces in enumerate(lines))
    assert _seen(Picture().difference(_update(lines), CONSOLE)) == _seen(whole)


@given(_LINES, _LINES)
def test_the_difference_turns_the_old_picture_into_the_new_one(before, after):
    picture = Picture()
    sent = [picture.difference(_update(lines), CONSOLE) for lines in (before, after)]
    assert _seen(*sent) == _seen(Picture().difference(_update(after), CONSOLE))


@given(_LINES)
def test_what_is_there_is_not_sent_again(lines):
    picture = Picture()
    picture.difference(_update(lines), CONSOLE)
    assert picture.difference(_update(lines), CONSOLE) == ""


def test_a_forgotten_picture_is_sent_whole():
    picture = Picture()
    first = picture.difference(_update([[("Review", "event")]]), CONSOLE)
    picture.forget()
    assert picture.difference(_update([[("Review", "event")]]), CONSOLE) == first


def test_of_a_line_only_the_changed_character_is_sent():
    picture = Picture()
    picture.difference(_update([[("Review at 9", "event")]]), CONSOLE)
    sent = picture.difference(_update([[("Review at 8", "event")]]), CONSOLE)
    assert sent == "\x1b[1;11H".join(["\x1b[38;2;255;255;255;48;2;34;68;102m", "8\x1b[0m"])


def test_a_colour_is_set_once_for_all_cells_that_have_it():
    lines: list[Pieces] = [[("▌", "mark"), ("Review", "event")]] * HEIGHT
    sent = Picture().difference(_update(lines), CONSOLE)
    assert sent.count("38;2;136;170;255") == 1


def test_text_whose_width_is_not_that_of_its_characters_is_sent_as_it_is():
    family = "\N{MAN}\u200d\N{WOMAN}"
    strip = Strip([Segment(family, STYLES["plain"])], 3)
    update = LayoutUpdate([[strip]], Region(2, 0, 3, 1))
    picture = Picture()
    assert [family in picture.difference(update, CONSOLE) for _time in range(2)] == [True, True]


def test_only_the_colour_that_differs_is_sent():
    now = Codes((), "38;5;1", "48;5;2")
    assert change(now, Codes((), "38;5;3", "48;5;2"))[0] == "\x1b[38;5;3m"


def test_a_blank_needs_no_foreground():
    now = Codes(("1",), "38;5;1", "48;5;2")
    assert change(now, Codes((), "", "48;5;3")) == ("\x1b[48;5;3m", Codes(("1",), "38;5;1", "48;5;3"))


def test_a_blank_after_underlined_text_is_not_underlined():
    assert change(Codes(("4",), "39", "49"), Codes((), "", "49")) == ("\x1b[0m", RESET)


def test_a_terminal_without_unicode_gets_ascii():
    sent = Picture(ascii_only=True).difference(_update([[("▌Réunion…", "event")]]), CONSOLE)
    assert "|Reunion." in sent
