"""Dates as a person types them: `2026-11-22`, `22/11`, `11/22`, `14.8.`, `14 août`, `+7`, `-2w`, `today`, `monday`.

The order of `11/22` follows the language: month first in English, day first in French; with dots the day is always
first, and ISO dates are always understood. A date without a year is the next one from today on.
English words are understood in every language, the person's own beside them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, timedelta

from core.errors import UsageError
from core.language import _, language
from core.language.dates import known_day_names, known_month_names

_ISO = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})")
_RELATIVE = re.compile(r"([+-])\s*(\d{1,5})\s*([a-z]?)")
_NUMBERS = re.compile(r"(\d{1,2})\s*([./-])\s*(\d{1,2})(?:\s*\2\s*(\d{4}|\d{2})?)?")
_DAY = re.compile(r"(\d{1,2})(?:st|nd|rd|th|er|e|\.)?")
_NAMED = re.compile(r"(?:le )?(\d{1,2})(?:st|nd|rd|th|er|\.)? (?:of )?([a-z]+)\.?(?:,? (\d{4}))?")
_NAMED_MONTH_FIRST = re.compile(r"([a-z]+)\.? (\d{1,2})(?:st|nd|rd|th)?(?:,? (\d{4}))?")
_NEXT = ("next ", "on next ", "prochain ")

_OFFSETS = {"today": 0, "tomorrow": 1, "yesterday": -1, "aujourd'hui": 0, "aujourdhui": 0, "demain": 1, "hier": -1}
_UNITS = {"": 1, "d": 1, "j": 1, "w": 7, "s": 7}


def read_date(text: str, today: date) -> date:
    """The day that `text` means. Raises UsageError, whose hint shows the forms, when it is none."""
    wanted = _simple(text)
    try:
        found = _read(wanted, today)
    except (ValueError, OverflowError):
        found = None
    if found is None:
        example = "22/11/2026" if language() == "fr" else "11/22/2026"
        raise UsageError(
            _("“{text}” is not a date.").format(text=" ".join(text.split())[:40]),
            _("Write it as 2026-11-22, {example}, +7, tomorrow or monday.").format(example=example),
        )
    return found


def _simple(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.strip().lower().replace("’", "'"))
    return " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).split())


def _read(text: str, today: date) -> date | None:
    if text in _OFFSETS:
        return today + timedelta(days=_OFFSETS[text])
    if match := _ISO.fullmatch(text):
        return date(int(match[1]), int(match[2]), int(match[3]))
    if match := _RELATIVE.fullmatch(text):
        days = int(match[2]) * _UNITS[match[3]] if match[3] in _UNITS else None
        return None if days is None else today + timedelta(days=days if match[1] == "+" else -days)
    if match := _NUMBERS.fullmatch(text):
        return _numbers(match, today)
    return _day_of_month(text, today) or _named(text, today) or _weekday(text, today)


def _numbers(match: re.Match[str], today: date) -> date:
    first, second = int(match[1]), int(match[3])
    day_first = match[2] == "." or language() == "fr"
    day, month = (first, second) if day_first else (second, first)
    return _in_year(day, month, match[4], today)


def _in_year(day: int, month: int, year: str | None, today: date) -> date:
    """The day in the year that was written (two digits: 20xx), else the next one from today on."""
    if year:
        return date(int(year) + (2000 if len(year) == 2 else 0), month, day)
    for candidate in range(today.year, today.year + 9):
        if day == 29 and month == 2 and not _leap(candidate):
            continue
        found = date(candidate, month, day)
        if found >= today:
            return found
    raise ValueError(day, month)


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _day_of_month(text: str, today: date) -> date | None:
    match = _DAY.fullmatch(text)
    if not match:
        return None
    day, month, year = int(match[1]), today.month, today.year
    for _step in range(24):
        try:
            found = date(year, month, day)
        except ValueError:
            found = None
        if found is not None and found >= today:
            return found
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return None


def _named(text: str, today: date) -> date | None:
    if match := _NAMED.fullmatch(text):
        month = _position(match[2], known_month_names())
        return None if month is None else _in_year(int(match[1]), month + 1, match[3], today)
    if match := _NAMED_MONTH_FIRST.fullmatch(text):
        month = _position(match[1], known_month_names())
        return None if month is None else _in_year(int(match[2]), month + 1, match[3], today)
    return None


def _weekday(text: str, today: date) -> date | None:
    """`monday` may be today; `next monday` and `lundi prochain` are after today."""
    following = text.startswith(_NEXT) or text.endswith(" prochain")
    bare = text.removesuffix(" prochain")
    for prefix in _NEXT:
        bare = bare.removeprefix(prefix)
    wanted = _position(bare, known_day_names())
    if wanted is None:
        return None
    ahead = (wanted - today.weekday()) % 7
    return today + timedelta(days=7 if following and ahead == 0 else ahead)


def _position(word: str, tables: Sequence[Sequence[str]]) -> int | None:
    """Where the word, or its beginning of at least three letters, stands; the person's language is asked first."""
    if len(word) < 3:
        return None
    for names in tables:
        found = [at for at, name in enumerate(names) if _simple(name).startswith(word)]
        if len(found) == 1:
            return found[0]
    return None
