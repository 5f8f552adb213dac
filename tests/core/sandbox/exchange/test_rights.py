"""What each right lets a colleague do, deed by deed, by real requests: the matrix of outlook.md §4.1, cell by cell."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from core.sandbox.exchange.model import ChangeKind, Delegate, Entry
from core.sandbox.exchange.permissions import READING
from core.sandbox.exchange.xml import child, children, name_of, t, text_of
from core.sharing.permissions import Reach, Rights
from tests.core.sandbox.exchange.test_permissions import COLUMNS, MATRIX

BRUNO = "bruno@example.org"
START = datetime(2031, 3, 4, 9, tzinfo=UTC)
SINGLE = {
    "read times": ("TimeOnly", 0, 0, "None", "None", 0, 0, 0),
    "read subjects": ("TimeAndSubjectAndLocation", 0, 0, "None", "None", 0, 0, 0),
    "read everything": ("FullDetails", 0, 0, "None", "None", 0, 0, 0),
    "create": ("None", 1, 0, "None", "None", 0, 0, 0),
    "create subfolders": ("None", 0, 1, "None", "None", 0, 0, 0),
    "edit own": ("None", 0, 0, "Owned", "None", 0, 0, 0),
    "edit all": ("None", 0, 0, "All", "None", 0, 0, 0),
    "delete own": ("None", 0, 0, "None", "Owned", 0, 0, 0),
    "delete all": ("None", 0, 0, "None", "All", 0, 0, 0),
    "owner": ("None", 0, 0, "None", "None", 1, 0, 0),
    "contact": ("None", 0, 0, "None", "None", 0, 1, 0),
    "visible": ("None", 0, 0, "None", "None", 0, 0, 1),
}
"""Each right alone, as Custom."""
TABLE = {**MATRIX, **SINGLE}
TIMES = {"ItemId", "ItemClass", "Start", "End", "IsAllDayEvent", "LegacyFreeBusyStatus", "CalendarItemType"}
SEEN = {
    "None": None,
    "TimeOnly": TIMES,
    "TimeAndSubjectAndLocation": TIMES | {"Subject", "Location"},
}
REACHES = {"None": Reach.NONE, "Owned": Reach.OWN, "All": Reach.ALL}
EMPTY_SHAPE = "<m:ItemShape><t:BaseShape>AllProperties</t:BaseShape></m:ItemShape>"
DENIED = {"ErrorAccessDenied", "ErrorCreateItemAccessDenied", "ErrorCreateSubfolderAccessDenied"}


@dataclass
class Shared:
    """Alice's calendar with an item of hers and one that Bruno made, and what Bruno may do in it."""

    exchange: object
    folder: object
    theirs: object
    own: object

    def code(self, body: str) -> str:
        return self.exchange.code(body, "bruno")

    def may(self, body: str) -> bool:
        code = self.code(body)
        assert code in DENIED | {"NoError"}, code
        return code == "NoError"


def rights_of_row(row: tuple[object, ...]) -> Rights:
    by_name = dict(zip(COLUMNS, row, strict=True))
    return Rights(
        read=READING[by_name["ReadItems"]],
        create=bool(by_name["CanCreateItems"]),
        create_subfolders=bool(by_name["CanCreateSubFolders"]),
        edit=REACHES[by_name["EditItems"]],
        delete=REACHES[by_name["DeleteItems"]],
        owner=bool(by_name["IsFolderOwner"]),
        contact=bool(by_name["IsFolderContact"]),
        visible=bool(by_name["IsFolderVisible"]),
    )


def appointment(exchange, folder, creator: str, sensitivity: str = "Normal"):
    """An item of the calendar."""
    store = exchange.store
    item = store.add_item(folder, "CalendarItem", exchange.mailbox())
    item.creator = creator
    for name, value in {
        "ItemClass": "IPM.Appointment", "Subject": "Salary review", "Location": "Room 3", "Sensitivity": sensitivity,
        "Start": START, "End": START + timedelta(hours=1), "LegacyFreeBusyStatus": "Busy", "UID": "uid-1",
        "IsAllDayEvent": False, "MyResponseType": "Organizer",
    }.items():  # fmt: skip
        item.fields[name] = t(name, value)
    item.fields["Body"] = t("Body", "Confidential figures", BodyType="Text")
    store.note_item(item, ChangeKind.CREATED)
    return item


