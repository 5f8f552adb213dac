"""Restrictions and sort orders: which items FindItem gives, and in which order ([MS-OXWSSRCH])."""

from __future__ import annotations

from collections.abc import Callable
from functools import cmp_to_key

from core.sandbox.exchange.errors import EwsError
from core.sandbox.exchange.shapes import extended_key, field_name
from core.sandbox.exchange.xml import Element, child, children, name_of, text_of

Value = Callable[[str], Element | None]
"""Gives a property of what is looked at, by its element's name or an extended property's key."""


def matches(restriction: Element | None, value: Value) -> bool:
    """Whether a `t:Restriction` lets it through; none lets everything through. Raises EwsError."""
    return restriction is None or len(restriction) == 0 or _test(restriction[0], value)


def _test(term: Element, value: Value) -> bool:
    name = name_of(term)
    if name in _COMPARISONS:
        return _compares(name, term, value)
    if name not in _TESTS:
        raise EwsError("ErrorInvalidRestriction", f"{name} is no restriction.")
    return _TESTS[name](term, value)


def _excludes(term: Element, value: Value) -> bool:
    mask = child(term, "Bitmask")
    wanted = int(mask.get("Value", "0"), 0) if mask is not None else 0
    return not int(_plain(value(path_name(term[0]))) or "0") & wanted


def path_name(path: Element) -> str:
    """The property that a path names."""
    return extended_key(path) if name_of(path) == "ExtendedFieldURI" else field_name(path.get("FieldURI", ""))


_COMPARISONS: dict[str, Callable[[int], bool]] = {
    "IsEqualTo": lambda order: order == 0,
    "IsNotEqualTo": lambda order: order != 0,
    "IsGreaterThan": lambda order: order > 0,
    "IsGreaterThanOrEqualTo": lambda order: order >= 0,
    "IsLessThan": lambda order: order < 0,
    "IsLessThanOrEqualTo": lambda order: order <= 0,
}


def _compares(name: str, term: Element, value: Value) -> bool:
    found = value(path_name(term[0]))
    other = child(term, "FieldURIOrConstant")
    if other is None or len(other) == 0:
        raise EwsError("ErrorInvalidRestriction", "There is nothing to compare with.")
    constant = other[0].get("Value", "") if name_of(other[0]) == "Constant" else _plain(value(path_name(other[0])))
    if found is None:
        return name == "IsNotEqualTo"
    return _COMPARISONS[name](_order(_plain(found), constant))


def _contains(term: Element, value: Value) -> bool:
    constant = child(term, "Constant")
    wanted = constant.get("Value", "") if constant is not None else ""
    text = _plain(value(path_name(term[0])))
    if term.get("ContainmentComparison", "Exact") != "Exact":
        wanted, text = wanted.casefold(), text.casefold()
    match term.get("ContainmentMode", "FullString"):
        case "FullString":
            return text == wanted
        case "Prefixed" | "PrefixOnWords":
            return text.startswith(wanted)
        case _:
            return wanted in text


_TESTS: dict[str, Callable[[Element, Value], bool]] = {
    "And": lambda term, value: all(_test(each, value) for each in term),
    "Or": lambda term, value: any(_test(each, value) for each in term),
    "Not": lambda term, value: not _test(term[0], value),
    "Exists": lambda term, value: value(path_name(term[0])) is not None,
    "Contains": _contains,
    "Excludes": _excludes,
}


def _plain(element: Element | None) -> str:
    """A property as one text: an extended property's value, the words of a list, the address of a person."""
    if element is None:
        return ""
    if name_of(element) == "ExtendedProperty":
        values = child(element, "Values")
        return text_of(element, "Value") or " ".join(each.text or "" for each in children(values))
    if len(element):
        return " ".join(each.text or "" for each in element.iter() if each.text)
    return element.text or ""


def _order(left: str, right: str) -> int:
    """Numbers as numbers, times and all else as text: times are written alike."""
    left, right = _spelled(left), _spelled(right)
    if _number(left) and _number(right):
        return (float(left) > float(right)) - (float(left) < float(right))
    return (left > right) - (left < right)


def _spelled(text: str) -> str:
    return {"1": "1", "True": "true", "False": "false"}.get(text, text).replace("+00:00", "Z").replace(".000Z", "Z")


def _number(text: str) -> bool:
    return text.lstrip("-").replace(".", "", 1).isdigit()


def sorted_by(order: Element | None, things: list[tuple[Value, object]]) -> list[object]:
    """The things in the order of a `t:SortOrder`; as they are without one."""
    fields = [(path_name(each[0]), each.get("Order") == "Descending") for each in children(order)]

    def compare(left: tuple[Value, object], right: tuple[Value, object]) -> int:
        for name, down in fields:
            found = _order(_plain(left[0](name)), _plain(right[0](name)))
            if found:
                return -found if down else found
        return 0

    ordered = sorted(things, key=cmp_to_key(compare)) if fields else things
    return [thing for _value, thing in ordered]
