"""Accounts: the list, setting one up, trying it, what waits for its server, and a colleague's calendar on it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType

from core.bootstrap import Services, check_account
from core.config.account_form import AccountType
from core.config.accounts import add_account
from core.config.settings import Account, load
from core.errors import PartagendaError, SignInFailed
from core.language import N_, _
from core.language.dates import date_and_time, time_of_day
from core.ports.calendars import CalendarInfo
from core.ports.servers import AccountState, PendingWrite, WriteState
from core.services.accounts import Keep, both_can_stay
from core.values import dataclass
from tui.account_words import host_of, place_of, type_of
from tui.reporting import reporting, show_notice
from tui.screens.add_account import AddAccountDialog
from tui.screens.dialog import DialogButton
from tui.screens.list_page import ListPage
from tui.text import cell_width, clean
from tui.widgets.form import LetterButton
from tui.widgets.text_view import Line, table
from tui.wording import waiting_words


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One account, how its server is doing, and what that has not confirmed."""

    account: Account
    state: AccountState | None
    writes: tuple[PendingWrite, ...]
    smaller: tuple[CalendarInfo, ...] = ()
    """Calendars of which the server suddenly shows much less."""

    @property
    def to_decide(self) -> bool:
        """Whether there is anything that only the person can decide."""
        return bool(self.smaller or _open_questions(self))

    @property
    def distant(self) -> bool:
        """Whether its calendars are on a server."""
        return self.state is not None


