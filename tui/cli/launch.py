"""Opening the app, and closing what it opened."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import Sequence
from pathlib import Path

from core.config.clock import SystemClock, iana_zone
from core.config.paths import Paths
from core.config.settings import Settings
from core.errors import Refused
from core.language import _


def need_terminal(hint: str) -> None:
    """Raises Refused where the app cannot draw."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Refused(_("The app needs a terminal."), hint)


def open_app(settings: Settings, paths: Paths, files: Sequence[Path] = ()) -> int:
    """The app over these settings until the person leaves it; its exit code."""
    gc.disable()  # until the first picture: what is loaded stays, and looking through it costs a tenth of the start
    from core.bootstrap import open_services
    from tui.app import PartagendaApp

    services = open_services(settings, paths, SystemClock(iana_zone(settings.me.time_zone)))
    try:
        app = PartagendaApp(services, files)
        app.run()
    finally:
        asyncio.run(services.close())
    return app.return_code or 0
