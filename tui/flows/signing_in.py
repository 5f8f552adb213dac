"""Signing in from beginning to end: a code first, the other way where that is not allowed."""

from __future__ import annotations

import asyncio
from typing import Any

from textual.app import App

from core.errors import PartagendaError, SignInFailed, UsageError
from core.language import _
from core.ports.sign_in import DeviceCode, InteractiveSignIn
from tui.flows.working import working
from tui.reporting import show_notice
from tui.screens.sign_in import DeviceCodeDialog, PasteAddressDialog, Turn


async def sign_in(app: App[Any], account: str, door: InteractiveSignIn) -> bool:
    """Ask until somebody is signed in, or the person gives up. Runs in a worker. Raises TransportError."""
    problem = ""
    code = await working(app, _("Asking Microsoft for a code…"), door.begin_device())
    turn = await _by_code(app, account, door, code)
    if isinstance(turn, str) and turn not in (Turn.OTHER, Turn.DONE):
        return _welcome(app, turn)
    if turn is None:
        return False
    if isinstance(turn, SignInFailed):
        problem = turn.message
    return await _by_address(app, account, door, problem)


async def _by_code(
    app: App[Any], account: str, door: InteractiveSignIn, code: DeviceCode
) -> str | Turn | SignInFailed | None:
    """Who signed in; the wish for the other way; why this one does not work; None when the person gave up."""
    dialog = DeviceCodeDialog(account, code.address, code.code, max(1, round(code.expires / 60)))
    waiting = asyncio.ensure_future(door.finish_device(code))

    def used(_task: object) -> None:
        if dialog in app.screen_stack:
            dialog.dismiss(Turn.DONE)

    waiting.add_done_callback(used)
    try:
        turn = await app.push_screen_wait(dialog)
        if turn is not Turn.DONE:
            return turn
        return await waiting
    except SignInFailed as error:
        return error
    finally:
        waiting.cancel()


async def _by_address(app: App[Any], account: str, door: InteractiveSignIn, problem: str) -> bool:
    address = await working(app, _("Asking Microsoft for an address…"), door.begin_code())
    while True:
        pasted = await app.push_screen_wait(PasteAddressDialog(account, address.address, problem))
        if pasted is None:
            return False
        try:
            return _welcome(app, await working(app, _("Signing in…"), door.finish_code(address, pasted)))
        except UsageError as error:
            problem = f"{error.message} {error.hint}"
        except SignInFailed as error:  # a code works once: a new address is needed
            problem = _said(error)
            address = await working(app, _("Asking Microsoft for an address…"), door.begin_code())


def _said(error: PartagendaError) -> str:
    return f"{error.message} {error.hint}".strip()


def _welcome(app: App[Any], who: str) -> bool:
    show_notice(app, _("Signed in as {address}.").format(address=who))
    return True
