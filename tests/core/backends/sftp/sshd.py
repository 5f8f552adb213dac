"""An OpenSSH server of the test's own on loopback: its own host key, one key that may sign in, this user."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.ports import free_port

_PATH = "/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin"
SFTP = "internal-sftp"


def needed(name: str) -> str:
    """The program; the test is skipped by name where it is not there."""
    found = shutil.which(name, path=_PATH)
    if found is None:
        pytest.skip(f"{name} is not there (Debian: openssh-server, openssh-client)")
    return found


class Sshd:
    """The server, and a configuration of ssh in which it is called `web`."""

    def __init__(self, base: Path, subsystem: str = SFTP) -> None:
        self.base, self.port = base, free_port()
        for key in ("host", "own", "stranger"):
            subprocess.run([needed("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f", base / key], check=True)
        (base / "authorized").write_text((base / "own.pub").read_text())
        (base / "sshd_config").write_text(
            f"Port {self.port}\nListenAddress 127.0.0.1\nHostKey {base}/host\nAuthorizedKeysFile {base}/authorized\n"
            "PidFile none\nStrictModes no\nUsePAM no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n"
            f"MaxStartups 100\nSubsystem sftp {subsystem}\n"
        )
        self.config = self.configuration("config")

    def configuration(self, name: str, *, knows: str = "host", key: str = "own") -> Path:
        """A person's ~/.ssh/config and known_hosts. `knows`: the host key that they have seen, or none."""
        known = self.base / f"known-{name}"
        known.write_text("")
        if knows:
            words = (self.base / f"{knows}.pub").read_text().split()[:2]
            known.write_text(f"[127.0.0.1]:{self.port} {' '.join(words)}\n")
        file = self.base / name
        file.write_text(
            f"Host web\n  HostName 127.0.0.1\n  Port {self.port}\n  IdentityFile {self.base}/{key}\n"
            f"  IdentitiesOnly yes\n  IdentityAgent none\n  UserKnownHostsFile {known}\n"
            "  GlobalKnownHostsFile /dev/null\n"
        )
        return file

    @contextmanager
    def running(self) -> Iterator[Sshd]:
        """Until the end of the block."""
        if os.geteuid() == 0:
            os.makedirs("/run/sshd", exist_ok=True)  # it insists on it
        with (self.base / "log").open("wb") as log:
            server = subprocess.Popen(
                [needed("sshd"), "-D", "-e", "-f", self.base / "sshd_config"], stderr=log, stdin=subprocess.DEVNULL
            )
        try:
            self._wait(server)
            yield self
        finally:
            server.terminate()
            server.wait(30)

    def _wait(self, server: subprocess.Popen[bytes]) -> None:
        end = time.monotonic() + 60
        while b"Server listening" not in (self.base / "log").read_bytes():
            assert server.poll() is None, (self.base / "log").read_text()
            assert time.monotonic() < end
            time.sleep(0.02)
