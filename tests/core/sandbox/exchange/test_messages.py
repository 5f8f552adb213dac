"""Mail on the sandbox's Exchange: written, sent, delivered, read with its MIME, its headers and its attachments."""

from __future__ import annotations

import base64
from email import message_from_bytes, policy

import pytest

from core.sandbox.exchange.xml import child, children, name_of, text_of

TO_BRUNO = "<t:ToRecipients><t:Mailbox><t:EmailAddress>bruno@example.org</t:EmailAddress></t:Mailbox></t:ToRecipients>"


def create(message: str, disposition: str = "SendAndSaveCopy") -> str:
    return (
        f'<m:CreateItem MessageDisposition="{disposition}"><m:Items><t:Message>{message}</t:Message></m:Items>'
        "</m:CreateItem>"
    )


def with_mime(content: bytes) -> str:
    return f'<t:MimeContent CharacterSet="UTF-8">{base64.b64encode(content).decode()}</t:MimeContent>'


def find(folder: str = "inbox") -> str:
    return (
        '<m:FindItem Traversal="Shallow"><m:ItemShape><t:BaseShape>Default</t:BaseShape></m:ItemShape>'
        f'<m:ParentFolderIds><t:DistinguishedFolderId Id="{folder}"/></m:ParentFolderIds></m:FindItem>'
    )


def get(number: str, *, names: str = "", mime: bool = True) -> str:
    more = f"<t:AdditionalProperties>{names}</t:AdditionalProperties>" if names else ""
    return (
        "<m:GetItem><m:ItemShape><t:BaseShape>AllProperties</t:BaseShape>"
        f"<t:IncludeMimeContent>{str(mime).lower()}</t:IncludeMimeContent>{more}</m:ItemShape>"
        f'<m:ItemIds><t:ItemId Id="{number}"/></m:ItemIds></m:GetItem>'
    )


def listed(exchange, who: str = "bruno", folder: str = "inbox") -> list:
    (message,) = exchange.messages(find(folder), who)
    return list(children(message, "RootFolder", "Items"))


def read(exchange, item, who: str = "bruno", names: str = ""):
    (message,) = exchange.messages(get(child(item, "ItemId").get("Id"), names=names), who)
    return next(iter(children(message, "Items")))


def mime_of(item):
    return message_from_bytes(base64.b64decode(text_of(item, "MimeContent")), policy=policy.default)


SIMPLE = f'<t:Subject>Lunch?</t:Subject><t:Body BodyType="Text">At noon — ça va?</t:Body>{TO_BRUNO}'


@pytest.fixture
def outside(exchange):
    """What leaves the organisation, by address; Clara has a mailbox there."""
    sent: list[tuple[str, bytes]] = []

    def take(address: str, content: bytes) -> bool:
        sent.append((address, content))
        return address == "clara@example.net"

    exchange.store.outward = take
    return sent


def test_a_message_that_is_sent_is_in_the_receivers_inbox_unread(exchange):
    (answer,) = exchange.messages(create(SIMPLE))
    assert text_of(answer, "ResponseCode") == "NoError"
    assert list(children(answer, "Items")) == []
    (item,) = listed(exchange)
    assert (text_of(item, "Subject"), text_of(item, "IsRead")) == ("Lunch?", "false")
    shown = read(exchange, item)
    assert text_of(shown, "Body").strip() == "At noon — ça va?"
    assert text_of(shown, "From", "Mailbox", "EmailAddress") == "alice@example.org"
    assert text_of(shown, "ToRecipients", "Mailbox", "EmailAddress") == "bruno@example.org"
    assert mime_of(shown).get_content().strip() == "At noon — ça va?"


@pytest.mark.parametrize(("disposition", "copies"), [("SendOnly", 0), ("SendAndSaveCopy", 1)])
def test_a_copy_is_kept_in_sent_items_only_where_it_is_wanted(exchange, disposition, copies):
    exchange.ask(create(SIMPLE, disposition))
    assert len(listed(exchange, "alice", "sentitems")) == copies
    assert len(listed(exchange)) == 1


