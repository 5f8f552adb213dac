"""What one person may see and do in another's calendar, and what Graph offers to grant (outlook.md §2.2, §4.4)."""

from __future__ import annotations

from core.sandbox.graph.model import Calendar, Mailbox, Permission
from core.sandbox.graph.wire import Json, denied, not_found
from core.sandbox.people import Person

INSIDE = (
    "freeBusyRead",
    "limitedRead",
    "read",
    "write",
    "delegateWithoutPrivateEventAccess",
    "delegateWithPrivateEventAccess",
)
INSIDE_OTHER = INSIDE[:4]
"""For a calendar that is not the default one: nobody is a delegate for it."""
OUTSIDE = ("freeBusyRead", "limitedRead", "read")
ORGANISATION = ("none", "freeBusyRead", "limitedRead", "read", "write")
_RANK = {
    "none": 0,
    "freeBusyRead": 1,
    "limitedRead": 2,
    "read": 3,
    "write": 4,
    "delegateWithoutPrivateEventAccess": 5,
    "delegateWithPrivateEventAccess": 6,
    "custom": 3,
}
_BLOCK = ("showAs", "isAllDay", "isCancelled")
_LIMITED = (*_BLOCK, "subject", "location")
_WORDS = {
    "free": "Free",
    "tentative": "Tentative",
    "busy": "Busy",
    "oof": "Away",
    "workingElsewhere": "Working Elsewhere",
}


def role_of(viewer: Person, owner: Mailbox, calendar: Calendar) -> str:
    """The viewer's role in a calendar: their own entry, else the organisation's; the owner's is `owner`."""
    if viewer is owner.person:
        return "owner"
    own = [entry for entry in calendar.permissions.values() if entry.person is viewer]
    everybody = [entry for entry in calendar.permissions.values() if entry.person is None]
    return next((entry.role for entry in (*own, *everybody)), "none")


def rank(role: str) -> int:
    """How much a role may; `write` is 4."""
    return 9 if role == "owner" else _RANK[role]


def must_see(role: str) -> None:
    """Raise 404, as Graph does, for somebody who may see nothing."""
    if rank(role) < 1:
        raise not_found("The specified folder could not be found in the store.")


def must_write(role: str) -> None:
    """Raise 403 for somebody who may only look."""
    must_see(role)
    if rank(role) < 4:
        raise denied()


def sees_private(role: str) -> bool:
    """Whether the text of private items is shown."""
    return role in ("owner", "delegateWithPrivateEventAccess")


def facts_for(facts: Json, role: str, *, leak_private: bool = False) -> tuple[Json, bool]:
    """The properties that this role is sent, and whether they are all of them.

    `leak_private`: send a private item's text all the same, as servers have done.
    """
    private = facts.get("sensitivity") in ("private", "confidential")
    if rank(role) >= 3 and (not private or sees_private(role) or leak_private):
        return facts, True
    block = {name: facts[name] for name in _BLOCK if name in facts}
    word = _WORDS.get(facts.get("showAs", "busy"), "Busy")
    if private:
        title = "Private Appointment" if rank(role) >= 3 else word
        return {**block, "subject": title, "sensitivity": "private" if rank(role) >= 3 else "normal"}, False
    if rank(role) == 2:
        return {name: facts[name] for name in _LIMITED if name in facts} | {"sensitivity": "normal"}, False
    return {**block, "subject": word, "sensitivity": "normal"}, False


def roles_offered(person: Person, inside: bool, calendar: Calendar, most_outside: str) -> tuple[str, ...]:
    """`allowedRoles` for somebody; outside, up to what the sharing policy gives."""
    if inside:
        return INSIDE if calendar.default else INSIDE_OTHER
    return tuple(role for role in OUTSIDE if _RANK[role] <= _RANK[most_outside])


def everybody(calendar: Calendar) -> Permission:
    """The entry “My Organization”."""
    return next(entry for entry in calendar.permissions.values() if entry.person is None)
