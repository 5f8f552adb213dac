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

    async def locate(self, event_id: str) -> tuple[str, str] | None: ...


@runtime_checkable
class Reminding(Protocol):
    """Knows which events have reminders without reading all of them."""

    async def reminding(self, calendar: str, near: TimeSpan, far: TimeSpan) -> Sequence[StoredObject]: ...


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
    ) -> CalendarInfo: ...

    async def adopt(self, root: Path, name: str) -> CalendarInfo: ...

    async def deleted(self) -> list[str]: ...

    async def restore(self, name: str) -> CalendarInfo: ...

    async def bring_back(self, calendar: str) -> CalendarInfo: ...


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
    ) -> tuple[int, int, int]: ...

    async def uids(self, calendar: str) -> list[str]: ...

    async def contents(self, calendar: str, uids: Collection[str]) -> dict[str, bytes]: ...

    async def facts(self, calendar: str) -> dict[str, Any]: ...

    async def set_facts(self, calendar: str, facts: Mapping[str, Any]) -> CalendarInfo: ...


@runtime_checkable
class Showing(Protocol):
    """Shows files that are not imported."""

    async def show(
        self, name: str, events: Sequence[tuple[str, bytes]], *, facts: SnapshotFacts | None = None, colour: str = ""
    ) -> CalendarInfo: ...

    async def content(self, calendar: str) -> list[tuple[str, bytes]]: ...


@runtime_checkable
class Distant(Protocol):
    """A copy of what a server has: to refresh it takes as long as the server does."""

    async def pushed(self, limit: float) -> None: ...
