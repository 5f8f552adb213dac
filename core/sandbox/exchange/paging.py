"""Pages of what is found: IndexedPageItemView, FractionalPageItemView, IndexedPageFolderView ([MS-OXWSSRCH])."""

from __future__ import annotations

from typing import NamedTuple

from core.sandbox.exchange.errors import EwsError
from core.sandbox.exchange.xml import Element

_NO_LIMIT = 1_000_000


class Page(NamedTuple):
    """A part of what was found: `first` up to `last` (excluded), where the next begins, whether this is the end."""

    first: int
    last: int
    next: int
    end: bool

    @property
    def attributes(self) -> dict[str, object]:
        """IndexedPagingOffset and IncludesLastItemInRange."""
        return {"IndexedPagingOffset": self.next, "IncludesLastItemInRange": self.end}


def most_entries(view: Element | None) -> int:
    """The most that a view asks for. Raises EwsError: ErrorInvalidPagingMaxRows."""
    if view is None or "MaxEntriesReturned" not in view.attrib:
        return _NO_LIMIT
    most = int(view.get("MaxEntriesReturned", "0"))
    if most < 1:
        raise EwsError("ErrorInvalidPagingMaxRows", "The most entries must be at least one.")
    return most


def page_of(view: Element | None, count: int, limit: int) -> Page:
    """Which of `count` things a view shows, when the server gives `limit` at most. Raises EwsError."""
    most = min(most_entries(view), limit)
    offset = _offset(view, count)
    if view is not None and view.get("BasePoint") == "End":
        last = max(0, count - offset)
        first = max(0, last - most)
        return Page(first, last, offset + last - first, first == 0)
    first = min(offset, count)
    last = min(first + most, count)
    return Page(first, last, last, last == count)


def _offset(view: Element | None, count: int) -> int:
    if view is None:
        return 0
    if view.get("Denominator"):
        top, bottom = int(view.get("Numerator", "0")), int(view.get("Denominator", "1"))
        if bottom < 1 or not 0 <= top <= bottom:
            raise EwsError("ErrorInvalidFractionalPagingParameters", "The fraction must lie between 0 and 1.")
        return count * top // bottom
    offset = int(view.get("Offset", "0"))
    if offset < 0:
        raise EwsError("ErrorInvalidIndexedPagingParameters", "The offset must not be negative.")
    return offset
