"""The part of `demo --check` on the web: Alice publishes, Clara subscribes, Alice narrows it and takes it away."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from core.bootstrap import Services
from core.calendar.span import DateRange
from core.language import _, ngettext
from core.ports.calendars import CalendarInfo
from core.sandbox.calendars import private_titles
from core.sandbox.people import ALICE
from core.services.publish import Publication, PublishOptions, PublishRequest
from core.sharing.detail import DetailLevel

if TYPE_CHECKING:
    from core.sandbox.home import Sandbox
    from core.sandbox.story import Story

_RANGE = "-7d..+30d"


async def tell_publishing(story: Story, box: Sandbox, alice: Services, clara: Services) -> None:
    """Publish at Limited details with a page, subscribe, leave alone, narrow, refresh, remove."""
    own = next(info for info in await alice.library.calendars() if info.id.endswith("/calendar"))
    titles = await _titles(alice, own)
    published = await _publish(story, box, alice, own)
    calendar = await _subscribe(story, clara, published, titles)
    _no_private(story, box)
    await _unchanged(story, alice, published)
    await _narrow(story, box, alice, published, titles)
    await _refresh(story, clara, calendar, titles)
    await _remove(story, box, alice, published)


def _folder(box: Sandbox) -> dict[str, bytes]:
    """What really lies on the server in Alice's folder, under whatever name."""
    root: Path = box.webdav.folder(ALICE)
    return {path.name: path.read_bytes() for path in root.rglob("*") if path.is_file()}


def _days(services: Services) -> DateRange:
    return PublishOptions(range=_RANGE).days(services.clock.now().date())


async def _titles(alice: Services, own: CalendarInfo) -> set[str]:
    """What others may see of her titles at this level, as it is shown beforehand."""
    entries = await alice.email.view_as(DetailLevel.LIMITED, own.id, _days(alice))
    return {entry.title for entry in entries if entry.title}


async def _publish(story: Story, box: Sandbox, alice: Services, own: CalendarInfo) -> Publication:
    options = PublishOptions(range=_RANGE, level=DetailLevel.LIMITED, page=True)
    published = await alice.publishing.publish(PublishRequest(own.id, box.webdav.address(ALICE), options))
    names = set(_folder(box))
    story.step(
        _("Alice publishes her calendar with a page, {level}, at an address that nobody can guess").format(
            level=DetailLevel.LIMITED.label
        ),
        names == {address.rpartition("/")[2] for address in (published.ics, published.page)},
        ", ".join(sorted(names)),
    )
    return published


async def _subscribe(story: Story, clara: Services, published: Publication, titles: set[str]) -> str:
    refreshed = await clara.subscriptions.subscribe(published.ics)
    calendar = refreshed.subscription.calendar.id
    seen = await _seen(clara, calendar)
    missing = titles - seen
    story.step(
        ngettext(
            "Clara subscribes to it and sees each of {count} subject",
            "Clara subscribes to it and sees each of {count} subjects",
            len(titles),
        ).format(count=len(titles)),
        bool(titles) and not missing,
        ", ".join(sorted(missing)),
    )
    return calendar


async def _seen(clara: Services, calendar: str) -> set[str]:
    zone = clara.clock.zone
    return {entry.title for entry in await clara.library.entries([calendar], _days(clara).span(zone), zone)}


def _no_private(story: Story, box: Sandbox) -> None:
    found = [title for title in private_titles(box.language) if _named(box, {title})]
    story.step(_("No private title of Alice’s lies on the server"), not found, ", ".join(found))


def _named(box: Sandbox, titles: set[str]) -> list[str]:
    texts = [content.replace(b"\r\n ", b"") for content in _folder(box).values()]
    return sorted(title for title in titles if any(title.encode() in text for text in texts))


async def _unchanged(story: Story, alice: Services, published: Publication) -> None:
    before = published.last_upload
    again = await alice.publishing.republish(published.id)
    story.step(_("Nothing changed, and nothing is uploaded"), again.last_upload == before, again.result)


async def _narrow(story: Story, box: Sandbox, alice: Services, published: Publication, titles: set[str]) -> None:
    await alice.publishing.change(published.id, PublishOptions(range=_RANGE, level=DetailLevel.AVAILABILITY))
    left = _named(box, titles)
    story.step(
        _("Alice narrows it to {level}: no title is left on the server under any name").format(
            level=DetailLevel.AVAILABILITY.label
        ),
        not left and set(_folder(box)) == {published.ics.rpartition("/")[2]},
        ", ".join(left) or ", ".join(_folder(box)),
    )


async def _refresh(story: Story, clara: Services, calendar: str, titles: set[str]) -> None:
    await clara.subscriptions.refresh(calendar, take_smaller=True)
    seen = await _seen(clara, calendar)
    story.step(
        _("After her next refresh Clara sees blocks of time and no title"),
        bool(seen) and not titles & seen,
        ", ".join(sorted(titles & seen)),
    )


async def _remove(story: Story, box: Sandbox, alice: Services, published: Publication) -> None:
    await alice.publishing.remove(published.id)
    left = await asyncio.to_thread(_folder, box)
    entries = [entry for entry in await alice.ledger.entries() if entry.person == published.ics]
    taken_back = bool(entries) and entries[-1].state.value == "revoked"
    story.step(_("Alice takes it away: nothing is left on the server, and the ledger says so"), not left and taken_back)
