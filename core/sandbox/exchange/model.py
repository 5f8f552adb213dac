"""The organisation: mailboxes, folders, items, and the journal of what changed. In memory, guarded by one lock."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import field
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from itertools import count
from uuid import NAMESPACE_URL, UUID, uuid5

from core.sandbox.exchange.errors import EwsError
from core.sandbox.exchange.ids import EwsId, IdKind, change_key
from core.sandbox.exchange.xml import Element
from core.sharing.permissions import MATRIX, PermissionLevel, Rights
from core.sharing.policy import SharingPolicy, parse_policy
from core.values import dataclass

DEFAULT = "default"
"""Everybody in the organisation who has no entry of their own."""
ANONYMOUS = "anonymous"
"""Everybody else."""
AUTHENTICATED = ""
"""The entry with an empty UserId that real servers give: any authenticated user. It stays, whatever is written."""
STOCK_POLICY = ("Anonymous: CalendarSharingFreeBusySimple", "*: CalendarSharingFreeBusyDetail")
"""Simple for anybody, more for partner organisations; a test or a story puts another in its place."""


class ChangeKind(StrEnum):
    """What happened to an item or a folder; the names of notification events."""

    CREATED = "CreatedEvent"
    MODIFIED = "ModifiedEvent"
    DELETED = "DeletedEvent"
    READ = "ReadFlagChangeEvent"


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the journal. `item` is None for a folder's own change."""

    number: int
    kind: ChangeKind
    mailbox: Mailbox
    folder: str
    item: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a folder's permissions. `user`: an address in lower case, DEFAULT, ANONYMOUS or AUTHENTICATED."""

    user: str
    rights: Rights
    name: str = ""
    """As it was given with an address outside."""


@dataclass(frozen=True, slots=True)
class Delegate:
    """Somebody who acts for a mailbox's owner. `user` is an address in lower case."""

    user: str
    view_private: bool = False
    meeting_copies: bool = False
    """Whether meeting mail to the owner comes to them too."""


@dataclass(slots=True)
class Attachment:
    """One attached file; or an item: `element` is what it was made from, or `content` holds a whole message's bytes."""

    number: int
    name: str
    content_type: str
    content: bytes
    content_id: str = ""
    inline: bool = False
    message: bool = False
    """Whether it is a whole message (`content` is its bytes)."""
    element: Element | None = None
    modified: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(eq=False, slots=True)
class Item:
    """Something in a folder: an appointment, a message, a contact.

    `fields` holds what was stored, by the element's name (see `fields.ITEMS`), each as its whole element; what can be
    computed (ItemId, Duration, occurrences …) is not stored. `extended` holds whole `t:ExtendedProperty` elements by
    their key (see `properties.extended_key`).

    A recurring master keeps its changed instances in `exceptions` and its deleted ones in `deleted`, both by original
    start (an instant of UTC); an exception has `master` and `original` and lies in no folder of its own.
    """

    id: EwsId
    kind: str
    folder: Folder
    creator: str
    """Address of who made it: rights on one's own items go by this."""
    created: datetime
    modified: datetime
    change: int
    fields: dict[str, Element] = field(default_factory=dict)
    extended: dict[str, Element] = field(default_factory=dict)
    modifier: str = ""
    """Display name of who changed it last."""
    mime: bytes = b""
    told: tuple[tuple[str, str], ...] = ()
    """Names and addresses of those who have a request for this meeting."""
    attachments: list[Attachment] = field(default_factory=list)
    """Kept by `attachments`."""
    master: Item | None = None
    original: datetime | None = None
    exceptions: dict[datetime, Item] = field(default_factory=dict)
    deleted: dict[datetime, datetime] = field(default_factory=dict)
    """Original start to the start that was shown (another one where an exception was deleted)."""
    without: set[str] = field(default_factory=set)
    """Properties that were deleted: an exception does not take them from its series."""
    touched: dict[str, int] = field(default_factory=dict)
    """The change at which each property was last set, for AutoResolve."""
    cache: dict[str, object] = field(default_factory=dict)
    """What was worked out from the properties; emptied at each change."""

    @property
    def change_key(self) -> str:
        """Its present state."""
        return change_key(self.change)

    def text(self, name: str) -> str:
        """The text of a stored property, empty where it is not stored."""
        found = self.fields.get(name)
        return (found.text or "") if found is not None else ""


