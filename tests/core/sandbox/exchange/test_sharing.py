"""Sharing between organisations and within one: metadata, refusals by the policy, accepting, and the copies."""

from __future__ import annotations

import base64

import pytest

from core.sandbox.exchange.appointments import Thing
from core.sandbox.exchange.delivery import put
from core.sandbox.exchange.model import Entry
from core.sandbox.exchange.sharing import decrypted
from core.sandbox.exchange.xml import child, children, name_of, t, text_of
from core.sharing.permissions import MATRIX, PermissionLevel
from core.sharing.policy import parse_policy
from tests.core.sandbox.exchange.test_rights import START, appointment

BRUNO = "bruno@example.org"
CLARA = "clara@example.net"


def metadata(folder: str, *recipients: str, sender: str = "alice@example.org") -> str:
    people = "".join(f"<t:SmtpAddress>{address}</t:SmtpAddress>" for address in recipients)
    return (
        f'<m:GetSharingMetadata><m:IdOfFolderToShare Id="{folder}"/><m:SenderSmtpAddress>{sender}'
        f"</m:SenderSmtpAddress><m:Recipients>{people}</m:Recipients></m:GetSharingMetadata>"
    )


def folder_of(exchange, name: str = "calendar", who: str = "alice"):
    return exchange.mailbox(who).distinguished[name]


@pytest.fixture
def federated(empty):
    empty.store.federated = frozenset({"example.net"})
    empty.store.policy = parse_policy(["example.net: CalendarSharingFreeBusyDetail"])
    return empty


def test_an_invitation_for_a_partner_is_sealed_for_their_server_alone(federated):
    answer = federated.ask(metadata(folder_of(federated).id, CLARA))
    assert text_of(answer, "ResponseCode") == "NoError"
    (sealed,) = children(answer, "EncryptedSharedFolderDataCollection")
    assert [name_of(part[0]) for part in sealed] == ["EncryptedData", "EncryptedData"]
    plain = decrypted(federated.store, child(sealed, "Data")[0]).decode()
    assert CLARA in plain
    assert folder_of(federated).id.hexadecimal in plain
    assert CLARA not in "".join(sealed.itertext())


@pytest.mark.parametrize(
    ("rules", "federation", "code"),
    [
        (["example.net: ContactsSharing"], {"example.net"}, "SystemPolicyBlocksSharingWithThisRecipient"),
        (["other.example: CalendarSharingFreeBusySimple"], {"example.net"},
         "SystemPolicyBlocksSharingWithThisRecipient"),
        (["*: CalendarSharingFreeBusyReviewer"], {"partner.example"}, "RecipientOrganizationNotFederated"),
    ],
)  # fmt: skip
def test_a_recipient_who_cannot_be_shared_with_is_named_with_the_reason(federated, rules, federation, code):
    federated.store.policy, federated.store.federated = parse_policy(rules), frozenset(federation)
    answer = federated.ask(metadata(folder_of(federated).id, CLARA))
    (refused,) = children(answer, "InvalidRecipients")
    assert (text_of(refused, "SmtpAddress"), text_of(refused, "ResponseCode")) == (CLARA, code)
    assert list(children(answer, "EncryptedSharedFolderDataCollection")) == []


def test_one_refused_recipient_does_not_take_the_others_with_it(federated):
    answer = federated.ask(metadata(folder_of(federated).id, CLARA, "x@nowhere.example"))
    assert len(list(children(answer, "EncryptedSharedFolderDataCollection"))) == 1
    assert [text_of(each, "SmtpAddress") for each in children(answer, "InvalidRecipients")] == ["x@nowhere.example"]


def test_what_cannot_be_shared_outside_is_refused_as_a_whole(federated):
    own, inbox = folder_of(federated).id, folder_of(federated, "inbox").id
    assert federated.code(metadata(own, CLARA, sender=BRUNO)) == "ErrorInvalidExternalSharingInitiator"
    assert federated.code(metadata(inbox, CLARA)) == "ErrorInvalidSharingData"
    assert federated.code(metadata(own, CLARA, sender=BRUNO), "bruno") == "ErrorAccessDenied"
    federated.store.federated = frozenset()
    assert federated.code(metadata(own, CLARA)) == "ErrorOrganizationNotFederated"


# --- accepting -------------------------------------------------------------------------------------------------------


