"""What exchangelib, requests and Exchange say went wrong, in our words. The only place that knows their errors."""

from __future__ import annotations

from collections.abc import Iterator

import requests
from exchangelib import errors as ews
from exchangelib.util import ParseError

from core.backends.exchange.wire import NotEws, Talk
from core.config.logs import redact
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
from core.language import N_, _

_GONE = (
    ews.ErrorItemNotFound,
    ews.ErrorInvalidIdMalformed,
    ews.ErrorFolderNotFound,
    ews.ErrorNonExistentMailbox,
    ews.ErrorCalendarOccurrenceIsDeletedFromRecurrence,
    ews.ErrorMailRecipientNotFound,
)
_CHANGED = (ews.ErrorIrresolvableConflict, ews.ErrorStaleObject, ews.ErrorChangeKeyRequiredForWriteOperations)
_PASSING = (
    ews.ErrorInternalServerTransientError,
    ews.ErrorInternalServerError,
    ews.ErrorMailboxStoreUnavailable,
    ews.ErrorConnectionFailed,
    ews.ErrorTooManyObjectsOpened,
    ews.ErrorExceededConnectionCount,
    ews.ErrorTimeoutExpired,
    ews.ErrorADUnavailable,
    ews.ErrorADOperation,
    ews.CASError,
)
_NEVER_SENT = (requests.exceptions.ConnectTimeout,)
_LONGEST = 200


class Busy(Unreachable):
    """The server asks to be left alone for `seconds`; what was asked was not done."""

    def __init__(self, seconds: float | None) -> None:
        said = _("The Exchange server is busy and asks to wait.")
        if seconds:
            said = _("The Exchange server is busy and asks to wait {seconds} seconds.").format(seconds=round(seconds))
        super().__init__(said, _("It is tried again by itself."))
        self.seconds = seconds


class Puzzling(Unreachable):
    """An answer that cannot be read: asking again would give it again."""


class AccessDenied(Refused):
    """No right to do this there; whether that means “it is not there for you” depends on what was asked."""


def translate(error: BaseException, talk: Talk, server: str) -> PartagendaError:  # noqa: PLR0911 - one line a kind
    """Our error for one of theirs. A write whose answer did not come whole may have been done: DeliveryUnknown."""
    if isinstance(error, PartagendaError):
        return error
    if any(isinstance(each, requests.exceptions.SSLError) for each in _chain(error)):
        return CertificateError(
            _("{server} could not prove who it is: {reason}").format(server=server, reason=_short(error)),
            _("Ask who runs it for its certificate authority and set it as ca in config.toml."),
        )
    match error:
        case ews.UnauthorizedError():
            return SignInFailed(
                _("{server} refused the user name or the password.").format(server=server),
                _("Look at username, password_command and auth of this account in config.toml."),
            )
        case ews.ErrorServerBusy():
            return Busy(getattr(error, "back_off", None))
        case ews.RateLimitError():
            return Busy(getattr(error, "wait", None))
        case ews.RedirectError():
            return Unreachable(
                _("{server} sends the program on to {url} instead of answering.").format(
                    server=server, url=redact(str(error.url))[:_LONGEST]
                ),
                _("That is often a sign-in page: look at the server's address in config.toml."),
            )
        case NotEws():
            return Unreachable(
                _("{server} answers with a web page, not as an Exchange server.").format(server=server),
                _("Its address should end in /EWS/Exchange.asmx; a proxy or a sign-in page may stand before it."),
            )
    return _of_response(error, server) or _of_line(error, talk, server)


