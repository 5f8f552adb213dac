"""Publish Online: a calendar lies on a server or in a folder, is kept current, narrowed, moved and taken away again.

What must not happen: that half a calendar is published, that something counts as published and is not, that a wider
copy stays behind, that two programs upload at once. So each upload is journalled before its first byte and after its
last, ends with reading back (the target's affair), and happens under a lock; what a crash cut in two is finished by the
next `sync`.
"""

from __future__ import annotations

import asyncio
import os
import re
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import field, replace
from pathlib import Path
from typing import Protocol
from urllib.parse import quote, unquote, urlsplit

from core.calendar.entry import Entry
from core.errors import (
    DeliveryUnknown,
    NotFound,
    PartagendaError,
    Refused,
    StorageError,
    UsageError,
)
from core.language import _
from core.ports.calendars import CalendarInfo
from core.ports.publishing import Place
from core.ports.world import Clock, Progress
from core.process_lock import process_lock
from core.services.email_calendar import Prepared
from core.services.ledger import Ledger, LedgerState
from core.services.publication_store import (
    Publication,
    PublicationState,
    PublicationStore,
    PublishedFile,
    Role,
    with_file,
)
from core.services.publish_content import Content, ContentMaker
from core.services.publish_options import PublishOptions
from core.services.snapshots import Calendars, Owner, SnapshotRequest, SnapshotTaker, entry_of
from core.services.uploads import Targets, Uploads
from core.sharing import pages
from core.values import dataclass

__all__ = ["Preview", "Publication", "PublicationState", "PublishOptions", "PublishRequest", "Publishing", "Targets"]

_PATIENCE = 30.0
"""Seconds that a person's own command waits for another process's upload."""
_SCP = re.compile(r"((?:[^/@:\[\]]+@)?(?:[^/:@\[\]]+|\[[^/@\[\]]+\])):(?!//)(.*)")
_SAFE = re.compile(r"[^A-Za-z0-9_.+-]+")


@dataclass(frozen=True, slots=True)
class PublishRequest:
    """What the dialog asks for. `location`: a folder (`/` at its end) or a file's whole address.

    `unguessable`: in a folder, under a name that nobody can guess; else under the calendar's.
    """

    calendar: str
    location: str
    options: PublishOptions = field(default_factory=PublishOptions)
    unguessable: bool = True


@dataclass(frozen=True, slots=True)
class Preview:
    """What others would see, before anything leaves."""

    content: Content
    entries: tuple[Entry, ...]

    @property
    def leaves(self) -> tuple[str, ...]:
        """What leaves the machine, a line each."""
        return self.content.leaves

    @property
    def warnings(self) -> tuple[str, ...]:
        """What to know before saying yes."""
        return self.content.warnings

    @property
    def prepared(self) -> Prepared:
        """The same for the screen that previews messages."""
        assert self.content.check is not None  # a preview is always proved
        snapshot = self.content.snapshot
        return Prepared(
            request=SnapshotRequest(snapshot.calendar_name, snapshot.options),
            snapshot=snapshot,
            ics=self.content.ics,
            html="",
            text=pages.text(snapshot),
            filename="",
            leaves=self.leaves,
            warnings=self.warnings,
            empty=snapshot.empty,
            check=self.content.check,
        )


