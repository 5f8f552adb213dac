"""Publications: what is published where, at which level, for which days; the last upload, its result, the next."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, tzinfo
from typing import ClassVar, Protocol

from textual import work
from textual.binding import Binding, BindingType

from core.concurrency import JobRunner
from core.errors import Conflict, PartagendaError
from core.language import N_, _
from core.language.dates import date_and_time, long_date, short_date
from core.ports.world import Clock
from core.services.publish import Publication, PublicationState, Publishing
from core.services.publish_on_exchange import OnExchange, PublishOnExchange
from tui.clipboard import copy
from tui.reporting import reporting, show_error, show_notice
from tui.screens.confirm import ConfirmDialog
from tui.screens.dialog import DialogButton
from tui.screens.list_page import ListPage
from tui.widgets.form import LetterButton
from tui.widgets.text_view import Line, table
from tui.wording import every_text, rolling_text

Do = Callable[[Publication], Awaitable[None]]
DoOnServer = Callable[[OnExchange], Awaitable[None]]


class _Services(Protocol):
    @property
    def publishing(self) -> Publishing: ...

    @property
    def exchange_publishing(self) -> PublishOnExchange: ...

    @property
    def jobs(self) -> JobRunner: ...

    @property
    def clock(self) -> Clock: ...


class PublicationsScreen(ListPage[Publication | OnExchange, None]):
    """Oldest first, then what a server publishes by itself. `change` asks for other options, `show` shows the
    addresses; `show_links` and `end` do that with a server's: flows of their own."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "republish", N_("Upload now"), id="publications.republish", show=False),
        Binding("o", "change", N_("Change options"), id="publications.change", show=False),
        Binding("a", "new_address", N_("New address"), id="publications.new-address", show=False),
        Binding("s", "stop", N_("Stop"), id="publications.stop", show=False),
        Binding("d,delete", "remove", N_("Remove from server"), id="publications.remove", show=False),
        Binding("y", "copy", N_("Copy the address"), id="publications.copy", show=False),
    ]

    def __init__(self, services: _Services, *, change: Do, show: Do, show_links: DoOnServer, end: DoOnServer) -> None:
        super().__init__(_("Publications"), id="publications")
        self._publishing = services.publishing
        self._jobs = services.jobs
        self._zone = services.clock.zone
        self._on_exchange = services.exchange_publishing
        self._change = change
        self._show = show
        self._show_links = show_links
        self._end = end

    @property
    def _mine(self) -> Publication | None:
        """The marked one, where it is uploaded from here."""
        item = self.marked if self._read_once else None
        return item if isinstance(item, Publication) else None

    def facts(self) -> str:
        """What this place is."""
        return _("On servers and in folders. Copies that others kept stay with them.")

    def buttons(self) -> Sequence[DialogButton]:
        """What can be done with a publication."""
        return (
            DialogButton("republish", _("Upload now"), main=True),
            DialogButton("change", _("Options…")),
            DialogButton("show", _("Addresses…")),
            DialogButton("remove", _("Remove…"), danger=True),
            DialogButton("back", _("Back")),
        )

    def keys(self) -> Sequence[tuple[str, str]]:
        """What works with the marked one. Enter and Esc have buttons, and the line has to fit into 80 columns."""
        item = self._mine
        if item is None or item.state is PublicationState.REMOVING:
            able = [("D", _("Remove"))] if self._read_once and self.marked else []
            return [*able, (_("Esc"), _("Back"))]
        words = (_("Upload"), _("Options"), _("Move"), _("Stop"), _("Remove"))
        return list(zip("ROASD", words, strict=True))

    def nothing(self) -> str:
        """Nothing yet."""
        return _("Nothing is published. W on the home screen publishes a calendar.")

    async def read(self) -> Sequence[Publication | OnExchange]:
        """Oldest first."""
        return [*await self._publishing.publications(), *await self._on_exchange.published()]

    def columns(self, item: Publication | OnExchange) -> Sequence[tuple[str, float]]:
        """Result, calendar, where, when."""
        if isinstance(item, OnExchange):
            return _server_columns(item, self._zone)
        when = short_date(item.last_upload.astimezone(self._zone)) if item.last_upload else "–"
        return (
            (f"{_mark(item)} {item.calendar_name}", 22),
            (_host(item), 24),
            (item.options.level.label, 24),
            (when, -13),
        )

    async def describe(self, item: Publication | OnExchange) -> Sequence[Line]:
        """Everything about it."""
        if isinstance(item, OnExchange):
            return _server_facts(item, self._zone)
        return _facts(item, self._zone)

    def marked_changed(self) -> None:
        """What is being removed can only be removed."""
        super().marked_changed()
        item = self._mine
        going = item is None or item.state is PublicationState.REMOVING
        for name in ("republish", "change"):
            self.query_one(f"#{name}", LetterButton).disabled = going
        self.query_one("#show", LetterButton).disabled = going and not isinstance(self.marked, OnExchange)
        self.query_one("#remove", LetterButton).disabled = self.marked is None

    def pressed(self, button: str) -> None:
        """As the letters."""
        match button:
            case "republish":
                self.action_republish()
            case "change":
                self.action_change()
            case "show":
                self.activated()
            case "remove":
                self.action_remove()
            case _other:
                self.action_back()

    def activated(self) -> None:
        """Enter shows the addresses."""
        if isinstance(self.marked, OnExchange):
            self._with_server(self._show_links, self.marked)
        else:
            self._run(self._show)

    def action_change(self) -> None:
        """Other options."""
        self._run(self._change)

    @work(group="publications", exclusive=True, exit_on_error=False)
    async def _with_server(self, flow: DoOnServer, item: OnExchange) -> None:
        with reporting(self.app):
            await flow(item)
        self.action_read()

    @work(group="publications", exclusive=True, exit_on_error=False)
    async def _run(self, flow: Do) -> None:
        item = self._mine
        if item is not None and item.state is not PublicationState.REMOVING:
            with reporting(self.app):
                await flow(item)
            self.action_read()

    def action_copy(self) -> None:
        """The calendar's address."""
        if self.marked is not None:
            copy(self.app, self.marked.links.ics if isinstance(self.marked, OnExchange) else self.marked.ics)

    @work(group="publications", exclusive=True, exit_on_error=False)
    async def action_republish(self) -> None:
        """Upload it now; over somebody else's only after asking."""
        item = self._mine
        if item is None or item.state is PublicationState.REMOVING:
            return
        await self._do(
            item,
            _("Uploading “{calendar}”"),
            lambda: self._publishing.republish(item.id),
            lambda: self._publishing.republish(item.id, overwrite=True),
            _("Overwrite It?"),
        )

    @work(group="publications", exclusive=True, exit_on_error=False)
    async def action_new_address(self) -> None:
        """Another address that nobody knows."""
        item = self._mine
        if item is None or item.state is PublicationState.REMOVING:
            return
        question = _("“{calendar}” gets a new address. Who has the old one reads nothing more:\n  {address}")
        dialog = ConfirmDialog(
            _("A New Address?"), question.format(calendar=item.calendar_name, address=item.ics), _("&New address")
        )
        if await self.app.push_screen_wait(dialog):
            await self._do(item, _("Moving “{calendar}”"), lambda: self._publishing.new_address(item.id))

    @work(group="publications", exclusive=True, exit_on_error=False)
    async def action_stop(self) -> None:
        """No further uploads."""
        item = self._mine
        if item is None or item.state is not PublicationState.ACTIVE:
            return
        with reporting(self.app):
            await self._publishing.stop(item.id)
            show_notice(self.app, _("It stays where it is and is not renewed any more."))
        self.action_read()

    def action_remove(self) -> None:
        """Take it away, or let the server end it, after asking."""
        if isinstance(self.marked, OnExchange):
            self._with_server(self._end, self.marked)
        elif self.marked is not None:
            self._remove(self.marked)

    @work(group="publications", exclusive=True, exit_on_error=False)
    async def _remove(self, item: Publication) -> None:
        addresses = "\n".join(f"  {address}" for address in (item.ics, item.page) if address)
        question = _("“{calendar}” is taken away. Copies that others kept stay with them.")
        dialog = ConfirmDialog(
            _("Remove from Server?"),
            f"{question.format(calendar=item.calendar_name)}\n{addresses}",
            _("&Remove"),
            danger=True,
        )
        if await self.app.push_screen_wait(dialog):
            await self._do(
                item,
                _("Removing “{calendar}”"),
                lambda: self._publishing.remove(item.id),
                lambda: self._publishing.remove(item.id, overwrite=True),
                _("Remove It All the Same?"),
            )

    async def _do(
        self,
        item: Publication,
        title: str,
        action: Callable[[], Awaitable[Publication | None]],
        insist: Callable[[], Awaitable[Publication | None]] | None = None,
        insist_title: str = "",
    ) -> None:
        """A job that outlives the screen. `insist`: what is done when somebody else's file is there and may go."""
        try:
            done = await self._jobs.start(title.format(calendar=item.calendar_name), lambda _progress: action()).wait()
        except Conflict as error:
            if insist is None:
                show_error(self.app, error)
            else:
                question = ConfirmDialog(insist_title, f"{error.message}\n{error.hint}", _("&Do it"), danger=True)
                if await self.app.push_screen_wait(question):
                    await self._do(item, title, insist)
        except PartagendaError as error:
            show_error(self.app, error)
        else:
            text = _("{calendar}: {result}") if done else _("Removed, and looked at: it is gone.")
            result = done.result if done else ""
            show_notice(self.app, text.format(calendar=item.calendar_name, result=result))
        self.action_read()


