"""Delegates: who acts for Alice, what that lets them do, and each refusal of Exchange's."""

from __future__ import annotations

import pytest

from core.sandbox.exchange.model import Delegate
from core.sandbox.exchange.rights import rights_of
from core.sandbox.exchange.xml import children, text_of
from core.sharing.permissions import MATRIX, PermissionLevel

ALICE = "<m:Mailbox><t:EmailAddress>alice@example.org</t:EmailAddress></m:Mailbox>"
BRUNO = "<t:PrimarySmtpAddress>bruno@example.org</t:PrimarySmtpAddress>"


def user(calendar: str = "", *, who: str = BRUNO, copies: str = "", private: str = "") -> str:
    level = f"<t:CalendarFolderPermissionLevel>{calendar}</t:CalendarFolderPermissionLevel>"
    return (
        f"<t:DelegateUser><t:UserId>{who}</t:UserId>"
        + (f"<t:DelegatePermissions>{level}</t:DelegatePermissions>" if calendar else "")
        + (f"<t:ReceiveCopiesOfMeetingMessages>{copies}</t:ReceiveCopiesOfMeetingMessages>" if copies else "")
        + (f"<t:ViewPrivateItems>{private}</t:ViewPrivateItems>" if private else "")
        + "</t:DelegateUser>"
    )


def write(operation: str, *users: str, deliver: str = "") -> str:
    more = f"<m:DeliverMeetingRequests>{deliver}</m:DeliverMeetingRequests>" if deliver else ""
    return f"<m:{operation}>{ALICE}<m:DelegateUsers>{''.join(users)}</m:DelegateUsers>{more}</m:{operation}>"


def remove(who: str = BRUNO) -> str:
    return f"<m:RemoveDelegate>{ALICE}<m:UserIds><t:UserId>{who}</t:UserId></m:UserIds></m:RemoveDelegate>"


GET = f'<m:GetDelegate IncludePermissions="true">{ALICE}</m:GetDelegate>'


def codes(exchange, body: str) -> list[str]:
    return [text_of(each, "ResponseCode") for each in exchange.messages(body)]


def test_a_delegate_becomes_editor_of_the_calendar_and_is_listed(exchange):
    assert codes(exchange, write("AddDelegate", user("Editor", copies="true", private="true"))) == ["NoError"]
    calendar = exchange.mailbox().distinguished["calendar"]
    assert rights_of(exchange.mailbox("bruno"), calendar) == MATRIX[PermissionLevel.EDITOR]
    (shown,) = exchange.messages(GET)
    assert text_of(shown, "DelegateUser", "UserId", "PrimarySmtpAddress") == "bruno@example.org"
    assert text_of(shown, "DelegateUser", "DelegatePermissions", "CalendarFolderPermissionLevel") == "Editor"
    assert text_of(shown, "DelegateUser", "DelegatePermissions", "InboxFolderPermissionLevel") == "None"
    assert text_of(shown, "DelegateUser", "ViewPrivateItems") == "true"
    assert text_of(shown, "DelegateUser", "ReceiveCopiesOfMeetingMessages") == "true"


def test_permissions_are_given_only_when_they_are_asked_for(exchange):
    exchange.ask(write("AddDelegate", user("Editor")))
    (shown,) = exchange.messages(GET.replace("true", "false"))
    assert list(children(shown, "DelegateUser", "DelegatePermissions")) == []


def test_an_update_changes_what_it_names_and_keeps_the_rest(exchange):
    exchange.ask(write("AddDelegate", user("Editor", copies="true", private="true")))
    assert codes(exchange, write("UpdateDelegate", user(private="false"), deliver="DelegatesOnly")) == ["NoError"]
    assert exchange.mailbox().delegates["bruno@example.org"] == Delegate("bruno@example.org", False, True)
    assert exchange.mailbox().deliver_meeting_requests == "DelegatesOnly"
    assert text_of(exchange.ask(GET), "DeliverMeetingRequests") == "DelegatesOnly"


def test_a_removed_delegate_has_no_right_left_but_what_everybody_has(exchange):
    exchange.ask(write("AddDelegate", user("Editor", private="true")))
    assert codes(exchange, remove()) == ["NoError"]
    calendar = exchange.mailbox().distinguished["calendar"]
    assert rights_of(exchange.mailbox("bruno"), calendar) == MATRIX[PermissionLevel.FREE_BUSY]
    assert exchange.mailbox().delegates == {}


@pytest.mark.parametrize(
    ("users", "expected"),
    [
        ([user("Editor", who="<t:PrimarySmtpAddress>alice@example.org</t:PrimarySmtpAddress>")],
         ["ErrorDelegateCannotAddOwner"]),
        ([user("Editor", who="<t:PrimarySmtpAddress>nobody@example.org</t:PrimarySmtpAddress>")],
         ["ErrorDelegateNoUser"]),
        ([user("Editor", who="<t:PrimarySmtpAddress>clara@example.net</t:PrimarySmtpAddress>")],
         ["ErrorDelegateNoUser"]),
        ([user("Editor", who="")], ["ErrorInvalidDelegateUserId"]),
        ([user("Custom")], ["ErrorInvalidDelegatePermission"]),
        ([user("Reviewer", copies="true")], ["ErrorInvalidDelegatePermission"]),
        ([user("Editor"), user("Reviewer")], ["NoError", "ErrorDelegateValidationFailed"]),
    ],
)  # fmt: skip
def test_who_cannot_be_added_is_refused_alone(exchange, users, expected):
    assert codes(exchange, write("AddDelegate", *users)) == expected


def test_the_same_delegate_cannot_be_added_again(exchange):
    exchange.ask(write("AddDelegate", user("Editor")))
    assert codes(exchange, write("AddDelegate", user("Editor"))) == ["ErrorDelegateAlreadyExists"]


@pytest.mark.parametrize("body", [write("UpdateDelegate", user("Editor")), remove()])
def test_who_is_no_delegate_can_be_neither_changed_nor_removed(exchange, body):
    assert codes(exchange, body) == ["ErrorNotDelegate"]


@pytest.mark.parametrize("body", [GET, write("AddDelegate", user("Editor")), remove()])
def test_only_the_owner_manages_delegates(exchange, body):
    assert exchange.code(body, who="bruno") == "ErrorAccessDenied"
