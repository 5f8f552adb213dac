"""A screen is painted when it stands, and what nobody can look at is not painted."""

from __future__ import annotations

from textual.screen import Screen


def _watch(app, monkeypatch):
    """The screens that are sent to the terminal from now on, by their type."""
    sent = []
    show = type(app)._display

    def display(self, screen, renderable):
        sent.append((type(screen).__name__, type(renderable).__name__))
        return show(self, screen, renderable)

    monkeypatch.setattr(type(app), "_display", display)
    return sent


async def test_a_dialog_is_painted_whole_once_when_it_opens(services, whole_app, press, monkeypatch):
    async with whole_app(services) as (app, pilot):
        sent = _watch(app, monkeypatch)
        assert "Go to Date" in await press(app, pilot, "g")
        await pilot.pause(0.1)
        assert [screen for screen, kind in sent if kind == "LayoutUpdate"] == ["GoToDateDialog"]


async def test_the_screen_below_a_dialog_is_painted_whole_once_when_it_closes(services, whole_app, press, monkeypatch):
    async with whole_app(services) as (app, pilot):
        await press(app, pilot, "g")
        await pilot.pause(0.1)
        sent = _watch(app, monkeypatch)
        await press(app, pilot, "escape")
        await pilot.pause(0.1)
        assert [screen for screen, kind in sent if kind == "LayoutUpdate"] == ["HomeScreen"]


async def test_another_size_while_a_dialog_is_open_is_taken_by_both(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        await press(app, pilot, "g")
        await pilot.resize_terminal(90, 30)
        await pilot.pause(0.1)
        assert app.screen.size == (90, 30)
        text = await press(app, pilot, "escape")
        assert app.screen.size == (90, 30)
        assert max(len(line) for line in text.splitlines()) <= 90


async def test_a_change_below_a_dialog_is_seen_when_it_closes(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        await press(app, pilot, "g")
        app.home.status.say("Somebody changed something")
        await pilot.pause(0.1)
        assert "Somebody changed something" in await press(app, pilot, "escape")


async def test_a_dialog_that_is_closed_before_it_was_painted_leaves_the_screen_below_as_it_was(
    services, whole_app, press
):
    async with whole_app(services) as (app, pilot):
        before = await press(app, pilot)
        assert await press(app, pilot, "g", "escape", "g", "escape") == before


async def test_what_is_put_off_while_keys_wait_is_shown_behind_the_last_one(services, whole_app, press, monkeypatch):
    async with whole_app(services) as (app, pilot):
        screen: Screen[object] = app.screen
        with monkeypatch.context() as typing:
            typing.setattr(type(app.typed_ahead), "waiting", True)
            sent = _watch(app, monkeypatch)
            screen.refresh()
            screen._on_timer_update()
            assert sent == []
        await press(app, pilot, "tab")
        assert "HomeScreen" in [name for name, _kind in sent]


async def test_a_dialog_is_sent_whole_again_when_another_program_gives_the_terminal_back(
    services, whole_app, press, monkeypatch
):
    async with whole_app(services) as (app, pilot):
        await press(app, pilot, "g")
        await pilot.pause(0.1)
        sent = _watch(app, monkeypatch)
        app._suspend_signal()  # as App.suspend does around an editor
        app._resume_signal()
        app.refresh(layout=True)
        await pilot.pause(0.1)
        assert ("GoToDateDialog", "LayoutUpdate") in sent
