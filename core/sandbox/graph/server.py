"""The server: sign-in, tokens and scopes, batches, throttling, and the door to the routes."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import date, datetime

from core.sandbox import http
from core.sandbox.graph import seed
from core.sandbox.graph.attachments import Uploads
from core.sandbox.graph.delta import Rounds
from core.sandbox.graph.messages import Maildirs
from core.sandbox.graph.model import Mailbox, Tenant
from core.sandbox.graph.oauth import Grant, SignIns
from core.sandbox.graph.routes_calendar import CalendarRoutes, World, nowhere
from core.sandbox.graph.routes_mail import MailRoutes, directory, one_user
from core.sandbox.graph.wire import Call, GraphError, Json, Reply, bad
from core.sandbox.people import Accounts
from core.sandbox.servers import Certificates

AT_ONCE = 4
"""Requests at the same time for one app and mailbox, as Exchange Online allows."""
_BATCH = 20
_CALENDAR = ("calendars", "calendar", "calendarView", "events")
Observer = Callable[[Call, Reply], None]


class GraphServer(http.HttpServer):
    """Graph and its sign-in on one address. `url` is the base; `/v1.0` and `/{tenant}/oauth2` lie below it."""

    def __init__(
        self, accounts: Accounts, certificates: Certificates, tenant: Tenant | None = None, language: str = "en"
    ) -> None:
        super().__init__(certificates, "graph")
        self.tenant = tenant or seed.seeded(_today(), language)
        self.sign_ins = SignIns(accounts)
        self.world = World(self.tenant, Maildirs(accounts.maildirs), Rounds(), Uploads())
        self.observers: list[Observer] = []
        """Called with each request and its answer, those inside a batch too."""
        self.requests: list[str] = []
        """`METHOD /path` of every request that reached Graph itself (not the sign-in), in order."""
        self.at_once: dict[str, int] = {}
        self.most_at_once = 0
        self._counting = threading.Lock()

    def answer(self, request: http.Request) -> http.Answer:
        """One request over the wire."""
        call = Call.of(request.method, request.target, dict(request.headers.items()), request.body, self.url)
        reply = self.reply(call)
        headers = tuple((name, value) for name, value in reply.headers.items() if name != "Content-Type")
        return http.Answer(reply.status, reply.body, reply.headers.get("Content-Type", ""), headers)

    def reply(self, call: Call) -> Reply:
        """What this server says."""
        found = self.sign_ins.answer(call)
        if found is not None:
            return found
        with self._counting:
            self.requests.append(f"{call.method} {call.path}")
        try:
            if call.path.startswith("/upload/"):
                return self._seen(call, self.world.uploads.put(call.path.rpartition("/")[2], call))
            grant = self._grant(call)
            return self._counted(call, grant)
        except GraphError as error:
            return self._seen(call, error.answer())

    def _grant(self, call: Call) -> Grant:
        grant = self.sign_ins.who(call)
        if grant is None:
            raise GraphError(401, "InvalidAuthenticationToken", "Lifetime validation failed, the token is expired.",
                             {"WWW-Authenticate": 'Bearer realm="", authorization_uri="login"'})  # fmt: skip
        return grant

    def _counted(self, call: Call, grant: Grant) -> Reply:
        key = grant.person.key
        with self._counting:
            now = self.at_once[key] = self.at_once.get(key, 0) + 1
            self.most_at_once = max(self.most_at_once, now)
        try:
            if now > AT_ONCE:
                raise GraphError(429, "ApplicationThrottled",
                                 "Application is over its MailboxConcurrency limit.", {"Retry-After": "1"})  # fmt: skip
            if call.segments == ["$batch"]:
                return self._batch(call, grant)
            return self._one(call, grant)
        finally:
            with self._counting:
                self.at_once[key] -= 1

    def _seen(self, call: Call, reply: Reply) -> Reply:
        for observer in self.observers:
            observer(call, reply)
        return reply

    def _one(self, call: Call, grant: Grant) -> Reply:
        try:
            with self.tenant.lock:
                reply = self._route(call, grant)
        except GraphError as error:
            reply = error.answer()
        except (KeyError, TypeError, AttributeError, ValueError) as error:  # a body of another shape than expected
            reply = bad(f"The request is not valid: {error!r}").answer()
        return self._seen(call, reply)

    def _route(self, call: Call, grant: Grant) -> Reply:
        mine = self.tenant.mailbox(grant.person.address)
        match call.segments:
            case ["me", *rest]:
                owner = mine
            case ["users"]:
                _needs(grant, "User.ReadBasic.All", "User.Read.All")
                return directory(self.world, mine, call)
            case ["users", name]:
                _needs(grant, "User.ReadBasic.All", "User.Read.All")
                return one_user(self.world, name, call)
            case ["users", name, *rest]:
                owner = self.tenant.mailbox(name)
            case _:
                raise nowhere(call)
        _scopes(grant, call, rest, own=owner is mine)
        if rest and rest[0] in _CALENDAR:
            return CalendarRoutes(self.world, grant.person, owner, call).answer(rest)
        if owner is not mine:
            raise GraphError(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
        return MailRoutes(self.world, owner, call).answer(rest)

    def _batch(self, call: Call, grant: Grant) -> Reply:
        steps = call.json().get("requests")
        if call.method != "POST" or not isinstance(steps, list) or not 0 < len(steps) <= _BATCH:
            raise bad("A batch holds 1 to 20 requests.", "BadRequest")
        answers: dict[str, Json] = {}
        for step in steps:
            failed = [one for one in step.get("dependsOn", []) if answers.get(one, {}).get("status", 424) >= 400]
            if failed:
                error = {"error": {"code": "FailedDependency", "message": "A request before this one failed."}}
                answers[step["id"]] = {"id": step["id"], "status": 424, "headers": {}, "body": error}
                continue
            answers[step["id"]] = self._step(step, call, grant)
        return Reply.json({"responses": list(answers.values())})

    def _step(self, step: Json, call: Call, grant: Grant) -> Json:
        headers = {"prefer": "", **{name.lower(): value for name, value in (step.get("headers") or {}).items()}}
        body = json.dumps(step["body"]).encode() if "body" in step else b""
        one = Call.of(step["method"], f"/v1.0{step['url']}", headers, body, call.base)
        reply = self._one(one, grant)
        found: Json = {"id": step["id"], "status": reply.status, "headers": dict(reply.headers)}
        if reply.body:
            found["body"] = json.loads(reply.body)
        return found

    # --- what tests switch on ------------------------------------------------------------------------------------

    def mailbox(self, address: str) -> Mailbox:
        """Somebody's mailbox, to look into or to change behind a client's back (hold `tenant.lock`)."""
        return self.tenant.mailbox(address)


def _today() -> date:
    return datetime.now().astimezone().date()


def _needs(grant: Grant, *any_of: str) -> None:
    has = {scope.rpartition("/")[2].lower() for scope in grant.scopes}
    if not has & {scope.lower() for scope in any_of}:
        raise GraphError(403, "ErrorAccessDenied", f"The token lacks one of the scopes {', '.join(any_of)}.")


def _scopes(grant: Grant, call: Call, rest: list[str], *, own: bool) -> None:
    """The delegated permissions that Microsoft's pages name for each address."""
    head = rest[0] if rest else ""
    writes = call.method != "GET" and rest[-1:] != ["getSchedule"]
    shared = ("Calendars.ReadWrite.Shared",) if writes else ("Calendars.Read.Shared", "Calendars.ReadWrite.Shared")
    if head in _CALENDAR:
        mine = ("Calendars.ReadWrite",) if writes else ("Calendars.Read", "Calendars.ReadWrite")
        _needs(grant, *(mine + shared if own else shared))
    elif head == "mailboxSettings":
        _needs(grant, "MailboxSettings.Read", "MailboxSettings.ReadWrite")
    elif head == "people":
        _needs(grant, "People.Read")
    elif head == "sendMail" or rest[-1:] == ["send"]:
        _needs(grant, "Mail.Send")
    elif head in ("messages", "mailFolders"):
        _needs(grant, *(("Mail.ReadWrite",) if writes else ("Mail.Read", "Mail.ReadWrite")))
    else:
        _needs(grant, "User.Read", "User.ReadBasic.All", "User.Read.All")