def _server_columns(item: OnExchange, zone: tzinfo) -> Sequence[tuple[str, float]]:
    when = short_date(item.when.astimezone(zone)) if item.when else "–"
    host = item.links.ics.partition("://")[2].partition("/")[0]
    return ((f"✓ {item.info.name}", 22), (host, 24), (item.options.level.label, 24), (when, -13))


def _server_facts(item: OnExchange, zone: tzinfo) -> list[Line]:
    access = _("Public: people can search for it") if item.options.public else _("Restricted: who has the link")
    rows = [
        (_("Calendar"), item.info.name),
        (_("Account"), item.info.account),
        (_("Detail"), item.options.level.label),
        (_("Days"), rolling_text(item.range)),
        (_("Access"), access),
        (_("Last"), _when(item.when, zone)),
    ]
    links = (item.links.ics, item.links.webcal, item.links.page)
    return [Line(f"✓ {item.result}", "title"), Line(""), *table(rows), Line(""), *map(Line, links)]


def _mark(item: Publication) -> str:
    if item.problem or item.narrower:
        return "!"
    return {PublicationState.ACTIVE: "✓", PublicationState.STOPPED: "=", PublicationState.REMOVING: "…"}[item.state]


def _host(item: Publication) -> str:
    """Where it is, without the part of the address that is a secret."""
    scheme, sign, rest = item.ics.partition("://")
    return rest.partition("/")[0] if sign else (item.ics.rpartition("/")[0] or scheme)


