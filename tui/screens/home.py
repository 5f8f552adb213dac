"""The home screen: Outlook's Calendar with calendars side by side, or on one another.

Ribbon above, list of calendars at the left, two to four panes, two lines of status. `tui.workspace` says what stands
where; panes and list draw what they are told. Everything that reads is a worker; keys never wait for it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.events import Resize, ScreenResume
from textual.geometry import Size
from textual.reactive import Reactive
from textual.widget import Widget
from textual.worker import Worker

from core.language import N_, _
from tui.commands import ALL, HINTS, Command, Scope, bindings, commands
from tui.reporting import reporting
from tui.screens.home_desk import HIGH
from tui.screens.home_reading import SLOW, HomeReading
from tui.screens.home_text import SEPARATOR, describe, describe_calendar, describe_moment
from tui.widgets.calendar_list import CalendarList, rows_of
from tui.widgets.calendar_pane import CalendarPane, shown_ids
from tui.widgets.filtering import EntryFilter
from tui.widgets.look import Turn
from tui.widgets.month_card import MonthCard
from tui.widgets.periods import ViewKind
from tui.widgets.time_grid import SCALES

MINUTE = 60.0
OPENING = frozenset(("quick_add", "new", "change", "find_time", "history", "take_suggestion"))
"""Changes that begin with a dialog: letters that are typed at once are for that."""
SILENT = frozenset(("mark", "unmark", "suggest"))
"""What never asks anything. The others ask where an event repeats, where people are to be told, where something is in
the way, or where somebody else changed it."""


class HomeScreen(HomeReading):
    """Everything that a person sees first. `opened` are files to be looked at in the other pane."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(Scope.HOME),
        Binding("escape", "stop", N_("Stop"), id="home.stop", show=False, priority=True),
    ]
    AUTO_FOCUS = "#pane-1"
    focused: Reactive[Widget | None] = Reactive(None, repaint=False)
    """As Textual's, but that another focus does not send the whole screen again (18 KB at 120×40)."""

    def compose(self) -> ComposeResult:
        """Ribbon, list, two panes, status."""
        self._fit_to(self.app.size)
        yield self.ribbon
        yield self.desk
        yield self.status

    def on_mount(self) -> None:
        """Show what is stored as soon as the screen stands, then look whether it changed."""
        self.work("calendars", self._begin)
        self.set_timer(SLOW, self.partagenda.raise_curtain)
        self.set_interval(MINUTE, self._minute)

    def _on_screen_resume(self, event: ScreenResume) -> None:
        """A dialog is gone: it changed nothing in what belongs to whom here, so no style is looked for again."""
        event.refresh_styles = False

    def _compositor_refresh(self) -> None:
        """As any screen's, but that nothing is drawn for nobody."""
        if not self.partagenda.behind_curtain:
            super()._compositor_refresh()

    # -- what is where

    @property
    def side_by_side(self) -> bool:
        """Whether several panes are on the screen."""
        return len(self.on_screen) > 1

    def activate(self, pane: CalendarPane) -> None:
        """Make this the active pane, and give it the focus."""
        self.workspace.active = self.panes.index(pane)
        self.desk.share_out()
        for each in self.panes:
            each.foresee_focus(here=each is pane)
        pane.focus()
        self.tell()  # all of it in one picture

    def tell(self) -> None:
        """Status, ribbon, ticks and hints as things are now."""
        pane, zone = self.active, self.services.clock.zone
        empty = describe_moment(pane.moment, hours=pane.shows_hours, about=pane.view.about) if pane.info else ""
        joined = _("Panes together") if self.workspace.together else _("Panes apart")
        left = describe(pane.selected, zone) if pane.selected else self._suggested_here() or empty
        if self.focused is self.list and self.list.info:
            left = describe_calendar(self.list.info, self.services.clock.now())
        right = (self.only.words, joined if self.side_by_side else "", str(zone))
        self.status.tell(left, SEPARATOR.join(part for part in right if part))
        off = frozenset(command.id for command in commands(Scope.HOME) if command.reason(self))
        self.ribbon.show(view_command(self.workspace.here.kind), off)
        self.status.hint(self._hints())
        day, days = pane.moment.date(), pane.shown.days if pane.shown else ()
        self.desk.card.show(day, self.services.clock.now().date(), days)
        self._mark_busy_days()
        self.list.show(
            rows_of(self.calendars, self.services.clock.now()),
            shown_ids(self.on_screen if self.workspace.overlay else self.panes),
            self.colours,
        )

    def _suggested_here(self) -> str:
        """What is suggested under the cursor, in views that show no hours."""
        if self.suggested is None:
            return ""
        from tui.flows.finding import words_here

        return words_here(self)

    def _hints(self) -> list[Command]:
        """The commands whose keys work where the focus is, and can be used now."""
        here = self.focused is self.list
        found = [ALL[one] for one in HINTS if one == "calendar.smaller" or ALL[one].of_list == here]
        return [command for command in found if not command.reason(self)]

    # -- messages of panes and list

    @on(CalendarPane.Moved)
    def _moved(self, event: CalendarPane.Moved) -> None:
        if event.pane.has_focus:
            self.workspace.active = self.panes.index(event.pane)
            self.desk.share_out()
        event.pane.redraw()
        self._follow(event.pane)
        self.status.say("")
        self.tell()

    @on(CalendarPane.Scrolled)
    def _scrolled(self, event: CalendarPane.Scrolled) -> None:
        self._follow(event.pane)

    def _follow(self, pane: CalendarPane) -> None:
        if self.workspace.together and self.side_by_side:
            for each in self.panes:
                each.scroll_like(pane)

    @on(CalendarPane.Turned)
    def _turned(self, event: CalendarPane.Turned) -> None:
        steps = 1 if event.turn is Turn.ON else -1
        self.workspace.turn(steps)
        self.fill(lambda pane: pane.enter(event.turn, event.step) if pane is event.pane else None)
        self.look_ahead(steps)

    @on(CalendarPane.Dragged)
    def _dragged(self, event: CalendarPane.Dragged) -> None:
        from tui.flows.dragging import show

        if event.pane.drag is not None:  # else the button was let go meanwhile
            show(self, event.pane, event.drag, event.at)

    @on(CalendarPane.Dropped)
    def _dropped(self, event: CalendarPane.Dropped) -> None:
        from tui.flows.dragging import drop

        if change := drop(self, event.pane, event.drag, event.at, copies=event.copies):
            self.change(change)

    @on(CalendarPane.Opened)
    async def _opened(self) -> None:
        await self.partagenda.action_run("event.details")

    @on(CalendarList.Chosen)
    def _chosen(self, event: CalendarList.Chosen) -> None:
        self.workspace.put(event.info.id, self.workspace.active)
        self._leave_list()
        self.fill(every=True)

    @on(CalendarList.Ticked)
    def _ticked(self, event: CalendarList.Ticked) -> None:
        if self.workspace.tick(event.info.id):
            self.desk.share_out()
            self.fill(every=True)
        else:
            self.status.say(_("One calendar is always shown."))

    @on(CalendarList.Moved)
    def _moved_in_list(self) -> None:
        self.tell()

    @on(CalendarList.Left)
    def _leave_list(self) -> None:
        if self.desk.narrow:
            self.desk.listed = None
        self.activate(self.active)

    @on(MonthCard.Picked)
    def _picked_day(self, event: MonthCard.Picked) -> None:
        self.show_day(event.day)

    def on_descendant_focus(self) -> None:
        """Other keys work now."""
        self.tell()

    def on_resize(self, event: Resize) -> None:
        """Two panes or one, three lines of ribbon or one: as the terminal has room."""
        self._fit_to(event.size)
        self.call_after_refresh(self.tell)

    def _fit_to(self, size: Size) -> None:
        self.set_class(size.height < HIGH, "-low")
        self.desk.fit_to(size)

    # -- actions of the registry

    def action_flow(self, name: str) -> None:
        """A command that opens a dialog or another screen."""

        async def job() -> None:
            from tui.screens.home_flows import FLOWS

            await FLOWS[name](self)

        self._opens(self.work("flow", job))

    def action_edit(self, name: str, amount: int = 0) -> None:
        """A command that changes a calendar: one after the other, in the order of the keys."""

        async def job() -> None:
            from tui.flows.editing import carry_out

            await carry_out(self, name, amount)

        worker = self._run_edit(job)
        if name not in SILENT:
            self._opens(worker, sure=name in OPENING)

    def _opens(self, worker: Worker[None], *, sure: bool = True) -> None:
        """What is typed from now on is for the dialog that comes; or waits until it is known that none does."""
        if self.app.screen is self:
            self.partagenda.typed_ahead.opens(worker, self, sure=sure)

    def change(self, work: Callable[[], Awaitable[None]]) -> None:
        """Anything else that changes a calendar, in the same row."""

        async def job() -> None:
            from tui.flows.editing import one_by_one

            await one_by_one(self, work)

        self._opens(self._run_edit(job), sure=False)

    def _run_edit(self, job: Callable[[], Awaitable[None]]) -> Worker[None]:
        async def guarded() -> None:
            with reporting(self.app):
                await job()

        return self.run_worker(guarded(), group="edit", exit_on_error=False)

    def action_turn(self, steps: int) -> None:
        """The next or previous period."""
        self.workspace.turn(steps)
        self.fill()
        self.look_ahead(steps)

    def action_today(self) -> None:
        """Today, with the cursor at this hour."""
        now = self.services.clock.now()
        self.show_day(now.date(), now.hour * 60 + now.minute)

    def action_next_7_days(self) -> None:
        """Seven days from today."""
        now = self.services.clock.now()
        self.show_day(now.date(), now.hour * 60, kind=ViewKind.NEXT_7_DAYS)

    def show_day(self, day: date, minute: int | None = None, kind: ViewKind | None = None) -> Worker[None]:
        """Show a day in the panes that move together."""
        self.workspace.show_day(day, kind)
        return self.fill(lambda pane: pane.go_to(day, minute))

    def action_arrange(self, kind: str) -> None:
        """Another view of the same day."""
        day = self.active.moment
        self.show_day(day.date(), day.hour * 60 + day.minute, kind=ViewKind(kind))

    def action_other_pane(self) -> None:
        """To the other pane; from the list back to the active one."""
        if self.focused is self.list or not self.workspace.overlay:
            shown = self.panes[: self.workspace.limit]
            after = shown[(self.workspace.active + 1) % len(shown)]
            self.activate(self.active if self.focused is self.list else after)
        else:
            self.workspace.bring_forward()
            self.fill()

    def action_choose_calendar(self) -> None:
        """To the list, on the calendar of the active pane."""
        self.desk.listed = True if self.desk.narrow else None
        self.desk.share_out()
        self.list.select(self.workspace.here.calendar)
        self.list.focus()

    def action_toggle_list(self) -> None:
        """Show or hide the list."""
        self.desk.listed = not self.desk.side.display
        self.desk.share_out()
        if self.focused is self.list:
            self.activate(self.active)

    def action_toggle_ribbon(self) -> None:
        """Show or hide the ribbon."""
        self.toggle_class("-no-ribbon")

    def action_toggle_panes(self) -> None:
        """One pane or two."""
        if self.desk.narrow:
            self.status.say(_("The terminal is too narrow for two panes; Tab shows the other one."))
            return
        self.desk.single = not self.desk.single
        self.desk.share_out()
        self.call_after_refresh(self.tell)

    def action_toggle_together(self) -> None:
        """Panes move together or apart."""
        self.workspace.toggle_together()
        self.desk.share_out()
        self.fill(lambda pane: pane.scroll_like(self.active), every=True)

    def action_toggle_overlay(self) -> None:
        """Calendars on one another, or side by side."""
        self.workspace.toggle_overlay()
        self.desk.share_out()
        self.fill(every=True)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Esc stops what takes long; while nothing does it is anybody's."""
        return action != "stop" or self.stopping is not None

    def action_stop(self) -> None:
        """Stop what takes long."""
        if self.stopping:
            self.stopping.set()

    def action_scale(self) -> None:
        """The next hour scale."""
        scale = SCALES[(SCALES.index(self.active.grid.scale) + 1) % len(SCALES)]
        for number in self.workspace.moved:
            self.panes[number].grid.rescale(scale)
            self.panes[number].redraw()
        self.tell()
        self.status.say(_("{minutes} minutes a line").format(minutes=scale))

    def action_refresh_calendars(self) -> None:
        """Look again, and say so; the screen is sent anew, too, if a stray program wrote on it."""
        self.partagenda.forget_picture()
        self.refresh()

        async def job() -> None:
            from tui.flows.viewing import refresh

            await refresh(self)

        self.work("refresh", job)

    def action_number_weeks(self) -> None:
        """Numbers of weeks, or none."""
        on = not self.active.look.weeks
        for pane in self.panes:
            pane.number_weeks(on=on)

    def action_show_all_events(self) -> None:
        """Take the filter away."""
        self.only = EntryFilter()
        self.fill(every=True)


def view_command(kind: ViewKind) -> str:
    """The command that chooses this view."""
    return "go.next-7-days" if kind is ViewKind.NEXT_7_DAYS else f"view.{kind}"
