"""`publish`, `publications`, `republish`, `unpublish` and `sync`'s part: into a folder, and to a WebDAV server."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.sandbox.people import ALICE, Accounts
from core.sandbox.servers import Certificates
from core.sandbox.webdav import WebDavServer
from tests.core.backends.sftp.sshd import Sshd, needed
from tests.tui.cli.conftest import Run
from tests.tui.cli.test_importing import CALENDAR

DAYS = ("--range", "2027-01-04..2027-01-10")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    folder.mkdir()
    return folder


@pytest.fixture
def team(run: Run, tmp_path: Path, config, site: Path) -> Run:
    config(f'[webdav."{site}/"]\npublic = "https://www.example.org/calendars/"\n')
    file = tmp_path / "team.ics"
    file.write_text(CALENDAR)
    assert run("import", file).code == 0
    return run


def publish(team: Run, *more: str):
    return team("publish", "Team", *more, "--yes", "--json")


def test_without_yes_and_without_a_terminal_nothing_is_published(team: Run, site: Path):
    answer = team("publish", "Team", f"{site}/")
    assert (answer.code, list(site.iterdir())) == (1, [])
    assert "--yes" in answer.err


def test_the_answer_has_the_shape_of_the_contract(team: Run, site: Path):
    answer = publish(team, f"{site}/team.ics", "--page")
    assert set(answer.json) == {"id", "urls"}
    assert answer.json["urls"] == {
        "ics": "https://www.example.org/calendars/team.ics",
        "webcal": "webcal://www.example.org/calendars/team.ics",
        "page": "https://www.example.org/calendars/team.html",
    }
    assert sorted(path.name for path in site.iterdir()) == ["team.html", "team.ics"]


def test_without_an_address_the_configured_place_is_taken(team: Run, site: Path):
    assert publish(team).code == 0
    (file,) = site.iterdir()
    assert len(file.stem) == 32


def test_a_plain_name_is_the_calendar_s(team: Run, site: Path):
    publish(team, "--plain-name")
    assert [path.name for path in site.iterdir()] == ["Team.ics"]


def test_a_dry_run_needs_no_consent_and_publishes_nothing(team: Run, site: Path):
    answer = team("publish", "Team", "--dry-run", "--json", *DAYS)
    assert (answer.code, list(site.iterdir()), answer.json["items"] > 0) == (0, [], True)


def test_publications_are_listed_with_the_keys_of_the_contract(team: Run, site: Path):
    made = publish(team, f"{site}/team.ics", "--detail", "limited").json
    (one,) = team("publications", "--json").json
    assert {"id", "calendar", "url", "level", "last_upload", "result", "next"} <= set(one)
    assert (one["id"], one["calendar"], one["level"], one["result"]) == (made["id"], "Team", "limited", "uploaded")


def test_sync_uploads_nothing_that_is_not_due(team: Run, site: Path):
    publish(team, f"{site}/team.ics")
    assert team("sync", "--json").json["publications"] == []


def test_republishing_what_did_not_change_says_so(team: Run, site: Path):
    made = publish(team, f"{site}/team.ics").json
    answer = team("republish", made["id"], "--json")
    assert (answer.code, answer.json["result"]) == (0, "unchanged")


def test_a_change_of_somebody_else_is_refused_with_a_hint(team: Run, site: Path):
    made = publish(team, f"{site}/team.ics").json
    (site / "team.ics").write_text("theirs")
    answer = team("republish", made["id"])
    assert answer.code == 1
    assert "somebody else" in answer.err
    assert team("republish", made["id"], "--overwrite", "--yes").code == 0
    assert (site / "team.ics").read_text() != "theirs"


def test_a_new_address_takes_the_old_one_away(team: Run, site: Path):
    made = publish(team, f"{site}/team.ics").json
    answer = team("republish", made["id"], "--new-address", "--yes", "--json")
    assert answer.json["urls"]["ics"] != made["urls"]["ics"]
    assert "team.ics" not in [path.name for path in site.iterdir()]


def test_unpublishing_asks_and_removes(team: Run, site: Path):
    made = publish(team, f"{site}/team.ics", "--page").json
    assert team("unpublish", made["id"]).code == 1
    assert team("unpublish", made["id"], "--yes").code == 0
    assert (list(site.iterdir()), team("publications", "--json").json) == ([], [])


def test_stopping_leaves_it_there(team: Run, site: Path):
    made = publish(team, f"{site}/team.ics").json
    assert team("unpublish", made["id"], "--stop").code == 0
    assert [path.name for path in site.iterdir()] == ["team.ics"]
    assert team("publications", "--json").json[0]["next"] is None


def test_publishing_to_the_same_address_narrows_it(team: Run, site: Path):
    publish(team, f"{site}/team.ics", "--detail", "full", "--range", "all")
    before = (site / "team.ics").read_text()
    publish(team, f"{site}/team.ics", "--range", "all")
    after = (site / "team.ics").read_text()
    assert ("Holiday" in before, "Holiday" in after) == (True, False)
    assert len(team("publications", "--json").json) == 1


@pytest.mark.parametrize(
    ("more", "word"),
    [
        (("--once", "--every", "30m"), "--once"),
        (("--every", "1m"), "5 minutes"),
        (("--every", "soon"), "soon"),
        (("--expires", "tomorrow"), "tomorrow"),
        (("--detail", "lots"), "lots"),
        (("--to", "ftp"), "ftp"),
        (("--to", "webdav"), "webdav"),
        (("--timer", "cron"), "--every"),
        (("--private",), ""),
        (("ftp://example.org/x/",), "ftp://example.org"),
        (("https://alice:secret@dav.example.org/x/",), "password"),
    ],
)
def test_what_cannot_be_is_wrong_usage_with_a_hint(team: Run, site: Path, more, word):
    answer = publish(team, *more)
    assert (answer.code, list(site.iterdir())) == (2, [])
    assert word in answer.err


def test_a_timer_is_written_on_request(team: Run, site: Path, own_home: Path):
    answer = publish(team, "--every", "30m", "--timer", "systemd")
    files = [Path(file) for file in answer.json["timer"]["files"]]
    assert [file.name for file in files] == ["partagenda-sync.service", "partagenda-sync.timer"]
    assert all(file.is_relative_to(own_home) for file in files)
    assert "OnUnitActiveSec=30min" in files[1].read_text()


def test_a_line_for_cron_is_shown_on_request(team: Run, site: Path):
    assert publish(team, "--every", "30m", "--timer", "cron").json["timer"]["cron"].startswith("*/30 * * * * ")


def test_on_exchange_the_command_is_shown_where_no_shell_is_configured(team: Run):
    answer = team("publish", "Team", "--to", "exchange", "--json", "--yes")
    assert answer.code == 3
    assert answer.json["commands"][0].startswith("Set-MailboxCalendarFolder -Identity 'alice@example.org:\\Team'")
    assert "-PublishEnabled $true -DetailLevel AvailabilityOnly" in answer.json["commands"][0]


def test_the_links_that_the_command_printed_are_taken_back(team: Run):
    printed = (
        "PublishedCalendarUrl : https://mail.example.org/owa/calendar/x/calendar.html\r\n"
        "PublishedICalUrl     : https://mail.example.org/owa/calendar/x/calendar.ics\r\n"
    )
    answer = team("publish", "Team", "--to", "exchange", "--links", "-", "--json", typed=printed)
    assert answer.json["urls"]["webcal"] == "webcal://mail.example.org/owa/calendar/x/calendar.ics"


@pytest.fixture
def server(tmp_path: Path):
    accounts, certificates = Accounts.fresh(tmp_path), Certificates(tmp_path)
    with WebDavServer(tmp_path / "webdav", accounts, certificates) as running:
        secret = tmp_path / "secret"
        secret.write_text(accounts.passwords["alice"])
        running.entry = (
            f'[webdav."{running.address(ALICE)}"]\npublic = "{running.public_address(ALICE)}"\nusername = "alice"\n'
            f'password_command = ["cat", "{secret}"]\nca = "{certificates.pem}"\n'
        )
        running.secret = secret
        yield running


def test_on_a_webdav_server_it_is_published_and_removed(team: Run, config, server):
    config(server.entry)
    made = publish(team, server.address(ALICE)).json
    name = made["urls"]["ics"].removeprefix(server.public_address(ALICE))
    assert [path.name for path in server.folder(ALICE).iterdir()] == [name]
    assert team("unpublish", made["id"], "--yes").code == 0
    assert list(server.folder(ALICE).iterdir()) == []


def test_a_wrong_password_is_exit_1_with_a_hint_and_no_publication(team: Run, config, server):
    config(server.entry)
    server.secret.write_text("wrong")
    answer = publish(team, server.address(ALICE))
    assert (answer.code, list(server.folder(ALICE).iterdir())) == (1, [])
    assert "hint:" in answer.err
    assert team("publications", "--json").json == []


@pytest.mark.interop
def test_a_folder_behind_ssh_is_published_to_narrowed_and_left_empty(
    team: Run, site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    keys, programs = tmp_path / "ssh", tmp_path / "bin"
    keys.mkdir()
    programs.mkdir()
    with Sshd(keys).running() as server:
        own = programs / "sftp"
        own.write_text(f'#!/bin/sh\nexec {needed("sftp")} -F "{server.config}" "$@"\n')
        own.chmod(0o755)
        monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
        made = publish(team, f"web:{site}/team.ics", "--to", "sftp", "--detail", "full").json
        wide = (site / "team.ics").read_bytes()
        assert made["urls"]["ics"] == f"sftp://web{site}/team.ics"
        assert publish(team, f"web:{site}/team.ics").json["id"] == made["id"]
        assert (site / "team.ics").read_bytes() not in (b"", wide)
        assert team("unpublish", made["id"], "--yes").code == 0
    assert list(site.iterdir()) == []


def test_what_an_exchange_server_publishes_is_listed_and_ended(team: Run):
    links = "https://mail.example.org/c/calendar.html https://mail.example.org/c/calendar.ics"
    assert team("publish", "Team", "--to", "exchange", "--links", links, "--json").code == 0
    (one,) = team("publications", "--json").json
    assert (one["state"], one["url"], one["level"]) == (
        "exchange",
        "https://mail.example.org/c/calendar.ics",
        "availability",
    )
    assert team("unpublish", one["id"], "--stop", "--yes").code == 2
    ended = team("unpublish", one["id"], "--yes", "--json").json
    assert "-PublishEnabled $false" in ended["commands"][0]
    assert team("publications", "--json").json == []
