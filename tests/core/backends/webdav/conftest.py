"""The sandbox's server, as a shelf."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.backends.webdav import Limits, WebDavSettings, WebDavTarget
from core.sandbox.people import ALICE, Accounts
from core.sandbox.servers import Certificates
from core.sandbox.webdav import WebDavServer
from tests.contracts.publish_target import Shelf

LIMITS = Limits(step=20, total=60)


class Word:
    """A password, and how often it was asked for and refused."""

    def __init__(self, word: str) -> None:
        self.word, self.asked, self.forgotten = word, 0, 0

    async def password(self, account: str) -> str:
        self.asked += 1
        return self.word

    def forget(self, account: str) -> None:
        self.forgotten += 1


class SandboxShelf(Shelf):
    def __init__(self, root: Path) -> None:
        self.accounts, self.certificates = Accounts.fresh(root), Certificates(root)
        self.server = WebDavServer(root / "webdav", self.accounts, self.certificates)

    def target(self, word: str = "", base: str = "") -> WebDavTarget:
        settings = WebDavSettings(base or self.folder, "alice", self.certificates.pem, LIMITS)
        return WebDavTarget(settings, Word(word or self.accounts.passwords["alice"]))

    def broken(self) -> WebDavTarget:
        self.server.__exit__(None, None, None)
        return self.target()

    @property
    def folder(self) -> str:
        return self.server.address(ALICE)

    def files(self) -> dict[str, bytes]:
        root = self.server.folder(ALICE)
        return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}

    def write(self, name: str, content: bytes) -> None:
        (self.server.folder(ALICE) / name).write_bytes(content)


@pytest.fixture
def shelf(tmp_path):
    found = SandboxShelf(tmp_path)
    with found.server:
        yield found
