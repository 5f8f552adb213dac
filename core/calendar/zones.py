"""Names of time zones: Windows', Outlook's labels and other programs' spellings to IANA, and back.

The table `windows_zones.tsv` is derived from windowsZones.xml of the Unicode CLDR. A name is only ever looked up in
lists of names: a path, or a file that happens to lie in the system's zone folder, is never opened (traps.md 6).
"""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, available_timezones

_LONGEST = 200
_OFFSET_LABEL = re.compile(r"\((?:UTC|GMT)\s*(?:([+-])\s*(\d{1,2})[:.]?(\d{2})?)?\)\s*(.*)", re.IGNORECASE | re.DOTALL)
_BARE_OFFSET = re.compile(r"(?:UTC|GMT)\s*([+-])\s*(\d{1,2})(?::?00)?", re.IGNORECASE)
_REGIONS = "Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Europe|Indian|Pacific|US|Etc"
_JOINED = re.compile(rf"({_REGIONS})[_\-. ]?([A-Z].*)")
_USUAL = re.compile(r"(?:Africa|America|Asia|Atlantic|Australia|Europe|Pacific)/[A-Za-z_-]{3,30}|UTC")
_NUMBERED = re.compile(r"(.+?)\s+\d{1,3}")
_NO_PLACE = frozenset({"Factory", "localtime", "posixrules"})

_OTHER_NAMES = {
    # Names of older Windows versions, which CLDR no longer lists
    "mid-atlantic standard time": "Etc/GMT+2",
    "kamchatka standard time": "Asia/Kamchatka",
    "mexico standard time": "America/Mexico_City",
    "mexico standard time 2": "America/Chihuahua",
    "armenian standard time": "Asia/Yerevan",
    # Outlook before 2007 and Exchange's CDO wrote labels without an offset
    "amsterdam, belgrade, berlin, brussels, budapest, madrid, paris, prague, stockholm": "Europe/Berlin",
    "paris, madrid": "Europe/Paris",
    "greenwich mean time; dublin, edinburgh, london": "Europe/London",
    "greenwich mean time : dublin, edinburgh, lisbon, london": "Europe/London",
    "eastern": "America/New_York",
    "central": "America/Chicago",
    "mountain": "America/Denver",
    "pacific": "America/Los_Angeles",
    "tzone://microsoft/utc": "UTC",
    "z": "UTC",
    "zulu": "UTC",
    "coordinated universal time": "UTC",
    "universal time": "UTC",
}


@cache
def _iana_names() -> dict[str, str]:
    """Every IANA name by its lower-case spelling."""
    try:
        from importlib.resources import files

        names = set((files("tzdata") / "zones").read_text(encoding="ascii").split())
    except (ImportError, OSError):
        names = set(available_timezones())
    return {name.lower(): name for name in names - _NO_PLACE}


@cache
def _windows_rows() -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    path = os.path.join(os.path.dirname(__file__), "windows_zones.tsv")
    with open(path, encoding="utf-8") as file:
        lines = [line.rstrip("\n").split("\t") for line in file if not line.startswith("#")]
    return tuple((name, label, tuple(zones.split())) for name, label, zones in lines)


@cache
def _by_windows_name() -> dict[str, str]:
    """Windows names and the texts of labels (without offsets), in lower case, to IANA."""
    found: dict[str, str] = {}
    for name, label, zones in _windows_rows():
        found[_plain(name)] = zones[0]
        match = _OFFSET_LABEL.fullmatch(label)
        if match:
            found.setdefault(_plain(match[4]), zones[0])
    return found | _OTHER_NAMES


@cache
def _by_iana() -> dict[str, str]:
    found: dict[str, str] = {}
    for name, _label, zones in _windows_rows():
        for zone in zones:
            found.setdefault(zone, name)
    return found | {"UTC": "UTC", "Etc/UTC": "UTC", "Etc/GMT": "UTC", "GMT": "UTC"}


@cache
def _cities() -> dict[str, tuple[str, ...]]:
    """Places by their name in lower case: `paris` is Europe/Paris."""
    found: dict[str, list[str]] = {}
    for name in _iana_names().values():
        if "/" in name and not name.startswith("Etc/"):
            found.setdefault(name.rpartition("/")[2].replace("_", " ").lower(), []).append(name)
    return {city: tuple(sorted(names)) for city, names in found.items()}


def _plain(name: str) -> str:
    return " ".join(name.split()).lower().replace(" and ", " & ")


