"""The port MailTransport over a local program."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from typing import IO

from core.backends.sendmail.invocation import invocation
from core.calendar.people import clean_name
from core.errors import ConfigError, DeliveryUnknown, SignInFailed, TransportError, Unreachable
from core.language import _
from core.ports.mail import Delivery, Envelope, RecipientResult

_MOST_OUTPUT = 16 * 1024
_QUOTE = 300


class SendmailTransport:
    """Starts `command` (a list, never a shell) once for each message.

    The message is on the program's standard input from the start, in a file that has no name: so a death of ours in
    between cannot make it send half a message. Whoever stops the program while it runs cannot know what it had done.
    """

    def __init__(self, account: str, command: Sequence[str], *, time_limit: float = 120.0) -> None:
        """`time_limit` is in seconds. Raises ConfigError without a command."""
        if not command or not command[0]:
            raise ConfigError(
                _("The account “{name}” has no command.").format(name=account),
                _('Set command = ["/usr/sbin/sendmail", "-t", "-i"].'),
            )
        self._account = account
        self._command = tuple(command)
        self._time_limit = time_limit

    @property
    def account(self) -> str:
        """The account's name in config.toml."""
        return self._account

    async def send(self, envelope: Envelope) -> Sequence[RecipientResult]:
        """Give the message to the program; one exit code stands for all recipients.

        Raises Unreachable when it may work later, TransportError when the person must do something, and DeliveryUnknown
        when the program was stopped or ended in a way that does not say.
        """
        call = invocation(self._command, envelope)
        with tempfile.TemporaryFile() as message, tempfile.TemporaryFile() as output:  # without a name, 0600
            message.write(call.content)
            message.flush()
            message.seek(0)
            code = await self._run(call.arguments, message, output)
            words = _words(output)
        return self._results(envelope, code, words)

    async def check(self) -> str:
        """Say whether the program is there. Raises TransportError."""
        found = shutil.which(self._command[0])
        if found is None:
            raise self._missing()
        return _("{program} is there; whether it can deliver shows with the first message.").format(program=found)

    async def _run(self, arguments: Sequence[str], message: IO[bytes], output: IO[bytes]) -> int:
        """The exit code. Output goes to a file, so that a child left behind with it open holds nobody up."""
        try:
            process = await asyncio.create_subprocess_exec(
                *arguments,
                stdin=message,
                stdout=output,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,
            )
        except FileNotFoundError as error:
            raise self._missing() from error
        except OSError as error:
            raise TransportError(
                _("{program} cannot be started: {reason}").format(program=self._command[0], reason=error.strerror)
            ) from error
        try:
            async with asyncio.timeout(self._time_limit):
                return await process.wait()
        except TimeoutError as error:
            _kill(process)
            raise self._unknown(_("it did not end in {n} seconds").format(n=round(self._time_limit))) from error
        except asyncio.CancelledError:
            _kill(process)
            raise self._unknown(_("it was stopped")) from None

    def _results(self, envelope: Envelope, code: int, words: str) -> list[RecipientResult]:
        said = f"{os.path.basename(self._command[0])}: {words}" if words else os.path.basename(self._command[0])
        if code == os.EX_OK:
            return [RecipientResult(address, Delivery.SENT) for address in envelope.recipients]
        if code in (os.EX_DATAERR, os.EX_NOUSER):
            reason = _("The mail program refused it: {words}").format(words=said)
            return [RecipientResult(address, Delivery.REFUSED, reason) for address in envelope.recipients]
        raise self._error(code, said, queued="queued" in words.lower())

    def _error(self, code: int, said: str, *, queued: bool) -> TransportError:
        """sysexits.h, as Postfix, Exim and msmtp use it.

        EX_TEMPFAIL is "queued" for the original Sendmail and "nothing was taken" for the others: only words tell. msmtp
        gives EX_IOERR when the line broke, also after the final dot.
        """
        if code == os.EX_TEMPFAIL and queued:
            return self._unknown(said)
        if code in (os.EX_TEMPFAIL, os.EX_UNAVAILABLE, os.EX_NOHOST, os.EX_OSERR):
            return Unreachable(
                _("The mail program cannot send at the moment: {words}").format(words=said),
                _("Nothing was handed over. It is tried again later."),
            )
        if code == os.EX_NOPERM:
            return SignInFailed(
                _("The mail program was not allowed in: {words}").format(words=said),
                _("Check the name and the password in its own configuration."),
            )
        known = (
            os.EX_USAGE,
            os.EX_SOFTWARE,
            os.EX_OSFILE,
            os.EX_CANTCREAT,
            os.EX_PROTOCOL,
            os.EX_CONFIG,
            os.EX_NOINPUT,
        )
        if code in known:
            return TransportError(
                _("The mail program failed (exit code {code}): {words}").format(code=code, words=said),
                _("Try the command of the account by hand."),
            )
        return self._unknown(_("it ended with code {code}: {words}").format(code=code, words=said))

    def _unknown(self, why: str) -> DeliveryUnknown:
        return DeliveryUnknown(
            _("Nobody knows whether {program} sent it: {why}.").format(program=self._command[0], why=why.rstrip("."))
        )

    def _missing(self) -> TransportError:
        return TransportError(
            _("There is no program {program}.").format(program=self._command[0]),
            _("Give its full path as the first word of “command”."),
        )


def _words(output: IO[bytes]) -> str:
    """The beginning of what the program said, on one line."""
    output.seek(0)
    return clean_name(output.read(_MOST_OUTPUT).decode(errors="replace"))[:_QUOTE]


def _kill(process: asyncio.subprocess.Process) -> None:
    """End the program and its children: it is the leader of a session of its own."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
