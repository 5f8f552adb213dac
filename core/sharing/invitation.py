"""Sharing messages that came: what their headers and sharing_metadata.xml say. Pure; nothing is fetched or trusted.

Sources: [MS-OXSHARE] (headers), [MS-OXSHRMSG] (sharing_metadata.xml), and what real messages have, as collected in
outlook.md §3. Such messages are written in `invitation_mail`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import field
from email.message import Message
from enum import StrEnum
from typing import TYPE_CHECKING

from core.calendar.people import Address, clean_name, parse_address
from core.errors import Unreadable, UsageError
from core.language import _
from core.sharing.links import Link, judge
from core.sharing.mime import decode_words, header_text
from core.sharing.permissions import PermissionLevel
from core.values import dataclass

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element  # for the annotation alone

SHARING = "http://schemas.microsoft.com/sharing/2008"
EXCHANGE_SHARING = "http://schemas.microsoft.com/exchange/sharing/2008"
PROVIDER_GUID = "AEF0060000000000C000000000000046"
LEVEL_HEADER = "X-Partagenda-Level"
"""What the sender says they granted. No header of Outlook says it; who opens the calendar sees what is true."""
METADATA_NAME = "sharing_metadata.xml"
METADATA_TYPE = "application/x-sharing-metadata-xml"
LARGEST_METADATA = 256 * 1024
_MOST_ELEMENTS = 5000
_MOST_PROVIDERS = 50
_HEX = re.compile(r"[0-9A-Fa-f]{8,900}")
"""An EntryID; real ones have 40 to 400 digits, and a line of a mail has room for 998."""


class Purpose(StrEnum):
    """What a sharing message wants (PidLidSharingFlavor)."""

    INVITE = "invite"
    REQUEST = "request"
    BOTH = "invite-and-request"
    """An invitation that also asks to see the receiver's calendar."""
    ALLOW = "allow"
    """The yes to a request, which is an invitation too."""
    DENY = "deny"

    @property
    def shares(self) -> bool:
        """Whether there is a calendar to open."""
        return self in (Purpose.INVITE, Purpose.BOTH, Purpose.ALLOW)

    @property
    def asks(self) -> bool:
        """Whether the receiver's calendar is asked for."""
        return self in (Purpose.REQUEST, Purpose.BOTH)


FLAVORS = {
    0x20310: Purpose.INVITE,
    0x310: Purpose.INVITE,
    0x20500: Purpose.REQUEST,
    0x20710: Purpose.BOTH,
    0x23310: Purpose.ALLOW,
    0x25100: Purpose.DENY,
}
"""X-Sharing-Flavor ([MS-OXSHARE] §2.2.2.5); 310 is the invitation to a folder that is not the default one."""
_BODIES = {
    "Invitation": Purpose.INVITE,
    "Request": Purpose.REQUEST,
    "AcceptOfRequest": Purpose.ALLOW,
    "DenyOfRequest": Purpose.DENY,
}


class ProviderKind(StrEnum):
    """How the calendar is reached (`Provider/@Type`)."""

    INTERNAL = "ms-exchange-internal"
    """In the same organisation: by the EntryIDs of folder and mailbox."""
    EXTERNAL = "ms-exchange-external"
    """Between federated organisations: by a token that only their Exchange servers can read."""
    PUBLISH = "ms-exchange-publish"
    """By addresses on the internet."""
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Provider:
    """One way to the calendar. `recipients` are those it is meant for; empty: everybody."""

    kind: ProviderKind
    recipients: tuple[str, ...] = ()
    folder: str = ""
    """The folder's EntryID in hex."""
    mailbox: str = ""
    page: Link | None = None
    ics: Link | None = None
    sealed: bool = False
    """It carries data that only an Exchange server of the receiver's organisation can read."""

    @property
    def usable(self) -> bool:
        """Whether this program can open it: a folder on the same server, or an address that may be asked for."""
        if self.kind is ProviderKind.INTERNAL:
            return bool(self.folder)
        return self.ics is not None and bool(self.ics.url)


@dataclass(frozen=True, slots=True)
class SharingMessage:
    """What a sharing message says. Nobody has proved that it is true."""

    purpose: Purpose
    name: str = ""
    """What the shared folder calls itself."""
    default: bool = True
    """Whether it is the owner's default calendar."""
    initiator: Address | None = None
    """Who shares, as the metadata says; the message's From may be somebody else."""
    providers: tuple[Provider, ...] = ()
    level: PermissionLevel | None = None
    """What the sender says that they granted; None where the message does not say it."""
    of_calendar: bool = True
    """False for contacts, tasks and other folders."""
    problems: tuple[str, ...] = field(default=())
    """What could not be read, for a person."""

    def provider_for(self, mine: frozenset[str]) -> Provider | None:
        """The provider that names one of these addresses (lower case), else the first; those of use come first."""
        named = [one for one in self.providers if mine & {address.lower() for address in one.recipients}]
        able = [one for one in named if one.usable] or named
        if able:
            return able[0]
        return next((one for one in self.providers if one.usable), next(iter(self.providers), None))