@dataclass(eq=False, slots=True)
class Folder:
    """A folder. `kind` is its element (`CalendarFolder`), `klass` its class (`IPF.Appointment`)."""

    id: EwsId
    mailbox: Mailbox
    parent: Folder | None
    name: str
    kind: str
    klass: str
    distinguished: str = ""
    """The name by which clients ask for it without an id; empty for all others."""
    change: int = 0
    items: dict[EwsId, Item] = field(default_factory=dict)
    extended: dict[str, Element] = field(default_factory=dict)
    journal: list[Change] = field(default_factory=list)
    """Changes of its items, in order."""
    permissions: list[Entry] = field(default_factory=list)
    """Kept by `permissions`, read by `rights`."""

    @property
    def change_key(self) -> str:
        """Its present state."""
        return change_key(self.change)

    @property
    def path(self) -> tuple[Folder, ...]:
        """From the root of its mailbox to itself."""
        return (*(self.parent.path if self.parent else ()), self)


@cache
def _guid(address: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"mailto:{address}")


@dataclass(eq=False, slots=True)
class Mailbox:
    """Somebody's mailbox. `key` is the user name."""

    key: str
    name: str
    address: str
    zone: str
    """IANA name."""
    folders: dict[EwsId, Folder] = field(default_factory=dict)
    distinguished: dict[str, Folder] = field(default_factory=dict)
    journal: list[Change] = field(default_factory=list)
    """Changes of its folders, in order."""
    delegates: dict[str, Delegate] = field(default_factory=dict)
    """By address, in lower case."""
    deliver_meeting_requests: str = "DelegatesAndMe"
    """Where meeting mail goes when there are delegates: a DeliverMeetingRequestsType."""
    settings: dict[str, object] = field(default_factory=dict)
    """What other modules keep for a mailbox (delegates, user configurations), by their own names."""

    @property
    def guid(self) -> UUID:
        """The same in each run, so that ids are."""
        return _guid(self.address)

    def children(self, folder: Folder) -> Iterator[Folder]:
        """The folders directly in it."""
        return (each for each in self.folders.values() if each.parent is folder)


def first_permissions(kind: str) -> list[Entry]:
    """What a new folder of this kind has: of calendars everybody inside sees the times."""
    first = PermissionLevel.FREE_BUSY if kind == "CalendarFolder" else PermissionLevel.NONE
    return [Entry(DEFAULT, MATRIX[first]), Entry(ANONYMOUS, MATRIX[PermissionLevel.NONE])]


_FOLDERS = (
    # distinguished name, parent, display name, class
    ("root", "", "", ""),
    ("msgfolderroot", "root", "Top of Information Store", "IPF.Note"),
    ("searchfolders", "root", "Finder", "IPF.Note"),
    ("inbox", "msgfolderroot", "Inbox", "IPF.Note"),
    ("outbox", "msgfolderroot", "Outbox", "IPF.Note"),
    ("sentitems", "msgfolderroot", "Sent Items", "IPF.Note"),
    ("deleteditems", "msgfolderroot", "Deleted Items", "IPF.Note"),
    ("drafts", "msgfolderroot", "Drafts", "IPF.Note"),
    ("junkemail", "msgfolderroot", "Junk Email", "IPF.Note"),
    ("calendar", "msgfolderroot", "Calendar", "IPF.Appointment"),
    ("contacts", "msgfolderroot", "Contacts", "IPF.Contact"),
    ("tasks", "msgfolderroot", "Tasks", "IPF.Task"),
    ("notes", "msgfolderroot", "Notes", "IPF.StickyNote"),
    ("journal", "msgfolderroot", "Journal", "IPF.Journal"),
    ("recoverableitemsroot", "root", "Recoverable Items", ""),
    ("recoverableitemsdeletions", "recoverableitemsroot", "Deletions", ""),
)


_KINDS = {"IPF.Appointment": "CalendarFolder", "IPF.Contact": "ContactsFolder", "IPF.Task": "TasksFolder"}


def folder_kind(klass: str) -> str:
    """The element of a folder of this class; `IPF.Appointment.Birthday` is a calendar too."""
    return next((kind for known, kind in _KINDS.items() if f"{klass}.".startswith(f"{known}.")), "Folder")


