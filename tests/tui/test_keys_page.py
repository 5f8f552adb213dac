"""docs/keys.md says what the registry says."""

from __future__ import annotations

from pathlib import Path

from tui.commands import keys_table

PAGE = Path(__file__).resolve().parents[2] / "docs" / "keys.md"


def test_the_page_of_keys_is_up_to_date() -> None:
    assert keys_table().strip() in PAGE.read_text(encoding="utf-8"), "run: .venv/bin/python docs/keys.py"