def read_sharing(head: Message, metadata: bytes | None) -> SharingMessage | None:
    """What headers and attached metadata say together; None for a message that is no sharing message.

    Metadata that cannot be read is a problem of the message, not an error: the headers alone say enough to show it.
    """
    flavor = _word(head, "X-Sharing-Flavor")
    flavored = re.fullmatch(r"[0-9A-Fa-f]{1,8}", flavor) is not None
    by_header = FLAVORS.get(int(flavor, 16)) if flavored else None
    if not flavored and metadata is None and _word(head, "Content-Class").lower() != "sharing":
        return None
    found = _Metadata()
    if metadata is not None:
        try:
            found = _read_metadata(metadata)
        except Unreadable as error:
            found = _Metadata(problems=(error.message,))
    kinds = {_word(head, "X-Sharing-Remote-Type"), _word(head, "X-Sharing-Local-Type")} - {""}
    return SharingMessage(
        purpose=by_header or found.purpose or Purpose.INVITE,
        name=clean_name(_text(head, "X-Sharing-Remote-Name"))[:200] or found.title,
        default=_word(head, "X-Sharing-Capabilities").upper() != "402B0" and flavor != "310",
        initiator=found.initiator,
        providers=found.providers or _by_headers(head),
        level=_level(head),
        of_calendar=found.data_type in ("", "calendar") and (not kinds or "IPF.Appointment" in kinds),
        problems=found.problems,
    )


def _by_headers(head: Message) -> tuple[Provider, ...]:
    """The folder that the headers name; Outlook's own messages inside an organisation have nothing else."""
    if _word(head, "X-Sharing-Provider-Guid").upper() != PROVIDER_GUID:
        return ()
    folder, mailbox = _word(head, "X-Sharing-Remote-Uid"), _word(head, "X-Sharing-Remote-Store-Uid")
    if not _HEX.fullmatch(folder):
        return ()
    return (Provider(ProviderKind.INTERNAL, (), folder.upper(), mailbox.upper() if _HEX.fullmatch(mailbox) else ""),)


def _level(head: Message) -> PermissionLevel | None:
    try:
        return PermissionLevel(_word(head, LEVEL_HEADER).lower())
    except ValueError:
        return None


def _word(head: Message, name: str) -> str:
    return clean_name(str(head.get(name, "")))[:8192]


def _text(head: Message, name: str) -> str:
    return decode_words(header_text(str(head.get(name, ""))))


@dataclass(frozen=True, slots=True)
class _Metadata:
    data_type: str = ""
    initiator: Address | None = None
    purpose: Purpose | None = None
    title: str = ""
    providers: tuple[Provider, ...] = ()
    problems: tuple[str, ...] = ()


def _read_metadata(data: bytes) -> _Metadata:
    root = parse_xml(data)
    if _local(root) != "SharingMessage":
        raise Unreadable(_("Its sharing data is of an unknown kind."))
    body = next((child for child in root if _local(child) in _BODIES), None)
    providers = tuple(_providers(root))[:_MOST_PROVIDERS]
    problems = []
    if body is not None and _BODIES[_local(body)].shares and not providers:
        problems.append(_("It does not say where the calendar is."))
    return _Metadata(
        data_type=_content(root, "DataType").lower(),
        initiator=_initiator(root),
        purpose=_BODIES[_local(body)] if body is not None else None,
        title=_content(body, "Title") if body is not None else "",
        providers=providers,
        problems=tuple(problems),
    )


def _initiator(root: Element) -> Address | None:
    found = next(_children(root, "Initiator"), None)
    if found is None:
        return None
    try:
        address = parse_address(_content(found, "SmtpAddress")).address
    except UsageError:
        return None
    return Address(address, _content(found, "Name"))


def _providers(root: Element) -> Iterator[Provider]:
    """An id that is no hex and an address that nobody should open are not believed; all else is as it is written."""
    for element in root.iter():
        if _local(element) != "Provider":
            continue
        kind = element.get("Type", "").strip().lower()
        folder, mailbox = _content(element, "FolderId"), _content(element, "MailboxId")
        page, ics = _content(element, "BrowseUrl"), _content(element, "ICalUrl")
        yield Provider(
            kind=ProviderKind(kind) if kind in tuple(ProviderKind) else ProviderKind.OTHER,
            recipients=tuple(filter(None, map(clean_name, element.get("TargetRecipients", "")[:8192].split(";")))),
            folder=folder.upper() if _HEX.fullmatch(folder) else "",
            mailbox=mailbox.upper() if _HEX.fullmatch(mailbox) else "",
            page=judge(page) if page else None,
            ics=judge(ics) if ics else None,
            sealed=any(_local(each) == "EncryptedSharedFolderData" for each in element.iter()),
        )


def _children(element: Element, name: str) -> Iterator[Element]:
    """Children by their name in whichever namespace: in the wild, those of Provider have several, or none."""
    return (child for child in element if _local(child) == name)


def _content(element: Element, name: str) -> str:
    found = next(_children(element, name), None)
    return clean_name((found.text or "")[:8192]) if found is not None else ""


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def parse_xml(data: bytes) -> Element:
    """XML from others: no document type, no entities, nothing from outside, bounded. Raises Unreadable."""
    from xml.etree.ElementTree import ParseError

    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    if len(data) > LARGEST_METADATA:
        raise Unreadable(_("Its sharing data is too large."))
    try:
        root: Element = fromstring(data, forbid_dtd=True)
    except DefusedXmlException:
        raise Unreadable(
            _("Its sharing data contains definitions that have no place there; it was not read.")
        ) from None
    except (ParseError, ValueError, LookupError):
        raise Unreadable(_("Its sharing data is damaged.")) from None
    if sum(1 for _element in root.iter()) > _MOST_ELEMENTS:
        raise Unreadable(_("Its sharing data is too large."))
    return root
