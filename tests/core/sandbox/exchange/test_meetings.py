"""Meetings on the sandbox's Exchange: requests arrive in inbox and calendar, answers come back, cancellations mark."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.sandbox.exchange.delivery import arrive
from core.sandbox.exchange.model import Delegate
from core.sandbox.exchange.xml import child, children, name_of, text_of
from tests.core.sandbox.exchange.test_messages import listed, mime_of, outside, read

__all__ = ["outside"]
START = datetime(2031, 3, 4, 9, tzinfo=UTC)
BRUNO = "bruno@example.org"
CLARA = "clara@example.net"
WEEKLY = (
    "<t:Recurrence><t:WeeklyRecurrence><t:Interval>1</t:Interval><t:DaysOfWeek>Tuesday</t:DaysOfWeek>"
    "</t:WeeklyRecurrence><t:NumberedRecurrence><t:StartDate>2031-03-04</t:StartDate>"
    "<t:NumberOfOccurrences>3</t:NumberOfOccurrences></t:NumberedRecurrence></t:Recurrence>"
)


def people(*addresses: str) -> str:
    each = "".join(
        f"<t:Attendee><t:Mailbox><t:EmailAddress>{address}</t:EmailAddress></t:Mailbox></t:Attendee>"
        for address in addresses
    )
    return f"<t:RequiredAttendees>{each}</t:RequiredAttendees>"


def meet(exchange, *who: str, title: str = "Review", rule: str = "", telling: str = "SendToAllAndSaveCopy"):
    """Alice invites; gives the id of her appointment."""
    zone = '<t:StartTimeZone Id="Romance Standard Time"/>' if rule else ""
    body = (
        f'<m:CreateItem SendMeetingInvitations="{telling}"><m:Items><t:CalendarItem><t:Subject>{title}</t:Subject>'
        f"<t:Start>{START:%Y-%m-%dT%H:%M:%SZ}</t:Start><t:End>{START + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}</t:End>"
        f"<t:LegacyFreeBusyStatus>OOF</t:LegacyFreeBusyStatus><t:Location>Room 3</t:Location>{people(*who)}{rule}{zone}"
        "</t:CalendarItem></m:Items></m:CreateItem>"
    )
    (answer,) = exchange.messages(body)
    assert text_of(answer, "ResponseCode") == "NoError"
    return child(answer, "Items", "CalendarItem", "ItemId")


def appointment(exchange, who: str, title: str = "Review"):
    """The stored appointment in somebody's calendar."""
    items = exchange.mailbox(who).distinguished["calendar"].items.values()
    return next((item for item in items if item.text("Subject").endswith(title)), None)


def answer(exchange, name: str, item, who: str = "bruno", disposition: str = "SendAndSaveCopy", note: str = ""):
    number = child(item, "ItemId") if name_of(item) != "ItemId" else item
    body = f'<t:Body BodyType="Text">{note}</t:Body>' if note else ""
    return exchange.messages(
        f'<m:CreateItem MessageDisposition="{disposition}"><m:Items><t:{name}>{body}'
        f'<t:ReferenceItemId Id="{number.get("Id")}" ChangeKey="{number.get("ChangeKey")}"/></t:{name}></m:Items>'
        "</m:CreateItem>",
        who,
    )[0]


def status_of(item, address: str = BRUNO) -> str:
    return next(
        text_of(each, "ResponseType")
        for each in children(item.fields["RequiredAttendees"])
        if text_of(each, "Mailbox", "EmailAddress") == address
    )


def test_a_request_arrives_in_the_inbox_and_tentatively_in_the_calendar(exchange):
    meet(exchange, BRUNO)
    (request,) = listed(exchange)
    assert name_of(request) == "MeetingRequest"
    shown = read(exchange, request)
    assert text_of(shown, "ItemClass") == "IPM.Schedule.Meeting.Request"
    assert (text_of(shown, "Location"), text_of(shown, "IntendedFreeBusyStatus")) == ("Room 3", "OOF")
    assert text_of(shown, "MeetingRequestType") == "NewMeetingRequest"
    mine = appointment(exchange, "bruno")
    assert child(shown, "AssociatedCalendarItemId").get("Id") == str(mine.id)
    assert (mine.text("LegacyFreeBusyStatus"), mine.text("MyResponseType")) == ("Tentative", "NoResponseReceived")
    assert text_of(mine.fields["Organizer"], "Mailbox", "EmailAddress") == "alice@example.org"
    assert mine.text("UID") == appointment(exchange, "alice").text("UID")


