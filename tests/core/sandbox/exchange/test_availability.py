"""People's free and busy time: as much of it as each lets the caller see, in the caller's zone."""

from __future__ import annotations

import pytest

from core.sandbox.exchange.xml import child, children, t, text_of

PARIS = (
    "<t:TimeZone><t:Bias>-60</t:Bias><t:StandardTime><t:Bias>0</t:Bias><t:Time>03:00:00</t:Time>"
    "<t:DayOrder>5</t:DayOrder><t:Month>10</t:Month><t:DayOfWeek>Sunday</t:DayOfWeek></t:StandardTime>"
    "<t:DaylightTime><t:Bias>-60</t:Bias><t:Time>02:00:00</t:Time><t:DayOrder>5</t:DayOrder><t:Month>3</t:Month>"
    "<t:DayOfWeek>Sunday</t:DayOfWeek></t:DaylightTime></t:TimeZone>"
)
ASK = (
    "<m:GetUserAvailabilityRequest>{zone}<m:MailboxDataArray>{people}</m:MailboxDataArray><t:FreeBusyViewOptions>"
    "<t:TimeWindow><t:StartTime>{start}</t:StartTime><t:EndTime>{end}</t:EndTime></t:TimeWindow>"
    "<t:MergedFreeBusyIntervalInMinutes>{minutes}</t:MergedFreeBusyIntervalInMinutes>"
    "<t:RequestedView>{view}</t:RequestedView></t:FreeBusyViewOptions></m:GetUserAvailabilityRequest>"
)


def person(address: str) -> str:
    return (
        f"<t:MailboxData><t:Email><t:Address>{address}</t:Address></t:Email><t:AttendeeType>Required</t:AttendeeType>"
        "</t:MailboxData>"
    )


def ask(
    exchange,
    *people,
    who="bruno",
    view="DetailedMerged",
    start="2027-05-03T00:00:00",
    end="2027-05-04T00:00:00",
    minutes=60,
):
    body = ASK.format(zone=PARIS, people="".join(map(person, people)), start=start, end=end, minutes=minutes, view=view)
    return list(children(exchange.ask(body, who), "FreeBusyResponseArray"))


def at(start: str, end: str, more: str = "", title: str = "Secret plan") -> str:
    return (
        f"<t:Subject>{title}</t:Subject>{more}<t:Start>2027-05-03T{start}:00Z</t:Start>"
        f"<t:End>2027-05-03T{end}:00Z</t:End>"
    )


@pytest.fixture
def busy(empty):
    empty.create(at("08:00", "09:00") + "<t:Location>Roof</t:Location>")
    return empty


def events(response):
    return list(children(response, "FreeBusyView", "CalendarEventArray"))


def test_a_colleague_sees_blocks_of_time_and_nothing_else(busy):
    (response,) = ask(busy, "alice@example.org")
    assert text_of(response, "FreeBusyView", "FreeBusyViewType") == "FreeBusyMerged"
    (event,) = events(response)
    assert (text_of(event, "StartTime"), text_of(event, "EndTime"), text_of(event, "BusyType")) == (
        "2027-05-03T10:00:00", "2027-05-03T11:00:00", "Busy",
    )  # fmt: skip
    assert child(event, "CalendarEventDetails") is None
    assert "Secret" not in "".join(text for each in response.iter() if (text := each.text))


@pytest.mark.parametrize(
    ("level", "view", "subject", "place", "number"),
    [
        ("free-busy-time", "FreeBusyMerged", "", "", False),
        ("free-busy-time-subject-location", "DetailedMerged", "Secret plan", "Roof", False),
        ("reviewer", "DetailedMerged", "Secret plan", "Roof", True),
    ],
)
def test_each_level_sees_its_share(busy, grant, level, view, subject, place, number):
    grant(busy, "bruno", level)
    (response,) = ask(busy, "alice@example.org")
    details = child(events(response)[0], "CalendarEventDetails")
    assert text_of(response, "FreeBusyView", "FreeBusyViewType") == view
    assert (text_of(details, "Subject"), text_of(details, "Location"), child(details, "ID") is not None) == (
        subject, place, number,
    )  # fmt: skip


def test_a_private_item_is_a_block_for_those_who_see_the_others(empty, grant):
    empty.create(at("08:00", "09:00", "<t:Sensitivity>Private</t:Sensitivity>"))
    grant(empty, "bruno", "reviewer")
    (response,) = ask(empty, "alice@example.org")
    details = child(events(response)[0], "CalendarEventDetails")
    assert (text_of(details, "IsPrivate"), child(details, "Subject")) == ("true", None)


def test_somebody_without_any_right_is_told_so(busy, grant):
    grant(busy, "bruno", "none")
    (response,) = ask(busy, "alice@example.org")
    assert text_of(response, "ResponseMessage", "ResponseCode") == "ErrorNoFreeBusyAccess"


