"""The bytes of the mail, whatever names, addresses and subjects are put into it."""

from __future__ import annotations

import email.policy
import random
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.utils import getaddresses

import pytest

from core.calendar.people import Address
from core.errors import Refused, UsageError
from core.sharing.message import LONGEST_LINE, Letter, file_name, wire_address, write
from core.sharing.message_check import read_addresses, verify
from core.sharing.wording import header_line, paragraphs
from tests.soak import chance, scaled, soak

TRIALS = scaled(600, 10_000)
ALICE = Address("alice@example.org", "Alice Martin")
BRUNO = Address("bruno@example.org", "Bruno")
HEADERS = ["From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type"]


def letter(**fields: object) -> Letter:
    usual = {
        "sender": ALICE,
        "to": (BRUNO,),
        "cc": (),
        "subject": "Alice Martin Calendar",
        "text": "Hello\n\nBusy\n",
        "html": "<p>Busy</p>\n",
        "ics": b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
        "filename": "Alice Martin Calendar.ics",
        "date": datetime(2026, 11, 22, 8, tzinfo=UTC),
        "token": "0123456789abcdef",
    }
    return Letter(**(usual | fields))


def test_the_message_is_text_page_and_calendar() -> None:
    message = message_from_bytes(write(letter()))
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/calendar",
    ]


def test_method_and_mime_parameter_agree() -> None:
    calendar = list(message_from_bytes(write(letter())).walk())[-1]
    found = [calendar.get_param("method"), calendar.get_param("charset"), calendar.get_content_disposition()]
    assert found == ["PUBLISH", "utf-8", "attachment"]


def test_the_headers_are_these_and_no_others() -> None:
    assert list(message_from_bytes(write(letter())).keys()) == HEADERS


def test_bcc_recipients_are_no_part_of_the_message() -> None:
    assert not hasattr(letter(), "bcc")


def test_the_message_id_has_the_senders_domain_and_not_this_machines() -> None:
    assert message_from_bytes(write(letter()))["Message-ID"] == "<0123456789abcdef@example.org>"


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Alice Martin Calendar", "Alice Martin Calendar.ics"),
        ("Élodie Calendar", "Élodie Calendar.ics"),
        ("../../etc/passwd", "etc passwd.ics"),
        ("a\r\nb\x00c", "a b c.ics"),
        ('..."', "Calendar.ics"),
        ("=?utf-8?q?x?=", "utf-8 q x.ics"),
    ],
)
def test_the_files_name_is_safe_everywhere(title: str, name: str) -> None:
    assert file_name(title) == name


@pytest.mark.parametrize("name", ["Élodie Müller Calendar.ics", "日本語" * 10 + ".ics", "a'b.ics"])
def test_a_files_name_in_any_script_is_read_back(name: str) -> None:
    asked = letter(filename=name)
    data = write(asked)
    verify(data, asked)
    assert [part.get_filename() for part in message_from_bytes(data).walk() if part.get_filename()] == [name]


@pytest.mark.parametrize("subject", ["a\x85b", "a\u2028b", "a\x0bb", "a\x0cb", "a\tb", "a\rb", "a\nb"])
def test_odd_line_breaks_in_a_subject_become_blanks(subject: str) -> None:
    asked = letter(subject=subject)
    verify(write(asked), asked)
    assert message_from_bytes(write(asked))["Subject"] == "a b"


def test_an_encoded_word_in_a_name_puts_nothing_on_the_wire() -> None:
    trap = "=?utf-8?q?Team=0D=0ABcc:_eve=40example.net?="
    asked = letter(sender=Address("alice@example.org", trap), subject=trap, filename=file_name(trap))
    data = write(asked)
    verify(data, asked)
    parsed = message_from_bytes(data, policy=email.policy.default)
    assert list(parsed.keys()) == HEADERS
    assert "eve@example.net" not in str(parsed["Subject"]) + str(parsed["From"])


@pytest.mark.parametrize("address", ["=?utf-8?q?a?=@example.org", "a b@example.org", "a@", "@b", "a\r\n@b", "a@b,c@d"])
def test_what_is_no_single_address_is_refused(address: str) -> None:
    with pytest.raises(UsageError):
        write(letter(to=(Address(address),)))


def test_domains_go_out_in_ascii() -> None:
    assert wire_address("bruno@exämple.org") == "bruno@xn--exmple-cua.org"


