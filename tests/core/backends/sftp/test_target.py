"""A folder behind SSH takes publications whole, from a real server, by the person's own OpenSSH."""

from __future__ import annotations

import asyncio
import stat
import sys
from pathlib import Path

import pytest

from core.backends.sftp import SftpTarget
from core.errors import (
    CertificateError,
    Conflict,
    DeliveryUnknown,
    NotFound,
    PartagendaError,
    Refused,
    SignInFailed,
    Unreachable,
    UsageError,
)
from core.ports.publishing import NOTHING, fingerprint
from tests.contracts.publish_target import CALENDAR, FIRST, SECOND, TOKEN, PublishTargetContract, Shelf
from tests.core.backends.sftp.sshd import SFTP, Sshd, needed

pytestmark = pytest.mark.interop


class SshShelf(Shelf):
    def __init__(self, root: Path, server: Sshd) -> None:
        self.root, self.server = root / "site", server
        self.root.mkdir()

    def target(self, config: Path | None = None) -> SftpTarget:
        return SftpTarget((needed("sftp"), "-F", str(config or self.server.config)))

    def broken(self) -> SftpTarget:
        config = self.server.configuration("nobody")
        config.write_text(config.read_text().replace(f"Port {self.server.port}", "Port 1"))
        return self.target(config)

    @property
    def folder(self) -> str:
        return f"sftp://web{self.root}/"

    def files(self) -> dict[str, bytes]:
        return {str(p.relative_to(self.root)): p.read_bytes() for p in self.root.rglob("*") if p.is_file()}

    def write(self, name: str, content: bytes) -> None:
        (self.root / name).write_bytes(content)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with Sshd(tmp_path_factory.mktemp("sshd")).running() as found:
        yield found


@pytest.fixture
def shelf(tmp_path, server) -> SshShelf:
    return SshShelf(tmp_path, server)


class TestSftp(PublishTargetContract):
    pass


async def put(shelf: SshShelf, content: bytes, *expected: str, target: SftpTarget | None = None, name="alice.ics"):
    await (target or shelf.target()).put(
        shelf.folder + name, content, media_type=CALENDAR, expected=expected or (NOTHING,), token=TOKEN
    )


async def test_a_web_server_can_read_what_was_published(shelf):
    await put(shelf, FIRST)
    assert stat.S_IMODE((shelf.root / "alice.ics").stat().st_mode) & 0o604 == 0o604


async def test_what_a_killed_upload_left_is_swept(shelf):
    shelf.write(f".part-{TOKEN}-alice.ics", b"half")
    assert await shelf.target().sweep(shelf.folder + "alice.ics", TOKEN) == 1
    assert shelf.files() == {}


async def test_a_server_that_replaces_in_one_step_is_known(shelf):
    assert (await shelf.target().abilities(shelf.folder)).atomic


async def test_a_server_that_cannot_replace_gets_the_new_file_all_the_same(tmp_path):
    base = tmp_path / "sshd"
    base.mkdir()
    with Sshd(base, f"{SFTP} -P posix-rename").running() as server:
        shelf = SshShelf(tmp_path, server)
        assert not (await shelf.target().abilities(shelf.folder)).atomic
        await put(shelf, FIRST)
        await put(shelf, SECOND, fingerprint(FIRST))
    assert shelf.files() == {"alice.ics": SECOND}


async def test_a_server_that_only_lets_one_read_is_said(tmp_path):
    base = tmp_path / "sshd"
    base.mkdir()
    with Sshd(base, f"{SFTP} -R").running() as server:
        shelf = SshShelf(tmp_path, server)
        with pytest.raises(Refused) as caught:
            await put(shelf, FIRST)
    assert caught.value.hint
    assert shelf.files() == {}


async def test_a_key_that_is_not_accepted_is_said(shelf):
    with pytest.raises(SignInFailed) as caught:
        await put(shelf, FIRST, target=shelf.target(shelf.server.configuration("wrong", key="stranger")))
    assert "BatchMode" in caught.value.hint


async def test_a_host_that_was_never_seen_gets_nothing(shelf):
    with pytest.raises(CertificateError) as caught:
        await put(shelf, FIRST, target=shelf.target(shelf.server.configuration("new", knows="")))
    assert "ssh web" in caught.value.hint
    assert shelf.files() == {}


async def test_a_host_with_another_key_gets_nothing(shelf):
    with pytest.raises(CertificateError) as caught:
        await put(shelf, FIRST, target=shelf.target(shelf.server.configuration("other", knows="stranger")))
    assert "another host key" in caught.value.message
    assert shelf.files() == {}


