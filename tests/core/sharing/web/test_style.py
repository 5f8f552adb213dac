"""The colours of the page can be read by everybody, and its style sheet fetches nothing and moves nothing."""

from __future__ import annotations

import re

import pytest

from core.sharing.web.style import style_sheet

SHEET = style_sheet(("t0", "z12", "l1-3-1"))
LIGHT, DARK = (
    dict(re.findall(r"--(\w+):(#[0-9a-f]{3,6})", found)) for found in re.findall(r":root\{(--p.*?)\}", SHEET)
)
ON = [(ink, ground) for ground in ("p", "c", "g", "bt", "tt", "ot", "wt", "ft") for ink in ("i", "q")]


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, 1.4.3: 4.5 for text; 1.4.11: 3 for what must be told apart."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_text_has_contrast_on_every_ground(colours: dict[str, str]) -> None:
    low = {pair: contrast(colours[pair[0]], colours[pair[1]]) for pair in (*ON, ("a", "c"), ("c", "a"), ("a", "p"))}
    assert {pair: round(found, 2) for pair, found in low.items() if found < 4.5} == {}


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_bars_stand_out_from_the_page(colours: dict[str, str]) -> None:
    assert [name for name in "btowf" if contrast(colours[name], colours["c"]) < 3] == []


def test_nothing_is_fetched_and_nothing_moves() -> None:
    assert not re.search(r"url\(|@import|animation|transition|@keyframes|scroll-behavior|blink", SHEET)


def test_places_become_rules() -> None:
    assert ".q .t0{top:0rem}" in SHEET
    assert ".q .z12{height:3rem}" in SHEET
    assert "left:33.33%;width:33.33%" in SHEET


def test_a_place_of_another_form_is_refused() -> None:
    with pytest.raises(ValueError, match="x1"):
        style_sheet(("x1",))
