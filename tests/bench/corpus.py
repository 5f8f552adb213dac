"""Calendars of any size that a person could have: `corpus.py N OUTDIR [--seed S]`. The same N gives the same bytes.

Writes OUTDIR/n<N>.ics (one file) and OUTDIR/vdir<N>/<uid>.ics (the same, a file an event), and prints what is in them.

Shares of N events: 10 % recurring (40 % weekly by days, 20 % monthly, 15 % yearly, 25 % daily; some endless, some with
exceptions and moved instances), 10 % all-day, 60 % in Paris, 25 % in New York, 10 % UTC, 5 % floating, 10 % private,
40 % with people, half with an alarm, notes of some 300 characters. Starts lie between 2016 and 2027.
`quokka` stands in 1 % of the events, `budget` in more than half.
"""

from __future__ import annotations

import json
import random
import sys
import uuid
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
WORDS = (
    *("the", "a", "of", "and", "to", "in", "for", "with", "on"),
    *("at", "project", "review", "budget", "team", "plan", "meeting", "agenda", "notes"),
    *("customer", "release", "schedule", "draft", "figures", "quarter", "report", "update", "decision"),
    *("open", "action", "item", "owner", "please", "bring", "laptop", "room", "call"),
    *("dial", "number", "link", "slides", "contract", "offer", "interview", "candidate", "design"),
    *("sprint", "backlog", "test", "result", "issue", "risk", "travel", "train", "hotel"),
    *("Zürich", "café", "résumé", "naïve", "Köln", "São", "Paulo", "会議", "予定"),
    *("встреча", "план"),
)
VERBS = ("Review", "Sync", "Planning", "Lunch", "Call", "Workshop", "Interview", "Demo", "Dentist", "Train", "1:1")
NOUNS = ("budget", "roadmap", "hiring", "sales", "Q3", "release", "design", "customers", "family", "école", "東京")
PLACES = ("Room 4.12", r"Salle Curie\, 3e étage", "https://meet.example.org/abc", "Café de la Gare", r"HQ\; B 7", "")
PEOPLE = (("Alice Martin", "alice@example.org"), ("Bruno", "bruno@example.org"), ("Clara", "clara@example.net"))
ANSWERS = ("ACCEPTED", "DECLINED", "TENTATIVE", "NEEDS-ACTION")
ZONES = ("Europe/Paris", "America/New_York", "Z", "")
HEAD = "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Partagenda//Corpus//EN\nCALSCALE:GREGORIAN\n"


def _zone_text(name: str, summer: tuple[str, ...], winter: tuple[str, ...]) -> str:
    parts = [f"BEGIN:VTIMEZONE\nTZID:{name}"]
    for kind, (start, rule, short, before, after) in (("DAYLIGHT", summer), ("STANDARD", winter)):
        parts.append(f"BEGIN:{kind}\nDTSTART:{start}\nRRULE:FREQ=YEARLY;{rule}\nTZNAME:{short}")
        parts.append(f"TZOFFSETFROM:{before}\nTZOFFSETTO:{after}\nEND:{kind}")
    return "\n".join([*parts, "END:VTIMEZONE\n"])


VTIMEZONES = {
    "Europe/Paris": _zone_text(
        "Europe/Paris",
        ("19810329T020000", "BYMONTH=3;BYDAY=-1SU", "CEST", "+0100", "+0200"),
        ("19961027T030000", "BYMONTH=10;BYDAY=-1SU", "CET", "+0200", "+0100"),
    ),
    "America/New_York": _zone_text(
        "America/New_York",
        ("20070311T020000", "BYMONTH=3;BYDAY=2SU", "EDT", "-0500", "-0400"),
        ("20071104T020000", "BYMONTH=11;BYDAY=1SU", "EST", "-0400", "-0500"),
    ),
}


@dataclass
class Sample:
    """One event of the corpus; `start` is a wall-clock time, or a date if it is all-day."""

    uid: str
    start: datetime
    length: timedelta
    all_day: bool
    zone: str
    rule: str
    lines: list[str] = field(default_factory=list)
    exceptions: list[date] = field(default_factory=list)
    moved: list[date] = field(default_factory=list)


