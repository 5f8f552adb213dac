"""Operations of Exchange as functions of an open account: what is asked, what comes back. In the session's threads.

Where the library's own call asks more often than needed, or would read a partial page for ever, the request is built
here on its service.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, timedelta
from functools import lru_cache
from typing import Any

from exchangelib import Account, CalendarItem
from exchangelib.attachments import FileAttachment
from exchangelib.errors import (
    ErrorAccessDenied,
    ErrorInvalidSyncStateData,
    ErrorItemNotFound,
    EWSError,
    MalformedResponseError,
)
from exchangelib.properties import DistinguishedFolderId, FolderId, ItemId, Mailbox, RecurringMasterItemId
from exchangelib.services import GetAttachment, GetItem, SyncFolderItems
from exchangelib.services.common import EWSAccountService, folder_ids_element
from exchangelib.util import MNS, TNS, add_xml_child, create_element

from core.backends.exchange.items import UNFINISHED, WriteKey, whole
from core.calendar.span import TimeSpan

SYNC_PAGE = 512
"""The most that SyncFolderItems gives at once."""
BIGGEST_ATTACHMENT = 5 << 20
"""Bytes; larger ones stay on the server."""
_SHORTEST = timedelta(hours=1)
_OF_A_FOLDER = ("DisplayName", "FolderClass", "ParentFolderId", "EffectiveRights", "SharingEffectiveRights")

Element = Any
"""lxml's, which has no types."""


class _Asked(EWSAccountService):  # type: ignore[misc]
    """One operation with a payload of ours."""

    def call(self, payload: Element) -> list[Any]:
        """The elements in the answer's container, errors of single ones among them."""
        return list(self._get_elements(payload=payload))

    @classmethod
    def _get_elements_in_container(cls, container: Element) -> list[Element]:
        """What is in the container; without one, the response message itself."""
        return [container] if cls.element_container_name is None else list(container)


@lru_cache(maxsize=32)
def _service(operation: str, container: str) -> type[_Asked]:
    tag = f"{{{MNS}}}{container}" if container else None
    return type(operation, (_Asked,), {"SERVICE_NAME": operation, "element_container_name": tag})


def ask(account: Account, operation: str, payload: Element, container: str) -> list[Any]:
    """Ask, and give the container's elements; an error of one of them is in its place."""
    return _service(operation, container)(account=account).call(payload)


def only(found: Sequence[Any]) -> Any:  # noqa: ANN401 - an element
    """The one element that was asked for. Raises its error."""
    for each in found:
        if isinstance(each, BaseException):
            raise each
    if len(found) != 1:
        raise MalformedResponseError(f"{len(found)} answers for one question")
    return found[0]


def text(element: Element, name: str) -> str:
    """The text of a child in the types' namespace."""
    return (element.findtext(f"{{{TNS}}}{name}") or "").strip()


# folders ---------------------------------------------------------------------------------------------------


def deleted_items(address: str) -> DistinguishedFolderId:
    """Where Outlook puts what is deleted."""
    return DistinguishedFolderId(id="deleteditems", mailbox=Mailbox(email_address=address))


def default_calendar(address: str) -> DistinguishedFolderId:
    """The default calendar of a mailbox, one's own or another's."""
    return DistinguishedFolderId(id="calendar", mailbox=Mailbox(email_address=address))


def folder_shape(names: Sequence[str] = _OF_A_FOLDER, extended: Sequence[Element] = ()) -> Element:
    """What is asked of a folder beside its id: properties by name, then `t:ExtendedFieldURI`s."""
    shape = create_element("m:FolderShape")
    add_xml_child(shape, "t:BaseShape", "IdOnly")
    wanted = create_element("t:AdditionalProperties")
    for name in names:
        wanted.append(create_element("t:FieldURI", attrs={"FieldURI": f"folder:{name}"}))
    wanted.extend(extended)
    shape.append(wanted)
    return shape


def get_folders(account: Account, folders: Sequence[FolderId]) -> list[Any]:
    """Each folder, or the error in its place. Raises MalformedResponseError for another number of answers."""
    payload = create_element("m:GetFolder")
    payload.append(folder_shape())
    payload.append(folder_ids_element(folders=folders, version=account.version))
    service = _service("GetFolder", "Folders")
    kept = service(account=account)
    kept.ERRORS_TO_CATCH_IN_RESPONSE = (*EWSAccountService.ERRORS_TO_CATCH_IN_RESPONSE, EWSError)
    found = list(kept.call(payload))
    if len(found) != len(folders):
        raise MalformedResponseError(f"{len(found)} folders for {len(folders)} that were asked for")
    return found


