"""Sharing messages as mail: finished bytes, and the proof that they say what was asked. Pure.

    multipart/mixed                                        Content-Class: Sharing, X-Sharing-…
    ├── multipart/alternative
    │   ├── text/plain
    │   └── text/html
    └── application/x-sharing-metadata-xml                 “sharing_metadata.xml”, where a calendar is shared

Requests and refusals speak by their headers alone: how Exchange names them inside the metadata is documented nowhere
(outlook.md §3.2). A message with addresses on the internet carries no EntryIDs and does not call itself one of an
Exchange Server, since there is no folder to find on one.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from html import escape
from xml.sax.saxutils import escape as xml_escape
from xml.sax.saxutils import quoteattr

from core.calendar.people import Address, clean_name
from core.language import _
from core.sharing.invitation import (
    EXCHANGE_SHARING,
    LEVEL_HEADER,
    METADATA_NAME,
    METADATA_TYPE,
    PROVIDER_GUID,
    SHARING,
    Provider,
    ProviderKind,
    Purpose,
    SharingMessage,
    read_sharing,
)
from core.sharing.mail_fields import text_field, wire_address
from core.sharing.mail_frame import MailHead, alternatives, binary_part, framed, text_part
from core.sharing.message_check import DISPOSITION, ENCODING, TYPE, body_of, check_head, checked_parts, same
from core.sharing.mime import read_head
from core.sharing.permissions import PermissionLevel
from core.sharing.wording import header_line, paragraphs
from core.values import dataclass

_FLAVORS = {
    (Purpose.INVITE, True): "20310",
    (Purpose.INVITE, False): "310",
    (Purpose.REQUEST, True): "20500",
    (Purpose.BOTH, True): "20710",
    (Purpose.ALLOW, True): "23310",
    (Purpose.DENY, True): "25100",
}
"""X-Sharing-Flavor by purpose and whether the calendar is the default one; a request is always about that."""
_SHAPE = (
    ("multipart/mixed", ()),
    ("multipart/alternative", (TYPE,)),
    ("text/plain", (TYPE, ENCODING)),
    ("text/html", (TYPE, ENCODING)),
    (METADATA_TYPE, (TYPE, ENCODING, DISPOSITION)),
)
"""The last part is there where a calendar is shared."""


@dataclass(frozen=True, slots=True)
class SharingLetter:
    """A sharing message that is to be written. Without providers nothing is shared by it."""

    sender: Address
    to: tuple[Address, ...]
    purpose: Purpose
    date: datetime
    token: str
    """Message-ID and boundaries are made of it."""
    subject: str = ""
    """Empty: the usual one."""
    message: str = ""
    """The person's own words."""
    name: str = ""
    """What the calendar is called."""
    default: bool = True
    level: PermissionLevel | None = None
    providers: tuple[Provider, ...] = ()
    sealed: str = ""
    """EncryptedSharedFolderData as the sender's server made it, for the external provider."""

    @property
    def head(self) -> MailHead:
        """The message's header."""
        special = tuple(_sharing_fields(self))
        return MailHead(self.sender, self.to, self.subject_line, self.date, self.token, special=special)

    @property
    def message_id(self) -> str:
        """As it stands in the header."""
        return self.head.message_id

    @property
    def subject_line(self) -> str:
        """What stands in the header."""
        return header_line(self.subject) or header_line(default_subject(self.purpose, self.sender, self.name))

    @property
    def calendar(self) -> str:
        """The calendar's name as it stands in headers and metadata."""
        return _label(self.name) or _("Calendar")

    @property
    def flavor(self) -> str:
        """X-Sharing-Flavor. Raises KeyError where a purpose asks for the default calendar and another one is given."""
        return _FLAVORS[self.purpose, self.default]


def _label(text: str) -> str:
    """A name on one line, without anything that readers would take out or that XML cannot hold."""
    return clean_name(header_line(text))[:200].strip()


