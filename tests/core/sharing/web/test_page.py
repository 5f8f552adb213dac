"""The web page of a publication: what it shows at which level, what it holds, and that nothing in it is active."""

from __future__ import annotations

import re
from base64 import b64encode
from datetime import date, timedelta
from hashlib import sha256
from html.parser import HTMLParser
from types import SimpleNamespace

import pytest

from core.calendar.event import Attachment, Attendee, BusyStatus, Response, Sensitivity
from core.calendar.span import DateRange, days_from
from core.errors import LeakFound, UsageError
from core.language import use_language
from core.sharing.detail import DetailLevel
from core.sharing.leakcheck import Allowed, LeakCheck
from core.sharing.leakcheck_web import read_web_page
from core.sharing.web import WebPageOptions, by_right, page_days, web_page, webcal_address

AVAILABILITY, LIMITED, FULL = DetailLevel
HOURLY = WebPageOptions("https://dav.example.org/alice.ics", every=timedelta(hours=1))


def page(make: SimpleNamespace, things: list, asked: object = None, options: WebPageOptions = HOURLY, **more) -> str:
    asked = asked or make.options(LIMITED)
    shown = page_days(asked.days, make.now.date())
    return web_page(make.snapshot(things, asked, shown=shown, **more), options).decode()


def section(text: str, name: str) -> str:
    """The section with this id."""
    return re.search(rf'<section id="{name}".*?</section>', text, re.DOTALL)[0]


def words(text: str) -> str:
    found: list[str] = []
    reader = HTMLParser()
    reader.handle_data = found.append
    reader.feed(text)
    return " ".join(" ".join(found).split())


def test_an_item_stands_in_month_week_and_agenda(make: SimpleNamespace) -> None:
    text = page(make, [make.event("Planning", make.at(23, 9), make.at(23, 10.5))])
    assert "9 AM Planning" in words(section(text, "m202611"))
    assert "Planning 9:00 AM – 10:30 AM" in words(section(text, "w20261122"))
    assert "Monday, November 23, 2026 9:00 AM – 10:30 AM Planning Busy" in words(section(text, "a202611"))


def test_availability_shows_times_and_status_words_only(make: SimpleNamespace) -> None:
    thing = make.event("Planning", make.at(23, 9), place="Room 4", description="Budget")
    text = page(make, [thing], make.options(AVAILABILITY))
    assert "9:00 AM – 10:00 AM Busy" in words(section(text, "a202611"))
    assert not re.search("Planning|Room 4|Budget", text)


def test_full_opens_the_details_of_an_item_without_a_script(make: SimpleNamespace) -> None:
    people = (Attendee("bruno@example.org", "Bruno", response=Response.ACCEPTED),)
    thing = make.event(
        "Planning", make.at(23, 9), place="Room 4", description="Budget\nhttps://example.org/a", attendees=people
    )
    text = section(page(make, [thing], make.options(FULL)), "a202611")
    details = words(re.search("<details>.*?</details>", text, re.DOTALL)[0])
    assert "Planning · Room 4 Busy" in details
    assert "People Bruno <bruno@example.org> (accepted)" in details
    assert '<a href="https://example.org/a" rel="nofollow noopener noreferrer">' in text


def test_attachments_are_named_only(make: SimpleNamespace) -> None:
    thing = make.event("Planning", make.at(23, 9), attachments=(Attachment("plan.txt", "text/plain", b"contents"),))
    text = page(make, [thing], make.options(FULL, include_attachments=True))
    assert "Attached plan.txt" in words(text)
    assert "contents" not in text


def test_private_items_leave_no_trace(make: SimpleNamespace) -> None:
    hidden = make.event("Dentist", make.at(23, 9), sensitivity=Sensitivity.PRIVATE)
    for level in DetailLevel:
        shown = [page(make, [one], make.options(level)) for one in (hidden, make.event("", make.at(23, 9)))]
        assert shown[0] == shown[1]


def test_the_policy_allows_the_pages_own_style_and_nothing_else(make: SimpleNamespace) -> None:
    text = page(make, [make.event("Planning", make.at(23, 9))])
    style = re.search("<style>(.*?)</style>", text, re.DOTALL)[1]
    digest = b64encode(sha256(style.encode()).digest()).decode()
    policy = re.search('http-equiv="Content-Security-Policy" content="([^"]*)"', text)[1]
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert not re.search(r' style="|<script|<img|<link|<iframe|url\(|@import| on\w+=', text)


def test_search_engines_and_referrers_learn_nothing(make: SimpleNamespace) -> None:
    text = page(make, [])
    assert '<meta name="robots" content="noindex, nofollow, noarchive">' in text
    assert '<meta name="referrer" content="no-referrer">' in text
    assert "alice@example.org" not in text


