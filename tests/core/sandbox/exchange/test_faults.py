"""Each fault happens as real servers have it, once, to the operation that it names."""

from __future__ import annotations

import http.client

import pytest

from core.sandbox.exchange import faults
from core.sandbox.exchange.options import InnerError
from core.sandbox.exchange.xml import child, children, name_of, parse, text_of

GET = (
    "<m:GetFolder><m:FolderShape><t:BaseShape>Default</t:BaseShape></m:FolderShape><m:FolderIds>"
    '<t:DistinguishedFolderId Id="calendar"/></m:FolderIds></m:GetFolder>'
)
CREATE = (
    '<m:CreateItem SendMeetingInvitations="SendToNone"><m:Items><t:CalendarItem><t:Subject>New</t:Subject>'
    "<t:Start>2027-01-01T10:00:00Z</t:Start><t:End>2027-01-01T11:00:00Z</t:End></t:CalendarItem></m:Items></m:CreateItem>"
)
FIND = (
    '<m:FindItem Traversal="Shallow"><m:ItemShape><t:BaseShape>Default</t:BaseShape></m:ItemShape>{view}'
    '<m:ParentFolderIds><t:DistinguishedFolderId Id="calendar"/></m:ParentFolderIds></m:FindItem>'
)
BROKEN = (http.client.HTTPException, ConnectionError)


def count(exchange) -> int:
    return len(exchange.mailbox().distinguished["calendar"].items)


@pytest.mark.parametrize(
    ("fault", "status", "word"),
    [
        (faults.unauthorized(), 401, b""),
        (faults.expired_token(), 401, b""),
        (faults.sign_in_page(), 302, b""),
        (faults.html_page(), 200, b"<html>"),
        (faults.unavailable(), 503, b"Service Unavailable"),
        (faults.server_busy(250), 500, b'Name="BackOffMilliseconds">250<'),
        (faults.internal_error(), 500, b"ErrorInternalServerError"),
    ],
)
def test_an_answer_instead_of_the_service_does_nothing(exchange, fault, status, word):
    before = count(exchange)
    exchange.server.faults.add(fault)
    found, content = exchange.post(CREATE)
    assert (found, word in content, count(exchange)) == (status, True, before)
    assert exchange.post(CREATE)[0] == 200


def test_a_cut_before_leaves_nothing_and_a_cut_after_leaves_it_done(exchange):
    before = count(exchange)
    for fault, more in ((faults.cut_before(), 0), (faults.cut_after(), 1), (faults.half(), 2)):
        exchange.server.faults.add(fault)
        with pytest.raises(BROKEN):
            exchange.post(CREATE)
        assert count(exchange) == before + more


def test_a_fault_means_the_operation_that_it_names(exchange):
    exchange.server.faults.add(faults.unavailable("CreateItem"))
    assert [exchange.post(GET)[0], exchange.post(CREATE)[0], exchange.post(CREATE)[0]] == [200, 503, 200]


def test_a_slow_answer_arrives_whole(exchange):
    exchange.server.faults.add(faults.delay(0.05), faults.drip(0.0001))
    assert [exchange.post(GET)[0], exchange.post(GET)[0]] == [200, 200]


def test_the_operation_of_a_request_is_read_from_its_body(exchange):
    seen = []
    exchange.server.faults.add(
        faults.Fault(faults.Break.DELAY, lambda request: seen.append(faults.operation_of(request)))
    )
    exchange.post(GET)
    assert seen == ["GetFolder"]


def test_an_inner_error_is_under_200_and_does_nothing(exchange):
    before = count(exchange)
    busy = InnerError("ErrorServerBusy", "CreateItem", values={"BackOffMilliseconds": "100"})
    exchange.server.options.inner_errors.append(busy)
    assert exchange.code(GET) == "NoError"
    status, content = exchange.post(CREATE)
    assert (status, b"ErrorServerBusy" in content, b'"BackOffMilliseconds">100<' in content) == (200, True, True)
    assert count(exchange) == before
    assert exchange.code(CREATE) == "NoError"


def test_small_pages_say_that_they_are_not_the_end(exchange):
    for _n in range(6):
        exchange.ask(CREATE)
    exchange.server.options.page = 5
    view = '<m:IndexedPageItemView MaxEntriesReturned="100" Offset="0" BasePoint="Beginning"/>'
    (message,) = exchange.messages(FIND.format(view=view))
    root = child(message, "RootFolder")
    assert (root.get("IncludesLastItemInRange"), len(list(children(root, "Items")))) == ("false", 5)
    assert root.get("IndexedPagingOffset") == "5"


def test_control_characters_come_as_entities_that_a_parser_refuses(exchange):
    exchange.ask(CREATE)
    exchange.server.options.control_characters = True
    _status, content = exchange.post(FIND.format(view=""))
    assert b"<t:Subject>&#x1;&#xB;" in content
    with pytest.raises(SyntaxError):
        parse(content)


def test_private_text_is_kept_back_unless_a_test_wants_an_old_server(exchange, grant):
    item = CREATE.replace("<t:Start>", "<t:Sensitivity>Private</t:Sensitivity><t:Start>")
    exchange.ask(item)
    grant(exchange, "bruno", "reviewer")
    find = FIND.format(view="").replace(
        '<t:DistinguishedFolderId Id="calendar"/>',
        '<t:DistinguishedFolderId Id="calendar"><t:Mailbox><t:EmailAddress>alice@example.org</t:EmailAddress>'
        "</t:Mailbox></t:DistinguishedFolderId>",
    )

    def subjects():
        (message,) = exchange.messages(find, who="bruno")
        return {text_of(each, "Subject") for each in children(message, "RootFolder", "Items")}

    assert "New" not in subjects()
    exchange.server.options.private_text = True
    assert "New" in subjects()


def test_a_request_that_is_no_xml_is_a_fault_and_no_crash(exchange):
    status, content = exchange.post("<m:GetFolder>")
    assert status == 500
    assert name_of(child(parse(content), "Body")[0]) == "Fault"
