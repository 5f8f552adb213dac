"""DavMail (Debian's davmail-server) on the sandbox's Exchange: CalDAV, SMTP and IMAP through a gateway by others."""

from __future__ import annotations

import imaplib
import re
import shutil
import smtplib
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from html import unescape
from pathlib import Path

import httpx
import pytest

from core.calendar.event import BusyStatus, CalendarObject
from core.calendar.span import TimeSpan
from core.ical.decode import decode
from core.sandbox.people import ALICE, BRUNO
from tests.interop.exchange_peers import Office, expected, monday, occurrences, office, week
from tests.interop.peers import PARIS
from tests.ports import free_port

pytestmark = [
    pytest.mark.interop,
    pytest.mark.slow,
    pytest.mark.skipif(
        not shutil.which("davmail-server"), reason="davmail-server is not installed (make interop does)"
    ),
]

HOME = f"/users/{ALICE.address}"
CALENDAR = f"{HOME}/calendar/"
PROPERTIES = (
    '<D:propfind xmlns:D="DAV:" xmlns:C="http://calendarserver.org/ns/"><D:prop><D:displayname/><D:resourcetype/>'
    "<C:getctag/></D:prop></D:propfind>"
)
DID: list[str] = []


@dataclass
class DavMail:
    """A running DavMail, and a CalDAV client that is nothing but HTTP."""

    office: Office
    caldav: int
    smtp: int
    imap: int

    def __call__(self, method: str, path: str, body: str = "", **headers: str) -> httpx.Response:
        kind = "text/xml; charset=utf-8" if body.startswith("<") else "text/calendar; charset=utf-8"
        sent = {"Content-Type": kind, **{name.replace("_", "-"): value for name, value in headers.items()}}
        login = (ALICE.address, self.office.accounts.passwords["alice"])
        url = f"http://127.0.0.1:{self.caldav}{path}"
        return httpx.request(method, url, content=body.encode(), headers=sent, auth=login, timeout=120)

    def in_span(self, start: datetime, end: datetime) -> list[CalendarObject]:
        """The objects that the calendar has in a time: a query, then all of them at once."""
        span = f'start="{start.astimezone(UTC):%Y%m%dT%H%M%SZ}" end="{end.astimezone(UTC):%Y%m%dT%H%M%SZ}"'
        query = (
            '<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><D:getetag/></D:prop>'
            '<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">'
            f"<C:time-range {span}/></C:comp-filter></C:comp-filter></C:filter></C:calendar-query>"
        )
        hrefs = re.findall("<D:href>([^<]*)</D:href>", self("REPORT", CALENDAR, query, Depth="1").text)
        wanted = "".join(f"<D:href>{href}</D:href>" for href in hrefs)
        multiget = (
            '<C:calendar-multiget xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><D:getetag/>'
            f"<C:calendar-data/></D:prop>{wanted}</C:calendar-multiget>"
        )
        text = self("REPORT", CALENDAR, multiget, Depth="1").text
        found = re.findall(r"<C:calendar-data[^>]*>(.*?)</C:calendar-data>", text, re.DOTALL)
        assert len(found) == len(hrefs)
        return [thing for each in found for thing in read(unescape(each))]


def read(text: str) -> list[CalendarObject]:
    """The objects of an .ics."""
    return list(decode(text.encode(), now=datetime.now(UTC)).objects)


@pytest.fixture(scope="module")
def davmail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DavMail]:
    folder = tmp_path_factory.mktemp("davmail")
    caldav, smtp, imap = (free_port() for _n in range(3))
    with office(folder) as running:
        (folder / "davmail.properties").write_text(
            "davmail.server=true\ndavmail.mode=EWS\ndavmail.allowRemote=false\ndavmail.bindAddress=127.0.0.1\n"
            "davmail.disableUpdateCheck=true\ndavmail.ldapPort=\ndavmail.popPort=\ndavmail.enableKeepAlive=false\n"
            f"davmail.url={running.server.ews}\ndavmail.caldavPort={caldav}\ndavmail.smtpPort={smtp}\n"
            f"davmail.imapPort={imap}\ndavmail.logFilePath={folder}/davmail.log\nlog4j.rootLogger=WARN\n"
        )
        command = ["davmail-server", folder / "davmail.properties"]
        with (folder / "out").open("wb") as out:
            program = subprocess.Popen(command, stdout=out, stderr=out, cwd=folder)
        try:
            _wait_for(caldav, program, folder)
            yield DavMail(running, caldav, smtp, imap)
        finally:
            program.terminate()
            program.wait(30)


def _wait_for(port: int, program: subprocess.Popen[bytes], folder: Path) -> None:
    end = time.monotonic() + 120
    while time.monotonic() < end:
        assert program.poll() is None, (folder / "out").read_text()
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.2)
    raise AssertionError("DavMail did not start")


