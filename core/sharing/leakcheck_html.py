"""What an HTML page of ours may consist of; anything else could fetch, run or hide. Part of the leak check."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

_TAGS = frozenset(
    (
        *("html", "head", "meta", "title", "body", "div", "h1", "h2", "h3", "p", "hr", "br", "a", "span", "strong"),
        *("table", "caption", "tr", "th", "td"),
    )
)
_ATTRIBUTES = frozenset(
    (
        *("lang", "charset", "name", "content", "style", "id", "href", "scope", "abbr", "aria-label"),
        *("cellpadding", "cellspacing"),
    )
)
_STYLE = re.compile(r"(?:[a-z-]+:[\w#%.,'\s-]*;?)*")
"""Declarations without functions: no url(), no expression()."""
_ADDRESS = re.compile(r"#(?:top|d\d{8}|i\d{1,6})|mailto:[^\s]+|https?://[^\s]+", re.IGNORECASE)
_META = frozenset(("utf-8", "viewport", "color-scheme", "width=device-width, initial-scale=1", "light"))


@dataclass(slots=True)
class Page:
    """What was read: texts (attribute values too), styles, and whether anything is there that must not be."""

    texts: list[str] = field(default_factory=list)
    styles: list[str] = field(default_factory=list)
    forbidden: bool = False


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Page()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.page.forbidden |= tag not in _TAGS
        for name, value in attrs:
            self._attribute(tag, name, value or "")

    def _attribute(self, tag: str, name: str, value: str) -> None:
        page = self.page
        page.forbidden |= name not in _ATTRIBUTES
        if name == "style":
            page.forbidden |= _STYLE.fullmatch(value) is None
            page.styles.append(value)
        elif tag == "meta":
            page.forbidden |= value not in _META
        else:
            page.forbidden |= name == "href" and _ADDRESS.fullmatch(value) is None
            page.texts.append(value)

    def handle_data(self, data: str) -> None:
        self.page.texts.append(data)

    def handle_comment(self, data: str) -> None:
        self._hidden(data)

    def handle_decl(self, decl: str) -> None:
        self.page.forbidden |= decl.lower() != "doctype html"

    def handle_pi(self, data: str) -> None:
        self._hidden(data)

    def unknown_decl(self, data: str) -> None:
        self._hidden(data)

    def _hidden(self, data: str) -> None:
        self.page.forbidden = True
        self.page.texts.append(data)


def read_page(html: str) -> Page:
    """Read a page of ours."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.page
