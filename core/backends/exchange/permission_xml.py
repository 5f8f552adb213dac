"""`folder:PermissionSet` of a calendar as EWS writes it, read and built whole (traps.md 11).

exchangelib reads it, but for one field, and cannot write it: its element is `t:Folder`, UserId stands behind the
rights, CanCreateSubFolders is misspelt, single rights go along with a named level, and TimeOnly is refused. Order and
names here are those of types.xsd. Loaded in a thread, with exchangelib.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from exchangelib.util import TNS, add_xml_child, create_element

from core.language import _
from core.sharing.permission_table import (
    ANONYMOUS,
    DEFAULT,
    PermissionEntry,
    PermissionTable,
    Principal,
    Who,
    table,
)
from core.sharing.permissions import MATRIX, PermissionLevel, Reach, ReadRight, Rights

Element = Any
"""lxml's, which has no types."""

LEVELS = {
    PermissionLevel.NONE: "None",
    PermissionLevel.FREE_BUSY: "FreeBusyTimeOnly",
    PermissionLevel.FREE_BUSY_DETAILED: "FreeBusyTimeAndSubjectAndLocation",
    PermissionLevel.CONTRIBUTOR: "Contributor",
    PermissionLevel.REVIEWER: "Reviewer",
    PermissionLevel.NONEDITING_AUTHOR: "NoneditingAuthor",
    PermissionLevel.AUTHOR: "Author",
    PermissionLevel.PUBLISHING_AUTHOR: "PublishingAuthor",
    PermissionLevel.EDITOR: "Editor",
    PermissionLevel.PUBLISHING_EDITOR: "PublishingEditor",
    PermissionLevel.OWNER: "Owner",
    PermissionLevel.CUSTOM: "Custom",
}
_READ = {
    ReadRight.NONE: "None",
    ReadRight.TIME: "TimeOnly",
    ReadRight.SUBJECT: "TimeAndSubjectAndLocation",
    ReadRight.FULL: "FullDetails",
}
_REACH = {Reach.NONE: "None", Reach.OWN: "Owned", Reach.ALL: "All"}
_FLAGS = {
    "CanCreateItems": "create",
    "CanCreateSubFolders": "create_subfolders",
    "IsFolderOwner": "owner",
    "IsFolderVisible": "visible",
    "IsFolderContact": "contact",
}
"""In the order of the schema."""
_EXTERNAL = "external:"
"""Marks the id of somebody whom the server knows by ExternalUserIdentity alone."""


# --- reading ---------------------------------------------------------------------------------------------------


def read_set(permission_set: Element) -> PermissionTable:
    """The table. Rows that name nobody are kept in words only: they cannot be sent back, and the server keeps them."""
    rows, unknown = [], []
    for line in permission_set.iterfind(f"{{{TNS}}}CalendarPermissions/{{{TNS}}}CalendarPermission"):
        principal = read_user(line.find(f"{{{TNS}}}UserId"))
        if principal is None:
            unknown.append(_("everybody who has signed in"))
            continue
        rows.append(_row(principal, line))
    for each in permission_set.iterfind(f"{{{TNS}}}UnknownEntries/{{{TNS}}}UnknownEntry"):
        unknown.append((each.text or "").strip() or _("somebody unknown"))
    return table(rows, unknown)


def read_user(user: Element | None) -> Principal | None:
    """Whom a UserId means; None where it names nobody."""
    found = {name: _text(user, name) for name in ("SID", "PrimarySmtpAddress", "DisplayName", "ExternalUserIdentity")}
    match _text(user, "DistinguishedUser"):
        case "Default":
            return DEFAULT
        case "Anonymous":
            return ANONYMOUS
    external, address = found["ExternalUserIdentity"], found["PrimarySmtpAddress"]
    if external and not address:
        known = external if "@" in external else ""
        return Principal(Who.PERSON, known, found["DisplayName"], f"{_EXTERNAL}{external}")
    if not address and not found["SID"]:
        return None
    return Principal(Who.PERSON, address, found["DisplayName"], found["SID"])


def _row(principal: Principal, line: Element) -> PermissionEntry:
    rights = Rights(
        read=_by_name(_READ, _text(line, "ReadItems"), ReadRight.NONE),
        edit=_by_name(_REACH, _text(line, "EditItems"), Reach.NONE),
        delete=_by_name(_REACH, _text(line, "DeleteItems"), Reach.NONE),
        **{ours: _text(line, theirs) in ("true", "1") for theirs, ours in _FLAGS.items()},
    )
    level = _by_name(LEVELS, _text(line, "CalendarPermissionLevel"), PermissionLevel.CUSTOM)
    if level is PermissionLevel.CUSTOM:
        return PermissionEntry(principal, level, rights)
    return PermissionEntry(principal, level, MATRIX[level])


