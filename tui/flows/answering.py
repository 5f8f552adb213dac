"""Answering an invitation: what is sent and what happens in the calendar is looked at first."""

from __future__ import annotations

from typing import Any, Protocol

from textual.app import App

from core.calendar.event import Response
from core.concurrency import JobRunner
from core.language import N_, _
from core.ports.world import Clock
from core.services.meetings import Meetings
from core.services.outbox_store import OutboxItem
from tui.reporting import show_notice
from tui.screens.answer_meeting import AnswerMeetingDialog
from tui.wording import outcome_text

_TITLES = {
    Response.ACCEPTED: N_("Accept “{title}”?"),
    Response.TENTATIVE: N_("Accept “{title}” Tentatively?"),
    Response.DECLINED: N_("Decline “{title}”?"),
}


class Services(Protocol):
    """What is needed here."""

    @property
    def meetings(self) -> Meetings: ...

    @property
    def jobs(self) -> JobRunner: ...

    @property
    def clock(self) -> Clock: ...


async def answer_meeting(app: App[Any], services: Services, message: str, response: Response) -> bool:
    """Answer the invitation in a message of the inbox (its id). False: the person left it."""
    meetings = services.meetings
    answer = await meetings.answer(message, response)
    title = _(_TITLES[response]).format(title=answer.received.meeting.main.title or _("(no title)"))
    note = await app.push_screen_wait(AnswerMeetingDialog(title, answer.lines, answer.written.text))
    if note is None:
        return False
    final = await meetings.answer(message, response, note) if note else answer

    async def send(_progress: object) -> OutboxItem:
        return await meetings.send_answer(final)

    item = await services.jobs.start(title, send).wait()
    text, severity = outcome_text(item, services.clock.zone)
    show_notice(app, text, severity=severity)
    return True
