"""The agenda: events of some weeks as a list, day by day. State, cursor and drawing; pure, and walked like the grid."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from core.calendar.entry import Entry
from core.language import _
from core.language.dates import long_date
from tui.text import clean
from tui.widgets.canvas import Canvas, Ink
from tui.widgets.look import Look, Step, Turn, elsewhere, times, title

MARGIN = 2


class Line(NamedTuple):
    """A day's head (`entry` None) or one event of that day."""

    day: date
    entry: Entry | None = None


class Agenda:
    """Entries of some days as lines. `paint` draws it, `move` walks in it, `hit` finds what is under the mouse."""

    def __init__(self, look: Look) -> None:
        self.look = look
        self.days: tuple[date, ...] = ()
        self.lines: tuple[Line, ...] = ()
        self.entries: tuple[Entry, ...] = ()
        self.ghost: Entry | None = None
        """A time that is suggested: a line among the others."""
        self.width, self.height = 0, 0
        self.cursor = 0
        self.top = 0

    def show(self, days: Sequence[date], entries: Iterable[Entry]) -> None:
        """Other days or other entries; the cursor stays on its event, else on its day."""
        old = self.lines[self.cursor] if self.lines else None
        self.days, self.entries = tuple(days), tuple(entries)
        suggested = (self.ghost,) if self.ghost else ()
        self.lines = tuple(_lines(self.days, (*self.entries, *suggested))) if self.days else ()
        if old in self.lines:
            self._settle(self.lines.index(old))
        elif old:
            self.go_to(old.day)
        else:
            self._settle(1)

    def suggest(self, ghost: Entry | None) -> None:
        """Another time is suggested, or none."""
        if ghost != self.ghost:
            self.ghost = ghost
            self.show(self.days, self.entries)

    def resize(self, width: int, height: int) -> None:
        """Another size in cells."""
        self.width, self.height = width, height
        self._settle(self.cursor)

    @property
    def selected(self) -> Entry | None:
        """The event under the cursor; a time that is suggested is none yet."""
        entry = self.lines[self.cursor].entry if self.lines else None
        return None if entry is self.ghost else entry

    @property
    def moment(self) -> datetime:
        """The day of the cursor and when its event begins; naive."""
        if not self.lines:
            return datetime.combine(self.days[0] if self.days else date.today(), time())  # noqa: DTZ011
        line = self.lines[self.cursor]
        start = line.entry.start if line.entry else None
        same = isinstance(start, datetime) and start.date() == line.day
        return (
            start.replace(tzinfo=None) if same and isinstance(start, datetime) else datetime.combine(line.day, time())
        )

    @property
    def about(self) -> str:
        """Lines tell it all."""
        return ""

    def go_to(self, day: date, minute: int | None = None) -> None:
        """Put the cursor on the first event of that day, else on the next day that has one."""
        found = [n for n, line in enumerate(self.lines) if line.entry and line.day >= day]
        same = [
            n for n in found if self.lines[n].day == day and minute is not None and _begins(self.lines[n]) >= minute
        ]
        suggested = [n for n in same if self.lines[n].entry is self.ghost and _begins(self.lines[n]) == minute]
        self._settle((suggested or same or found or [len(self.lines) - 1])[0])

    def select(self, entry_id: str) -> bool:
        """Put the cursor on an event that is shown."""
        found = next((n for n, line in enumerate(self.lines) if line.entry and line.entry.id == entry_id), None)
        if found is not None:
            self._settle(found)
        return found is not None

    def move(self, step: Step) -> Turn | None:
        """Walk; the answer tells when that leads out of the days that are shown (and then nothing moved)."""
        match step:
            case Step.UP | Step.PREVIOUS_EVENT:
                return self._to_entry(-1)
            case Step.DOWN | Step.NEXT_EVENT:
                return self._to_entry(1)
            case Step.LEFT | Step.RIGHT:
                return self._to_day(1 if step is Step.RIGHT else -1)
            case Step.PAGE_UP | Step.PAGE_DOWN:
                page = max(1, self.height - 2)
                self._settle(self.cursor + (page if step is Step.PAGE_DOWN else -page))
            case Step.HOME:
                self._settle(1)
            case Step.END:
                self._settle(len(self.lines) - 1)
        return None

    def enter(self, turn: Turn, step: Step) -> None:
        """After the days turned: the first event, or the last one when one comes from behind."""
        self._settle(1 if turn is Turn.ON else len(self.lines) - 1)

    def scroll(self, lines: int) -> None:
        """Move the list under the cursor."""
        self.top = self._clamp_top(self.top + lines)

    def point(self, x: int, y: int) -> None:
        """Nothing is dragged to another time here."""

    def hit(self, x: int, y: int) -> bool:
        """Put the cursor where the mouse is; False where there is no event."""
        line = self.top + y
        if not 0 <= line < len(self.lines) or self.lines[line].entry is None:
            return False
        self._settle(line)
        return True

    def now_line(self, now: datetime) -> tuple[int, int] | None:
        """The agenda has no now-line; it changes at midnight."""
        return (now.toordinal(), 0)

    def paint(self, *, focused: bool, now: datetime) -> Canvas:
        """The whole list."""
        canvas = Canvas(self.width, self.height, Ink("list"))
        if not self.lines:
            canvas.put(MARGIN, 1, _("Nothing in these days."), Ink("list.dim"))
            return canvas
        width = max((len(times(line.entry)) for line in self.lines if line.entry), default=0)
        for y in range(min(self.height, len(self.lines) - self.top)):
            number = self.top + y
            line = self.lines[number]
            if line.entry is None:
                ink = Ink("list.day.today" if line.day == now.date() else "list.day")
                canvas.put(0, y, " " + long_date(line.day), ink, self.width)
            else:
                self._paint_entry(canvas, y, line.entry, width, focused and number == self.cursor)
        return canvas

    def _paint_entry(self, canvas: Canvas, y: int, entry: Entry, width: int, chosen: bool) -> None:
        suggested = entry is self.ghost
        role = "event.selected" if chosen else ""
        plain = self.look.ink(role, entry) if chosen else Ink("band" if suggested else "list")
        if suggested:
            canvas.fill(0, y, self.width, 1, plain)
        canvas.put(0, y, "", plain, self.width)
        canvas.put(MARGIN, y, times(entry), plain if chosen or suggested else Ink("list.dim"), width)
        x = MARGIN + width + 1
        mark = self.look.marks.free if suggested else self.look.marks.status[entry.status]
        canvas.put(x, y, mark, plain if chosen or suggested else self.look.ink("list.mark", entry))
        number = "" if suggested else self.look.number(entry)
        named = f"{number} {title(entry)}" if number else title(entry)
        own = elsewhere(entry.start, entry.time_zone)
        named = f"{named} ({own})" if own else named
        text = f"{named}, {clean(entry.place)}" if entry.place else named
        ink = Ink("list.cancelled") if entry.cancelled and not chosen else plain
        canvas.put(x + 2, y, text, ink, max(0, self.width - x - 3))

    def _to_entry(self, direction: int) -> Turn | None:
        number = self.cursor + direction
        while 0 <= number < len(self.lines) and self.lines[number].entry is None:
            number += direction
        if not 0 <= number < len(self.lines):
            return Turn.ON if direction > 0 else Turn.BACK
        self._settle(number)
        return None

    def _to_day(self, direction: int) -> Turn | None:
        here = self.lines[self.cursor].day if self.lines else date.min
        days = [n for n, line in enumerate(self.lines) if line.entry is None]
        if direction > 0:
            found = next((n for n in days if self.lines[n].day > here), None)
        else:
            found = next((n for n in reversed(days) if self.lines[n].day < here), None)
        if found is None:
            return Turn.ON if direction > 0 else Turn.BACK
        self._settle(found + 1)
        return None

    def _settle(self, number: int) -> None:
        """Accept a line as the cursor: an event, never a head; and bring it, with its day's head, into sight."""
        self.cursor = max(0, min(number, len(self.lines) - 1))
        if self.lines and self.lines[self.cursor].entry is None:
            self.cursor += 1
        before = self.cursor - 1
        shown_from = before if before >= 0 and self.lines and self.lines[before].entry is None else self.cursor
        if shown_from < self.top:
            self.top = shown_from
        elif self.height and self.cursor >= self.top + self.height:
            self.top = self.cursor - self.height + 1 + self.height // 4
        self.top = self._clamp_top(self.top)

    def _clamp_top(self, top: int) -> int:
        return max(0, min(top, len(self.lines) - max(1, self.height)))


