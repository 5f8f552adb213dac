"""Calendar items: made, read, changed, deleted, moved; change keys; what is refused and with which code."""

from __future__ import annotations

import base64
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.sandbox.exchange.xml import child, children, text_of

NOON = "<t:Start>2027-05-03T10:00:00Z</t:Start><t:End>2027-05-03T11:00:00Z</t:End>"
PLAIN = f"<t:Subject>Lunch</t:Subject>{NOON}"
ZONE = '<t:StartTimeZone Id="Romance Standard Time"/>'


def texts(item, *names):
    return tuple(text_of(item, name) for name in names)


def test_what_was_made_is_read_back_with_what_the_server_gives(empty, ref):
    made = empty.create(
        "<t:Subject>Lunch &amp; é</t:Subject><t:Sensitivity>Personal</t:Sensitivity>"
        '<t:Body BodyType="Text">One &lt; two</t:Body><t:Categories><t:String>Food</t:String></t:Categories>'
        f"{NOON}<t:LegacyFreeBusyStatus>Tentative</t:LegacyFreeBusyStatus><t:Location>Canteen</t:Location>{ZONE}"
    )
    item = empty.get(ref(made))
    assert texts(item, "Subject", "Sensitivity", "Body", "Location") == (
        "Lunch & é", "Personal", "One < two", "Canteen",
    )  # fmt: skip
    assert texts(item, "Start", "End", "LegacyFreeBusyStatus", "Duration") == (
        "2027-05-03T10:00:00Z", "2027-05-03T11:00:00Z", "Tentative", "PT1H",
    )  # fmt: skip
    assert texts(item, "CalendarItemType", "IsRecurring", "IsMeeting", "ItemClass") == (
        "Single", "false", "false", "IPM.Appointment",
    )  # fmt: skip
    assert child(item, "StartTimeZone").get("Id") == "Romance Standard Time"
    assert text_of(item, "Organizer", "Mailbox", "EmailAddress") == "alice@example.org"
    assert text_of(item, "UID").startswith("040000008200E00074C5B7101A82E008")


def test_times_without_an_offset_are_in_the_items_zone(empty, ref):
    local = NOON.replace("Z<", "<")
    assert text_of(empty.get(ref(empty.create(local + ZONE))), "Start") == "2027-05-03T08:00:00Z"


def test_and_else_in_the_zone_of_the_request(empty, ref):
    body = (
        f'<m:CreateItem SendMeetingInvitations="SendToNone"><m:Items><t:CalendarItem>{NOON.replace("Z<", "<")}'
        "</t:CalendarItem></m:Items></m:CreateItem>"
    )
    header = '<t:TimeZoneContext><t:TimeZoneDefinition Id="Tokyo Standard Time"/></t:TimeZoneContext>'
    (message,) = empty.messages(body, header=header)
    item = empty.get(ref(child(message, "Items", "CalendarItem", "ItemId")))
    assert text_of(item, "Start") == "2027-05-03T01:00:00Z"
    assert text_of(item, "StartTimeZoneId") == "Tokyo Standard Time"


def test_a_meeting_time_zone_of_older_clients_is_understood(empty, ref):
    old = NOON.replace("Z<", "<") + '<t:MeetingTimeZone TimeZoneName="Romance Standard Time"/>'
    assert text_of(empty.get(ref(empty.create(old))), "Start") == "2027-05-03T08:00:00Z"


