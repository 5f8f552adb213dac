"""Writes what happened to calendars as a whole into the history of changes. Light until something happens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.ports.world import Clock

if TYPE_CHECKING:
    from core.services.history import Change, Facts
    from core.services.library import Library


class Recording:
    """Takes what the library tells of calendars that were made, imported, renamed, deleted. `path`: the journal."""

    def __init__(self, library: Callable[[], Library], path: Path, clock: Clock) -> None:
        self._library, self._path, self._clock = library, path, clock

    async def __call__(self, facts: Facts, changes: Sequence[Change]) -> None:
        """Into the same history as changes of events."""
        from core.services.edit_writer import Writer
        from core.services.history import History

        await Writer(self._library(), History(self._path), self._clock).record(facts, changes)