def test_a_draft_stays_and_is_sent_later(exchange):
    (answer,) = exchange.messages(create(SIMPLE, "SaveOnly"))
    assert listed(exchange) == []
    number = next(iter(children(answer, "Items")))[0]
    key = f'<t:ItemId Id="{number.get("Id")}" ChangeKey="{number.get("ChangeKey")}"/>'
    sent = f'<m:SendItem SaveItemToFolder="true"><m:ItemIds>{key}</m:ItemIds></m:SendItem>'
    assert exchange.code(sent) == "NoError"
    assert [text_of(item, "Subject") for item in listed(exchange)] == ["Lunch?"]
    assert listed(exchange, "alice", "drafts") == []
    assert len(listed(exchange, "alice", "sentitems")) == 1


def test_a_message_given_as_mime_arrives_with_its_bytes_headers_and_attachments(exchange):
    content = (
        b"To: bruno@example.org\r\nSubject: =?utf-8?q?Caf=C3=A9?=\r\nX-Sharing-Flavor: 20310\r\n"
        b"Content-Class: Sharing\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
        b"--x\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Look</p>\r\n"
        b"--x\r\nContent-Type: application/x-sharing-metadata-xml; name=sharing_metadata.xml\r\n\r\n<a/>\r\n--x--\r\n"
    )
    exchange.ask(create(with_mime(content)))
    (item,) = listed(exchange)
    shown = read(exchange, item)
    assert text_of(shown, "ItemClass") == "IPM.Sharing"
    assert text_of(shown, "Subject") == "Café"
    headers = {each.get("HeaderName"): each.text for each in children(shown, "InternetMessageHeaders")}
    assert headers["X-Sharing-Flavor"] == "20310"
    (attached,) = children(shown, "Attachments")
    assert (text_of(attached, "Name"), text_of(attached, "ContentType")) == (
        "sharing_metadata.xml", "application/x-sharing-metadata-xml",
    )  # fmt: skip
    assert "AcceptSharingInvitation" in [name_of(each) for each in children(shown, "ResponseObjects")]
    assert mime_of(shown)["Content-Class"] == "Sharing"


def test_bcc_gets_the_message_and_is_in_nobodys_copy(exchange, outside):
    bcc = "<t:BccRecipients><t:Mailbox><t:EmailAddress>clara@example.net</t:EmailAddress></t:Mailbox></t:BccRecipients>"
    exchange.ask(create(SIMPLE + bcc))
    ((address, content),) = outside
    assert address == "clara@example.net"
    assert b"clara" not in content.lower()
    (item,) = listed(exchange)
    assert "clara" not in str(mime_of(read(exchange, item))).lower()


def test_who_is_not_there_comes_back_as_undeliverable(exchange, outside):
    exchange.ask(create(SIMPLE.replace("bruno@example.org", "nobody@example.net")))
    (item,) = listed(exchange, "alice")
    assert text_of(item, "Subject") == "Undeliverable: Lunch?"
    assert "nobody@example.net" in text_of(read(exchange, item, "alice"), "Body")


def test_headers_set_one_by_one_travel_with_the_message(exchange):
    header = (
        '<t:ExtendedProperty><t:ExtendedFieldURI DistinguishedPropertySetId="InternetHeaders" '
        'PropertyName="X-Sharing-Capabilities" PropertyType="String"/><t:Value>40290</t:Value></t:ExtendedProperty>'
    )
    exchange.ask(create(SIMPLE.replace("<t:ToRecipients>", header + "<t:ToRecipients>")))
    (item,) = listed(exchange)
    path = (
        '<t:ExtendedFieldURI DistinguishedPropertySetId="InternetHeaders" PropertyName="X-Sharing-Capabilities" '
        'PropertyType="String"/>'
    )
    shown = read(exchange, item, names=path)
    assert text_of(shown, "ExtendedProperty", "Value") == "40290"
    assert mime_of(shown)["X-Sharing-Capabilities"] == "40290"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (create(SIMPLE.replace(TO_BRUNO, "")), "ErrorInvalidRecipients"),
        (create(SIMPLE.replace("</t:ToRecipients>", "</t:ToRecipients><t:From><t:Mailbox><t:EmailAddress>"
                "bruno@example.org</t:EmailAddress></t:Mailbox></t:From>")), "ErrorSendAsDenied"),
        (create(SIMPLE).replace(' MessageDisposition="SendAndSaveCopy"', ""), "ErrorMessageDispositionRequired"),
        (create("<t:MimeContent>=!=</t:MimeContent>"), "ErrorMimeContentInvalidBase64String"),
    ],
)  # fmt: skip
def test_what_cannot_be_sent_is_refused_and_nothing_arrives(exchange, body, code):
    assert exchange.code(body) in (code, "ErrorSchemaValidation")
    assert listed(exchange) == listed(exchange, "alice", "sentitems") == []


