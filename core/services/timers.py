"""What starts `partagenda sync` again and again while the app is closed: a systemd user timer, or a line for cron."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from core.errors import StorageError
from core.language import _
from core.private import replace_file

UNIT = "partagenda-sync"
STEPS = (5, 10, 15, 20, 30)
"""Minutes that divide an hour: cron knows no other interval below one."""


def sync_command(program: str, config: str = "") -> tuple[str, ...]:
    """The command that is started. `config`: the file of `--config`, if it is not the usual one."""
    return (program, "sync", *(("--config", config) if config else ()))


def systemd_units(command: Sequence[str], every: timedelta) -> Mapping[str, str]:
    """The two files by name. A run that was missed while the machine slept is made up for (Persistent)."""
    quoted = " ".join(_systemd_quoted(word) for word in command)
    minutes = max(5, round(every.total_seconds() / 60))
    return {
        f"{UNIT}.service": (
            "[Unit]\nDescription=Partagenda: upload published calendars, refresh subscriptions, send what waits\n"
            "Wants=network-online.target\nAfter=network-online.target\n\n"
            f"[Service]\nType=oneshot\nExecStart={quoted}\nTimeoutStartSec=15min\n"
        ),
        f"{UNIT}.timer": (
            f"[Unit]\nDescription=Partagenda every {minutes} minutes\n\n"
            f"[Timer]\nOnStartupSec=2min\nOnUnitActiveSec={minutes}min\nRandomizedDelaySec=30\nPersistent=true\n\n"
            "[Install]\nWantedBy=timers.target\n"
        ),
    }


def _systemd_quoted(word: str) -> str:
    """systemd.service(5), "Command lines": % and $ stand for something, blanks need quotes."""
    text = word.replace("\\", "\\\\").replace("%", "%%").replace("$", "$$").replace('"', '\\"')
    return f'"{text}"' if any(c.isspace() for c in text) or "'" in text or text != word else text


def cron_line(command: Sequence[str], every: timedelta) -> str:
    """A line for `crontab -e`, at the next shorter interval that cron knows; % is a line break there."""
    minutes = max(5, round(every.total_seconds() / 60))
    if minutes < 60:
        when = f"*/{max(step for step in STEPS if step <= minutes)} * * * *"
    elif minutes < 24 * 60:
        hours = max(step for step in (1, 2, 3, 4, 6, 8, 12) if step <= minutes // 60)
        when = f"7 */{hours} * * *" if hours > 1 else "7 * * * *"
    else:
        when = "7 6 * * *"
    return f"{when} {shlex.join(command)}".replace("%", "\\%") + " >/dev/null"


def write_units(units: Mapping[str, str], environment: Mapping[str, str] | None = None) -> list[Path]:
    """Put the files where `systemctl --user` looks for them; those that are there are replaced. Raises StorageError."""
    environment = os.environ if environment is None else environment
    config = environment.get("XDG_CONFIG_HOME") or os.path.join(environment.get("HOME", "~"), ".config")
    folder = Path(config).expanduser() / "systemd" / "user"
    for name, text in units.items():
        try:
            replace_file(folder / name, text.encode())
        except OSError as error:
            raise StorageError(
                _("{file} cannot be written: {reason}.").format(file=folder / name, reason=error.strerror)
            ) from error
    return [folder / name for name in units]


ENABLE = ("systemctl", "--user", "enable", "--now", f"{UNIT}.timer")
"""What the person runs once; a timer that starts at once needs their yes."""
