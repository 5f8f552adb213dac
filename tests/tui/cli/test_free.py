"""`free`: common free time from the command line."""

from pathlib import Path

import pytest

from tests.tui.cli.conftest import Run

DAY = ("--range", "2027-01-04..2027-01-04")


def busy(name: str, start: int, end: int, more: str = "") -> str:
    return (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//example//EN\r\nBEGIN:VEVENT\r\n"
        f"UID:{name}@example.org\r\nDTSTAMP:20260101T000000Z\r\n"
        f"DTSTART;TZID=Europe/Paris:20270104T{start:02}0000\r\nDTEND;TZID=Europe/Paris:20270104T{end:02}0000\r\n"
        f"SUMMARY:{name}\r\n{more}END:VEVENT\r\nEND:VCALENDAR\r\n"
    )


@pytest.fixture
def two(run: Run, config, tmp_path: Path) -> Run:
    config()
    for name, start, end in (("Work", 8, 10), ("Home", 12, 13)):
        file = tmp_path / f"{name}.ics"
        file.write_text(busy(name, start, end))
        run("import", file, "--as", name)
    return run


def hours(answer) -> list[tuple[str, str]]:
    return [(slot["start"][11:16], slot["end"][11:16]) for slot in answer.json]


def test_common_free_time_lies_between_everybodys_appointments(two: Run):
    answer = two("free", "Work", "Home", "--duration", "1h", *DAY, "--working-hours", "--json")
    assert answer.code == 0
    assert hours(answer) == [("10:00", "12:00"), ("13:00", "17:00")]


def test_times_carry_the_persons_offset(two: Run):
    assert two("free", "Work", "--duration", "1h", *DAY, "--json").json[0]["start"] == "2027-01-04T00:00:00+01:00"


def test_what_is_too_short_is_left_out(two: Run):
    assert hours(two("free", "Work", "Home", "--duration", "3h", *DAY, "--working-hours", "--json")) == [
        ("13:00", "17:00")
    ]


def test_a_margin_is_kept(two: Run):
    answer = two("free", "Work", "Home", "--duration", "1h", "--margin", "15m", *DAY, "--working-hours", "--json")
    assert hours(answer) == [("10:15", "11:45"), ("13:15", "17:00")]


def test_a_day_that_was_not_chosen_offers_nothing(two: Run):
    assert two("free", "Work", "--duration", "1h", *DAY, "--days", "tu,we", "--json").json == []


def test_tentative_counts_as_free_when_it_is_said(run: Run, config, tmp_path: Path):
    config()
    file = tmp_path / "t.ics"
    file.write_text(busy("t", 8, 17, "STATUS:TENTATIVE\r\nX-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE\r\n"))
    run("import", file, "--as", "Maybe")
    common = ("free", "Maybe", "--duration", "1h", *DAY, "--working-hours", "--json")
    assert run(*common).json == []
    assert hours(run(*common, "--tentative-is-free")) == [("08:00", "17:00")]


@pytest.mark.parametrize(
    "arguments",
    [("Work",), ("Work", "--duration", "long"), ("Work", "--duration", "1h", "--days", "xx"), ("--duration", "1h")],
)
def test_wrong_usage_is_exit_two(two: Run, arguments: tuple[str, ...]):
    assert two("free", *arguments).code == 2


def test_the_whole_calendar_has_no_free_time_to_offer(two: Run):
    assert two("free", "Work", "--duration", "1h", "--range", "all").code == 2


def test_an_address_whose_calendar_nobody_has_is_explained(two: Run):
    answer = two("free", "eve@example.net", "--duration", "1h")
    assert answer.code == 1
    assert "eve@example.net" in answer.err


def test_a_person_reads_days_and_hours(two: Run):
    answer = two("free", "Work", "Home", "--duration", "1h", *DAY, "--working-hours")
    assert answer.out.splitlines()[0] == "Mon, Jan 4  10:00 AM – 12:00 PM"


@pytest.fixture
def clara(run: Run, config, tmp_path: Path) -> Run:
    """Alice has a calendar, and a snapshot of Clara's 4 January that came days ago."""
    box = tmp_path / "box"
    for part in ("new", "cur", "tmp"):
        (box / part).mkdir(parents=True)
    config(
        f'[accounts.in]\ntype = "maildir"\npath = "{box}"\n'
        '[people."clara@example.net"]\ntime_zone = "America/New_York"\n'
    )
    head = "METHOD:PUBLISH\r\nX-CLIPSTART:20270103T230000Z\r\nX-CLIPEND:20270104T230000Z\r\n"
    text = busy("c", 15, 16).replace("PRODID:-//example//EN\r\n", f"PRODID:-//example//EN\r\n{head}")
    message = (
        "From: clara@example.net\r\nSubject: Calendar\r\nMessage-ID: <1@example.net>\r\n"
        "Received: x; Mon, 02 Nov 2026 10:00:00 +0000\r\nDate: Mon, 02 Nov 2026 10:00:00 +0000\r\n"
        f"Content-Type: text/calendar; method=PUBLISH\r\n\r\n{text}"
    )
    (box / "new" / "1.host").write_text(message)
    run("new", "Work")
    assert run("inbox", "open", run("inbox", "--json").json[0]["id"]).code == 0
    return run


def test_a_copy_says_how_old_it_is_and_what_it_does_not_know(clara: Run):
    answer = clara(
        "free", "Work", "clara@example.net", "--duration", "1h", "--range", "2027-01-04..2027-01-05", "--json"
    )
    assert "is a copy of" in answer.err
    assert "that is not free" in answer.err


def test_outside_of_the_days_of_a_snapshot_nothing_is_free(clara: Run):
    answer = clara(
        "free", "Work", "clara@example.net", "--duration", "1h", "--range", "2027-01-04..2027-01-05", "--json"
    )
    assert {slot["start"][:10] for slot in answer.json} == {"2027-01-04"}


def test_with_working_hours_each_persons_own_zone_counts(clara: Run):
    answer = clara("free", "Work", "clara@example.net", "--duration", "1h", "--working-hours", *DAY, "--json")
    assert hours(answer) == [("14:00", "15:00"), ("16:00", "17:00")]
