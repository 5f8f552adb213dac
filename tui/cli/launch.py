"""Opening the app, and closing what it opened."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from core.config.clock import SystemClock, iana_zone
from core.config.paths import Paths
from core.config.settings import Settings
from core.errors import Refused
from core.language import _

if TYPE_CHECKING:
    from core.services.sources import Source


def need_terminal(hint: str) -> None:
    """Raises Refused where the app cannot draw."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Refused(_("The app needs a terminal."), hint)


@contextmanager
def _drawing_on(terminal: str) -> Iterator[None]:
    """The app draws on standard error. Where that goes into a file, it draws on the terminal all the same."""
    if sys.__stderr__ is not None and sys.__stderr__.isatty():
        yield
        return
    before = sys.__stderr__
    with open(os.open(terminal, os.O_WRONLY | os.O_NOCTTY | os.O_CLOEXEC), "w", encoding="utf-8") as stream:
        setattr(sys, "__stderr__", stream)  # noqa: B010 - declared final, and the only way to tell Textual
        try:
            yield
        finally:
            setattr(sys, "__stderr__", before)  # noqa: B010


def open_app(settings: Settings, paths: Paths, files: Sequence[Path | Source] = ()) -> int:
    """The app over these settings until the person leaves it; its exit code."""
    gc.disable()  # until the first picture
    from core.bootstrap import open_services
    from tui import quick_start
    from tui.app import PartagendaApp

    services = open_services(settings, paths, SystemClock(iana_zone(settings.me.time_zone)))
    try:
        app = PartagendaApp(services, files)
        with _drawing_on(os.ttyname(sys.stdout.fileno())):
            app.run()
    finally:
        asyncio.run(services.close())
    quick_start.keep()
    return app.return_code or 0
