"""Where the keys go, without colours: what is marked is reversed, on every kind of list, box and button."""

from __future__ import annotations

import pytest

NO_COLOUR = {"NO_COLOR": "1", "LANG": "C.UTF-8"}


def reversed_text(app) -> str:
    """All that stands reversed on the screen, line by line."""
    lines = (
        "".join(segment.text for segment in strip if segment.style and segment.style.reverse)
        for strip in app.screen._compositor.render_strips()
    )
    return "\n".join(line.strip() for line in lines if line.strip())


@pytest.mark.parametrize(
    ("keys", "seen"),
    [
        ((":", "down"), "Calendar Properties…"),
        (("slash", *"a", "backspace", *"plan"), "Planning"),
        (("a", *"x", "enter", "H"), "Added “x”"),
        (("e", "tab", "space", "down"), "Tomorrow"),
        (("e", "tab", "tab", "tab"), "working hours"),
        (("Y",), "Cancel"),
        (("Y", "left"), "Delete"),
        (("F",), "AM – "),
    ],
)
async def test_what_is_marked_is_seen_without_colours(whole_app, services, press, keys, seen):
    async with whole_app(services, (80, 24), env=NO_COLOUR) as (app, pilot):
        await press(app, pilot, *keys)
        assert seen in reversed_text(app)
