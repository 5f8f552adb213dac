"""What stands where: two places, each with a calendar, a view and a day. Pure; the home screen draws it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from core.ports import CalendarInfo
from tui.widgets.periods import ViewKind, clamp_day, turned


@dataclass(slots=True)
class Place:
    """What a pane is meant to show: a calendar's id (empty: none), a view, a day in it."""

    calendar: str
    kind: ViewKind
    anchor: date


class Workspace:
    """Two places; one of them is active. `together`: both show the same days and move as one."""

    def __init__(self, today: date, kind: ViewKind = ViewKind.WEEK) -> None:
        self.places = (Place("", kind, today), Place("", kind, today))
        self.active = 0
        self.together = True

    @property
    def other(self) -> int:
        """The place that is not active."""
        return 1 - self.active

    @property
    def here(self) -> Place:
        """The active place."""
        return self.places[self.active]

    @property
    def moved(self) -> tuple[int, ...]:
        """The places that a change of days moves."""
        return (0, 1) if self.together else (self.active,)

    def shows(self, calendar: str) -> bool:
        """Whether a calendar stands in one of the places."""
        return any(place.calendar == calendar for place in self.places)

    def assign(self, calendars: Sequence[CalendarInfo]) -> None:
        """The default calendar at the left, the next one at the right; what stands there stays while it exists.

        A place that was emptied stays empty as long as the other one is not.
        """
        known = [info.id for info in sorted(calendars, key=lambda info: not info.default)]
        for place in self.places:
            place.calendar = place.calendar if place.calendar in known else ""
        if not any(place.calendar for place in self.places):
            for place, calendar in zip(self.places, known, strict=False):
                place.calendar = calendar

    def put(self, calendar: str, place: int) -> None:
        """Show a calendar there. One that stands in the other place already changes places with it."""
        target, beside = self.places[place], self.places[1 - place]
        if beside.calendar == calendar:
            beside.calendar = target.calendar
        target.calendar = calendar

    def tick(self, calendar: str) -> bool:
        """Show in the free place, else in the other one; a calendar that is shown goes. False: it is the only one."""
        if not self.shows(calendar):
            free = next((n for n in (self.active, self.other) if not self.places[n].calendar), self.other)
            self.places[free].calendar = calendar
            return True
        if not all(place.calendar for place in self.places):
            return False
        holder = 0 if self.places[0].calendar == calendar else 1
        self.places[holder].calendar = ""
        self.active = 1 - holder
        return True

    def turn(self, steps: int) -> None:
        """The next or previous period of what moves."""
        for number in self.moved:
            place = self.places[number]
            place.anchor = turned(place.kind, place.anchor, steps)

    def show_day(self, day: date, kind: ViewKind | None = None) -> None:
        """A day, and perhaps another view, in what moves."""
        for number in self.moved:
            place = self.places[number]
            place.anchor, place.kind = clamp_day(day), kind or place.kind

    def toggle_together(self) -> None:
        """Together or apart; together, the other place follows the active one."""
        self.together = not self.together
        if self.together:
            beside = self.places[self.other]
            beside.kind, beside.anchor = self.here.kind, self.here.anchor
