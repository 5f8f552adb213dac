"""VTIMEZONEs: what we write says the same as the zone and has no RDATE; what we read is bounded."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.ical.vtimezone import RuleZone, vtimezone, zone_from_vtimezone
from core.ical.zonematch import same_rules

NAMES = [
    "Europe/Paris", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "America/Santiago", "Africa/Casablanca",
    "Asia/Tehran", "Europe/Dublin", "Pacific/Apia", "Etc/GMT-3", "America/Sao_Paulo",
]  # fmt: skip


def read(name: str, first: int = 2005, last: int = 2027) -> RuleZone:
    found = zone_from_vtimezone(vtimezone(name, first, last))
    assert isinstance(found, RuleZone)
    return found


def hours(first: int, last: int, step: int) -> list[datetime]:
    start = datetime(first, 1, 1, tzinfo=UTC)
    return [start + timedelta(hours=step * n) for n in range((last - first) * 8_760 // step)]


@pytest.mark.parametrize("name", NAMES)
def test_a_written_zone_has_the_offsets_of_the_zone_at_every_hour(name: str) -> None:
    ours, theirs = read(name), ZoneInfo(name)
    different = [
        at for at in hours(2005, 2028, 3) if at.astimezone(ours).utcoffset() != at.astimezone(theirs).utcoffset()
    ]
    assert different == []


@pytest.mark.parametrize("name", ["Europe/Paris", "America/New_York", "Australia/Lord_Howe"])
@pytest.mark.parametrize("fold", [0, 1])
def test_local_times_in_gaps_and_overlaps_mean_what_the_zone_says(name: str, fold: int) -> None:
    ours, theirs = read(name), ZoneInfo(name)
    walls = [at.replace(tzinfo=None, fold=fold) for at in hours(2026, 2027, 1)]
    halves = walls + [wall + timedelta(minutes=30) for wall in walls]
    assert [w for w in halves if w.replace(tzinfo=ours).utcoffset() != w.replace(tzinfo=theirs).utcoffset()] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_written_zone_has_rules_and_no_lists_of_dates(name: str) -> None:
    assert not [line for line in vtimezone(name, 2005, 2027) if line.startswith("RDATE")]


def test_a_zone_that_keeps_its_rules_is_right_after_the_last_year() -> None:
    late = datetime(2045, 7, 1, tzinfo=UTC)
    assert late.astimezone(read("Europe/Paris")).utcoffset() == timedelta(hours=2)


def test_the_usual_zone_has_two_rules() -> None:
    assert sum(line.startswith("RRULE") for line in vtimezone("Europe/Paris", 2020, 2027)) == 2


def test_a_rule_that_ended_says_when() -> None:
    assert any(line.endswith("UNTIL=20060402T070000Z") for line in vtimezone("America/New_York", 2000, 2027))


def test_a_name_that_is_no_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="Nowhere"):
        vtimezone("Nowhere", 2026, 2027)


@pytest.mark.parametrize("name", ["Europe/Paris", "America/New_York", "Africa/Casablanca", "America/Santiago"])
def test_a_zone_is_recognised_by_its_rules(name: str) -> None:
    found = same_rules(read(name, 2020), datetime(2026, 1, 1, tzinfo=UTC))
    assert found is not None
    assert [
        at
        for at in hours(2025, 2028, 1)
        if at.astimezone(found).utcoffset() != at.astimezone(ZoneInfo(name)).utcoffset()
    ] == []


@pytest.mark.parametrize("lines", [[], ["BEGIN:VTIMEZONE", "TZID:x", "END:VTIMEZONE"], ["no line"],
    ["BEGIN:STANDARD", "DTSTART:x", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200", "END:STANDARD"],
    ["BEGIN:STANDARD", "DTSTART:20200101T000000", "TZOFFSETFROM:+9900", "TZOFFSETTO:+0200", "END:STANDARD"],
])  # fmt: skip
def test_what_describes_no_zone_is_none(lines: list[str]) -> None:
    assert zone_from_vtimezone(lines) is None


BOMB = "BEGIN:VTIMEZONE TZID:x BEGIN:STANDARD DTSTART:{} TZOFFSETFROM:+0100 TZOFFSETTO:+0200 RRULE:{} END:STANDARD"


@pytest.mark.parametrize("start", ["00010101T000000", "99991231T235959", "16010101T000000"])
@pytest.mark.parametrize("rule", ["FREQ=SECONDLY", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=DAILY;COUNT=999999999",
    "FREQ=YEARLY;UNTIL=19000101T000000Z", "FREQ=MINUTELY;BYSETPOS=1;BYHOUR=1"])  # fmt: skip
def test_a_hostile_zone_gives_an_offset_in_any_year(start: str, rule: str) -> None:
    zone = zone_from_vtimezone(BOMB.format(start, rule).split(" "))
    assert zone is not None
    moments = [datetime(year, 6, 1, tzinfo=UTC) for year in (1, 1601, 1970, 2026, 9999)]
    assert all(
        moment.astimezone(zone).utcoffset() in (timedelta(hours=1), timedelta(hours=2)) for moment in moments[1:4]
    )


def test_a_zone_can_be_copied_to_another_process() -> None:
    zone = read("Europe/Paris")
    assert pickle.loads(pickle.dumps(zone)) == zone
