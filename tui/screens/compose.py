"""The message: from whom, to whom, subject, own words, and the calendar that goes with it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from time import monotonic
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.timer import Timer
from textual.widgets import Input, Select, Static, TextArea

from core.calendar.people import Address, unique
from core.errors import PartagendaError, UsageError
from core.language import N_, _
from core.services.drafts import SavedDraft, new_draft
from core.services.email_calendar import Draft, Prepared
from tui.screens.dialog import DialogButton
from tui.screens.full_screen import FullScreen
from tui.screens.grace import Grace
from tui.screens.leave_message import LeaveMessageDialog, Leaving
from tui.screens.preview import PreviewScreen, summary
from tui.text import clean, plain
from tui.widgets.form import Caption, Choice, OwnWords, TextLine
from tui.widgets.recipients_field import Complete, RecipientsField
from tui.wording import size_text

PAUSE = 0.6
"""Seconds without a key before the draft is written."""

LONGEST = 4.0
"""Seconds after which it is written although somebody types on."""

Keep = Callable[[SavedDraft], Awaitable[None]]
Edit = Callable[[str], str]


class ComposeScreen(Grace, FullScreen[Draft]):
    """Returns the finished draft, or None; then `leaving` says whether the words are kept.

    `senders` are account names (none: the message waits in the outbox), `complete` proposes people, `draft` is what
    was typed before, `keep` is given the fields while one types, `edit` opens the person's own editor on the words.
    """

    CSS_PATH = "compose.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f9", "send", N_("Send"), id="message.send", priority=True),
        Binding("f5", "preview", N_("Preview"), id="message.preview", priority=True),
        Binding("f4", "edit", N_("Own editor"), id="message.editor", priority=True),
        Binding("enter", "next_field", N_("Next field"), id="message.next-field", show=False),
    ]

    def __init__(
        self,
        prepared: Prepared,
        subject: str,
        senders: Sequence[str],
        complete: Complete,
        draft: SavedDraft | None = None,
        *,
        keep: Keep | None = None,
        edit: Edit | None = None,
    ) -> None:
        super().__init__(_("Message: {calendar}").format(calendar=prepared.snapshot.calendar_name), id="compose")
        request = prepared.request
        blank = replace(new_draft(request.calendar, request.options, request.time_zone), subject=subject)
        self._prepared = prepared
        self._senders = senders
        self._complete = complete
        self._start = draft or blank
        self._keep = keep
        self._edit = edit
        self._pause: Timer | None = None
        self._since = 0.0
        self.leaving = Leaving.KEEP
        self.AUTO_FOCUS = "#words" if self._start.to.strip() else "#to-line"  # type: ignore[misc]
        self.typed = self._start
        """The fields as they were when the screen was left."""

    def facts(self) -> str:
        """What goes with the message, in one line."""
        return summary(self._prepared)

    def compose_body(self) -> ComposeResult:
        """Outlook's fields in Outlook's order."""
        with Horizontal(classes="row"):
            yield Caption(_("From"), "from")
            yield from self._compose_sender()
        for name, caption in (("to", _("To")), ("cc", _("Cc")), ("bcc", _("Bcc"))):
            with Horizontal(classes="line"):
                yield Caption(caption, name)
                yield RecipientsField(self._complete, getattr(self._start, name), id=name)
        with Horizontal(classes="row"):
            yield Caption(_("Subject"), "subject")
            yield TextLine(self._start.subject, id="subject")
        with Horizontal(classes="row"):
            yield Caption(_("Attached"), "subject")
            attached = f"{self._prepared.filename} · {size_text(len(self._prepared.ics))}"
            yield Static(plain(attached), id="attached", markup=False)
        yield OwnWords(self._start.message, id="words", placeholder=_("Your own words"))

    def _compose_sender(self) -> ComposeResult:
        owner = str(self._prepared.snapshot.owner)
        if self._senders:
            account = self._start.account if self._start.account in self._senders else self._senders[0]
            yield Choice([(f"{owner} · {name}", name) for name in self._senders], account, id="from")
        else:
            nowhere = _("no mail account yet: the message waits in the outbox")
            yield Static(plain(f"{owner} · {nowhere}"), id="from", markup=False)

    def buttons(self) -> Sequence[DialogButton]:
        """Send, look, edit, leave."""
        return (
            DialogButton("send", _("Send"), main=True),
            DialogButton("preview", _("Preview")),
            *((DialogButton("edit", _("Own editor")),) if self._edit else ()),
            DialogButton("close", _("Close")),
        )

    def keys(self) -> Sequence[tuple[str, str]]:
        """What works."""
        editor = [("F4", _("Own editor"))] if self._edit else []
        return [
            ("F9", _("Send")),
            ("F5", _("Preview")),
            *editor,
            (_("Tab"), _("Next field")),
            (_("Esc"), _("Close")),
        ]

    def fields(self) -> SavedDraft:
        """The fields as they were typed."""
        return replace(
            self._start,
            account=self._account(),
            to=self._people("to").text,
            cc=self._people("cc").text,
            bcc=self._people("bcc").text,
            subject=self.query_one("#subject", Input).value,
            message=self.query_one("#words", TextArea).text,
        )

    def result(self) -> Draft:
        """The finished draft. Raises UsageError for the first field that is wrong, with the focus on it."""
        people = {name: self._addresses(name) for name in ("to", "cc", "bcc")}
        if not any(people.values()):
            self._people("to").focus()
            raise UsageError(_("There is nobody to send it to."), _("Type at least one address."))
        fields = self.fields()
        to, cc, bcc = (unique(people[name]) for name in ("to", "cc", "bcc"))
        return Draft(self._prepared.request, to, cc, bcc, fields.subject.strip(), fields.message, self._account())

    def _people(self, name: str) -> RecipientsField:
        return self.query_one(f"#{name}", RecipientsField)

    def _addresses(self, name: str) -> tuple[Address, ...]:
        try:
            return self._people(name).addresses()
        except UsageError:
            self._people(name).focus()
            raise

    def _account(self) -> str:
        return str(self.query_one("#from", Choice).chosen) if self._senders else ""

    def pressed(self, button: str) -> None:
        """Send, look, edit, leave."""
        match button:
            case "send":
                self.action_send()
            case "preview":
                self.action_preview()
            case "edit":
                self.action_edit()
            case _other:
                self.action_back()

    def action_send(self) -> None:
        """End with the draft, or say what is missing."""
        try:
            draft = self.result()
        except UsageError as error:
            self.show_error(error)
        else:
            self.typed = self.fields()
            self.dismiss(draft)

    def action_preview(self) -> None:
        """Look once more at what goes."""
        self.app.push_screen(PreviewScreen(self._prepared, go_on=False))

    def action_next_field(self) -> None:
        """Enter in a line goes on, as Tab does."""
        self.focus_next()

    def action_edit(self) -> None:
        """The own words in the person's own editor."""
        if self._edit is None:
            return
        words = self.query_one("#words", TextArea)
        try:
            words.text = clean(self._edit(words.text), newline=True)
        except PartagendaError as error:
            self.show_error(error)
        words.focus()
        self.refresh(layout=True)

    @work(group="leave", exclusive=True)
    async def action_back(self) -> None:  # type: ignore[override]
        """Leave; words that were typed are not thrown away without asking."""
        self.typed = self.fields()
        if self.typed.empty:
            self.leaving = Leaving.DISCARD
            self.dismiss(None)
            return
        leaving = await self.app.push_screen_wait(LeaveMessageDialog())
        if leaving is not None:
            self.leaving = leaving
            self.dismiss(None)

    @on(RecipientsField.Changed)
    @on(Input.Changed)
    @on(TextArea.Changed)
    @on(Select.Changed)
    def _edited(self) -> None:
        self.show_error("")
        if self._keep is None:
            return
        if self._pause is None:
            self._since = monotonic()
        elif monotonic() - self._since > LONGEST:
            return
        else:
            self._pause.stop()
        self._pause = self.set_timer(PAUSE, self._keep_fields)

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self.focus_next()

    @work(group="keep", exclusive=True, exit_on_error=False)
    async def _keep_fields(self) -> None:
        self._pause = None
        if self._keep is not None:
            try:
                await self._keep(self.fields())
            except PartagendaError as error:
                self.show_error(error)
