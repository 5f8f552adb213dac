"""The sandbox's mail server behaves as a real one: encrypted, signed in, own address, known recipients."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from core.backends.smtp import Limits, Security, SmtpSettings, SmtpTransport
from core.errors import SignInFailed, TransportError
from core.ports.mail import Delivery, Envelope
from core.sandbox.people import Accounts
from core.sandbox.servers import HOST, Certificates, MailServer


class Running:
    def __init__(self, root: Path) -> None:
        self.accounts = Accounts.fresh(root)
        self.certificates = Certificates(root)
        self.mail = MailServer(self.accounts, self.certificates)

    def transport(self, user: str, password: str | None = None, ca: bool = True) -> SmtpTransport:
        word = self.accounts.passwords[user] if password is None else password

        class Password:
            async def password(self, account: str) -> str:
                return word

            def forget(self, account: str) -> None:
                pass

        pem = self.certificates.pem if ca else None
        settings = SmtpSettings(HOST, self.mail.port, Security.STARTTLS, user, pem, Limits(5, 10))
        return SmtpTransport("mail", settings, Password())

    def box(self, key: str) -> list[bytes]:
        return [path.read_bytes() for path in (self.accounts.maildirs[key] / "new").glob("*")]


@pytest.fixture
def running(tmp_path):
    found = Running(tmp_path)
    with found.mail:
        yield found


def letter(*to: str, sender: str = "alice@example.org") -> Envelope:
    return Envelope("<1@example.org>", sender, to, b"Message-ID: <1@example.org>\r\n\r\nHi\r\n.\r\n")


async def test_a_message_arrives_in_each_mailbox(running):
    await running.transport("alice").send(letter("bruno@example.org", "clara@example.net"))
    assert [body.endswith(b"\r\nHi\r\n.\r\n") for key in ("bruno", "clara") for body in running.box(key)] == [
        True,
        True,
    ]


async def test_an_unknown_mailbox_is_refused_alone(running):
    results = await running.transport("alice").send(letter("nobody@example.org", "bruno@example.org"))
    assert [r.delivery for r in results] == [Delivery.REFUSED, Delivery.SENT]


async def test_nobody_sends_as_somebody_else(running):
    (result,) = await running.transport("alice").send(letter("clara@example.net", sender="bruno@example.org"))
    assert result.delivery is Delivery.REFUSED


async def test_a_wrong_password_is_refused(running):
    with pytest.raises(SignInFailed):
        await running.transport("alice", "wrong").send(letter("bruno@example.org"))


async def test_without_its_authority_nobody_talks_to_it(running):
    with pytest.raises(TransportError):
        await running.transport("alice", ca=False).send(letter("bruno@example.org"))


async def test_without_encryption_it_takes_nothing(running):
    settings = SmtpSettings(HOST, running.mail.port, Security.NONE, limits=Limits(5, 10))
    (result,) = await SmtpTransport("mail", settings).send(letter("bruno@example.org"))
    assert (result.delivery, running.box("bruno")) == (Delivery.REFUSED, [])


def test_passwords_differ_between_people_and_runs(tmp_path):
    words = [*Accounts.fresh(tmp_path).passwords.values(), *Accounts.fresh(tmp_path).passwords.values()]
    assert len(set(words)) == 6


def test_the_authority_is_readable_by_its_owner_only(running):
    assert stat.S_IMODE(running.certificates.pem.stat().st_mode) == 0o600
