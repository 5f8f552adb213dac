"""Folders that only the person can enter."""

from __future__ import annotations

import os
from pathlib import Path

from core.private import make_private_folder


def test_each_folder_that_is_made_can_be_entered_by_the_person_only(tmp_path: Path) -> None:
    os.umask(0)
    make_private_folder(tmp_path / "a" / "b" / "c")
    assert {(tmp_path / part).stat().st_mode & 0o777 for part in ("a", "a/b", "a/b/c")} == {0o700}


def test_a_folder_that_is_there_keeps_its_mode(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a").chmod(0o755)
    make_private_folder(tmp_path / "a" / "b")
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o755
