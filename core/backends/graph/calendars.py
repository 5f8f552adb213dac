"""The port RemoteCalendars. A calendar's id is its path: `me/calendars/{id}`, or `users/{owner}/calendar`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from core.backends.graph import attachments, extras, writing
from core.backends.graph.boundary import reads, writes
from core.backends.graph.changes import Changes
from core.backends.graph.reading import FIELDS, Eyes, item_of
from core.backends.graph.series import SeriesNow, SeriesWriter, place_of, vet_moves
from core.backends.graph.wire import Answer, Json
from core.calendar.event import CalendarObject
from core.calendar.span import TimeSpan
from core.errors import Conflict, NotFound, Refused, SignInFailed
from core.language import _
from core.ports.calendars import CalendarKind, Capabilities
from core.ports.servers import RemoteCalendar, RemoteChanges, RemoteItem, RemoteRef, ServerReport

if TYPE_CHECKING:
    from core.backends.graph.session import Session

OWN = Capabilities(write=True, rename=True, delete=True, share=True, permissions=True)
"""What can be done with a calendar of one's own here; what the server says of each one takes away from it."""
_WHOLE = f"$select={FIELDS},cancelledOccurrences&$expand=exceptionOccurrences,{extras.EXPAND}"
_BLOCKS = (
    "id,changeKey,type,subject,start,end,originalStartTimeZone,originalEndTimeZone,isAllDay,isCancelled,showAs,sensitivity,"
    "location"
)
_WORDS = frozenset(
    ("", "free", "tentative", "busy", "away", "out of office", "working elsewhere", "private appointment", "no title",
     "libre", "disponible", "provisoire", "occupé", "occupé(e)", "absent", "absent(e)", "absent(e) du bureau")
)  # fmt: skip
"""Titles that are no titles: what a server writes where one may see times only."""


