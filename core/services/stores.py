"""What a store may offer beyond `core.ports.CalendarStore`; the library asks for these where it needs them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from core.calendar.span import TimeSpan
from core.ports.calendars import CalendarInfo, SnapshotFacts, StoredObject
from core.ports.world import Progress


@runtime_checkable
class Locating(Protocol):
    """Finds an event by the id of its entries."""

    async def locate(self, event_id: str) -> tuple[str, str] | None:
        """Calendar id and UID of the event behind an entry's id; None if it is not of this store."""
        ...


@runtime_checkable
class Reminding(Protocol):
    """Knows which events have reminders without reading all of them."""

    async def reminding(self, calendar: str, near: TimeSpan, far: TimeSpan) -> Sequence[StoredObject]:
        """Objects with a reminder that may ring for an occurrence in `near`; those with one that does not
        ring once and in the day before, for an occurrence in `far`.
        """
        ...


@runtime_checkable
class Home(Protocol):
    """Where the person's own calendars are made, filled, deleted and restored."""

    async def create_filled(
        self,
        name: str,
        events: Sequence[tuple[str, bytes]],
        *,
        colour: str = "",
        facts: Mapping[str, Any] | None = None,
        progress: Progress | None = None,
    ) -> CalendarInfo:
        """A calendar with these (UID, bytes) in it: all of it, or, when stopped or refused, nothing of it."""
        ...

    async def adopt(self, root: Path, name: str) -> CalendarInfo:
        """A new, empty calendar in a folder elsewhere, which then belongs to the home, too."""
        ...

    async def deleted(self) -> list[str]:
        """Names of calendars that can be restored, the last deleted first."""
        ...

    async def restore(self, name: str) -> CalendarInfo:
        """Bring the last deleted calendar of that name back."""
        ...

    async def bring_back(self, calendar: str) -> CalendarInfo:
        """The same by the id that the calendar had. Raises NotFound, Conflict."""
        ...


@runtime_checkable
class Merging(Protocol):
    """Takes many events at once, and remembers where they came from."""

    async def merge(
        self,
        calendar: str,
        events: Sequence[tuple[str, bytes]],
        *,
        replaces: Callable[[bytes, bytes], bool],
        gone: Collection[str] = (),
        facts: Mapping[str, Any] | None = None,
        progress: Progress | None = None,
    ) -> tuple[int, int, int]:
        """Take in (UID, bytes) and take the UIDs in `gone` away; how many were added, updated and left as they are.

        `replaces(stored, incoming)` decides for an event that is there already.
        """
        ...

    async def uids(self, calendar: str) -> list[str]: ...

    async def contents(self, calendar: str, uids: Collection[str]) -> dict[str, bytes]:
        """The bytes of these UIDs, where they are there and their file holds nothing else."""
        ...

    async def facts(self, calendar: str) -> dict[str, Any]:
        """What is remembered of a calendar (kind, owner, level, where it came from). Raises StorageError."""
        ...

    async def set_facts(self, calendar: str, facts: Mapping[str, Any]) -> CalendarInfo:
        """Remember more; what `facts` does not name stays as it is."""
        ...


@runtime_checkable
class Showing(Protocol):
    """Shows files that are not imported."""

    async def show(
        self, name: str, events: Sequence[tuple[str, bytes]], *, facts: SnapshotFacts | None = None, colour: str = ""
    ) -> CalendarInfo:
        """A calendar of these (UID, bytes), until it is closed; `facts` where the file says that it is a snapshot."""
        ...

    async def content(self, calendar: str) -> list[tuple[str, bytes]]:
        """The (UID, bytes) that the calendar was made of: for keeping it."""
        ...


@runtime_checkable
class Distant(Protocol):
    """A copy of what a server has: to refresh it takes as long as the server does."""

    async def pushed(self, limit: float) -> None:
        """Wait until what was written is confirmed, put off or refused; `limit` seconds at most."""
        ...
