"""Sharing between organisations and within one: metadata for invitations, accepting them, the copies that they make.

GetSharingMetadata, GetSharingFolder, RefreshSharingFolder ([MS-OXWSMSHR]), AcceptSharingInvitation. Whoever accepts
gets a folder of their own with what they may see of the owner's, which RefreshSharingFolder brings up to date.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from copy import deepcopy
from secrets import token_bytes
from xml.sax.saxutils import escape

from core.sandbox.exchange import mime
from core.sandbox.exchange.appointments import Thing, thing_of
from core.sandbox.exchange.conversion import read_id, write_id
from core.sandbox.exchange.errors import EwsError
from core.sandbox.exchange.folder_view import folder_id
from core.sandbox.exchange.hooks import Wish, creating
from core.sandbox.exchange.ids import EwsId, IdKind
from core.sandbox.exchange.item_view import item_id
from core.sandbox.exchange.items import copy
from core.sandbox.exchange.model import ChangeKind, Folder, Item, Mailbox, Organisation
from core.sandbox.exchange.registry import Context, operation, success
from core.sandbox.exchange.rights import detail, require_owner, require_read, shown_names
from core.sandbox.exchange.xml import Element, ParseError, child, children, m, name_of, parse, t, text_of
from core.sharing.permissions import ReadRight
from core.values import dataclass

XENC = "http://www.w3.org/2001/04/xmlenc#"
_DEFAULT_FOLDERS = ("calendar", "contacts")


# --- the owner's -----------------------------------------------------------------------------------------------------


@operation("GetSharingMetadata")
def get_sharing_metadata(context: Context) -> Element:
    """What an invitation to people of other organisations needs; who cannot be given any is named with the reason."""
    return _answered("GetSharingMetadata", lambda: _metadata(context))


def _answered(name: str, make: object) -> Element:
    """An answer that is a response message itself."""
    assert callable(make)
    try:
        parts = make()
    except EwsError as error:
        return error.response(f"{name}Response")
    made = success(name, parts)
    made.tag = made.tag.replace("ResponseMessage", "Response")
    return made


def _metadata(context: Context) -> list[Element]:
    organisation, request = context.organisation, context.request
    if not organisation.federated:
        raise EwsError("ErrorOrganizationNotFederated", "The organisation has no federation trust.")
    if text_of(request, "SenderSmtpAddress").lower() != context.who.address.lower():
        raise EwsError("ErrorInvalidExternalSharingInitiator", "The sender is not the one who signed in.")
    wanted = child(request, "IdOfFolderToShare")
    folder = organisation.folder(wanted.get("Id", "") if wanted is not None else "")
    require_owner(context.who, folder)
    if folder.distinguished not in _DEFAULT_FOLDERS:
        raise EwsError("ErrorInvalidSharingData", "Only the default calendar and contacts can be shared outside.")
    recipients = [each.text or "" for each in children(request, "Recipients")]
    refused = {each: _refusal(organisation, each) for each in recipients}
    sealed = [_sealed(organisation, folder, each) for each in recipients if not refused[each]]
    return [
        m("EncryptedSharedFolderDataCollection", sealed),
        m("InvalidRecipients", [_invalid(each, code) for each, code in refused.items() if code]),
    ]


def _refusal(organisation: Organisation, address: str) -> str:
    """Why nothing is shared with an address, empty where something may be."""
    if address.rpartition("@")[2].lower() not in organisation.federated:
        return "RecipientOrganizationNotFederated"
    decision = organisation.policy.decide(address, organisation.federated)
    return "" if decision.most is not None else "SystemPolicyBlocksSharingWithThisRecipient"


def _invalid(address: str, code: str) -> Element:
    return t("InvalidRecipient", t("SmtpAddress", address), t("ResponseCode", code))


def _sealed(organisation: Organisation, folder: Folder, address: str) -> Element:
    """Token and data for one recipient: only an Exchange server of a federated organisation can read them."""
    text = (
        '<SharedFolderData xmlns="http://schemas.microsoft.com/exchange/services/2006/types">'
        f"<DataType>Calendar</DataType><FolderId>{write_id(folder.id, 'HexEntryId')}</FolderId>"
        f"<Recipient><SmtpAddress>{escape(address)}</SmtpAddress></Recipient></SharedFolderData>"
    )
    token = f"<Token>{escape(address)} {folder.mailbox.address}</Token>"
    return t(
        "EncryptedSharedFolderData",
        t("Token", encrypted(organisation, token.encode())),
        t("Data", encrypted(organisation, text.encode())),
    )


def encrypted(organisation: Organisation, content: bytes) -> Element:
    """`xenc:EncryptedData` with AES-256-CBC under the federation's key."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    start = token_bytes(16)
    pad = 16 - len(content) % 16
    cipher = Cipher(algorithms.AES256(_key(organisation)), modes.CBC(start)).encryptor()
    sealed = start + cipher.update(content + bytes(pad - 1) + bytes([pad])) + cipher.finalize()
    made = Element(f"{{{XENC}}}EncryptedData", {"Type": f"{XENC}Element"})
    made.append(Element(f"{{{XENC}}}EncryptionMethod", {"Algorithm": f"{XENC}aes256-cbc"}))
    holder, value = Element(f"{{{XENC}}}CipherData"), Element(f"{{{XENC}}}CipherValue")
    value.text = base64.b64encode(sealed).decode()
    holder.append(value)
    made.append(holder)
    return made


