"""The edge at which a server's answer becomes ours: what is missing in it or of another kind is said in words.

JSON that can be parsed may still hold a text where a list should be. Every port's methods stand behind one of these, so
that reading may take an answer as it is documented.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Protocol, TypeVar

from core.backends.graph import translate
from core.language import _

if TYPE_CHECKING:
    from core.backends.graph.session import Session

_MALFORMED = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


class _Port(Protocol):
    _session: Session


Self = TypeVar("Self", bound=_Port)
P = ParamSpec("P")
T = TypeVar("T")
Method = Callable[Concatenate[Self, P], Coroutine[Any, Any, T]]


def reads(method: Method[Self, P, T]) -> Method[Self, P, T]:
    """A method that only asks: raises TransportError for an answer that is not Graph's."""

    @functools.wraps(method)
    async def asked(self: Self, /, *arguments: P.args, **named: P.kwargs) -> T:
        try:
            return await method(self, *arguments, **named)
        except _MALFORMED as error:
            what = _("something in it is missing, or is not what it should be")
            raise translate.strange(self._session.host, what) from error

    return asked


def writes(method: Method[Self, P, T]) -> Method[Self, P, T]:
    """A method that changes something: raises DeliveryUnknown, as it may have been done."""

    @functools.wraps(method)
    async def asked(self: Self, /, *arguments: P.args, **named: P.kwargs) -> T:
        try:
            return await method(self, *arguments, **named)
        except _MALFORMED as error:
            raise translate.nobody_knows(self._session.host) from error

    return asked
