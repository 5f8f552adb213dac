"""Everything about one event, to read and to copy from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from core.calendar.event import Alarm, Attendee, AttendeeKind, Event, Moment, Response, Role
from core.calendar.status import status_word
from core.language import N_, _, ngettext
from core.language.dates import date_and_time, long_date, time_of_day, time_span
from tui.clipboard import copy
from tui.screens.dialog import DialogButton
from tui.screens.form_dialog import FormDialog
from tui.widgets.text_view import Line, TextView, table
from tui.wording import attachment_text

if TYPE_CHECKING:
    from core.services.library import EventDetails

_RESPONSES = {
    Response.NEEDS_ACTION: ("·", N_("no answer yet")),
    Response.ACCEPTED: ("✓", N_("accepted")),
    Response.DECLINED: ("✗", N_("declined")),
    Response.TENTATIVE: ("~", N_("tentative")),
    Response.DELEGATED: ("→", N_("delegated")),
}


class EventDetailsDialog(FormDialog[bool]):
    """To read, and to save its files. `zone` is the reader's; an event of another zone shows its own beside it.

    Returns True when the person wants to edit, which is offered where the calendar can be changed (`can_edit`).
    """

    CSS_PATH = "event_details.tcss"
    AUTO_FOCUS: ClassVar[str | None] = "#details"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "copy_subject", N_("Copy the subject"), id="details.copy-subject", show=False),
        Binding("p", "copy_people", N_("Copy the addresses"), id="details.copy-people", show=False),
        Binding("l", "copy_links", N_("Copy the links"), id="details.copy-links", show=False),
        Binding("f", "files", N_("Files"), id="details.files", show=False),
        Binding("y", "copy_all", N_("Copy everything"), id="details.copy-all", show=False),
    ]

    def __init__(self, details: EventDetails, zone: tzinfo, *, can_edit: bool = False) -> None:
        self._details = details
        self._event = details.occurrence.event
        super().__init__(self._event.title or status_word(self._event.status), id="event-details")
        self._zone = zone
        self._can_edit = can_edit

    def compose_body(self) -> ComposeResult:
        """One text to scroll."""
        yield TextView(self._lines(), id="details")

    def buttons(self) -> Sequence[DialogButton]:
        """Edit, close."""
        if self._can_edit:
            return (DialogButton("ok", _("&Edit"), main=True), DialogButton("cancel", _("Close")))
        return (DialogButton("cancel", _("Close"), main=True),)

    def keys(self) -> Sequence[tuple[str, str]]:
        """What can be done, and what there is to copy."""
        edit = [(_("Enter"), _("Edit"))] if self._can_edit else []
        some = [("S", _("Copy subject"))] if self._event.title else []
        some += [("P", _("people"))] if self._addresses() else []
        some += [("L", _("links"))] if self._links() else []
        some += [("F", _("Files"))] if self._event.attachments else []
        return [*edit, *some, ("Y", _("Copy all")), (_("Esc"), _("Close"))]

    def on_resize(self) -> None:
        """As high as the text, as far as the screen allows."""
        super().on_resize()
        self.call_after_refresh(self._fit_text)

    def _fit_text(self) -> None:
        view = self.query_one(TextView)
        view.styles.height = min(max(view.lines_needed(), 3), max(self.size.height - 8, 3))

    def result(self) -> bool:
        """Edit it."""
        return True

    def action_accept(self) -> None:
        """Enter edits; where nothing can be changed it closes."""
        self.dismiss(True if self._can_edit else None)

    def action_files(self) -> None:
        """Look at the files, and save one."""
        if self._event.attachments:
            from core.services.attachments import AttachedFiles
            from tui.screens.attachments import AttachmentsDialog

            self.app.push_screen(AttachmentsDialog(self._event.attachments, AttachedFiles(), can_edit=False))

    def action_copy_subject(self) -> None:
        """The subject."""
        copy(self.app, self._event.title)

    def action_copy_people(self) -> None:
        """Everybody's address, as a mail program takes them."""
        copy(self.app, ", ".join(self._addresses()))

    def action_copy_links(self) -> None:
        """Every link, one a line."""
        copy(self.app, "\n".join(self._links()))

    def action_copy_all(self) -> None:
        """What is shown."""
        copy(self.app, "\n".join([self.dialog_title, *(line.text for line in self._lines())]))

    def _addresses(self) -> list[str]:
        people = [*([self._event.organizer] if self._event.organizer else []), *self._event.attendees]
        return list(dict.fromkeys(person.address for person in people if "@" in person.address))

    def _links(self) -> list[str]:
        import re

        found = re.findall(r"https?://[^\s<>\"')\]]+", f"{self._event.place}\n{self._notes()}")
        attached = [attachment.url for attachment in self._event.attachments if attachment.url]
        return list(dict.fromkeys([*([self._event.url] if self._event.url else []), *found, *attached]))

    def _notes(self) -> str:
        if self._event.description or not self._event.html:
            return self._event.description
        from core.sharing.html_text import html_to_text

        text: str = html_to_text(self._event.html)
        return text

    def _lines(self) -> list[Line]:
        lines = table(list(self._rows()))
        for title, part in ((_("People"), list(self._people())), (_("Attachments"), list(self._attached()))):
            if part:
                lines += [Line(""), Line(title, "title"), *part]
        notes = self._notes().strip()
        if notes:
            lines += [Line(""), Line(_("Notes"), "title"), *map(Line, notes.split("\n"))]
        return lines

    def _rows(self) -> Iterator[tuple[str, str]]:
        event, occurrence = self._event, self._details.occurrence
        yield _("When"), when_text(occurrence.start, occurrence.end, self._zone)
        own = _own_zone(occurrence.start, occurrence.end, self._zone)
        if own:
            yield _("There"), own
        if event.place:
            yield _("Place"), event.place
        yield _("Calendar"), self._details.calendar.name
        yield _("Show as"), status_word(event.status)
        if occurrence.private:
            yield _("Private"), _("others see a block of time only")
        if event.cancelled:
            yield _("Cancelled"), _("never shared, never busy")
        yield from self._more(event)

    def _more(self, event: Event) -> Iterator[tuple[str, str]]:
        repeats = self._repeats()
        if repeats:
            yield _("Repeats"), repeats
        for alarm in event.alarms[:3]:
            yield _("Reminder"), alarm_text(alarm)
        if event.categories:
            yield _("Categories"), ", ".join(event.categories)
        if event.url:
            yield _("Link"), event.url

    def _repeats(self) -> str:
        master = self._details.stored.object.master
        if master is None or not master.recurring:
            return _("an instance of a series") if self._details.occurrence.recurrence_id else ""
        from core.ical.rule_words import rule_words

        words = rule_words(master.rrule) if master.rrule else _("on single days")
        changed = self._event.recurrence_id is not None
        return f"{words} · {_('this one differs')}" if changed else words

    def _people(self) -> Iterator[Line]:
        if self._event.organizer is not None:
            yield Line(f"  ★ {_name(self._event.organizer)} · {_('organizer')}")
        for person in self._event.attendees:
            mark, answer = _RESPONSES[person.response]
            role = {Role.OPTIONAL: _("optional"), Role.NON_PARTICIPANT: _("for information")}.get(person.role, "")
            kind = _("room") if person.kind in (AttendeeKind.ROOM, AttendeeKind.RESOURCE) else ""
            yield Line("  " + " · ".join(part for part in (f"{mark} {_name(person)}", _(answer), role, kind) if part))

    def _attached(self) -> Iterator[Line]:
        for attachment in self._event.attachments:
            yield Line(f"  {attachment_text(attachment)}")


