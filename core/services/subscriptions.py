"""Calendars on the internet that refresh themselves: subscribe, refresh, change, stop.

A subscription is a calendar of kind FEED: a folder like any other, read-only, with what is known of its address in its
facts. What is here is only ever replaced by a whole calendar; one that is suddenly empty or half as large waits for
the person's word (traps: 27).
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import blake2s, sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable
from urllib.parse import urlsplit

from core.errors import NotFound, PartagendaError, Refused, TryLater
from core.language import _
from core.ports.calendars import CalendarInfo, CalendarKind, Smaller
from core.ports.feeds import FeedSource, Fetched, Known
from core.ports.world import Clock, Progress
from core.process_lock import process_lock
from core.services.feed_content import must_be_whole, shrank
from core.services.feed_facts import FeedFacts, chosen_minutes, moment, read_feed, stamp, written
from core.services.stores import Home, Merging
from core.values import dataclass

if TYPE_CHECKING:
    from core.services.pieces import Pieces

_AT_ONCE = 4
"""Subscriptions that are refreshed side by side."""
_PATIENCE = 100.0
"""Seconds that a person who asks for a refresh waits for another process that is at it."""


class Calendars(Protocol):
    """The part of the library that is needed here."""

    async def calendars(self) -> list[CalendarInfo]: ...

    async def find(self, name_or_id: str) -> CalendarInfo: ...

    async def free_name(self, name: str) -> str: ...

    async def rename(self, calendar: str, name: str) -> CalendarInfo: ...

    async def delete(self, calendar: str) -> None: ...


@runtime_checkable
class FeedHome(Home, Merging, Protocol):
    """Where feeds are kept: makes folders, takes events in, and remembers facts."""


class Result(StrEnum):
    """What a refresh came to."""

    CHANGED = "changed"
    UNCHANGED = "unchanged"
    FAILED = "failed"
    """What is here stays as it was; `problem` says why."""
    ASKED = "asked"
    """What came is much smaller; it waits for the person's word."""
    ELSEWHERE = "elsewhere"
    """Another process is refreshing it."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """One subscription as screens and commands show it."""

    calendar: CalendarInfo
    address: str
    """The whole address: as good as a password where it is unguessable."""
    every: timedelta
    chosen: bool
    """Whether the person chose the interval, and not the calendar."""
    checked: datetime | None
    refreshed: datetime | None
    next: datetime
    problem: str = ""
    hint: str = ""
    question: Smaller | None = None

    @property
    def host(self) -> str:
        """Whose server it is on."""
        return urlsplit(self.address).hostname or ""


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh of one subscription did."""

    subscription: Subscription
    result: Result
    added: int = 0
    updated: int = 0
    removed: int = 0
    error: PartagendaError | None = None