@pytest.fixture
def shared(empty):
    folder = empty.mailbox().distinguished["calendar"]
    own = appointment(empty, folder, BRUNO)
    return Shared(empty, folder, appointment(empty, folder, "alice@example.org"), own)


def grant(shared: Shared, row: tuple[object, ...]) -> None:
    shared.folder.permissions[:] = [Entry("default", Rights()), Entry("anonymous", Rights())]
    shared.folder.permissions.append(Entry(BRUNO, rights_of_row(row)))


def calendar(shared: Shared, tag: str = "t:FolderId") -> str:
    return f'<{tag} Id="{shared.folder.id}"/>'


def get_item(item) -> str:
    return f'<m:GetItem>{EMPTY_SHAPE}<m:ItemIds><t:ItemId Id="{item.id}"/></m:ItemIds></m:GetItem>'


def view(shared: Shared, inside: str = '<m:CalendarView StartDate="2031-03-01T00:00:00Z" '
         'EndDate="2031-04-01T00:00:00Z"/>') -> str:  # fmt: skip
    return (
        f'<m:FindItem Traversal="Shallow">{EMPTY_SHAPE}{inside}<m:ParentFolderIds>{calendar(shared)}'
        "</m:ParentFolderIds></m:FindItem>"
    )


def sync(shared: Shared) -> str:
    return (
        "<m:SyncFolderItems><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape><m:SyncFolderId>"
        f"{calendar(shared)}</m:SyncFolderId><m:MaxChangesReturned>10</m:MaxChangesReturned></m:SyncFolderItems>"
    )


def create(shared: Shared) -> str:
    return (
        f'<m:CreateItem SendMeetingInvitations="SendToNone"><m:SavedItemFolderId>{calendar(shared)}'
        "</m:SavedItemFolderId><m:Items><t:CalendarItem><t:Subject>New</t:Subject></t:CalendarItem></m:Items>"
        "</m:CreateItem>"
    )


def create_folder(shared: Shared) -> str:
    return (
        f"<m:CreateFolder><m:ParentFolderId>{calendar(shared)}</m:ParentFolderId><m:Folders><t:CalendarFolder>"
        "<t:DisplayName>Below</t:DisplayName></t:CalendarFolder></m:Folders></m:CreateFolder>"
    )


def edit(item) -> str:
    return (
        '<m:UpdateItem ConflictResolution="AlwaysOverwrite" SendMeetingInvitationsOrCancellations="SendToNone">'
        f'<m:ItemChanges><t:ItemChange><t:ItemId Id="{item.id}"/><t:Updates><t:SetItemField><t:FieldURI '
        'FieldURI="item:Subject"/><t:CalendarItem><t:Subject>Changed</t:Subject></t:CalendarItem></t:SetItemField>'
        "</t:Updates></t:ItemChange></m:ItemChanges></m:UpdateItem>"
    )


def delete(item) -> str:
    return (
        '<m:DeleteItem DeleteType="HardDelete" SendMeetingCancellations="SendToNone"><m:ItemIds>'
        f'<t:ItemId Id="{item.id}"/></m:ItemIds></m:DeleteItem>'
    )


def rename(shared: Shared) -> str:
    return (
        f"<m:UpdateFolder><m:FolderChanges><t:FolderChange>{calendar(shared)}<t:Updates><t:SetFolderField><t:FieldURI "
        'FieldURI="folder:DisplayName"/><t:CalendarFolder><t:DisplayName>Other</t:DisplayName></t:CalendarFolder>'
        "</t:SetFolderField></t:Updates></t:FolderChange></m:FolderChanges></m:UpdateFolder>"
    )


def give_rights(shared: Shared) -> str:
    lines = (
        "<t:CalendarPermission><t:UserId><t:PrimarySmtpAddress>bruno@example.org</t:PrimarySmtpAddress></t:UserId>"
        "<t:CalendarPermissionLevel>Owner</t:CalendarPermissionLevel></t:CalendarPermission>"
    )
    inside = f"<t:PermissionSet><t:CalendarPermissions>{lines}</t:CalendarPermissions></t:PermissionSet>"
    return (
        f"<m:UpdateFolder><m:FolderChanges><t:FolderChange>{calendar(shared)}<t:Updates><t:SetFolderField><t:FieldURI "
        f'FieldURI="folder:PermissionSet"/><t:CalendarFolder>{inside}</t:CalendarFolder></t:SetFolderField>'
        "</t:Updates></t:FolderChange></m:FolderChanges></m:UpdateFolder>"
    )


