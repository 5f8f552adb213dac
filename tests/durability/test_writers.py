"""Very many processes write one calendar at once: each is kept, and the index knows all of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.durability.children import open_store
from tests.nursery import Nursery
from tests.soak import scaled, soak

WRITERS = scaled(60, 1_000)
"""Processes, all alive at once."""


@pytest.mark.slow
@soak("writers at once: each process's event is kept", WRITERS)
async def test_every_one_of_many_processes_at_once_is_kept(children: Nursery, tmp_path: Path) -> None:
    store = open_store(tmp_path)
    calendar = (await store.create("Work")).id
    store._index.close()
    uids = [f"w{number}" for number in range(WRITERS)]
    writers = [children.start("tests.durability.children:add_one", tmp_path, calendar, uid) for uid in uids]
    assert {writer.next() for writer in writers} == {"here"}
    for writer in writers:
        writer.tell("go")
    said = [writer.rest(300) for writer in writers]
    store = open_store(tmp_path)
    await store.refresh()
    kept = sorted(one.object.uid for one in await store.objects(calendar))
    store._index.close()
    assert [uid for uid, words in zip(uids, said, strict=True) if words != ["kept"]] == []
    assert kept == sorted(uids)