def test_an_all_day_item_covers_whole_days_of_its_zone(empty, ref):
    made = empty.create(
        "<t:Start>2027-05-03T08:00:00Z</t:Start><t:End>2027-05-04T08:00:00Z</t:End>"
        f"<t:IsAllDayEvent>true</t:IsAllDayEvent>{ZONE}"
    )
    item = empty.get(ref(made))
    assert texts(item, "Start", "End", "LegacyFreeBusyStatus", "Duration") == (
        "2027-05-02T22:00:00Z", "2027-05-04T22:00:00Z", "Free", "P2D",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("stored", "asked", "shown"),
    [
        ('<t:Body BodyType="HTML">&lt;p&gt;Hi &lt;b&gt;you&lt;/b&gt;&lt;/p&gt;</t:Body>', "Text", "Hi you"),
        ('<t:Body BodyType="Text">a &lt; b</t:Body>', "HTML", "a &lt; b"),
        ('<t:Body BodyType="Text">a &lt; b</t:Body>', "Best", "a < b"),
    ],
)
def test_a_body_comes_as_it_is_asked_for(empty, ref, stored, asked, shown):
    made = empty.create(f"{stored}{NOON}")
    shape = f"<t:BaseShape>AllProperties</t:BaseShape><t:BodyType>{asked}</t:BodyType>"
    body = child(empty.get(ref(made), shape=shape), "Body")
    assert shown in body.text
    assert body.get("BodyType") == ("Text" if asked == "Best" else asked)


def test_an_extended_property_is_kept_and_given_to_who_asks(empty, ref):
    uri = (
        '<t:ExtendedFieldURI PropertySetId="C11FF724-AA03-4555-9952-8FA248A11C3E" PropertyName="x-mark" '
        'PropertyType="String"/>'
    )
    made = empty.create(f"<t:ExtendedProperty>{uri}<t:Value>kept</t:Value></t:ExtendedProperty>{NOON}")
    other_case = uri.replace("C11FF724-AA03-4555-9952-8FA248A11C3E", "c11ff724-aa03-4555-9952-8fa248a11c3e")
    wanted = f"<t:AdditionalProperties>{other_case}</t:AdditionalProperties>"
    shape = f"<t:BaseShape>IdOnly</t:BaseShape>{wanted}"
    assert text_of(empty.get(ref(made), shape=shape), "ExtendedProperty", "Value") == "kept"
    assert child(empty.get(ref(made)), "ExtendedProperty") is None


def test_the_mime_content_of_an_item_is_a_calendar(empty, ref):
    made = empty.create(PLAIN)
    shape = "<t:BaseShape>IdOnly</t:BaseShape><t:IncludeMimeContent>true</t:IncludeMimeContent>"
    content = base64.b64decode(text_of(empty.get(ref(made), shape=shape), "MimeContent"))
    assert b"BEGIN:VEVENT" in content
    assert b"SUMMARY:Lunch" in content


def test_a_default_shape_has_the_usual_and_id_only_nothing_else(empty, ref):
    made = empty.create(PLAIN)
    usual = empty.get(ref(made), shape="<t:BaseShape>Default</t:BaseShape>")
    assert text_of(usual, "Subject") == "Lunch"
    assert child(usual, "UID") is None
    assert len(empty.get(ref(made), shape="<t:BaseShape>IdOnly</t:BaseShape>")) == 1


# --- changing --------------------------------------------------------------------------------------------------------


def test_a_change_gives_a_new_change_key_and_leaves_the_rest(empty, ref, setting):
    made = empty.create(PLAIN)
    message = empty.update(ref(made), setting("item:Subject", "<t:Subject>Dinner</t:Subject>"))
    changed = child(message, "Items", "CalendarItem", "ItemId")
    assert changed.get("Id") == made.get("Id")
    assert changed.get("ChangeKey") != made.get("ChangeKey")
    assert texts(empty.get(ref(made)), "Subject", "Start") == ("Dinner", "2027-05-03T10:00:00Z")


def test_properties_are_deleted_and_appended_to(empty, ref):
    made = empty.create(f'<t:Body BodyType="Text">One</t:Body>{NOON}<t:Location>Canteen</t:Location>')
    empty.update(
        ref(made),
        '<t:DeleteItemField><t:FieldURI FieldURI="calendar:Location"/></t:DeleteItemField>'
        '<t:AppendToItemField><t:FieldURI FieldURI="item:Body"/><t:CalendarItem><t:Body BodyType="Text">, two</t:Body>'
        "</t:CalendarItem></t:AppendToItemField>",
    )
    item = empty.get(ref(made))
    assert (child(item, "Location"), text_of(item, "Body")) == (None, "One, two")


