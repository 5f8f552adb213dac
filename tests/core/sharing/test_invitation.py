"""Sharing messages: every kind that real senders write, and hostile ones. Nothing is fetched, nothing crashes."""

from __future__ import annotations

import socket

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.calendar.people import Address
from core.errors import Unreadable
from core.sharing.incoming import MessageKind, read_message
from core.sharing.invitation import LARGEST_METADATA, ProviderKind, Purpose, SharingMessage, parse_xml
from core.sharing.links import Verdict
from tests.core.sharing import sharing_samples as sample

BRUNO, CLARA = frozenset(["bruno@example.org"]), frozenset(["clara@example.net"])


def sharing(data: bytes) -> SharingMessage:
    found = read_message(data).sharing
    assert found is not None
    return found


# --- as Outlook, Exchange and Microsoft 365 write them ---------------------------------------------------------------


def test_outlooks_invitation_to_a_calendar_that_is_not_the_default_one():
    head = sample.headers("310", "402B0", name="=?iso-8859-1?Q?Cong=E9s?=").replace(
        "HTTP://www.microsoft.com/exchange", "http://www.microsoft.com/exchange/"
    )
    message = read_message(sample.message(head))
    assert message.kind is MessageKind.INVITATION
    assert message.text.endswith("Have a look at next week.")
    found = message.sharing
    assert (found.purpose, found.name, found.default) == (Purpose.INVITE, "Congés", False)
    [provider] = found.providers
    assert (provider.kind, provider.folder, provider.mailbox) == (
        ProviderKind.INTERNAL,
        sample.ENTRY_ID,
        sample.STORE_ID,
    )


@pytest.mark.parametrize(
    ("flavor", "purpose", "kind", "remote"),
    [
        ("20310", Purpose.INVITE, MessageKind.INVITATION, True),
        ("310", Purpose.INVITE, MessageKind.INVITATION, True),
        ("20500", Purpose.REQUEST, MessageKind.REQUEST, False),
        ("20710", Purpose.BOTH, MessageKind.INVITATION, True),
        ("23310", Purpose.ALLOW, MessageKind.INVITATION, True),
        ("25100", Purpose.DENY, MessageKind.RESPONSE, False),
    ],
)
def test_each_flavor_is_known(flavor: str, purpose: Purpose, kind: MessageKind, remote: bool):
    message = read_message(sample.message(sample.headers(flavor, remote=remote)))
    assert (message.kind, message.sharing.purpose) == (kind, purpose)
    assert bool(message.sharing.providers) == remote


def test_exchanges_invitation_inside_an_organisation_names_folder_and_mailbox():
    who = "<Name>Alice Martin</Name><SmtpAddress>alice@example.org</SmtpAddress><EntryId>00AABBCC</EntryId>"
    xml = sample.metadata(sample.invitation(sample.internal()), initiator=who)
    found = sharing(sample.message(sample.headers("20310"), xml))
    provider = found.provider_for(BRUNO)
    assert (provider.kind, provider.folder) == (ProviderKind.INTERNAL, sample.ENTRY_ID)
    assert found.initiator == Address("alice@example.org", "Alice Martin")


def test_an_invitation_between_federated_organisations_is_known_and_cannot_be_opened_here():
    found = sharing(sample.message("", sample.metadata(sample.invitation(sample.EXTERNAL))))
    provider = found.provider_for(CLARA)
    assert (provider.kind, provider.usable) == (ProviderKind.EXTERNAL, False)


def test_microsoft_365_invites_people_outside_by_addresses_of_their_own():
    xml = sample.metadata(
        sample.invitation(sample.published("clara@example.net", sample.REACH + ".html", sample.REACH + ".ics"))
    )
    found = sharing(sample.message("", xml, subject="You're invited to share this calendar"))
    provider = found.provider_for(CLARA)
    assert (provider.kind, provider.ics.verdict, provider.ics.host) == (
        ProviderKind.PUBLISH,
        Verdict.ASK,
        "outlook.office365.com",
    )
    assert provider.page.url == sample.REACH + ".html"


