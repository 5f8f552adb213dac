"""Messages as MIME and as EWS has them: what a message's bytes say becomes properties, and properties become bytes.

Source: [MS-OXWSMSG] and [MS-OXCMAIL] for the properties, [MS-OXSHARE] for the class of sharing messages.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from email import policy
from email.message import EmailMessage, MIMEPart
from email.parser import BytesParser
from email.utils import formataddr, formatdate, getaddresses, make_msgid, parsedate_to_datetime
from urllib.parse import quote

from core.sandbox.exchange.model import Attachment, Item, Mailbox
from core.sandbox.exchange.shapes import extended_key
from core.sandbox.exchange.xml import Element, child, children, stamp, t, text_of

TRANSPORT_HEADERS = "tag:0x007d:String"
"""PR_TRANSPORT_MESSAGE_HEADERS: the whole head as one text, for clients that read it so."""
_RECIPIENTS = {"ToRecipients": "To", "CcRecipients": "Cc", "BccRecipients": "Bcc"}
_CLASSES = {"sharing": "IPM.Sharing"}
_METHODS = {
    "REQUEST": "IPM.Schedule.Meeting.Request",
    "CANCEL": "IPM.Schedule.Meeting.Canceled",
    "REPLY": "IPM.Schedule.Meeting.Resp",
}


def parsed(content: bytes) -> EmailMessage:
    """The message of these bytes; tolerant as the standard library is."""
    return BytesParser(EmailMessage, policy=policy.default).parsebytes(content)


# --- reading ---------------------------------------------------------------------------------------------------------


def fields_of(content: bytes) -> dict[str, Element]:
    """The properties that the bytes of a message say."""
    message = parsed(content)
    found = {
        "ItemClass": t("ItemClass", item_class(message)),
        "Subject": t("Subject", header(message, "Subject")),
        "Sensitivity": t("Sensitivity", _sensitivity(header(message, "Sensitivity"))),
        "Body": _body(message),
        "Importance": t("Importance", _importance(header(message, "Importance"))),
        "InternetMessageHeaders": t("InternetMessageHeaders", _headers(message)),
        "InternetMessageId": t("InternetMessageId", header(message, "Message-ID")),
        "ConversationTopic": t("ConversationTopic", header(message, "Subject")),
    }
    for name, field in _RECIPIENTS.items():
        if header(message, field):
            found[name] = recipients(name, addresses(message, field))
    for name in ("From", "Sender"):
        sender = addresses(message, name) or addresses(message, "From")
        if sender:
            found[name] = t(name, mailbox_of(*sender[0]))
    for name, field in (("InReplyTo", "In-Reply-To"), ("References", "References")):
        if header(message, field):
            found[name] = t(name, header(message, field))
    sent = _date(header(message, "Date"))
    if sent is not None:
        found["DateTimeSent"] = t("DateTimeSent", sent)
    return found


def header(message: EmailMessage, name: str) -> str:
    """One header as text, empty where there is none or it cannot be read."""
    try:
        return " ".join(str(message.get(name, "")).split())
    except (ValueError, IndexError, AttributeError):
        return ""


def addresses(message: EmailMessage, name: str) -> list[tuple[str, str]]:
    """Names and addresses of a header."""
    values = [str(value) for value in message.get_all(name, [])]
    return [(person or address, address) for person, address in getaddresses(values) if "@" in address]


def mailbox_of(name: str, address: str) -> Element:
    """`t:Mailbox` of anybody."""
    return t("Mailbox", [t("Name", name or address), t("EmailAddress", address), t("RoutingType", "SMTP")])


def recipients(name: str, people: Iterable[tuple[str, str]]) -> Element:
    """`t:ToRecipients` and its like."""
    return t(name, [mailbox_of(*person) for person in people])


def item_class(message: EmailMessage) -> str:
    """PidTagMessageClass, as Exchange chooses it from the head and the parts."""
    named = _CLASSES.get(header(message, "Content-Class").lower())
    return named or _METHODS.get(meeting_method(message), "IPM.Note")


def meeting_method(message: EmailMessage) -> str:
    """The METHOD of the meeting that the message is about, empty for any other."""
    part = calendar_part(message)
    return str(part.get_param("method", "") or "").upper() if part is not None else ""


def calendar_part(message: EmailMessage) -> MIMEPart | None:
    """The part that makes it meeting mail: a calendar with a method that is a body, not an attached file."""
    for part in message.walk():
        if part.get_content_type() == "text/calendar" and part.get_content_disposition() != "attachment":
            return part
    return None


def _sensitivity(text: str) -> str:
    known = {"private": "Private", "personal": "Personal", "company-confidential": "Confidential"}
    return known.get(text.strip().lower(), "Normal")


def _importance(text: str) -> str:
    return text.strip().capitalize() if text.strip().lower() in ("low", "high") else "Normal"


def _headers(message: EmailMessage) -> list[Element]:
    return [t("InternetMessageHeader", header_text(value), HeaderName=name) for name, value in message.items()]


def header_text(value: object) -> str:
    """A header's value on one line."""
    return " ".join(str(value).split())