class Publishing:
    """The service behind *Publish Online*, *Publications*, `publish` and its kin, and `sync`'s part of it."""

    def __init__(
        self,
        path: Path,
        *,
        library: Calendars,
        targets: Targets,
        ledger: Ledger,
        me: Owner,
        clock: Clock,
        patience: float = _PATIENCE,
    ) -> None:
        self._library = library
        self._targets = targets
        self._clock = clock
        self._store = PublicationStore(path)
        self._locks = path.parent / "publishing"
        self._patience = patience
        maker = ContentMaker(SnapshotTaker(library, me, clock))
        self._uploads = Uploads(self._store, targets, ledger, clock, maker)

    # looking ---------------------------------------------------------------------------------------------

    async def publications(self) -> list[Publication]:
        """Everything that is published or is still to be removed, oldest first."""
        return await asyncio.to_thread(self._store.all)

    async def publication(self, id_: str) -> Publication:
        """One of them. Raises NotFound."""
        return await asyncio.to_thread(self._store.get, id_)

    async def last_location(self) -> str:
        """The folder that was published to last, else the first one that the configuration names; may be empty."""
        remembered = await asyncio.to_thread(self._store.remembered, "location")
        return remembered or next(iter(self._targets.known()), "")

    def locations(self) -> tuple[str, ...]:
        """The folders that the configuration names."""
        return tuple(self._targets.known())

    async def places(self, folder: str) -> Sequence[Place]:
        """What is in a folder of a server; signs in there."""
        return await self._targets.target(folder).places(folder)

    async def make_folder(self, folder: str) -> None:
        """A new folder there."""
        await self._targets.target(folder).make_folder(folder)

    async def preview(self, request: PublishRequest) -> Preview:
        """The files as they would be published now, checked; nothing leaves. Raises LeakFound, UsageError."""
        info = await self._library.find(request.calendar)
        content = await self._uploads.content(self._new(request, info), forced=True)
        entries = tuple(entry_of(item.event, info.id, content.snapshot.zone) for item in content.snapshot.items)
        return Preview(content, entries)

    # doing -----------------------------------------------------------------------------------------------

    async def publish(self, request: PublishRequest, *, overwrite: bool = False) -> Publication:
        """Publish it, or change what is published at that very address. Raises what the target raises.

        When the first upload fails, nothing is kept of it, unless it may have been done: then the next `sync` looks.
        `overwrite`: what lies there already is the person's own and may be replaced.
        """
        if request.options.expires and request.options.expires < self._clock.now().date():
            raise UsageError(_("The last day is over already."), _("Choose a day to come, or none."))
        info = await self._library.find(request.calendar)
        for one in await self.publications():
            if one.calendar == info.id and any(file.address == request.location for file in one.files):
                return await self.change(one.id, request.options)
        new = self._new(request, info)
        await asyncio.to_thread(self._store.add, new)
        try:
            published = await self._under_lock(
                new.id, lambda: self._uploads.upload(new.id, forced=True, overwrite=overwrite, first=True)
            )
        except (DeliveryUnknown, StorageError):
            raise  # it may lie there: `sync` finishes it
        except PartagendaError:
            await self._forget_failed(new)
            raise
        except asyncio.CancelledError:
            await asyncio.shield(asyncio.to_thread(self._unwanted, new.id))
            raise
        await asyncio.to_thread(self._store.remember, "location", _folder_of(request.location))
        return published

    async def republish(self, id_: str, *, overwrite: bool = False) -> Publication:
        """Upload it now, if anything changed; a stopped one begins anew. `overwrite`: also over somebody else's."""
        publication = await self.publication(id_)
        if publication.state is PublicationState.REMOVING:
            raise Refused(
                _("“{calendar}” is being removed from there.").format(calendar=publication.calendar_name),
                _("Publish it anew afterwards."),
            )
        if publication.state is PublicationState.STOPPED:
            await self._uploads.keep(replace(publication, state=PublicationState.ACTIVE))
        return await self._under_lock(
            publication.id, lambda: self._uploads.upload(publication.id, overwrite=overwrite, look=True)
        )

    async def change(self, id_: str, options: PublishOptions) -> Publication:
        """Other options at the same address, uploaded at once. Narrowed, no wider copy stays under any name."""
        publication = await self.publication(id_)
        narrower = options.shows_less_than(publication.options, self._clock.now().date())
        changed = _with_page(
            replace(
                publication,
                options=options,
                state=PublicationState.ACTIVE,
                stamp=None,  # until all files are there: one that is new says nothing about the others
                revision=publication.revision + 1,
                narrower=publication.narrower or narrower,
                next_due=self._clock.now(),
            ),
            self._targets,
        )
        await self._uploads.keep(changed)
        return await self._under_lock(publication.id, lambda: self._uploads.upload(publication.id, forced=True))

    async def new_address(self, id_: str) -> Publication:
        """The same under a new name that nobody can guess; the old one is emptied and removed."""
        publication = await self.publication(id_)
        found = publication.file(Role.CALENDAR)
        folder = _folder_of(found.address if found else publication.files[0].address)
        doomed = tuple(replace(file, doomed=True, touched=True) for file in publication.files)
        fresh = self._files(folder + f"{secrets.token_hex(16)}.ics", publication.options)
        moved = replace(
            publication,
            files=(*fresh, *doomed),
            key=secrets.token_bytes(32),
            stamp=None,
            revision=publication.revision + 1,
            next_due=self._clock.now(),
        )
        await self._uploads.keep(moved)
        done = await self._under_lock(publication.id, lambda: self._uploads.upload(publication.id, forced=True))
        await self._uploads.tell(publication, LedgerState.REVOKED)
        return done

    async def stop(self, id_: str) -> Publication:
        """No further uploads; it stays there as it is."""
        publication = await self.publication(id_)
        stopped = replace(publication, state=PublicationState.STOPPED, next_due=self._uploads.expiry(publication))
        await self._uploads.keep(stopped)
        return stopped

    async def remove(self, id_: str, *, overwrite: bool = False) -> None:
        """Take it away: an empty calendar first, then DELETE, then a look whether it is gone.

        When that fails it stays wanted, and `sync` goes on with it. Raises what the target raises.
        """
        publication = await self.publication(id_)
        doomed = tuple(replace(file, doomed=True, touched=True) for file in publication.files)
        await self._uploads.keep(
            replace(publication, state=PublicationState.REMOVING, files=doomed, next_due=self._clock.now())
        )
        await self._under_lock(publication.id, lambda: self._uploads.take_away(publication.id, overwrite=overwrite))

    async def forget(self, id_: str) -> None:
        """Know nothing of it any more; what lies there stays there."""
        publication = await self.publication(id_)
        await asyncio.to_thread(self._store.forget, publication.id)

    async def upload_due(self, progress: Progress | None = None) -> list[Publication]:
        """Upload and remove what is due (`sync`, the app's timer); one that another process is at is left to it.

        What fails is written down with its reason and tried again later; nothing is raised but StorageError.
        """
        now = self._clock.now()
        done = []
        due = [one for one in await self.publications() if one.due(now) or self._expired(one)]
        for count, one in enumerate(due):
            if progress:
                progress(count, len(due), one.calendar_name)
            async with process_lock(self._locks / f"{one.id}.lock", 0) as held:
                if not held:
                    continue
                try:
                    current = await self.publication(one.id)
                    if not current.due(self._clock.now()) and not self._expired(current):
                        continue  # another process has just done it
                    done.append(await self._tend(current))
                except NotFound:
                    continue  # it was removed meanwhile
        return done

    async def close(self) -> None:
        """Let go of connections."""
        await self._targets.close()

    # how -------------------------------------------------------------------------------------------------

    async def _tend(self, publication: Publication) -> Publication:
        try:
            if publication.state is PublicationState.REMOVING or self._expired(publication):
                if publication.state is not PublicationState.REMOVING:
                    doomed = tuple(replace(file, doomed=True, touched=True) for file in publication.files)
                    publication = replace(publication, state=PublicationState.REMOVING, files=doomed)
                    await self._uploads.keep(publication)
                await self._uploads.take_away(publication.id)
                return replace(publication, problem="", next_due=None)
            return await self._uploads.upload(publication.id)
        except PartagendaError:
            return await self.publication(publication.id)  # with its problem

    def _expired(self, publication: Publication) -> bool:
        last = publication.options.expires
        gone = publication.state is PublicationState.REMOVING
        return last is not None and last < self._clock.now().date() and not gone

    def _new(self, request: PublishRequest, info: CalendarInfo) -> Publication:
        """An address that ends with `/` is a folder: the name is the calendar's, or 128 random bits."""
        address = request.location
        if address.endswith("/"):
            name = secrets.token_hex(16) if request.unguessable else _SAFE.sub("-", info.name).strip("-.") or "calendar"
            address += f"{name}.ics"
        now = self._clock.now()
        return Publication(
            id=secrets.token_hex(4),
            calendar=info.id,
            calendar_name=info.name,
            options=request.options,
            state=PublicationState.ACTIVE,
            files=self._files(address, request.options),
            token=secrets.token_hex(8),
            key=secrets.token_bytes(32),
            revision=1,
            created=now,
            stamp=None,
            last_upload=None,
            last_look=None,
            page_day="",
            next_due=now,
            attempts=0,
            problem="",
            hint="",
            narrower=False,
        )

    def _files(self, address: str, options: PublishOptions) -> tuple[PublishedFile, ...]:
        files = [PublishedFile(Role.CALENDAR, address, self._targets.read_address(address))]
        if options.page:
            files.append(_page_beside(address, self._targets))
        return tuple(files)

    async def _forget_failed(self, publication: Publication) -> None:
        """A first upload that came to nothing: no temporary file is left, and nothing is tried again unasked."""
        with suppress(PartagendaError):
            for file in publication.files:
                await self._targets.target(file.address).sweep(file.address, publication.token)
        await asyncio.to_thread(self._store.forget, publication.id)

    def _unwanted(self, id_: str) -> None:
        """It was stopped in the middle: what may lie there is taken away by the next `sync`."""
        found = self._store.get(id_)
        doomed = tuple(replace(file, doomed=True, touched=True) for file in found.files)
        self._store.save(
            replace(found, state=PublicationState.REMOVING, files=doomed, next_due=self._clock.now(), problem="")
        )

    async def _under_lock(self, id_: str, work: Work) -> Publication:
        async with process_lock(self._locks / f"{id_}.lock", self._patience) as held:
            if not held:
                raise Refused(_("Another Partagenda is uploading this calendar just now."), _("Try again in a minute."))
            return await work()


