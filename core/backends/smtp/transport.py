"""The port MailTransport over SMTP."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import aiosmtplib

from core.backends.smtp.conversation import Conversation, wire_form
from core.backends.smtp.settings import Security, SmtpSettings
from core.backends.smtp.translate import delivery_unknown, translate
from core.errors import SignInFailed, TransportError
from core.language import _
from core.ports.mail import Delivery, Envelope, RecipientResult
from core.ports.world import Secrets


class SmtpTransport:
    """Hands messages to one server, each over a connection of its own.

    A cancellation before the final dot ends it with nothing handed over; one after it gives DeliveryUnknown.
    """

    def __init__(self, account: str, settings: SmtpSettings, secrets: Secrets | None = None) -> None:
        self._account = account
        self._settings = settings
        self._secrets = secrets

    @property
    def account(self) -> str:
        """The account's name in config.toml."""
        return self._account

    async def send(self, envelope: Envelope) -> Sequence[RecipientResult]:
        """Hand the message over; the answer has each recipient once.

        Raises Unreachable when it may work later, SignInFailed, CertificateError and TransportError when the person
        must do something (in each case nothing was handed over), DeliveryUnknown when nobody can know.
        """
        password = await self._password()
        talk = Conversation(self._settings)
        try:
            async with asyncio.timeout(self._settings.limits.total):
                await self._open(talk, password)
                return await self._hand_over(talk, envelope)
        except asyncio.CancelledError:
            talk.abandon()
            if not talk.handed_over:
                raise
            return self._unknown(talk, envelope, None)
        except (aiosmtplib.SMTPException, OSError, TimeoutError, ValueError) as error:
            if talk.handed_over:
                return self._unknown(talk, envelope, error)
            raise self._translated(error, talk) from error
        finally:
            await self._leave(talk)

    def _unknown(self, talk: Conversation, envelope: Envelope, error: Exception | None) -> Sequence[RecipientResult]:
        """No answer came to the final dot. Only where somebody had been refused before is there more to say."""
        if talk.refused:
            return talk.results_unknown(envelope.recipients)
        raise delivery_unknown(self._settings.host) from error

    async def check(self) -> str:
        """Sign in and say in one line what the server can do. Raises TransportError."""
        password = await self._password()
        talk = Conversation(self._settings)
        try:
            async with asyncio.timeout(self._settings.limits.total):
                await self._open(talk, password)
                return self._description(talk)
        except asyncio.CancelledError:
            talk.abandon()
            raise
        except (aiosmtplib.SMTPException, OSError, TimeoutError, ValueError) as error:
            raise self._translated(error, talk) from error
        finally:
            await self._leave(talk)

    async def _password(self) -> str:
        if not self._settings.username or self._secrets is None:
            return ""
        return await self._secrets.password(self._account)

    async def _open(self, talk: Conversation, password: str) -> None:
        await talk.open()
        if self._settings.username:
            try:
                await talk.sign_in(password)
            except SignInFailed:
                if self._secrets is not None:
                    self._secrets.forget(self._account)
                raise

    async def _hand_over(self, talk: Conversation, envelope: Envelope) -> Sequence[RecipientResult]:
        """Refused for everybody, with nothing sent, where the server takes no message of this size (RFC 1870)."""
        smtp, content = talk.smtp, envelope.content
        limit, size = talk.size_limit(), len(wire_form(content))
        if 0 < limit < size:
            reason = _("The message has {size} KB, the server takes {limit} KB.").format(
                size=-(-size // 1024), limit=limit // 1024
            )
            return [RecipientResult(address, Delivery.REFUSED, reason) for address in envelope.recipients]
        options = [f"SIZE={size}"] if smtp.supports_extension("size") else []
        encoding = self._encoding(talk, envelope)
        if encoding == "utf-8":
            options.append("SMTPUTF8")
        if not content.isascii():
            if not smtp.supports_extension("8bitmime"):
                raise TransportError(_("{host} does not take 8-bit messages.").format(host=self._settings.host))
            options.append("BODY=8BITMIME")
        return await talk.hand_over(envelope.sender, envelope.recipients, content, options, encoding)

    def _encoding(self, talk: Conversation, envelope: Envelope) -> str:
        """`ascii`, or `utf-8` where an address needs it (RFC 6531); refuses in plain words where the server cannot."""
        foreign = [a for a in (envelope.sender, *envelope.recipients) if not a.isascii()]
        head = envelope.content.partition(b"\r\n\r\n")[0].partition(b"\n\n")[0]
        if not foreign and head.isascii():
            return "ascii"
        if not talk.smtp.supports_extension("smtputf8"):
            which = ", ".join(foreign) or envelope.sender
            raise TransportError(
                _("{host} takes only addresses in plain Latin letters; this one has others: {address}").format(
                    host=self._settings.host, address=which
                ),
                _("Ask the person for another address, or send through a server that can (SMTPUTF8)."),
            )
        return "utf-8"

    def _translated(self, error: Exception, talk: Conversation) -> TransportError:
        return translate(error, self._settings.host, step=talk.step, handed_over=talk.handed_over)

    async def _leave(self, talk: Conversation) -> None:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            talk.abandon()
        else:
            await talk.close()

    def _description(self, talk: Conversation) -> str:
        settings = self._settings
        parts = [f"{settings.host}:{settings.real_port}"]
        parts.append(_("in clear text") if settings.security is Security.NONE else settings.security.name)
        if settings.username:
            parts.append(_("signed in as {name}").format(name=settings.username))
        if limit := talk.size_limit():
            parts.append(_("messages up to {size} MB").format(size=limit // (1024 * 1024)))
        if talk.smtp.supports_extension("smtputf8"):
            parts.append(_("international addresses"))
        return " · ".join(parts)