def test_a_location_is_the_same_as_an_enhanced_one(empty, ref, setting):
    made = empty.create(f"{NOON}<t:Location>Old</t:Location>")
    place = "<t:EnhancedLocation><t:DisplayName>New</t:DisplayName><t:PostalAddress/></t:EnhancedLocation>"
    assert text_of(empty.update(ref(made), setting("calendar:EnhancedLocation", place)), "ResponseCode") == "NoError"
    assert text_of(empty.get(ref(made)), "Location") == "New"


SUBJECT = '<t:SetItemField><t:FieldURI FieldURI="item:Subject"/><t:CalendarItem>{0}</t:CalendarItem></t:SetItemField>'


def test_a_stale_change_key_is_a_conflict(empty, ref, setting):
    made = empty.create(PLAIN)
    empty.update(ref(made), setting("item:Subject", "<t:Subject>Other</t:Subject>"))
    stale = empty.update(ref(made), setting("item:Subject", "<t:Subject>Mine</t:Subject>"), resolution="NeverOverwrite")
    assert text_of(stale, "ResponseCode") == "ErrorIrresolvableConflict"
    assert text_of(empty.get(ref(made)), "Subject") == "Other"


def test_auto_resolve_joins_changes_of_different_properties_only(empty, ref, setting):
    made = empty.create(PLAIN)
    empty.update(ref(made), setting("item:Subject", "<t:Subject>Other</t:Subject>"))
    place = setting("calendar:Location", "<t:Location>Roof</t:Location>")
    assert text_of(empty.update(ref(made), place, resolution="AutoResolve"), "ResponseCode") == "NoError"
    title = setting("item:Subject", "<t:Subject>Mine</t:Subject>")
    assert (
        text_of(empty.update(ref(made), title, resolution="AutoResolve"), "ResponseCode") == "ErrorIrresolvableConflict"
    )


def test_no_change_key_is_taken_with_always_overwrite_only(empty, setting):
    bare = f'<t:ItemId Id="{empty.create(PLAIN).get("Id")}"/>'
    title = setting("item:Subject", "<t:Subject>Mine</t:Subject>")
    assert text_of(empty.update(bare, title, resolution="AutoResolve"), "ResponseCode") == (
        "ErrorChangeKeyRequiredForWriteOperations"
    )
    assert text_of(empty.update(bare, title), "ResponseCode") == "NoError"


def test_a_change_that_fails_half_way_leaves_the_item_as_it_was(empty, ref, setting):
    made = empty.create(PLAIN)
    message = empty.update(
        ref(made),
        setting("item:Subject", "<t:Subject>Mine</t:Subject>")
        + setting("calendar:End", "<t:End>2027-05-03T09:00:00Z</t:End>"),
    )
    assert text_of(message, "ResponseCode") == "ErrorCalendarEndDateIsEarlierThanStartDate"
    assert texts(empty.get(ref(made)), "Subject", "End") == ("Lunch", "2027-05-03T11:00:00Z")


@pytest.mark.parametrize(
    ("update", "code"),
    [
        (
            '<t:FieldURI FieldURI="item:Subject"/><t:CalendarItem><t:Location>x</t:Location></t:CalendarItem>',
            "ErrorUpdatePropertyMismatch",
        ),
        (
            '<t:FieldURI FieldURI="item:Size"/><t:CalendarItem><t:Size>1</t:Size></t:CalendarItem>',
            "ErrorInvalidPropertySet",
        ),
        (
            (
                '<t:FieldURI FieldURI="item:Subject"/><t:CalendarItem><t:Subject>x</t:Subject><t:Sensitivity>Normal'
                "</t:Sensitivity></t:CalendarItem>"
            ),
            "ErrorIncorrectUpdatePropertyCount",
        ),
    ],
)
def test_a_wrong_change_is_refused_by_name(empty, ref, update, code):
    made = empty.create(PLAIN)
    message = empty.update(ref(made), f"<t:SetItemField>{update}</t:SetItemField>")
    assert text_of(message, "ResponseCode") == code


