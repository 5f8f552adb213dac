"""Outlook-shaped series beside libical, the library under Evolution and others: the same instances, counted.

libical runs in Debian's Python (python3-gi with gir1.2-ical-3.0), in a process of its own.
"""

from __future__ import annotations

import json
import random
import subprocess
from datetime import datetime, timedelta

import pytest

from core.ical.rules import WEEKDAYS, Rule
from tests.soak import chance, scaled, soak

PYTHON = "/usr/bin/python3"
RULES = scaled(5_000, 20_000)

PROGRAM = """
import json, sys
import gi
gi.require_version("ICalGLib", "3.0")
from gi.repository import ICalGLib as ical
for line in sys.stdin:
    rule, start, last = json.loads(line)
    iterator = ical.RecurIterator.new(ical.Recurrence.new_from_string(rule), ical.Time.new_from_string(start))
    end, found = ical.Time.new_from_string(last), []
    moment = iterator.next()
    while moment and not moment.is_null_time() and moment.compare(end) < 0:
        found.append(moment.as_ical_string())
        moment = iterator.next()
    print(json.dumps(found))
"""


def _available() -> bool:
    probe = "import gi; gi.require_version('ICalGLib', '3.0'); from gi.repository import ICalGLib"
    try:
        return subprocess.run([PYTHON, "-c", probe], capture_output=True, timeout=30, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def outlook_rule(chance: random.Random, start: datetime) -> str:
    """What Outlook's dialog *Appointment Recurrence* can say, with a start that fits (Outlook moves it there)."""
    weekday, nth = WEEKDAYS[start.weekday()], (start.day - 1) // 7 + 1
    every = f"INTERVAL={chance.randint(1, 6)}"
    days = sorted({start.weekday(), *(chance.randrange(7) for _n in range(chance.randint(0, 4)))})
    patterns = [
        f"FREQ=DAILY;{every}",
        "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR" if start.weekday() < 5 else "FREQ=WEEKLY;BYDAY=SU,SA",
        f"FREQ=WEEKLY;{every};BYDAY={','.join(WEEKDAYS[day] for day in days)};WKST={chance.choice(['MO', 'SU'])}",
        f"FREQ=MONTHLY;{every};BYMONTHDAY={start.day}",
        f"FREQ=YEARLY;BYMONTH={start.month};BYMONTHDAY={start.day}",
    ]
    if nth < 5:
        patterns += [
            f"FREQ=MONTHLY;{every};BYDAY={nth}{weekday}",
            f"FREQ=MONTHLY;{every};BYDAY={weekday};BYSETPOS={nth}",
            f"FREQ=YEARLY;BYMONTH={start.month};BYDAY={nth}{weekday}",
        ]
    if (start + timedelta(days=7)).month != start.month:
        patterns += [f"FREQ=MONTHLY;{every};BYDAY=-1{weekday}", f"FREQ=YEARLY;BYMONTH={start.month};BYDAY=-1{weekday}"]
    end = start + timedelta(days=chance.randint(1, 1500))
    return chance.choice(patterns) + chance.choice(
        ["", f";COUNT={chance.randint(1, 99)}", f";UNTIL={end:%Y%m%dT%H%M%S}"]
    )


def _question(chance: random.Random) -> tuple[str, datetime, datetime]:
    start = datetime(2015, 1, 1) + timedelta(days=chance.randint(0, 3650), minutes=30 * chance.randint(0, 47))
    return outlook_rule(chance, start), start, start + timedelta(days=2200)


@pytest.mark.interop
@pytest.mark.skipif(not _available(), reason="libical for Debian's Python (python3-gi, gir1.2-ical-3.0) is not there")
@soak("recurrence: Outlook's rules against libical", RULES)
def test_thousands_of_outlook_rules_give_the_instances_that_libical_gives(capsys: pytest.CaptureFixture[str]) -> None:
    draw = chance(42)
    questions = [_question(draw) for _n in range(RULES)]
    lines = "\n".join(
        json.dumps([rule, f"{start:%Y%m%dT%H%M%S}", f"{last:%Y%m%dT%H%M%S}"]) for rule, start, last in questions
    )
    done = subprocess.run([PYTHON, "-c", PROGRAM], input=lines, capture_output=True, text=True, timeout=300, check=True)
    different, instances = [], 0
    for (rule, start, last), answer in zip(questions, done.stdout.splitlines(), strict=True):
        ours = [f"{moment:%Y%m%dT%H%M%S}" for moment in Rule.parse(rule).times(start, start, last)]
        instances += len(ours)
        if ours != json.loads(answer):
            different.append((rule, str(start)))
    with capsys.disabled():
        print(f"\nlibical: {RULES - len(different)} of {RULES} rules equal, {instances} instances")
    assert different == []
