"""Asks a program for people, as mutt does (query_command in muttrc(5)): no shell, a time limit, bounded output."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Sequence
from contextlib import suppress

from core.calendar.people import Address, clean_name, parse_address
from core.errors import UsageError

_MOST_OUTPUT = 256 * 1024


async def query(command: Sequence[str], text: str, time_limit: float) -> list[Address]:
    """The people that the program names; nobody when it fails or takes more than `time_limit` seconds.

    `%s` in an argument is replaced by the text; without one the text is the last argument. A text that looks like an
    option is not one: the programs that are used here (khard, abook, lbdbq) take it as a word only behind the rest.
    """
    if text.startswith("-") or "\0" in text:
        return []
    arguments = [argument.replace("%s", text) for argument in command]
    if arguments == list(command):
        arguments.append(text)
    try:
        process = await asyncio.create_subprocess_exec(
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
    except (OSError, ValueError):
        return []
    try:
        async with asyncio.timeout(time_limit):
            return parse_answer(await _bounded(process))
    except TimeoutError:
        return []
    finally:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        with suppress(TimeoutError):
            async with asyncio.timeout(1):
                await process.wait()


async def _bounded(process: asyncio.subprocess.Process) -> bytes:
    assert process.stdout is not None
    kept = bytearray()
    while len(kept) < _MOST_OUTPUT and (chunk := await process.stdout.read(16 * 1024)):
        kept += chunk
    if len(kept) >= _MOST_OUTPUT:
        return bytes(kept[:_MOST_OUTPUT]).rpartition(b"\n")[0]  # without the line that was cut
    return bytes(kept)


def parse_answer(output: bytes) -> list[Address]:
    """Lines `address TAB name TAB other`; the first line is a heading where it holds no address."""
    people = []
    for line in output.decode("utf-8", "replace").splitlines():
        address, _tab, rest = line.partition("\t")
        try:
            found = parse_address(address)
        except UsageError:
            continue
        people.append(Address(found.address, clean_name(rest.partition("\t")[0])[:200] or found.name))
    return people
