"""Who wants to hear of changes: by asking, by a stream; and a person's budget of requests."""

from __future__ import annotations

import base64
import http.client
import re

import pytest

from core.sandbox.exchange.delivery import put
from core.sandbox.exchange.model import ChangeKind
from core.sandbox.exchange.notifications import MOST, watermark_of
from core.sandbox.exchange.server import PATH
from core.sandbox.exchange.xml import children, name_of, text_of
from tests.core.sandbox.exchange.conftest import NAMESPACES
from tests.core.sandbox.exchange.test_rights import appointment

EVENTS = ("CreatedEvent", "ModifiedEvent", "DeletedEvent", "NewMailEvent")


def subscribe(kind: str = "Pull", folder: str = "calendar", owner: str = "", everything: bool = False) -> str:
    mailbox = f"<t:Mailbox><t:EmailAddress>{owner}</t:EmailAddress></t:Mailbox>" if owner else ""
    folders = f'<t:FolderIds><t:DistinguishedFolderId Id="{folder}">{mailbox}</t:DistinguishedFolderId></t:FolderIds>'
    events = "".join(f"<t:EventType>{name}</t:EventType>" for name in EVENTS)
    more = {"Pull": "<t:Timeout>10</t:Timeout>", "Push": "<t:StatusFrequency>1</t:StatusFrequency><t:URL>x</t:URL>"}
    wide = ' SubscribeToAllFolders="true"' if everything else ""
    return (
        f"<m:Subscribe><m:{kind}SubscriptionRequest{wide}>{'' if everything else folders}<t:EventTypes>{events}"
        f"</t:EventTypes>{more.get(kind, '')}</m:{kind}SubscriptionRequest></m:Subscribe>"
    )


def subscribed(exchange, *args, **more) -> tuple[str, str]:
    """Id and watermark."""
    (message,) = exchange.messages(subscribe(*args, **more))
    return text_of(message, "SubscriptionId"), text_of(message, "Watermark")


def ask(number: str, watermark: str) -> str:
    inside = f"<m:SubscriptionId>{number}</m:SubscriptionId><m:Watermark>{watermark}</m:Watermark>"
    return f"<m:GetEvents>{inside}</m:GetEvents>"


def heard(exchange, number: str, watermark: str) -> tuple[list[str], str]:
    """Names of the events since, and the newest watermark."""
    (message,) = exchange.messages(ask(number, watermark))
    events = [each for each in children(message, "Notification") if name_of(each).endswith("Event")]
    return [name_of(each) for each in events], text_of(events[-1], "Watermark")


def calendar_of(exchange):
    return exchange.mailbox().distinguished["calendar"]


def test_what_happens_is_told_once_in_order_and_nothing_is_told_too(empty):
    number, mark = subscribed(empty)
    item = appointment(empty, calendar_of(empty), "alice@example.org")
    empty.store.note_item(item, ChangeKind.MODIFIED)
    empty.store.remove_item(item)
    events, mark = heard(empty, number, mark)
    assert events == ["CreatedEvent", "ModifiedEvent", "DeletedEvent"]
    assert heard(empty, number, mark)[0] == ["StatusEvent"]


def test_a_subscription_hears_of_its_folders_only(empty):
    number, mark = subscribed(empty, folder="inbox")
    appointment(empty, calendar_of(empty), "alice@example.org")
    assert heard(empty, number, mark)[0] == ["StatusEvent"]
    put(empty.store, empty.mailbox().distinguished["inbox"], b"Subject: x\r\n\r\n", empty.mailbox())
    assert heard(empty, number, mark)[0] == ["CreatedEvent"]


def test_all_folders_are_heard_of_where_that_is_asked(empty):
    number, mark = subscribed(empty, everything=True)
    appointment(empty, calendar_of(empty), "alice@example.org")
    put(empty.store, empty.mailbox().distinguished["inbox"], b"Subject: x\r\n\r\n", empty.mailbox())
    assert heard(empty, number, mark)[0] == ["CreatedEvent", "CreatedEvent"]


def unsubscribe(number: str) -> str:
    return f"<m:Unsubscribe><m:SubscriptionId>{number}</m:SubscriptionId></m:Unsubscribe>"


def test_a_subscription_that_ended_is_not_found(empty):
    number, mark = subscribed(empty)
    assert empty.code(unsubscribe(number)) == "NoError"
    assert empty.code(ask(number, mark)) == "ErrorSubscriptionNotFound"
    assert empty.code(unsubscribe(number)) == "ErrorSubscriptionNotFound"


