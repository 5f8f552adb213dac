"""What stands where: two to four places, each with a calendar, a view and a day. Pure; the home screen draws it.

Side by side each place has a pane of its own. In overlay mode the active place's pane has all of the room and shows
several calendars on one another, as Outlook's *View in Overlay Mode* does.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from core.ports.calendars import CalendarInfo
from core.values import dataclass
from tui.widgets.periods import ViewKind, clamp_day, turned

PLACES = 2
"""Places that are always there, an empty one among them."""
MOST = 4


@dataclass(slots=True)
class Place:
    """What a pane is meant to show: a calendar's id (empty: none), a view, a day in it."""

    calendar: str
    kind: ViewKind
    anchor: date


class Workspace:
    """The places; one of them is active. `together`: all show the same days and move as one."""

    def __init__(self, today: date, kind: ViewKind = ViewKind.WEEK) -> None:
        self.places = [Place("", kind, today) for _place in range(PLACES)]
        self.active = 0
        self.together = True
        self.limit = PLACES
        """How many panes the terminal has room for; set by the screen."""
        self.overlaid: list[str] = []
        """Calendars (ids) on one another in overlay mode; empty: side by side."""

    @property
    def other(self) -> int:
        """The place after the active one."""
        return (self.active + 1) % len(self.places)

    @property
    def here(self) -> Place:
        """The active place."""
        return self.places[self.active]

    @property
    def moved(self) -> tuple[int, ...]:
        """The places that a change of days moves."""
        return tuple(range(len(self.places))) if self.together else (self.active,)

    @property
    def overlay(self) -> bool:
        """Whether the calendars lie on one another."""
        return bool(self.overlaid)

    def calendars(self, place: Place) -> tuple[str, ...]:
        """The calendars (ids) that a place shows, the front one first."""
        beside = self.overlaid if self.overlay and place is self.here else ()
        return tuple(dict.fromkeys(calendar for calendar in (place.calendar, *beside) if calendar))

    def shows(self, calendar: str) -> bool:
        """Whether a calendar stands in one of the places."""
        return calendar in self.overlaid if self.overlay else any(place.calendar == calendar for place in self.places)

    def assign(self, calendars: Sequence[CalendarInfo]) -> None:
        """The default calendar at the left, the next one at the right; what stands there stays while it exists.

        A place that was emptied stays empty as long as another one is not.
        """
        known = [info.id for info in sorted(calendars, key=lambda info: not info.default)]
        self.overlaid = [calendar for calendar in self.overlaid if calendar in known]
        for place in self.places:
            place.calendar = place.calendar if place.calendar in known else ""
        self._close_empty()
        if not any(place.calendar for place in self.places):
            for place, calendar in zip(self.places, known, strict=False):
                place.calendar = calendar

    def _close_empty(self) -> None:
        """A third or fourth place that lost its calendar goes."""
        for number in reversed(range(len(self.places))):
            if not self.places[number].calendar and len(self.places) > PLACES:
                self._close(number)

    def _close(self, number: int) -> None:
        del self.places[number]
        self.active = min(self.active - (number < self.active), len(self.places) - 1)

    def put(self, calendar: str, place: int) -> None:
        """Show a calendar there. One that stands in another place already changes places with it."""
        target = self.places[place]
        for beside in self.places:
            if beside is not target and beside.calendar == calendar:
                beside.calendar = target.calendar
        target.calendar = calendar
        if self.overlay and calendar not in self.overlaid:
            self.overlaid.append(calendar)

    def tick(self, calendar: str) -> bool:
        """Show beside the others, or take away what is shown. False: it is the only one."""
        if self.overlay:
            return self._tick_overlaid(calendar)
        if not self.shows(calendar):
            self._show_beside(calendar)
            return True
        if sum(bool(place.calendar) for place in self.places) == 1:
            return False
        self._take_away(calendar)
        return True

    def _show_beside(self, calendar: str) -> None:
        """In a free place, else in a new one where there is room for its pane, else in the other one."""
        order = (self.active, self.other, *range(len(self.places)))
        free = next((number for number in order if not self.places[number].calendar), None)
        if free is None and len(self.places) < self.limit:
            self.places.append(Place(calendar, self.here.kind, self.here.anchor))
        else:
            self.places[self.other if free is None else free].calendar = calendar

    def _take_away(self, calendar: str) -> None:
        holder = next(number for number, place in enumerate(self.places) if place.calendar == calendar)
        if len(self.places) > PLACES:
            self._close(holder)
            return
        self.places[holder].calendar = ""
        self.active = 1 - holder

    def _tick_overlaid(self, calendar: str) -> bool:
        if calendar not in self.overlaid:
            self.overlaid.append(calendar)
            return True
        if len(self.overlaid) == 1:
            return False
        self.overlaid.remove(calendar)
        if self.here.calendar == calendar:
            self.put(self.overlaid[0], self.active)
        return True

    def toggle_overlay(self) -> None:
        """On one another, or side by side again: then the first ones that have room stay."""
        if not self.overlay:
            self.overlaid = [place.calendar for place in self.places if place.calendar]
            return
        wanted = list(dict.fromkeys([self.here.calendar, *self.overlaid]))
        self.overlaid = []
        for calendar in wanted:
            if not self.shows(calendar) and self._has_room():
                self._show_beside(calendar)

    def _has_room(self) -> bool:
        return len(self.places) < self.limit or any(not place.calendar for place in self.places)

    def bring_forward(self, steps: int = 1) -> None:
        """In overlay mode: the next calendar comes to the front."""
        if self.here.calendar in self.overlaid:
            place = self.overlaid.index(self.here.calendar)
            self.put(self.overlaid[(place + steps) % len(self.overlaid)], self.active)

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
        """Together or apart; together, the other places follow the active one."""
        self.together = not self.together
        if self.together:
            self.show_day(self.here.anchor, self.here.kind)
