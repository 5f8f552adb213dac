"""Calendar items as times: when one takes place, the instances of a series, and the ids of each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from typing import cast

from core.sandbox.exchange.errors import EwsError
from core.sandbox.exchange.ids import EwsId, IdKind
from core.sandbox.exchange.model import Folder, Item, Organisation
from core.sandbox.exchange.recurrence import Series, series_of
from core.sandbox.exchange.times import EPOCH, moment, zone_of
from core.sandbox.exchange.xml import Element
from core.values import dataclass


@dataclass(frozen=True, slots=True)
class Times:
    """When an item takes place, in UTC, and the zone that it was made in."""

    start: datetime
    end: datetime
    zone: tzinfo
    all_day: bool


@dataclass(frozen=True, slots=True)
class Thing:
    """What an id names: a single item or the master of a series (`original` is None), or an instance of one.

    `exception` holds what differs in a changed instance; a property that it does not have is its series'.
    """

    item: Item
    original: datetime | None = None
    exception: Item | None = None

    @property
    def id(self) -> EwsId:
        """Its own id."""
        return self.item.id if self.original is None else self.item.id.occurrence(self.original)

    @property
    def is_master(self) -> bool:
        """Whether it is a series as a whole."""
        return self.original is None and "Recurrence" in self.item.fields

    @property
    def type(self) -> str:
        """CalendarItemType."""
        if self.original is not None:
            return "Exception" if self.exception else "Occurrence"
        return "RecurringMaster" if self.is_master else "Single"

    @property
    def stored(self) -> Item:
        """The item whose own properties these are."""
        return self.exception or self.item

    @property
    def change_key(self) -> str:
        """The state of what it is stored in."""
        return self.item.change_key

    def field(self, name: str) -> Element | None:
        """A stored property, an instance's own or its series'."""
        if self.exception is not None:
            if name in self.exception.fields:
                return self.exception.fields[name]
            if name in self.exception.without:
                return None
        return self.item.fields.get(name)

    def text(self, name: str) -> str:
        """The text of a property, empty where it has none."""
        found = self.field(name)
        return (found.text or "") if found is not None else ""

    @property
    def times(self) -> Times:
        """When it takes place; the first instance of a series."""
        own = times_of(self.item)
        if self.original is None:
            if not self.is_master:
                return own
            series = series_at(self.item)
            start = series.instant(series.first)
            return Times(start, series.end(start), own.zone, own.all_day)
        start, end = self.original, series_at(self.item).end(self.original)
        if self.exception is None:
            return Times(start, end, own.zone, own.all_day)
        fields = self.exception.fields
        begin = moment(fields["Start"].text or "") if "Start" in fields else start
        finish = moment(fields["End"].text or "") if "End" in fields else begin + (end - start)
        return Times(begin, finish, own.zone, self.text("IsAllDayEvent") == "true")


def times_of(item: Item) -> Times:
    """The stored times of an item."""
    if "times" not in item.cache:
        start = moment(item.text("Start")) if "Start" in item.fields else EPOCH
        end = moment(item.text("End")) if "End" in item.fields else start
        zone = zone_of(item.fields.get("StartTimeZone")) or UTC
        item.cache["times"] = Times(start, end, zone, item.text("IsAllDayEvent") == "true")
    return cast(Times, item.cache["times"])


def series_at(master: Item) -> Series:
    """The series of a master."""
    if "series" not in master.cache:
        times = times_of(master)
        recurrence = master.fields["Recurrence"]
        master.cache["series"] = series_of(recurrence, times.start, times.end, times.zone, all_day=times.all_day)
    return cast(Series, master.cache["series"])


def things_between(folder: Folder, low: datetime, high: datetime) -> list[Thing]:
    """Single items and instances that touch the time from `low` to `high`, by start: what a calendar's view shows."""
    found: list[tuple[Times, Thing]] = []
    for item in folder.items.values():
        if item.kind == "CalendarItem":
            found += ((thing.times, thing) for thing in _instances(item, low, high))
    inside = [(times, thing) for times, thing in found if _touches(times, low, high)]
    inside.sort(key=lambda pair: (pair[0].start, pair[0].end, pair[1].item.id.number))
    return [thing for _times, thing in inside]


def _touches(times: Times, low: datetime, high: datetime) -> bool:
    return times.start < high and (times.end > low or times.start == times.end == low)


def _instances(item: Item, low: datetime, high: datetime) -> Iterator[Thing]:
    if "Recurrence" not in item.fields:
        yield Thing(item)
        return
    for original, exception in item.exceptions.items():
        yield Thing(item, original, exception)
    for original in series_at(item).starts(low, high):
        if original not in item.exceptions and original not in item.deleted:
            yield Thing(item, original)


def instance(master: Item, original: datetime) -> Thing:
    """The instance of a series with that original start. Raises EwsError where it was deleted or never was."""
    if "Recurrence" not in master.fields:
        raise EwsError("ErrorItemNotFound")
    if original in master.deleted:
        raise EwsError("ErrorItemNotFound")
    if original in master.exceptions:
        return Thing(master, original, master.exceptions[original])
    if not series_at(master).has(original):
        raise EwsError("ErrorItemNotFound")
    return Thing(master, original)


def thing_of(organisation: Organisation, reference: Element) -> tuple[Thing, str]:
    """What an ItemId, OccurrenceItemId or RecurringMasterItemId names, and the change key that came with it.

    Raises EwsError, each case with Exchange's own code.
    """
    key = reference.get("ChangeKey", "")
    match reference.tag.rpartition("}")[2]:
        case "ItemId":
            number = EwsId.parse(reference.get("Id", ""))
            return _by_id(organisation, number), key
        case "OccurrenceItemId":
            number = EwsId.parse(reference.get("RecurringMasterId", ""))
            return _by_index(organisation, number, int(reference.get("InstanceIndex", "0"))), key
        case "RecurringMasterItemId":
            number = EwsId.parse(reference.get("OccurrenceId", ""))
            if number.kind is not IdKind.OCCURRENCE:
                raise EwsError("ErrorCalendarCannotUseIdForRecurringMasterId")
            return Thing(organisation.item(number)), key
        case other:
            raise EwsError("ErrorInvalidIdMalformed", f"{other} is not supported.")


def _by_id(organisation: Organisation, number: EwsId) -> Thing:
    if number.kind is IdKind.OCCURRENCE:
        return instance(organisation.item(number), number.original)
    if number.kind is not IdKind.ITEM:
        raise EwsError("ErrorCannotUseFolderIdForItemId", "Id must be an item's.")
    return Thing(organisation.item(number))


def _by_index(organisation: Organisation, number: EwsId, index: int) -> Thing:
    master = organisation.item(number)
    if number.kind is not IdKind.ITEM or "Recurrence" not in master.fields:
        raise EwsError("ErrorCalendarCannotUseIdForOccurrenceId")
    original = series_at(master).nth(index)
    if original is None:
        raise EwsError("ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange")
    if original in master.deleted:
        raise EwsError("ErrorCalendarOccurrenceIsDeletedFromRecurrence")
    return instance(master, original)
