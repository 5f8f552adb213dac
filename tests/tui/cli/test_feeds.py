"""`subscribe`, `unsubscribe`, `import URL`, and the feeds' part of `sync` and `calendars`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.sandbox.http import Answer
from tests.core.backends.feed.scripted import ICS, ScriptedServer, calendar
from tests.tui.cli.conftest import Run


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as found:
        found.pages["/team.ics"] = Answer(200, calendar(8), ICS)
        yield found


@pytest.fixture
def address(server: ScriptedServer, config: Callable[..., Path]) -> str:
    config()
    return f"{server.url}/team.ics"


def test_nothing_is_fetched_without_a_yes(run: Run, server: ScriptedServer, address: str) -> None:
    for words in (("subscribe", address), ("import", address)):
        answer = run(*words)
        assert answer.code == 1
        assert "hint: Add --yes" in answer.err
    assert server.asked == []


def test_a_subscription_is_a_calendar_like_any_other(run: Run, address: str) -> None:
    answer = run("subscribe", address, "--as", "Colleagues", "--every", "2h", "--yes", "--json")
    assert (answer.json["name"], answer.json["kind"], answer.json["every_minutes"]) == ("Colleagues", "feed", 120)
    [listed] = [one for one in run("calendars", "--json").json if one["kind"] == "feed"]
    assert (listed["name"], listed["events"], listed["level"]) == ("Colleagues", 8, "limited")
    assert listed["refreshed"]
    assert len(run("agenda", "Colleagues", "--range", "2026-11-23..2026-11-23", "--json").json) == 8


def test_webcal_is_fetched_from_a_server_without_encryption(run: Run, address: str) -> None:
    assert run("subscribe", address.replace("http:", "webcal:"), "--yes", "--json").json["events"] == 8
    assert run("import", address.replace("http:", "webcal:"), "--as", "Once", "--yes", "--json").json["added"] == 8


def test_it_says_when_it_is_refreshed(run: Run, address: str) -> None:
    said = run("subscribe", address, "--yes").out
    assert "“Team” is there: 8 events. It is refreshed every hour." in said


def test_sync_shows_what_changed(run: Run, server: ScriptedServer, address: str) -> None:
    run("subscribe", address, "--yes")
    server.pages["/team.ics"] = Answer(200, calendar(9, title="Dinner"), ICS)
    done = run("sync", "--json")
    assert [(one["calendar"], one["result"], one["added"], one["updated"]) for one in done.json["feeds"]] == [
        ("Team", "changed", 1, 8)
    ]
    assert run("search", "Dinner", "--range", "all", "--json").json
    asked = len(server.asked)
    run("sync", "--due")
    assert len(server.asked) == asked, "its time has not come"


def test_a_failure_is_told_and_the_copy_stays(run: Run, server: ScriptedServer, address: str) -> None:
    run("subscribe", address, "--yes")
    server.pages["/team.ics"] = Answer(410)
    answer = run("sync")
    assert answer.code == 3
    assert "Team: The calendar is no longer on 127.0.0.1" in answer.err
    assert "hint: Stop the subscription" in answer.err
    [listed] = run("calendars", "--json").json
    assert (listed["events"], "no longer" in listed["problem"]) == (8, True)
    assert "no longer on 127.0.0.1" in run("calendars").out


def test_a_smaller_calendar_needs_a_yes(run: Run, server: ScriptedServer, address: str) -> None:
    run("subscribe", address, "--yes")
    server.pages["/team.ics"] = Answer(200, calendar(0), ICS)
    assert run("sync").code == 3
    assert run("calendars", "--json").json[0]["events"] == 8
    assert run("subscribe", address).code == 1
    assert run("subscribe", address, "--yes", "--json").json["events"] == 0


def test_unsubscribing_takes_it_out_of_the_list_and_restore_brings_it_back(
    run: Run, server: ScriptedServer, address: str
) -> None:
    run("subscribe", address, "--yes")
    assert run("unsubscribe", "Team", "--json").json == {"calendar": "Team", "unsubscribed": True}
    assert run("calendars", "--json").json == []
    run("calendar", "restore", "Team")
    assert run("sync", "--json").json["feeds"][0]["result"] == "unchanged"


def test_what_is_no_subscription_cannot_be_unsubscribed(run: Run, config: Callable[..., Path]) -> None:
    config()
    run("new", "Mine")
    answer = run("unsubscribe", "Mine")
    assert (answer.code, "not a calendar from the internet" in answer.err) == (1, True)


@pytest.mark.parametrize("address", ["file:///etc/passwd", "ftp://example.org/a.ics", "nonsense", "https://a:b@x.org/"])
def test_other_addresses_are_wrong_usage(run: Run, config: Callable[..., Path], address: str) -> None:
    config()
    answer = run("subscribe", address, "--yes")
    assert (answer.code, "Traceback" in answer.err) == (2, False)
    assert "hint:" in answer.err


def test_an_interval_out_of_bounds_is_wrong_usage(run: Run, server: ScriptedServer, address: str) -> None:
    assert run("subscribe", address, "--every", "1m", "--yes").code == 2
    assert server.asked == []


def test_a_web_page_is_no_calendar(run: Run, server: ScriptedServer, address: str) -> None:
    server.pages["/team.ics"] = Answer(200, b"<html>Sign in</html>", "text/html")
    answer = run("subscribe", address, "--yes")
    assert (answer.code, "web page instead of a calendar" in answer.err) == (1, True)


def test_a_redirect_inside_is_not_agreed_to_beforehand(run: Run, server: ScriptedServer, address: str) -> None:
    server.pages["/team.ics"] = Answer(302, headers=(("Location", "http://127.0.0.2:1/"),))
    answer = run("subscribe", address, "--yes")
    assert (answer.code, "inside a private network" in answer.err) == (1, True)


def test_a_host_that_the_configuration_names_has_the_yes(
    run: Run, server: ScriptedServer, config: Callable[..., Path]
) -> None:
    config(f'[webdav."{server.url}/"]\nusername = "alice"\npassword = "unlikely-word-7"\n')

    def guarded(request: object) -> Answer:
        if request.header("Authorization"):
            return Answer(200, calendar(2), ICS)
        return Answer(401, headers=(("WWW-Authenticate", 'Basic realm="x"'),))

    server.pages["/team.ics"] = guarded
    assert run("subscribe", f"{server.url}/team.ics", "--yes", "--json").json["events"] == 2


def test_an_address_can_be_imported_once(run: Run, server: ScriptedServer, address: str) -> None:
    first = run("import", address, "--yes", "--json").json
    assert (first["calendars"], first["added"]) == (["Team"], 8)
    server.pages["/team.ics"] = Answer(200, calendar(9), ICS)
    again = run("import", address, "--yes", "--json").json
    assert (again["calendars"], again["added"], again["unchanged"]) == (["Team"], 1, 8)
    assert run("calendars", "--json").json[0]["kind"] == "local"


INVITATION = """From: Alice Martin <alice@example.org>
To: clara@example.net
Subject: Sharing
Message-ID: <1@example.org>
Date: Fri, 27 Nov 2026 10:00:00 +0000
Content-Class: Sharing
X-Sharing-Flavor: 310
X-Sharing-Capabilities: 402B0
X-Sharing-Local-Type: IPF.Appointment
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain

