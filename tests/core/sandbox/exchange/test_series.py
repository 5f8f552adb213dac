"""Series on the server: instances, exceptions, deleted instances, and the three kinds of ids that name them."""

from __future__ import annotations

import pytest

from core.sandbox.exchange.xml import child, children, text_of

DAILY = (
    "<t:Subject>Stand-up</t:Subject><t:Start>2027-03-26T09:00:00</t:Start><t:End>2027-03-26T09:15:00</t:End>"
    "<t:Recurrence><t:DailyRecurrence><t:Interval>1</t:Interval></t:DailyRecurrence><t:NumberedRecurrence>"
    "<t:StartDate>2027-03-26</t:StartDate><t:NumberOfOccurrences>5</t:NumberOfOccurrences></t:NumberedRecurrence>"
    '</t:Recurrence><t:StartTimeZone Id="Romance Standard Time"/>'
)
SPAN = ("2027-03-01T00:00:00Z", "2027-04-30T00:00:00Z")


@pytest.fixture
def master(empty):
    return empty.create(DAILY)


def occurrence(master, index: int) -> str:
    return f'<t:OccurrenceItemId RecurringMasterId="{master.get("Id")}" InstanceIndex="{index}"/>'


def shown(exchange):
    return [(text_of(each, "Start"), text_of(each, "CalendarItemType")) for each in exchange.view(*SPAN)]


def test_a_view_shows_the_instances_at_the_clock_of_their_zone(empty, master):
    assert shown(empty) == [
        ("2027-03-26T08:00:00Z", "Occurrence"),
        ("2027-03-27T08:00:00Z", "Occurrence"),
        ("2027-03-28T07:00:00Z", "Occurrence"),
        ("2027-03-29T07:00:00Z", "Occurrence"),
        ("2027-03-30T07:00:00Z", "Occurrence"),
    ]


def test_the_master_knows_its_first_and_last_instance(empty, ref, master):
    item = empty.get(ref(master))
    assert text_of(item, "CalendarItemType") == "RecurringMaster"
    assert text_of(item, "FirstOccurrence", "Start") == "2027-03-26T08:00:00Z"
    assert text_of(item, "LastOccurrence", "Start") == "2027-03-30T07:00:00Z"
    assert child(item, "ModifiedOccurrences") is None


def test_an_instance_is_named_by_its_number_its_id_and_names_its_master(empty, ref, master):
    second = empty.get(occurrence(master, 2))
    number = child(second, "ItemId")
    assert text_of(second, "OriginalStart") == "2027-03-27T08:00:00Z"
    assert text_of(empty.get(ref(number)), "Start") == "2027-03-27T08:00:00Z"
    back = empty.get(f'<t:RecurringMasterItemId OccurrenceId="{number.get("Id")}"/>')
    assert child(back, "ItemId").get("Id") == master.get("Id")


def test_a_changed_instance_is_an_exception_and_the_others_stay(empty, ref, setting, master):
    message = empty.update(occurrence(master, 2), setting("item:Subject", "<t:Subject>Other</t:Subject>"))
    changed = empty.get(ref(child(message, "Items", "CalendarItem", "ItemId")))
    assert (text_of(changed, "Subject"), text_of(changed, "CalendarItemType")) == ("Other", "Exception")
    assert [kind for _start, kind in shown(empty)].count("Exception") == 1
    (listed,) = children(empty.get(ref(master)), "ModifiedOccurrences")
    assert text_of(listed, "OriginalStart") == "2027-03-27T08:00:00Z"


def test_an_exception_that_moves_keeps_its_id_and_its_original_start(empty, ref, setting, master):
    before = child(empty.get(occurrence(master, 2)), "ItemId").get("Id")
    empty.update(
        occurrence(master, 2),
        setting("calendar:Start", "<t:Start>2027-03-27T10:00:00Z</t:Start>")
        + setting("calendar:End", "<t:End>2027-03-27T10:30:00Z</t:End>"),
    )
    moved = empty.get(f'<t:ItemId Id="{before}"/>')
    assert (text_of(moved, "Start"), text_of(moved, "OriginalStart"), text_of(moved, "Duration")) == (
        "2027-03-27T10:00:00Z", "2027-03-27T08:00:00Z", "PT30M",
    )  # fmt: skip
    assert ("2027-03-27T10:00:00Z", "Exception") in shown(empty)
    assert ("2027-03-27T08:00:00Z", "Occurrence") not in shown(empty)


@pytest.mark.parametrize("day", ["2027-03-28", "2027-03-26", "2027-03-29", "2027-03-20"])
def test_an_instance_does_not_move_onto_or_over_its_neighbours(empty, setting, master, day):
    message = empty.update(
        occurrence(master, 2),
        setting("calendar:Start", f"<t:Start>{day}T12:00:00Z</t:Start>")
        + setting("calendar:End", f"<t:End>{day}T13:00:00Z</t:End>"),
    )
    assert text_of(message, "ResponseCode") == "ErrorOccurrenceCrossingBoundary"
    assert "Exception" not in [kind for _start, kind in shown(empty)]


