"""config.toml: the contract's own example is understood, and everything wrong is explained."""

import os
from datetime import time
from pathlib import Path

import pytest

from core.config.settings import (
    ExchangeAccount,
    MaildirAccount,
    Microsoft365Account,
    SendmailAccount,
    Settings,
    SmtpAccount,
    VdirAccount,
    load,
)
from core.errors import ConfigError

CONTRACT = """
[me]
name = "Alice Martin"
address = "alice@example.org"
time_zone = "Europe/Paris"
language = "fr"

[working_hours]
days = ["mo", "tu", "we", "th"]
start = "08:30"
end = "17:00"

[accounts.mail]
type = "smtp"
host = "127.0.0.1"
port = 1025
security = "starttls"
username = "alice"
password_command = ["pass", "show", "mail/alice"]
ca = "/path/to/ca.pem"
sent_copy = "~/Maildir/.Sent"

[accounts.program]
type = "sendmail"

[accounts.khal]
type = "vdir"
path = "~/.calendars/*"

[addresses]
vcards = ["~/.contacts"]
mutt_aliases = "~/.mutt/aliases"
query_command = ["khard", "email", "--parsable", "%s"]

[accounts.inbox]
type = "maildir"
path = "~/Maildir"

[accounts.office]
type = "exchange"
server = "https://mail.example.org/EWS/Exchange.asmx"
username = "EXAMPLE\\\\alice"
password_command = ["pass", "show", "office"]

[accounts.cloud]
type = "microsoft365"
client_id = "…"
tenant = "common"

[webdav."https://dav.example.org/"]
public = "https://www.example.org/calendars"
username = "alice"
password_command = ["pass", "show", "dav"]

[keys]
"calendar.email" = "e"

[ui]
theme = "midnight"
"""


@pytest.fixture
def written(tmp_path: Path):
    def write(text: str, mode: int = 0o644) -> Path:
        file = tmp_path / "config.toml"
        file.write_text(text, encoding="utf-8")
        file.chmod(mode)
        return file

    return write


def refusal(file: Path) -> ConfigError:
    with pytest.raises(ConfigError) as refused:
        load(file)
    assert str(file) in refused.value.message
    return refused.value


def test_the_contracts_own_example_is_understood(written, own_home: Path):
    settings = load(written(CONTRACT))
    assert str(settings.me.address) == "alice@example.org"
    assert settings.working_hours.days == frozenset(range(4))
    assert (settings.working_hours.start, settings.working_hours.end) == (time(8, 30), time(17))
    kinds = [type(account) for account in settings.accounts.values()]
    assert kinds == [SmtpAccount, SendmailAccount, VdirAccount, MaildirAccount, ExchangeAccount, Microsoft365Account]
    assert settings.addresses.vcards == (own_home / ".contacts",)
    assert settings.keys["calendar.email"] == "e"
    assert settings.webdav[0].sign_in.password_command == ("pass", "show", "dav")
    assert settings.webdav[0].public == "https://www.example.org/calendars/"


def test_the_first_account_that_can_send_is_the_default(written):
    assert [account.name for account in load(written(CONTRACT)).mail_accounts] == ["mail", "program", "office", "cloud"]


def test_without_a_file_everything_has_its_default():
    settings = load()
    assert (settings.me.name, settings.accounts, settings.ui.theme) == ("", {}, "")


def test_a_file_that_was_named_must_be_there(tmp_path: Path):
    with pytest.raises(ConfigError):
        load(tmp_path / "nothing.toml")