def _by_name(names: dict[Any, str], text: str, otherwise: Any) -> Any:  # noqa: ANN401 - of one enumeration
    return next((ours for ours, theirs in names.items() if theirs == text), otherwise)


def _text(element: Element | None, name: str) -> str:
    return "" if element is None else (element.findtext(f"{{{TNS}}}{name}") or "").strip()


# --- writing ---------------------------------------------------------------------------------------------------


def update_payload(folder: Element, rows: PermissionTable) -> Element:
    """`m:UpdateFolder` that replaces the permissions of one folder (`folder`: its `t:FolderId`)."""
    change = create_element("t:FolderChange")
    change.append(folder)
    field = create_element("t:SetFolderField")
    field.append(create_element("t:FieldURI", attrs={"FieldURI": "folder:PermissionSet"}))
    calendar = create_element("t:CalendarFolder")
    calendar.append(write_set(rows))
    field.append(calendar)
    updates = create_element("t:Updates")
    updates.append(field)
    change.append(updates)
    changes = create_element("m:FolderChanges")
    changes.append(change)
    payload = create_element("m:UpdateFolder")
    payload.append(changes)
    return payload


def write_set(rows: PermissionTable) -> Element:
    """`t:PermissionSet`: a named level alone, Custom with its rights; never UnknownEntries."""
    made = create_element("t:PermissionSet")
    lines = create_element("t:CalendarPermissions")
    for row in rows.entries:
        lines.append(_line(row))
    made.append(lines)
    return made


def _line(row: PermissionEntry) -> Element:
    line = create_element("t:CalendarPermission")
    line.append(write_user(row.principal))
    if row.level is PermissionLevel.CUSTOM:
        for name, text in _single_rights(row.rights):
            add_xml_child(line, f"t:{name}", text)
    add_xml_child(line, "t:CalendarPermissionLevel", LEVELS[row.level])
    return line


def _single_rights(rights: Rights) -> Iterator[tuple[str, str]]:
    for theirs, ours in _FLAGS.items():
        yield theirs, "true" if getattr(rights, ours) else "false"
    yield "EditItems", _REACH[rights.edit]
    yield "DeleteItems", _REACH[rights.delete]
    yield "ReadItems", _READ[rights.read]


def write_user(principal: Principal) -> Element:
    """`t:UserId`: one identity and no other, in the way in which the server knows them."""
    made = create_element("t:UserId")
    match principal.who:
        case Who.DEFAULT:
            add_xml_child(made, "t:DistinguishedUser", "Default")
        case Who.ANONYMOUS:
            add_xml_child(made, "t:DistinguishedUser", "Anonymous")
        case Who.PERSON if principal.id.startswith(_EXTERNAL):
            if principal.name:
                add_xml_child(made, "t:DisplayName", principal.name)
            add_xml_child(made, "t:ExternalUserIdentity", principal.id.removeprefix(_EXTERNAL))
        case Who.PERSON if principal.address:
            add_xml_child(made, "t:PrimarySmtpAddress", principal.address)
        case Who.PERSON:
            add_xml_child(made, "t:SID", principal.id)
    return made


def delegate_payload(verb: str, mailbox: str, delegates: Sequence[Element]) -> Element:
    """`m:AddDelegate`, `m:UpdateDelegate` or `m:RemoveDelegate` for a mailbox."""
    payload = create_element(f"m:{verb}Delegate")
    payload.append(_mailbox(mailbox))
    container = create_element("m:UserIds" if verb == "Remove" else "m:DelegateUsers")
    for each in delegates:
        container.append(each)
    payload.append(container)
    return payload


def delegates_question(mailbox: str) -> Element:
    """`m:GetDelegate` for everybody who is one."""
    payload = create_element("m:GetDelegate", attrs={"IncludePermissions": "true"})
    payload.append(_mailbox(mailbox))
    return payload


def _mailbox(address: str) -> Element:
    made = create_element("m:Mailbox")
    add_xml_child(made, "t:EmailAddress", address)
    return made


def delegate_user(row: PermissionEntry) -> Element:
    """`t:DelegateUser` of somebody with Editor on the calendar."""
    assert row.delegation is not None
    made = create_element("t:DelegateUser")
    made.append(write_user(Principal(Who.PERSON, row.principal.address)))
    permissions = create_element("t:DelegatePermissions")
    add_xml_child(permissions, "t:CalendarFolderPermissionLevel", "Editor")
    made.append(permissions)
    add_xml_child(made, "t:ReceiveCopiesOfMeetingMessages", "true" if row.delegation.copies else "false")
    add_xml_child(made, "t:ViewPrivateItems", "true" if row.delegation.private_items else "false")
    return made
