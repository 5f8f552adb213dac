"""Still lines, at most one a second, and none where nobody looks."""

import io

import pytest

from core.errors import Cancelled
from tui.cli.progress import StillProgress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Watch:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_short_work_says_nothing():
    screen, watch = Terminal(), Watch()
    progress = StillProgress(screen, watch)
    for n in range(100):
        watch.now = n / 1000
        progress(n, 100, "importing")
    assert screen.getvalue() == ""


def test_long_work_says_a_line_a_second():
    screen, watch = Terminal(), Watch()
    progress = StillProgress(screen, watch)
    for n in range(100):
        watch.now = n / 10
        progress(n, 100, "importing")
    lines = screen.getvalue().splitlines()
    assert len(lines) == 9
    assert lines[0] == "importing: 10 of 100"


def test_a_line_is_text_and_nothing_that_moves_the_cursor():
    screen, watch = Terminal(), Watch()
    progress = StillProgress(screen, watch)
    watch.now = 5.0
    progress(1, 0, "reading \x1b[2J\r")
    assert screen.getvalue().rstrip("\n").isprintable()


def test_where_nobody_looks_nothing_is_written():
    stream, watch = io.StringIO(), Watch()
    progress = StillProgress(stream, watch)
    watch.now = 5.0
    progress(1, 2, "importing")
    assert stream.getvalue() == ""


def test_after_ctrl_c_the_next_report_ends_the_work():
    progress = StillProgress(io.StringIO())
    progress.stop()
    with pytest.raises(Cancelled):
        progress(1, 2, "importing")
