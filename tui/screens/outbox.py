"""The outbox: what has not left yet and why, and what became of what did."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import ClassVar, Protocol

from textual import work
from textual.binding import Binding, BindingType

from core.concurrency import JobRunner
from core.language import N_, _
from core.language.dates import date_and_time, short_date
from core.ports.mail import Delivery, RecipientResult
from core.ports.world import Clock
from core.services.outbox import Outbox
from core.services.outbox_store import OutboxItem, OutboxState
from core.sharing.detail import DetailLevel
from tui.reporting import reporting, show_notice
from tui.screens.confirm import ConfirmDialog
from tui.screens.dialog import DialogButton
from tui.screens.list_page import ListPage
from tui.widgets.form import LetterButton
from tui.widgets.text_view import Line, table
from tui.wording import outcome_text, range_label

_MARKS = {
    OutboxState.PREPARED: "…",
    OutboxState.WAITING: "!",
    OutboxState.SENDING: "→",
    OutboxState.SENT: "✓",
    OutboxState.PARTLY: "±",
    OutboxState.FAILED: "✗",
    OutboxState.UNKNOWN: "?",
}


class _Services(Protocol):
    @property
    def outbox(self) -> Outbox: ...

    @property
    def jobs(self) -> JobRunner: ...

    @property
    def clock(self) -> Clock: ...


class OutboxScreen(ListPage[OutboxItem, None]):
    """Messages newest first; Enter shows the message as it goes out."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "retry", N_("Send again"), id="outbox.retry", show=False),
        Binding("d,delete", "drop", N_("Drop"), id="outbox.drop", show=False),
        Binding("m", "message", N_("Message source"), id="outbox.message", show=False),
        Binding("w", "write", N_("Write as .eml"), id="outbox.write", show=False),
        Binding("a", "flush", N_("Send all"), id="outbox.flush", show=False),
    ]

    def __init__(self, services: _Services) -> None:
        super().__init__(_("Outbox"), id="outbox")
        self._outbox = services.outbox
        self._jobs = services.jobs
        self._zone = services.clock.zone
        self._source: str = ""
        """The message whose source is shown."""

    def facts(self) -> str:
        """What this place is."""
        return _("What has not left yet, and why; written here before the first byte leaves.")

    def buttons(self) -> Sequence[DialogButton]:
        """What can be done with a message."""
        return (
            DialogButton("retry", _("Send again"), main=True),
            DialogButton("drop", _("Drop…"), danger=True),
            DialogButton("message", _("Message source")),
            DialogButton("back", _("Back")),
        )

    def keys(self) -> Sequence[tuple[str, str]]:
        """What works with the marked message."""
        item = self.marked if self._read_once else None
        able = [("R", _("Send again")), ("D", _("Drop"))] if item is not None and _open(item) else []
        source = [("M", _("Source")), ("W", _("Write .eml"))] if item is not None else []
        every = [("A", _("Send all"))] if self._read_once and any(map(_open, self.items)) else []
        return [*able, *every, *source, (_("Esc"), _("Back"))]

    def nothing(self) -> str:
        """An empty outbox."""
        return _("Nothing waits here. What you send appears here until it has left, and stays as a record.")

    async def read(self) -> Sequence[OutboxItem]:
        """Newest first."""
        return (await self._outbox.items())[::-1]

    def columns(self, item: OutboxItem) -> Sequence[tuple[str, float]]:
        """State, subject, recipients, when."""
        people = ", ".join(result.address for result in item.recipients)
        return (
            (f"{_MARKS[item.state]} {item.state.label}", -19),
            (item.subject, 26),
            (people, 26),
            (short_date(item.created.astimezone(self._zone)), -13),
        )

    async def describe(self, item: OutboxItem) -> Sequence[Line]:
        """State and reason, then each recipient; or the message itself."""
        if self._source == item.id:
            data = await self._outbox.message(item.id)
            return [Line(line) for line in data.decode("utf-8", "replace").splitlines()]
        return _facts(item, self._zone)

    def marked_changed(self) -> None:
        """Only what has not left can be sent again or dropped."""
        super().marked_changed()
        item = self.marked
        for name in ("retry", "drop"):
            self.query_one(f"#{name}", LetterButton).disabled = item is None or not _open(item)
        self.query_one("#message", LetterButton).disabled = item is None
        if item is None or item.id != self._source:
            self._source = ""

    def pressed(self, button: str) -> None:
        """As the letters."""
        match button:
            case "retry":
                self.action_retry()
            case "drop":
                self.action_drop()
            case "message":
                self.action_message()
            case _other:
                self.action_back()

    def activated(self) -> None:
        """Enter shows the message as it goes out."""
        self.action_message()

    def action_message(self) -> None:
        """Show the source of the message, or its facts again."""
        if self.marked is not None:
            self._source = "" if self._source == self.marked.id else self.marked.id
            self._describe_marked()

    @work(group="outbox", exclusive=True, exit_on_error=False)
    async def action_write(self) -> None:
        """Write the message as a file, for another mail program."""
        from tui.flows.save_files import save_files

        item = self.marked
        if item is not None:
            with reporting(self.app):
                data = await self._outbox.message(item.id)
                await save_files(self.app, "message", {"message.eml": data})

    @work(group="outbox", exclusive=True, exit_on_error=False)
    async def action_retry(self) -> None:
        """Send the marked message now. One that may have been sent already is asked about first."""
        item = self.marked
        if item is None or not _open(item):
            return
        if item.state is OutboxState.UNKNOWN and not await self._agreed_again(item):
            return
        with reporting(self.app):
            job = self._jobs.start(
                _("Sending “{subject}”").format(subject=item.subject), lambda _p: self._retry(item.id)
            )
            await job.wait()
        self.action_read()

    async def _retry(self, id: str) -> None:  # noqa: A002
        after = await self._outbox.retry(id)
        text, severity = outcome_text(after, self._zone)
        show_notice(self.app, text, severity=severity)

    async def _agreed_again(self, item: OutboxItem) -> bool:
        question = _("“{subject}” may have been sent already. Sending it again may give it twice.")
        dialog = ConfirmDialog(
            _("Send it again?"), question.format(subject=item.subject), _("&Send again"), danger=True
        )
        return bool(await self.app.push_screen_wait(dialog))

    @work(group="outbox", exclusive=True, exit_on_error=False)
    async def action_drop(self) -> None:
        """Take the marked message out, after asking."""
        item = self.marked
        if item is None or not _open(item):
            return
        people = "\n".join(f"  {result.address}" for result in item.recipients)
        question = _("“{subject}” will not be sent to:").format(subject=item.subject)
        dialog = ConfirmDialog(_("Drop this message?"), f"{question}\n{people}", _("&Drop"), danger=True)
        if await self.app.push_screen_wait(dialog):
            with reporting(self.app):
                await self._outbox.drop(item.id)
            self.action_read()

    @work(group="outbox", exclusive=True, exit_on_error=False)
    async def action_flush(self) -> None:
        """Try everything that waits."""
        with reporting(self.app):
            job = self._jobs.start(_("Sending what waits"), self._outbox.flush)
            tried = await job.wait()
            if not tried:
                show_notice(self.app, _("Nothing waits."))
            for item in tried:
                text, severity = outcome_text(item, self._zone)
                show_notice(self.app, text, severity=severity)
        self.action_read()


