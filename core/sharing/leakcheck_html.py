"""What an HTML page of ours may consist of; anything else could fetch, run or hide. Part of the leak check."""

from __future__ import annotations

import re
from dataclasses import field
from html.parser import HTMLParser

from core.values import dataclass

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
_STYLE = frozenset(
    (
        *("anywhere", "background", "block", "border", "bottom", "box", "center", "collapse", "color", "decoration"),
        *(
            "display",
            "family",
            "font",
            "height",
            "inline",
            "left",
            "line",
            "margin",
            "max",
            "none",
            "overflow",
            "padding",
        ),
        *("right", "size", "table", "text", "top", "vertical", "align", "weight", "width", "wrap", "auto"),
        *("solid", "dashed", "dotted", "double", "segoe", "ui", "apple", "system", "blinkmacsystemfont", "roboto"),
        *("helvetica", "arial", "sans", "serif"),
    )
)
"""The words of our styles; with numbers, lengths and colours nothing else stands in one: no function, no address."""
_MEASURE = re.compile(r"\d+(?:px|%)?|[0-9a-f]{6}")
_ADDRESS = re.compile(r"#(?:top|d\d{8}|i\d{1,6})|mailto:[^\s]+|https?://[^\s]+", re.IGNORECASE)
_NOTES_TAGS = frozenset(
    (
        *("a", "b", "blockquote", "br", "code", "dd", "div", "dl", "dt", "em", "h1", "h2", "h3", "h4", "h5", "h6"),
        *("hr", "i", "li", "ol", "p", "pre", "s", "span", "strong", "sub", "sup"),
        *("table", "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul"),
    )
)
_NOTES_ATTRIBUTES = {
    "href": r"(?:https?:|mailto:|tel:)[^\x00-\x1f]*",
    "rel": "noopener noreferrer",
    "colspan": r"\d{1,4}",
    "rowspan": r"\d{1,4}",
}
_META = frozenset(("utf-8", "viewport", "color-scheme", "width=device-width, initial-scale=1", "light"))


@dataclass(slots=True)
class Page:
    """What was read: texts (attribute values too), and whether anything is there that must not be."""

    texts: list[str] = field(default_factory=list)
    forbidden: bool = False


class PageReader(HTMLParser):
    """Reads a page and notes its texts and whatever must not be in it; comments and the like are among the latter."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Page()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Only tags and attributes that a page of ours has; an attribute's text is noted."""
        self.page.forbidden |= tag not in _TAGS
        for name, value in attrs:
            self._attribute(tag, name, value or "")

    def _attribute(self, tag: str, name: str, value: str) -> None:
        page = self.page
        page.forbidden |= name not in _ATTRIBUTES
        if name == "style":
            page.forbidden |= not _plain_style(value)
        elif tag == "meta":
            page.forbidden |= value not in _META
        else:
            page.forbidden |= name == "href" and _ADDRESS.fullmatch(value) is None
            page.texts.append(value)

    def handle_data(self, data: str) -> None:
        """Text that is shown."""
        self.page.texts.append(data)

    def handle_comment(self, data: str) -> None:
        """Never allowed: nobody sees it, everybody gets it."""
        self._hidden(data)

    def handle_decl(self, decl: str) -> None:
        """`<!doctype html>` and nothing else."""
        self.page.forbidden |= decl.lower() != "doctype html"

    def handle_pi(self, data: str) -> None:
        """Never allowed, like a comment."""
        self._hidden(data)

    def unknown_decl(self, data: str) -> None:
        """Never allowed, like a comment."""
        self._hidden(data)

    def _hidden(self, data: str) -> None:
        self.page.forbidden = True
        self.page.texts.append(data)


def _plain_style(style: str) -> bool:
    words = re.findall(r"[^\s:;,.'#-]+", style.lower())
    return "\\" not in style and all(word in _STYLE or _MEASURE.fullmatch(word) for word in words)


class _NotesReader(PageReader):
    """Notes in HTML: more tags, hardly any attribute."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Only what notes may have."""
        self.page.forbidden |= tag not in _NOTES_TAGS
        for name, value in attrs:
            known = _NOTES_ATTRIBUTES.get(name)
            self.page.forbidden |= known is None or re.fullmatch(known, value or "", re.IGNORECASE) is None
            if name == "href":
                self.page.texts.append(value or "")


def read_notes(html: str) -> Page:
    """Read the notes of an item, which were cleaned before."""
    reader = _NotesReader()
    reader.feed(html)
    reader.close()
    return reader.page


def read_page(html: str) -> Page:
    """Read a page of ours."""
    reader = PageReader()
    reader.feed(html)
    reader.close()
    return reader.page
