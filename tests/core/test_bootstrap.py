"""From settings to services."""

from pathlib import Path

import pytest

from core.bootstrap import check_account, open_services
from core.bootstrap_mail import Transports, keep_sent_copy
from core.config.paths import Paths
from core.config.settings import (
    MaildirAccount,
    OtherAccount,
    SendmailAccount,
    Settings,
    SmtpAccount,
    VdirAccount,
)
from core.errors import ConfigError, NotFound

MAIL = SmtpAccount("mail", "127.0.0.1", 1025, "none")
PROGRAM = SendmailAccount("program", ("/bin/true",))


def settings(tmp_path: Path, *accounts: object) -> Settings:
    return Settings(tmp_path / "config.toml", accounts={account.name: account for account in accounts})  # type: ignore[attr-defined]


def transports(tmp_path: Path, *accounts: object) -> Transports:
    chosen = settings(tmp_path, *accounts)
    return Transports(chosen, open_services(chosen, Paths.below(tmp_path / "home"))._servers)


async def test_healing_makes_nothing_where_nothing_was_ever_changed(tmp_path: Path):
    services = open_services(settings(tmp_path, MAIL), Paths.below(tmp_path / "home"))
    await services.heal()
    await services.close()
    assert not (tmp_path / "home" / "data").exists()


async def test_opening_the_services_writes_nothing(tmp_path: Path):
    services = open_services(settings(tmp_path, MAIL), Paths.below(tmp_path / "home"))
    await services.close()
    assert not (tmp_path / "home" / "data").exists()


def test_without_an_account_there_is_no_transport(tmp_path: Path):
    assert transports(tmp_path)("") is None


def test_the_first_account_that_can_send_is_the_usual_one(tmp_path: Path):
    chosen = transports(tmp_path, MaildirAccount("box", tmp_path), PROGRAM, MAIL)("")
    assert chosen is not None
    assert chosen.account == "program"


def test_an_account_is_chosen_by_its_name(tmp_path: Path):
    chosen = transports(tmp_path, PROGRAM, MAIL)("mail")
    assert chosen is not None
    assert chosen.account == "mail"


@pytest.mark.parametrize("name", ["box", "nobody"])
def test_an_account_that_cannot_send_is_said(tmp_path: Path, name: str):
    with pytest.raises(NotFound):
        transports(tmp_path, PROGRAM, MaildirAccount("box", tmp_path))(name)


def test_a_copy_of_what_was_sent_goes_to_the_accounts_folder(tmp_path: Path):
    account = SendmailAccount("program", ("/bin/true",), tmp_path / "Sent")
    keep_sent_copy(settings(tmp_path, account), "", b"Message-ID: <1@example.org>\r\n\r\nHi\r\n")
    assert len(list((tmp_path / "Sent" / "cur").iterdir())) == 1


def test_without_such_a_folder_no_copy_is_kept(tmp_path: Path):
    keep_sent_copy(settings(tmp_path, PROGRAM), "program", b"Message-ID: <1@example.org>\r\n\r\nHi\r\n")
    assert list(tmp_path.rglob("cur")) == []


async def test_checking_calendar_folders_counts_them(tmp_path: Path):
    for name in ("a", "b"):
        (tmp_path / "calendars" / name).mkdir(parents=True)
    account = VdirAccount("khal", str(tmp_path / "calendars" / "*"))
    assert await check_account(settings(tmp_path, account), account) == "2 calendar folders"


async def test_checking_calendar_folders_that_are_not_there_fails(tmp_path: Path):
    account = VdirAccount("khal", str(tmp_path / "nowhere" / "*"))
    with pytest.raises(NotFound):
        await check_account(settings(tmp_path, account), account)


async def test_an_account_of_a_later_type_cannot_be_checked(tmp_path: Path):
    account = OtherAccount("mail", "imap", {})
    with pytest.raises(ConfigError):
        await check_account(settings(tmp_path, account), account)


async def test_a_persons_folders_are_calendars_of_their_account(tmp_path: Path):
    (tmp_path / "calendars" / "work").mkdir(parents=True)
    account = VdirAccount("khal", str(tmp_path / "calendars" / "*"))
    services = open_services(settings(tmp_path, account), Paths.below(tmp_path / "home"))
    found = await services.library.calendars()
    await services.close()
    assert [(info.account, info.name) for info in found] == [("khal", "work")]