class Organisation:
    """All mailboxes. Take `lock` around everything; the server does so for each operation."""

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        """Notified at each change, for those who wait for one."""
        self.clock = clock
        self.mailboxes: dict[str, Mailbox] = {}
        """By address, in lower case."""
        self.policy: SharingPolicy = parse_policy(STOCK_POLICY, "Default Sharing Policy")
        """What may be shared outside."""
        self.federated: frozenset[str] = frozenset()
        """Domains of organisations that this one has a federation with."""
        self.outward: Callable[[str, bytes], bool] = lambda _address, _content: False
        """Takes a message to an address outside; False where there is nobody of that address."""
        self.settings: dict[str, object] = {}
        """What other modules keep for the organisation, by their own names."""
        self.closing = threading.Event()
        """Set when the server ends, for those who wait."""
        self._by_guid: dict[UUID, Mailbox] = {}
        self._numbers = count(1)
        self._changes = 0

    # --- mailboxes and folders ---------------------------------------------------------------------------------------

    def add_mailbox(self, key: str, name: str, address: str, zone: str) -> Mailbox:
        """A new mailbox with the folders that each has."""
        mailbox = Mailbox(key, name, address, zone)
        self.mailboxes[address.lower()] = mailbox
        self._by_guid[mailbox.guid] = mailbox
        for distinguished, parent, title, klass in _FOLDERS:
            self.add_folder(mailbox, mailbox.distinguished.get(parent), title, klass, distinguished)
        return mailbox

    def add_folder(
        self, mailbox: Mailbox, parent: Folder | None, name: str, klass: str, distinguished: str = ""
    ) -> Folder:
        """A new folder."""
        number = EwsId(mailbox.guid, IdKind.FOLDER, next(self._numbers))
        folder = Folder(number, mailbox, parent, name, folder_kind(klass), klass, distinguished)
        folder.permissions += first_permissions(folder.kind)
        mailbox.folders[number] = folder
        if distinguished:
            mailbox.distinguished[distinguished] = folder
        self.note_folder(folder, ChangeKind.CREATED)
        return folder

    def remove_folder(self, folder: Folder) -> None:
        """The folder and those in it, with their items."""
        for each in list(folder.mailbox.children(folder)):
            self.remove_folder(each)
        del folder.mailbox.folders[folder.id]
        self.note_folder(folder, ChangeKind.DELETED)

    def is_inside(self, address: str) -> bool:
        """Whether the address is in the organisation's own domain, be somebody there or not."""
        domains = {known.rpartition("@")[2] for known in self.mailboxes}
        return address.strip().lower().rpartition("@")[2] in domains

    def mailbox_at(self, address: str) -> Mailbox:
        """Raises EwsError: ErrorNonExistentMailbox."""
        found = self.mailboxes.get(address.strip().lower())
        if found is None:
            raise EwsError("ErrorNonExistentMailbox")
        return found

    def folder(self, text: str) -> Folder:
        """The folder of an id. Raises EwsError: ErrorFolderNotFound or malformed."""
        number = EwsId.parse(text)
        mailbox = self._by_guid.get(number.mailbox)
        found = mailbox.folders.get(number) if mailbox else None
        if found is None:
            raise EwsError("ErrorFolderNotFound")
        return found

    # --- items -------------------------------------------------------------------------------------------------------

    def add_item(self, folder: Folder, kind: str, by: Mailbox) -> Item:
        """A new, empty item; call `note_item` when its properties are set."""
        now = self.clock()
        number = EwsId(folder.mailbox.guid, IdKind.ITEM, next(self._numbers))
        return Item(number, kind, folder, by.address, now, now, 0, modifier=by.name)

    def number(self) -> int:
        """A number that was never given."""
        return next(self._numbers)

    def item(self, number: EwsId) -> Item:
        """The stored item of an id of kind ITEM (or the series of an occurrence's). Raises EwsError."""
        mailbox = self._by_guid.get(number.mailbox)
        wanted = EwsId(number.mailbox, IdKind.ITEM, number.number)
        for folder in mailbox.folders.values() if mailbox else ():
            if wanted in folder.items:
                return folder.items[wanted]
        raise EwsError("ErrorItemNotFound")

    def remove_item(self, item: Item) -> None:
        """Out of its folder, for good."""
        del item.folder.items[item.id]
        self._note(item.folder, ChangeKind.DELETED, item)

    # --- the journal -------------------------------------------------------------------------------------------------

    def note_item(self, item: Item, kind: ChangeKind, by: Mailbox | None = None) -> None:
        """The item was created or changed: a new change key, a line in its folder's journal."""
        item.cache.clear()
        item.change = self._note(item.folder, kind, item)
        if kind is ChangeKind.CREATED:
            item.folder.items[item.id] = item
        if by is not None:
            item.modifier = by.name
            item.modified = self.clock()

    def note_folder(self, folder: Folder, kind: ChangeKind) -> None:
        """The folder was created, changed or deleted."""
        folder.change = self._note(folder, kind, None)

    def _note(self, folder: Folder, kind: ChangeKind, item: Item | None) -> int:
        with self.lock:
            self._changes += 1
            number = str(item.id) if item else None
            change = Change(self._changes, kind, folder.mailbox, str(folder.id), number, self.clock())
            (folder.journal if item else folder.mailbox.journal).append(change)
            self.changed.notify_all()
            return self._changes

    @property
    def last_change(self) -> int:
        """The number of the newest line."""
        return self._changes