def find_folders(account: Account) -> list[Element]:
    """Every folder below the top, with its parent."""
    payload = create_element("m:FindFolder", attrs={"Traversal": "Deep"})
    payload.append(folder_shape())
    top = DistinguishedFolderId(id="msgfolderroot", mailbox=Mailbox(email_address=account.primary_smtp_address))
    payload.append(folder_ids_element(folders=[top], version=account.version, tag="m:ParentFolderIds"))
    root = only(ask(account, "FindFolder", payload, ""))
    found = root.find(f"{{{MNS}}}RootFolder")
    if found is None or found.get("IncludesLastItemInRange", "true").lower() != "true":
        raise MalformedResponseError("a list of folders that is not whole")  # never taken for fewer calendars
    return list(found.find(f"{{{TNS}}}Folders"))


def identity(element: Element, name: str = "FolderId") -> str:
    """The id in an element of that name."""
    found = element.find(f"{{{TNS}}}{name}")
    return str(found.get("Id")) if found is not None else ""


def calendars_among(folders: Sequence[Element], bin_id: str) -> tuple[list[Element], set[str]]:
    """Those that hold appointments, and the ids of those that lie in Deleted Items."""
    parents = {identity(each): identity(each, "ParentFolderId") for each in folders}

    def binned(one: str) -> bool:
        """Whether it lies in Deleted Items, however deep; a circle of parents, which a server should not send, ends."""
        seen: set[str] = set()
        while one and one not in seen:
            if one == bin_id:
                return True
            seen.add(one)
            one = parents.get(one, "")
        return False

    kinds = [each for each in folders if text(each, "FolderClass").startswith("IPF.Appointment")]
    gone = {identity(each) for each in kinds if binned(identity(each))}
    return [each for each in kinds if identity(each) not in gone], gone


# items -----------------------------------------------------------------------------------------------------


