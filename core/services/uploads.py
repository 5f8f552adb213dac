"""One upload, one removal: journalled before the first byte and after the last, so that a crash leaves no doubt."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

from core.errors import (
    CertificateError,
    Conflict,
    DeliveryUnknown,
    PartagendaError,
    SignInFailed,
    TransportError,
    TryLater,
    Unreachable,
    UsageError,
)
from core.language import _
from core.ports.publishing import NOTHING, PublishTarget, fingerprint
from core.ports.world import Clock
from core.services.ledger import Ledger, LedgerEntry, LedgerState
from core.services.publication_store import (
    Publication,
    PublicationStore,
    PublishedFile,
    Role,
    with_file,
    without_file,
)
from core.services.publish_content import EMPTY, MEDIA_TYPES, Content, ContentMaker

BACK_OFF = tuple(timedelta(minutes=m) for m in (5, 15, 60, 240))
"""How long after each failed attempt the next one comes; the last one repeats."""


_DECIDED = (SignInFailed, CertificateError, DeliveryUnknown)
"""What the other side says whose hint leaves nothing open."""


class Targets(Protocol):
    """Where one can publish to: the folders and servers, by address."""

    def target(self, address: str) -> PublishTarget:
        """Who takes files at this address. Raises UsageError for what is none."""
        ...

    def read_address(self, address: str) -> str:
        """Where others read what lies at this address."""
        ...

    def known(self) -> Sequence[str]:
        """The folders that the person's configuration names."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


