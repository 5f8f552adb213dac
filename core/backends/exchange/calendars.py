"""The calendars of an Exchange mailbox: implements `core.ports.RemoteCalendars`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import tzinfo
from typing import TYPE_CHECKING, Any

from core.backends.exchange.session import ExchangeSession
from core.calendar.event import CalendarObject
from core.calendar.span import TimeSpan
from core.errors import NotFound, Refused
from core.language import _
from core.ports.calendars import CalendarKind, Capabilities
from core.ports.servers import RemoteCalendar, RemoteChanges, RemoteItem, RemoteRef, ServerReport

if TYPE_CHECKING:
    from exchangelib import Account

SHARED = "shared:"
_BEHIND = "|"
"""Between a colleague's address and the EWS id of a calendar of theirs that is not the default one."""
"""Before the address of a colleague, in the id of their calendar: what one sees there may change, this does not."""
FIRST_LOOK = 30.0
"""Seconds for the week that somebody waits for."""


class ExchangeCalendars:
    """Asks the server at every call; nothing is kept but what colleagues are called and how much they show."""

    def __init__(self, session: ExchangeSession) -> None:
        self.session = session
        self._names: dict[str, str] = {}
        self._windowed: set[str] = set()
        self._binned: set[str] = set()
        """Folders in Deleted Items: the server still answers for them."""

    @property
    def account(self) -> str:
        """The account's name in config.toml."""
        return self.session.name

    @property
    def kind(self) -> CalendarKind:
        """Exchange."""
        return CalendarKind.EXCHANGE

    @property
    def _here(self) -> tzinfo:
        return self.session.clock.zone

    # looking ---------------------------------------------------------------------------------------------

    async def check(self) -> ServerReport:
        """Sign in and say what this server and mailbox can do."""

        def work(account: Account) -> ServerReport:
            from core.backends.exchange.asking import default_calendar, get_folders, only, text

            name = text(only(get_folders(account, [default_calendar(self.session.address)])), "DisplayName")
            version = account.version
            abilities = (
                _("calendars, with “{name}” as the default one").format(name=name),
                _("free/busy"),
                _("address book"),
                _("sending mail"),
                _("sharing and permissions"),
            )
            return ServerReport(f"{version.fullname} ({version.build})", self.session.address, abilities)

        return await self.session.run(work, FIRST_LOOK)

    async def calendars(self, opened: Sequence[str] = ()) -> Sequence[RemoteCalendar]:
        """One's own, the default one first; then colleagues' that were opened and may still be seen."""
        own = await self.session.run(self._own)
        return [*own, *(await self._shared([one for one in opened if one.startswith(SHARED)]))]

    def _own(self, account: Account) -> list[RemoteCalendar]:
        from core.backends.exchange import asking

        address = self.session.address
        wanted = asking.get_folders(account, [asking.default_calendar(address), asking.deleted_items(address)])
        default, bin_id = (asking.identity(asking.only([each])) for each in wanted)
        folders, self._binned = asking.calendars_among(asking.find_folders(account), bin_id)
        found = [_calendar(each, default) for each in folders]
        return sorted(found, key=lambda one: not one.default)

    async def open_shared(self, owner: str, folder: str = "") -> RemoteCalendar:
        """A colleague's default calendar, as much of it as they show, or the one with this EntryID. Raises NotFound."""
        address = owner.strip().lower()
        if folder:
            from core.backends.exchange.folders import ews_id

            address += _BEHIND + await self.session.run(lambda account: ews_id(account, address, folder))
        found = await self._shared([SHARED + address])
        if not found:
            raise NotFound(
                _("{owner} shows you no calendar on this server.").format(owner=owner),
                _("Ask for it: Share Calendar can request it."),
            )
        return found[0]

    async def _shared(self, ids: Sequence[str]) -> list[RemoteCalendar]:
        """A default calendar that may not be read is shown by its free/busy where that may be seen; else left out."""
        if not ids:
            return []
        folders = await self.session.run(lambda account: self._folders(account, [self._folder(one) for one in ids]))
        found = []
        for identity, folder in zip(ids, folders, strict=True):
            address, _mark, other = identity.removeprefix(SHARED).partition(_BEHIND)
            name = await self._name(address)
            if folder is not None:
                self._windowed.discard(address)
                found.append(replace(folder, id=identity, owner=address, owner_name=name))
            elif other:  # free/busy speaks of default calendars only
                continue
            elif level := await self._level(address):
                self._windowed.add(address)
                found.append(
                    RemoteCalendar(SHARED + address, _("Calendar"), address, name, level, Capabilities(), windowed=True)
                )
        return found

    @staticmethod
    def _folders(account: Account, wanted: Sequence[Any]) -> list[RemoteCalendar | None]:
        """In order; None for one that is not there or may not be read. Raises what else the server answers."""
        from exchangelib.errors import ErrorAccessDenied, ErrorFolderNotFound, ErrorItemNotFound

        from core.backends.exchange.asking import get_folders

        found: list[RemoteCalendar | None] = []
        for each in get_folders(account, wanted):
            if isinstance(each, ErrorAccessDenied | ErrorFolderNotFound | ErrorItemNotFound):
                found.append(None)
            elif isinstance(each, BaseException):
                raise each
            else:
                folder = _calendar(each, "")
                found.append(
                    replace(folder, can=replace(folder.can, rename=False, delete=False)) if _reads(each) else None
                )
        return found

    async def _level(self, address: str) -> str:
        """How much a colleague's free/busy says; empty when it says nothing."""
        from core.backends.exchange.availability import level_of

        now = self.session.clock.now()
        return await self.session.run(lambda account: level_of(account, address, now))

    async def _name(self, address: str) -> str:
        if address not in self._names:
            from core.backends.exchange.directory import name_of

            self._names[address] = await self.session.run(lambda account: name_of(account, address))
        return self._names[address]

    # reading ---------------------------------------------------------------------------------------------

    async def window(self, calendar: str, span: TimeSpan) -> Sequence[RemoteItem]:
        """Whole objects with an occurrence in the span: two requests, more only for series with changed instances."""
        address = calendar.removeprefix(SHARED)
        if calendar.startswith(SHARED) and address in self._windowed:
            from core.backends.exchange.availability import blocks_as_items

            return await self.session.run(lambda account: blocks_as_items(account, address, span))

        def work(account: Account) -> list[RemoteItem]:
            from core.backends.exchange.asking import in_span, masters_of, or_not_found

            found = or_not_found(lambda: in_span(account, self._folder(calendar), span))
            return self._whole(account, calendar, masters_of(found))

        return await self.session.run(work, FIRST_LOOK)

    async def changes(self, calendar: str, since: str) -> RemoteChanges:
        """One page, of at most 512 changes."""

        def work(account: Account) -> RemoteChanges:
            from core.backends.exchange.asking import or_not_found, sync_page

            changes, state, more, resync = or_not_found(lambda: sync_page(account, self._folder(calendar), since))
            refs = {
                item.id: RemoteRef(item.id, item.changekey) for kind, item in changes if kind in ("create", "update")
            }
            gone = tuple(item.id for kind, item in changes if kind == "delete")
            return RemoteChanges(tuple(refs.values()), (), gone, state, more, resync)

        return await self.session.run(work)

    async def fetch(self, calendar: str, ids: Sequence[str]) -> Sequence[RemoteItem]:
        """These objects; a hundred are one request, and one more for the changed instances of their series."""

        def work(account: Account) -> list[RemoteItem]:
            from exchangelib.properties import ItemId

            return self._whole(account, calendar, [ItemId(id=one) for one in ids])

        return await self.session.run(work)

    def _whole(self, account: Account, calendar: str, ids: Sequence[Any]) -> list[RemoteItem]:
        from core.backends.exchange.asking import contents_of, exceptions_of, get_items

        masters = get_items(account, ids) if ids else []
        exceptions = exceptions_of(account, masters)
        contents = contents_of(account, masters)
        return [self._item(one, exceptions.get(one.id, []), contents, calendar) for one in masters]

    def _item(self, master: Any, exceptions: Sequence[Any], contents: dict[str, bytes], calendar: str) -> RemoteItem:  # noqa: ANN401
        from core.backends.exchange.building import with_rest
        from core.backends.exchange.items import KEY_FIELD, REST_FIELD, UNFINISHED, hidden, object_of

        thing = object_of(master, exceptions, self._here, contents)
        rest = getattr(master, REST_FIELD)
        first = with_rest(thing.events[0], rest, self.session.address, self._here)
        thing = replace(thing, events=(first, *thing.events[1:]))
        key = getattr(master, KEY_FIELD) or ""
        if calendar.startswith(SHARED):
            thing = hidden(thing)
        ref = RemoteRef(master.id, master.changekey)
        return RemoteItem(ref, thing, key.removesuffix(UNFINISHED), key.endswith(UNFINISHED))

    async def find(self, calendar: str, key: str) -> RemoteItem | None:
        """What `create` made with this key."""

        def work(account: Account) -> list[RemoteItem]:
            from exchangelib.properties import ItemId

            from core.backends.exchange.asking import find_key

            ids = find_key(account, self._folder(calendar), key)
            return self._whole(account, calendar, [ItemId(id=one) for one in ids])

        found = await self.session.run(work)
        return next(iter(found), None)

    # writing ---------------------------------------------------------------------------------------------

    def vet(self, thing: CalendarObject, before: CalendarObject | None = None) -> None:
        """Raise Refused for what Exchange has no words for."""
        from core.backends.exchange.building import vet

        vet(thing, self._here)

    async def create(self, calendar: str, thing: CalendarObject, key: str) -> RemoteRef:
        """A new item, found again by its key."""
        from core.backends.exchange import writing

        return await self.session.run(
            lambda account: writing.create(self._desk(account), self._folder(calendar), thing, key)
        )

    async def update(
        self, calendar: str, ref: RemoteRef, before: CalendarObject, after: CalendarObject, key: str
    ) -> RemoteRef:
        """Only what differs is sent."""
        from core.backends.exchange import writing

        def work(account: Account) -> RemoteRef:
            return writing.update(self._desk(account), self._folder(calendar), ref, (before, after), key)

        return await self.session.run(work)

    async def delete(self, calendar: str, ref: RemoteRef) -> None:
        """Into Deleted Items."""
        from core.backends.exchange import writing

        await self.session.run(lambda account: writing.delete(self._desk(account), ref))

    def _desk(self, account: Account) -> Any:  # noqa: ANN401 - its module is loaded by then
        from core.backends.exchange.writing import Desk

        return Desk(account, self.session.address, self._here)

    # calendars -------------------------------------------------------------------------------------------

    async def create_calendar(self, name: str) -> RemoteCalendar:
        """A folder beside the others, below the default calendar's parent."""
        from core.backends.exchange.folders import create_folder

        return await self.session.run(lambda account: create_folder(account, self.session.address, name))

    async def rename_calendar(self, calendar: str, name: str) -> None:
        """Another display name."""
        from core.backends.exchange.folders import rename_folder

        self._only_own(calendar)
        await self.session.run(lambda account: rename_folder(account, self._folder(calendar), name))

    async def delete_calendar(self, calendar: str) -> None:
        """Into Deleted Items, with all that is in it."""
        from core.backends.exchange.folders import delete_folder

        self._only_own(calendar)
        await self.session.run(lambda account: delete_folder(account, self._folder(calendar)))
        self._binned.add(calendar)

    @staticmethod
    def _only_own(calendar: str) -> None:
        if calendar.startswith(SHARED):
            raise Refused(_("This calendar belongs to somebody else."), _("Ask its owner."))

    def _folder(self, calendar: str) -> Any:  # noqa: ANN401 - the library's
        from exchangelib.properties import FolderId

        from core.backends.exchange.asking import default_calendar

        if calendar in self._binned:
            raise NotFound(_("This calendar is in Deleted Items on the Exchange server."))
        address, _mark, other = calendar.removeprefix(SHARED).partition(_BEHIND)
        if calendar.startswith(SHARED) and not other:
            return default_calendar(address)
        return FolderId(id=other if calendar.startswith(SHARED) else calendar)

    async def close(self) -> None:
        """Let go of the connections."""
        await asyncio.shield(self.session.close())


def _rights(element: Any) -> dict[str, bool]:  # noqa: ANN401 - lxml's
    from exchangelib.util import TNS

    found = element.find(f"{{{TNS}}}EffectiveRights")
    return {} if found is None else {each.tag.rpartition("}")[2]: each.text == "true" for each in found}


def _reads(element: Any) -> bool:  # noqa: ANN401 - lxml's
    """Whether whole items can be read. EffectiveRights is about the folder, SharingEffectiveRights about its items."""
    from core.backends.exchange.asking import text

    shared = text(element, "SharingEffectiveRights")
    return shared == "FullDetails" if shared else _rights(element).get("Read", False)


def _calendar(element: Any, default: str) -> RemoteCalendar:  # noqa: ANN401 - lxml's
    from core.backends.exchange.asking import identity, text

    folder, rights = identity(element), _rights(element)
    is_default = folder == default
    can = Capabilities(
        write=rights.get("CreateContents", True) and rights.get("Read", True),
        rename=not is_default and rights.get("Modify", True),
        delete=not is_default and rights.get("Delete", True),
        share=rights.get("Modify", True),
        permissions=rights.get("Modify", True),
    )
    return RemoteCalendar(folder, text(element, "DisplayName"), can=can, default=is_default)
