"""What a test may have this server do otherwise than a well-kept one: small pages, private text, odd characters."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Options:
    """Switches; a test sets them on a running server."""

    page: int = 1000
    """The most items that FindItem gives at once (EwsFindCountLimit): fewer give IncludesLastItemInRange=false."""
    sync_page: int = 512
    """The most changes that SyncFolderItems gives at once."""
    private_text: bool = False
    """Send private items with their text to whoever may read the folder, as old servers do (traps.md 16)."""
    control_characters: bool = False
    """Numeric entities of control characters in subjects, which no XML parser has to take."""
    inner_error: str = ""
    """An error code that every response message has, under HTTP 200."""
    inner_values: tuple[tuple[str, str], ...] = ()
    """Its MessageXml."""
    busy_for: int = 0
    """With `inner_error`: how many response messages have it; 0 is all."""
