"""A plain folder takes publications whole."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from core.backends.folder import FolderTarget
from core.errors import Conflict, NotFound, Refused, StorageError
from core.ports.publishing import NOTHING, fingerprint
from tests.contracts.publish_target import CALENDAR, FIRST, SECOND, TOKEN, PublishTargetContract, Shelf


class FolderShelf(Shelf):
    def __init__(self, root: Path) -> None:
        self.root = root / "site"
        self.root.mkdir()

    def target(self) -> FolderTarget:
        return FolderTarget()

    def broken(self) -> FolderTarget:
        self.root.rmdir()
        return FolderTarget()

    @property
    def folder(self) -> str:
        return f"{self.root}/"

    def files(self) -> dict[str, bytes]:
        return {str(p.relative_to(self.root)): p.read_bytes() for p in self.root.rglob("*") if p.is_file()}

    def write(self, name: str, content: bytes) -> None:
        (self.root / name).write_bytes(content)


@pytest.fixture
def shelf(tmp_path) -> FolderShelf:
    return FolderShelf(tmp_path)


class TestFolder(PublishTargetContract):
    pass


async def put(shelf: FolderShelf, content: bytes, *expected: str, name: str = "alice.ics") -> None:
    await shelf.target().put(
        shelf.folder + name, content, media_type=CALENDAR, expected=expected or (NOTHING,), token=TOKEN
    )


async def test_a_web_server_can_read_what_was_published(shelf):
    mask = os.umask(0o022)
    try:
        await put(shelf, FIRST)
    finally:
        os.umask(mask)
    assert stat.S_IMODE((shelf.root / "alice.ics").stat().st_mode) == 0o644


async def test_what_a_killed_upload_left_is_swept(shelf):
    shelf.write(f".part-{TOKEN}-alice.ics", b"half")
    assert await shelf.target().sweep(shelf.folder + "alice.ics", TOKEN) == 1
    assert shelf.files() == {}


async def test_another_publication_s_temporary_file_is_left_alone(shelf):
    shelf.write(".part-other-alice.ics", b"half")
    await shelf.target().sweep(shelf.folder + "alice.ics", TOKEN)
    assert shelf.files() == {".part-other-alice.ics": b"half"}


async def test_a_link_in_the_place_is_not_followed(shelf, tmp_path):
    (tmp_path / "precious").write_bytes(FIRST)
    (shelf.root / "alice.ics").symlink_to(tmp_path / "precious")
    with pytest.raises((StorageError, Refused, Conflict)):
        await put(shelf, SECOND, fingerprint(FIRST))
    assert (tmp_path / "precious").read_bytes() == FIRST


async def test_a_folder_in_the_place_is_said(shelf):
    (shelf.root / "alice.ics").mkdir()
    with pytest.raises(Refused):
        await put(shelf, FIRST)


async def test_a_full_disk_leaves_the_old_file(shelf, monkeypatch):
    await put(shelf, FIRST)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match="No space"):
        await put(shelf, SECOND, fingerprint(FIRST))
    assert shelf.files() == {"alice.ics": FIRST}


def full(_descriptor: int) -> None:
    raise OSError(28, "No space left on device")


async def test_a_folder_that_may_not_be_written_is_said(shelf):
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere: run it as an ordinary person")
    shelf.root.chmod(0o500)
    with pytest.raises(Refused):
        await put(shelf, FIRST)


async def test_hidden_files_are_not_listed(shelf):
    shelf.write(".htaccess", b"")
    assert await shelf.target().places(shelf.folder) == []


async def test_a_file_above_is_no_folder(shelf):
    shelf.write("team", b"")
    with pytest.raises((NotFound, StorageError)):
        await put(shelf, FIRST, name="team/alice.ics")
