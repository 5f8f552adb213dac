"""The leak check refuses what the level does not show, wherever it hides, and lets pass what is shown."""

from __future__ import annotations

import ast
import logging
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

import core.sharing.redaction as redaction
from core.calendar.event import (
    Alarm,
    Attachment,
    Attendee,
    CalendarObject,
    Event,
    EventState,
    Occurrence,
    Sensitivity,
    SharedEvent,
)
from core.calendar.span import DateRange
from core.errors import LeakFound
from core.ical.shared import SharedHeader, encode_shared
from core.language import use_language
from core.sharing import pages
from core.sharing.detail import DetailLevel
from core.sharing.leakcheck import LeakCheck
from core.sharing.message import Letter, write
from core.sharing.snapshot import Snapshot, SnapshotOptions

AVAILABILITY, LIMITED, FULL = DetailLevel
SECRET = "Operation Nightingale"
FIELDS = {
    "title": SECRET,
    "place": "Basement of the archive",
    "description": "Codeword pomegranate",
    "html": "<p>Codeword <b>pomegranate</b></p>",
    "categories": ("Clandestine",),
    "url": "https://dossier.example.org/4711",
    "organizer": Attendee("zacharias@example.net", "Zacharias"),
    "attendees": (Attendee("wilhelmina@example.net", "Wilhelmina"),),
    "attachments": (Attachment("dossier.pdf", "application/pdf", b"%PDF dossier contents here"),),
}
INNER = {
    "alarms": (Alarm(timedelta(), description="Burn after reading"),),
    "extra": ('X-ROUTE;X-VIA="Lisbon harbour":Smuggler tunnel',),
    "uid": "nightingale-7f3a@example.net",
    "sequence": 7,
    "created": datetime(2026, 1, 2, tzinfo=UTC),
}


def secret_event(make: SimpleNamespace, **changes: object) -> Event:
    return make.event(start=make.at(23, 9), **(FIELDS | INNER | changes))


def ics(shot: Snapshot) -> bytes:
    window = shot.window
    clip = (window.start, window.end) if window else (None, None)
    head = SharedHeader("Work", shot.relation, shot.owner, True, shot.zone, "en", shot.now, *clip, shot.hours)
    return encode_shared(head, shot.events)


def letter(make: SimpleNamespace, shot: Snapshot, **fields: object) -> Letter:
    usual = {
        "sender": make.alice,
        "to": (replace(make.alice, address="bruno@example.org", name="Bruno"),),
        "cc": (),
        "subject": "Alice Martin Calendar",
        "text": pages.text(shot),
        "html": pages.html(shot),
        "ics": ics(shot),
        "filename": "Alice Martin Calendar.ics",
        "date": make.now,
        "token": "0123456789abcdef",
    }
    return Letter(**(usual | fields))


OWN = {"addresses": ("bruno@example.org", "Bruno", "alice@example.org", "Alice Martin")}


def everything(make: SimpleNamespace, things: list[Event | CalendarObject], asked: SnapshotOptions) -> LeakCheck:
    """Take the snapshot and put every output through the check."""
    shot = make.snapshot(things, asked)
    check: LeakCheck = make.check(things, asked)
    check.calendar(ics(shot))
    check.page(pages.html(shot))
    check.text(pages.text(shot))
    check.message(write(letter(make, shot)), own=OWN)
    return check


def choices(make: SimpleNamespace) -> list[SnapshotOptions]:
    wide = {"include_private": True}
    return [
        *(make.options(level, layout=layout) for level in make.levels for layout in make.layouts),
        *(make.options(level, days=DateRange()) for level in make.levels),
        make.options(LIMITED, **wide),
        make.options(FULL, include_attachments=True, **wide),
        make.options(AVAILABILITY, working_hours_only=True),
    ]


# What is shown passes


def test_what_redaction_lets_through_passes(make: SimpleNamespace) -> None:
    for asked in choices(make):
        everything(make, [secret_event(make), secret_event(make, uid="b", sensitivity=Sensitivity.PRIVATE)], asked)