def primary_zones() -> tuple[str, ...]:
    """One IANA zone for each Windows zone: the ones to try first when only the rules are known."""
    return tuple(dict.fromkeys(zones[0] for _name, _label, zones in _windows_rows()))


@lru_cache(maxsize=2048)
def zone_for(tzid: str) -> ZoneInfo | None:
    """The IANA zone that a TZID means, None where nobody can know.

    Understands IANA names in any case, Windows names, Outlook's and Exchange's labels, the prefixes that Mozilla,
    Evolution and others put before a name, and joined spellings such as `Europe_Berlin`.
    """
    if _USUAL.fullmatch(tzid):  # without the list of all names, which costs time to read
        found = _load(tzid)
        if found:
            return found
    if not tzid or len(tzid) > _LONGEST or "\x00" in tzid:
        return None
    name = tzid.strip().strip('"').replace("\\", "").strip()
    for reading in (_as_iana, _as_windows, _as_label, _as_offset, _as_prefixed, _as_joined):
        known = reading(name)
        if known:
            return _load(known)
    numbered = _NUMBERED.fullmatch(name)
    return zone_for(numbered[1]) if numbered else None


def _load(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError):  # the list knows it, this machine's database does not
        return None


def _as_iana(name: str) -> str | None:
    return _iana_names().get(name.lower())


def _as_windows(name: str) -> str | None:
    return _by_windows_name().get(_plain(name))


def _as_label(name: str) -> str | None:
    """`(UTC+01:00) Amsterdam, Berlin, …`: the label itself, else its first place that has this standard offset."""
    match = _OFFSET_LABEL.fullmatch(name)
    if not match:
        return _first_place(name, None) if "," in name else None
    sign, hours, minutes, places = match.groups()
    if not places:
        return _as_offset(f"UTC{sign}{hours}") if hours and minutes in (None, "00") else None
    known = _by_windows_name().get(_plain(places))
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0)) * (-1 if sign == "-" else 1)
    if known and (not hours or _standard_offset(known) == offset):
        return known
    return _first_place(places, offset) or known


def _first_place(places: str, offset: timedelta | None) -> str | None:
    for place in re.split(r"[,;/&]", places)[:12]:
        for name in _cities().get(_plain(place), ()):
            if offset is None or _standard_offset(name) == offset:
                return name
    return None


@lru_cache(maxsize=256)
def _standard_offset(name: str) -> timedelta | None:
    """The offset without daylight saving, as Windows' labels show it."""
    zone = _load(name)
    if zone is None:
        return None
    offsets = [datetime(2026, month, 1, tzinfo=zone).utcoffset() or timedelta(0) for month in (1, 7)]
    return min(offsets)


def _as_offset(name: str) -> str | None:
    match = _BARE_OFFSET.fullmatch(name)
    if not match or int(match[2]) > (12 if match[1] == "-" else 14):
        return None
    hours = int(match[2])
    # POSIX counts west of Greenwich as positive, so the sign turns round
    return "UTC" if hours == 0 else f"Etc/GMT{'-' if match[1] == '+' else '+'}{hours}"


def _as_prefixed(name: str) -> str | None:
    """`/mozilla.org/20070129_1/Europe/Berlin`: the longest end that is a name."""
    parts = name.split("/")
    for index in range(max(1, len(parts) - 3), len(parts)):
        found = _as_iana("/".join(parts[index:]))
        if found and ("/" in found or found == "UTC"):
            return found
    return None


def _as_joined(name: str) -> str | None:
    match = _JOINED.fullmatch(name)
    return _as_iana(f"{match[1]}/{match[2]}") or _as_iana(f"{match[1]}/{match[2].replace(' ', '_')}") if match else None


def zone_name(zone: tzinfo) -> str:
    """What a zone is called: its IANA name or TZID, `UTC`, or an offset as `UTC+02:00`."""
    key = getattr(zone, "key", None)
    if isinstance(key, str) and key:
        return key
    if zone is UTC:
        return "UTC"
    return zone.tzname(None) or str(zone)


def windows_name(iana: str) -> str | None:
    """The Windows zone in which Outlook keeps times of this IANA zone, None where there is none."""
    return _by_iana().get(iana)


def windows_zones() -> tuple[tuple[str, str, str], ...]:
    """Every Windows zone: its name, its label as Windows shows it, and the IANA zone that stands for it."""
    return tuple((name, label, zones[0]) for name, label, zones in _windows_rows())
