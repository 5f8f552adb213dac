"""The published page in Chromium: every view without a script, on a phone and on paper, for people and for programs
that read aloud; and a hundred hostile titles of which none does anything."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from core.calendar.event import Attendee, BusyStatus, CalendarObject, Event
from core.calendar.people import Address
from core.calendar.span import DateRange, WorkingHours
from core.language import use_language
from core.sandbox.calendars import calendars_of
from core.sandbox.people import ALICE
from core.services.snapshots import new_uid
from core.sharing.detail import DetailLevel
from core.sharing.snapshot import SnapshotOptions, take_snapshot
from core.sharing.web import WebPageOptions, page_days, web_page
from tests.interop.chromium import Browser, browser
from tests.interop.peers import ROOT

pytestmark = pytest.mark.interop

PARIS = ZoneInfo("Europe/Paris")
TODAY = date(2026, 11, 25)
AXE = ROOT / ".bench" / "peers" / "node_modules" / "axe-core" / "axe.min.js"
VIEWS = ("", "#m202612", "#w20261122", "#a202611", "#d20261127")
WIDE, PHONE = (1280, 900), (390, 844)


def page_of(objects: tuple[CalendarObject, ...], level: DetailLevel, name: str = "Work") -> bytes:
    days = DateRange(TODAY - timedelta(days=30), TODAY + timedelta(days=60))
    snapshot = take_snapshot(
        objects,
        SnapshotOptions(days, level),
        calendar_name=name,
        owner=Address("alice@example.org", "Alice Martin"),
        zone=PARIS,
        hours=WorkingHours(),
        now=datetime(2026, 11, 25, 9, 30, tzinfo=PARIS),
        relation="",
        primary=True,
        new_uid=new_uid,
        shown=page_days(days, TODAY),
    )
    return web_page(snapshot, WebPageOptions("https://dav.example.org/alice.ics", every=timedelta(hours=1)))


class Site:
    """Serves what is put into `pages` and notes every request."""

    def __init__(self) -> None:
        self.pages: dict[str, bytes] = {}
        self.asked: list[str] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append(self.path)
                found = site.pages.get(self.path.partition("?")[0])
                self.send_response(200 if found else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(found or b"")

            def log_message(self, *_arguments: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    found = Site()
    yield found
    found.server.shutdown()
    found.server.server_close()


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("chromium") / "profile") as found:
        yield found


@pytest.fixture(scope="module")
def pages(site: Site) -> Site:
    for language in ("en", "fr"):
        use_language(language)
        objects = calendars_of(ALICE, TODAY, language)[0].objects
        for level in DetailLevel:
            site.pages[f"/{level}-{language}"] = page_of(objects, level)
    use_language("en")
    return site


SHOWN = "[...document.querySelectorAll('main>section')].filter(s => s.offsetParent).map(s => s.id).join()"


def test_the_address_says_which_view_is_shown_and_one_is_shown_at_a_time(tab: Browser, pages: Site) -> None:
    for width, first in ((WIDE, "m202611"), (PHONE, "a202611")):
        tab.look(*width)
        tab.open(f"{pages.url}/limited-en?{width[0]}")
        assert tab.value(SHOWN) == first
        for at, shown in (("#w20261129", "w20261129"), ("#m202612", "m202612"), ("#d20261127", "a202611")):
            tab.value(f"location.hash = '{at}'")
            assert tab.value(SHOWN) == shown


def test_every_view_is_reached_and_left_with_the_keyboard(tab: Browser, pages: Site) -> None:
    tab.look(*WIDE)
    tab.open(f"{pages.url}/limited-en?keys")

    def press(key: str, code: int) -> None:
        for kind in ("keyDown", "keyUp"):
            text = {"text": "\r"} if key == "Enter" and kind == "keyDown" else {}
            tab.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code, **text)

    def to(words: str) -> None:
        for _n in range(200):
            press("Tab", 9)
            if tab.value("(document.activeElement.innerText || '').trim()") == words:
                return
        raise AssertionError(words)

    press("Tab", 9)
    assert tab.value("document.activeElement.innerText") == "Skip to the calendar"
    assert tab.value("document.activeElement.getBoundingClientRect().left >= 0"), "the skip link is seen when focused"
    for words, shown in (("Week", "w20261122"), ("Agenda", "a202611"), ("Month", "m202611")):
        to(words)
        press("Enter", 13)
        assert tab.value(SHOWN) == shown
    assert tab.value("getComputedStyle(document.activeElement).outlineStyle") in ("solid", "none")


@pytest.mark.parametrize("width", [WIDE, PHONE], ids=["wide", "phone"])
def test_nothing_is_wider_than_the_window(tab: Browser, pages: Site, width: tuple[int, int]) -> None:
    tab.look(*width)
    for language in ("en", "fr"):
        for view in VIEWS:
            tab.open(f"{pages.url}/full-{language}?{width[0]}{view.replace('#', '')}{view}")
            assert tab.value("document.documentElement.scrollWidth") <= width[0]


@pytest.mark.slow
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [WIDE, PHONE], ids=["wide", "phone"])
def test_axe_finds_no_barrier(tab: Browser, pages: Site, width: tuple[int, int], dark: bool) -> None:
    if not AXE.exists():
        pytest.skip("axe-core is not installed (`make interop` does it, with npm)")
    program = AXE.read_text()
    tab.look(*width, dark=dark)
    for name in ("availability-fr", "full-en"):
        for view in VIEWS[1:4]:
            tab.open(f"{pages.url}/{name}?{width[0]}{dark}{view.replace('#', '')}{view}")
            tab.value(program + ";0")
            tab.value("document.querySelectorAll('details').forEach(d => d.open = true)")
            assert _barriers(tab) == [], (name, view)
    tab.value("document.documentElement.removeAttribute('lang')")
    assert [one[0] for one in _barriers(tab)] == ["html-has-lang"], "a planted barrier is found"


def _barriers(tab: Browser) -> list[tuple[str, str, str]]:
    found = tab.value("axe.run(document, {resultTypes: ['violations']}).then(r => JSON.stringify(r.violations))")
    return [(one["id"], one["help"], one["nodes"][0]["html"][:200]) for one in json.loads(found)]


def test_opening_the_page_asks_for_nothing_else(tab: Browser, pages: Site) -> None:
    tab.look(*WIDE)
    pages.asked.clear()
    tab.open(f"{pages.url}/full-en?alone")
    assert pages.asked == ["/full-en?alone"]
    assert tab.requests == [f"{pages.url}/full-en?alone"]
    assert tab.console == [], "a policy that was broken would be told here"
    assert tab.value("document.scripts.length + document.images.length + document.forms.length") == 0


def test_no_style_is_refused_by_the_policy(tab: Browser, pages: Site) -> None:
    tab.look(*WIDE)
    tab.open(f"{pages.url}/limited-en?style")
    assert tab.value("document.styleSheets.length") == 1
    assert tab.value("getComputedStyle(document.querySelector('main>section')).borderRadius") != "0px"


def test_overlapping_blocks_stand_side_by_side(tab: Browser, pages: Site) -> None:
    tab.look(*WIDE)
    covering = """(() => {
      let bad = 0, all = 0;
      for (const cell of document.querySelectorAll('#w20261122 .q td')) {
        const boxes = [...cell.querySelectorAll('li')].map(li => li.getBoundingClientRect());
        all += boxes.length;
        boxes.forEach((a, i) => boxes.slice(i + 1).forEach(b => {
          if (a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1) bad++;
        }));
      }
      return [bad, all];
    })()"""
    for level in DetailLevel:
        tab.open(f"{pages.url}/{level}-en?overlap#w20261122")
        bad, blocks = tab.value(covering)
        assert bad == 0
        assert blocks > 10


def test_on_paper_a_month_is_one_sheet_and_has_no_buttons(tab: Browser, pages: Site, tmp_path: Path) -> None:
    tab.look(*WIDE)
    tab.open(f"{pages.url}/limited-en?paper")
    tab.paper(tmp_path / "page.pdf")
    assert len(re.findall(rb"/Type\s*/Page\b", (tmp_path / "page.pdf").read_bytes())) == 1
    if shutil.which("pdftotext"):
        text = subprocess.run(["pdftotext", tmp_path / "page.pdf", "-"], capture_output=True, text=True).stdout
        assert "November 2026" in text
        assert "Europe/Paris" in text
        assert "Agenda" not in text


_PAYLOADS = (
    "<script>window.ran=1</script>",
    "<img src=x onerror=window.ran=1>",
    "<svg onload=window.ran=1>",
    "<svg><script>window.ran=1</script></svg>",
    "<iframe srcdoc='<script>parent.ran=1</script>'>",
    "<style>*{display:none}</style>",
    "<link rel=stylesheet href=//evil.example.net/x.css>",
    "<meta http-equiv=refresh content='0;url=//evil.example.net'>",
    "<base href=//evil.example.net>",
    "<body onload=window.ran=1>",
    "<details open ontoggle=window.ran=1>",
    "<a href=javascript:window.ran=1>x</a>",
    "<form action=//evil.example.net><button>go",
    "<input autofocus onfocus=window.ran=1>",
    "<math><mtext><table><mglyph><style><img src=x onerror=window.ran=1>",
    "<template><script>window.ran=1</script></template>",
    "<object data=//evil.example.net/x>",
    "<video src=//evil.example.net/x onerror=window.ran=1>",
    'https://evil.example.net/"onmouseover=window.ran=1//',
    "{{constructor.constructor('window.ran=1')()}}",
    "javascript:window.ran=1",
    "\u202eevil\u202c &#60;script&#62;window.ran=1&#60;/script&#62;",
    "%3Cscript%3Ewindow.ran=1%3C/script%3E",
    "\x00<scr\x00ipt>window.ran=1</script>",
    "]]><!--<script>window.ran=1</script>",
)
_WRAPPED = ("{}", '">{}', "'>{}", "</b></li></ul></section></main></title></style>{}")
HOSTILE = tuple(wrap.format(payload) if wrap != "{}" else payload for payload in _PAYLOADS for wrap in _WRAPPED)
SHAPE = """[...document.querySelectorAll('*')].map(e => e.tagName + [...e.attributes].map(a => a.name).sort()).join()"""


def _items(titles: tuple[str, ...]) -> tuple[CalendarObject, ...]:
    found = []
    for number, title in enumerate(titles):
        start = datetime(2026, 11, 2, 8, tzinfo=PARIS) + timedelta(hours=7 * number)
        person = Attendee("bruno@example.org", title)
        event = Event(
            f"{number}@example.org", start, start + timedelta(hours=1), title, place=title, description=title,
            categories=(title,), organizer=person, attendees=(person,), status=list(BusyStatus)[number % 5],
        )  # fmt: skip
        found.append(CalendarObject(event.uid, (event,)))
    return tuple(found)


@pytest.mark.parametrize("with_policy", [True, False], ids=["with its policy", "without it"])
def test_a_hundred_hostile_titles_do_nothing(tab: Browser, site: Site, with_policy: bool) -> None:
    """The page has the same elements and attributes as one with harmless titles: the text made none."""
    assert len(HOSTILE) == len(set(HOSTILE)) == 100
    shapes = []
    for name, titles in (("harmless", ("harmless",) * 100), ("hostile", HOSTILE)):
        data = page_of(_items(titles), DetailLevel.FULL, titles[0])
        if not with_policy:
            data = re.sub(rb'<meta http-equiv="Content-Security-Policy"[^>]*>', b"", data)
        site.pages[f"/{name}"] = data
        tab.look(*WIDE)
        for view in VIEWS:
            site.asked.clear()
            tab.open(f"{site.url}/{name}?{with_policy}{view.replace('#', '')}{view}")
            tab.value("document.querySelectorAll('details').forEach(d => d.open = true)")
            tab.value("new Promise(done => setTimeout(done, 50))")
            assert tab.value("window.ran") is None
            assert tab.dialogs == []
            assert [one for one in site.asked if not one.startswith("/favicon")] == [f"/{name}?{with_policy}{view[1:]}"]
            assert all(one.startswith(site.url) for one in tab.requests)
        shapes.append([one for one in tab.value(SHAPE).split(",") if not one.startswith(("BR", "Ahref", "rel"))])
    assert shapes[0] == shapes[1]
    assert tab.value("document.querySelectorAll('a[href^=javascript]').length") == 0
    text = tab.value("document.body.textContent")
    assert text.count("window.ran=1") > 300, "the titles are there as words"
