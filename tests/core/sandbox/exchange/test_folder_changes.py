"""Folders are made, renamed, moved, emptied and deleted; what must stay, stays."""

from __future__ import annotations

import pytest

from core.sandbox.exchange.xml import child, text_of


def create(
    exchange, name="Project", kind="CalendarFolder", who="alice", parent='<t:DistinguishedFolderId Id="msgfolderroot"/>'
):
    body = (
        f"<m:CreateFolder><m:ParentFolderId>{parent}</m:ParentFolderId><m:Folders><t:{kind}><t:DisplayName>{name}"
        f"</t:DisplayName></t:{kind}></m:Folders></m:CreateFolder>"
    )
    (message,) = exchange.messages(body, who)
    found = child(message, "Folders", kind, "FolderId")
    return (found.get("Id") if found is not None else ""), text_of(message, "ResponseCode")


def rename(exchange, reference, name, who="alice"):
    return exchange.code(
        f"<m:UpdateFolder><m:FolderChanges><t:FolderChange>{reference}<t:Updates><t:SetFolderField>"
        f'<t:FieldURI FieldURI="folder:DisplayName"/><t:CalendarFolder><t:DisplayName>{name}</t:DisplayName>'
        "</t:CalendarFolder></t:SetFolderField></t:Updates></t:FolderChange></m:FolderChanges></m:UpdateFolder>",
        who,
    )


def delete(exchange, reference, how="HardDelete", who="alice"):
    return exchange.code(
        f'<m:DeleteFolder DeleteType="{how}"><m:FolderIds>{reference}</m:FolderIds></m:DeleteFolder>', who
    )


def folder_id(number):
    return f'<t:FolderId Id="{number}"/>'


def test_a_new_calendar_is_a_calendar(empty):
    number, code = create(empty)
    assert code == "NoError"
    folder = empty.store.folder(number)
    assert (folder.name, folder.kind, folder.klass) == ("Project", "CalendarFolder", "IPF.Appointment")


@pytest.mark.parametrize(("name", "code"), [("calendar", "ErrorFolderExists"), (" ", "ErrorFolderSavePropertyError")])
def test_a_name_that_is_taken_or_none_is_refused(empty, name, code):
    assert create(empty, name)[1] == code


def test_only_the_owner_makes_and_renames_folders(empty, grant):
    grant(empty, "bruno", "editor")
    calendar = (
        '<t:DistinguishedFolderId Id="calendar"><t:Mailbox><t:EmailAddress>alice@example.org</t:EmailAddress>'
        "</t:Mailbox></t:DistinguishedFolderId>"
    )
    assert create(empty, who="bruno", parent=calendar)[1] == "ErrorCreateSubfolderAccessDenied"
    assert rename(empty, calendar, "Mine", who="bruno") == "ErrorAccessDenied"
    grant(empty, "bruno", "publishing-editor")
    assert create(empty, who="bruno", parent=calendar)[1] == "NoError"


def test_a_calendar_is_renamed_the_root_is_not(empty):
    number, _code = create(empty)
    assert rename(empty, folder_id(number), "Project 2") == "NoError"
    assert empty.store.folder(number).name == "Project 2"
    assert rename(empty, '<t:DistinguishedFolderId Id="msgfolderroot"/>', "Mine") == "ErrorFolderSavePropertyError"


def test_a_deleted_calendar_is_gone_with_its_items(empty):
    number, _code = create(empty)
    saved = folder_id(number)
    made = empty.create("<t:Start>2027-05-03T10:00:00Z</t:Start><t:End>2027-05-03T11:00:00Z</t:End>", folder=saved)
    assert delete(empty, saved) == "NoError"
    assert delete(empty, saved) == "ErrorFolderNotFound"
    assert text_of(empty.get(f'<t:ItemId Id="{made.get("Id")}"/>'), "ResponseCode") == "ErrorItemNotFound"


def test_deleted_items_keep_a_calendar_that_is_moved_there(empty):
    number, _code = create(empty)
    assert delete(empty, folder_id(number), "MoveToDeletedItems") == "NoError"
    assert empty.store.folder(number).parent is empty.mailbox().distinguished["deleteditems"]


def test_what_each_mailbox_has_is_not_deleted(empty):
    assert delete(empty, '<t:DistinguishedFolderId Id="calendar"/>') == "ErrorDeleteDistinguishedFolder"


def move(exchange, number, target):
    return exchange.code(
        f"<m:MoveFolder><m:ToFolderId>{target}</m:ToFolderId><m:FolderIds>{folder_id(number)}</m:FolderIds></m:MoveFolder>"
    )


def test_a_folder_moves_but_not_into_itself(empty):
    number, _code = create(empty)
    assert move(empty, number, '<t:DistinguishedFolderId Id="calendar"/>') == "NoError"
    assert empty.store.folder(number).parent is empty.mailbox().distinguished["calendar"]
    assert move(empty, number, folder_id(number)) == "ErrorMoveCopyFailed"


def test_a_folder_is_emptied_a_calendar_is_not(empty):
    body = (
        '<m:EmptyFolder DeleteType="HardDelete" DeleteSubFolders="true"><m:FolderIds>{}</m:FolderIds></m:EmptyFolder>'
    )
    made = empty.create("<t:Start>2027-05-03T10:00:00Z</t:Start><t:End>2027-05-03T11:00:00Z</t:End>")
    empty.delete(f'<t:ItemId Id="{made.get("Id")}"/>', how="MoveToDeletedItems")
    trash = empty.mailbox().distinguished["deleteditems"]
    assert len(trash.items) == 1
    assert empty.code(body.format('<t:DistinguishedFolderId Id="deleteditems"/>')) == "NoError"
    assert len(trash.items) == 0
    assert empty.code(body.format('<t:DistinguishedFolderId Id="calendar"/>')) == "ErrorCannotEmptyFolder"


FIND = (
    '<m:FindFolder Traversal="Deep"><m:FolderShape><t:BaseShape>Default</t:BaseShape></m:FolderShape>{view}'
    '<m:ParentFolderIds><t:DistinguishedFolderId Id="msgfolderroot"/></m:ParentFolderIds></m:FindFolder>'
)


def test_folders_are_found_page_by_page_and_by_their_class(empty):
    view = '<m:IndexedPageFolderView MaxEntriesReturned="3" Offset="2" BasePoint="Beginning"/>'
    (message,) = empty.messages(FIND.format(view=view))
    root = child(message, "RootFolder")
    assert (len(child(root, "Folders")), root.get("IndexedPagingOffset")) == (3, "5")
    restriction = (
        '<m:Restriction><t:IsEqualTo><t:FieldURI FieldURI="folder:FolderClass"/><t:FieldURIOrConstant>'
        '<t:Constant Value="IPF.Appointment"/></t:FieldURIOrConstant></t:IsEqualTo></m:Restriction>'
    )
    (message,) = empty.messages(FIND.format(view=restriction))
    assert [text_of(each, "DisplayName") for each in child(message, "RootFolder", "Folders")] == ["Calendar"]
