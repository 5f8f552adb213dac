"""Reminders inside the app: when to look for them, and what is shown when one rings.

Off over SSH unless `[reminders] in_app = true`: the bell would ring at the other end of the line, and a screen that
stays open in tmux would ring for nobody.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tui.reporting import show_notice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.bootstrap import Services
    from core.ports.calendars import CalendarInfo
    from tui.screens.home_reading import HomeReading

AGAIN = timedelta(minutes=10)
"""After this it is looked for new reminders even where nothing seems to have changed."""
SECONDS = 120.0
"""How long a reminder stays on the screen; Outlook's stays until it is dismissed, a notice lies over the calendar."""


class Ringer:
    """Says when a reminder is due. It looks rarely: once, when the next one is due, and when calendars changed."""

    def __init__(self, services: Services, env: Mapping[str, str] | None = None) -> None:
        wanted = services.settings.reminders
        away = "SSH_CONNECTION" in (os.environ if env is None else env)
        self.on = not away if wanted.in_app is None else wanted.in_app
        self.bell = self.on and (True if wanted.bell is None else wanted.bell)
        self._services = services
        self._next: datetime | None = None
        self._looked: datetime | None = None
        self._seen: tuple[object, ...] = ()

    def due(self, calendars: Sequence[CalendarInfo]) -> bool:
        """Whether it is time to look."""
        if not self.on:
            return False
        now, seen = self._services.clock.now(), tuple((info.id, info.events) for info in calendars)
        changed, self._seen = seen != self._seen, seen
        rings = self._next is not None and now >= self._next
        return changed or rings or self._looked is None or now >= self._looked + AGAIN

    def forget(self) -> None:
        """Something was changed here: look again at the next minute."""
        self._looked = None

    async def ring(self, home: HomeReading) -> None:
        """Show what is due and was not shown yet, by this or another window; one bell for all of it."""
        found, self._next = await self._services.reminders.look()
        self._looked = self._services.clock.now()
        zone = self._services.clock.zone
        for one in found:
            text = "\n".join(filter(None, [one.words(zone), one.text]))
            show_notice(home.app, text, title=_title(one.calendar), severity="warning", seconds=SECONDS)
        if found and self.bell:
            home.app.bell()


def _title(calendar: str) -> str:
    from core.language import _

    return _("Reminder · {calendar}").format(calendar=calendar)
