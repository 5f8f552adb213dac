"""UpdateItem: set, append and delete properties; change keys; instances that begin to differ ([MS-OXWSCORE])."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from datetime import datetime

from core.sandbox.exchange.appointments import Thing, instance, series_at, thing_of
from core.sandbox.exchange.errors import EwsError
from core.sandbox.exchange.hooks import Wish, Written, tell
from core.sandbox.exchange.ids import change_number
from core.sandbox.exchange.item_view import item_id
from core.sandbox.exchange.model import ChangeKind, Item
from core.sandbox.exchange.properties import (
    EXTENDED_NAMES,
    append_property,
    delete_property,
    same_series,
    set_property,
    settle_times,
    zone_in,
)
from core.sandbox.exchange.registry import Context, operation, respond, success
from core.sandbox.exchange.rights import require_edit, require_text
from core.sandbox.exchange.shapes import extended_key, field_name
from core.sandbox.exchange.xml import Element, children, m, name_of, t
from core.values import dataclass


@dataclass(frozen=True, slots=True)
class Update:
    """One line of an update: what is done, to which property, with which element."""

    action: str
    path: Element
    element: Element | None

    @property
    def name(self) -> str:
        """The property's name, an extended one's key."""
        if name_of(self.path) == "ExtendedFieldURI":
            return extended_key(self.path)
        return field_name(self.path.get("FieldURI", ""))


def read_updates(change: Element) -> list[Update]:
    """The `t:Updates` of an ItemChange or FolderChange. Raises EwsError where path and property differ."""
    found = []
    for line in children(change, "Updates"):
        element = line[1][0] if len(line) > 1 and len(line[1]) else None
        update = Update(name_of(line), line[0], element)
        if not update.action.startswith("Delete") and (len(line) < 2 or len(line[1]) != 1):
            raise EwsError("ErrorIncorrectUpdatePropertyCount", "An object in a change must have one property.")
        if element is not None and name_of(element) not in (update.name, "ExtendedProperty"):
            raise EwsError("ErrorUpdatePropertyMismatch", "Property in the path does not match the one of the object.")
        found.append(update)
    return found


@operation("UpdateItem")
def update_item(context: Context) -> Element:
    """Each change for itself: what fails, leaves its item as it was."""
    request = context.request
    telling = request.get("SendMeetingInvitationsOrCancellations", "")
    resolution = request.get("ConflictResolution", "AutoResolve")
    wish = Wish(request.get("MessageDisposition", ""), telling)

    def one(change: Element) -> Element:
        thing, key = thing_of(context.organisation, change[0])
        require_edit(context.who, thing.item)
        require_text(context.who, thing.stored)
        if thing.item.kind == "CalendarItem" and not telling:
            raise EwsError(
                "ErrorSendMeetingInvitationsOrCancellationsRequired",
                "SendMeetingInvitationsOrCancellations attribute is required.",
            )
        updates = read_updates(change)
        check_change_key(thing.item, key, resolution, [update.name for update in updates])
        written = apply(context, thing, updates)
        tell(context, written, Written.UPDATED, wish)
        conflicts = m("ConflictResults", t("Count", 0))
        return success("UpdateItem", m("Items", t(written.item.kind, item_id(written))), conflicts)

    return respond("UpdateItem", children(request, "ItemChanges"), one)


def check_change_key(item: Item, key: str, resolution: str, names: Iterable[str]) -> None:
    """Whether the client's state may be written over the present one. Raises EwsError.

    NeverOverwrite: only from the newest state. AutoResolve: also where nobody else set the same properties since.
    AlwaysOverwrite: always, also without a change key.
    """
    if resolution == "AlwaysOverwrite":
        return
    if not key:
        raise EwsError("ErrorChangeKeyRequiredForWriteOperations", "Must specify change key for this operation.")
    seen = change_number(key)
    if seen == item.change:
        return
    if seen > item.change:
        raise EwsError("ErrorInvalidChangeKey")
    if resolution == "NeverOverwrite" or any(item.touched.get(name, 0) > seen for name in names):
        raise EwsError("ErrorIrresolvableConflict")


def apply(context: Context, thing: Thing, updates: list[Update]) -> Thing:
    """Write the updates; gives the thing as it is then. Raises EwsError, and then nothing was written."""
    if thing.original is not None:
        return _apply_to_instance(context, thing, updates)
    item = thing.item
    before = _kept(item)
    try:
        _write(context, item, item, updates)
        if item.kind == "CalendarItem":
            settle_times(item)
            if not same_series(before[0], item):
                item.exceptions.clear()
                item.deleted.clear()
    except EwsError:
        _restore(item, before)
        raise
    _noted(context, item, updates)
    return thing


def _apply_to_instance(context: Context, thing: Thing, updates: list[Update]) -> Thing:
    """An instance that differs becomes an exception of its series."""
    assert thing.original is not None
    master, original = thing.item, thing.original
    if any(update.name in ("Recurrence", "UID") for update in updates):
        raise EwsError("ErrorCalendarInvalidPropertyState", "An occurrence has no recurrence of its own.")
    changed = context.organisation.add_item(master.folder, master.kind, context.who)
    changed.master, changed.original = master, original
    if thing.exception is not None:
        _restore(changed, _kept(thing.exception))
        changed.attachments = list(thing.exception.attachments)
        changed.created, changed.creator = thing.exception.created, thing.exception.creator
    times = thing.times
    changed.fields["Start"], changed.fields["End"] = t("Start", times.start), t("End", times.end)
    _write(context, changed, master, updates)
    written = Thing(master, original, changed)
    if any(update.name in ("Start", "End", "IsAllDayEvent") for update in updates):
        _check_place(written)
    master.exceptions[original] = changed
    _noted(context, master, updates)
    changed.modified = master.modified
    changed.change = master.change
    return instance(master, original)


def _check_place(thing: Thing) -> None:
    """An instance stays between its neighbours (as Outlook: not beyond one, not on another's day)."""
    assert thing.original is not None
    times = thing.times
    if times.end < times.start:
        raise EwsError("ErrorCalendarEndDateIsEarlierThanStartDate")
    moved = times.start.astimezone(times.zone).date() != thing.original.astimezone(times.zone).date()
    before, after = series_at(thing.item).around(thing.original)
    for other in (before, after):
        if other is None or other in thing.item.deleted:
            continue
        near = instance(thing.item, other).times
        crossing = times.start < near.end if other < thing.original else times.end > near.start
        same_day = times.start.astimezone(times.zone).date() == near.start.astimezone(times.zone).date()
        if crossing or (moved and same_day):
            raise EwsError(
                "ErrorOccurrenceCrossingBoundary", "Modified occurrence is crossing or overlapping adjacent occurrence."
            )


def _write(context: Context, item: Item, zoned: Item, updates: list[Update]) -> None:
    zone = zone_in(context, [update.element for update in updates if update.element is not None], zoned)
    for update in updates:
        if update.action.startswith("Set") and update.element is not None:
            set_property(context, item, update.element, zone)
            item.without.discard(EXTENDED_NAMES.get(update.name, update.name))
        elif update.action.startswith("Append") and update.element is not None:
            _inherit(item, zoned, update.name)
            append_property(context, item, update.element)
        else:
            item.without.add(delete_property(item, update.path))


def _inherit(item: Item, master: Item, name: str) -> None:
    if name not in item.fields and name in master.fields:
        item.fields[name] = deepcopy(master.fields[name])


def _noted(context: Context, item: Item, updates: list[Update]) -> None:
    only_read = all(update.name == "IsRead" for update in updates)
    context.organisation.note_item(item, ChangeKind.READ if only_read else ChangeKind.MODIFIED, context.who)
    item.touched.update(dict.fromkeys((update.name for update in updates), item.change))


_State = tuple[dict[str, Element], dict[str, Element], dict[datetime, datetime], dict[datetime, Item], set[str], bytes]


def _kept(item: Item) -> _State:
    fields, extended = dict(item.fields), dict(item.extended)
    return fields, extended, dict(item.deleted), dict(item.exceptions), set(item.without), item.mime


def _restore(item: Item, state: _State) -> None:
    item.fields, item.extended, item.deleted, item.exceptions, item.without, item.mime = state
    item.cache.clear()
