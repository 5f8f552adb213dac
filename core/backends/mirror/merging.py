"""Taking many events into a server's calendar: an import, each event as a write of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING

from core.backends.mirror.pieces import pack, unpack
from core.errors import NotFound
from core.ports.calendars import StoredObject
from core.ports.world import Progress

if TYPE_CHECKING:
    from core.backends.mirror.store import MirrorStore


async def merge(
    store: MirrorStore,
    calendar: str,
    events: Sequence[tuple[str, bytes]],
    *,
    replaces: Callable[[bytes, bytes], bool],
    gone: Collection[str],
    progress: Progress | None,
) -> tuple[int, int, int]:
    """How many were added, updated, unchanged. Raises Refused at the first that the server has no words for."""
    added = updated = unchanged = 0
    for number, (uid, data) in enumerate(events):
        if progress:
            progress(number, len(events), calendar)
        thing = await asyncio.to_thread(unpack, data)
        there = await _there(store, calendar, uid)
        if there is None:
            await store.put(calendar, thing, expected_etag=None)
            added += 1
        elif (old := await asyncio.to_thread(pack, there.object)) != data and replaces(old or b"", data):
            await store.put(calendar, thing, expected_etag=there.etag)
            updated += 1
        else:
            unchanged += 1
    for uid in gone:
        if (there := await _there(store, calendar, uid)) is not None:
            await store.delete(calendar, uid, expected_etag=there.etag)
    return added, updated, unchanged


async def _there(store: MirrorStore, calendar: str, uid: str) -> StoredObject | None:
    try:
        return await store.get(calendar, uid)
    except NotFound:
        return None