def default_subject(purpose: Purpose, owner: Address, calendar: str) -> str:
    """As Outlook names such messages."""
    who, name = _label(owner.name) or owner.address, _label(calendar) or _("Calendar")
    match purpose:
        case Purpose.INVITE | Purpose.BOTH:
            return _("Sharing invitation: {who} – {calendar}").format(who=who, calendar=name)
        case Purpose.REQUEST:
            return _("Sharing request: {who} – {calendar}").format(who=who, calendar=name)
        case Purpose.ALLOW:
            return _("Sharing request allowed: {who} – {calendar}").format(who=who, calendar=name)
        case Purpose.DENY:
            return _("Sharing request denied: {who} – {calendar}").format(who=who, calendar=name)


def text_of(letter: SharingLetter) -> str:
    """The words of the message: what it is about, how it is opened, and what the person wrote themselves."""
    blocks = [_first_line(letter)]
    if letter.level is not None:
        blocks.append(_("Permission: {level}").format(level=letter.level.label))
    blocks += [_addresses(one) for one in letter.providers if one.kind is ProviderKind.PUBLISH]
    if letter.purpose.shares:
        blocks.append(_("To open it, choose “Open this calendar” in Outlook or in the inbox of Partagenda."))
    if letter.purpose is Purpose.BOTH:
        blocks.append(_("They also ask for permission to view your calendar."))
    if own := paragraphs(letter.message):
        blocks += ["*~*~*~*~*~*~*~*~*~*", own]
    return "\n\n".join(blocks) + "\n"


def _first_line(letter: SharingLetter) -> str:
    who, name = f"{_label(letter.sender.name)} ({letter.sender.address})".strip(), letter.calendar
    match letter.purpose:
        case Purpose.INVITE | Purpose.BOTH:
            return _("{who} has invited you to view their calendar “{calendar}”.").format(who=who, calendar=name)
        case Purpose.REQUEST:
            return _("{who} asks for permission to view your calendar.").format(who=who)
        case Purpose.ALLOW:
            return _("{who} has allowed you to view their calendar “{calendar}”.").format(who=who, calendar=name)
        case Purpose.DENY:
            return _("{who} does not share their calendar with you.").format(who=who)


def _addresses(provider: Provider) -> str:
    lines = []
    if provider.page:
        lines.append(_("In a web browser: {address}").format(address=provider.page.said))
    if provider.ics:
        lines.append(_("In a calendar program: {address}").format(address=provider.ics.said))
    lines.append(_("Whoever has these addresses can read the calendar. Keep them to yourself."))
    return "\n".join(lines)


def html_of(letter: SharingLetter) -> str:
    """The same words as a page: nothing in it but paragraphs."""
    blocks = (escape(block).replace("\n", "<br>\n") for block in text_of(letter).strip().split("\n\n"))
    body = "\n".join(f"<p>{block}</p>" for block in blocks)
    return f'<html><head><meta charset="utf-8"></head><body style="font-family: sans-serif">\n{body}\n</body></html>\n'


def metadata_of(letter: SharingLetter) -> bytes:
    """sharing_metadata.xml, as Exchange and Microsoft 365 write it."""
    name = xml_escape(_label(letter.sender.name) or letter.sender.address)
    title = f"    <Title>{xml_escape(letter.calendar)}</Title>\r\n"
    lines = (
        '<?xml version="1.0" encoding="utf-8"?>\r\n'
        '<SharingMessage xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
        f' xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns="{SHARING}">\r\n'
        "  <DataType>calendar</DataType>\r\n"
        f"  <Initiator>\r\n    <Name>{name}</Name>\r\n"
        f"    <SmtpAddress>{xml_escape(letter.sender.address)}</SmtpAddress>\r\n  </Initiator>\r\n"
        f"  <Invitation>\r\n{title}    <Providers>\r\n"
        + "".join(_provider(one, letter.sealed) for one in letter.providers)
        + "    </Providers>\r\n  </Invitation>\r\n</SharingMessage>\r\n"
    )
    return lines.encode()