# --- attachments -----------------------------------------------------------------------------------------------------


def attached(exchange, number, content: bytes = b"%PDF-1", name: str = "plan.pdf") -> str:
    item = f'<m:ParentItemId Id="{number.get("Id")}"/>'
    coded = base64.b64encode(content).decode()
    file = (
        f"<t:FileAttachment><t:Name>{name}</t:Name><t:ContentType>application/pdf</t:ContentType>"
        f"<t:Content>{coded}</t:Content></t:FileAttachment>"
    )
    request = f"<m:CreateAttachment>{item}<m:Attachments>{file}</m:Attachments></m:CreateAttachment>"
    (answer,) = exchange.messages(request)
    assert text_of(answer, "ResponseCode") == "NoError"
    return child(answer, "Attachments", "FileAttachment", "AttachmentId").get("Id")


def test_a_file_attached_to_a_draft_is_read_back_sent_and_taken_off(exchange):
    (answer,) = exchange.messages(create(SIMPLE, "SaveOnly"))
    number = next(iter(children(answer, "Items")))[0]
    attachment = attached(exchange, number)
    ids = f'<m:AttachmentIds><t:AttachmentId Id="{attachment}"/></m:AttachmentIds>'
    (got,) = exchange.messages(f"<m:GetAttachment>{ids}</m:GetAttachment>")
    assert base64.b64decode(text_of(got, "Attachments", "FileAttachment", "Content")) == b"%PDF-1"
    shown = read(exchange, next(iter(children(answer, "Items"))), "alice")
    assert text_of(shown, "HasAttachments") == "true"
    assert [part.get_filename() for part in mime_of(shown).iter_attachments()] == ["plan.pdf"]
    (gone,) = exchange.messages(f"<m:DeleteAttachment>{ids}</m:DeleteAttachment>")
    assert child(gone, "RootItemId").get("RootItemId") == number.get("Id")
    assert exchange.code(f"<m:GetAttachment>{ids}</m:GetAttachment>") == "ErrorInvalidAttachmentId"


def test_a_message_inside_a_message_is_an_item(exchange):
    inner = b"Subject: The inner one\r\nFrom: clara@example.net\r\n\r\nHello\r\n"
    content = (
        b"To: bruno@example.org\r\nSubject: Fwd\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n"
        b"--x\r\nContent-Type: text/plain\r\n\r\nsee\r\n--x\r\nContent-Type: message/rfc822\r\n\r\n"
        + inner
        + b"--x--\r\n"
    )
    exchange.ask(create(with_mime(content)))
    (item,) = listed(exchange)
    (shown,) = children(read(exchange, item), "Attachments")
    assert name_of(shown) == "ItemAttachment"
    ids = f'<m:AttachmentIds><t:AttachmentId Id="{child(shown, "AttachmentId").get("Id")}"/></m:AttachmentIds>'
    (got,) = exchange.messages(f"<m:GetAttachment>{ids}</m:GetAttachment>", "bruno")
    assert text_of(got, "Attachments", "ItemAttachment", "Message", "Subject") == "The inner one"


def test_somebody_elses_attachment_is_not_given(exchange):
    (answer,) = exchange.messages(create(SIMPLE, "SaveOnly"))
    attachment = attached(exchange, next(iter(children(answer, "Items")))[0])
    ids = f'<m:AttachmentIds><t:AttachmentId Id="{attachment}"/></m:AttachmentIds>'
    assert exchange.code(f"<m:GetAttachment>{ids}</m:GetAttachment>", "bruno") == "ErrorAccessDenied"
    assert exchange.code(f"<m:DeleteAttachment>{ids}</m:DeleteAttachment>", "bruno") == "ErrorAccessDenied"
