"""A folder's permission set as EWS reads and writes it: `folder:PermissionSet`, replaced as a whole, with every rule.

Source: Microsoft, "PermissionSet (CalendarPermissionSetType)" and its permission level tables; outlook.md §4.2.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from uuid import UUID

from core.sandbox.exchange.errors import EwsError
from core.sandbox.exchange.model import ANONYMOUS, AUTHENTICATED, DEFAULT, Entry, Folder, Mailbox, Organisation
from core.sandbox.exchange.xml import Element, child, name_of, t, text_of, truth
from core.sharing.permissions import MATRIX, PermissionLevel, Reach, ReadRight, Rights, level_of

CALENDAR_LEVELS = {
    "None": PermissionLevel.NONE,
    "FreeBusyTimeOnly": PermissionLevel.FREE_BUSY,
    "FreeBusyTimeAndSubjectAndLocation": PermissionLevel.FREE_BUSY_DETAILED,
    "Contributor": PermissionLevel.CONTRIBUTOR,
    "Reviewer": PermissionLevel.REVIEWER,
    "NoneditingAuthor": PermissionLevel.NONEDITING_AUTHOR,
    "Author": PermissionLevel.AUTHOR,
    "PublishingAuthor": PermissionLevel.PUBLISHING_AUTHOR,
    "Editor": PermissionLevel.EDITOR,
    "PublishingEditor": PermissionLevel.PUBLISHING_EDITOR,
    "Owner": PermissionLevel.OWNER,
    "Custom": PermissionLevel.CUSTOM,
}
READING = {
    "None": ReadRight.NONE,
    "TimeOnly": ReadRight.TIME,
    "TimeAndSubjectAndLocation": ReadRight.SUBJECT,
    "FullDetails": ReadRight.FULL,
}
REACHES = {"None": Reach.NONE, "Owned": Reach.OWN, "All": Reach.ALL}
_LEVEL_NAMES = {level: name for name, level in CALENDAR_LEVELS.items()}
_READING_NAMES = {read: name for name, read in READING.items()}
_REACH_NAMES = {reach: name for name, reach in REACHES.items()}
_DISTINGUISHED = {"Default": DEFAULT, "Anonymous": ANONYMOUS}
_ALWAYS = (DEFAULT, ANONYMOUS)
_IDENTITY = ("SID", "PrimarySmtpAddress", "DisplayName", "ExternalUserIdentity")


# --- reading ---------------------------------------------------------------------------------------------------------


def permission_set(folder: Folder, organisation: Organisation) -> Element:
    """`t:PermissionSet` of the folder; a named level comes with its rights, as Exchange gives them."""
    calendar = folder.kind == "CalendarFolder"
    lines = [_line(entry, organisation, calendar) for entry in sorted(folder.permissions, key=_place)]
    return t("PermissionSet", t("CalendarPermissions" if calendar else "Permissions", lines))


def _place(entry: Entry) -> int:
    """Default, Anonymous, then the others as they were set."""
    return _ALWAYS.index(entry.user) if entry.user in _ALWAYS else len(_ALWAYS)


def _line(entry: Entry, organisation: Organisation, calendar: bool) -> Element:
    rights, level = entry.rights, level_of(entry.rights)
    if not calendar and _LEVEL_NAMES[level].startswith("FreeBusy"):
        level = PermissionLevel.CUSTOM
    return t(
        "CalendarPermission" if calendar else "Permission",
        [
            _user_id(entry, organisation),
            t("CanCreateItems", rights.create),
            t("CanCreateSubFolders", rights.create_subfolders),
            t("IsFolderOwner", rights.owner),
            t("IsFolderVisible", rights.visible),
            t("IsFolderContact", rights.contact),
            t("EditItems", _REACH_NAMES[rights.edit]),
            t("DeleteItems", _REACH_NAMES[rights.delete]),
            t("ReadItems", _READING_NAMES[rights.read]),
            t("CalendarPermissionLevel" if calendar else "PermissionLevel", _LEVEL_NAMES[level]),
        ],
    )


def _user_id(entry: Entry, organisation: Organisation) -> Element:
    for name, user in _DISTINGUISHED.items():
        if entry.user == user:
            return t("UserId", t("DistinguishedUser", name))
    if entry.user == AUTHENTICATED:
        return t("UserId")
    mailbox = organisation.mailboxes.get(entry.user)
    if mailbox is None:
        return t("UserId", [t("DisplayName", entry.name or entry.user), t("ExternalUserIdentity", entry.user)])
    return user_id(mailbox)


def user_id(mailbox: Mailbox) -> Element:
    """`t:UserId` of somebody in the organisation."""
    parts = [t("SID", sid_of(mailbox)), t("PrimarySmtpAddress", mailbox.address), t("DisplayName", mailbox.name)]
    return t("UserId", parts)


def sid_of(mailbox: Mailbox) -> str:
    """A security identifier as a domain gives them: the same in each run."""
    return f"S-1-5-21-1085031214-1563985344-725345543-{_rid(mailbox.guid)}"


def _rid(guid: UUID) -> int:
    return 1000 + guid.int % 60000


# --- writing ---------------------------------------------------------------------------------------------------------


def replace_permissions(folder: Folder, wanted: Element, organisation: Organisation) -> None:
    """Put the `t:PermissionSet` in the place of the folder's. Raises EwsError; then nothing was changed.

    Who is not named any more has nothing, Default and Anonymous too; the entry without a user stays.
    """
    entries = list(_entries(folder, wanted, organisation))
    users = [entry.user for entry in entries]
    if len(set(users)) != len(users):
        raise EwsError("ErrorDuplicateUserIdsSpecified", "The same user appears more than once in the permission set.")
    _refuse_beyond_policy(entries, organisation)
    kept = [entry for entry in folder.permissions if entry.user == AUTHENTICATED]
    missing = [Entry(user, MATRIX[PermissionLevel.NONE]) for user in _ALWAYS if user not in users]
    folder.permissions[:] = [*missing, *entries, *kept]


def _entries(folder: Folder, wanted: Element, organisation: Organisation) -> Iterator[Entry]:
    calendar = folder.kind == "CalendarFolder"
    if child(wanted, "UnknownEntries") is not None and len(child(wanted, "UnknownEntries") or ()):
        raise EwsError("ErrorCannotSetPermissionUnknownEntries", "UnknownEntries cannot be set.")
    for group in wanted:
        if name_of(group) == "Permissions" and calendar:
            raise EwsError("ErrorCannotSetNonCalendarPermissionOnCalendarFolder", "Use CalendarPermissions here.")
        if name_of(group) == "CalendarPermissions" and not calendar:
            raise EwsError("ErrorCannotSetCalendarPermissionOnNonCalendarFolder", "Use Permissions here.")
        for line in group if name_of(group) != "UnknownEntries" else ():
            user, name = resolve_user(child(line, "UserId"), organisation)
            yield Entry(user, _rights(line), name)


def resolve_user(user_id: Element | None, organisation: Organisation) -> tuple[str, str]:
    """Whom a UserId means, as an entry keeps it, and the name given with it.

    Raises EwsError: ErrorMissingUserIdInformation where it names nobody, ErrorInvalidUserInfo where it names a
    distinguished user and another, or somebody who is not there.
    """
    given = {name: text_of(user_id, name).strip() for name in (*_IDENTITY, "DistinguishedUser")}
    named = [name for name in _IDENTITY if given[name]]
    distinguished = given["DistinguishedUser"]
    if distinguished and named:
        raise EwsError("ErrorInvalidUserInfo", "A distinguished user cannot be combined with another identity.")
    if distinguished:
        return _DISTINGUISHED[distinguished], ""
    if not named:
        raise EwsError("ErrorMissingUserIdInformation", "The UserId names nobody.")
    if given["ExternalUserIdentity"]:
        return given["ExternalUserIdentity"].lower(), given["DisplayName"]
    return _resolve(given, organisation), given["DisplayName"]


def _resolve(given: dict[str, str], organisation: Organisation) -> str:
    """The address; every part that was given must mean the same person."""
    address = given["PrimarySmtpAddress"].lower()
    found = {mailbox.address.lower() for mailbox in _candidates(given, organisation.mailboxes.values())}
    if address and "@" in address and address not in organisation.mailboxes and not organisation.is_inside(address):
        return address
    if len(found) != 1:
        raise EwsError("ErrorInvalidUserInfo", "The user of the permission could not be resolved.")
    return found.pop()


def _candidates(given: dict[str, str], mailboxes: Iterable[Mailbox]) -> Iterator[Mailbox]:
    for mailbox in mailboxes:
        same = [
            not given["SID"] or given["SID"] == sid_of(mailbox),
            not given["PrimarySmtpAddress"] or given["PrimarySmtpAddress"].lower() == mailbox.address.lower(),
        ]
        by_name = given["SID"] or given["PrimarySmtpAddress"] or given["DisplayName"] == mailbox.name
        if all(same) and by_name:
            yield mailbox


def _rights(line: Element) -> Rights:
    """The rights that a line gives. Raises EwsError: ErrorInvalidPermissionSettings."""
    level = CALENDAR_LEVELS[text_of(line, "CalendarPermissionLevel") or text_of(line, "PermissionLevel")]
    single = [part for part in line if name_of(part) not in ("UserId", "CalendarPermissionLevel", "PermissionLevel")]
    if level is not PermissionLevel.CUSTOM:
        if single:
            raise EwsError("ErrorInvalidPermissionSettings", "A named level cannot be combined with single rights.")
        return MATRIX[level]
    if not single:
        raise EwsError("ErrorInvalidPermissionSettings", "The level Custom needs single rights.")
    return Rights(
        read=READING[text_of(line, "ReadItems") or "None"],
        create=truth(text_of(line, "CanCreateItems")),
        create_subfolders=truth(text_of(line, "CanCreateSubFolders")),
        edit=REACHES[text_of(line, "EditItems") or "None"],
        delete=REACHES[text_of(line, "DeleteItems") or "None"],
        owner=truth(text_of(line, "IsFolderOwner")),
        contact=truth(text_of(line, "IsFolderContact")),
        visible=truth(text_of(line, "IsFolderVisible")),
    )


def _refuse_beyond_policy(entries: Iterable[Entry], organisation: Organisation) -> None:
    """Nobody outside is given more than the sharing policy lets through (outlook.md §2.3, §2.4)."""
    for entry in entries:
        if entry.user in (*_ALWAYS, AUTHENTICATED) or entry.user in organisation.mailboxes:
            continue
        if not organisation.policy.decide(entry.user, organisation.federated).allows(level_of(entry.rights)):
            raise EwsError(
                "ErrorNotAllowedExternalSharingByPolicy",
                "The sharing policy does not allow sharing at this level with an external user.",
            )
