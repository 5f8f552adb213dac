"""Meetings: people are invited, told of changes and cancellations, and answer; invitations come in and are answered.

`inviting` is the organizer's side, `answering` the attendee's. Meeting messages go through the outbox, which keeps
them and their fate; they are not in the ledger: that one tells which calendars were shared with whom.
"""

from __future__ import annotations

from core.services.answering import ANSWERS, Answer, Answering, Received
from core.services.inviting import Due, Inviting
from core.services.meeting_desk import Written

__all__ = ["ANSWERS", "Answer", "Due", "Meetings", "Received", "Written"]


class Meetings(Inviting, Answering):
    """The service behind invitations and their answers."""
