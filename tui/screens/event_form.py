"""The form of an appointment: Outlook's fields, for a new event or one that is changed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import field, replace
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Checkbox, Input, Static, TextArea

from core.calendar.event import Alarm, BusyStatus, Event, Moment
from core.calendar.event_change import length_of
from core.calendar.event_form import (
    REMINDERS,
    TimeFields,
    Trigger,
    alarms_for,
    categories_of,
    default_status,
    invited,
    organized,
    same_length,
    sensitivity_for,
    time_fields,
    trigger_of,
)
from core.calendar.patterns import rule_words
from core.calendar.people import Address
from core.calendar.status import status_word
from core.errors import PartagendaError, UsageError
from core.language import N_, _, ngettext
from core.ports.world import Clock
from core.services.attachments import AttachedFiles
from core.values import dataclass
from tui.screens.acting import ActingDialog
from tui.screens.attachments import AttachmentsDialog
from tui.screens.confirm import ConfirmDialog
from tui.screens.dialog import DialogButton
from tui.screens.event_details import alarm_text, when_text
from tui.screens.repetition import RepetitionDialog
from tui.text import clean, plain
from tui.widgets.form import Caption, Choice, LetterButton, OwnWords, TextLine, Tick
from tui.widgets.recipients_field import Complete, RecipientsField
from tui.wording import attachment_text


@dataclass(frozen=True, slots=True)
class FormFacts:
    """What the form needs to know beside the event.

    `me` organizes what people are invited to, `repeats` whether the repetition can be changed here, `edit` opens the
    person's own editor on a text.
    """

    title: str
    clock: Clock
    me: Address | None
    complete: Complete
    edit: Callable[[str], str]
    repeats: bool = True
    files: AttachedFiles = field(default_factory=AttachedFiles)
    """Reads files that are attached, and saves those that are."""


class EventForm(ActingDialog[Event]):
    """Returns the event as the fields say; `act` stores it. Everything that has no field stays as it was."""

    CSS_PATH = "event_form.tcss"
    AUTO_FOCUS: ClassVar[str | None] = "#title"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f9", "accept", N_("Save"), id="event-form.save", show=False, priority=True),
        Binding("f4", "notes", N_("Own editor"), id="event-form.editor", show=False),
        Binding("f7", "attachments", N_("Attachments"), id="event-form.attachments", show=False, priority=True),
        Binding("f6", "repetition", N_("Recurrence"), id="event-form.repetition", show=False, priority=True),
    ]

    def __init__(self, event: Event, facts: FormFacts, act: Callable[[Event], Awaitable[bool]]) -> None:
        super().__init__(facts.title, act, id="event-form")
        self._event = event
        self._facts = facts
        self._rule = event.rrule
        self._attached = event.attachments
        self._times = time_fields(event.start, event.end, facts.clock.zone)
        self._span: tuple[Moment, Moment] = (event.start, event.end)
        self._end_before = ("", "")
        """The end when the start was gone to."""
        self._status_chosen = bool(event.uid)
        self._untouched: tuple[object, ...] = ()

    # -- the fields

    def compose_body(self) -> ComposeResult:
        """Outlook's fields in Outlook's order."""
        event, times = self._event, self._times
        yield from _line(_("&Subject"), "title", event.title)
        yield from _line(_("&Location"), "place", event.place)
        with Horizontal(classes="row"):
            yield Caption(_("S&tart"), "start-day")
            yield TextLine(times.start_day, id="start-day", select_on_focus=True)
            yield TextLine(times.start_time, id="start-time", select_on_focus=True)
            yield Tick(_("All da&y"), times.all_day, id="all-day")
        with Horizontal(classes="row"):
            yield Caption(_("&End"), "end-day")
            yield TextLine(times.end_day, id="end-day", select_on_focus=True)
            yield TextLine(times.end_time, id="end-time", select_on_focus=True)
            yield Caption(_("Time &zone"), "zone", classes="short")
            yield TextLine(times.zone, id="zone")
        yield Static("", id="meaning", classes="note indented", markup=False)
        with Horizontal(classes="row"):
            yield Caption(_("Repeats"), "repetition")
            yield LetterButton(_("&Recurrence… (F6)"), id="repetition")
            yield Static("", id="repeats", markup=False)
        yield from self._compose_look()
        yield from _line(_("&Categories"), "categories", ", ".join(event.categories))
        with Horizontal(classes="people"):
            yield Caption(_("Peo&ple"), "people")
            yield RecipientsField(self._facts.complete, _addresses(event), id="people")
        with Horizontal(classes="row"):
            yield Caption(_("Attachments"), "attachments")
            yield LetterButton(_("&Files… (F7)"), id="attachments")
            yield Static("", id="attached-names", markup=False)
        with Horizontal(classes="notes"):
            yield Caption(_("&Notes (F4)"), "notes")
            yield OwnWords(event.description, id="notes")

    def _compose_look(self) -> ComposeResult:
        event = self._event
        with Horizontal(classes="row"):
            yield Caption(_("Sho&w as"), "status")
            yield Choice([(status_word(status), status) for status in BusyStatus], event.status, id="status")
            yield Tick(_("Pri&vate"), event.private, id="private")
        with Horizontal(classes="row"):
            yield Caption(_("Re&minder"), "reminder")
            own = trigger_of(event)
            triggers = REMINDERS if own in REMINDERS else (*REMINDERS, own)
            yield Choice([(_trigger_words(trigger), trigger) for trigger in triggers], own, id="reminder")

    def buttons(self) -> Sequence[DialogButton]:
        """Save, cancel."""
        return (DialogButton("ok", _("Save"), main=True), DialogButton("cancel", _("Cancel")))

    def keys(self) -> Sequence[tuple[str, str]]:
        """Save, repetition, editor, leave."""
        repetition = [("F6", _("Recurrence"))] if self._facts.repeats else []
        return [
            ("F9", _("Save")),
            *repetition,
            ("F4", _("Own editor")),
            (_("Esc"), _("Cancel")),
        ]

    def on_mount(self) -> None:
        """Words beside the fields."""
        super().on_mount()
        self.query_one("#repetition", LetterButton).disabled = not self._facts.repeats
        self._show_times()
        self._show_repetition()
        self._show_attached()
        self._untouched = self._typed()

    def _typed(self) -> tuple[object, ...]:
        """All that can be typed or chosen."""
        lines = [line.value for line in self.query(Input)]
        ticks = [tick.value for tick in self.query(Tick)]
        chosen = [choice.chosen for choice in self.query(Choice)]
        return (*lines, *ticks, *chosen, self.query_one("#notes", TextArea).text, self._rule, self._attached)

    @work(group="leave", exclusive=True)
    async def action_cancel(self) -> None:  # type: ignore[override]
        """Leave; what was typed is not thrown away without asking."""
        if self.acting:
            return
        if self._typed() != self._untouched:
            question = _("What you typed is not saved.")
            dialog = ConfirmDialog(_("Leave the Form?"), question, _("&Discard"), _("&Go on editing"), danger=True)
            if not await self.app.push_screen_wait(dialog):
                return
        self.dismiss(None)

    # -- what they say

    def _text(self, name: str) -> str:
        return self.query_one(f"#{name}", Input).value

    def _fields(self) -> TimeFields:
        return TimeFields(
            self._text("start-day"),
            self._text("start-time"),
            self._text("end-day"),
            self._text("end-time"),
            self.query_one("#all-day", Tick).value,
            self._text("zone"),
        )

    def _read_times(self) -> tuple[Moment, Moment]:
        """Start and end; those of the event where nobody touched the fields (they show no seconds)."""
        fields = self._fields()
        if fields == self._times:
            return self._event.start, self._event.end
        return fields.read(self._facts.clock.now().date())

    def result(self) -> Event:
        """The event. Raises UsageError for the first field that is wrong."""
        start, end = self._read_times()
        title = self._text("title").strip()
        people = self.query_one("#people", RecipientsField).addresses()
        attendees = self._event.attendees if _same_people(people, self._event) else invited(people, self._event)
        notes = self.query_one("#notes", TextArea).text
        made = replace(
            self._event,
            title=title,
            place=self._text("place").strip(),
            start=start,
            end=end,
            rrule=self._rule,
            status=self.query_one("#status", Choice).chosen,
            sensitivity=sensitivity_for(self.query_one("#private", Tick).value, self._event),
            categories=self._categories(),
            alarms=alarms_for(self.query_one("#reminder", Choice).chosen, self._event, title),
            attendees=attendees,
            attachments=self._attached,
            description=notes if notes != clean(self._event.description, newline=True) else self._event.description,
        )
        if self._event.uid and attendees == self._event.attendees:
            return made
        if made.attendees and made.organizer is None and self._facts.me is None:
            raise UsageError(
                _("Partagenda does not know your e-mail address."),
                _("Write it into config.toml: [me] with name = … and address = …"),
            )
        return organized(made, self._facts.me)

    def _categories(self) -> tuple[str, ...]:
        found = categories_of(self._text("categories"))
        return self._event.categories if found == categories_of(", ".join(self._event.categories)) else found

    # -- start and end go together

    @on(Input.Changed, "#start-day, #start-time")
    def _start_changed(self) -> None:
        """Another start takes the end with it, as in Outlook; one that is none leaves it where it was.

        A part of it may be a start: on the way to 31/02 stands a 31.
        """
        try:
            start = replace(self._fields(), end_day=self._text("start-day"), end_time=self._text("start-time"))
            moved = start.read(self._facts.clock.now().date())[0]
        except UsageError:
            self._set_end(*self._end_before)
            self._show_times()
            return
        end = same_length(self._span, moved)
        shown = time_fields(moved, end, self._facts.clock.zone)
        self._set_end(shown.end_day, "" if shown.all_day else shown.end_time)
        self._show_times()

    def _set_end(self, day: str, time: str) -> None:
        """What is empty stays as it is."""
        for name, text in (("end-day", day), ("end-time", time)):
            line = self.query_one(f"#{name}", Input)
            if text:
                with line.prevent(Input.Changed):
                    line.value = text

    @on(events.DescendantFocus, "#start-day, #start-time")
    def _start_entered(self) -> None:
        self._end_before = (self._text("end-day"), self._text("end-time"))

    @on(Input.Changed, "#end-day, #end-time, #zone")
    def _end_changed(self) -> None:
        self._show_times()

    @on(Checkbox.Changed, "#all-day")
    def _all_day_changed(self) -> None:
        if not self._status_chosen:
            day = self.query_one("#all-day", Tick).value
            start = self._facts.clock.now()
            self.query_one("#status", Choice).value = default_status(start.date() if day else start)
        self._show_times()

    @on(Choice.Picked, "#status")
    def _status_picked(self) -> None:
        self._status_chosen = True

    def _show_times(self) -> None:
        """What the times mean, in the person's own zone; fields of hours are there for events with hours."""
        all_day = self.query_one("#all-day", Tick).value
        for name in ("start-time", "end-time", "zone"):
            self.query_one(f"#{name}").disabled = all_day
        self.show_error("")
        try:
            start, end = self._read_times()
            self._span = (start, end)
            text = f"{when_text(start, end, self._facts.clock.zone)} · {_length(start, end)}"
        except UsageError as error:
            text = f"{error.message} {error.hint}".strip()
        self.query_one("#meaning", Static).update(plain(clean(text)))

    # -- repetition and notes

    @on(LetterButton.Pressed, "#repetition")
    def _repetition_pressed(self, event: LetterButton.Pressed) -> None:
        event.stop()
        self.action_repetition()

    @work(group="repetition", exclusive=True, exit_on_error=False)
    async def action_repetition(self) -> None:
        """Outlook's dialog."""
        if not self._facts.repeats:
            return
        try:
            start = self._read_times()[0]
        except UsageError as error:
            self.show_error(error)
            return
        clock = self._facts.clock
        rule = await self.app.push_screen_wait(RepetitionDialog(start, self._rule, clock.now().date(), clock.zone))
        if rule is not None:
            self._rule = rule
            self._show_repetition()

    def _show_repetition(self) -> None:
        if self._rule:
            words = rule_words(self._rule, self._span[0])
        else:
            words = _("never") if self._facts.repeats else _("only this instance is changed")
        self.query_one("#repeats", Static).update(plain(clean(words)))

    @on(LetterButton.Pressed, "#attachments")
    def _attachments_pressed(self, event: LetterButton.Pressed) -> None:
        event.stop()
        self.action_attachments()

    @work(group="attachments", exclusive=True, exit_on_error=False)
    async def action_attachments(self) -> None:
        """The files of the event."""
        attached = await self.app.push_screen_wait(AttachmentsDialog(self._attached, self._facts.files))
        if attached is not None:
            self._attached = attached
            self._show_attached()

    def _show_attached(self) -> None:
        words = ", ".join(map(attachment_text, self._attached)) or _("none")
        self.query_one("#attached-names", Static).update(plain(clean(words)))

    def action_notes(self) -> None:
        """The notes in the person's own editor."""
        notes = self.query_one("#notes", TextArea)
        try:
            notes.text = clean(self._facts.edit(notes.text), newline=True)
        except PartagendaError as error:
            self.show_error(error)
        notes.focus()
        self.refresh(layout=True)


