"""`demo` opens a home in which something waits; `--servers-only` tells other programs where everything is."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import UsageError
from core.sandbox.demo import addresses, prepare_demo
from core.sandbox.home import sandbox

ROOT = Path(__file__).parents[3]


@pytest.mark.slow
@pytest.mark.parametrize("person", ["alice", "bruno", "clara"])
def test_a_colleagues_calendar_waits_in_the_inbox(person):
    with prepare_demo(person, "en") as home:
        assert len(list((home.maildir / "new").iterdir())) == 1


@pytest.mark.slow
def test_a_password_that_was_used_is_in_no_file_but_its_own():
    with prepare_demo("alice", "en") as home:
        root = home.config.parents[3]
        secret = (root / "bruno" / "password").read_bytes()
        holders = [path for path in root.rglob("*") if path.is_file() and secret in path.read_bytes()]
        assert holders == [root / "bruno" / "password"]


def test_an_unknown_person_is_said():
    with pytest.raises(UsageError), prepare_demo("mallory"):
        pass


def test_the_addresses_have_the_keys_of_the_contract():
    with sandbox() as box:
        said = json.loads(addresses(box))
    assert set(said["people"][0]) == {"name", "address", "username", "password", "maildir"}
    assert set(said["smtp"]) == {"host", "port", "security", "ca"}
    assert set(said["webdav"]) == {"url", "ca"}
    assert set(said["graph"]) == {"url", "ca"}
    assert set(said["exchange"]) == {"url", "ca"}
    assert said["exchange"]["url"].endswith("/EWS/Exchange.asmx")


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_servers_only_prints_one_line_and_ends_cleanly_when_it_is_stopped(tmp_path, number):
    code = (
        "import sys; from core.sandbox.demo import servers_only; sys.exit(servers_only(lambda l: print(l, flush=True)))"
    )
    env = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=env)
    line = process.stdout.readline()
    process.send_signal(number)
    rest, _ = process.communicate(timeout=20)
    assert (json.loads(line)["smtp"]["host"], rest, process.returncode) == ("127.0.0.1", "", 0)
    assert not list(tmp_path.glob("partagenda-demo-*"))
