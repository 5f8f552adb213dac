"""Signing in: Basic, NTLM and bearer tokens, each refused when it should be; Autodiscover."""

from __future__ import annotations

import http.client
import json
from urllib.parse import urlencode

import pytest
import requests
from requests.auth import HTTPBasicAuth
from requests_ntlm import HttpNtlmAuth

from core.sandbox.exchange.web import AUTODISCOVER, TOKEN

ENVELOPE = (
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" '
    'xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages" '
    'xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types"><s:Body><m:GetFolder><m:FolderShape>'
    "<t:BaseShape>IdOnly</t:BaseShape></m:FolderShape><m:FolderIds>"
    '<t:DistinguishedFolderId Id="calendar"/></m:FolderIds></m:GetFolder></s:Body></s:Envelope>'
)
DISCOVER = (
    '<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006">'
    "<Request><EMailAddress>{address}</EMailAddress></Request></Autodiscover>"
)


def ask(exchange, auth=None, headers=None, session=None):
    sender = session or requests
    return sender.post(exchange.server.ews, ENVELOPE, auth=auth, headers=headers or {}, timeout=30)


@pytest.mark.parametrize("name", ["alice", "EXAMPLE\\alice", "alice@example.org", "Alice"])
@pytest.mark.parametrize("scheme", [HTTPBasicAuth, HttpNtlmAuth])
def test_each_form_of_a_user_name_signs_in(exchange, name, scheme):
    assert ask(exchange, scheme(name, exchange.accounts.passwords["alice"])).status_code == 200


@pytest.mark.parametrize("scheme", [HTTPBasicAuth, HttpNtlmAuth])
@pytest.mark.parametrize("name", ["alice", "nobody", "OTHER\\nobody"])
def test_a_wrong_password_or_name_does_not(exchange, name, scheme):
    assert ask(exchange, scheme(name, "wrong")).status_code == 401


def test_ntlm_holds_the_answer_to_its_own_challenge(exchange):
    """A type 3 message that was right on one connection is worth nothing on another."""
    with requests.Session() as session:
        right = ask(exchange, HttpNtlmAuth("alice", exchange.accounts.passwords["alice"]), session=session)
    spoken = right.request.headers["Authorization"]
    assert spoken.startswith("NTLM ")
    assert ask(exchange, headers={"Authorization": spoken}).status_code == 401


def test_ntlm_signs_in_the_connection_and_no_other(exchange):
    with requests.Session() as session:
        assert ask(exchange, HttpNtlmAuth("alice", exchange.accounts.passwords["alice"]), session=session).ok
        assert ask(exchange, session=session).status_code == 200
    assert ask(exchange).status_code == 401


def test_what_is_offered_is_said(exchange):
    offered = ask(exchange).raw.headers.getlist("WWW-Authenticate")
    assert [each.partition(" ")[0] for each in offered] == ["NTLM", "Basic", "Bearer"]


def test_a_scheme_that_is_not_offered_is_not_taken(exchange):
    exchange.server.sign_in.schemes = ("NTLM",)
    assert ask(exchange, HTTPBasicAuth("alice", exchange.accounts.passwords["alice"])).status_code == 401


def test_the_passwords_are_gone_from_the_disk_afterwards(exchange):
    ask(exchange, HttpNtlmAuth("alice", exchange.accounts.passwords["alice"]))
    folder = exchange.server.sign_in._folder
    assert folder.stat().st_mode & 0o077 == 0
    exchange.server.sign_in.close()
    assert not folder.exists()


def token(exchange, **form):
    answer = requests.post(exchange.server.url + TOKEN, form, timeout=30)
    return answer.status_code, answer.json()


def password_form(exchange):
    return {"grant_type": "password", "username": "alice", "password": exchange.accounts.passwords["alice"]}


def bearer(exchange, access):
    return ask(exchange, headers={"Authorization": f"Bearer {access}"}).status_code


def test_a_token_signs_in_until_it_is_too_old(exchange):
    _status, given = token(exchange, **password_form(exchange))
    assert bearer(exchange, given["access_token"]) == 200
    exchange.server.sign_in.tokens.expire()
    assert bearer(exchange, given["access_token"]) == 401


def test_a_refresh_token_gives_a_new_one_once(exchange):
    _status, given = token(exchange, **password_form(exchange))
    exchange.server.sign_in.tokens.expire()
    form = {"grant_type": "refresh_token", "refresh_token": given["refresh_token"]}
    _status, renewed = token(exchange, **form)
    assert bearer(exchange, renewed["access_token"]) == 200
    assert token(exchange, **form) == (400, {"error": "invalid_grant"})


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "password", "username": "alice", "password": "wrong"}, "invalid_grant"),
        ({"grant_type": "client_credentials"}, "unsupported_grant_type"),
        ({}, "unsupported_grant_type"),
    ],
)
def test_a_bad_request_for_a_token_is_refused_by_name(exchange, form, error):
    assert token(exchange, **form) == (400, {"error": error})


def test_a_token_that_nobody_gave_is_refused_and_the_reason_said(exchange):
    answer = ask(exchange, headers={"Authorization": "Bearer made-up"})
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def test_autodiscover_names_the_service(exchange):
    auth = HTTPBasicAuth("alice", exchange.accounts.passwords["alice"])
    body = DISCOVER.format(address="alice@example.org")
    answer = requests.post(exchange.server.url + AUTODISCOVER, body, auth=auth, timeout=30)
    assert exchange.server.ews in answer.text


def test_autodiscover_does_not_know_somebody_outside(exchange):
    auth = HTTPBasicAuth("alice", exchange.accounts.passwords["alice"])
    body = DISCOVER.format(address="clara@example.net")
    answer = requests.post(exchange.server.url + AUTODISCOVER, body, auth=auth, timeout=30)
    assert "<" in answer.text
    assert "EwsUrl" not in answer.text
    assert "can't be found" in answer.text


def test_the_page_to_sign_in_at_needs_no_password(exchange):
    connection = http.client.HTTPConnection("127.0.0.1", exchange.server.port, timeout=30)
    connection.request("GET", "/owa/auth/logon.aspx?" + urlencode({"url": "/EWS"}))
    answer = connection.getresponse()
    assert (answer.status, b"password" in answer.read()) == (200, True)
    connection.close()


def test_the_token_endpoint_speaks_json(exchange):
    answer = requests.post(exchange.server.url + TOKEN, {}, timeout=30)
    assert json.loads(answer.text)
    assert answer.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(("address", "code"), [("bruno", "ErrorImpersonateUserDenied"), ("alice", "NoError")])
def test_nobody_acts_as_somebody_else(exchange, address, code):
    sid = f"<t:ConnectingSID><t:PrimarySmtpAddress>{address}@example.org</t:PrimarySmtpAddress></t:ConnectingSID>"
    header = f"<t:ExchangeImpersonation>{sid}</t:ExchangeImpersonation>"
    body = ENVELOPE[ENVELOPE.index("<m:GetFolder>") : ENVELOPE.index("</s:Body>")]
    assert exchange.code(body, header=header) == code
