"""From the raw bytes of an .ics to the rows of the index: our own reading, for speed alone.

It reads what the index needs, and only the forms that are usual. Whatever is not (an unknown TZID, RDATE,
THISANDFUTURE, odd values, files that need a repair …) raises Unusual, and `exact.py` asks the tolerant codec instead;
both give the same rows, and a test holds this one to what the codec says. Standard library only, light to import.

Plain tuples, because there are hundreds of thousands of them:

    thing  (uid, items, first, last, problem)     first, last: seconds that bound a series (last None: endless)
    item   (title, place, people, notes, status, flags, zone, organizer, attendees, own, spans)
    own    (kind, start, end, rid)                the component's own first instance
    spans  [(kind, start, rid, end), …]           its occurrences inside the horizon
"""

# ruff: noqa: DTZ001 - wall-clock times are meant

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from core.ical.lines import LineError, parse_line, unescape
from core.ical.periods import TooMuchWork
from core.ical.rules import Rule, RuleError
from core.index.blocks import FAR, NEAR, Unusual, duration, event_blocks
from core.index.database import (
    ALL_DAY,
    CANCELLED,
    DAY,
    ENDLESS,
    PRIVATE,
    RECURRING,
    REMINDS,
    REMINDS_FAR,
    kind_of,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import tzinfo

    Own = tuple[int, int, int, str]
    Span = tuple[int, int, str, int]
    Item = tuple[str, str, str, str, int, int, str, str, str, Own, list[Span]]
    Thing = tuple[str, list[Item], int | None, int | None, str]
    Zone = tzinfo

STATUSES = ("free", "tentative", "busy", "out-of-office", "working-elsewhere")
"""`item.status` is a place in this row: Outlook's numbers."""

LIMIT = 10_000
"""The most occurrences of one series that are kept."""

FIELD, PERSON = "\x1f", "\x1e"
"""Between address, name, role and response of a person; between people."""

_EPOCH = datetime(1970, 1, 1)
_NEARLY_A_DAY = 20 * 3600
_YEAR_1, _YEAR_9999 = -62_135_510_400, 253_402_041_600
_BUSY = {"FREE": 0, "TENTATIVE": 1, "BUSY": 2, "OOF": 3, "OUTOFOFFICE": 3, "WORKINGELSEWHERE": 4}
_ROLES = {
    "CHAIR": "chair",
    "REQ-PARTICIPANT": "required",
    "OPT-PARTICIPANT": "optional",
    "NON-PARTICIPANT": "non-participant",
}
_RESPONSES = {
    "NEEDS-ACTION": "needs-action",
    "ACCEPTED": "accepted",
    "DECLINED": "declined",
    "TENTATIVE": "tentative",
    "DELEGATED": "delegated",
}
_ONE = frozenset(
    (
        *("UID", "DTSTART", "DTEND", "DURATION", "RRULE", "RECURRENCE-ID", "SUMMARY", "LOCATION", "DESCRIPTION"),
        *("STATUS", "TRANSP", "CLASS", "ORGANIZER", "X-MICROSOFT-CDO-BUSYSTATUS"),
    )
)
_ODD = frozenset(
    (
        *("RDATE", "EXRULE", "X-MICROSOFT-MSNCALENDAR-BUSYSTATUS"),
        *("X-MICROSOFT-CDO-INTENDEDSTATUS", "X-MICROSOFT-CDO-ALLDAYEVENT"),
    )
)
_PLAIN_NAMES = frozenset(
    (
        *("DTSTAMP", "CREATED", "LAST-MODIFIED", "SEQUENCE", "CATEGORIES", "PRIORITY", "URL", "X-ALT-DESC"),
        *("ATTACH", "GEO", "COMMENT", "CONTACT"),
    )
)


class Scanned(bytes):
    """Bytes of a file that carry what the scanner said of them: on the way to the index they need no second look.

    Only where no horizon matters: the one event in them does not repeat.
    """

    things: list[Thing]


class Scanner:
    """Reads files for one horizon: seconds since 1970, [low, high). Keeps zones and people it has met."""

    __slots__ = ("_first", "_last", "_people", "_times", "_zone_for", "high", "low")

    def __init__(self, low: int, high: int) -> None:
        self.low, self.high = low, high
        self._first = _EPOCH + timedelta(seconds=max(low - DAY, _YEAR_1))
        self._last = _EPOCH + timedelta(seconds=min(high + DAY, _YEAR_9999))
        self._people: dict[str, str] = {}
        self._times: dict[str, tzinfo | None] = {}
        self._zone_for: Callable[[str], tzinfo | None] | None = None

    def scan(self, data: bytes) -> list[Thing]:
        """The events of a file, one thing for each UID. Raises Unusual."""
        if isinstance(data, Scanned):
            return data.things
        blocks = event_blocks(data)
        events: dict[str, list[dict[str, str]]] = {}
        for block in blocks:
            found = self._fields(block)
            uid = found.get("UID", ":")[1:].strip() if found.get("UID", "").startswith(":") else ""
            if not uid or "\\" in uid or not uid.isprintable() or "DTSTART" not in found:
                raise Unusual
            events.setdefault(uid, []).append(found)
        return [self._thing(uid, parts) for uid, parts in events.items()]

    def _fields(self, block: str) -> dict[str, str]:
        """Name to `parameters:value`; EXDATE and ATTENDEE hold several, a line each."""
        found: dict[str, str] = {}
        for line in block.split("\n"):
            head, colon, value = line.partition(":")
            name, _semicolon, parameters = head.partition(";")
            if name in _ONE:
                if name in found or not colon:
                    raise Unusual
                found[name] = self._whole(line, parameters, value)
            elif name in ("ATTENDEE", "EXDATE"):
                whole = self._whole(line, parameters, value)
                found[name] = f"{found[name]}\n{whole}" if name in found else whole
            elif name in (NEAR, FAR):
                found[name] = ""
            elif name not in _PLAIN_NAMES and (not colon or name in _ODD or not name.isupper()):
                raise Unusual
        return found

    @staticmethod
    def _whole(line: str, parameters: str, value: str) -> str:
        if '"' in parameters and parameters.count('"') % 2:  # a colon stands inside the quotes
            try:
                rest = parse_line(line)[2]
            except LineError:
                raise Unusual from None
            head = line[: len(line) - len(rest) - 1]
            if head.count('"') % 2:
                raise Unusual
            return f"{head.partition(';')[2]}:{rest}"
        return f"{parameters}:{value}"

    def _thing(self, uid: str, parts: list[dict[str, str]]) -> Thing:
        if len(parts) == 1 and "RECURRENCE-ID" not in parts[0]:
            return self._alone(uid, parts[0])
        masters = [part for part in parts if "RECURRENCE-ID" not in part]
        if len(masters) != 1:
            raise Unusual  # several versions of one event, or instances without their series
        return self._series(uid, masters[0], [part for part in parts if part is not masters[0]])

    def _alone(self, uid: str, part: dict[str, str]) -> Thing:
        if "RRULE" in part:
            return self._series(uid, part, [])
        if "EXDATE" in part:
            raise Unusual
        _start, first, last, local, zone = self._times_of(part)
        kind = kind_of(last - first, local)
        item = self._item(part, 0, zone, (kind, first, last, ""), [(kind, first, "", last)])
        return uid, [item], None, None, ""

    def _series(self, uid: str, master: dict[str, str], overrides: list[dict[str, str]]) -> Thing:
        if "RRULE" not in master:
            raise Unusual
        start, first, end, local, zone = self._times_of(master)
        if "DURATION" in master and "T" not in master["DURATION"].partition("P")[2][:1] and zone is not None:
            raise Unusual  # days in a length are nominal: they differ where clocks change
        moved: dict[str, Item] = {}
        private = _hides(master)
        for part in overrides:
            rid, item = self._override(part, local, zone, private, "VALUE=DATE" in master["DTSTART"])
            if rid in moved:
                raise Unusual
            moved[rid] = item
        length = end - first
        if length > _NEARLY_A_DAY and zone is not None and zone is not UTC:
            raise Unusual  # whole days keep their clock time where clocks change
        rule, spans = self._spans(master, start, length, local, zone, set(moved))
        own = (kind_of(length, local), first, end, rid_of(start, "VALUE=DATE" in master["DTSTART"]))
        last = _bound(rule, start, zone, length)
        flags = RECURRING | (ENDLESS if last is None else 0)
        item = self._item(master, flags, zone, own, spans)
        return uid, [item, *moved.values()], first, last, ""

    def _override(
        self, part: dict[str, str], local: bool, zone: Zone | None, private: bool, dated: bool
    ) -> tuple[str, Item]:
        """An instance that differs: its recurrence id must be in the zone and form of the series."""
        if "RRULE" in part or "EXDATE" in part or "RANGE" in part["RECURRENCE-ID"].partition(":")[0].upper():
            raise Unusual
        original, its_local, its_zone = self._moment(part["RECURRENCE-ID"])
        if its_local != local or its_zone is not zone or dated != ("VALUE=DATE" in part["RECURRENCE-ID"]):
            raise Unusual
        _start, first, last, now_local, now_zone = self._times_of(part)
        kind, rid = kind_of(last - first, now_local), rid_of(original, dated)
        flags = RECURRING | (PRIVATE if private and "CLASS" not in part else 0)
        return rid, self._item(part, flags, now_zone, (kind, first, last, rid), [(kind, first, rid, last)])

    def _spans(  # noqa: PLR0917 - a hot path: keywords cost
        self, master: dict[str, str], start: datetime, length: int, local: bool, zone: Zone | None, skip: set[str]
    ) -> tuple[Rule, list[Span]]:
        """The rule, and the instances inside the horizon, each `length` seconds long."""
        dated = "VALUE=DATE" in master["DTSTART"]
        head, _colon, value = master["RRULE"].partition(":")
        if head:
            raise Unusual
        for line in master.get("EXDATE", "").split("\n"):
            if line:
                skip |= self._exceptions(line, local, zone, dated)
        low = max(self._first, _EPOCH + timedelta(seconds=_YEAR_1 + length)) - timedelta(seconds=length)
        spans: list[Span] = []
        kind = kind_of(length, local)
        try:
            rule = Rule.parse(value)
            day = start.date() if dated else start
            for instant in rule.instants(day, low, self._last, zone=zone):
                moment = datetime(instant.year, instant.month, instant.day) if dated else instant
                rid = rid_of(moment, dated)  # type: ignore[arg-type]
                if rid in skip:
                    continue
                first = _seconds(moment, zone)  # type: ignore[arg-type]
                spans.append((kind, first, rid, first + length))
                if len(spans) > LIMIT:
                    raise Unusual
        except (RuleError, TooMuchWork, OverflowError):
            raise Unusual from None
        return rule, spans

    def _exceptions(self, line: str, local: bool, zone: Zone | None, dated: bool) -> set[str]:
        head, _colon, values = line.partition(":")
        if dated != (head == "VALUE=DATE"):
            raise Unusual
        found = set()
        for value in values.split(","):
            moment, its_local, its_zone = self._moment(f"{head}:{value}")
            if its_local != local or its_zone is not zone:
                raise Unusual
            found.add(rid_of(moment, dated))
        return found

    def _times_of(self, part: dict[str, str]) -> tuple[datetime, int, int, bool, Zone | None]:
        """The start on the wall, start and end in seconds, whether they are local ones, and the zone."""
        start, local, zone = self._moment(part["DTSTART"])
        first, dated = _seconds(start, zone), "VALUE=DATE" in part["DTSTART"]
        if "DTEND" in part:
            end, end_local, end_zone = self._moment(part["DTEND"])
            if "DURATION" in part or end_local != local or dated != ("VALUE=DATE" in part["DTEND"]):
                raise Unusual
            last = _seconds(end, end_zone)
        elif "DURATION" in part:
            days, seconds = duration(part["DURATION"])
            last = _seconds(start + timedelta(days=days), zone) + seconds
        else:
            last = first + DAY if dated else first
        if last < first or (last == first and dated) or (dated and last % DAY):
            raise Unusual
        return start, first, last, local, zone

    def _moment(self, text: str) -> tuple[datetime, bool, Zone | None]:
        """Wall-clock time, whether it is floating or all-day, and the zone (None then)."""
        head, _colon, value = text.partition(":")
        size = len(value)
        try:
            if head == "VALUE=DATE":
                if size != 8 or not value.isdigit():
                    raise Unusual
                return datetime(int(value[:4]), int(value[4:6]), int(value[6:])), True, None
            if size not in (15, 16) or value[8] != "T" or not value.isascii():
                raise Unusual
            moment = datetime(
                int(value[:4]), int(value[4:6]), int(value[6:8]), int(value[9:11]), int(value[11:13]), int(value[13:15])
            )
        except ValueError:
            raise Unusual from None
        if size == 16:
            if value[15] != "Z" or head:
                raise Unusual
            return moment, False, UTC
        if not head:
            return moment, True, None
        return moment, False, self._zone(head)

    def _zone(self, head: str) -> Zone:
        if head not in self._times:
            if self._zone_for is None:
                from core.calendar.zones import zone_for

                self._zone_for = zone_for
            name = head.removeprefix("TZID=").strip('"')
            self._times[head] = self._zone_for(name) if head.startswith("TZID=") and ";" not in head else None
        zone = self._times[head]
        if zone is None:
            raise Unusual
        return zone

    def _item(self, part: dict[str, str], flags: int, zone: Zone | None, own: Own, spans: list[Span]) -> Item:
        state = part.get("STATUS", ":CONFIRMED").rpartition(":")[2].upper()
        if "VALUE=DATE" in part["DTSTART"]:
            flags |= ALL_DAY
        if state == "CANCELLED":
            flags |= CANCELLED
        elif state not in ("CONFIRMED", "TENTATIVE"):
            raise Unusual
        if "CLASS" in part and _hides(part):
            flags |= PRIVATE
        if NEAR in part or FAR in part:
            flags |= REMINDS | (REMINDS_FAR if FAR in part else 0)
        organizer = self._person(part["ORGANIZER"]) if "ORGANIZER" in part else ""
        attendees = part.get("ATTENDEE", "")
        people = PERSON.join(map(self._person, attendees.split("\n"))) if attendees else ""
        return (
            _text(part, "SUMMARY"),
            _text(part, "LOCATION"),
            searchable(organizer, people),
            _text(part, "DESCRIPTION"),
            _status(part, state),
            flags,
            "" if zone is None else zone_label(zone),
            organizer,
            people,
            own,
            spans,
        )

    def _person(self, line: str) -> str:
        known = self._people.get(line)
        if known is None:
            try:
                _name, params, value = parse_line(f"X;{line}" if not line.startswith(":") else f"X{line}")
            except LineError:
                raise Unusual from None
            if not value[7:].strip() or not value.isprintable():
                raise Unusual
            if len(self._people) > 5000:
                self._people.clear()
            known = self._people[line] = person_text(
                value,
                next(iter(params.get("CN", ())), ""),
                _ROLES.get(next(iter(params.get("ROLE", ())), "").upper(), "required"),
                _RESPONSES.get(next(iter(params.get("PARTSTAT", ())), "").upper(), "needs-action"),
            )
        return known


def _seconds(wall: datetime, zone: Zone | None) -> int:
    if zone is None or zone is UTC:
        since = wall - _EPOCH
        return since.days * DAY + since.seconds
    return int(wall.replace(tzinfo=zone).timestamp())


def rid_of(moment: datetime, dated: bool) -> str:
    """The original local start of an instance, as entry ids carry it."""
    digits = moment.isoformat("T", "seconds").replace("-", "").replace(":", "")  # an offset may stand behind them
    return digits[:8] if dated else digits[:15]


def _bound(rule: Rule, start: datetime, zone: Zone | None, length: int) -> int | None:
    """After this second no instance can touch anything; None when it never ends (or nobody can say cheaply)."""
    until = rule.bound(start, zone)
    if until is not None:
        return _seconds(until, zone) + length + DAY
    if rule.count is None:
        return None
    days = {"YEARLY": 366, "MONTHLY": 31, "WEEKLY": 7, "DAILY": 1}.get(rule.frequency, 1) * rule.interval * rule.count
    return _seconds(start, zone) + length + days * DAY if rule.simple else 1 << 40


def _text(part: dict[str, str], name: str) -> str:
    line = part.get(name)
    if line is None:
        return ""
    if line[0] != ":" and '"' in line:
        try:
            return unescape(parse_line(f"X;{line}")[2]).strip("\r\n")
        except LineError:
            raise Unusual from None
    return unescape(line.partition(":")[2]).strip("\r\n")


def _hides(part: dict[str, str]) -> bool:
    said = part.get("CLASS", ":PUBLIC").rpartition(":")[2]
    if said not in ("PUBLIC", "PRIVATE", "CONFIDENTIAL"):
        raise Unusual
    return said != "PUBLIC"


def _status(part: dict[str, str], state: str) -> int:
    """outlook.md §1.5: Outlook's own property first, else TRANSP, else STATUS."""
    said = part.get("X-MICROSOFT-CDO-BUSYSTATUS", "").rpartition(":")[2].strip().upper()
    if said in _BUSY:
        return _BUSY[said]
    if part.get("TRANSP", "").rpartition(":")[2].upper() == "TRANSPARENT":
        return 0
    return 1 if state == "TENTATIVE" else 2


def person_text(address: str, name: str, role: str, response: str) -> str:
    """One person as the index keeps them."""
    if address[:7].lower() == "mailto:":
        address = address[7:]
    parts = (address.strip(), name.strip(), role, response)
    return FIELD.join(part.replace(FIELD, " ").replace(PERSON, " ").replace("\n", " ") for part in parts)


def searchable(organizer: str, attendees: str) -> str:
    """Names and addresses of everybody at an event."""
    everybody = [person for person in (organizer, *attendees.split(PERSON)) if person]
    return " ".join(" ".join(person.split(FIELD)[:2]) for person in everybody)


def zone_label(zone: Zone) -> str:
    """The zone's name as entries show it."""
    return "UTC" if zone is UTC else str(getattr(zone, "key", None) or zone)