def test_the_mail_of_a_request_is_what_outlook_reads(exchange, outside):
    meet(exchange, CLARA)
    ((address, content),) = outside
    assert address == CLARA
    from email import message_from_bytes, policy

    message = message_from_bytes(content, policy=policy.default)
    (calendar,) = [part for part in message.walk() if part.get_content_type() == "text/calendar"]
    assert calendar.get_param("method") == "REQUEST"
    text = calendar.get_content()
    assert "METHOD:REQUEST" in text
    assert "mailto:clara@example.net" in text.replace("\r\n ", "")


@pytest.mark.parametrize(
    ("name", "response", "status"),
    [
        ("AcceptItem", "Accept", "OOF"),
        ("TentativelyAcceptItem", "Tentative", "Tentative"),
        ("DeclineItem", "Decline", None),
    ],
)
def test_an_answer_is_in_both_calendars_and_comes_back_as_mail(exchange, name, response, status):
    meet(exchange, BRUNO)
    (request,) = listed(exchange)
    assert text_of(answer(exchange, name, request, note="Gladly"), "ResponseCode") == "NoError"
    assert status_of(appointment(exchange, "alice")) == response
    mine = appointment(exchange, "bruno")
    if status is None:
        assert mine is None
        assert "Review" in [text_of(each, "Subject") for each in listed(exchange, "bruno", "deleteditems")]
    else:
        assert (mine.text("MyResponseType"), mine.text("LegacyFreeBusyStatus")) == (response, status)
    assert listed(exchange) == []
    (reply,) = listed(exchange, "alice")
    shown = read(exchange, reply, "alice")
    assert (name_of(shown), text_of(shown, "ResponseType")) == ("MeetingResponse", response)
    assert "Gladly" in text_of(shown, "Body")
    assert text_of(shown, "ItemClass").startswith("IPM.Schedule.Meeting.Resp.")


def test_an_answer_may_be_kept_to_oneself(exchange):
    meet(exchange, BRUNO)
    answer(exchange, "AcceptItem", listed(exchange)[0], disposition="SaveOnly")
    assert listed(exchange, "alice") == []
    assert status_of(appointment(exchange, "alice")) == "Unknown"
    assert appointment(exchange, "bruno").text("MyResponseType") == "Accept"


@pytest.mark.parametrize("name", ["AcceptItem", "TentativelyAcceptItem", "DeclineItem"])
def test_the_organizer_cannot_answer_their_own_meeting(exchange, name):
    number = meet(exchange, BRUNO)
    verb = {"AcceptItem": "Accept", "TentativelyAcceptItem": "Tentative", "DeclineItem": "Decline"}[name]
    assert text_of(answer(exchange, name, number, "alice"), "ResponseCode") == f"ErrorCalendarIsOrganizerFor{verb}"


def test_a_cancelled_meeting_cannot_be_accepted_and_can_be_removed(exchange):
    number = meet(exchange, BRUNO)
    cancelled = answer(exchange, "CancelCalendarItem", number, "alice")
    assert text_of(cancelled, "ResponseCode") == "NoError"
    assert appointment(exchange, "alice") is None
    mine = appointment(exchange, "bruno")
    assert (mine.text("Subject"), mine.text("IsCancelled")) == ("Canceled: Review", "true")
    request, cancellation = listed(exchange)
    assert name_of(cancellation) == "MeetingCancellation"
    assert text_of(answer(exchange, "AcceptItem", request), "ResponseCode") == "ErrorCalendarIsCancelledForAccept"
    assert text_of(answer(exchange, "RemoveItem", cancellation), "ResponseCode") == "NoError"
    assert appointment(exchange, "bruno") is None


def test_only_the_organizer_cancels(exchange):
    meet(exchange, BRUNO)
    mine = appointment(exchange, "bruno")
    (found,) = exchange.messages(
        f'<m:CreateItem MessageDisposition="SendAndSaveCopy"><m:Items><t:CancelCalendarItem><t:ReferenceItemId '
        f'Id="{mine.id}" ChangeKey="{mine.change_key}"/></t:CancelCalendarItem></m:Items></m:CreateItem>',
        "bruno",
    )
    assert text_of(found, "ResponseCode") == "ErrorCalendarIsNotOrganizer"


def update(number, change: str, telling: str = "SendToAllAndSaveCopy") -> str:
    return (
        f'<m:UpdateItem ConflictResolution="AlwaysOverwrite" MessageDisposition="SendAndSaveCopy" '
        f'SendMeetingInvitationsOrCancellations="{telling}"><m:ItemChanges><t:ItemChange>'
        f'<t:ItemId Id="{number.get("Id")}"/><t:Updates>{change}</t:Updates></t:ItemChange></m:ItemChanges>'
        "</m:UpdateItem>"
    )


