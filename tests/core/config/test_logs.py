"""The log: readable by the person alone, and without a credential in it."""

import logging
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.config import logs

CANARY = "c4n4ry-s3cr3t"


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    logs.start(tmp_path / "state")
    yield tmp_path / "state" / logs.FILE
    logs.stop()


@pytest.mark.parametrize(
    "line",
    [
        f"Authorization: Basic {CANARY}",
        f"authorization=Bearer {CANARY}",
        f"headers {{'Authorization': 'NTLM {CANARY}'}}",
        f"Set-Cookie: session={CANARY}; path=/",
        f"AUTH PLAIN {CANARY}",
        f"C: AUTH XOAUTH2 {CANARY}",
        f'{{"access_token": "{CANARY}", "n": 1}}',
        f"refresh_token={CANARY}&grant_type=x",
        f"password = '{CANARY} with spaces'",
        f"password_command = ['echo', '{CANARY}']",
        f"client_secret: {CANARY}",
        f"GET https://alice:{CANARY}@dav.example.org/",
        f"GET https://dav.example.org/calendars/{CANARY}.ics?x=1",
        f"webcal://example.org/{CANARY}",
        f"Bearer {CANARY}",
    ],
)
def test_a_credential_never_reaches_the_log(log: Path, line: str):
    logging.getLogger("partagenda").warning("%s", line)
    written = log.read_text()
    assert "partagenda:" in written
    assert CANARY not in written


def test_a_secret_in_a_traceback_is_hidden_too(log: Path):
    logs.remember(CANARY)
    try:
        raise ValueError(f"535 {CANARY} not accepted")
    except ValueError:
        logging.getLogger("some.library").exception("sign-in failed")
    written = log.read_text()
    assert CANARY not in written
    assert "Traceback" in written


@pytest.mark.parametrize("line", ["no password for mail", "the token ring", "see https://example.org/ for more"])
def test_ordinary_lines_stay_as_they_are(log: Path, line: str):
    logging.getLogger("partagenda").warning(line)
    assert line in log.read_text()


def test_the_log_is_the_persons_alone(log: Path):
    logging.getLogger("partagenda").warning("hello")
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert stat.S_IMODE(log.parent.stat().st_mode) == 0o700


def test_a_run_that_logs_nothing_makes_no_file(log: Path):
    logs.stop()
    assert not log.exists()


def test_a_planted_link_is_not_followed(tmp_path: Path):
    target = tmp_path / "target"
    target.write_text("precious")
    state = tmp_path / "state"
    state.mkdir()
    (state / logs.FILE).symlink_to(target)
    logs.start(state).warning("hello")
    logs.stop()
    assert target.read_text() == "precious"


def test_a_full_file_is_turned_over_and_the_new_one_is_private(log: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(logs, "LARGEST", 200)
    for n in range(20):
        logging.getLogger("partagenda").warning("line %d of a long story", n)
    rotated = sorted(log.parent.iterdir())
    assert len(rotated) == 3
    assert {stat.S_IMODE(os.stat(file).st_mode) for file in rotated} == {0o600}


def test_a_state_folder_that_cannot_be_written_stops_nothing(tmp_path: Path):
    (tmp_path / "state").write_text("a file in the way")
    logs.start(tmp_path / "state").warning("hello")
    logs.stop()
    assert (tmp_path / "state").read_text() == "a file in the way"


def test_without_a_place_for_the_log_nothing_is_written_on_the_terminal(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "partagenda.log").symlink_to(tmp_path / "elsewhere")
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    logs.start(tmp_path)
    logging.getLogger("core.anything").error("password=Karamel-7")
    logs.stop()
    assert (capfd.readouterr().err, list(tmp_path.glob("else*")), logging.getLogger().handlers) == ("", [], [])
