"""The home screen: Outlook's Calendar with two calendars side by side.

Ribbon above, list of calendars at the left, two panes, two lines of status. `tui.workspace` says what stands where;
panes and list draw what they are told. Everything that reads is a worker; keys never wait for it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.events import Resize
from textual.geometry import Size
from textual.reactive import Reactive
from textual.screen import Screen
from textual.widget import Widget

from core.calendar.span import DateRange
from core.language import _
from core.ports import CalendarInfo
from tui.commands import ALL, HINTS, Command, Scope, bindings, commands
from tui.reporting import reporting
from tui.screens.home_text import describe, describe_moment, note_of, welcome
from tui.widgets.calendar_list import CalendarList, rows_of
from tui.widgets.calendar_pane import CalendarPane, Shown, shown_ids
from tui.widgets.look import Look, Turn
from tui.widgets.periods import ViewKind, days_of
from tui.widgets.ribbon import Ribbon
from tui.widgets.status_bar import StatusBar
from tui.widgets.time_grid import SCALES
from tui.workspace import Place, Workspace

if TYPE_CHECKING:
    from core.bootstrap import Services
    from tui.app import PartagendaApp

WIDE = 100
"""From this width on two panes stand side by side."""
HIGH = 30
"""From this height on the ribbon has its groups' names."""
SLOW = 0.2
"""Seconds after which a pane says that it is loading."""
SETTLED = 0.5
"""Seconds after the first picture before files are looked at again: the first keys come first."""
MINUTE = 60.0
PROGRESS_EVERY = 0.5
"""Seconds between two lines of progress."""

After = Callable[[CalendarPane], Any]


