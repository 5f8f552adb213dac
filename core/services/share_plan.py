"""What Share Calendar is asked to do, and what it would do for each person, before anything is done."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from core.calendar.people import Address
from core.language import _
from core.ports.calendars import CalendarInfo
from core.ports.sharing import Place, Standing
from core.sharing.detail import Choice, DetailLevel
from core.sharing.permission_table import PermissionEntry, entry, person
from core.sharing.permissions import PermissionLevel, detail_for, level_for, meaning_of, rights_of
from core.sharing.policy import not_beyond_reading, who_can_change
from core.values import dataclass


@dataclass(frozen=True, slots=True)
class ShareRequest:
    """What the dialog asks for."""

    calendar: str
    """Name or id."""
    people: tuple[Address, ...]
    level: PermissionLevel = PermissionLevel.FREE_BUSY
    ask_theirs: bool = False
    """*Request permission to view recipient's calendar*: only with one's default calendar."""
    subject: str = ""
    message: str = ""
    account: str = ""
    """The account that sends the invitation; empty: the usual one."""


class Fallback(StrEnum):
    """What can be done for somebody with whom the server does not share."""

    SEND_COPY = "send-copy"
    """*Do you want to send them a copy of this calendar in an e-mail message instead?*"""
    INVITE_PUBLISHED = "invite-published"
    """An invitation to an address at which the calendar is published."""


@dataclass(frozen=True, slots=True)
class PersonPlan:
    """What would happen for one person."""

    standing: Standing
    level: PermissionLevel
    now: PermissionEntry | None
    """The row that they have, if any."""

    @property
    def address(self) -> Address:
        """Who it is, as the server knows them."""
        return self.standing.address

    @property
    def allowed(self) -> bool:
        """Whether it would be given."""
        return self.level in self.standing.levels

    @property
    def sees(self) -> DetailLevel | None:
        """How much they would see."""
        return detail_for(rights_of(self.level)) if self.allowed else None

    @property
    def after(self) -> PermissionEntry | None:
        """The row that they will have: their own at the new level (a delegate keeps what the level lets keep)."""
        if not self.allowed:
            return self.now
        return self.now.with_level(self.level) if self.now else entry(person(self.address), self.level)

    @property
    def refusal(self) -> tuple[str, ...]:
        """Why not, what is allowed instead, and who can change that; empty where it is allowed."""
        if self.allowed:
            return ()
        return tuple(_refusal(self.standing, self.level))

    @property
    def line(self) -> str:
        """The person and what they would get, in a line."""
        who = str(self.address)
        if not self.allowed:
            return _("{who}: not possible. {reason}").format(who=who, reason=self.refusal[0])
        place = _("inside the organisation") if self.standing.place is Place.INSIDE else _("outside the organisation")
        words = _("{who} ({place}): {level}. {meaning}")
        line = words.format(who=who, place=place, level=self.level.label, meaning=meaning_of(self.level))
        if self.now is not None and self.now.level is not self.level:
            line += " " + _("Until now: {level}.").format(level=self.now.level.label)
        return line


def _refusal(standing: Standing, wanted: PermissionLevel) -> Iterator[str]:
    outside = standing.place is Place.OUTSIDE
    beyond = outside and wanted not in (PermissionLevel.NONE, *(level_for(detail) for detail in DetailLevel))
    yield not_beyond_reading() if beyond else standing.reason or _("The server does not share at this level.")
    if standing.levels:
        yield _("Allowed: {levels}.").format(levels=", ".join(level.label for level in standing.levels))
    if outside:
        yield who_can_change()


@dataclass(frozen=True, slots=True)
class SharePlan:
    """What would happen for everybody."""

    request: ShareRequest
    info: CalendarInfo
    people: tuple[PersonPlan, ...]
    policy: tuple[str, ...] = ()
    """The organisation's rules as they are written; empty when the server does not tell them."""
    by_server: bool = False
    """The server writes the invitations."""

    @property
    def granted(self) -> tuple[PersonPlan, ...]:
        """Those with whom it would be shared."""
        return tuple(one for one in self.people if one.allowed)

    @property
    def refused(self) -> tuple[PersonPlan, ...]:
        """Those with whom it would not."""
        return tuple(one for one in self.people if not one.allowed)

    def choice(self, level: PermissionLevel) -> Choice:
        """Whether a level can be chosen for these people: refused for all of them, it cannot, and the reason is said.

        For some of them only, it can be chosen; the others are offered a copy.
        """
        if not self.people or any(level in one.standing.levels for one in self.people):
            return Choice(True)
        reasons = dict.fromkeys(next(_refusal(one.standing, level)) for one in self.people)
        return Choice(False, " ".join((*reasons, who_can_change())))


class Invited(StrEnum):
    """Whether somebody has been told."""

    SENT = "sent"
    BY_SERVER = "by-server"
    QUEUED = "queued"
    """It waits in the outbox."""
    UNKNOWN = "unknown"
    """It may have been sent."""
    NOT = "not"
    """It cannot go."""


@dataclass(frozen=True, slots=True)
class Shared:
    """One person who has been given the calendar."""

    address: Address
    level: PermissionLevel
    invited: Invited
    reason: str = ""
    """Why the invitation has not left, or why the server wrote none."""
    hint: str = ""
    token: str = ""
    message: str = ""
    """The message's id in the outbox."""
    before: PermissionEntry | None = None

    @property
    def unfinished(self) -> bool:
        """They have the permission and have not been told: the person decides whether it stays."""
        return self.invited in (Invited.NOT, Invited.QUEUED)

    @property
    def line(self) -> str:
        """What was done, in a line."""
        who, level = str(self.address), self.level.label
        match self.invited:
            case Invited.BY_SERVER if self.reason:
                return _("{who}: {what}").format(who=who, what=f"{level}. {self.reason}")
            case Invited.SENT | Invited.BY_SERVER:
                return _("{who}: {level}, invited").format(who=who, level=level)
            case Invited.QUEUED:
                return _("{who}: {level}; the invitation waits in the outbox").format(who=who, level=level)
            case Invited.UNKNOWN:
                return _("{who}: {level}; the invitation may have been sent").format(who=who, level=level)
            case Invited.NOT:
                return _("{who}: {level}, but not told: {reason}").format(who=who, level=level, reason=self.reason)


@dataclass(frozen=True, slots=True)
class NotShared:
    """One person who has been given nothing."""

    address: Address
    reason: str
    allowed: tuple[PermissionLevel, ...] = ()
    fallbacks: tuple[Fallback, ...] = (Fallback.SEND_COPY, Fallback.INVITE_PUBLISHED)

    @property
    def line(self) -> str:
        """Who, why, and what is allowed instead."""
        line = _("{who}: not shared. {reason}").format(who=str(self.address), reason=self.reason)
        if self.allowed:
            line += " " + _("Allowed: {levels}.").format(levels=", ".join(level.label for level in self.allowed))
        return line


@dataclass(frozen=True, slots=True)
class ShareOutcome:
    """What came of it, person by person."""

    plan: SharePlan
    shared: tuple[Shared, ...]
    refused: tuple[NotShared, ...]

    @property
    def unfinished(self) -> tuple[Shared, ...]:
        """Those about whom the person has to decide."""
        return tuple(one for one in self.shared if one.unfinished)
