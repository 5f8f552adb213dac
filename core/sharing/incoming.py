"""A mail that came: who sent it, which calendars it carries, and what kind of message it is. Pure; text only."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from enum import StrEnum

from core.calendar.people import Address, clean_name, parse_address
from core.errors import UsageError
from core.language import N_, _
from core.sharing.detail import DetailLevel
from core.sharing.html_text import html_to_text
from core.sharing.invitation import (
    LARGEST_METADATA,
    METADATA_NAME,
    METADATA_TYPE,
    Purpose,
    SharingMessage,
    read_sharing,
)
from core.sharing.mime import Part, decode_words, header_text, leaves, read_head
from core.values import dataclass

LARGEST_CALENDAR = 32 * 1024 * 1024
LONGEST_TEXT = 256 * 1024
_MOST_COMMENTS = 20
"""The standard library reads comments in comments by recursion."""
_CALENDAR_TYPES = ("text/calendar", "application/ics", "application/icalendar", "text/x-vcalendar")
_MEETING_METHODS = frozenset(("REQUEST", "REPLY", "CANCEL", "ADD", "REFRESH", "COUNTER", "DECLINECOUNTER"))
_METHOD = re.compile(rb"(?im)^METHOD(?:;[^:\r\n]{0,200})?:[ \t]*([A-Za-z-]{1,20})")
_CALENDAR_NAME = re.compile(
    rb"(?im)^X-WR-CALNAME(?:;[^:\r\n]{0,200})?:([^\r\n]{0,500}(?:\r?\n[ \t][^\r\n]{0,500}){0,4})"
)
_PROPERTY = re.compile(rb"(?m)^([A-Za-z][A-Za-z0-9-]{0,60})[;:]")
_SUMMARY = re.compile(rb"(?im)^SUMMARY(?:;[^:\r\n]{0,200})?:([^\r\n]{0,80})")
_SIMPLE = frozenset(
    (b"DTEND", b"DTSTAMP", b"DTSTART", b"SEQUENCE", b"SUMMARY", b"TRANSP", b"UID", b"X-MICROSOFT-CDO-BUSYSTATUS")
)
"""The eight properties of Availability only (outlook.md §1.4); Limited details has them too."""
_STATUS_WORDS = frozenset(
    (
        "free",
        "tentative",
        "busy",
        "out of office",
        "away",
        "working elsewhere",
        "libre",
        "disponible",
        "provisoire",
        "occupé",
        "occupé(e)",
        "occupée",
        "absent",
        "absent(e)",
        "absent du bureau",
        "absent(e) du bureau",
        "travail dans un autre lieu",
        "travaille ailleurs",
    )
)
"""What Availability only writes as titles, in the languages that this program speaks."""


class MessageKind(StrEnum):
    """What a message is about."""

    SNAPSHOT = "snapshot"
    """A copy of a calendar (METHOD:PUBLISH, or none)."""
    MEETING = "meeting"
    """About one meeting: REQUEST, REPLY, CANCEL … (RFC 5546)."""
    INVITATION = "invitation"
    """Somebody shares a calendar ([MS-OXSHARE])."""
    REQUEST = "request"
    """Somebody asks to see a calendar."""
    RESPONSE = "response"
    """The answer no to a request."""
    OTHER = "message"

    @property
    def label(self) -> str:
        """For a person, in their language."""
        return _(_LABELS[self])


_LABELS = {
    MessageKind.SNAPSHOT: N_("Calendar"),
    MessageKind.MEETING: N_("Meeting"),
    MessageKind.INVITATION: N_("Sharing invitation"),
    MessageKind.REQUEST: N_("Sharing request"),
    MessageKind.RESPONSE: N_("Sharing response"),
    MessageKind.OTHER: N_("Message"),
}
_PURPOSES = {
    Purpose.INVITE: MessageKind.INVITATION,
    Purpose.BOTH: MessageKind.INVITATION,
    Purpose.ALLOW: MessageKind.INVITATION,
    Purpose.REQUEST: MessageKind.REQUEST,
    Purpose.DENY: MessageKind.RESPONSE,
}


@dataclass(frozen=True, slots=True)
class CalendarPart:
    """A calendar in a message. `name` is for people, not for a disk; `method` is in capitals, empty if none."""

    name: str
    data: bytes
    method: str

    @property
    def title(self) -> str:
        """What the calendar calls itself, else its file's name without the ending."""
        found = _CALENDAR_NAME.search(self.data, 0, 64 * 1024)
        if found:
            raw = re.sub(rb"\r?\n[ \t]", b"", found[1]).decode("utf-8", "replace")
            if said := clean_name(re.sub(r"\\([\\;,])", r"\1", raw)):
                return said
        return re.sub(r"(?i)\.ics$", "", self.name)