def invite(exchange, provider: str = "", headers: str = "", klass: str = "Sharing"):
    """Alice's invitation in Bruno's inbox."""
    xml = (
        '<?xml version="1.0"?><SharingMessage xmlns="http://schemas.microsoft.com/sharing/2008"><DataType>calendar'
        "</DataType><Initiator><Name>Alice</Name><SmtpAddress>alice@example.org</SmtpAddress></Initiator>"
        f"<Invitation><Providers>{provider}</Providers></Invitation></SharingMessage>"
    )
    content = (
        f"From: alice@example.org\r\nTo: {BRUNO}\r\nSubject: My calendar\r\nContent-Class: {klass}\r\n{headers}"
        "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\n"
        "Look\r\n--x\r\nContent-Type: application/x-sharing-metadata-xml; name=sharing_metadata.xml\r\n\r\n"
        f"{xml}\r\n--x--\r\n"
    )
    bruno = exchange.mailbox("bruno")
    return put(exchange.store, bruno.distinguished["inbox"], content.encode(), bruno)


def internal(exchange) -> str:
    return (
        f'<Provider Type="ms-exchange-internal" TargetRecipients="{BRUNO}"><FolderId '
        f'xmlns="http://schemas.microsoft.com/exchange/sharing/2008">{folder_of(exchange).id.hexadecimal}</FolderId>'
        "</Provider>"
    )


def accept(item) -> str:
    return (
        '<m:CreateItem MessageDisposition="SendAndSaveCopy"><m:Items><t:AcceptSharingInvitation><t:ReferenceItemId '
        f'Id="{item.id}" ChangeKey="{item.change_key}"/></t:AcceptSharingInvitation></m:Items></m:CreateItem>'
    )


def grant(exchange, level: PermissionLevel) -> None:
    folder_of(exchange).permissions[:] = [Entry("default", MATRIX[PermissionLevel.NONE]), Entry(BRUNO, MATRIX[level])]


def copies(exchange) -> list:
    """Bruno's folders that show Alice's calendar."""
    own = folder_of(exchange, who="bruno")
    return list(exchange.mailbox("bruno").children(own))


@pytest.fixture
def filled(empty):
    appointment(empty, folder_of(empty), "alice@example.org")
    appointment(empty, folder_of(empty), "alice@example.org", "Private")
    return empty


@pytest.mark.parametrize(
    ("level", "texts"),
    [
        (PermissionLevel.FREE_BUSY, 0),
        (PermissionLevel.FREE_BUSY_DETAILED, 1),
        (PermissionLevel.REVIEWER, 1),
        (PermissionLevel.EDITOR, 1),
    ],
)
def test_an_accepted_invitation_gives_a_folder_with_what_the_level_shows(filled, level, texts):
    grant(filled, level)
    assert filled.code(accept(invite(filled, internal(filled))), "bruno") == "NoError"
    (folder,) = copies(filled)
    assert folder.name == "Alice Martin"
    items = list(folder.items.values())
    assert len(items) == 2
    assert sum(item.text("Subject") == "Salary review" for item in items) == texts
    bodies = [item.fields["Body"].text for item in items if "Body" in item.fields]
    assert bodies == (["Confidential figures"] if level in (PermissionLevel.REVIEWER, PermissionLevel.EDITOR) else [])


def test_a_private_instance_of_a_series_is_a_block_of_time_in_the_copy(filled):
    grant(filled, PermissionLevel.REVIEWER)
    series = next(iter(folder_of(filled).items.values()))
    rule = t("WeeklyRecurrence", t("Interval", 1), t("DaysOfWeek", "Tuesday"), t("FirstDayOfWeek", "Sunday"))
    reach = t("NumberedRecurrence", t("StartDate", "2031-03-04"), t("NumberOfOccurrences", 3))
    series.fields["Recurrence"] = t("Recurrence", rule, reach)
    private = filled.store.add_item(folder_of(filled), "CalendarItem", filled.mailbox())
    private.master, private.original = series, START
    private.fields.update(Subject=t("Subject", "Surgery"), Sensitivity=t("Sensitivity", "Private"))
    series.exceptions[START] = private
    filled.ask(accept(invite(filled, internal(filled))), "bruno")
    (folder,) = copies(filled)
    (copied,) = [item for item in folder.items.values() if item.exceptions]
    shown = Thing(copied, START, copied.exceptions[START])
    assert (shown.text("Subject"), shown.text("Location"), copied.text("Subject")) == ("", "", "Salary review")


def test_the_same_invitation_again_gives_the_same_folder(filled):
    grant(filled, PermissionLevel.REVIEWER)
    item = invite(filled, internal(filled))
    filled.ask(accept(item), "bruno")
    filled.ask(accept(item), "bruno")
    assert len(copies(filled)) == 1


def test_outlooks_headers_alone_are_enough(filled):
    grant(filled, PermissionLevel.REVIEWER)
    header = f"X-Sharing-Remote-Uid: {folder_of(filled).id.hexadecimal}\r\n"
    assert filled.code(accept(invite(filled, headers=header)), "bruno") == "NoError"


