"""What a sender is told about each step of a conversation that may go wrong."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import pytest
import trustme

from core.backends.smtp import Limits, Security, SmtpSettings, SmtpTransport
from core.errors import (
    CertificateError,
    ConfigError,
    DeliveryUnknown,
    SignInFailed,
    TransportError,
    Unreachable,
)
from core.ports.mail import Delivery, Envelope
from tests.patience import cancelled_within
from tests.ports import free_port
from tests.soak import soak

QUICK = Limits(step=0.4, total=1.0, farewell=0.2)
CONTENT = b"Message-ID: <1@example.org>\r\nFrom: alice@example.org\r\nTo: bruno@example.org\r\n\r\nHello\r\n.dot\r\n"


def letter(*recipients: str, content: bytes = CONTENT, sender: str = "alice@example.org") -> Envelope:
    return Envelope("<1@example.org>", sender, recipients or ("bruno@example.org",), content)


def plain(server, limits: Limits = QUICK) -> SmtpTransport:
    return SmtpTransport("mail", SmtpSettings("127.0.0.1", server.port, Security.NONE, limits=limits))


class Password:
    def __init__(self) -> None:
        self.forgotten: list[str] = []

    def forget(self, account: str) -> None:
        self.forgotten.append(account)

    async def password(self, account: str) -> str:
        return "correct horse"


async def test_a_taken_message_is_sent_for_each_recipient(start, scripted):
    server = await start(scripted())
    results = await plain(server).send(letter("bruno@example.org", "clara@example.net"))
    assert [(r.address, r.delivery) for r in results] == [
        ("bruno@example.org", Delivery.SENT),
        ("clara@example.net", Delivery.SENT),
    ]


async def test_the_message_arrives_byte_for_byte_with_leading_dots(start, scripted):
    server = await start(scripted())
    await plain(server).send(letter())
    body = server.taken[0][0].removesuffix(b".\r\n").replace(b"\r\n..", b"\r\n.")
    assert body == CONTENT


async def test_the_machines_own_name_is_not_told(start, scripted):
    server = await start(scripted())
    await plain(server).send(letter())
    assert server.heard[0] == "EHLO [127.0.0.1]"


@soak("SMTP faults: 0 lost, 0 doubled, said where nobody can know", 1)
async def test_one_of_three_recipients_refused_is_the_only_one_not_sent(start, scripted):
    server = await start(scripted(answers={"RCPT": ["250 ok", "550 5.1.1 nobody here", "250 ok"]}))
    results = await plain(server).send(letter("a@example.org", "b@example.org", "c@example.org"))
    assert [r.delivery for r in results] == [Delivery.SENT, Delivery.REFUSED, Delivery.SENT]


async def test_a_refused_recipient_comes_with_the_servers_words(start, scripted):
    server = await start(scripted(answers={"RCPT": "550 5.1.1 nobody \x1b[31mhere"}))
    results = await plain(server).send(letter())
    assert results[0].reason == "550 5.1.1 nobody [31mhere"


async def test_when_all_recipients_are_refused_no_message_is_handed_over(start, scripted):
    server = await start(scripted(answers={"RCPT": "550 no"}))
    await plain(server).send(letter("a@example.org", "b@example.org"))
    assert "DATA" not in server.heard


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA", "dot"])
@soak("SMTP faults: 0 lost, 0 doubled, said where nobody can know", 1)
async def test_a_4xx_at_a_step_may_be_tried_again(start, scripted, step):
    server = await start(scripted(answers={step: "451 later"}))
    (result,) = await plain(server).send(letter())
    assert (result.delivery, result.retry) == (Delivery.QUEUED, True)


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA", "dot"])
@soak("SMTP faults: 0 lost, 0 doubled, said where nobody can know", 1)
async def test_a_5xx_at_a_step_is_final(start, scripted, step):
    server = await start(scripted(answers={step: "554 never"}))
    (result,) = await plain(server).send(letter())
    assert (result.delivery, result.retry) == (Delivery.REFUSED, False)


@pytest.mark.parametrize("step", ["greeting", "EHLO"])
async def test_a_4xx_before_the_message_is_unreachable_for_now(start, scripted, step):
    server = await start(scripted(answers={step: "421 busy"}))
    with pytest.raises(Unreachable, match="421 busy"):
        await plain(server).send(letter())


@pytest.mark.parametrize("step", ["greeting", "EHLO"])
async def test_a_5xx_before_the_message_is_for_the_person_to_mend(start, scripted, step):
    server = await start(scripted(answers={step: "554 go away"}))
    with pytest.raises(TransportError, match="554 go away") as caught:
        await plain(server).send(letter())
    assert not isinstance(caught.value, Unreachable)


@pytest.mark.parametrize("step", ["greeting", "EHLO", "MAIL", "RCPT", "DATA"])
async def test_a_line_cut_before_the_final_dot_hands_nothing_over(start, scripted, step):
    server = await start(scripted(answers={step: "<cut>"}))
    with pytest.raises(Unreachable):
        await plain(server).send(letter())


@soak("SMTP faults: 0 lost, 0 doubled, said where nobody can know", 1)
async def test_a_line_cut_in_the_body_hands_nothing_over(start, scripted):
    server = await start(scripted(cut_in_body=True))
    big = CONTENT + b"x" * 70 + b"\r\n" + (b"y" * 70 + b"\r\n") * 200_000
    with pytest.raises(Unreachable):
        await plain(server, Limits(step=5, total=10)).send(letter(content=big))


@pytest.mark.parametrize("answer", ["<cut>", "<hang>", "<drip>", "not smtp at all", "354 what"])
async def test_without_a_proper_answer_to_the_final_dot_nobody_can_know(start, scripted, answer):
    server = await start(scripted(answers={"dot": answer}))
    with pytest.raises(DeliveryUnknown):
        await plain(server).send(letter())


@pytest.mark.parametrize("step", ["greeting", "EHLO", "MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("fault", ["<hang>", "<drip>"])
@soak("time-outs: total deadline kept", 1)
async def test_a_server_that_never_finishes_an_answer_is_left(start, scripted, step, fault):
    server = await start(scripted(answers={step: fault}))
    with pytest.raises(Unreachable):
        await plain(server).send(letter())


@soak("time-outs: total deadline kept", 1)
async def test_the_total_deadline_holds_although_each_step_is_in_time(start, scripted):
    server = await start(scripted(answers={"RCPT": ["<drip>"] * 9}))
    with pytest.raises(Unreachable):
        await plain(server, Limits(step=30, total=0.5)).send(letter())


@soak("SMTP faults: 0 lost, 0 doubled, said where nobody can know", 1)
async def test_an_answer_of_ten_thousand_lines_is_refused(start, scripted):
    flood = "\r\n".join(["250-more"] * 10_000 + ["250 end"])
    server = await start(scripted(answers={"EHLO": flood}))
    with pytest.raises(Unreachable):
        await plain(server).send(letter())


@soak("SMTP faults: 0 lost, 0 doubled, said where nobody can know", 1)
async def test_a_port_where_nobody_listens_is_unreachable():
    with pytest.raises(Unreachable):
        await SmtpTransport("mail", SmtpSettings("127.0.0.1", free_port(), Security.NONE, limits=QUICK)).send(letter())


@pytest.mark.parametrize("step", ["greeting", "EHLO", "MAIL", "RCPT", "DATA", "dot"])
@soak("time-outs: cancelled under 0.3 s", 1)
async def test_a_cancellation_takes_effect_at_once(start, scripted, step):
    server = await start(scripted(answers={step: "<hang>"}))
    await cancelled_within(lambda: plain(server, Limits(step=30, total=60)).send(letter()))


async def test_a_cancellation_before_the_final_dot_is_a_cancellation(start, scripted):
    server = await start(scripted(answers={"DATA": "<hang>"}))
    task = asyncio.create_task(plain(server, Limits(step=30, total=60)).send(letter()))
    await asyncio.sleep(0.15)
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()


async def test_a_cancellation_after_the_final_dot_says_that_it_may_have_been_sent(start, scripted):
    server = await start(scripted(answers={"dot": "<hang>"}))
    task = asyncio.create_task(plain(server, Limits(step=30, total=60)).send(letter()))
    await asyncio.sleep(0.15)
    task.cancel()
    with pytest.raises(DeliveryUnknown):
        await task


async def test_a_goodbye_that_never_comes_does_not_spoil_a_sent_message(start, scripted):
    class Rude(scripted):
        async def _say(self, writer, text):
            await super()._say(writer, "<hang>" if text.startswith("221") else text)

    server = await start(Rude())
    (result,) = await plain(server).send(letter())
    assert result.delivery is Delivery.SENT


# --- encryption and signing in ----------------------------------------------------------------------------------------


def secure(server, ca: Path | None, security: Security = Security.STARTTLS, username: str = "") -> SmtpTransport:
    settings = SmtpSettings("127.0.0.1", server.port, security, username, ca, QUICK)
    return SmtpTransport("mail", settings, Password())


async def test_starttls_with_the_accounts_authority_sends(start, scripted, tls, ca):
    server = await start(scripted(tls=tls))
    (result,) = await secure(server, ca).send(letter())
    assert result.delivery is Delivery.SENT


async def test_tls_from_the_start_sends(start, scripted, tls, ca):
    server = await start(scripted(tls=tls), tls_from_start=True)
    (result,) = await secure(server, ca, Security.TLS).send(letter())
    assert result.delivery is Delivery.SENT


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
@soak("SMTP faults: 0 lost, 0 doubled, said where nobody can know", 1)
async def test_an_unknown_authority_is_a_certificate_error(start, scripted, tls, security):
    server = await start(scripted(tls=tls), tls_from_start=security is Security.TLS)
    with pytest.raises(CertificateError):
        await secure(server, None, security).send(letter())


@soak("SMTP faults: 0 lost, 0 doubled, said where nobody can know", 1)
async def test_a_certificate_for_another_name_is_a_certificate_error(start, scripted, authority: trustme.CA, ca):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("mail.example.org").configure_cert(context)
    server = await start(scripted(tls=context))
    with pytest.raises(CertificateError):
        await secure(server, ca).send(letter())


@soak("SMTP faults: 0 lost, 0 doubled, said where nobody can know", 1)
async def test_a_server_without_starttls_gets_neither_password_nor_message(start, scripted, ca):
    server = await start(scripted(extensions=("AUTH PLAIN",)))
    with pytest.raises(TransportError, match="STARTTLS"):
        await secure(server, ca, username="alice").send(letter())
    assert [line.partition(" ")[0] for line in server.heard] in (["EHLO", "QUIT"], ["EHLO"])


@soak("SMTP faults: 0 lost, 0 doubled, said where nobody can know", 1)
async def test_a_starttls_that_is_none_is_refused(start, scripted, ca):
    server = await start(scripted(false_tls=True))
    with pytest.raises(TransportError):
        await secure(server, ca).send(letter())
    assert not server.taken


async def test_a_wrong_password_is_tried_once_and_said(start, scripted, tls, ca):
    server = await start(scripted(tls=tls, extensions=("AUTH CRAM-MD5 PLAIN LOGIN",), answers={"AUTH": "535 no"}))
    with pytest.raises(SignInFailed, match="alice"):
        await secure(server, ca, username="alice").send(letter())
    assert sum(line.startswith("AUTH") for line in server.heard) == 1


async def test_a_wrong_password_is_read_anew_the_next_time(start, scripted, tls, ca):
    server = await start(scripted(tls=tls, extensions=("AUTH PLAIN",), answers={"AUTH": "535 no"}))
    settings = SmtpSettings("127.0.0.1", server.port, Security.STARTTLS, "alice", ca, QUICK)
    password = Password()
    with pytest.raises(SignInFailed):
        await SmtpTransport("mail", settings, password).send(letter())
    assert password.forgotten == ["mail"]


async def test_the_password_is_in_no_error(start, scripted, tls, ca):
    server = await start(scripted(tls=tls, extensions=("AUTH PLAIN",), answers={"AUTH": "535 no"}))
    with pytest.raises(SignInFailed) as caught:
        await secure(server, ca, username="alice").send(letter())
    chain = f"{caught.value!r} {caught.value.hint} {caught.value.__cause__!r}"
    assert "correct horse" not in chain


async def test_a_temporary_failure_to_sign_in_may_be_tried_again(start, scripted, tls, ca):
    server = await start(scripted(tls=tls, extensions=("AUTH PLAIN",), answers={"AUTH": "454 later"}))
    with pytest.raises(Unreachable):
        await secure(server, ca, username="alice").send(letter())


def test_clear_text_to_another_machine_is_refused():
    with pytest.raises(ConfigError, match="clear text"):
        SmtpSettings("mail.example.org", security=Security.NONE)


async def test_a_ca_file_that_is_none_is_named(start, scripted, tls, tmp_path: Path):
    wrong = tmp_path / "wrong.pem"
    wrong.write_text("no certificate")
    server = await start(scripted(tls=tls))
    with pytest.raises(ConfigError, match=r"wrong\.pem"):
        await secure(server, wrong).send(letter())


async def test_check_says_what_the_server_can_do(start, scripted, tls, ca):
    server = await start(scripted(tls=tls, extensions=("AUTH PLAIN", "SIZE 10485760", "SMTPUTF8")))
    words = await secure(server, ca, username="alice").check()
    assert words == (
        f"127.0.0.1:{server.port} · STARTTLS · signed in as alice · messages up to 10 MB · international addresses"
    )


# --- addresses and sizes ----------------------------------------------------------------------------------------------


async def test_an_international_address_goes_to_a_server_that_can(start, scripted):
    server = await start(scripted(extensions=("SMTPUTF8", "8BITMIME")))
    await plain(server).send(letter("zoë@example.org"))
    assert any(line.startswith("MAIL") and "SMTPUTF8" in line for line in server.heard)


async def test_an_international_address_is_refused_in_plain_words_by_one_that_cannot(start, scripted):
    server = await start(scripted())
    with pytest.raises(TransportError, match="zoë@example") as caught:
        await plain(server).send(letter("zoë@example.org"))
    assert "another address" in caught.value.hint


async def test_a_message_that_is_too_large_is_not_handed_over(start, scripted):
    server = await start(scripted(extensions=("SIZE 50",)))
    (result,) = await plain(server).send(letter())
    assert (result.delivery, "DATA" in server.heard) == (Delivery.REFUSED, False)
