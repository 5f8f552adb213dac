"""What a WebDAV server said, or did not say, in words for a person. The only place that knows httpx's errors.

Statuses: RFC 9110 §15, RFC 4918 §9 and §11 (409 missing parent, 423 locked, 507 no space), RFC 6585 (429).
"""

from __future__ import annotations

import ssl
from contextlib import suppress
from urllib.parse import unquote, urlsplit

import httpx

from core.backends.http.reading import causes, host_of, retry_after
from core.backends.http.sign_in import PasswordRefused, UnsafeSignIn
from core.backends.webdav.session import Answer, OutOfTime, TooLarge
from core.calendar.people import clean_name
from core.errors import (
    CertificateError,
    NotFound,
    PartagendaError,
    Refused,
    SignInFailed,
    TransportError,
    TryLater,
    Unreachable,
)
from core.language import N_, _


def name_of(address: str) -> str:
    """The last part of the path, as a person reads it."""
    return clean_name(unquote(urlsplit(address).path.rstrip("/").rpartition("/")[2])) or host_of(address)


def broken(error: Exception, address: str) -> PartagendaError:
    """For a request that got no answer."""
    host = host_of(address)
    if isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol):
        return Refused(_("This is no address that can be published to."), _("Write it as https://…/folder/."))
    for cause in causes(error):
        if (found := _known(cause, host)) is not None:
            return found
    return Unreachable(
        _("{host} cannot be reached: {reason}.").format(host=host, reason=_reason(error)),
        _("Look at the address and at the network."),
    )


def _known(cause: BaseException, host: str) -> PartagendaError | None:
    """What one error in the chain of causes means; None when the next one has to tell."""
    found: PartagendaError | None = None
    match cause:
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
                _("If it has an authority of its own, name its file as “ca” in config.toml."),
            )
        case OutOfTime() | httpx.TimeoutException():
            found = Unreachable(_("{host} did not answer in time.").format(host=host), _("It may work later."))
        case TooLarge():
            found = TransportError(
                _("{host} sent more than a calendar can be.").format(host=host), _("Look at the address.")
            )
        case _:
            pass
    return found


def wrong_password(host: str) -> SignInFailed:
    """The server refused the sign-in; it is not tried again."""
    return SignInFailed(
        _("{host} does not accept name and password.").format(host=host),
        _("Look at the [webdav] entry for it in config.toml; nothing more is tried with this password."),
    )


def refused(answer: Answer, address: str) -> PartagendaError:
    """For an answer that is not 2xx."""
    host, name, status = host_of(address), name_of(address), answer.status
    if 300 <= status < 400:
        return _elsewhere(answer, address)
    if status in (404, 409, 410):
        return missing_folder(address)
    if status in (429, 503):
        text = _("{host} is busy ({status}).").format(host=host, status=status)
        return TryLater(text, _("It may work later."), wait=retry_after(answer.headers.get("retry-after", "")))
    if status in _KNOWN:
        kind, text, hint = _KNOWN[status]
        return kind(_(text).format(host=host, name=name, status=status), _(hint).format(host=host))
    if status >= 500:
        return TransportError(_("{host} failed ({status}).").format(host=host, status=status), _("It may work later."))
    return TransportError(_("{host} answered {status}.").format(host=host, status=status), _("Look at the address."))


_NO_DAV = (
    TransportError,
    N_("{host} takes no files at this address ({status})."),
    N_("It has to be a folder of a WebDAV server."),
)
_KNOWN: dict[int, tuple[type[PartagendaError], str, str]] = {
    401: (
        SignInFailed,
        N_("{host} wants a name and a password."),
        N_('Add to config.toml: [webdav."https://{host}/"] with username and password_command.'),
    ),
    403: (
        Refused,
        N_("{host} does not let you write “{name}” (403)."),
        N_("Choose a folder of your own, or ask whoever runs the server."),
    ),
    405: _NO_DAV,
    501: _NO_DAV,
    413: (
        Refused,
        N_("{host} does not take a file of this size (413)."),
        N_("Publish fewer days or fewer details."),
    ),
    423: (
        TryLater,
        N_("“{name}” is locked on {host} by another program (423)."),
        N_("It may work later."),
    ),
    507: (Refused, N_("The disk of {host} is full (507)."), N_("Make room there, or publish fewer days.")),
}


def missing_folder(address: str) -> NotFound:
    """The folder above is not there."""
    path = unquote(urlsplit(address).path)
    folder = clean_name((path[:-1] if path.endswith("/") else path).rpartition("/")[0]) or "/"
    return NotFound(
        _("The folder {folder} is not there on {host}.").format(folder=folder, host=host_of(address)),
        _("Make it first, or choose another one."),
    )


def _elsewhere(answer: Answer, address: str) -> TransportError:
    """A redirect is never followed by a write: it could turn into a GET, or carry the calendar to somebody else."""
    target = httpx.URL(address)
    with suppress(httpx.InvalidURL, ValueError):
        target = target.join(answer.headers.get("location", ""))
    where = clean_name(f"{target.scheme}://{target.netloc.decode('ascii', 'replace').rpartition('@')[2]}")
    return TransportError(
        _("{host} sends one elsewhere ({status}), and nothing was written there.").format(
            host=host_of(address), status=answer.status
        ),
        _("If {where} is right, use its address yourself.").format(where=where),
    )


def _reason(error: BaseException) -> str:
    for cause in reversed(list(causes(error))):
        if isinstance(cause, OSError) and cause.strerror:
            return clean_name(cause.strerror)
    if isinstance(error, httpx.RemoteProtocolError):
        return _("what it sent is no whole answer")
    return clean_name(str(error)) or type(error).__name__