def test_an_invitation_sealed_for_somebody_else_cannot_be_accepted(filled):
    filled.store.federated = frozenset({"example.net", "example.org"})
    filled.store.policy = parse_policy(["*: CalendarSharingFreeBusyReviewer"])
    sealed = {}
    for address in (CLARA, BRUNO):
        (data,) = children(filled.ask(metadata(folder_of(filled).id, address)), "EncryptedSharedFolderDataCollection")
        value = text_of(child(data, "Data"), "EncryptedData", "CipherData", "CipherValue")
        sealed[address] = (
            '<Provider Type="ms-exchange-external"><EncryptedSharedFolderDataCollection><EncryptedSharedFolderData>'
            f"<Data><EncryptedData><CipherData><CipherValue>{value}</CipherValue></CipherData></EncryptedData></Data>"
            "</EncryptedSharedFolderData></EncryptedSharedFolderDataCollection></Provider>"
        )
    grant(filled, PermissionLevel.REVIEWER)
    theirs = filled.code(accept(invite(filled, sealed[CLARA])), "bruno")
    assert theirs == "ErrorInvalidExternalSharingSubscriber"
    assert filled.code(accept(invite(filled, sealed[BRUNO])), "bruno") == "NoError"
    broken = sealed[BRUNO].replace(sealed[BRUNO][250:260], base64.b64encode(b"nonsen").decode()[:8])
    assert filled.code(accept(invite(filled, broken)), "bruno") != "NoError"


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda exchange: invite(exchange, internal(exchange), klass="urn:content-classes:message"),
         "ErrorInvalidSharingMessage"),
        (invite, "ErrorNotSupportedSharingMessage"),
        (lambda exchange: invite(exchange, "<Provider><FolderId>00AA</FolderId></Provider>"),
         "ErrorInvalidIdMalformed"),
        (lambda exchange: invite(exchange, "<Provider>"), "ErrorInvalidSharingMessage"),
    ],
)  # fmt: skip
def test_what_invites_to_nothing_is_refused_and_makes_no_folder(filled, make, code):
    grant(filled, PermissionLevel.REVIEWER)
    assert filled.code(accept(make(filled)), "bruno") == code
    assert copies(filled) == []


def test_an_invitation_without_the_right_opens_nothing(filled):
    grant(filled, PermissionLevel.NONE)
    assert filled.code(accept(invite(filled, internal(filled))), "bruno") == "ErrorAccessDenied"
    assert copies(filled) == []


# --- the copy --------------------------------------------------------------------------------------------------------


def refresh(folder) -> str:
    return f'<m:RefreshSharingFolder><m:SharingFolderId Id="{folder.id}"/></m:RefreshSharingFolder>'


def test_a_refreshed_copy_has_what_is_new_and_loses_all_when_the_right_is_gone(filled):
    grant(filled, PermissionLevel.REVIEWER)
    filled.ask(accept(invite(filled, internal(filled))), "bruno")
    (folder,) = copies(filled)
    appointment(filled, folder_of(filled), "alice@example.org")
    assert filled.code(refresh(folder), "bruno") == "NoError"
    assert len(folder.items) == 3
    grant(filled, PermissionLevel.NONE)
    assert filled.code(refresh(folder), "bruno") == "ErrorSharingSynchronizationFailed"
    assert len(folder.items) == 0


def test_the_copy_is_found_by_its_owners_address_or_by_the_shared_folder(filled):
    grant(filled, PermissionLevel.REVIEWER)
    ask = "<m:GetSharingFolder><m:SmtpAddress>alice@example.org</m:SmtpAddress>{0}</m:GetSharingFolder>".format
    by_type = ask("<m:DataType>Calendar</m:DataType>")
    assert filled.code(by_type, "bruno") == "ErrorFolderNotFound"
    filled.ask(accept(invite(filled, internal(filled))), "bruno")
    by_id = ask(f"<m:SharedFolderId>{folder_of(filled).id.hexadecimal}</m:SharedFolderId>")
    for body in (by_type, by_id):
        found = child(filled.ask(body, "bruno"), "SharingFolderId").get("Id")
        assert found == str(copies(filled)[0].id)
    assert filled.code(ask(""), "bruno") == "ErrorInvalidGetSharingFolderRequest"


def test_a_folder_that_shows_nobody_elses_cannot_be_refreshed(filled):
    code = filled.code(refresh(folder_of(filled, who="bruno")), "bruno")
    assert code == "ErrorMissingInformationSharingFolderId"