def test_the_viewer_is_told_the_zone_and_the_age(make: SimpleNamespace) -> None:
    shown = words(page(make, []))
    assert "Time zone: (UTC+01:00) Europe/Paris" in shown
    assert "This page shows the calendar as it was on Nov 22, 2026 9:00 AM. It is renewed every hour." in shown


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (1, "every minute"),
        (15, "every 15 minutes"),
        (120, "every 2 hours"),
        (1440, "every day"),
        (2880, "every 2 days"),
    ],
)
def test_how_often_it_is_renewed_is_said_in_the_largest_unit(make: SimpleNamespace, minutes: int, said: str) -> None:
    assert f"It is renewed {said}." in words(page(make, [], options=WebPageOptions(every=timedelta(minutes=minutes))))


def test_a_page_that_is_not_renewed_marks_no_day_as_today(make: SimpleNamespace) -> None:
    once = page(
        make, [], make.options(LIMITED, days=DateRange(date(2026, 11, 1), date(2026, 11, 30))), WebPageOptions()
    )
    assert 'aria-current="date"' not in once
    assert "It is not updated by itself." in words(once)
    hourly = page(make, [], make.options(LIMITED, days=DateRange(date(2026, 11, 1), date(2026, 11, 30))))
    assert '<span aria-current="date">22</span>' in hourly


def test_the_expiry_is_said(make: SimpleNamespace) -> None:
    text = page(make, [], options=WebPageOptions(expires=date(2027, 1, 31)))
    assert "It is here until Sunday, January 31, 2027." in words(text)


def test_the_calendar_file_and_its_subscription_are_linked(make: SimpleNamespace) -> None:
    text = page(make, [])
    assert '<a href="webcal://dav.example.org/alice.ics">Subscribe</a>' in text
    assert '<a href="https://dav.example.org/alice.ics">Calendar file (.ics)</a>' in text
    beside = page(make, [], options=WebPageOptions("alice.ics"))
    assert '<a href="alice.ics">' in beside
    assert "webcal:" not in beside


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "file:///etc/passwd", "a b", 'https://x.example.org/"onclick=']
)
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(UsageError):
        WebPageOptions(address)
    with pytest.raises(UsageError):
        WebPageOptions(webcal=address)


def test_webcal_stands_for_http_and_https() -> None:
    assert webcal_address("https://example.org/a.ics") == webcal_address("http://example.org/a.ics")
    assert webcal_address("a.ics") == ""


def test_every_link_inside_the_page_leads_somewhere(make: SimpleNamespace) -> None:
    things = [make.event(f"Item {n}", make.at(20, 9 + 5 * n), place="Room") for n in range(200)]
    for days in (days_from(make.monday, 40), DateRange(), DateRange(date(2026, 1, 1), date(2028, 1, 1))):
        text = page(make, things, make.options(FULL, days=days))
        targets = re.findall(r' id="([^"]+)"', text)
        assert set(re.findall(r'href="#([^"]+)"', text)) <= set(targets)
        assert len(targets) == len(set(targets))


def test_the_page_is_in_the_owners_language(make: SimpleNamespace) -> None:
    use_language("fr")
    text = page(make, [make.event("Réunion", make.at(23, 9))])
    assert '<html lang="fr">' in text
    assert "lundi 23 novembre 2026" in text
    head = re.search("<thead>(.*?)</thead>", section(text, "m202611"), re.DOTALL)[1]
    assert words(head).split()[0] == "lun."


def test_status_is_never_told_by_colour_alone(make: SimpleNamespace) -> None:
    for status in BusyStatus:
        text = page(make, [make.event("Planning", make.at(23, 9), status=status)])
        for name in ("m202611", "w20261122", "a202611"):
            said = words(section(text, name)).lower()
            assert status is BusyStatus.BUSY or status.value.replace("-", " ") in said


def test_a_month_shows_three_items_of_a_full_day_and_how_many_more(make: SimpleNamespace) -> None:
    things = [make.event(f"Item {hour}", make.at(23, hour)) for hour in range(8, 18)]
    said = words(section(page(make, things), "m202611"))
    assert "8 AM Item 8 9 AM Item 9 10 AM Item 10 +7 more" in said


def test_whole_days_and_long_items_stand_above_the_hours(make: SimpleNamespace) -> None:
    things = [
        make.event("Fair", date(2026, 11, 23), date(2026, 11, 25)),
        make.event("Night", make.at(24, 22), make.at(26, 6)),
    ]
    week = section(page(make, things), "w20261122")
    above = re.search('<tr class="y">.*?</tr>', week, re.DOTALL)[0]
    assert [words(cell) for cell in re.findall("<td.*?</td>", above)][1:4] == ["Fair", "Fair", "Night"]
    assert "After 10:00 PM" in words(week)
    assert "Before 6:00 AM" in words(week)


