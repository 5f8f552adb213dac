"""One run of the system's `sftp` in batch mode: the person's own configuration, keys and known_hosts, no questions.

No shell: arguments are a list, file names on this side are numbers in a private folder. The program and what it started
are ended when the time is over, and may write no larger file than a calendar can be.
"""

from __future__ import annotations

import asyncio
import os
import resource
import signal
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from core.backends.sftp.address import SftpAddress
from core.errors import DeliveryUnknown, Unreachable
from core.language import _
from core.values import dataclass

LARGEST = 64 << 20
"""Bytes of a file that is read back, and of what the program says."""
_ECHO = "sftp> "
_OPTIONS = ("BatchMode=yes", "ConnectTimeout=30", "ServerAliveInterval=15", "ServerAliveCountMax=3")


@dataclass(frozen=True, slots=True)
class Said:
    """What came of a run: one text for each command that was begun (empty: nothing to complain of)."""

    code: int
    before: str
    """What ssh said before the first command."""
    answers: tuple[str, ...]

    @property
    def connected(self) -> bool:
        """Whether any command was begun."""
        return bool(self.answers)

    @property
    def broke(self) -> bool:
        """Whether the connection did not live to the end."""
        return self.code not in (0, 1)


class Batch:
    """Runs batches against the host of an address. `program`: sftp, and arguments before ours."""

    def __init__(self, program: Sequence[str], deadline: float) -> None:
        self._program = tuple(program)
        self._deadline = deadline

    async def run(
        self, address: SftpAddress, room: Path, commands: Sequence[str], *options: str, writes: bool = False
    ) -> Said:
        """Run these in the folder `room` of this side. `writes`: once handed over, nobody knows what was done.

        Raises Unreachable where the program is not there, and at the deadline, which is DeliveryUnknown if it `writes`.
        """
        words = [word for option in _OPTIONS for word in ("-o", option)]
        port = ["-P", str(address.port)] if address.port else []
        arguments = [*self._program, *words, *options, *port, "-b", "-", "--", address.login]
        process = await _start(arguments, room)
        text = "".join(f"{command}\n" for command in commands).encode()
        try:
            async with asyncio.timeout(self._deadline):
                said = await _talk(process, text)
        except TimeoutError:
            raise _late(address, writes=writes) from None
        finally:
            await _end(process)
        return _read(said.decode("utf-8", "replace"), process.returncode or 0)


async def _start(arguments: Sequence[str], room: Path) -> asyncio.subprocess.Process:
    """OpenSSH in English, so that its words can be read, and in a group of its own. Raises Unreachable without it."""
    try:
        process = await asyncio.create_subprocess_exec(
            *arguments,
            cwd=room,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,  # no terminal to ask on, and one group to end
        )
    except OSError as error:
        raise Unreachable(
            _("The program “{program}” cannot be started: {reason}.").format(
                program=arguments[0], reason=error.strerror or str(error)
            ),
            _("Install OpenSSH’s client, in Debian: apt install openssh-client"),
        ) from error
    if hasattr(resource, "prlimit"):
        with suppress(OSError):
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (LARGEST, LARGEST))
    return process


async def _talk(process: asyncio.subprocess.Process, text: bytes) -> bytes:
    assert process.stdin is not None
    assert process.stdout is not None
    with suppress(OSError):
        process.stdin.write(text)
        process.stdin.close()
    said = bytearray()
    while len(said) < LARGEST and (piece := await process.stdout.read(65_536)):
        said += piece
    if len(said) < LARGEST:
        await process.wait()
    return bytes(said)


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


def _read(text: str, code: int) -> Said:
    before: list[str] = []
    answers: list[list[str]] = []
    for line in text.splitlines():
        if line.startswith(_ECHO):
            answers.append([])
        else:
            (answers[-1] if answers else before).append(line)
    return Said(code, "\n".join(before), tuple("\n".join(lines) for lines in answers))


def _late(address: SftpAddress, *, writes: bool) -> Unreachable | DeliveryUnknown:
    if writes:
        return DeliveryUnknown(
            _("The connection to {host} broke: “{name}” may have been published.").format(
                host=address.host, name=address.name
            ),
            _("The next sync looks, and finishes it."),
        )
    return Unreachable(_("{host} did not answer in time.").format(host=address.host), _("It may work later."))
