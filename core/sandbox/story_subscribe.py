"""The part of `demo --check` on the web: Alice publishes, Clara subscribes from outside, Alice narrows and removes."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from core.bootstrap import Services
from core.calendar.entry import Entry
from core.calendar.event import CalendarObject, Event
from core.calendar.span import DateRange, parse_range
from core.language import _, ngettext
from core.ports.calendars import CalendarInfo
from core.sandbox.people import ALICE
from core.services.publish import PublishRequest
from core.services.publish_options import PublishOptions
from core.services.subscriptions import Refreshed, Result
from core.sharing.detail import DetailLevel
from core.sharing.leakcheck_web import read_web_page
from core.values import dataclass

if TYPE_CHECKING:
    from core.sandbox.home import Sandbox
    from core.sandbox.story import Story

_RANGE = "-30d..+60d"


@dataclass(frozen=True, slots=True)
class _People:
    alice: Services
    clara: Services


async def tell_subscription(story: Story, box: Sandbox, alice: Services, clara: Services, own: CalendarInfo) -> None:
    """Steps of the story; the first that does not hold ends it."""
    people = _People(alice, clara)
    options = PublishOptions(range=_RANGE, level=DetailLevel.LIMITED, page=True)
    published = await alice.publishing.publish(PublishRequest(own.id, box.webdav.address(ALICE), options))
    files = list(box.webdav.folder(ALICE).glob("*.html"))
    story.step(
        _("Alice publishes her calendar with a web page on the WebDAV server, at an address that nobody can guess"),
        bool(published.ics and published.page)
        and not any(read_web_page(file.read_bytes()).forbidden for file in files),
        str(files),
    )
    done = await clara.subscriptions.subscribe(published.ics, name=_("Alice on the web"))
    await _same(story, people, own, done, DetailLevel.LIMITED)
    title = await _add(alice, own)
    await alice.publishing.republish(published.id)
    done = await clara.subscriptions.refresh(done.subscription.calendar.id)
    titles = {entry.title for entry in await _entries(people, done.subscription.calendar.id)}
    story.step(_("Alice adds “{title}”; Clara sees it after one refresh").format(title=title), title in titles)
    await alice.publishing.change(published.id, PublishOptions(range=_RANGE, level=DetailLevel.AVAILABILITY, page=True))
    done = await clara.subscriptions.refresh(done.subscription.calendar.id)
    await _same(story, people, own, done, DetailLevel.AVAILABILITY)
    await alice.publishing.remove(published.id)
    await _removed(story, clara, done)


async def _same(story: Story, people: _People, own: CalendarInfo, done: Refreshed, level: DetailLevel) -> None:
    from core.sandbox.story import seen

    found = done.subscription.calendar
    shown = seen(await people.alice.email.view_as(level, own.id, _days(people.alice)))
    there = seen(await _entries(people, found.id))
    count = ngettext("{count} event", "{count} events", len(there)).format(count=len(there))
    story.step(
        _("Clara’s subscription shows what “{level}” shows and nothing else: {events}").format(
            level=level.label, events=count
        ),
        done.result is Result.CHANGED and shown == there,
        f"{len(shown ^ there)}",
    )


async def _removed(story: Story, clara: Services, before: Refreshed) -> None:
    calendar = before.subscription.calendar
    done = await clara.subscriptions.refresh(calendar.id)
    kept = await clara.library.find(calendar.id)
    story.step(
        _("Alice takes it away; Clara is told, and her copy stays: {words}").format(words=done.subscription.problem),
        done.result in (Result.FAILED, Result.ASKED) and kept.events == calendar.events > 0,
    )
    await clara.subscriptions.stop(calendar.id)
    story.step(_("Clara stops the subscription"), await clara.subscriptions.all() == [])


async def _add(alice: Services, own: CalendarInfo) -> str:
    """An event for tomorrow, stored as the app stores it."""
    zone, title = alice.clock.zone, _("Visit to the printer")
    start = datetime.combine(alice.clock.now().date() + timedelta(days=1), time(7), zone)
    event = Event("published-story@example.org", start, start + timedelta(hours=1), title)
    store = await alice.library.store_of(own.id)
    await store.put(own.id, CalendarObject(event.uid, (event,)), expected_etag=None)
    return title


def _days(services: Services) -> DateRange:
    return parse_range(_RANGE, services.clock.now().date())


async def _entries(people: _People, calendar: str) -> list[Entry]:
    """What Clara has of the published days, in Alice's zone."""
    zone = people.alice.clock.zone
    return await people.clara.library.entries([calendar], _days(people.alice).span(zone), zone)
