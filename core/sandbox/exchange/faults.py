"""Faults as Exchange and the network before it have them, for tests to switch on by `server.faults.add(…)`.

Each is for the next request of an operation (all operations where none is named). What the server does otherwise while
it answers well (small pages, private text, control characters, an error inside of 200) is in `options`.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from core.sandbox.exchange.errors import SoapFault
from core.sandbox.exchange.web import SIGN_IN_PAGE, page
from core.sandbox.exchange.xml import s, to_bytes
from core.sandbox.http import Answer, Break, Fault, Request, redirect

_OPERATION = re.compile(rb"<(?:\w+:)?Body[^>]*>\s*<(?:\w+:)?(\w+)")


def operation_of(request: Request) -> str:
    """The operation that a request asks for; empty where it asks for none."""
    found = _OPERATION.search(request.body)
    return found[1].decode("ascii", "replace").removesuffix("Request") if found else ""


def asks_for(*operations: str) -> Callable[[Request], bool]:
    """Requests for one of these operations; for any operation where none is named."""

    def means(request: Request) -> bool:
        name = operation_of(request)
        return bool(name) and (not operations or name in operations)

    return means


def cut_before(*operations: str, times: int = 1) -> Fault:
    """The connection ends, nothing was done."""
    return Fault(Break.CUT_BEFORE, asks_for(*operations), times)


def cut_after(*operations: str, times: int = 1) -> Fault:
    """It was done, the connection ends without an answer."""
    return Fault(Break.CUT_AFTER, asks_for(*operations), times)


def half(*operations: str, times: int = 1) -> Fault:
    """It was done, half of the answer arrives."""
    return Fault(Break.HALF, asks_for(*operations), times)


def delay(seconds: float, *operations: str, times: int = 1) -> Fault:
    """It is done and answered after a while."""
    return Fault(Break.DELAY, asks_for(*operations), times, seconds=seconds)


def drip(seconds: float, *operations: str, times: int = 1) -> Fault:
    """The answer comes a byte at a time."""
    return Fault(Break.DRIP, asks_for(*operations), times, seconds=seconds)


def unauthorized(*operations: str, times: int = 1) -> Fault:
    """401, whatever the password."""
    return _answer(Answer(401, headers=(("WWW-Authenticate", 'Basic realm="Exchange"'),)), operations, times)


def expired_token(*operations: str, times: int = 1) -> Fault:
    """401 because the token is too old, as Exchange says it."""
    why = '2000003;reason="The token has expired.";error_category="invalid_token"'
    headers = (("WWW-Authenticate", 'Bearer error="invalid_token"'), ("x-ms-diagnostics", why))
    return _answer(Answer(401, headers=headers), operations, times)


def sign_in_page(*operations: str, times: int = 1) -> Fault:
    """302 to a page for browsers, as gateways do when a session has ended."""
    return _answer(redirect(f"{SIGN_IN_PAGE}?url=/EWS/Exchange.asmx&reason=0"), operations, times)


def html_page(*operations: str, times: int = 1) -> Fault:
    """200 with a page for browsers."""
    return _answer(page(), operations, times)


def unavailable(*operations: str, times: int = 1, retry_after: int | None = None) -> Fault:
    """503 with a page of the web server's, or of a balancer's before it."""
    headers = () if retry_after is None else (("Retry-After", str(retry_after)),)
    body = b"<html><body><h2>Service Unavailable</h2><hr><p>HTTP Error 503.</p></body></html>"
    return _answer(Answer(503, body, "text/html; charset=us-ascii", headers), operations, times)


def server_busy(milliseconds: int, *operations: str, times: int = 1) -> Fault:
    """500 with ErrorServerBusy and BackOffMilliseconds: throttled, nothing was done."""
    values = {"BackOffMilliseconds": str(milliseconds)}
    text = "The server cannot service this request right now. Try again later."
    return _answer(soap_fault("ErrorServerBusy", text, values), operations, times)


def internal_error(*operations: str, times: int = 1) -> Fault:
    """500 with ErrorInternalServerError."""
    text = "An internal server error occurred. The operation failed."
    return _answer(soap_fault("ErrorInternalServerError", text), operations, times)


def soap_fault(code: str, text: str, values: dict[str, str] | None = None) -> Answer:
    """A whole request's failure as an answer."""
    body = to_bytes(s("Envelope", s("Body", SoapFault(code, text, values).body())))
    return Answer(500, body, "text/xml; charset=utf-8")


def _answer(answer: Answer, operations: tuple[str, ...], times: int) -> Fault:
    return Fault(Break.ANSWER, asks_for(*operations), times, answer)
