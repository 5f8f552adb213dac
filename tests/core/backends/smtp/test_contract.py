"""SMTP keeps what every transport keeps."""

from __future__ import annotations

import pytest

from core.backends.smtp import Limits, Security, SmtpSettings, SmtpTransport
from tests.contracts.mail_transport import MailTransportContract, Post
from tests.ports import free_port

QUICK = Limits(step=1.0, total=2.0, farewell=0.2)


class SmtpPost(Post):
    def __init__(self, good, mute) -> None:
        self._good, self._mute = good, mute

    def transport(self) -> SmtpTransport:
        return self._to(self._good.port)

    def silent(self) -> SmtpTransport:
        return self._to(self._mute.port)

    def broken(self) -> SmtpTransport:
        return self._to(free_port())

    def received(self) -> list[bytes]:
        return [body.removesuffix(b".\r\n").replace(b"\r\n..", b"\r\n.") for body, _to in self._good.taken]

    def _to(self, port: int) -> SmtpTransport:
        return SmtpTransport("mail", SmtpSettings("127.0.0.1", port, Security.NONE, limits=QUICK))


@pytest.fixture
async def post(start, scripted) -> SmtpPost:
    return SmtpPost(await start(scripted()), await start(scripted(answers={"dot": "<hang>"})))


class TestSmtp(MailTransportContract):
    pass
