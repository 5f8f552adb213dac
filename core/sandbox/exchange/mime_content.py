"""MimeContent: the bytes of a message, the iCalendar text of an appointment, both ways."""

from __future__ import annotations

import base64

from core.calendar.event import CalendarObject, Event
from core.ical.encode import encode_object
from core.sandbox.exchange.appointments import Thing
from core.sandbox.exchange.convert import object_of, read_ics
from core.sandbox.exchange.item_view import PRIVATE_SUBJECT, computed
from core.sandbox.exchange.mime import mime_of
from core.sandbox.exchange.model import Item
from core.sandbox.exchange.properties import SETTERS
from core.sandbox.exchange.registry import Context
from core.sandbox.exchange.rights import shows_text
from core.sandbox.exchange.shapes import Shape
from core.sandbox.exchange.xml import Element, t, text_of


@computed("MimeContent")
def _mime_content(context: Context, thing: Thing, _shape: Shape) -> Element | None:
    item = thing.stored
    if item.kind == "CalendarItem":
        content = encode_object(_shown(context, thing), now=context.organisation.clock())
    elif item.kind.startswith(("Message", "Meeting")):
        content = mime_of(item, item.folder.mailbox)
    else:
        content = item.mime
    return t("MimeContent", base64.b64encode(content).decode(), CharacterSet="UTF-8") if content else None


def _shown(context: Context, thing: Thing) -> CalendarObject:
    """The appointment as events, with a block of time in the place of each instance that is private to others."""
    whole = object_of(thing)
    if not thing.is_master or context.options.private_text:
        return whole
    changed = [thing.item.exceptions[original] for original in sorted(thing.item.exceptions)]
    events = [
        event if shows_text(context.who, item) else _block(event)
        for event, item in zip(whole.events[1:], changed, strict=True)
    ]
    return CalendarObject(whole.uid, (whole.events[0], *events))


def _block(event: Event) -> Event:
    """What is left of an event of which others see the time only."""
    return Event(
        uid=event.uid,
        start=event.start,
        end=event.end,
        title=PRIVATE_SUBJECT,
        status=event.status,
        sensitivity=event.sensitivity,
        recurrence_id=event.recurrence_id,
        sequence=event.sequence,
        stamp=event.stamp,
    )


_set_bytes = SETTERS["MimeContent"]


def _set_mime_content(context: Context, item: Item, element: Element) -> None:
    """The bytes are kept; of an appointment they are read at once, and made anew when they are asked for."""
    _set_bytes(context, item, element)
    if item.kind == "CalendarItem":
        content, item.mime = item.mime, b""
        read_ics(context, item, content)
        organizer = text_of(item.fields.get("Organizer"), "Mailbox", "EmailAddress").lower()
        if organizer and organizer != item.folder.mailbox.address.lower():
            item.fields["MyResponseType"] = t("MyResponseType", "NoResponseReceived")


SETTERS["MimeContent"] = _set_mime_content
