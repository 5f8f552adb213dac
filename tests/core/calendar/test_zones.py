"""Names of zones: Windows', labels, other programs' spellings; never a file."""

from __future__ import annotations

import re
from datetime import UTC, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from core.calendar.zones import primary_zones, windows_name, zone_for, zone_name

CLDR = Path(__file__).parents[4] / "shared" / "schemas" / "windowsZones.xml"


@pytest.mark.parametrize(
    ("tzid", "iana"),
    [
        ("Europe/Paris", "Europe/Paris"),
        ("europe/paris", "Europe/Paris"),
        ('"America/New_York"', "America/New_York"),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("romance standard time", "Europe/Paris"),
        ("W. Europe Standard Time 1", "Europe/Berlin"),
        ("Mexico Standard Time", "America/Mexico_City"),
        ("(UTC+07:00) Bangkok, Hanoi, Jakarta", "Asia/Bangkok"),
        (r"(UTC+07:00) Bangkok\, Hanoi\, Jakarta", "Asia/Bangkok"),
        ("(GMT+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna", "Europe/Berlin"),
        ("(UTC-05:00) Eastern Time (US & Canada)", "America/New_York"),
        ("(UTC-05:00) Eastern Time (US and Canada)", "America/New_York"),
        ("Eastern Time (US & Canada)", "America/New_York"),
        ("(UTC-05:00) Bogota, Lima, Quito, Rio Branco", "America/Bogota"),
        ("(UTC+01:00) Bruxelles, Copenhague, Madrid, Paris", "Europe/Madrid"),
        ("(GMT +01:00)", "Etc/GMT-1"),
        ("UTC-05:00", "Etc/GMT+5"),
        ("Paris, Madrid", "Europe/Paris"),
        ("Amsterdam, Belgrade, Berlin, Brussels, Budapest, Madrid, Paris, Prague, Stockholm", "Europe/Berlin"),
        ("/mozilla.org/20070129_1/Europe/Berlin", "Europe/Berlin"),
        ("/freeassociation.sourceforge.net/Tzfile/America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"),
        ("/America/New_York", "America/New_York"),
        ("Europe_London", "Europe/London"),
        ("America_New_York", "America/New_York"),
        ("IndianReunion", "Indian/Reunion"),
        ("tzone://Microsoft/Utc", "UTC"),
        ("Coordinated Universal Time", "UTC"),
        ("(UTC) Coordinated Universal Time", "UTC"),
        ("Z", "UTC"),
    ],
)
def test_a_name_of_any_program_becomes_the_iana_zone(tzid: str, iana: str) -> None:
    assert zone_for(tzid) == ZoneInfo(iana)


@pytest.mark.parametrize(
    "tzid",
    ["", " ", "Nowhere", "Customized Time Zone", "Europe/Germany", "/etc/localtime", "localtime", "posixrules",
     "America", "Factory", "../Europe/Paris/..", "../../etc/passwd", "x" * 5_000, "a\x00b", "tzone://Microsoft/Custom",
     "(UTC+25:00) Nowhere", "UTC+99", "1", "Europe/", "/", "file:///etc/localtime", "C:\\Windows"],
)  # fmt: skip
def test_what_nobody_can_know_is_no_zone_and_never_a_file(tzid: str) -> None:
    assert zone_for(tzid) is None


@pytest.mark.parametrize(
    ("iana", "windows"),
    [("Europe/Paris", "Romance Standard Time"), ("Europe/Kyiv", "FLE Standard Time"),
     ("Asia/Kolkata", "India Standard Time"), ("UTC", "UTC"), ("Etc/UTC", "UTC")],
)  # fmt: skip
def test_outlook_knows_an_iana_zone_by_its_windows_name(iana: str, windows: str) -> None:
    assert windows_name(iana) == windows


def test_a_zone_that_windows_does_not_have_has_no_windows_name() -> None:
    assert windows_name("Mars/Olympus") is None


@pytest.mark.parametrize(
    ("zone", "name"),
    [(ZoneInfo("Europe/Paris"), "Europe/Paris"), (UTC, "UTC"), (timezone(timedelta(hours=2)), "UTC+02:00")],
)
def test_a_zone_is_called_by_its_name_or_its_offset(zone: timezone | ZoneInfo, name: str) -> None:
    assert zone_name(zone) == name


def test_every_zone_of_the_table_exists() -> None:
    assert [name for name in primary_zones() if zone_for(name) is None] == []


@pytest.mark.skipif(not CLDR.is_file(), reason="../shared/schemas/windowsZones.xml is not there")
def test_the_table_says_what_cldr_says() -> None:
    rows = re.findall(r'<mapZone other="([^"]+)" territory="001" type="([^"]+)"', CLDR.read_text(encoding="utf-8"))
    assert len(rows) > 130
    assert [name for name, iana in rows if name != "UTC" and zone_for(name) != ZoneInfo(iana)] == []