def test_the_provider_that_names_me_is_taken_from_several():
    xml = sample.metadata(
        sample.invitation(
            sample.internal("bruno@example.org;someone@example.org"),
            sample.published("Clara@Example.net", sample.REACH + ".html", sample.REACH + ".ics"),
        )
    )
    found = sharing(sample.message("", xml))
    assert found.provider_for(CLARA).kind is ProviderKind.PUBLISH
    assert found.provider_for(BRUNO).kind is ProviderKind.INTERNAL
    assert found.provider_for(frozenset()).kind is ProviderKind.INTERNAL


@pytest.mark.parametrize("attributes", ["", 'xmlns=""', 'xmlns="http://schemas.microsoft.com/sharing/2008"'])
def test_children_of_a_provider_may_have_any_namespace_or_none(attributes: str):
    xml = sample.metadata(sample.invitation(sample.internal(attributes=attributes)))
    assert sharing(sample.message("", xml)).providers[0].folder == sample.ENTRY_ID


@pytest.mark.parametrize(
    ("element", "purpose"),
    [("Request", Purpose.REQUEST), ("AcceptOfRequest", Purpose.ALLOW), ("DenyOfRequest", Purpose.DENY)],
)
def test_the_undocumented_elements_are_taken_for_what_they_say(element: str, purpose: Purpose):
    assert sharing(sample.message("", sample.metadata(f"<{element}/>"))).purpose is purpose


def test_the_headers_say_the_purpose_where_metadata_says_another():
    xml = sample.metadata(sample.invitation(sample.internal()))
    assert sharing(sample.message(sample.headers("20710"), xml)).purpose is Purpose.BOTH


def test_shared_contacts_are_no_calendar():
    xml = sample.metadata(sample.invitation(sample.internal()), data_type="contacts")
    assert not sharing(sample.message("", xml)).of_calendar
    tasks = sample.headers("20310").replace("IPF.Appointment", "IPF.Task")
    assert not sharing(sample.message(tasks)).of_calendar


def test_metadata_is_found_by_its_name_where_the_type_says_nothing():
    xml = sample.metadata(sample.invitation(sample.internal()))
    found = sharing(sample.message("", xml, part='application/octet-stream; name="sharing_metadata.xml"'))
    assert found.providers[0].folder == sample.ENTRY_ID


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1"])
def test_metadata_may_be_in_any_encoding_that_it_names(encoding: str):
    xml = sample.metadata(sample.invitation(sample.internal(), title="Congés")).decode()
    data = xml.replace('encoding="utf-8"', f'encoding="{encoding}"').encode(encoding)
    found = sharing(sample.message("", data))
    assert (found.name, found.problems) == ("Congés", ())


def test_an_ordinary_mail_is_no_sharing_message():
    assert read_message(sample.message(subject="Hello")).sharing is None


# --- hostile ones ------------------------------------------------------------------------------------------------


LAUGHS = (
    '<!DOCTYPE lolz [<!ENTITY l0 "lol">'
    + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    + "]>"
)
QUADRATIC = f'<!DOCTYPE x [<!ENTITY a "{"a" * 50_000}">]>'


@pytest.mark.parametrize(
    ("declaration", "title"),
    [
        (LAUGHS, "&l9;"),
        (QUADRATIC, "&a;" * 1000),
        ('<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">', "x"),
        ('<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>', "&f;"),
        ('<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:9/p"> %p;]>', "x"),
        ('<!DOCTYPE x PUBLIC "-//X//Y" "\\\\server\\share\\x.dtd">', "x"),
    ],
    ids=["laughs", "quadratic", "dtd", "file", "parameter", "unc"],
)
def test_definitions_in_metadata_are_refused_and_the_message_is_shown_all_the_same(declaration: str, title: str):
    body = sample.invitation(sample.internal(), title=title)
    found = sharing(sample.message(sample.headers("20310"), sample.metadata(body, declaration=declaration)))
    assert "definitions" in found.problems[0]
    assert "root:" not in repr(found)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<",
        b"\x00\xff\xfe",
        b"<a>" * 50_000,
        b'<?xml version="1.0" encoding="no-such-thing"?><SharingMessage/>',
        b'<?xml version="1.0" encoding="utf-16"?><SharingMessage/>',
        b"<SharingMessage>&undefined;</SharingMessage>",
        b"<SharingMessage></OtherMessage>",
        b"<SharingMessage>\xff</SharingMessage>",
        b"<html/>",
        b"<SharingMessage>" + b"x" * LARGEST_METADATA + b"</SharingMessage>",
        b"<SharingMessage>" + b"<a/>" * 6000 + b"</SharingMessage>",
    ],
)
def test_damaged_metadata_is_said_to_be_so(data: bytes):
    found = sharing(sample.message(sample.headers("20310"), data))
    assert found.purpose is Purpose.INVITE
    assert len(found.problems) == 1
    assert found.problems[0].startswith("Its sharing data")


