"""Dates and times in words, as the language in use writes them: a small table instead of a large library.

English is Outlook's American English (12 hours, weeks from Sunday), French is fr-FR (24 hours, weeks from Monday);
month and day names are CLDR's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta

from core.language import language

_DAYS = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "fr": ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
}
_SHORT_DAYS = {
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    "fr": ("lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim."),
}
_TINY_DAYS = {
    "en": ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"),
    "fr": ("lu", "ma", "me", "je", "ve", "sa", "di"),
}
_MONTHS = {
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
    "fr": (
        *("janvier", "février", "mars", "avril", "mai", "juin"),
        *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
    ),
}
_SHORT_MONTHS = {
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "fr": ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."),
}


def first_weekday() -> int:
    """The day a week begins with, as Python counts: Monday 0 (French), Sunday 6 (English)."""
    return 0 if language() == "fr" else 6


def uses_24h() -> bool:
    """Whether hours run from 0 to 23 rather than AM and PM."""
    return language() == "fr"


def week_days() -> tuple[int, ...]:
    """The seven Python weekday numbers in the order of a calendar's columns."""
    first = first_weekday()
    return tuple((first + n) % 7 for n in range(7))


def week_start(day: date) -> date:
    """The first day of the week in which `day` lies, in the order of the language."""
    back = (day.weekday() - first_weekday()) % 7
    return day - timedelta(days=min(back, day.toordinal() - 1))


def weeks_of_month(first: date) -> Iterator[list[date]]:
    """The weeks in which a month has days, each whole, with days of the months beside it; `first` is its first day."""
    start = week_start(first)
    while start <= first or start.month == first.month:
        yield [start + timedelta(days=number) for number in range(7)]
        start += timedelta(days=7)


def day_name(day: date | int, *, short: bool = False) -> str:
    """Monday or lundi; with `short` Mon or lun. Takes a date or a Python weekday number."""
    number = day if isinstance(day, int) else day.weekday()
    return (_SHORT_DAYS if short else _DAYS)[language()][number]


def tiny_day_name(day: date | int) -> str:
    """Two letters for the head of a month grid: Mo, lu."""
    return _TINY_DAYS[language()][day if isinstance(day, int) else day.weekday()]


def month_name(month: date | int, *, short: bool = False) -> str:
    """June or juin; with `short` Jun or juin. Takes a date or a month from 1 to 12."""
    number = month if isinstance(month, int) else month.month
    return (_SHORT_MONTHS if short else _MONTHS)[language()][number - 1]


def month_title(day: date) -> str:
    """The month and its year: June 2013, juin 2013."""
    return f"{month_name(day)} {day.year}"


def known_day_names() -> tuple[tuple[str, ...], ...]:
    """Monday to Sunday in each language, the person's own first: for dates that are typed."""
    return _own_first(_DAYS)


def known_month_names() -> tuple[tuple[str, ...], ...]:
    """January to December in each language, the person's own first."""
    return _own_first(_MONTHS)


def _own_first(tables: Mapping[str, tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    return tables[language()], *(names for code, names in tables.items() if code != language())


def long_date(day: date) -> str:
    """Monday, June 3, 2013; lundi 3 juin 2013."""
    if language() == "fr":
        return f"{day_name(day)} {_french_number(day)} {month_name(day)} {day.year}"
    return f"{day_name(day)}, {month_name(day)} {day.day}, {day.year}"


def short_date(day: date) -> str:
    """Jun 3, 2013; 3 juin 2013."""
    if language() == "fr":
        return f"{_french_number(day)} {month_name(day, short=True)} {day.year}"
    return f"{month_name(day, short=True)} {day.day}, {day.year}"


def day_and_month(day: date) -> str:
    """A day without its year, for lists and column heads: Mon, Jun 3; lun. 3 juin."""
    if language() == "fr":
        return f"{day_name(day, short=True)} {_french_number(day)} {month_name(day, short=True)}"
    return f"{day_name(day, short=True)}, {month_name(day, short=True)} {day.day}"


def _french_number(day: date) -> str:
    return "1er" if day.day == 1 else str(day.day)


def time_of_day(moment: time | datetime) -> str:
    """8:00 AM; 08:00. Seconds are not shown."""
    if uses_24h():
        return f"{moment.hour:02}:{moment.minute:02}"
    return f"{moment.hour % 12 or 12}:{moment.minute:02} {'AM' if moment.hour < 12 else 'PM'}"


def hour_label(hour: int) -> str:
    """An hour beside a time grid: 8 AM; 08:00. `hour` runs from 0 to 24."""
    if uses_24h():
        return f"{hour:02}:00"
    return f"{hour % 12 or 12} {'AM' if hour % 24 < 12 else 'PM'}"


def time_span(start: time | datetime, end: time | datetime) -> str:
    """9:00 AM – 10:30 AM; 09:00 – 10:30."""
    return f"{time_of_day(start)} – {time_of_day(end)}"


def date_span(first: date, last: date) -> str:
    """Monday, June 3, 2013 – Sunday, June 9, 2013; one day stands alone."""
    return long_date(first) if first == last else f"{long_date(first)} – {long_date(last)}"


def short_date_span(first: date, last: date) -> str:
    """Jun 3 – 9, 2013; 3 – 9 juin 2013; as little as says it."""
    if first == last:
        return short_date(first)
    if first.year != last.year:
        return f"{short_date(first)} – {short_date(last)}"
    if language() == "fr":
        start = _french_number(first) + ("" if first.month == last.month else f" {month_name(first, short=True)}")
        return f"{start} – {short_date(last)}"
    end = str(last.day) if first.month == last.month else f"{month_name(last, short=True)} {last.day}"
    return f"{month_name(first, short=True)} {first.day} – {end}, {last.year}"


def date_and_time(moment: datetime) -> str:
    """Jun 3, 2013 9:00 AM; 3 juin 2013 09:00."""
    return f"{short_date(moment)} {time_of_day(moment)}"
