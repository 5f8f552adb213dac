"""What every test gets: a home of its own, English, and no way to touch the person's real files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.language import use_language

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """XDG folders below a fresh folder, the zone Europe/Paris, English; everything is put back afterwards."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    monkeypatch.setenv("HOME", str(home))
    for name in ("CONFIG", "DATA", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
    for name in ("PARTAGENDA_CONFIG", "LC_ALL", "LC_MESSAGES", "SSH_CONNECTION", "NO_COLOR", "VISUAL", "EDITOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    monkeypatch.setenv("TZ", "Europe/Paris")
    old_umask = os.umask(0o022)
    use_language("en")
    yield home
    use_language("en")
    os.umask(old_umask)


@pytest.fixture(scope="session")
def shared_ics() -> list[Path]:
    """The real calendar files by other programs; skips by name where they are not there."""
    folder = SHARED / "data" / "ics"
    if not folder.is_dir():
        pytest.skip("../shared/data/ics is not there: real calendar files by other programs")
    return sorted(path for path in folder.rglob("*") if path.is_file())
