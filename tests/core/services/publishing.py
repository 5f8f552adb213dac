"""A person's world for publishing tests: a real calendar, a real folder to publish to, a clock that can be moved."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from core.backends.folder import FolderTarget
from core.calendar.people import Address
from core.calendar.span import WorkingHours
from core.ports.publishing import PublishTarget, Stored
from core.services.ledger import Ledger
from core.services.library import Library, Source
from core.services.publish import Publishing, PublishOptions, PublishRequest
from core.services.snapshots import Owner
from core.sharing.detail import DetailLevel
from tests.core.services.calendars import PARIS, calendar, event, open_library

ALICE = Address("alice@example.org", "Alice Martin")
SAMPLE = calendar(
    event("a@x", "DURATION:PT1H", title="Budget review", start="DTSTART:20261123T110000Z"),
    event("b@x", "CLASS:PRIVATE", "DURATION:PT1H", title="Dentist", start="DTSTART:20261124T080000Z"),
    event("c@x", "DURATION:PT1H", title="Far away", start="DTSTART:20270601T080000Z"),
    name="Work",
)


@dataclass
class Faulty(FolderTarget):
    """A folder that fails as it is told. `after`: an exception once the write is done, `before`: instead of it."""

    puts: list[str] = field(default_factory=list)
    before: list[Exception] = field(default_factory=list)
    after: list[Exception] = field(default_factory=list)

    async def put(
        self, address: str, content: bytes, *, media_type: str, expected: Collection[str], token: str
    ) -> Stored:
        self.puts.append(address)
        if self.before:
            raise self.before.pop(0)
        stored = await super().put(address, content, media_type=media_type, expected=expected, token=token)
        if self.after:
            raise self.after.pop(0)
        return stored


class Places:
    """Targets: one folder, read by others at https://www.example.org/."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = Faulty()

    def target(self, address: str) -> PublishTarget:
        return self.folder

    def read_address(self, address: str) -> str:
        return address.replace(f"{self.root}/", "https://www.example.org/")

    def known(self) -> Sequence[str]:
        return (f"{self.root}/",)

    async def close(self) -> None:
        pass


@dataclass
class World:
    service: Publishing
    library: Library
    places: Places
    ledger: Ledger
    root: Path
    base: Path
    clock: object

    def request(self, name: str = "", **options: object) -> PublishRequest:
        return PublishRequest("Work", f"{self.root}/{name}", PublishOptions(**options))

    def files(self) -> dict[str, str]:
        return {path.name: path.read_text() for path in self.root.iterdir()}

    async def change_calendar(self) -> None:
        path = self.base / "more.ics"
        path.write_bytes(
            calendar(event("d@x", "DURATION:PT1H", title="Planning", start="DTSTART:20261125T090000Z"), name="Work")
        )
        await self.library.import_sources([Source("more", path=path)], into="Work")


def service(base: Path, library: Library, places: Places, clock) -> Publishing:
    return Publishing(
        base / "data" / "publications.sqlite3",
        library=library,
        targets=places,
        ledger=Ledger(base / "data" / "ledger.sqlite3"),
        me=Owner("Alice Martin", ALICE, PARIS, WorkingHours()),
        clock=clock,
        patience=0.2,
    )


async def open_world(base: Path, clock) -> World:
    library = open_library(base)
    path = base / "sample.ics"
    path.write_bytes(SAMPLE)
    await library.import_sources([Source("sample", path=path)], name="Work")
    root = base / "site"
    root.mkdir()
    places = Places(root)
    made = service(base, library, places, clock)
    return World(made, library, places, Ledger(base / "data" / "ledger.sqlite3"), root, base, clock)


LIMITED, FULL, AVAILABILITY = DetailLevel.LIMITED, DetailLevel.FULL, DetailLevel.AVAILABILITY
