"""Calendar permissions on an Exchange server: GetFolder, UpdateFolder and the operations for delegates.

UpdateFolder replaces the whole set, so every write reads first, changes, writes and reads back, in one piece of work.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from core.backends.exchange.session import ExchangeSession
from core.errors import Conflict, DeliveryUnknown, NotFound, PartagendaError, Refused
from core.language import _
from core.ports.sharing import Offered, RefusedChange, StoredPermissions, WrittenPermissions
from core.sharing.permission_table import (
    Delegation,
    PermissionChange,
    PermissionEntry,
    PermissionTable,
    apply_changes,
)
from core.sharing.permission_words import entry_data
from core.sharing.permissions import PermissionLevel
from core.values import dataclass

if TYPE_CHECKING:
    from exchangelib import Account

_TRIES = 3
_FIXED = frozenset(("default", "anonymous"))


@dataclass(frozen=True, slots=True)
class Read:
    """A folder's permissions with what is needed to write them."""

    table: PermissionTable
    folder: str
    change_key: str
    default: bool
    """Delegates belong to the mailbox: they show in the table of its default calendar."""

    @property
    def mark(self) -> str:
        """Differs whenever a row differs."""
        rows = [entry_data(row) for row in self.table.entries]
        return hashlib.sha256(json.dumps([rows, self.table.unknown]).encode()).hexdigest()


class ExchangePermissions:
    """The permissions of one account's calendars, named by their EWS ids."""

    def __init__(self, session: ExchangeSession) -> None:
        self._session = session

    @property
    def account(self) -> str:
        """The account's name in config.toml."""
        return self._session.name

    async def permissions(self, calendar: str) -> StoredPermissions:
        """The table as it is on the server now. Raises NotFound, Refused to everybody but owners."""
        found = await self._session.run(lambda account: read(account, calendar))
        return _stored(calendar, found)

    async def write_permissions(
        self, calendar: str, changes: Sequence[PermissionChange], *, expected: str
    ) -> WrittenPermissions:
        """Change these rows and no others. Raises Conflict when the table is not the one with the mark `expected`."""
        work = Writing(calendar, tuple(changes), expected)
        found, refused = await self._session.run(work)
        return WrittenPermissions(_stored(calendar, found), tuple(refused))


def _stored(calendar: str, found: Read) -> StoredPermissions:
    return StoredPermissions(calendar, found.table, found.mark, Offered(delegates=found.default, fixed=_FIXED))


def read(account: Account, calendar: str) -> Read:
    """The permissions of a folder, delegates among them. In a thread."""
    from exchangelib.properties import FolderId
    from exchangelib.util import TNS

    from core.backends.exchange.asking import default_calendar
    from core.backends.exchange.permission_xml import read_set

    wanted = [FolderId(id=calendar), default_calendar(account.primary_smtp_address)]
    folder, own = _folders(account, wanted)
    found = folder.find(f"{{{TNS}}}PermissionSet")
    if found is None:
        raise Refused(_("The server shows the permissions of this calendar to its owners only."))
    identity, mine = folder.find(f"{{{TNS}}}FolderId"), own.find(f"{{{TNS}}}FolderId")
    default = identity.get("Id") == mine.get("Id")
    rows = read_set(found)
    if default:
        rows = _with_delegates(rows, delegates(account))
    return Read(rows, identity.get("Id"), identity.get("ChangeKey", ""), default)


def _folders(account: Account, wanted: Sequence[Any]) -> list[Any]:
    """Name and permissions of these folders, in order. Raises the first error that is among the answers."""
    from exchangelib.services.common import folder_ids_element
    from exchangelib.util import create_element

    from core.backends.exchange.asking import ask, folder_shape

    payload = create_element("m:GetFolder")
    payload.append(folder_shape(("DisplayName", "PermissionSet")))
    payload.append(folder_ids_element(folders=wanted, version=account.version))
    found = ask(account, "GetFolder", payload, "Folders")
    for each in found:
        if isinstance(each, BaseException):
            raise each
    return found


