"""Days and repetitions in a typed line: `tomorrow`, `lundi prochain`, `24.12.-31.12.`, `every mon until 1 June`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from core.calendar.choosing import add_months
from core.calendar.patterns import WEEKDAYS, Pattern, PatternKind
from core.calendar.quick_line import MONTH, NUMBER, TAKEN, WEEKDAY, Line, number, weekday
from core.errors import UsageError
from core.language import _
from core.language.dates import long_date
from core.language.typed_date import read_date
from core.values import dataclass

_YEAR = r"(?:,? \d{4}(?![:h]))?"
_ISO = r"\d{4}-\d{2}-\d{2}"
_NUMERIC = r"\d{1,2}(?:[./]\d{1,2}(?:[./](?:\d{4}|\d{2}(?!\d))?)?|-\d{1,2}-\d{4})"
_NAMED = (
    rf"\d{{1,2}}(?:st|nd|rd|th|er|\.)? (?:of )?{MONTH}{_YEAR}"
    rf"|{MONTH} \d{{1,2}}(?:st|nd|rd|th)?(?! ?(?:h|:|am|pm)){_YEAR}"
)
_FIXED = rf"(?:{_ISO}|{_NUMERIC}|{_NAMED})"
_RELATIVE = rf"(?:(?:in|dans|d'ici) {NUMBER} (?:days?|jours?|weeks?|semaines?|months?|mois))"
_WORDS = r"(?:the )?day after tomorrow|apres-demain|today|aujourd'hui|tomorrow|demain|tonight|ce soir"
_BY_NAME = rf"(?:next |this |ce |cette )?{WEEKDAY}\.?(?: prochaine?| en huit)?"
_NTH = (
    r"le \d{1,2}(?:er)?(?! ?(?:h|:))|the \d{1,2}(?:st|nd|rd|th)"
    rf"|the \d{{1,2}}(?! ?(?:h|:|am|pm))(?= ?(?:$|[{TAKEN},!@\d]|at |from ))"
)
_ONE = rf"(?:{_WORDS}|{_RELATIVE}|{_FIXED}|{_BY_NAME}|{_NTH})"
_TO = r"(?: ?- ?| to | au | until | jusqu'au | till )"
_VAGUE = (
    r"(?:next|this) (?:week|weekend|month|year)|(?:la |le |l')?(?:semaine|mois|week-end|annee) prochaine?"
    r"|cette semaine|ce mois|soon|bientot"
)
_PART = {"morning": "a", "matin": "a", "afternoon": "p", "apres-midi": "p", "evening": "p", "soir": "p", "night": "p"}
_TONIGHT = ("tonight", "ce soir")
_UNIT = {"d": 1, "j": 1, "w": 7, "s": 7}


@dataclass(frozen=True, slots=True)
class Days:
    """The first and the last day (the same for one), and the half of the day that was named (a, p or nothing)."""

    first: date
    last: date
    half: str = ""


@dataclass(frozen=True, slots=True)
class Repetition:
    """A repetition without its start. `days` are the days of the week that were named."""

    kind: PatternKind
    interval: int = 1
    days: tuple[int, ...] = ()
    count: int | None = None
    until: date | None = None

    def first_day(self, day: date) -> date:
        """The first day from `day` on that the repetition has."""
        ahead = min(((wanted - day.weekday()) % 7 for wanted in self.days), default=0)
        return day + timedelta(days=ahead)

    def pattern(self, start: date) -> Pattern:
        """The pattern of an event that starts on that day."""
        return Pattern(
            self.kind,
            interval=self.interval,
            days=self.days or (start.weekday(),),
            day=start.day,
            month=start.month,
            count=self.count,
            until=self.until,
        )


# one day or several ----------------------------------------------------------------------------------------------


def take_days(line: Line, today: date) -> Days | None:
    """The day or the days in the line. Raises UsageError where it could be several, or nobody can know which."""
    found = _several(line, today) or _one(line, today)
    if found is None:
        if vague := line.find(_VAGUE):
            shown = line.text[vague.start() : vague.end()]
            raise UsageError(_("Which day is “{text}”?").format(text=shown), _("Name a day, as next monday or 24.12."))
        return None
    half = _take_part(line) or found.half
    _only(line, today)
    return Days(found.first, found.last, half)


def _several(line: Line, today: date) -> Days | None:
    """A span of days; the second may leave out what the first says: “3-5 March”, “March 3-5”, “Monday to Friday”."""
    for match in line.every(
        rf"(?:from |du |on )?(\d{{1,2}})(?:st|nd|rd|th|er|\.)?{_TO}(\d{{1,2}}(?:st|nd|rd|th|\.)? {MONTH}{_YEAR})"
    ):
        last = _day(match[2], today)
        first = last and _same_month(last, int(match[1]))
        if first and last and first <= last:
            line.take(match)
            return Days(first, last)
    for match in line.every(rf"(?:from |du )?({MONTH}) (\d{{1,2}}){_TO}(\d{{1,2}})(?! ?(?:h|:|am|pm))"):
        first, last = _day(f"{match[1]} {match[2]}", today), _day(f"{match[1]} {match[3]}", today)
        if first and last and first <= last:
            line.take(match)
            return Days(first, last)
    for match in line.every(rf"(?:from |du |de )?({_FIXED}|{_BY_NAME}|{_WORDS}){_TO}({_FIXED}|{_BY_NAME})"):
        first = _day(match[1], today)
        last = _day(match[2], first or today)
        if first and last and first <= last:
            line.take(match)
            return Days(first, last)
    return None


def _same_month(last: date, day: int) -> date | None:
    try:
        return last.replace(day=day)
    except ValueError:
        return None


def _one(line: Line, today: date) -> Days | None:
    for match, day in _ones(line, today):
        line.take(match)
        return Days(day, day, "p" if match[1] in _TONIGHT else "")
    return None


def _ones(line: Line, today: date) -> Iterator[tuple[re.Match[str], date]]:
    for match in line.every(rf"(?:on |le |on the )?({_ONE})"):
        day = _day(match[1], today)
        if day is not None:
            yield match, day


def _only(line: Line, today: date) -> None:
    """A second day in the line: nobody can know which one is meant."""
    for match, day in _ones(line, today):
        shown = line.text[match.start() : match.end()]
        raise UsageError(
            _("Two days are named; “{text}” is {day}.").format(text=shown, day=long_date(day)),
            _("Leave one out, or put words that belong to the title in quotes."),
        )


def _take_part(line: Line) -> str:
    match = re.search(rf"{TAKEN}(?: |,)*(?:in the |du |au |de l'|le |l')?({'|'.join(_PART)})(?!\w)", line.plain)
    if match is None:
        return ""
    line.cut(match.start(), match.end())
    return _PART[match[1]]


def _day(text: str, today: date) -> date | None:
    """None for what is no day. A day of the week is the next one, today among them; “en huit” is a week later."""
    words = text.strip()
    if words in ("day after tomorrow", "the day after tomorrow", "apres-demain"):
        return today + timedelta(days=2)
    if words in _TONIGHT:
        return today
    if match := re.fullmatch(rf"(?:in|dans|d'ici) ({NUMBER}) ([a-z]+)", words):
        count = number(match[1])
        return (
            add_months(today, count)
            if match[2].startswith("mo")
            else today + timedelta(days=count * _UNIT[match[2][0]])
        )
    if match := re.fullmatch(rf"(?:this |ce |cette )?({WEEKDAY})\.?( en huit)?", words):
        named = weekday(match[1])
        ahead = 0 if named is None else (named - today.weekday()) % 7
        return None if named is None else today + timedelta(days=ahead + (7 if match[2] else 0))
    words = re.sub(r"^(?:the|le) ", "", words).replace(" prochaine", " prochain")
    return _read(words, today)


def _read(words: str, today: date) -> date | None:
    try:
        return read_date(words, today)
    except UsageError:
        pass
    match = re.fullmatch(r"(\d{1,2})/(\d{1,2})((?:/\d{2,4})?)", words)  # 24/12 where the language would say 12/24
    if match is None:
        return None
    try:
        return read_date(f"{match[2]}/{match[1]}{match[3]}", today)
    except UsageError:
        return None


# repetitions ---------------------------------------------------------------------------------------------------

_LIST = rf"{WEEKDAY}s?(?:(?:, ?| and | et | & |/| ){WEEKDAY}s?)*"
_EVERY = r"(?:every|each|chaque|tous les|toutes les) (other |deux |\d{1,2} )?"
_DAILY, _WEEKLY = PatternKind.DAILY, PatternKind.WEEKLY
_MONTHLY, _YEARLY = PatternKind.MONTHLY_DAY, PatternKind.YEARLY_DAY
_KINDS = {
    **dict.fromkeys(("day", "jour"), _DAILY),
    **dict.fromkeys(("week", "semaine"), _WEEKLY),
    **dict.fromkeys(("month", "mois"), _MONTHLY),
    **dict.fromkeys(("year", "annee", "an"), _YEARLY),
}
_ALONE = {
    **dict.fromkeys(("daily", "quotidien"), _DAILY),
    **dict.fromkeys(("weekly", "hebdomadaire"), _WEEKLY),
    **dict.fromkeys(("monthly", "mensuel"), _MONTHLY),
    **dict.fromkeys(("yearly", "annually", "annuel"), _YEARLY),
}


def take_repetition(line: Line, today: date) -> Repetition | None:
    """`every weekday`, `every 2 weeks`, `tous les lundis`, `chaque mois`, with `until DATE` or `10 times`."""
    found = _workdays(line) or _named_days(line) or _periods(line)
    return _ended(line, found, today) if found else None


def _workdays(line: Line) -> Repetition | None:
    match = line.find(
        r"(?:every|each) (?:weekday|working day|workday)s?|(?:tous les|chaque) jours? (?:ouvres?|ouvrables?|de semaine)"
    )
    if match is None:
        return None
    line.take(match)
    return Repetition(PatternKind.EVERY_WEEKDAY, days=WEEKDAYS)


def _named_days(line: Line) -> Repetition | None:
    match = line.find(rf"{_EVERY}({_LIST})")
    if match is None:
        return None
    words = re.findall(WEEKDAY, match[2])
    days = tuple(sorted({day for word in words if (day := weekday(word)) is not None}))
    line.take(match)
    return Repetition(PatternKind.WEEKLY, _interval(match[1]), days)


def _periods(line: Line) -> Repetition | None:
    match = line.find(rf"{_EVERY}(day|jour|week|semaine|month|mois|year|annee|an)(?:e?s)?")
    if match is not None:
        unit, interval = _KINDS[match[2]], _interval(match[1])
    else:
        match = line.find(rf"({'|'.join(_ALONE)})(?:le)?")
        if match is None:
            return None
        unit, interval = _ALONE[match[1]], 1
    line.take(match)
    return Repetition(unit, interval)


def _interval(word: str | None) -> int:
    text = (word or "").strip()
    return 2 if text in ("other", "deux") else int(text) if text else 1


def _ended(line: Line, found: Repetition, today: date) -> Repetition:
    if match := line.find(r"(?:for )?(\d{1,3}) (?:times|fois|occurrences)"):
        line.take(match)
        return replace(found, count=int(match[1]))
    for match in line.every(rf"(?:until|till|jusqu'au|jusqu'a) (?:the |le )?({_ONE})"):
        if day := _day(match[1], today):
            line.take(match)
            return replace(found, until=day)
    return found
