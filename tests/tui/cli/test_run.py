"""The contract's frame: exit codes, help, problems and hints, never a traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.config import logs
from core.errors import Cancelled
from tests.tui.cli.conftest import Run
from tui.cli import registry, split_command

ROOT = Path(__file__).resolve().parents[3]


def test_the_version_is_a_line(run: Run):
    answer = run("--version")
    assert (answer.code, answer.out) == (0, "partagenda 0.1.0\n")


@pytest.mark.parametrize("arguments", [("help",), ("--help",), ("-h",)])
def test_help_lists_every_command(run: Run, arguments: tuple[str, ...]):
    answer = run(*arguments)
    assert answer.code == 0
    assert all(f"  {name} " in answer.out for name in registry.names())


@pytest.mark.parametrize("name", registry.names())
def test_every_command_explains_itself(run: Run, name: str):
    answer = run(name, "--help")
    assert answer.code == 0
    assert f"partagenda {name}" in answer.out
    assert answer.err == ""


@pytest.mark.parametrize("name", registry.names())
def test_help_for_a_command_shows_all_its_variants(run: Run, name: str):
    answer = run("help", name)
    assert answer.code == 0
    assert all(command.name in answer.out for command in registry.variants(name).values())


def test_a_misspelt_command_gets_the_nearest_one(run: Run):
    answer = run("agendaa")
    assert answer.code == 2
    assert answer.err == "partagenda: There is no command “agendaa”.\nhint: Did you mean “agenda”?\n"


def test_a_group_of_commands_needs_its_second_word(run: Run):
    assert run("calendar").code == 2
    assert "calendar rename" in run("calendar", "renam").err


def test_without_a_terminal_the_app_refuses_with_a_hint(run: Run):
    answer = run()
    assert answer.code == 1
    assert "hint: partagenda help" in answer.err


def test_a_file_that_is_not_there_is_said(run: Run):
    answer = run("missing.ics")
    assert answer.code == 1
    assert "missing.ics" in answer.err


def test_a_broken_configuration_is_an_error_with_its_key(run: Run, config):
    config('[accounts.mail]\ntype = "smtp"\nhost = "h"\nprot = 1\n')
    answer = run("ledger")
    assert answer.code == 1
    assert "accounts.mail.prot" in answer.err
    assert "hint: Did you mean “accounts.mail.port”?" in answer.err


def test_an_unforeseen_error_is_a_line_and_its_traceback_is_in_the_log(
    run: Run, monkeypatch: pytest.MonkeyPatch, own_home: Path
):
    def broken(*_arguments: object) -> None:
        raise ZeroDivisionError("secret=canary-99")

    monkeypatch.setattr("tui.cli.run._help", broken)
    answer = run("help")
    log = own_home / "state" / "partagenda" / logs.FILE
    assert answer.code == 1
    assert "Traceback" not in answer.err
    assert str(log) in answer.err
    assert "ZeroDivisionError" in log.read_text()
    assert "canary" not in log.read_text()


def test_ctrl_c_is_a_line_and_exit_one(run: Run, monkeypatch: pytest.MonkeyPatch):
    def interrupted(*_arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("tui.cli.run._help", interrupted)
    answer = run("help")
    assert answer.code == 1
    assert answer.err == "partagenda: Stopped; nothing half done.\n"


def test_work_that_was_stopped_is_a_line_and_exit_one(run: Run, monkeypatch: pytest.MonkeyPatch):
    def stopped(*_arguments: object) -> None:
        raise Cancelled("Stopped.")

    monkeypatch.setattr("tui.cli.run._help", stopped)
    assert run("help").code == 1


def test_a_reader_that_leaves_is_no_error(own_home: Path):
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = f"{sys.executable} -m tui help | head -1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, env=env, cwd=ROOT, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == 1


def test_an_answer_that_cannot_be_written_is_said_and_exit_one(own_home: Path):
    if not Path("/dev/full").exists():
        pytest.skip("/dev/full is not there, a device that is always full: Linux has it")
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = f"{sys.executable} -m tui help >/dev/full"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, env=env, cwd=ROOT, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("partagenda: The answer cannot be written")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_a_program_without_streams_does_its_work_all_the_same(own_home: Path, closed: str):
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = f"{sys.executable} -m tui new Work {closed}"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, env=env, cwd=ROOT, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_terminal_without_utf8_gets_readable_ascii(own_home: Path):
    env = {**os.environ, "PYTHONPATH": str(ROOT), "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = subprocess.run(
        [sys.executable, "-m", "tui", "nö\x1bcommand"], capture_output=True, env=env, cwd=ROOT, check=False
    )
    assert done.returncode == 2
    assert done.stderr.isascii()


@pytest.mark.parametrize(
    ("given", "command"),
    [
        (["agenda"], "agenda"),
        (["--json", "agenda", "Work"], "agenda"),
        (["--config", "agenda", "search", "x"], "search"),
        (["--config=a", "search"], "search"),
        ([], ""),
        (["--json"], ""),
    ],
)
def test_the_command_is_the_first_word_that_is_no_option(given: list[str], command: str):
    found, rest = split_command(given)
    assert found == command
    assert len(rest) == len(given) - bool(command)


def test_the_language_of_the_configuration_is_used(run: Run, config):
    config(me='[me]\nlanguage = "fr"\n')
    run("ledger")
    from core.language import language

    assert language() == "fr"