# --- refusing --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("properties", "code"),
    [
        (
            "<t:Start>2027-05-03T10:00:00Z</t:Start><t:End>2027-05-03T09:00:00Z</t:End>",
            "ErrorCalendarEndDateIsEarlierThanStartDate",
        ),
        (
            "<t:Start>2027-05-03T10:00:00Z</t:Start><t:End>2037-05-03T09:00:00Z</t:End>",
            "ErrorCalendarDurationIsTooLong",
        ),
        (f'{NOON}<t:StartTimeZone Id="Atlantis Standard Time"/>', "ErrorCalendarInvalidTimeZone"),
        (f"<t:IsDraft>true</t:IsDraft>{NOON}", "ErrorInvalidPropertySet"),
    ],
)
def test_an_item_that_cannot_be_is_not_made(empty, properties, code):
    body = (
        f'<m:CreateItem SendMeetingInvitations="SendToNone"><m:Items><t:CalendarItem>{properties}</t:CalendarItem>'
        "</m:Items></m:CreateItem>"
    )
    assert empty.code(body) == code
    assert empty.mailbox().distinguished["calendar"].items == {}


def test_an_appointment_goes_into_calendars_only(empty):
    body = (
        '<m:CreateItem SendMeetingInvitations="SendToNone"><m:SavedItemFolderId><t:DistinguishedFolderId Id="inbox"/>'
        f"</m:SavedItemFolderId><m:Items><t:CalendarItem>{PLAIN}</t:CalendarItem></m:Items></m:CreateItem>"
    )
    assert empty.code(body) == "ErrorCannotCreateCalendarItemInNonCalendarFolder"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (
            f"<m:CreateItem><m:Items><t:CalendarItem>{PLAIN}</t:CalendarItem></m:Items></m:CreateItem>",
            "ErrorSendMeetingInvitationsRequired",
        ),
        (
            (
                '<m:UpdateItem ConflictResolution="AlwaysOverwrite"><m:ItemChanges><t:ItemChange>{id}<t:Updates>'
                '<t:DeleteItemField><t:FieldURI FieldURI="item:Categories"/></t:DeleteItemField></t:Updates>'
                "</t:ItemChange></m:ItemChanges></m:UpdateItem>"
            ),
            "ErrorSendMeetingInvitationsOrCancellationsRequired",
        ),
        (
            '<m:DeleteItem DeleteType="HardDelete"><m:ItemIds>{id}</m:ItemIds></m:DeleteItem>',
            "ErrorSendMeetingCancellationsRequired",
        ),
    ],
)
def test_whether_people_are_told_must_be_said(empty, ref, body, code):
    assert empty.code(body.replace("{id}", ref(empty.create(PLAIN)))) == code


@pytest.mark.parametrize(
    ("number", "code"),
    [("", "ErrorInvalidIdEmpty"), ("nonsense", "ErrorInvalidIdMalformed"), ("AAAA", "ErrorInvalidIdMalformed")],
)
def test_a_wrong_id_is_refused_by_what_is_wrong_with_it(empty, number, code):
    assert text_of(empty.get(f'<t:ItemId Id="{number}"/>'), "ResponseCode") == code


def test_a_folders_id_is_no_items(empty):
    number = empty.mailbox().distinguished["calendar"].id
    assert text_of(empty.get(f'<t:ItemId Id="{number}"/>'), "ResponseCode") == "ErrorCannotUseFolderIdForItemId"


