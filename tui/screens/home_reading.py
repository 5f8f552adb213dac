"""What the home screen reads: calendars, entries of the panes, busy days. All of it in workers; keys never wait.

`tui.workspace` says what a pane is meant to show; what comes back too late, because somebody wished for something
newer meanwhile, is not shown.
"""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from threading import Event
from time import monotonic
from typing import TYPE_CHECKING, Any

from textual.worker import Worker

from core.calendar.busyness import loads_of
from core.calendar.span import DateRange
from core.errors import StorageError, TransportError
from core.language import _
from core.ports.calendars import CalendarInfo
from core.ports.world import Progress
from tui.busy_months import BusyMonths
from tui.edit_state import EditState
from tui.read_ahead import ReadAhead
from tui.reporting import reporting
from tui.ringing import Ringer
from tui.screens.home_desk import Desk
from tui.screens.home_text import note_of, welcome
from tui.screens.one_picture import OnePicture
from tui.widgets.calendar_pane import CalendarPane, Shown, shown_ids
from tui.widgets.filtering import EntryFilter
from tui.widgets.look import Look
from tui.widgets.periods import ViewKind, days_of, turned
from tui.widgets.ribbon import Ribbon
from tui.widgets.status_bar import StatusBar
from tui.workspace import Place, Workspace

if TYPE_CHECKING:
    from core.bootstrap import Services
    from core.services.sources import Source
    from tui.app import PartagendaApp
    from tui.flows.finding import Suggested

LATER = 0.05
"""Seconds by which a month is looked through with a filter after the week that somebody waits for."""
SLOW = 0.2
"""Seconds after which a pane says that it is loading."""
SETTLED = 0.5
"""Seconds after the first picture before files are looked at again: the first keys come first."""

SERVERS_EVERY = 120.0
"""Seconds between two questions to the servers while the app is open."""
NEWS = 0.2
"""Seconds in which several pieces of news become one picture."""

After = Callable[[CalendarPane], Any]


