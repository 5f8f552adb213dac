"""The server: `/EWS/Exchange.asmx`, sign-in, SOAP in and out, and who asked for what how often."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC
from functools import cached_property
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from types import TracebackType

from core.sandbox import exchange
from core.sandbox.exchange import web
from core.sandbox.exchange.auth import SignIn
from core.sandbox.exchange.errors import EwsError, SoapFault
from core.sandbox.exchange.model import Mailbox, Organisation
from core.sandbox.exchange.options import Options
from core.sandbox.exchange.registry import OPERATIONS, PLANNED, Context
from core.sandbox.exchange.schema import schema_at_hand
from core.sandbox.exchange.throttling import Budget
from core.sandbox.exchange.times import zone_of
from core.sandbox.exchange.xml import SOAP, Element, ParseError, child, name_of, parse, s, t, to_bytes
from core.sandbox.http import Answer, HttpServer, Request
from core.sandbox.people import Accounts
from core.sandbox.servers import Certificates
from core.values import dataclass

PATH = "/EWS/Exchange.asmx"
_XML = "text/xml; charset=utf-8"
_VERSIONS = frozenset(
    f"Exchange{name}"
    for name in "2007 2007_SP1 2009 2010 2010_SP1 2010_SP2 2012 2013 2013_SP1 2015 2016".split()  # noqa: SIM905
)
_VERSION = {"MajorVersion": "15", "MinorVersion": "2", "MajorBuildNumber": "2562", "MinorBuildNumber": "17"}


@dataclass(frozen=True, slots=True)
class Exchanged:
    """One request and its answer, as bytes, for those who watch."""

    operation: str
    who: str
    request: bytes
    status: int
    answer: bytes


class ExchangeServer(HttpServer):
    """Exchange Web Services on loopback. `counts` says how many requests each operation had."""

    def __init__(
        self,
        organisation: Organisation | Callable[[], Organisation],
        accounts: Accounts,
        certificates: Certificates | None = None,
        folder: Path | None = None,
    ) -> None:
        super().__init__(certificates, "exchange")
        self._given = organisation
        self.budget = Budget()
        self.options = Options()
        self.sign_in = SignIn(lambda: self.organisation, accounts, folder)
        self.counts: Counter[str] = Counter()
        self.schema = schema_at_hand()
        self.watchers: list[Callable[[Exchanged], None]] = []
        self._counting = threading.Lock()

    @cached_property
    def organisation(self) -> Organisation:
        """What it serves; made, and all operations loaded, when somebody first asks."""
        for module in iter_modules(exchange.__path__):  # each adds its operations when it is loaded
            import_module(f"{exchange.__name__}.{module.name}")
        made = self._given if isinstance(self._given, Organisation) else self._given()
        made.closing = self.stopping
        return made

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        super().__exit__(kind, error, trace)
        self.sign_in.close()

    @property
    def ews(self) -> str:
        """The address of the service."""
        return self.url + PATH

    def answer(self, request: Request) -> Answer:
        """The service, and the few pages beside it; paths are the same in any case."""
        match request.path.lower():
            case web.SIGN_IN_PAGE:
                return web.page()
            case web.TOKEN:
                return web.token(request, self.sign_in)
            case path if path in (web.AUTODISCOVER, PATH.lower()):
                return self._for_people(request, path)
            case _:
                return super().answer(request)

    def _for_people(self, request: Request, path: str) -> Answer:
        who = self.sign_in.who(request)
        if who is None:
            return Answer(401, headers=self.sign_in.challenges(request))
        if path == web.AUTODISCOVER:
            return web.autodiscover(request, self.organisation, self.ews)
        if request.method != "POST":
            return Answer(200, b"<html><body>Exchange Web Services</body></html>", "text/html; charset=utf-8")
        return self._service(request, who)

    def _service(self, request: Request, who: Mailbox) -> Answer:
        name = ""
        try:
            envelope = _envelope(request.body)
            _check_version(envelope[0])
            if self.schema is not None:
                self.schema.check_request(request.body)
            name = name_of(envelope[1]).removesuffix("Request")  # GetUserAvailability's element says so
            with self._counting:
                self.counts[name] += 1
            self.budget.spend(who.key)
            answer = self._run(who, *envelope)
        except SoapFault as fault:
            answer = Answer(500, to_bytes(_wrapped(fault.body())), _XML)
        except EwsError as error:
            answer = Answer(500, to_bytes(_wrapped(SoapFault(error.code, error.text, error.values).body())), _XML)
        return self._watched(name, who, request, answer)

    def _watched(self, name: str, who: Mailbox, request: Request, answer: Answer) -> Answer:
        """Hold the answer to the schema and show it to those who watch; of a stream, each piece."""

        def seen(content: bytes) -> bytes:
            if self.schema is not None:
                self.schema.check_answer(content)
            for watch in self.watchers:
                watch(Exchanged(name, who.key, request.body, answer.status, content))
            return content

        if answer.stream is not None:
            return replace(answer, stream=map(seen, answer.stream))
        seen(answer.body)
        return replace(answer, body=_disturbed(answer.body)) if self.options.control_characters else answer

    def _run(self, who: Mailbox, header: Element | None, body: Element) -> Answer:
        name = name_of(body).removesuffix("Request")
        handler = OPERATIONS.get(name)
        if handler is None:
            raise SoapFault("ErrorInvalidRequest", f"The operation {name_of(body)} is not known here.")
        with self.organisation.lock:
            context = self._asked(who, header, body)
            PLANNED.set(self.options.inner_error(name))
            made = handler(context)
        if isinstance(made, Element):
            return Answer(200, to_bytes(_wrapped(made)), _XML)
        pieces = (_piece(piece) for piece in made)
        return Answer(200, media_type=_XML, stream=pieces)

    def _asked(self, who: Mailbox, header: Element | None, body: Element) -> Context:
        asked = child(header, "RequestServerVersion")
        version = asked.get("Version", "") if asked is not None else ""
        _refuse_impersonation(who, child(header, "ExchangeImpersonation", "ConnectingSID"))
        given = zone_of(child(header, "TimeZoneContext", "TimeZoneDefinition"))
        return Context(
            self.organisation,
            who,
            body,
            header,
            zone=given or UTC,
            version=version or "Exchange2007",
            options=self.options,
        )


def _envelope(content: bytes) -> tuple[Element | None, Element]:
    try:
        envelope = parse(content)
    except (ParseError, ValueError) as error:
        raise SoapFault("ErrorInvalidRequest", f"The request is not well formed: {error}") from error
    body = child(envelope, "Body")
    if envelope.tag != f"{{{SOAP}}}Envelope" or body is None or len(body) != 1:
        raise SoapFault("ErrorInvalidRequest", "The request is no SOAP envelope with one operation.")
    return child(envelope, "Header"), body[0]


def _disturbed(content: bytes) -> bytes:
    """With what some servers let through: entities of control characters, which no parser has to take."""
    return content.replace(b"<t:Subject>", b"<t:Subject>&#x1;&#xB;").replace(b"<t:Name>", b"<t:Name>&#x1F;")


def _refuse_impersonation(who: Mailbox, sid: Element | None) -> None:
    """Nobody here may act as somebody else; as oneself is no impersonation. Raises SoapFault."""
    names = [(part.text or "").strip().lower() for part in sid] if sid is not None else []
    if any(name not in (who.address.lower(), who.key) for name in names):
        text = "The account does not have permission to impersonate the requested user."
        raise SoapFault("ErrorImpersonateUserDenied", text)


def _check_version(header: Element | None) -> None:
    """A version that there never was is refused by its own name, before the schema is looked at."""
    asked = child(header, "RequestServerVersion")
    version = asked.get("Version", "") if asked is not None else "Exchange2007"
    if version not in _VERSIONS and not version.startswith("V201"):
        raise SoapFault("ErrorInvalidServerVersion", "The specified server version is invalid.")


def _version() -> Element:
    return t("ServerVersionInfo", Version="V2017_07_11", **_VERSION)


def _piece(content: Element) -> bytes:
    """One envelope of a stream: without a prefix and a declaration, as clients cut the stream at `</Envelope>`."""
    envelope = to_bytes(_wrapped(content)).partition(b"?>")[2]
    begun = envelope.replace(b"<s:Envelope ", f'<Envelope xmlns="{SOAP}" '.encode(), 1)
    return begun.removesuffix(b"</s:Envelope>") + b"</Envelope>"


def _wrapped(content: Element) -> Element:
    return s("Envelope", s("Header", _version()), s("Body", content))