def delegates(account: Account) -> dict[str, Delegation]:
    """Who is a delegate of this mailbox, by address in lower case; nobody where the server has no delegates."""
    from exchangelib.errors import ErrorAccessDenied, ErrorInvalidOperation
    from exchangelib.services import GetDelegate
    from exchangelib.util import TNS

    from core.backends.exchange.permission_xml import delegates_question

    class Asked(GetDelegate):  # type: ignore[misc]
        """With a payload of ours."""

        def call(self, payload: Any) -> list[Any]:  # noqa: ANN401 - an element
            return list(self._get_elements(payload=payload))

    try:
        answers = Asked(account=account).call(delegates_question(account.primary_smtp_address))
    except (ErrorAccessDenied, ErrorInvalidOperation):
        return {}
    found = {}
    for each in answers:
        if isinstance(each, BaseException):
            raise each
        address = each.findtext(f"{{{TNS}}}UserId/{{{TNS}}}PrimarySmtpAddress") or ""
        copies = each.findtext(f"{{{TNS}}}ReceiveCopiesOfMeetingMessages") == "true"
        private = each.findtext(f"{{{TNS}}}ViewPrivateItems") == "true"
        found[address.lower()] = Delegation(copies, private)
    return found


def _with_delegates(rows: PermissionTable, known: dict[str, Delegation]) -> PermissionTable:
    entries = (replace(row, delegation=known.get(row.key)) if row.key in known else row for row in rows.entries)
    return replace(rows, entries=tuple(entries))


class Writing:
    """One write: called with an open account, in a thread."""

    def __init__(self, calendar: str, changes: tuple[PermissionChange, ...], expected: str) -> None:
        self._calendar = calendar
        self._changes = changes
        self._expected = expected

    def __call__(self, account: Account) -> tuple[Read, list[RefusedChange]]:
        """The table afterwards, and what was refused."""
        for attempt in range(1, _TRIES + 1):
            now = read(account, self._calendar)
            if now.mark != self._expected:
                raise Conflict(
                    _("The permissions were changed by somebody else meanwhile; nothing was written."),
                    _("Look at them again, then decide."),
                )
            try:
                refused = self._write(account, now)
            except Conflict:  # an event came into the folder between reading and writing: the rows are the same
                if attempt == _TRIES:
                    raise
                continue
            return read(account, self._calendar), refused
        raise AssertionError

    def _write(self, account: Account, now: Read) -> list[RefusedChange]:
        """All at once; where the server refuses that, row by row, so that one row does not take the others with it."""
        reason = _attempt(lambda: self._one_act(account, now, self._changes))
        if reason is None:
            return []
        if len(self._changes) == 1:
            return [RefusedChange(self._changes[0], reason.message)]
        refused = []
        for change in self._changes:
            fresh = read(account, self._calendar)
            each = change
            reason = _attempt(lambda now=fresh, one=each: self._one_act(account, now, (one,)))  # type: ignore[misc]
            if reason is not None:
                refused.append(RefusedChange(change, reason.message))
        return refused

    def _one_act(self, account: Account, now: Read, changes: Sequence[PermissionChange]) -> None:
        """Delegates first, then the table. Raises DeliveryUnknown when a delegate fails after another one is done."""
        after = apply_changes(now.table, changes)
        before = [change for change in changes if _leaves(change)]
        joining = [change for change in changes if _stays(change)]
        if (before or joining) and not now.default:
            raise Refused(_("Delegates belong to the mailbox: make them in the permissions of its default calendar."))
        for change in before:
            _delegate(account, "Remove", change)
        for number, change in enumerate(joining):
            try:
                _delegate(account, "Update" if change.before and change.before.delegation else "Add", change)
            except PartagendaError as error:
                if number or before:
                    raise DeliveryUnknown(error.message, error.hint) from error
                raise
        update(account, now, after)


def _leaves(change: PermissionChange) -> bool:
    was = change.before.delegation if change.before else None
    return was is not None and (change.after is None or change.after.delegation is None)


def _stays(change: PermissionChange) -> bool:
    wanted = change.after.delegation if change.after else None
    return wanted is not None and wanted != (change.before.delegation if change.before else None)