class HomeScreen(Screen[None]):
    """Everything that a person sees first. `opened` are files to be looked at in the other pane."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.HOME)]
    AUTO_FOCUS = "#pane-1"
    focused: Reactive[Widget | None] = Reactive(None, repaint=False)
    """As Textual's, but that another focus does not send the whole screen again (18 KB at 120×40)."""

    def __init__(self, services: Services, opened: Sequence[Path] = ()) -> None:
        super().__init__()
        self.services = services
        self.opened = tuple(opened)
        self.calendars: list[CalendarInfo] = []
        self.colours: dict[str, str] = {}
        self.workspace = Workspace(services.clock.now().date())
        self.ribbon = Ribbon(id="ribbon")
        self.list = CalendarList(id="calendars")
        self.panes = (CalendarPane(id="pane-1", classes="-active"), CalendarPane(id="pane-2"))
        self.status = StatusBar(id="status")

    @property
    def partagenda(self) -> PartagendaApp:
        """The app with its own type."""
        app: PartagendaApp = self.app  # type: ignore[assignment]
        return app

    def compose(self) -> ComposeResult:
        """Ribbon, list, two panes, status."""
        self._fit_to(self.app.size)
        yield self.ribbon
        with Horizontal(id="desk"):
            yield self.list
            yield from self.panes
        yield self.status

    def on_mount(self) -> None:
        """Show what is stored as soon as the screen stands, then look whether it changed."""
        self.work("calendars", self._begin)
        self.set_timer(SLOW, self.partagenda.raise_curtain)
        self.set_interval(MINUTE, self._minute)

    # -- reading

    def work(self, group: str, job: Callable[[], Awaitable[None]]) -> None:
        """Run a job as a worker; of one group the newest wins, and what goes wrong is shown."""

        async def guarded() -> None:
            with reporting(self.app):
                await job()

        self.run_worker(guarded(), group=group, exclusive=True, exit_on_error=False)

    async def _begin(self) -> None:
        first_run = await self._take_calendars()
        if self.opened:
            await self.look_at(self.opened)
        now = self.services.clock.now()
        await self.show_all(lambda pane: pane.go_to(now.date(), now.hour * 60 + now.minute))
        self.call_after_refresh(self.partagenda.raise_curtain)
        if first_run:
            self.status.say(welcome(self.services))
        self.set_timer(SETTLED, lambda: self.work("refresh", self._refresh))

    async def _take_calendars(self) -> bool:
        """Read the list, and give each pane a calendar; True when there was none at all and one was made."""
        library = self.services.library
        self.calendars = list(await library.calendars())
        made = not self.calendars
        if made:
            await library.set_default((await library.create(_("Calendar"))).id)
            self.calendars = list(await library.calendars())
        self.workspace.assign(self.calendars)
        self._dress()
        return made

    def _dress(self) -> None:
        """Colours: a calendar's own, else one of the theme's in the order of the list."""
        numbers = iter(range(1, len(self.calendars) + 1))
        self.colours = {info.id: info.colour or str(next(numbers)) for info in self.calendars}
        look = Look(self.partagenda.marks, self.colours, self.services.settings.working_hours)
        for pane in self.panes:
            pane.dress(look)

    async def look_at(self, paths: Sequence[Path]) -> None:
        """Open files without importing them; the first one is meant for the other pane."""
        infos = await self.services.library.look_at(paths)
        await self._take_calendars()
        if infos:
            self.workspace.put(infos[0].id, self.workspace.other)

    async def reload(self, wanted: CalendarInfo | None, *, beside: bool = False) -> None:
        """Read the list again and show a calendar that is new, in the active pane or beside it."""
        await self._take_calendars()
        if wanted and any(info.id == wanted.id for info in self.calendars):
            self.workspace.put(wanted.id, self.workspace.other if beside else self.workspace.active)
        await self.show_all()

    async def show_all(self, after: After | None = None) -> None:
        """Read and show both panes."""
        await self._fill(self.panes, after)

    async def _fill(self, panes: Sequence[CalendarPane], after: After | None) -> None:
        """Read what the panes are meant to show, and show it. What is there stays until the new is."""
        slow = self.set_timer(SLOW, lambda: self._say_loading(panes))
        try:
            found = [(pane, wish := replace(self.place_of(pane)), await self._read(wish)) for pane in panes]
        finally:
            slow.stop()
        for pane, wish, shown in found:
            if wish == self.place_of(pane):  # else somebody wished for something newer meanwhile
                pane.show(shown)
                if after:
                    after(pane)
        self.tell()

    @staticmethod
    def _say_loading(panes: Sequence[CalendarPane]) -> None:
        for pane in panes:
            pane.say_loading()

    async def _read(self, place: Place) -> Shown:
        """The entries for a place; without a calendar there are none."""
        days = days_of(place.kind, place.anchor, self.services.settings.working_hours.days)
        info = next((info for info in self.calendars if info.id == place.calendar), None)
        if info is None:
            return Shown(None, place.kind, days, ())
        zone = self.services.clock.zone
        entries = await self.services.library.entries([info.id], DateRange(days[0], days[-1]).span(zone), zone)
        return Shown(info, place.kind, days, tuple(entries), note_of(info, self.services.clock.now()))

    def fill(self, after: After | None = None, *, every: bool = False) -> None:
        """As a worker: the panes that move together, or each of them. The newest wish wins."""
        panes = self.panes if every else tuple(self.panes[number] for number in self.workspace.moved)
        group = "panes" if len(panes) == len(self.panes) else str(panes[0].id)
        self.work(group, lambda: self._fill(panes, after))

    async def _refresh(self) -> None:
        await self.services.library.refresh()
        await self._take_calendars()
        await self.show_all()

    async def _refresh_aloud(self) -> None:
        self.status.say(_("Looking at the calendars…"))
        await self._refresh()
        self.status.say(_("Everything is up to date."))

    def _minute(self) -> None:
        """The now-line, and what other programs changed; nothing is sent when nothing did."""
        for pane in self.panes:
            pane.tick()
        self.work("refresh", self._refresh)

    # -- what is where

    @property
    def active(self) -> CalendarPane:
        """The active pane."""
        return self.panes[self.workspace.active]

    @property
    def other(self) -> CalendarPane:
        """The pane that is not active."""
        return self.panes[self.workspace.other]

    def place_of(self, pane: CalendarPane) -> Place:
        """What a pane is meant to show."""
        return self.workspace.places[self.panes.index(pane)]

    @property
    def side_by_side(self) -> bool:
        """Whether both panes are on the screen."""
        return self.size.width >= WIDE and not self.has_class("-single")

    def activate(self, pane: CalendarPane) -> None:
        """Make this the active pane, and give it the focus."""
        self.workspace.active = self.panes.index(pane)
        self._mark_active()
        pane.focus()

    def _mark_active(self) -> None:
        for pane in self.panes:
            pane.set_class(pane is self.active, "-active")

    def tell(self) -> None:
        """Status, ribbon, ticks and hints as things are now."""
        pane, zone = self.active, self.services.clock.zone
        empty = describe_moment(pane.moment, hours=pane.shows_hours) if pane.info else ""
        joined = _("Panes together") if self.workspace.together else _("Panes apart")
        left = describe(pane.selected, zone) if pane.selected else empty
        self.status.tell(left, f"{joined}  {zone}" if self.side_by_side else str(zone))
        off = frozenset(command.id for command in commands(Scope.HOME) if command.reason(self))
        self.ribbon.show(view_command(self.workspace.here.kind), off)
        self.status.hint(self._hints())
        self.list.show(rows_of(self.calendars, self.services.clock.now()), shown_ids(self.panes), self.colours)

    def _hints(self) -> list[Command]:
        """The commands whose keys work where the focus is, and can be used now."""
        hidden = {Scope.HOME, Scope.PANE} if self.focused is self.list else {Scope.LIST}
        found = [ALL[identifier] for identifier in HINTS]
        return [command for command in found if command.scope not in hidden and not command.reason(self)]

    # -- messages of panes and list

    @on(CalendarPane.Moved)
    def _moved(self, event: CalendarPane.Moved) -> None:
        if event.pane.has_focus:
            self.workspace.active = self.panes.index(event.pane)
            self._mark_active()
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
        self.workspace.turn(1 if event.turn is Turn.ON else -1)
        self.fill(lambda pane: pane.enter(event.turn, event.step) if pane is event.pane else None)

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
            self._mark_active()
            self.fill(every=True)
        else:
            self.status.say(_("One calendar is always shown."))

    @on(CalendarList.Left)
    def _leave_list(self) -> None:
        if self.size.width < WIDE:
            self.remove_class("-list")
        self.activate(self.active)

    def on_descendant_focus(self) -> None:
        """Other keys work now."""
        self.tell()

    def on_resize(self, event: Resize) -> None:
        """Two panes or one, three lines of ribbon or one: as the terminal has room."""
        self._fit_to(event.size)
        self.call_after_refresh(self.tell)

    def _fit_to(self, size: Size) -> None:
        self.set_class(size.width < WIDE, "-narrow")
        self.set_class(size.height < HIGH, "-low")

    # -- actions of the registry

    def action_flow(self, name: str) -> None:
        """A command that opens a dialog or another screen."""

        async def job() -> None:
            from tui.screens.home_flows import FLOWS

            await FLOWS[name](self)

        self.work("flow", job)

    def action_turn(self, steps: int) -> None:
        """The next or previous period."""
        self.workspace.turn(steps)
        self.fill()

    def action_today(self) -> None:
        """Today, with the cursor at this hour."""
        now = self.services.clock.now()
        self.show_day(now.date(), now.hour * 60 + now.minute)

    def action_next_7_days(self) -> None:
        """Seven days from today."""
        now = self.services.clock.now()
        self.show_day(now.date(), now.hour * 60, kind=ViewKind.NEXT_7_DAYS)

    def show_day(self, day: date, minute: int | None = None, kind: ViewKind | None = None) -> None:
        """Show a day in the panes that move together."""
        self.workspace.show_day(day, kind)
        self.fill(lambda pane: pane.go_to(day, minute))

    def action_arrange(self, kind: str) -> None:
        """Another view of the same day."""
        day = self.active.moment
        self.show_day(day.date(), day.hour * 60 + day.minute, kind=ViewKind(kind))

    def action_other_pane(self) -> None:
        """To the other pane; from the list back to the active one."""
        self.activate(self.active if self.focused is self.list else self.other)

    def action_choose_calendar(self) -> None:
        """To the list, on the calendar of the active pane."""
        self.remove_class("-no-list")
        self.add_class("-list")
        self.list.select(self.workspace.here.calendar)
        self.list.focus()

    def action_toggle_list(self) -> None:
        """Show or hide the list."""
        self.toggle_class("-no-list" if self.size.width >= WIDE else "-list")
        if self.focused is self.list:
            self.activate(self.active)

    def action_toggle_ribbon(self) -> None:
        """Show or hide the ribbon."""
        self.toggle_class("-no-ribbon")

    def action_toggle_panes(self) -> None:
        """One pane or two."""
        if self.size.width < WIDE:
            self.status.say(_("The terminal is too narrow for two panes; Tab shows the other one."))
            return
        self.toggle_class("-single")
        self.call_after_refresh(self.tell)

    def action_toggle_together(self) -> None:
        """Panes move together or apart."""
        self.workspace.toggle_together()
        self.fill(lambda pane: pane.scroll_like(self.active))

    def action_scale(self) -> None:
        """The next hour scale."""
        scale = SCALES[(SCALES.index(self.active.grid.scale) + 1) % len(SCALES)]
        for number in self.workspace.moved:
            self.panes[number].grid.rescale(scale)
            self.panes[number].redraw()
        self.tell()
        self.status.say(_("{minutes} minutes a line").format(minutes=scale))

    def action_refresh_calendars(self) -> None:
        """Look again, and say so."""
        self.work("refresh", self._refresh_aloud)


def view_command(kind: ViewKind) -> str:
    """The command that chooses this view."""
    return "go.next-7-days" if kind is ViewKind.NEXT_7_DAYS else f"view.{kind}"
