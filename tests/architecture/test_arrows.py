"""The arrows between the packages: kept by import-linter, each contract shown here to fail on a planted violation."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINTER = Path(sys.executable).with_name("lint-imports")

PLANTED = {
    "core/calendar/planted.py": "import core.services.planted_target\nimport sqlite3\n",
    "core/services/planted_target.py": "import aiosmtplib\n",
    "core/config/planted.py": "import textual\n",
    "core/backends/smtp/planted.py": "import core.backends.maildir\n",
}


def run(folder: Path) -> str:
    done = subprocess.run(
        [LINTER, "--config", "pyproject.toml", "--no-cache"], cwd=folder, capture_output=True, text=True, check=False
    )
    return re.sub(r"\x1b\[[0-9;]*m", "", done.stdout + done.stderr)


def verdicts(output: str) -> dict[str, str]:
    return {name.strip(): verdict for name, verdict in re.findall(r"^(.*\S)\s+(KEPT|BROKEN)\b", output, re.MULTILINE)}


@pytest.fixture(scope="module")
def violated(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("tree")
    for name in ("core", "tui"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "locale"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    for name, text in PLANTED.items():
        (folder / name).write_text(text)
    return verdicts(run(folder))


CONTRACTS = (
    "Arrows between the floors point down",
    "Core knows no screen",
    "A calendar's values need the standard library only",
    "Vendors stay in their backend",
    "Backends do not know each other",
)


def test_every_arrow_of_the_tree_points_down():
    found = verdicts(run(ROOT))
    assert found == dict.fromkeys(CONTRACTS, "KEPT")


@pytest.mark.parametrize("contract", CONTRACTS)
def test_a_planted_violation_breaks_the_contract(contract: str, violated: dict[str, str]):
    assert violated[contract] == "BROKEN"
