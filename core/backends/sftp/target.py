"""A folder behind SSH as a PublishTarget, by batches of OpenSSH's `sftp`.

A file is put under a temporary name, read back, and renamed into its place, where it is read back once more. The rename
replaces the old file in one step where the server knows OpenSSH's extension for it (posix-rename); elsewhere the old
file is taken away first, and for a moment there is none: never a part of one.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from core.backends.sftp.address import SftpAddress, below, is_plain, quoted
from core.backends.sftp.batch import Batch, Said
from core.backends.sftp.translate import changed, complaint, is_missing, missing_folder, no_connection, unknown
from core.errors import PartagendaError, TransportError, Unreachable
from core.language import _
from core.ports.publishing import NOTHING, Place, Stored, TargetAbilities, fingerprint

DEADLINE = 180.0
"""Seconds that one connection may take in all."""
_LISTED = re.compile(r"([-dl])\S+ +\S+ +\S+ +\S+ +(\d+) +\S+ +\S+ +\S+ (.+)")
_SENT, _KEPT, _THERE = "sent", "kept", "there"


class SftpTarget:
    """Implements `core.ports.PublishTarget` for every host that the person's ssh can sign in to without a question."""

    def __init__(self, program: Sequence[str] = ("sftp",), deadline: float = DEADLINE) -> None:
        self._batch = Batch(program, deadline)

    async def abilities(self, folder: str) -> TargetAbilities:
        """As the server announces itself; the program tells it among what it does."""
        address = SftpAddress.read(folder)
        async with _room() as room:
            said = await self._batch.run(address, room, [f"ls -ln {_here(address)}"], "-v", "-v")
        if not said.connected:
            raise no_connection(said, address)
        if said.code:
            raise complaint(_without_debug(said.answers[-1]), address)
        return TargetAbilities(atomic="posix-rename@openssh.com" in said.before)

    async def places(self, folder: str) -> Sequence[Place]:
        """Hidden files are left out, and names that cannot stand in an address here."""
        address = SftpAddress.read(folder)
        (said,) = (await self._run(address, _enter(address), "ls -ln"))[-1:]
        found = [_place(folder, match) for line in said.splitlines() if (match := _LISTED.fullmatch(line))]
        plain = [place for place in found if is_plain(place.name)]
        return sorted(plain, key=lambda place: (not place.folder, place.name.casefold()))

    async def make_folder(self, folder: str) -> None:
        """One level."""
        address = SftpAddress.read(folder)
        made, entered = await self._run(address, f"-mkdir {_here(address)}", f"-{_enter(address)}")
        if entered:
            above = SftpAddress.read(folder.rstrip("/").rpartition("/")[0] + "/")
            raise missing_folder(above) if is_missing(made) else complaint(made or entered, address)

    async def read(self, address: str) -> bytes | None:
        """None also when the folder is not there."""
        place = SftpAddress.read(address)
        async with _room() as room:
            return await self._look(place, room)

    async def put(
        self, address: str, content: bytes, *, media_type: str, expected: Collection[str], token: str
    ) -> Stored:
        """Three connections: a look, the temporary file, the rename."""
        place = SftpAddress.read(address)
        async with _room() as room:
            there = await self._look(place, room, folder_needed=True)
            _mine(place, there, expected)
            if there != content:
                temporary = _temporary(place, token)
                await asyncio.to_thread(_write, room / _SENT, content)
                try:
                    await self._upload(place, room, temporary, content)
                    _mine(place, await _bytes(room / _THERE), expected)
                except PartagendaError:
                    await self._drop(place, temporary)
                    raise
                await self._replace(place, room, temporary, content)
        return Stored(fingerprint(content), len(content))

    async def remove(self, address: str, *, expected: Collection[str]) -> bool:
        """Taken away, then looked for."""
        place = SftpAddress.read(address)
        async with _room() as room:
            there = await self._look(place, room)
            _mine(place, there, (*expected, NOTHING))
            if there is None:
                return False
            await self._run(place, _enter(place), f"rm {quoted(place.name)}", room=room, writes=True)
            if await self._look(place, room) is not None:
                raise changed(place)
        return True

    async def sweep(self, address: str, token: str) -> int:
        """The one temporary name that this token can have left."""
        place = SftpAddress.read(address)
        answers = await self._run(place, f"-{_enter(place)}", f"-rm {quoted(_temporary(place, token))}")
        wrong = next((text for text in answers if text and not is_missing(text) and "Removing" not in text), "")
        if wrong:
            raise complaint(wrong, place)
        return int(not any(is_missing(text) for text in answers))

    async def close(self) -> None:
        """Nothing is held."""

    # how -------------------------------------------------------------------------------------------------

    async def _run(
        self, address: SftpAddress, *commands: str, room: Path | None = None, writes: bool = False
    ) -> Sequence[str]:
        """Each command's answer. Raises for a connection that broke, and for a command that failed without a `-`."""
        if room is None:
            async with _room() as fresh:
                return await self._run(address, *commands, room=fresh, writes=writes)
        said = await self._batch.run(address, room, commands, writes=writes)
        self._whole(said, address, len(commands), writes=writes)
        return said.answers

    def _whole(self, said: Said, address: SftpAddress, count: int, *, writes: bool) -> None:
        if not said.connected:
            raise no_connection(said, address)
        if said.broke or (said.code == 0 and len(said.answers) != count):
            raise unknown(address) if writes else _cut(address)
        if said.code:
            raise complaint(said.answers[-1], address)

    async def _look(self, place: SftpAddress, room: Path, *, folder_needed: bool = False) -> bytes | None:
        with suppress(FileNotFoundError):
            (room / _THERE).unlink()
        entered, got = await self._run(place, f"-{_enter(place)}", f"-{_get(place.name, _THERE)}", room=room)
        if entered:
            if is_missing(entered) and not folder_needed:
                return None
            raise complaint(entered, place)
        return await _got(place, got, room / _THERE)

    async def _upload(self, place: SftpAddress, room: Path, temporary: str, content: bytes) -> None:
        """Under the temporary name; read back there, and once more what lies in the place."""
        with suppress(FileNotFoundError):
            (room / _THERE).unlink()
        commands = (
            _enter(place),
            f"-rm {quoted(temporary)}",
            f'put -f "{_SENT}" {quoted(temporary)}',
            _get(temporary, _KEPT),
            f"-{_get(place.name, _THERE)}",
        )
        answers = await self._run(place, *commands, room=room)
        if await _bytes(room / _KEPT) != content:
            raise _not_kept(place)
        await _got(place, answers[-1], room / _THERE)

    async def _replace(self, place: SftpAddress, room: Path, temporary: str, content: bytes) -> None:
        """Raises Conflict when something else lies there afterwards, DeliveryUnknown when one cannot look."""
        rename = f"rename {quoted(temporary)} {quoted(place.name)}"
        _entered, refused = await self._run(place, _enter(place), f"-{rename}", room=room, writes=True)
        if refused:  # no posix-rename there: the name has to be free
            rm = f"-rm {quoted(place.name)}"
            _entered, _removed, refused = await self._run(
                place, _enter(place), rm, f"-{rename}", room=room, writes=True
            )
        if refused:
            await self._drop(place, temporary)
            raise complaint(refused, place)
        try:
            found = await self._look(place, room)
        except TransportError as error:
            raise unknown(place) from error
        if found != content:
            raise changed(place, gone=found is None)

    async def _drop(self, place: SftpAddress, temporary: str) -> None:
        with suppress(PartagendaError):  # else it is swept later, by its name
            await self._run(place, f"-{_enter(place)}", f"-rm {quoted(temporary)}")


