"""Bodies: stored as they came, answered as text or HTML as asked."""

from __future__ import annotations

import html

from core.sandbox.exchange.xml import Element, t
from core.sharing.html_text import html_to_text

_META = '<meta http-equiv="Content-Type" content="text/html; charset=utf-8">'


def body_as(stored: Element, wanted: str, tag: str = "Body") -> Element:
    """The body in `Text`, `HTML`, or `Best`: as it was stored."""
    kind = stored.get("BodyType", "Text")
    text = stored.text or ""
    if wanted in ("Best", "") or wanted == kind:
        return t(tag, text, BodyType=kind)
    if wanted == "Text":
        return t(tag, html_to_text(text), BodyType="Text")
    return t(tag, text_to_html(text), BodyType="HTML")


def text_to_html(text: str) -> str:
    """Plain text as the page that Exchange makes of it."""
    lines = html.escape(text, quote=False).replace("\r\n", "\n").replace("\n", "<br>\r\n")
    return f"<html><head>{_META}</head><body>{lines}</body></html>"