def get_folder(shared: Shared, name: str = "EffectiveRights") -> str:
    more = f'<t:AdditionalProperties><t:FieldURI FieldURI="folder:{name}"/></t:AdditionalProperties>'
    return (
        f"<m:GetFolder><m:FolderShape><t:BaseShape>IdOnly</t:BaseShape>{more}</m:FolderShape><m:FolderIds>"
        f"{calendar(shared)}</m:FolderIds></m:GetFolder>"
    )


ROWS = pytest.mark.parametrize("level", TABLE)


@ROWS
def test_what_is_read_of_an_item_is_what_the_level_says(shared, level):
    grant(shared, TABLE[level])
    read = TABLE[level][0]
    for body in (get_item(shared.theirs), view(shared)):
        (message,) = shared.exchange.messages(body, "bruno")
        if SEEN.get(read, TIMES) is None:
            assert text_of(message, "ResponseCode") == "ErrorAccessDenied"
            continue
        items = [each for each in message.iter() if name_of(each) == "CalendarItem"]
        names = {name_of(part) for part in items[0]}
        if read == "FullDetails":
            assert names > TIMES | {"Subject", "Location", "UID"}
        else:
            assert names == SEEN[read]
            content = "".join(items[0].itertext())
            assert "figures" not in content
            assert ("Salary" in content) == (read == "TimeAndSubjectAndLocation")


@ROWS
def test_a_folder_is_listed_and_synced_only_by_full_readers(shared, level):
    grant(shared, TABLE[level])
    full = TABLE[level][0] == "FullDetails"
    assert shared.may(view(shared, "")) == full
    assert shared.may(sync(shared)) == full


@ROWS
def test_items_and_folders_are_made_where_the_level_lets_one(shared, level):
    grant(shared, TABLE[level])
    assert shared.may(create(shared)) == bool(TABLE[level][1])
    assert shared.may(create_folder(shared)) == bool(TABLE[level][2])


@ROWS
def test_own_items_and_others_are_changed_as_the_level_says(shared, level):
    grant(shared, TABLE[level])
    reach = TABLE[level][3]
    assert shared.may(edit(shared.own)) == (reach in ("Owned", "All"))
    assert shared.may(edit(shared.theirs)) == (reach == "All")


@ROWS
def test_own_items_and_others_are_deleted_as_the_level_says(shared, level):
    grant(shared, TABLE[level])
    reach = TABLE[level][4]
    assert shared.may(delete(shared.own)) == (reach in ("Owned", "All"))
    assert shared.may(delete(shared.theirs)) == (reach == "All")
    left = len(shared.folder.items)
    assert left == {"None": 2, "Owned": 1, "All": 0}[reach]


@ROWS
def test_only_a_folder_owner_renames_it_and_reads_or_gives_permissions(shared, level):
    grant(shared, TABLE[level])
    owner = bool(TABLE[level][5])
    assert shared.may(get_folder(shared, "PermissionSet")) == owner
    assert shared.may(rename(shared)) == owner
    assert shared.may(give_rights(shared)) == owner


@ROWS
def test_effective_rights_say_what_the_level_gives(shared, level):
    grant(shared, TABLE[level])
    read, make, folders, _edit, _delete, owner, _contact, visible = TABLE[level]
    (message,) = shared.exchange.messages(get_folder(shared), "bruno")
    seen = read != "None" or visible or owner
    if not seen and not make:
        assert text_of(message, "ResponseCode") == "ErrorAccessDenied"
        return
    rights = {name_of(each): each.text for each in children(message, "Folders", "CalendarFolder", "EffectiveRights")}
    assert rights == {
        "CreateAssociated": _text(owner), "CreateContents": _text(make), "CreateHierarchy": _text(folders),
        "Delete": _text(owner), "Modify": _text(owner), "Read": _text(seen), "ViewPrivateItems": "false",
    }  # fmt: skip


def _text(value: object) -> str:
    return "true" if value else "false"


