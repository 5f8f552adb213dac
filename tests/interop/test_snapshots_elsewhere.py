"""A snapshot that we wrote, opened by programs that nobody here wrote: the same occurrences as ours."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from core.sandbox.home import sandbox
from core.sandbox.people import ALICE
from tests.interop.peers import PARIS, Khal, Partagenda, Seen, calcurse_agenda, libical_agenda, midnight

pytestmark = [pytest.mark.interop, pytest.mark.slow]

DAYS = 30
LEVELS = ("availability", "limited", "full")


@pytest.fixture(scope="module")
def today() -> date:
    return datetime.now(PARIS).date()


@pytest.fixture(scope="module")
def snapshots(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Partagenda, Path]]:
    """The .ics of Alice's calendar at each level and range, and her command line with each of them imported."""
    folder = tmp_path_factory.mktemp("snapshots")
    with sandbox() as box:
        home = box.home(ALICE)
        names = ("config", "data", "state", "cache")
        env = {f"XDG_{n.upper()}_HOME": str(getattr(home.paths, n).parent) for n in names}
        partagenda = Partagenda({**env, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"})
        for level in LEVELS:
            for days in ("30d", "all"):
                place = folder / f"{level}-{days}"
                partagenda("send", "Calendar", "--to", "clara@example.net", "--detail", level, "--range", days,
                           "--dry-run", "--save", place)  # fmt: skip
                partagenda("import", place / "calendar.ics", "--as", f"{level}-{days}")
        yield partagenda, folder


def ours(snapshots: tuple[Partagenda, Path], name: str, today: date) -> set[Seen]:
    found = snapshots[0].agenda(name, f"{today}..{today + timedelta(days=DAYS - 1)}")
    assert len(found) > 20, "the sample calendar has a busy month"
    return found


@pytest.mark.parametrize("days", ["30d", "all"])
@pytest.mark.parametrize("level", LEVELS)
def test_khal_shows_the_same_occurrences(
    snapshots: tuple[Partagenda, Path], today: date, tmp_path: Path, level: str, days: str
) -> None:
    name = f"{level}-{days}"
    calendars = tmp_path / "calendars"
    (calendars / "work").mkdir(parents=True)
    khal = Khal.on(calendars, tmp_path)
    khal("import", "--batch", "-a", "work", snapshots[1] / name / "calendar.ics")
    assert khal.agenda(today, DAYS) == ours(snapshots, name, today)


def by_day(seen: set[Seen], first: date) -> set[Seen]:
    """All-day items of several days, a day each, as calcurse lists them."""
    found: set[Seen] = set()
    for start, end, title in seen:
        if start.time() == end.time() == midnight(first).time() and end > start:
            days = (end.date() - start.date()).days
            for number in range(days):
                day = start.date() + timedelta(days=number)
                if first <= day < first + timedelta(days=DAYS):
                    found.add((midnight(day), midnight(day + timedelta(days=1)), title))
        else:
            found.add((start, end, title))
    return found


@pytest.mark.parametrize("level", LEVELS)
def test_calcurse_shows_the_same_occurrences(
    snapshots: tuple[Partagenda, Path], today: date, tmp_path: Path, level: str
) -> None:
    name = f"{level}-30d"
    theirs = calcurse_agenda(snapshots[1] / name / "calendar.ics", tmp_path, today, DAYS)
    assert by_day(theirs, today) == by_day(ours(snapshots, name, today), today)


@pytest.mark.parametrize("days", ["30d", "all"])
@pytest.mark.parametrize("level", LEVELS)
def test_libical_finds_the_same_occurrences(
    snapshots: tuple[Partagenda, Path], today: date, level: str, days: str
) -> None:
    name = f"{level}-{days}"
    theirs = libical_agenda(snapshots[1] / name / "calendar.ics", today, DAYS)
    assert theirs == ours(snapshots, name, today)