def in_span(account: Account, folder: FolderId, span: TimeSpan) -> list[CalendarItem]:
    """Occurrences that touch a span, with no more than id, UID and kind. A partial page is asked for in halves."""
    payload = create_element("m:FindItem", attrs={"Traversal": "Shallow"})
    shape = create_element("m:ItemShape")
    add_xml_child(shape, "t:BaseShape", "IdOnly")
    wanted = create_element("t:AdditionalProperties")
    for name in ("CalendarItemType", "UID"):
        wanted.append(create_element("t:FieldURI", attrs={"FieldURI": f"calendar:{name}"}))
    shape.append(wanted)
    payload.append(shape)
    start, end = (moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") for moment in (span.start, span.end))
    payload.append(create_element("m:CalendarView", attrs={"StartDate": start, "EndDate": end}))
    payload.append(folder_ids_element(folders=[folder], version=account.version, tag="m:ParentFolderIds"))
    root = only(ask(account, "FindItem", payload, "")).find(f"{{{MNS}}}RootFolder")
    if root is None:
        raise MalformedResponseError("no RootFolder")
    if root.get("IncludesLastItemInRange", "true").lower() != "true" and span.end - span.start > _SHORTEST:
        middle = span.start + (span.end - span.start) / 2
        return [
            *in_span(account, folder, TimeSpan(span.start, middle)),
            *in_span(account, folder, TimeSpan(middle, span.end)),
        ]
    items = root.find(f"{{{TNS}}}Items")
    return [CalendarItem.from_xml(elem=each, account=account) for each in (items if items is not None else ())]


def masters_of(found: Sequence[CalendarItem]) -> list[ItemId | RecurringMasterItemId]:
    """What is to be got whole for occurrences: each single one, and each series once."""
    wanted: dict[str, ItemId | RecurringMasterItemId] = {}
    for item in found:
        if item.type in ("Occurrence", "Exception"):
            wanted.setdefault(f"series {item.uid or item.id}", RecurringMasterItemId(id=item.id))
        else:
            wanted.setdefault(item.id, ItemId(id=item.id))
    return list(wanted.values())


def get_items(account: Account, ids: Sequence[Any]) -> list[CalendarItem]:
    """These items with all that an event is made of; those that are gone are left out. Other errors are raised."""
    found = []
    for each in GetItem(account=account).call(items=list(ids), additional_fields=whole(), shape="IdOnly"):
        if isinstance(each, ErrorItemNotFound):
            continue
        if isinstance(each, BaseException):
            raise each
        if isinstance(each, CalendarItem):
            found.append(each)
    return found


def exceptions_of(account: Account, masters: Sequence[CalendarItem]) -> dict[str, list[CalendarItem]]:
    """The changed instances of series, by the master's id, all of them in as few requests as can be."""
    owners = {each.id: master.id for master in masters for each in master.modified_occurrences or ()}
    found: dict[str, list[CalendarItem]] = {}
    for item in get_items(account, [ItemId(id=one) for one in owners]) if owners else ():
        found.setdefault(owners.get(item.id, ""), []).append(item)
    return found


def contents_of(account: Account, items: Sequence[CalendarItem]) -> dict[str, bytes]:
    """What is in the items' files, by the attachment's id; of files that are too large nothing."""
    wanted = [
        each.attachment_id
        for item in items
        for each in item.attachments or ()
        if isinstance(each, FileAttachment) and not each.is_inline and (each.size or 0) <= BIGGEST_ATTACHMENT
    ]
    if not wanted:
        return {}
    service = GetAttachment(account=account)
    got = service.call(
        items=wanted, include_mime_content=False, body_type=None, filter_html_content=None, additional_fields=None
    )
    return {each.attachment_id.id: each.content for each in got if isinstance(each, FileAttachment)}


class _Sync(SyncFolderItems):  # type: ignore[misc]
    """The library's own looks for the state in errors, too, where there is none."""

    def _get_element_container(self, message: Element, name: str | None = None) -> Any:  # noqa: ANN401 - as its
        if message.find(f"{{{MNS}}}SyncState") is None:
            return EWSAccountService._get_element_container(self, message, name)
        return super()._get_element_container(message, name)


def sync_page(account: Account, folder: FolderId, state: str) -> tuple[list[tuple[str, Any]], str, bool, bool]:
    """(Kind, item) of what changed, the next state, whether there is more, and whether the state was not known."""
    service = _Sync(account=account)
    arguments = {
        "folder": folder,
        "shape": "IdOnly",
        "additional_fields": None,
        "ignore": None,
        "max_changes_returned": SYNC_PAGE,
        "sync_scope": None,
    }
    resync = False
    try:
        changes = list(service.call(sync_state=state or None, **arguments))
    except ErrorInvalidSyncStateData:
        service = _Sync(account=account)
        changes, resync = list(service.call(sync_state=None, **arguments)), True
    for change in changes:
        if isinstance(change, BaseException):
            raise change
    if not service.sync_state:
        raise MalformedResponseError("no SyncState")
    return changes, service.sync_state, not service.includes_last_item_in_range, resync


def find_key(account: Account, folder: FolderId, key: str) -> list[str]:
    """Ids of items that a write with this key made."""
    payload = create_element("m:FindItem", attrs={"Traversal": "Shallow"})
    shape = create_element("m:ItemShape")
    add_xml_child(shape, "t:BaseShape", "IdOnly")
    payload.append(shape)
    view = {"MaxEntriesReturned": "10", "Offset": "0", "BasePoint": "Beginning"}
    payload.append(create_element("m:IndexedPageItemView", attrs=view))
    restriction = create_element("m:Restriction")
    either = create_element("t:Or")
    for value in (key, key + UNFINISHED):
        either.append(_equal(value))
    restriction.append(either)
    payload.append(restriction)
    payload.append(folder_ids_element(folders=[folder], version=account.version, tag="m:ParentFolderIds"))
    root = only(ask(account, "FindItem", payload, "")).find(f"{{{MNS}}}RootFolder")
    items = root.find(f"{{{TNS}}}Items") if root is not None else None
    return [each.find(f"{{{TNS}}}ItemId").get("Id") for each in (items if items is not None else ())]


def _equal(value: str) -> Element:
    made = create_element("t:IsEqualTo")
    attributes = {
        "DistinguishedPropertySetId": WriteKey.distinguished_property_set_id,
        "PropertyName": WriteKey.property_name,
        "PropertyType": WriteKey.property_type,
    }
    made.append(create_element("t:ExtendedFieldURI", attrs=attributes))
    constant = create_element("t:FieldURIOrConstant")
    constant.append(create_element("t:Constant", attrs={"Value": value}))
    made.append(constant)
    return made


def or_not_found(work: Callable[[], Any]) -> Any:  # noqa: ANN401 - what `work` gives
    """A calendar that one may not read is, for reading, not there."""
    from core.errors import NotFound
    from core.language import _

    try:
        return work()
    except ErrorAccessDenied as error:
        raise NotFound(_("You may not see this calendar on the Exchange server (any more).")) from error
