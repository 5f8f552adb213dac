"""What a test may have this server do otherwise than a well-kept one: small pages, private text, odd characters."""

from __future__ import annotations

from dataclasses import field

from core.sandbox.exchange.errors import EwsError
from core.values import dataclass


@dataclass(slots=True)
class InnerError:
    """An error under HTTP 200, for the next `times` requests (below 1: for all) of an operation (empty: of any)."""

    code: str
    operation: str = ""
    times: int = 1
    values: dict[str, str] = field(default_factory=dict)
    text: str = ""


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
    inner_errors: list[InnerError] = field(default_factory=list)
    """Errors inside of answers that are 200; the first that means an operation is taken."""

    def inner_error(self, operation: str) -> EwsError | None:
        """The error that this request's response messages have; nothing is done then."""
        for error in self.inner_errors:
            if error.operation in ("", operation):
                error.times -= 1
                if not error.times:
                    self.inner_errors.remove(error)
                return EwsError(error.code, error.text, error.values)
        return None
