"""Accounts in the app: one is set up and tried against a real server, and what is wrong is said in words."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from core.backends.exchange import open_account
from core.bootstrap import Services, open_services
from core.calendar.event import Event
from core.calendar.event_change import EventChange
from core.config.accounts import add_account
from core.config.paths import Paths
from core.config.secrets import ConfiguredSecrets
from core.config.settings import ExchangeAccount, load
from core.language import use_language
from core.sandbox.exchange.seed import organisation
from core.sandbox.exchange.server import ExchangeServer
from core.sandbox.people import Accounts
from core.sandbox.servers import Certificates
from core.services.history import Action
from tests.tui.conftest import NOW, HeldClock
from tui.screens.accounts import AccountsScreen
from tui.screens.add_account import AddAccountDialog


@pytest.fixture
def certificates(tmp_path: Path) -> Certificates:
    return Certificates(tmp_path)


@pytest.fixture
def people(tmp_path: Path) -> Accounts:
    return Accounts.fresh(tmp_path)


@pytest.fixture
def server(people: Accounts, certificates: Certificates) -> Iterator[ExchangeServer]:
    with ExchangeServer(organisation(empty=True), people, certificates) as running:
        yield running


@pytest.fixture
async def mine(own_home: Path) -> AsyncIterator[Services]:
    paths = Paths.from_env()
    paths.config.mkdir(parents=True)
    (paths.config / "config.toml").write_text('[me]\naddress = "alice@example.org"\n')
    services = open_services(load(), paths, HeldClock())
    yield services
    await services.close()


async def until(pilot, condition) -> None:
    for _step in range(600):
        if condition():
            return
        await pilot.pause(0.02)
    raise AssertionError("it never came")


async def fill(pilot, server: ExchangeServer, ca: str, secret: Path) -> None:
    """The form for Exchange, by keys: name, address, server, user name, sign-in, password, authority."""
    for text in ("", "", server.ews, "alice", None, f"cat {secret}", ca):
        await pilot.press("tab")
        if text:
            await pilot.press(*(_KEYS.get(sign, sign) for sign in text))
    await pilot.press("enter")


_KEYS = {":": "colon", "/": "slash", ".": "full_stop", " ": "space", "-": "minus", "_": "underscore"}


async def test_an_account_is_set_up_used_and_tried(
    stage, shown, mine: Services, server, people: Accounts, certificates: Certificates, tmp_path: Path
):
    secret = tmp_path / "secret"
    secret.write_text(people.passwords["alice"])
    async with stage(lambda: AccountsScreen(mine), (120, 40)) as (app, pilot):
        await pilot.press("n")
        await pilot.pause()
        await fill(pilot, server, str(certificates.pem), secret)
        await until(pilot, lambda: "It works:" in shown(app))
        assert "Microsoft Exchange Server" in shown(app)
    written = load().accounts["office"]
    assert isinstance(written, ExchangeAccount)
    assert (written.server, written.address) == (server.ews, "alice@example.org")
    assert people.passwords["alice"] not in (Paths.from_env().config / "config.toml").read_text()
    assert mine.settings.accounts["office"] == written


async def test_a_server_that_cannot_prove_who_it_is_is_an_error(
    stage, shown, mine: Services, server, people: Accounts, tmp_path: Path
):
    secret = tmp_path / "secret"
    secret.write_text(people.passwords["alice"])
    async with stage(lambda: AccountsScreen(mine), (120, 40)) as (app, pilot):
        await pilot.press("n")
        await pilot.pause()
        await fill(pilot, server, "", secret)
        await until(pilot, lambda: "It does not work:" in shown(app))
        assert "could not prove who it is" in " ".join(shown(app).split())


async def test_a_conflict_is_decided_on_the_page(
    stage, shown, mine: Services, server, people: Accounts, certificates: Certificates, tmp_path: Path
):
    secret = tmp_path / "secret"
    secret.write_text(people.passwords["alice"])
    values = {"server": server.ews, "address": "alice@example.org", "username": "alice", "ca": str(certificates.pem)}
    add_account(mine.settings.path, "office", "exchange", {**values, "password_command": ["cat", str(secret)]})
    await mine.use(load())
    assert await mine.accounts.refresh() == []
    calendar = (await mine.library.calendars())[-1].id
    edit = await mine.editing.create(calendar, Event("", NOW, NOW + timedelta(hours=1), "Lunch"))
    await mine.accounts.pushed(20)
    folder = server.organisation.mailboxes["alice@example.org"].distinguished["calendar"]
    other = open_account(mine.settings.accounts["office"], ConfiguredSecrets.of(mine.settings), HeldClock())[0]
    (ref,) = (await other.changes((await other.calendars())[0].id, "")).changed
    (item,) = await other.fetch("", [ref.id])
    theirs = replace(item.object, events=(replace(item.object.events[0], title="Theirs"),))
    await other.update("", ref, item.object, theirs, "key-of-another-program")
    await other.close()
    await mine.editing.change(edit.entry.id, EventChange(title="Mine"))
    await mine.accounts.pushed(20)
    async with stage(lambda: AccountsScreen(mine), (120, 40)) as (app, pilot):
        await until(pilot, lambda: "was changed by somebody else" in shown(app))
        await pilot.press("v")
        await until(pilot, lambda: "Theirs" in shown(app) and "Mine" in shown(app))
        assert "Undo does not take this back." in " ".join(shown(app).replace("│", " ").split())
        await pilot.press("m")
        await until(pilot, lambda: "was changed by somebody else" not in shown(app))
    await mine.accounts.pushed(20)
    assert [kept.text("Subject") for kept in folder.items.values()] == ["Mine"]
    assert [entry.facts.action for entry in await mine.editing.history()] == [Action.CHANGE, Action.ADD]


async def test_what_is_wrong_in_the_form_is_said_in_the_form(stage, shown):
    async with stage(lambda: AddAccountDialog(frozenset({"office"}))) as (app, pilot):
        await pilot.press("enter")
        await pilot.pause()
        assert not app.ended
        assert "There is an account “office” already." in shown(app)


async def test_each_type_asks_what_it_needs_only(stage, shown):
    async with stage(lambda: AddAccountDialog(frozenset(), "alice@example.org")) as (app, pilot):
        assert "Sign-in" in shown(app)
        await pilot.press("right", "right", "right")
        await pilot.pause()
        assert "Folder" in shown(app)
        assert "Sign-in" not in shown(app)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_form_fits_the_screen(stage, shown, size):
    async with stage(lambda: AddAccountDialog(frozenset(), "alice@example.org"), size) as (app, pilot):
        await pilot.pause()
        assert "Save and try" in shown(app)
        assert "Authority" in shown(app)


async def test_without_an_account_the_page_says_how_to_begin(stage, shown, mine: Services):
    async with stage(lambda: AccountsScreen(mine)) as (app, pilot):
        await until(pilot, lambda: "N sets one up" in shown(app))


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_at_80_columns_nothing_of_an_account_is_cut(stage, shown, own_home: Path, language):
    paths = Paths.from_env()
    paths.config.mkdir(parents=True)
    (paths.config / "config.toml").write_text(
        '[me]\naddress = "alice@example.org"\n'
        '[accounts.office]\ntype = "exchange"\nserver = "https://webmail.example.org:44321/EWS/Exchange.asmx"\n'
        'address = "alice@example.org"\nusername = "alice"\npassword_command = ["cat", "x"]\n'
        '[accounts.mail]\ntype = "smtp"\nhost = "mail.example.org"\nusername = "alice"\n'
    )
    services = open_services(load(), paths, HeldClock())
    use_language(language)
    async with stage(lambda: AccountsScreen(services)) as (app, pilot):
        await until(pilot, lambda: "office" in shown(app))
        await pilot.pause()
        lines = shown(app).splitlines()
        assert str(services.settings.path).replace(str(Path.home()), "~") in "".join(line.strip() for line in lines[:5])
        assert "webmail.example.org:44321" in lines[next(i for i, line in enumerate(lines) if "office" in line)]
        assert (
            "mail.example.org:587" in lines[next(i for i, one in enumerate(lines) if one.strip().startswith("mail "))]
        )
    await services.close()