def test_davmail_finds_the_calendar(davmail: DavMail) -> None:
    answer = davmail("PROPFIND", HOME + "/", PROPERTIES, Depth="1")
    assert answer.status_code == 207
    calendars = re.findall(r"<D:href>([^<]*)</D:href>(?:(?!</D:response>).)*<C:calendar/>", answer.text)
    assert calendars == [CALENDAR]
    DID.append("listed the calendars: 1")


def test_davmail_reads_a_week_with_series_and_exceptions_as_it_is(davmail: DavMail) -> None:
    things = davmail.in_span(week().start, week().end)
    assert occurrences(things, week()) == expected(ALICE, week())
    exceptions = sum(len(thing.overrides) for thing in things)
    assert exceptions >= 3
    DID.append(f"read a week: {len(occurrences(things, week()))} occurrences of {len(things)} objects, all equal, "
               f"{exceptions} exceptions")  # fmt: skip


def appointment(uid: str, title: str, more: str = "", others: str = "", alarm: int = 20) -> str:
    """An event of Paris on the week's Tuesday at nine."""
    day = monday() + timedelta(days=1)
    lines = (
        "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//test//EN\nBEGIN:VTIMEZONE\nTZID:Europe/Paris\nBEGIN:STANDARD\n"
        "DTSTART:19701025T030000\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\n"
        "END:STANDARD\nBEGIN:DAYLIGHT\nDTSTART:19700329T020000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\n"
        "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\nEND:DAYLIGHT\nEND:VTIMEZONE\nBEGIN:VEVENT\n"
        f"UID:{uid}\nDTSTAMP:20261101T000000Z\nDTSTART;TZID=Europe/Paris:{day:%Y%m%d}T090000\n"
        f"DTEND;TZID=Europe/Paris:{day:%Y%m%d}T100000\nSUMMARY:{title}\nLOCATION:Salle 7 — été\n"
        f"DESCRIPTION:Bring the plan\n{more}X-MICROSOFT-CDO-BUSYSTATUS:BUSY\nBEGIN:VALARM\nACTION:DISPLAY\n"
        f"DESCRIPTION:x\nTRIGGER:-PT{alarm}M\nEND:VALARM\nEND:VEVENT\n{others}END:VCALENDAR\n"
    )
    return lines.replace("\n", "\r\n")


def test_davmail_makes_changes_and_deletes_an_appointment(davmail: DavMail) -> None:
    path = f"{CALENDAR}davmail-1.ics"
    made = davmail("PUT", path, appointment("davmail-1@example.org", "By DavMail"), If_None_Match="*")
    assert made.status_code == 201
    item = davmail.office.stored("By DavMail")
    assert (item.text("Location"), item.text("ReminderMinutesBeforeStart")) == ("Salle 7 — été", "20")
    assert item.text("LegacyFreeBusyStatus") == "Busy"
    (back,) = read(davmail("GET", path).text)
    assert (back.events[0].title, back.events[0].place) == ("By DavMail", "Salle 7 — été")
    assert back.events[0].status is BusyStatus.BUSY
    changed = appointment("davmail-1@example.org", "Changed by DavMail", alarm=5)
    assert davmail("PUT", path, changed, If_Match=made.headers["ETag"]).status_code == 200
    assert davmail.office.stored("Changed by DavMail").text("ReminderMinutesBeforeStart") == "5"
    assert davmail("DELETE", path).status_code == 200
    assert davmail.office.stored("Changed by DavMail") is None
    assert davmail("GET", path).status_code == 404
    DID.append("made, read back, changed and deleted an appointment")


def test_davmail_makes_a_series_leaves_one_out_and_moves_another(davmail: DavMail) -> None:
    tuesday = datetime(*(monday() + timedelta(days=1)).timetuple()[:3], 9, tzinfo=PARIS)
    weeks = [tuesday + timedelta(days=7 * n) for n in range(5)]
    path = f"{CALENDAR}davmail-2.ics"
    rule = f"RRULE:FREQ=WEEKLY;UNTIL={weeks[4].astimezone(UTC):%Y%m%dT%H%M%SZ};BYDAY=TU\n"
    made = davmail("PUT", path, appointment("davmail-2@example.org", "Series", rule))
    gone = f"EXDATE:{weeks[2].astimezone(UTC):%Y%m%dT%H%M%SZ}\n"
    moved = (
        "BEGIN:VEVENT\nUID:davmail-2@example.org\nDTSTAMP:20261101T000000Z\nSUMMARY:Moved\n"
        f"RECURRENCE-ID;TZID=Europe/Paris:{weeks[1]:%Y%m%dT%H%M%S}\n"
        f"DTSTART;TZID=Europe/Paris:{weeks[1]:%Y%m%d}T140000\nDTEND;TZID=Europe/Paris:{weeks[1]:%Y%m%d}T150000\n"
        "END:VEVENT\n"
    )
    body = appointment("davmail-2@example.org", "Series", rule + gone, moved)
    assert davmail("PUT", path, body, If_Match=made.headers["ETag"]).status_code == 200
    item = davmail.office.stored("Series")
    assert list(item.deleted) == [weeks[2].astimezone(UTC)]
    assert [item.exceptions[at].text("Subject") for at in item.exceptions] == ["Moved"]
    things = davmail.in_span(weeks[0], weeks[4] + timedelta(days=1))
    (series,) = [thing for thing in things if thing.uid == "davmail-2@example.org"]
    (override,) = series.overrides
    assert override.start == weeks[1].replace(hour=14)
    davmail("DELETE", path)
    DID.append("made a series, left out an instance, moved another")


