"""What Graph, its sign-in and the network answered, in words for a person. Codes: Microsoft Graph, error responses."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from core.calendar.people import clean_name
from core.errors import (
    CertificateError,
    Conflict,
    DeliveryUnknown,
    NotFound,
    PartagendaError,
    Refused,
    SignInFailed,
    TransportError,
    Unreachable,
)
from core.language import _

if TYPE_CHECKING:
    import httpx

    from core.backends.graph.wire import Answer

_LONGEST = 200
POLICY = "ErrorNotAllowedExternalSharingByPolicy"


def quote(text: str) -> str:
    """A server's words on one short line, without control characters."""
    clean = clean_name(text[: 4 * _LONGEST])
    return clean if len(clean) <= _LONGEST else clean[: _LONGEST - 1] + "…"


def code_of(answer: Answer) -> tuple[str, str]:
    """Graph's code and text of an error; empty where it has none."""
    error: Any = answer.data.get("error") if isinstance(answer.data, dict) else None
    if not isinstance(error, dict):
        return "", ""
    return str(error.get("code", "")), quote(str(error.get("message", "")))


def refusal(answer: Answer, host: str) -> PartagendaError:
    """Our error for a status of 400 and more (but 401, 429 and 5xx, which `session` knows)."""
    code, text = code_of(answer)
    said = f"{code}: {text}".strip(": ") or str(answer.status)
    match answer.status:
        case 404 | 410:
            return NotFound(_("It is not there (any more), or may not be seen: {reason}").format(reason=said))
        case 409 | 412:
            return Conflict(
                _("Somebody else changed it meanwhile."), _("Look at what the server has now, then decide.")
            )
        case 403:
            return _forbidden(code, said)
        case 413:
            return Refused(_("It is too large for {host}.").format(host=host))
        case 507:
            return Refused(_("Your mailbox is full."))
        case _:
            return Refused(_("Microsoft 365 refused it: {reason}").format(reason=said))


def _forbidden(code: str, said: str) -> Refused:
    if code == POLICY:
        return Refused(
            _("Your organisation's sharing policy does not allow this level for people outside."),
            _("Choose a lower level, or send a copy by e-mail instead (E-mail Calendar)."),
        )
    return Refused(
        _("Microsoft 365 does not allow it: {reason}").format(reason=said),
        _("You may lack the right, or the app that you registered lacks a permission: see README."),
    )


def signed_out(account: str) -> SignInFailed:
    """The server no longer takes our token."""
    return SignInFailed(
        _("You are not signed in to “{account}” any more.").format(account=account), how_to_sign_in(account)
    )


def how_to_sign_in(account: str) -> str:
    """The hint that goes with it."""
    return _("Sign in: Accounts (X) in the app, or partagenda account check {account}").format(account=account)


def busy(host: str, seconds: float) -> Unreachable:
    """Throttled for longer than one waits."""
    return Unreachable(
        _("{host} asks to wait: too many requests.").format(host=host),
        _("Try again in {seconds} seconds.").format(seconds=round(seconds)),
    )


def unavailable(host: str, status: int) -> Unreachable:
    """A server that cannot answer now; 0: it did not in time."""
    return Unreachable(
        _("{host} cannot answer at the moment ({status}).").format(host=host, status=status or _("no answer in time")),
        _("What you changed waits here; try again later."),
    )


def nobody_knows(host: str) -> DeliveryUnknown:
    """The line broke after a write was handed over."""
    return DeliveryUnknown(
        _("{host} did not say whether it was done.").format(host=host),
        _("It is looked up before anything is done again."),
    )


def strange(host: str, what: str) -> TransportError:
    """An answer that is none."""
    return TransportError(
        _("What {host} answered is not Microsoft Graph's: {what}").format(host=host, what=what),
        _("Something may stand between you and the server: a sign-in page of the network, a proxy."),
    )


def elsewhere(host: str, address: str) -> TransportError:
    """The server points to another one: not followed, for the token would go there."""
    return TransportError(
        _("{host} points to another server ({other}); it was not followed.").format(
            host=host, other=quote(urlsplit(address).netloc or address)
        ),
        _("Check “server” of the account."),
    )


def network(error: httpx.HTTPError, host: str, *, handed_over: bool) -> TransportError:
    """Our error for httpx's. `handed_over`: a write may have arrived."""
    import httpx

    for cause in causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return CertificateError(
                _("{host} could not prove who it is: {reason}").format(host=host, reason=cause.verify_message),
                _("If it has an authority of its own, name its PEM file in “ca” of the account."),
            )
    never = httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout | httpx.UnsupportedProtocol
    if handed_over and not isinstance(error, never):
        return nobody_knows(host)
    reason = _("it did not answer in time") if isinstance(error, httpx.TimeoutException) else quote(str(error))
    return Unreachable(
        _("{host} could not be reached: {reason}").format(host=host, reason=reason or type(error).__name__),
        _("Check the network, and “server” of the account."),
    )


def causes(error: BaseException) -> list[BaseException]:
    """The error and what it came from."""
    found: list[BaseException] = []
    step: BaseException | None = error
    while step is not None and step not in found:
        found.append(step)
        step = step.__cause__ or step.__context__
    return found
