"""A dropped connection (SIGHUP): what is being written is saved before the program ends."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import Callable, Iterator
from typing import Any

from textual.app import App

log = logging.getLogger("partagenda.tui")

Save = Callable[[], object]

_savers: list[Save] = []
_before: Any = signal.SIG_DFL
"""Who had the signal before the first of them."""


def save_all() -> None:
    """Run everything that wants to save; one that fails does not keep the others from it."""
    for save in tuple(_savers):
        try:
            save()
        except Exception:
            log.exception("could not save when the connection dropped")


@contextlib.contextmanager
def saving(app: App[Any], save: Save) -> Iterator[None]:
    """Inside the block a SIGHUP calls `save`, then ends the app; it must be quick and must not wait."""
    global _before  # noqa: PLW0603 - the signal is the process's, too
    loop = asyncio.get_running_loop()
    if not _savers:
        _before = signal.getsignal(signal.SIGHUP)
    _savers.append(save)
    try:
        loop.add_signal_handler(signal.SIGHUP, _hung_up, app)
    except (RuntimeError, ValueError, NotImplementedError):  # not the main thread: a test runs the app
        log.debug("SIGHUP is not ours to handle here")
    try:
        yield
    finally:
        _savers.remove(save)
        if not _savers:
            with contextlib.suppress(RuntimeError, ValueError, NotImplementedError):
                loop.remove_signal_handler(signal.SIGHUP)
                signal.signal(signal.SIGHUP, _before)


def _hung_up(app: App[Any]) -> None:
    save_all()
    app.exit(return_code=128 + signal.SIGHUP)
