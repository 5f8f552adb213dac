"""Mail from anybody is read as text, within bounds, and nothing of it is fetched, run or written."""

from __future__ import annotations

import base64
import random
import socket
from datetime import UTC, datetime

import pytest

from core.sharing.detail import DetailLevel
from core.sharing.incoming import MessageKind, level_of, read_message

ICS = (
    b"BEGIN:VCALENDAR\r\nMETHOD:%s\r\nX-WR-CALNAME:Alice \\, work\r\n"
    b"BEGIN:VEVENT\r\nUID:1\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


def mail(*parts: bytes, head: bytes = b"", boundary: bytes = b"b", subtype: bytes = b"mixed") -> bytes:
    start = b"From: Alice Martin <alice@example.org>\r\nSubject: Calendar\r\nMessage-ID: <1@example.org>\r\n" + head
    start += b"Content-Type: multipart/" + subtype + b'; boundary="' + boundary + b'"\r\n\r\n'
    return (
        start + b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts) + b"--" + boundary + b"--\r\n"
    )


def calendar(
    method: bytes = b"PUBLISH", head: bytes = b"Content-Type: text/calendar", data: bytes | None = None
) -> bytes:
    return head + b"\r\n\r\n" + (ICS % method if data is None else data)


TEXT = b"Content-Type: text/plain; charset=utf-8\r\n\r\nHello Bruno"


def test_sender_subject_and_id_are_read():
    message = read_message(mail(TEXT, head=b"Date: Sun, 22 Nov 2026 10:00:00 +0100\r\n"))
    assert (message.sender.address, message.sender.name, message.subject, message.message_id, message.date) == (
        "alice@example.org",
        "Alice Martin",
        "Calendar",
        "<1@example.org>",
        datetime(2026, 11, 22, 9, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("method", "kind"),
    [
        (b"PUBLISH", MessageKind.SNAPSHOT),
        (b"REQUEST", MessageKind.MEETING),
        (b"REPLY", MessageKind.MEETING),
        (b"CANCEL", MessageKind.MEETING),
    ],
)
def test_the_method_says_what_kind_of_message_it_is(method, kind):
    assert read_message(mail(TEXT, calendar(method))).kind is kind


def test_a_calendar_without_a_method_is_a_snapshot():
    data = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"
    assert read_message(mail(TEXT, calendar(data=data))).kind is MessageKind.SNAPSHOT


def test_a_message_without_a_calendar_is_an_ordinary_one():
    assert read_message(mail(TEXT)).kind is MessageKind.OTHER


@pytest.mark.parametrize(
    ("flavor", "kind"),
    [
        (b"20310", MessageKind.INVITATION),
        (b"310", MessageKind.INVITATION),
        (b"20710", MessageKind.INVITATION),
        (b"23310", MessageKind.INVITATION),
        (b"20500", MessageKind.REQUEST),
        (b"25100", MessageKind.RESPONSE),
    ],
)
def test_outlooks_sharing_flavours_are_known(flavor, kind):
    head = b"Content-Class: Sharing\r\nx-sharing-flavor: " + flavor + b"\r\nx-sharing-remote-name: Work\r\n"
    message = read_message(mail(TEXT, head=head))
    assert (message.kind, message.shared_name) == (kind, "Work")


def test_sharing_metadata_alone_is_an_invitation():
    part = b"Content-Type: application/x-sharing-metadata-xml\r\n\r\n<SharingMessage><Invitation/></SharingMessage>"
    assert read_message(mail(TEXT, part)).kind is MessageKind.INVITATION


def test_a_calendar_in_base64_is_decoded():
    head = b"Content-Type: text/calendar\r\nContent-Transfer-Encoding: base64"
    message = read_message(mail(calendar(head=head, data=base64.encodebytes(ICS % b"PUBLISH"))))
    assert message.calendars[0].data == ICS % b"PUBLISH"


def test_a_calendar_in_an_alternative_and_attached_again_is_there_once():
    assert len(read_message(mail(calendar(), calendar())).calendars) == 1


def test_a_calendar_in_a_forwarded_message_is_found():
    inner = b"Content-Type: message/rfc822\r\n\r\n" + mail(TEXT, calendar(), boundary=b"inner")
    assert len(read_message(mail(TEXT, inner)).calendars) == 1


def test_the_calendars_own_name_is_its_title():
    assert read_message(mail(calendar())).calendars[0].title == "Alice , work"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (b"../../etc/passwd.ics", "passwd.ics"),
        (b"..\\\\..\\\\boot.ics", "boot.ics"),
        (b"/etc/shadow.ics", "shadow.ics"),
        (b".hidden.ics", "hidden.ics"),
        (b"a\x1b]52;c;x\x07.ics", "a ]52;c;x .ics"),
    ],
)
def test_a_file_name_has_no_folders_and_no_control_characters(name, shown):
    head = b'Content-Type: application/octet-stream; name="' + name + b'"'
    assert read_message(mail(calendar(head=head))).calendars[0].name == shown


