"""What every test gets: a home of its own, English, and no way to touch the person's real files."""

from __future__ import annotations

import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.language import use_language
from tests import soak

SHARED = Path(__file__).resolve().parents[2] / "shared"
EWS_SCHEMA = SHARED / "schemas" / "ews"
if EWS_SCHEMA.is_dir():  # every Exchange of the sandbox then refuses what Microsoft's schema does not allow
    os.environ.setdefault("PARTAGENDA_EWS_SCHEMA", str(EWS_SCHEMA))
_EWS = Counter[str]()
MEMORY = Path("/dev/shm")


def in_memory(folder: Path = MEMORY) -> str:
    """That folder of memory if tests can live there: programs may be run in it, and 2 GiB are free. Else empty."""
    try:
        found = os.statvfs(folder)
    except OSError:
        return ""
    roomy = found.f_bavail * found.f_frsize >= 2 << 30
    return str(folder) if roomy and not found.f_flag & os.ST_NOEXEC and os.access(folder, os.W_OK | os.X_OK) else ""


if "TMPDIR" not in os.environ and (_folder := in_memory()):  # what the tests sync thousands of times goes to no disk
    os.environ["TMPDIR"] = tempfile.tempdir = _folder


def pytest_sessionfinish(session: pytest.Session) -> None:
    """What this process has validated, handed over by a worker of pytest-xdist."""
    schema = sys.modules.get("core.sandbox.exchange.schema")
    counts = dict(schema.COUNTS) if schema else {}
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["ews"] = counts
    else:
        _EWS.update(counts)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node, error) -> None:
    _EWS.update(getattr(node, "workeroutput", {}).get("ews", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    soak.summarise(terminalreporter)
    if _EWS:
        refused = _EWS["invalid requests"]
        terminalreporter.write_line(
            f"EWS messages held to Microsoft's schema: {_EWS['requests']} requests ({refused} refused), "
            f"{_EWS['answers']} answers, {_EWS['invalid answers']} invalid"
        )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Random tests tell how many trials they make of which claim."""
    soak.note(items)


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
        pytest.skip(f"no calendar files by other programs are there: .ics files belong below {folder}")
    return sorted(path for path in folder.rglob("*") if path.is_file())
