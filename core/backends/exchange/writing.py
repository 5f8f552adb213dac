"""Writing objects to Exchange: a single item in one request, a series in as few as its changed instances need.

A series takes several requests: the first leaves the write's key marked as unfinished (and refuses, by its change key,
when somebody else was quicker), the last marks it as done. In the session's threads.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from exchangelib import Account, Body, CalendarItem
from exchangelib.attachments import FileAttachment
from exchangelib.errors import ErrorCalendarOccurrenceIsDeletedFromRecurrence
from exchangelib.properties import FolderId, OccurrenceItemId
from exchangelib.services import CreateAttachment, CreateItem, DeleteAttachment, DeleteItem, GetItem, UpdateItem

from core.backends.exchange.asking import find_key, only
from core.backends.exchange.building import fields_of, key_text, new_item
from core.backends.exchange.items import KEY_FIELD, paths
from core.calendar.event import Attachment, CalendarObject, Event, Moment
from core.calendar.span import TimeSpan
from core.errors import Conflict, Refused
from core.ical.recurrence import expand
from core.language import _
from core.ports.servers import RemoteRef
from core.values import dataclass

_NOT_OF_INSTANCES = ("recurrence",)
_FOREVER = timedelta(days=366 * 60)


@dataclass(frozen=True, slots=True)
class Desk:
    """Where one writes: the account, its mailbox's address, the zone where nothing else is said."""

    account: Account
    mailbox: str
    here: tzinfo


def create(desk: Desk, folder: FolderId, thing: CalendarObject, key: str) -> RemoteRef:
    """A new item, with its instances that differ and its files."""
    first = thing.events[0]
    more = bool(thing.overrides and thing.master) or bool(first.exdates) or _files(first)
    item = new_item(first, desk.mailbox, desk.here, key_text(key, unfinished=bool(more)))
    service = CreateItem(account=desk.account)
    payload = service.get_payload(
        items=[item], folder=folder, message_disposition="SaveOnly", send_meeting_invitations="SendToNone"
    )
    made = only(list(service._elems_to_objs(service._get_elements(payload=payload))))
    ref = RemoteRef(made.id, made.changekey)
    if not more:
        return ref
    _instances(desk, ref, replace(thing, events=(replace(first, exdates=()),)), thing)
    _attach(desk, ref.id, (), first.attachments)
    return _finish(desk, ref.id, key)


def update(
    desk: Desk, folder: FolderId, ref: RemoteRef, change: tuple[CalendarObject, CalendarObject], key: str
) -> RemoteRef:
    """Bring an item from one to the other; see the port. Raises Conflict when it is not in the version of `ref`."""
    before, after = change
    old, new = before.events[0], after.events[0]
    changes = _changes(desk, old, new)
    afresh = bool({"recurrence", "start", "end"} & changes.keys()) and bool(new.rrule)
    if not afresh and new.rrule and set(old.exdates) - set(new.exdates):
        return _make_anew(desk, folder, ref, after, key)
    base = replace(before, events=(replace(old, exdates=()),)) if afresh else before
    more = _differ(base, after) or _files(old) != _files(new)
    first = {**changes, KEY_FIELD: key_text(key, unfinished=more)}
    now = _update(desk, [(CalendarItem(_id=_item_id(ref)), first)])
    if not more:
        return now
    _instances(desk, ref, base, after)
    _attach(desk, ref.id, old.attachments, new.attachments)
    return _finish(desk, ref.id, key)


def delete(desk: Desk, ref: RemoteRef) -> None:
    """Into Deleted Items. DeleteItem itself compares no versions, so one looks first. Raises Conflict, NotFound."""
    if _current(desk, ref.id).etag != ref.etag:
        raise Conflict(_("Somebody else changed it on the Exchange server meanwhile."), _("Both versions are kept."))
    _delete(desk, [_item_id(RemoteRef(ref.id, ""))])


