"""One request to Graph and its answer, and how long to wait when told to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from core.backends.graph import translate
from core.errors import TransportError
from core.json_text import read_json
from core.language import _
from core.values import dataclass

if TYPE_CHECKING:
    import ssl

    from core.backends.graph.settings import GraphSettings

Json = dict[str, Any]


@dataclass
class Request:
    """What goes on the wire. `bare`: without a token. `raw`: the answer is bytes, not JSON."""

    method: str
    url: str
    query: dict[str, str]
    headers: dict[str, str]
    content: bytes | None
    raw: bool = False
    bare: bool = False
    final: bool = False
    """Whoever cancels it is told that nobody can know (a message that leaves)."""
    handed_over: bool = False

    @property
    def writes(self) -> bool:
        """Whether it changes something there (a batch of ours only reads)."""
        return self.method != "GET" and not self.url.endswith(("/$batch", "/getSchedule"))


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. `data` is its JSON, None where it has none."""

    status: int
    data: Any
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def json(self) -> Json:
        """The answer as an object; empty where it is none."""
        return self.data if isinstance(self.data, dict) else {}


def answer_of(request: Request, status: int, headers: Mapping[str, str], body: bytes, host: str) -> Answer:
    """Read an answer; one that should be JSON and is not raises: it is never “nothing there”."""
    if (request.raw and status < 300) or not body:
        if status == 200 and not body and not request.raw:
            raise translate.nobody_knows(host) if request.writes else translate.strange(host, _("it is empty"))
        return Answer(status, None, headers, body)
    try:
        return Answer(status, read_json(body), headers, body)
    except ValueError:
        if status >= 300:
            return Answer(status, None, headers, body)
    if request.writes:
        raise translate.nobody_knows(host)  # a page of somebody in between: it may never have arrived
    raise translate.strange(host, headers.get("content-type", "?"))


def listed(page: Json, host: str) -> Json:
    """The page, if it is one of a list. Raises TransportError."""
    if not isinstance(page.get("value"), list):
        raise translate.strange(host, _("a list is missing in it"))
    return page


def retry_after(headers: Mapping[str, str], attempt: int) -> float:
    """Seconds to wait (RFC 9110 §10.2.3: a number or a date); without a word twice as long each time."""
    said = headers.get("retry-after", "").strip()
    if said.isdecimal():
        return float(said)
    try:
        until = parsedate_to_datetime(said)
    except (ValueError, TypeError):
        return float(2**attempt)
    until = until.replace(tzinfo=UTC) if until.tzinfo is None else until
    return max(0.0, (until - datetime.now(UTC)).total_seconds())


def trust(settings: GraphSettings) -> ssl.SSLContext:
    """Whom to believe: the system's authorities, and the account's own. Raises TransportError."""
    import ssl

    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if settings.ca is not None:
        try:
            context.load_verify_locations(cafile=str(settings.ca))
        except OSError as error:
            raise TransportError(
                _("The authority in {file} cannot be read: {reason}").format(
                    file=settings.ca, reason=error.strerror or error
                ),
                _("Check “ca” of the account."),
            ) from error
    return context