@pytest.mark.parametrize("zone_day", [date(2026, 10, 25), date(2027, 3, 28)])
def test_nights_on_which_the_clocks_change_are_drawn(make: SimpleNamespace, zone_day: date) -> None:
    start = make.at(1, 0).replace(year=zone_day.year, month=zone_day.month, day=zone_day.day)
    thing = make.event("Night", start + timedelta(minutes=30), start + timedelta(hours=5))
    text = page(make, [thing], make.options(LIMITED, days=days_from(zone_day, 1)))
    assert "12:30 AM – 5:00 AM" in words(text)


def test_a_long_calendar_says_which_days_are_shown(make: SimpleNamespace) -> None:
    said = words(page(make, [], make.options(LIMITED, days=DateRange(date(2026, 1, 1), date(2029, 1, 1)))))
    assert (
        "Shown here: Thursday, October 22, 2026 – Thursday, November 25, 2027. The calendar file holds all days."
        in said
    )


def test_a_year_with_a_thousand_items_stays_small(make: SimpleNamespace) -> None:
    things = [make.event(f"Weekly meeting number {n}", make.at(22, 8 + 8 * n)) for n in range(1000)]
    text = page(make, things, make.options(LIMITED, days=days_from(make.monday, 365)))
    assert len(text) < 330_000


def test_programs_that_read_aloud_find_their_way(make: SimpleNamespace) -> None:
    text = page(make, [make.event("Planning", make.at(23, 9), place="Room 4")], make.options(FULL))
    body = text.partition("<body>")[2]
    assert [body.count(f"\n<{name}") for name in ("header>\n", "main ", "footer>")] == [1, 1, 1]
    assert re.findall(r"<h(\d)", text)[0] == "1"
    assert all(f'id="{label}"' in text for label in re.findall('aria-labelledby="([^"]+)"', text))
    for table in re.findall("<table>.*?</table>", text, re.DOTALL):
        assert table.startswith('<table><caption class="h">')
        assert len(re.findall('<th scope="col"', table)) == 7
        assert not re.search("<th(?! scope=|ead)", table)
    assert 'aria-label="Monday, November 23, 2026: 1 item"' in text


def test_an_empty_page_passes_for_a_page(make: SimpleNamespace) -> None:
    assert "There are no items in these days." in words(section(page(make, []), "a202611"))


def check(make: SimpleNamespace, things: list, asked: object) -> LeakCheck:
    shown = page_days(asked.days, make.now.date())
    right = by_right(make.snapshot([], asked, shown=shown), HOURLY)
    window = make.snapshot([], asked).window
    return LeakCheck([make.object(one) for one in things], Allowed(asked.level, make.paris, window, by_right=right))


def test_the_leak_check_passes_a_page_of_each_level(make: SimpleNamespace) -> None:
    thing = make.event("Planning", make.at(23, 9), place="Room 4", description="Budget figures", categories=("Blue",))
    for level in DetailLevel:
        asked = make.options(level)
        check(make, [thing], asked).web_page(page(make, [thing], asked).encode())


def test_the_leak_check_refuses_a_page_of_a_higher_level(make: SimpleNamespace) -> None:
    thing = make.event("Planning", make.at(23, 9), place="Room 4", description="Budget figures", categories=("Blue",))
    for lower, higher in ((AVAILABILITY, LIMITED), (LIMITED, FULL)):
        with pytest.raises(LeakFound):
            check(make, [thing], make.options(lower)).web_page(page(make, [thing], make.options(higher)).encode())


@pytest.mark.parametrize(
    "planted",
    [
        "<script>1</script>", '<img src="x">', "<!-- a -->", '<p onclick="x">', '<p style="color:red">', "<form>",
        '<a href="javascript:x">', '<a href="data:text/html,x">', "<style>@import 'x'</style>", "<svg></svg>",
        '<meta http-equiv="refresh" content="0;url=https://example.org">', "<base href='https://example.org'>",
    ],
)  # fmt: skip
def test_a_page_with_anything_active_is_refused(make: SimpleNamespace, planted: str) -> None:
    text = page(make, [])
    assert not read_web_page(text.encode()).forbidden
    assert read_web_page(text.replace("</main>", planted + "</main>").encode()).forbidden


def test_a_page_without_its_policy_is_refused(make: SimpleNamespace) -> None:
    text = page(make, [])
    assert read_web_page(re.sub('<meta http-equiv="Content.*?>', "", text).encode()).forbidden
    assert read_web_page(text.replace("default-src 'none'", "default-src *").encode()).forbidden
    assert read_web_page(text.replace("</style>", "a{}</style>").encode()).forbidden
