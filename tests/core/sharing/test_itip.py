"""Meeting messages: what leaves is an allow-list, what comes in is judged, and hostile bytes change nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.calendar.event import (
    Alarm,
    Attachment,
    Attendee,
    BusyStatus,
    CalendarObject,
    Event,
    EventState,
    Response,
    Role,
    Sensitivity,
)
from core.calendar.people import Address
from core.calendar.series import key
from core.calendar.span import TimeSpan
from core.errors import LeakFound, PartagendaError, Refused, Unreadable, UsageError
from core.ical.decode import decode
from core.ical.lines import unfold
from core.ical.recurrence import expand
from core.sharing import itip_text
from core.sharing.incoming import MessageKind, read_message
from core.sharing.itip import ALLOWED, Meeting, Method, cancellation, encode, invitation, prove, read, reply
from core.sharing.itip_changes import due, numbered
from core.sharing.itip_incoming import Effect, Situation, Version, instance, judge
from core.sharing.itip_mail import MeetingLetter, verify, write

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
START = datetime(2026, 11, 23, 9, tzinfo=PARIS)
ALICE = Attendee("alice@example.org", "Alice Martin")
BRUNO, CLARA = Attendee("bruno@example.org", "Bruno"), Attendee("clara@example.net", "Clara")


def event(**more) -> Event:
    values = {
        "uid": "m@example.org",
        "start": START,
        "end": START + timedelta(hours=1),
        "title": "Budget",
        "organizer": ALICE,
        "attendees": (BRUNO, CLARA),
        "stamp": NOW,
    }
    return Event(**{**values, **more})


def thing(*events: Event) -> CalendarObject:
    return CalendarObject("m@example.org", events or (event(),))


def full_event() -> Event:
    """Every field filled; what must stay at home says CANARY."""
    return event(
        place="Room 2",
        description="agenda",
        html="<p>CANARY</p>",
        status=BusyStatus.OUT_OF_OFFICE,
        sensitivity=Sensitivity.PRIVATE,
        categories=("Money",),
        attachments=(Attachment("CANARY.pdf", url="https://example.org/CANARY"),),
        alarms=(Alarm(timedelta(minutes=-15), description="CANARY", extra=("X-CANARY:1",)),),
        url="https://example.org/budget",
        priority=1,
        importance=2,
        rrule="FREQ=WEEKLY;COUNT=4",
        rdates=(START + timedelta(days=1),),
        exdates=(START + timedelta(days=7),),
        created=NOW,
        modified=NOW,
        extra=("X-CANARY:2", "COMMENT:CANARY", "ATTENDEE;X-CANARY=3:mailto:bruno@example.org", "CONTACT:CANARY"),
    )


def names(data: bytes) -> set[str]:
    """Properties of the events in a file."""
    inside, found = False, set()
    for _number, text in unfold(data):
        inside = text == "BEGIN:VEVENT" or (inside and text != "END:VEVENT")
        found.add(text.partition(":")[0].partition(";")[0] if inside else "")
    return found - {"", "BEGIN"}


# what leaves -----------------------------------------------------------------------------------------------------


def test_an_invitation_holds_exactly_the_properties_of_its_allow_list():
    data = encode(invitation(thing(full_event()), [full_event()], ALICE, NOW), NOW)
    assert names(data) == ALLOWED[Method.REQUEST] - {"RECURRENCE-ID"}
    assert b"CANARY" not in data.replace(b"\r\n ", b"")


def test_a_cancellation_holds_no_more_than_what_names_the_meeting():
    data = encode(cancellation([full_event()], BRUNO, ALICE, NOW), NOW)
    wanted = {"UID", "DTSTAMP", "DTSTART", "DTEND", "SEQUENCE", "SUMMARY", "ORGANIZER", "ATTENDEE", "STATUS"}
    assert names(data) == wanted


def test_a_reply_holds_nobody_but_oneself():
    asked = invitation(thing(full_event()), [full_event()], ALICE, NOW)
    data = encode(reply(asked, replace(BRUNO, response=Response.ACCEPTED), NOW), NOW)
    text = data.decode().replace("\r\n ", "")
    assert "clara" not in text
    assert "ATTENDEE;CN=Bruno;PARTSTAT=ACCEPTED:mailto:bruno@example.org" in text


def test_a_reply_echoes_the_sequence_that_it_answers():
    asked = invitation(thing(event(sequence=7)), [event(sequence=7)], ALICE, NOW)
    assert b"SEQUENCE:7" in encode(reply(asked, BRUNO, NOW), NOW)


def test_a_reply_to_one_instance_names_that_instance():
    one = event(recurrence_id=START)
    asked = invitation(thing(one), [one], ALICE, NOW)
    assert b"RECURRENCE-ID" in encode(reply(asked, BRUNO, NOW), NOW)


@pytest.mark.parametrize(
    "planted",
    [
        b"X-CANARY:1\r\n",
        b"COMMENT:1\r\n",
        b"BEGIN:VALARM\r\nTRIGGER:-PT5M\r\nEND:VALARM\r\n",
        b"CREATED:20260101T000000Z\r\n",
    ],
)
def test_a_planted_leak_is_found_in_the_finished_bytes(planted):
    meeting = invitation(thing(), [event()], ALICE, NOW)
    data = encode(meeting, NOW).replace(b"END:VEVENT\r\n", planted + b"END:VEVENT\r\n")
    with pytest.raises(LeakFound):
        prove(data, meeting, NOW)


def test_a_planted_parameter_is_found_in_the_finished_bytes():
    meeting = invitation(thing(), [event()], ALICE, NOW)
    data = encode(meeting, NOW).replace(b"SUMMARY:", b"SUMMARY;X-CANARY=1:")
    with pytest.raises(LeakFound):
        prove(data, meeting, NOW)


def test_another_time_in_the_finished_bytes_is_found():
    meeting = invitation(thing(), [event()], ALICE, NOW)
    data = encode(meeting, NOW).replace(b"20261123T090000", b"20261123T091500")
    with pytest.raises(LeakFound):
        prove(data, meeting, NOW)


_TEXT = st.text(st.characters(codec="utf-8"), max_size=40)


@settings(max_examples=60, deadline=None)
@given(_TEXT, _TEXT, _TEXT, _TEXT)
def test_whatever_is_typed_the_message_has_one_meeting_and_no_more_properties(title, place, notes, name):
    one = event(title=title, place=place, description=notes, attendees=(replace(BRUNO, name=name),))
    data = encode(invitation(thing(one), [one], ALICE, NOW), NOW)
    assert names(data) <= ALLOWED[Method.REQUEST]
    assert len(decode(data, now=NOW).objects[0].events) == 1


def letter(**more) -> MeetingLetter:
    ics = encode(invitation(thing(), [event()], ALICE, NOW), NOW)
    values = {
        "sender": Address("alice@example.org", "Alice Martin"),
        "to": Address("bruno@example.org", "Bruno"),
        "subject": "Invitation: Budget",
        "text": "Hello\n",
        "ics": ics,
        "method": Method.REQUEST,
        "date": NOW,
        "token": "0" * 32,
    }
    return MeetingLetter(**{**values, **more})


def test_the_mail_has_words_the_calendar_and_the_calendar_as_a_file():
    parts = list(message_from_bytes(write(letter())).walk())
    assert [part.get_content_type() for part in parts] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/calendar",
        "application/ics",
    ]
    assert parts[3].get_param("method") == "REQUEST"


def test_the_mail_is_one_meeting_for_those_who_read_it():
    message = read_message(write(letter()))
    assert (message.kind, len(message.calendars), message.calendars[0].method) == (MessageKind.MEETING, 1, "REQUEST")


@settings(max_examples=60, deadline=None)
@given(_TEXT, _TEXT)
def test_no_subject_or_name_makes_another_header(subject, name):
    data = write(letter(subject=subject, to=Address("bruno@example.org", name)))
    assert message_from_bytes(data).keys() == [
        "From",
        "To",
        "Subject",
        "Date",
        "Message-ID",
        "MIME-Version",
        "Content-Type",
    ]


@pytest.mark.parametrize(
    "subject", ["=?utf-8?q?x=0D=0ABcc:_eve=40example.net?=", "a\r\nBcc: eve@example.net", "a\x85b\u2028c"]
)
def test_encoded_words_and_line_breaks_in_a_subject_stay_text(subject):
    data = write(letter(subject=subject))
    assert "Bcc" not in message_from_bytes(data).keys()  # noqa: SIM118 - not a dict


def test_an_address_that_would_be_two_is_refused():
    with pytest.raises(UsageError):
        write(letter(to=Address("bruno@example.org>, <eve@example.net")))


def test_a_message_that_was_changed_is_not_what_was_asked():
    data = write(letter()).replace(b"To: Bruno", b"Bcc: eve@example.net\r\nTo: Bruno")
    with pytest.raises(Refused):
        verify(data, letter())


# words -----------------------------------------------------------------------------------------------------------


def test_the_words_of_an_invitation_say_what_when_where_and_who():
    one = event(place="Room 2", description="agenda", rrule="FREQ=WEEKLY;COUNT=4")
    text = itip_text.text(invitation(thing(one), [one], ALICE, NOW), PARIS, "Please come")
    assert text.startswith("Alice Martin invites you to “Budget”.\n\nPlease come\n\n")
    assert "Monday, November 23, 2026, 9:00 AM – 10:00 AM (Europe/Paris)" in text
    assert "Where: Room 2" in text
    assert "Bruno <bruno@example.org>" in text


def test_an_all_day_meeting_of_one_day_is_one_day():
    one = event(start=date(2026, 11, 23), end=date(2026, 11, 24))
    assert itip_text.when(one, PARIS) == "Monday, November 23, 2026"


def test_a_cancelled_instance_says_that_the_others_stay():
    text = itip_text.text(cancellation([event(recurrence_id=START)], BRUNO, ALICE, NOW), PARIS)
    assert "the others stay" in text


# who is told what ------------------------------------------------------------------------------------------------


def kinds(sent: CalendarObject | None, current: CalendarObject | None) -> list[tuple[str, str]]:
    now = numbered(sent, current) if current else None
    return [(one.recipient.address, one.meeting.method.value) for one in due(sent, now, ALICE, NOW)]


def test_the_organizer_is_not_told_of_their_own_meeting():
    own = replace(ALICE, role=Role.CHAIR)
    assert kinds(None, thing(event(attendees=(own, BRUNO)))) == [("bruno@example.org", "REQUEST")]


def test_somebody_without_a_mail_address_is_told_nothing():
    assert kinds(None, thing(event(attendees=(Attendee("urn:uuid:1", "Room"),)))) == []


def test_a_new_person_hears_of_the_meeting_and_the_others_of_the_new_list():
    assert kinds(thing(event(attendees=(BRUNO,))), thing()) == [
        ("bruno@example.org", "REQUEST"),
        ("clara@example.net", "REQUEST"),
    ]


def test_a_meeting_whose_state_is_cancelled_is_cancelled_for_everybody():
    gone = thing(event(state=EventState.CANCELLED))
    assert {method for _address, method in kinds(thing(), gone)} == {"CANCEL"}


def test_answers_are_nothing_to_tell():
    assert kinds(thing(), thing(event(attendees=(replace(BRUNO, response=Response.ACCEPTED), CLARA)))) == []


@pytest.mark.parametrize(
    ("change", "raised"),
    [
        ({"start": START + timedelta(hours=2), "end": START + timedelta(hours=3)}, 1),
        ({"place": "Room 3"}, 1),
        ({"rrule": "FREQ=DAILY"}, 1),
        ({"title": "Other"}, 0),
        ({"description": "Other"}, 0),
        ({"exdates": (START,)}, 0),
    ],
)
def test_the_sequence_rises_when_people_have_to_answer_again(change, raised):
    assert numbered(thing(), thing(event(**change))).events[0].sequence == raised


# what comes in ---------------------------------------------------------------------------------------------------


def situation(stored: CalendarObject | None, sender: Attendee = ALICE, me: Attendee = BRUNO, **more) -> Situation:
    values = {"seen": lambda _address, _at: None, "asked": lambda _at: 0, "zone": PARIS, **more}
    return Situation(Address(sender.address), Address(me.address), stored, **values)


def request(**more) -> Meeting:
    values = {"sequence": 1, "stamp": NOW + timedelta(hours=1), **more}
    return Meeting(Method.REQUEST, thing(event(**values)))


def test_an_update_of_the_same_sequence_counts_when_it_was_written_later():
    verdict = judge(request(sequence=0, title="New"), situation(thing()))
    assert (verdict.effect, verdict.after.events[0].title) == (Effect.CHANGED, "New")


def test_an_update_of_a_lower_sequence_is_old_however_late_it_comes():
    verdict = judge(request(sequence=1), situation(thing(event(sequence=2))))
    assert (verdict.effect, verdict.after) == (Effect.NOTHING, None)


def test_what_was_taken_in_counts_and_not_what_one_changed_oneself():
    edited = thing(event(sequence=5, stamp=NOW + timedelta(days=1)))
    seen = Version(0, NOW)
    assert judge(request(), situation(edited, seen=lambda _address, _at: seen)).effect is Effect.CHANGED


def test_an_update_takes_nothing_of_the_senders_reminders():
    verdict = judge(request(alarms=(Alarm(timedelta(minutes=-1), "AUDIO"),)), situation(thing()))
    assert verdict.after.events[0].alarms == ()


def test_the_update_of_one_instance_leaves_the_series_as_it_is():
    series = event(rrule="FREQ=DAILY;COUNT=5")
    at = START + timedelta(days=2)
    message = Meeting(
        Method.REQUEST,
        thing(event(recurrence_id=at, start=at + timedelta(hours=2), end=at + timedelta(hours=3), sequence=1)),
    )
    after = judge(message, situation(thing(series))).after
    assert after.master == series
    assert [one.start.hour for one in after.overrides] == [11]


def test_a_cancellation_of_an_instance_that_is_not_there_changes_nothing():
    series = event(rrule="FREQ=DAILY;COUNT=5")
    message = Meeting(Method.CANCEL, thing(event(recurrence_id=START + timedelta(days=50), sequence=1)))
    verdict = judge(message, situation(thing(series)))
    assert (verdict.effect, verdict.after) == (Effect.REFUSED, None)


def test_an_older_cancellation_of_an_instance_does_not_undo_a_newer_series():
    series = event(rrule="FREQ=DAILY;COUNT=5", sequence=4)
    message = Meeting(Method.CANCEL, thing(event(recurrence_id=START, sequence=2)))
    assert judge(message, situation(thing(series))).effect is Effect.NOTHING


def test_a_message_without_a_sender_changes_nothing():
    at = situation(thing())
    assert judge(request(), replace(at, sender=None)).effect is Effect.REFUSED


def test_two_organizers_in_one_message_are_none():
    message = Meeting(Method.REQUEST, thing(event(rrule="FREQ=DAILY"), event(recurrence_id=START, organizer=CLARA)))
    assert judge(message, situation(None)).effect is Effect.REFUSED


def answer(person: Attendee, response: Response = Response.DECLINED, **more) -> Meeting:
    line = replace(person, response=response)
    return Meeting(Method.REPLY, thing(event(attendees=(line,), stamp=NOW + timedelta(hours=1), **more)))


def test_a_reply_changes_that_attendees_answer_and_nothing_else():
    stored = thing(event(rrule="FREQ=DAILY;COUNT=2"))
    message = answer(BRUNO, title="CANARY", place="CANARY", start=START + timedelta(hours=5))
    after = judge(message, situation(stored, BRUNO, ALICE)).after
    wanted = replace(stored.events[0], attendees=(replace(BRUNO, response=Response.DECLINED), CLARA))
    assert after.events == (wanted,)


def test_a_reply_with_two_attendees_changes_nothing():
    message = Meeting(Method.REPLY, thing(event(attendees=(BRUNO, replace(CLARA, response=Response.DECLINED)))))
    assert judge(message, situation(thing(), BRUNO, ALICE)).effect is Effect.REFUSED


def test_a_reply_to_a_meeting_that_one_does_not_organize_changes_nothing():
    assert judge(answer(CLARA), situation(thing(), CLARA, BRUNO)).effect is Effect.REFUSED


def test_a_reply_to_one_instance_leaves_the_others_open():
    stored = thing(event(rrule="FREQ=DAILY;COUNT=3"))
    at = START + timedelta(days=1)
    after = judge(answer(BRUNO, recurrence_id=at, start=at), situation(stored, BRUNO, ALICE)).after
    assert after.master.attendees[0].response is Response.NEEDS_ACTION
    assert [one.attendees[0].response for one in after.overrides] == [Response.DECLINED]


def test_a_reply_to_the_series_keeps_the_answer_to_an_instance():
    own = event(recurrence_id=START, attendees=(replace(BRUNO, response=Response.ACCEPTED), CLARA))
    stored = thing(event(rrule="FREQ=DAILY;COUNT=3"), own)
    after = judge(answer(BRUNO), situation(stored, BRUNO, ALICE)).after
    assert after.overrides[0].attendees[0].response is Response.ACCEPTED


def test_an_instance_is_found_however_its_time_is_spelt():
    series = thing(event(rrule="FREQ=DAILY;COUNT=3"))
    found = instance(series, (START + timedelta(days=1)).astimezone(UTC), PARIS)
    assert found is not None
    assert found.start == START + timedelta(days=1)


_RULES = (
    "FREQ=DAILY;COUNT=8",
    "FREQ=WEEKLY;BYDAY=MO,WE,FR;COUNT=9",
    "FREQ=MONTHLY;BYDAY=-1MO;COUNT=5",
    "FREQ=DAILY;INTERVAL=3",
)


@settings(max_examples=120, deadline=None)
@given(
    st.sampled_from(_RULES),
    st.sampled_from([PARIS, ZoneInfo("America/New_York"), UTC, None]),
    st.integers(0, 4),
    st.integers(0, 4),
    st.sampled_from([PARIS, UTC, ZoneInfo("Asia/Tokyo")]),
    st.sets(st.integers(0, 4), max_size=2),
)
def test_a_cancelled_instance_never_touches_another_one(rule, zone, number, moved, spelt, exceptions):
    """Over clock changes, all-day series, exceptions, a moved instance, and a RECURRENCE-ID in any zone."""
    day = date(2026, 10, 19)
    start = day if zone is None else datetime(2026, 10, 19, 9, tzinfo=zone)
    end = day + timedelta(days=1) if zone is None else start + timedelta(hours=1)
    plain = thing(event(start=start, end=end, rrule=rule))
    span = TimeSpan(datetime(2026, 10, 1, tzinfo=UTC), datetime(2027, 10, 1, tzinfo=UTC))
    at = [one.recurrence_id for one in expand(plain, span, PARIS).occurrences]
    gone = tuple(at[n] for n in exceptions if n not in (number, moved))
    other = event(start=at[moved] + timedelta(days=1), end=at[moved] + timedelta(days=2), recurrence_id=at[moved])
    stored = thing(replace(plain.events[0], exdates=gone), other)
    before = expand(stored, span, PARIS).occurrences
    said = at[number] if zone is None else at[number].astimezone(spelt)
    after = judge(Meeting(Method.CANCEL, thing(event(recurrence_id=said, sequence=1))), situation(stored)).after
    left = [one for one in expand(after, span, PARIS).occurrences if not one.event.cancelled]
    assert [(one.start, one.end) for one in left] == [
        (one.start, one.end) for one in before if key(one.recurrence_id) != key(at[number])
    ]


# hostile bytes ---------------------------------------------------------------------------------------------------


def calendar(*lines: str, method: str = "REQUEST") -> bytes:
    body = ["BEGIN:VCALENDAR", "VERSION:2.0", f"METHOD:{method}", "BEGIN:VEVENT", *lines, "END:VEVENT", "END:VCALENDAR"]
    return "\r\n".join([*body, ""]).encode()


def test_a_method_that_is_not_understood_is_said_in_words():
    with pytest.raises(Unreadable, match="COUNTER"):
        read(calendar("UID:1", "DTSTART:20261123T090000Z", method="COUNTER"), "COUNTER", NOW)


def test_several_meetings_in_one_message_are_refused():
    two = calendar(
        "UID:1", "DTSTART:20261123T090000Z", "END:VEVENT", "BEGIN:VEVENT", "UID:2", "DTSTART:20261123T090000Z"
    )
    with pytest.raises(Unreadable, match="several"):
        read(two, "REQUEST", NOW)


@pytest.mark.parametrize("data", [b"", b"<html>", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", b"\0" * 100, b"\xff" * 100])
def test_bytes_that_are_no_meeting_are_refused_in_words(data):
    with pytest.raises(Unreadable):
        read(data, "REQUEST", NOW)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_mutilated_message_never_surprises(data):
    whole = encode(invitation(thing(full_event()), [full_event()], ALICE, NOW), NOW)
    at = data.draw(st.integers(0, len(whole) - 1))
    cut = whole[:at] + data.draw(st.binary(max_size=8)) + whole[at + data.draw(st.integers(0, 40)) :]
    method = data.draw(st.sampled_from(["REQUEST", "REPLY", "CANCEL"]))
    try:
        meeting = read(cut, method, NOW)
    except PartagendaError:
        return
    eve = Attendee("eve@example.net")
    verdict = judge(meeting, situation(thing(event(rrule="FREQ=DAILY;COUNT=5")), eve, ALICE))
    assert verdict.after is None  # it comes neither from the organizer nor from one who was invited
