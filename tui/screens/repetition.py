"""Appointment Recurrence: Outlook's patterns, the rule as text, and the next five dates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, tzinfo
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widgets import Checkbox, Input, Select, Static

from core.calendar.event import Moment
from core.calendar.patterns import (
    EVERY_DAY,
    WEEKDAYS,
    WEEKEND,
    Pattern,
    PatternKind,
    pattern_of,
    rule_of,
    rule_words,
    suggested,
)
from core.errors import UsageError
from core.language import N_, _
from core.language.dates import day_and_month, day_name, first_weekday, month_name, short_date, week_days
from core.language.typed_date import read_date
from core.services.edit_series import checked_rule, next_dates
from tui.screens.dialog import DialogButton
from tui.screens.form_dialog import FormDialog
from tui.text import plain
from tui.widgets.form import Caption, Choice, TextLine, Tick

NONE, RULE = "none", "rule"
_KINDS = {
    NONE: N_("Does not repeat"),
    PatternKind.DAILY.value: N_("Daily"),
    PatternKind.EVERY_WEEKDAY.value: N_("Every weekday"),
    PatternKind.WEEKLY.value: N_("Weekly"),
    PatternKind.MONTHLY_DAY.value: N_("Monthly, on a day"),
    PatternKind.MONTHLY_PLACE.value: N_("Monthly, on the first, second … last"),
    PatternKind.YEARLY_DAY.value: N_("Yearly, on a day"),
    PatternKind.YEARLY_PLACE.value: N_("Yearly, on the first, second … last"),
    RULE: N_("By a rule"),
}
_PLACE_WORDS = {1: N_("first"), 2: N_("second"), 3: N_("third"), 4: N_("fourth"), -1: N_("last")}
_UNITS = {
    PatternKind.DAILY.value: N_("days"),
    PatternKind.WEEKLY.value: N_("weeks"),
    PatternKind.MONTHLY_DAY.value: N_("months"),
    PatternKind.MONTHLY_PLACE.value: N_("months"),
    PatternKind.YEARLY_DAY.value: N_("years"),
    PatternKind.YEARLY_PLACE.value: N_("years"),
}
_ON_DAY = (PatternKind.MONTHLY_DAY, PatternKind.YEARLY_DAY)
_ON_PLACE = (PatternKind.MONTHLY_PLACE, PatternKind.YEARLY_PLACE)
_YEARLY = (PatternKind.YEARLY_DAY, PatternKind.YEARLY_PLACE)


class RepetitionDialog(FormDialog[str]):
    """Returns the rule (RRULE's value), empty for none. `start` is when the series begins."""

    CSS_PATH = "repetition.tcss"
    AUTO_FOCUS: ClassVar[str | None] = "#kind"
    BINDINGS: ClassVar[list[BindingType]] = []

    def __init__(self, start: Moment, rule: str, today: date, zone: tzinfo) -> None:
        super().__init__(_("Appointment Recurrence"), id="repetition")
        self._start = start
        self._rule = rule
        self._today = today
        self._zone = zone
        self._known = pattern_of(rule, start) if rule else None
        self._first = _defaults(self._known, suggested(PatternKind.WEEKLY, start))

    # -- the fields

    def compose_body(self) -> ComposeResult:
        """Pattern, what it needs, its end, and what comes of it."""
        kind = self._known.kind.value if self._known else RULE if self._rule else NONE
        with Horizontal(classes="row"):
            yield Caption(_("&Pattern"), "kind")
            yield Choice([(_(words), name) for name, words in _KINDS.items()], kind, id="kind")
        with Horizontal(classes="row", id="every-row"):
            yield Caption(_("&Every"), "every")
            yield TextLine(str(self._first.interval), id="every", select_on_focus=True)
            yield Static("", id="unit", markup=False)
        with Horizontal(classes="row", id="days-row"):
            yield Caption(_("On"), f"day-{week_days()[0]}")
            for day in week_days():
                yield Tick(day_name(day, short=True).rstrip("."), day in self._first.days, id=f"day-{day}")
        yield from self._compose_month()
        yield from self._compose_end()
        with Horizontal(classes="row", id="rule-row"):
            yield Caption(_("&Rule"), "rule")
            yield TextLine(self._rule, id="rule")
        yield Static("", id="outcome", classes="note spaced", markup=False)

    def _compose_month(self) -> ComposeResult:
        with Horizontal(classes="row", id="place-row"):
            yield Caption(_("&On the"), "place")
            yield Choice([(_(words), place) for place, words in _PLACE_WORDS.items()], self._first.place, id="place")
            counted = self._first.days if self._first.days in (EVERY_DAY, WEEKDAYS, WEEKEND) else self._first.days[:1]
            yield Choice(_counted(), counted, id="counted")
        with Horizontal(classes="row", id="day-row"):
            yield Caption(_("On &day"), "day")
            yield TextLine(str(self._first.day), id="day", select_on_focus=True)
            yield Static(plain(_("31 is the last day")), classes="beside", markup=False)
        with Horizontal(classes="row", id="month-row"):
            yield Caption(_("&Month"), "month")
            yield Choice([(month_name(n), n) for n in range(1, 13)], self._first.month, id="month")

    def _compose_end(self) -> ComposeResult:
        end = "count" if self._first.count else "until" if self._first.until else "never"
        with Horizontal(classes="row", id="end-row"):
            yield Caption(_("E&nds"), "end")
            choices = [(_("Never"), "never"), (_("After a number of times"), "count"), (_("By a date"), "until")]
            yield Choice(choices, end, id="end")
        with Horizontal(classes="row", id="count-row"):
            yield Caption(_("&Times"), "count")
            yield TextLine(str(self._first.count or 10), id="count", select_on_focus=True)
        with Horizontal(classes="row", id="until-row"):
            yield Caption(_("&Last day"), "until")
            yield TextLine(short_date(self._first.until or self._later()), id="until", select_on_focus=True)

    def _later(self) -> date:
        """A day to begin with: ten weeks on."""
        day = self._start.date() if isinstance(self._start, datetime) else self._start
        return date.fromordinal(min(day.toordinal() + 70, date.max.toordinal()))

    def buttons(self) -> Sequence[DialogButton]:
        """OK, none, cancel."""
        return (
            DialogButton("ok", _("OK"), main=True),
            DialogButton("remove", _("Remo&ve recurrence")),
            DialogButton("cancel", _("Cancel")),
        )

    def pressed(self, button: str) -> None:
        """No repetition."""
        if button == "remove":
            self.dismiss("")

    # -- what they say

    @property
    def _kind(self) -> str:
        return str(self.query_one("#kind", Choice).chosen)

    def result(self) -> str:
        """The rule. Raises UsageError."""
        if self._kind == NONE:
            return ""
        if self._kind == RULE:
            rule = checked_rule(self._text("rule"))
            if not rule:
                raise UsageError(_("Which rule?"), _("Write it as FREQ=WEEKLY;BYDAY=MO,TH."))
            return rule
        return rule_of(self._pattern(), self._start)

    def _pattern(self) -> Pattern:
        kind = PatternKind(self._kind)
        base = Pattern(kind, days=WEEKDAYS) if kind is PatternKind.EVERY_WEEKDAY else self._in_kind(kind)
        match str(self.query_one("#end", Choice).chosen):
            case "count":
                return replace(base, count=_number(self._text("count")))
            case "until":
                return replace(base, until=read_date(self._text("until"), self._today))
            case _:
                return base

    def _in_kind(self, kind: PatternKind) -> Pattern:
        days: tuple[int, ...] = ()
        if kind is PatternKind.WEEKLY:
            days = tuple(day for day in range(7) if self.query_one(f"#day-{day}", Tick).value)
        elif kind in _ON_PLACE:
            days = self.query_one("#counted", Choice).chosen
        return Pattern(
            kind,
            interval=_number(self._text("every")),
            days=days,
            day=_number(self._text("day")) if kind in _ON_DAY else 1,
            place=self.query_one("#place", Choice).chosen,
            month=self.query_one("#month", Choice).chosen,
            week_start=self._first.week_start if self._known else first_weekday(),
        )

    def _text(self, name: str) -> str:
        return self.query_one(f"#{name}", Input).value

    # -- showing

    def on_mount(self) -> None:
        """Show what the pattern needs."""
        super().on_mount()
        self._show()

    @on(Input.Changed)
    @on(Select.Changed)
    @on(Checkbox.Changed)
    def _changed(self) -> None:
        self.show_error("")
        self._show()

    def _show(self) -> None:
        kind = self._kind
        shown = {
            "every-row": kind in _UNITS,
            "days-row": kind == PatternKind.WEEKLY,
            "place-row": kind in _ON_PLACE,
            "day-row": kind in _ON_DAY,
            "month-row": kind in _YEARLY,
            "end-row": kind not in (NONE, RULE),
        }
        end = str(self.query_one("#end", Choice).chosen) if shown["end-row"] else ""
        shown |= {"count-row": end == "count", "until-row": end == "until", "rule-row": kind == RULE}
        for name, visible in shown.items():
            self.query_one(f"#{name}").display = visible
        self.query_one("#unit", Static).update(plain(_(_UNITS[kind]) if kind in _UNITS else ""))
        self.query_one("#outcome", Static).update(plain(self._outcome(), newline=True))

    def _outcome(self) -> str:
        """The rule in words and as text, and the next five dates; or why there are none yet."""
        try:
            rule = self.result()
            if not rule:
                return ""
            dates = next_dates(rule, self._start, zone=self._zone)
        except UsageError as error:
            return f"{error.message} {error.hint}".strip()
        words = " · ".join(f"{day_and_month(moment)} {moment.year}" for moment in dates)
        first = [] if self._kind == RULE else [rule]
        return "\n".join([rule_words(rule, self._start), *first, _("Next: {dates}").format(dates=words)])


def _defaults(known: Pattern | None, usual: Pattern) -> Pattern:
    """What the fields show first: what the pattern says, and what fits the start where it says nothing."""
    if known is None:
        return usual
    return replace(
        known,
        days=known.days or usual.days,
        day=known.day if known.kind in _ON_DAY else usual.day,
        place=known.place if known.kind in _ON_PLACE else usual.place,
        month=known.month if known.kind in _YEARLY else usual.month,
    )


def _counted() -> list[tuple[str, tuple[int, ...]]]:
    """What a place counts: any day, weekdays, days of the weekend, or one day of the week."""
    single = [(day_name(day), (day,)) for day in week_days()]
    return [(_("day"), EVERY_DAY), (_("weekday"), WEEKDAYS), (_("weekend day"), WEEKEND), *single]


def _number(text: str) -> int:
    try:
        return int(text.strip())
    except ValueError:
        raise UsageError(_("“{text}” is not a number.").format(text=text.strip()[:20])) from None
