"""Random calendars with a canary in every text, shared at every level: no canary outside the allow-list in any output.

The judge is in this file: it knows of each canary in which field of which component it stands, and says by itself
whether the level shows it. Both redaction and the leak check are held to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email import message_from_bytes
from html import unescape
from types import SimpleNamespace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.calendar.event import (
    Alarm,
    Attachment,
    Attendee,
    BusyStatus,
    CalendarObject,
    Event,
    EventState,
    Sensitivity,
)
from core.calendar.span import DateRange
from core.ical.shared import SharedHeader, encode_shared
from core.sharing import pages
from core.sharing.detail import DetailLevel, Layout
from core.sharing.message import Letter, write
from core.sharing.message_check import verify
from core.sharing.snapshot import Snapshot, SnapshotOptions
from tests.soak import scaled, soak

EXAMPLES = scaled(300, 20_000)
CANARY = re.compile(r"canary\d{4}z")
NOISE = st.sampled_from(
    ("", " ", "\n", "\r\nX-A:1", ";", ",", '"', "\\n", "<b>", "&amp;", "é", "\u2028", "\x00", "=?utf-8?q?a?=", "%41")
)
ALL_FIELDS = ("title", "place", "notes", "html", "category", "url", "person", "file")


@dataclass(slots=True)
class Cage:
    """Hands out canaries and remembers where each one sits."""

    birds: dict[str, tuple[str, int]] = field(default_factory=dict)
    """Canary: the field and the number of the component."""

    def new(self, where: str, component: int) -> str:
        bird = f"canary{len(self.birds):04}z"
        self.birds[bird] = (where, component)
        return bird


@dataclass(slots=True)
class Zoo:
    objects: list[CalendarObject]
    cage: Cage
    open_components: set[int]
    """Components of which more than a block may be seen without the option for private items."""
    live_components: set[int]
    """Those that are not cancelled."""


def texts(draw: st.DrawFn, cage: Cage, where: str, number: int) -> str:
    return f"{draw(NOISE)} {cage.new(where, number)} {draw(NOISE)}"


def component(draw: st.DrawFn, cage: Cage, number: int, uid: str, start: datetime) -> Event:
    def bird(where: str) -> str:
        return cage.new(where, number)

    length = draw(st.sampled_from((timedelta(), timedelta(minutes=45), timedelta(hours=20), timedelta(days=3))))
    whole = draw(st.integers(0, 5)) == 0
    return Event(
        uid=uid,
        start=start.date() if whole else start,
        end=(start + max(length, timedelta(days=1))).date() if whole else start + length,
        title=draw(st.sampled_from((texts(draw, cage, "title", number), "Busy", "Monday"))),
        place=texts(draw, cage, "place", number),
        description=texts(draw, cage, "notes", number) + "\n" + bird("notes"),
        html=f'<p class="{bird("never")}">{bird("html")}<img src="//{bird("never")}/"><!-- {bird("never")} --></p>',
        status=draw(st.sampled_from(BusyStatus)),
        sensitivity=draw(st.sampled_from((None, None, *Sensitivity))),
        state=draw(st.sampled_from((EventState.CONFIRMED, EventState.CONFIRMED, *EventState))),
        organizer=Attendee(f"{bird('person')}@example.org", texts(draw, cage, "person", number)),
        attendees=(Attendee(f"{bird('person')}@example.net", bird("person")), Attendee(f"urn:uuid:{bird('never')}")),
        categories=(texts(draw, cage, "category", number),),
        attachments=(
            Attachment(f"/home/{bird('never')}/{bird('file')}.txt", "text/plain", bird("file").encode()),
            Attachment("", url=f"https://example.org/{bird('file')}"),
            Attachment("", url=f"file:///{bird('never')}"),
        ),
        alarms=(Alarm(timedelta(), description=bird("never"), extra=(f"X-A;X-B={bird('never')}:{bird('never')}",)),),
        url=draw(st.sampled_from((f"https://example.org/{bird('url')}", f"file:///{bird('never')}"))),
        extra=(f"X-UNKNOWN;X-P={bird('never')}:{bird('never')}", f'GEO;X-Q="{bird("never")}":1.5;2.5'),
        sequence=draw(st.integers(0, 3)),
    )


@st.composite
def zoos(draw: st.DrawFn, zone: object) -> Zoo:
    cage, objects, opened, live, number = Cage(), [], set(), set(), 0
    for _n in range(draw(st.integers(1, 2))):
        uid = cage.new("never", -1) + "@example.org"
        start = datetime(2026, 11, draw(st.integers(20, 28)), draw(st.integers(0, 23)), tzinfo=zone)
        master = component(draw, cage, number, uid, start)
        rule = draw(
            st.sampled_from(
                ("", "FREQ=DAILY;COUNT=5", "FREQ=WEEKLY", f"FREQ=DAILY;X-R={cage.new('never', -1)}".upper())
            )
        )
        events = [replace(master, rrule=rule)]
        for shift in draw(st.lists(st.integers(0, 4), max_size=2 if rule else 0, unique=True)):
            number += 1
            moved = start + timedelta(days=shift, hours=draw(st.sampled_from((0, 0, 5, -30, 400))))
            override = component(draw, cage, number, uid, moved)
            where = master.start + timedelta(days=shift)
            forever = draw(st.integers(0, 7)) == 0
            events.append(replace(override, recurrence_id=where, this_and_future=forever))
        for at, event in enumerate(events):
            sensitivity = event.sensitivity or master.sensitivity
            place = number - len(events) + 1 + at
            opened |= set() if sensitivity and sensitivity.hides else {place}
            live |= set() if event.cancelled else {place}
        objects.append(CalendarObject(uid, tuple(events)))
        number += 1
    return Zoo(objects, cage, opened, live)


def shown_fields(asked: SnapshotOptions) -> set[str]:
    match asked.level:
        case DetailLevel.AVAILABILITY:
            return set()
        case DetailLevel.LIMITED:
            return {"title"}
        case DetailLevel.FULL:
            return set(ALL_FIELDS) - (set() if asked.include_attachments else {"file"})


def allowed(zoo: Zoo, asked: SnapshotOptions) -> set[str]:
    fields = shown_fields(asked)
    components = zoo.live_components & (zoo.live_components if asked.include_private else zoo.open_components)
    return {bird for bird, (where, number) in zoo.cage.birds.items() if where in fields and number in components}


def birds_in(data: bytes) -> set[str]:
    """Canaries in any decoded form of the finished message."""
    message = message_from_bytes(data)
    parts = [part.get_payload(decode=True) or b"" for part in message.walk() if not part.is_multipart()]
    found = [data.decode("utf-8", "replace"), *(part.decode("utf-8", "replace") for part in parts)]
    folded = [re.sub(r"\r\n[ \t]", "", text) for text in found]
    inline = [run for text in folded for run in re.findall(r"BASE64[^:]*:([A-Za-z0-9+/=]+)", text)]
    from base64 import b64decode

    inner = [b64decode(run).decode("utf-8", "replace") for run in inline]
    return {bird.lower() for text in (*folded, *inner) for bird in CANARY.findall(unescape(text).lower())}


def message(make: SimpleNamespace, shot: Snapshot) -> Letter:
    clip = (shot.window.start, shot.window.end) if shot.window else (None, None)
    head = SharedHeader("Work", shot.relation, shot.owner, True, shot.zone, "en", shot.now, *clip, shot.hours)
    return Letter(
        sender=make.alice,
        to=(replace(make.alice, address="bruno@example.org", name="Bruno"),),
        cc=(),
        subject="Alice Martin Calendar",
        text=pages.text(shot),
        html=pages.html(shot),
        ics=encode_shared(head, shot.events),
        filename="Alice Martin Calendar.ics",
        date=make.now,
        token="0123456789abcdef",
    )


@st.composite
def choices(draw: st.DrawFn, make: SimpleNamespace) -> SnapshotOptions:
    level = draw(st.sampled_from(DetailLevel))
    return make.options(
        level,
        days=draw(st.sampled_from((make.options().days, make.options().days, DateRange()))),
        layout=draw(st.sampled_from(Layout)),
        working_hours_only=draw(st.booleans()),
        include_private=level is not DetailLevel.AVAILABILITY and draw(st.booleans()),
        include_attachments=level is DetailLevel.FULL and draw(st.booleans()),
    )


def outputs(make: SimpleNamespace, data: st.DataObject) -> Iterator[tuple[Zoo, SnapshotOptions, Letter]]:
    zoo = data.draw(zoos(make.paris))
    asked = data.draw(choices(make))
    yield zoo, asked, message(make, make.snapshot(zoo.objects, asked))


@soak("nothing leaks: no canary outside the allow-list", EXAMPLES)
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_canary_is_anywhere_in_the_message_that_the_level_does_not_show(
    make: SimpleNamespace, data: st.DataObject
) -> None:
    for zoo, asked, letter in outputs(make, data):
        found = birds_in(write(letter))
        assert {(bird, zoo.cage.birds[bird]) for bird in found - allowed(zoo, asked)} == set()


@soak("nothing leaks: no false refusal", EXAMPLES)
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_what_redaction_writes_passes_the_leak_check_and_reads_back_as_asked(
    make: SimpleNamespace, data: st.DataObject
) -> None:
    own = {"addresses": ("bruno@example.org", "Bruno", "alice@example.org", "Alice Martin")}
    for zoo, asked, letter in outputs(make, data):
        written = write(letter)
        verify(written, letter)
        make.check(zoo.objects, asked).message(written, own=own)


@soak("nothing leaks: planted canaries found", EXAMPLES // 3)
@settings(max_examples=EXAMPLES // 3, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_canary_added_to_the_text_is_found_exactly_where_it_is_not_shown(
    make: SimpleNamespace, data: st.DataObject
) -> None:
    from core.errors import LeakFound

    for zoo, asked, letter in outputs(make, data):
        bird = data.draw(st.sampled_from(sorted(zoo.cage.birds)))
        where, number = zoo.cage.birds[bird]
        written = any(bird in repr(one).lower() for one in zoo.objects)
        if not written or bird in allowed(zoo, asked) or where == "file":
            continue
        try:
            make.check(zoo.objects, asked).text(letter.text + f" {bird} ")
        except LeakFound:
            continue
        raise AssertionError(f"{bird} of {where} in component {number} was not found")


def test_every_field_of_the_zoo_is_shown_somewhere(make: SimpleNamespace) -> None:
    """The judge is no fool: at Full with everything on, each kind of canary that may be shown is found."""
    cage = Cage()

    event = Event(
        "uid",
        make.at(23, 9),
        make.at(23, 10),
        title=cage.new("title", 0),
        place=cage.new("place", 0),
        description=cage.new("notes", 0),
        html=f"<p>{cage.new('html', 0)}</p>",
        categories=(cage.new("category", 0),),
        url=f"https://example.org/{cage.new('url', 0)}",
        organizer=Attendee(f"{cage.new('person', 0)}@example.org"),
        attachments=(Attachment("x", content=cage.new("file", 0).encode()),),
    )
    asked = make.options(DetailLevel.FULL, include_attachments=True)
    found = birds_in(write(message(make, make.snapshot([event], asked))))
    assert {cage.birds[bird][0] for bird in found} == set(ALL_FIELDS)
