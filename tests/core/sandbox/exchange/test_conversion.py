"""Ids: as long as Exchange's, the same thing in every form, nothing else accepted; MAPI's names for properties."""

from __future__ import annotations

import base64
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.sandbox.exchange.conversion import read_id, write_id
from core.sandbox.exchange.errors import EwsError
from core.sandbox.exchange.ids import EwsId, IdKind
from core.sandbox.exchange.xml import child, children, text_of

FORMS = ("EwsId", "EwsLegacyId", "EntryId", "HexEntryId", "StoreId", "OwaId")
IDS = st.builds(
    EwsId,
    st.uuids(),
    st.sampled_from((IdKind.ITEM, IdKind.OCCURRENCE, IdKind.ATTACHMENT)),
    st.integers(1, 2**32 - 1),
    st.integers(-(2**40), 2**40),
)


def convert(source: str, form: str, wanted: str, mailbox: str = "alice@example.org") -> str:
    return (
        f'<m:ConvertId DestinationFormat="{wanted}"><m:SourceIds><t:AlternateId Format="{form}" Id="{source}" '
        f'Mailbox="{mailbox}"/></m:SourceIds></m:ConvertId>'
    )


@given(IDS, st.sampled_from(FORMS))
def test_an_id_in_any_form_is_read_back_as_what_it_was(number, form):
    assert read_id(form, write_id(number, form)) == number


@given(st.binary(max_size=200), st.sampled_from(FORMS))
def test_other_bytes_are_no_id(content, form):
    text = content.hex() if form == "HexEntryId" else base64.b64encode(content).decode()
    with pytest.raises(EwsError):
        read_id(form, text)


def test_ids_are_as_long_as_exchanges_own():
    assert len(str(EwsId(uuid4(), IdKind.FOLDER, 7))) == 120
    assert len(str(EwsId(uuid4(), IdKind.ITEM, 7))) == 152
    assert str(EwsId(uuid4(), IdKind.ITEM, 7)).startswith("AAMkA")


@pytest.mark.parametrize("wanted", FORMS)
@pytest.mark.parametrize("form", FORMS)
def test_the_server_converts_every_form_into_every_other(empty, form, wanted):
    number = empty.mailbox().distinguished["calendar"].id
    (message,) = empty.messages(convert(write_id(number, form), form, wanted))
    converted = child(message, "AlternateId")
    assert converted.get("Id") == write_id(number, wanted)
    assert converted.get("Format") == wanted


def test_the_answer_names_the_mailbox_that_the_id_is_in(empty):
    number = empty.mailbox("bruno").distinguished["calendar"].id
    (message,) = empty.messages(convert(str(number), "EwsId", "HexEntryId", "blah@blah.com"))
    assert child(message, "AlternateId").get("Mailbox") == "bruno@example.org"


@pytest.mark.parametrize(("source", "code"), [("nonsense", "ErrorInvalidIdMalformed"), ("", "ErrorInvalidIdEmpty")])
def test_what_is_no_id_is_refused(empty, source, code):
    assert empty.code(convert(source, "EwsId", "HexEntryId")) == code


# --- MAPI's names ----------------------------------------------------------------------------------------------------


def test_a_property_set_by_mapis_name_is_ews_own_and_the_other_way_round(empty):
    tags = "".join(f'<t:ExtendedFieldURI PropertyTag="{tag}" PropertyType="String"/>' for tag in ("0x37", "0x1000"))
    values = "".join(
        f'<t:ExtendedProperty><t:ExtendedFieldURI PropertyTag="{tag}" PropertyType="String"/><t:Value>{value}</t:Value>'
        "</t:ExtendedProperty>"
        for tag, value in (("0x37", "By its tag"), ("0x1000", "A body"))
    )
    (made,) = empty.messages(
        f'<m:CreateItem SendMeetingInvitations="SendToNone"><m:Items><t:CalendarItem>{values}</t:CalendarItem>'
        "</m:Items></m:CreateItem>"
    )
    number = child(made, "Items", "CalendarItem", "ItemId").get("Id")
    (got,) = empty.messages(
        f"<m:GetItem><m:ItemShape><t:BaseShape>AllProperties</t:BaseShape><t:AdditionalProperties>{tags}"
        f'</t:AdditionalProperties></m:ItemShape><m:ItemIds><t:ItemId Id="{number}"/></m:ItemIds></m:GetItem>'
    )
    item = child(got, "Items", "CalendarItem")
    assert (text_of(item, "Subject"), text_of(item, "Body")) == ("By its tag", "A body")
    extended = [text_of(each, "Value") for each in item if each.tag.endswith("ExtendedProperty")]
    assert extended == ["By its tag", "A body"]


def test_a_folder_has_mapis_counts_and_entry_ids(empty):
    calendar = empty.mailbox().distinguished["calendar"]
    tags = {"0x3602": "Integer", "0x3613": "String", "0xfff": "Binary", "0x360a": "Boolean", "0x670a": "SystemTime"}
    paths = "".join(f'<t:ExtendedFieldURI PropertyTag="{tag}" PropertyType="{kind}"/>' for tag, kind in tags.items())
    (got,) = empty.messages(
        f"<m:GetFolder><m:FolderShape><t:BaseShape>IdOnly</t:BaseShape><t:AdditionalProperties>{paths}"
        f'</t:AdditionalProperties></m:FolderShape><m:FolderIds><t:FolderId Id="{calendar.id}"/></m:FolderIds>'
        "</m:GetFolder>"
    )
    found = [each for each in children(got, "Folders", "CalendarFolder") if each.tag.endswith("ExtendedProperty")]
    values = {child(each, "ExtendedFieldURI").get("PropertyTag"): text_of(each, "Value") for each in found}
    assert (values["0x3602"], values["0x3613"], values["0x360a"]) == ("0", "IPF.Appointment", "false")
    assert base64.b64decode(values["0xfff"]) == calendar.id.entry
