"""The system's clock and the person's time zone."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_ZONE_FOLDER = "/zoneinfo/"


def iana_zone(name: str) -> ZoneInfo | None:
    """The IANA zone of that name; None for anything else, a path among them."""
    if not name or name.startswith(("/", ".")) or ".." in name:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: `Europe` is a folder
        return None


def system_zone(env: Mapping[str, str] | None = None, localtime: str = "/etc/localtime") -> ZoneInfo:
    """The machine's zone: $TZ, else where /etc/localtime points, else /etc/timezone, else UTC."""
    values = os.environ if env is None else env
    named = values.get("TZ", "").removeprefix(":")
    candidates = [named.rpartition(_ZONE_FOLDER)[2]] if named else []
    target = os.path.realpath(localtime)
    if _ZONE_FOLDER in target:
        candidates.append(target.rpartition(_ZONE_FOLDER)[2])
    candidates.append(_first_line(os.path.join(os.path.dirname(localtime), "timezone")))
    for candidate in candidates:
        if zone := iana_zone(candidate.removeprefix("posix/").removeprefix("right/")):
            return zone
    return ZoneInfo("UTC")


def _first_line(path: str) -> str:
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            return file.readline(100).strip()
    except OSError:
        return ""


class SystemClock:
    """What the machine's clock says, in the person's zone. Implements `core.ports.Clock`."""

    __slots__ = ("_zone",)

    def __init__(self, zone: tzinfo | None = None) -> None:
        self._zone = zone or system_zone()

    @property
    def zone(self) -> tzinfo:
        """The person's zone."""
        return self._zone

    def now(self) -> datetime:
        """This moment, aware, in the person's zone."""
        return datetime.now(UTC).astimezone(self._zone)
