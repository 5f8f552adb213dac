"""Accounts on servers on the command line: read once, asked again with --refresh and sync, and what waits is said."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.calendar.event import CalendarObject, Event
from core.config.paths import Paths
from core.sandbox.exchange.convert import store_object
from core.sandbox.exchange.faults import unavailable
from core.sandbox.exchange.ids import EwsId
from core.sandbox.exchange.options import InnerError
from core.sandbox.exchange.seed import organisation
from core.sandbox.exchange.server import ExchangeServer
from core.sandbox.people import Accounts
from core.sandbox.servers import Certificates
from tests.tui.cli.conftest import Run

pytestmark = pytest.mark.slow
AWAY = unavailable(times=0, retry_after=60)
"""Longer than anybody waits for an answer: the command goes on at once with what it has."""


@pytest.fixture
def people(tmp_path: Path) -> Accounts:
    return Accounts.fresh(tmp_path)


@pytest.fixture
def server(tmp_path: Path, people: Accounts, own_home: Path) -> Iterator[ExchangeServer]:
    certificates = Certificates(tmp_path)
    secret = tmp_path / "secret"
    secret.write_text(people.passwords["alice"])
    with ExchangeServer(organisation(empty=True), people, certificates) as running:
        folder = Paths.from_env().config
        folder.mkdir(parents=True)
        (folder / "config.toml").write_text(
            '[me]\naddress = "alice@example.org"\ntime_zone = "Europe/Paris"\n[accounts.office]\ntype = "exchange"\n'
            f'server = "{running.ews}"\naddress = "alice@example.org"\nusername = "alice"\n'
            f'password_command = ["cat", "{secret}"]\nca = "{certificates.pem}"\n'
        )
        yield running


def put(server: ExchangeServer, title: str) -> None:
    from datetime import UTC, datetime, timedelta

    start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=30)
    uid = f"{title}@example.org"
    folder = server.organisation.mailboxes["alice@example.org"].distinguished["calendar"]
    with server.organisation.lock:
        event = Event(uid, start, start + timedelta(hours=1), title)
        store_object(server.organisation, folder, CalendarObject(uid, (event,)))


def there(server: ExchangeServer) -> list[str]:
    folder = server.organisation.mailboxes["alice@example.org"].distinguished["calendar"]
    return sorted(item.text("Subject") for item in folder.items.values())


def test_an_account_that_was_never_read_is_read_once(run: Run, server: ExchangeServer):
    put(server, "Review")
    assert [one["title"] for one in run("agenda", "--json").json] == ["Review"]
    put(server, "Later")
    server.counts.clear()
    assert [one["title"] for one in run("agenda", "--json").json] == ["Review"]
    assert not server.counts


def test_refresh_and_sync_ask_again(run: Run, server: ExchangeServer):
    run("agenda")
    put(server, "Review")
    assert [one["title"] for one in run("agenda", "--refresh", "--json").json] == ["Review"]
    put(server, "Later")
    assert run("sync").code == 0
    assert [one["title"] for one in run("agenda", "--json").json] == ["Later", "Review"]


def test_calendars_tell_account_kind_and_when_they_were_read(run: Run, server: ExchangeServer):
    (info,) = [one for one in run("calendars", "--json").json if one["account"] == "office"]
    assert (info["kind"], info["name"], info["level"]) == ("exchange", "Calendar", "full")
    assert info["refreshed"]


def test_what_is_added_is_on_the_server_when_the_command_ends(run: Run, server: ExchangeServer):
    answer = run("add", "Calendar", "--title", "Lunch", "--start", "2027-02-01T12:00", "--duration", "1h")
    assert (answer.code, answer.err) == (0, "")
    assert there(server) == ["Lunch"]


def test_what_could_not_be_sent_is_said_and_arrives_with_the_next_sync(run: Run, server: ExchangeServer):
    run("calendars")
    server.faults.add(AWAY)
    answer = run("add", "Calendar", "--title", "Lunch", "--start", "2027-02-01T12:00", "--duration", "1h")
    assert answer.code == 0
    assert "1 change waits for its server" in answer.err
    assert there(server) == []
    server.faults.clear()
    assert run("sync").code == 0
    assert there(server) == ["Lunch"]


def test_a_server_that_is_down_hides_nothing_that_was_read(run: Run, server: ExchangeServer):
    put(server, "Review")
    run("agenda")
    server.faults.add(AWAY)
    answer = run("agenda", "--refresh", "--json")
    assert [one["title"] for one in answer.json] == ["Review"]
    assert "office" in answer.err
    assert run("sync").code == 3


def test_free_time_asks_the_server(run: Run, server: ExchangeServer):
    answer = run("free", "bruno@example.org", "--duration", "1h", "--range", "tomorrow", "--json")
    assert answer.code == 0
    assert answer.json
    assert server.counts["GetUserAvailability"] == 1


def test_checking_the_account_says_what_the_server_can_do(run: Run, server: ExchangeServer):
    answer = run("account", "check", "office")
    assert answer.code == 0
    assert "Microsoft Exchange Server" in answer.out
    assert "free/busy" in answer.out


def lose(server: ExchangeServer, left: int) -> None:
    """The server has the first `left` events only, knows nothing of the others, and of what it told whom."""
    folder = server.organisation.mailboxes["alice@example.org"].distinguished["calendar"]
    with server.organisation.lock:
        for identity in list(folder.items)[left:]:
            del folder.items[identity]
        folder.journal[:] = [one for one in folder.journal if EwsId.parse(one.item or "") in folder.items]
    server.options.inner_errors.append(InnerError("ErrorInvalidSyncStateData", "SyncFolderItems"))


def test_a_calendar_that_is_suddenly_much_smaller_is_told_by_sync_and_taken_after_a_yes(
    run: Run, server: ExchangeServer
):
    for number in range(8):
        put(server, f"Event {number}")
    assert run("sync").code == 0
    lose(server, 3)
    for _time in range(2):
        synced = run("sync")
        assert synced.code == 3
        assert "much smaller than your copy: It had 8 events, and now has 3 events." in synced.err
        assert "partagenda calendar take Calendar" in synced.err
    refused = run("calendar", "take", "Calendar")
    assert (refused.code, "--yes" in refused.err) == (1, True)
    assert len(run("agenda", "--json").json) == 8
    assert run("calendar", "take", "Calendar", "--yes", "--json").json["events"] == 3
    assert sorted(one["title"] for one in run("agenda", "--json").json) == there(server)
    assert run("sync").code == 0


def test_where_nothing_is_missing_there_is_nothing_to_take(run: Run, server: ExchangeServer):
    put(server, "Review")
    run("sync")
    answer = run("calendar", "take", "Calendar", "--yes")
    assert (answer.code, "nothing to decide" in answer.err) == (1, True)
