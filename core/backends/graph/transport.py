"""The port MailTransport: `sendMail` with the message as MIME; a very large one as a draft with upload sessions."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import getaddresses
from typing import TYPE_CHECKING
from urllib.parse import quote

from core.backends.graph import attachments
from core.backends.graph.boundary import reads, writes
from core.backends.graph.wire import Json
from core.errors import Conflict, DeliveryUnknown, NotFound, PartagendaError, Refused, TransportError
from core.language import _
from core.ports.mail import Delivery, Envelope, RecipientResult

if TYPE_CHECKING:
    from core.backends.graph.session import Session

LARGEST_AT_ONCE = 3 * 1024 * 1024 - 64 * 1024
"""Bytes of a message that, in base64, stay below the 4 MB of a request."""


class GraphTransport:
    """Implements `core.ports.MailTransport`. Microsoft 365 keeps the copy among the sent items itself."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @property
    def account(self) -> str:
        """The account's name in config.toml."""
        return self._session.account

    @writes
    async def send(self, envelope: Envelope) -> Sequence[RecipientResult]:
        """Hand it over whole; Microsoft 365 tells about an address that does not exist by a message, later."""
        try:
            content = _with_all(envelope)
            if len(content) <= LARGEST_AT_ONCE:
                await self._session.ask(
                    "POST",
                    "me/sendMail",
                    content=base64.b64encode(content),
                    headers={"Content-Type": "text/plain"},
                    final=True,
                )
            else:
                await self._send_large(content)
        except Conflict as error:
            raise TransportError(error.message, error.hint) from error
        except (Refused, NotFound) as error:
            return [RecipientResult(one, Delivery.REFUSED, error.message) for one in envelope.recipients]
        return [RecipientResult(one, Delivery.SENT) for one in envelope.recipients]

    @reads
    async def check(self) -> str:
        """Whose mailbox it is."""
        me = await self._session.get("me", select="mail,userPrincipalName")
        return _("Microsoft 365 sends as {address}").format(address=me.get("mail") or me.get("userPrincipalName"))

    async def _send_large(self, content: bytes) -> None:
        """A draft, its files, then off; the draft is taken away when that does not work."""
        message = message_from_bytes(content, policy=default)
        try:
            made = await self._session.send("POST", "me/messages", draft_of(message))
            path = f"me/messages/{quote(str(made['id']), safe='')}"
        except DeliveryUnknown as error:  # a draft at most: nobody has been written to
            raise TransportError(error.message, _("Nothing was sent; try again later.")) from error
        try:
            for part in message.iter_attachments():
                data = part.get_payload(decode=True)
                kind = re.sub(r"\s+", " ", str(part.get("Content-Type") or part.get_content_type()))
                content_bytes = data if isinstance(data, bytes) else b""
                await attachments.add(self._session, path, part.get_filename() or "", kind, content_bytes)
        except PartagendaError as error:
            await self._take_away(path)
            raise TransportError(error.message, _("Nothing was sent; try again later.")) from error
        await self._session.ask("POST", f"{path}/send", final=True)

    async def _take_away(self, path: str) -> None:
        try:
            await self._session.ask("DELETE", path)
        except PartagendaError:
            return  # a draft stays in the mailbox; nobody was written to


def _with_all(envelope: Envelope) -> bytes:
    """The message with a Bcc field for those whom it does not name: Microsoft 365 reads its recipients from it.

    Raises Refused when it names somebody who is not to get it.
    """
    head = message_from_bytes(envelope.content.partition(b"\r\n\r\n")[0] + b"\r\n\r\n", policy=default)
    named = {address.lower() for field in ("To", "Cc") for _n, address in
             getaddresses([str(value) for value in head.get_all(field, [])])}  # fmt: skip
    wanted = {one.lower(): one for one in envelope.recipients}
    if named - set(wanted):
        raise Refused(
            _("Microsoft 365 sends a message to all whom it names; this one is for some of them only."),
            _("Send it by another account."),
        )
    hidden = [one for key, one in wanted.items() if key not in named]
    return b"Bcc: " + ", ".join(hidden).encode() + b"\r\n" + envelope.content if hidden else envelope.content


def draft_of(message: EmailMessage) -> Json:
    """A message in Graph's words, without its files."""
    text = message.get_body(("html", "plain"))
    html = text is not None and text.get_content_subtype() == "html"
    found: Json = {
        "subject": str(message["Subject"] or ""),
        "body": {"contentType": "html" if html else "text", "content": text.get_content() if text else ""},
        "internetMessageId": str(message["Message-ID"] or ""),
    }
    for name, field in (("toRecipients", "To"), ("ccRecipients", "Cc"), ("bccRecipients", "Bcc")):
        people = getaddresses([str(value) for value in message.get_all(field, [])])
        found[name] = [{"emailAddress": {"name": label or address, "address": address}} for label, address in people]
    own = [(name, str(value)) for name, value in message.items() if name.lower().startswith("x-")]
    if own:
        found["internetMessageHeaders"] = [{"name": name, "value": value} for name, value in own[:5]]
    return found