def _line(caption: str, name: str, text: str) -> ComposeResult:
    with Horizontal(classes="row"):
        yield Caption(caption, name)
        yield TextLine(text, id=name)


def _addresses(event: Event) -> str:
    return ", ".join(str(Address(one.address, one.name)) for one in event.attendees if "@" in one.address)


def _same_people(people: Sequence[Address], event: Event) -> bool:
    """Whether nobody came or went; people without a mail address have no place in the line and stay."""
    return [one.address.lower() for one in people] == [
        one.address.lower() for one in event.attendees if "@" in one.address
    ]


def _trigger_words(trigger: Trigger) -> str:
    if trigger is None:
        return _("None")
    return alarm_text(Alarm(trigger))


def _length(start: Moment, end: Moment) -> str:
    if not isinstance(start, datetime) or not isinstance(end, datetime):
        days = length_of(start, end)[0]
        return ngettext("{count} day", "{count} days", days).format(count=days)
    length = end.astimezone(UTC) - start.astimezone(UTC) if start.tzinfo and end.tzinfo else end - start
    hours, minutes = divmod(int(length / timedelta(minutes=1)), 60)
    words = _("{hours} h {minutes} min") if hours and minutes else _("{hours} h") if hours else _("{minutes} min")
    return words.format(hours=hours, minutes=minutes)
