"""What the server says beside its service: Autodiscover (POX, [MS-OXDSCLI]), OAuth tokens, a page to sign in at."""

from __future__ import annotations

import json
from urllib.parse import parse_qs

from core.sandbox.exchange.auth import LIFETIME, SignIn
from core.sandbox.exchange.model import Mailbox, Organisation
from core.sandbox.exchange.xml import Element, ParseError, parse, text_of, to_bytes
from core.sandbox.http import Answer, Request

AUTODISCOVER = "/autodiscover/autodiscover.xml"
TOKEN = "/oauth2/v2.0/token"  # noqa: S105 - a path
SIGN_IN_PAGE = "/owa/auth/logon.aspx"
_ANSWER = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a"
_PLAIN = "http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006"
_PAGE = (
    b"<!DOCTYPE html><html><head><title>Outlook</title></head><body>"
    b'<form method="post" action="/owa/auth.owa"><input name="username"><input name="password" type="password">'
    b"</form></body></html>"
)


def page() -> Answer:
    """Where a browser would sign in: HTML under 200, which no client may take for an answer."""
    return Answer(200, _PAGE, "text/html; charset=utf-8")


# --- tokens ----------------------------------------------------------------------------------------------------------


def token(request: Request, sign_in: SignIn) -> Answer:
    """RFC 6749: `password` and `refresh_token` grants; errors as it says."""
    form = {name: values[0] for name, values in parse_qs(request.body.decode("utf-8", "replace")).items()}
    match form.get("grant_type", ""):
        case "password":
            mailbox = sign_in.checked(form.get("username", ""), form.get("password", ""))
            given = sign_in.tokens.issue(mailbox.key) if mailbox else None
        case "refresh_token":
            given = sign_in.tokens.renew(form.get("refresh_token", ""))
        case _:
            return _json(400, {"error": "unsupported_grant_type"})
    if given is None:
        return _json(400, {"error": "invalid_grant"})
    access, refresh = given
    answer = {"token_type": "Bearer", "expires_in": LIFETIME, "access_token": access, "refresh_token": refresh}
    return _json(200, answer)


def _json(status: int, value: dict[str, object]) -> Answer:
    body = json.dumps(value).encode()
    return Answer(status, body, "application/json", (("Cache-Control", "no-store"),))


# --- autodiscover ----------------------------------------------------------------------------------------------------


def autodiscover(request: Request, organisation: Organisation, ews: str) -> Answer:
    """Where the service of an address is; an address that is not in the organisation has none."""
    try:
        asked = text_of(parse(request.body), "Request", "EMailAddress").strip().lower()
    except (ParseError, ValueError):
        return _xml(_plain_error("600", "Invalid Request"))
    mailbox = organisation.mailboxes.get(asked)
    return _xml(_account(mailbox, ews) if mailbox else _plain_error("500", "The e-mail address can't be found."))


def _account(mailbox: Mailbox, ews: str) -> Element:
    user = _part("User", [_text("DisplayName", mailbox.name), _text("AutoDiscoverSMTPAddress", mailbox.address)])
    protocols = [
        _part("Protocol", [_text("Type", kind), _text("ASUrl", ews), _text("EwsUrl", ews)]) for kind in ("EXCH", "EXPR")
    ]
    account = _part("Account", [_text("AccountType", "email"), _text("Action", "settings"), *protocols])
    return _around([_part("Response", [user, account])])


def _plain_error(code: str, text: str) -> Element:
    error = Element(f"{{{_PLAIN}}}Error", {"Time": "00:00:00", "Id": "1"})
    for name, content in (("ErrorCode", code), ("Message", text)):
        part = Element(f"{{{_PLAIN}}}{name}")
        part.text = content
        error.append(part)
    response = Element(f"{{{_PLAIN}}}Response")
    response.append(error)
    return _around([response])


def _around(parts: list[Element]) -> Element:
    made = Element(f"{{{_PLAIN}}}Autodiscover")
    made.extend(parts)
    return made


def _part(name: str, parts: list[Element]) -> Element:
    made = Element(f"{{{_ANSWER}}}{name}")
    made.extend(parts)
    return made


def _text(name: str, content: str) -> Element:
    made = Element(f"{{{_ANSWER}}}{name}")
    made.text = content
    return made


def _xml(root: Element) -> Answer:
    return Answer(200, to_bytes(root), "text/xml; charset=utf-8")