def test_each_person_is_answered_in_order_and_a_stranger_fails_alone(busy):
    found = ask(busy, "clara@example.net", "alice@example.org", "bruno@example.org")
    assert [text_of(each, "ResponseMessage", "ResponseCode") for each in found] == [
        "ErrorMailRecipientNotFound", "NoError", "NoError",
    ]  # fmt: skip


def test_the_merged_view_has_a_digit_for_each_interval_and_the_strongest_wins(empty):
    status = "<t:LegacyFreeBusyStatus>{}</t:LegacyFreeBusyStatus>"
    for start, end, kind in (
        ("06:00", "09:00", "Tentative"), ("07:00", "08:00", "OOF"), ("08:30", "08:45", "Busy"),
        ("10:00", "11:00", "WorkingElsewhere"), ("12:00", "13:00", "Free"),
    ):  # fmt: skip
        properties = at(start, end)
        empty.create(f"{properties}{status.format(kind)}")
    (response,) = ask(empty, "alice@example.org", view="MergedOnly")
    assert text_of(response, "FreeBusyView", "MergedFreeBusy") == "000000001320400000000000"
    assert child(response, "FreeBusyView", "CalendarEventArray") is None


def test_working_hours_come_with_their_zone(busy):
    (response,) = ask(busy, "alice@example.org")
    hours = child(response, "FreeBusyView", "WorkingHours")
    assert text_of(hours, "TimeZone", "Bias") == "-60"
    period = child(hours, "WorkingPeriodArray", "WorkingPeriod")
    assert text_of(period, "DayOfWeek") == "Monday Tuesday Wednesday Thursday Friday"
    assert (text_of(period, "StartTimeInMinutes"), text_of(period, "EndTimeInMinutes")) == ("480", "1020")


def test_a_cancelled_meeting_makes_nobody_busy(empty):
    empty.create(at("08:00", "09:00"))
    (item,) = empty.mailbox().distinguished["calendar"].items.values()
    item.fields["IsCancelled"] = t("IsCancelled", True)
    (response,) = ask(empty, "alice@example.org")
    assert events(response) == []


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"start": "2027-05-04T00:00:00", "end": "2027-05-03T00:00:00"}, "ErrorInvalidTimeInterval"),
        ({"end": "2027-08-03T00:00:00"}, "ErrorTimeIntervalTooBig"),
        ({"minutes": 4}, "ErrorInvalidMergedFreeBusyInterval"),
    ],
)
def test_a_question_that_cannot_be_is_a_fault(busy, more, code):
    body = ASK.format(**{
        "zone": PARIS, "people": person("alice@example.org"), "start": "2027-05-03T00:00:00",
        "end": "2027-05-04T00:00:00", "minutes": 60, "view": "FreeBusy",
    } | more)  # fmt: skip
    assert busy.code(body) == code


SUGGEST = (
    "<m:GetUserAvailabilityRequest>{zone}<m:MailboxDataArray>{people}</m:MailboxDataArray><t:SuggestionsViewOptions>"
    "{more}<t:DetailedSuggestionsWindow><t:StartTime>2027-05-03T00:00:00</t:StartTime>"
    "<t:EndTime>2027-05-04T00:00:00</t:EndTime></t:DetailedSuggestionsWindow></t:SuggestionsViewOptions>"
    "</m:GetUserAvailabilityRequest>"
)


def suggest(exchange, *people, more=""):
    body = SUGGEST.format(zone=PARIS, people="".join(map(person, people)), more=more)
    (day,) = children(exchange.ask(body, "bruno"), "SuggestionsResponse", "SuggestionDayResultArray")
    return day, list(children(day, "SuggestionArray"))


def test_times_are_suggested_when_all_can_come(busy):
    day, found = suggest(busy, "alice@example.org", "bruno@example.org")
    times = [text_of(each, "MeetingTime")[11:16] for each in found]
    assert text_of(day, "DayQuality") == "Excellent"
    assert len(times) == 10
    assert times[:5] == ["08:00", "08:30", "09:00", "09:30", "11:00"]
    assert {text_of(each, "IsWorkTime") for each in found} == {"true"}


def test_a_time_when_half_can_come_is_fair_and_says_who_cannot(busy):
    more = (
        "<t:MaximumResultsByDay>48</t:MaximumResultsByDay><t:MeetingDurationInMinutes>60</t:MeetingDurationInMinutes>"
    )
    _day, found = suggest(busy, "alice@example.org", "bruno@example.org", more=more)
    ten = next(each for each in found if text_of(each, "MeetingTime").endswith("T10:00:00"))
    statuses = [text_of(each, "BusyType") for each in children(ten, "AttendeeConflictDataArray")]
    assert (text_of(ten, "SuggestionQuality"), statuses) == ("Fair", ["Busy", "Free"])


def test_somebody_of_whom_nothing_is_known_is_not_taken_for_free(busy):
    _day, found = suggest(busy, "bruno@example.org", "clara@example.net")
    assert {text_of(each, "SuggestionQuality") for each in found} == {"Fair"}
