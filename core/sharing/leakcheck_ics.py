"""What an .ics file for others may consist of, level by level (outlook.md §1.4 and §1.8). Part of the leak check.

It reads the bytes by itself and knows nothing of the code that writes them.
"""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as Base64Error
from typing import TYPE_CHECKING

from core.language import _
from core.sharing.canaries import plain
from core.sharing.detail import DetailLevel
from core.sharing.leakcheck_html import read_notes
from core.values import dataclass

if TYPE_CHECKING:
    from core.sharing.leakcheck import LeakCheck

EIGHT = frozenset(("DTEND", "DTSTAMP", "DTSTART", "SEQUENCE", "SUMMARY", "TRANSP", "UID", "X-MICROSOFT-CDO-BUSYSTATUS"))
_RULES = frozenset(("RRULE", "EXDATE", "RDATE", "RECURRENCE-ID"))
_FULL = frozenset(
    (
        *("LOCATION", "DESCRIPTION", "X-ALT-DESC", "CATEGORIES", "STATUS", "PRIORITY", "URL", "ORGANIZER", "ATTENDEE"),
        "X-MICROSOFT-CDO-IMPORTANCE",
    )
)
_MANY = frozenset(("EXDATE", "RDATE", "ATTENDEE", "ATTACH"))
_TIME = r"\d{8}(?:T\d{6}Z?)?"
_HEAD = {
    "PRODID": r"-//Partagenda//Calendar//EN",
    "VERSION": r"2\.0",
    "METHOD": "PUBLISH",
    "X-CALSTART": r"\d{8}T\d{6}Z",
    "X-CALEND": r"\d{8}T\d{6}Z",
    "X-CLIPSTART": r"\d{8}T\d{6}Z",
    "X-CLIPEND": r"\d{8}T\d{6}Z",
    "X-WR-RELCALID": r"\{[0-9A-Z-]{0,64}\}",
    "X-WR-CALNAME": None,
    "X-PRIMARY-CALENDAR": "TRUE",
    "X-OWNER": None,
    "X-MS-OLK-WKHRSTART": r"\d{6}",
    "X-MS-OLK-WKHREND": r"\d{6}",
    "X-MS-OLK-WKHRDAYS": r"(?:[A-Z]{2},?){0,7}",
    "X-PUBLISHED-TTL": r"P[\dDTHMS]{1,20}",
    "REFRESH-INTERVAL": r"P[\dDTHMS]{1,20}",
}
"""Properties of the calendar and the form of their values; None: a text, which is searched."""
_ZONE = {
    "TZID": r"[A-Za-z0-9_+/-]{1,64}",
    "X-LIC-LOCATION": r"[A-Za-z0-9_+/-]{1,64}",
    "DTSTART": _TIME,
    "TZOFFSETFROM": r"[+-]\d{4,6}",
    "TZOFFSETTO": r"[+-]\d{4,6}",
    "TZNAME": r"[A-Za-z0-9+-]{1,12}",
    "RRULE": r"[A-Z0-9=;,+-]{1,120}",
    "RDATE": rf"(?:{_TIME},?)+",
}
_VALUES = {
    "DTSTAMP": r"\d{8}T\d{6}Z",
    "DTSTART": _TIME,
    "DTEND": _TIME,
    "EXDATE": _TIME,
    "RDATE": _TIME,
    "RECURRENCE-ID": _TIME,
    "SEQUENCE": r"\d{1,9}",
    "TRANSP": "OPAQUE|TRANSPARENT",
    "UID": r"[A-Za-z0-9+/]{22}==",
    "X-MICROSOFT-CDO-BUSYSTATUS": "FREE|TENTATIVE|BUSY|OOF|WORKINGELSEWHERE",
    "CLASS": "PRIVATE",
    "STATUS": "TENTATIVE|CONFIRMED",
    "PRIORITY": r"\d",
    "X-MICROSOFT-CDO-IMPORTANCE": r"[012]",
    "RRULE": r"[A-Z0-9=;,+-]{1,1000}",
}
_PARAMETERS = {
    "SUMMARY": {"LANGUAGE"},
    "DTSTART": {"VALUE", "TZID"},
    "DTEND": {"VALUE", "TZID"},
    "EXDATE": {"VALUE", "TZID"},
    "RDATE": {"VALUE", "TZID"},
    "RECURRENCE-ID": {"VALUE", "TZID"},
    "X-ALT-DESC": {"FMTTYPE"},
    "ORGANIZER": {"CN"},
    "ATTENDEE": {"CN", "ROLE", "PARTSTAT", "CUTYPE"},
    "ATTACH": {"FMTTYPE", "ENCODING", "VALUE", "X-FILENAME"},
    "X-OWNER": {"CN"},
    "X-MS-OLK-WKHRSTART": {"TZID"},
    "X-MS-OLK-WKHREND": {"TZID"},
    "REFRESH-INTERVAL": {"VALUE"},
}
_SEARCHED = {"CN", "X-FILENAME"}
_FIXED = re.compile(r"[A-Za-z0-9_+/.&!#$^-]{0,120}")
_SHOWN = {"SUMMARY": ("title",), "LOCATION": ("place",), "DESCRIPTION": ("notes",), "URL": ("link",)}
_NESTED = {("VCALENDAR", "VTIMEZONE"), ("VCALENDAR", "VEVENT"), ("VTIMEZONE", "STANDARD"), ("VTIMEZONE", "DAYLIGHT")}


