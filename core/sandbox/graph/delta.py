"""`calendarView/delta`: rounds of pages, the token that ends a round, and 410 when the server no longer knows it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime

from core.sandbox.graph.model import Calendar
from core.sandbox.graph.odata import link
from core.sandbox.graph.render import View, brief, clean, shown
from core.sandbox.graph.times import instant_of
from core.sandbox.graph.wire import Call, GraphError, Json, bad

_PAGE = 50


@dataclass(eq=False)
class Round:
    """One round of pages: what is still to be sent, and what the client will have seen at its end."""

    calendar: str
    begin: datetime
    end: datetime
    left: list[Json]
    versions: dict[str, int]


@dataclass
class Rounds:
    """The tokens that this server remembers."""

    known: dict[str, Round] = field(default_factory=dict)

    def forget(self) -> None:
        """All tokens are lost: clients are told to begin anew."""
        self.known.clear()

    def answer(self, view: View) -> Json:
        """One page. Raises 400, 410."""
        query = view.call.query
        token = query.get("$skiptoken") or query.get("$deltatoken")
        if token is None:
            if "startDateTime" not in query or "endDateTime" not in query:
                raise bad("This request requires a time window specified by startDateTime and endDateTime.")
            begin, end = span_of(view.call)
            return self._page(view, self._begin(view, begin, end, {}))
        known = self.known.get(token)
        if known is None or known.calendar != view.calendar.id:
            raise GraphError(410, "SyncStateNotFound", "The sync state generation is not found; restart the sync.")
        if "$skiptoken" in query:
            return self._page(view, known)
        return self._page(view, self._begin(view, known.begin, known.end, known.versions))

    def _begin(self, view: View, begin: datetime, end: datetime, seen: dict[str, int]) -> Round:
        now, found = _now(view.calendar, view, begin, end)
        left = [thing for name, thing in found.items() if seen.get(name) != now[name]]
        left += [{"@odata.type": "#microsoft.graph.event", "id": name, "@removed": {"reason": "deleted"}}
                 for name in seen if name not in now]  # fmt: skip
        return Round(view.calendar.id, begin, end, left, now)

    def _page(self, view: View, found: Round) -> Json:
        asked = view.call.prefer.get("odata.maxpagesize", "")
        size = min(int(asked), 1000) if asked.isdecimal() and int(asked) else _PAGE
        here, rest = found.left[:size], found.left[size:]
        token = secrets.token_urlsafe(24)
        page: Json = {"@odata.context": f"{view.call.base}/v1.0/$metadata#Collection(event)", "value": here}
        if rest:
            self.known[token] = Round(found.calendar, found.begin, found.end, rest, found.versions)
            page["@odata.nextLink"] = link(view.call, {"$skiptoken": token})
        else:
            self.known[token] = Round(found.calendar, found.begin, found.end, [], found.versions)
            page["@odata.deltaLink"] = link(view.call, {"$deltatoken": token})
        return page


def _now(calendar: Calendar, view: View, begin: datetime, end: datetime) -> tuple[dict[str, int], dict[str, Json]]:
    versions: dict[str, int] = {}
    found: dict[str, Json] = {}
    plain = View(view.viewer, view.owner, calendar, Call("GET", "", {}, view.call.headers, b"", view.call.base))
    for item in calendar.items.values():
        instances = item.instances(begin, end)
        if item.recurrence and instances:
            versions[item.id], found[item.id] = item.version, clean(shown(item.whole(), plain))
        for one in instances:
            full = clean(shown(one, plain))
            versions[one.id] = item.version if one.kind != "occurrence" else 0
            found[one.id] = brief(full) if one.kind == "occurrence" else full
    return versions, found


def span_of(call: Call) -> tuple[datetime, datetime]:
    """The span of `calendarView`. Raises 400."""
    try:
        begin, end = instant_of(call.query["startDateTime"]), instant_of(call.query["endDateTime"])
    except KeyError:
        raise bad("This request requires a time window specified by startDateTime and endDateTime.") from None
    if end < begin or (end - begin).days > 1825:
        raise bad("The requested time window must be positive and at most 1825 days.", "ErrorCalendarViewRangeTooBig")
    return begin, end