class Subscriptions:
    """The service behind *Open from Internet*, `subscribe`, `unsubscribe` and the feeds' part of `sync`."""

    def __init__(self, library: Calendars, home: FeedHome, source: FeedSource, clock: Clock, state: Path) -> None:
        self._library = library
        self._home = home
        self._source = source
        self._clock = clock
        self._locks = state / "locks"

    def host_of(self, address: str) -> str:
        """The host of an address. Raises UsageError for one that cannot be fetched."""
        return self._source.host_of(address)

    async def all(self) -> list[Subscription]:
        """Every subscription, in the order of the calendars."""
        return [found for info in await self._library.calendars() if (found := await self._subscription(info))]

    async def find(self, calendar: str) -> Subscription:
        """The subscription that a calendar (name or id) is. Raises NotFound, Refused for any other calendar."""
        info = await self._library.find(calendar)
        found = await self._subscription(info)
        if found is None:
            raise Refused(
                _("“{name}” is not a calendar from the internet.").format(name=info.name),
                _("To delete a calendar: partagenda calendar delete NAME."),
            )
        return found

    async def subscribe(
        self,
        address: str,
        *,
        name: str = "",
        every: timedelta | None = None,
        allowed: Collection[str] = (),
        take_smaller: bool = False,
    ) -> Refreshed:
        """Fetch the calendar and keep it. One that is subscribed to already is refreshed, named and timed anew.

        `allowed`: hosts inside private networks that the person said yes to. Raises what fetching raises, Unreadable.
        """
        minutes = chosen_minutes(every)
        async with process_lock(self._locks / "subscribing.lock", _PATIENCE):
            known = await self.known(address)
            if known is not None:
                info = await self._changed(known, name, every, allowed)
                return await self.refresh(info.id, take_smaller=take_smaller)
            fetched = await self._source.fetch(address, allowed=allowed)
            return await self._keep(address, fetched, name, minutes, allowed)

    async def fetch(self, address: str, *, allowed: Collection[str] = ()) -> bytes:
        """The calendar as it is now, once: for importing it or looking at it. Raises as `subscribe`."""
        content = (await self._source.fetch(address, allowed=allowed)).content or b""
        await asyncio.to_thread(must_be_whole, content, _host(address))
        return content

    async def refresh(self, calendar: str, *, take_smaller: bool = False) -> Refreshed:
        """Refresh one now, due or not. `take_smaller`: the person said yes to an answer that is much smaller."""
        found = await self.find(calendar)
        return await self._in_turn(found, due_only=False, take_smaller=take_smaller)

    async def refresh_all(self, progress: Progress | None = None, *, due_only: bool = False) -> list[Refreshed]:
        """Refresh every subscription, or those that are due. What fails is in the answer; nothing is raised for it."""
        wanted = [one for one in await self.all() if not due_only or one.next <= self._clock.now()]
        places = asyncio.Semaphore(_AT_ONCE)
        done = 0

        async def one_of(subscription: Subscription) -> Refreshed:
            """At most `_AT_ONCE` run at a time; progress counts those that began."""
            nonlocal done
            async with places:
                if progress is not None:
                    progress(done, len(wanted), subscription.calendar.name)
                done += 1
                return await self._in_turn(subscription, due_only=due_only)

        return list(await asyncio.gather(*map(one_of, wanted)))

    async def keep_mine(self, calendar: str) -> Subscription:
        """The person's no to a smaller answer: what is here stays, and the same answer is not asked about again."""
        found = await self.find(calendar)
        feed = await self._feed(found.calendar)
        return await self._note(found.calendar, replace(feed, declined=feed.asked, asked="", problem="", hint=""))

    async def change(self, calendar: str, every: timedelta | None) -> Subscription:
        """Another interval; None: as the calendar recommends. Raises UsageError out of bounds."""
        minutes = chosen_minutes(every)
        found = await self.find(calendar)
        return await self._note(found.calendar, replace(await self._feed(found.calendar), every=minutes))

    async def stop(self, calendar: str) -> Subscription:
        """End the subscription; the calendar can be restored, and then refreshes again."""
        found = await self.find(calendar)
        await self._library.delete(found.calendar.id)
        return found

    # one refresh -----------------------------------------------------------------------------------------

    async def _in_turn(self, found: Subscription, *, due_only: bool, take_smaller: bool = False) -> Refreshed:
        name = f"feed-{blake2s(found.calendar.id.encode(), digest_size=8).hexdigest()}.lock"
        async with process_lock(self._locks / name, 0.0 if due_only else _PATIENCE) as mine:
            if not mine:
                return Refreshed(found, Result.ELSEWHERE)
            try:
                feed = await self._feed(found.calendar)  # another process may just have been there
                if due_only and feed.due > self._clock.now():
                    return Refreshed(found, Result.UNCHANGED)
                return await self._refresh(found.calendar, feed, take_smaller)
            except PartagendaError as error:  # the disk, or the calendar is gone
                return Refreshed(found, Result.FAILED, error=error)

    async def _refresh(self, info: CalendarInfo, feed: FeedFacts, take_smaller: bool) -> Refreshed:
        known = Known() if take_smaller or not feed.digest else Known(feed.etag, feed.modified)
        try:
            fetched = await self._source.fetch(feed.url, known, allowed=feed.allowed)
            if fetched.content is None:
                return Refreshed(await self._note(info, self._fine(feed, feed)), Result.UNCHANGED)
            await asyncio.to_thread(must_be_whole, fetched.content, _host(feed.url))
            return await self._take(info, feed, fetched, take_smaller)
        except PartagendaError as error:
            return await self._failed(info, feed, error)

    async def _failed(self, info: CalendarInfo, feed: FeedFacts, error: PartagendaError) -> Refreshed:
        now = self._clock.now()
        wait = stamp(now + timedelta(seconds=error.wait)) if isinstance(error, TryLater) and error.wait else ""
        changed = replace(feed, checked=stamp(now), problem=error.message, hint=error.hint, wait_until=wait)
        return Refreshed(await self._note(info, changed), Result.FAILED, error=error)

    async def _take(self, info: CalendarInfo, feed: FeedFacts, fetched: Fetched, take_smaller: bool) -> Refreshed:
        """The same bytes are no change, whatever their ETag; a much smaller answer is asked about first."""
        content = fetched.content or b""
        digest = sha256(content).hexdigest()
        current = replace(feed, etag=fetched.version.etag, modified=fetched.version.modified, digest=digest)
        if digest == feed.digest:
            return Refreshed(await self._note(info, self._fine(feed, current)), Result.UNCHANGED)
        pieces = await self._cut(content, feed.url)
        before = await self._home.uids(info.id)
        if shrank(len(before), len(pieces.events)) and not take_smaller:
            return await self._ask(info, feed, digest, Smaller(len(before), len(pieces.events)))
        gone = set(before) - {uid for uid, _data in pieces.events}
        fresh = replace(self._fine(feed, current), advised=_advised(pieces))
        about = {**await _about(content, pieces), **written(fresh)}
        from core.services.pieces import differs

        added, updated, _same = await self._home.merge(info.id, pieces.events, replaces=differs, gone=gone, facts=about)
        found = await self._subscription(await self._library.find(info.id))
        assert found is not None  # its facts were written just now
        return Refreshed(found, Result.CHANGED, added, updated, len(gone))

    async def _ask(self, info: CalendarInfo, feed: FeedFacts, digest: str, question: Smaller) -> Refreshed:
        checked = replace(feed, checked=stamp(self._clock.now()), wait_until="")
        if digest == feed.declined:
            return Refreshed(await self._note(info, replace(checked, problem="", hint="")), Result.UNCHANGED)
        changed = replace(
            checked,
            asked=digest,
            asked_events=question.now,
            problem=question.told,
            hint=_("Your copy stays until you say yes: subscribe to the same address again, or answer in the app."),
        )
        return Refreshed(await self._note(info, changed), Result.ASKED)

    def _fine(self, feed: FeedFacts, current: FeedFacts) -> FeedFacts:
        """The facts after an answer that could be used."""
        now = stamp(self._clock.now())
        return replace(
            current,
            every=feed.every,
            checked=now,
            refreshed=now,
            wait_until="",
            problem="",
            hint="",
            asked="",
            declined="",
        )

    # a new one -------------------------------------------------------------------------------------------

    async def _keep(
        self, address: str, fetched: Fetched, name: str, minutes: int, allowed: Collection[str]
    ) -> Refreshed:
        content = fetched.content or b""
        await asyncio.to_thread(must_be_whole, content, _host(address))
        pieces = await self._cut(content, address)
        blank = FeedFacts(address.strip(), minutes, allowed=tuple(sorted(allowed)))
        feed = replace(
            self._fine(blank, blank),
            advised=_advised(pieces),
            etag=fetched.version.etag,
            modified=fetched.version.modified,
            digest=sha256(content).hexdigest(),
        )
        free = await self._library.free_name(name or pieces.header.name or _host(address))
        facts = {"kind": CalendarKind.FEED.value, **await _about(content, pieces), **written(feed)}
        info = await self._home.create_filled(free, pieces.events, colour=pieces.header.colour, facts=facts)
        return Refreshed(_told(info, feed), Result.CHANGED, added=len(pieces.events))

    async def known(self, address: str) -> Subscription | None:
        """The subscription to this address, if there is one."""
        wanted = _same(address)
        return next((one for one in await self.all() if _same(one.address) == wanted), None)

    async def _changed(
        self, known: Subscription, name: str, every: timedelta | None, allowed: Collection[str]
    ) -> CalendarInfo:
        info = known.calendar
        feed = await self._feed(info)
        minutes = chosen_minutes(every) if every is not None else feed.every
        await self._note(info, replace(feed, every=minutes, allowed=tuple(sorted({*feed.allowed, *allowed}))))
        if name and name != info.name:
            info = await self._library.rename(info.id, await self._library.free_name(name))
        return info

    # helpers ---------------------------------------------------------------------------------------------

    async def _cut(self, content: bytes, address: str) -> Pieces:
        from core.services.sources import cut_named

        return await asyncio.to_thread(cut_named, content, _host(address), self._clock.now())

    async def _subscription(self, info: CalendarInfo) -> Subscription | None:
        if info.kind is not CalendarKind.FEED:
            return None
        feed = read_feed(await self._home.facts(info.id))
        return None if feed is None else _told(info, feed)

    async def _feed(self, info: CalendarInfo) -> FeedFacts:
        feed = read_feed(await self._home.facts(info.id))
        if feed is None:
            raise NotFound(_("“{name}” is not a calendar from the internet.").format(name=info.name))
        return feed

    async def _note(self, info: CalendarInfo, feed: FeedFacts) -> Subscription:
        return _told(await self._home.set_facts(info.id, written(feed)), feed)