@pytest.mark.parametrize(
    "title",
    [
        "Busy",
        "Free",
        "All day",
        "Monday",
        "November",
        "Details",
        "Work",
        "Alice Martin",
        "9",
        "10:00 AM",
        "Where",
        "x",
        "",
    ],
)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_title_that_the_page_says_anyway_is_no_leak(make: SimpleNamespace, title: str, language: str) -> None:
    use_language(language)
    for asked in choices(make):
        everything(make, [make.event(title, place=title, description=title)], asked)


def test_a_private_item_with_the_title_of_an_open_one_is_no_leak(make: SimpleNamespace) -> None:
    things = [make.event("Budget meeting", uid="a"), make.event("Budget", uid="b", sensitivity=Sensitivity.PRIVATE)]
    everything(make, things, make.options(LIMITED))


def test_a_place_that_stands_in_a_subject_is_no_leak(make: SimpleNamespace) -> None:
    everything(make, [make.event("Meeting in Room Picasso", place="Room Picasso")], make.options(LIMITED))


# What is planted is found


def plants(make: SimpleNamespace) -> dict[str, Callable[[Snapshot], bytes]]:
    """One leak in each place of a message."""
    encoded = b64encode(SECRET.encode()).decode()
    spread = "".join(f"&#{ord(c)};" for c in SECRET)

    def with_ics(old: bytes, new: str) -> Callable[[Snapshot], bytes]:
        return lambda shot: write(letter(make, shot, ics=ics(shot).replace(old, new.encode(), 1)))

    def with_field(name: str, change: Callable[[Letter], object]) -> Callable[[Snapshot], bytes]:
        def built(shot: Snapshot) -> bytes:
            usual = letter(make, shot)
            return write(replace(usual, **{name: change(usual)}))

        return built

    def with_bytes(old: bytes, new: str) -> Callable[[Snapshot], bytes]:
        return lambda shot: write(letter(make, shot)).replace(old, new.encode(), 1)

    return {
        "subject": with_field("subject", lambda m: f"Calendar: {SECRET}"),
        "subject, encoded": with_field("subject", lambda m: f"Calendar é: {SECRET}"),
        "other header": with_bytes(b"MIME-Version", f"X-Note: {SECRET}\r\nMIME-Version"),
        "name of a recipient": with_field("to", lambda m: (replace(m.to[0], name=SECRET),)),
        "text": with_field("text", lambda m: m.text + SECRET),
        "text, other case and blanks": with_field("text", lambda m: m.text + SECRET.upper().replace(" ", "\u00a0 ")),
        "text, in base64": with_field("text", lambda m: m.text + encoded),
        "text, with invisible characters": with_field("text", lambda m: m.text + "\u200b".join(SECRET)),
        "text, percent-encoded": with_field("text", lambda m: m.text + SECRET.replace(" ", "%20")),
        "page": with_field("html", lambda m: m.html.replace("</body>", f"<p>{SECRET}</p></body>")),
        "page, as entities": with_field("html", lambda m: m.html.replace("</body>", f"<p>{spread}</p></body>")),
        "page, in an attribute": with_field(
            "html", lambda m: m.html.replace("<table", f'<table aria-label="{SECRET}"')
        ),
        "page, in a comment": with_field("html", lambda m: m.html.replace("</body>", f"<!-- {SECRET} --></body>")),
        "page, in its title": with_field("html", lambda m: m.html.replace("<title>", f"<title>{SECRET}")),
        "file name": with_field("filename", lambda m: f"{SECRET}.ics"),
        "file name, not ASCII": with_field("filename", lambda m: f"é {SECRET}.ics"),
        "calendar, text property": with_ics(b"X-WR-CALNAME:Work", f"X-WR-CALNAME:{SECRET}"),
        "calendar, title": with_ics(b"LANGUAGE=en:Busy", f"LANGUAGE=en:{SECRET}"),
        "calendar, unknown property": with_ics(b"TRANSP:OPAQUE\r\n", f"TRANSP:OPAQUE\r\nX-A:{encoded}\r\n"),
        "calendar, parameter": with_ics(b"SUMMARY;LANGUAGE=en", f'SUMMARY;LANGUAGE=en;X-A="{SECRET}"'),
        "calendar, known parameter": with_ics(b'CN="Alice Martin"', f'CN="{SECRET}"'),
        "calendar, folded": with_ics(b"X-WR-CALNAME:Work", f"X-WR-CALNAME:{SECRET[:15]}\r\n {SECRET[15:]}"),
        "calendar, reminder": with_ics(b"END:VEVENT", "BEGIN:VALARM\r\nACTION:DISPLAY\r\nEND:VALARM\r\nEND:VEVENT"),
        "calendar, UID": with_ics(b"UID:", "UID:nightingale-7f3a@example.net\r\nX:"),
        "calendar, product": with_ics(b"PRODID:-//Partagenda", f"PRODID:-//{SECRET}"),
        "calendar, time zone": with_ics(b"TZID:Europe/Paris", f"TZID:{SECRET}"),
        "between the parts": with_bytes(
            b"\r\n\r\n--=_0123456789abcdef_m\r\n", f"\r\n\r\n{SECRET}\r\n--=_0123456789abcdef_m\r\n"
        ),
        "another part": with_bytes(
            b"--=_0123456789abcdef_m--",
            "--=_0123456789abcdef_m\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"
            + encoded
            + "\r\n--=_0123456789abcdef_m--",
        ),
    }


