"""The tables of properties are those of Microsoft's schema, sequence by sequence."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from core.sandbox.exchange.fields import FOLDERS, ITEMS

XSD = Path(__file__).resolve().parents[5] / "shared" / "schemas" / "ews" / "types.xsd"
NAMES = "{http://www.w3.org/2001/XMLSchema}"
TYPES = {
    "Item": "ItemType",
    "Message": "MessageType",
    "CalendarItem": "CalendarItemType",
    "Contact": "ContactItemType",
    "DistributionList": "DistributionListType",
    "MeetingMessage": "MeetingMessageType",
    "MeetingRequest": "MeetingRequestMessageType",
    "MeetingResponse": "MeetingResponseMessageType",
    "MeetingCancellation": "MeetingCancellationMessageType",
    "Task": "TaskType",
    "PostItem": "PostItemType",
    "Folder": "FolderType",
    "CalendarFolder": "CalendarFolderType",
    "ContactsFolder": "ContactsFolderType",
    "SearchFolder": "SearchFolderType",
    "TasksFolder": "TasksFolderType",
}


@pytest.fixture(scope="module")
def types():
    if not XSD.is_file():
        pytest.skip(f"Microsoft's schema of Exchange Web Services is not there: its types.xsd belongs at {XSD}")
    return {each.get("name"): each for each in etree.parse(str(XSD)).iter(f"{NAMES}complexType")}


def names_of(types, name):
    whole = types[name]
    extension = whole.find(f"{NAMES}complexContent/{NAMES}extension")
    before = names_of(types, extension.get("base")[2:]) if extension is not None else ()
    sequence = (extension if extension is not None else whole).find(f"{NAMES}sequence")
    own = () if sequence is None else tuple(each.get("name") for each in sequence.iterchildren(f"{NAMES}element"))
    return before + own


@pytest.mark.parametrize("kind", sorted({**ITEMS, **FOLDERS}))
def test_a_kind_has_the_properties_of_the_schema_in_its_order(types, kind):
    assert (ITEMS.get(kind) or FOLDERS[kind]) == names_of(types, TYPES[kind])