async def test_a_host_that_is_not_there_is_said_with_the_reason(shelf):
    with pytest.raises(Unreachable, match="refused"):
        await put(shelf, FIRST, target=shelf.broken())


async def test_without_the_program_it_is_said_what_to_install(shelf):
    with pytest.raises(Unreachable) as caught:
        await put(shelf, FIRST, target=SftpTarget(("/nowhere/sftp",)))
    assert "openssh-client" in caught.value.hint


def scripted(tmp_path: Path, body: str) -> SftpTarget:
    """A stand-in for the program, for what no server does when asked to."""
    script = tmp_path / "sftp.py"
    script.write_text(f"import os, sys, time\ncommands = sys.stdin.read().splitlines()\n{body}\n")
    return SftpTarget((sys.executable, str(script)), deadline=1.0)


async def test_a_server_that_says_nothing_is_left_at_the_deadline(shelf, tmp_path):
    with pytest.raises(Unreachable):
        await scripted(tmp_path, "time.sleep(600)").read(shelf.folder + "alice.ics")


async def test_a_connection_that_breaks_at_the_rename_may_have_published(shelf, tmp_path):
    body = (
        "if any(c.startswith('-rename') for c in commands):\n    print('sftp> x')\n    sys.exit(255)\n"
        "for c in commands:\n    print('sftp>', c)\n"
        "    if c.startswith('get '):\n        os.link('sent', 'kept')\n"
        "    if c.startswith('-get'):\n        print('File \"x\" not found.')"
    )
    target = scripted(tmp_path, body)
    target._batch._deadline = 60
    with pytest.raises(DeliveryUnknown):
        await put(shelf, FIRST, target=target)


async def test_what_the_server_did_not_keep_whole_is_not_published(shelf, tmp_path):
    body = (
        "for c in commands:\n    print('sftp>', c)\n"
        "    if c.startswith('get '):\n        open('kept', 'wb').write(b'half')\n"
        "    if c.startswith('-get'):\n        print('File \"x\" not found.')"
    )
    target = scripted(tmp_path, body)
    target._batch._deadline = 60
    with pytest.raises(PartagendaError, match="did not keep"):
        await put(shelf, FIRST, target=target)


async def test_a_stopped_upload_leaves_no_program_behind(shelf, tmp_path):
    target = scripted(tmp_path, f"open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()))\ntime.sleep(600)")
    target._batch._deadline = 600
    work = asyncio.create_task(target.read(shelf.folder + "alice.ics"))
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
        await asyncio.sleep(0.02)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert not Path(f"/proc/{(tmp_path / 'pid').read_text()}/cmdline").exists()


async def test_below_the_home_is_written_with_a_tilde(shelf):
    assert await shelf.target().read("sftp://web/~/partagenda-that-is-not-there.ics") is None


async def test_a_missing_folder_is_named(shelf):
    with pytest.raises(NotFound, match="gone"):
        await put(shelf, FIRST, name="gone/alice.ics")


async def test_what_became_a_folder_is_no_file(shelf):
    (shelf.root / "alice.ics").mkdir()
    with pytest.raises((Refused, Conflict)):
        await put(shelf, FIRST)


@pytest.mark.parametrize(
    "address",
    [
        "sftp://-oProxyCommand=touch%20x/a/",
        "sftp://-oProxyCommand=x/a/",
        "sftp://-lroot@web/a/",
        "sftp://web`id`/a/",
        "sftp://web;id/a/",
        "sftp://alice:word@web/a/",
        "sftp://web/a%0Arm%20b/",
        "sftp://web/a\nrm b/",
        "sftp://web/a%22%20%22b/",
        "sftp://web/a%5Cb/",
        "sftp://web/*.ics",
        "sftp://web/a/../b/",
        "sftp://web:99999/a/",
        "sftp:///a/",
        "sftp://web",
        "sftp://web/a?b",
    ],
)
async def test_an_address_that_could_mean_something_else_is_refused(shelf, address):
    with pytest.raises(UsageError) as caught:
        await shelf.target().read(address)
    assert caught.value.hint


async def test_names_that_cannot_be_addressed_are_not_listed(shelf):
    for name in ("a*.ics", 'q"uote.ics', "été.ics", "-dash.ics"):
        shelf.write(name, FIRST)
    assert [one.name for one in await shelf.target().places(shelf.folder)] == ["-dash.ics", "été.ics"]


async def test_a_name_with_a_dash_in_front_is_a_name(shelf):
    await put(shelf, FIRST, name="-dash.ics")
    assert shelf.files() == {"-dash.ics": FIRST}
