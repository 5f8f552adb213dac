"""Small readings that every HTTP backend needs: a host without its secret path, Retry-After, causes of an error."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from core.errors import PartagendaError

LONGEST_WAIT = 24 * 3600.0
"""Seconds; a server that asks for more is asked again after a day."""


def host_of(address: str) -> str:
    """Host and port. The path is left out: who knows it can read what lies there."""
    return urlsplit(address).netloc.rpartition("@")[2]


def retry_after(text: str, now: datetime | None = None) -> float:
    """Seconds from a Retry-After header (RFC 9110 §10.2.3): 0 for nonsense or the past, a day at most."""
    text = text.strip()
    if text.isascii() and text.isdecimal() and len(text) < 20:
        return min(float(text), LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError, OverflowError):
        return 0.0
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    seconds = (moment - (now or datetime.now(UTC))).total_seconds()
    return min(max(seconds, 0.0), LONGEST_WAIT)


def causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what led to it, the last one first.

    The context of an error can be another request that failed before: it ends where one of our own errors stands.
    """
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        before = None if isinstance(seen.__context__, PartagendaError) else seen.__context__
        seen = seen.__cause__ or before
