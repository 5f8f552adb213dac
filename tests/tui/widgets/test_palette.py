"""Ink to style."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.color import Color

from tui.theming import SHIPPED, read, shipped_folder
from tui.widgets.canvas import Ink
from tui.widgets.palette import _ROLES, Palette

EVENT_ROLES = (
    "event",
    "event.second",
    "event.free",
    "event.mark",
    "event.mark.solid",
    "event.selected",
    "event.cancelled",
    "list.mark",
)


def _palette(name: str) -> Palette:
    theme = read(shipped_folder() / f"{name}.toml").theme
    return Palette(theme.to_color_system().generate(), ansi=theme.ansi)


@pytest.mark.parametrize("name", SHIPPED)
def test_every_role_has_a_style_in_every_theme(name: str):
    palette = _palette(name)
    assert all(palette.style(Ink(role)) is not None for role in _ROLES)
    assert all(palette.style(Ink(role, "#3366cc")) is not None for role in EVENT_ROLES)


@pytest.mark.parametrize("name", ["midnight", "daylight", "contrast"])
@pytest.mark.parametrize("role", ["base", "side", "status", "title.focused", "ribbon", "list", "gutter", "head"])
def test_text_can_be_read_on_its_ground(name: str, role: str):
    style = _palette(name).style(Ink(role))
    assert _contrast(style) >= 3.0


@pytest.mark.parametrize("name", ["midnight", "daylight", "contrast"])
@pytest.mark.parametrize("colour", ["1", "2", "3", "4", "5", "6", "7", "8", "#ffff00", "#000000", "#ffffff", "#00ff00"])
@pytest.mark.parametrize("role", ["event", "event.second", "event.selected"])
def test_titles_can_be_read_in_any_calendar_s_colour(name: str, colour: str, role: str):
    assert _contrast(_palette(name).style(Ink(role, colour))) >= 3.0


def test_the_terminal_s_theme_uses_the_sixteen_colours_only():
    palette = _palette("terminal")
    inks = [Ink(role) for role in _ROLES] + [Ink(role, "#ab34ef") for role in EVENT_ROLES]
    colours = [colour for ink in inks for colour in (palette.style(ink).color, palette.style(ink).bgcolor) if colour]
    assert colours
    assert all(colour.triplet is None and (colour.number is None or colour.number < 16) for colour in colours)


def test_a_chosen_event_is_reversed_where_there_are_no_colours():
    assert _palette("terminal").style(Ink("event.selected", "1")).reverse


def test_a_calendar_s_own_colour_becomes_the_nearest_of_the_terminal():
    palette = _palette("terminal")
    assert palette.calendar("#58a65c") == Color.parse("ansi_green")


def test_a_theme_without_our_variables_is_mixed(tmp_path: Path):
    file = tmp_path / "small.toml"
    file.write_text('name = "small"\nprimary = "#336699"\nbackground = "#000000"\nforeground = "#ffffff"\n')
    palette = Palette(read(file).theme.to_color_system().generate())
    assert palette.style(Ink("grid.work")).bgcolor != palette.style(Ink("grid.off")).bgcolor


def test_a_colour_that_nobody_can_read_is_grey():
    assert _palette("midnight").calendar("#nonsense") == Color(128, 128, 128)


def _contrast(style) -> float:
    def luminance(colour) -> float:
        parts = [channel / 255 for channel in colour.triplet]
        linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(style.color), luminance(style.bgcolor)), reverse=True)
    return (light + 0.05) / (dark + 0.05)
