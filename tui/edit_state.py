"""What editing remembers between two keys: marked events, and the scope that was chosen for the event being moved."""

from __future__ import annotations

import asyncio
from dataclasses import field
from typing import TYPE_CHECKING

from core.values import dataclass

if TYPE_CHECKING:
    from core.calendar.entry import Entry
    from core.calendar.event_change import Scope


@dataclass(slots=True)
class EditState:
    """Held by the home screen. `busy` lets one change happen at a time, in the order of the keys."""

    marked: dict[str, Entry] = field(default_factory=dict)
    """Marked events by their id, in the order in which they were marked."""
    moving: tuple[str, Scope] | None = None
    """The event that was shifted last, and how much of its series: the next key of the kind does not ask again."""
    busy: asyncio.Lock = field(default_factory=asyncio.Lock)