See my calendar.
--b
Content-Type: application/x-sharing-metadata-xml; name=sharing_metadata.xml
Content-Disposition: attachment; filename=sharing_metadata.xml

<?xml version="1.0"?><SharingMessage xmlns="http://schemas.microsoft.com/sharing/2008"><DataType>calendar</DataType>
<Initiator><Name>Alice Martin</Name><SmtpAddress>alice@example.org</SmtpAddress></Initiator><Invitation><Providers>
<Provider Type="ms-exchange-publish" TargetRecipients="clara@example.net">
<ICalUrl xmlns="http://schemas.microsoft.com/exchange/sharing/2008">{address}</ICalUrl>
</Provider></Providers></Invitation></SharingMessage>
--b--
"""


def test_an_invitation_to_a_published_calendar_becomes_a_subscription_after_a_yes(
    run: Run, server: ScriptedServer, config: Callable[..., Path], tmp_path: Path
) -> None:
    for name in ("new", "cur", "tmp"):
        (tmp_path / "Maildir" / name).mkdir(parents=True)
    (tmp_path / "Maildir" / "new" / "1").write_text(INVITATION.replace("{address}", f"{server.url}/team.ics"))
    me = '[me]\nname = "Clara"\naddress = "clara@example.net"\n'
    config(f'[accounts.inbox]\ntype = "maildir"\npath = "{tmp_path}/Maildir"\n', me=me)
    [message] = run("inbox", "--json").json
    run("inbox", "show", message["id"])
    assert run("inbox", "open", message["id"]).code == 1
    assert server.asked == [], "nothing is fetched from an invitation before the yes"
    assert run("inbox", "open", message["id"], "--yes").code == 0
    [listed] = run("calendars", "--json").json
    assert (listed["kind"], listed["events"]) == ("feed", 8)
    server.pages["/team.ics"] = Answer(200, calendar(9), ICS)
    assert run("sync", "--json").json["feeds"][0]["added"] == 1


def test_the_app_does_not_open_an_address_without_a_terminal(run: Run, server: ScriptedServer, address: str) -> None:
    answer = run(address.replace("http:", "webcal:"))
    assert answer.code == 1
    assert server.asked == []


def test_the_words_are_french(run: Run, server: ScriptedServer, address: str, config: Callable[..., Path]) -> None:
    config(me='[me]\nname = "Alice"\naddress = "alice@example.org"\nlanguage = "fr"\n')
    assert "actualisé toutes les heures" in run("subscribe", address, "--yes").out


def test_a_smaller_calendar_can_be_taken_by_its_name(run: Run, server: ScriptedServer, address: str) -> None:
    run("subscribe", address, "--yes")
    server.pages["/team.ics"] = Answer(200, calendar(0), ICS)
    run("sync")
    assert run("calendar", "take", "Team").code == 1
    assert run("calendars", "--json").json[0]["events"] == 8
    assert run("calendar", "take", "Team", "--yes", "--json").json["events"] == 0