@dataclass(frozen=True, slots=True)
class IncomingMessage:
    """What a message says. Nothing in it is trusted, and nothing of it was fetched or run."""

    sender: Address | None
    subject: str
    date: datetime | None
    """As the sender's program wrote it: aware, UTC."""
    message_id: str
    kind: MessageKind
    calendars: tuple[CalendarPart, ...]
    text: str
    """The words for a person: the plain part, else the HTML part reduced to text."""
    received: datetime | None = None
    """When the last server had it, by its topmost Received line."""
    shared_name: str = ""
    """The calendar that an invitation is about."""
    sharing: SharingMessage | None = None
    """What a sharing message says."""


def read_message(data: bytes) -> IncomingMessage:
    """Read any bytes as a message; what cannot be read is left out. Takes time in proportion to their number."""
    head, _body = read_head(data)
    calendars: list[CalendarPart] = []
    plain = html = ""
    metadata: bytes | None = None
    for part in leaves(data):
        if _is_calendar(part):
            _add_calendar(calendars, part)
        elif part.type == METADATA_TYPE or part.filename.lower() == METADATA_NAME:
            metadata = metadata or part.data(LARGEST_METADATA + 1)
        elif part.type == "text/plain" and not plain and not _attached(part):
            plain = part.text(LONGEST_TEXT)
        elif part.type == "text/html" and not html and not _attached(part):
            html = part.text(LONGEST_TEXT)
    sharing = read_sharing(head, metadata)
    return IncomingMessage(
        sender=_sender(head),
        subject=clean_name(_field(head, "Subject"))[:500],
        date=_date(_field(head, "Date")),
        message_id=clean_name(_field(head, "Message-ID"))[:500],
        kind=_kind(sharing, calendars),
        calendars=tuple(calendars),
        text=(plain if plain.strip() else html_to_text(html)).replace("\r\n", "\n").replace("\r", "\n").strip(),
        received=_received(head),
        shared_name=sharing.name if sharing else "",
        sharing=sharing,
    )


def level_of(data: bytes) -> DetailLevel | None:
    """The level at which a snapshot was made, as far as its events tell; None without events."""
    start = re.search(rb"(?im)^BEGIN:VEVENT", data)
    if start is None:
        return None
    events = data[start.start() :]
    names = {name.upper() for name in _PROPERTY.findall(events)} - {b"BEGIN", b"END"}
    if names - _SIMPLE - {b"CLASS"}:
        return DetailLevel.FULL
    titles = {title.decode("utf-8", "replace").strip().lower() for title in set(_SUMMARY.findall(events))}
    return DetailLevel.AVAILABILITY if titles <= _STATUS_WORDS and b"CLASS" not in names else DetailLevel.LIMITED


def _is_calendar(part: Part) -> bool:
    return part.type in _CALENDAR_TYPES or part.filename.lower().endswith(".ics")


def _attached(part: Part) -> bool:
    return str(part.head.get("Content-Disposition", "")).strip().lower().startswith("attachment")


def _add_calendar(calendars: list[CalendarPart], part: Part) -> None:
    data = part.data(LARGEST_CALENDAR)
    if any(known.data == data for known in calendars):
        return
    inside = _METHOD.search(data, 0, 64 * 1024)
    method = inside[1].decode().upper() if inside else part.parameter("method").upper()
    calendars.append(CalendarPart(part.filename or part.parameter("name") or "calendar.ics", data, method))


def _kind(sharing: SharingMessage | None, calendars: list[CalendarPart]) -> MessageKind:
    if sharing is not None:
        return _PURPOSES[sharing.purpose]
    if not calendars:
        return MessageKind.OTHER
    if all(part.method in _MEETING_METHODS for part in calendars):
        return MessageKind.MEETING
    return MessageKind.SNAPSHOT


def _field(head: Message, name: str) -> str:
    value = head.get(name)
    return "" if value is None else decode_words(header_text(str(value)))


def _sender(head: Message) -> Address | None:
    raw = head.get("From") or head.get("Sender")
    text = header_text(str(raw or ""))[:2000]
    if text.count("(") > _MOST_COMMENTS:
        return None
    for name, address in getaddresses([text]):
        try:
            return Address(parse_address(address).address, clean_name(decode_words(name))[:200])
        except UsageError:
            continue
    return None


def _date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text[:100])
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _received(head: Message) -> datetime | None:
    first = head.get("Received")
    return _date(str(first).rpartition(";")[2].strip()) if first is not None else None
