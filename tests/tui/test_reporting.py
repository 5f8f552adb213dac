"""The one door for errors."""

from __future__ import annotations

import logging

import pytest
from textual.app import App

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