@dataclass(frozen=True, slots=True)
class _Line:
    name: str
    params: tuple[tuple[str, str], ...]
    value: str


def check_calendar(check: LeakCheck, data: bytes) -> None:
    """Raise LeakFound for anything in the file that the level does not show."""
    stack: list[str] = []
    event: list[_Line] = []
    uids: list[str] = []
    stamps: set[str] = set()
    for text in _unfolded(data):
        line = _read(check, text)
        if line.name == "BEGIN":
            _nest(check, stack, line.value)
            event = []
        elif line.name == "END":
            if line.value == "VEVENT":
                uids += _event(check, event)
                stamps |= {one.value for one in event if one.name == "DTSTAMP"}
            stack.pop()
        elif not stack or stack[0] != "VCALENDAR":
            raise _odd(check, _("a line outside of the calendar"))
        elif stack[-1] == "VEVENT":
            event.append(line)
        else:
            _fixed(check, line, _HEAD if stack[-1] == "VCALENDAR" else _ZONE)
    if len(uids) != len(set(uids)):
        raise _odd(check, _("one UID for several items"))
    if len(stamps) > 1:
        raise _odd(check, _("when an item was changed"))


def _odd(check: LeakCheck, what: str) -> Exception:
    from core.sharing.leakcheck import leak

    return leak(what, _where(), check.level)


def _where() -> str:
    return _("the attached calendar")


def _unfolded(data: bytes) -> list[str]:
    joined = re.sub(rb"\r\n[ \t]", b"", data).decode("utf-8", "replace")
    return [line for line in joined.split("\r\n") if line]


def _read(check: LeakCheck, text: str) -> _Line:
    match = re.fullmatch(r"([A-Z0-9-]+)((?:;[A-Z0-9-]+=(?:\"[^\"]*\"|[^\":;,]*))*):(.*)", text, re.DOTALL)
    if match is None or "\n" in text or "\r" in text:
        raise _odd(check, _("a line that cannot be read"))
    params = re.findall(r";([A-Z0-9-]+)=(\"[^\"]*\"|[^\":;,]*)", match[2])
    return _Line(match[1], tuple((key, value.strip('"')) for key, value in params), match[3])


def _nest(check: LeakCheck, stack: list[str], name: str) -> None:
    if (stack[-1], name) not in _NESTED if stack else name != "VCALENDAR":
        raise _odd(check, _("a component that does not belong there"))
    stack.append(name)


def _unescaped(value: str) -> str:
    return re.sub(r"\\([\\;,nN])", lambda match: "\n" if match[1] in "nN" else match[1], value)


def _fixed(check: LeakCheck, line: _Line, allowed: dict[str, str | None] | dict[str, str]) -> None:
    """A line of the calendar itself or of a time zone."""
    if line.name not in allowed:
        raise _odd(check, _("a property that is not on the list"))
    _parameters(check, line)
    form = allowed[line.name]
    if form is None:
        check.search(_unescaped(line.value), _where())
    elif re.fullmatch(form, line.value) is None:
        raise _odd(check, _("a value that does not belong there"))


