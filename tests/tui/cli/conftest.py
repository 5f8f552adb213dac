"""Running commands as a person does, in this process, with what they wrote."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.config import logs
from tui.__main__ import main

ME = '[me]\nname = "Alice Martin"\naddress = "alice@example.org"\ntime_zone = "Europe/Paris"\n'


@dataclass
class Answer:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        """The one JSON value on standard output."""
        return json.loads(self.out)


Run = Callable[..., Answer]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """`run("new", "Work")`: the exit code and both streams. Standard input is no terminal."""

    def command(*arguments: str, typed: str = "") -> Answer:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(typed.encode())))
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        logs.stop()
        return Answer(code, captured.out, captured.err)

    return command


@pytest.fixture
def config(own_home: Path) -> Callable[[str], Path]:
    """Write config.toml: who one is, and what is given."""

    def write(more: str = "", *, me: str = ME) -> Path:
        file = own_home / "config" / "partagenda" / "config.toml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(me + more, encoding="utf-8")
        file.chmod(0o600)
        return file

    return write
