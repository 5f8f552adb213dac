"""How much of a calendar another person may see. Words and sentences are Outlook's (outlook.md §1.1)."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from core.calendar.event import BusyStatus
from core.calendar.status import status_word
from core.language import N_, _
from core.values import dataclass

__all__ = [
    "Choice",
    "DetailLevel",
    "Layout",
    "attachments_choice",
    "hours_choice",
    "private_choice",
    "status_word",
    "strongest",
]


class DetailLevel(StrEnum):
    """The three choices of *Detail*, from least to most."""

    AVAILABILITY = "availability"
    LIMITED = "limited"
    FULL = "full"

    @property
    def label(self) -> str:
        """As the drop-down says it, in the person's language."""
        return _(_LABELS[self])

    @property
    def sentence(self) -> str:
        """The line that explains the choice."""
        return _(_SENTENCES[self])


_LABELS = {
    DetailLevel.AVAILABILITY: N_("Availability only"),
    DetailLevel.LIMITED: N_("Limited details"),
    DetailLevel.FULL: N_("Full details"),
}
_SENTENCES = {
    DetailLevel.AVAILABILITY: N_(
        "Time will be shown as “Free”, “Busy”, “Tentative”, “Working Elsewhere”, or “Out of Office”"
    ),
    DetailLevel.LIMITED: N_("Includes the availability and subjects of calendar items only"),
    DetailLevel.FULL: N_("Includes the availability and full details of calendar items"),
}


class Layout(StrEnum):
    """*E-mail Layout* of the message."""

    SCHEDULE = "schedule"
    LIST = "list"

    @property
    def label(self) -> str:
        """As the drop-down says it."""
        return _("Daily schedule") if self is Layout.SCHEDULE else _("List of events")


@dataclass(frozen=True, slots=True)
class Choice:
    """Whether an option can be chosen now, and if not, why (shown beside it)."""

    enabled: bool
    reason: str = ""


def private_choice(level: DetailLevel) -> Choice:
    """*Include details of items marked private* (`IncludePrivateDetails`: False when olFreeBusyOnly)."""
    if level is DetailLevel.AVAILABILITY:
        return Choice(False, _("Availability only never shows details."))
    return Choice(True)


def attachments_choice(level: DetailLevel) -> Choice:
    """*Include attachments within calendar items* (`IncludeAttachments`: False unless olFullDetails)."""
    if level is not DetailLevel.FULL:
        return Choice(False, _("Attachments go with Full details only."))
    return Choice(True)


def hours_choice() -> Choice:
    """*Show time within my working hours only*: always there.

    Microsoft's two pages on `RestrictToWorkingHours` contradict each other; here it means at every level that blocks
    are cut to the working windows (outlook.md §1.2).
    """
    return Choice(True)


_WEIGHT = {
    BusyStatus.FREE: 0,
    BusyStatus.WORKING_ELSEWHERE: 1,
    BusyStatus.TENTATIVE: 2,
    BusyStatus.BUSY: 3,
    BusyStatus.OUT_OF_OFFICE: 4,
}


def strongest(statuses: Iterable[BusyStatus]) -> BusyStatus:
    """The status that a time has where several items overlap; free where there is none.

    Out of office wins over busy, busy over tentative, tentative over working elsewhere, as the free/busy stream of
    Exchange merges them ([MS-OXOPFFB] §3.1.4.3).
    """
    return max(statuses, key=_WEIGHT.__getitem__, default=BusyStatus.FREE)
