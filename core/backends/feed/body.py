"""The body of an answer, decoded as it comes and never beyond a size: a small gzip can hold gigabytes."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator


class TooLarge(Exception):
    """The answer is larger than a calendar can be."""


class BadEncoding(Exception):
    """The answer is encoded in a way that was not asked for, or is broken."""


async def read_body(pieces: AsyncIterator[bytes], encoding: str, size: int) -> bytes:
    """All of it; `size` is the most that it may have when decoded, in bytes. Raises TooLarge, BadEncoding."""
    decode = _decoder(encoding.strip().lower())
    found: list[bytes] = []
    left = size
    async for piece in pieces:
        plain = decode.take(piece, left + 1)
        left -= len(plain)
        if left < 0:
            raise TooLarge
        found.append(plain)
    decode.end()
    return b"".join(found)


class _Plain:
    def take(self, piece: bytes, most: int) -> bytes:
        """The piece as it is."""
        return piece

    def end(self) -> None:
        """Nothing is left."""


class _Deflated:
    """gzip or zlib, whichever it is. What lies behind the end of the stream is ignored, as browsers do."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj(zlib.MAX_WBITS | 32)
        self._begun = False

    def take(self, piece: bytes, most: int) -> bytes:
        """At most `most` bytes (1 at least) of what the piece unpacks to. Raises BadEncoding for another stream."""
        self._begun = self._begun or bool(piece)
        try:
            return self._stream.decompress(piece, max(1, most))
        except zlib.error as error:
            raise BadEncoding from error

    def end(self) -> None:
        """Raises BadEncoding when the stream was cut."""
        if self._begun and not self._stream.eof:
            raise BadEncoding


def _decoder(encoding: str) -> _Plain | _Deflated:
    match encoding:
        case "" | "identity":
            return _Plain()
        case "gzip" | "x-gzip" | "deflate":
            return _Deflated()
        case _:
            raise BadEncoding
