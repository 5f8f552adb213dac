"""The clock, the address book, passwords, progress and consent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo
from typing import Protocol

from core.calendar.people import Address


class Progress(Protocol):
    """Told how far long work is; raises Cancelled to stop it. `total` is 0 while nobody knows."""

    def __call__(self, done: int, total: int, what: str) -> None: ...


class Directory(Protocol):
    """Somewhere names are looked up while one types a recipient."""

    async def complete(self, text: str, limit: int = 8) -> Sequence[Address]:
        """People whose name or address matches; an unreachable directory gives none."""
        ...


class Secrets(Protocol):
    """Passwords. Never stored by this program."""

    async def password(self, account: str) -> str:
        """Raises SignInFailed when there is none, with the reason of the command that should have given it."""
        ...

    def forget(self, account: str) -> None:
        """It was refused: it is to be read anew the next time."""
        ...


class Clock(Protocol):
    """The time and the person's zone; tests hold it still."""

    @property
    def zone(self) -> tzinfo:
        """The zone that times are shown in, and that words such as “tomorrow” are meant in."""
        ...

    def now(self) -> datetime:
        """Aware, in the person's zone."""
        ...


Consent = Callable[[str], bool]
"""Asks a person a question that is about something leaving the machine."""