def test_somebody_without_rights_reads_changes_and_deletes_nothing(empty, ref, setting):
    made = ref(empty.create(PLAIN))
    empty.mailbox().distinguished["calendar"].permissions.clear()
    assert text_of(empty.get(made, who="bruno"), "ResponseCode") == "ErrorAccessDenied"
    title = setting("item:Subject", "<t:Subject>Mine</t:Subject>")
    assert text_of(empty.update(made, title, who="bruno"), "ResponseCode") == "ErrorAccessDenied"
    assert empty.delete(made, who="bruno") == "ErrorAccessDenied"
    assert text_of(empty.get(made), "Subject") == "Lunch"


# --- deleting, moving ------------------------------------------------------------------------------------------------


def test_deleted_for_good_is_gone(empty, ref):
    made = ref(empty.create(PLAIN))
    assert empty.delete(made) == "NoError"
    assert text_of(empty.get(made), "ResponseCode") == "ErrorItemNotFound"
    assert empty.delete(made) == "ErrorItemNotFound"


def test_deleted_items_keep_what_is_moved_there(empty, ref):
    made = ref(empty.create(PLAIN))
    empty.delete(made, how="MoveToDeletedItems")
    (kept,) = empty.mailbox().distinguished["deleteditems"].items.values()
    assert kept.text("Subject") == "Lunch"
    assert text_of(empty.get(made), "ResponseCode") == "ErrorItemNotFound"


@pytest.mark.parametrize(("operation", "left"), [("MoveItem", 0), ("CopyItem", 1)])
def test_an_item_goes_into_another_calendar_with_a_new_id(empty, ref, operation, left):
    folder = empty.store.add_folder(
        empty.mailbox(), empty.mailbox().distinguished["msgfolderroot"], "Other", "IPF.Appointment"
    )
    made = empty.create(PLAIN)
    (message,) = empty.messages(
        f'<m:{operation}><m:ToFolderId><t:FolderId Id="{folder.id}"/></m:ToFolderId><m:ItemIds>{ref(made)}</m:ItemIds>'
        f"</m:{operation}>"
    )
    there = child(message, "Items", "CalendarItem", "ItemId")
    assert there.get("Id") != made.get("Id")
    assert text_of(empty.get(ref(there)), "Subject") == "Lunch"
    assert len(empty.mailbox().distinguished["calendar"].items) == left


def test_people_of_the_organisation_get_their_directory_names(empty, ref):
    people = (
        "<t:RequiredAttendees><t:Attendee><t:Mailbox><t:EmailAddress>bruno@example.org</t:EmailAddress></t:Mailbox>"
        "</t:Attendee><t:Attendee><t:Mailbox><t:Name>Clara N.</t:Name><t:EmailAddress>clara@example.net"
        "</t:EmailAddress></t:Mailbox></t:Attendee></t:RequiredAttendees>"
    )
    item = empty.get(ref(empty.create(f"{NOON}{people}")))
    shown = [texts(child(each, "Mailbox"), "Name", "MailboxType") for each in children(item, "RequiredAttendees")]
    assert shown == [("Bruno Lefèvre", "Mailbox"), ("Clara N.", "OneOff")]
    assert texts(item, "IsMeeting", "DisplayTo") == ("true", "Bruno Lefèvre; Clara N.")


def test_many_at_once_lose_nothing_and_follow_one_another(empty, ref, setting):
    counted = ref(empty.create(f'<t:Body BodyType="Text">0</t:Body>{NOON}'))

    def work(number):
        more = f'<t:Body BodyType="Text">,{number}</t:Body>'
        update = f'<t:FieldURI FieldURI="item:Body"/><t:CalendarItem>{more}</t:CalendarItem>'
        empty.update(counted, f"<t:AppendToItemField>{update}</t:AppendToItemField>")
        return empty.create(PLAIN).get("Id")

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(work, range(24)))
    assert len(set(made)) == 24
    said = text_of(empty.get(counted), "Body").split(",")
    assert sorted(map(int, said)) == [0, *range(24)]
    keys = [item.change for item in empty.mailbox().distinguished["calendar"].items.values()]
    assert len(set(keys)) == len(keys)