def test_a_subscription_is_its_owners_alone(empty):
    number, mark = subscribed(empty)
    assert empty.code(ask(number, mark), "bruno") == "ErrorSubscriptionAccessDenied"
    assert empty.code(unsubscribe(number), "bruno") == "ErrorSubscriptionAccessDenied"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (subscribe(owner="bruno@example.org"), "ErrorSubscriptionAccessDenied"),
        (subscribe("Push"), "ErrorInvalidSubscriptionRequest"),
    ],
)
def test_what_cannot_be_subscribed_to_is_refused(empty, body, code):
    assert empty.code(body) == code


def test_a_watermark_that_is_none_is_refused(empty):
    number, _mark = subscribed(empty)
    assert empty.code(ask(number, "bm9uZQ==")) == "ErrorInvalidWatermark"
    streaming, _none = subscribed(empty, "Streaming")
    assert empty.code(ask(streaming, watermark_of(1))) == "ErrorInvalidPullSubscriptionId"


def test_nobody_has_more_subscriptions_than_the_policy_lets(empty):
    for _n in range(MOST):
        subscribed(empty)
    assert empty.code(subscribe()) == "ErrorExceededSubscriptionCount"


def stream(exchange, number: str) -> http.client.HTTPResponse:
    body = (
        f"<m:GetStreamingEvents><m:SubscriptionIds><t:SubscriptionId>{number}</t:SubscriptionId></m:SubscriptionIds>"
        "<m:ConnectionTimeout>1</m:ConnectionTimeout></m:GetStreamingEvents>"
    )
    head = '<s:Header><t:RequestServerVersion Version="Exchange2016"/></s:Header>'
    envelope = f"<s:Envelope {NAMESPACES}>{head}<s:Body>{body}</s:Body></s:Envelope>"
    login = base64.b64encode(f"alice:{exchange.accounts.passwords['alice']}".encode()).decode()
    connection = http.client.HTTPConnection("127.0.0.1", exchange.server.port, timeout=30)
    headers = {"Authorization": f"Basic {login}", "Content-Type": "text/xml; charset=utf-8"}
    connection.request("POST", PATH, envelope.encode(), headers)
    return connection.getresponse()


def piece(answer: http.client.HTTPResponse) -> bytes:
    """The next envelope of a stream."""
    content = b""
    while not content.endswith(b"</Envelope>"):
        got = answer.read1(65536)
        assert got, content
        content += got
    return content


def test_a_stream_tells_at_once_that_it_stands_and_then_of_each_change(empty):
    number, _none = subscribed(empty, "Streaming")
    answer = stream(empty, number)
    assert b"<m:ConnectionStatus>OK</m:ConnectionStatus>" in piece(answer)
    item = appointment(empty, calendar_of(empty), "alice@example.org")
    told = piece(answer)
    assert b"<t:CreatedEvent>" in told
    assert str(item.id).encode() in told
    with empty.store.lock:
        empty.store.remove_item(item)
    assert b"<t:DeletedEvent>" in piece(answer)


def test_a_stream_of_what_is_not_there_says_which_and_ends(empty):
    content = stream(empty, "nothing").read()
    assert b"ErrorInvalidSubscription" in content
    assert re.search(rb"<m:ErrorSubscriptionIds>\s*<t:SubscriptionId>nothing<", content)


# --- budget ----------------------------------------------------------------------------------------------------------

GET = (
    "<m:GetFolder><m:FolderShape><t:BaseShape>IdOnly</t:BaseShape></m:FolderShape><m:FolderIds>"
    '<t:DistinguishedFolderId Id="calendar"/></m:FolderIds></m:GetFolder>'
)


def test_who_asks_too_often_is_told_when_to_come_back_and_others_are_served(empty):
    empty.server.budget.requests, empty.server.budget.seconds = 3, 3600.0
    assert [empty.post(GET)[0] for _n in range(4)] == [200, 200, 200, 500]
    status, content = empty.post(GET)
    assert status == 500
    assert b"ErrorServerBusy" in content
    wait = re.search(rb'Name="BackOffMilliseconds">(\d+)<', content)
    assert wait is not None
    assert 0 < int(wait[1]) <= 3600 * 1000
    assert empty.post(GET, "bruno")[0] == 200
    empty.server.budget.seconds = 0.0
    assert empty.post(GET)[0] == 200