class AccountsScreen(ListPage[AccountRow, CalendarInfo]):
    """Ends with a calendar to be shown, if one was opened."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "add", N_("Add an account"), id="accounts.add", show=False),
        Binding("t", "try_it", N_("Try it"), id="accounts.check", show=False),
        Binding("r", "refresh", N_("Read its calendars"), id="accounts.refresh", show=False),
        Binding("o", "open", N_("Open a colleague's calendar"), id="accounts.open", show=False),
        Binding("s", "sign_out", N_("Sign out"), id="accounts.sign_out", show=False),
        Binding("v", "settle", N_("Decide about a change"), id="accounts.settle", show=False),
    ]

    def __init__(self, services: Services) -> None:
        super().__init__(_("Accounts"), id="accounts")
        self._services = services
        self._answers: dict[str, list[Line]] = {}
        """What was said when an account was tried."""

    def facts(self) -> str:
        """Where they are written down."""
        return _("They stand in {file}; passwords do not.").format(file=_from_home(self._services.settings.path))

    def buttons(self) -> Sequence[DialogButton]:
        """What can be done with an account."""
        return (
            DialogButton("add", _("&New account…"), main=True),
            DialogButton("check", _("&Try it")),
            DialogButton("refresh", _("&Read")),
            DialogButton("open", _("&Open a colleague’s…")),
            DialogButton("back", _("Back")),
        )

    def keys(self) -> Sequence[tuple[str, str]]:
        """What works with the marked account."""
        row = self.marked if self._read_once else None
        found = [("V", _("Decide"))] if row and row.to_decide else [("N", _("New"))]
        found += [("T", _("Try it"))] if row is not None else []
        found += [("R", _("Read it")), ("O", _("Colleague’s"))] if row and row.distant else []
        found += [("S", _("Sign out"))] if row is not None and self._services.sign_in(row.account.name) else []
        return [*found, (_("Esc"), _("Back"))]

    def nothing(self) -> str:
        """No account yet."""
        return _("There is no account yet. N sets one up: an Exchange Server, a mail server, folders.")

    async def read(self) -> Sequence[AccountRow]:
        """In the order of config.toml."""
        accounts = self._services.accounts
        states = {state.account: state for state in await accounts.states()}
        writes, smaller = await accounts.writes(), await accounts.smaller()
        return [
            AccountRow(
                account,
                states.get(name),
                tuple(write for write in writes if write.account == name),
                tuple(info for info in smaller if info.account == name),
            )
            for name, account in self._services.settings.accounts.items()
        ]

    def columns(self, item: AccountRow) -> Sequence[tuple[str, float]]:
        """Name, type, where, how it is doing."""
        return (
            (item.account.name, -self._widest(lambda account: account.name, 12)),
            (_type_words(item.account), -self._widest(_type_words, 18)),
            (host_of(item.account), -self._widest(host_of, 28)),
            (self._doing(item), 1),
        )

    def _widest(self, words: Callable[[Account], str], most: int) -> int:
        """As wide as the widest of that column, up to a bound: at 80 columns there is no cell to give away."""
        return min(most, max((cell_width(clean(words(row.account))) for row in self.items), default=1))

    def _doing(self, row: AccountRow) -> str:
        if row.state is None:
            return ""
        if row.state.waiting or row.state.conflicts:
            return waiting_words(row.state).partition(": ")[2]
        if row.state.problem:
            return _("not reached")
        if row.smaller:
            return _("much smaller")
        return _("read {when}").format(when=self._when(row.state)) if row.state.refreshed else _("never read")

    def _when(self, state: AccountState) -> str:
        assert state.refreshed is not None
        there, now = state.refreshed.astimezone(self._services.clock.zone), self._services.clock.now()
        return time_of_day(there) if there.date() == now.date() else date_and_time(there)

    async def describe(self, item: AccountRow) -> Sequence[Line]:
        """What it is, what was said when it was tried, what waits."""
        rows = [
            (_("Account"), item.account.name),
            (_("Type"), _type_words(item.account)),
            (_("Where"), place_of(item.account)),
        ]
        lines = [Line(item.account.name, "title"), Line(""), *table(rows), Line("")]
        lines += self._answers.get(item.account.name, [])
        if item.state is not None:
            lines += self._state_lines(item.state)
        for info in item.smaller:
            lines += _smaller_lines(info)
        for write in item.writes:
            lines += _write_lines(write)
        return lines

    def _state_lines(self, state: AccountState) -> list[Line]:
        read = _("Last read: {when}").format(when=self._when(state) if state.refreshed else _("never"))
        lines = [Line(read)]
        if state.problem:
            lines += [Line(_("Its server was not reached the last time:"), "warning"), Line(state.problem, "warning")]
            lines.append(Line(_("Its calendars show what was read before; what you change waits."), "quiet"))
        return lines

    def marked_changed(self) -> None:
        """Only what works can be pressed."""
        super().marked_changed()
        row = self.marked
        self.query_one("#check", LetterButton).disabled = row is None
        for name in ("refresh", "open"):
            self.query_one(f"#{name}", LetterButton).disabled = row is None or not row.distant

    def pressed(self, button: str) -> None:
        """As the letters."""
        match button:
            case "add":
                self.action_add()
            case "check":
                self.action_try_it()
            case "refresh":
                self.action_refresh()
            case "open":
                self.action_open()
            case _other:
                self.action_back()

    def activated(self) -> None:
        """Enter tries it."""
        self.action_try_it()

    # -- setting up and trying

    @work(group="account", exclusive=True, exit_on_error=False)
    async def action_add(self) -> None:
        """Set one up, write it down, use it from now on, and try it."""
        settings = self._services.settings
        own = settings.me.address.address if settings.me.address else ""
        new = await self.app.push_screen_wait(AddAccountDialog(frozenset(settings.accounts), own))
        if new is None:
            return
        with reporting(self.app):
            await asyncio.to_thread(add_account, settings.path, new.name, new.type, new.values)
            await self._services.use(await asyncio.to_thread(load, settings.path))
            self.items = await self.read()
            self._fill()
            await self._try(self._services.settings.accounts[new.name])

    @work(group="account", exclusive=True, exit_on_error=False)
    async def action_try_it(self) -> None:
        """Sign in, and say what the server is and can do."""
        if self.marked is not None:
            await self._try(self.marked.account)

    async def _signed_in(self, account: Account, *, again: bool = False) -> bool:
        """Whether somebody is signed in with the browser, asked where nobody is; True where that is not the way.

        `again`: the server takes what it gave no more.
        """
        door = self._services.sign_in(account.name)
        if door is None or (await door.signed_in() and not again):
            return True
        from tui.flows.signing_in import sign_in

        with reporting(self.app):
            return await sign_in(self.app, account.name, door)
        return False

    @work(group="account", exclusive=True, exit_on_error=False)
    async def action_sign_out(self) -> None:
        """Forget what the browser's sign-in gave. What was read stays here until the account is taken out."""
        row = self.marked
        door = self._services.sign_in(row.account.name) if row is not None else None
        if row is None or door is None:
            return
        with reporting(self.app):
            removed = await door.sign_out()
            said = _("Signed out: no token is kept.") if removed else _("Nobody was signed in.")
            self._answers[row.account.name] = [Line(said), Line("")]
            self._describe_marked()

    async def _said(self, account: Account) -> str:
        try:
            return await check_account(self._services.settings, account, self._services.paths)
        except SignInFailed:
            if self._services.sign_in(account.name) is None or not await self._signed_in(account, again=True):
                raise
        return await check_account(self._services.settings, account, self._services.paths)

    async def _try(self, account: Account) -> None:
        if not await self._signed_in(account):
            return
        self._answers[account.name] = [Line(_("Trying…"), "quiet"), Line("")]
        self._describe_marked()
        try:
            said = await self._said(account)
        except PartagendaError as error:
            lines = [Line(_("It does not work:"), "warning"), Line(error.message, "warning"), Line(error.hint)]
        else:
            lines = [Line(_("It works:"), "title"), *(Line(f"  {part}") for part in said.split(" · "))]
        self._answers[account.name] = [*lines, Line("")]
        self._describe_marked()

    @work(group="account", exclusive=True, exit_on_error=False)
    async def action_refresh(self) -> None:
        """Read the marked account's calendars now."""
        row = self.marked
        if row is None or not row.distant:
            return
        name = row.account.name
        self._answers[name] = [Line(_("Reading…"), "quiet"), Line("")]
        self._describe_marked()
        failed = await self._services.accounts.refresh(only=[name])
        self._answers.pop(name, None)
        for _name, error in failed:
            show_notice(self.app, error.message, severity="error")
        self.action_read()

    @work(group="account", exclusive=True, exit_on_error=False)
    async def action_open(self) -> None:
        """A colleague's calendar on this server, beside one's own."""
        from tui.screens.open_shared import OpenSharedDialog

        row = self.marked
        if row is None or not row.distant:
            return
        dialog = OpenSharedDialog(row.account.name, self._services.people.complete)
        address = await self.app.push_screen_wait(dialog)
        if address:
            with reporting(self.app):
                info = await self._services.accounts.open_shared(row.account.name, address)
                self.dismiss(info)

    # -- what waits

    @work(group="account", exclusive=True, exit_on_error=False)
    async def action_settle(self) -> None:
        """Decide about the first change that the server did not take; else about a suddenly smaller calendar."""
        row = self.marked
        if row is None or not row.to_decide:
            return
        with reporting(self.app):
            if questions := _open_questions(row):
                await self._settle(questions[0])
            else:
                await self._take_or_keep(row)
        self.action_read()

    async def _take_or_keep(self, row: AccountRow) -> None:
        from tui.flows.smaller import decide

        said = await decide(self.app, self._services, row.smaller[0])
        self._answers[row.account.name] = [Line(said), Line("")]

    async def _settle(self, write: PendingWrite) -> None:
        from tui.screens.conflict import ConflictDialog, Settle

        if write.state is WriteState.FAILED:
            await self._refused(write)
            return
        zone = self._services.clock.zone
        message = _(
            "“{title}” was changed on the server meanwhile; both versions are kept. Undo does not take this back."
        ).format(title=write.title)
        dialog = ConflictDialog(message, write.mine, write.theirs, zone, both=both_can_stay(write))
        chosen = await self.app.push_screen_wait(dialog)
        keep = {Settle.MINE: Keep.MINE, Settle.THEIRS: Keep.THEIRS, Settle.BOTH: Keep.BOTH}.get(chosen)
        if keep is not None:
            await self._services.accounts.settle(write, keep)

    async def _refused(self, write: PendingWrite) -> None:
        """A change that the server refuses: once more, or given up."""
        from tui.screens.confirm import ConfirmDialog

        question = _("The server refuses to change “{title}”: {reason}").format(title=write.title, reason=write.reason)
        again = ConfirmDialog(_("Try it again?"), question, _("&Try again"))
        if await self.app.push_screen_wait(again):
            await self._services.accounts.retry(write)
            return
        text = _("Your change is dropped; the calendar shows what the server has.")
        give_up = ConfirmDialog(_("Give it up?"), text, _("&Give up"), danger=True)
        if await self.app.push_screen_wait(give_up):
            await self._services.accounts.give_up(write)