class HomeReading(OnePicture[None]):
    """State of the home screen, and everything that reads. `opened` are files to be looked at in the other pane."""

    def __init__(self, services: Services, opened: Sequence[Path | Source] = ()) -> None:
        super().__init__()
        self.services = services
        self.opened = tuple(opened)
        self.calendars: list[CalendarInfo] = []
        self.colours: dict[str, str] = {}
        self.workspace = Workspace(services.clock.now().date())
        self.editing = EditState()
        self._marked: tuple[date, tuple[str, ...]] | None = None
        self._months = BusyMonths(self._read_busy_days)
        self._stale = False
        """What was read of the busy days may not count any more."""
        self._time_stale = False
        """What is free may be something else."""
        self._ahead = ReadAhead(self._read)
        self.stopping: Event | None = None
        """Set by Esc while something long is going on."""
        self.ribbon = Ribbon(id="ribbon")
        self.desk = Desk(self.workspace)
        self.list = self.desk.list
        self.only = EntryFilter()
        """What of the calendars is shown."""
        self.searched = ""
        """What was looked for last."""
        self.suggested: Suggested | None = None
        """Common free time that was looked for, and the suggestion that is shown."""
        self.second_zone = ""
        """The zone (IANA) whose hours stand beside one's own; empty: none."""
        self.status = StatusBar(id="status")
        self.ringer = Ringer(services)
        self._healed = False
        self._watched: object = None
        self._asked_servers = -SERVERS_EVERY

    @property
    def partagenda(self) -> PartagendaApp:
        """The app with its own type."""
        app: PartagendaApp = self.app  # type: ignore[assignment]
        return app

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
    def panes(self) -> list[CalendarPane]:
        """All panes, in the order of the workspace's places."""
        return self.desk.panes

    @property
    def on_screen(self) -> list[CalendarPane]:
        """The panes on the screen."""
        return self.desk.on_screen

    @abstractmethod
    def activate(self, pane: CalendarPane) -> None:
        """Make this the active pane, and give it the focus."""

    @abstractmethod
    def tell(self) -> None:
        """Status, ribbon, ticks and hints as things are now."""

    # -- reading

    def work(self, group: str, job: Callable[[], Awaitable[None]]) -> Worker[None]:
        """Run a job as a worker; of one group the newest wins, and what goes wrong is shown."""

        async def guarded() -> None:
            with reporting(self.app):
                await job()

        return self.run_worker(guarded, group=group, exclusive=True, exit_on_error=False)

    async def _begin(self) -> None:
        first_run = await self._take_calendars()
        if self.opened:
            await self.look_at(self.opened)
            self._bring_in_sight(self.workspace.other)
        now = self.services.clock.now()
        await self.show_all(lambda pane: pane.go_to(now.date(), now.hour * 60 + now.minute))
        self.partagenda.raise_curtain()
        if first_run:
            self.status.say(welcome(self.services))
        self.set_timer(SETTLED, self._refresh_quietly)

    async def _take_calendars(self) -> bool:
        """Read the list, and give each pane a calendar; True when there was none at all and one was made."""
        library = self.services.library
        self.calendars = list(await library.calendars())
        made = not self.calendars
        if made:
            await library.set_default((await library.create(_("Calendar"), undoable=False)).id)
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

    async def look_at(self, paths: Sequence[Path | Source]) -> None:
        """Open files without importing them; the first one is meant for the other pane."""
        infos = await self.services.library.look_at(paths)
        await self._take_calendars()
        if infos:
            self.workspace.put(infos[0].id, self.workspace.other)

    async def reload(self, wanted: CalendarInfo | None, *, beside: bool = False) -> None:
        """Read the list again and show a calendar that is new, in the active pane or beside it."""
        await self._take_calendars()
        said = ""
        if wanted and any(info.id == wanted.id for info in self.calendars):
            number = self.workspace.other if beside else self.workspace.active
            self.workspace.put(wanted.id, number)
            said = self._bring_in_sight(number)
        await self.show_all()
        self.status.say(said)

    def _bring_in_sight(self, number: int) -> str:
        """Where one pane is shown at a time, go to that place; the answer says how to come back."""
        if self.panes[number] in self.on_screen:
            return ""
        self.activate(self.panes[number])
        key = self.partagenda.keymap.name_of("pane.other")
        return _("This is the other pane; {key} goes back.").format(key=key)

    async def show_all(self, after: After | None = None, *, fresh: bool = True) -> None:
        """Read and show all panes. `fresh`: the events may have changed, and not only the days that are shown."""
        if fresh:
            self._forget()  # a newer wish may end this one before it is read
        await self.desk.match()
        await self._fill(self.panes, after)
        self._mark_busy_days()
        if self._time_stale:
            self._time_stale = False
            if self.suggested is not None:
                self.work("suggested", self._look_for_time_again)

    def _forget(self) -> None:
        """What was read before says nothing of what is to be shown now."""
        self._ahead.forget()
        self._stale = self._time_stale = True

    async def _look_for_time_again(self) -> None:
        from tui.flows.finding import look_again

        await look_again(self)

    async def _fill(self, panes: Sequence[CalendarPane], after: After | None) -> None:
        """Read what the panes are meant to show, and show it. What is there stays until the new is."""
        slow = self.set_timer(SLOW, lambda: self._say_loading(panes))
        try:
            found = [(pane, wish := self._wish(pane), await self._ahead.shown(*wish)) for pane in panes]
        finally:
            slow.stop()
        for pane, wish, shown in found:
            if pane in self.panes and wish == self._wish(pane):  # else somebody wished for something newer meanwhile
                with pane.drawn_once():
                    pane.show(shown)
                    if after:
                        after(pane)
        self.tell()

    def look_ahead(self, steps: int) -> None:
        """After a turn by so many steps: read and paint what the same key shows next."""
        panes = [self.panes[number] for number in self.workspace.moved if number < len(self.panes)]
        next_ones = [
            (replace(place, anchor=turned(place.kind, place.anchor, steps)), calendars)
            for place, calendars in map(self._wish, panes)
        ]
        self.work("ahead", lambda: self._ahead.look(next_ones, lambda number, shown: panes[number].foresee(shown)))

    @staticmethod
    def _say_loading(panes: Sequence[CalendarPane]) -> None:
        for pane in panes:
            pane.say_loading()

    def _wish(self, pane: CalendarPane) -> tuple[Place, tuple[str, ...]]:
        """What a pane is meant to show now."""
        place = self.place_of(pane)
        return replace(place), self.workspace.calendars(place)

    async def _read(self, place: Place, calendars: tuple[str, ...]) -> Shown:
        """The entries for a place; without a calendar there are none."""
        days = days_of(place.kind, place.anchor, self.services.settings.working_hours.days)
        known = {info.id: info for info in self.calendars}
        infos = tuple(known[calendar] for calendar in calendars if calendar in known)
        if not infos:
            return Shown(None, place.kind, days, ())
        ids, range_shown, zone = [info.id for info in infos], DateRange(days[0], days[-1]), self.services.clock.zone
        note = note_of(infos[0], self.services.clock.now())
        if place.kind is ViewKind.YEAR and not self.only:
            load = await self.services.library.load(ids, range_shown)
            return Shown(infos[0], place.kind, days, (), note, infos[1:], load)
        entries = self.only.of(await self.services.library.entries(ids, range_shown.span(zone), zone))
        return Shown(infos[0], place.kind, days, entries, note, infos[1:])

    def _mark_busy_days(self) -> None:
        """In the month below the list: read when another month or other calendars are shown, or something changed."""
        month = self.active.moment.date().replace(day=1)
        calendars = tuple(sorted(shown_ids(self.on_screen)))
        if not self.desk.card.display or (not self._stale and self._marked == (month, calendars)):
            return
        self._marked = (month, calendars)

        if self._stale:
            self._months.forget()
            self._stale = False
        known = self._months.known(month, calendars)
        if known is not None:
            self.desk.card.mark(known)

        async def job() -> None:
            self.desk.card.mark(await self._months.days(month, calendars))

        if known is None:
            self.work("card", job)
        self.work("around", lambda: self._months.read_around(month, calendars))

    async def _read_busy_days(self, month: date, calendars: tuple[str, ...]) -> frozenset[date]:
        """Without a filter the store says it at once; with one, each entry has to be looked at."""
        days = days_of(ViewKind.MONTH, month)
        shown = DateRange(days[0], days[-1])
        if not self.only:
            return await self.services.library.touched(calendars, shown)
        await asyncio.sleep(LATER)
        zone = self.services.clock.zone
        entries = self.only.of(await self.services.library.entries(calendars, shown.span(zone), zone))
        return frozenset(loads_of(entries, days[0], days[-1]))

    def fill(self, after: After | None = None, *, every: bool = False) -> Worker[None]:
        """As a worker: the panes that move together, or each of them. The newest wish wins."""
        if every:
            self._forget()
        if every or self.workspace.together:
            return self.work("panes", lambda: self.show_all(after, fresh=every))
        pane = self.active
        return self.work(str(pane.id), lambda: self._fill([pane], after))

    async def refresh_calendars(self, progress: Progress | None = None) -> None:
        """Look at what is stored, and show what changed. The first time, changes that a crash cut in two are healed."""
        if not self._healed:
            self._healed = True
            await self.services.heal()
        try:
            await self.services.library.refresh(progress, servers=progress is not None)
        except (TransportError, StorageError):
            await self._take_calendars()  # what others gave is shown, and at whose calendars something is wrong
            await self.show_all()
            raise
        await self._take_calendars()
        await self.show_all()
        self._refresh_feeds_when_due()
        if self.ringer.due(self.calendars):
            self.work("reminders", lambda: self.ringer.ring(self))

    def _refresh_feeds_when_due(self) -> None:
        """What comes from the internet has a time of its own; the keys do not wait for it."""
        if any(info.kind == "feed" for info in self.calendars):
            self.work("feeds", self._due_feeds)

    async def _due_feeds(self) -> None:
        from tui.flows.subscribing import refresh_feeds

        if await refresh_feeds(self, due_only=True):
            await self._take_calendars()
            await self.show_all()

    def _minute(self) -> None:
        """The now-line, and what other programs changed; nothing is sent when nothing did."""
        for pane in self.panes:
            pane.tick()
        self._refresh_quietly()
        if (self.services.paths.data / "publications.sqlite3").exists():
            self.work("uploads", self._upload_due)

    async def _upload_due(self) -> None:
        """What `sync` would upload now; one that another program is at is left to it."""
        for one in await self.services.publishing.upload_due():
            if one.problem:
                words = _("“{calendar}” was not uploaded: {reason}")
                self.status.say(words.format(calendar=one.calendar_name, reason=one.problem))

    def _refresh_quietly(self) -> None:
        """Unless somebody waits for it already: the newest of a group would end theirs."""
        if self.stopping is None:
            self.work("refresh", self.refresh_calendars)
        if self.services.settings.servers and monotonic() - self._asked_servers >= SERVERS_EVERY:
            self._asked_servers = monotonic()
            self.work("servers", self._ask_servers)

    def ask_servers_now(self) -> None:
        """Accounts may be others now."""
        self._asked_servers = -SERVERS_EVERY
        self._refresh_quietly()

    async def _ask_servers(self) -> None:
        """Ask every server; one that does not answer is told in the list and above its calendars, no more."""
        accounts = self.services.accounts
        if self._watched is not accounts:
            self._watched = accounts
            accounts.watch(self._server_news)
        await accounts.refresh()

    def _server_news(self) -> None:
        """Something of a server's calendars is another now; a burst of news is shown once."""

        async def job() -> None:
            await asyncio.sleep(NEWS)
            await self._take_calendars()
            await self.show_all()

        self.work("news", job)
