"""Messages as Graph shows them, read from the sandbox's Maildirs, and messages that leave, into them."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import SMTP, default
from email.utils import formatdate, getaddresses, make_msgid, parsedate_to_datetime
from pathlib import Path
from typing import Any

from core.backends.maildir import deliver, keep_copy
from core.sandbox.graph import bodies
from core.sandbox.graph.times import offset
from core.sandbox.graph.wire import GraphError, Json, bad, denied, not_found
from core.sandbox.people import PEOPLE, Person

LARGEST_REQUEST = 4 * 1024 * 1024
_PREFIX = "AAMkMSG"
_KINDS = {
    "request": ("#microsoft.graph.eventMessageRequest", "meetingRequest"),
    "cancel": ("#microsoft.graph.eventMessage", "meetingCancelled"),
    "reply": ("#microsoft.graph.eventMessageResponse", "meetingAccepted"),
}


def message_id(name: str) -> str:
    """The id of the message in that file."""
    return _PREFIX + base64.urlsafe_b64encode(name.encode()).decode()


class Maildirs:
    """Everybody's mail. Files are read once; other programs may add to them at any time."""

    def __init__(self, folders: Mapping[str, Path]) -> None:
        self._folders = folders
        self._read: dict[Path, Json] = {}

    def inbox(self, person: Person) -> list[Json]:
        """The messages, newest first, each with its file under `@file`."""
        found = [self._message(path) for path in self._files(person)]
        return sorted(found, key=lambda one: (one["receivedDateTime"], one["id"]), reverse=True)

    def _files(self, person: Person) -> list[Path]:
        root = self._folders[person.key]
        return [path for part in ("new", "cur") if (root / part).is_dir() for path in sorted((root / part).iterdir())]

    def one(self, person: Person, name: str) -> Json:
        """One message. Raises 404."""
        for path in self._files(person):
            if message_id(path.name.partition(":")[0]) == name:
                return self._message(path)
        raise not_found()

    def _message(self, path: Path) -> Json:
        if path not in self._read:
            self._read[path] = read(path)
        return self._read[path]

    def deliver(self, person: Person, content: bytes) -> None:
        """Into somebody's inbox."""
        deliver(self._folders[person.key], content)

    def send(self, sender: Person, content: bytes, *, keep: bool = True) -> None:
        """To all whom the message names; a copy into the sender's Sent folder. Raises 400, 403.

        Whoever has no mailbox here gets nothing and the sender hears of it later, as with Exchange.
        """
        message = message_from_bytes(content, policy=default)
        senders = [address.lower() for _name, address in getaddresses(message.get_all("From", []))]
        if senders != [sender.address]:
            raise denied("The user account which was used to submit this request does not have the right to send mail"
                         " on behalf of the specified sending account.")  # fmt: skip
        named = [address.lower() for field in ("To", "Cc", "Bcc") for _n, address in
                 getaddresses(message.get_all(field, []))]  # fmt: skip
        if not named:
            raise bad("At least one recipient isn't valid.", "ErrorInvalidRecipients")
        content = without_bcc(content)
        for person in PEOPLE:
            if person.address in named:
                self.deliver(person, content)
        if keep:
            keep_copy(self._folders[sender.key] / ".Sent", content)


def without_bcc(content: bytes) -> bytes:
    """The message without its Bcc field, otherwise byte for byte."""
    head, gap, body = content.partition(b"\r\n\r\n")
    if not gap:
        head, gap, body = content.partition(b"\n\n")
    return re.sub(rb"(?im)^bcc:.*(?:\r?\n[ \t].*)*\r?\n?", b"", head + (b"\r\n" if b"\r\n" in gap else b"\n")).rstrip(
        b"\r\n") + gap + body  # fmt: skip


