"""What a filled-in form means for config.toml, and what it answers to what makes no sense."""

from __future__ import annotations

import pytest

from core.config.account_form import FIELDS, AccountDraft, AccountType, account_of, server_address
from core.config.schema import ACCOUNTS
from core.errors import UsageError


def exchange(**texts: str) -> AccountDraft:
    return AccountDraft("office", AccountType.EXCHANGE, {"address": "alice@example.org", "auth": "basic", **texts})


def test_a_host_alone_is_an_exchange_server():
    values = account_of(exchange(server="mail.example.org")).values
    assert values["server"] == "https://mail.example.org/EWS/Exchange.asmx"


def test_without_a_server_it_is_found_from_the_address():
    assert account_of(exchange()).values == {"address": "alice@example.org", "username": "alice@example.org"}


def test_a_password_comes_from_a_command():
    values = account_of(exchange(password_command="pass show 'my office'")).values
    assert values["password_command"] == ["pass", "show", "my office"]


def test_an_address_on_the_way_without_encryption_is_refused():
    with pytest.raises(UsageError) as refused:
        server_address("http://mail.example.org/EWS/Exchange.asmx")
    assert "password" in refused.value.message


def test_a_server_on_this_machine_may_be_plain():
    assert server_address("http://127.0.0.1:8080/EWS/Exchange.asmx").startswith("http://127.0.0.1:8080/")


@pytest.mark.parametrize("name", ["", "my office", "-x", "local", "office/../x"])
def test_a_name_that_cannot_be_one_is_refused(name: str):
    with pytest.raises(UsageError):
        account_of(AccountDraft(name, AccountType.EXCHANGE, {"address": "alice@example.org"}))


def test_a_name_that_is_taken_is_refused():
    with pytest.raises(UsageError) as refused:
        account_of(exchange(), frozenset({"office"}))
    assert "office" in refused.value.message


def test_a_field_that_is_needed_is_named_with_an_example():
    with pytest.raises(UsageError) as refused:
        account_of(AccountDraft("mail", AccountType.SMTP, {"security": "tls"}))
    assert "Server" in refused.value.message
    assert "mail.example.org" in refused.value.hint


@pytest.mark.parametrize("kind", AccountType)
def test_every_field_is_one_that_config_toml_knows(kind: AccountType):
    assert set(FIELDS[kind]) <= set(ACCOUNTS[kind.value])