def make(chance: random.Random, number: int) -> Sample:
    """The next event."""
    day = date(2016, 1, 1) + timedelta(days=chance.randrange(4383))
    recurring, all_day = chance.random() < 0.10, chance.random() < 0.10
    zone = chance.choices(ZONES, (60, 25, 10, 5))[0]
    while not all_day and day.weekday() > 4 and chance.random() < 0.9:
        day += timedelta(days=1)
    start = datetime(day.year, day.month, day.day)
    length = timedelta(days=1 if recurring else chance.choice((1, 1, 1, 2, 3, 5)))
    if not all_day:
        start += timedelta(hours=chance.randrange(8, 19), minutes=chance.choice((0, 0, 15, 30, 30, 45)))
        length = timedelta(minutes=chance.choice((15, 30, 30, 45, 60, 60, 60, 90, 120)))
    sample = Sample(str(uuid.UUID(int=chance.getrandbits(128), version=4)), start, length, all_day, zone, "")
    if recurring:
        repeat(chance, sample)
    sample.lines = texts(chance, number)
    return sample


def repeat(chance: random.Random, sample: Sample) -> None:
    """A rule, and for some exceptions and moved instances."""
    kind = chance.choices(("weekly", "monthly", "yearly", "daily"), (40, 20, 15, 25))[0]
    day, end = sample.start.date(), ""
    steps: list[date] = []
    if kind == "weekly":
        days = sorted({day.weekday(), *(chance.randrange(5) for _n in range(chance.choice((0, 0, 0, 1, 2))))})
        interval = 2 if chance.random() < 0.2 else 1
        rule = (
            "FREQ=WEEKLY" + (";INTERVAL=2" if interval == 2 else "") + ";BYDAY=" + ",".join(WEEKDAYS[d] for d in days)
        )
        end = ending(chance, sample, day + timedelta(weeks=chance.randrange(8, 60)), chance.randrange(8, 60), 0.10)
        steps = [day + timedelta(weeks=interval * n) for n in range(1, 8)]
    elif kind == "monthly":
        nth = (day.day - 1) // 7 + 1
        rule = f"FREQ=MONTHLY;BYDAY={-1 if nth == 5 else nth}{WEEKDAYS[day.weekday()]}"
        end = ending(chance, sample, day + timedelta(days=chance.randrange(180, 1000)), chance.randrange(6, 36), 0.20)
    elif kind == "yearly":
        rule = "FREQ=YEARLY"
    else:
        rule = "FREQ=DAILY"
        end = ending(chance, sample, day + timedelta(days=chance.randrange(8, 60)), chance.randrange(8, 40), 0)
        steps = [day + timedelta(days=n) for n in range(1, 8)]
    sample.rule = rule + end
    if steps and chance.random() < 0.20:
        sample.exceptions = sorted(chance.sample(steps[:6], chance.randrange(1, 4)))
    if steps and chance.random() < 0.15:
        rest = [step for step in steps if step not in sample.exceptions]
        sample.moved = sorted(chance.sample(rest, min(len(rest), chance.randrange(1, 3))))


def ending(chance: random.Random, sample: Sample, last: date, count: int, endless: float) -> str:
    """COUNT, UNTIL or nothing."""
    dice = chance.random()
    if dice < endless:
        return ""
    if dice > 0.55:
        return f";COUNT={count}"
    if sample.all_day:
        return f";UNTIL={last:%Y%m%d}"
    until = datetime.combine(last, sample.start.time())
    if sample.zone == "":
        return f";UNTIL={until:%Y%m%dT%H%M%S}"
    zone = UTC if sample.zone == "Z" else ZoneInfo(sample.zone)
    return f";UNTIL={until.replace(tzinfo=zone).astimezone(UTC):%Y%m%dT%H%M%SZ}"