def test_the_environment_can_name_the_file(written, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PARTAGENDA_CONFIG", str(written('[me]\nname = "Bruno"\n')))
    assert load().me.name == "Bruno"


@pytest.mark.parametrize(
    ("text", "key", "hint"),
    [
        ('[accounts.mail]\ntype="smtp"\nhost="h"\nprot=1', "accounts.mail.prot", "accounts.mail.port"),
        ("[mee]", "mee", "me"),
        ('[me]\ntimezone="Europe/Paris"', "me.timezone", "me.time_zone"),
        ('[webdav."https://d/"]\nuser_name="a"', 'webdav."https://d/".user_name', "username"),
        ('[accounts.mail]\ntype="smpt"', "accounts.mail.type", "smtp"),
        ('[accounts.a]\ntype="vdir"\npath="/x"\nport=1', "accounts.a.port", "path"),
    ],
)
def test_an_unknown_key_is_named_with_the_nearest_known_one(written, text: str, key: str, hint: str):
    error = refusal(written(text))
    assert key in error.message
    assert hint in error.hint


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('[accounts.mail]\ntype="smtp"\nhost="h"\nport="25"', "accounts.mail.port"),
        ('[accounts.mail]\ntype="smtp"\nhost="h"\nport=0', "accounts.mail.port"),
        ('[accounts.mail]\ntype="smtp"\nhost="h"\nport=true', "accounts.mail.port"),
        ('[accounts.mail]\ntype="smtp"', "accounts.mail.host"),
        ('[accounts.mail]\nhost="h"', "accounts.mail.type"),
        ('[accounts.mail]\ntype="smtp"\nhost="mail.example.org"\nsecurity="none"', "accounts.mail.security"),
        ('[accounts.mail]\ntype="smtp"\nhost="h"\npassword_command="pass show"', "accounts.mail.password_command"),
        ('[accounts.local]\ntype="vdir"\npath="/x"', "accounts.local"),
        ('[accounts.v]\ntype="vdir"\npath="calendars"', "accounts.v.path"),
        ('me="Alice"', "me"),
        ("[me]\nname=3", "me.name"),
        ('[me]\naddress="alice"', "me.address"),
        ('[me]\naddress="a b@example.org"', "me.address"),
        ('[me]\ntime_zone="Europe/Pariss"', "me.time_zone"),
        ('[me]\ntime_zone="/etc/localtime"', "me.time_zone"),
        ('[me]\nlanguage="de"', "me.language"),
        ('[working_hours]\ndays=["mon"]', "working_hours.days"),
        ('[working_hours]\nstart="8"', "working_hours.start"),
        ('[working_hours]\nstart="18:00"', "working_hours.end"),
        ('[webdav."dav.example.org"]\nusername="a"', "webdav"),
        ('[webdav."https://d/"]\npublic="/srv/www"', "public"),
        ('[keys]\n"calendar.email"=3', "calendar.email"),
    ],
)
def test_a_value_that_cannot_be_used_is_named_by_its_key(written, text: str, key: str):
    assert key in refusal(written(text)).message


@pytest.mark.parametrize("content", [b"[me\n", b"\xff\xfe", b"[me]\nname='a'\nname='b'"])
def test_a_file_that_is_not_toml_is_refused_by_name(tmp_path: Path, content: bytes):
    file = tmp_path / "config.toml"
    file.write_bytes(content)
    refusal(file)


def test_a_folder_is_no_configuration(tmp_path: Path):
    refusal(tmp_path)


SECRET = '[accounts.mail]\ntype="smtp"\nhost="h"\nusername="a"\npassword="canary-4711"\n'


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_a_file_with_a_password_that_others_may_read_is_refused(written, mode: int):
    error = refusal(written(SECRET, mode))
    assert "canary" not in error.message + error.hint
    assert "chmod 600" in error.hint


def test_a_file_with_a_password_of_the_person_alone_is_read(written):
    account = load(written(SECRET, 0o600)).accounts["mail"]
    assert isinstance(account, SmtpAccount)
    assert account.sign_in.password == "canary-4711"


def test_a_password_does_not_show_when_settings_are_printed(written):
    assert "canary" not in repr(load(written(SECRET, 0o600)))


def test_a_time_may_be_a_toml_time(written):
    assert load(written("[working_hours]\nstart = 07:15:00")).working_hours.start == time(7, 15)


def test_the_port_follows_the_security(written):
    text = '[accounts.a]\ntype="smtp"\nhost="h"\nsecurity="tls"\n[accounts.b]\ntype="smtp"\nhost="h"\n'
    assert [a.port for a in load(written(text)).mail_accounts if isinstance(a, SmtpAccount)] == [465, 587]


def test_settings_without_a_file_know_where_it_would_be(own_home: Path):
    assert load().path == own_home / "config" / "partagenda" / "config.toml"


def test_a_configuration_that_cannot_be_read_is_said(written):
    file = written("[me]", 0o000)
    if os.geteuid() == 0:
        pytest.skip("root may read everything: run it as an ordinary person")
    refusal(file)


def test_default_settings_need_only_a_path(tmp_path: Path):
    assert Settings(tmp_path / "config.toml").mail_accounts == ()


def test_others_have_working_hours_and_zones_of_their_own(written):
    text = '[people."Clara@example.net"]\ntime_zone = "America/New_York"\nstart = "10:00"\nend = "16:00"\n'
    (person,) = load(written(text)).people
    assert (person.address, person.time_zone, person.hours.start) == ("clara@example.net", "America/New_York", time(10))


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('[people."clara"]\nstart = "10:00"\n', "people.clara"),
        ('[people."c@example.net"]\nzone = "UTC"\n', 'people."c@example.net".zone'),
        ('[people."c@example.net"]\nstart = "18:00"\n', "people.c@example.net.end"),
        ('[reminders]\ncommand = "beep"\n', "reminders.command"),
    ],
)
def test_what_is_wrong_about_people_and_reminders_is_named_by_its_key(written, text: str, key: str):
    assert key in refusal(written(text)).message


def test_no_reminder_command_is_started_unless_it_is_configured(written):
    assert load(written("")).reminders.command == ()
    assert load(written('[reminders]\ncommand = ["beep", "-f", "400"]\n')).reminders.command == ("beep", "-f", "400")
