"""A process that publishes until it kills itself: `publish_child.py FOLDER POINT WHAT`.

At the POINT-th place where the journal or the folder is touched it dies. WHAT: publish, change, remove or sync.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from core.backends.folder import target as folder
from core.services import publication_store
from core.services.ledger import Ledger
from core.services.publish import PublishOptions
from core.sharing.detail import DetailLevel
from tests.core.services.calendars import open_library
from tests.core.services.conftest import StillClock
from tests.core.services.outbox_child import die_at
from tests.core.services.publishing import Places, World, service

PLACES = (
    (publication_store.PublicationStore, "save"),
    (publication_store.PublicationStore, "add"),
    (publication_store.PublicationStore, "forget"),
    (folder, "_write"),
    (folder, "_remove"),
    (folder, "_read"),
)


async def main(base: Path, point: int, what: str) -> None:
    clock = StillClock()
    library = open_library(base)
    places = Places(base / "site")
    world = World(
        service(base, library, places, clock), library, places, Ledger(base / "data" / "ledger.sqlite3"),
        base / "site", base, clock,
    )  # fmt: skip
    if point:
        die_at(point, *PLACES)
    match what:
        case "publish":
            await world.service.publish(world.request("work.ics", level=DetailLevel.FULL, page=True))
        case "change":
            (one,) = await world.service.publications()
            await world.service.change(one.id, PublishOptions(level=DetailLevel.AVAILABILITY))
        case "remove":
            (one,) = await world.service.publications()
            await world.service.remove(one.id)
        case "sync":
            clock.pass_by(hours=12)
            await world.service.upload_due()
    print("done", flush=True)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))