class Uploads:
    """What is done with a publication under its lock. Raises what the target raises, after it was written down."""

    def __init__(
        self, store: PublicationStore, targets: Targets, ledger: Ledger, clock: Clock, maker: ContentMaker
    ) -> None:
        self._store = store
        self._targets = targets
        self._ledger = ledger
        self._clock = clock
        self._maker = maker

    async def _get(self, id_: str) -> Publication:
        return await asyncio.to_thread(self._store.get, id_)

    async def keep(self, publication: Publication) -> None:
        """Write it down durably."""
        await asyncio.to_thread(self._store.save, publication)

    async def content(self, publication: Publication, *, forced: bool = False) -> Content:
        """Its files as they would be now, checked. `forced`: written anew though nothing changed."""
        read = await self._maker.read(publication.calendar, publication.options, self._clock.now())
        return await asyncio.to_thread(self._maker.make, read, publication, forced=forced)

    def expiry(self, publication: Publication) -> datetime | None:
        """When it has to go; None for never."""
        last = publication.options.expires
        if last is None:
            return None
        return datetime.combine(last + timedelta(days=1), datetime.min.time(), self._clock.zone).astimezone(UTC)

    async def upload(
        self, id_: str, *, forced: bool = False, overwrite: bool = False, look: bool = False, first: bool = False
    ) -> Publication:
        """Upload what changed and take away what is doomed. `look`: also make sure that it still lies there.

        `first`: the caller forgets it when it fails.
        """
        publication = await self._get(id_)
        try:
            content = await self.content(publication, forced=forced)
            if content.changed or look:
                publication = await self._put_all(publication, content, overwrite=overwrite)
            for file in publication.files:
                if file.doomed:
                    publication = await self._take_file(publication, file, overwrite=overwrite)
            for file in publication.files:
                publication = await self._sweep(publication, file)
        except PartagendaError as error:
            await self._failed(id_, error, forgotten=first)
            raise
        return await self._succeeded(publication, content)

    async def _put_all(self, publication: Publication, content: Content, *, overwrite: bool) -> Publication:
        """Each file: journalled, put and read back, journalled again."""
        for file in publication.files:
            data = content.of(file.role)
            if file.doomed or (data is None and not content.changed):
                continue
            assert data is not None
            publication = await self._put(publication, file, data, overwrite=overwrite)
        return publication

    async def _put(self, publication: Publication, file: PublishedFile, data: bytes, *, overwrite: bool) -> Publication:
        file = await self._settled(file, overwrite=overwrite)
        publication = with_file(publication, replace(file, pending=data, touched=True))
        await self.keep(publication)
        stored = await self._targets.target(file.address).put(
            file.address,
            data,
            media_type=MEDIA_TYPES[file.role],
            expected=(file.there, fingerprint(data)),
            token=publication.token,
        )
        done = replace(file, there=stored.fingerprint, content=fingerprint(data), touched=True)
        publication = with_file(publication, done)
        await self.keep(publication)
        return publication

    async def _settled(self, file: PublishedFile, *, overwrite: bool) -> PublishedFile:
        """The file with `there` as it is now, if that is ours: an upload whose end is not known, whole or a part of it.

        `overwrite`: the person said that whatever lies there may go.
        """
        if file.pending is None and not overwrite:
            return file
        found = await self._targets.target(file.address).read(file.address)
        ours = file.pending is not None and found is not None and file.pending.startswith(found)
        there = fingerprint(found) if ours or overwrite else file.there
        return replace(file, there=there, pending=None)

    async def _sweep(self, publication: Publication, file: PublishedFile) -> Publication:
        """Nothing of it is left under a temporary name."""
        if not file.touched:
            return publication
        await self._targets.target(file.address).sweep(file.address, publication.token)
        publication = with_file(publication, replace(file, touched=False))
        await self.keep(publication)
        return publication

    async def take_away(self, id_: str, *, overwrite: bool = False) -> Publication:
        """Remove all its files, and forget it."""
        publication = asked = await self._get(id_)
        try:
            for file in publication.files:
                publication = await self._take_file(publication, file, overwrite=overwrite)
        except PartagendaError as error:
            await self._failed(id_, error)
            raise
        await self.tell(asked, LedgerState.REVOKED)
        await asyncio.to_thread(self._store.forget, id_)
        return publication

    async def _take_file(self, publication: Publication, file: PublishedFile, *, overwrite: bool) -> Publication:
        """Empty it, remove it, look, sweep."""
        target = self._targets.target(file.address)
        file = await self._settled(file, overwrite=overwrite)
        if file.there != NOTHING:
            empty = EMPTY[0 if file.role is Role.CALENDAR else 1]
            publication = with_file(publication, replace(file, pending=empty))
            await self.keep(publication)
            known = await self._emptied(file, empty, publication.token)
            await target.remove(file.address, expected=known)
        await target.sweep(file.address, publication.token)
        publication = without_file(publication, file.address)
        await self.keep(publication)
        return publication

    async def _emptied(self, file: PublishedFile, empty: bytes, token: str) -> tuple[str, ...]:
        """What may lie there after an empty one was put in its place, as far as the server takes one."""
        known = (file.there, fingerprint(empty))
        target = self._targets.target(file.address)
        try:
            stored = await target.put(
                file.address, empty, media_type=MEDIA_TYPES[file.role], expected=known, token=token
            )
        except (SignInFailed, TryLater, Unreachable, DeliveryUnknown):
            raise
        except Conflict:
            if await target.read(file.address) is not None:
                raise
            return known
        except PartagendaError:
            return known  # a server that takes no empty calendar: the removal itself counts
        return (*known, stored.fingerprint)

    async def _failed(self, id_: str, error: PartagendaError, *, forgotten: bool = False) -> None:
        """Due again after BACK_OFF; never by itself where a person has to decide, or a single upload had not begun.

        Whether it is tried again is known here alone, so it is here that the hint says it.
        """
        publication = await self._get(id_)
        wait = BACK_OFF[min(publication.attempts, len(BACK_OFF) - 1)]
        if isinstance(error, TryLater):
            wait = max(wait, timedelta(seconds=error.wait))
        waits_for_person = isinstance(error, Conflict | SignInFailed | UsageError)
        begun = any(file.pending is not None or file.doomed for file in publication.files)
        renewed = publication.options.every is not None or publication.narrower or begun
        due = None if waits_for_person or not renewed else self._clock.now() + wait
        if isinstance(error, TransportError) and not isinstance(error, _DECIDED):
            again = due is not None and not forgotten
            said = _("It is tried again at the next sync.") if again else _("It is not tried again by itself.")
            error.hint = f"{error.hint} {said}".lstrip()
        await self.keep(
            replace(
                publication,
                problem=error.message,
                hint=error.hint,
                attempts=publication.attempts + 1,
                next_due=due,
            )
        )

    async def _succeeded(self, publication: Publication, content: Content) -> Publication:
        """The next upload is due after `every`, or when the publication expires if that is sooner."""
        now = self._clock.now()
        every = publication.options.every
        expiry = self.expiry(publication)
        due = None if every is None else now + every
        changed = content.changed or publication.last_upload is None
        done = replace(
            publication,
            stamp=content.stamp,
            page_day=content.page_day if changed else publication.page_day,
            last_upload=now if changed else publication.last_upload,
            last_look=now,
            next_due=min((one for one in (due, expiry) if one is not None), default=None),
            attempts=0,
            problem="",
            hint="",
            narrower=False,
        )
        await self.keep(done)
        if changed:
            await self.tell(done, LedgerState.SENT)
        return done

    async def tell(self, publication: Publication, state: LedgerState) -> None:
        """The ledger: anybody who knows the address can read it."""
        await self._ledger.record(
            [
                LedgerEntry(
                    person=next((one.read_address for one in publication.files if one.role is Role.CALENDAR), ""),
                    calendar=publication.calendar_name,
                    how="publication",
                    level=publication.options.level.value,
                    range=publication.options.range,
                    when=self._clock.now(),
                    state=state,
                    reference=f"publication:{publication.id}:{publication.revision}",
                )
            ]
        )
