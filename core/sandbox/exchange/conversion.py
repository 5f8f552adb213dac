"""ConvertId: one thing's id in the forms that other interfaces have for it ([MS-OXWSCONV])."""

from __future__ import annotations

import base64
import binascii

from core.sandbox.exchange.errors import EwsError
from core.sandbox.exchange.ids import EwsId
from core.sandbox.exchange.model import Mailbox, Organisation
from core.sandbox.exchange.registry import Context, operation, respond, success
from core.sandbox.exchange.xml import Element, children, m, name_of

_STORE = bytes.fromhex("0000000038A1BB1005E5101AA1BB08002B2A56C20000454D534D44422E444C4C")


@operation("ConvertId")
def convert_id(context: Context) -> Element:
    """Each id in the form that is asked for, with the address of the mailbox that it is in, whatever was given."""
    wanted = context.request.get("DestinationFormat", "EwsId")

    def one(source: Element) -> Element:
        if name_of(source) != "AlternateId":
            raise EwsError("ErrorInvalidOperation", "There are no public folders here.")
        number = read_id(source.get("Format", ""), source.get("Id", ""))
        mailbox = _mailbox(context.organisation, number)
        shown = m("AlternateId", Format=wanted, Id=write_id(number, wanted), Mailbox=mailbox.address)
        shown.set("{http://www.w3.org/2001/XMLSchema-instance}type", "t:AlternateIdType")
        return success("ConvertId", shown)

    return respond("ConvertId", children(context.request, "SourceIds"), one)


def _mailbox(organisation: Organisation, number: EwsId) -> Mailbox:
    for mailbox in organisation.mailboxes.values():
        if mailbox.guid == number.mailbox:
            return mailbox
    raise EwsError("ErrorNonExistentMailbox")


def store_entry_id(mailbox: Mailbox) -> bytes:
    """MAPI's entry id of a mailbox's store."""
    return _STORE + mailbox.guid.bytes + mailbox.address.encode() + b"\0"


def write_id(number: EwsId, form: str) -> str:
    """An id in one of IdFormatType's forms."""
    match form:
        case "EwsId" | "EwsLegacyId":
            return str(number)
        case "HexEntryId":
            return number.hexadecimal
        case "EntryId" | "StoreId":
            return base64.b64encode(number.entry).decode()
        case "OwaId":
            return base64.urlsafe_b64encode(number.entry).decode()
        case _:
            raise EwsError("ErrorInvalidIdMalformed")


def read_id(form: str, text: str) -> EwsId:
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
    return EwsId.from_entry(content)
