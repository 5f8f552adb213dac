"""Accounts that the program adds to config.toml: the person's own lines and comments stay as they are."""

import stat
import tomllib
from pathlib import Path

import pytest

from core.config.accounts import add_account, parse_setting
from core.config.settings import SmtpAccount, load
from core.errors import ConfigError, UsageError

COMMENTED = """# my settings
[me]
name = "Alice"  # that is me

[accounts.khal]
type = "vdir"
path = "~/.calendars/*"
"""


def test_an_account_is_added_and_loads(tmp_path: Path):
    file = tmp_path / "sub" / "config.toml"
    add_account(file, "mail", "smtp", {"host": "mail.example.org", "port": 465, "security": "tls"})
    account = load(file).accounts["mail"]
    assert isinstance(account, SmtpAccount)
    assert (account.host, account.port) == ("mail.example.org", 465)


def test_a_new_file_is_the_persons_alone(tmp_path: Path):
    file = tmp_path / "sub" / "config.toml"
    add_account(file, "box", "maildir", {"path": "~/Maildir"})
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_comments_and_the_other_accounts_stay(tmp_path: Path):
    file = tmp_path / "config.toml"
    file.write_text(COMMENTED)
    add_account(file, "mail", "smtp", {"host": "mail.example.org"})
    text = file.read_text()
    assert text.startswith(COMMENTED.rstrip())
    assert list(load(file).accounts) == ["khal", "mail"]


@pytest.mark.parametrize(
    ("kind", "values"),
    [("smtp", {}), ("smtp", {"host": "h", "prot": 1}), ("pigeon", {}), ("vdir", {"path": "relative"})],
)
def test_what_would_not_load_is_not_written(tmp_path: Path, kind: str, values: dict[str, object]):
    file = tmp_path / "config.toml"
    file.write_text(COMMENTED)
    with pytest.raises(ConfigError):
        add_account(file, "mail", kind, values)
    assert file.read_text() == COMMENTED
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config.toml", "home"]


def test_an_account_that_is_there_is_not_overwritten(tmp_path: Path):
    file = tmp_path / "config.toml"
    file.write_text(COMMENTED)
    with pytest.raises(ConfigError):
        add_account(file, "khal", "vdir", {"path": "/other"})
    assert file.read_text() == COMMENTED


def test_a_link_to_the_file_stays_a_link(tmp_path: Path):
    real, link = tmp_path / "dotfiles.toml", tmp_path / "config.toml"
    real.write_text(COMMENTED)
    link.symlink_to(real)
    add_account(link, "mail", "smtp", {"host": "mail.example.org"})
    assert link.is_symlink()
    assert "mail.example.org" in real.read_text()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("host=mail.example.org", ("host", "mail.example.org")),
        ("port=465", ("port", 465)),
        ("keyring=true", ("keyring", True)),
        ("username=4711", ("username", "4711")),
        ("password_command=pass show 'my mail'", ("password_command", ["pass", "show", "my mail"])),
        ('password_command=["pass", "show", "mail"]', ("password_command", ["pass", "show", "mail"])),
    ],
)
def test_a_setting_is_read_as_its_key_means_it(text: str, expected: tuple[str, object]):
    assert parse_setting(text) == expected


@pytest.mark.parametrize("text", ["password=hunter2", "host", "=x", "password_command=pass 'show"])
def test_a_password_and_nonsense_are_refused(text: str):
    with pytest.raises(UsageError) as refused:
        parse_setting(text)
    assert "hunter2" not in refused.value.message + refused.value.hint


def test_an_account_is_added_where_the_others_stand_apart(tmp_path: Path):
    file = tmp_path / "config.toml"
    before = (
        '[accounts.mail]\ntype = "maildir"\npath = "~/Maildir"  # as it was\n\n'
        '[ui]\ntheme = "daylight"\n\n'
        '[accounts.khal]\ntype = "vdir"\npath = "~/calendars/*"'
    )
    file.write_text(before)
    file.chmod(0o600)
    add_account(file, "office", "maildir", {"path": "~/Office"})
    text = file.read_text()
    assert text.startswith(before)
    assert list(tomllib.loads(text)["accounts"]) == ["mail", "khal", "office"]
    assert tomllib.loads(text)["accounts"]["office"] == {"type": "maildir", "path": "~/Office"}
    assert tomllib.loads(text)["ui"] == {"theme": "daylight"}
