"""Ctrl-C in the middle of long work: a line, exit 1, and nothing half done."""

import os
import signal
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tui.cli.conftest import Run
from tui.cli.progress import StillProgress


@pytest.fixture(autouse=True)
def ctrl_c_is_heard() -> Iterator[None]:
    """A shell that starts the tests in its background has them ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def calendar(count: int) -> str:
    events = "".join(
        f"BEGIN:VEVENT\r\nUID:{n}@example.org\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20270104T{n % 24:02}0000Z\r\n"
        f"SUMMARY:Event {n}\r\nEND:VEVENT\r\n"
        for n in range(count)
    )
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//example//EN\r\n{events}END:VCALENDAR\r\n"


@pytest.mark.parametrize("report", [1, 2, 3])
def test_an_import_that_is_interrupted_leaves_nothing_behind(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own_home: Path, report: int
):
    file = tmp_path / "many.ics"
    file.write_text(calendar(1500))
    reports = []
    tell = StillProgress.__call__

    def interrupting(self: StillProgress, done: int, total: int, what: str) -> None:
        reports.append(done)
        if len(reports) == report:
            os.kill(os.getpid(), signal.SIGINT)
        tell(self, done, total, what)

    monkeypatch.setattr(StillProgress, "__call__", interrupting)
    answer = run("import", file, "--as", "Many")
    monkeypatch.undo()
    assert answer.code == 1
    assert answer.err == "partagenda: Stopped; nothing half done.\n"
    assert len(reports) >= report


def test_after_an_interrupted_import_the_calendar_is_not_there(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    file = tmp_path / "many.ics"
    file.write_text(calendar(1500))
    tell = StillProgress.__call__
    sent = []

    def interrupting(self: StillProgress, done: int, total: int, what: str) -> None:
        if not sent:
            sent.append(True)
            os.kill(os.getpid(), signal.SIGINT)
        tell(self, done, total, what)

    with monkeypatch.context() as patched:
        patched.setattr(StillProgress, "__call__", interrupting)
        run("import", file, "--as", "Many")
    assert run("calendars", "--json").json == []
    assert run("import", file, "--as", "Many", "--json").json["added"] == 1500


def test_a_message_whose_sending_is_stopped_stays_in_the_outbox_and_the_person_is_told(run: Run, config):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        config(f'[accounts.mail]\ntype = "smtp"\nhost = "127.0.0.1"\nport = {port}\nsecurity = "none"\n')
        run("new", "Work")
        interrupter = threading.Thread(target=lambda: (silent.accept(), os.kill(os.getpid(), signal.SIGINT)))
        interrupter.start()
        answer = run("send", "Work", "--to", "bruno@example.org", "--yes", "--json")
        interrupter.join()
    (waiting,) = run("outbox", "--json").json
    assert (answer.code, answer.json["state"], waiting["id"]) == (3, "queued", answer.json["id"])
    assert f"outbox drop {waiting['id']}" in answer.err
