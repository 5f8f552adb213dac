"""What every MailTransport keeps. A backend's tests give the fixture `post`."""

from __future__ import annotations

from abc import ABC, abstractmethod

import pytest

from core.errors import DeliveryUnknown, TransportError
from core.ports.mail import Delivery, Envelope, MailTransport
from tests.patience import cancelled_within

CONTENT = (
    b"Message-ID: <contract@example.org>\r\nFrom: alice@example.org\r\nTo: bruno@example.org\r\n\r\n"
    b"Hello\r\n.\r\n.a line with a dot\r\nFrom here on\r\n"
)


def letter(*to: str) -> Envelope:
    return Envelope("<contract@example.org>", "alice@example.org", to or ("bruno@example.org",), CONTENT)


class Post(ABC):
    """One transport with the world behind it."""

    @abstractmethod
    def transport(self) -> MailTransport:
        """One that works."""

    @abstractmethod
    def broken(self) -> MailTransport:
        """One whose other side is not there."""

    @abstractmethod
    def silent(self) -> MailTransport:
        """One whose other side takes everything and never answers."""

    @abstractmethod
    def received(self) -> list[bytes]:
        """What arrived, once for each recipient or once for all."""


class MailTransportContract:
    async def test_every_recipient_is_answered_once(self, post: Post):
        to = ("bruno@example.org", "clara@example.net")
        results = await post.transport().send(letter(*to))
        assert [(r.address, r.delivery) for r in results] == [(address, Delivery.SENT) for address in to]

    async def test_the_message_arrives_unchanged(self, post: Post):
        await post.transport().send(letter())
        (arrived,) = post.received()
        assert arrived.replace(b"\r\n", b"\n").endswith(CONTENT.replace(b"\r\n", b"\n"))

    async def test_without_the_other_side_nothing_was_handed_over(self, post: Post):
        with pytest.raises(TransportError) as caught:
            await post.broken().send(letter())
        assert not isinstance(caught.value, DeliveryUnknown)

    async def test_an_error_says_what_to_do(self, post: Post):
        with pytest.raises(TransportError) as caught:
            await post.broken().send(letter())
        assert caught.value.message
        assert caught.value.hint

    async def test_without_an_answer_nobody_can_know(self, post: Post):
        with pytest.raises(DeliveryUnknown):
            await post.silent().send(letter())

    async def test_a_cancellation_after_the_handover_is_at_once_and_says_that_nobody_can_know(self, post: Post):
        assert isinstance(await cancelled_within(lambda: post.silent().send(letter()), 0.2), DeliveryUnknown)

    async def test_check_says_something_in_one_line(self, post: Post):
        said = await post.transport().check()
        assert said
        assert "\n" not in said

    async def test_check_says_what_is_missing(self, post: Post):
        with pytest.raises(TransportError):
            await post.broken().check()
