"""A Maildir keeps what every mailbox keeps."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.backends.maildir import MaildirSource, deliver
from core.backends.maildir.delivery import make_maildir
from tests.contracts.message_source import Mailbox, MessageSourceContract


class MaildirMailbox(Mailbox):
    def __init__(self, path: Path) -> None:
        self._path = path
        make_maildir(path)

    def source(self) -> MaildirSource:
        return MaildirSource("inbox", self._path)

    def put(self, message: bytes) -> None:
        deliver(self._path, message)

    def state(self) -> object:
        return {str(p): (p.stat().st_mtime_ns, p.stat().st_mode, p.stat().st_ino) for p in self._path.rglob("*")}


@pytest.fixture
def mailbox(tmp_path) -> MaildirMailbox:
    return MaildirMailbox(tmp_path / "Maildir")


class TestMaildir(MessageSourceContract):
    pass
