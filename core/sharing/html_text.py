"""The words of an HTML mail, in one pass over it. Nothing is fetched, run or followed.

The standard library's parser takes quadratic time on unfinished tags; a mail may be written to do that.
"""

from __future__ import annotations

import re

from core.sharing.entities import unescaped

_BREAKS = frozenset(("p", "div", "br", "tr", "li", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol", "hr"))
_SILENT = frozenset(("script", "style", "head", "title", "template", "noscript"))
_TAG = re.compile(r"<(/?)([a-zA-Z][\w:-]{0,40})[^<>]*>|<[!?][^<>]*>")


def html_to_text(html: str, limit: int = 256 * 1024) -> str:
    """Readable text: tags gone, blocks on lines of their own, at most one empty line together."""
    text = unescaped("".join(_pieces(html[:limit])))
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _pieces(html: str) -> list[str]:
    pieces: list[str] = []
    position = 0
    while position >= 0:
        opening = html.find("<", position)
        if opening < 0:
            pieces.append(_flat(html[position:]))
            break
        pieces.append(_flat(html[position:opening]))
        position = _behind_tag(html, opening, pieces)
    return pieces


def _behind_tag(html: str, opening: int, pieces: list[str]) -> int:
    """Where to read on; -1 when what was opened never ends."""
    if html.startswith("<!--", opening):
        end = html.find("-->", opening + 4)
        return end + 3 if end >= 0 else -1
    tag = _TAG.match(html, opening)
    if tag is None:
        pieces.append("<")
        return opening + 1
    name = (tag[2] or "").lower()
    if name in _BREAKS:
        pieces.append("\n")
    elif name in ("td", "th"):
        pieces.append(" ")
    elif name in _SILENT and not tag[1]:
        closing = re.compile(rf"</{name}\s*>", re.IGNORECASE).search(html, tag.end())
        return closing.end() if closing else -1
    return tag.end()


def _flat(text: str) -> str:
    return re.sub(r"\s+", " ", text)
