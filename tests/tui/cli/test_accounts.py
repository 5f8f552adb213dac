"""`account …` on the command line."""

import os
import sys
from pathlib import Path

import pytest

from tests.tui.cli.conftest import Run


def test_an_account_is_added_and_listed(run: Run, tmp_path: Path):
    assert run("account", "add", "box", "--type", "maildir", "--set", f"path={tmp_path}").code == 0
    listed = run("account", "list", "--json").json
    assert [(one["name"], one["type"], one["where"]) for one in listed] == [("box", "maildir", str(tmp_path))]


def test_a_password_on_the_command_line_is_refused_and_not_written(run: Run, own_home: Path):
    answer = run("account", "add", "mail", "--type", "smtp", "--set", "host=h", "password=canary-1")
    assert answer.code == 2
    assert "password_command" in answer.err
    assert "canary" not in answer.err
    assert not (own_home / "config" / "partagenda" / "config.toml").exists()


def test_a_wrong_setting_names_the_nearest_key(run: Run):
    answer = run("account", "add", "mail", "--type", "smtp", "--set", "hots=h")
    assert answer.code == 1
    assert "accounts.mail.host" in answer.err


def test_an_account_needs_a_type(run: Run):
    assert run("account", "add", "mail").code == 2


def test_check_says_what_a_mailbox_holds(run: Run, config, tmp_path: Path):
    for part in ("new", "cur", "tmp"):
        (tmp_path / "Maildir" / part).mkdir(parents=True)
    config(f'[accounts.box]\ntype = "maildir"\npath = "{tmp_path}/Maildir"\n')
    answer = run("account", "check", "box")
    assert (answer.code, answer.out) == (0, "box: 0 messages carry a calendar\n")


def test_check_of_an_account_that_cannot_be_reached_fails_with_the_reason(run: Run, config):
    config('[accounts.mail]\ntype = "smtp"\nhost = "127.0.0.1"\nport = 1\nsecurity = "none"\n')
    answer = run("account", "check", "mail")
    assert answer.code == 1
    assert answer.err.startswith("partagenda: ")


def test_an_account_of_a_later_type_says_so(run: Run, config):
    config('[accounts.mail]\ntype = "imap"\nhost = "h"\n')
    answer = run("account", "check", "mail")
    assert answer.code == 1
    assert "imap" in answer.err


def test_a_misspelt_account_gets_the_nearest_name(run: Run, config):
    config('[accounts.office]\ntype = "exchange"\nusername = "a"\n')
    assert "hint: Did you mean “office”?" in run("account", "check", "ofice").err


def test_signing_out_of_an_account_that_keeps_nothing_says_so(run: Run, config):
    config('[accounts.mail]\ntype = "smtp"\nhost = "h"\nusername = "a"\npassword_command = ["pass"]\n')
    answer = run("account", "sign-out", "mail", "--json")
    assert (answer.code, answer.json["removed"]) == (0, False)


@pytest.mark.parametrize("level", ["ledger", "outbox"])
def test_a_password_never_reaches_the_log_or_a_process_list(run: Run, config, own_home: Path, level: str):
    code = f"import os; print('canary-' + '{level}')"
    config(
        '[accounts.mail]\ntype = "smtp"\nhost = "127.0.0.1"\nport = 1\nsecurity = "none"\nusername = "a"\n'
        f'password_command = ["{sys.executable}", "-c", "{code}"]\n'
    )
    run("account", "check", "mail")
    written = b"".join(path.read_bytes() for path in own_home.rglob("*") if path.is_file() and path.suffix != ".toml")
    assert f"canary-{level}".encode() not in written
    assert f"canary-{level}" not in str(os.environ)
