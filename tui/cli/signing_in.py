"""`account check` and `account sign-out` for Microsoft 365: code or address stand on standard error."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from core.errors import SignInFailed, UsageError
from core.language import _

if TYPE_CHECKING:
    from core.config.settings import Microsoft365Account
    from core.ports.sign_in import InteractiveSignIn
    from tui.cli.context import Context


async def checked(context: Context, account: Microsoft365Account) -> str:
    """Sign in where nobody is signed in, or nobody any more; then what the server says. Raises SignInFailed."""
    from core.bootstrap import check_account

    door = context.services.sign_in(account.name)
    assert door is not None
    if await door.signed_in():
        try:
            return await check_account(context.settings, account)
        except SignInFailed:
            context.out.note(_("The sign-in is no longer good; sign in again."))
    await _sign_in(context, door)
    return await check_account(context.settings, account)


async def _sign_in(context: Context, door: InteractiveSignIn) -> None:
    try:
        code = await door.begin_device()
        context.out.note(_("Open {address} in a browser and enter the code:").format(address=code.address))
        context.out.note(f"    {code.code}")
        who = await door.finish_device(code)
    except SignInFailed as error:
        if not sys.stdin.isatty():
            raise
        context.out.note(error.message)
        who = await _by_address(context, door)
    context.out.note(_("Signed in as {address}.").format(address=who))


async def _by_address(context: Context, door: InteractiveSignIn) -> str:
    """Where codes are not allowed. Input is read as a line: terminals take 4,096 characters there."""
    address = await door.begin_code()
    context.out.note(_("Open this address in a browser and sign in:"))
    context.out.note(address.address)
    for _attempt in range(3):
        context.out.note(_("Paste the whole address of the page on which the browser ends:"))
        try:
            return await door.finish_code(address, sys.stdin.readline())
        except UsageError as error:
            context.out.note(f"{error.message} {error.hint}")
    raise SignInFailed(_("Nobody signed in."))


async def signed_out(context: Context, account: Microsoft365Account) -> int:
    """Forget every token of the account."""
    door = context.services.sign_in(account.name)
    assert door is not None
    removed = await door.sign_out()
    context.out.value({"name": account.name, "removed": removed})
    if removed:
        context.out.line(_("You are signed out of “{name}”; no token is kept.").format(name=account.name))
    else:
        context.out.line(_("Nothing is kept for “{name}”: there is nothing to sign out of.").format(name=account.name))
    return 0