def _item_id(ref: RemoteRef) -> Any:  # noqa: ANN401 - the library's
    from exchangelib.properties import ItemId

    return ItemId(id=ref.id, changekey=ref.etag or None)


def _current(desk: Desk, identity: str) -> RemoteRef:
    found = only(
        list(GetItem(account=desk.account).call(items=[(identity, None)], additional_fields=None, shape="IdOnly"))
    )
    return RemoteRef(found.id, found.changekey)


def _finish(desk: Desk, identity: str, key: str) -> RemoteRef:
    """The last request of a write: from now on it is whole."""
    return _update(desk, [(CalendarItem(_id=_item_id(RemoteRef(identity, ""))), {KEY_FIELD: key})], force=True)


# fields ----------------------------------------------------------------------------------------------------


def _changes(desk: Desk, old: Event, new: Event) -> dict[str, Any]:
    was, wanted = (fields_of(event, desk.mailbox, desk.here) for event in (old, new))
    return {name: value for name, value in wanted.items() if _said(was[name]) != _said(value)}


def _said(value: Any) -> Any:  # noqa: ANN401 - of the library's and plain
    """For comparing: two times that are the same instant in different zones are not the same for a series."""
    if isinstance(value, datetime):
        return value.isoformat(), str(getattr(value.tzinfo, "ms_id", ""))
    if isinstance(value, Body):
        return type(value).__name__, str(value)
    if isinstance(value, list):
        return [str(each) for each in value]
    return str(value)


def _update(desk: Desk, changed: Iterable[tuple[CalendarItem, Mapping[str, Any]]], *, force: bool = False) -> RemoteRef:
    """Set fields of items and instances, in one request; the version of the first. Nobody is told: messages are the
    services' affair. Without `force` nothing is overwritten that is not in the version that the item names.
    """
    items = []
    for item, fields in changed:
        names = []
        for name, value in fields.items():
            setattr(item, name, Body("") if name == "body" and value is None else value)
            names.append(name)
        if "start" in names or "end" in names:
            names += [name for name in ("start", "end") if name not in names and getattr(item, name) is not None]
        items.append((item, names))
    service = UpdateItem(account=desk.account)
    found = []
    for each in service.call(
        items=items,
        conflict_resolution="AlwaysOverwrite" if force else "NeverOverwrite",
        message_disposition="SaveOnly",
        send_meeting_invitations_or_cancellations="SendToNone",
        suppress_read_receipts=True,
    ):
        if isinstance(each, BaseException):
            raise each
        found.append(RemoteRef(*each))
    return found[0]


def _delete(desk: Desk, ids: Iterable[Any]) -> None:
    for each in DeleteItem(account=desk.account).call(
        items=list(ids),
        delete_type="MoveToDeletedItems",
        send_meeting_cancellations="SendToNone",
        affected_task_occurrences="AllOccurrences",
        suppress_read_receipts=True,
    ):
        if isinstance(each, ErrorCalendarOccurrenceIsDeletedFromRecurrence):
            continue
        if isinstance(each, BaseException):
            raise each


# instances of a series -------------------------------------------------------------------------------------


def _differ(before: CalendarObject, after: CalendarObject) -> bool:
    if after.master is None or not after.events[0].rrule:
        return False
    return before.overrides != after.overrides or set(before.events[0].exdates) != set(after.events[0].exdates)


def _instances(desk: Desk, ref: RemoteRef, before: CalendarObject, after: CalendarObject) -> None:
    """The changed and the deleted instances, from what the series has to what it shall have."""
    master = after.events[0]
    if not master.rrule:
        return
    places = _places(master, desk.here)
    was = {one.recurrence_id: one for one in before.overrides}
    wanted = {one.recurrence_id: one for one in after.overrides}
    gone = set(master.exdates) - set(before.events[0].exdates)
    changed = []
    for rid in [*wanted, *(one for one in was if one not in wanted)]:
        if rid in gone or rid is None:
            continue
        now = wanted.get(rid) or _as_series(master, rid)
        old = was.get(rid) or _as_series(before.events[0], rid)
        fields = {name: value for name, value in _changes(desk, old, now).items() if name not in _NOT_OF_INSTANCES}
        if fields:
            changed.append((CalendarItem(_id=_instance(ref.id, places, rid)), fields))
    if changed:
        _update(desk, changed, force=True)
    if gone:
        _delete(desk, [_instance(ref.id, places, rid) for rid in sorted(gone, key=_order)])