class GraphCalendars:
    """Implements `core.ports.RemoteCalendars`. `zone`: where floating times are meant."""

    def __init__(self, session: Session, zone: tzinfo, now: Callable[[], datetime]) -> None:
        self._session = session
        self._zone = zone
        self._now = now
        self._eyes: dict[str, Eyes] = {}

    @property
    def account(self) -> str:
        """The account's name in config.toml."""
        return self._session.account

    @property
    def kind(self) -> CalendarKind:
        """Microsoft 365."""
        return CalendarKind.MICROSOFT365

    @reads
    async def check(self) -> ServerReport:
        """Look at the mailbox with each permission that is wanted."""
        me = await self._session.get("me", select="displayName,mail,userPrincipalName")
        probes = {
            "me/calendars?$top=1": _("calendars"),
            "me/messages?$top=1&$select=id": _("mail"),
            "me/people?$top=1": _("people"),
            "users?$top=1&$select=id": _("directory"),
        }
        answers = await self._session.batch(list(probes))
        able = [word for word, answer in zip(probes.values(), answers, strict=True) if answer.status < 300]
        return ServerReport("Microsoft 365", str(me.get("mail") or me.get("userPrincipalName") or ""), tuple(able))

    # --- calendars -----------------------------------------------------------------------------------------------

    @reads
    async def calendars(self, opened: Sequence[str] = ()) -> Sequence[RemoteCalendar]:
        """One's own, the default one first, then those that others share."""
        try:
            found = await self._session.everything("me/calendars", top="100")
        except Refused as error:  # the whole account, then: consent was withdrawn, or never given
            raise SignInFailed(error.message, error.hint) from error
        default = next((one for one in found if one.get("isDefaultCalendar")), None)
        me = _owner(default)[0].lower() if default else ""
        own = [self._own(one, me) for one in found]
        own.sort(key=lambda one: (bool(one.owner), not one.default))
        return [*own, *await self._others(opened)]

    def _own(self, data: Json, me: str) -> RemoteCalendar:
        """`me`: the mailbox's own address. Another owner's private items are hidden unless one may see them."""
        address, name = _owner(data)
        foreign = bool(me) and bool(address) and address.lower() != me
        path = f"me/calendars/{quote(str(data['id']), safe='')}"
        self._eyes[path] = Eyes(self._zone, hide=foreign and not data.get("canViewPrivateItems"))
        default = bool(data.get("isDefaultCalendar"))
        can = Capabilities(
            write=bool(data.get("canEdit")),
            rename=not foreign and not default,
            delete=bool(data.get("isRemovable")) and not foreign,
            share=bool(data.get("canShare")) and not foreign,
            permissions=bool(data.get("canShare")) and not foreign,
        )
        return RemoteCalendar(
            path,
            str(data.get("name") or ""),
            owner=address if foreign else "",
            owner_name=name if foreign else "",
            can=can,
            default=default,
            colour=_colour(data),
        )

    @reads
    async def open_shared(self, owner: str, folder: str = "") -> RemoteCalendar:
        """Somebody else's calendar, at the level that their permission gives. Graph knows no EntryIDs."""
        if folder:
            raise Refused(_("Microsoft 365 opens somebody's default calendar only; this is another one of theirs."))
        path = f"users/{quote(owner.strip().lower(), safe='@')}/calendar"
        found = await self._others([path])
        if not found:
            await self._must_exist(owner)
            raise Refused(
                _("{owner} does not share a calendar with you (any more), or has none here.").format(owner=owner),
                _("Ask for it: Share Calendar, “Request permission to view recipient's calendar”."),
            )
        return found[0]

    async def _must_exist(self, owner: str) -> None:
        (answer,) = await self._session.batch([f"users/{quote(owner.strip().lower(), safe='@')}?$select=id"])
        if answer.status in (400, 404):
            raise NotFound(
                _("There is nobody of the address {address} in your organisation.").format(address=owner),
                _("Calendars of people outside are opened from the address in their invitation."),
            )

    async def _others(self, opened: Sequence[str]) -> list[RemoteCalendar]:
        week = self._now().astimezone(UTC)
        view = f"startDateTime={week - timedelta(days=14):%Y-%m-%dT00:00:00Z}"
        view += f"&endDateTime={week + timedelta(days=28):%Y-%m-%dT00:00:00Z}&$top=50&$select=id,subject,location"
        paths = [
            f"{one}{more}" for one in opened for more in ("", "/events?$top=1&$select=id", f"/calendarView?{view}")
        ]
        answers = await self._session.batch(paths)
        triples = [answers[n : n + 3] for n in range(0, len(answers), 3)]
        found = [self._other(path, answer) for path, answer in zip(opened, triples, strict=True)]
        return [one for one in found if one is not None]

    def _other(self, path: str, answers: Sequence[Answer]) -> RemoteCalendar | None:
        """None where nothing may be seen. Whose events may not be listed, but viewed, has times (and titles) alone."""
        calendar, listing, view = answers
        if calendar.status >= 400 or (listing.status >= 400 and view.status >= 400):
            return None
        data, windowed = calendar.json, listing.status >= 400
        level = "full" if not windowed else "limited" if _names_things(view.json) else "availability"
        hide = not data.get("canViewPrivateItems")
        self._eyes[path] = Eyes(self._zone, hide=hide, blocks=level == "availability")
        address, name = _owner(data)
        return RemoteCalendar(
            path,
            str(data.get("name") or name),
            owner=address or path.split("/")[1],
            owner_name=name,
            level=level,
            can=Capabilities(write=bool(data.get("canEdit")) and not windowed),
            windowed=windowed,
        )

    async def _seen_with(self, calendar: str) -> Eyes:
        """With whose eyes; asked of the server once where nobody has listed the calendars yet."""
        if calendar not in self._eyes:
            if calendar.startswith("users/"):
                await self._others([calendar])
            else:
                await self.calendars()
        return self._eyes.get(calendar, Eyes(self._zone, hide=True))

    # --- reading -------------------------------------------------------------------------------------------------

    @reads
    async def window(self, calendar: str, span: TimeSpan) -> Sequence[RemoteItem]:
        """What has an occurrence in the span: the view names it, a batch or two fetch it."""
        eyes = await self._seen_with(calendar)
        days = {"_startDateTime": _z(span.start), "_endDateTime": _z(span.end)}
        found = await self._session.everything(f"{calendar}/calendarView", select=_BLOCKS + ",seriesMasterId",
                                               top="200", **days)  # fmt: skip
        if calendar.startswith("users/") and await self._windowed(calendar):
            return [item_of(_as_single(one, eyes), eyes) for one in found]
        ids = dict.fromkeys(str(one.get("seriesMasterId") or one["id"]) for one in found)
        return await self.fetch(calendar, list(ids))

    async def _windowed(self, calendar: str) -> bool:
        try:
            await self._session.get(f"{calendar}/events", top="1", select="id")
        except (Refused, NotFound):
            return True
        return False

    @reads
    async def changes(self, calendar: str, since: str) -> RemoteChanges:
        """One page."""
        eyes = await self._seen_with(calendar)

        async def whole(found: Iterable[Json]) -> list[RemoteItem]:
            return _items(found, eyes, {})

        return await Changes(self._session, calendar, whole, self._now).page(since)

    @reads
    async def fetch(self, calendar: str, ids: Sequence[str]) -> Sequence[RemoteItem]:
        """Twenty in a request; attachments in a second one where there are any."""
        eyes = await self._seen_with(calendar)
        answers = await self._session.batch(
            [f"{calendar}/events/{quote(one, safe='')}?{_query(_WHOLE)}" for one in ids]
        )
        found = [self._there(answer) for answer in answers]
        there = [data for data in found if data is not None]
        held = await attachments.read(self._session, calendar, [one for one in there if one.get("hasAttachments")])
        return _items(there, eyes, held)

    def _there(self, answer: Answer) -> Json | None:
        if answer.status in (404, 410):
            return None
        if answer.status >= 300:
            from core.backends.graph.translate import refusal

            raise refusal(answer, self._session.host)
        return answer.json

    # --- writing -------------------------------------------------------------------------------------------------

    def vet(self, thing: CalendarObject, before: CalendarObject | None = None) -> None:
        """Raise Refused for rules, dates and moves that Graph has no words for."""
        writing.vet(thing)
        vet_moves(thing, self._zone)
        attachments.vet(thing)

    @reads
    async def find(self, calendar: str, key: str) -> RemoteItem | None:
        """By the key that is kept with it."""
        for value in (key, key + extras.UNFINISHED):
            wanted = f"ep/id eq '{extras.KEY}' and ep/value eq '{value}'"
            page = await self._session.get(
                f"{calendar}/events", filter=f"singleValueExtendedProperties/Any(ep: {wanted})", select="id"
            )
            ids = [str(one["id"]) for one in page.get("value", [])]
            if ids and (items := await self.fetch(calendar, ids[:1])):
                return items[0]
        return None

    @writes
    async def create(self, calendar: str, thing: CalendarObject, key: str) -> RemoteRef:
        """One request, and one for each thing that an instance has of its own. `key` is the transactionId too."""
        self.vet(thing)
        master = thing.master
        assert master is not None
        more = bool(thing.overrides or master.exdates or attachments.of(master))
        body = writing.facts_of(master, self._zone) | {"transactionId": key}
        body["singleValueExtendedProperties"] = extras.properties(thing, key, unfinished=more)
        if master.rrule:
            body |= writing.rule_facts(master, self._zone)
        try:
            made = await self._session.send("POST", f"{calendar}/events", body)
        except Conflict:  # the same transaction before: it had arrived
            found = await self.find(calendar, key)
            if found is None:
                raise
            return await self.update(calendar, found.ref, found.object, thing, key) if more else found.ref
        ref = RemoteRef(str(made["id"]), str(made["changeKey"]))
        return await self._finish(calendar, ref, thing, key) if more else ref

    @writes
    async def update(
        self, calendar: str, ref: RemoteRef, before: CalendarObject, after: CalendarObject, key: str
    ) -> RemoteRef:
        """The master first, with the version that was seen; then its instances."""
        self.vet(after, before)
        old, new = before.master, after.master
        assert new is not None
        path = _event(calendar, ref.id)
        await self._unchanged(path, ref)
        body: dict[str, Any] = writing.facts_of(new, self._zone)
        if old is not None:
            body = writing.differences(writing.facts_of(old, self._zone), body)
        if old is None or (old.rrule, old.start) != (new.rrule, new.start):
            body |= writing.rule_facts(new, self._zone) if new.rrule or (old and old.rrule) else {}
        series = bool(new.rrule) and (bool(body.keys() & {"recurrence", "start"}) or _own_of(before) != _own_of(after))
        files = old is None or attachments.of(old) != attachments.of(new)
        body["singleValueExtendedProperties"] = extras.properties(after, key, unfinished=series or files)
        made = await self._session.send("PATCH", path, body, etag=ref.etag)
        ref = RemoteRef(str(made["id"]), str(made["changeKey"]))
        return await self._finish(calendar, ref, after, key) if series or files else ref

    async def _unchanged(self, path: str, ref: RemoteRef) -> None:
        """If-Match says the same; a server that does not heed it must not cost somebody's change."""
        now = await self._session.get(path, select="id,changeKey")
        if ref.etag and now.get("changeKey") != ref.etag:
            raise Conflict(_("Somebody else changed it meanwhile."), _("Look at what the server has now, then decide."))

    async def _finish(self, calendar: str, ref: RemoteRef, after: CalendarObject, key: str) -> RemoteRef:
        """Instances and files of an event whose master is there; then the mark that all of it is."""
        path, master = _event(calendar, ref.id), after.master
        assert master is not None
        if master.rrule:
            now = await self._series_now(calendar, ref.id)
            await SeriesWriter(self._session, path, self._zone).bring(now, after)
        await attachments.bring(self._session, path, master)
        done = {"singleValueExtendedProperties": extras.properties(after, key)}
        made = await self._session.send("PATCH", path, done)
        return RemoteRef(str(made["id"]), str(made["changeKey"]))

    async def _series_now(self, calendar: str, identity: str) -> SeriesNow:
        (answer,) = await self._session.batch([f"{_event(calendar, identity)}?{_query(_WHOLE)}"])
        data = self._there(answer)
        if data is None:
            raise NotFound(_("It is not there (any more)."))
        thing = item_of(data, replace(await self._seen_with(calendar), hide=False)).object
        ids = [str(one["id"]) for one in data.get("exceptionOccurrences") or ()]
        places = [place_of(one.recurrence_id) for one in thing.overrides if one.recurrence_id is not None]
        return SeriesNow(thing, dict(zip(places, ids, strict=False)))

    @writes
    async def delete(self, calendar: str, ref: RemoteRef) -> None:
        """Into the bin of the mailbox."""
        path = _event(calendar, ref.id)
        await self._unchanged(path, ref)
        headers = {"If-Match": f'W/"{ref.etag}"'} if ref.etag else {}
        await self._session.ask("DELETE", path, headers=headers)

    # --- calendars as a whole ------------------------------------------------------------------------------------

    @writes
    async def create_calendar(self, name: str) -> RemoteCalendar:
        """A calendar of one's own."""
        made = await self._session.send("POST", "me/calendars", {"name": name})
        return self._own(made, _owner(made)[0].lower())

    @writes
    async def rename_calendar(self, calendar: str, name: str) -> None:
        """Another name."""
        await self._session.send("PATCH", calendar, {"name": name})

    @writes
    async def delete_calendar(self, calendar: str) -> None:
        """With all that is in it; Microsoft 365 keeps it in its bin for a while."""
        await self._session.ask("DELETE", calendar)

    async def close(self) -> None:
        """Let go of connections."""
        await self._session.close()


