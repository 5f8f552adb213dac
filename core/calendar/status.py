"""The words for Outlook's five busy states; files and screens say them alike."""

from __future__ import annotations

from core.calendar.event import BusyStatus
from core.language import N_, _

_WORDS = {
    BusyStatus.FREE: N_("Free"),
    BusyStatus.TENTATIVE: N_("Tentative"),
    BusyStatus.BUSY: N_("Busy"),
    BusyStatus.OUT_OF_OFFICE: N_("Out of Office"),
    BusyStatus.WORKING_ELSEWHERE: N_("Working Elsewhere"),
}


def status_word(status: BusyStatus) -> str:
    """The word for a busy status, in the person's language."""
    return _(_WORDS[status])
