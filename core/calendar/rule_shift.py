"""A recurrence rule when its series moves to another day or time: every instance moves as the first one does."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from core.calendar.event import Moment
from core.calendar.rule_text import (
    DAY_CODES,
    joined,
    last_day,
    month_day_parts,
    parts_of,
    until_bound,
    until_on,
    until_text,
    wall,
    zone_of,
)
from core.errors import Refused
from core.language import _

_CLOCK = ("BYHOUR", "BYMINUTE", "BYSECOND")
_RARE = ("BYSETPOS", "BYWEEKNO", "BYYEARDAY")


def shifted_rule(rule: str, old: Moment, new: Moment) -> str:
    """The rule of a series that started at `old` and is to start at `new`.

    Weekly days go round by the same number of days; the day of a month or year becomes that of the new start.
    Raises Refused for rules where nobody can say what is meant.
    """
    if not rule or (
        old == new and zone_of(old) == zone_of(new) and isinstance(old, datetime) == isinstance(new, datetime)
    ):
        return rule
    parts = parts_of(rule)
    days = (wall(new).date() - wall(old).date()).days
    if days:
        parts = _on_other_days(parts, wall(old).date(), wall(new).date(), days)
    if wall(new).time() != wall(old).time() and any(name in parts for name in _CLOCK):
        raise _unclear()
    if not isinstance(new, datetime) and _several_a_day(parts):
        raise _unclear()
    return joined(_with_until(parts, rule, old, new))


def _with_until(parts: dict[str, str], rule: str, old: Moment, new: Moment) -> dict[str, str]:
    """UNTIL where the shifted last instance is: by the day, or exactly where there are several on a day."""
    bound, last = until_bound(rule, old), last_day(rule, old)
    if "UNTIL" not in parts or bound is None or last is None:
        return parts
    if isinstance(new, datetime) and _several_a_day(parts):
        moved = bound.replace(microsecond=0) + (wall(new) - wall(old))
        return {**parts, "UNTIL": until_text(moved.replace(tzinfo=new.tzinfo))}
    days = (wall(new).date() - wall(old).date()).days
    return {**parts, "UNTIL": until_on(last + timedelta(days=days), new)}


def _several_a_day(parts: dict[str, str]) -> bool:
    return parts.get("FREQ") in ("HOURLY", "MINUTELY", "SECONDLY") or any(name in parts for name in _CLOCK)


def _on_other_days(parts: dict[str, str], old: date, new: date, days: int) -> dict[str, str]:
    frequency = parts.get("FREQ", "")
    if any(name in parts for name in _RARE):
        raise _unclear()
    if frequency in ("DAILY", "WEEKLY"):
        return _rotated(parts, days)
    if frequency in ("MONTHLY", "YEARLY"):
        return _on_day_of(parts, old, new)
    if any(name.startswith("BY") for name in parts):
        raise _unclear()
    return parts


def _rotated(parts: dict[str, str], days: int) -> dict[str, str]:
    """Days of the week go round; where weeks are left out, the week has to begin as much later."""
    if "BYMONTHDAY" in parts or "BYMONTH" in parts:
        raise _unclear()
    if "BYDAY" not in parts:
        return parts
    codes = parts["BYDAY"].split(",")
    if any(code not in DAY_CODES for code in codes):
        raise _unclear()
    turned = sorted((DAY_CODES.index(code) + days) % 7 for code in codes)
    changed = {**parts, "BYDAY": ",".join(DAY_CODES[day] for day in turned)}
    if parts.get("FREQ") == "WEEKLY" and parts.get("INTERVAL", "1") != "1":
        start = DAY_CODES.index(parts["WKST"]) if parts.get("WKST") in DAY_CODES else 0
        changed["WKST"] = DAY_CODES[(start + days) % 7]
    return changed


def _on_day_of(parts: dict[str, str], old: date, new: date) -> dict[str, str]:
    """Monthly and yearly rules follow the new start: its day of the month, or its place among its weekdays."""
    changed = dict(parts)
    if "BYMONTHDAY" in parts:
        if parts["BYMONTHDAY"] not in (str(old.day), f"+{old.day}") or "BYDAY" in parts:
            raise _unclear()
        changed["BYMONTHDAY"] = str(new.day)
    if "BYDAY" not in parts and old.day <= 28 < new.day and (parts.get("FREQ") == "MONTHLY" or new.month == 2):
        changed |= month_day_parts(new.day)
    if "BYDAY" in parts:
        changed["BYDAY"] = _same_place(parts["BYDAY"], old, new)
    if "BYMONTH" in parts:
        if parts["BYMONTH"] != str(old.month) or parts.get("FREQ") == "MONTHLY":
            raise _unclear()
        changed["BYMONTH"] = str(new.month)
    return changed


def _same_place(code: str, old: date, new: date) -> str:
    """`2TU` for another nth weekday; `-1FR` stays the last one where the new start is the last of its kind."""
    number, name = code[:-2], code[-2:]
    if name not in DAY_CODES or not number.lstrip("+-").isdigit() or DAY_CODES[old.weekday()] != name:
        raise _unclear()
    last = (new + timedelta(days=7)).month != new.month
    if number.startswith("-") and last:
        return f"-1{DAY_CODES[new.weekday()]}"
    place = (new.day - 1) // 7 + 1
    return f"{-1 if place == 5 else place}{DAY_CODES[new.weekday()]}"


def _unclear() -> Refused:
    return Refused(
        _("This repetition cannot simply move to another day or time."), _("Give the new repetition together with it.")
    )
