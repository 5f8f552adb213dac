"""E-mail Calendar from beginning to end: choose, look, write, say yes once, send."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from textual.app import App

from core.calendar.people import Address, unique
from core.errors import Cancelled, NotFound, PartagendaError
from core.language import _
from core.services.drafts import SavedDraft, new_draft
from core.services.email_calendar import Composed, Draft, Prepared, SnapshotRequest
from core.services.outbox_store import OutboxItem, OutboxState
from tui.editor import edit_text
from tui.flows.save_files import save_files
from tui.flows.working import working
from tui.hangup import saving
from tui.reporting import reporting, show_error, show_notice
from tui.screens.accounts_hint import AccountsHint
from tui.screens.compose import ComposeScreen
from tui.screens.confirm import ConfirmDialog
from tui.screens.email_calendar import SendCalendarDialog
from tui.screens.leave_message import Leaving
from tui.screens.preview import PreviewScreen, summary
from tui.screens.resume_draft import Resume, ResumeDraftDialog
from tui.wording import outcome_text, range_text

if TYPE_CHECKING:
    from core.bootstrap import Services

MANY = 12
"""Recipients that are named one a line before the question becomes too long for the screen."""


async def email_calendar(app: App[Any], services: Services, calendar_id: str, people: Sequence[Address] = ()) -> None:
    """Send a snapshot of a calendar. Runs in a worker; sending itself goes on if the screen is left.

    With `people` it is a new message to them, and no draft of before is asked about.
    """
    await _EmailCalendar(app, services, people).run(calendar_id)


class _EmailCalendar:
    """The steps from the choice of days to the letter that leaves; what is typed is kept as a draft in between."""

    def __init__(self, app: App[Any], services: Services, people: Sequence[Address]) -> None:
        self._app = app
        self._people = people
        self._services = services
        self._drafts = services.drafts

    async def run(self, calendar_id: str) -> None:
        """Ask until the person sends or leaves; going back changes nothing that was chosen."""
        going_on, draft = await self._resume()
        request = SnapshotRequest(draft.calendar, draft.options, draft.time_zone) if draft else None
        ready = request is not None
        while going_on:
            if not ready:
                request = await self._choose(calendar_id, request)
            if request is None:
                return
            prepared = await self._prepare(request)
            if prepared and await self._look(prepared):
                await self._write(prepared, _about(draft, request) or self._to_people(request))
                return
            ready = False

    # -- the draft of before

    async def _resume(self) -> tuple[bool, SavedDraft | None]:
        """Whether to go on at all, and the draft to go on with."""
        if self._people:
            return True, None
        draft = await asyncio.to_thread(self._drafts.latest)
        if draft is None:
            return True, None
        name = await self._name_of(draft.calendar)
        match await self._app.push_screen_wait(ResumeDraftDialog(draft, name)):
            case None:
                return False, None
            case Resume.CONTINUE:
                return True, draft
            case Resume.DISCARD:
                await asyncio.to_thread(self._drafts.discard, draft.id)
        return True, None

    def _to_people(self, request: SnapshotRequest) -> SavedDraft | None:
        if not self._people:
            return None
        draft = new_draft(request.calendar, request.options, request.time_zone)
        return replace(draft, to=", ".join(map(str, self._people)))

    async def _name_of(self, calendar: str) -> str:
        try:
            return (await self._services.library.find(calendar)).name
        except NotFound:
            return calendar

    # -- what to send

    async def _choose(self, calendar: str, start: SnapshotRequest | None) -> SnapshotRequest | None:
        calendars = [info for info in await self._services.library.calendars() if not info.problem]
        if not calendars:
            raise NotFound(_("There is no calendar to send."), _("Open or import one first."))
        dialog = SendCalendarDialog(
            calendars,
            start.calendar if start else calendar,
            self._services.clock.now().date(),
            self._services.settings.working_hours,
            start,
        )
        return await self._app.push_screen_wait(dialog)

    async def _prepare(self, request: SnapshotRequest) -> Prepared | None:
        try:
            return await working(self._app, _("Preparing…"), self._services.email.prepare(request))
        except Cancelled:
            return None
        except PartagendaError as error:
            show_error(self._app, error)
            return None

    async def _look(self, prepared: Prepared) -> bool:
        """An empty range is said first; then the preview."""
        if prepared.empty and not await self._agreed_empty(prepared):
            return False
        screen = PreviewScreen(prepared, save=lambda: self._save(prepared))
        return bool(await self._app.push_screen_wait(screen))

    async def _agreed_empty(self, prepared: Prepared) -> bool:
        words = _("“{calendar}” appears empty for {days}: the receiver will see no item. Do you want to go on?")
        question = words.format(
            calendar=prepared.snapshot.calendar_name, days=range_text(prepared.request.options.days)
        )
        dialog = ConfirmDialog(_("This Calendar Appears Empty"), question, _("&Go on"), _("&Back"))
        return bool(await self._app.push_screen_wait(dialog))

    async def _save(self, prepared: Prepared) -> None:
        """The parts, and the message as it would go, addressed to oneself."""
        email = self._services.email
        with reporting(self._app):
            draft = Draft(prepared.request, (prepared.snapshot.owner,), subject=email.default_subject(prepared))
            composed = await asyncio.to_thread(email.compose, prepared, draft)
            contents = {
                "message.eml": composed.message,
                "calendar.ics": prepared.ics,
                "calendar.html": prepared.html.encode(),
                "calendar.txt": prepared.text.encode(),
            }
            await save_files(self._app, prepared.filename.removesuffix(".ics"), contents)

    # -- the message

    async def _write(self, prepared: Prepared, saved: SavedDraft | None) -> None:
        """Write until the person sends or leaves. What is typed is on disk after each pause, and at SIGHUP."""
        while True:
            screen = self._compose_screen(prepared, saved)
            with self._drafts.holding(screen.typed.id), saving(self._app, partial(self._keep_now, screen)):
                draft = await self._app.push_screen_wait(screen)
            saved = screen.typed
            if draft is None:
                await self._leave(saved, screen.leaving)
                return
            await self._keep(saved)
            if await self._send(prepared, draft, saved):
                return

    def _compose_screen(self, prepared: Prepared, saved: SavedDraft | None) -> ComposeScreen:
        senders = [account.name for account in self._services.settings.mail_accounts]
        return ComposeScreen(
            prepared,
            self._services.email.default_subject(prepared),
            senders,
            self._services.people.complete,
            saved,
            keep=self._keep,
            edit=lambda text: edit_text(self._app, text, self._services.paths.state / "editor"),
        )

    async def _keep(self, draft: SavedDraft) -> None:
        await asyncio.to_thread(self._drafts.save, draft, self._services.clock.now())

    def _keep_now(self, screen: ComposeScreen) -> None:
        self._drafts.save(screen.fields(), self._services.clock.now())

    async def _leave(self, draft: SavedDraft, leaving: Leaving) -> None:
        if leaving is Leaving.DISCARD:
            await asyncio.to_thread(self._drafts.discard, draft.id)
        else:
            await self._keep(draft)
            show_notice(self._app, _("The draft is kept. It is offered the next time you e-mail a calendar."))

    # -- sending

    async def _send(self, prepared: Prepared, draft: Draft, saved: SavedDraft) -> bool:
        """Prove the message, ask once, send. False goes back to the message."""
        try:
            composed = await asyncio.to_thread(self._services.email.compose, prepared, draft)
        except PartagendaError as error:
            show_error(self._app, error)
            return False
        if not await self._agreed(prepared, draft, composed):
            return False
        await self._hand_over(prepared, draft, composed, saved)
        return True

    async def _agreed(self, prepared: Prepared, draft: Draft, composed: Composed) -> bool:
        warnings = [*prepared.warnings, *composed.warnings]
        remarks = ["", *(f"! {warning}" for warning in warnings)] if warnings else []
        question = "\n".join([*_question(prepared, draft), *remarks])
        return bool(await self._app.push_screen_wait(ConfirmDialog(_("Send This Calendar?"), question, _("&Send"))))

    async def _hand_over(self, prepared: Prepared, draft: Draft, composed: Composed, saved: SavedDraft) -> None:
        async def send(_progress: object) -> OutboxItem | None:
            """None when it was refused, which the person was told; then the draft is kept."""
            with reporting(self._app):
                item = (await self._services.email.send(composed, draft, prepared)).item
                await asyncio.to_thread(self._drafts.discard, saved.id)
                if not self._waits_for_account(item):
                    text, severity = outcome_text(item, self._services.clock.zone)
                    show_notice(self._app, text, severity=severity)
                return item
            return None

        subject = draft.subject or self._services.email.default_subject(prepared)
        job = self._services.jobs.start(_("Sending “{subject}”").format(subject=subject), send)
        item = await job.wait()
        if item is not None and self._waits_for_account(item):
            await self._no_account(composed)

    def _waits_for_account(self, item: OutboxItem) -> bool:
        return item.state is OutboxState.WAITING and not self._services.settings.mail_accounts

    async def _no_account(self, composed: Composed) -> None:
        if await self._app.push_screen_wait(AccountsHint(self._services.settings.path)):
            await save_files(self._app, "message", {"message.eml": composed.message})


def _about(draft: SavedDraft | None, request: SnapshotRequest) -> SavedDraft | None:
    """The words of before, for what is sent now."""
    if draft is None:
        return None
    return replace(draft, calendar=request.calendar, options=request.options, time_zone=request.time_zone)


def _question(prepared: Prepared, draft: Draft) -> list[str]:
    """Each recipient with what they will be able to see."""
    people = unique((*draft.to, *draft.cc, *draft.bcc))
    level = prepared.request.options.level.label
    hidden = {address.key for address in draft.bcc} - {address.key for address in (*draft.to, *draft.cc)}
    lines = [prepared.snapshot.calendar_name + " · " + summary(prepared), ""]
    for address in people[:MANY]:
        bcc = f" · {_('Bcc')}" if address.key in hidden else ""
        lines.append(f"  {address} · {level}{bcc}")
    if len(people) > MANY:
        lines.append(_("  and {count} more").format(count=len(people) - MANY))
    return lines
