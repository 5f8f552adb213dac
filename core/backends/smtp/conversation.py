"""One conversation with a mail server, step by step, so that each step's failure is known for what it is."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Sequence
from contextlib import suppress

import aiosmtplib

from core.backends.smtp.settings import Security, SmtpSettings
from core.backends.smtp.translate import Answer, delivery_unknown, sign_in_refused
from core.errors import ConfigError, SignInFailed, TransportError
from core.language import _
from core.ports.mail import Delivery, RecipientResult

_CHUNK = 64 * 1024
_LINE_END = re.compile(rb"\r\n|\n|\r(?!\n)")
_DOT = re.compile(rb"(?m)^\.")
_NAME = "[127.0.0.1]"
"""What EHLO says: an address literal (RFC 5321 §4.1.3). The machine's own name is nobody's business."""


class Conversation:
    """Connects, secures, signs in and hands one message over. `step` and `handed_over` tell how far it is.

    `handed_over` is set right before the final dot is written: until then the server must not take the message
    (RFC 5321 §4.1.1.4), from then on only its answer says whether it did.
    """

    def __init__(self, settings: SmtpSettings) -> None:
        self._settings = settings
        self.step = _("connecting")
        self.handed_over = False
        self.refused: dict[str, Answer] = {}
        """Recipients that were refused before the message went."""
        self._smtp: aiosmtplib.SMTP | None = None

    @property
    def smtp(self) -> aiosmtplib.SMTP:
        """The connection; there must be one."""
        assert self._smtp is not None
        return self._smtp

    async def open(self) -> None:
        """Connect and, as the account says, make the line secret."""
        settings = self._settings
        context = None if settings.security is Security.NONE else tls_context(settings)
        self._smtp = aiosmtplib.SMTP(
            hostname=settings.host,
            port=settings.real_port,
            use_tls=settings.security is Security.TLS,
            start_tls=False,
            tls_context=context,
            local_hostname=_NAME,
            timeout=settings.limits.step,
        )
        await self.smtp.connect()
        await self._greet()
        if settings.security is Security.STARTTLS:
            await self._secure()

    async def _greet(self) -> None:
        self.step = _("greeting")
        await self.smtp.ehlo()

    async def _secure(self) -> None:
        self.step = _("STARTTLS")
        if not self.smtp.supports_extension("starttls"):
            raise TransportError(
                _("{host} offers no encryption (STARTTLS), so nothing was sent to it.").format(
                    host=self._settings.host
                ),
                _("Somebody on the way may be hiding it. For a server that speaks TLS at once, set security to “tls”."),
            )
        await self.smtp.starttls()
        await self._greet()

    async def sign_in(self, password: str) -> None:
        """AUTH by the one mechanism that suits, once: a wrong password is not tried three times."""
        self.step = _("signing in")
        smtp, username = self.smtp, self._settings.username
        offered = {method.lower() for method in smtp.server_auth_methods}
        try:
            if "plain" in offered:
                await smtp.auth_plain(username, password)
            elif "login" in offered:
                await smtp.auth_login(username, password)
            elif "cram-md5" in offered:
                await smtp.auth_crammd5(username, password)
            else:
                raise SignInFailed(
                    _("{host} offers no way of signing in that this program knows.").format(host=self._settings.host),
                    _("Remove username from the account if the server needs none."),
                )
        except aiosmtplib.SMTPResponseException as error:
            raise sign_in_refused(self._settings.host, username, Answer(error.code, error.message)) from error

    async def hand_over(
        self, sender: str, recipients: Sequence[str], content: bytes, options: Sequence[str], encoding: str
    ) -> list[RecipientResult]:
        """MAIL, RCPT for each, DATA. Answers that concern the message or a recipient become results."""
        self.step = _("sender")
        try:
            await self.smtp.mail(sender, options=options, encoding=encoding)
        except aiosmtplib.SMTPSenderRefused as error:
            return _for_all(recipients, self._proper(error))
        await self._recipients(recipients, encoding)
        accepted = [address for address in recipients if address not in self.refused]
        answer = await self._data(content) if accepted else None
        for_the_rest = {} if answer is None else dict.fromkeys(accepted, answer)
        return [_result(address, (self.refused | for_the_rest).get(address)) for address in recipients]

    def results_unknown(self, recipients: Sequence[str]) -> list[RecipientResult]:
        """What is known when no answer came to the final dot: who was refused before, was refused."""
        return [
            _result(address, self.refused[address])
            if address in self.refused
            else RecipientResult(address, Delivery.UNKNOWN, delivery_unknown(self._settings.host).message)
            for address in recipients
        ]

    async def _recipients(self, recipients: Sequence[str], encoding: str) -> None:
        self.step = _("recipients")
        for address in recipients:
            try:
                await self.smtp.rcpt(address, encoding=encoding)
            except aiosmtplib.SMTPRecipientRefused as error:
                self.refused[address] = self._proper(error)

    def _proper(self, error: aiosmtplib.SMTPResponseException) -> Answer:
        answer = Answer(error.code, error.message)
        if not answer.refusal or answer.code == 421:  # 421: the server closes the line (RFC 5321 §3.8)
            raise error
        return answer

    async def _data(self, content: bytes) -> Answer | None:
        """None when the server took the message, else its refusal."""
        self.step = _("message")
        start = await self.smtp.execute_command(b"DATA")
        if start.code != 354:
            error = aiosmtplib.SMTPDataError(start.code, start.message)
            return self._proper(error)
        await self._write(wire_form(content))
        protocol = self.smtp.protocol
        if protocol is None or not protocol.is_connected:
            raise aiosmtplib.SMTPServerDisconnected("Connection lost")
        self.handed_over = True
        protocol.write(b".\r\n")
        end = await protocol.read_response(timeout=self._settings.limits.step)
        answer = Answer(end.code, end.message)
        if not answer.proper or 300 <= answer.code < 400:
            raise aiosmtplib.SMTPDataError(end.code, end.message)
        return None if answer.code < 300 else answer

    async def _write(self, content: bytes) -> None:
        """All but the final dot, as fast as the line takes it; so a line that breaks here broke in time."""
        for start in range(0, len(content), _CHUNK):
            protocol = self.smtp.protocol
            if protocol is None:
                raise aiosmtplib.SMTPServerDisconnected("Connection lost")
            protocol.write(content[start : start + _CHUNK])
            await self._drained()

    async def _drained(self) -> None:
        pause = 0.0
        deadline = asyncio.get_running_loop().time() + self._settings.limits.step
        while True:
            await asyncio.sleep(pause)
            transport = self.smtp.transport
            if transport is None or transport.is_closing() or not isinstance(transport, asyncio.WriteTransport):
                raise aiosmtplib.SMTPServerDisconnected("Connection lost")
            if transport.get_write_buffer_size() == 0:
                return
            if asyncio.get_running_loop().time() > deadline:
                raise TimeoutError
            pause = min(0.05, pause + 0.005)

    def size_limit(self) -> int:
        """The largest message that the server takes (RFC 1870); 0: it does not say."""
        said = self.smtp.esmtp_extensions.get("size", "").strip()
        return int(said) if said.isdecimal() and len(said) < 19 else 0

    async def close(self) -> None:
        """Say goodbye if the server is quick about it, and hang up."""
        if self._smtp is None:
            return
        with suppress(Exception, asyncio.CancelledError):
            if self._smtp.is_connected and not self._unfinished():
                await self._smtp.quit(timeout=self._settings.limits.farewell)
        self._smtp.close()

    def _unfinished(self) -> bool:
        return self.step == _("message") and not self.handed_over

    def abandon(self) -> None:
        """Hang up at once."""
        if self._smtp is not None:
            transport = self._smtp.transport
            self._smtp.close()
            if isinstance(transport, asyncio.WriteTransport):
                transport.abort()


def tls_context(settings: SmtpSettings) -> ssl.SSLContext:
    """The system's authorities, and the account's own beside them. Raises ConfigError for an unusable file."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if settings.ca is not None:
        try:
            context.load_verify_locations(cafile=settings.ca)
        except (OSError, ssl.SSLError) as error:
            raise ConfigError(
                _("{file} cannot be read as certificates: {reason}").format(
                    file=settings.ca, reason=getattr(error, "strerror", None) or _("not a PEM file")
                ),
                _("“ca” of the account must be a PEM file with the authority’s certificate."),
            ) from error
    return context


def wire_form(content: bytes) -> bytes:
    """CRLF line ends, the last line ended, lines that begin with a dot doubled (RFC 5321 §4.5.2)."""
    lines = _LINE_END.sub(b"\r\n", content)
    if not lines.endswith(b"\r\n"):
        lines += b"\r\n"
    return _DOT.sub(b"..", lines)


def _for_all(recipients: Sequence[str], answer: Answer) -> list[RecipientResult]:
    return [_result(address, answer) for address in recipients]


def _result(address: str, refusal: Answer | None) -> RecipientResult:
    if refusal is None:
        return RecipientResult(address, Delivery.SENT)
    if refusal.temporary:
        return RecipientResult(address, Delivery.QUEUED, str(refusal), retry=True)
    return RecipientResult(address, Delivery.REFUSED, str(refusal))