def _items(found: Iterable[Json], eyes: Eyes, held: Mapping[str, Sequence[Json]]) -> list[RemoteItem]:
    return [item_of(data, eyes, held) for data in found]


def _event(calendar: str, identity: str) -> str:
    return f"{calendar}/events/{quote(identity, safe='')}"


def _query(text: str) -> str:
    return quote(text, safe="$&=,()/")


def _owner(data: Json | None) -> tuple[str, str]:
    owner = (data or {}).get("owner") or {}
    return str(owner.get("address") or ""), str(owner.get("name") or "")


def _colour(data: Json) -> str:
    text = str(data.get("hexColor") or "").lower()
    return text if len(text) == 7 and text[0] == "#" and all(sign in "0123456789abcdef" for sign in text[1:]) else ""


def _names_things(view: Json) -> bool:
    found = view.get("value") or []
    titled = any(str(one.get("subject") or "").strip().lower() not in _WORDS for one in found)
    return titled or any((one.get("location") or {}).get("displayName") for one in found)


def _as_single(data: Json, eyes: Eyes) -> Json:
    """An occurrence as an event of its own; a title that is none is left out."""
    word = str(data.get("subject") or "").strip().lower() in _WORDS
    subject = "" if word and not eyes.blocks and data.get("sensitivity") != "normal" else data.get("subject")
    return {**data, "subject": subject, "seriesMasterId": None, "recurrence": None}


def _own_of(thing: CalendarObject) -> tuple[object, object]:
    """What the instances of a series have of their own."""
    return thing.overrides, thing.master.exdates if thing.master else ()


def _z(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