@pytest.mark.parametrize("place", list(plants(SimpleNamespace())))
def test_a_planted_leak_is_found(make: SimpleNamespace, place: str) -> None:
    asked = make.options()
    things = [secret_event(make)]
    shot = make.snapshot(things, asked)
    check = make.check(things, asked)
    check.message(write(letter(make, shot)), own=OWN)
    with pytest.raises(LeakFound):
        check.message(plants(make)[place](shot), own=OWN)


@pytest.mark.parametrize("field", [*FIELDS, "alarms", "extra", "uid"])
def test_every_field_is_recognised_in_a_text(make: SimpleNamespace, field: str) -> None:
    said = {
        "html": "codeword pomegranate",
        "categories": "clandestine",
        "organizer": "Zacharias",
        "attendees": "wilhelmina@example.net",
        "attachments": "dossier.pdf",
        "alarms": "burn after reading",
        "extra": "lisbon harbour",
    }
    text = said.get(field) or str((FIELDS | INNER)[field])
    with pytest.raises(LeakFound):
        make.check([secret_event(make)], make.options()).text(f"… {text} …")


def test_the_contents_of_a_file_are_recognised_in_base64(make: SimpleNamespace) -> None:
    content = bytes(range(40, 140))
    things = [make.event("x", attachments=(Attachment("x", content=content),))]
    with pytest.raises(LeakFound, match="attachment"):
        make.check(things, make.options(FULL)).text(f"see {b64encode(content).decode()}")


def test_a_part_of_a_long_text_is_recognised(make: SimpleNamespace) -> None:
    notes = "the quick brown fox jumps over the lazy dog while nobody in the whole village looks out"
    check = make.check([make.event("x", description=notes)], make.options(LIMITED))
    with pytest.raises(LeakFound):
        check.text("… jumps over the lazy dog while nobody in the whole …")


