"""`account add | list | check | sign-out`. Passwords are never on the command line: it is in every process list."""

from __future__ import annotations

from core.config.accounts import add_account, parse_setting
from core.config.secrets import keyring_sign_out
from core.config.settings import (
    Account,
    ExchangeAccount,
    Microsoft365Account,
    SmtpAccount,
)
from core.errors import NotFound, UsageError
from core.language import N_, _
from tui.account_words import place_of, type_of
from tui.cli.context import Context
from tui.cli.grammar import Command, Given, Option, Word, nearest
from tui.cli.shapes import table


def _find(context: Context, name: str) -> Account:
    accounts = context.settings.accounts
    if name not in accounts:
        close = nearest(name, list(accounts))
        known = ", ".join(accounts) or _("There is no account yet.")
        raise NotFound(
            _("There is no account “{name}”.").format(name=name),
            _("Did you mean “{name}”?").format(name=close) if close else known,
        )
    return accounts[name]


async def _add(context: Context, given: Given) -> int:
    kind = given.text("type")
    if not kind:
        raise UsageError(
            _("Which type of account is it?"),
            _("Give --type, as smtp, sendmail, vdir, maildir, exchange or microsoft365."),
        )
    values = dict(parse_setting(setting) for setting in given.all("set"))
    add_account(context.settings.path, given.text("name"), kind, values)
    context.out.value({"name": given.text("name"), "type": kind, "file": str(context.settings.path)})
    context.out.line(
        _("The account “{name}” is in {file}.").format(name=given.text("name"), file=context.settings.path)
    )
    context.out.line(_("Try it: partagenda account check {name}").format(name=given.text("name")))
    return 0


async def _list(context: Context, given: Given) -> int:
    accounts = context.settings.accounts
    context.out.value([{"name": n, "type": type_of(a), "where": place_of(a)} for n, a in accounts.items()])
    for line in table([[name, type_of(account), place_of(account)] for name, account in accounts.items()]):
        context.out.line(line)
    if not accounts:
        context.out.line(_("There is no account yet."))
    return 0


async def _check(context: Context, given: Given) -> int:
    from core.bootstrap import check_account

    name = given.text("name")
    account = _find(context, name)
    if isinstance(account, Microsoft365Account):
        from tui.cli.signing_in import checked

        answer = await checked(context, account)
    else:
        answer = await check_account(context.settings, account, context.paths)
    context.out.value({"name": name, "ok": True, "answer": answer})
    context.out.line(f"{name}: {answer}")
    return 0


async def _sign_out(context: Context, given: Given) -> int:
    """Never takes a password out of config.toml: it says where it stands."""
    name = given.text("name")
    account = _find(context, name)
    if isinstance(account, Microsoft365Account):
        from tui.cli.signing_in import signed_out

        return await signed_out(context, account)
    sign_in = account.sign_in if isinstance(account, SmtpAccount | ExchangeAccount) else None
    removed = keyring_sign_out(name, sign_in.username) if sign_in is not None and sign_in.keyring else False
    context.out.value({"name": name, "removed": removed})
    if removed:
        context.out.line(_("The password of “{name}” is no longer in the key ring.").format(name=name))
    elif sign_in is not None and sign_in.password:
        context.out.line(
            _("The password of “{name}” stands in {file}: take it out there.").format(
                name=name, file=context.settings.path
            )
        )
    else:
        context.out.line(_("Nothing is kept for “{name}”: there is nothing to sign out of.").format(name=name))
    return 0


_NAME = (Word("name", N_("NAME")),)
COMMANDS = {
    "account": {
        "add": Command(
            "account add",
            N_("Write an account into config.toml."),
            _add,
            _NAME,
            (
                Option("type", N_("smtp, sendmail, vdir, maildir, exchange or microsoft365."), N_("TYPE")),
                Option("set", N_("What config.toml says of it, as host=mail.example.org."), N_("KEY=VALUE"), many=True),
            ),
        ),
        "list": Command("account list", N_("List the accounts."), _list),
        "check": Command("account check", N_("Sign in, and say what the server can do."), _check, _NAME),
        "sign-out": Command("account sign-out", N_("Forget what was kept for an account."), _sign_out, _NAME),
    }
}