def read(path: Path) -> Json:
    """A file as a message resource; `@file` and `@attachments` are the server's own."""
    content = path.read_bytes()
    message = message_from_bytes(content, policy=default)
    received = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    found: Json = {
        "id": message_id(path.name.partition(":")[0]),
        "subject": _text(message, "Subject"),
        "from": _people(message, "From")[0] if _people(message, "From") else None,
        "sender": _people(message, "From")[0] if _people(message, "From") else None,
        "toRecipients": _people(message, "To"),
        "ccRecipients": _people(message, "Cc"),
        "bccRecipients": [],
        "replyTo": [],
        "receivedDateTime": offset(_received(message) or received),
        "sentDateTime": offset(_received(message) or received),
        "internetMessageId": _text(message, "Message-ID"),
        "isRead": ":2," in path.name and "S" in path.name.partition(":2,")[2],
        "isDraft": False,
        "importance": "normal",
        "parentFolderId": "AAMkFOLinbox",
        "webLink": "https://outlook.example.org/",
        "@file": path,
    }
    attachments = _attachments(message)
    found["hasAttachments"] = bool(attachments)
    found["@attachments"] = attachments
    found["body"] = _body(message)
    found["bodyPreview"] = bodies.preview(found["body"])
    return found | _kind(message)


def _text(message: Message, name: str) -> str:
    try:
        return " ".join(str(message.get(name, "")).split())
    except (ValueError, TypeError, IndexError, AttributeError):  # a header that the library cannot read
        return ""


def _people(message: Message, name: str) -> list[Json]:
    try:
        pairs = getaddresses([str(value) for value in message.get_all(name, [])])
    except (ValueError, TypeError, IndexError, AttributeError):
        return []
    return [{"emailAddress": {"name": label or address, "address": address}} for label, address in pairs if address]


def _received(message: Message) -> datetime | None:
    text = str(message.get("Received", "")).rpartition(";")[2] or str(message.get("Date", ""))
    try:
        found = parsedate_to_datetime(text.strip())
    except (ValueError, TypeError):
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def _attachments(message: Message) -> list[Json]:
    found = []
    alternatives = message.get_content_type() == "text/calendar"
    for index, part in enumerate(message.walk()):
        if part.is_multipart():
            continue
        name = part.get_filename() or ""
        kind = part.get_content_type()
        if not name and kind in ("text/plain", "text/html"):
            continue
        if kind == "text/calendar" and not name and not alternatives and part.get_param("method"):
            continue  # a meeting message: Exchange makes an event of it, not an attachment
        payload = part.get_payload(decode=True)
        data = payload if isinstance(payload, bytes) else b""
        found.append({"@odata.type": "#microsoft.graph.fileAttachment", "@odata.mediaContentType": kind,
                      "id": f"ATT{index}", "name": name or "calendar.ics", "contentType": kind, "size": len(data),
                      "isInline": False, "lastModifiedDateTime": "2026-01-01T00:00:00Z", "contentId": None,
                      "contentLocation": None, "contentBytes": base64.b64encode(data).decode()})  # fmt: skip
    return found


def _body(message: Message) -> Json:
    for kind in ("text/html", "text/plain"):
        for part in message.walk():
            if part.get_content_type() == kind and not part.get_filename():
                payload = part.get_payload(decode=True)
                text = payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""
                return bodies.kept({"contentType": "html" if kind == "text/html" else "text", "content": text})
    return bodies.kept(None)


def _kind(message: Message) -> Json:
    if str(message.get("Content-Class", "")).strip().lower() == "sharing":
        action = {"action": "acceptAndViewCalendar", "actionType": "accept", "importance": "primary"}
        return {"@odata.type": "#microsoft.graph.calendarSharingMessage", "canAccept": True,
                "suggestedCalendarName": _text(message, "x-sharing-remote-name"), "sharingMessageAction": action,
                "sharingMessageActions": [action]}  # fmt: skip
    for part in message.walk():
        method = str(part.get_param("method") or "").lower() if part.get_content_type() == "text/calendar" else ""
        if method in _KINDS:
            kind, word = _KINDS[method]
            return {"@odata.type": kind.replace("Response", ""), "meetingMessageType": word, "isOutOfDate": False,
                    "isDelegated": False, "isAllDay": False, "type": "singleInstance"}  # fmt: skip
    return {}


