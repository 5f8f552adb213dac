"""Writes docs/keys.md from the registry of commands: `.venv/bin/python docs/keys.py`; a test holds the two together."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tui.commands import keys_table  # noqa: E402

HEAD = """# Keys

Every command of the app, as `F1` shows them. Each key can be changed in `config.toml`:

```toml
[keys]
"calendar.email" = "f7"
```

"""


def page() -> str:
    """The whole page."""
    return HEAD + keys_table().rstrip() + "\n"


if __name__ == "__main__":
    (ROOT / "docs" / "keys.md").write_text(page(), encoding="utf-8")
