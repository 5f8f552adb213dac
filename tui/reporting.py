"""The one door through which errors and notices reach the person.

    with reporting(self.app):
        await self.app.services.library.refresh()

Text is cleaned (`tui.text`) and never read as markup, whoever wrote it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from textual.app import App

from core.errors import Cancelled, PartagendaError
from core.language import _
from tui.text import clean

ERROR_SECONDS = 12.0
"""How long an error stays: long enough to read two lines."""

log = logging.getLogger("partagenda.tui")


@contextmanager
def reporting(app: App[Any]) -> Iterator[None]:
    """Show what goes wrong inside the block as a notice; nothing that is an Exception leaves it.

    Our own errors are shown with their hint. Anything else is a mistake in the program: it is logged with its
    traceback, and the person is told in one line. What ends a task from outside (cancelling) passes through.
    """
    try:
        yield
    except Cancelled:
        show_notice(app, _("Stopped. Nothing is half done."))
    except PartagendaError as error:
        show_error(app, error)
    except Exception as error:
        log.exception("unexpected error in a worker")
        what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        show_notice(app, _("Something unexpected happened; the log has more."), title=what, severity="error")


def show_error(app: App[Any], error: PartagendaError) -> None:
    """One of our errors as a notice: what happened, and below it what to do."""
    text = f"{error.message}\n{error.hint}" if error.hint else error.message
    show_notice(app, text, severity="error")


def show_notice(
    app: App[Any], text: str, *, title: str = "", severity: str = "information", seconds: float = 0.0
) -> None:
    """A notice in the corner. `severity` is information, warning or error; 0 `seconds`: as long as its kind stays."""
    stays = seconds or (ERROR_SECONDS if severity == "error" else None)
    level: Any = severity
    app.notify(clean(text, newline=True), title=clean(title)[:200], severity=level, timeout=stays, markup=False)
