"""What happened while a calendar was fetched, in words for a person. Addresses are named by their host alone: the path
of a published calendar is often its only secret."""

from __future__ import annotations

import os
import ssl

import httpx

from core.backends.feed.body import BadEncoding, TooLarge
from core.backends.feed.connection import InsidePrivateNetwork, NoSuchHost
from core.backends.http.reading import causes, retry_after
from core.backends.http.sign_in import PasswordRefused, UnsafeSignIn
from core.calendar.people import clean_name
from core.errors import (
    CertificateError,
    NotFound,
    PartagendaError,
    PrivateNetwork,
    Refused,
    SignInFailed,
    TransportError,
    TryLater,
    Unreachable,
)
from core.language import _


class Lost(Unreachable):
    """Nobody listens there."""


def private(host: str, *, led: bool = False) -> PrivateNetwork:
    """The host is inside a private network."""
    if led:
        return PrivateNetwork(
            _("The server sends one on to {host}, inside a private network; nothing was fetched from there.").format(
                host=host
            ),
            _("If that is right, give that address yourself."),
            host=host,
            led=True,
        )
    return PrivateNetwork(
        _("{host} is inside a private network, or this machine.").format(host=host),
        _("Subscribe to that address yourself if you know it, or name it in config.toml under [webdav]."),
        host=host,
    )


def too_many(host: str) -> TransportError:
    """Redirects that lead nowhere."""
    return TransportError(
        _("{host} sends one from address to address, and never to a calendar.").format(host=host),
        _("Open the address in a browser: one may have to sign in there."),
    )


def downgraded(host: str) -> TransportError:
    """From https to http."""
    return TransportError(
        _("{host} sends one on to an address without encryption (http), which was not followed.").format(host=host),
        _("Give the http:// address yourself if that is what you want."),
    )


def wrong_password(host: str) -> SignInFailed:
    """Name or password were refused."""
    return SignInFailed(
        _("{host} does not accept name and password.").format(host=host),
        _("Look at the [webdav] entry for it in config.toml; nothing more is tried with this password."),
    )


def broken(error: BaseException, host: str) -> PartagendaError:
    """For a request without a whole answer."""
    if isinstance(error, PartagendaError):
        return error
    for cause in causes(error):
        if (found := _known(cause, host)) is not None:
            return found
    kind = Lost if any(isinstance(cause, httpx.ConnectError) for cause in causes(error)) else Unreachable
    return kind(_("{host} cannot be reached: {reason}.").format(host=host, reason=_reason(error)), _again())


def _again() -> str:
    return _("Look at the address and at the network; it is tried again later.")


def _known(cause: BaseException, host: str) -> PartagendaError | None:
    """What one error in the chain of causes means; None when the next one has to tell."""
    found: PartagendaError | None = None
    match cause:
        case PartagendaError():
            found = cause
        case InsidePrivateNetwork():
            found = private(cause.host)
        case NoSuchHost():
            found = Unreachable(_("There is no host {host}.").format(host=host), _again())
        case PasswordRefused():
            found = wrong_password(host)
        case UnsafeSignIn():
            found = Refused(
                _("{host} asks for the password in clear text, so it was not sent.").format(host=host),
                _("Use an address that begins with https://."),
            )
        case ssl.SSLCertVerificationError():
            found = CertificateError(
                _("{host} could not prove who it is: {reason}.").format(host=host, reason=cause.verify_message),
                _("If it has an authority of its own, name its file as “ca” in a [webdav] entry of config.toml."),
            )
        case TimeoutError() | httpx.TimeoutException() if not isinstance(cause, httpx.ConnectTimeout):
            found = Unreachable(_("{host} did not answer in time.").format(host=host), _again())
        case TooLarge():
            found = TransportError(
                _("{host} sent more than a calendar can be.").format(host=host), _("Look at the address.")
            )
        case BadEncoding():
            found = TransportError(_("What {host} sent is broken.").format(host=host), _again())
        case httpx.RemoteProtocolError():
            found = Unreachable(_("{host} broke off in the middle of its answer.").format(host=host), _again())
        case _:
            pass
    return found


def _reason(error: BaseException) -> str:
    for cause in reversed(list(causes(error))):
        if isinstance(cause, OSError) and cause.strerror:
            if cause.errno and cause.strerror.startswith("Connect call failed"):  # asyncio's own words
                return clean_name(os.strerror(cause.errno))
            return clean_name(cause.strerror)
    return clean_name(str(error)) or type(error).__name__


def refused(response: httpx.Response, host: str) -> PartagendaError:
    """For an answer that is no calendar by its status (RFC 9110 §15)."""
    status = response.status_code
    known: dict[int, PartagendaError] = {
        401: SignInFailed(
            _("{host} wants a name and a password.").format(host=host),
            _('Add to config.toml: [webdav."https://{host}/"] with username and password_command.').format(host=host),
        ),
        403: Refused(
            _("{host} does not let you read this calendar (403).").format(host=host),
            _("Ask its owner whether it is still shared with you."),
        ),
        404: NotFound(
            _("{host} has no calendar at this address (404).").format(host=host), _("Ask its owner for the new one.")
        ),
        410: NotFound(
            _("The calendar is no longer on {host}: its owner took it away (410).").format(host=host),
            _("Stop the subscription, or ask its owner; your copy stays until then."),
        ),
    }
    if status in known:
        return known[status]
    if status in (429, 503):
        text = _("{host} is busy ({status}).").format(host=host, status=status)
        return TryLater(text, _("It is tried again later."), wait=retry_after(response.headers.get("retry-after", "")))
    if status >= 500:
        return TransportError(
            _("{host} failed ({status}).").format(host=host, status=status), _("It is tried again later.")
        )
    return TransportError(_("{host} answered {status}.").format(host=host, status=status), _("Look at the address."))
