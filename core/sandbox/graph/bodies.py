"""Bodies of events and messages as Exchange keeps them: text becomes HTML that says where it came from."""

from __future__ import annotations

import html
import re

from core.sandbox.graph.wire import Json, bad

_HEAD = (
    '<html>\r\n<head>\r\n<meta http-equiv="Content-Type" content="text/html; charset=utf-8">\r\n'
    '<meta name="Generator" content="Microsoft Exchange Server">\r\n<!-- converted from text -->\r\n'
    "<style><!-- .EmailQuote { margin-left: 1pt; padding-left: 4pt; border-left: #800000 2px solid; } --></style>"
    '</head>\r\n<body>\r\n<font size="2"><span style="font-size:11pt;"><div class="PlainText">'
)
_TAIL = "</div></span></font>\r\n</body>\r\n</html>\r\n"
_BREAK = re.compile(r"<br\s*/?>\r?\n?|</p\s*>|</div\s*>|</li\s*>|</tr\s*>", re.IGNORECASE)
_DROP = re.compile(r"<(head|style|script)\b.*?</\1\s*>|<!--.*?-->", re.IGNORECASE | re.DOTALL)


def kept(body: object) -> Json:
    """A body as it is stored: always HTML. Raises 400."""
    if body is None:
        return {"contentType": "html", "content": ""}
    if not isinstance(body, dict) or body.get("contentType", "text") not in ("text", "html", "HTML", "Text"):
        raise bad("The body is not valid.", "ErrorPropertyValidationFailure")
    content = str(body.get("content") or "")
    if str(body.get("contentType", "text")).lower() == "text" and content:
        lines = html.escape(content, quote=False).replace("\r\n", "\n").split("\n")
        content = _HEAD + "<br>\r\n".join(lines) + _TAIL
    return {"contentType": "html", "content": content}


def plain(content: str) -> str:
    """The text of HTML, a line for each break."""
    text = re.sub(r"<[^>]+>", "", _BREAK.sub("\n", _DROP.sub("", content).replace("\r\n", "")))
    return html.unescape(text).strip("\n")


def sent(body: Json, kind: str) -> Json:
    """The body in the form that the client prefers."""
    if kind == "text":
        return {"contentType": "text", "content": plain(body["content"])}
    return body


def preview(body: Json) -> str:
    """The first 255 characters."""
    return " ".join(plain(body["content"]).split())[:255]