def decrypted(organisation: Organisation, element: Element) -> bytes:
    """What `encrypted` sealed. Raises EwsError: ErrorInvalidSharingData."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    try:
        sealed = base64.b64decode(text_of(element, "CipherData", "CipherValue"), validate=True)
        cipher = Cipher(algorithms.AES256(_key(organisation)), modes.CBC(sealed[:16])).decryptor()
        plain = cipher.update(sealed[16:]) + cipher.finalize()
        return plain[: -plain[-1]]
    except (ValueError, IndexError) as error:
        raise EwsError("ErrorInvalidSharingData", "The sharing data cannot be read here.") from error


def _key(organisation: Organisation) -> bytes:
    key = organisation.settings.setdefault("federation key", token_bytes(32))
    assert isinstance(key, bytes)
    return key


# --- the receiver's --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Link:
    """A folder that shows somebody else's."""

    source: EwsId
    local: EwsId


def links(mailbox: Mailbox) -> list[Link]:
    """The folders of a mailbox that show somebody else's."""
    found: list[Link] = mailbox.settings.setdefault("sharing links", [])  # type: ignore[assignment]
    return found


@creating("AcceptSharingInvitation")
def accept_invitation(context: Context, element: Element, _wish: Wish) -> Iterable[Element]:
    """A folder for the shared calendar with what may be seen; the same invitation again gives the same folder."""
    reference = child(element, "ReferenceItemId")
    if reference is None:
        raise EwsError("ErrorMissingInformationReferenceItemId")
    thing, _key_given = thing_of(context.organisation, t("ItemId", Id=reference.get("Id", "")))
    require_read(context.who, thing.item.folder)
    source = _shared_folder(context, thing.item)
    folder = _linked(context, source) or _new_link(context, source)
    refresh(context, source, folder)
    return [t("Message", item_id(Thing(thing.item)))]


def _shared_folder(context: Context, item: Item) -> Folder:
    """The folder that an invitation invites to. Raises EwsError."""
    if not item.text("ItemClass").startswith("IPM.Sharing"):
        raise EwsError("ErrorInvalidSharingMessage", "The message is no sharing invitation.")
    number = _named_in_metadata(context, item) or _header(item, "X-Sharing-Remote-Uid")
    if not number:
        raise EwsError("ErrorNotSupportedSharingMessage", "The message does not invite to a folder of a server.")
    found = read_id("HexEntryId", number)
    if found.kind is not IdKind.FOLDER:
        raise EwsError("ErrorInvalidSharingData")
    folder = context.organisation.folder(str(found))
    require_read(context.who, folder, ReadRight.TIME)
    return folder


def _header(item: Item, name: str) -> str:
    return mime.header(mime.parsed(item.mime), name)


def _named_in_metadata(context: Context, item: Item) -> str:
    """The EntryID in sharing_metadata.xml: plain for an internal provider, sealed for an external one."""
    for attachment in item.attachments:
        if attachment.content_type != "application/x-sharing-metadata-xml":
            continue
        try:
            root = parse(attachment.content)
        except (ParseError, ValueError) as error:
            raise EwsError("ErrorInvalidSharingMessage", "The sharing metadata cannot be read.") from error
        for provider in (each for each in root.iter() if name_of(each) == "Provider"):
            if provider.get("Type") == "ms-exchange-external":
                return _unsealed(context, provider)
            if text_of(provider, "FolderId"):
                return text_of(provider, "FolderId")
    return ""


