"""Signing in: Basic, NTLM and tokens; what is refused is said; no password stays anywhere."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.backends.exchange import open_account
from core.backends.exchange.session import Limits
from core.config.settings import ExchangeAccount, SignIn
from core.errors import CertificateError, ConfigError, SignInFailed, Unreachable
from core.sandbox.exchange.server import ExchangeServer
from core.sandbox.people import Accounts
from core.sandbox.servers import Certificates
from tests.core.backends.exchange.conftest import StillClock


class Secrets:
    """Gives one password after the other, as a command that prints a fresh token does."""

    def __init__(self, *given: str) -> None:
        self.given = list(given)
        self.forgotten = 0

    async def password(self, account: str) -> str:
        return self.given[0]

    def forget(self, account: str) -> None:
        self.forgotten += 1
        if len(self.given) > 1:
            self.given.pop(0)


@pytest.mark.parametrize("name", ["alice", "EXAMPLE\\alice", "alice@example.org"])
@pytest.mark.parametrize("auth", ["basic", "ntlm"])
async def test_a_password_signs_in(open_parts, account: ExchangeAccount, auth: str, name: str):
    parts = open_parts(auth=auth, sign_in=replace(account.sign_in, username=name))
    assert (await parts.calendars.check()).mailbox == "alice@example.org"


@pytest.mark.parametrize("auth", ["basic", "ntlm"])
async def test_a_wrong_password_is_refused_once_and_asked_anew(account: ExchangeAccount, server, auth: str):
    secrets = Secrets("wrong")
    calendars = open_account(replace(account, auth=auth), secrets, StillClock())[0]
    with pytest.raises(SignInFailed) as refused:
        await calendars.check()
    await calendars.close()
    assert "refused" in refused.value.message
    assert secrets.forgotten == 1
    assert server.counts["GetFolder"] == 0


async def test_a_token_signs_in_and_a_fresh_one_follows_when_it_has_expired(
    account: ExchangeAccount, server: ExchangeServer
):
    old, new = server.sign_in.tokens.issue("alice", -1.0)[0], server.sign_in.tokens.issue("alice")[0]
    secrets = Secrets(old, new)
    calendars = open_account(replace(account, auth="oauth"), secrets, StillClock())[0]
    report = await calendars.check()
    await calendars.close()
    assert (report.mailbox, secrets.forgotten) == ("alice@example.org", 1)


async def test_a_server_that_cannot_prove_who_it_is_gets_no_password(open_parts, server: ExchangeServer):
    parts = open_parts(ca=None)
    with pytest.raises(CertificateError) as refused:
        await parts.calendars.check()
    assert "authority" in refused.value.message
    assert "ca" in refused.value.hint
    assert not server.counts


async def test_a_server_that_is_not_there_is_said_in_words(open_parts):
    parts = open_parts(Limits(tries=1), server="https://127.0.0.1:9/EWS/Exchange.asmx")
    with pytest.raises(Unreachable) as refused:
        await parts.calendars.check()
    assert "nothing listens there" in refused.value.message


async def test_an_account_that_names_no_mailbox_says_what_to_write(open_parts):
    parts = open_parts(address="", sign_in=SignIn("alice", password="x"))
    with pytest.raises(ConfigError) as refused:
        await parts.calendars.check()
    assert "address" in refused.value.hint


async def test_no_password_is_kept_by_the_library_or_in_an_error(
    open_parts, accounts: Accounts, caplog: pytest.LogCaptureFixture
):
    from exchangelib.protocol import CachingProtocol

    parts = open_parts()
    await parts.calendars.check()
    assert not CachingProtocol._protocol_cache
    assert accounts.passwords["alice"] not in caplog.text


def test_nothing_of_the_library_is_kept_at_a_predictable_place(own_home: Path):
    import tempfile

    names = [path.name for path in Path(tempfile.gettempdir()).glob("exchangelib*")]
    assert names == []


async def test_discovery_finds_the_service_and_tells_a_wrong_password(
    account: ExchangeAccount, server: ExchangeServer, certificates: Certificates, accounts: Accounts
):
    from core.backends.exchange.autodiscover import discover
    from core.sandbox.http import Answer, HttpServer, Request

    found = (
        '<?xml version="1.0"?><Autodiscover '
        'xmlns="http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006">'
        '<Response xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a">'
        f"<Account><Protocol><Type>EXPR</Type><EwsUrl>{server.ews}</EwsUrl></Protocol></Account></Response>"
        "</Autodiscover>"
    )

    class Discovery(HttpServer):
        def answer(self, request: Request) -> Answer:
            if not request.header("Authorization"):
                return Answer(401, headers=(("WWW-Authenticate", 'Basic realm="x"'),))
            if b"alice@example.org" not in request.body:
                return Answer(404)
            wrong = "d3Jvbmc=" in request.header("Authorization")
            return Answer(401) if wrong else Answer(200, found.encode(), "text/xml")

    with Discovery(certificates, "autodiscover") as running:
        url = [f"{running.url}/autodiscover/autodiscover.xml"]
        asked = replace(account, sign_in=SignIn(""))
        assert discover("alice@example.org", asked, accounts.passwords["alice"], url) == server.ews


def test_discovery_asks_by_https_only():
    from core.backends.exchange.autodiscover import places

    assert places("alice@example.org") == [
        "https://example.org/autodiscover/autodiscover.xml",
        "https://autodiscover.example.org/autodiscover/autodiscover.xml",
    ]
