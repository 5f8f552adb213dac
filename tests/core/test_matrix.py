"""README's table of what each kind of account can do is what the backends say today."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def matrix():
    spec = importlib.util.spec_from_file_location("matrix", ROOT / "docs" / "matrix.py")
    assert spec is not None and spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    sys.modules["matrix"] = made  # dataclasses look their module up
    spec.loader.exec_module(made)
    return made


@pytest.fixture
def made():
    yield matrix()
    del sys.modules["matrix"]


@pytest.mark.slow
async def test_readme_says_what_the_backends_say(made):
    found = await made.columns()
    assert made.with_table((ROOT / "README.md").read_text(encoding="utf-8"), made.table(found)) == (
        ROOT / "README.md"
    ).read_text(encoding="utf-8")


def test_readme_has_a_row_for_each_action(made):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    table = text.partition(made.BEGIN)[2].partition(made.END)[0]
    assert [line.split("|")[1].strip() for line in table.strip().splitlines()[2:]] == [
        what for what, _a in made.ACTIONS
    ]
