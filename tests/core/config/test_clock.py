from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from core.config.clock import SystemClock, iana_zone, system_zone


@pytest.mark.parametrize("name", ["", "/etc/localtime", "../etc/passwd", "Europe", "Nowhere/Land", ".", "a\0b"])
def test_what_is_no_iana_zone_is_none(name: str):
    assert iana_zone(name) is None


def test_the_zone_of_the_environment_comes_first():
    assert system_zone({"TZ": ":Asia/Tokyo"}).key == "Asia/Tokyo"


def test_a_path_in_the_environment_is_read_as_the_zone_it_names():
    assert system_zone({"TZ": "/usr/share/zoneinfo/Asia/Tokyo"}).key == "Asia/Tokyo"


def test_else_where_localtime_points(tmp_path: Path):
    zone = tmp_path / "zoneinfo" / "Europe" / "Paris"
    zone.parent.mkdir(parents=True)
    zone.touch()
    (tmp_path / "localtime").symlink_to(zone)
    assert system_zone({}, str(tmp_path / "localtime")).key == "Europe/Paris"


def test_else_what_the_timezone_file_says(tmp_path: Path):
    (tmp_path / "timezone").write_text("America/New_York\n")
    assert system_zone({}, str(tmp_path / "localtime")).key == "America/New_York"


def test_a_machine_that_says_nothing_is_on_utc(tmp_path: Path):
    assert system_zone({"TZ": "nonsense"}, str(tmp_path / "localtime")).key == "UTC"


def test_now_is_aware_and_in_the_persons_zone():
    clock = SystemClock(ZoneInfo("Asia/Tokyo"))
    assert clock.now().tzinfo is clock.zone
