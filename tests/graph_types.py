"""Bodies against the types of Microsoft Graph's CSDL (the excerpt in ../shared/schemas/graph), each one counted."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from core.sandbox.graph.wire import Call, Json, Reply

SCHEMA = Path(__file__).resolve().parents[2] / "shared" / "schemas" / "graph" / "calendar.csdl.xml"
MISSING = "../shared/schemas/graph is not there: the types of Microsoft Graph"
_EDM = "{http://docs.oasis-open.org/odata/ns/edm}"
_FORMS = {
    "Edm.DateTimeOffset": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?(Z|[+-]\d\d:\d\d)"),
    "Edm.Date": re.compile(r"\d{4}-\d\d-\d\d"),
    "Edm.TimeOfDay": re.compile(r"\d\d:\d\d:\d\d(\.\d{1,7})?"),
    "Edm.Binary": re.compile(r"[A-Za-z0-9+/_=-]*"),
    "Edm.Guid": re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"),
    "Edm.Duration": re.compile(r"P.*"),
    "Edm.String": re.compile(r".*", re.DOTALL),
}
_WALL = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?")


@dataclass
class Kind:
    """One structured type."""

    base: str
    properties: dict[str, tuple[str, bool]]


class Types:
    """The schema, and what a value does wrong by it."""

    def __init__(self, path: Path = SCHEMA) -> None:
        root = ElementTree.parse(path).getroot()
        self.kinds: dict[str, Kind] = {}
        self.enums: dict[str, set[str]] = {}
        self.actions: dict[str, dict[str, str]] = {}
        for node in root:
            name = node.get("Name", "")
            if node.tag in (f"{_EDM}EntityType", f"{_EDM}ComplexType"):
                found = {"id": ("Edm.String", False)} if node.tag.endswith("EntityType") else {}
                for one in node:
                    found[one.get("Name", "")] = (one.get("Type", ""), one.get("Nullable") != "false")
                self.kinds[name] = Kind(node.get("BaseType", "").rpartition(".")[2], found)
            elif node.tag == f"{_EDM}EnumType":
                self.enums[name] = {one.get("Name", "") for one in node}
            elif node.tag == f"{_EDM}Action":
                parameters = {
                    one.get("Name", "").lower(): one.get("Type", "")
                    for one in node
                    if one.tag == f"{_EDM}Parameter" and one.get("Name") != "bindingParameter"
                }
                self.actions.setdefault(name, {}).update(parameters)

    def properties(self, kind: str) -> dict[str, tuple[str, bool]]:
        found: dict[str, tuple[str, bool]] = {}
        while kind in self.kinds:
            found = {**self.kinds[kind].properties, **found}
            kind = self.kinds[kind].base
        return found

    def is_a(self, kind: str, wanted: str) -> bool:
        while kind in self.kinds:
            if kind == wanted:
                return True
            kind = self.kinds[kind].base
        return False

    def wrong(self, value: object, kind: str, where: str = "") -> list[str]:
        """What is wrong with the value as that type; nothing if it is right."""
        if kind.startswith("Collection("):
            if not isinstance(value, list):
                return [f"{where}: a list is expected"]
            inner = kind[11:-1]
            return [text for n, one in enumerate(value) for text in self.wrong(one, inner, f"{where}[{n}]")]
        name = kind.rpartition(".")[2]
        if name in self.enums:
            return [] if value in self.enums[name] else [f"{where}: {value!r} is no {name}"]
        if name in self.kinds:
            return self._structure(value, name, where)
        return self._plain(value, kind, where)

    def _structure(self, value: object, name: str, where: str) -> list[str]:
        if not isinstance(value, dict):
            return [f"{where}: an object is expected, as {name}"]
        given = str(value.get("@odata.type", "")).rpartition(".")[2] or name
        if not self.is_a(given, name):
            return [f"{where}: {given} is no {name}"]
        known, found = self.properties(given), []
        for key, inner in value.items():
            if key.startswith("@"):
                if not key.startswith(("@odata.", "@removed")):
                    found.append(f"{where}.{key}: no such annotation")
            elif key not in known:
                found.append(f"{where}.{key}: {given} has no such property")
            elif inner is None:
                if not known[key][1]:
                    found.append(f"{where}.{key}: must not be null")
            else:
                found += self.wrong(inner, known[key][0], f"{where}.{key}")
        if given == "dateTimeTimeZone" and not _WALL.fullmatch(str(value.get("dateTime", ""))):
            found.append(f"{where}.dateTime: {value.get('dateTime')!r}")
        return found

    def _plain(self, value: object, kind: str, where: str) -> list[str]:
        match kind:
            case "Edm.Boolean":
                right = isinstance(value, bool)
            case "Edm.Int32" | "Edm.Int64":
                right = isinstance(value, int) and not isinstance(value, bool)
            case "Edm.Double":
                right = isinstance(value, int | float) and not isinstance(value, bool)
            case _ if kind in _FORMS:
                right = isinstance(value, str) and bool(_FORMS[kind].fullmatch(value))
            case _:
                return [f"{where}: the type {kind} is not known"]
        return [] if right else [f"{where}: {value!r} is no {kind}"]


_ROUTES: tuple[tuple[str, str, bool], ...] = (
    (r"/createUploadSession$|^/upload/", "uploadSession", False),
    (r"/calendarView(/delta)?$|/events$|/instances$", "event", True),
    (r"/events/[^/]+$", "event", False),
    (r"/calendarPermissions$", "calendarPermission", True),
    (r"/calendarPermissions/[^/]+$", "calendarPermission", False),
    (r"/attachments$", "attachment", True),
    (r"/attachments/[^/]+$", "attachment", False),
    (r"/calendars$", "calendar", True),
    (r"/calendars/[^/]+$|/calendar$", "calendar", False),
    (r"/messages$", "message", True),
    (r"/messages/[^/]+$", "message", False),
    (r"/mailFolders/[^/]+$", "mailFolder", False),
    (r"/people$", "person", True),
    (r"/users$", "user", True),
    (r"/mailboxSettings$", "mailboxSettings", False),
    (r"/getSchedule$", "scheduleInformation", True),
    (r"/allowedCalendarSharingRoles\(.*\)$", "calendarRoleType", True),
    (r"/me$|/users/[^/]+$", "user", False),
)
_ACTIONS = ("getSchedule", "sendMail", "createUploadSession")


@dataclass
class Checker:
    """Looks at every request and answer of a server; the test that used it fails for what was wrong."""

    types: Types
    requests: int = 0
    answers: int = 0
    wrong: list[str] = field(default_factory=list)

    def __call__(self, call: Call, reply: Reply) -> None:
        kind, many = next(((k, m) for pattern, k, m in _ROUTES if re.search(pattern, call.path)), ("", False))
        if call.body and call.method in ("POST", "PATCH") and "text/plain" not in call.headers.get("content-type", ""):
            self.requests += 1
            if reply.status < 400:
                self._request(call, kind)
        if reply.body and "json" in reply.headers.get("Content-Type", ""):
            self.answers += 1
            self._answer(call, reply, kind, (many and call.method == "GET") or kind == "scheduleInformation")

    def _note(self, call: Call, found: list[str]) -> None:
        self.wrong += [f"{call.method} {call.path} {text}" for text in found]

    def _request(self, call: Call, kind: str) -> None:
        body = json.loads(call.body)
        action = call.path.rpartition("/")[2]
        if action in _ACTIONS:
            known = self.types.actions[action]
            for name, value in body.items():
                if name.lower() not in known:
                    self._note(call, [f"?{name}: no such parameter"])
                else:
                    self._note(call, self.types.wrong(value, known[name.lower()], f"?{name}"))
            return
        self._note(call, self.types.wrong(body, kind, "?") if kind else ["?: no type is known for this address"])

    def _answer(self, call: Call, reply: Reply, kind: str, many: bool) -> None:
        body: Json = json.loads(reply.body)
        if reply.status >= 400:
            error = body.get("error")
            right = (
                isinstance(error, dict) and isinstance(error.get("code"), str) and isinstance(error.get("message"), str)
            )
            self._note(call, [] if right else ["the error has not Graph's shape"])
        elif not kind:
            self._note(call, ["no type is known for this answer"])
        elif many:
            known = {"value", "@odata.context", "@odata.nextLink", "@odata.deltaLink", "@odata.count"}
            self._note(call, [f".{name}: not in a list" for name in body if name not in known])
            self._note(call, self.types.wrong(body.get("value"), f"Collection(graph.{kind})", ""))
        else:
            self._note(call, self.types.wrong(body, kind, ""))

    def close(self) -> None:
        """Add what was counted to the file that PARTAGENDA_COUNTS names; raise for what was wrong."""
        if target := os.environ.get("PARTAGENDA_COUNTS"):
            with open(target, "a") as file:
                file.write(f"graph {self.requests} {self.answers} {len(self.wrong)}\n")
        assert self.wrong == []
