"""A folder's permission set: written as a whole, with every rule of Exchange's, and read back as it was written."""

from __future__ import annotations

from dataclasses import asdict, fields, replace

import pytest

from core.sandbox.exchange.errors import EwsError
from core.sandbox.exchange.model import ANONYMOUS, AUTHENTICATED, DEFAULT, Entry
from core.sandbox.exchange.permissions import permission_set, replace_permissions, sid_of
from core.sandbox.exchange.rights import entry_for
from core.sandbox.exchange.xml import child, children, name_of, parse, text_of
from core.sharing.permissions import Reach, ReadRight, Rights
from core.sharing.policy import parse_policy
from tests.core.sandbox.exchange.conftest import NAMESPACES

# Written out from outlook.md §4.1, apart from the program's own table:
# read, create, subfolders, edit, delete, owner, contact, visible
MATRIX = {
    "None": ("None", 0, 0, "None", "None", 0, 0, 0),
    "FreeBusyTimeOnly": ("TimeOnly", 0, 0, "None", "None", 0, 0, 0),
    "FreeBusyTimeAndSubjectAndLocation": ("TimeAndSubjectAndLocation", 0, 0, "None", "None", 0, 0, 0),
    "Contributor": ("None", 1, 0, "None", "None", 0, 0, 1),
    "Reviewer": ("FullDetails", 0, 0, "None", "None", 0, 0, 1),
    "NoneditingAuthor": ("FullDetails", 1, 0, "None", "Owned", 0, 0, 1),
    "Author": ("FullDetails", 1, 0, "Owned", "Owned", 0, 0, 1),
    "PublishingAuthor": ("FullDetails", 1, 1, "Owned", "Owned", 0, 0, 1),
    "Editor": ("FullDetails", 1, 0, "All", "All", 0, 0, 1),
    "PublishingEditor": ("FullDetails", 1, 1, "All", "All", 0, 0, 1),
    "Owner": ("FullDetails", 1, 1, "All", "All", 1, 1, 1),
}
COLUMNS = (
    "ReadItems", "CanCreateItems", "CanCreateSubFolders", "EditItems", "DeleteItems", "IsFolderOwner",
    "IsFolderContact", "IsFolderVisible",
)  # fmt: skip
SCHEMA_ORDER = (
    "UserId", "CanCreateItems", "CanCreateSubFolders", "IsFolderOwner", "IsFolderVisible", "IsFolderContact",
    "EditItems", "DeleteItems", "ReadItems", "CalendarPermissionLevel",
)  # fmt: skip
BRUNO = "<t:PrimarySmtpAddress>bruno@example.org</t:PrimarySmtpAddress>"
CLARA = "<t:PrimarySmtpAddress>clara@example.net</t:PrimarySmtpAddress>"
EVERYBODY = "<t:DistinguishedUser>Default</t:DistinguishedUser>"
NOBODY = "<t:DistinguishedUser>Anonymous</t:DistinguishedUser>"


def line(who: str, level: str, rights: str = "") -> str:
    end = f"<t:CalendarPermissionLevel>{level}</t:CalendarPermissionLevel>"
    return f"<t:CalendarPermission><t:UserId>{who}</t:UserId>{rights}{end}</t:CalendarPermission>"


def written(*lines: str):
    inside = f"<t:CalendarPermissions>{''.join(lines)}</t:CalendarPermissions>"
    return parse(f"<t:PermissionSet {NAMESPACES}>{inside}</t:PermissionSet>".encode())


@pytest.fixture
def calendar(exchange):
    return exchange.mailbox().distinguished["calendar"]


def put(exchange, folder, *lines: str) -> None:
    replace_permissions(folder, written(*lines), exchange.store)


def read_lines(exchange, folder) -> dict[str, dict[str, str]]:
    """Each line by its user, as it is answered."""
    shown = {}
    for each in children(permission_set(folder, exchange.store), "CalendarPermissions"):
        user = text_of(each, "UserId", "DistinguishedUser") or text_of(each, "UserId", "PrimarySmtpAddress")
        shown[user] = {name_of(part): part.text or "" for part in each}
    return shown