def test_html_alone_becomes_text_without_scripts_and_links():
    html = b'Content-Type: text/html\r\n\r\n<style>x</style><p>Hello&nbsp;<a href="http://x/">there</a></p><script>1</script>'
    message = read_message(mail(html, calendar()))
    assert message.text == "Hello there"


@pytest.mark.parametrize("number", [b"9" * 5_000, b"0" * 5_000 + b"65", b"1114112", b"x" + b"f" * 5_000])
def test_a_number_in_html_that_is_no_character_stands_for_one_that_cannot_be_shown(number):
    message = read_message(mail(b"Content-Type: text/html\r\n\r\n<p>a&#" + number + b";b</p>", calendar()))
    assert message.text == "a\ufffdb"


def test_the_plain_text_is_preferred():
    html = b"Content-Type: text/html\r\n\r\n<p>other</p>"
    assert read_message(mail(TEXT, html)).text == "Hello Bruno"


@pytest.mark.parametrize("charset", [b"zip", b"unicode_escape", b"idna", b"no-such", b"utf-7"])
def test_a_charset_that_is_none_of_mail_is_not_used(charset):
    part = b"Content-Type: text/plain; charset=" + charset + b"\r\n\r\n+AGE-\\x41"
    assert read_message(mail(part)).text == "+AGE-\\x41"


def test_an_encoded_subject_cannot_begin_a_new_line():
    head = b"Subject: =?utf-8?q?Team=0D=0ABcc:_x?=\r\n"
    assert "\n" not in read_message(head + mail(TEXT)).subject


@pytest.mark.parametrize(
    "field", [b"", b"From: \r\n", b"From: <<>>\r\n", b"From: =?utf-8?b?////?=\r\n", b"From: a@\r\n"]
)
def test_a_sender_that_is_none_is_none(field):
    assert read_message(field + b"Subject: x\r\n\r\nbody").sender is None


def test_the_senders_name_may_be_encoded():
    message = read_message(b"From: =?utf-8?q?Bruno_Lef=C3=A8vre?= <bruno@example.org>\r\n\r\nx")
    assert message.sender.name == "Bruno Lefèvre"


# --- hostile ----------------------------------------------------------------------------------------------------------


def nested(depth: int) -> bytes:
    body = b"Content-Type: text/calendar\r\n\r\n" + ICS % b"PUBLISH"
    for number in range(depth):
        mark = b"b%d" % number
        body = b"Content-Type: multipart/mixed; boundary=" + mark + b"\r\n\r\n--" + mark + b"\r\n" + body
        body += b"\r\n--" + mark + b"--\r\n"
    return b"From: a@example.org\r\n" + body


def test_ordinary_nesting_is_read():
    assert len(read_message(nested(6)).calendars) == 1