def _told(info: CalendarInfo, feed: FeedFacts) -> Subscription:
    return Subscription(
        calendar=info,
        address=feed.url,
        every=feed.interval,
        chosen=bool(feed.every),
        checked=moment(feed.checked),
        refreshed=moment(feed.refreshed),
        next=feed.due,
        problem=feed.problem,
        hint=feed.hint,
        question=Smaller(info.events, feed.asked_events) if feed.asked else None,
    )


def _advised(pieces: Pieces) -> int:
    ttl = pieces.header.ttl
    return max(1, round(ttl.total_seconds() / 60)) if ttl is not None else 0


async def _about(content: bytes, pieces: Pieces) -> dict[str, Any]:
    """Owner and level, as the calendar tells them."""
    from core.sharing.incoming import level_of

    level = await asyncio.to_thread(level_of, content)
    owner = pieces.header.owner
    return {"owner": owner.address if owner else "", "level": level.value if level else "full"}


def _host(address: str) -> str:
    try:
        return urlsplit(address.strip()).hostname or address
    except ValueError:
        return address


def _same(address: str) -> str:
    """An address without what makes no difference: its scheme and the case of its host."""
    parts = urlsplit(address.strip())
    return f"{parts.netloc.lower()}{parts.path or '/'}?{parts.query}"
