"""MAPI's names for what items and folders have: the extended properties that clients ask for instead of EWS' own.

Source: [MS-OXPROPS]. What is set under such a name is set under EWS' own as well, as it is one property.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import datetime

from core.sandbox.exchange.appointments import Thing
from core.sandbox.exchange.bodies import body_as
from core.sandbox.exchange.conversion import store_entry_id
from core.sandbox.exchange.folder_view import FOLDER_EXTENDED
from core.sandbox.exchange.item_view import ITEM_EXTENDED
from core.sandbox.exchange.model import Folder, Item
from core.sandbox.exchange.properties import EXTENDED_NAMES, EXTENDED_SETTERS, set_property
from core.sandbox.exchange.registry import Context
from core.sandbox.exchange.xml import Element, stamp, t

_SENSITIVITIES = ("Normal", "Personal", "Private", "Confidential")
_IMPORTANCES = ("Low", "Normal", "High")
_READ, _UNSENT, _HAS_ATTACHMENTS, _FROM_ME = 0x1, 0x8, 0x10, 0x20
_INSTANCE_TYPES = {"Single": "0", "RecurringMaster": "1", "Occurrence": "2", "Exception": "3"}


def _extended(key: str, value: str) -> Element:
    """The `t:ExtendedProperty` of a key (see `shapes.extended_key`)."""
    first, rest = key.split(":", 1)
    if first == "tag":
        tag, _colon, kind = rest.partition(":")
        path = {"PropertyTag": hex(int(tag, 16)), "PropertyType": kind}
    else:
        number, _colon, more = rest.partition(":")
        name, _colon, kind = more.rpartition(":")
        named = {"PropertyId": number} if number else {"PropertyName": name}
        path = {"DistinguishedPropertySetId": first, **named, "PropertyType": kind}
    return t("ExtendedProperty", t("ExtendedFieldURI", **path), t("Value", value))


# --- items -----------------------------------------------------------------------------------------------------------


def _body(thing: Thing) -> str | None:
    stored = thing.field("Body")
    return None if stored is None else body_as(stored, "Text").text or ""


def _html(thing: Thing) -> str | None:
    stored = thing.field("Body")
    if stored is None or stored.get("BodyType") != "HTML":
        return None
    return base64.b64encode((stored.text or "").encode()).decode()


def _delivered(thing: Thing) -> str:
    return thing.text("DateTimeReceived") or stamp(thing.stored.created)


def _flags(thing: Thing) -> str:
    flags = _READ if thing.text("IsRead") != "false" else 0
    flags |= _UNSENT if thing.text("IsDraft") == "true" else 0
    flags |= _HAS_ATTACHMENTS if thing.stored.attachments else 0
    return str(flags)


def _sensitivity(thing: Thing) -> str:
    return str(_SENSITIVITIES.index(thing.text("Sensitivity") or "Normal"))


def _importance(thing: Thing) -> str:
    return str(_IMPORTANCES.index(thing.text("Importance") or "Normal"))


def _is_private(thing: Thing) -> str:
    return "true" if thing.text("Sensitivity") in ("Private", "Confidential") else "false"


def _size(thing: Thing) -> str:
    return str(len(thing.stored.mime) or 512)


def _entry(thing: Thing) -> str:
    return base64.b64encode(thing.id.entry).decode()


def _appointment(name: str) -> Callable[[Thing], str | None]:
    def value(thing: Thing) -> str | None:
        return (thing.text(name) or "0") if thing.item.kind == "CalendarItem" else None

    return value


def _appointment_truth(holds: Callable[[Thing], bool]) -> Callable[[Thing], str | None]:
    def value(thing: Thing) -> str | None:
        return ("true" if holds(thing) else "false") if thing.item.kind == "CalendarItem" else None

    return value


def _instance_type(thing: Thing) -> str | None:
    return _INSTANCE_TYPES[thing.type] if thing.item.kind == "CalendarItem" else None


_ITEMS: dict[str, Callable[[Thing], str | None]] = {
    "tag:0x001a:String": lambda thing: thing.text("ItemClass"),
    "tag:0x0017:Integer": _importance,
    "tag:0x0036:Integer": _sensitivity,
    "tag:0x0037:String": lambda thing: thing.text("Subject"),
    "tag:0x0e06:SystemTime": _delivered,
    "tag:0x0e07:Integer": _flags,
    "tag:0x0e08:Integer": _size,
    "tag:0x0e1d:String": lambda thing: thing.text("Subject"),
    "tag:0x0e23:Integer": lambda thing: str(thing.item.id.number),
    "tag:0x0ff9:Binary": _entry,
    "tag:0x0fff:Binary": _entry,
    "tag:0x1000:String": _body,
    "tag:0x1013:Binary": _html,
    "tag:0x1035:String": lambda thing: thing.text("InternetMessageId") or None,
    "tag:0x3001:String": lambda thing: thing.text("Subject"),
    "tag:0x3007:SystemTime": lambda thing: stamp(thing.stored.created),
    "tag:0x3008:SystemTime": lambda thing: stamp(thing.stored.modified),
    "Common:34054::Boolean": _is_private,
    "Appointment:33315::Boolean": _appointment_truth(lambda thing: thing.is_master),
    "Appointment:33303::Integer": _appointment("AppointmentState"),
    "Appointment:33281::Integer": _appointment("AppointmentSequenceNumber"),
    "PublicStrings::urn:schemas:calendar:uid:String": lambda thing: thing.text("UID") or None,
    "PublicStrings::urn:schemas:calendar:instancetype:String": _instance_type,
    "PublicStrings::urn:schemas:calendar:instancetype:Integer": _instance_type,
}


def _wrapped(key: str, value: Callable[[Thing], str | None]) -> Callable[[Thing], Element | None]:
    def element(thing: Thing) -> Element | None:
        found = value(thing)
        return None if found is None else _extended(key, found)

    return element


ITEM_EXTENDED.update({key: _wrapped(key, value) for key, value in _ITEMS.items()})


def _setting(shown: Callable[[str], Element]) -> Callable[[Context, Item, str], None]:
    def write(context: Context, item: Item, value: str) -> None:
        set_property(context, item, shown(value), context.zone)

    return write


def _chosen(name: str, names: tuple[str, ...]) -> Callable[[str], Element]:
    return lambda value: t(name, names[int(value)] if value.isdigit() and int(value) < len(names) else "Normal")


_WRITTEN: dict[str, tuple[str, Callable[[str], Element]]] = {
    "tag:0x001a:String": ("ItemClass", lambda value: t("ItemClass", value)),
    "tag:0x0017:Integer": ("Importance", _chosen("Importance", _IMPORTANCES)),
    "tag:0x0036:Integer": ("Sensitivity", _chosen("Sensitivity", _SENSITIVITIES)),
    "tag:0x0037:String": ("Subject", lambda value: t("Subject", value)),
    "tag:0x1000:String": ("Body", lambda value: t("Body", value, BodyType="Text")),
}
"""Key: what EWS calls it, and how it is written there."""
EXTENDED_NAMES.update({key: name for key, (name, _shown) in _WRITTEN.items()})
EXTENDED_SETTERS.update({key: _setting(shown) for key, (_name, shown) in _WRITTEN.items()})


# --- folders ---------------------------------------------------------------------------------------------------------


def _last_change(folder: Folder) -> datetime | None:
    return folder.journal[-1].at if folder.journal else None


def _changed(folder: Folder) -> str:
    newest = _last_change(folder) or next((each.at for each in folder.mailbox.journal), None)
    return stamp(newest) if newest is not None else "2000-01-01T00:00:00Z"


def _unread(folder: Folder) -> str:
    return str(sum(1 for item in folder.items.values() if item.text("IsRead") == "false"))


def _highest(folder: Folder) -> int:
    return max((item.id.number for item in folder.items.values()), default=0)


def _has_folders(folder: Folder) -> str:
    return "true" if next(folder.mailbox.children(folder), None) is not None else "false"


def _folder_entry(folder: Folder) -> str:
    return base64.b64encode(folder.id.entry).decode()


def _store(folder: Folder) -> str:
    return base64.b64encode(store_entry_id(folder.mailbox)).decode()


_FOLDERS: dict[str, Callable[[Folder], str]] = {
    "tag:0x0ff9:Binary": _folder_entry,
    "tag:0x0ffb:Binary": _store,
    "tag:0x0fff:Binary": _folder_entry,
    "tag:0x10f3:String": lambda folder: folder.name,
    "tag:0x10f4:Boolean": lambda _folder: "false",
    "tag:0x3001:String": lambda folder: folder.name,
    "tag:0x3008:SystemTime": _changed,
    "tag:0x3602:Integer": lambda folder: str(len(folder.items)),
    "tag:0x3603:Integer": _unread,
    "tag:0x360a:Boolean": _has_folders,
    "tag:0x3613:String": lambda folder: folder.klass,
    "tag:0x670a:SystemTime": _changed,
    "tag:0x6751:Integer": lambda folder: str(_highest(folder) + 1),
    "tag:0x6752:Integer": lambda folder: str(_highest(folder)),
}


def _wrapped_folder(key: str, value: Callable[[Folder], str]) -> Callable[[Folder], Element]:
    return lambda folder: _extended(key, value(folder))


FOLDER_EXTENDED.update({key: _wrapped_folder(key, value) for key, value in _FOLDERS.items()})
