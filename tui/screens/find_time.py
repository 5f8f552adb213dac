"""Find a time: whose calendars, how long, when; and the common free times as a list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Checkbox, Input, OptionList, Static
from textual.widgets.option_list import Option

from core.calendar.durations import parse_duration
from core.calendar.people import Address, parse_addresses
from core.calendar.span import DateRange, TimeSpan, days_from
from core.errors import PartagendaError, UsageError
from core.language import N_, _, ngettext
from core.language.dates import day_and_month, day_name, short_date, time_of_day, week_days
from core.language.typed_date import read_date
from core.ports.calendars import CalendarInfo
from core.services.find_time import FreeTime, TimeRequest
from core.values import dataclass
from tui.screens.dialog import DialogButton
from tui.screens.full_screen import FullScreen
from tui.text import clean, plain
from tui.widgets.form import Caption, TextLine, Tick
from tui.widgets.marked_list import MarkedList
from tui.widgets.recipients_field import RecipientsField

if TYPE_CHECKING:
    from core.bootstrap import Services

DAYS = 14
"""How many days are looked at first."""
PAUSE = 0.25
"""Seconds without a key before it is looked again."""


@dataclass(frozen=True, slots=True)
class Found:
    """The time that was chosen, in the person's zone, and the people it is for."""

    start: datetime
    end: datetime
    people: tuple[Address, ...]


@dataclass(frozen=True, slots=True)
class InPanes:
    """The person wants to see what was found in the panes; `at` is the suggestion or the marked time."""

    found: FreeTime
    at: TimeSpan | None


