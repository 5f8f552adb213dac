"""A snapshot as the receiver reads it: HTML and plain text, in the owner's language and the snapshot's time zone."""

from __future__ import annotations

from core.sharing.page_html import html
from core.sharing.page_text import text

__all__ = ["html", "text"]