def test_the_refusal_says_what_and_where_and_not_the_secret(
    make: SimpleNamespace, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(LeakFound) as caught:
        make.check([secret_event(make)], make.options()).text(f"x {SECRET}")
    assert "the title of an item" in caught.value.message
    assert "the text of the message" in caught.value.message
    assert SECRET.lower() not in (caught.value.message + caught.value.hint + caplog.text).lower()


def test_the_senders_own_words_are_theirs_but_they_are_told(make: SimpleNamespace) -> None:
    asked, things = make.options(), [secret_event(make)]
    shot = make.snapshot(things, asked)
    words = f"About {SECRET}"
    mail = letter(make, shot, subject=words, text=pages.text(shot, words), html=pages.html(shot, words))
    check = make.check(things, asked)
    check.message(write(mail), own=OWN | {"subject": (words,), "message": (words,)})
    assert check.mentions(words)


def test_own_words_do_not_cover_a_leak_further_down(make: SimpleNamespace) -> None:
    asked, things = make.options(), [secret_event(make)]
    shot = make.snapshot(things, asked)
    mail = letter(make, shot, text=pages.text(shot, SECRET) + SECRET, html=pages.html(shot, SECRET))
    with pytest.raises(LeakFound):
        make.check(things, asked).message(write(mail), own=OWN | {"message": (SECRET,)})


# Redaction made weaker on purpose, field by field

HIDDEN = {
    AVAILABILITY: [*FIELDS, "uid", "sequence"],
    LIMITED: [*(name for name in FIELDS if name != "title"), "uid", "sequence"],
    FULL: ["attachments", "uid"],
}


@pytest.mark.parametrize(("level", "field"), [(level, name) for level, names in HIDDEN.items() for name in names])
def test_a_weaker_redaction_is_noticed(
    make: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, level: DetailLevel, field: str
) -> None:
    whole = redaction._instance

    def weak(occurrence: Occurrence, terms: redaction.Terms) -> list[SharedEvent]:
        return [replace(one, **{field: getattr(occurrence.event, field)}) for one in whole(occurrence, terms)]

    things, asked = [secret_event(make)], make.options(level)
    monkeypatch.setattr(redaction, "_instance", weak)
    with pytest.raises(LeakFound):
        make.check(things, asked).calendar(ics(make.snapshot(things, asked)))


@pytest.mark.parametrize("field", list(FIELDS))
def test_a_weaker_redaction_of_private_items_is_noticed_at_full(
    make: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, field: str
) -> None:
    whole = redaction._instance

    def weak(occurrence: Occurrence, terms: redaction.Terms) -> list[SharedEvent]:
        return [replace(one, **{field: getattr(occurrence.event, field)}) for one in whole(occurrence, terms)]

    things = [secret_event(make, sensitivity=Sensitivity.PRIVATE)]
    monkeypatch.setattr(redaction, "_instance", weak)
    with pytest.raises(LeakFound):
        make.check(things, make.options(FULL)).calendar(ics(make.snapshot(things, make.options(FULL))))


@pytest.mark.parametrize(
    "change",
    [
        {"private": True},
        {"rrule": "FREQ=DAILY"},
        {"recurrence_id": datetime(2026, 11, 23, 8, tzinfo=UTC)},
        {"exdates": (datetime(2026, 11, 23, 8, tzinfo=UTC),)},
        {"state": EventState.TENTATIVE},
        {"importance": 2},
        {"start": datetime(2026, 11, 20, 8, tzinfo=UTC)},
        {"end": datetime(2026, 12, 20, 8, tzinfo=UTC)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_marks_times_and_rules_that_do_not_belong_there_are_noticed(
    make: SimpleNamespace, change: dict[str, object]
) -> None:
    things, asked = [secret_event(make)], make.options()
    shot = make.snapshot(things, asked)
    odd = replace(shot, events=tuple(replace(one, **change) for one in shot.events))
    with pytest.raises(LeakFound):
        make.check(things, asked).calendar(ics(odd))


def test_a_page_that_fetches_is_refused(make: SimpleNamespace) -> None:
    page = pages.html(make.snapshot([]))
    check = make.check([], make.options())
    for planted in ('<img src="x">', '<p style="background:url(x)">', "<script></script>", '<a href="file:///x">x</a>'):
        with pytest.raises(LeakFound):
            check.page(page.replace("</body>", f"{planted}</body>"))


def test_notes_that_fetch_are_refused(make: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction, "clean_html", lambda html: html)
    things = [make.event("x", html='<p>hello <img src="https://t.example.org/x.gif"></p>')]
    with pytest.raises(LeakFound):
        make.check(things, make.options(FULL)).calendar(ics(make.snapshot(things, make.options(FULL))))


def test_the_check_knows_nothing_of_redaction() -> None:
    folder = Path(redaction.__file__).parent
    for name in ("leakcheck", "leakcheck_ics", "leakcheck_html", "leakcheck_web", "canaries"):
        tree = ast.parse((folder / f"{name}.py").read_text())
        used = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        own = {one for one in used if one.startswith(("core.sharing", "core.ical"))}
        allowed = {
            "leakcheck",
            "leakcheck_ics",
            "leakcheck_html",
            "leakcheck_web",
            "canaries",
            "detail",
            "entities",
            "message_check",
        }
        assert own <= {f"core.sharing.{one}" for one in allowed}