def head_of(content: bytes) -> str:
    """The head of a message, as it came."""
    return content.partition(b"\r\n\r\n")[0].partition(b"\n\n")[0].decode("utf-8", "replace")


def _body(message: EmailMessage) -> Element:
    part = message.get_body(("html", "plain"))
    if part is None:
        return t("Body", "", BodyType="Text")
    try:
        text = str(part.get_content())
    except (LookupError, ValueError, KeyError):
        text = ""
    return t("Body", text, BodyType="HTML" if part.get_content_type() == "text/html" else "Text")


def _date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    return found if found.tzinfo is not None else None


def extended_of(content: bytes) -> dict[str, Element]:
    """The extended properties that clients ask for of received mail: X- headers one by one, and the head as a text."""
    message = parsed(content)
    found = [_extended({"PropertyTag": "0x7d", "PropertyType": "String"}, head_of(content))]
    for name, value in message.items():
        path = {"DistinguishedPropertySetId": "InternetHeaders", "PropertyName": name, "PropertyType": "String"}
        found.append(_extended(path, header_text(value)))
    return {extended_key(each[0]): each for each in found}


def _extended(path: dict[str, str], value: str) -> Element:
    return t("ExtendedProperty", [t("ExtendedFieldURI", **path), t("Value", value)])


def attachments_of(content: bytes, first: int) -> list[Attachment]:
    """The attached files and messages, numbered from `first` on."""
    message = parsed(content)
    return [_attachment(part, first + index) for index, part in enumerate(_attached(message))]


def _attached(message: EmailMessage) -> Iterator[MIMEPart]:
    """Leaves that are no body of the message, in order."""
    bodies = {id(part) for part in (message.get_body(("html",)), message.get_body(("plain",)), calendar_part(message))}
    waiting: list[MIMEPart] = [message]
    while waiting:
        part = waiting.pop(0)
        if part.get_content_maintype() == "multipart":
            waiting[:0] = list(part.iter_parts())
        elif id(part) not in bodies:
            yield part


def _attachment(part: MIMEPart, number: int) -> Attachment:
    kind = part.get_content_type()
    content = bytes(part.get_payload(decode=True) or b"")
    if kind == "message/rfc822":
        inner = part.get_content()
        content = bytes(inner) if isinstance(inner, EmailMessage) else b""
    name = part.get_filename() or (f"{inner_name(content)}.eml" if kind == "message/rfc822" else "attachment")
    inline = part.get_content_disposition() == "inline" or bool(part.get("Content-ID"))
    number_id = str(part.get("Content-ID", "") or "").strip("<> ")
    return Attachment(number, name, kind, content, number_id, inline, message=kind == "message/rfc822")


def inner_name(content: bytes) -> str:
    """What an attached message is called."""
    return header(parsed(content), "Subject") or "message"


# --- writing ---------------------------------------------------------------------------------------------------------


def mime_of(item: Item, sender: Mailbox) -> bytes:
    """The bytes of a message: those that it came with, else made from its properties."""
    return item.mime or composed(item, sender)


