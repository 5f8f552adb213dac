"""The organisation's address book (ResolveNames): implements `core.ports.Directory`."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.backends.exchange.session import ExchangeSession
from core.calendar.people import Address, parse_address, unique
from core.errors import PartagendaError, UsageError

if TYPE_CHECKING:
    from exchangelib import Account

_SECONDS = 4.0
"""Somebody is typing."""
_ENOUGH_TO_ASK = 2
_MOST_KEPT = 200


class ExchangeDirectory:
    """People of the address book. What was asked once is remembered for as long as the program runs."""

    def __init__(self, session: ExchangeSession) -> None:
        self._session = session
        self._asked: dict[str, tuple[Address, ...]] = {}

    async def complete(self, text: str, limit: int = 8) -> Sequence[Address]:
        """Whose name or address begins so; an unreachable server gives none."""
        wanted = text.strip().casefold()
        if len(wanted) < _ENOUGH_TO_ASK:
            return []
        if wanted not in self._asked:
            try:
                found = await self._session.run(lambda account: tuple(resolve(account, wanted)), _SECONDS)
            except PartagendaError:  # completion never stops anybody from typing
                return []
            if len(self._asked) > _MOST_KEPT:
                self._asked.clear()
            self._asked[wanted] = found
        return self._asked[wanted][:limit]


def resolve(account: Account, text: str) -> list[Address]:
    """What the server makes of a part of a name. In the session's threads."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that there are more than a hundred is said by a warning
        found = account.protocol.resolve_names(names=[text], search_scope="ActiveDirectoryContacts")
    people = []
    for box in found:
        address = getattr(box, "email_address", None)
        if not address:
            continue
        try:
            people.append(Address(parse_address(address).address, box.name or ""))
        except UsageError:
            continue
    return list(unique(people))


def name_of(account: Account, address: str) -> str:
    """What somebody is called; empty when the server does not know."""
    for person in resolve(account, address):
        if person.address.casefold() == address.casefold():
            return person.name
    return ""