@asynccontextmanager
async def _room() -> AsyncIterator[Path]:
    """A private folder for what goes and comes."""
    folder = await asyncio.to_thread(tempfile.TemporaryDirectory, prefix="partagenda-")
    try:
        yield Path(folder.name)
    finally:
        await asyncio.to_thread(folder.cleanup)


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    path.chmod(0o644)  # sftp gives the file there the rights of the one here, less the server's umask


async def _bytes(path: Path) -> bytes | None:
    try:
        return await asyncio.to_thread(path.read_bytes)
    except FileNotFoundError:
        return None


async def _got(place: SftpAddress, answer: str, path: Path) -> bytes | None:
    """What a `get` that may fail brought; it is silent when it brought the whole file."""
    if not answer:
        return await _bytes(path)
    if is_missing(answer):
        return None
    raise complaint(answer, place)


def _here(address: SftpAddress) -> str:
    return quoted(address.folder or ".")


def _enter(address: SftpAddress) -> str:
    return f"cd {_here(address)}"


def _get(name: str, local: str) -> str:
    return f'get {quoted(name)} "{local}"'


def _temporary(place: SftpAddress, token: str) -> str:
    return f".part-{token}-{place.name}"


def _place(folder: str, match: re.Match[str]) -> Place:
    kind, size, name = match.groups()
    is_folder = kind == "d" or (kind == "l" and "." not in name)  # a link does not say where it leads
    address = below(folder, name) + ("/" if is_folder else "")
    return Place(name, address, is_folder, None if is_folder else int(size))


def _mine(place: SftpAddress, there: bytes | None, expected: Collection[str]) -> None:
    if fingerprint(there) not in expected:
        raise changed(place, gone=there is None)


def _cut(place: SftpAddress) -> Unreachable:
    return Unreachable(_("The connection to {host} broke.").format(host=place.host), _("It may work later."))


def _not_kept(place: SftpAddress) -> TransportError:
    return TransportError(
        _("{host} said yes, and did not keep “{name}” whole; it is not published.").format(
            host=place.host, name=place.name
        ),
        _("There may be no room, or a limit of size; ask whoever runs the server."),
    )


def _without_debug(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.startswith("debug"))