def refused(exchange, folder, *lines: str) -> str:
    """The code with which it is refused; nothing was changed."""
    before = list(folder.permissions)
    with pytest.raises(EwsError) as caught:
        put(exchange, folder, *lines)
    assert folder.permissions == before
    return caught.value.code


def single(row: tuple[object, ...]) -> str:
    """A row of the matrix as single rights, in the schema's order."""
    by_name = dict(zip(COLUMNS, row, strict=True))
    return "".join(f"<t:{name}>{_text(by_name[name])}</t:{name}>" for name in SCHEMA_ORDER if name in by_name)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ("true" if value else "false")


@pytest.mark.parametrize("level", MATRIX)
def test_a_named_level_is_read_back_with_exactly_the_rights_of_the_table(exchange, calendar, level):
    put(exchange, calendar, line(EVERYBODY, "None"), line(NOBODY, "None"), line(BRUNO, level))
    shown = read_lines(exchange, calendar)["bruno@example.org"]
    assert tuple(shown[name] for name in COLUMNS) == tuple(_text(value) for value in MATRIX[level])
    assert shown["CalendarPermissionLevel"] == level


@pytest.mark.parametrize("level", MATRIX)
def test_custom_with_the_rights_of_a_level_is_that_level(exchange, calendar, level):
    put(exchange, calendar, line(BRUNO, "Custom", single(MATRIX[level])))
    assert read_lines(exchange, calendar)["bruno@example.org"]["CalendarPermissionLevel"] == level


@pytest.mark.parametrize("column", COLUMNS)
def test_a_right_more_than_a_level_is_custom_and_kept(exchange, calendar, column):
    row = list(MATRIX["Author"])
    other = {"FullDetails": "TimeOnly", "Owned": "All", 0: 1, 1: 0}
    row[COLUMNS.index(column)] = other[row[COLUMNS.index(column)]]
    put(exchange, calendar, line(BRUNO, "Custom", single(tuple(row))))
    shown = read_lines(exchange, calendar)["bruno@example.org"]
    assert tuple(shown[name] for name in COLUMNS) == tuple(_text(value) for value in row)
    levels = [level for level, rights in MATRIX.items() if rights == tuple(row)]
    assert shown["CalendarPermissionLevel"] == (levels or ["Custom"])[0]


def test_the_elements_of_a_line_are_in_the_schemas_order(exchange, calendar):
    put(exchange, calendar, line(BRUNO, "Editor"))
    lines = list(children(permission_set(calendar, exchange.store), "CalendarPermissions"))
    assert [tuple(name_of(part) for part in each) for each in lines] == [SCHEMA_ORDER] * 3


def test_writing_replaces_the_whole_set_and_default_and_anonymous_stay_as_rows(exchange, calendar):
    put(exchange, calendar, line(EVERYBODY, "Reviewer"), line(NOBODY, "None"), line(BRUNO, "Editor"))
    put(exchange, calendar, line(EVERYBODY, "FreeBusyTimeOnly"))
    shown = read_lines(exchange, calendar)
    assert {user: row["CalendarPermissionLevel"] for user, row in shown.items()} == {
        "Default": "FreeBusyTimeOnly",
        "Anonymous": "None",
    }


def test_an_empty_set_leaves_default_and_anonymous_without_rights(exchange, calendar):
    put(exchange, calendar)
    assert [(entry.user, entry.rights) for entry in calendar.permissions] == [
        (DEFAULT, Rights()),
        (ANONYMOUS, Rights()),
    ]


