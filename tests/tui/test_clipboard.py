from __future__ import annotations

import pytest

from tui.clipboard import copy
from tui.screens.confirm import ConfirmDialog


@pytest.fixture
def page():
    return lambda: ConfirmDialog("a", "b", "c")


async def test_what_is_copied_is_said(stage, page):
    async with stage(page, (100, 30)) as (app, _pilot):
        copy(app, "bruno@example.org")
        assert app.copied == ["bruno@example.org"]
        assert app.notices == ["Copied: bruno@example.org"]


async def test_a_foreign_text_brings_no_escape_sequence_into_the_shell_where_it_is_pasted(stage, page):
    async with stage(page) as (app, _pilot):
        copy(app, "a\x1b[201~rm\r\nb")
        assert app.copied == ["a␛[201~rm\nb"]


async def test_nothing_is_not_copied(stage, page):
    async with stage(page) as (app, _pilot):
        copy(app, "")
        assert app.copied == []


async def test_inside_tmux_the_setting_that_it_needs_is_named(stage, page, monkeypatch):
    monkeypatch.setenv("TMUX", "/tmp/tmux")
    async with stage(page, (100, 30)) as (app, _pilot):
        copy(app, "x")
        assert "set-clipboard on" in app.notices[0]
