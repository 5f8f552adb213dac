"""A local mail program keeps what every transport keeps."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from core.backends.sendmail import SendmailTransport
from tests.contracts.mail_transport import MailTransportContract, Post


class ProgramPost(Post):
    def __init__(self, folder: Path) -> None:
        self._box = folder / "arrived"
        self._script = folder / "mailer.py"
        self._script.write_text(
            f"import sys\ndata = sys.stdin.buffer.read()\nopen({str(self._box)!r}, 'wb').write(data)\n"
            "import time\ntime.sleep(60 if 'silent' in sys.argv else 0)\n"
        )

    def transport(self) -> SendmailTransport:
        return SendmailTransport("mail", [sys.executable, str(self._script)])

    def silent(self) -> SendmailTransport:
        return SendmailTransport("mail", [sys.executable, str(self._script), "silent"], time_limit=1.0)

    def broken(self) -> SendmailTransport:
        return SendmailTransport("mail", ["/nowhere/sendmail"])

    def received(self) -> list[bytes]:
        return [self._box.read_bytes()]


@pytest.fixture
def post(tmp_path) -> ProgramPost:
    return ProgramPost(tmp_path)


class TestSendmail(MailTransportContract):
    pass
