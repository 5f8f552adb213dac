"""The files of a publication: made from the calendar, compared with what lies there, and proved to leak nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field, replace
from datetime import datetime

from core.calendar.event import CalendarObject
from core.errors import Refused
from core.ical.shared import PRODID, encode_shared
from core.language import _
from core.ports.calendars import CalendarInfo
from core.ports.publishing import fingerprint
from core.services.publication_store import Publication, Role
from core.services.publish_options import PublishOptions
from core.services.snapshots import SnapshotRequest, SnapshotTaker, allowed_in, header_of, warnings_of, what_leaves
from core.sharing.leakcheck import LeakCheck
from core.sharing.snapshot import Snapshot
from core.sharing.stable import stable
from core.sharing.web import WebPageOptions, by_right, page_days, web_page
from core.values import dataclass

MEDIA_TYPES = {Role.CALENDAR: "text/calendar; charset=utf-8", Role.PAGE: "text/html; charset=utf-8"}
EMPTY = (
    f"BEGIN:VCALENDAR\r\nPRODID:{PRODID}\r\nVERSION:2.0\r\nMETHOD:PUBLISH\r\nEND:VCALENDAR\r\n".encode(),
    b"<!DOCTYPE html>\n<title>-</title>\n",
)
"""What takes the place of a calendar and of a page before they are removed: who keeps a copy gets nothing."""


@dataclass(frozen=True, slots=True)
class Content:
    """A publication's files as they would be now."""

    ics: bytes
    page: bytes | None
    snapshot: Snapshot
    stamp: datetime
    page_day: str
    changed: bool
    """Whether anything differs from what was uploaded last."""
    leaves: tuple[str, ...] = ()
    """What leaves the machine, a line each."""
    warnings: tuple[str, ...] = ()
    check: LeakCheck | None = field(default=None, repr=False)
    """The leak check that it passed; None where nothing changed."""

    def of(self, role: Role) -> bytes | None:
        """The bytes of that file."""
        return self.ics if role is Role.CALENDAR else self.page


class ContentMaker:
    """Makes them. Blocking: for a thread, but for `read`."""

    def __init__(self, taker: SnapshotTaker) -> None:
        self._taker = taker

    async def read(self, calendar: str, options: PublishOptions, now: datetime) -> Read:
        """The calendar as it is. Raises Refused where it cannot be read whole: half a calendar is not published."""
        request = SnapshotRequest(calendar, options.snapshot(now.date()))
        info, objects = await self._taker.read(request)
        if info.problem:
            raise Refused(
                _("“{calendar}” cannot be read: {reason}").format(calendar=info.name, reason=info.problem),
                _("What is published stays as it is."),
            )
        return Read(request, info, objects, now)

    def make(self, read: Read, publication: Publication, *, forced: bool = False) -> Content:
        """The files. Where nothing changed, they are byte for byte those that were uploaded. Raises LeakFound."""
        days = page_days(read.request.options.days, read.now.date())
        snapshot = self._taker.take(read.request, read.info, read.objects, shown=days)
        today = read.now.date().isoformat()
        if publication.stamp is not None and not forced:
            old = self._ics(snapshot, publication, publication.stamp)
            if self._same(publication, old, today):
                return Content(old, None, snapshot, publication.stamp, today, changed=False)
        stamp = read.now.replace(microsecond=0)
        ics = self._ics(snapshot, publication, stamp)
        page = self._page(snapshot, publication) if publication.options.page else None
        content = Content(ics, page, snapshot, stamp, today, changed=True)
        check = self._proved(read, content, publication)
        named = any(check.mentions(file.address.rpartition("/")[2]) for file in publication.files)
        return replace(
            content,
            leaves=tuple(what_leaves(snapshot)),
            warnings=(*warnings_of(snapshot, read.info), *([_own_name()] if named else [])),
            check=check,
        )

    def _ics(self, snapshot: Snapshot, publication: Publication, stamp: datetime) -> bytes:
        events = stable(snapshot.events, publication.key, stamp)
        return encode_shared(header_of(snapshot, publication.options.every), events)

    def _page(self, snapshot: Snapshot, publication: Publication) -> bytes:
        return web_page(snapshot, page_options(publication))

    def _same(self, publication: Publication, ics: bytes, today: str) -> bool:
        file = publication.file(Role.CALENDAR)
        if file is None or file.pending is not None or file.content != fingerprint(ics):
            return False
        page = publication.file(Role.PAGE)
        if page is None:
            return True
        return page.pending is None and bool(page.content) and publication.page_day == today

    def _proved(self, read: Read, content: Content, publication: Publication) -> LeakCheck:
        """The finished bytes against what the level shows, before anything leaves."""
        snapshot = content.snapshot
        days = page_days(read.request.options.days, read.now.date())
        blank = self._taker.take(read.request, read.info, (), shown=days)
        right = by_right(blank, page_options(publication)) if content.page is not None else ()
        check = LeakCheck(read.objects, allowed_in(snapshot, blank, right))
        check.calendar(content.ics)
        if content.page is not None:
            check.web_page(content.page)
        return check


def _own_name() -> str:
    return _("The address that you chose names something that this level does not show.")


@dataclass(frozen=True, slots=True)
class Read:
    """A calendar as it was read."""

    request: SnapshotRequest
    info: CalendarInfo
    objects: Sequence[CalendarObject] = field(repr=False)
    now: datetime


def page_options(publication: Publication) -> WebPageOptions:
    """What the page says of its publication."""
    options = publication.options
    address = publication.ics
    web = address.lower().startswith(("http://", "https://"))
    return WebPageOptions(
        address if web else address.rpartition("/")[2],
        publication.webcal,
        every=options.every,
        expires=options.expires,
    )
