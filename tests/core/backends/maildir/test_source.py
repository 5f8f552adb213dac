"""A Maildir is listed quickly and never changed."""

from __future__ import annotations

import os
from datetime import UTC, datetime

import pytest

from core.backends.maildir import MaildirSource, deliver
from core.errors import Cancelled, NotFound, StorageError

ICS = b"BEGIN:VCALENDAR\r\nMETHOD:PUBLISH\r\nEND:VCALENDAR\r\n"
PLAIN = b"From: clara@example.net\r\nSubject: Hello\r\nContent-Type: text/plain\r\n\r\nSee text/calendar and a.ics\r\n"


def with_calendar(subject: str = "Calendar", filler: int = 0, head: str = "text/calendar; method=PUBLISH") -> bytes:
    return (
        f"From: Clara <clara@example.net>\r\nSubject: {subject}\r\nMessage-ID: <{subject}@example.net>\r\n"
        'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nHello'
        f"{' x' * filler}\r\n--b\r\nContent-Type: {head}\r\n\r\n"
    ).encode() + ICS + b"\r\n--b--\r\n"  # fmt: skip


@pytest.fixture
def maildir(tmp_path):
    folder = tmp_path / "Maildir"
    deliver(folder, PLAIN)
    return folder


def snapshot(folder):
    return {
        str(p): (p.stat().st_mtime_ns, p.stat().st_ino, p.read_bytes() if p.is_file() else b"")
        for p in folder.rglob("*")
    }


async def subjects(folder) -> list[str]:
    return [ref.subject for ref in await MaildirSource("inbox", folder).messages()]


async def test_a_message_that_only_speaks_of_calendars_is_not_listed(maildir):
    assert await subjects(maildir) == []


async def test_a_message_with_a_calendar_is_listed(maildir):
    deliver(maildir, with_calendar())
    assert await subjects(maildir) == ["Calendar"]


async def test_a_calendar_behind_a_long_text_is_found(maildir):
    deliver(maildir, with_calendar(filler=500_000))
    assert await subjects(maildir) == ["Calendar"]


async def test_an_attachment_that_is_only_named_ics_is_found(maildir):
    deliver(maildir, with_calendar(head='application/octet-stream; name="week.ics"'))
    assert await subjects(maildir) == ["Calendar"]


async def test_a_sharing_invitation_is_listed(maildir):
    deliver(maildir, b"From: a@example.org\r\nSubject: Shared\r\nx-sharing-flavor: 20310\r\n\r\nLook\r\n")
    assert await subjects(maildir) == ["Shared"]


async def test_messages_are_listed_oldest_first(maildir):
    for number, name in enumerate(("first", "second", "third")):
        path = deliver(maildir, with_calendar(name))
        os.utime(path, (1_000_000 + number, 1_000_000 + number))
    assert await subjects(maildir) == ["first", "second", "third"]


async def test_the_time_is_that_of_the_last_server(maildir):
    deliver(maildir, b"Received: from x by y; Sun, 01 Nov 2026 10:00:00 +0100\r\n" + with_calendar())
    (ref,) = await MaildirSource("inbox", maildir).messages()
    assert ref.received == datetime(2026, 11, 1, 9, tzinfo=UTC)


async def test_listing_and_reading_change_nothing(maildir):
    deliver(maildir, with_calendar())
    before = snapshot(maildir)
    source = MaildirSource("inbox", maildir)
    await source.read((await source.messages())[0].id)
    assert snapshot(maildir) == before


async def test_a_message_keeps_its_id_when_another_program_marks_it(maildir):
    path = deliver(maildir, with_calendar())
    source = MaildirSource("inbox", maildir)
    before = (await source.messages())[0].id
    path.rename(maildir / "cur" / f"{path.name}:2,S")
    assert (await source.messages())[0].id == before


async def test_a_message_that_was_looked_into_is_not_read_again(maildir, monkeypatch):
    deliver(maildir, with_calendar())
    source = MaildirSource("inbox", maildir)
    await source.messages()
    monkeypatch.setattr("core.backends.maildir.source._content_if_it_carries", None)
    assert len(await source.messages()) == 1


async def test_a_message_is_read_whole(maildir):
    deliver(maildir, with_calendar())
    source = MaildirSource("inbox", maildir)
    assert await source.read((await source.messages())[0].id) == with_calendar()


async def test_a_message_that_is_gone_is_said(maildir):
    with pytest.raises(NotFound):
        await MaildirSource("inbox", maildir).read("nothing")


async def test_links_and_pipes_in_the_folder_are_left_alone(maildir, tmp_path):
    secret = tmp_path / "secret"
    secret.write_bytes(with_calendar("secret"))
    os.symlink(secret, maildir / "new" / "link")
    os.mkfifo(maildir / "new" / "pipe")
    assert await subjects(maildir) == []


async def test_a_folder_among_the_messages_is_left_alone(maildir):
    (maildir / "new" / "subfolder").mkdir()
    deliver(maildir, with_calendar("found"))
    before = len(os.listdir("/proc/self/fd"))
    assert await subjects(maildir) == ["found"]
    assert len(os.listdir("/proc/self/fd")) == before


async def test_a_folder_that_is_no_maildir_is_named(tmp_path):
    with pytest.raises(StorageError, match=str(tmp_path)):
        await MaildirSource("inbox", tmp_path).messages()


async def test_a_long_look_can_be_stopped(maildir):
    def stop(done: int, total: int, what: str) -> None:
        raise Cancelled("stop")

    with pytest.raises(Cancelled):
        await MaildirSource("inbox", maildir).messages(stop)
