"""What changed in a calendar since a token.

`calendarView/delta` speaks for a window of time, and there is nothing else in v1.0. So a token begins with a delta
round over the window, whose contents are passed over, lists everything after that, and from then on asks the delta
and, for what lies outside the window, for what was modified since. After a month everything is listed once more, so
that what was deleted outside the window is noticed too.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta

from core.backends.graph.extras import EXPAND
from core.backends.graph.reading import FIELDS
from core.backends.graph.session import Session
from core.backends.graph.wire import Json, listed
from core.errors import NotFound
from core.json_text import read_json
from core.ports.servers import RemoteChanges, RemoteItem, RemoteRef
from core.values import dataclass

BACK, AHEAD = timedelta(days=365), timedelta(days=730)
_AGAIN = timedelta(days=30)
_SLACK = timedelta(minutes=5)
_PAGE = 100
_MOST_TOLD = 500
Whole = Callable[[Iterable[Json]], Awaitable[list[RemoteItem]]]


@dataclass(frozen=True, slots=True)
class _Token:
    """Where we are. `delta` is the link to ask with next, `since` when the last round began (RFC 3339)."""

    phase: str = "round"
    delta: str = ""
    following: str = ""
    since: str = ""
    begun: str = ""
    told: tuple[tuple[str, str], ...] = ()
    """Ids and versions that were told already and that the next question about what was modified will bring again."""

    def __str__(self) -> str:
        return json.dumps({name: value for name, value in asdict(self).items() if value})


def _read(text: str) -> _Token | None:
    try:
        values = read_json(text) if text else None
        return _Token(**{**values, "told": tuple(map(tuple, values.get("told", ())))}) if values else None
    except (ValueError, TypeError, AttributeError):
        return None


class Changes:
    """The changes of one calendar. `whole` makes items of single events that came with a list."""

    def __init__(self, session: Session, calendar: str, whole: Whole, now: Callable[[], datetime]) -> None:
        self._session = session
        self._calendar = calendar
        self._whole = whole
        self._now = now

    async def page(self, since: str) -> RemoteChanges:
        """One page. Raises as `Session`."""
        token = _read(since)
        if token is None or (token.phase == "changes" and self._old(token)):
            found = await self._round(self._first())
            return replace(found, resync=bool(since))
        try:
            match token.phase:
                case "round":
                    return await self._round(token)
                case "list":
                    return await self._list(token)
                case _:
                    return await self._changes(token)
        except (
            NotFound
        ):  # 410: the server has forgotten the token. Where the calendar itself is gone, this raises again
            return replace(await self._round(self._first()), resync=True)

    def _old(self, token: _Token) -> bool:
        return self._now() - datetime.fromisoformat(token.begun) > _AGAIN

    def _first(self) -> _Token:
        now = self._now().astimezone(UTC).isoformat(timespec="seconds")
        return _Token(since=now, begun=now)

    async def _round(self, token: _Token) -> RemoteChanges:
        """The delta round that gives the link to go on with; its contents come with the list."""
        prefer = "odata.maxpagesize=500"
        if token.following:
            page = listed(await self._session.get(token.following, prefer=prefer), self._session.host)
        else:
            begun = datetime.fromisoformat(token.begun)
            span = {"_startDateTime": _z(begun - BACK), "_endDateTime": _z(begun + AHEAD)}
            page = listed(await self._session.get(f"{self._calendar}/calendarView/delta", prefer=prefer, **span),
                          self._session.host)  # fmt: skip
        if link := page.get("@odata.nextLink"):
            return RemoteChanges(token=str(replace(token, following=link)), more=True)
        link = str(page.get("@odata.deltaLink") or "")
        return RemoteChanges(token=str(replace(token, phase="list", delta=link, following="")), more=True)

    async def _list(self, token: _Token) -> RemoteChanges:
        """One page of everything, by age; whole are only events that stand alone, the others are left to `fetch`."""
        if token.following:
            page = await self._session.get(token.following)
        else:
            page = await self._session.get(
                f"{self._calendar}/events", select=FIELDS, expand=EXPAND, top=str(_PAGE), orderby="createdDateTime"
            )
        found = listed(page, self._session.host)["value"]
        alone = [one for one in found if one.get("type") == "singleInstance" and not one.get("hasAttachments")]
        link = str(page.get("@odata.nextLink") or "")
        told = (*token.told, *_lately(found, token.since))[-_MOST_TOLD:]
        following = replace(token, following=link, told=told)
        if not link:
            following = replace(following, phase="changes")
        return RemoteChanges(
            changed=_refs(found), items=tuple(await self._whole(alone)), token=str(following), more=bool(link)
        )

    async def _changes(self, token: _Token) -> RemoteChanges:
        page = listed(await self._session.get(token.following or token.delta), self._session.host)
        refs = {ref.id: ref for ref in _refs(page["value"])}
        gone = tuple(str(one["id"]) for one in page["value"] if "@removed" in one)
        if link := page.get("@odata.nextLink"):
            onward = replace(token, following=str(link))
            return RemoteChanges(changed=tuple(refs.values()), gone=gone, token=str(onward), more=True)
        begun = self._now().astimezone(UTC)
        modified, known = await self._modified(token.since), dict(token.told)
        refs |= {ref.id: ref for ref in modified if known.get(ref.id) != ref.etag}
        ends = replace(
            token,
            delta=str(page.get("@odata.deltaLink") or token.delta),
            following="",
            since=begun.isoformat(timespec="seconds"),
            told=tuple((ref.id, ref.etag) for ref in modified)[-_MOST_TOLD:],
        )
        changed = tuple(ref for ref in refs.values() if ref.id not in gone)
        return RemoteChanges(changed=changed, gone=gone, token=str(ends))

    async def _modified(self, since: str) -> tuple[RemoteRef, ...]:
        """What changed anywhere, a little more than since the last time: clocks differ."""
        when = _z(datetime.fromisoformat(since) - _SLACK)
        found = await self._session.everything(
            f"{self._calendar}/events",
            select="id,changeKey,type",
            filter=f"lastModifiedDateTime ge {when}",
            top=str(_PAGE),
        )
        return _refs(found)


def _refs(found: Iterable[Json]) -> tuple[RemoteRef, ...]:
    """Objects, never single instances; of a series that is named by an instance only, the version is not known."""
    refs: dict[str, RemoteRef] = {}
    for one in found:
        if "@removed" in one:
            continue
        if master := one.get("seriesMasterId"):
            refs.setdefault(str(master), RemoteRef(str(master), ""))
        else:
            refs[str(one["id"])] = RemoteRef(str(one["id"]), str(one.get("changeKey") or ""))
    return tuple(refs.values())


def _lately(found: Iterable[Json], since: str) -> list[tuple[str, str]]:
    bound = _z(datetime.fromisoformat(since) - _SLACK)
    late = [one for one in found if str(one.get("lastModifiedDateTime") or "") >= bound]
    return [(str(one["id"]), str(one.get("changeKey") or "")) for one in late]


def _z(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