def _attempt(work: Callable[[], None]) -> Refused | NotFound | None:
    """None when it was done, else why the server refused it. Other errors are raised."""
    try:
        work()
    except (Refused, NotFound) as error:
        return error
    return None


def update(account: Account, now: Read, after: PermissionTable) -> None:
    """UpdateFolder with the whole set. Raises Refused with a person's words for what Exchange answers."""
    from exchangelib.errors import ErrorIrresolvableConflict, ErrorStaleObject, ResponseMessageError
    from exchangelib.util import create_element

    from core.backends.exchange.asking import ask
    from core.backends.exchange.permission_xml import update_payload

    attributes = {"Id": now.folder}
    if now.change_key:
        attributes["ChangeKey"] = now.change_key
    payload = update_payload(create_element("t:FolderId", attrs=attributes), after)
    try:
        answers = ask(account, "UpdateFolder", payload, "Folders")
        for each in answers:
            if isinstance(each, BaseException):
                raise each
    except (ErrorStaleObject, ErrorIrresolvableConflict) as error:
        raise Conflict(_("The calendar was changed by somebody else meanwhile.")) from error
    except ResponseMessageError as error:
        if (refused := refusal(error)) is None:
            raise
        raise refused from error


def refusal(error: BaseException) -> Refused | None:
    """Our words for what Exchange refuses about permissions and sharing; None for everything else."""
    words = {
        "ErrorNotAllowedExternalSharingByPolicy": _(
            "Your organisation's sharing policy does not allow this level for somebody outside."
        ),
        "ErrorInvalidUserInfo": _("The server knows nobody of that address."),
        "ErrorInvalidDelegateUserId": _("The server knows nobody of that address."),
        "ErrorDelegateNoUser": _("Only somebody inside the organisation can be a delegate."),
        "ErrorDelegateCannotAddOwner": _("The owner of a mailbox cannot be their own delegate."),
        "ErrorInvalidPermissionSettings": _("The server does not take this combination of rights."),
        "ErrorInvalidDelegatePermission": _("The server does not take these rights for a delegate."),
        "ErrorDuplicateUserIdsSpecified": _("The same person is in the table twice."),
        "ErrorAccessDenied": _("Only an owner of the calendar may change its permissions."),
        "ErrorCannotSetPermissionUnknownEntries": _("The table has rows that cannot be written."),
    }
    found = words.get(type(error).__name__)
    return Refused(found) if found else None


def _delegate(account: Account, verb: str, change: PermissionChange) -> None:
    from exchangelib.errors import ResponseMessageError

    from core.backends.exchange.permission_xml import delegate_payload, delegate_user, write_user

    row: PermissionEntry = change.after if verb != "Remove" and change.after else change.before or change.after  # type: ignore[assignment]
    who = write_user(replace(row.principal, id="")) if verb == "Remove" else delegate_user(_editor(row))
    payload = delegate_payload(verb, account.primary_smtp_address, [who])
    try:
        for each in _delegate_service(verb)(account=account).call(payload):
            if isinstance(each, BaseException):
                raise each
    except ResponseMessageError as error:
        if (refused := refusal(error)) is None:
            raise
        raise refused from error


def _editor(row: PermissionEntry) -> PermissionEntry:
    """Delegates are made as Editors; the table that is written afterwards has their own level."""
    return row if row.level is PermissionLevel.EDITOR else replace(row, level=PermissionLevel.EDITOR)


def _delegate_service(verb: str) -> type[Any]:
    from exchangelib.services.common import EWSAccountService
    from exchangelib.util import MNS

    class Changing(EWSAccountService):  # type: ignore[misc]
        """AddDelegate, UpdateDelegate or RemoveDelegate: exchangelib has none of them."""

        SERVICE_NAME = f"{verb}Delegate"
        returns_elements = False

        def call(self, payload: Any) -> list[Any]:  # noqa: ANN401 - an element
            return list(self._get_elements(payload=payload))

        @classmethod
        def _response_message_tag(cls) -> str:
            return f"{{{MNS}}}DelegateUserResponseMessageType"

    return Changing
