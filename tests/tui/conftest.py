"""A small app to push one screen on, the text that stands on it, and no grace period (but in its own tests)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from textual.app import App
from textual.screen import Screen


class Stage(App[None]):
    """Shows one screen and keeps what it ended with."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(self, make: Callable[[], Screen[Any]]) -> None:
        super().__init__()
        self._make = make
        self.ended = False
        self.answer: Any = None
        self.copied: list[str] = []

    def on_mount(self) -> None:
        self.animation_level = "none"
        self.push_screen(self._make(), self._end)

    def _end(self, answer: Any) -> None:
        self.ended, self.answer = True, answer

    def copy_to_clipboard(self, text: str) -> None:
        self.copied.append(text)
        super().copy_to_clipboard(text)


def screen_text(app: App[Any]) -> str:
    """What stands on the screen, line by line, without colour."""
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)


@pytest.fixture
def shown() -> Callable[[App[Any]], str]:
    return screen_text


@pytest.fixture
def stage():
    """`async with stage(make, size=…) as (app, pilot)`: the screen is mounted and settled."""

    @asynccontextmanager
    async def open_stage(make: Callable[[], Screen[Any]], size: tuple[int, int] = (80, 24)):
        app = Stage(make)
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            yield app, pilot

    return open_stage


@pytest.fixture(autouse=True)
def no_grace(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Tests press keys at once, which people do not."""
    import tui.screens.grace as grace

    monkeypatch.setattr(grace, "SECONDS", 0.0)
    yield
