"""What the three views of a page have in common: the days, where each period begins, names of places in the page."""

from __future__ import annotations

from dataclasses import field
from datetime import date, timedelta
from html import escape

from core.calendar.event import BusyStatus
from core.calendar.status import status_word
from core.language import _
from core.language.dates import hour_label, time_of_day, uses_24h, week_start
from core.sharing import page_parts as parts
from core.sharing.schedule import DaySchedule, Item
from core.sharing.snapshot import Snapshot
from core.sharing.web.options import WebPageOptions
from core.values import dataclass

WEEKS_BACK, WEEKS_AHEAD = 5, 14
"""Weeks around the opening one that a long page draws hour by hour."""
LETTERS = {
    BusyStatus.FREE: "f",
    BusyStatus.TENTATIVE: "t",
    BusyStatus.BUSY: "b",
    BusyStatus.OUT_OF_OFFICE: "o",
    BusyStatus.WORKING_ELSEWHERE: "w",
}
"""The class of each status in the style sheet."""


@dataclass(slots=True)
class Sheet:
    """One page while it is written. `places` gathers the classes of position that the style sheet must know."""

    snapshot: Snapshot
    options: WebPageOptions
    places: set[str] = field(default_factory=set)
    days: dict[date, DaySchedule] = field(init=False)
    months: tuple[date, ...] = field(init=False)
    weeks: tuple[date, ...] = field(init=False)
    opening: date = field(init=False)
    """The day at which the page opens: today, else the first one."""

    def __post_init__(self) -> None:
        self.days = {one.day: one for one in self.snapshot.days}
        now = self.snapshot.now.astimezone(self.snapshot.zone).date()
        first, last = self.snapshot.days[0].day, self.snapshot.days[-1].day
        self.opening = min(max(now, first), last)
        self.months = tuple(sorted({day.replace(day=1) for day in self.days}))
        weeks = sorted({week_start(day) for day in self.days})
        here = weeks.index(week_start(self.opening))
        if len(weeks) > WEEKS_BACK + WEEKS_AHEAD:
            weeks = weeks[max(0, here - WEEKS_BACK) : here + WEEKS_AHEAD + 1]
        self.weeks = tuple(weeks)

    @property
    def today(self) -> date | None:
        """The day that is marked as today: only on a page that is written anew, or the mark would soon be wrong."""
        now = self.snapshot.now.astimezone(self.snapshot.zone).date()
        return now if self.options.every is not None and now in self.days else None

    def place(self, name: str) -> str:
        """The class, noted for the style sheet."""
        self.places.add(name)
        return name

    def first_shown(self, item: Item) -> date:
        """The first day of the page on which the item is."""
        return max(item.start.astimezone(self.snapshot.zone).date(), self.snapshot.days[0].day)

    def local(self, item: Item, day: DaySchedule) -> tuple[int, int]:
        """Begin and end of the item on this day, in minutes of the wall clock from midnight."""
        start = max(item.start, day.span.start).astimezone(self.snapshot.zone)
        end = min(item.end, day.span.end)
        begin = start.hour * 60 + start.minute
        if end >= day.span.end:
            return begin, 1440
        finish = end.astimezone(self.snapshot.zone)
        return begin, max(begin, finish.hour * 60 + finish.minute)

    def whole(self, item: Item, day: DaySchedule) -> bool:
        """Whether the item covers the whole of this day."""
        covers = item.start <= day.span.start and item.end >= day.span.end
        return item.event.all_day or (covers and not item.momentary)


def month_id(month: date) -> str:
    """Where the grid of a month is."""
    return f"m{month:%Y%m}"


def week_id(week: date) -> str:
    """Where a week is."""
    return f"w{week:%Y%m%d}"


def agenda_id(month: date) -> str:
    """Where the list of a month is."""
    return f"a{month:%Y%m}"


def day_id(day: date) -> str:
    """Where a day is in the lists."""
    return f"d{day:%Y%m%d}"


def short_time(item: Item, day: DaySchedule, sheet: Sheet) -> str:
    """When it begins, as briefly as it can be said: 9 AM, 9:30 AM, 09:00; nothing if it began before this day."""
    if sheet.whole(item, day) or item.start < day.span.start:
        return ""
    start = item.start.astimezone(sheet.snapshot.zone)
    return time_of_day(start) if start.minute or uses_24h() else hour_label(start.hour)


def title(item: Item) -> str:
    """The title as markup, else the status word."""
    return f"<b>{escape(parts.item_title(item))}</b>"


def spoken_status(item: Item) -> str:
    """The status for those who do not see the bar; a busy item and one without a title need it not."""
    if item.event.title is None or item.event.status is BusyStatus.BUSY:
        return ""
    return f'<span class="h">, {escape(status_word(item.event.status))}</span>'


def classes(*names: str) -> str:
    """The attribute, without what is empty."""
    return f' class="{" ".join(filter(None, names))}"' if any(names) else ""


def next_day(day: date) -> date:
    """The day after."""
    return day + timedelta(days=1)


def view_links(sheet: Sheet, current: str, month: date, week: date | None) -> str:
    """The three views of the same days; `current` is the letter of the one that is shown."""
    targets = [("M", month_id(month), _("Month"))]
    if week is not None:
        targets.append(("W", week_id(week), _("Week")))
    targets.append(("A", agenda_id(month), _("Agenda")))
    links = "".join(
        f'<a href="#{target}"{" aria-current=" + chr(34) + "true" + chr(34) if letter == current else ""}>'
        f"{escape(word)}</a>"
        for letter, target, word in targets
    )
    return f'<nav class="v" aria-label="{escape(_("View"))}">{links}</nav>'


def turn_links(before: tuple[str, str] | None, after: tuple[str, str] | None, today: str) -> str:
    """To the period before and after (where they are and how they are called), and to today, where that is marked."""
    now = f'<a class="j" href="#{today}">{escape(_("Today"))}</a>' if today else ""
    return (
        f'<nav class="p" aria-label="{escape(_("Period"))}">'
        f"{_turn(before, '‹', _('Previous: {period}'))}{_turn(after, '›', _('Next: {period}'))}{now}</nav>"
    )


def _turn(where: tuple[str, str] | None, sign: str, words: str) -> str:
    if where is None:
        return f'<span aria-hidden="true">{sign}</span>'
    return f'<a href="#{where[0]}" aria-label="{escape(words.format(period=where[1]))}">{sign}</a>'