def test_the_entry_with_an_empty_user_is_shown_and_survives(exchange, calendar):
    strange = Entry(AUTHENTICATED, Rights(ReadRight.FULL, visible=True, create=True))
    calendar.permissions.append(strange)
    put(exchange, calendar, line(EVERYBODY, "None"), line(BRUNO, "Reviewer"))
    assert entry_for(calendar, AUTHENTICATED) == strange
    empty = [each for each in children(permission_set(calendar, exchange.store), "CalendarPermissions")
             if not len(child(each, "UserId"))]  # fmt: skip
    assert [text_of(each, "CalendarPermissionLevel") for each in empty] == ["Custom"]


def test_one_person_twice_is_refused_under_whatever_names(exchange, calendar):
    sid = f"<t:SID>{sid_of(exchange.mailbox('bruno'))}</t:SID>"
    twice = (line(BRUNO, "Editor"), line(BRUNO.upper().replace("T:PRIMARYSMTPADDRESS", "t:PrimarySmtpAddress"), "None"))
    assert refused(exchange, calendar, *twice) == "ErrorDuplicateUserIdsSpecified"
    assert refused(exchange, calendar, line(BRUNO, "Editor"), line(sid, "None")) == "ErrorDuplicateUserIdsSpecified"
    assert (
        refused(exchange, calendar, line(EVERYBODY, "None"), line(EVERYBODY, "None"))
        == "ErrorDuplicateUserIdsSpecified"
    )


@pytest.mark.parametrize(
    ("who", "code"),
    [
        (EVERYBODY + BRUNO, "ErrorInvalidUserInfo"),
        (NOBODY + "<t:DisplayName>Bruno Lefèvre</t:DisplayName>", "ErrorInvalidUserInfo"),
        ("<t:PrimarySmtpAddress>nobody@example.org</t:PrimarySmtpAddress>", "ErrorInvalidUserInfo"),
        ("<t:SID>S-1-5-21-0-0-0-500</t:SID>", "ErrorInvalidUserInfo"),
        ("<t:DisplayName>Somebody Else</t:DisplayName>", "ErrorInvalidUserInfo"),
        ("<t:SID>S-1-5-21-0-0-0-500</t:SID>" + BRUNO, "ErrorInvalidUserInfo"),
        ("", "ErrorMissingUserIdInformation"),
    ],
)
def test_a_user_that_means_nobody_or_two_is_refused(exchange, calendar, who, code):
    assert refused(exchange, calendar, line(EVERYBODY, "None"), line(who, "Reviewer")) == code


@pytest.mark.parametrize("who", ["<t:DisplayName>Bruno Lefèvre</t:DisplayName>", "sid", BRUNO])
def test_a_user_is_found_by_name_sid_or_address(exchange, calendar, who):
    who = f"<t:SID>{sid_of(exchange.mailbox('bruno'))}</t:SID>" if who == "sid" else who
    put(exchange, calendar, line(who, "Editor"))
    assert entry_for(calendar, "bruno@example.org") is not None


@pytest.mark.parametrize("level", MATRIX)
def test_a_named_level_with_any_single_right_is_refused(exchange, calendar, level):
    for part in (
        "<t:CanCreateItems>false</t:CanCreateItems>",
        "<t:ReadItems>None</t:ReadItems>",
        single(MATRIX[level]),
    ):
        assert refused(exchange, calendar, line(BRUNO, level, part)) == "ErrorInvalidPermissionSettings"


def test_custom_without_single_rights_is_refused(exchange, calendar):
    assert refused(exchange, calendar, line(BRUNO, "Custom")) == "ErrorInvalidPermissionSettings"


def test_unknown_entries_cannot_be_written_back(exchange, calendar):
    wanted = written(line(BRUNO, "Reviewer"))
    extra = "<t:UnknownEntries><t:UnknownEntry>gone@example.org</t:UnknownEntry></t:UnknownEntries>"
    more = parse(f"<t:PermissionSet {NAMESPACES}>{extra}</t:PermissionSet>".encode())
    wanted.append(more[0])
    with pytest.raises(EwsError) as caught:
        replace_permissions(calendar, wanted, exchange.store)
    assert caught.value.code == "ErrorCannotSetPermissionUnknownEntries"


