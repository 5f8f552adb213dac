"""Requests, answers and errors of the sandbox's Graph, whatever carries them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

Json = dict[str, Any]
"""A JSON object as it goes over the wire."""


class GraphError(Exception):
    """An answer that is an error: status, Graph's code for it and a text."""

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.headers = dict(headers or {})

    def answer(self) -> Reply:
        """The error as Graph sends it."""
        body = {"error": {"code": self.code, "message": self.message, "innerError": {"request-id": "sandbox"}}}
        return Reply.json(body, self.status, self.headers)


def not_found(what: str = "The specified object was not found in the store.") -> GraphError:
    """404 as Exchange words it."""
    return GraphError(404, "ErrorItemNotFound", what)


def denied(what: str = "Access is denied. Check credentials and try again.") -> GraphError:
    """403 as Exchange words it."""
    return GraphError(403, "ErrorAccessDenied", what)


def bad(what: str, code: str = "ErrorInvalidRequest") -> GraphError:
    """400."""
    return GraphError(400, code, what)


@dataclass(frozen=True)
class Call:
    """One request. `path` has no query; header names are in lower case."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    base: str = ""
    """Scheme and authority by which the client reaches this server."""

    @classmethod
    def of(cls, method: str, target: str, headers: Mapping[str, str], body: bytes, base: str) -> Call:
        """From what stands on the request line."""
        parts = urlsplit(target)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        low = {name.lower(): value for name, value in headers.items()}
        return cls(method.upper(), parts.path, query, low, body, base)

    @property
    def segments(self) -> list[str]:
        """The path's parts, decoded, without the version."""
        parts = [unquote(part) for part in self.path.split("/") if part]
        return parts[1:] if parts[:1] == ["v1.0"] else parts

    @property
    def prefer(self) -> dict[str, str]:
        """What `Prefer` asks for, names in lower case."""
        found = {}
        for piece in self.headers.get("prefer", "").split(","):
            name, _equals, value = piece.strip().partition("=")
            found[name.strip().lower()] = value.strip().strip('"')
        return found

    def json(self) -> Json:
        """The body as an object. Raises 400."""
        try:
            found = json.loads(self.body or b"{}")
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise GraphError(400, "BadRequest", "Unable to read JSON request payload.")
        return found

    def form(self) -> dict[str, str]:
        """The body as a submitted form."""
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))


@dataclass(frozen=True)
class Reply:
    """What goes back."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def json(cls, body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
        """A JSON answer."""
        kind = {"Content-Type": "application/json; odata.metadata=minimal; charset=utf-8"}
        return cls(status, json.dumps(body, ensure_ascii=False).encode(), {**kind, **(headers or {})})

    @classmethod
    def page(cls, text: str, status: int = 200) -> Reply:
        """An HTML page."""
        return cls(status, text.encode(), {"Content-Type": "text/html; charset=utf-8"})
