"""Publish Online with the keyboard alone: dialog, preview, question, addresses, invitation; and the list of it all."""

from __future__ import annotations

import email
import email.policy
from dataclasses import replace
from functools import partial

import pytest
from textual.widgets import Input, Static

from core.bootstrap import open_services
from core.config.paths import Paths
from core.config.settings import load
from core.language import use_language
from core.ports.calendars import CalendarInfo, CalendarKind
from core.sandbox.people import ALICE, Accounts
from core.sandbox.servers import Certificates
from core.sandbox.webdav import WebDavServer
from core.services.publish import PublishOptions, PublishRequest
from core.services.sources import Source
from core.sharing.detail import DetailLevel
from core.sharing.exchange_publishing import ExchangeOptions
from tests.tui.conftest import TEAM, screen_text
from tests.tui.flows.conftest import StillClock
from tui.flows.publishing import change_options, publish_online, show_addresses
from tui.flows.publishing_exchange import end_on_server, show_links
from tui.screens.confirm import ConfirmDialog
from tui.screens.folder_browser import FolderBrowser, NewFolderDialog
from tui.screens.invite_published import InvitePublishedDialog
from tui.screens.publications import PublicationsScreen
from tui.screens.publish import PublishDialog
from tui.screens.publish_preview import PublishPreview
from tui.screens.published import PublishedDialog


@pytest.fixture
async def site(world):
    """The world with a folder that a web server shows."""
    folder = world.root / "site"
    folder.mkdir()
    config = world.root / "config.toml"
    config.write_text(config.read_text() + f'[webdav."{folder}/"]\npublic = "https://www.example.org/"\n')
    world.services = open_services(load(config), Paths.below(world.root), StillClock())
    world.id = await world.calendar()
    return folder


@pytest.fixture
def flow(world, site):
    return lambda app: publish_online(app, world.services, world.id)


async def to_preview(pilot, until) -> None:
    await until(PublishDialog)
    await pilot.press("enter")
    await until(PublishPreview)


async def to_addresses(pilot, until) -> None:
    await to_preview(pilot, until)
    await pilot.press("enter")
    await until(ConfirmDialog)
    await pilot.press("p")
    await until(PublishedDialog)


async def test_a_calendar_is_published_with_the_keyboard_alone(site, flow, running):
    async with running(flow) as (_app, pilot, until):
        await to_addresses(pilot, until)
        (file,) = site.iterdir()
        assert "secret project" not in file.read_text()
        assert "SUMMARY;LANGUAGE=en:Busy" in file.read_text()


async def test_the_addresses_are_shown_and_one_key_copies_each(site, flow, running, monkeypatch):
    copied = []
    async with running(flow) as (app, pilot, until):
        monkeypatch.setattr(app, "copy_to_clipboard", copied.append)
        await to_addresses(pilot, until)
        name = next(site.iterdir()).name
        assert f"webcal://www.example.org/{name}" in screen_text(app)
        await pilot.press("1", "2")
        assert copied == [f"webcal://www.example.org/{name}", f"https://www.example.org/{name}"]


async def test_the_preview_shows_what_others_would_see(flow, running):
    async with running(flow) as (app, pilot, until):
        await to_preview(pilot, until)
        text = screen_text(app)
        assert ("Busy" in text, "secret project" in text) == (True, False)


async def test_before_the_question_is_answered_nothing_is_published(site, flow, running):
    async with running(flow) as (_app, pilot, until):
        await to_preview(pilot, until)
        await pilot.press("enter")
        await until(ConfirmDialog)
        await pilot.press("escape")
        await until(PublishDialog)
        assert list(site.iterdir()) == []


async def test_people_are_invited_with_a_sharing_message(world, site, flow, running):
    async with running(flow) as (app, pilot, until):
        await to_addresses(pilot, until)
        await pilot.press("i")
        await until(InvitePublishedDialog)
        await pilot.press(*"clara@example.net", "enter")
        await until(None)
        message = email.message_from_bytes(world.sent[0], policy=email.policy.default)
        name = next(site.iterdir()).name
        assert (message["To"], message["Content-Class"]) == ("clara@example.net", "Sharing")
        assert f"https://www.example.org/{name}".encode() in world.sent[0].replace(b"=\r\n", b"").replace(b"=\n", b"")
        assert app.notices == ["Sent to clara@example.net."]


async def test_a_folder_is_chosen_and_made_in_the_browser(site, flow, running):
    async with running(flow) as (app, pilot, until):
        await until(PublishDialog)
        app.screen.query_one("#browse").press()
        await until(FolderBrowser)
        await pilot.press("n")
        await until(NewFolderDialog)
        await pilot.press(*"team", "enter")
        await until(FolderBrowser)
        await pilot.press("o")
        await until(PublishDialog)
        assert app.screen.query_one("#location").value == f"{site}/team/"


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_dialog_fits_with_everything_open(flow, running, size):
    async with running(flow, size=size) as (app, pilot, until):
        await until(PublishDialog)
        app.screen.query_one("#advanced").press()
        await pilot.pause()
        text = screen_text(app)
        assert all(word in text for word in ("Publish to", "Detail", "Upload", "Remove after", "OK: preview", "Cancel"))


