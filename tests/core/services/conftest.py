"""A clock that stands still, and transports that do what a test says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest

from core.ports.mail import Delivery, Envelope, RecipientResult


class StillClock:
    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)

    @property
    def zone(self) -> tzinfo:
        return ZoneInfo("Europe/Paris")

    def now(self) -> datetime:
        return self.moment.astimezone(self.zone)

    def pass_by(self, **span: float) -> None:
        self.moment += timedelta(**span)


class Transport:
    """Answers each send by the next of `answers` (an exception, or a function of the envelope); then all is sent."""

    account = "mail"

    def __init__(self, *answers: object) -> None:
        self.answers = list(answers)
        self.seen: list[Envelope] = []

    async def send(self, envelope: Envelope):
        self.seen.append(envelope)
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, BaseException):
            raise answer
        if callable(answer):
            made = answer(envelope)
            return await made if hasattr(made, "__await__") else made
        return [RecipientResult(address, Delivery.SENT) for address in envelope.recipients]

    async def check(self) -> str:
        return "fine"


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def transport() -> Callable[..., Transport]:
    return Transport