def test_davmail_asks_for_a_colleagues_free_time(davmail: DavMail) -> None:
    days = TimeSpan(week().start, week().start + timedelta(days=3))  # DavMail 6.0 knows no *working elsewhere* (Friday)
    start, end = days.start.astimezone(UTC), days.end.astimezone(UTC)
    body = (
        "BEGIN:VCALENDAR\nVERSION:2.0\nMETHOD:REQUEST\nBEGIN:VFREEBUSY\nUID:fb\nDTSTAMP:20261101T000000Z\n"
        f"DTSTART:{start:%Y%m%dT%H%M%SZ}\nDTEND:{end:%Y%m%dT%H%M%SZ}\nORGANIZER:mailto:{ALICE.address}\n"
        f"ATTENDEE:mailto:{BRUNO.address}\nEND:VFREEBUSY\nEND:VCALENDAR\n"
    )
    text = davmail("POST", f"{HOME}/outbox/", body.replace("\n", "\r\n")).text
    periods = re.findall(r"(\d{8}T\d{6}Z)/(\d{8}T\d{6}Z)", text)
    told = [tuple(datetime.strptime(each, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) for each in pair) for pair in periods]
    assert told, text
    stand_ups = [each for each in expected(BRUNO, days) if each[2] == "Stand-up"]
    assert stand_ups
    for begin, finish, _title in stand_ups:
        assert any(low <= begin and finish <= high for low, high in told), (begin, told)
    assert "Stand-up" not in text
    DID.append(f"read Bruno's free/busy: {len(told)} periods, no title")


def test_a_meeting_made_by_davmail_reaches_the_colleague(davmail: DavMail) -> None:
    people = (
        f"ORGANIZER;CN=Alice Martin:mailto:{ALICE.address}\n"
        f"ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:{BRUNO.address}\n"
    )
    path = f"{CALENDAR}davmail-3.ics"
    assert davmail("PUT", path, appointment("davmail-3@example.org", "Meet", people)).status_code == 201
    theirs = davmail.office.stored("Meet", "bruno")
    assert (theirs.text("MyResponseType"), theirs.text("LegacyFreeBusyStatus")) == ("NoResponseReceived", "Tentative")
    assert davmail("DELETE", path).status_code == 200
    assert davmail.office.stored("Canceled: Meet", "bruno") is not None
    DID.append("invited Bruno to a meeting and cancelled it")


def test_davmail_sends_by_smtp_and_reads_by_imap(davmail: DavMail) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = ALICE.address, BRUNO.address, "Bonjour à tous"
    message.set_content("Par DavMail — ça marche.")
    passwords = davmail.office.accounts.passwords
    with smtplib.SMTP("127.0.0.1", davmail.smtp, timeout=60) as server:
        server.login(ALICE.address, passwords["alice"])
        server.send_message(message)
    with imaplib.IMAP4("127.0.0.1", davmail.imap, timeout=60) as box:
        box.login(BRUNO.address, passwords["bruno"])
        box.select("INBOX", readonly=True)
        _status, numbers = box.search(None, "ALL")
        contents = [box.fetch(number.decode(), "(RFC822)")[1][0][1] for number in numbers[0].split()]
    from email import message_from_bytes, policy

    mails = [message_from_bytes(content, policy=policy.default) for content in contents]
    (mail,) = [mail for mail in mails if mail["Subject"] == "Bonjour à tous"]
    assert mail.get_content().strip() == "Par DavMail — ça marche."
    DID.append(f"sent a message by SMTP, read it by IMAP ({len(mails)} in the inbox)")


def test_every_answer_to_davmail_is_by_the_schema(davmail: DavMail, capsys: pytest.CaptureFixture[str]) -> None:
    asked = davmail.office.asked
    with capsys.disabled():
        print(asked.table("DavMail", DID))
    assert asked.invalid_answers == []
    if len(DID) >= 7:  # the other tests ran in this process, not in another worker's
        assert set(asked.operations) >= {
            "ConvertId", "CreateFolder", "CreateItem", "DeleteFolder", "DeleteItem", "FindFolder", "FindItem",
            "GetFolder", "GetItem", "GetUserAvailability", "GetUserConfiguration", "UpdateItem",
        }  # fmt: skip
