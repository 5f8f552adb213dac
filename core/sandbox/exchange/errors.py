"""How Exchange refuses: an error for one item of a request, or a fault for the whole of it."""

from __future__ import annotations

from core.sandbox.exchange.xml import ERRORS, TYPES, Element, m, s, t

__all__ = ["EwsError", "SoapFault"]


class EwsError(Exception):
    """One item of a request failed: `code` is a ResponseCode of messages.xsd, `text` what Exchange says with it.

    `values` go into MessageXml, as for ErrorServerBusy's BackOffMilliseconds.
    """

    def __init__(self, code: str, text: str = "", values: dict[str, str] | None = None) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code
        self.text = text or _TEXTS.get(code, "The request failed.")
        self.values = values or {}

    def response(self, name: str) -> Element:
        """The response message of an operation's item that failed."""
        made = m(name, m("MessageText", self.text), m("ResponseCode", self.code), ResponseClass="Error")
        made.append(m("DescriptiveLinkKey", 0))
        if self.values:
            made.append(m("MessageXml", [t("Value", value, Name=key) for key, value in self.values.items()]))
        return made


class SoapFault(Exception):
    """The whole request failed: HTTP 500 and a SOAP fault, as for a request that the schema does not allow."""

    def __init__(self, code: str, text: str, values: dict[str, str] | None = None) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code
        self.text = text
        self.values = values or {}

    def body(self) -> Element:
        """The `s:Fault`; SOAP's own children have no namespace."""
        fault = s("Fault")
        code = Element("faultcode", {"xmlns:a": TYPES})
        code.text = f"a:{self.code}"
        text = Element("faultstring", {"{http://www.w3.org/XML/1998/namespace}lang": "en-US"})
        text.text = self.text
        detail = Element("detail")
        for name, content in (("ResponseCode", self.code), ("Message", self.text)):
            part = Element(f"{{{ERRORS}}}{name}")
            part.text = content
            detail.append(part)
        if self.values:
            detail.append(t("MessageXml", [t("Value", value, Name=key) for key, value in self.values.items()]))
        fault.extend((code, text, detail))
        return fault


_TEXTS = {
    "ErrorAccessDenied": "Access is denied. Check credentials and try again.",
    "ErrorItemNotFound": "The specified object was not found in the store.",
    "ErrorFolderNotFound": "The specified folder could not be found in the store.",
    "ErrorInvalidIdMalformed": "Id is malformed.",
    "ErrorInvalidIdEmpty": "Id must be non-empty.",
    "ErrorInvalidChangeKey": "The change key is invalid.",
    "ErrorChangeKeyRequired": "ChangeKey is required for this operation.",
    "ErrorIrresolvableConflict": "The send or update operation could not be performed because the change key passed in "
    "the request does not match the current change key for the item.",
    "ErrorNonExistentMailbox": "The SMTP address has no mailbox associated with it.",
    "ErrorMailboxStoreUnavailable": "The mailbox database is temporarily unavailable.",
    "ErrorDeleteDistinguishedFolder": "Distinguished folders cannot be deleted.",
    "ErrorFolderExists": "A folder with the specified name already exists.",
    "ErrorInvalidPropertySet": "Set action is invalid for property.",
    "ErrorInvalidPropertyDelete": "Property can not be deleted.",
    "ErrorInvalidPropertyAppend": "Append action is invalid for property.",
    "ErrorInvalidSyncStateData": "Synchronization state data is corrupt or otherwise invalid.",
    "ErrorCalendarOutOfRange": "The calendar item falls out of range.",
    "ErrorCalendarEndDateIsEarlierThanStartDate": "EndDate is earlier than StartDate.",
    "ErrorCalendarDurationIsTooLong": "The duration of the calendar item is too long.",
    "ErrorCalendarViewRangeTooBig": "The specified view range exceeds the maximum range of two years.",
    "ErrorCalendarInvalidRecurrence": "The recurrence pattern is invalid.",
    "ErrorCalendarInvalidTimeZone": "The time zone is invalid.",
    "ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange": "Occurrence index is out of recurrence range.",
    "ErrorCalendarOccurrenceIsDeletedFromRecurrence": "Occurrence with this index was previously deleted from the "
    "recurrence.",
    "ErrorCalendarCannotUseIdForOccurrenceId": "The RecurringMasterId does not correspond to a valid recurring master "
    "calendar item.",
    "ErrorCalendarCannotUseIdForRecurringMasterId": "The OccurrenceId does not correspond to a valid occurrence of a "
    "recurring master.",
    "ErrorServerBusy": "The server cannot service this request right now. Try again later.",
}
