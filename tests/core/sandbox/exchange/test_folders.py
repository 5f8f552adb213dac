"""Folders: what a mailbox has, how it is asked for, and who may see it."""

from __future__ import annotations

from core.sandbox.exchange.xml import child, text_of

GET = (
    "<m:GetFolder><m:FolderShape><t:BaseShape>{shape}</t:BaseShape></m:FolderShape>"
    "<m:FolderIds>{ids}</m:FolderIds></m:GetFolder>"
)


def calendar_of(address: str = "") -> str:
    mailbox = f"<t:Mailbox><t:EmailAddress>{address}</t:EmailAddress></t:Mailbox>" if address else ""
    return f'<t:DistinguishedFolderId Id="calendar">{mailbox}</t:DistinguishedFolderId>'


def test_the_calendar_is_found_by_its_distinguished_name(exchange):
    (message,) = exchange.messages(GET.format(shape="Default", ids=calendar_of()))
    assert message.get("ResponseClass") == "Success"
    assert text_of(message, "Folders", "CalendarFolder", "DisplayName") == "Calendar"


def test_a_folder_is_found_again_by_its_id(exchange):
    (message,) = exchange.messages(GET.format(shape="IdOnly", ids=calendar_of()))
    number = child(message, "Folders", "CalendarFolder", "FolderId").get("Id")
    (again,) = exchange.messages(GET.format(shape="Default", ids=f'<t:FolderId Id="{number}"/>'))
    assert text_of(again, "Folders", "CalendarFolder", "DisplayName") == "Calendar"


def test_one_wrong_id_does_not_take_the_others_with_it(exchange):
    found = exchange.messages(GET.format(shape="IdOnly", ids='<t:FolderId Id="nonsense!"/>' + calendar_of()))
    assert [text_of(each, "ResponseCode") for each in found] == ["ErrorInvalidIdMalformed", "NoError"]


def test_a_colleagues_inbox_without_a_right_is_refused(exchange):
    inbox = calendar_of("bruno@example.org").replace('"calendar"', '"inbox"')
    assert exchange.code(GET.format(shape="IdOnly", ids=inbox)) == "ErrorAccessDenied"


def test_somebody_outside_has_no_mailbox(exchange):
    found = exchange.code(GET.format(shape="IdOnly", ids=calendar_of("clara@example.net")))
    assert found == "ErrorNonExistentMailbox"


def test_a_wrong_password_is_a_401_with_a_challenge(exchange):
    exchange.accounts = type(exchange.accounts)({"alice": "wrong"}, {})
    assert exchange.post(GET.format(shape="IdOnly", ids=calendar_of()))[0] == 401


def test_an_unknown_operation_is_a_soap_fault(exchange):
    status, content = exchange.post("<m:Nonsense/>")
    assert status == 500
    assert b"ErrorInvalidRequest" in content or b"ErrorSchemaValidation" in content


def test_requests_are_counted_by_operation(exchange):
    exchange.ask(GET.format(shape="IdOnly", ids=calendar_of()))
    assert exchange.server.counts == {"GetFolder": 1}
