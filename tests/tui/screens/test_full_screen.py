"""What pages have in common."""

from __future__ import annotations

import pytest


def contrast(style) -> float:
    """As WCAG counts it."""
    light, dark = sorted((_luminance(style.color), _luminance(style.bgcolor)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour) -> float:
    parts = [channel / 255 for channel in colour.triplet]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", ["midnight", "daylight", "contrast"])
async def test_a_button_that_cannot_be_pressed_now_can_be_read(whole_app, services, press, theme):
    async with whole_app(services, (80, 24), theme=theme) as (app, pilot):
        await press(app, pilot, "G")
        assert app.screen.query_one("#show").disabled
        strips = app.screen._compositor.render_strips()
        row = next(strip for strip in strips if any("ddresses…" in one.text for one in strip))
        disabled, back = (
            contrast(next(one.style for one in row if name in one.text)) for name in ("ddresses…", "Back")
        )
        assert disabled > 3
        assert back > 1.4 * disabled, "and is told from one that can"