def _of_response(error: BaseException, server: str) -> PartagendaError | None:
    """What Exchange itself answered: it was understood and not done."""
    if isinstance(error, _GONE):
        return NotFound(_("It is not on the Exchange server any more, or you may not see it."))
    if isinstance(error, _CHANGED):
        return Conflict(_("Somebody else changed it on the Exchange server meanwhile."), _("Both versions are kept."))
    if isinstance(error, ews.ErrorAccessDenied | ews.ErrorDelegateNoUser | ews.ErrorMissingInformationReferenceItemId):
        return AccessDenied(
            _("The Exchange server does not allow that: {reason}").format(reason=_short(error)),
            _("Ask the calendar's owner for the right to do it."),
        )
    if isinstance(error, ews.ErrorSchemaValidation | ews.ErrorInvalidRequest):
        return Refused(_("The Exchange server does not understand the request: {reason}").format(reason=_short(error)))
    plain = isinstance(error, ews.ResponseMessageError) and not isinstance(error, _PASSING)
    if plain and type(error).__name__.startswith("Error"):
        return Refused(_("The Exchange server refuses: {reason}").format(reason=_short(error)))
    return None


def _of_line(error: BaseException, talk: Talk, server: str) -> TransportError:
    """The line, or an answer that is none. After a write nobody can know."""
    inside = [each for each in _chain(error) if isinstance(each, requests.exceptions.RequestException)]
    began = not any(isinstance(each, _NEVER_SENT) or _refused(each) for each in inside)
    unclear = isinstance(error, (*_PASSING, ews.SOAPError, ews.MalformedResponseError, ParseError))
    if (talk.writing and began) or (talk.operation.startswith(_CHANGING) and unclear and not inside):
        return DeliveryUnknown(
            _("{server} broke off before it confirmed the change.").format(server=server),
            _("Whether it arrived is looked up before anything is done again."),
        )
    if not inside and not isinstance(error, (ews.EWSError, OSError)):
        return Puzzling(
            _("{server} answers in a way that is not understood: {reason}").format(server=server, reason=_short(error))
        )
    reason = _short(inside[-1] if inside else error)
    return Unreachable(_("{server} could not be reached: {reason}").format(server=server, reason=reason))


_CHANGING = ("Create", "Update", "Delete", "Send", "Move", "Add", "Remove")


def _refused(error: BaseException) -> bool:
    text = str(error)
    return "NewConnectionError" in text or "Failed to establish" in text or "NameResolution" in text


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    each: BaseException | None = error
    while each is not None and id(each) not in seen:
        seen.add(id(each))
        yield each
        each = each.__cause__ or each.__context__


_COMMON = {
    "Connection refused": N_("nothing listens there"),
    "NameResolutionError": N_("there is no host of that name"),
    "Name or service not known": N_("there is no host of that name"),
    "Network is unreachable": N_("the network is not there"),
    "No route to host": N_("the network is not there"),
    "Read timed out": N_("it did not answer in time"),
    "ConnectTimeout": N_("it did not answer in time"),
    "the time is over": N_("it did not answer in time"),
    "RemoteDisconnected": N_("it ended the connection"),
    "Connection reset": N_("it ended the connection"),
    "IncompleteRead": N_("it broke off in the middle of its answer"),
    "self-signed certificate": N_("its certificate is signed by an authority that this machine does not know"),
    "self signed certificate": N_("its certificate is signed by an authority that this machine does not know"),
    "unable to get local issuer": N_("its certificate is signed by an authority that this machine does not know"),
    "certificate has expired": N_("its certificate has expired"),
    "IP address mismatch": N_("its certificate is for another name"),
    "Hostname mismatch": N_("its certificate is for another name"),
    "doesn't match": N_("its certificate is for another name"),
}
"""What libraries and systems say, in words for a person."""


def _short(error: BaseException) -> str:
    """The reason alone, without what a library wraps around it, on one line; secrets are taken out."""
    text = " ".join(str(error).split())
    for sign, words in _COMMON.items():
        if sign in text:
            return _(words)
    for mark in ("Caused by ", "]: "):
        text = text.rpartition(mark)[2] if mark in text else text
    return redact(text.strip("()'\" "))[:_LONGEST] or type(error).__name__