def texts(chance: random.Random, number: int) -> list[str]:
    """Everything but times."""
    title = f"SUMMARY:{chance.choice(VERBS)} {chance.choice(NOUNS)} {chance.choice(NOUNS)} #{number}"
    notes, size = [], chance.randrange(200, 400)
    while sum(map(len, notes)) + len(notes) < size:
        notes.append(chance.choice(WORDS))
    for place in range(9, len(notes), 17):
        notes[place] += chance.choice(("\\,", ".\\n", "\\;", "."))
    if chance.random() < 0.01:
        notes.insert(len(notes) // 2, "quokka")
    free = chance.random() < 0.1
    lines = [title, "DESCRIPTION:" + " ".join(notes)]
    if place_text := chance.choice(PLACES):
        lines.append(f"LOCATION:{place_text}")
    if secrecy := chance.choices(("", "PRIVATE", "CONFIDENTIAL", "PUBLIC"), (70, 10, 2, 18))[0]:
        lines.append(f"CLASS:{secrecy}")
    lines.append("STATUS:" + chance.choices(("CONFIRMED", "TENTATIVE", "CANCELLED"), (90, 8, 2))[0])
    lines.append("TRANSP:" + ("TRANSPARENT" if free else "OPAQUE"))
    lines.append("X-MICROSOFT-CDO-BUSYSTATUS:" + ("FREE" if free else "BUSY"))
    if chance.random() < 0.4:
        lines.append(f"ORGANIZER;CN={PEOPLE[0][0]}:mailto:{PEOPLE[0][1]}")
        for _n in range(chance.randrange(1, 9)):
            name, address = chance.choice(PEOPLE)
            head = f"ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT={chance.choice(ANSWERS)};RSVP=TRUE"
            lines.append(f'{head};CN="{name}":mailto:{address}')
    if chance.random() < 0.5:
        lines += ["BEGIN:VALARM", "ACTION:DISPLAY", "DESCRIPTION:Reminder", "TRIGGER:-PT15M", "END:VALARM"]
    return lines


def moment(name: str, sample: Sample, at: datetime) -> str:
    """A property with a time as the event has it."""
    if sample.all_day:
        return f"{name};VALUE=DATE:{at:%Y%m%d}"
    text = f"{at:%Y%m%dT%H%M%S}"
    if sample.zone in ("Z", ""):
        return f"{name}:{text}{sample.zone}"
    return f"{name};TZID={sample.zone}:{text}"


def component(sample: Sample, instance: date | None = None) -> list[str]:
    """The lines of the event, or of an instance that was moved."""
    start = sample.start
    lines = ["BEGIN:VEVENT", f"UID:{sample.uid}", "DTSTAMP:20260110T101112Z", "CREATED:20151231T090000Z"]
    if instance is not None:
        original = datetime.combine(instance, start.time())
        start = original + (timedelta(days=1) if sample.all_day else timedelta(hours=1))
        lines.append(moment("RECURRENCE-ID", sample, original))
    lines += [moment("DTSTART", sample, start), moment("DTEND", sample, start + sample.length)]
    if sample.rule and instance is None:
        lines.append(f"RRULE:{sample.rule}")
        lines += [moment("EXDATE", sample, datetime.combine(day, start.time())) for day in sample.exceptions]
    return [*lines, *sample.lines, "END:VEVENT"]


def folded(lines: list[str]) -> bytes:
    """Content lines of at most 75 octets, never cut inside a character."""
    out = []
    for line in lines:
        data, room = line.encode(), 75
        while len(data) > room:
            cut = room
            while data[cut] & 0xC0 == 0x80:
                cut -= 1
            out.append(data[:cut])
            data = b" " + data[cut:]
        out.append(data)
    return b"\r\n".join(out) + b"\r\n"


def body(sample: Sample) -> bytes:
    """The event with its moved instances."""
    return folded(component(sample)) + b"".join(folded(component(sample, day)) for day in sample.moved)


def write(count: int, folder: Path, seed: int = 20260101) -> dict[str, int]:
    """Write the corpus; what is in it."""
    chance = random.Random(seed * 1_000_003 + count)
    vdir = folder / f"vdir{count}"
    vdir.mkdir(parents=True, exist_ok=True)
    zones = {name: text.replace("\n", "\r\n").encode() for name, text in VTIMEZONES.items()}
    head, tail = HEAD.replace("\n", "\r\n").encode(), b"END:VCALENDAR\r\n"
    facts = {"events": count, "recurring": 0, "all_day": 0, "moved": 0}
    with (folder / f"n{count}.ics").open("wb") as whole:
        whole.write(head + f"X-WR-CALNAME:corpus{count}\r\n".encode() + b"".join(zones.values()))
        for number in range(count):
            sample = make(chance, number)
            data = body(sample)
            whole.write(data)
            zone = b"" if sample.all_day else zones.get(sample.zone, b"")
            (vdir / f"{sample.uid}.ics").write_bytes(head + zone + data + tail)
            facts["recurring"] += bool(sample.rule)
            facts["all_day"] += sample.all_day
            facts["moved"] += len(sample.moved)
        whole.write(tail)
    return facts


def main() -> None:
    """Command line."""
    seed = int(sys.argv[sys.argv.index("--seed") + 1]) if "--seed" in sys.argv else 20260101
    print(json.dumps(write(int(sys.argv[1]), Path(sys.argv[2]), seed)))


if __name__ == "__main__":
    main()