def moved(hours: int) -> str:
    start, end = START + timedelta(hours=hours), START + timedelta(hours=hours + 1)
    return "".join(
        f'<t:SetItemField><t:FieldURI FieldURI="calendar:{name}"/><t:CalendarItem><t:{name}>{at:%Y-%m-%dT%H:%M:%SZ}'
        f"</t:{name}></t:CalendarItem></t:SetItemField>"
        for name, at in (("Start", start), ("End", end))
    )


def test_a_new_time_reaches_the_others_and_asks_them_again(exchange):
    number = meet(exchange, BRUNO)
    answer(exchange, "AcceptItem", listed(exchange)[0])
    assert exchange.code(update(number, moved(2))) == "NoError"
    mine = appointment(exchange, "bruno")
    assert mine.text("Start") == "2031-03-04T11:00:00Z"
    assert mine.text("MyResponseType") == "NoResponseReceived"
    assert mine.text("AppointmentSequenceNumber") == "1"
    (request,) = listed(exchange)
    assert text_of(read(exchange, request), "MeetingRequestType") == "FullUpdate"


def test_another_place_keeps_the_answer(exchange):
    number = meet(exchange, BRUNO)
    answer(exchange, "AcceptItem", listed(exchange)[0])
    change = (
        '<t:SetItemField><t:FieldURI FieldURI="calendar:Location"/><t:CalendarItem><t:Location>Room 5</t:Location>'
        "</t:CalendarItem></t:SetItemField>"
    )
    exchange.ask(update(number, change))
    mine = appointment(exchange, "bruno")
    assert (mine.text("Location"), mine.text("MyResponseType")) == ("Room 5", "Accept")


@pytest.mark.parametrize("telling", ["SendToNone"])
def test_nobody_is_told_where_the_request_says_so(exchange, telling):
    number = meet(exchange, BRUNO, telling=telling)
    exchange.ask(update(number, moved(1), telling))
    exchange.ask(f'<m:DeleteItem DeleteType="HardDelete" SendMeetingCancellations="{telling}"><m:ItemIds><t:ItemId '
                 f'Id="{number.get("Id")}"/></m:ItemIds></m:DeleteItem>')  # fmt: skip
    assert listed(exchange) == []
    assert appointment(exchange, "bruno") is None


def invited(*addresses: str) -> str:
    """A change of the people; nobody takes the list away."""
    if not addresses:
        return '<t:DeleteItemField><t:FieldURI FieldURI="calendar:RequiredAttendees"/></t:DeleteItemField>'
    return (
        '<t:SetItemField><t:FieldURI FieldURI="calendar:RequiredAttendees"/><t:CalendarItem>'
        f"{people(*addresses)}</t:CalendarItem></t:SetItemField>"
    )


def test_who_is_invited_no_more_is_told_so_and_who_is_new_is_asked(exchange, outside):
    number = meet(exchange, BRUNO)
    assert exchange.code(update(number, invited(CLARA), "SendToChangedAndSaveCopy")) == "NoError"
    assert appointment(exchange, "bruno").text("IsCancelled") == "true"
    ((address, content),) = outside
    assert (address, b"METHOD:REQUEST" in _calendar(content)) == (CLARA, True)
    outside.clear()
    assert exchange.code(update(number, invited())) == "NoError"
    assert [(address, b"METHOD:CANCEL" in _calendar(content)) for address, content in outside] == [(CLARA, True)]


def test_only_those_who_changed_are_told_where_the_request_says_so(exchange, outside):
    number = meet(exchange, BRUNO)
    exchange.ask(update(number, invited(BRUNO, CLARA), "SendOnlyToChanged"))
    assert len(listed(exchange)) == 1
    assert [address for address, _content in outside] == [CLARA]


def test_a_series_and_one_moved_instance_arrive_as_they_are(exchange):
    number = meet(exchange, BRUNO, rule=WEEKLY)
    mine = appointment(exchange, "bruno")
    assert child(mine.fields["Recurrence"], "WeeklyRecurrence") is not None
    second = f'<t:OccurrenceItemId RecurringMasterId="{number.get("Id")}" InstanceIndex="2"/>'
    week = timedelta(days=7)
    change = "".join(
        f'<t:SetItemField><t:FieldURI FieldURI="calendar:{name}"/><t:CalendarItem><t:{name}>{at:%Y-%m-%dT%H:%M:%SZ}'
        f"</t:{name}></t:CalendarItem></t:SetItemField>"
        for name, at in (("Start", START + week + timedelta(hours=3)), ("End", START + week + timedelta(hours=4)))
    )
    body = update(number, change).replace(f'<t:ItemId Id="{number.get("Id")}"/>', second)
    assert exchange.code(body) == "NoError"
    (original,) = appointment(exchange, "bruno").exceptions
    assert original == START + week
    assert appointment(exchange, "bruno").exceptions[original].text("Start") == "2031-03-11T12:00:00Z"


