"""The one door for errors."""

from __future__ import annotations

import logging

import pytest
from textual.app import App
from textual.widgets import Button

from core.errors import Cancelled, StorageError
from tui.reporting import reporting, show_notice


class _Deaf(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.notices: list[tuple[str, str, str]] = []

    def notify(self, message, *, title="", severity="information", timeout=None, markup=True):
        assert not markup
        self.notices.append((message, title, severity))


@pytest.fixture
def app() -> _Deaf:
    return _Deaf()


def test_our_errors_are_shown_with_their_hint(app):
    with reporting(app):
        raise StorageError("The disk is full.", "Make room.")
    assert app.notices == [("The disk is full.\nMake room.", "", "error")]


def test_what_was_stopped_is_no_error(app):
    with reporting(app):
        raise Cancelled("…")
    assert [severity for _text, _title, severity in app.notices] == ["information"]


def test_a_mistake_of_ours_is_logged_and_said(app, caplog):
    with caplog.at_level(logging.ERROR), reporting(app):
        raise KeyError("nonsense")
    assert "nonsense" in caplog.text
    assert app.notices[0][0] == "Something unexpected happened; the log has more."


def test_what_ends_a_task_from_outside_passes(app):
    with pytest.raises(KeyboardInterrupt), reporting(app):
        raise KeyboardInterrupt


def test_escape_sequences_of_a_server_are_made_visible(app):
    show_notice(app, "550 \x1b[2Jno", title="\x1b]0;x\x07")
    assert "\x1b" not in "".join(app.notices[0])


@pytest.mark.parametrize("keys", ["N", "X", "g"])
async def test_a_notice_covers_nothing_of_what_is_open(services, whole_app, press, shown, keys):
    async with whole_app(services, size=(80, 24)) as (app, pilot):
        before = await press(app, pilot, *keys)
        assert app.screen is not app.home
        last, buttons = before.rstrip().splitlines()[-1].strip("╰─╯ "), list(app.screen.query(Button))
        show_notice(app, "The server is on fire.\nCall somebody.", severity="error")
        show_notice(app, "Stand-up in 10 minutes", title="Reminder", severity="warning")
        for _step in range(20):
            await pilot.pause(0.02)
            if "Stand-up in 10" in shown(app):
                break
        await pilot.pause(0.1)
        text = shown(app)
        assert "Call somebody." in text
        assert last in text
        lines = text.splitlines()
        for button in buttons:
            where = button.content_region
            assert str(button.label).strip() in lines[where.y][where.x : where.right]
        app.clear_notifications()
        for _step in range(20):
            await pilot.pause(0.02)
            if "Call somebody." not in shown(app):
                break
        await pilot.pause(0.1)
        assert shown(app) == before
