"""Delegates: who acts for somebody, may see private items, and gets a copy of meeting mail.

A delegate's rights are entries in the permissions of the owner's folders; the list of delegates adds what a folder
cannot say. Source: Microsoft, "Delegate access and EWS in Exchange"; [MS-OXWSDLGM].
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from core.sandbox.exchange.errors import EwsError
from core.sandbox.exchange.model import Delegate, Entry, Folder, Mailbox
from core.sandbox.exchange.permissions import resolve_user, user_id
from core.sandbox.exchange.registry import Context, operation
from core.sandbox.exchange.xml import Element, child, children, m, t, text_of, truth
from core.sharing.permissions import MATRIX, PermissionLevel, level_of

FOLDERS = {
    "CalendarFolderPermissionLevel": "calendar",
    "TasksFolderPermissionLevel": "tasks",
    "InboxFolderPermissionLevel": "inbox",
    "ContactsFolderPermissionLevel": "contacts",
    "NotesFolderPermissionLevel": "notes",
    "JournalFolderPermissionLevel": "journal",
}
LEVELS = {
    "None": PermissionLevel.NONE,
    "Reviewer": PermissionLevel.REVIEWER,
    "Author": PermissionLevel.AUTHOR,
    "Editor": PermissionLevel.EDITOR,
}
_LEVEL_NAMES = {level: name for name, level in LEVELS.items()}


@operation("GetDelegate")
def get_delegate(context: Context) -> Element:
    """The delegates of a mailbox, all or those that are asked for."""
    owner = _own_mailbox(context)
    wanted = list(children(context.request, "UserIds"))
    permissions = truth(context.request.get("IncludePermissions", "false"))

    def shown(user: str) -> Element:
        return _shown(owner, _delegate(owner, user), context, permissions=permissions)

    if wanted:
        messages = [_one(lambda each=each: shown(_user(each, context))) for each in wanted]  # type: ignore[misc]
    else:
        messages = [_one(lambda user=user: shown(user)) for user in owner.delegates]  # type: ignore[misc]
    return _response("GetDelegate", messages, t_deliver=owner.deliver_meeting_requests)


@operation("AddDelegate")
def add_delegate(context: Context) -> Element:
    """New delegates; each that cannot be added fails alone."""
    owner = _own_mailbox(context)

    def add(wanted: Element) -> Element:
        user = _user(child(wanted, "UserId"), context)
        if user in owner.delegates:
            raise EwsError("ErrorDelegateAlreadyExists", "The user is already a delegate for the mailbox.")
        return _write(owner, Delegate(user), wanted, context)

    return _changed("AddDelegate", owner, context, add)


@operation("UpdateDelegate")
def update_delegate(context: Context) -> Element:
    """Other rights for delegates that are there; what is not named stays."""
    owner = _own_mailbox(context)

    def update(wanted: Element) -> Element:
        known = _delegate(owner, _user(child(wanted, "UserId"), context))
        return _write(owner, known, wanted, context)

    return _changed("UpdateDelegate", owner, context, update)


@operation("RemoveDelegate")
def remove_delegate(context: Context) -> Element:
    """Delegates no more: off the list, and out of the permissions of every folder that a delegate has."""
    owner = _own_mailbox(context)

    def remove(wanted: Element) -> None:
        known = _delegate(owner, _user(wanted, context))
        del owner.delegates[known.user]
        for folder in _folders(owner):
            folder.permissions[:] = [entry for entry in folder.permissions if entry.user != known.user]

    return _response("RemoveDelegate", [_one(lambda each=each: remove(each))  # type: ignore[misc]
                                        for each in children(context.request, "UserIds")])  # fmt: skip


def _own_mailbox(context: Context) -> Mailbox:
    """The mailbox that is meant: only its owner manages its delegates."""
    owner = context.organisation.mailbox_at(text_of(context.request, "Mailbox", "EmailAddress"))
    if owner is not context.who:
        raise EwsError("ErrorAccessDenied")
    return owner


def _user(wanted: Element | None, context: Context) -> str:
    """The address of somebody inside, other than the owner. Raises EwsError."""
    try:
        user, _name = resolve_user(wanted, context.organisation)
    except EwsError as error:
        missing = error.code == "ErrorMissingUserIdInformation"
        raise EwsError("ErrorInvalidDelegateUserId" if missing else "ErrorDelegateNoUser") from error
    if user == context.who.address.lower():
        raise EwsError("ErrorDelegateCannotAddOwner", "The owner cannot be a delegate of their own mailbox.")
    if user not in context.organisation.mailboxes:
        raise EwsError("ErrorDelegateNoUser", "The user is not in the organisation.")
    return user


def _delegate(owner: Mailbox, user: str) -> Delegate:
    found = owner.delegates.get(user)
    if found is None:
        raise EwsError("ErrorNotDelegate", "The user is not a delegate for the mailbox.")
    return found


def _write(owner: Mailbox, known: Delegate, wanted: Element, context: Context) -> Element:
    levels = dict(_wanted_levels(wanted))
    private, copies = text_of(wanted, "ViewPrivateItems"), text_of(wanted, "ReceiveCopiesOfMeetingMessages")
    changed = replace(
        known,
        view_private=truth(private) if private else known.view_private,
        meeting_copies=truth(copies) if copies else known.meeting_copies,
    )
    calendar = levels.get("calendar", _level(owner.distinguished["calendar"], known.user))
    if changed.meeting_copies and calendar is not PermissionLevel.EDITOR:
        raise EwsError("ErrorInvalidDelegatePermission", "Copies of meeting messages need Editor on the calendar.")
    for name, level in levels.items():
        _grant(owner.distinguished[name], known.user, level)
    owner.delegates[known.user] = changed
    return _shown(owner, changed, context, permissions=True)


def _wanted_levels(wanted: Element) -> Iterator[tuple[str, PermissionLevel]]:
    for part in children(wanted, "DelegatePermissions"):
        name = FOLDERS[part.tag.rpartition("}")[2]]
        if part.text not in LEVELS:
            raise EwsError("ErrorInvalidDelegatePermission", "Custom cannot be given to a delegate.")
        yield name, LEVELS[part.text]


def _grant(folder: Folder, user: str, level: PermissionLevel) -> None:
    others = [entry for entry in folder.permissions if entry.user != user]
    folder.permissions[:] = [*others, Entry(user, MATRIX[level])] if level is not PermissionLevel.NONE else others


def _level(folder: Folder, user: str) -> PermissionLevel:
    entry = next((entry for entry in folder.permissions if entry.user == user), None)
    return level_of(entry.rights) if entry else PermissionLevel.NONE


def _folders(owner: Mailbox) -> Iterator[Folder]:
    return (owner.distinguished[name] for name in FOLDERS.values())


def _shown(owner: Mailbox, delegate: Delegate, context: Context, *, permissions: bool) -> Element:
    levels = [
        t(element, _LEVEL_NAMES.get(_level(owner.distinguished[name], delegate.user), "Custom"))
        for element, name in FOLDERS.items()
    ]
    return m(
        "DelegateUser",
        user_id(context.organisation.mailboxes[delegate.user]),
        t("DelegatePermissions", levels) if permissions else None,
        t("ReceiveCopiesOfMeetingMessages", delegate.meeting_copies),
        t("ViewPrivateItems", delegate.view_private),
    )


def _changed(name: str, owner: Mailbox, context: Context, each: Callable[[Element], Element]) -> Element:
    """Do `each` for every DelegateUser, the same one named twice only once, and keep how meeting mail is delivered."""
    seen: set[str] = set()

    def once(wanted: Element) -> Element:
        key = "".join(child(wanted, "UserId").itertext()) if child(wanted, "UserId") is not None else ""  # type: ignore[union-attr]
        if key in seen:
            raise EwsError("ErrorDelegateValidationFailed", "The same user is named twice.")
        seen.add(key)
        return each(wanted)

    messages = [_one(lambda one=one: once(one)) for one in children(context.request, "DelegateUsers")]  # type: ignore[misc]
    deliver = text_of(context.request, "DeliverMeetingRequests")
    if deliver:
        owner.deliver_meeting_requests = deliver
    return _response(name, messages)


def _one(each: Callable[[], Element | None]) -> Element:
    try:
        return m("DelegateUserResponseMessageType", m("ResponseCode", "NoError"), each(), ResponseClass="Success")
    except EwsError as error:
        return error.response("DelegateUserResponseMessageType")


def _response(name: str, messages: Iterable[Element], t_deliver: str = "") -> Element:
    return m(
        f"{name}Response",
        m("ResponseCode", "NoError"),
        m("ResponseMessages", list(messages)) if messages else None,
        m("DeliverMeetingRequests", t_deliver) if t_deliver else None,
        ResponseClass="Success",
    )