def _open_questions(row: AccountRow) -> list[PendingWrite]:
    return [write for write in row.writes if write.state in (WriteState.CONFLICT, WriteState.FAILED)]


def _smaller_lines(info: CalendarInfo) -> list[Line]:
    assert info.smaller is not None
    kept = _("Your copy is kept until you have decided: V asks you.")
    return [Line(""), Line(f"{info.name}: {info.smaller.told}", "warning"), Line(f"  {kept}", "quiet")]


def _from_home(path: Path) -> str:
    """`~/…` below one's home, as one types it."""
    with suppress(ValueError, RuntimeError):
        return f"~/{path.relative_to(Path.home())}"
    return str(path)


def _type_words(account: Account) -> str:
    kind = type_of(account)
    return AccountType(kind).label if kind in set(AccountType) else kind


def _write_lines(write: PendingWrite) -> list[Line]:
    words = {
        WriteState.WRITING: _("is being kept"),
        WriteState.PREPARED: _("waits for the server"),
        WriteState.SENDING: _("was sent; the server has not confirmed it"),
        WriteState.FAILED: _("is refused by the server"),
        WriteState.CONFLICT: _("was changed by somebody else, too"),
    }
    bad = write.state in (WriteState.FAILED, WriteState.CONFLICT)
    told = _("“{title}” {what}").format(title=write.title, what=words[write.state])
    lines = [Line(""), Line(told, "warning" if bad else "")]
    return lines + [Line(f"  {text}", "quiet") for text in (write.reason, write.hint) if text]


__all__ = ["AccountRow", "AccountsScreen"]