def test_a_calendars_permissions_are_not_an_inboxs(exchange, calendar):
    assert (
        refused(exchange, exchange.mailbox().distinguished["inbox"], line(BRUNO, "Reviewer"))
        == "ErrorCannotSetCalendarPermissionOnNonCalendarFolder"
    )
    plain = f"<t:PermissionSet {NAMESPACES}><t:Permissions/></t:PermissionSet>"
    with pytest.raises(EwsError) as caught:
        replace_permissions(calendar, parse(plain.encode()), exchange.store)
    assert caught.value.code == "ErrorCannotSetNonCalendarPermissionOnCalendarFolder"


# --- outside the organisation ----------------------------------------------------------------------------------------

LEVELS_OUTSIDE = ("FreeBusyTimeOnly", "FreeBusyTimeAndSubjectAndLocation", "Reviewer")


@pytest.mark.parametrize(
    ("policy", "federated", "allowed"),
    [
        (["Anonymous: CalendarSharingFreeBusySimple"], (), 1),
        (["Anonymous: CalendarSharingFreeBusyDetail"], (), 2),
        (["Anonymous: CalendarSharingFreeBusyReviewer"], (), 3),
        (["*: CalendarSharingFreeBusyReviewer"], (), 0),
        (["*: CalendarSharingFreeBusyReviewer"], ("example.net",), 3),
        (["example.net: CalendarSharingFreeBusySimple", "*: CalendarSharingFreeBusyReviewer"], ("example.net",), 1),
        (["sub.example.net: CalendarSharingFreeBusyReviewer"], (), 0),
        (["example.net: ContactsSharing"], (), 0),
        ([], (), 0),
    ],
)
def test_outside_the_policy_decides_level_by_level(exchange, calendar, policy, federated, allowed):
    exchange.store.policy = parse_policy(policy)
    exchange.store.federated = frozenset(federated)
    for number, level in enumerate(LEVELS_OUTSIDE):
        if number < allowed:
            put(exchange, calendar, line(CLARA, level))
            assert entry_for(calendar, "clara@example.net") is not None
        else:
            assert refused(exchange, calendar, line(CLARA, level)) == "ErrorNotAllowedExternalSharingByPolicy"


@pytest.mark.parametrize("level", [level for level in MATRIX if level not in (*LEVELS_OUTSIDE, "None")])
def test_nobody_outside_is_let_write_whatever_the_policy(exchange, calendar, level):
    exchange.store.policy = parse_policy(["Anonymous: CalendarSharingFreeBusyReviewer"])
    assert refused(exchange, calendar, line(CLARA, level)) == "ErrorNotAllowedExternalSharingByPolicy"


def test_a_policy_that_is_switched_off_lets_nothing_through(exchange, calendar):
    exchange.store.policy = replace(parse_policy(["Anonymous: CalendarSharingFreeBusyReviewer"]), enabled=False)
    assert refused(exchange, calendar, line(CLARA, "FreeBusyTimeOnly")) == "ErrorNotAllowedExternalSharingByPolicy"


def test_somebody_outside_is_read_back_as_an_external_user(exchange, calendar):
    name = "<t:DisplayName>Clara Novak</t:DisplayName>"
    put(exchange, calendar, line(CLARA + name, "FreeBusyTimeOnly"))
    (shown,) = [each for each in children(permission_set(calendar, exchange.store), "CalendarPermissions")
                if text_of(each, "UserId", "ExternalUserIdentity")]  # fmt: skip
    assert text_of(shown, "UserId", "ExternalUserIdentity") == "clara@example.net"
    assert text_of(shown, "UserId", "DisplayName") == "Clara Novak"


def test_every_single_right_is_a_column_here():
    assert len(fields(Rights)) == len(COLUMNS)
    assert set(asdict(Rights(edit=Reach.OWN))) == {
        "read", "create", "create_subfolders", "edit", "delete", "owner", "contact", "visible",
    }  # fmt: skip
