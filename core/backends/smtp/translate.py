"""What a mail server said, in words for a person. The only place that knows aiosmtplib's errors.

Codes: RFC 5321 §4.2 (4yz may succeed later, 5yz will not), RFC 4954 for signing in, RFC 3207 for STARTTLS.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator

import aiosmtplib

from core.calendar.people import clean_name
from core.errors import CertificateError, DeliveryUnknown, SignInFailed, TransportError, Unreachable
from core.language import _
from core.values import dataclass

_LONGEST_QUOTE = 200


@dataclass(frozen=True, slots=True)
class Answer:
    """A server's reply to one step."""

    code: int
    text: str

    @property
    def temporary(self) -> bool:
        """Whether the same may work later."""
        return 400 <= self.code < 500

    @property
    def proper(self) -> bool:
        """Whether it is a reply of the protocol at all."""
        return 200 <= self.code < 600

    @property
    def refusal(self) -> bool:
        """Whether it is a proper no."""
        return 400 <= self.code < 600

    def __str__(self) -> str:
        return f"{self.code} {quote(self.text)}".strip()


def quote(text: str) -> str:
    """A server's words on one short line, without control characters."""
    clean = clean_name(text[: 4 * _LONGEST_QUOTE])
    return clean if len(clean) <= _LONGEST_QUOTE else clean[: _LONGEST_QUOTE - 1] + "…"


def translate(error: Exception, host: str, *, step: str, handed_over: bool) -> TransportError:
    """Our error for aiosmtplib's. `step` is what was going on; after the final dot only DeliveryUnknown is honest."""
    if handed_over:
        return delivery_unknown(host)
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return certificate_error(host, cause)
    match error:
        case TimeoutError() | aiosmtplib.SMTPTimeoutError():
            return took_too_long(host, step)
        case aiosmtplib.SMTPResponseException():
            return refused_step(host, step, Answer(error.code, error.message))
    return _broken_line(error, host, step)


def _broken_line(error: Exception, host: str, step: str) -> TransportError:
    if any(isinstance(cause, ssl.SSLError) for cause in _causes(error)):
        return TransportError(
            _("{host} and this program found no common encryption.").format(host=host),
            _("Check port and security of the account: “tls” is usually 465, “starttls” 587."),
        )
    if isinstance(error, ValueError):
        return TransportError(
            _("The message cannot go to {host}: {reason}").format(host=host, reason=quote(str(error)))
        )
    return Unreachable(
        _("{host} could not be reached ({step}): {reason}").format(host=host, step=step, reason=_reason(error)),
        _("Nothing was handed over. It is tried again later."),
    )


def refused_step(host: str, step: str, answer: Answer) -> TransportError:
    """A refusal that concerns the whole conversation, not one recipient."""
    words = _("{host} refused ({step}): {answer}").format(host=host, step=step, answer=answer)
    if answer.temporary or not answer.refusal:
        if not answer.refusal:
            words = _("{host} answered with something that is not mail’s protocol ({step}): {answer}").format(
                host=host, step=step, answer=quote(answer.text)
            )
        return Unreachable(words, _("Nothing was handed over. It is tried again later."))
    return TransportError(words, _("Nothing was handed over. Check the account, or ask who runs the server."))


def sign_in_refused(host: str, username: str, answer: Answer) -> TransportError:
    """AUTH failed: for now, or because name or password are wrong (RFC 4954 §6)."""
    if answer.temporary or not answer.refusal:
        return refused_step(host, _("signing in"), answer)
    return SignInFailed(
        _("{host} did not accept the name “{username}” with this password: {answer}").format(
            host=host, username=username, answer=answer
        ),
        _("Check username and password_command of the account. Nothing is tried again with this password."),
    )


def certificate_error(host: str, error: ssl.SSLCertVerificationError) -> CertificateError:
    """The server could not prove its name."""
    return CertificateError(
        _("{host} could not prove that it is {host}: {reason}").format(
            host=host, reason=quote(error.verify_message or str(error))
        ),
        _("Nothing was sent. If the server’s authority is your own, give its PEM file as “ca” of the account."),
    )


def took_too_long(host: str, step: str) -> Unreachable:
    """A time limit ran out before anything was handed over."""
    return Unreachable(
        _("{host} took too long ({step}).").format(host=host, step=step),
        _("Nothing was handed over. It is tried again later."),
    )


def delivery_unknown(host: str) -> DeliveryUnknown:
    """The whole message was handed over, and no answer came."""
    return DeliveryUnknown(
        _("The line to {host} broke after the whole message was handed over: it may have been sent.").format(host=host),
        _("It is not sent again by itself. Ask whether it arrived, then “retry” or “drop” it."),
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: BaseException | None = error
    for _depth in range(10):
        if seen is None:
            return
        yield seen
        seen = seen.__cause__ or seen.__context__


def _reason(error: Exception) -> str:
    for cause in _causes(error):
        if isinstance(cause, OSError) and cause.strerror:
            return quote(cause.strerror)
    return quote(str(error)) or type(error).__name__
