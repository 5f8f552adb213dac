"""The page and the plain text of a snapshot."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from core.calendar.event import Attachment, Attendee, BusyStatus, Response, Sensitivity
from core.calendar.span import DateRange, days_from
from core.language import use_language
from core.sharing.detail import DetailLevel, Layout
from core.sharing.leakcheck_html import read_page
from core.sharing.pages import html, text

AVAILABILITY, LIMITED, FULL = DetailLevel
SCHEDULE, LIST = Layout


def meeting(make: SimpleNamespace, **fields: object) -> object:
    usual = {"place": "Room 4", "description": "Agenda:\n1. Budget\nhttps://example.org/a?b=1&c=2"}
    return make.event("Planning", make.at(23, 9), **(usual | fields))


def words(page: str) -> str:
    """What one reads, of a page or of a text, with single blanks."""
    found = [page]
    if page.startswith("<"):
        reader = HTMLParser()
        found = []
        reader.handle_data = found.append
        reader.feed(page)
    return " ".join(" ".join(found).split())


def test_the_text_of_a_day_at_availability_only(make: SimpleNamespace) -> None:
    shot = make.snapshot([meeting(make)], make.options(days=days_from(make.monday, 1)))
    assert text(shot).split("\n") == [
        "Alice Martin Calendar",
        "Work · alice@example.org",
        "",
        "Monday, November 23, 2026",
        "Time zone: (UTC+01:00) Europe/Paris",
        "Availability only",
        "",
        "Monday, November 23, 2026",
        "-------------------------",
        "  Before 8:00 AM      Free",
        "  8:00 AM – 9:00 AM   Free",
        "  9:00 AM – 10:00 AM  Busy",
        "  10:00 AM – 5:00 PM  Free",
        "  After 5:00 PM       Free",
        "",
        "A copy of the calendar as it was on Nov 22, 2026 9:00 AM. It is not updated by itself.",
        "",
    ]


@pytest.mark.parametrize("write", [html, text])
def test_limited_shows_subjects_with_their_status_and_no_place(make: SimpleNamespace, write: object) -> None:
    shown = words(write(make.snapshot([meeting(make)], make.options(LIMITED))))
    assert "Planning · Busy" in shown
    assert "Room 4" not in shown


@pytest.mark.parametrize("write", [html, text])
def test_full_has_a_section_of_details(make: SimpleNamespace, write: object) -> None:
    people = (Attendee("bruno@example.org", "Bruno", response=Response.ACCEPTED),)
    thing = meeting(make, attendees=people, attachments=(Attachment("plan.txt", "text/plain", b"x"),))
    shown = words(write(make.snapshot([thing], make.options(FULL, include_attachments=True))))
    details = shown.split("Details")[-1]
    assert re.search(r"Where:? Room 4", details)
    assert re.search(r"People:? Bruno <bruno@example.org> \(accepted\)", details)
    assert re.search(r"Attached:? plan.txt", details)
    assert "Agenda: 1. Budget" in details


def test_notes_that_exist_as_html_only_are_shown_as_text(make: SimpleNamespace) -> None:
    thing = meeting(make, description="", html="<p>First &amp; <b>best</b></p><p>Second</p>")
    assert "    First & best\n    Second\n" in text(make.snapshot([thing], make.options(FULL)))


def test_every_link_inside_the_page_leads_somewhere(make: SimpleNamespace) -> None:
    for layout in Layout:
        for days in (days_from(make.monday, 40), DateRange()):
            page = html(make.snapshot([meeting(make)], make.options(FULL, layout=layout, days=days)))
            targets = set(re.findall(r'id="([^"]+)"', page))
            assert set(re.findall(r'href="#([^"]+)"', page)) <= targets


def test_each_day_of_the_range_has_a_section_in_a_schedule(make: SimpleNamespace) -> None:
    page = html(make.snapshot([]))
    assert [f'id="d202611{day}"' in page for day in range(23, 30)] == [True] * 7


def test_a_list_has_the_days_with_items_only(make: SimpleNamespace) -> None:
    page = html(make.snapshot([meeting(make)], make.options(LIMITED, layout=LIST)))
    assert re.findall(r'id="d(\d+)"', page) == ["20261123"]
    assert "Free" not in words(page)


def test_an_empty_list_says_so(make: SimpleNamespace) -> None:
    assert "There are no items in these days." in words(html(make.snapshot([], make.options(layout=LIST))))


@pytest.mark.parametrize(("language", "first"), [("en", "Su"), ("fr", "lu")])
def test_the_mini_months_begin_with_the_languages_first_day(make: SimpleNamespace, language: str, first: str) -> None:
    use_language(language)
    heads = re.findall(r'scope="col"[^>]*>([^<]+)<', html(make.snapshot([])))
    assert (heads[0], len(heads)) == (first, 7)


def test_the_page_names_its_language(make: SimpleNamespace) -> None:
    use_language("fr")
    assert '<html lang="fr">' in html(make.snapshot([]))


def test_status_is_never_told_by_colour_alone(make: SimpleNamespace) -> None:
    for status in BusyStatus:
        page = html(make.snapshot([meeting(make, status=status)], make.options(LIMITED)))
        row = re.search(r"<tr><th[^>]*>9:00 AM – 10:00 AM.*?</tr>", page, re.DOTALL)
        assert row
        assert status.value.replace("-", " ") in words(row[0]).lower()


def test_days_off_are_marked(make: SimpleNamespace) -> None:
    assert "Saturday, November 28, 2026 · not a working day" in words(html(make.snapshot([])))


@pytest.mark.parametrize(
    ("zone", "line"),
    [
        ("Asia/Kolkata", "Time zone: (UTC+05:30) Asia/Kolkata"),
        ("America/New_York", "Time zone: (UTC-05:00) America/New York"),
        ("UTC", "Time zone: (UTC+00:00) UTC"),
    ],
)
def test_the_zone_line_says_offset_and_name(make: SimpleNamespace, zone: str, line: str) -> None:
    assert line in text(make.snapshot([], zone=ZoneInfo(zone))).split("\n")


def test_daylight_saving_time_is_said_as_outlook_says_it(make: SimpleNamespace) -> None:
    from datetime import date

    shot = make.snapshot([], make.options(days=days_from(date(2026, 7, 1), 1)))
    assert "Time zone: (UTC+01:00) Europe/Paris (Adjusted for Daylight Saving Time)" in text(shot)


def test_times_are_in_the_chosen_zone(make: SimpleNamespace) -> None:
    shot = make.snapshot([meeting(make)], zone=ZoneInfo("America/New_York"))
    assert "3:00 AM – 4:00 AM" in text(shot)


def test_a_whole_calendar_says_what_it_shows_and_how_far_it_goes(make: SimpleNamespace) -> None:
    shot = make.snapshot([meeting(make, rrule="FREQ=DAILY")], make.options(days=DateRange()))
    assert "Shown here: Sunday, November 22, 2026 – Monday, December 21, 2026." in text(shot)
    assert "Repeating items are written out up to Wednesday, November 22, 2028." in text(shot)


HOSTILE = '"><img src=x onerror=alert(1)><script>alert(1)</script>&lt;{name} %s [/b]'


def test_nothing_in_an_item_becomes_markup(make: SimpleNamespace) -> None:
    person = Attendee("x@example.org", HOSTILE)
    thing = make.event(
        HOSTILE, place=HOSTILE, description=HOSTILE, categories=(HOSTILE,), organizer=person, attendees=(person,)
    )
    page = html(make.snapshot([thing], make.options(FULL), calendar_name=HOSTILE), HOSTILE)
    assert not read_page(page).forbidden
    assert words(page).count("<script>alert(1)</script>&lt;{name} %s [/b]") >= 7


def test_the_page_fetches_nothing(make: SimpleNamespace) -> None:
    notes = '<img src="https://t.example.org/x.gif"><link href="https://t.example.org/x.css">'
    page = html(make.snapshot([meeting(make, html=notes, description="")], make.options(FULL)))
    assert not re.search(r"src=|url\(|<link|<script|<img|@import", page)


def test_the_senders_words_come_first(make: SimpleNamespace) -> None:
    message = "Hello Bruno,\n\nsee <below>."
    shot = make.snapshot([])
    assert text(shot, message).startswith(message + "\n")
    assert words(html(shot, message)).startswith("Alice Martin Calendar Hello Bruno, see <below>.")


def test_private_items_leave_no_trace_in_the_bodies(make: SimpleNamespace) -> None:
    hidden = meeting(make, sensitivity=Sensitivity.PRIVATE)
    for level in DetailLevel:
        shown = [make.snapshot([one], make.options(level)) for one in (hidden, make.event("", make.at(23, 9)))]
        assert html(shown[0]) == html(shown[1])
        assert text(shown[0]) == text(shown[1])