def _unsealed(context: Context, provider: Element) -> str:
    data = next((each for each in provider.iter() if name_of(each) == "Data"), None)
    sealed = data[0] if data is not None and len(data) else None
    if sealed is None:
        raise EwsError("ErrorInvalidSharingData")
    shared = parse(decrypted(context.organisation, sealed))
    if text_of(shared, "Recipient", "SmtpAddress").lower() != context.who.address.lower():
        raise EwsError("ErrorInvalidExternalSharingSubscriber", "The invitation is for somebody else.")
    return text_of(shared, "FolderId")


def _linked(context: Context, source: Folder) -> Folder | None:
    for link in links(context.who):
        if link.source == source.id and link.local in context.who.folders:
            return context.who.folders[link.local]
    return None


def _new_link(context: Context, source: Folder) -> Folder:
    parent = context.who.distinguished["calendar"]
    owner = source.mailbox.name
    name = owner if source.distinguished == "calendar" else f"{owner} - {source.name}"
    folder = context.organisation.add_folder(context.who, parent, name, source.klass)
    links(context.who).append(Link(source.id, folder.id))
    return folder


def refresh(context: Context, source: Folder, folder: Folder) -> None:
    """Make the copy what its reader may see now."""
    for item in list(folder.items.values()):
        context.organisation.remove_item(item)
    for item in list(source.items.values()):
        level = detail(context.who, item)
        if level is ReadRight.NONE or item.kind != "CalendarItem":
            continue
        made = copy(context, item, folder)
        _trim(made, level)
        for original, changed in item.exceptions.items():
            _trim(made.exceptions[original], detail(context.who, changed))


def _trim(made: Item, level: ReadRight) -> None:
    if level is ReadRight.FULL:
        return
    allowed = shown_names(level) | {"Recurrence", "StartTimeZone", "EndTimeZone", "UID"}
    for item in (made, *made.exceptions.values()):
        series = item.master.fields if item.master is not None else {}
        item.without |= set(series) - allowed  # an instance does not take from its series what is hidden of it
        for name in [name for name in item.fields if name not in allowed]:
            del item.fields[name]
        item.extended.clear()
        item.attachments.clear()
        item.mime = b""
        item.cache.clear()


@operation("GetSharingFolder")
def get_sharing_folder(context: Context) -> Element:
    """The local folder that shows the calendar of somebody."""

    def make() -> list[Element]:
        """Raises EwsError unless exactly one of DataType and SharedFolderId is given."""
        request = context.request
        owner = context.organisation.mailbox_at(text_of(request, "SmtpAddress"))
        kind, number = text_of(request, "DataType"), text_of(request, "SharedFolderId")
        if bool(kind) == bool(number):
            raise EwsError("ErrorInvalidGetSharingFolderRequest", "Either DataType or SharedFolderId is needed.")
        source = owner.distinguished["calendar" if kind != "Contacts" else "contacts"]
        if number:
            source = context.organisation.folder(str(read_id("HexEntryId", number)))
        folder = _linked(context, source)
        if folder is None:
            raise EwsError("ErrorFolderNotFound")
        return [_renamed(folder_id(folder), "SharingFolderId")]

    return _answered("GetSharingFolder", make)


def _renamed(element: Element, name: str) -> Element:
    return m(name, **deepcopy(element.attrib))


@operation("RefreshSharingFolder")
def refresh_sharing_folder(context: Context) -> Element:
    """Bring a shared calendar's copy up to date; where nothing may be seen any more, the copy is emptied."""

    def make() -> list[Element]:
        """Raises EwsError, with the copy emptied, where not even the times may be read any more."""
        wanted = child(context.request, "SharingFolderId")
        folder = context.organisation.folder(wanted.get("Id", "") if wanted is not None else "")
        link = next((each for each in links(context.who) if each.local == folder.id), None)
        if link is None:
            raise EwsError("ErrorMissingInformationSharingFolderId", "The folder shows nobody else's.")
        try:
            source = context.organisation.folder(str(link.source))
            require_read(context.who, source, ReadRight.TIME)
        except EwsError as error:
            for item in list(folder.items.values()):
                context.organisation.remove_item(item)
            raise EwsError("ErrorSharingSynchronizationFailed", "The calendar is no longer shared.") from error
        refresh(context, source, folder)
        context.organisation.note_folder(folder, ChangeKind.MODIFIED)
        return []

    return _answered("RefreshSharingFolder", make)
