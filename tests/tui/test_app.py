"""The app as a whole: themes, keys, palette."""

from __future__ import annotations

import pytest

from tui.screens.palette import CommandsDialog
from tui.theming import SHIPPED, own_folder
from tui.widgets.marks import ASCII


@pytest.mark.parametrize("theme", SHIPPED)
async def test_the_theme_of_the_configuration_is_used(services, whole_app, theme):
    async with whole_app(services, theme=theme) as (app, _pilot):
        assert app.theme == theme


async def test_an_unknown_theme_is_one_notice(services, whole_app, shown):
    async with whole_app(services, theme="nonsense") as (app, _pilot):
        assert "There is no theme “nonsense”" in shown(app)


async def test_the_next_theme_is_one_key_away(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        await press(app, pilot, "T")
        assert app.theme == "daylight"


async def test_another_theme_draws_everything_in_its_colours(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        before = app.home.active.render_line(5)
        await press(app, pilot, "T")
        assert list(app.home.active.render_line(5)) != list(before)


async def test_broken_themes_are_one_notice(services, whole_app, press):
    folder = own_folder(services.paths.config)
    folder.mkdir(parents=True)
    for name in ("one", "two"):
        (folder / f"{name}.toml").write_text("name = ")
    async with whole_app(services) as (app, pilot):
        text = await press(app, pilot, "T")
        assert len(app._notifications) == 1
        assert "one.toml" in text
        assert "two.toml" in text


async def test_no_color_leaves_no_colour(services, whole_app):
    async with whole_app(services, env={"NO_COLOR": "1", "LANG": "en_US.UTF-8"}) as (app, _pilot):
        assert app.theme == "terminal"
        assert app.native_ansi_color


async def test_a_terminal_without_unicode_gets_plain_marks(services, whole_app, shown):
    async with whole_app(services, env={"LANG": "C"}) as (app, _pilot):
        assert app.marks is ASCII
        assert "▌" not in shown(app)


async def test_a_changed_key_works_and_is_shown(services, whole_app, press):
    async with whole_app(services, keys={"go.next": "m"}) as (app, pilot):
        text = await press(app, pilot, "m")
        assert "Nov 22 – 28, 2026" in text
        assert "m Next" in text


async def test_the_old_key_of_a_changed_command_is_free(services, whole_app, press):
    async with whole_app(services, keys={"go.next": "m"}) as (app, pilot):
        assert "Nov 15 – 21, 2026" in await press(app, pilot, "n")


async def test_wrong_keys_are_one_notice(services, whole_app, shown):
    async with whole_app(services, keys={"go.nxt": "x", "calendar.email": "o"}) as (app, _pilot):
        assert "go.nxt" in shown(app)
        assert "calendar.email" in shown(app)
        assert len(app._notifications) == 1


@pytest.mark.parametrize("key", ["colon", "ctrl+p"])
async def test_the_palette_finds_a_command_by_a_part_of_its_name(services, whole_app, press, key):
    async with whole_app(services) as (app, pilot):
        text = await press(app, pilot, key, *"work w")
        assert "Work Week" in text
        await press(app, pilot, "enter")
        assert "Nov 16 – 20, 2026" in await press(app, pilot)


async def test_the_palette_finds_themes(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        await press(app, pilot, "colon", *"daylight", "enter")
        assert app.theme == "daylight"


async def test_the_palette_has_our_commands_only(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        await press(app, pilot, "colon")
        assert isinstance(app.screen, CommandsDialog)
        kinds = {choice.id.partition(":")[0] for choice in app.screen.choices}
        assert kinds == {"command", "theme"}


async def test_escape_leaves_the_palette_without_doing_anything(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        assert "Nov 15 – 21, 2026" in await press(app, pilot, "colon", *"agenda", "escape")


async def test_what_cannot_be_done_now_is_not_in_the_palette(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        assert "Keep as Calendar" not in await press(app, pilot, "colon", *"keep")


async def test_q_leaves(services, whole_app):
    async with whole_app(services) as (app, pilot):
        await pilot.press("q")
        await pilot.pause()
        assert not app.is_running


async def test_nothing_is_animated(services, whole_app):
    async with whole_app(services) as (app, _pilot):
        assert app.animation_level == "none"


async def test_changes_that_a_crash_cut_in_two_are_healed_once_after_the_start(services, whole_app, monkeypatch):
    from core.bootstrap import Services

    healed = []

    async def heal(self):
        healed.append(self)

    monkeypatch.setattr(Services, "heal", heal)
    async with whole_app(services) as (app, pilot):
        for _refresh in range(2):
            await app.screen.refresh_calendars()
        await pilot.pause()
        assert len(healed) == 1