def _as_series(master: Event, rid: Moment) -> Event:
    """An instance that does not differ."""
    from core.ical.recurrence import instance_end

    return replace(
        master, start=rid, end=instance_end(master, rid), rrule="", exdates=(), recurrence_id=rid, attachments=()
    )


def _places(master: Event, here: tzinfo) -> dict[Any, int]:
    """The number of each instance of a series, from 1, as Exchange counts: deleted ones too."""
    bare = CalendarObject(master.uid, (replace(master, exdates=()),))
    start = master.start if isinstance(master.start, datetime) else datetime(*master.start.timetuple()[:3], tzinfo=here)
    start = start if start.tzinfo else start.replace(tzinfo=here)
    span = TimeSpan(start - timedelta(days=1), start + _FOREVER)
    found = expand(bare, span, here).occurrences
    return {_order(one.recurrence_id or one.start): number for number, one in enumerate(found, 1)}


def _order(moment: Moment) -> str:
    if isinstance(moment, datetime):
        return (moment.astimezone(UTC) if moment.tzinfo else moment).isoformat()
    return moment.isoformat()


def _instance(identity: str, places: Mapping[Any, int], rid: Moment) -> OccurrenceItemId:
    number = places.get(_order(rid))
    if number is None:
        raise Refused(
            _("The series has no instance at {when}; Exchange keeps none outside of it.").format(when=rid),
            _("Make an appointment of its own of it."),
        )
    return OccurrenceItemId(id=identity, instance_index=number)


def _make_anew(desk: Desk, folder: FolderId, ref: RemoteRef, after: CalendarObject, key: str) -> RemoteRef:
    """Exchange has no way to bring a deleted instance back: the series is made once more, then the old one goes.

    After a cut connection the new one is found by its key, and is not made twice.
    """
    if _current(desk, ref.id).etag != ref.etag:
        raise Conflict(_("Somebody else changed it on the Exchange server meanwhile."), _("Both versions are kept."))
    made = find_key(desk.account, folder, key)
    new = _current(desk, made[0]) if made else create(desk, folder, after, key)
    _delete(desk, [_item_id(RemoteRef(ref.id, ""))])
    return new


# files -----------------------------------------------------------------------------------------------------


def _files(event: Event) -> frozenset[Attachment]:
    return frozenset(one for one in event.attachments if one.content is not None)


def _attach(desk: Desk, identity: str, old: Iterable[Attachment], new: Iterable[Attachment]) -> None:
    """Take away the files that are no more, then add those that are new."""
    had, wanted = set(old), [one for one in new if one.content is not None]
    if gone := {one.name for one in had if one.content is not None and one not in wanted}:
        item = only(
            list(
                GetItem(account=desk.account).call(
                    items=[(identity, None)], additional_fields=paths("attachments"), shape="IdOnly"
                )
            )
        )
        ids = [each.attachment_id for each in item.attachments or () if each.name in gone]
        if ids:
            list(DeleteAttachment(account=desk.account).call(items=ids))
    fresh = [one for one in wanted if one not in had]
    if fresh:
        files = [
            FileAttachment(name=one.name or "file", content_type=one.media_type, content=one.content) for one in fresh
        ]
        service = CreateAttachment(account=desk.account)
        for each in service.call(
            parent_item=CalendarItem(account=desk.account, _id=_item_id(RemoteRef(identity, ""))), items=files
        ):
            if isinstance(each, BaseException):
                raise each
