"""What every MessageSource keeps. A backend's tests give the fixture `mailbox`."""

from __future__ import annotations

from abc import ABC, abstractmethod

import pytest

from core.errors import NotFound
from core.ports.mail import MessageSource

PLAIN = b"From: clara@example.net\r\nSubject: Hello\r\nMessage-ID: <p@example.net>\r\n\r\nNo calendar\r\n"


def with_calendar(number: int) -> bytes:
    return (
        b"Received: x; Sun, 22 Nov 2026 10:0%d:00 +0000\r\nFrom: Clara Novak <clara@example.net>\r\n"
        b"Subject: Week %d\r\nMessage-ID: <%d@example.net>\r\nContent-Type: text/calendar; method=PUBLISH\r\n\r\n"
        b"BEGIN:VCALENDAR\r\nMETHOD:PUBLISH\r\nEND:VCALENDAR\r\n" % (number, number, number)
    )


class Mailbox(ABC):
    """One source with its mailbox."""

    @abstractmethod
    def source(self) -> MessageSource: ...

    @abstractmethod
    def put(self, message: bytes) -> None: ...

    @abstractmethod
    def state(self) -> object:
        """Everything that a change would change."""


class MessageSourceContract:
    async def test_an_empty_mailbox_has_no_messages(self, mailbox: Mailbox):
        assert list(await mailbox.source().messages()) == []

    async def test_only_messages_that_carry_a_calendar_are_listed(self, mailbox: Mailbox):
        mailbox.put(PLAIN)
        mailbox.put(with_calendar(1))
        assert [ref.subject for ref in await mailbox.source().messages()] == ["Week 1"]

    async def test_a_message_is_listed_with_its_sender_and_account(self, mailbox: Mailbox):
        mailbox.put(with_calendar(1))
        source = mailbox.source()
        (ref,) = await source.messages()
        assert (ref.sender.address, ref.sender.name, ref.account) == (
            "clara@example.net",
            "Clara Novak",
            source.account,
        )

    async def test_messages_come_oldest_first(self, mailbox: Mailbox):
        for number in (2, 3, 1):
            mailbox.put(with_calendar(number))
        assert [ref.subject for ref in await mailbox.source().messages()] == ["Week 1", "Week 2", "Week 3"]

    async def test_a_listed_message_is_read_byte_for_byte(self, mailbox: Mailbox):
        mailbox.put(with_calendar(1))
        source = mailbox.source()
        assert await source.read((await source.messages())[0].id) == with_calendar(1)

    async def test_ids_stay_between_looks(self, mailbox: Mailbox):
        mailbox.put(with_calendar(1))
        assert (await mailbox.source().messages())[0].id == (await mailbox.source().messages())[0].id

    async def test_a_new_message_is_seen_at_the_next_look(self, mailbox: Mailbox):
        source = mailbox.source()
        await source.messages()
        mailbox.put(with_calendar(1))
        assert len(await source.messages()) == 1

    async def test_nothing_is_changed(self, mailbox: Mailbox):
        mailbox.put(with_calendar(1))
        before, source = mailbox.state(), mailbox.source()
        await source.read((await source.messages())[0].id)
        assert mailbox.state() == before

    async def test_a_message_that_is_not_there_is_said(self, mailbox: Mailbox):
        with pytest.raises(NotFound):
            await mailbox.source().read("nothing")
