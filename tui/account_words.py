"""What an account is and where, in a word: for the list in the app and on the command line."""

from __future__ import annotations

from core.config.settings import (
    Account,
    ExchangeAccount,
    MaildirAccount,
    Microsoft365Account,
    OtherAccount,
    SendmailAccount,
    SmtpAccount,
    VdirAccount,
)


def type_of(account: Account) -> str:  # noqa: PLR0911 - a table
    """Its type in config.toml."""
    match account:
        case SmtpAccount():
            return "smtp"
        case SendmailAccount():
            return "sendmail"
        case VdirAccount():
            return "vdir"
        case MaildirAccount():
            return "maildir"
        case ExchangeAccount():
            return "exchange"
        case Microsoft365Account():
            return "microsoft365"
        case OtherAccount():
            return account.type


def place_of(account: Account) -> str:  # noqa: PLR0911 - a table
    """Where it is: a server, a folder, a program."""
    match account:
        case SmtpAccount():
            return f"{account.host}:{account.port} ({account.security})"
        case SendmailAccount():
            return " ".join(account.command)
        case VdirAccount():
            return account.pattern
        case MaildirAccount():
            return str(account.path)
        case ExchangeAccount():
            return account.server or account.address
        case Microsoft365Account():
            return account.server or account.address or account.tenant
        case OtherAccount():
            return str(account.values.get("server") or account.values.get("host") or account.values.get("tenant") or "")


def host_of(account: Account) -> str:
    """The same in short: a server's name alone."""
    if isinstance(account, SmtpAccount):
        return f"{account.host}:{account.port}"
    place = place_of(account)
    return place.split("/")[2] if "://" in place else place
