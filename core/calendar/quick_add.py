"""Quick add: one line, in English or French, as an event.

`lunch with Bruno tomorrow 12:30-13:30 @ canteen !private` · `déjeuner demain 12h30` · `dentist fri 9 for 45m` ·
`holiday 24.12.-31.12. all day` · `standup every weekday 9:15-9:30` · `réunion lundi prochain à 14 h salle Curie`

What is understood is taken out of the line, the rest is the title. Both languages are always understood; the person's
own decides what 11/12 is. Words in quotes belong to the title. Where a line could mean two things the answer says so.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from core.calendar.event import BusyStatus, Event, Moment, Sensitivity
from core.calendar.patterns import pattern_words, rule_of
from core.calendar.quick_days import Days, Repetition, take_days, take_repetition
from core.calendar.quick_line import TAKEN, Line
from core.calendar.quick_times import Times, take_duration, take_times
from core.calendar.status import status_word
from core.errors import UsageError
from core.language import _
from core.language.dates import date_span, long_date, time_of_day, time_span
from core.values import dataclass

LENGTH = timedelta(minutes=30)
"""How long a meeting is when nothing says so (Outlook's default)."""

_FLAGS: dict[str, BusyStatus | Sensitivity] = {
    **dict.fromkeys(("private", "prive", "privee"), Sensitivity.PRIVATE),
    **dict.fromkeys(("tentative", "provisoire", "maybe"), BusyStatus.TENTATIVE),
    **dict.fromkeys(("free", "libre", "disponible"), BusyStatus.FREE),
    **dict.fromkeys(("busy", "occupe", "occupee"), BusyStatus.BUSY),
    **dict.fromkeys(("out", "oof", "out-of-office", "absent", "absente"), BusyStatus.OUT_OF_OFFICE),
    **dict.fromkeys(("elsewhere", "working-elsewhere", "ailleurs"), BusyStatus.WORKING_ELSEWHERE),
}
_ALL_DAY = r"all[ -]day|whole day|(?:toute )?la journee(?: entiere)?|toute la journee|journee entiere"
_PLACE = rf"(?:(?<=\s)|(?<=^)|(?<={TAKEN}))@ ?([^{TAKEN}]+)"
_PLACE_WORDS = re.compile(
    r"(?:in|at|au|aux|a la|a|dans(?: la| le)?) |(?:a|dans) l'|(?=(?:chez|salle|room|bureau|amphi) )"
)
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_NAME = r"[^\W\d_a-z][\w'-]*(?: [^\W\d_a-z][\w'-]*)*"
_PEOPLE = re.compile(rf"\b(?:with|avec)\s+({_NAME}(?:\s*(?:,|&|\band\b|\bet\b)\s*{_NAME})*)")
_EDGES = re.compile(
    r"^(?:(?:,|;|-|:)\s*)+|(?:\s*(?:,|;|-|:))+$|(?<!\S)(?:on|at|from|the|le|du|de|a|à|au|for|pour|every)$",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"[\"“«]\s*(.+?)\s*[\"”»]")


@dataclass(frozen=True, slots=True)
class QuickEvent:
    """What a line means. `people` are names as they stand in the title, `addresses` mail addresses in it."""

    title: str
    start: Moment
    end: Moment
    place: str = ""
    people: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    status: BusyStatus | None = None
    private: bool = False
    rule: str = ""
    repetition: str = ""
    """The rule in words."""
    guessed: bool = False
    """A bare 1 to 6 was taken for the afternoon."""

    @property
    def all_day(self) -> bool:
        """Whether it covers whole days."""
        return not isinstance(self.start, datetime)

    @property
    def words(self) -> str:
        """The reading, to be shown while one types: `lunch · Monday, November 23, 2026, 12:30 PM – 1:00 PM · hall`."""
        status = status_word(self.status) if self.status else ""
        private = _("private") if self.private else ""
        return " · ".join(filter(None, (self.title, self._when(), self.repetition, self.place, status, private)))

    def _when(self) -> str:
        if not isinstance(self.start, datetime) or not isinstance(self.end, datetime):
            last = self.end - timedelta(days=1)
            return _("{days}, all day").format(days=date_span(_day(self.start), _day(last)))
        if self.start.date() == self.end.date():
            return f"{long_date(self.start)}, {time_span(self.start, self.end)}"
        return f"{long_date(self.start)}, {time_of_day(self.start)} – {long_date(self.end)}, {time_of_day(self.end)}"

    def event(self) -> Event:
        """As an event without a UID."""
        default = BusyStatus.FREE if self.all_day else BusyStatus.BUSY  # Outlook shows all-day events as free
        return Event(
            uid="",
            start=self.start,
            end=self.end,
            title=self.title,
            place=self.place,
            status=self.status or default,
            sensitivity=Sensitivity.PRIVATE if self.private else None,
            rrule=self.rule,
        )


def read_quick(text: str, now: datetime, at: tuple[Moment, Moment] | None = None) -> QuickEvent:
    """Read a line; `now` (aware) says what today is and in which zone times are meant.

    `at` is the time that a person points at: its day holds where the line names none, all of it where it names neither
    a day nor a time.

    Raises UsageError, in words for a person, when it says no time, or could mean two things.
    """
    line = Line(text)
    quoted = _take_quoted(line)
    flags = _take_flags(line)
    whole = line.find(_ALL_DAY)
    if whole is not None:
        line.take(whole)
    repetition = take_repetition(line, now.date())
    length = take_duration(line)
    days, times = _take_when(line, now.date())
    start, end = _span(days, times, repetition, _Said(now, whole is not None, length, at))
    place = _take_place(line)
    title = " ".join(filter(None, [quoted, *_titles(line)]))
    if not title:
        raise UsageError(_("What is it?"), _("Write it as “lunch tomorrow 12:30”."))
    found = QuickEvent(
        title,
        start,
        end,
        place,
        _people(title),
        tuple(_ADDRESS.findall(title)),
        flags.status,
        flags.private,
        guessed=times is not None and times.guessed,
    )
    return _repeated(found, repetition)


def _take_quoted(line: Line) -> str:
    match = _QUOTED.search(line.text)
    if match is None:
        return ""
    line.cut(match.start(), match.end())
    return match[1]


@dataclass(frozen=True, slots=True)
class _Flags:
    status: BusyStatus | None = None
    private: bool = False


def _take_flags(line: Line) -> _Flags:
    found = _Flags()
    while match := re.search(r"(?<!\S)!([a-z][a-z-]*)", line.plain):
        flag = _FLAGS.get(match[1])
        shown = line.take(match)
        if flag is None:
            raise UsageError(
                _("“{flag}” is not known.").format(flag=shown),
                _("These are: {flags}.").format(flags="!private !tentative !free !busy !out !elsewhere"),
            )
        found = replace(found, private=True) if isinstance(flag, Sensitivity) else replace(found, status=flag)
    return found


def _take_when(line: Line, today: date) -> tuple[Days | None, Times | None]:
    """Days first: `3-5 December` is no time of day, and `fri 9` is."""
    days = take_days(line, today)
    times = take_times(line, days.half if days else "")
    if days is not None and days.half and times is None:
        raise UsageError(_("At what time?"), _("Write the time too, as 20:00 or 8 pm."))
    return days, times


@dataclass(frozen=True, slots=True)
class _Said:
    """What else decides when it is."""

    now: datetime
    all_day: bool
    length: timedelta | None
    at: tuple[Moment, Moment] | None = None


def _span(days: Days | None, times: Times | None, repetition: Repetition | None, said: _Said) -> tuple[Moment, Moment]:
    """Start and end (exclusive; dates where it is all day). Raises UsageError for what is missing or said twice."""
    if days is None and times is None and not said.all_day and repetition is None:
        if said.at is not None:
            return _pointed_at(said.at, said.length)
        raise UsageError(_("When is it?"), _("Write a day or a time, as tomorrow 12:30."))
    if times is not None and said.all_day:
        raise UsageError(_("It cannot be all day and at a time."), _("Leave one out."))
    first, last = _first_and_last(days, times, repetition, said)
    if times is None:
        count = said.length // timedelta(days=1) if said.length else 0
        if said.length and said.length % timedelta(days=1):
            raise UsageError(_("When does it begin?"), _("Write the time too, as tomorrow 12:30 for 45m."))
        return first, max(last + timedelta(days=1), first + timedelta(days=count))
    start = _at(first, times.start, said.now)
    if said.length is not None and times.end is not None:
        raise UsageError(_("It has an end and a duration."), _("Leave one out."))
    if times.end is not None:
        return start, _at(last, times.end, said.now)
    if last > first:
        raise UsageError(_("When does it end on the last day?"), _("Write both times, as 24.12.-26.12. 9:00-17:00."))
    return start, (start.astimezone(UTC) + (said.length or LENGTH)).astimezone(start.tzinfo)


def _pointed_at(at: tuple[Moment, Moment], length: timedelta | None) -> tuple[Moment, Moment]:
    """The time that a person points at, as long as the line says."""
    start, end = at
    if length is None:
        return start, end
    if isinstance(start, datetime):
        return start, (start.astimezone(UTC) + length).astimezone(start.tzinfo)
    if length % timedelta(days=1):
        raise UsageError(_("When does it begin?"), _("Write the time too, as tomorrow 12:30 for 45m."))
    return start, start + length


def _first_and_last(
    days: Days | None, times: Times | None, repetition: Repetition | None, said: _Said
) -> tuple[date, date]:
    if days is not None:
        return days.first, days.last
    today = said.now.date()
    past = times is not None and times.start <= said.now.hour * 60 + said.now.minute
    first = today + timedelta(days=1) if past else today
    if said.at is not None:
        first = _day(said.at[0])
    first = repetition.first_day(first) if repetition else first
    return first, first


def _at(day: date, minutes: int, now: datetime) -> datetime:
    at = datetime.combine(day, time()) + timedelta(minutes=minutes)
    return at.replace(tzinfo=now.tzinfo)


def _take_place(line: Line) -> str:
    """What follows an @, else what follows the time and begins like a place."""
    match = re.search(_PLACE, line.plain)
    if match is not None:
        return line.take(match).lstrip("@ ").strip(" ,;.")
    for piece in re.finditer(rf"(?<={TAKEN})(?: |,)*([^{TAKEN}]+)", line.plain):
        words = _PLACE_WORDS.match(line.plain, piece.start(1), piece.end(1))
        if words is not None and not _ADDRESS.search(line.text, piece.start(1), piece.end(1)):
            line.cut(piece.start(), piece.end())
            return line.text[words.end() : piece.end(1)].strip(" ,;.")
    return ""


def _titles(line: Line) -> list[str]:
    found = []
    for piece in line.pieces():
        words, before = piece, ""
        while words != before:
            before, words = words, _EDGES.sub("", words).strip()
        if words:
            found.append(words)
    return found


def _people(title: str) -> tuple[str, ...]:
    match = _PEOPLE.search(title)
    return tuple(re.findall(_NAME, match[1])) if match else ()


def _repeated(found: QuickEvent, repetition: Repetition | None) -> QuickEvent:
    if repetition is None:
        return found
    pattern = repetition.pattern(_day(found.start))
    return replace(found, rule=rule_of(pattern, found.start), repetition=pattern_words(pattern))


def _day(moment: Moment) -> date:
    return moment.date() if isinstance(moment, datetime) else moment
