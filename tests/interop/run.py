"""`make interop`: install the independent programs, then run the tests.

They are khal and vdirsyncer, calcurse and libical, a browser; for Exchange DavMail and Evolution; python-o365.
Debian's programs are installed where apt-get works and one may; otherwise their tests are skipped by name.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PEERS = ROOT / ".bench" / "peers"
FROM_PYPI = ("khal==0.14.1", "vdirsyncer==0.21.0", "radicale==3.9.0", "o365==2.1.10", "xandikos==0.4.10")
FROM_DEBIAN = ("calcurse", "python3-gi", "gir1.2-ical-3.0")
SERVERS = ("apache2-bin", "nginx-light", "libnginx-mod-http-dav-ext", "rclone", "openssh-server", "openssh-client")
PROGRAMS = {"chromium": "chromium", "npm": "npm", "thunderbird": "thunderbird"}
"""Debian's packages by the program that shows they are there."""
EXCHANGE_CLIENTS = {
    "/usr/bin/davmail-server": ("davmail-server",),
    "/usr/lib/evolution-data-server/calendar-backends/libecalbackendews.so": (
        "evolution-ews", "evolution-data-server", "gir1.2-ecal-2.0", "gir1.2-edataserver-1.2", "python3-gi", "dbus",
    ),
}  # fmt: skip
"""What is there when they are installed, and Debian's packages."""
FROM_NPM = ("axe-core@4.14.1",)


def install() -> None:
    """Put the peers into an environment of their own."""
    there = (PEERS / "bin" / "xandikos").exists() and any(PEERS.glob("lib/python3*/site-packages/O365"))
    if not there:
        venv.create(PEERS, with_pip=True)
        subprocess.run([PEERS / "bin" / "python", "-m", "pip", "install", "--quiet", *FROM_PYPI], check=True)
    if shutil.which("apt-get") and os.geteuid() == 0 and not shutil.which("calcurse"):
        subprocess.run(["apt-get", "update", "-q"], check=False)
        subprocess.run(["apt-get", "install", "-y", "-q", *FROM_DEBIAN], check=False)
    install_servers()
    install_browser()
    install_exchange_clients()


def install_servers() -> None:
    """What calendars are published to; none of them is started by its installation."""
    there = all(shutil.which(name, path="/usr/sbin:/usr/bin") for name in ("apache2", "nginx", "rclone", "sshd"))
    if shutil.which("apt-get") and os.geteuid() == 0 and not there:
        quiet = {**os.environ, "RUNLEVEL": "1", "DEBIAN_FRONTEND": "noninteractive"}
        command = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *SERVERS]
        subprocess.run(command, check=False, env=quiet)


def install_browser() -> None:
    """Chromium looks at the published page, axe-core, run in it, for barriers; Thunderbird subscribes to calendars."""
    missing = [package for program, package in PROGRAMS.items() if not shutil.which(program)]
    if missing and shutil.which("apt-get") and os.geteuid() == 0:
        subprocess.run(["apt-get", "install", "-y", "-q", *missing], check=False)
    if shutil.which("npm") and not (PEERS / "node_modules" / "axe-core").exists():
        command = ["npm", "install", "--silent", "--no-fund", "--no-audit", "--prefix", PEERS, *FROM_NPM]
        subprocess.run(command, check=False)


def install_exchange_clients() -> None:
    """DavMail, and Evolution's backend for Exchange with what its calendars need, without a desktop."""
    if not (shutil.which("apt-get") and os.geteuid() == 0):
        return
    for file, packages in EXCHANGE_CLIENTS.items():
        if not Path(file).exists():
            command = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *packages]
            subprocess.run(command, check=False)


def main() -> int:
    """Install, then run every test that needs a foreign program, naming what was skipped."""
    install()
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-m", "interop", "-rs", "-v", *sys.argv[1:]], cwd=ROOT
    ).returncode


if __name__ == "__main__":
    sys.exit(main())
