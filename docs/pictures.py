"""Takes the pictures of the README and of every dialog: `.venv/bin/python docs/pictures.py [OUTDIR]`.

The app runs without a terminal on the sandbox's sample calendars; each picture is a list of keys that a person would
press. SVG always, PNG where rsvg-convert is installed (Debian: librsvg2-bin).
"""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from textual.pilot import Pilot

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from core.bootstrap import open_services  # noqa: E402
from core.config.clock import SystemClock, iana_zone  # noqa: E402
from core.config.settings import Ui  # noqa: E402
from core.language import use_language  # noqa: E402
from core.sandbox.demo import prepare_demo  # noqa: E402
from core.sandbox.home import Home  # noqa: E402
from tui.app import PartagendaApp  # noqa: E402

SMALL, LARGE = (80, 24), (120, 40)


@dataclass(frozen=True)
class Picture:
    """One picture: its name, and the keys that lead there."""

    name: str
    keys: Sequence[str] = ()


TO_PREVIEW = (
    "n",
    "e",
    "tab",
    "down",
    "down",
    "down",
    "enter",
    "tab",
    "down",
    "down",
    "enter",
    "tab",
    "tab",
    "tab",
    "enter",
)
PICTURES = (
    Picture("home", ("n",)),
    Picture("day", ("n", "1")),
    Picture("work-week", ("n", "2")),
    Picture("week", ("n", "3")),
    Picture("month", ("n", "4")),
    Picture("agenda", ("n", "5")),
    Picture("year", ("n", "6")),
    Picture("overlay", ("n", "V")),
    Picture("suggestion", ("n", "J", "J")),
    Picture("find-time", ("n", "F", "n")),
    Picture("quick-add", ("n", "a", *"lunch with Bruno tomorrow 12:30-13:30 @ canteen !private")),
    Picture("form", ("n", "N", *"Planning")),
    Picture("recurrence", ("n", "N", "f6")),
    Picture("search", ("slash", *"plan")),
    Picture("help", ("f1",)),
    Picture("palette", (":",)),
    Picture("email", ("n", "e", "tab", "tab", "tab", "tab", "space")),
    Picture("preview", TO_PREVIEW),
    Picture("leaves", (*TO_PREVIEW, "2")),
    Picture("message", (*TO_PREVIEW, "enter")),
    Picture("open", ("o",)),
    Picture("date", ("g",)),
    Picture("inbox", ("i",)),
    Picture("outbox", ("O",)),
    Picture("ledger", ("L",)),
    Picture("details", ("n", "j", "j", "enter")),
)


def shoot(folder: Path, theme: str, size: tuple[int, int], language: str, wanted: Sequence[Picture]) -> None:
    """All pictures of one look, each from a fresh start of the app."""
    use_language(language)
    with prepare_demo("alice", language) as home:
        for picture in wanted:
            svg = asyncio.run(_screen(picture, theme, size, home))
            path = folder / f"{picture.name}-{size[0]}x{size[1]}-{theme}-{language}.svg"
            path.write_text(without_remote_fonts(svg), encoding="utf-8")
            if shutil.which("rsvg-convert"):
                subprocess.run(["rsvg-convert", path, "-o", path.with_suffix(".png")], check=True)


async def _screen(picture: Picture, theme: str, size: tuple[int, int], home: Home) -> str:
    settings = replace(home.settings, ui=Ui(theme))
    services = open_services(settings, home.paths, SystemClock(iana_zone(settings.me.time_zone)))
    app = PartagendaApp(services)
    try:
        async with app.run_test(size=size) as pilot:
            await _settle(pilot)
            for key in picture.keys:
                await pilot.press(key)
                await _settle(pilot)
            return app.export_screenshot(title="Partagenda")
    finally:
        await services.close()


async def _settle(pilot: Pilot[object]) -> None:
    """Until what the keys began has come to rest."""
    await pilot.pause(0.4)


def without_remote_fonts(svg: str) -> str:
    """The SVG without the fonts that it would fetch from elsewhere."""
    return re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)


def main() -> None:
    """Every picture in two sizes, two themes and two languages."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / ".bench" / "pictures")
    names = set(sys.argv[2:])
    wanted = [picture for picture in PICTURES if not names or picture.name in names]
    folder.mkdir(parents=True, exist_ok=True)
    for theme, size, language in (
        ("midnight", LARGE, "en"), ("midnight", SMALL, "en"), ("daylight", LARGE, "en"), ("daylight", SMALL, "fr"),
    ):  # fmt: skip
        shoot(folder, theme, size, language, wanted)


if __name__ == "__main__":
    main()
