"""The three people of the sandbox. Alice and Bruno work at example.org, Clara is outside."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from pathlib import Path

from core.calendar.people import Address
from core.errors import UsageError
from core.language import _
from core.values import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in the sandbox."""

    key: str
    """As `demo --as` names them, and the user name on every server."""
    name: str
    address: str
    zone: str

    @property
    def mailbox(self) -> Address:
        """Name and address."""
        return Address(self.address, self.name)


ALICE = Person("alice", "Alice Martin", "alice@example.org", "Europe/Paris")
BRUNO = Person("bruno", "Bruno Lefèvre", "bruno@example.org", "Europe/Paris")
CLARA = Person("clara", "Clara Novak", "clara@example.net", "Europe/London")
PEOPLE = (ALICE, BRUNO, CLARA)


def person_named(key: str) -> Person:
    """The person of that key. Raises UsageError."""
    for person in PEOPLE:
        if person.key == key.strip().lower():
            return person
    raise UsageError(
        _("There is nobody called “{name}” in the sandbox.").format(name=key), _("Choose alice, bruno or clara.")
    )


@dataclass(frozen=True, slots=True)
class Accounts:
    """This run's passwords and mailboxes, by the people's keys. One password of a person serves all servers."""

    passwords: Mapping[str, str]
    maildirs: Mapping[str, Path]

    @classmethod
    def fresh(cls, root: Path) -> Accounts:
        """New passwords, and mailboxes below `root` (made at the first delivery)."""
        return cls(
            {person.key: secrets.token_urlsafe(18) for person in PEOPLE},
            {person.key: root / person.key / "Maildir" for person in PEOPLE},
        )