def _parameters(check: LeakCheck, line: _Line) -> None:
    for key, value in line.params:
        if key not in _PARAMETERS.get(line.name, ()):
            raise _odd(check, _("a parameter that is not on the list"))
        if key in _SEARCHED:
            check.search(value.replace("^n", "\n").replace("^'", '"').replace("^^", "^"), _where())
        elif _FIXED.fullmatch(value) is None:
            raise _odd(check, _("a value that does not belong there"))


def _names(check: LeakCheck) -> frozenset[str]:
    allowed, names = check.allowed, EIGHT
    if allowed.level is DetailLevel.AVAILABILITY:
        return names
    if allowed.include_private:
        names |= {"CLASS"}
    if allowed.window is None:
        names |= _RULES
    if allowed.level is DetailLevel.FULL:
        names |= _FULL
    return names | {"ATTACH"} if allowed.include_attachments else names


def _event(check: LeakCheck, lines: list[_Line]) -> list[str]:
    """Check one VEVENT; the answer is its UID unless it is an instance of a series that has it too."""
    names = [line.name for line in lines]
    single = [name for name in names if name not in _MANY]
    if not EIGHT <= set(names) <= _names(check) or len(single) != len(set(single)):
        raise _odd(check, _("a property that is not on the list"))
    values = {line.name: line for line in lines}
    title = plain(_unescaped(values["SUMMARY"].value))
    if title not in check.words.shown.get("title", ()):
        _plain_block(check, title, values)
    for line in lines:
        _property(check, line)
    if check.level is not DetailLevel.FULL and values["SEQUENCE"].value != "0":
        raise _odd(check, _("how often an item was changed"))
    _times(check, values)
    return [] if "RECURRENCE-ID" in values else [values["UID"].value]


def _plain_block(check: LeakCheck, title: str, values: dict[str, _Line]) -> None:
    """An item that shows no title of its own must be one of the five words, and at Limited nothing besides."""
    if title not in check.statuses:
        raise _odd(check, _("a title that may not be shown"))
    if check.level is not DetailLevel.FULL and not set(values) <= EIGHT | _RULES | {"CLASS"}:
        raise _odd(check, _("more than a block of time"))


def _property(check: LeakCheck, line: _Line) -> None:
    _parameters(check, line)
    form = _VALUES.get(line.name)
    if form is not None and re.fullmatch(form, line.value) is None:
        raise _odd(check, _("a value that does not belong there"))
    if line.name == "UID":
        _uid(check, line.value)
    elif line.name == "ATTACH":
        _attachment(check, line)
    elif form is None:
        text = _unescaped(line.value)
        if line.name == "X-ALT-DESC":
            notes = read_notes(text)
            text = "\n".join(notes.texts)
            if notes.forbidden:
                raise _odd(check, _("notes that fetch or do something"))
        if line.name in _SHOWN and not _may_show(check, line.name, plain(text)):
            raise _odd(check, _("a text that may not be shown"))
        check.search(text, _where())


def _may_show(check: LeakCheck, name: str, text: str) -> bool:
    if name == "SUMMARY":
        return True  # compared as a whole in `_plain_block`
    return any(text in check.words.shown.get(kind, ()) for kind in _SHOWN[name])


def _uid(check: LeakCheck, uid: str) -> None:
    from core.sharing.leakcheck import leak

    if uid in check.uids:
        raise leak("inner name (UID)", _where(), check.level)
    check.search(uid, _where(), shortest=10)


def _attachment(check: LeakCheck, line: _Line) -> None:
    from core.sharing.leakcheck import leak

    if dict(line.params).get("ENCODING") != "BASE64":
        known = plain(line.value) in check.words.shown.get("attachment", ())
    else:
        try:
            known = b64decode(line.value, validate=True) in check.words.files_shown
        except (Base64Error, ValueError):
            known = False
    if not known:
        raise leak("attachment", _where(), check.level)


def _times(check: LeakCheck, values: dict[str, _Line]) -> None:
    """At Availability only every time is UTC and inside the window."""
    window = check.allowed.window
    if check.level is not DetailLevel.AVAILABILITY:
        return
    start, end = values["DTSTART"].value, values["DTEND"].value
    if not (start.endswith("Z") and end.endswith("Z")):
        raise _odd(check, _("a time that is not UTC"))
    if window is not None:
        first, last = (moment.strftime("%Y%m%dT%H%M%SZ") for moment in (window.start, window.end))
        if not first <= start <= end <= last:
            raise _odd(check, _("a time outside of the window"))
