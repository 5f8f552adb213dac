"""GetUserConfiguration: what Outlook and OWA keep about a person in their folders ([MS-OXWSUSRCFG])."""

from __future__ import annotations

import base64
from dataclasses import field
from xml.sax.saxutils import quoteattr
from zoneinfo import ZoneInfo

from core.sandbox.exchange.errors import EwsError
from core.sandbox.exchange.folder_view import named_folder
from core.sandbox.exchange.ids import EwsId, IdKind
from core.sandbox.exchange.model import Folder, Mailbox
from core.sandbox.exchange.registry import Context, operation, respond, success
from core.sandbox.exchange.rights import require_read
from core.sandbox.exchange.times import windows_id
from core.sandbox.exchange.xml import Element, child, m, t, text_of
from core.values import dataclass


@dataclass(slots=True)
class Configuration:
    """One of them: a dictionary, or a file of XML."""

    dictionary: dict[str, str] = field(default_factory=dict)
    xml: bytes = b""


_CATEGORIES = (
    b'<?xml version="1.0"?><categories default="Red Category" xmlns="CategoryList.xsd">'
    b'<category name="Red Category" color="0" keyboardShortcut="0" guid="{11111111-1111-4111-8111-111111111111}"/>'
    b"</categories>"
)


@operation("GetUserConfiguration")
def get_user_configuration(context: Context) -> Element:
    """The configuration of that name in that folder."""
    name = child(context.request, "UserConfigurationName")
    wanted = text_of(context.request, "UserConfigurationProperties").split()

    def one(name: Element) -> Element:
        folder = named_folder(context, name)
        require_read(context.who, folder)
        found = configurations(folder.mailbox).get((folder.distinguished, name.get("Name", "").lower()))
        if found is None:
            raise EwsError("ErrorItemNotFound")
        return success("GetUserConfiguration", _shown(folder, name, found, wanted))

    return respond("GetUserConfiguration", [name] if name is not None else [], one)


def configurations(mailbox: Mailbox) -> dict[tuple[str, str], Configuration]:
    """What a mailbox has, by folder and name; made when it is first asked for."""
    if "configurations" not in mailbox.settings:
        zone = windows_id(ZoneInfo(mailbox.zone))
        mailbox.settings["configurations"] = {
            ("root", "owa.useroptions"): Configuration({"timezone": zone, "timeformat": "HH:mm", "workday": "62"}),
            ("calendar", "categorylist"): Configuration(xml=_CATEGORIES),
            ("calendar", "workhours"): Configuration(xml=_work_hours(zone)),
            ("calendar", "calendar"): Configuration({"OLPrefsVersion": "1"}),
        }
    found = mailbox.settings["configurations"]
    assert isinstance(found, dict)
    return found


def _work_hours(zone: str) -> bytes:
    """Monday to Friday, 8:00 to 17:00, as the sandbox's people work ([MS-OXOCFG] 2.2.4)."""
    days = "Monday Tuesday Wednesday Thursday Friday"
    return (
        '<?xml version="1.0"?><Root xmlns="WorkingHours.xsd"><WorkHoursVersion1>'
        f"<TimeZone><Name>{quoteattr(zone)[1:-1]}</Name></TimeZone>"
        "<TimeSlot><Start>08:00:00</Start><End>17:00:00</End></TimeSlot>"
        f"<WorkDays>{days}</WorkDays></WorkHoursVersion1></Root>"
    ).encode()


def _shown(folder: Folder, name: Element, found: Configuration, wanted: list[str]) -> Element:
    everything = "All" in wanted
    parts = [t("UserConfigurationName", _folder_reference(folder), Name=name.get("Name", ""))]
    if everything or "Id" in wanted:
        number = EwsId(folder.mailbox.guid, IdKind.ITEM, folder.id.number, len(name.get("Name", "")))
        parts.append(t("ItemId", Id=number, ChangeKey=folder.change_key))
    if (everything or "Dictionary" in wanted) and found.dictionary:
        parts.append(t("Dictionary", [_entry(key, value) for key, value in found.dictionary.items()]))
    if (everything or "XmlData" in wanted) and found.xml:
        parts.append(t("XmlData", base64.b64encode(found.xml).decode()))
    return m("UserConfiguration", parts)


def _folder_reference(folder: Folder) -> Element:
    return t("DistinguishedFolderId", Id=folder.distinguished)


def _entry(key: str, value: str) -> Element:
    parts = [
        t(tag, t("Type", "String"), t("Value", text))
        for tag, text in (("DictionaryKey", key), ("DictionaryValue", value))
    ]
    return t("DictionaryEntry", parts)
