"""Reading JSON that may be damaged, or written to do harm."""

from __future__ import annotations

import json
from typing import Any


def read_json(text: str | bytes) -> Any:  # noqa: ANN401 - as json says it
    """What the text says, UTF-8 if it is bytes.

    Raises ValueError for what is no JSON, and where it is nested deeper than Python can read.
    """
    try:
        return json.loads(text.decode("utf-8-sig") if isinstance(text, bytes) else text)
    except RecursionError:
        raise ValueError("nested too deeply") from None
