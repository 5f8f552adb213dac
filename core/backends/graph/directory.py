"""The port Directory: people one works with, then the organisation's."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from core.backends.graph.boundary import reads
from core.backends.graph.wire import Json
from core.calendar.people import Address, parse_address, unique
from core.errors import PartagendaError, UsageError

if TYPE_CHECKING:
    from core.backends.graph.session import Session

_SHORTEST = 2
_KEPT = 200


class GraphDirectory:
    """Implements `core.ports.Directory`. What was asked is remembered while the program runs."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[str, tuple[Address, ...]] = {}

    async def complete(self, text: str, limit: int = 8) -> Sequence[Address]:
        """People whose name or address begins so; none while the server cannot be asked."""
        wanted = " ".join("".join(" " if sign in '"\\:' else sign for sign in text).split())
        if len(wanted) < _SHORTEST:
            return ()
        if wanted.lower() not in self._known:
            try:
                found = await self._ask(wanted, limit)
            except PartagendaError:
                return ()
            if len(self._known) > _KEPT:
                self._known.clear()
            self._known[wanted.lower()] = found
        return self._known[wanted.lower()][:limit]

    @reads
    async def _ask(self, wanted: str, limit: int) -> tuple[Address, ...]:
        words = f'"displayName:{wanted}" OR "mail:{wanted}"'
        near, all_people = await asyncio.gather(
            self._session.get("me/people", search=f'"{wanted}"', top=str(limit)),
            self._session.ask(
                "GET",
                "users",
                query={"$search": words, "$top": str(limit), "$select": "displayName,mail,userPrincipalName"},
                headers={"ConsistencyLevel": "eventual"},
            ),
        )
        people = [*(near.get("value") or []), *(all_people.json.get("value") or [])]
        return unique(address for one in people for address in _addresses(one))


def _addresses(one: Json) -> Iterator[Address]:
    scored = [str(each.get("address") or "") for each in one.get("scoredEmailAddresses") or ()]
    for address in (*scored, str(one.get("mail") or "")):
        if address:
            try:
                found = parse_address(address)
            except UsageError:
                continue
            yield Address(found.address, str(one.get("displayName") or ""))
            return
