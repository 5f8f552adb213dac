"""FindItem: a calendar's view with its instances, pages, restrictions, orders ([MS-OXWSSRCH])."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from functools import partial
from typing import cast

from core.sandbox.exchange.appointments import Thing, things_between
from core.sandbox.exchange.errors import EwsError
from core.sandbox.exchange.folder_view import named_folder
from core.sandbox.exchange.item_view import seen_value, show_item
from core.sandbox.exchange.model import Folder
from core.sandbox.exchange.paging import most_entries, page_of
from core.sandbox.exchange.registry import Context, operation, respond, success
from core.sandbox.exchange.restriction import Value, matches, sorted_by
from core.sandbox.exchange.rights import require_read
from core.sandbox.exchange.shapes import Shape, shape_of
from core.sandbox.exchange.times import moment
from core.sandbox.exchange.xml import Element, child, children, m, t
from core.sharing.permissions import ReadRight

_WIDEST = timedelta(days=731)


@operation("FindItem")
def find_item(context: Context) -> Element:
    """The items of folders: a calendar's instances in a time, or a folder's own items page by page."""
    request = context.request
    shape = shape_of(request, "ItemShape")
    if request.get("Traversal") not in ("Shallow", "SoftDeleted", "Associated"):
        raise EwsError("ErrorInvalidOperation", "This traversal is not for items.")

    def one(reference: Element) -> Element:
        folder = named_folder(context, reference)
        view = child(request, "CalendarView")
        require_read(context.who, folder, ReadRight.FULL if view is None else ReadRight.TIME)
        root = _calendar(context, folder, view, shape) if view is not None else _page(context, folder, shape)
        return success("FindItem", root)

    return respond("FindItem", children(request, "ParentFolderIds"), one)


def _calendar(context: Context, folder: Folder, view: Element, shape: Shape) -> Element:
    if folder.kind != "CalendarFolder":
        raise EwsError("ErrorCalendarFolderIsInvalidForCalendarView", "A calendar view is for calendar folders.")
    if child(context.request, "Restriction") is not None or child(context.request, "SortOrder") is not None:
        raise EwsError("ErrorRestrictionTooComplex", "A calendar view takes neither restriction nor order.")
    low, high = moment(view.get("StartDate", ""), context.zone), moment(view.get("EndDate", ""), context.zone)
    if high < low:
        raise EwsError("ErrorCalendarEndDateIsEarlierThanStartDate")
    if high - low > _WIDEST:
        raise EwsError("ErrorCalendarViewRangeTooBig")
    things = things_between(folder, low, high)
    most = min(most_entries(view), context.options.page)
    return _root(context, things[:most], len(things), shape, {"IncludesLastItemInRange": len(things) <= most})


def _page(context: Context, folder: Folder, shape: Shape) -> Element:
    request = context.request
    things = [] if request.get("Traversal") in ("SoftDeleted", "Associated") else _own(context, folder)
    order = child(request, "SortOrder")
    if order is not None:
        things = cast(list[Thing], sorted_by(order, [(_value(context, thing), thing) for thing in things]))
    view = child(request, "IndexedPageItemView")
    if view is None:
        view = child(request, "FractionalPageItemView")
    page = page_of(view, len(things), context.options.page)
    return _root(context, things[page.first : page.last], len(things), shape, page.attributes)


def _own(context: Context, folder: Folder) -> list[Thing]:
    restriction = child(context.request, "Restriction")
    things = (Thing(item) for item in folder.items.values())
    return [thing for thing in things if matches(restriction, _value(context, thing))]


def _value(context: Context, thing: Thing) -> Value:
    return partial(seen_value, context, thing)


def _root(context: Context, things: Iterable[Thing], total: int, shape: Shape, more: dict[str, object]) -> Element:
    shown = t("Items", [show_item(context, thing, shape, found=True) for thing in things])
    return m("RootFolder", shown, TotalItemsInView=total, **more)