def _name(person: Attendee) -> str:
    return f"{person.name} <{person.address}>" if person.name else person.address


def when_text(start: Moment, end: Moment, zone: tzinfo) -> str:
    """`Monday, June 3, 2013, 9:00 AM – 10:30 AM`, in `zone`; whole days without times."""
    if not isinstance(start, datetime) or not isinstance(end, datetime):
        last = _day(end) - timedelta(days=1)
        first = _day(start)
        return f"{long_date(first)} – {long_date(last)}" if last > first else f"{long_date(first)} · {_('all day')}"
    begin, finish = (moment.astimezone(zone) if moment.tzinfo else moment for moment in (start, end))
    if begin.date() == finish.date():
        times = time_of_day(begin) if begin == finish else time_span(begin, finish)
        return f"{long_date(begin)}, {times}"
    return f"{date_and_time(begin)} – {date_and_time(finish)}"


def _day(moment: Moment) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def _own_zone(start: Moment, end: Moment, zone: tzinfo) -> str:
    """The times as the event itself has them, where its clock differs from the reader's."""
    if not isinstance(start, datetime) or not isinstance(end, datetime) or start.tzinfo is None:
        return ""
    if start.utcoffset() == start.astimezone(zone).utcoffset():
        return ""
    from core.calendar.zones import zone_name

    return f"{time_span(start, end)} · {zone_name(start.tzinfo)}"


def alarm_text(alarm: Alarm) -> str:
    """When somebody is reminded: 15 minutes before."""
    if isinstance(alarm.trigger, datetime):
        return date_and_time(alarm.trigger.astimezone() if alarm.trigger.tzinfo else alarm.trigger)
    minutes = abs(int(alarm.trigger.total_seconds())) // 60
    if minutes % 1440 == 0 and minutes:
        amount = ngettext("{count} day", "{count} days", minutes // 1440).format(count=minutes // 1440)
    elif minutes % 60 == 0 and minutes:
        amount = ngettext("{count} hour", "{count} hours", minutes // 60).format(count=minutes // 60)
    else:
        amount = ngettext("{count} minute", "{count} minutes", minutes).format(count=minutes)
    if not minutes:
        return _("at the start")
    text = _("{amount} after the start") if alarm.trigger > timedelta(0) else _("{amount} before")
    return text.format(amount=amount)