def test_an_exception_takes_what_it_does_not_say_from_its_series(empty, ref, setting, master):
    empty.update(occurrence(master, 2), setting("calendar:Location", "<t:Location>Roof</t:Location>"))
    empty.update(ref(master), setting("item:Subject", "<t:Subject>Renamed</t:Subject>"))
    assert text_of(empty.get(occurrence(master, 2)), "Subject") == "Renamed"


def test_what_an_exception_deletes_it_does_not_take_from_its_series(empty, ref, setting, master):
    empty.update(ref(master), setting("calendar:Location", "<t:Location>Roof</t:Location>"))
    gone = '<t:DeleteItemField><t:FieldURI FieldURI="calendar:Location"/></t:DeleteItemField>'
    empty.update(occurrence(master, 2), gone)
    assert child(empty.get(occurrence(master, 2)), "Location") is None
    assert text_of(empty.get(occurrence(master, 3)), "Location") == "Roof"


def test_a_deleted_instance_is_gone_listed_and_not_deleted_twice(empty, ref, master):
    assert empty.delete(occurrence(master, 3)) == "NoError"
    assert len(shown(empty)) == 4
    (listed,) = children(empty.get(ref(master)), "DeletedOccurrences")
    assert text_of(listed, "Start") == "2027-03-28T07:00:00Z"
    assert empty.delete(occurrence(master, 3)) == "ErrorCalendarOccurrenceIsDeletedFromRecurrence"
    assert text_of(empty.get(occurrence(master, 4)), "Start") == "2027-03-29T07:00:00Z"


def test_an_index_beyond_the_series_and_a_master_that_is_none_are_refused(empty, master):
    single = empty.create("<t:Start>2027-05-03T10:00:00Z</t:Start><t:End>2027-05-03T11:00:00Z</t:End>")
    beyond, none = empty.get(occurrence(master, 6)), empty.get(occurrence(single, 1))
    assert text_of(beyond, "ResponseCode") == "ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange"
    assert text_of(none, "ResponseCode") == "ErrorCalendarCannotUseIdForOccurrenceId"


def test_an_instance_takes_no_recurrence(empty, master):
    rule = DAILY[DAILY.index("<t:Recurrence>") : DAILY.index("</t:Recurrence>")] + "</t:Recurrence>"
    update = (
        f'<t:SetItemField><t:FieldURI FieldURI="calendar:Recurrence"/><t:CalendarItem>{rule}</t:CalendarItem>'
        "</t:SetItemField>"
    )
    assert text_of(empty.update(occurrence(master, 1), update), "ResponseCode") == "ErrorCalendarInvalidPropertyState"


def test_another_pattern_takes_the_exceptions_away_and_the_same_one_keeps_them(empty, ref, setting, master):
    empty.update(occurrence(master, 2), setting("item:Subject", "<t:Subject>Other</t:Subject>"))
    rule = DAILY[DAILY.index("<t:Recurrence>") : DAILY.index("</t:Recurrence>")] + "</t:Recurrence>"
    empty.update(ref(master), setting("calendar:Recurrence", rule))
    assert "Exception" in [kind for _start, kind in shown(empty)]
    empty.update(ref(master), setting("calendar:Recurrence", rule.replace(">5<", ">4<")))
    assert [kind for _start, kind in shown(empty)] == ["Occurrence"] * 4


def test_a_series_without_its_rule_is_a_single_item(empty, ref, master):
    gone = '<t:DeleteItemField><t:FieldURI FieldURI="calendar:Recurrence"/></t:DeleteItemField>'
    empty.update(ref(master), gone)
    assert shown(empty) == [("2027-03-26T08:00:00Z", "Single")]


def test_an_exception_is_part_of_its_series_when_that_is_deleted_and_copied(empty, ref, setting, master):
    empty.update(occurrence(master, 2), setting("item:Subject", "<t:Subject>Other</t:Subject>"))
    empty.delete(ref(master), how="MoveToDeletedItems")
    (kept,) = empty.mailbox().distinguished["deleteditems"].items.values()
    assert [changed.text("Subject") for changed in kept.exceptions.values()] == ["Other"]
    assert shown(empty) == []


def test_a_private_exception_hides_itself_alone(empty, setting, master, grant):
    empty.update(occurrence(master, 2), setting("item:Sensitivity", "<t:Sensitivity>Private</t:Sensitivity>"))
    grant(empty, "bruno", "reviewer")
    titles = [text_of(each, "Subject") for each in empty.view(*SPAN, who="bruno", owner="alice@example.org")]
    assert titles.count("Stand-up") == 4
    assert len(titles) == 5
