"""Waiting for work that the person watches and may stop."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from textual.app import App

from core.errors import Cancelled
from core.language import _
from tui.screens.working import WorkingDialog

T = TypeVar("T")

PATIENCE = 0.2
"""Seconds before a dialog says that something is being done: quick work shows nothing."""


async def working(app: App[Any], text: str, work: Coroutine[Any, Any, T]) -> T:
    """The result of `work`. Raises what it raises, and Cancelled when the person stopped it."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.wait([task], timeout=PATIENCE)
        if not task.done():
            await _watched(app, text, task)
        return task.result()
    finally:
        task.cancel()


async def _watched(app: App[Any], text: str, task: asyncio.Future[Any]) -> None:
    dialog = WorkingDialog(text)
    stopped = asyncio.get_running_loop().create_future()

    def closed(_result: None) -> None:
        if not stopped.done():
            stopped.set_result(None)

    await app.push_screen(dialog, closed)
    try:
        await asyncio.wait([task, stopped], return_when=asyncio.FIRST_COMPLETED)
    finally:
        if dialog in app.screen_stack and not stopped.done():
            dialog.dismiss(None)
    if not task.done():
        raise Cancelled(_("Stopped."))
