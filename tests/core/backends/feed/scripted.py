"""A server that says what a test wants, and notes what it was asked."""

from __future__ import annotations

from collections.abc import Callable

from core.sandbox.http import Answer, HttpServer, Request
from core.sandbox.servers import Certificates

ICS = "text/calendar; charset=utf-8"


class ScriptedServer(HttpServer):
    """`pages` by path: an answer, or a function of the request."""

    def __init__(self, certificates: Certificates | None = None) -> None:
        super().__init__(certificates, "scripted")
        self.pages: dict[str, Answer | Callable[[Request], Answer]] = {}
        self.asked: list[Request] = []

    def answer(self, request: Request) -> Answer:
        self.asked.append(request)
        found = self.pages.get(request.path, Answer(404, b"nothing here"))
        return found(request) if callable(found) else found


def event(uid: str, title: str = "Lunch") -> bytes:
    return (
        f"BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20261101T000000Z\r\nDTSTART:20261123T110000Z\r\n"
        f"DTEND:20261123T120000Z\r\nSUMMARY:{title}\r\nEND:VEVENT\r\n"
    ).encode()


def calendar(count: int = 3, *, name: str = "Team", extra: str = "", title: str = "Lunch") -> bytes:
    """An .ics with so many events, UIDs `0` and on."""
    head = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//EN\r\nX-WR-CALNAME:{name}\r\n{extra}"
    events = b"".join(event(str(number), f"{title} {number}") for number in range(count))
    return head.encode() + events + b"END:VCALENDAR\r\n"


def versioned(content: Callable[[], bytes], etag: Callable[[], str]) -> Callable[[Request], Answer]:
    """Answers 304 where the version is known."""

    def answer(request: Request) -> Answer:
        if request.header("If-None-Match") == etag():
            return Answer(304, headers=(("ETag", etag()),))
        return Answer(200, content(), ICS, (("ETag", etag()),))

    return answer
