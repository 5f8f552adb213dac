"""The year: a line for each month, a cell for each day, the more filled the busier it is. Pure, walked like the grid.

Days of the week stand below one another, so that weeks can be compared. The density of a mark tells how busy a day
is, and colour only adds to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from core.calendar.busyness import DayLoad, loads_of
from core.calendar.choosing import add_months
from core.calendar.entry import Entry
from core.language import _, ngettext
from core.language.dates import first_weekday, month_name, tiny_day_name, week_days
from core.values import dataclass
from tui.text import cell_width
from tui.widgets.canvas import Canvas, Ink
from tui.widgets.look import Look, Step, Turn

NAME = 6
"""Cells for the names of the months."""
COLUMNS = 37
"""Cells that a month of 31 days needs, which may begin on the last day of a week."""
WIDEST, HIGHEST = 4, 3
STEPS = (1, 120, 240, 360)
"""From so many busy minutes a day on each next mark of `Marks.heat` is used."""


@dataclass(frozen=True, slots=True)
class BusyDay:
    """What is on a day: minutes that are taken, and how many events touch it."""

    minutes: int = 0
    events: int = 0

    @property
    def heat(self) -> int:
        """0 to 4."""
        return sum(self.minutes >= step for step in STEPS)


def busy_days(load: Mapping[date, DayLoad], workday: int) -> dict[date, BusyDay]:
    """How busy each day is; what takes a whole day counts as `workday` minutes."""
    return {day: BusyDay(max(one.minutes, workday if one.whole else 0), one.events) for day, one in load.items()}


class YearView:
    """Days of a year. `paint` draws them, `move` walks in them, `hit` finds what is under the mouse."""

    def __init__(self, look: Look) -> None:
        self.look = look
        self.days: tuple[date, ...] = ()
        self.busy: dict[date, BusyDay] = {}
        self.calendar = ""
        """The calendar (id) whose colour the marks have."""
        self.ghost: Entry | None = None
        """A time that is suggested: its day is marked."""
        self.width, self.height = 0, 0
        self.cursor = date.today()  # noqa: DTZ011 - before anything is shown
        self._wanted: date | None = None

    def show(self, days: Sequence[date], entries: Iterable[Entry]) -> None:
        """Another year or other entries; the cursor stays on its day of the year."""
        self.show_load(days, loads_of(entries, days[0], days[-1]))

    def show_load(self, days: Sequence[date], load: Mapping[date, DayLoad]) -> None:
        """As `show`, where the entries were added up already."""
        self.days = tuple(days)
        hours = self.look.hours
        workday = (hours.end.hour - hours.start.hour) * 60 + hours.end.minute - hours.start.minute
        self.busy = busy_days(load, workday)
        self.go_to(self.cursor)

    def suggest(self, ghost: Entry | None) -> None:
        """Another time is suggested, or none."""
        self.ghost = ghost

    def resize(self, width: int, height: int) -> None:
        """Another size in cells."""
        self.width, self.height = width, height

    @property
    def cell(self) -> int:
        """Cells of a day."""
        return max(1, min(WIDEST, (self.width - NAME) // COLUMNS))

    @property
    def lines(self) -> int:
        """Lines of a month."""
        return max(1, min(HIGHEST, (self.height - 3) // 12))

    @property
    def numbered(self) -> bool:
        """Whether days have their numbers above their marks."""
        return self.lines > 1 and self.cell > 2

    @property
    def selected(self) -> Entry | None:
        """A year has days and no events."""
        return None

    @property
    def moment(self) -> datetime:
        """The day of the cursor at the first working hour; naive."""
        return datetime.combine(self.cursor, self.look.hours.start)

    @property
    def about(self) -> str:
        """How busy the day is."""
        found = self.busy.get(self.cursor)
        if not found:
            return _("nothing planned")
        hours, minutes = divmod(found.minutes, 60)
        length = _("{hours} h {minutes} min busy") if minutes else _("{hours} h busy")
        events = ngettext("{count} event", "{count} events", found.events).format(count=found.events)
        return f"{length.format(hours=hours, minutes=minutes)}, {events}"

    def go_to(self, day: date, minute: int | None = None) -> None:
        """Put the cursor on a day; in another year on the same day of the year."""
        if self.days and not self.days[0] <= day <= self.days[-1]:
            day = add_months(day, (self.days[0].year - day.year) * 12)
        self.cursor = day

    def select(self, entry_id: str) -> bool:
        """A year has no events."""
        return False

    def move(self, step: Step) -> Turn | None:
        """Walk by days, by months, and from one busy day to the next."""
        match step:
            case Step.LEFT | Step.RIGHT:
                return self._to(self._day_from(1 if step is Step.RIGHT else -1))
            case Step.UP | Step.DOWN:
                return self._to(add_months(self.cursor, 1 if step is Step.DOWN else -1))
            case Step.NEXT_EVENT | Step.PREVIOUS_EVENT:
                return self._to_busy(1 if step is Step.NEXT_EVENT else -1)
            case Step.PAGE_UP | Step.PAGE_DOWN:
                return self._to(add_months(self.cursor, 3 if step is Step.PAGE_DOWN else -3))
            case Step.HOME | Step.END:
                first = self.cursor.replace(day=1)
                self.cursor = first if step is Step.HOME else add_months(first, 1) - timedelta(days=1)
        return None

    def _day_from(self, count: int) -> date:
        return date.fromordinal(max(1, min(date.max.toordinal(), self.cursor.toordinal() + count)))

    def _to(self, day: date) -> Turn | None:
        if self.days and not self.days[0] <= day <= self.days[-1]:
            self._wanted = day
            return Turn.ON if day > self.cursor else Turn.BACK
        self.cursor = day
        return None

    def _to_busy(self, direction: int) -> Turn | None:
        beyond = [day for day in self.busy if (day > self.cursor if direction > 0 else day < self.cursor)]
        if not beyond:
            self._wanted = None
            return Turn.ON if direction > 0 else Turn.BACK
        self.cursor = min(beyond) if direction > 0 else max(beyond)
        return None

    def enter(self, turn: Turn, step: Step) -> None:
        """After the year turned: the day that the walk led to, or the nearest one with events."""
        if step in (Step.NEXT_EVENT, Step.PREVIOUS_EVENT) and self.busy:
            self.cursor = min(self.busy) if turn is Turn.ON else max(self.busy)
        elif self._wanted and self.days and self.days[0] <= self._wanted <= self.days[-1]:
            self.cursor = self._wanted
        self._wanted = None

    def scroll(self, lines: int) -> None:
        """A year is always shown whole."""

    def point(self, x: int, y: int) -> None:
        """Nothing is dragged to another time here."""

    def hit(self, x: int, y: int) -> bool:
        """Put the cursor where the mouse is; False where there is no day."""
        month, place = (y - 1) // self.lines, (x - NAME) // self.cell
        if not self.days or y < 1 or x < NAME or month > 11:
            return False
        first = date(self.days[0].year, month + 1, 1)
        day = first + timedelta(days=place - _offset(first))
        if day.month != first.month:
            return False
        self.cursor = day
        return True

    # -- drawing

    def paint(self, *, focused: bool, now: datetime) -> Canvas:
        """The whole year. `now` is in the person's zone."""
        canvas = Canvas(self.width, self.height, Ink("list"))
        if not self.days or self.height < 14 or self.width < NAME + COLUMNS:
            canvas.put(1, 1, _("There is no room for a year here."), Ink("list.dim"))
            return canvas
        self._paint_head(canvas)
        for month in range(12):
            canvas.put(1, 1 + month * self.lines, month_name(month + 1, short=True), Ink("year.day"), NAME - 1)
        for day in self.days:
            self._paint_day(canvas, day, today=day == now.date(), chosen=focused and day == self.cursor)
        self._paint_suggestion(canvas, focused)
        self._paint_legend(canvas)
        return canvas

    def _paint_head(self, canvas: Canvas) -> None:
        canvas.fill(0, 0, self.width, 1, Ink("head"))
        names = [tiny_day_name(number) for number in week_days()]
        for column in range(COLUMNS):
            name = names[column % 7]
            canvas.put(NAME + column * self.cell, 0, name if self.cell > 2 else name[0], Ink("head"), self.cell)

    def _place(self, day: date) -> tuple[int, int]:
        return NAME + (_offset(day.replace(day=1)) + day.day - 1) * self.cell, 1 + (day.month - 1) * self.lines

    def _paint_day(self, canvas: Canvas, day: date, *, today: bool, chosen: bool) -> None:
        x, y = self._place(day)
        heat = self.busy.get(day, BusyDay()).heat
        mark, wide = self.look.marks.heat[heat], max(1, self.cell - (self.cell > 2))
        ink = Ink("event.mark.off", self.look.colours.get(self.calendar, "1")) if heat else Ink("year.none")
        if self.numbered:
            canvas.put(x, y, str(day.day).rjust(2), Ink("year.day.today" if today else "year.day"))
            canvas.put(x, y + 1, (mark * wide if heat else mark.rjust(wide)), ink)
        else:
            canvas.put(x, y, mark * (wide if heat else 1), Ink("year.day.today") if today and not heat else ink)
            if today:
                canvas.put(x, y, self.look.marks.heat[heat] * wide, Ink("gutter.now"))
        if chosen:
            for line in range(y, y + 1 + self.numbered):
                canvas.tint(x, line, wide, Ink("cursor.text"))

    def _paint_suggestion(self, canvas: Canvas, focused: bool) -> None:
        """The day of a time that is suggested."""
        start = self.ghost.start if self.ghost else None
        day = start.date() if isinstance(start, datetime) else start
        if day is None or not self.days or not self.days[0] <= day <= self.days[-1]:
            return
        x, y = self._place(day)
        role = "cursor.text" if focused and day == self.cursor else "band"
        canvas.put(x, y + self.numbered, self.look.marks.free * max(1, self.cell - (self.cell > 2)), Ink(role))
        if self.numbered:
            canvas.tint(x, y, max(1, self.cell - 1), Ink(role))

    def _paint_legend(self, canvas: Canvas) -> None:
        """What the marks mean, below the months."""
        y, x, marks = 1 + 12 * self.lines + (self.height > 2 + 12 * self.lines), 1, self.look.marks.heat
        words = (_("nothing"), _("less than 2 h"), _("2 – 4 h"), _("4 – 6 h"), _("6 h and more"))
        if sum(map(cell_width, words)) + 4 * len(words) > self.width:
            words = (_("none"), "<2", "2-4", "4-6", _("6+ h"))
        for mark, word in zip(marks, words, strict=True):
            canvas.put(x, y, mark, Ink("event.mark.off", self.look.colours.get(self.calendar, "1")))
            canvas.put(x + 2, y, word, Ink("list.dim"))
            x += 4 + cell_width(word)


def _offset(first: date) -> int:
    """The column of the first day of a month."""
    return (first.weekday() - first_weekday()) % 7