@ROWS
def test_a_folder_is_in_the_list_of_folders_only_where_it_is_visible(shared, level):
    grant(shared, TABLE[level])
    below = shared.exchange.store.add_folder(shared.exchange.mailbox(), shared.folder, "Below", "IPF.Appointment")
    below.permissions[:] = list(shared.folder.permissions)
    shared.folder.permissions[-1] = Entry(BRUNO, rights_of_row(MATRIX["Reviewer"]))
    find = (
        '<m:FindFolder Traversal="Shallow"><m:FolderShape><t:BaseShape>Default</t:BaseShape></m:FolderShape>'
        f"<m:ParentFolderIds>{calendar(shared)}</m:ParentFolderIds></m:FindFolder>"
    )
    (message,) = shared.exchange.messages(find, "bruno")
    found = [text_of(each, "DisplayName") for each in children(message, "RootFolder", "Folders")]
    assert found == (["Below"] if TABLE[level][7] or TABLE[level][5] else [])


# --- which entry counts ----------------------------------------------------------------------------------------------


def test_an_own_entry_wins_over_default_also_where_it_gives_less(shared):
    shared.folder.permissions[:] = [Entry("default", rights_of_row(MATRIX["Editor"])), Entry(BRUNO, Rights())]
    assert shared.code(get_item(shared.theirs)) == "ErrorAccessDenied"


def test_who_has_no_entry_has_what_default_gives(shared):
    shared.folder.permissions[:] = [Entry("default", rights_of_row(MATRIX["Reviewer"]))]
    assert shared.code(get_item(shared.theirs)) == "NoError"


def test_the_owner_may_do_everything_whatever_the_permissions_say(shared):
    shared.folder.permissions[:] = [Entry("default", Rights()), Entry("alice@example.org", Rights())]
    for body in (get_item(shared.own), view(shared), sync(shared), create(shared), edit(shared.own), rename(shared)):
        assert shared.exchange.code(body) == "NoError"


# --- private items ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mark", ["Private", "Confidential"])
@pytest.mark.parametrize("level", ["FreeBusyTimeAndSubjectAndLocation", "Reviewer", "Editor", "Owner"])
def test_a_private_item_is_a_block_of_time_to_others_and_not_theirs_to_change(shared, level, mark):
    private = appointment(shared.exchange, shared.folder, "alice@example.org", mark)
    grant(shared, MATRIX[level])
    for body in (get_item(private), view(shared)):
        (message,) = shared.exchange.messages(body, "bruno")
        (item,) = [each for each in message.iter() if name_of(each) == "CalendarItem"
                   and child(each, "ItemId").get("Id") == str(private.id)]  # fmt: skip
        content = "".join(item.itertext())
        assert not {"Salary", "Room 3", "figures"} & set(content.split()), content
        assert "Salary review" not in content
        assert text_of(item, "Start") == "2031-03-04T09:00:00Z"
        assert text_of(item, "LegacyFreeBusyStatus") == "Busy"
    assert shared.code(edit(private)) == "ErrorAccessDenied"
    assert shared.code(delete(private)) == "ErrorAccessDenied"


@pytest.fixture
def series(shared):
    """Alice's item as a series of three; the second is private, and about something else."""
    rule = t("WeeklyRecurrence", t("Interval", 1), t("DaysOfWeek", "Tuesday"), t("FirstDayOfWeek", "Sunday"))
    reach = t("NumberedRecurrence", t("StartDate", "2031-03-04"), t("NumberOfOccurrences", 3))
    shared.theirs.fields["Recurrence"] = t("Recurrence", rule, reach)
    shared.theirs.cache.clear()
    original = START + timedelta(days=7)
    private = shared.exchange.store.add_item(shared.folder, "CalendarItem", shared.exchange.mailbox())
    private.master, private.original = shared.theirs, original
    for name, value in {"Subject": "Surgery", "Location": "Clinic", "Sensitivity": "Private"}.items():
        private.fields[name] = t(name, value)
    shared.theirs.exceptions[original] = private
    return shared


def occurrence(shared: Shared) -> str:
    return str(shared.theirs.id.occurrence(START + timedelta(days=7)))