class FindTimeScreen(FullScreen[Found | InPanes]):
    """Looks again at each change of a field. Enter on a time ends with it; it is as long as the duration says."""

    CSS_PATH = "find_time.tcss"
    AUTO_FOCUS: ClassVar[str | None] = "#slots"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f9", "take", N_("Make a meeting"), id="find.take", show=False, priority=True),
        Binding("n", "suggest(1)", N_("Next suggestion"), id="find.next", show=False),
        Binding("p", "suggest(-1)", N_("Suggestion before"), id="find.previous", show=False),
        Binding("v", "show", N_("In the calendars"), id="find.show", show=False),
        Binding("j", "walk(1)", N_("Next"), id="find.down", show=False),
        Binding("k", "walk(-1)", N_("Before"), id="find.up", show=False),
    ]

    def __init__(self, services: Services, shown: Sequence[str], first: date) -> None:
        super().__init__(_("Find a Time"), id="find-time")
        self._services = services
        self._shown = tuple(shown)
        self._zone = services.clock.zone
        self._today = services.clock.now().date()
        self._first = max(first, self._today)
        self._calendars: Sequence[CalendarInfo] = ()
        self._found: FreeTime | None = None
        self._sure: tuple[TimeSpan, ...] = ()
        self._perhaps: tuple[TimeSpan, ...] = ()
        self._suggestion: TimeSpan | None = None

    def facts(self) -> str:
        """What counts."""
        return _("Working elsewhere counts as free; what is unknown is never free.")

    # -- the fields

    def compose_body(self) -> ComposeResult:
        """What is looked for at the left, what was found at the right or below."""
        with Horizontal(id="find-split"):
            with VerticalScroll(id="find-form", can_focus=False):
                yield Static(plain(_("Calendars")), classes="find-head", markup=False)
                yield Vertical(id="find-calendars")
                yield Static(plain(_("People")), classes="find-head", markup=False)
                yield RecipientsField(self._services.people.complete, id="people")
                yield from self._compose_when()
            with Vertical(id="find-result"):
                yield Static("", id="suggestion", markup=False)
                yield MarkedList(id="slots", markup=False, compact=True)
                yield Static("", id="find-notes", classes="note", markup=False)

    def _compose_when(self) -> ComposeResult:
        for caption, name, text in (
            (_("&Length"), "duration", "30m"),
            (_("&From"), "first", short_date(self._first)),
            (_("&To"), "last", short_date(self._first + timedelta(days=DAYS - 1))),
            (_("&Margin"), "margin", ""),
        ):
            with Horizontal(classes="row"):
                yield Caption(caption, name)
                yield TextLine(text, id=name, select_on_focus=True)
        yield Tick(_("Only my &working hours"), True, id="hours")
        yield Tick(_("Tentative counts as f&ree"), False, id="tentative")
        with Horizontal(id="find-days"):
            for day in week_days():
                yield Tick(day_name(day, short=True).rstrip("."), True, id=f"day-{day}")

    def buttons(self) -> Sequence[DialogButton]:
        """Make a meeting, suggestions, back."""
        return (
            DialogButton("take", _("Make a meeting"), main=True),
            DialogButton("previous", "<<"),
            DialogButton("next", ">>"),
            DialogButton("show", _("In the calendars")),
            DialogButton("back", _("Back")),
        )

    def keys(self) -> Sequence[tuple[str, str]]:
        """What works in the list."""
        return (
            (_("Enter"), _("Meeting")),
            ("N", _("Next")),
            ("P", _("Before")),
            ("V", _("In the calendars")),
            (_("Esc"), _("Back")),
        )

    @work(group="calendars", exclusive=True, exit_on_error=False)
    async def on_mount(self) -> None:
        """The calendars to choose from; those that are shown are ticked."""
        self._calendars = [info for info in await self._services.library.calendars() if not info.problem]
        box = self.query_one("#find-calendars", Vertical)
        ticks = [
            Tick("", info.id in self._shown, id=f"calendar-{number}") for number, info in enumerate(self._calendars)
        ]
        for tick, info in zip(ticks, self._calendars, strict=True):
            tick.label = plain(clean(info.name))  # an “&” in a name is no mark
        await box.mount(*ticks)
        self._look()

    def _request(self) -> TimeRequest:
        """What is looked for. Raises UsageError for the first field that is wrong."""
        ticked = [
            info.id for number, info in enumerate(self._calendars) if self.query_one(f"#calendar-{number}", Tick).value
        ]
        weekdays = frozenset(day for day in range(7) if self.query_one(f"#day-{day}", Tick).value)
        margin = self._text("margin")
        return TimeRequest(
            who=(*ticked, *(address.address for address in self._people())),
            days=self._days(),
            duration=parse_duration(self._text("duration")),
            weekdays=frozenset() if len(weekdays) == 7 else weekdays or _no_day(),
            margin=parse_duration(margin) if margin and margin != "0" else timedelta(),
            working_hours=self.query_one("#hours", Tick).value,
            tentative_is_free=self.query_one("#tentative", Tick).value,
        )

    def _days(self) -> DateRange:
        first, last = (read_date(self._text(name), self._today) for name in ("first", "last"))
        if (last - first).days > 366:
            raise UsageError(_("That is too long."), _("Look at a year at most."))
        return DateRange(first, last) if last >= first else days_from(first, 1)

    def _people(self) -> tuple[Address, ...]:
        return tuple(parse_addresses(self.query_one("#people", RecipientsField).text))

    def _text(self, name: str) -> str:
        return self.query_one(f"#{name}", Input).value.strip()

    # -- looking

    @on(Input.Changed)
    @on(Checkbox.Changed)
    @on(RecipientsField.Changed)
    def _changed(self) -> None:
        if self._calendars:
            self._look(PAUSE)

    @work(group="look", exclusive=True, exit_on_error=False)
    async def _look(self, pause: float = 0.0) -> None:
        """Look again; the newest wish wins."""
        import asyncio

        await asyncio.sleep(pause)
        try:
            self._found = await self._services.find_time.find(self._request())
        except PartagendaError as error:
            self._found = None
            self.show_error(error)
        else:
            self.show_error("")
        self._suggestion = None
        self._show()

    def _show(self) -> None:
        found, slots = self._found, self.query_one("#slots", OptionList)
        slots.clear_options()
        notes: tuple[str, ...] = ()
        if found is not None:
            self._sure = self._to_come(found.slots)
            self._perhaps = self._to_come(found.perhaps)
            slots.add_options([Option(plain(self._words(span))) for span in self._sure])
            slots.add_options([Option(plain(f"{self._words(span)}  {_('perhaps')}")) for span in self._perhaps])
            notes = found.notes(self._services.clock.now())
            slots.highlighted = 0 if slots.option_count else None
        self.query_one("#find-notes", Static).update(plain("\n".join(notes), newline=True))
        self._say_suggestion()

    @property
    def _spans(self) -> tuple[TimeSpan, ...]:
        return (*self._sure, *self._perhaps) if self._found else ()

    def _to_come(self, spans: Sequence[TimeSpan]) -> tuple[TimeSpan, ...]:
        """What is left of them from the next quarter of an hour on."""
        now, quarter = self._services.clock.now().astimezone(UTC), timedelta(minutes=15)
        first = now + (datetime.min.replace(tzinfo=UTC) - now) % quarter
        length = self._found.request.duration if self._found else quarter
        left = [TimeSpan(max(span.start, first), span.end) for span in spans if span.end - length >= first]
        return tuple(left)

    def _words(self, span: TimeSpan) -> str:
        start, end = span.start.astimezone(self._zone), span.end.astimezone(self._zone)
        last = time_of_day(end) if start.date() == end.date() else f"{day_and_month(end)} {time_of_day(end)}"
        return f"{day_and_month(start)}  {time_of_day(start)} – {last}"

    def _say_suggestion(self) -> None:
        if self._suggestion is not None:
            text = _("Suggestion: {when}").format(when=self._words(self._suggestion))
        elif self._found is None:
            text = ""
        elif self._spans:
            count = len(self._sure)
            text = ngettext("{count} free time for everybody", "{count} free times for everybody", count)
            text = text.format(count=count)
        else:
            text = _("No common free time is that long.")
        self.query_one("#suggestion", Static).update(plain(text))

    # -- choosing

    def action_suggest(self, by: int) -> None:
        """AutoPick: the next or the previous time at which everybody is free."""
        if self._found is None:
            return
        at = self._suggestion.start if self._suggestion else self._services.clock.now() - timedelta(minutes=1)
        span = self._found.next(at) if by > 0 else self._found.previous(at)
        if span is None:
            self.show_error(_("There is no further suggestion in these days."))
            return
        self.show_error("")
        self._suggestion = span
        self._mark(span)
        self._say_suggestion()

    def _mark(self, wanted: TimeSpan) -> None:
        """The cursor goes to the free time that holds the suggestion."""
        for number, span in enumerate(self._spans):
            if span.start <= wanted.start < span.end:
                slots = self.query_one("#slots", OptionList)
                with slots.prevent(OptionList.OptionHighlighted):
                    slots.highlighted = number
                return

    def action_walk(self, by: int) -> None:
        """Up and down with letters."""
        slots = self.query_one("#slots", OptionList)
        (slots.action_cursor_down if by > 0 else slots.action_cursor_up)()

    @on(OptionList.OptionHighlighted, "#slots")
    def _walked(self) -> None:
        if self._suggestion is not None:
            self._suggestion = None
            self._say_suggestion()

    @on(OptionList.OptionSelected, "#slots")
    def _chosen(self) -> None:
        self.action_take()

    def action_take(self) -> None:
        """End with the suggestion, else with the beginning of the marked time."""
        try:
            request = self._request()
            at = self.query_one("#slots", OptionList).highlighted
            if self._found is None or at is None:
                raise UsageError(_("No time is chosen."), _("Choose others, or other days."))
            start = (self._suggestion or self._spans[at]).start.astimezone(self._zone)
            people = self._invited(request)
        except PartagendaError as error:
            self.show_error(error)
            return
        end = (start.astimezone(UTC) + request.duration).astimezone(self._zone)
        self.dismiss(Found(start, end, people))

    def action_show(self) -> None:
        """End with everything that was found, to be seen as a band in the panes."""
        if self._found is None:
            return
        at = self.query_one("#slots", OptionList).highlighted
        marked = self._spans[at] if at is not None else None
        length = self._found.request.duration
        first = TimeSpan(marked.start, marked.start + length) if marked else None
        self.dismiss(InPanes(self._found, self._suggestion or first))

    def _invited(self, request: TimeRequest) -> tuple[Address, ...]:
        """Those in the line, and the owners of the calendars of others."""
        return people_for(self._calendars, request, self._people())

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self.query_one("#slots", OptionList).focus()

    def pressed(self, button: str) -> None:
        """Make a meeting, suggestions, back."""
        match button:
            case "take":
                self.action_take()
            case "next":
                self.action_suggest(1)
            case "previous":
                self.action_suggest(-1)
            case "show":
                self.action_show()
            case _other:
                self.action_back()


def people_for(
    calendars: Sequence[CalendarInfo], request: TimeRequest, named: Sequence[Address] = ()
) -> tuple[Address, ...]:
    """Who is to be invited: those who were named, and the owners of the calendars of others."""
    owners = [info.owner for info in calendars if info.id in request.who and "@" in info.owner]
    addressed = [Address(who) for who in request.who if "@" in who and not any(info.id == who for info in calendars)]
    people = {address.key: address for address in (*named, *map(Address, owners), *addressed)}
    return tuple(people.values())


def _no_day() -> frozenset[int]:
    raise UsageError(_("Choose at least one day of the week."))