async def test_a_number_of_days_that_is_none_is_said_in_the_dialog(flow, running):
    async with running(flow) as (app, pilot, until):
        await until(PublishDialog)
        app.screen.query_one("#before").value = "many"
        await pilot.press("enter")
        await pilot.pause()
        assert "whole numbers" in screen_text(app)


@pytest.mark.parametrize("typed", ["ftp://example.org/a/", "https:///a/", "mailto://bruno", "https://"])
async def test_an_address_to_which_nothing_can_be_published_is_said_in_the_dialog(flow, running, typed):
    async with running(flow) as (app, pilot, until):
        await until(PublishDialog)
        app.screen.query_one("#location", Input).value = typed
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, PublishDialog)
        said = str(app.screen.query_one("#dialog-error", Static).render())
        assert said.startswith(f"Nothing can be published to “{typed}”. Give a WebDAV address or a folder")


async def test_somebody_else_s_file_is_only_overwritten_after_a_question(site, flow, running):
    async with running(flow) as (app, pilot, until):
        await until(PublishDialog)
        (site / "team.ics").write_text("theirs")
        app.screen.query_one("#location").value = f"{site}/team.ics"
        await pilot.press("enter")
        await until(PublishPreview)
        await pilot.press("enter")
        await until(ConfirmDialog)
        await pilot.press("p")
        for _step in range(100):
            await pilot.pause(0.05)
            if isinstance(app.screen, ConfirmDialog) and "Overwrite" in screen_text(app):
                break
        assert (site / "team.ics").read_text() == "theirs"
        await pilot.press("o")
        await until(PublishedDialog)
        assert "BEGIN:VCALENDAR" in (site / "team.ics").read_text()


# the list


@pytest.fixture
async def published(world, site):
    request = PublishRequest(world.id, f"{site}/team.ics", PublishOptions(level=DetailLevel.FULL, page=True))
    return await world.services.publishing.publish(request)


@pytest.fixture
def listing(world, published):
    async def flow(app) -> None:
        change, show = (partial(each, app, world.services) for each in (change_options, show_addresses))
        links, end = (partial(each, app, world.services) for each in (show_links, end_on_server))
        await app.push_screen_wait(
            PublicationsScreen(world.services, change=change, show=show, show_links=links, end=end)
        )

    return flow


async def listed(app, pilot, until) -> None:
    await until(PublicationsScreen)
    for _step in range(100):
        if app.screen._read_once and app.screen.query_one("#items").option_count == len(app.screen.items):
            break
        await pilot.pause(0.05)
    await pilot.pause()


async def test_the_list_says_what_is_where_and_when(listing, running):
    async with running(listing, size=(120, 40)) as (app, pilot, until):
        await listed(app, pilot, until)
        text = screen_text(app)
        assert all(word in text for word in ("Work", "www.example.org", "Full details", "every hour", "uploaded"))


async def test_removing_asks_and_takes_it_away(site, listing, running):
    async with running(listing) as (app, pilot, until):
        await listed(app, pilot, until)
        await pilot.press("d")
        await until(ConfirmDialog)
        await pilot.press("r")
        await until(PublicationsScreen)
        for _step in range(200):
            if not list(site.iterdir()):
                break
            await pilot.pause(0.05)
        assert list(site.iterdir()) == []
        assert await app.screen._publishing.publications() == []


async def test_options_are_changed_and_narrowed_at_the_same_address(world, site, published, listing, running):
    async with running(listing) as (app, pilot, until):
        await listed(app, pilot, until)
        await pilot.press("o")
        await until(PublishDialog)
        assert app.screen.query_one("#location").disabled
        app.screen.query_one("#detail").value = DetailLevel.AVAILABILITY
        app.screen.query_one("#page").value = False
        await pilot.press("enter")
        await until(PublishPreview)
        await pilot.press("enter")
        await until(ConfirmDialog)
        await pilot.press("p")
        await until(PublicationsScreen)
        for _step in range(200):
            if [path.name for path in site.iterdir()] == ["team.ics"]:
                break
            await pilot.pause(0.05)
        assert "secret project" not in (site / "team.ics").read_text()


async def test_a_new_address_takes_the_old_one_away(site, published, listing, running):
    async with running(listing) as (app, pilot, until):
        await listed(app, pilot, until)
        await pilot.press("a")
        await until(ConfirmDialog)
        await pilot.press("n")
        await until(PublicationsScreen)
        for _step in range(200):
            if len(list(site.iterdir())) == 2 and not (site / "team.ics").exists():
                break
            await pilot.pause(0.05)
        assert "team.ics" not in [path.name for path in site.iterdir()]


