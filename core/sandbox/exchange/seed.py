"""The organisation of the sandbox: Alice's and Bruno's mailboxes at example.org. Clara is outside."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from core.sandbox.calendars import calendars_of, office_of
from core.sandbox.exchange.convert import store_object
from core.sandbox.exchange.model import Organisation
from core.sandbox.people import ALICE, BRUNO


def organisation(language: str = "en", *, empty: bool = False, apart: bool = False) -> Organisation:
    """Mailboxes with the folders that each has; Calendar holds the person's working year unless it shall be empty.

    `apart`: instead of the year that the person's local calendar has too, one of the office's own.
    """
    made = Organisation()
    for person in (ALICE, BRUNO):
        mailbox = made.add_mailbox(person.key, person.name, person.address, person.zone)
        if empty:
            continue
        today = datetime.now(ZoneInfo(person.zone)).date()
        year = office_of(person, today, language) if apart else calendars_of(person, today, language)[0]
        for thing in year.objects:
            store_object(made, mailbox.distinguished["calendar"], thing)
    return made
