"""Replies and forwards of messages on the sandbox's Exchange."""

from __future__ import annotations

import pytest

from core.sandbox.exchange.xml import child, text_of
from tests.core.sandbox.exchange.test_messages import SIMPLE, create, listed, read


def respond(item, kind: str, more: str = "") -> str:
    number = child(item, "ItemId")
    return (
        f'<m:CreateItem MessageDisposition="SendAndSaveCopy"><m:Items><t:{kind}>{more}<t:ReferenceItemId '
        f'Id="{number.get("Id")}" ChangeKey="{number.get("ChangeKey")}"/><t:NewBodyContent BodyType="Text">Gladly'
        f"</t:NewBodyContent></t:{kind}></m:Items></m:CreateItem>"
    )


@pytest.mark.parametrize("kind", ["ReplyToItem", "ReplyAllToItem"])
def test_a_reply_comes_back_to_the_sender_with_the_old_text_below(empty, kind):
    empty.ask(create(SIMPLE))
    (item,) = listed(empty)
    assert empty.code(respond(item, kind), "bruno") == "NoError"
    (reply,) = listed(empty, "alice")
    shown = read(empty, reply, "alice")
    assert text_of(shown, "Subject") == "RE: Lunch?"
    text = text_of(shown, "Body")
    assert text.index("Gladly") < text.index("At noon")


def test_a_forward_goes_to_those_who_are_named_and_to_nobody_by_itself(empty):
    empty.ask(create(SIMPLE))
    (item,) = listed(empty)
    assert empty.code(respond(item, "ForwardItem"), "bruno") == "ErrorInvalidRecipients"
    to = "<t:ToRecipients><t:Mailbox><t:EmailAddress>alice@example.org</t:EmailAddress></t:Mailbox></t:ToRecipients>"
    assert empty.code(respond(item, "ForwardItem", to), "bruno") == "NoError"
    assert [text_of(each, "Subject") for each in listed(empty, "alice")] == ["FW: Lunch?"]


def test_somebody_elses_message_cannot_be_answered(empty):
    empty.ask(create(SIMPLE))
    (item,) = listed(empty)
    assert empty.code(respond(item, "ReplyToItem")) == "ErrorAccessDenied"