def changed(old: bytes, new: bytes) -> bytes:
    data = write(letter())
    assert old in data
    return data.replace(old, new, 1)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"To: Bruno", b"Bcc: eve@example.net\r\nTo: Bruno"),
        (b"<bruno@example.org>", b"<bruno@example.org>, eve@example.net"),
        (b"<bruno@example.org>", b"<eve@example.net>"),
        (b"From: Alice", b"From: Eve"),
        (b"Subject: Alice", b"Subject: =?utf-8?q?x?= Alice"),
        (b"Hello", b"Goodbye"),
        (b"<p>Busy", b"<p>Free"),
        (b"method=PUBLISH", b"method=REQUEST"),
        (b"Content-Type: text/html", b"X-Other: 1\r\nContent-Type: text/html"),
        (b"Alice Martin Calendar.ics", b"Alice Martin Diary.ics"),
        (b"QkVHSU46", b"QkVHSU47"),
        (b"MIME-Version: 1.0\r\n", b"MIME-Version: 1.0\n"),
    ],
)
def test_a_message_that_says_something_else_is_refused(old: bytes, new: bytes) -> None:
    with pytest.raises(Refused):
        verify(changed(old, new), letter())


PIECES = (
    *("\r\n", "\n", "\r", "\x00", "\x85", "\u2028", "\u2029", "\x0b", "\x0c", "\x1b[31m", "\ufeff", "\u202e", "\ud800"),
    *("=?utf-8?q?Team=0D=0ABcc:_x=40evil?=", "=?utf-8?b?DQpCY2M6IGV2ZUBleGFtcGxlLm5ldA==?=", "=?", "?=", "=0D=0A"),
    *("Bcc: eve@example.net", "\r\nBcc: eve@example.net\r\n\r\n", "Content-Type: text/html", "--=_0123456789abcdef_m"),
    *(
        ",",
        ";",
        ":",
        '"',
        "\\",
        "<",
        ">",
        "(",
        ")",
        "[",
        "]",
        "@",
        " ",
        "\t",
        ".",
        "\r\n.\r\n",
        "\nFrom ",
        "é",
        "日本",
        "𝔘",
    ),
    *("Alice", "x" * 90, "word " * 30, "eve@example.net", "<eve@example.net>", "a, b", "%0d%0a", "&#13;&#10;"),
)


def hostile(source: random.Random) -> str:
    return "".join(source.choice(PIECES) for _n in range(source.randint(0, 8)))


@soak("mail: hostile names and subjects", TRIALS // 6)
@pytest.mark.parametrize("seed", range(6))
def test_hostile_names_and_subjects_add_no_header_recipient_or_line(seed: int) -> None:
    source = chance(seed)
    for _trial in range(TRIALS // 6):
        text = paragraphs(hostile(source)) + "\n"
        asked = letter(
            sender=Address("alice@example.org", hostile(source)),
            to=(Address("bruno@example.org", hostile(source)), Address("clara@example.net", hostile(source))),
            subject=hostile(source),
            filename=file_name(hostile(source)),
            text=text,
        )
        data = write(asked)
        verify(data, asked)
        message = message_from_bytes(data)
        assert list(message.keys()) == HEADERS
        found = [address for _name, address in read_addresses(message["To"].replace("\r\n", ""))]
        assert found == ["bruno@example.org", "clara@example.net"]
        body = list(message.walk())[2].get_payload(decode=True)
        assert body.decode().replace("\r\n", "\n").rstrip("\n") == text.rstrip("\n")
        assert max(map(len, data.split(b"\r\n"))) <= LONGEST_LINE


@soak("mail: hostile addresses", TRIALS // 3)
@pytest.mark.parametrize("seed", range(3))
def test_hostile_addresses_are_refused_or_stay_one_recipient(seed: int) -> None:
    source = chance(seed)
    for _trial in range(TRIALS // 3):
        address = hostile(source) + source.choice(("", "@", "@example.org")) + source.choice(("", "", hostile(source)))
        try:
            data = write(letter(to=(Address(address),)))
        except UsageError:
            continue
        headers = message_from_bytes(data)
        assert list(headers.keys()) == HEADERS
        value = data.split(b"\r\nTo: ")[1].split(b"\r\n")[0].decode()
        assert [found for _name, found in getaddresses([value])] == [wire_address(address)]


def test_the_standard_librarys_new_parser_reads_the_same_names() -> None:
    asked = letter(to=(Address("bruno@example.org", 'B. "x", Ünal'), replace(BRUNO, name="O'Neil; =2")))
    parsed = message_from_bytes(write(asked), policy=email.policy.default)
    assert [(one.display_name, one.addr_spec) for one in parsed["To"].addresses] == [
        (header_line(one.name), one.address) for one in asked.to
    ]