def _facts(item: Publication, zone: tzinfo) -> list[Line]:
    bad = bool(item.problem)
    lines = [Line(f"{_mark(item)} {item.result}", "warning" if bad else "title")]
    if item.hint:
        lines.append(Line(item.hint, "warning"))
    if item.narrower:
        lines.append(Line(_("Others may still see what was there before it was narrowed."), "warning"))
    options = item.options
    every = every_text(options.every) if options.every else _("single upload")
    rows = [
        (_("Calendar"), item.calendar_name),
        (_("Detail"), options.level.label),
        (_("Days"), rolling_text(options.range)),
        (_("Only"), _("working hours") if options.working_hours_only else ""),
        (_("Private"), _("with their details") if options.include_private else ""),
        (_("Uploads"), every if item.state is PublicationState.ACTIVE else item.state.label),
        (_("Last"), _when(item.last_upload, zone)),
        (_("Next"), _when(item.next_due, zone)),
        (_("Until"), long_date(options.expires) if options.expires else ""),
    ]
    lines += [Line(""), *table(rows), Line("")]
    return lines + [Line(address) for address in (item.ics, item.webcal, item.page) if address]


def _when(moment: datetime | None, zone: tzinfo) -> str:
    return date_and_time(moment.astimezone(zone)) if moment else ""
