"""What starts `sync` while the app is closed: files and lines that systemd and cron take."""

from __future__ import annotations

import shutil
import subprocess
from datetime import timedelta

import pytest

from core.services.timers import cron_line, sync_command, systemd_units, write_units

EVERY = timedelta(minutes=30)


def test_the_units_start_sync_at_the_interval():
    units = systemd_units(sync_command("/usr/bin/partagenda"), EVERY)
    assert "ExecStart=/usr/bin/partagenda sync\n" in units["partagenda-sync.service"]
    assert "OnUnitActiveSec=30min\n" in units["partagenda-sync.timer"]


def test_a_path_with_blanks_and_signs_is_one_word():
    units = systemd_units(sync_command("/opt/my apps/50%/partagenda", "/home/a b/c.toml"), EVERY)
    assert 'ExecStart="/opt/my apps/50%%/partagenda" sync --config "/home/a b/c.toml"\n' in "".join(units.values())


@pytest.mark.parametrize(
    ("minutes", "when"),
    [(5, "*/5 * * * *"), (7, "*/5 * * * *"), (30, "*/30 * * * *"), (45, "*/30 * * * *"), (60, "7 * * * *"),
     (150, "7 */2 * * *"), (1440, "7 6 * * *")],
)  # fmt: skip
def test_cron_gets_an_interval_that_it_knows_and_that_is_not_longer(minutes, when):
    line = cron_line(sync_command("/usr/bin/partagenda"), timedelta(minutes=minutes))
    assert line == f"{when} /usr/bin/partagenda sync >/dev/null"


def test_cron_s_sign_for_a_line_break_is_escaped():
    assert "50\\%" in cron_line(sync_command("/opt/50%/partagenda"), EVERY)


def test_the_files_lie_where_systemd_looks(tmp_path):
    files = write_units(systemd_units(sync_command("/usr/bin/partagenda"), EVERY), {"XDG_CONFIG_HOME": str(tmp_path)})
    assert [str(file.relative_to(tmp_path)) for file in files] == [
        "systemd/user/partagenda-sync.service", "systemd/user/partagenda-sync.timer",
    ]  # fmt: skip


def test_systemd_itself_finds_nothing_wrong(tmp_path):
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not installed (Debian: systemd)")
    units = systemd_units(sync_command("/bin/true", "/home/a b/50%.toml"), EVERY)
    files = write_units(units, {"XDG_CONFIG_HOME": str(tmp_path)})
    verify = [analyze, "verify", "--man=no", *map(str, files)]
    said = subprocess.run(verify, capture_output=True, text=True, check=False).stderr
    assert [line for line in said.splitlines() if "partagenda-sync" in line] == []
