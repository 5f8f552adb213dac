"""How the instants of a recurrence rule are found: the arithmetic under `rules.Rule`.

Days are counted as ordinals (1 January of year 1 is 1); a period is the day, week, month or year that FREQ names.
The order in which BY* parts widen and narrow is the table of RFC 5545 §3.3.10. Standard library only, light to import.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from core.ical.rules import Rule

DAY = timedelta(days=1)
_WEEK = timedelta(days=7)
_NONE = timedelta(0)
FIXED = {"DAILY": DAY, "HOURLY": timedelta(hours=1), "MINUTELY": timedelta(minutes=1), "SECONDLY": timedelta(seconds=1)}
"""Frequencies whose periods all have one length in wall-clock time."""

_LAST_DAY = date.max.toordinal()
_SECONDS = 86_400
_COST = {"YEARLY": 12, "MONTHLY": 2, "WEEKLY": 1, "DAILY": 1}
"""Steps that looking at a period costs, whatever is found in it."""


class Search:
    """What is looked for: instants from `low` up to `high`, at most `rest` after the first (None: no COUNT)."""

    __slots__ = ("budget", "high", "low", "rest")

    def __init__(self, low: datetime, high: datetime, rest: int | None, budget: int) -> None:
        self.low = low
        self.high = high
        self.rest = rest
        self.budget = budget


class TooMuchWork(Exception):
    """The steps are used up: the rule repeats too often, or matches (nearly) never."""


def stepped(begin: datetime, step: timedelta, search: Search) -> Iterator[datetime]:
    """Each `step` after `begin`: no search at all, wherever the span lies."""
    low, high, rest, budget = search.low, search.high, search.rest, search.budget
    number = max(1, -((begin - low) // step))
    left = budget if rest is None else min(budget, rest - number + 1)
    try:
        moment = begin + number * step
        while moment < high and left > 0:
            yield moment
            moment += step
            left -= 1
    except OverflowError:
        return
    if moment < high and (rest is None or rest - number + 1 > budget):
        raise TooMuchWork


def weekly(rule: Rule, begin: datetime, search: Search) -> Iterator[datetime]:
    """Days of each n-th week, at the time of `begin`."""
    low, high, rest, budget = search.low, search.high, search.rest, search.budget
    wanted = {weekday for _nth, weekday in rule.by_day} or {begin.weekday()}
    offsets = sorted((weekday - rule.week_start) % 7 for weekday in wanted)
    monday = (begin.weekday() - rule.week_start) % 7
    gaps = [timedelta(days=offset - monday) for offset in offsets]
    step = _WEEK * rule.interval
    week = max(0, (low - begin + timedelta(days=monday)) // step)
    if rest is not None:
        before = len(offsets) * week - sum(gap <= _NONE for gap in gaps)
        rest -= max(0, before)
    try:
        base = begin + week * step if week else begin
        while True:
            for gap in gaps:
                if not week and gap <= _NONE:
                    continue
                moment = base + gap
                if moment >= high or (rest is not None and rest <= 0):
                    return
                if rest is not None:
                    rest -= 1
                budget -= 1
                if budget < 0:
                    raise TooMuchWork
                if moment >= low:
                    yield moment
            base += step
            week += 1
    except OverflowError:
        return


class Periods:
    """Days, weeks, months or years of a rule with BY* parts, each widened and narrowed to its instants."""

    __slots__ = ("begin", "first_day", "plain", "rule", "times", "week_first")

    def __init__(self, rule: Rule, begin: datetime, timed: bool) -> None:
        self.rule = rule
        self.begin = begin
        self.first_day = begin.toordinal()
        self.week_first = self.first_day - (begin.weekday() - rule.week_start) % 7
        self.times = _times(rule, begin) if timed else (_NONE,)
        self.plain = not rule.by_set_pos

    def instants(self, search: Search) -> Iterator[datetime]:
        """Instants after `begin` inside the span; with a count, looked for from `begin` on."""
        low, high, rest, budget = search.low, search.high, search.rest, search.budget
        cost = _COST[self.rule.frequency]
        if self.rule.by_week:
            cost *= 5  # every day of the year is looked at
        floor, begin = low.toordinal(), self.begin
        period = 0 if rest is not None else self._period_of(low)
        while self._start_of(period) <= high.toordinal():
            budget -= cost
            if budget < 0:
                raise TooMuchWork
            for moment in self._of(period, floor if rest is None and self.plain else 0):
                if moment <= begin:
                    continue
                if moment >= high or (rest is not None and rest <= 0):
                    return
                if rest is not None:
                    rest -= 1
                budget -= 1
                if moment >= low:
                    yield moment
            period += 1

    def _of(self, period: int, floor: int) -> Iterable[datetime]:
        """The instants of a period in order; days before `floor` may be left out."""
        days = [day for day in self._days(period) if floor <= day <= _LAST_DAY and day > 0]
        if self.times == (_NONE,):
            found = [datetime.fromordinal(day) for day in days]
        else:
            found = [datetime.fromordinal(day) + clock for day in days for clock in self.times]
        positions = self.rule.by_set_pos
        if not positions:
            return found
        size = len(found)
        chosen = {n - 1 if n > 0 else size + n for n in positions if abs(n) <= size}
        return [found[index] for index in sorted(chosen)]

    def _period_of(self, moment: datetime) -> int:
        """The last period that begins at or before the moment."""
        rule, begin = self.rule, self.begin
        match rule.frequency:
            case "YEARLY":
                gone = moment.year - begin.year
            case "MONTHLY":
                gone = (moment.year - begin.year) * 12 + moment.month - begin.month
            case "WEEKLY":
                gone = (moment.toordinal() - self.week_first) // 7
            case _:
                gone = moment.toordinal() - self.first_day
        return max(0, gone // rule.interval)

    def _start_of(self, period: int) -> int:
        """The ordinal of a period's first day; past the calendar's end, one that no span reaches."""
        rule, begin, gone = self.rule, self.begin, period * self.rule.interval
        match rule.frequency:
            case "YEARLY":
                return date(begin.year + gone, 1, 1).toordinal() if begin.year + gone <= 9999 else _LAST_DAY + 1
            case "MONTHLY":
                year, month = divmod(begin.year * 12 + begin.month - 1 + gone, 12)
                return date(year, month + 1, 1).toordinal() if year <= 9999 else _LAST_DAY + 1
            case "WEEKLY":
                return self.week_first + 7 * gone
            case _:
                return self.first_day + gone

    def _days(self, period: int) -> Iterable[int]:
        rule, first = self.rule, self._start_of(period)
        match rule.frequency:
            case "YEARLY":
                return self._year(date.fromordinal(first).year)
            case "MONTHLY":
                day = date.fromordinal(first)
                return self._month(day.year, day.month)
            case "WEEKLY":
                return self._week(first)
            case _:
                return (first,) if 0 < first <= _LAST_DAY and day_fits(rule, first) else ()

    def _week(self, first: int) -> list[int]:
        rule = self.rule
        wanted = {weekday for _nth, weekday in rule.by_day} or {self.begin.weekday()}
        days = sorted(first + (weekday - rule.week_start) % 7 for weekday in wanted)
        return [day for day in days if 0 < day <= _LAST_DAY and day_fits(rule, day)]

    def _month(self, year: int, month: int) -> list[int]:
        """MONTHLY: BYMONTHDAY and BYDAY widen (both: narrow each other), the other parts narrow."""
        rule = self.rule
        if rule.by_month and month not in rule.by_month:
            return []
        days = self._month_days(year, month)
        if rule.by_year_day or rule.by_week:
            days = [day for day in days if day_fits(rule, day)]
        return days

    def _month_days(self, year: int, month: int) -> list[int]:
        rule = self.rule
        first = date(year, month, 1).toordinal()
        length = _month_length(year, month)
        if rule.by_month_day:
            days = _numbered(rule.by_month_day, first, length)
            if rule.by_day:
                allowed = _weekdays_in(rule.by_day, first, length)
                days &= allowed
            return sorted(days)
        if rule.by_day:
            return sorted(_weekdays_in(rule.by_day, first, length))
        if rule.by_year_day or rule.by_week:
            return list(range(first, first + length))
        return [first + self.begin.day - 1] if self.begin.day <= length else []

    def _year(self, year: int) -> list[int]:
        """YEARLY: the most special part gives the days, the others narrow them."""
        rule = self.rule
        if rule.by_year_day or rule.by_week:
            return self._special_year(year)
        if rule.by_month or not (rule.by_day or rule.by_month_day):
            months: Iterable[int] = rule.by_month or (self.begin.month,)
            return [day for month in months for day in self._month_days(year, month)]
        first = date(year, 1, 1).toordinal()
        by_weekday = _weekdays_in(rule.by_day, first, _year_length(year)) if rule.by_day else set()
        if not rule.by_month_day:
            return sorted(by_weekday)
        days = set()
        for month in range(1, 13):
            days |= _numbered(rule.by_month_day, date(year, month, 1).toordinal(), _month_length(year, month))
        return sorted(days & by_weekday if rule.by_day else days)

    def _special_year(self, year: int) -> list[int]:
        rule, first, length = self.rule, date(year, 1, 1).toordinal(), _year_length(year)
        days: Iterable[int] = range(first, first + length)
        if rule.by_year_day:
            days = sorted(_numbered(rule.by_year_day, first, length))
        fitting = [day for day in days if day_fits(rule, day)]
        if rule.by_week and not (rule.by_day or rule.by_month_day or rule.by_year_day):
            # RFC 5545 §3.3.10: what the rule does not say, the day of the week, comes from DTSTART
            return [day for day in fitting if (day + 6) % 7 == self.begin.weekday()]
        return fitting


def _times(rule: Rule, begin: datetime) -> tuple[timedelta, ...]:
    hours = rule.by_hour or (begin.hour,)
    minutes = rule.by_minute or (begin.minute,)
    seconds = rule.by_second or (begin.second,)
    return tuple(
        timedelta(hours=hour, minutes=minute, seconds=second)
        for hour in hours
        for minute in minutes
        for second in seconds
        if second < 60  # a leap second, which no clock here shows
    )


def _year_length(year: int) -> int:
    return 366 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 365


def _month_length(year: int, month: int) -> int:
    if month == 2:
        return _year_length(year) - 337
    return 30 if month in (4, 6, 9, 11) else 31


def _numbered(numbers: Iterable[int], first: int, length: int) -> set[int]:
    """Days by their number in a month or year, from the end where negative."""
    return {first + (n - 1 if n > 0 else length + n) for n in numbers if abs(n) <= length}


def _weekdays_in(wanted: Iterable[tuple[int, int]], first: int, length: int) -> set[int]:
    """Days of the week in a month or year; n-th ones counted from its start or its end."""
    days: set[int] = set()
    for nth, weekday in wanted:
        earliest = first + (weekday - first - 6) % 7
        if nth == 0:
            days.update(range(earliest, first + length, 7))
            continue
        latest = earliest + (first + length - 1 - earliest) // 7 * 7
        day = earliest + (nth - 1) * 7 if nth > 0 else latest + (nth + 1) * 7
        if first <= day < first + length:
            days.add(day)
    return days


def day_fits(rule: Rule, ordinal: int) -> bool:
    """Whether the parts that narrow allow a day. A number before a weekday counts inside the month or year."""
    day = date.fromordinal(ordinal)
    if rule.by_month and day.month not in rule.by_month:
        return False
    if rule.by_month_day:
        length = _month_length(day.year, day.month)
        if day.day not in rule.by_month_day and day.day - length - 1 not in rule.by_month_day:
            return False
    if rule.by_year_day:
        number, length = ordinal - date(day.year, 1, 1).toordinal() + 1, _year_length(day.year)
        if number not in rule.by_year_day and number - length - 1 not in rule.by_year_day:
            return False
    if rule.by_day and not _weekday_fits(rule, day, ordinal):
        return False
    return not rule.by_week or _week_fits(rule, ordinal)


def _weekday_fits(rule: Rule, day: date, ordinal: int) -> bool:
    weekday = day.weekday()
    numbers = [nth for nth, wanted in rule.by_day if wanted == weekday]
    if not numbers or 0 in numbers or rule.frequency not in ("YEARLY", "MONTHLY") or rule.by_week:
        return bool(numbers)
    if rule.frequency == "MONTHLY" or rule.by_month:
        first, length = ordinal - day.day + 1, _month_length(day.year, day.month)
    else:
        first, length = date(day.year, 1, 1).toordinal(), _year_length(day.year)
    return ordinal in _weekdays_in(rule.by_day, first, length)


def _week_fits(rule: Rule, ordinal: int) -> bool:
    """BYWEEKNO: ISO 8601 weeks, but beginning on WKST; week 1 is the first with four days in the year."""
    middle = ordinal - (ordinal + 6 - rule.week_start) % 7 + 3
    if not 0 < middle <= _LAST_DAY:
        return False
    year = date.fromordinal(middle).year
    first = date(year, 1, 1).toordinal()
    number = (middle - first) // 7 + 1
    total = (_year_length(year) - 1 - (middle - first) % 7) // 7 + 1
    return number in rule.by_week or number - total - 1 in rule.by_week


def clock_instants(rule: Rule, begin: datetime, search: Search) -> Iterator[datetime]:
    """HOURLY, MINUTELY and SECONDLY rules with BY* parts; a day or hour that does not fit is passed in one step."""
    low, high, rest, budget = search.low, search.high, search.rest, search.budget
    unit = int(FIXED[rule.frequency].total_seconds())
    step = unit * rule.interval
    origin = _count(begin) // unit * unit
    ceiling = _count(high)
    position = origin if rest is not None else origin + max(0, (_count(low) - origin) // step) * step
    fit_day, fits = 0, False
    while position <= ceiling and position < (_LAST_DAY + 1) * _SECONDS:
        budget -= 1
        if budget < 0:
            raise TooMuchWork
        ordinal, second = divmod(position, _SECONDS)
        if ordinal != fit_day:
            fit_day, fits = ordinal, day_fits(rule, ordinal)
        target = _next_that_may_fit(rule, position, second) if fits else (ordinal + 1) * _SECONDS
        if target > position:
            position = origin - (origin - target) // step * step
            continue
        for moment in _inside(rule, position, unit, begin):
            if moment <= begin:
                continue
            if moment >= high or (rest is not None and rest <= 0):
                return
            if rest is not None:
                rest -= 1
            budget -= 1
            if moment >= low:
                yield moment
        position += step


def _count(moment: datetime) -> int:
    return moment.toordinal() * _SECONDS + moment.hour * 3600 + moment.minute * 60 + moment.second


def _next_that_may_fit(rule: Rule, position: int, second: int) -> int:
    """The position itself where hour, minute and second are allowed, else the start of the next one that may be."""
    if rule.by_hour and second // 3600 not in rule.by_hour:
        return position - second % 3600 + 3600
    if rule.frequency == "HOURLY":
        return position
    if rule.by_minute and second % 3600 // 60 not in rule.by_minute:
        return position - second % 60 + 60
    if rule.frequency == "SECONDLY" and rule.by_second and second % 60 not in rule.by_second:
        return position + 1
    return position


def _inside(rule: Rule, position: int, unit: int, begin: datetime) -> list[datetime]:
    """The instants of one hour, minute or second."""
    minutes: Iterable[int] = (rule.by_minute or (begin.minute,)) if unit == 3600 else (0,)
    seconds: Iterable[int] = (rule.by_second or (begin.second,)) if unit > 1 else (0,)
    ordinal, second = divmod(position, _SECONDS)
    midnight = datetime.fromordinal(ordinal)
    found = [
        midnight + timedelta(seconds=second + 60 * minute + more) for minute in minutes for more in seconds if more < 60
    ]
    positions = rule.by_set_pos
    if not positions:
        return found
    size = len(found)
    return [found[i] for i in sorted({n - 1 if n > 0 else size + n for n in positions if abs(n) <= size})]
