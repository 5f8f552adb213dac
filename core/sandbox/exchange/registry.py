"""How a module adds an operation: `@operation("GetFolder")` over a function of a `Context`.

A handler returns the operation's whole response element, most often by `respond`; it runs with the organisation's
lock held. One that returns an iterator (GetStreamingEvents) is sent piece by piece, each an envelope of its own, and
takes the lock itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from dataclasses import field
from datetime import UTC, tzinfo
from typing import TypeVar

from core.sandbox.exchange.errors import EwsError
from core.sandbox.exchange.model import Mailbox, Organisation
from core.sandbox.exchange.options import Options
from core.sandbox.exchange.xml import Content, Element, m
from core.values import dataclass


@dataclass(slots=True)
class Context:
    """One request. `who` is the person that it acts for (the one who signed in, or whom they impersonate)."""

    organisation: Organisation
    who: Mailbox
    request: Element
    """The operation's element."""
    header: Element | None = None
    """SOAP's header."""
    zone: tzinfo = UTC
    """TimeZoneContext: what times without an offset are in."""
    version: str = "Exchange2013_SP1"
    options: Options = field(default_factory=Options)


Handler = Callable[[Context], Element | Iterator[Element]]
OPERATIONS: dict[str, Handler] = {}
_Part = TypeVar("_Part")
_H = TypeVar("_H", bound=Handler)


def operation(name: str) -> Callable[[_H], _H]:
    """The function answers the operation of this name."""

    def register(handler: _H) -> _H:
        OPERATIONS[name] = handler
        return handler

    return register


def success(name: str, *content: Content | Iterable[Element], **attributes: object) -> Element:
    """A response message of an operation's item that was done; `content` follows the response code."""
    return m(f"{name}ResponseMessage", m("ResponseCode", "NoError"), *content, ResponseClass="Success", **attributes)


def respond(name: str, parts: Iterable[_Part], each: Callable[[_Part], Element]) -> Element:
    """The response of an operation that does `each` for each part: what fails, fails alone.

    `each` returns a response message (see `success`) or raises EwsError.
    """
    return respond_messages(name, [_one(name, part, each) for part in parts])


def respond_messages(name: str, messages: Iterable[Element]) -> Element:
    """The response of an operation around its response messages."""
    return m(f"{name}Response", m("ResponseMessages", messages))


_ALWAYS = {
    **dict.fromkeys(("CreateItem", "GetItem", "UpdateItem", "MoveItem", "CopyItem"), "Items"),
    **dict.fromkeys(("CreateFolder", "GetFolder", "UpdateFolder", "MoveFolder", "CopyFolder"), "Folders"),
    **dict.fromkeys(("CreateAttachment", "GetAttachment"), "Attachments"),
}
"""What a response message has by the schema, empty when it is an error."""

PLANNED: ContextVar[EwsError | None] = ContextVar("PLANNED", default=None)
"""An error that a test wants for each part of the request that is being answered (`options.inner_errors`)."""


def _one(name: str, part: _Part, each: Callable[[_Part], Element]) -> Element:
    try:
        planned = PLANNED.get()
        if planned is not None:
            raise planned
        return each(part)
    except EwsError as error:
        made = error.response(f"{name}ResponseMessage")
        if name in _ALWAYS:
            made.append(m(_ALWAYS[name]))
        return made
