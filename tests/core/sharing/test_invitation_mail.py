"""Sharing messages that we write: read back by ourselves, by the standard library, and refused when they differ."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.calendar.people import Address
from core.errors import Refused, UsageError
from core.sharing.incoming import MessageKind, read_message
from core.sharing.invitation import Provider, ProviderKind, Purpose
from core.sharing.invitation_mail import SharingLetter, default_subject, said_by, text_of, verify, write
from core.sharing.links import judge
from core.sharing.permissions import PermissionLevel
from tests.core.sharing import sharing_samples as sample

ALICE = Address("alice@example.org", "Alice Martin")
BRUNO = Address("bruno@example.org", "Bruno Keller")
CLARA = Address("clara@example.net", "Clara Rossi")
INTERNAL = Provider(ProviderKind.INTERNAL, (BRUNO.address,), sample.ENTRY_ID, sample.STORE_ID)
PUBLISHED = Provider(
    ProviderKind.PUBLISH,
    (CLARA.address,),
    page=judge("https://dav.example.org/cal/alice.html?a=1&b=2"),
    ics=judge("https://dav.example.org/cal/alice.ics"),
)


def letter(**fields: object) -> SharingLetter:
    usual: dict[str, object] = {
        "sender": ALICE,
        "to": (BRUNO,),
        "purpose": Purpose.INVITE,
        "date": datetime(2026, 11, 27, 9, tzinfo=UTC),
        "token": "0123456789abcdef",
        "name": "Calendar",
        "level": PermissionLevel.REVIEWER,
        "providers": (INTERNAL,),
    }
    return SharingLetter(**(usual | fields))


KINDS = {
    "inside": letter(),
    "inside-other": letter(default=False, name="Congés d’été"),
    "outside": letter(to=(CLARA,), providers=(PUBLISHED,)),
    "several": letter(to=(BRUNO, CLARA), providers=(INTERNAL, PUBLISHED)),
    "both": letter(purpose=Purpose.BOTH),
    "request": letter(purpose=Purpose.REQUEST, providers=(), level=None, name=""),
    "allow": letter(purpose=Purpose.ALLOW),
    "deny": letter(purpose=Purpose.DENY, providers=(), level=None, name=""),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_read_back_as_it_was_meant(kind: str):
    asked = KINDS[kind]
    found = read_message(write(asked))
    assert found.sharing == said_by(asked)
    assert found.sender == ALICE
    assert found.text.strip() == text_of(asked).strip()


@pytest.mark.parametrize(
    ("kind", "flavor", "capabilities"),
    [
        ("inside", "20310", "40290"),
        ("inside-other", "310", "402B0"),
        ("both", "20710", "40290"),
        ("request", "20500", "40290"),
        ("allow", "23310", "40290"),
        ("deny", "25100", "40290"),
    ],
)
def test_the_headers_are_those_of_the_specification(kind: str, flavor: str, capabilities: str):
    head = message_from_bytes(write(KINDS[kind]))
    assert head["Content-Class"] == "Sharing"
    assert head["X-Sharing-Provider-Guid"] == "AEF0060000000000C000000000000046"
    assert head["X-Sharing-Provider-Name"] == "Microsoft Exchange"
    assert head["X-Sharing-Provider-Url"] == "HTTP://www.microsoft.com/exchange"
    assert (head["X-Sharing-Flavor"], head["X-Sharing-Capabilities"]) == (flavor, capabilities)
    assert head["X-Sharing-Local-Type"] == "IPF.Appointment"


def test_an_invitation_inside_names_folder_and_mailbox_in_headers_and_metadata():
    message = message_from_bytes(write(letter()))
    assert (message["X-Sharing-Remote-Uid"], message["X-Sharing-Remote-Store-Uid"]) == (
        sample.ENTRY_ID,
        sample.STORE_ID,
    )
    part = list(message.walk())[-1]
    assert part.get_content_type() == "application/x-sharing-metadata-xml"
    assert part.get_filename() == "sharing_metadata.xml"
    assert sample.ENTRY_ID.encode() in part.get_payload(decode=True)


@pytest.mark.parametrize("kind", ["request", "deny"])
def test_requests_and_refusals_carry_no_metadata_whose_names_nobody_knows(kind: str):
    assert "sharing_metadata" not in write(KINDS[kind]).decode()


def test_an_invitation_by_address_does_not_pretend_to_come_from_an_exchange_server():
    message = message_from_bytes(write(KINDS["outside"]))
    assert message["X-Sharing-Provider-Guid"] is None
    assert message["X-Sharing-Remote-Uid"] is None


def test_an_invitation_by_address_says_that_the_address_is_secret():
    text = text_of(KINDS["outside"])
    assert "https://dav.example.org/cal/alice.ics" in text
    assert "Keep them to yourself" in text


def test_the_own_words_come_after_outlooks_line():
    text = text_of(letter(message="See you\n\nAlice"))
    assert text.rstrip().endswith("*~*~*~*~*~*~*~*~*~*\n\nSee you\n\nAlice")


def test_the_level_is_said_in_words_and_in_a_header():
    found = read_message(write(letter(level=PermissionLevel.FREE_BUSY)))
    assert found.sharing.level is PermissionLevel.FREE_BUSY
    assert "Free/Busy time" in found.text


def test_subjects_are_as_outlook_names_them():
    assert default_subject(Purpose.INVITE, ALICE, "Calendar") == "Sharing invitation: Alice Martin – Calendar"


def test_a_request_can_only_be_about_the_default_calendar():
    with pytest.raises(KeyError):
        write(letter(purpose=Purpose.REQUEST, default=False))


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=120))
def test_whatever_is_typed_the_message_is_what_was_asked(name: str, calendar: str, words: str):
    asked = letter(sender=Address("alice@example.org", name), name=calendar, message=words, subject=words)
    assert read_message(write(asked)).kind is MessageKind.INVITATION


@pytest.mark.parametrize(
    "trap", ["=?utf-8?q?Team=0D=0ABcc:_eve=40example.net?=", "a\r\nBcc: eve@example.net", "a\x85b"]
)
def test_nothing_that_is_typed_becomes_a_header(trap: str):
    data = write(letter(sender=Address("alice@example.org", trap), name=trap, subject=trap, message=trap))
    assert "bcc" not in {name.lower() for name in message_from_bytes(data)}


def test_what_is_no_address_is_refused():
    with pytest.raises(UsageError):
        write(letter(to=(Address("a\r\n@b"),)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"To: Bruno", b"Bcc: eve@example.net\r\nTo: Bruno"),
        (b"<bruno@example.org>", b"<eve@example.net>"),
        (b"X-Sharing-Flavor: 20310", b"X-Sharing-Flavor: 20710"),
        (b"X-Sharing-Remote-Uid: 00", b"X-Sharing-Remote-Uid: 01"),
        (b"X-Partagenda-Level: reviewer", b"X-Partagenda-Level: owner"),
        (b"PD94bWwg", b"PD94bWxn"),
        (b"has invited", b"had invited"),
    ],
)
def test_a_message_that_says_something_else_is_refused(old: bytes, new: bytes):
    asked = letter()
    data = write(asked)
    assert old in data
    with pytest.raises(Refused):
        verify(data.replace(old, new, 1), asked)


def test_a_message_for_several_names_each_ones_own_way():
    found = read_message(write(KINDS["several"])).sharing
    assert found.provider_for(frozenset([BRUNO.address])).kind is ProviderKind.INTERNAL
    assert found.provider_for(frozenset([CLARA.address])).kind is ProviderKind.PUBLISH
    assert replace(found, providers=()).name == "Calendar"