def _open(item: OutboxItem) -> bool:
    """Whether it can be tried again or dropped."""
    return item.state not in (OutboxState.SENT, OutboxState.SENDING)


def _facts(item: OutboxItem, zone: tzinfo) -> list[Line]:
    bad = item.state in (OutboxState.FAILED, OutboxState.PARTLY, OutboxState.UNKNOWN, OutboxState.WAITING)
    lines = [Line(f"{_MARKS[item.state]} {item.state.label}", "warning" if bad else "title")]
    lines += [Line(text, "warning" if bad else "") for text in (item.reason, item.hint) if text]
    level = DetailLevel(item.facts.level).label if item.facts.level in tuple(DetailLevel) else item.facts.level
    rows = [
        (_("Subject"), item.subject),
        (_("Calendar"), " · ".join(filter(None, (item.facts.calendar, level, range_label(item.facts.range_text))))),
        (_("Account"), item.account or _("the usual one")),
        (_("Written"), date_and_time(item.created.astimezone(zone))),
        (_("Attempts"), str(item.attempts)),
        (_("Next"), _when(item.next_try, zone)),
    ]
    lines += [Line(""), *table(rows), Line("")]
    return lines + [_recipient(result) for result in item.recipients]


def _when(moment: datetime | None, zone: tzinfo) -> str:
    if moment is None:
        return ""
    return date_and_time(moment.astimezone(zone))


def _recipient(result: RecipientResult) -> Line:
    words = {
        Delivery.QUEUED: ("…", _("not yet")),
        Delivery.SENT: ("✓", _("sent")),
        Delivery.REFUSED: ("✗", _("refused")),
        Delivery.UNKNOWN: ("?", _("may have been sent")),
    }
    mark, word = words[result.delivery]
    reason = f": {result.reason}" if result.reason else ""
    return Line(f"  {mark} {result.address} · {word}{reason}", "" if result.delivery is Delivery.SENT else "warning")