class Work(Protocol):
    """Something that is done with one publication."""

    async def __call__(self) -> Publication: ...


def _folder_of(address: str) -> str:
    return address.rpartition("/")[0] + "/"


def _page_beside(address: str, targets: Targets) -> PublishedFile:
    page = (address[:-4] if address.lower().endswith(".ics") else address) + ".html"
    return PublishedFile(Role.PAGE, page, targets.read_address(page))


def _with_page(publication: Publication, targets: Targets) -> Publication:
    """With a page beside the calendar, or with the one that is there doomed, as the options say."""
    page, calendar = publication.file(Role.PAGE), publication.file(Role.CALENDAR)
    if publication.options.page and page is None and calendar is not None:
        beside = _page_beside(calendar.address, targets)
        known = next((one for one in publication.files if one.address == beside.address), None)
        return with_file(publication, beside if known is None else replace(known, doomed=False))
    if not publication.options.page and page is not None:
        return with_file(publication, replace(page, doomed=True, touched=True))
    return publication


def whole_location(text: str) -> str:
    """A place as a person types it: `~` is their home, and what has no ending as .ics is a folder and gets its `/`.

    `host:path` is a place behind SSH, as scp reads it: below the home there unless the path begins with `/`. A folder
    of this machine with a colon in its name is written `./a:b/`, as for scp.
    """
    text = text.strip()
    if (behind := _SCP.fullmatch(text)) is not None:
        host, path = behind.groups()
        whole = path if path.startswith("/") else "/~/" + path.removeprefix("~").removeprefix("/")
        text = f"sftp://{host}{quote(whole)}"
    if text.startswith("file://"):
        text = unquote(urlsplit(text).path)
    if "://" not in text:
        text = os.path.abspath(os.path.expanduser(text)) + ("/" if text.endswith("/") else "")
    name = text.rpartition("/")[2]
    return text + "/" if name and "." not in name else text