def test_a_deleted_meeting_is_cancelled_for_everybody(exchange, outside):
    number = meet(exchange, BRUNO, CLARA)
    exchange.ask('<m:DeleteItem DeleteType="MoveToDeletedItems" SendMeetingCancellations="SendToAllAndSaveCopy">'
                 f'<m:ItemIds><t:ItemId Id="{number.get("Id")}"/></m:ItemIds></m:DeleteItem>')  # fmt: skip
    assert appointment(exchange, "bruno").text("IsCancelled") == "true"
    assert [b"METHOD:CANCEL" in _calendar(content) for _address, content in outside] == [False, True]


def _calendar(content: bytes) -> bytes:
    from email import message_from_bytes, policy

    message = message_from_bytes(content, policy=policy.default)
    return b"".join(
        part.get_payload(decode=True) for part in message.walk() if part.get_content_subtype() == "calendar"
    )


def test_an_answer_from_outside_is_noted_at_the_organizers(exchange, outside):
    meet(exchange, CLARA)
    asked = _calendar(outside[0][1])
    replied = asked.replace(b"\r\n ", b"").replace(b"METHOD:REQUEST", b"METHOD:REPLY")
    replied = replied.replace(b"PARTSTAT=NEEDS-ACTION;", b"").replace(b"ATTENDEE;", b"ATTENDEE;PARTSTAT=ACCEPTED;")
    head = (
        b"From: Clara Novak <clara@example.net>\r\nTo: alice@example.org\r\nSubject: Accepted: Review\r\n"
        b"MIME-Version: 1.0\r\nContent-Type: text/calendar; method=REPLY; charset=utf-8\r\n\r\n"
    )
    arrive(exchange.store, exchange.mailbox(), head + replied)
    assert status_of(appointment(exchange, "alice"), CLARA) == "Accept"
    (reply,) = listed(exchange, "alice")
    assert text_of(read(exchange, reply, "alice"), "ResponseType") == "Accept"


def test_what_is_no_meeting_is_mail_and_changes_no_calendar(exchange):
    head = (
        b"From: x@example.net\r\nTo: alice@example.org\r\nSubject: Odd\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: text/calendar; method=REQUEST\r\n\r\nnonsense"
    )
    arrive(exchange.store, exchange.mailbox(), head)
    (item,) = listed(exchange, "alice")
    assert name_of(item) == "Message"


@pytest.mark.parametrize(
    ("how", "owner", "delegate"),
    [("DelegatesOnly", 0, 1), ("DelegatesAndMe", 1, 1), ("NoForward", 1, 0)],
)
def test_meeting_mail_goes_to_delegates_as_the_owner_chose(exchange, how, owner, delegate):
    alice = exchange.mailbox()
    alice.delegates[BRUNO] = Delegate(BRUNO, meeting_copies=True)
    alice.deliver_meeting_requests = how
    content = (
        b"From: clara@example.net\r\nTo: alice@example.org\r\nSubject: Talk\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n"
        b"METHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:talk@example.net\r\nDTSTAMP:20310101T000000Z\r\n"
        b"DTSTART:20310304T090000Z\r\nDTEND:20310304T100000Z\r\nSUMMARY:Talk\r\nORGANIZER:mailto:clara@example.net\r\n"
        b"ATTENDEE:mailto:alice@example.org\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    arrive(exchange.store, alice, content)
    assert len(listed(exchange, "alice")) == owner
    assert len(listed(exchange, "bruno")) == delegate
    assert appointment(exchange, "alice", "Talk") is not None
    if delegate:
        assert text_of(read(exchange, listed(exchange, "bruno")[0]), "IsDelegated") == "true"


def test_the_mime_of_a_request_can_be_read_again(exchange):
    meet(exchange, BRUNO)
    kinds = [part.get_content_type() for part in mime_of(read(exchange, listed(exchange)[0])).walk()]
    assert kinds == ["multipart/alternative", "text/plain", "text/html", "text/calendar"]
