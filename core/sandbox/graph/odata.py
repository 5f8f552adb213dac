"""OData as Graph's calendar and mail resources know it: $top, $skip, $select, $orderby, much of $filter."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, overload
from urllib.parse import urlencode

from core.sandbox.graph.wire import Call, GraphError, Json, bad

_TERM = re.compile(
    r"\s*(?:(?P<not>not\s+)?(?P<fn>startswith|contains|isof)\((?P<args>[^)]*)\)"
    r"|(?P<field>[\w/@.]+)\s+(?P<op>eq|ne|ge|gt|le|lt)\s+(?P<value>'(?:[^']|'')*'|[^\s()]+))\s*"
)
_ANY = re.compile(
    r"singleValueExtendedProperties/any\(\s*(\w+)\s*:\s*"
    r"\1/id eq '((?:[^']|'')*)' and \1/value eq '((?:[^']|'')*)'\s*\)",
    re.IGNORECASE,
)


def selected(thing: Json, call: Call) -> Json:
    """Only what `$select` names, beside the annotations and the id."""
    wanted = {name.strip() for name in call.query.get("$select", "").split(",") if name.strip()}
    if not wanted:
        return thing
    keep = wanted | expanded(call) | {"id"}
    return {name: value for name, value in thing.items() if name in keep or name.startswith("@odata")}


def expanded(call: Call) -> set[str]:
    """The names in `$expand`, without what stands in brackets behind them."""
    return {name for name in re.sub(r"\([^)]*\)", "", call.query.get("$expand", "")).split(",") if name}


def number(call: Call, name: str, default: int, most: int) -> int:
    """A whole number of the query. Raises 400."""
    text = call.query.get(name)
    if text is None:
        return default
    if not text.isdecimal():
        raise bad(f"Invalid value '{text}' for {name} query option.", "ErrorInvalidUrlQuery")
    return min(int(text), most)


def page(things: Sequence[Json], call: Call, context: str, *, default: int = 10, most: int = 1000) -> Json:
    """One page of a list with `@odata.nextLink` where there is more; ordering, filtering and selecting come first."""
    chosen = things if isinstance(things, Lazy) else ordered(filtered(things, call), call)
    top, skip = number(call, "$top", default, most), number(call, "$skip", 0, 10**9)
    if "$top" in call.query and int(call.query["$top"]) < 1:
        raise bad("The value of $top must be positive.", "ErrorInvalidUrlQuery")
    size = call.prefer.get("odata.maxpagesize", "")
    if size.isdecimal() and "$top" not in call.query:
        top = min(int(size), most)
    found: Json = {"@odata.context": f"{call.base}/v1.0/$metadata#{context}"}
    found["value"] = [selected(thing, call) for thing in chosen[skip : skip + top]]
    if skip + top < len(chosen):
        found["@odata.nextLink"] = link(call, {**call.query, "$skip": str(skip + top)})
    return found


def link(call: Call, query: dict[str, str]) -> str:
    """An address on this server with another query."""
    return f"{call.base}{call.path}?{urlencode(query)}"


class Lazy(Sequence[Json]):
    """Things in their order that are made when their page is asked for."""

    def __init__(self, things: Sequence[Any], make: Callable[[Any], Json]) -> None:
        self._things, self._make = things, make

    def __len__(self) -> int:
        return len(self._things)

    @overload
    def __getitem__(self, index: int) -> Json: ...
    @overload
    def __getitem__(self, index: slice) -> list[Json]: ...
    def __getitem__(self, index: int | slice) -> Json | list[Json]:
        """One, or those of a page."""
        if isinstance(index, slice):
            return [self._make(thing) for thing in self._things[index]]
        return self._make(self._things[index])


def ordered(things: Sequence[Json], call: Call) -> list[Json]:
    """By `$orderby`; one property after the other."""
    found = list(things)
    for piece in reversed([p.strip() for p in call.query.get("$orderby", "").split(",") if p.strip()]):
        name, _space, way = piece.partition(" ")
        found.sort(key=lambda thing: str(value_at(thing, name) or ""), reverse=way.strip() == "desc")
    return found


def value_at(thing: Json, path: str) -> object:
    """A property, or one inside another: `start/dateTime`."""
    found: object = thing
    for part in path.split("/"):
        found = found.get(part) if isinstance(found, dict) else None
    return found


def filtered(things: Sequence[Json], call: Call) -> list[Json]:
    """By `$filter`: terms joined by `and`, or by `or`. Raises 400 for what this server does not understand."""
    text = call.query.get("$filter", "").strip()
    if not text:
        return list(things)
    wanted = _ANY.search(text)
    if wanted:
        name, value = wanted[2].replace("''", "'"), wanted[3].replace("''", "'")
        rest = text.replace(wanted[0], "").strip().removeprefix("and").removesuffix("and").strip()
        things = [thing for thing in things if thing.get("@extended", {}).get(name) == value]
        return filtered(things, Call("GET", "", {"$filter": rest})) if rest else list(things)
    joiner = " or " if " or " in text and " and " not in text else " and "
    tests = [_test(piece) for piece in _split(text, joiner)]
    joined: Callable[[list[bool]], bool] = any if joiner == " or " else all
    return [thing for thing in things if joined([test(thing) for test in tests])]


def _split(text: str, joiner: str) -> list[str]:
    """Pieces between joiners that stand outside quotes."""
    pieces, quoted, start = [], False, 0
    for index, letter in enumerate(text):
        quoted ^= letter == "'"
        if not quoted and index >= start and text.startswith(joiner, index):
            pieces.append(text[start:index])
            start = index + len(joiner)
    return [*pieces, text[start:]]


def _test(piece: str) -> Callable[[Json], bool]:
    match = _TERM.fullmatch(piece)
    if match is None:
        raise GraphError(400, "ErrorInvalidUrlQueryFilter", f"The query filter contains one or more errors: {piece}")
    if match["fn"]:
        return _called(match["fn"], [a.strip() for a in match["args"].split(",")], bool(match["not"]))
    name, operator, value = match["field"], match["op"], match["value"]
    wanted = value[1:-1].replace("''", "'") if value.startswith("'") else value
    compare: dict[str, Callable[[str], bool]] = {
        "eq": lambda a: a == wanted,
        "ne": lambda a: a != wanted,
        "ge": lambda a: a >= wanted,
        "gt": lambda a: a > wanted,
        "le": lambda a: a <= wanted,
        "lt": lambda a: a < wanted,
    }
    return lambda thing: compare[operator](_plain(value_at(thing, name)))


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "null" if value is None else str(value)


def _called(name: str, arguments: list[str], negated: bool) -> Callable[[Json], bool]:
    if name == "isof":
        kind = "#" + arguments[-1].strip("'")
        return lambda thing: (thing.get("@odata.type") == kind) is not negated
    wanted = arguments[-1].strip("'").lower()
    if name == "startswith":
        return lambda thing: _plain(value_at(thing, arguments[0])).lower().startswith(wanted) is not negated
    return lambda thing: (wanted in _plain(value_at(thing, arguments[0])).lower()) is not negated
