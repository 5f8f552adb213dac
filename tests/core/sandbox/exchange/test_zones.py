"""Time zones: Windows' definitions and rules say what IANA's data say, back and forth."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from exchangelib.properties import TimeZoneDefinition
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from core.calendar.zones import windows_zones
from core.sandbox.exchange.errors import EwsError
from core.sandbox.exchange.times import duration, moment, zone_named
from core.sandbox.exchange.xml import child, children, text_of, to_bytes
from core.sandbox.exchange.zone_rules import RuledZone, definition, serializable, standard_offset, turns

YEAR = 2027
REGULAR = [iana for _name, _label, iana in windows_zones() if len(turns(ZoneInfo(iana), YEAR)) in (0, 2)]


def ask(exchange, ids=(), full="true"):
    wanted = "<m:Ids>" + "".join(f"<t:Id>{each}</t:Id>" for each in ids) + "</m:Ids>" if ids else ""
    body = f'<m:GetServerTimeZones ReturnFullTimeZoneData="{full}">{wanted}</m:GetServerTimeZones>'
    (message,) = exchange.messages(body)
    return list(children(message, "TimeZoneDefinitions"))


def test_all_zones_come_with_their_rules(empty):
    found = ask(empty)
    assert len(found) == len(windows_zones()) > 130
    assert all(child(each, "Periods") is not None for each in found)


def test_one_zone_comes_alone_and_an_unknown_one_not_at_all(empty):
    found = ask(empty, ["Romance Standard Time", "Atlantis Standard Time"])
    assert [each.get("Id") for each in found] == ["Romance Standard Time"]


def test_names_alone_come_without_rules(empty):
    found = ask(empty, full="false")
    assert len(found) == len(windows_zones())
    assert all(len(each) == 0 and each.get("Name") for each in found)


def test_the_rules_of_paris():
    made = definition("Romance Standard Time", "Paris", ZoneInfo("Europe/Paris"), YEAR)
    periods = {each.get("Name"): each.get("Bias") for each in children(made, "Periods")}
    assert periods == {"Standard": "-PT1H", "Daylight": "-PT2H"}
    group = child(made, "TransitionsGroups", "TransitionsGroup")
    assert [
        (text_of(each, "TimeOffset"), text_of(each, "Month"), text_of(each, "DayOfWeek"), text_of(each, "Occurrence"))
        for each in group
    ] == [("PT2H", "3", "Sunday", "-1"), ("PT3H", "10", "Sunday", "-1")]


@pytest.mark.parametrize("iana", ["Europe/Paris", "America/New_York", "Australia/Sydney", "Asia/Kolkata", "UTC"])
def test_exchangelib_reads_the_rules_as_they_are_meant(iana):
    """An independent reader takes from a definition what IANA's data say."""
    zone = ZoneInfo(iana)
    made = etree.fromstring(to_bytes(definition("Zone", "Zone", zone, YEAR)))
    standard, daylight, period = TimeZoneDefinition.from_xml(made, account=None).get_std_and_dst(for_year=YEAR)
    assert period.bias_in_minutes == -int(standard_offset(zone, YEAR).total_seconds()) // 60
    read = {(rule.iso_month, rule.occurrence, rule.weekday, rule.time) for rule in (standard, daylight) if rule}
    said = {
        (turn.wall.month, 5 if turn.week == -1 else turn.week, turn.wall.isoweekday(), turn.wall.time())
        for turn in turns(zone, YEAR)
    }
    assert read == said or not said  # it makes up two changes on one day where a zone has none


@given(st.sampled_from(REGULAR), st.datetimes(datetime(YEAR, 1, 2), datetime(YEAR, 12, 30)))
@settings(max_examples=300, deadline=None)
def test_bias_and_rules_give_the_offset_of_the_zone(iana, wall):
    zone = ZoneInfo(iana)
    ruled = RuledZone(serializable(zone, YEAR))
    instant = wall.replace(tzinfo=UTC)
    near = [abs(turn.wall - turn.before - wall) < timedelta(hours=3) for turn in turns(zone, YEAR)]
    if not any(near):
        assert ruled.local(instant) == instant.astimezone(zone).replace(tzinfo=None)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2027-05-03T10:00:00Z", datetime(2027, 5, 3, 10, tzinfo=UTC)),
        ("2027-05-03T10:00:00+02:00", datetime(2027, 5, 3, 8, tzinfo=UTC)),
        ("2027-05-03T10:00:00", datetime(2027, 5, 3, 8, tzinfo=UTC)),
        ("2027-05-03T10:00:00.123", datetime(2027, 5, 3, 8, tzinfo=UTC)),
        ("2027-05-03", datetime(2027, 5, 2, 22, tzinfo=UTC)),
    ],
)
def test_a_time_is_read_with_its_offset_or_in_the_given_zone(text, wanted):
    assert moment(text, ZoneInfo("Europe/Paris")) == wanted


@pytest.mark.parametrize("text", ["", "tomorrow", "2027-13-01T00:00:00Z", "0001-01-01T00:00:00+14:00"])
def test_what_is_no_time_is_refused(text):
    with pytest.raises(EwsError) as error:
        moment(text)
    assert error.value.code == "ErrorInvalidValueForProperty"


def test_an_unknown_zone_is_refused():
    with pytest.raises(EwsError) as error:
        zone_named("Atlantis Standard Time")
    assert error.value.code == "ErrorCalendarInvalidTimeZone"


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (timedelta(0), "PT0S"),
        (timedelta(minutes=30), "PT30M"),
        (timedelta(hours=25), "P1DT1H"),
        (timedelta(days=2), "P2D"),
    ],
)
def test_durations(length, text):
    assert duration(length) == text
