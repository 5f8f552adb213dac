"""Send a Calendar via E-mail: which calendar, which days, how much of it (outlook.md §1.1 and §1.2).

The rules live in `core.sharing.detail` and `SnapshotOptions`; this dialog shows them and returns a request.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Static

from core.calendar.span import DateRange, Preset, WorkingHours, preset_range
from core.language import _
from core.ports.calendars import CalendarInfo
from core.services.email_calendar import SnapshotRequest
from core.sharing.detail import Layout, attachments_choice
from core.sharing.snapshot import SnapshotOptions
from tui.screens.date_range import DateRangeDialog
from tui.screens.detail_dialog import DetailDialog
from tui.text import plain
from tui.widgets.form import Caption, Choice, Tick
from tui.wording import hours_text, preset_label, range_with_days


class SendCalendarDialog(DetailDialog[SnapshotRequest]):
    """Outlook's dialog. `start` fills it with an earlier request: coming back from the preview changes nothing."""

    CSS_PATH = "email_calendar.tcss"

    def __init__(
        self,
        calendars: Sequence[CalendarInfo],
        selected: str,
        today: date,
        hours: WorkingHours,
        start: SnapshotRequest | None = None,
    ) -> None:
        options = start.options if start else SnapshotOptions(preset_range(Preset.TODAY, today))
        unfolded = options.include_private or options.layout is not Layout.SCHEDULE
        super().__init__(_("Send a Calendar via E-mail"), id="send-calendar", unfolded=unfolded)
        self._calendars = calendars
        known = [calendar.id for calendar in calendars]
        self._selected = selected if selected in known else next(iter(known), "")
        self._today = today
        self._hours = hours
        self._zone = start.time_zone if start else ""
        self._options = options
        self._preset = self._preset_of(self._options.days)
        self._dates = self._options.days

    def compose_body(self) -> ComposeResult:
        """Outlook's fields in Outlook's order."""
        yield Static(plain(_("Specify the calendar information you want to include.")), markup=False)
        with Horizontal(classes="row spaced"):
            yield Caption(_("&Calendar"), "calendar")
            names = [(calendar.name, calendar.id) for calendar in self._calendars]
            yield Choice(names, self._selected, id="calendar")
        with Horizontal(classes="row"):
            yield Caption(_("Date &Range"), "range")
            yield Choice([(preset_label(preset), preset) for preset in Preset], self._preset, id="range")
        yield Static("", id="dates", classes="note indented", markup=False)
        yield from self.compose_level(self._options.level, classes="row spaced")
        hours = Static(plain(hours_text(self._hours)), id="hours", classes="reason", markup=False)
        yield from self.compose_hours(self._options.working_hours_only, hours)
        yield from self.compose_advanced()

    def compose_more(self) -> ComposeResult:
        """Private items, attachments, layout."""
        options = self._options
        private, attachments = options.include_private, options.include_attachments
        yield from self.compose_option(_("Include details of items marked &private"), private, "private")
        yield from self.compose_option(_("Include a&ttachments within calendar items"), attachments, "attachments")
        with Horizontal(classes="row"):
            yield Caption(_("E-mail &Layout"), "layout", classes="wide")
            yield Choice([(layout.label, layout) for layout in Layout], options.layout, id="layout")

    def on_mount(self) -> None:
        """Show what the first choices mean; the hours themselves where only they are shown."""
        super().on_mount()
        self.query_one("#hours").display = self._options.working_hours_only

    def result(self) -> SnapshotRequest:
        """The request. Raises UsageError for a combination that the rules forbid."""
        options = SnapshotOptions(
            days=self._days(),
            level=self.level,
            layout=self.query_one("#layout", Choice).chosen,
            working_hours_only=self.query_one("#working-hours", Tick).value,
            include_private=self.ticked("private"),
            include_attachments=self.ticked("attachments"),
        )
        return SnapshotRequest(self.query_one("#calendar", Choice).chosen, options, self._zone)

    def _days(self) -> DateRange:
        preset: Preset = self.query_one("#range", Choice).chosen
        return self._dates if preset is Preset.DATES else preset_range(preset, self._today)

    def _preset_of(self, days: DateRange) -> Preset:
        presets = (preset for preset in Preset if preset is not Preset.DATES)
        return next((preset for preset in presets if preset_range(preset, self._today) == days), Preset.DATES)

    @on(Tick.Changed, "#working-hours")
    def _hours_ticked(self, event: Tick.Changed) -> None:
        self.query_one("#hours").display = event.value

    def show_meaning(self) -> None:
        """Which days those are, too, and whether attachments can go along."""
        super().show_meaning()
        self.query_one("#dates", Static).update(plain(range_with_days(self._days())))
        self.allow("attachments", attachments_choice(self.level))

    @on(Choice.Picked, "#range")
    def _range_picked(self, event: Choice.Picked) -> None:
        if event.value is Preset.DATES:
            self._ask_dates()
        else:
            self._preset = event.value

    @work(exclusive=True, group="dates")
    async def _ask_dates(self) -> None:
        """The date-range picker; leaving it without a range goes back to the choice of before."""
        days = await self.app.push_screen_wait(DateRangeDialog(self._shown_days(), self._today))
        if days is not None:
            self._dates, self._preset = days, Preset.DATES
        self.query_one("#range", Choice).value = self._preset
        self.show_meaning()

    def _shown_days(self) -> DateRange:
        return self._dates if self._preset is Preset.DATES else preset_range(self._preset, self._today)