@pytest.mark.parametrize("level", ["Reviewer", "Editor", "Owner"])
def test_a_private_instance_of_a_public_series_is_hidden_in_whatever_way_one_asks(series, level):
    grant(series, MATRIX[level])
    with_mime = get_item(series.theirs).replace(
        "</t:BaseShape>", "</t:BaseShape><t:IncludeMimeContent>true</t:IncludeMimeContent>"
    )
    alone = get_item(series.theirs).replace(str(series.theirs.id), occurrence(series))
    for body in (with_mime, alone, view(series), sync(series)):
        (message,) = series.exchange.messages(body, "bruno")
        assert text_of(message, "ResponseCode") == "NoError"
        content = "".join(message.itertext())
        mime = [base64.b64decode(each.text).decode() for each in message.iter() if name_of(each) == "MimeContent"]
        assert not [word for word in ("Surgery", "Clinic") if word in content + "".join(mime)]
    assert (
        "Surgery"
        in base64.b64decode(
            next(each.text for each in series.exchange.messages(with_mime)[0].iter() if name_of(each) == "MimeContent")
        ).decode()
    )


@pytest.mark.parametrize("level", ["Editor", "Owner"])
def test_a_private_instance_is_not_theirs_to_change_or_to_carry_away_with_its_series(series, level):
    grant(series, MATRIX[level])
    for body in (edit(series.theirs), delete(series.theirs)):
        instance = body.replace(str(series.theirs.id), occurrence(series))
        assert series.code(instance) == "ErrorAccessDenied"
    carried = (
        '<m:CopyItem><m:ToFolderId><t:DistinguishedFolderId Id="calendar"/></m:ToFolderId><m:ItemIds>'
        f'<t:ItemId Id="{series.theirs.id}"/></m:ItemIds></m:CopyItem>'
    )
    assert series.code(carried) == "ErrorAccessDenied"


@pytest.mark.parametrize("operation", ["CopyItem", "MoveItem"])
@pytest.mark.parametrize("level", ["Reviewer", "Editor", "Owner"])
def test_a_private_item_cannot_be_carried_away_to_be_read(shared, level, operation):
    private = appointment(shared.exchange, shared.folder, "alice@example.org", "Private")
    grant(shared, MATRIX[level])
    body = (
        f'<m:{operation}><m:ToFolderId><t:DistinguishedFolderId Id="calendar"/></m:ToFolderId><m:ItemIds><t:ItemId '
        f'Id="{{}}"/></m:ItemIds></m:{operation}>'
    )
    assert shared.code(body.format(private.id)) == "ErrorAccessDenied"
    assert not shared.exchange.mailbox("bruno").distinguished["calendar"].items
    allowed = operation == "CopyItem" or level != "Reviewer"
    assert (shared.code(body.format(shared.theirs.id)) == "NoError") == allowed


@pytest.mark.parametrize("sees", [False, True])
def test_a_delegate_sees_private_items_only_where_they_were_given_that(shared, sees):
    private = appointment(shared.exchange, shared.folder, "alice@example.org", "Private")
    grant(shared, MATRIX["Editor"])
    shared.exchange.mailbox().delegates[BRUNO] = Delegate(BRUNO, view_private=sees)
    (message,) = shared.exchange.messages(get_item(private), "bruno")
    content = "".join(message.itertext())
    assert ("Salary review" in content) == ("Confidential figures" in content) == sees
    assert (shared.code(edit(private)) == "NoError") == sees


def test_free_busy_readers_see_no_difference_between_private_and_other_items(shared):
    private = appointment(shared.exchange, shared.folder, "alice@example.org", "Private")
    grant(shared, MATRIX["FreeBusyTimeOnly"])
    shown = [shared.exchange.messages(get_item(item), "bruno")[0] for item in (private, shared.theirs)]
    items = [next(each for each in message.iter() if name_of(each) == "CalendarItem") for message in shown]
    told = [[(name_of(part), part.text) for part in item if name_of(part) != "ItemId"] for item in items]
    assert told[0] == told[1]


def test_a_series_is_single_blocks_to_free_busy_readers(shared):
    rule = t("WeeklyRecurrence", t("Interval", 1), t("DaysOfWeek", "Tuesday"), t("FirstDayOfWeek", "Sunday"))
    reach = t("NumberedRecurrence", t("StartDate", "2031-03-04"), t("NumberOfOccurrences", 3))
    shared.theirs.fields["Recurrence"] = t("Recurrence", rule, reach)
    shared.theirs.cache.clear()
    grant(shared, MATRIX["FreeBusyTimeOnly"])
    (message,) = shared.exchange.messages(view(shared), "bruno")
    items = [each for each in message.iter() if name_of(each) == "CalendarItem"]
    assert len(items) == 4
    assert {text_of(item, "CalendarItemType") for item in items} == {"Single"}
    assert all({name_of(part) for part in item} == TIMES for item in items)
