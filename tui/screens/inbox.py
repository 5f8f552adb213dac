"""The inbox: calendars, invitations and requests that came by mail. Text only; nothing is fetched."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Protocol

from textual import work
from textual.binding import Binding, BindingType

from core.calendar.event import Response
from core.calendar.patterns import rule_words
from core.errors import PartagendaError, Refused
from core.language import N_, _
from core.language.dates import date_and_time, short_date
from core.ports.calendars import CalendarInfo
from core.services.inbox import Inbox, InboxItem
from core.services.meetings import Received
from core.services.receiving import Offer
from core.sharing.incoming import MessageKind
from core.sharing.itip_incoming import Effect
from core.sharing.permissions import level_label
from tui.clipboard import copy
from tui.flows import answering, receiving
from tui.flows.answering import answer_meeting
from tui.flows.receiving import answer_request, ask_theirs, open_offer
from tui.reporting import reporting, show_notice
from tui.screens.confirm import ConfirmDialog
from tui.screens.dialog import DialogButton
from tui.screens.event_details import when_text
from tui.screens.ledger import level_width
from tui.screens.list_page import ListPage
from tui.widgets.form import LetterButton
from tui.widgets.text_view import Line, table


class _Services(answering.Services, receiving.Services, Protocol):
    """What its two flows need, and the mail itself."""

    @property
    def inbox(self) -> Inbox: ...


class InboxScreen(ListPage[InboxItem, CalendarInfo]):
    """Returns the calendar that was opened, None when none was."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", N_("Open"), id="inbox.open", show=False),
        Binding("y", "copy", N_("Copy the sender’s address"), id="inbox.copy", show=False),
        Binding("a", "answer('accepted')", N_("Accept"), id="inbox.accept", show=False),
        Binding("t", "answer('tentative')", N_("Tentative"), id="inbox.tentative", show=False),
        Binding("d", "answer('declined')", N_("Decline"), id="inbox.decline", show=False),
        Binding("w", "ask_theirs", N_("Ask to see theirs"), id="inbox.ask", show=False),
    ]

    def __init__(self, services: _Services) -> None:
        super().__init__(_("Inbox"), id="inbox")
        self._services = services
        self._inbox = services.inbox
        self._received: dict[str, Received] = {}
        self._offers: dict[str, Offer] = {}
        self._zone = services.clock.zone

    def facts(self) -> str:
        """What this place is."""
        return _("Calendars and meetings in your mail; the mail itself is never changed.")

    def buttons(self) -> Sequence[DialogButton]:
        """Open, answer, back."""
        return (
            DialogButton("open", _("&Open beside mine"), main=True),
            DialogButton("accepted", _("Accept")),
            DialogButton("tentative", _("Tentative")),
            DialogButton("declined", _("Decline")),
            DialogButton("back", _("Back")),
        )

    def keys(self) -> Sequence[tuple[str, str]]:
        """What works."""
        words = _("Open this calendar") if self._offer else _("Open beside mine")
        opening = [(_("Enter"), words)] if self._openable() else []
        copying = [("Y", _("Copy address"))] if self._read_once and self.items else []
        answering = [("A", _("Accept")), ("T", _("Tentative")), ("D", _("Decline"))] if self._answerable() else []
        asked = self._offer is not None and self._offer.message.purpose.asks
        allowing = [("A", _("Allow")), ("D", _("Decline"))] if asked else []
        back = [("W", _("Ask to see theirs"))] if self._offer is not None and not asked else []
        return [*opening, *answering, *allowing, *back, *copying, ("F5", _("Look again")), (_("Esc"), _("Back"))]

    def nothing(self) -> str:
        """An empty inbox says where it looks."""
        problems = [f"{problem.message} {problem.hint}".strip() for problem in self._inbox.problems]
        words = _("No message carries a calendar. A Maildir is read when config.toml names it:")
        example = '[accounts.inbox]\ntype = "maildir"\npath = "~/Maildir"'
        return "\n".join([*problems, words, "", example])

    async def read(self) -> Sequence[InboxItem]:
        """Newest first. Answers, changes and cancellations that came are taken in; invitations wait."""
        taken = await self._services.meetings.take_in_all()
        self._received |= {came.item.id: came for came in taken}
        changed = [came for came in taken if came.verdict.effect is Effect.CHANGED]
        if changed:
            show_notice(self.app, "\n".join(came.verdict.words for came in changed[:5]))
        items = await self._inbox.items()
        for problem in self._inbox.problems:
            self.show_error(problem)
        return items[::-1]

    def columns(self, item: InboxItem) -> Sequence[tuple[str, float]]:
        """Received, kind, from, calendar or subject, level."""
        return (
            (short_date(item.received.astimezone(self._zone)), -13),
            (item.kind.label, 12),
            (item.sender.name or item.sender.address, 13),
            (item.calendar or item.subject, 17),
            (_level(item), -level_width()),
        )

    async def describe(self, item: InboxItem) -> Sequence[Line]:
        """The head of the message with the true address, what it is, and its text."""
        message = await self._inbox.show(item.id)
        meeting = await self._meeting_lines(item) or await self._sharing_lines(item)
        head = [
            (_("From"), str(item.sender)),
            (_("Subject"), item.subject),
            (_("Received"), date_and_time(item.received.astimezone(self._zone))),
            (_("Calendar"), ", ".join(message.calendars)),
            (_("Detail"), _level(item)),
        ]
        lines = table(head)
        kind = "good" if message.can_open or (self._offer is not None and self._offer.can_open) else "warning"
        return [
            *lines,
            *meeting,
            *([Line(""), Line(message.explanation, kind)] if self._explains() else []),
            Line(""),
            *map(Line, message.text.split("\n")),
        ]

    def _explains(self) -> bool:
        """What the kind of message means is said once: of requests and refusals its own lines say it."""
        return self._offer is None or self._offer.message.purpose.shares

    def marked_changed(self) -> None:
        """Only a calendar can be opened, only an invitation be answered."""
        super().marked_changed()
        opening = self.query_one("#open", LetterButton)
        opening.disabled = not self._openable()
        opening.rename(_("&Open this calendar") if self._offer else _("&Open beside mine"))
        asked = self._offer is not None and self._offer.message.purpose.asks
        for response in ("accepted", "tentative", "declined"):
            able = self._answerable() or (asked and response != "tentative")
            self.query_one(f"#{response}", LetterButton).disabled = not able
        self.query_one("#tentative", LetterButton).display = self._offer is None

    async def _meeting_lines(self, item: InboxItem) -> list[Line]:
        """What a meeting message is about, and what it means for the calendar."""
        if item.kind is not MessageKind.MEETING:
            return []
        try:
            came = self._received[item.id] = await self._services.meetings.received(item.id)
        except PartagendaError as error:
            return [Line(""), Line(error.message, "warning")]
        event = came.meeting.main
        rows = [
            (_("Meeting"), event.title),
            (_("When"), when_text(event.start, event.end, self._zone)),
            (_("Repeats"), rule_words(event.rrule, event.start) if event.rrule else ""),
            (_("Place"), event.place),
        ]
        self.show_keys()
        self.call_after_refresh(self.marked_changed)
        kind = "good" if came.can_answer else "warning" if came.verdict.effect is Effect.REFUSED else ""
        return [Line(""), *table(rows), Line(came.verdict.words, kind)]

    async def _sharing_lines(self, item: InboxItem) -> list[Line]:
        """What a sharing message claims, beside who really sent it."""
        if item.kind not in _SHARING:
            return []
        try:
            offer = self._offers[item.id] = await self._services.receiving.offer(item.id)
        except PartagendaError as error:
            return [Line(""), Line(error.message, "warning")]
        self.call_after_refresh(self.marked_changed)
        first, *others = offer.lines[1:]
        return [Line(""), Line(first, "warning" if offer.impostor else "title"), *map(Line, others)]

    @property
    def _offer(self) -> Offer | None:
        """What the marked message offers, once it has been read."""
        return self._offers.get(self.marked.id) if self._read_once and self.marked else None

    def _answerable(self) -> bool:
        """Whether the marked item is an invitation that can be answered."""
        came = self._received.get(self.marked.id) if self._read_once and self.marked else None
        return came is not None and came.can_answer

    def _openable(self) -> bool:
        if self._offer is not None:
            return self._offer.can_open
        return self._read_once and self.marked is not None and self.marked.kind is MessageKind.SNAPSHOT

    def pressed(self, button: str) -> None:
        """Open, answer, back."""
        match button:
            case "open":
                self.action_open()
            case "accepted" | "tentative" | "declined":
                self.action_answer(button)
            case _other:
                self.action_back()

    @work(group="answer", exclusive=True, exit_on_error=False)
    async def action_answer(self, response: str) -> None:
        """Accept, accept tentatively or decline, after a look at what is sent."""
        item = self.marked
        if item is not None and self._offer is not None and self._offer.message.purpose.asks:
            await answer_request(self.app, self._services, self._offer, allow=response == "accepted")
            return
        if item is None or not self._answerable():
            return
        with reporting(self.app):
            if await answer_meeting(self.app, self._services, item.id, Response(response)):
                await self.action_read().wait()

    def activated(self) -> None:
        """Enter opens it."""
        self.action_open()

    def action_copy(self) -> None:
        """The sender's address."""
        if self.marked is not None:
            copy(self.app, self.marked.sender.address)

    @work(group="open", exclusive=True, exit_on_error=False)
    async def action_open(self) -> None:
        """Open the calendar beside one's own; where somebody else sent the same one before, the person is asked."""
        item = self.marked
        if item is None:
            return
        with reporting(self.app):
            offer = self._offer
            calendar = await open_offer(self.app, self._services, offer) if offer else await self._open(item)
            if calendar is not None:
                self.dismiss(calendar)

    @work(group="answer", exclusive=True, exit_on_error=False)
    async def action_ask_theirs(self) -> None:
        """Ask the sender for permission to view their calendar."""
        if self._offer is not None:
            await ask_theirs(self.app, self._services, self._offer)

    async def _open(self, item: InboxItem) -> CalendarInfo | None:
        questions: list[str] = []

        def note(question: str) -> bool:
            questions.append(question)
            return False

        try:
            return await self._inbox.open(item.id, note)
        except Refused:
            if not questions:
                raise
        if await self._agreed(questions[0]):
            return await self._inbox.open(item.id, lambda _question: True)
        return None

    async def _agreed(self, question: str) -> bool:
        dialog = ConfirmDialog(_("Open this calendar?"), question, _("&Open"))
        return bool(await self.app.push_screen_wait(dialog))


def _level(item: InboxItem) -> str:
    return level_label(item.level)


_SHARING = (MessageKind.INVITATION, MessageKind.REQUEST, MessageKind.RESPONSE)
