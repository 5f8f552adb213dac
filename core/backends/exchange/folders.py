"""Making, renaming and deleting calendar folders. In the session's threads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exchangelib.properties import DistinguishedFolderId, FolderId, Mailbox
from exchangelib.util import add_xml_child, create_element

from core.backends.exchange.asking import Element, ask, only
from core.ports.calendars import Capabilities
from core.ports.servers import RemoteCalendar

if TYPE_CHECKING:
    from exchangelib import Account


def _ids(account: Account, tag: str, folder: FolderId) -> Element:
    from exchangelib.services.common import folder_ids_element

    return folder_ids_element(folders=[folder], version=account.version, tag=tag)


def ews_id(account: Account, owner: str, entry_id: str) -> str:
    """The EWS id of somebody's folder by its EntryID in hex. Raises NotFound for what is none."""
    from exchangelib.errors import ResponseMessageError
    from exchangelib.properties import AlternateId
    from exchangelib.services import ConvertId

    from core.errors import NotFound
    from core.language import _

    asked = AlternateId(id=entry_id, format="HexEntryId", mailbox=owner)
    for each in ConvertId(protocol=account.protocol).call([asked], destination_format="EwsId"):
        if isinstance(each, ResponseMessageError):
            raise NotFound(_("The server knows no calendar by what the invitation says.")) from each
        if isinstance(each, BaseException):
            raise each
        return str(each.id)
    raise NotFound(_("The server knows no calendar by what the invitation says."))


def create_folder(account: Account, mailbox: str, name: str) -> RemoteCalendar:
    """A new calendar below the default one, where Outlook makes them."""
    payload = create_element("m:CreateFolder")
    parent = DistinguishedFolderId(id="calendar", mailbox=Mailbox(email_address=mailbox))
    payload.append(_ids(account, "m:ParentFolderId", parent))
    folders = create_element("m:Folders")
    folder = create_element("t:CalendarFolder")
    add_xml_child(folder, "t:DisplayName", name)
    folders.append(folder)
    payload.append(folders)
    made = only(ask(account, "CreateFolder", payload, "Folders"))
    identity = made[0].get("Id")
    can = Capabilities(write=True, rename=True, delete=True, share=True, permissions=True)
    return RemoteCalendar(identity, name, can=can)


def rename_folder(account: Account, folder: FolderId, name: str) -> None:
    """Another display name."""
    payload = create_element("m:UpdateFolder")
    changes = create_element("m:FolderChanges")
    change = create_element("t:FolderChange")
    change.append(_ids(account, "m:FolderIds", folder)[0])
    updates = create_element("t:Updates")
    setting = create_element("t:SetFolderField")
    setting.append(create_element("t:FieldURI", attrs={"FieldURI": "folder:DisplayName"}))
    wanted = create_element("t:CalendarFolder")
    add_xml_child(wanted, "t:DisplayName", name)
    setting.append(wanted)
    updates.append(setting)
    change.append(updates)
    changes.append(change)
    payload.append(changes)
    only(ask(account, "UpdateFolder", payload, "Folders"))


def delete_folder(account: Account, folder: FolderId) -> None:
    """Into Deleted Items."""
    payload = create_element("m:DeleteFolder", attrs={"DeleteType": "MoveToDeletedItems"})
    payload.append(_ids(account, "m:FolderIds", folder))
    for each in ask(account, "DeleteFolder", payload, ""):
        if isinstance(each, BaseException):
            raise each
