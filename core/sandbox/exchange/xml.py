"""Elements of EWS: names, making, reading. The standard library's ElementTree; the schema's check is in `schema`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, ParseError, register_namespace, tostring

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

__all__ = [
    "Element",
    "ParseError",
    "add",
    "child",
    "children",
    "m",
    "name_of",
    "parse",
    "s",
    "stamp",
    "t",
    "text_of",
    "to_bytes",
    "truth",
]

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
MESSAGES = "http://schemas.microsoft.com/exchange/services/2006/messages"
TYPES = "http://schemas.microsoft.com/exchange/services/2006/types"
ERRORS = "http://schemas.microsoft.com/exchange/services/2006/errors"

for _prefix, _uri in (("s", SOAP), ("m", MESSAGES), ("t", TYPES), ("e", ERRORS)):
    register_namespace(_prefix, _uri)

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
Content = Element | str | bool | int | datetime | None


def t(tag: str, *content: Content | Iterable[Element], **attributes: object) -> Element:
    """An element of the types' namespace; text, numbers, truth and times are written as the schema wants them."""
    return _make(TYPES, tag, content, attributes)


def m(tag: str, *content: Content | Iterable[Element], **attributes: object) -> Element:
    """An element of the messages' namespace."""
    return _make(MESSAGES, tag, content, attributes)


def s(tag: str, *content: Content | Iterable[Element], **attributes: object) -> Element:
    """An element of SOAP's namespace."""
    return _make(SOAP, tag, content, attributes)


def _make(
    space: str, tag: str, content: Iterable[Content | Iterable[Element]], attributes: dict[str, object]
) -> Element:
    made = Element(f"{{{space}}}{tag}", {name: _written(value) for name, value in attributes.items()})
    for part in content:
        if type(part) is str:  # the usual case, and a large calendar has many
            made.text = (made.text or "") + _ILLEGAL.sub("\ufffd", part)
        else:
            add(made, part)
    return made


def add(parent: Element, part: Content | Iterable[Element]) -> None:
    """Put an element, several, or text into `parent`; None is nothing."""
    if part is None:
        return
    if isinstance(part, Element):
        parent.append(part)
    elif isinstance(part, str | bool | int | datetime):
        parent.text = (parent.text or "") + _written(part)
    else:
        parent.extend(part)


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return stamp(value)
    return _ILLEGAL.sub("\ufffd", str(value))


def stamp(moment: datetime) -> str:
    """An instant as Exchange writes it: UTC, whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def truth(text: str) -> bool:
    """An xs:boolean."""
    return text.strip().lower() in ("true", "1")


def name_of(element: Element) -> str:
    """The tag without its namespace."""
    return element.tag.rpartition("}")[2]


def child(element: Element | None, *path: str) -> Element | None:
    """The first descendant by these names, in any namespace."""
    for name in path:
        if element is None:
            return None
        element = next((each for each in element if name_of(each) == name), None)
    return element


def children(element: Element | None, *path: str) -> Iterator[Element]:
    """The children of the element that `path` leads to; none where it leads nowhere."""
    found = child(element, *path) if path else element
    yield from found if found is not None else ()


def text_of(element: Element | None, *path: str) -> str:
    """The text there, empty where there is none."""
    found = child(element, *path)
    return (found.text or "") if found is not None else ""


def parse(content: bytes) -> Element:
    """Raises ParseError. Document types are refused, so that no entity can be declared."""
    try:
        found: Element = fromstring(content, forbid_dtd=True)
    except DefusedXmlException as error:
        raise ParseError("a document type is not allowed here") from error
    return found


def to_bytes(element: Element) -> bytes:
    """With an XML declaration, in UTF-8."""
    return b'<?xml version="1.0" encoding="utf-8"?>' + bytes(tostring(element, encoding="utf-8"))