def _begins(line: Line) -> int:
    start = line.entry.start if line.entry else None
    return start.hour * 60 + start.minute if isinstance(start, datetime) else -1


def _lines(days: Sequence[date], entries: Sequence[Entry]) -> Iterable[Line]:
    """Days with events only: a head and the events that touch the day, whole days first."""
    by_day: dict[date, list[Entry]] = {}
    for entry in entries:
        for day in _touched(entry, days[0], days[-1]):
            by_day.setdefault(day, []).append(entry)
    for day in days:
        found = by_day.get(day, ())
        if found:
            yield Line(day)
        for entry in sorted(found, key=lambda e: _order(e, day)):
            yield Line(day, entry)


def _order(entry: Entry, day: date) -> tuple[int, str, str]:
    start = entry.start
    minute = start.hour * 60 + start.minute if isinstance(start, datetime) and start.date() == day else -1
    return minute, entry.title, entry.id


def _touched(entry: Entry, first: date, last: date) -> Iterable[date]:
    start, end = entry.start, entry.end
    begin = start.date() if isinstance(start, datetime) else start
    if isinstance(end, datetime):
        finish = end.date() if end.time() != time() or end == start else end.date() - timedelta(days=1)
    else:
        finish = end - timedelta(days=1)
    day, stop = max(begin, first), min(max(finish, begin), last)
    while day <= stop:
        yield day
        day += timedelta(days=1)
