"""Finding a time that suits everybody, in a list or in the panes, and making a meeting of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from core.calendar.entry import Entry
from core.calendar.event import BusyStatus
from core.calendar.span import TimeSpan, days_from
from core.errors import UsageError
from core.language import _
from core.services.find_time import FreeTime, TimeRequest
from core.values import dataclass
from tui.screens.find_time import DAYS, FindTimeScreen, Found, InPanes, people_for
from tui.screens.home_text import SEPARATOR, describe_times
from tui.widgets.free_band import band_of
from tui.widgets.selecting import span_between

if TYPE_CHECKING:
    from tui.screens.home import HomeScreen
    from tui.screens.home_reading import HomeReading
    from tui.widgets.calendar_pane import CalendarPane

_HALF_AN_HOUR = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Suggested:
    """What stands in the panes: all common free time, and the one that is suggested now."""

    found: FreeTime
    at: TimeSpan | None = None

    def here(self, home: HomeScreen) -> bool:
        """Whether the cursor stands on the suggestion."""
        if self.at is None or home.active.selected is not None:
            return False
        cursor = home.active.moment.replace(tzinfo=home.services.clock.zone)
        if not home.active.shows_hours:
            return cursor.date() == self.at.start.astimezone(cursor.tzinfo).date()
        reach = timedelta(minutes=home.active.grid.scale)
        return self.at.start - reach < cursor.astimezone(UTC) < self.at.end


async def find_time(home: HomeScreen, _amount: int = 0) -> None:
    """Choose calendars, look at what is free; Enter on a time opens the form of a meeting."""
    from tui.flows.editing import new_meeting

    screen = FindTimeScreen(home.services, shown_calendars(home), home.active.moment.date())
    answer = await home.app.push_screen_wait(screen)
    match answer:
        case Found():
            home.show_day(answer.start.date(), answer.start.hour * 60 + answer.start.minute)
            await new_meeting(home, answer.start, answer.end, answer.people)
        case InPanes():
            home.suggested = Suggested(answer.found, answer.at)
            await _show(home)


def shown_calendars(home: HomeScreen) -> list[str]:
    """Ids of the calendars in the panes."""
    return list(dict.fromkeys(info.id for pane in home.panes if pane.shown for info in pane.shown.calendars))


async def suggest(home: HomeScreen, by: int) -> None:
    """AutoPick's >> and <<: the next or the previous time; without a Find a Time, of the calendars that are shown."""
    state = home.suggested or Suggested(await home.services.find_time.find(_request(home)))
    now = home.services.clock.now()
    at = state.at.start if state.at else max(now, _cursor(home)) - timedelta(minutes=1)
    span = state.found.next(at) if by > 0 else state.found.previous(at)
    if span is not None and span.start < now - timedelta(minutes=1):
        span = None
    home.suggested = replace(state, at=span or state.at)
    await _show(home, "" if span else _("There is no further suggestion in these days."))


def _cursor(home: HomeScreen) -> datetime:
    """Where the cursor is, or where the marked time begins."""
    pane = home.active
    span = pane.grid.span if pane.shows_hours else None
    start = span[0] if span and isinstance(span[0], datetime) else pane.moment
    return start.replace(tzinfo=home.services.clock.zone)


def _request(home: HomeScreen) -> TimeRequest:
    """The calendars that are shown, for two weeks from the cursor's day, as long as the time that is marked."""
    shown = shown_calendars(home)
    if not shown:
        raise UsageError(_("Whose time is it about?"), _("Choose a calendar in the list."))
    today = home.services.clock.now().date()
    return TimeRequest(
        who=tuple(shown),
        days=days_from(max(today, home.active.moment.date()), DAYS),
        duration=_length(home.active),
        working_hours=True,
    )


def _length(pane: CalendarPane) -> timedelta:
    grid = pane.grid
    if not pane.shows_hours or grid.anchor is None:
        return _HALF_AN_HOUR
    start, end = span_between(grid.anchor, grid.place, grid.scale)
    return end - start if isinstance(start, datetime) else _HALF_AN_HOUR


async def look_again(home: HomeReading) -> None:
    """Something changed in the calendars: the band shows what is free now."""
    state = home.suggested
    if state is not None:
        found = await home.services.find_time.find(state.found.request)
        now = home.suggested
        if now is not None and now.found is state.found:  # another of its times may be suggested meanwhile
            home.suggested = replace(now, found=found)
            draw(home)


def draw(home: HomeReading) -> None:
    """Band and suggestion in every pane."""
    _put(home)
    for pane in home.panes:
        pane.redraw()


def _put(home: HomeReading) -> None:
    state = home.suggested
    if state is not None:
        band = band_of(state.found.slots, state.found.perhaps, home.services.clock.zone)
        for pane in home.panes:
            pane.suggest(band, suggestion(state, home))


def words_here(home: HomeScreen) -> str:
    """The suggestion, where the cursor stands on its day in a view without hours; else nothing."""
    state = home.suggested
    if state is None or home.active.shows_hours or not state.here(home):
        return ""
    entry = suggestion(state, home)
    return SEPARATOR.join([entry.title, describe_times(entry)]) if entry else ""


def suggestion(state: Suggested, home: HomeReading) -> Entry | None:
    """The suggestion as an event that is not there yet."""
    if state.at is None:
        return None
    zone = home.services.clock.zone
    start, end = state.at.start.astimezone(zone), state.at.end.astimezone(zone)
    calendar = home.active.info.id if home.active.info else ""
    return Entry("", "", calendar, _("Suggestion"), start, end, BusyStatus.TENTATIVE)


async def _show(home: HomeScreen, trouble: str = "") -> None:
    """Go to the suggestion, and say what can be done with it."""
    state = home.suggested
    assert state is not None
    for pane in home.panes:
        pane.grid.anchor = None
    if state.at is not None:
        start = state.at.start.astimezone(home.services.clock.zone)
        home.workspace.show_day(start.date())
        minute = start.hour * 60 + start.minute
        _put(home)
        await home.show_all(lambda pane: pane.go_to(start.date(), minute), fresh=False)
    draw(home)
    home.tell()
    home.status.say(SEPARATOR.join(filter(None, [trouble or _words(home, state), *_notes(home, state.found)])))


def _words(home: HomeScreen, state: Suggested) -> str:
    entry, key = suggestion(state, home), home.partagenda.keymap.name_of
    if entry is None:
        return "" if state.found.slots else _("No common free time is that long.")
    text = _("Free for all: {when}. {enter}: meeting, {next}/{previous}: others")
    return text.format(
        when=describe_times(entry),
        enter=key("event.details"),
        next=key("event.suggest-next"),
        previous=key("event.suggest-previous"),
    )


def _notes(home: HomeScreen, found: FreeTime) -> Sequence[str]:
    return found.notes(home.services.clock.now())


async def take_suggestion(home: HomeScreen, _amount: int = 0) -> None:
    """The form of a meeting at the time that is suggested."""
    from tui.flows.editing import new_meeting
    from tui.flows.moving import unmark

    state, zone = home.suggested, home.services.clock.zone
    if state is None or state.at is None:
        return
    people = people_for(await home.services.library.calendars(), state.found.request)
    start, end = state.at.start.astimezone(zone), state.at.end.astimezone(zone)
    said = home.status
    if await new_meeting(home, start, end, people):
        words = said.message
        await unmark(home)
        said.say(words)