def composed(item: Item, sender: Mailbox) -> bytes:
    """A message made from the properties of an item, from `sender` where it does not say."""
    message = EmailMessage(policy=policy.SMTP)
    people = _people(item.fields.get("From")) or [(sender.name, sender.address)]
    message["From"] = _written(people)
    for name, field in _RECIPIENTS.items():
        if _people(item.fields.get(name)):
            message[field] = _written(_people(item.fields.get(name)))
    message["Subject"] = header_text(item.text("Subject"))
    if item.text("Importance") in ("Low", "High"):
        message["Importance"] = item.text("Importance").lower()
    _set_class(message, item)
    for name, value in _own_headers(item):
        if name.lower() not in {known.lower() for known in message}:
            message[name] = header_text(value)
    _set_body(message, item)
    for attachment in item.attachments:
        _attach(message, attachment)
    return bytes(message)


def readdressed(content: bytes, item: Item) -> bytes:
    """The message to the recipients that were set beside it."""
    message = parsed(content)
    for name, field in _RECIPIENTS.items():
        if name in item.fields:
            del message[field]
            if people := _people(item.fields.get(name)):
                message[field] = _written(people)
    return message.as_bytes(policy=policy.SMTP)


def finished(content: bytes, sender: Mailbox, now: datetime) -> tuple[bytes, list[str]]:
    """The bytes as they are sent, without Bcc, and the addresses of everybody whom they are for."""
    message = parsed(content)
    everybody = [address for field in _RECIPIENTS.values() for _name, address in addresses(message, field)]
    message.policy = policy.SMTP
    del message["Bcc"]
    for name, value in _missing(message, sender, now):
        message[name] = value
    return message.as_bytes(policy=policy.SMTP), list(dict.fromkeys(each.lower() for each in everybody))


def _missing(message: EmailMessage, sender: Mailbox, now: datetime) -> Iterator[tuple[str, str]]:
    wanted = {
        "From": _written([(sender.name, sender.address)]),
        "Date": formatdate(now.timestamp(), usegmt=True),
        "Message-ID": make_msgid(domain=sender.address.rpartition("@")[2]),
        "MIME-Version": "1.0",
    }
    return ((name, value) for name, value in wanted.items() if not header(message, name))


def _people(element: Element | None) -> list[tuple[str, str]]:
    return [
        (text_of(each, "Name"), text_of(each, "EmailAddress"))
        for each in children(element)
        if text_of(each, "EmailAddress")
    ]


def _written(people: Iterable[tuple[str, str]]) -> str:
    return ", ".join(formataddr((header_text(name) if name != address else "", address)) for name, address in people)


def _set_class(message: EmailMessage, item: Item) -> None:
    if item.text("ItemClass").lower().startswith("ipm.sharing"):
        message["Content-Class"] = "Sharing"


def _own_headers(item: Item) -> Iterator[tuple[str, str]]:
    """Headers that were set one by one: InternetMessageHeaders, and extended properties of InternetHeaders."""
    for each in children(item.fields.get("InternetMessageHeaders")):
        yield each.get("HeaderName", ""), each.text or ""
    for each in item.extended.values():
        path = child(each, "ExtendedFieldURI")
        if path is not None and path.get("DistinguishedPropertySetId") == "InternetHeaders":
            yield path.get("PropertyName", ""), text_of(each, "Value")


def _set_body(message: EmailMessage, item: Item) -> None:
    body = item.fields.get("Body")
    text = (body.text or "") if body is not None else ""
    if body is not None and body.get("BodyType") == "HTML":
        message.set_content(text, subtype="html", cte="quoted-printable")
    else:
        message.set_content(text, cte="quoted-printable")


def _attach(message: EmailMessage, attachment: Attachment) -> None:
    main, _slash, sub = (attachment.content_type or "application/octet-stream").partition("/")
    if attachment.message:
        message.add_attachment(parsed(attachment.content), filename=attachment.name)
        return
    message.add_attachment(
        attachment.content,
        maintype=main,
        subtype=sub or "octet-stream",
        filename=attachment.name,
        disposition="inline" if attachment.inline else "attachment",
        cid=f"<{quote(attachment.content_id, safe='@.+-_')}>" if attachment.content_id else None,
    )


def received(item: Item, at: datetime) -> None:
    """Mark an item as arrived: the time, unread, sent."""
    item.fields["DateTimeReceived"] = t("DateTimeReceived", stamp(at))
    item.fields["IsRead"] = t("IsRead", False)
    item.fields["IsDraft"] = t("IsDraft", False)
