"""ConvertId: one thing's id in the forms that other interfaces have for it ([MS-OXWSCONV]).

An entry id here is MAPI's: flags, the store's provider, the mailbox's own number of the thing ([MS-OXCDATA] 2.2.4).
"""

from __future__ import annotations

import base64
import binascii

from core.sandbox.exchange.errors import EwsError
from core.sandbox.exchange.ids import EwsId, IdKind
from core.sandbox.exchange.model import Mailbox, Organisation
from core.sandbox.exchange.registry import Context, operation, respond, success
from core.sandbox.exchange.xml import Element, children, m, name_of

_PROVIDER = bytes.fromhex("1A447390AA6611CD9BC800AA002FC45A")
_FOLDER, _ITEM = 1, 7
"""Types of a folder's and a message's entry id."""
_STORE = bytes.fromhex("0000000038A1BB1005E5101AA1BB08002B2A56C20000454D534D44422E444C4C")


@operation("ConvertId")
def convert_id(context: Context) -> Element:
    """Each id in the form that is asked for."""
    wanted = context.request.get("DestinationFormat", "EwsId")

    def one(source: Element) -> Element:
        if name_of(source) != "AlternateId":
            raise EwsError("ErrorInvalidOperation", "There are no public folders here.")
        mailbox = context.organisation.mailbox_at(source.get("Mailbox", ""))
        number = read_id(context.organisation, source.get("Format", ""), source.get("Id", ""))
        converted = write_id(number, wanted)
        shown = m("AlternateId", Format=wanted, Id=converted, Mailbox=mailbox.address)
        shown.set("{http://www.w3.org/2001/XMLSchema-instance}type", "t:AlternateIdType")
        return success("ConvertId", shown)

    return respond("ConvertId", children(context.request, "SourceIds"), one)


def entry_id(number: EwsId) -> bytes:
    """MAPI's entry id: it holds the same parts as ours."""
    kind = _FOLDER if number.kind is IdKind.FOLDER else _ITEM
    own = number.number.to_bytes(8, "big") + number.extra.to_bytes(8, "big", signed=True) + bytes([number.kind, 0])
    return bytes(4) + _PROVIDER + bytes([kind, 0]) + number.mailbox.bytes + own


def store_entry_id(mailbox: Mailbox) -> bytes:
    """MAPI's entry id of a mailbox's store."""
    return _STORE + mailbox.guid.bytes + mailbox.address.encode() + b"\0"


def write_id(number: EwsId, form: str) -> str:
    """An id in one of IdFormatType's forms."""
    match form:
        case "EwsId" | "EwsLegacyId":
            return str(number)
        case "HexEntryId":
            return entry_id(number).hex().upper()
        case "EntryId" | "StoreId":
            return base64.b64encode(entry_id(number)).decode()
        case "OwaId":
            return base64.urlsafe_b64encode(entry_id(number)).decode()
        case _:
            raise EwsError("ErrorInvalidIdMalformed")


def read_id(organisation: Organisation, form: str, text: str) -> EwsId:
    """The id that is meant. Raises EwsError: ErrorInvalidIdMalformed, ErrorInvalidIdEmpty."""
    if not text:
        raise EwsError("ErrorInvalidIdEmpty")
    if form in ("EwsId", "EwsLegacyId"):
        return EwsId.parse(text)
    try:
        if form == "HexEntryId":
            content = bytes.fromhex(text)
        else:
            content = base64.b64decode(text, altchars=b"-_" if form == "OwaId" else None, validate=True)
    except (ValueError, binascii.Error) as error:
        raise EwsError("ErrorInvalidIdMalformed") from error
    return _from_entry_id(organisation, content)


def _from_entry_id(organisation: Organisation, content: bytes) -> EwsId:
    if len(content) != 56 or content[4:20] != _PROVIDER:
        raise EwsError("ErrorInvalidIdMalformed")
    for mailbox in organisation.mailboxes.values():
        if mailbox.guid.bytes == content[22:38]:
            extra = int.from_bytes(content[46:54], "big", signed=True)
            return EwsId(mailbox.guid, IdKind(content[54]), int.from_bytes(content[38:46], "big"), extra)
    raise EwsError("ErrorInvalidIdMalformed")
