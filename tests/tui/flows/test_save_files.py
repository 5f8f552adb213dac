from __future__ import annotations

import pytest

from core.errors import StorageError
from tui.flows.save_files import write_new_files


def test_nothing_is_overwritten_and_then_nothing_is_written(tmp_path):
    (tmp_path / "b").write_text("mine")
    with pytest.raises(StorageError, match="b is there already"):
        write_new_files(tmp_path, {"a": b"1", "b": b"2"})
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["b"]


def test_a_planted_link_is_not_followed(tmp_path):
    target = tmp_path / "target"
    (tmp_path / "a").symlink_to(target)
    with pytest.raises(StorageError):
        write_new_files(tmp_path, {"a": b"1"})
    assert not target.exists()