@pytest.mark.parametrize(
    "data",
    [
        nested(2000),
        mail(*[TEXT] * 20_000),
        mail(*[b"Content-Type: message/rfc822\r\n\r\n"] * 5000),
        b"Content-Type: multipart/mixed\r\n\r\n" + b"--\r\n" * 100_000,
        b'Content-Type: multipart/mixed; boundary=""\r\n\r\n' + b"--\r\n" * 100_000,
        b"X: y\r\n" * 200_000,
        b"Subject: " + b"=?utf-8?b?QQ==?= " * 50_000 + b"\r\n\r\nx",
        b"From: " + b"(" * 100_000 + b"\r\n\r\nx",
        b"From: " + b'"<@,' * 50_000 + b"\r\n\r\nx",
        b"Content-Type: text/html\r\n\r\n" + b"<a " * 100_000,
        b"Content-Type: text/html\r\n\r\n" + b"<!--" * 100_000,
        b"Content-Type: text/html\r\n\r\n" + b"&#" * 200_000,
        b"Content-Type: text/plain; " + b"a*0*=x;" * 20_000 + b"\r\n\r\nx",
        mail(b"Content-Type: text/calendar\r\nContent-Transfer-Encoding: base64\r\n\r\n" + b"=" * 3_000_000),
        mail(b"Content-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" + b"=3D=\n" * 500_000),
        b"",
        b"\0" * 100_000,
        bytes(range(256)) * 1000,
    ],
    ids=lambda data: f"{data[:24]!r}-{len(data)}",
)
def test_hostile_mail_is_answered(data):
    assert read_message(data).kind in MessageKind


def test_fifty_megabytes_are_read():
    assert (
        len(read_message(mail(b"Content-Type: application/zip\r\n\r\n" + b"x" * 75 * 700_000, calendar())).calendars)
        == 1
    )


def test_nothing_is_fetched(monkeypatch):
    def never(*_arguments, **_named):
        raise AssertionError("a connection was made")

    monkeypatch.setattr(socket, "socket", never)
    html = b'Content-Type: text/html\r\n\r\n<img src="http://127.0.0.1/x"><iframe src="file:///etc/passwd"></iframe>'
    external = b'Content-Type: message/external-body; access-type=URL; URL="http://127.0.0.1/x.ics"; name=a.ics\r\n\r\n'
    assert read_message(mail(html, external, calendar())).kind is MessageKind.SNAPSHOT


def test_mutants_of_a_real_message_are_answered():
    chance = random.Random(7)
    good = mail(
        TEXT, calendar(), head=b"Date: Sun, 22 Nov 2026 10:00:00 +0100\r\nReceived: x; Sun, 22 Nov 2026 10:00\r\n"
    )
    for _n in range(2000):
        mutant = bytearray(good)
        for _m in range(chance.randint(1, 20)):
            mutant[chance.randrange(len(mutant))] = chance.randrange(256)
        assert read_message(bytes(mutant)).kind in MessageKind


# --- levels -----------------------------------------------------------------------------------------------------------


def events(*lines: str) -> bytes:
    return "\r\n".join(["BEGIN:VCALENDAR", "BEGIN:VEVENT", "UID:1", *lines, "END:VEVENT", "END:VCALENDAR", ""]).encode()


@pytest.mark.parametrize(
    ("data", "level"),
    [
        (events("SUMMARY:Busy", "TRANSP:OPAQUE"), DetailLevel.AVAILABILITY),
        (events("SUMMARY;LANGUAGE=fr:Absent(e) du bureau"), DetailLevel.AVAILABILITY),
        (events("SUMMARY:Project review"), DetailLevel.LIMITED),
        (events("SUMMARY:Project review", "LOCATION:Room 1"), DetailLevel.FULL),
        (b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", None),
    ],
)
def test_the_level_shows_in_what_the_events_hold(data, level):
    assert level_of(data) is level
