"""The organisation of the sandbox: Alice's and Bruno's mailboxes at example.org. Clara is outside."""

from __future__ import annotations

from core.sandbox.exchange.model import Organisation
from core.sandbox.people import ALICE, BRUNO

DOMAIN = "example.org"


def organisation() -> Organisation:
    """Mailboxes with the folders that each has."""
    made = Organisation()
    for person in (ALICE, BRUNO):
        made.add_mailbox(person.key, person.name, person.address, person.zone)
    return made
