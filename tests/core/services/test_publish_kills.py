"""kill -9 at any moment of publishing, narrowing or removing: never a part of a calendar, nothing wider left behind,
no temporary file after the next sync, and what was wanted is done by it.

PARTAGENDA_SOAK=1 tries every point; without it a few.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.core.services.conftest import StillClock
from tests.core.services.publishing import Places, open_world, service
from tests.soak import SHARE, soak

ROOT = Path(__file__).parents[3]
CHILD = Path(__file__).with_name("publish_child.py")
POINTS = 60
TRIED = range(1, POINTS, max(1, round(1 / SHARE))) if SHARE else (3, 9)


def run(base: Path, point: int, what: str) -> int:
    argv = [sys.executable, str(CHILD), str(base), str(point), what]
    done = subprocess.run(argv, capture_output=True, text=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode


def files(base: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in (base / "site").iterdir()}


def whole(text: str) -> bool:
    return text.rstrip().endswith(("END:VCALENDAR", "</html>", "</title>"))


@pytest.mark.slow
@soak("kill -9 during publish: 0 torn, 0 wider than wanted", 1)
@pytest.mark.parametrize("point", TRIED)
@pytest.mark.parametrize("what", ["publish", "change", "remove"])
async def test_a_kill_leaves_nothing_torn_and_the_next_sync_finishes_it(tmp_path, what, point):
    base = tmp_path
    await open_world(base, StillClock())
    if what != "publish":
        assert run(base, 0, "publish") == 0
    code = run(base, point, what)
    shown = {name: text for name, text in files(base).items() if not name.startswith(".")}
    assert all(whole(text) for text in shown.values())
    assert run(base, 0, "sync") == 0
    after = files(base)
    assert not [name for name in after if name.startswith(".part-")]
    assert all(whole(text) for text in after.values())
    wanted = await service(base, None, Places(base / "site"), StillClock()).publications()
    assert [one.problem for one in wanted] == [""] * len(wanted)
    if what == "remove" and code == 0:
        assert (after, wanted) == ({}, [])
    if what == "change" and any(one.options.level.value == "availability" for one in wanted):
        assert "Budget" not in "".join(after.values())
        assert set(after) == {"work.ics"}
    if what == "publish" and wanted:
        assert set(after) == {"work.ics", "work.html"}