@pytest.mark.parametrize(
    "address",
    ["file:///etc/passwd", "\\\\server\\share\\a.ics", "http://example.org/a.ics", "javascript:alert(1)"],
)
def test_addresses_that_are_never_opened_make_no_usable_provider(address: str):
    xml = sample.metadata(sample.invitation(sample.published("clara@example.net", address, address)))
    provider = sharing(sample.message("", xml)).provider_for(CLARA)
    assert provider.ics.verdict is Verdict.REFUSED
    assert not provider.usable


def test_an_address_in_a_private_network_is_usable_only_as_such():
    ics = "https://192.168.1.1/a.ics"
    xml = sample.metadata(sample.invitation(sample.published("clara@example.net", ics, ics)))
    assert sharing(sample.message("", xml)).provider_for(CLARA).ics.verdict is Verdict.PRIVATE


@pytest.mark.parametrize("uid", ["", "zz", "../../etc", "00AA" * 400, "00AA 00BB", "=?utf-8?q?x?="])
def test_an_identifier_that_is_no_hex_number_names_no_folder(uid: str):
    head = sample.headers("20310").replace(sample.ENTRY_ID, uid)
    assert sharing(sample.message(head)).providers == ()


@pytest.mark.parametrize("flavor", ["", "zz", "20310; drop", "0x20310", "-1", "9" * 50])
def test_a_flavor_that_is_none_leaves_an_invitation(flavor: str):
    assert sharing(sample.message(sample.headers(flavor))).purpose is Purpose.INVITE


def test_names_are_cleaned_of_everything_that_deceives():
    head = sample.headers("20310", name="=?utf-8?b?" + "4oCuZXZpbBtbMzFtDQpCY2M6IHg=" + "?=")
    name = sharing(sample.message(head)).name
    assert name.isprintable()
    assert "\u202e" not in name


def test_an_initiator_that_is_no_address_is_left_out():
    xml = sample.metadata(
        sample.invitation(sample.internal()), initiator="<Name>Alice</Name><SmtpAddress>nobody</SmtpAddress>"
    )
    assert sharing(sample.message("", xml)).initiator is None


def test_reading_opens_no_connection_and_no_file(monkeypatch: pytest.MonkeyPatch):
    def forbidden(*_a: object, **_k: object):
        raise AssertionError("something was opened")

    monkeypatch.setattr(socket, "socket", forbidden)
    monkeypatch.setattr(socket, "getaddrinfo", forbidden)
    monkeypatch.setattr("builtins.open", forbidden)
    for body in (sample.EXTERNAL, sample.published("x@example.org", sample.REACH, sample.REACH), sample.internal()):
        sharing(sample.message(sample.headers("20310"), sample.metadata(sample.invitation(body))))
    bomb = sample.metadata("", declaration='<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">')
    sharing(sample.message("", bomb))


WHOLE = sample.metadata(sample.invitation(sample.internal(), sample.EXTERNAL))


@settings(max_examples=150)
@given(st.integers(0, len(WHOLE)), st.binary(max_size=6), st.integers(0, 6))
def test_any_damage_is_read_or_refused_and_never_crashes(place: int, put: bytes, cut: int):
    damaged = WHOLE[:place] + put + WHOLE[place + cut :]
    assert sharing(sample.message("", damaged)).purpose in Purpose


@given(st.binary(max_size=200))
def test_any_bytes_are_xml_or_refused(data: bytes):
    try:
        parse_xml(data)
    except Unreadable as error:
        assert error.message