# --- what leaves ---------------------------------------------------------------------------------------------------


def mime_of(message: Json, attachments: list[Json], sender: Person) -> bytes:
    """A JSON message as MIME. Raises 400."""
    mail: Any = EmailMessage(policy=SMTP)
    mail["From"] = f'"{sender.name}" <{sender.address}>'
    for name, key in (("To", "toRecipients"), ("Cc", "ccRecipients"), ("Bcc", "bccRecipients")):
        people = [one["emailAddress"] for one in message.get(key) or []]
        if people:
            mail[name] = ", ".join(_addressed(one) for one in people)
    mail["Subject"] = str(message.get("subject") or "")
    mail["Date"] = formatdate(localtime=True)
    mail["Message-ID"] = message.get("internetMessageId") or make_msgid(domain="example.org")
    for header in message.get("internetMessageHeaders") or []:
        if not str(header.get("name", "")).lower().startswith("x-"):
            raise bad("Only custom headers that begin with x- can be set.", "InvalidInternetMessageHeader")
        mail[header["name"]] = header["value"]
    body = message.get("body") or {"contentType": "text", "content": ""}
    if str(body.get("contentType", "text")).lower() == "html":
        mail.set_content(bodies.plain(body["content"]) + "\n")
        mail.add_alternative(body["content"], subtype="html")
    else:
        mail.set_content(str(body.get("content") or ""))
    for one in attachments:
        main, _slash, sub = str(one.get("contentType") or "application/octet-stream").partition("/")
        mail.add_attachment(base64.b64decode(one["contentBytes"]), maintype=main, subtype=sub.partition(";")[0].strip(),
                            filename=one["name"])  # fmt: skip
    return bytes(mail)


def _addressed(one: Json) -> str:
    name = str(one.get("name") or "").replace('"', "")
    return f'"{name}" <{one["address"]}>' if name else str(one["address"])


def decoded_mime(body: bytes) -> bytes:
    """The base64 of a MIME message. Raises 400."""
    try:
        content = base64.b64decode(body, validate=False)
    except ValueError:
        content = b""
    if b":" not in content[:2000]:
        raise GraphError(400, "ErrorMimeContentInvalidBase64String", "The MIME content is not valid base64.")
    return content


def meeting_request(organizer: Person, found: Json, method: str) -> bytes:
    """What Exchange sends to the people whom an event names, by itself, when it is made, changed or cancelled."""
    mail: Any = EmailMessage(policy=SMTP)
    mail["From"] = f'"{organizer.name}" <{organizer.address}>'
    mail["To"] = ", ".join(_addressed(one["emailAddress"]) for one in found["attendees"])
    mail["Subject"] = ("Canceled: " if method == "CANCEL" else "") + found["subject"]
    mail["Date"] = formatdate(localtime=True)
    mail["Message-ID"] = make_msgid(domain="example.org")
    start, end = (re.sub(r"[-:]", "", found[name]["dateTime"].partition(".")[0]) + "Z" for name in ("start", "end"))
    lines = ["BEGIN:VCALENDAR", "PRODID:Microsoft Exchange Server 2010", "VERSION:2.0", f"METHOD:{method}",
             "BEGIN:VEVENT", f"UID:{found['iCalUId']}", f"ORGANIZER:mailto:{organizer.address}", f"DTSTART:{start}",
             f"DTEND:{end}", f"SUMMARY:{found['subject']}", f"DTSTAMP:{start}"]  # fmt: skip
    lines += [f"ATTENDEE;RSVP=TRUE:mailto:{one['emailAddress']['address']}" for one in found["attendees"]]
    text = "\r\n".join([*lines, "END:VEVENT", "END:VCALENDAR", ""])
    mail.set_content("")
    mail.add_alternative(text.encode(), maintype="text", subtype="calendar", params={"method": method})
    return bytes(mail)
