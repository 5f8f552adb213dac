"""Send a Calendar via E-mail: which calendar, which days, how much of it (outlook.md §1.1 and §1.2).

The rules live in `core.sharing.detail` and `SnapshotOptions`; this dialog shows them and returns a request.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Static

from core.calendar.span import DateRange, Preset, WorkingHours, preset_range
from core.language import _
from core.ports.calendars import CalendarInfo
from core.services.email_calendar import SnapshotRequest
from core.sharing.detail import Choice as Rule
from core.sharing.detail import DetailLevel, Layout, attachments_choice, private_choice
from core.sharing.snapshot import SnapshotOptions
from tui.screens.date_range import DateRangeDialog
from tui.screens.form_dialog import FormDialog
from tui.text import cell_width, plain
from tui.widgets.form import Caption, Choice, LetterButton, Tick
from tui.wording import hours_text, preset_label, range_with_days

_LINE, _WORD = 58, 8
"""Cells beside the captions, and what a line loses at most where words are wrapped."""


class SendCalendarDialog(FormDialog[SnapshotRequest]):
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
        super().__init__(_("Send a Calendar via E-mail"), id="send-calendar")
        self._calendars = calendars
        known = [calendar.id for calendar in calendars]
        self._selected = selected if selected in known else next(iter(known), "")
        self._today = today
        self._hours = hours
        self._zone = start.time_zone if start else ""
        self._options = start.options if start else SnapshotOptions(preset_range(Preset.TODAY, today))
        self._preset = self._preset_of(self._options.days)
        self._dates = self._options.days
        self._advanced = self._options.include_private or self._options.layout is not Layout.SCHEDULE

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
        with Horizontal(classes="row spaced"):
            yield Caption(_("&Detail"), "detail")
            yield Choice([(level.label, level) for level in DetailLevel], self._options.level, id="detail")
        yield Static("", id="sentence", classes="note indented", markup=False)
        with Vertical(id="hours-part", classes="indented spaced"):
            wanted = self._options.working_hours_only
            yield Tick(_("Show time within my &working hours only"), wanted, id="working-hours")
            yield Static(plain(hours_text(self._hours)), id="hours", classes="reason", markup=False)
        with Horizontal(classes="row"):
            yield Caption(_("&Advanced"), "advanced")
            yield LetterButton("", id="advanced")
        with Vertical(id="more"):
            yield from self._compose_advanced()

    def _compose_advanced(self) -> ComposeResult:
        options = self._options
        yield Tick(_("Include details of items marked &private"), options.include_private, id="private")
        yield Static("", id="private-reason", classes="reason", markup=False)
        yield Tick(_("Include a&ttachments within calendar items"), options.include_attachments, id="attachments")
        yield Static("", id="attachments-reason", classes="reason", markup=False)
        with Horizontal(classes="row"):
            yield Caption(_("E-mail &Layout"), "layout", classes="wide")
            yield Choice([(layout.label, layout) for layout in Layout], options.layout, id="layout")

    def keys(self) -> Sequence[tuple[str, str]]:
        """Enter is OK everywhere, Space opens and ticks."""
        return (
            (_("Enter"), _("OK: preview")),
            (_("Tab"), _("Next")),
            (_("Space"), _("Open, tick")),
            (_("Esc"), _("Cancel")),
        )

    def on_mount(self) -> None:
        """Show what the first choices mean."""
        super().on_mount()
        self.query_one("#hours").display = self._options.working_hours_only
        self._make_room()
        self._show_advanced()
        self._show_meaning()

    def _make_room(self) -> None:
        """A language with longer words gets a third line for the sentence, and tick boxes that begin further left."""
        longest = max(cell_width(level.sentence) for level in DetailLevel)
        self.query_one("#sentence").set_class(longest > 2 * _LINE - _WORD, "tall")
        ticks = max(cell_width(tick.label.plain) for tick in self.query(Tick))
        for part in ("#hours-part", "#more"):
            self.query_one(part).set_class(ticks > _LINE - len("[ ] "), "long")

    def result(self) -> SnapshotRequest:
        """The request. Raises UsageError for a combination that the rules forbid."""
        options = SnapshotOptions(
            days=self._days(),
            level=self._level,
            layout=self.query_one("#layout", Choice).chosen,
            working_hours_only=self.query_one("#working-hours", Tick).value,
            include_private=self._ticked("private"),
            include_attachments=self._ticked("attachments"),
        )
        return SnapshotRequest(self.query_one("#calendar", Choice).chosen, options, self._zone)

    @property
    def _level(self) -> DetailLevel:
        level: DetailLevel = self.query_one("#detail", Choice).chosen
        return level

    def _ticked(self, name: str) -> bool:
        tick = self.query_one(f"#{name}", Tick)
        return tick.value and not tick.disabled

    def _days(self) -> DateRange:
        preset: Preset = self.query_one("#range", Choice).chosen
        return self._dates if preset is Preset.DATES else preset_range(preset, self._today)

    def _preset_of(self, days: DateRange) -> Preset:
        presets = (preset for preset in Preset if preset is not Preset.DATES)
        return next((preset for preset in presets if preset_range(preset, self._today) == days), Preset.DATES)

    @on(Tick.Changed, "#working-hours")
    def _hours_ticked(self, event: Tick.Changed) -> None:
        self.query_one("#hours").display = event.value

    @on(Choice.Changed)
    def _changed(self) -> None:
        self._show_meaning()
        self.show_error("")

    def _show_meaning(self) -> None:
        """The lines below the drop-downs, and which options can be had with this level."""
        self.query_one("#dates", Static).update(plain(range_with_days(self._days())))
        self.query_one("#sentence", Static).update(plain(self._level.sentence))
        self._allow("private", private_choice(self._level))
        self._allow("attachments", attachments_choice(self._level))

    def _allow(self, name: str, rule: Rule) -> None:
        self.query_one(f"#{name}", Tick).disabled = not rule.enabled
        reason = self.query_one(f"#{name}-reason", Static)
        reason.update(plain(rule.reason))
        reason.display = bool(rule.reason)

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
        self._show_meaning()

    def _shown_days(self) -> DateRange:
        return self._dates if self._preset is Preset.DATES else preset_range(self._preset, self._today)

    @on(Button.Pressed, "#advanced")
    def _toggle_advanced(self, event: Button.Pressed) -> None:
        event.stop()
        self._advanced = not self._advanced
        self._show_advanced()

    def _show_advanced(self) -> None:
        self.query_one("#more").display = self._advanced
        self.query_one("#advanced", LetterButton).rename(_("<< Hide") if self._advanced else _("Show >>"))
