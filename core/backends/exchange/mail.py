"""Sending through the mailbox, and what calendars came into it: `core.ports.MailTransport` and `MessageSource`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.utils import getaddresses
from typing import TYPE_CHECKING, Any

from core.backends.exchange.session import ExchangeSession
from core.errors import NotFound
from core.language import _
from core.ports.mail import Delivery, Envelope, MessageRef, RecipientResult
from core.ports.world import Progress
from core.sharing.incoming import MessageKind, read_message

if TYPE_CHECKING:
    from exchangelib import Account

BACK = timedelta(days=90)
"""How old a message in the inbox may be."""
_AT_ONCE = 20
_CLASSES = ("IPM.Schedule.Meeting", "IPM.Sharing", "IPM.Appointment")


class ExchangeTransport:
    """Hands a finished message to the server; a copy stands in Sent Items, as Outlook's do."""

    def __init__(self, session: ExchangeSession) -> None:
        self._session = session

    @property
    def account(self) -> str:
        """The account's name in config.toml."""
        return self._session.name

    async def send(self, envelope: Envelope) -> Sequence[RecipientResult]:
        """All recipients or none: Exchange takes the message as a whole, and bounces come by mail."""
        await self._session.run(lambda account: _send(account, envelope))
        return [RecipientResult(address, Delivery.SENT) for address in envelope.recipients]

    async def check(self) -> str:
        """Sign in and say what the server is."""
        from core.backends.exchange.calendars import ExchangeCalendars

        return (await ExchangeCalendars(self._session).check()).text


def _send(account: Account, envelope: Envelope) -> None:
    """The message as it is written, to the recipients of the envelope: who stands in no header of it is in Bcc.

    Raises what the library raises.
    """
    from exchangelib import Mailbox, Message
    from exchangelib.properties import DistinguishedFolderId
    from exchangelib.services import CreateItem

    head = message_from_bytes(envelope.content, policy=policy.default)
    wanted = {address.casefold(): address for address in envelope.recipients}
    groups: dict[str, list[Any]] = {"to": [], "cc": [], "bcc": []}
    for field in ("to", "cc"):
        for _name, address in getaddresses([str(value) for value in head.get_all(field, [])]):
            if address.casefold() in wanted:
                groups[field].append(Mailbox(email_address=wanted.pop(address.casefold())))
    groups["bcc"] = [Mailbox(email_address=address) for address in wanted.values()]
    message = Message(
        mime_content=envelope.content,
        to_recipients=groups["to"] or None,
        cc_recipients=groups["cc"] or None,
        bcc_recipients=groups["bcc"] or None,
    )
    service = CreateItem(account=account)
    sent = DistinguishedFolderId(id="sentitems", mailbox=Mailbox(email_address=account.primary_smtp_address))
    payload = service.get_payload(
        items=[message], folder=sent, message_disposition="SendAndSaveCopy", send_meeting_invitations="SendToNone"
    )
    for each in service._get_elements(payload=payload):
        if isinstance(each, BaseException):
            raise each


class ExchangeInbox:
    """The inbox, as far as it carries calendars. Reads only."""

    def __init__(self, session: ExchangeSession) -> None:
        self._session = session
        self._seen: dict[str, MessageRef | None] = {}

    @property
    def account(self) -> str:
        """The account's name in config.toml."""
        return self._session.name

    async def messages(self, progress: Progress | None = None) -> Sequence[MessageRef]:
        """Messages of the last ninety days that carry a calendar or are about sharing one, oldest first."""
        since = self._session.clock.now() - BACK
        ids = await self._session.run(lambda account: _candidates(account, since))
        new = [one for one in ids if one not in self._seen]
        for start in range(0, len(new), _AT_ONCE):
            if progress:
                progress(start, len(new), self.account)
            some = new[start : start + _AT_ONCE]
            for one, content in zip(some, await self._session.run(lambda a, s=some: _contents(a, s)), strict=True):  # type: ignore[misc]
                self._seen[one] = self._ref(one, content)
        found = [ref for one in ids if (ref := self._seen.get(one)) is not None]
        return sorted(found, key=lambda ref: (ref.received, ref.id))

    def _ref(self, identity: str, content: bytes) -> MessageRef | None:
        message = read_message(content) if content else None
        if message is None or message.kind is MessageKind.OTHER:
            return None
        received = message.received or datetime.now(UTC)
        return MessageRef(identity, self.account, message.sender, message.subject, received)

    async def read(self, message: str) -> bytes:
        """The whole message. Raises NotFound."""
        content = (await self._session.run(lambda account: _contents(account, [message])))[0]
        if not content:
            raise NotFound(_("The message is no longer there."), _("Another program moved or removed it."))
        return content


def _candidates(account: Account, since: datetime) -> list[str]:
    """Ids of messages that may carry a calendar: by their class, or with a file."""
    from exchangelib.properties import DistinguishedFolderId, Mailbox
    from exchangelib.services.common import folder_ids_element
    from exchangelib.util import MNS, TNS, add_xml_child, create_element

    from core.backends.exchange.asking import ask, only, text

    payload = create_element("m:FindItem", attrs={"Traversal": "Shallow"})
    shape = create_element("m:ItemShape")
    add_xml_child(shape, "t:BaseShape", "IdOnly")
    wanted = create_element("t:AdditionalProperties")
    for name in ("ItemClass", "DateTimeReceived", "HasAttachments"):
        wanted.append(create_element("t:FieldURI", attrs={"FieldURI": f"item:{name}"}))
    shape.append(wanted)
    payload.append(shape)
    view = {"MaxEntriesReturned": "500", "Offset": "0", "BasePoint": "Beginning"}
    payload.append(create_element("m:IndexedPageItemView", attrs=view))
    order = create_element("m:SortOrder")
    field = create_element("t:FieldOrder", attrs={"Order": "Descending"})
    field.append(create_element("t:FieldURI", attrs={"FieldURI": "item:DateTimeReceived"}))
    order.append(field)
    payload.append(order)
    inbox = DistinguishedFolderId(id="inbox", mailbox=Mailbox(email_address=account.primary_smtp_address))
    payload.append(folder_ids_element(folders=[inbox], version=account.version, tag="m:ParentFolderIds"))
    root = only(ask(account, "FindItem", payload, "")).find(f"{{{MNS}}}RootFolder")
    items = root.find(f"{{{TNS}}}Items")
    limit = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return [
        each.find(f"{{{TNS}}}ItemId").get("Id")
        for each in (items if items is not None else ())
        if (text(each, "ItemClass").startswith(_CLASSES) or text(each, "HasAttachments") == "true")
        and (not text(each, "DateTimeReceived") or text(each, "DateTimeReceived") >= limit)
    ]


def _contents(account: Account, ids: Sequence[str]) -> list[bytes]:
    """Each message as it came; empty for one that is gone."""
    from exchangelib import Message
    from exchangelib.errors import ErrorItemNotFound, MalformedResponseError
    from exchangelib.fields import FieldPath
    from exchangelib.services import GetItem

    path = {FieldPath(field=Message.get_field_by_fieldname("mime_content"))}
    found = []
    for each in GetItem(account=account).call(
        items=[(one, None) for one in ids], additional_fields=path, shape="IdOnly"
    ):
        if isinstance(each, ErrorItemNotFound):
            found.append(b"")
        elif isinstance(each, BaseException):
            raise each
        else:
            found.append(bytes(each.mime_content or b""))
    if len(found) != len(ids):
        raise MalformedResponseError(f"{len(found)} of {len(ids)} items")
    return found
