"""What the history says of calendars as a whole, and of what an import brought."""

from __future__ import annotations

from collections.abc import Mapping

from core.ports.calendars import CalendarInfo
from core.services.history import Action, Change, Facts, calendar_state

Noted = tuple[Facts, list[Change]]


def whole_calendar(action: str, before: CalendarInfo | None, after: CalendarInfo | None, title: str = "") -> Noted:
    """A calendar that was made, deleted, brought back, renamed, recoloured; `action` is a name of `Action`."""
    known = before or after
    assert known is not None
    facts = Facts(Action[action], title, known.name, after.name if after else "")
    return facts, [Change(known.id, "", _state(before), _state(after))]


def imported(
    calendar: CalendarInfo, title: str, before: Mapping[str, bytes], after: Mapping[str, bytes]
) -> Noted | None:
    """What an import changed in a calendar that was there: files by UID, before and after. None for nothing."""
    uids = [uid for uid in {**before, **after} if before.get(uid) != after.get(uid)]
    changes = [Change(calendar.id, uid, before.get(uid), after.get(uid)) for uid in uids]
    return (Facts(Action.IMPORT, title, calendar.name), changes) if changes else None


def _state(info: CalendarInfo | None) -> bytes | None:
    return calendar_state(info.name, info.colour) if info else None