def _provider(one: Provider, sealed: str) -> str:
    fields = {
        "FolderId": one.folder,
        "MailboxId": one.mailbox,
        "BrowseUrl": one.page.said if one.page else "",
        "ICalUrl": one.ics.said if one.ics else "",
    }
    inside = "".join(
        f'        <{name} xmlns="{EXCHANGE_SHARING}">{xml_escape(value)}</{name}>\r\n'
        for name, value in fields.items()
        if value
    )
    if one.sealed:
        name = "EncryptedSharedFolderDataCollection"
        inside += f'        <{name} xmlns="{EXCHANGE_SHARING}">{sealed}</{name}>\r\n'
    people = quoteattr(";".join(one.recipients))
    return (
        f"      <Provider Type={quoteattr(one.kind.value)} TargetRecipients={people}>\r\n{inside}      </Provider>\r\n"
    )


def _sharing_fields(letter: SharingLetter) -> list[str]:
    """The X-Sharing fields as Outlook writes them; the level has a field of our own."""
    internal = next((one for one in letter.providers if one.kind is ProviderKind.INTERNAL), None)
    lines = ["Content-Class: Sharing"]
    if internal is not None or not letter.purpose.shares:
        lines += [
            f"X-Sharing-Provider-Guid: {PROVIDER_GUID}",
            "X-Sharing-Provider-Name: Microsoft Exchange",
            "X-Sharing-Provider-Url: HTTP://www.microsoft.com/exchange",
        ]
    lines += [
        f"X-Sharing-Flavor: {letter.flavor}",
        f"X-Sharing-Capabilities: {'40290' if letter.default else '402B0'}",
        "X-Sharing-Local-Type: IPF.Appointment",
    ]
    if letter.purpose.shares:
        lines += [
            "X-Sharing-Remote-Type: IPF.Appointment",
            text_field("X-Sharing-Remote-Name", letter.calendar),
        ]
    if internal is not None:
        lines += [f"X-Sharing-Remote-Uid: {internal.folder}"]
        lines += [f"X-Sharing-Remote-Store-Uid: {internal.mailbox}"] if internal.mailbox else []
    if letter.level is not None:
        lines.append(f"{LEVEL_HEADER}: {letter.level.value}")
    return lines


def write(letter: SharingLetter) -> bytes:
    """The bytes of the message, proved. Raises UsageError for an address that cannot stand in a header, Refused."""
    head = letter.head
    parts = [alternatives(head, text_part("text/plain", text_of(letter)), text_part("text/html", html_of(letter)))]
    if letter.providers:
        kind, disposition = f'{METADATA_TYPE}; name="{METADATA_NAME}"', f'attachment; filename="{METADATA_NAME}"'
        parts.append(binary_part(kind, metadata_of(letter), disposition))
    data = framed(head, *parts)
    verify(data, letter)
    return data


def verify(data: bytes, letter: SharingLetter) -> None:
    """Read the finished bytes again and compare them with what was asked. Raises Refused, naming the part."""
    check_head(data, letter.head)
    parts = checked_parts(data, _SHAPE if letter.providers else _SHAPE[:-1])
    same(_("the text"), body_of(parts[2]), text_of(letter).rstrip("\n"))
    same(_("the page"), body_of(parts[3]), html_of(letter).rstrip("\n"))
    metadata = None
    if letter.providers:
        payload = parts[4].get_payload(decode=True)
        metadata = payload if isinstance(payload, bytes) else b""
    same(_("the sharing data"), read_sharing(read_head(data)[0], metadata), said_by(letter))


def said_by(letter: SharingLetter) -> SharingMessage:
    """What whoever reads the message finds in it."""
    name = _label(letter.sender.name) or letter.sender.address
    return SharingMessage(
        purpose=letter.purpose,
        name=letter.calendar if letter.purpose.shares else "",
        default=letter.default,
        initiator=Address(letter.sender.address, name) if letter.providers else None,
        providers=tuple(replace(one, recipients=tuple(one.recipients)) for one in letter.providers),
        level=letter.level,
    )


def wire_recipients(letter: SharingLetter) -> tuple[str, ...]:
    """The addresses for the envelope."""
    return tuple(wire_address(one.address) for one in letter.to)
