"""Completion of recipients: people one has written to, vCards, mutt's aliases, a query command."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path

from core.calendar.people import Address, parse_address, unique
from core.errors import PartagendaError, UsageError
from core.ports.world import Directory
from core.services.address_files import read_aliases, read_vcards
from core.services.address_query import query
from core.services.ledger import Ledger

Names = Callable[[str, int], Awaitable[Sequence[Address]]]

_ENOUGH_TO_ASK = 2
"""Letters before a query command is started."""


class AddressBook:
    """Finds people by a part of name or address. Sources that fail give nobody and never an error.

    Files are read again when they changed. `query_command` is a list; `%s` in it stands for what was typed, as one
    argument or a part of one. Implements `core.ports.Directory`.
    """

    def __init__(
        self,
        ledger: Ledger | None = None,
        *,
        vcards: Sequence[Path] = (),
        mutt_aliases: Path | None = None,
        query_command: Sequence[str] = (),
        directories: Sequence[Directory] = (),
        time_limit: float = 5.0,
    ) -> None:
        """`time_limit`: seconds for the query command."""
        self._ledger = ledger
        self._vcards = tuple(path.expanduser() for path in vcards)
        self._aliases = mutt_aliases.expanduser() if mutt_aliases else None
        self._query_command = tuple(query_command)
        self._directories = tuple(directories)
        self._time_limit = time_limit
        self._files: tuple[Address, ...] = ()
        self._stamp: object = None
        self._asked: dict[str, tuple[Address, ...]] = {}

    async def complete(self, text: str, limit: int = 8) -> list[Address]:
        """People whose name or address matches, those one wrote to last first; nobody for an empty text."""
        needle = fold(text.strip().strip('"<>'))
        if not needle:
            return []
        words = text.strip()
        written, filed, asked, *looked_up = await asyncio.gather(
            self._written_to(),
            self._from_files(),
            self._ask(words),
            *(one.complete(words) for one in self._directories),
        )
        asked = (*asked, *(address for found in looked_up for address in found))
        named = {address.key: address for address in (*filed, *asked) if address.name}
        known = [named.get(address.key, address) for address in written]
        fitting = [*_fitting(known, needle), *_fitting(filed, needle), *asked]
        return list(unique(fitting))[:limit]

    async def _written_to(self) -> list[Address]:
        if self._ledger is None:
            return []
        try:
            entries = await self._ledger.entries()
        except PartagendaError:  # completion never stops anybody from typing
            return []
        return list(unique(_addresses(entry.person for entry in reversed(entries))))

    async def _from_files(self) -> tuple[Address, ...]:
        return await asyncio.to_thread(self._read_files)

    def _read_files(self) -> tuple[Address, ...]:
        stamp = [_stamp(path) for path in (*self._vcards, *([self._aliases] if self._aliases else []))]
        if stamp != self._stamp:
            people: list[Address] = []
            if self._aliases:
                people += read_aliases(self._aliases)
            for path in self._vcards:
                people += read_vcards(path)
            self._files, self._stamp = unique(people), stamp
        return self._files

    async def _ask(self, text: str) -> tuple[Address, ...]:
        if not self._query_command or len(text) < _ENOUGH_TO_ASK:
            return ()
        if text not in self._asked:
            if len(self._asked) > 200:
                self._asked.clear()
            self._asked[text] = tuple(await query(self._query_command, text, self._time_limit))
        return self._asked[text]


def fold(text: str) -> str:
    """For comparing as people do: no case, no accents."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(c for c in plain if not unicodedata.combining(c)).casefold()


def _fitting(people: Iterable[Address], needle: str) -> list[Address]:
    """Beginnings of words before matches inside words; each in the order given."""
    starts, inside = [], []
    for person in people:
        name, address = fold(person.name), fold(person.address)
        if address.startswith(needle) or name.startswith(needle) or f" {needle}" in name:
            starts.append(person)
        elif needle in name or needle in address:
            inside.append(person)
    return [*starts, *inside]


def _addresses(texts: Iterable[str]) -> Iterable[Address]:
    for text in texts:
        try:
            yield parse_address(text)
        except UsageError:
            continue


def _stamp(path: Path) -> object:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
