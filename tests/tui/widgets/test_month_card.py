"""The small month below the list."""

from __future__ import annotations

from datetime import date

from core.language import use_language
from tui.widgets.month_card import HEIGHT, WIDTH, paint_card

DAY, TODAY = date(2026, 11, 18), date(2026, 11, 20)


def _role(canvas, day: int) -> str:
    for y in range(2, HEIGHT):
        x = canvas.line(y).find(f"{day:2}")
        if x >= 0:
            return canvas.inks[y][x].role
    raise AssertionError(day)


def test_it_has_the_month_of_the_day():
    canvas = paint_card(DAY, TODAY, (), frozenset())
    assert "November 2026" in canvas.line(0)
    assert canvas.line(2).startswith(" 1  2  3")
    assert (canvas.width, canvas.height) == (WIDTH, HEIGHT)


def test_french_months_begin_on_monday():
    use_language("fr")
    assert paint_card(DAY, TODAY, (), frozenset()).line(1).startswith("lu ma")


def test_busy_days_differ_by_more_than_colour():
    canvas = paint_card(DAY, TODAY, (), frozenset({date(2026, 11, 3)}))
    assert (_role(canvas, 3), _role(canvas, 4)) == ("card.busy", "card")


def test_the_days_of_the_week_that_is_shown_have_another_ground():
    canvas = paint_card(DAY, TODAY, (date(2026, 11, 17), DAY, date(2026, 11, 20)), frozenset())
    assert (_role(canvas, 17), _role(canvas, 18), _role(canvas, 20)) == (
        "card.shown",
        "cursor.text",
        "card.today.shown",
    )
