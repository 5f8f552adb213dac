"""What a published web page may consist of. Part of the leak check: it knows nothing of how pages are written.

The page may hold a style sheet, which mail may not; so the sheet must be one, must not be able to fetch anything, and
must be the one that the page's own policy (Content-Security-Policy) names by its hash. A place in the page that could
run or fetch makes it forbidden, and so does a policy that allows more than that style.
"""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256

from core.sharing.leakcheck_html import Page, PageReader

_TAGS = frozenset(
    (
        *("html", "head", "meta", "title", "style", "body", "header", "main", "footer", "nav", "section", "div"),
        *("h1", "h2", "h3", "p", "a", "b", "i", "small", "span", "abbr", "br", "ul", "ol", "li", "dl", "dt", "dd"),
        *("table", "caption", "thead", "tbody", "tr", "th", "td", "details", "summary"),
    )
)
_NAME = r"[a-z]\w{0,20}"
_ADDRESS = re.compile(r"#(?:main|[mwadi]\d{1,8})|(?:https?|webcals?)://[^\s]+|[A-Za-z0-9_.+@%-]+", re.IGNORECASE)
_ATTRIBUTES = {
    "lang": re.compile(r"[a-z]{2}"),
    "charset": re.compile("utf-8"),
    "id": re.compile(_NAME),
    "class": re.compile(r"[a-z0-9-]{1,12}(?: [a-z0-9-]{1,12})*", re.IGNORECASE),
    "href": _ADDRESS,
    "rel": re.compile("nofollow noopener noreferrer"),
    "scope": re.compile("row|col"),
    "role": re.compile("group"),
    "tabindex": re.compile("0"),
    "title": None,
    "aria-label": None,
    "aria-labelledby": re.compile(_NAME),
    "aria-hidden": re.compile("true"),
    "aria-current": re.compile("true|date"),
}
"""Attributes that may be there and what they may say; None: a text like any other, which is searched."""
_META = {
    "viewport": "width=device-width, initial-scale=1",
    "robots": "noindex, nofollow, noarchive",
    "referrer": "no-referrer",
    "color-scheme": "light dark",
    "format-detection": "telephone=no",
}
_POLICY = "default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
_FETCHING = re.compile(r"url\s*\(|@import|image-set|src\s*\(|expression|behavior|\\|<|javascript:", re.IGNORECASE)


class _WebReader(PageReader):
    """Reads a published page: what may stand in it, and what it says where. Everything else is `forbidden`."""

    def __init__(self) -> None:
        super().__init__()
        self.styles: list[str] = []
        self.policies: list[str] = []
        self._in_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """As in a mail's page, with one style sheet and one policy, which are read apart."""
        self.page.forbidden |= tag not in _TAGS
        self._in_style = tag == "style"
        if tag == "meta":
            self._meta({name: value or "" for name, value in attrs})
            return
        for name, value in attrs:
            self._said(name, value or "")

    def _meta(self, said: dict[str, str]) -> None:
        if said.get("http-equiv") == "Content-Security-Policy" and len(said) == 2:
            self.policies.append(said.get("content", ""))
        elif said != {"charset": "utf-8"}:
            known = {"name", "content"} == set(said) and _META.get(said["name"]) == said["content"]
            self.page.forbidden |= not known

    def _said(self, name: str, value: str) -> None:
        pattern = _ATTRIBUTES.get(name)
        self.page.forbidden |= name not in _ATTRIBUTES or (pattern is not None and pattern.fullmatch(value) is None)
        if pattern is None or name == "href":
            self.page.texts.append(value)

    def handle_endtag(self, tag: str) -> None:
        """A style sheet ends with any tag."""
        self._in_style = False

    def handle_data(self, data: str) -> None:
        """Text that is shown, or the style sheet."""
        if self._in_style:
            self.styles.append(data)
        else:
            self.page.texts.append(data)


def read_web_page(data: bytes) -> Page:
    """Read a finished page; `forbidden` says whether anything is in it that must not be."""
    reader = _WebReader()
    try:
        reader.feed(data.decode("utf-8"))
    except UnicodeDecodeError:
        reader.page.forbidden = True
        return reader.page
    reader.close()
    style = "".join(reader.styles)
    digest = b64encode(sha256(style.encode()).digest()).decode()
    reader.page.forbidden |= _FETCHING.search(style) is not None
    reader.page.forbidden |= reader.policies != [_POLICY.format(digest=digest)]
    return reader.page
