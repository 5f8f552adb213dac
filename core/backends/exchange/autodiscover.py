"""Finding an Exchange server from an address: Microsoft's Autodiscover (POX), nothing kept on disk.

[MS-OXDSCLI]: the domain, then `autodiscover.` before it, https only. A password goes to no host that plain http or a
redirection outside of https named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

import requests
from lxml import etree

from core.errors import CertificateError, NotFound, SignInFailed
from core.language import _

if TYPE_CHECKING:
    from core.config.settings import ExchangeAccount

_SECONDS = 10.0
_HOPS = 5
_REQUEST = "http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006"
_ANSWER = "{http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a}"
_BODY = (
    '<?xml version="1.0" encoding="utf-8"?><Autodiscover xmlns="{schema}"><Request><EMailAddress>{address}'
    "</EMailAddress><AcceptableResponseSchema>{answer}</AcceptableResponseSchema></Request></Autodiscover>"
)


def places(address: str) -> list[str]:
    """Where an address's server may be asked for, in order."""
    domain = address.rpartition("@")[2]
    return [f"https://{host}/autodiscover/autodiscover.xml" for host in (domain, f"autodiscover.{domain}")]


def discover(address: str, account: ExchangeAccount, password: str, urls: list[str] | None = None) -> str:
    """The address of Exchange Web Services for a mailbox. Raises SignInFailed, CertificateError, NotFound."""
    waiting = list(urls or places(address))
    refused = certificate = False
    for _hop in range(_HOPS):
        if not waiting:
            break
        url = waiting.pop(0)
        try:
            answer = _ask(url, address, account, password)
        except requests.exceptions.SSLError:
            certificate = True
            continue
        except requests.exceptions.RequestException:
            continue
        refused = refused or answer.status_code == 401
        if answer.is_redirect:
            waiting[:0] = _secure(answer.headers.get("location", ""))
            continue
        found, elsewhere, other = _read(answer.content) if answer.status_code == 200 else ("", "", "")
        if found:
            return found
        waiting[:0] = _secure(elsewhere)
        if other and other != address:
            return discover(other, account, password)
    raise _nothing(address, refused=refused, certificate=certificate)


def _nothing(address: str, *, refused: bool, certificate: bool) -> Exception:
    if refused:
        return SignInFailed(
            _("Autodiscover for {address} refused the user name or the password.").format(address=address),
            _("Look at username and password_command of this account in config.toml."),
        )
    if certificate:
        return CertificateError(
            _("The autodiscover server of {address} could not prove who it is.").format(address=address),
            _("Set server to the address of Exchange Web Services, and ca to its authority."),
        )
    return NotFound(
        _("Autodiscover found no Exchange server for {address}.").format(address=address),
        _('Set server, as "https://mail.example.org/EWS/Exchange.asmx".'),
    )


def _ask(url: str, address: str, account: ExchangeAccount, password: str) -> requests.Response:
    """One question, not following where it is sent on: the password goes along, and `discover` goes to https alone."""
    from exchangelib.transport import get_auth_instance

    headers = {"Content-Type": "text/xml; charset=utf-8", "User-Agent": "Partagenda"}
    authority = None
    if account.auth == "oauth":
        headers["Authorization"] = f"Bearer {password}"
    else:
        kind = "NTLM" if account.auth == "ntlm" else "basic"
        name = account.sign_in.username or address
        authority = get_auth_instance(auth_type=kind, username=name, password=password)
    body = _BODY.format(schema=_REQUEST, address=escape(address), answer=_ANSWER.strip("{}"))
    return requests.post(
        url,
        data=body.encode(),
        headers=headers,
        auth=authority,
        timeout=_SECONDS,
        verify=str(account.ca) if account.ca else True,
        allow_redirects=False,
    )


def _secure(url: str) -> list[str]:
    return [url] if urlsplit(url).scheme == "https" and urlsplit(url).hostname else []


def _read(data: bytes) -> tuple[str, str, str]:
    """The service's address, another place to ask, another address to ask for: at most one is not empty."""
    try:
        root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False))
    except etree.XMLSyntaxError:
        return "", "", ""
    kinds = {}
    for protocol in root.iter(f"{_ANSWER}Protocol"):
        kind, url = protocol.findtext(f"{_ANSWER}Type", ""), protocol.findtext(f"{_ANSWER}EwsUrl", "").strip()
        if _secure(url):
            kinds[kind.strip()] = url
    found = next((kinds[kind] for kind in ("EXPR", "EXHTTP", "EXCH") if kind in kinds), "")
    if found:
        return found, "", ""
    elsewhere = next((each.text or "" for each in root.iter(f"{_ANSWER}RedirectUrl")), "").strip()
    other = next((each.text or "" for each in root.iter(f"{_ANSWER}RedirectAddr")), "").strip()
    return "", elsewhere, "" if elsewhere else other
