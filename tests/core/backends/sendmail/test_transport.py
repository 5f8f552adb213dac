"""A local mail program gets exactly the message and the recipients, and its answer is understood."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import pytest

from core.backends.sendmail import SendmailTransport
from core.backends.sendmail.invocation import invocation
from core.errors import ConfigError, DeliveryUnknown, SignInFailed, TransportError, Unreachable
from core.ports.mail import Delivery, Envelope
from tests.patience import cancelled_within

CONTENT = b"From: alice@example.org\r\nTo: Bruno <bruno@example.org>\r\nMessage-ID: <1@example.org>\r\n\r\nHi\r\n"
BRUNO, CLARA = "bruno@example.org", "clara@example.net"


def letter(*to: str) -> Envelope:
    return Envelope("<1@example.org>", "alice@example.org", to or (BRUNO,), CONTENT)


@pytest.fixture
def program(tmp_path: Path):
    """A program that writes down what it got, says `words` and ends with `code` after `pause` seconds."""
    record = tmp_path / "got.json"

    def make(code: int = 0, words: str = "", pause: float = 0) -> list[str]:
        script = tmp_path / "mailer.py"
        script.write_text(
            "import json,sys,time\n"
            f"json.dump([sys.argv[1:], sys.stdin.buffer.read().decode()], open({str(record)!r}, 'w'))\n"
            f"time.sleep({pause})\nsys.stderr.write({words!r})\nsys.exit({code})\n"
        )
        return [sys.executable, str(script)]

    make.got = lambda: json.loads(record.read_text())
    return make


async def test_the_message_is_on_standard_input(program):
    await SendmailTransport("mail", program()).send(letter())
    assert program.got()[1].encode() == CONTENT


async def test_without_t_the_recipients_are_arguments_behind_two_dashes(program):
    await SendmailTransport("mail", program()).send(letter(BRUNO, CLARA))
    assert program.got()[0] == ["--", BRUNO, CLARA]


def test_with_t_nobody_is_named_on_the_command_line():
    assert invocation(["sendmail", "-t", "-i"], letter(BRUNO, CLARA)).arguments == ("sendmail", "-t", "-i")


def test_with_t_only_those_who_are_not_named_in_the_message_get_a_bcc():
    assert invocation(["sendmail", "-t", "-i"], letter(BRUNO, CLARA)).content == b"Bcc: clara@example.net\r\n" + CONTENT


def test_with_t_a_second_attempt_does_not_reach_those_who_have_it():
    call = invocation(["sendmail", "-t", "-i"], letter(CLARA))
    assert (call.arguments, call.content) == (("sendmail", "-i", "--", CLARA), CONTENT)


@pytest.mark.parametrize("command", [["sendmail", "-t"], ["sendmail"]])
def test_an_address_cannot_bring_a_header_of_its_own(command):
    with pytest.raises(TransportError):
        invocation(command, letter(BRUNO, "x@example.org\r\nBcc: evil@example.net"))


async def test_a_program_that_ends_well_has_sent_it(program):
    (result,) = await SendmailTransport("mail", program()).send(letter())
    assert result.delivery is Delivery.SENT


@pytest.mark.parametrize("code", [os.EX_DATAERR, os.EX_NOUSER])
async def test_a_refusal_is_final_and_quotes_the_program(program, code):
    (result,) = await SendmailTransport("mail", program(code, "no such user")).send(letter())
    assert (result.delivery, "no such user" in result.reason) == (Delivery.REFUSED, True)


@pytest.mark.parametrize("code", [os.EX_TEMPFAIL, os.EX_UNAVAILABLE, os.EX_NOHOST])
async def test_a_temporary_failure_may_be_tried_again(program, code):
    with pytest.raises(Unreachable, match="host down"):
        await SendmailTransport("mail", program(code, "host down")).send(letter())


async def test_a_program_that_says_it_queued_it_may_have_sent_it(program):
    with pytest.raises(DeliveryUnknown):
        await SendmailTransport("mail", program(os.EX_TEMPFAIL, "message queued")).send(letter())


@pytest.mark.parametrize("code", [os.EX_IOERR, 1, 200])
async def test_an_exit_code_that_says_nothing_leaves_it_unknown(program, code):
    with pytest.raises(DeliveryUnknown):
        await SendmailTransport("mail", program(code)).send(letter())


async def test_no_permission_is_a_failure_to_sign_in(program):
    with pytest.raises(SignInFailed):
        await SendmailTransport("mail", program(os.EX_NOPERM)).send(letter())


async def test_a_wrong_configuration_is_for_the_person(program):
    with pytest.raises(TransportError) as caught:
        await SendmailTransport("mail", program(os.EX_CONFIG)).send(letter())
    assert not isinstance(caught.value, (Unreachable, DeliveryUnknown))


async def test_a_program_that_is_not_there_is_named():
    with pytest.raises(TransportError, match="/nowhere/sendmail"):
        await SendmailTransport("mail", ["/nowhere/sendmail", "-t"]).send(letter())


async def test_a_program_that_does_not_end_is_stopped_and_the_outcome_unknown(program):
    before = time.monotonic()
    with pytest.raises(DeliveryUnknown):
        await SendmailTransport("mail", program(pause=30), time_limit=0.5).send(letter())
    assert time.monotonic() - before < 5


async def test_a_cancellation_takes_effect_at_once(program):
    ended = await cancelled_within(lambda: SendmailTransport("mail", program(pause=30)).send(letter()), 0.3)
    assert isinstance(ended, DeliveryUnknown)


async def test_output_without_end_does_not_reach_the_message(program):
    with pytest.raises(Unreachable) as caught:
        await SendmailTransport("mail", program(os.EX_TEMPFAIL, "x" * 100_000)).send(letter())
    assert len(caught.value.message) < 500


def test_an_account_without_a_command_is_refused():
    with pytest.raises(ConfigError):
        SendmailTransport("mail", [])


async def test_check_finds_the_program():
    assert sys.executable in await SendmailTransport("mail", [sys.executable]).check()