async def test_a_server_is_browsed_and_published_to(world, site, running):
    accounts, certificates = Accounts.fresh(world.root / "accounts"), Certificates(world.root)
    with WebDavServer(world.root / "webdav", accounts, certificates) as server:
        secret = world.root / "secret"
        secret.write_text(accounts.passwords["alice"])
        config = world.root / "config.toml"
        config.write_text(
            f'[me]\nname = "Alice Martin"\naddress = "alice@example.org"\n[webdav."{server.address(ALICE)}"]\n'
            f'username = "alice"\npassword_command = ["cat", "{secret}"]\nca = "{certificates.pem}"\n'
        )
        services = open_services(load(config), Paths.below(world.root), StillClock())
        (server.folder(ALICE) / "team").mkdir()
        async with running(lambda app: publish_online(app, services, world.id)) as (app, pilot, until):
            await until(PublishDialog)
            app.screen.query_one("#browse").press()
            await until(FolderBrowser)
            for _step in range(100):
                if "team" in screen_text(app):
                    break
                await pilot.pause(0.05)
            await pilot.press("enter")
            for _step in range(100):
                if "▸ .." in screen_text(app):
                    break
                await pilot.pause(0.05)
            await pilot.press("o")
            await to_addresses(pilot, until)
            assert len(list((server.folder(ALICE) / "team").iterdir())) == 1
        await services.close()


async def test_the_open_app_uploads_what_is_due(world, site, whole_app):
    services = world.services
    options = PublishOptions(range="all", level=DetailLevel.LIMITED)
    published = await services.publishing.publish(PublishRequest(world.id, f"{site}/team.ics", options))
    await services.library.import_sources([Source("new", data=TEAM)], into=world.id)
    services.publishing._store.save(replace(published, next_due=services.clock.now()))
    async with whole_app(services) as (app, pilot):
        app.screen._minute()
        for _step in range(200):
            if "Release" in (site / "team.ics").read_text():
                break
            await pilot.pause(0.05)
        assert "Release" in (site / "team.ics").read_text()


@pytest.fixture
async def by_server(world, site):
    info = CalendarInfo("office/1", "Office", "office", CalendarKind.EXCHANGE)
    await world.services.exchange_publishing.take_links(
        info,
        "PublishedCalendarUrl : https://mail.example.org/owa/x/calendar.html\n"
        "PublishedICalUrl : https://mail.example.org/owa/x/calendar.ics",
        ExchangeOptions(DetailLevel.LIMITED),
    )


async def to_server(app, pilot) -> None:
    await pilot.press("j")
    for _step in range(200):
        if app.screen.query_one("#items").highlighted == 1 and "mail.example.org/owa" in screen_text(app):
            break
        await pilot.pause(0.05)


async def test_what_a_server_publishes_is_listed_with_its_links(by_server, listing, running):
    async with running(listing, size=(120, 40)) as (app, pilot, until):
        await listed(app, pilot, until)
        await to_server(app, pilot)
        text = screen_text(app)
        words = ("Office", "Limited details", "the server was not asked", "https://mail.example.org/owa/x/calendar.ics")
        assert all(word in text for word in words), text
        await pilot.press("enter")
        await until(PublishedDialog)


async def test_what_a_server_publishes_is_ended_from_the_list(world, by_server, listing, running):
    async with running(listing) as (app, pilot, until):
        await listed(app, pilot, until)
        await to_server(app, pilot)
        await pilot.press("d")
        await until(ConfirmDialog)
        assert "PublishEnabled" in screen_text(app)
        await pilot.press("s")
        await until(PublicationsScreen)
        for _step in range(200):
            if not await world.services.exchange_publishing.published():
                break
            await pilot.pause(0.05)
        assert await world.services.exchange_publishing.published() == []


async def test_what_a_server_publishes_is_not_uploaded_from_here(by_server, listing, running):
    async with running(listing) as (app, pilot, until):
        await listed(app, pilot, until)
        await to_server(app, pilot)
        await pilot.press("r", "o", "a", "s")
        await pilot.pause()
        assert isinstance(app.screen, PublicationsScreen)


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_the_line_of_keys_is_not_cut_at_80_columns(language, site, published, listing, flow, running):
    use_language(language)
    async with running(listing, size=(80, 24)) as (app, pilot, until):
        await listed(app, pilot, until)
        assert "…" not in screen_text(app).splitlines()[-1]
    async with running(flow, size=(80, 24)) as (app, pilot, until):
        await until(PublishDialog)
        app.screen.query_one("#browse").press()
        await until(FolderBrowser)
        assert "…" not in screen_text(app).splitlines()[-1]
