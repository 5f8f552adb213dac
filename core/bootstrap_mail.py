"""From accounts to what sends and receives mail. What is heavy is imported when it is first used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.config.settings import (
    MailAccount,
    MaildirAccount,
    SendmailAccount,
    ServerAccount,
    Settings,
)
from core.errors import NotFound
from core.language import _

if TYPE_CHECKING:
    from core.bootstrap_servers import Servers
    from core.ports.mail import MailTransport, MessageSource


class Transports:
    """The transport of an account, made when it is first asked for; `""` is the first account that can send."""

    def __init__(self, settings: Settings, servers: Servers) -> None:
        self._settings = settings
        self._servers = servers
        self._made: dict[str, MailTransport] = {}

    def __call__(self, name: str) -> MailTransport | None:
        """None when nothing can send. Raises NotFound for an account that is not there or does not send."""
        able = self._settings.mail_accounts
        account = next((one for one in able if one.name == name), None) if name else next(iter(able), None)
        if account is None:
            if name:
                raise NotFound(
                    _("There is no account “{name}” that can send.").format(name=name),
                    ", ".join(one.name for one in able),
                )
            return None
        if account.name not in self._made:
            self._made[account.name] = transport_of(account, self._servers)
        return self._made[account.name]


def transport_of(account: MailAccount, servers: Servers) -> MailTransport:
    """What hands mail over for this account."""
    if isinstance(account, ServerAccount):
        return servers.parts(account).transport
    if isinstance(account, SendmailAccount):
        from core.backends.sendmail import SendmailTransport

        return SendmailTransport(account.name, account.command)
    from core.backends.smtp import Security, SmtpSettings, SmtpTransport

    reached = SmtpSettings(
        host=account.host,
        port=account.port,
        security=Security(account.security),
        username=account.sign_in.username,
        ca=account.ca,
    )
    return SmtpTransport(account.name, reached, servers.secrets)


def keep_sent_copy(settings: Settings, account: str, content: bytes) -> None:
    """Put a message that was sent into the account's Sent folder, if it has one. Raises StorageError."""
    able = settings.mail_accounts
    found = next((one for one in able if one.name == account), None) if account else next(iter(able), None)
    if found is not None and found.sent_copy is not None:
        from core.backends.maildir import keep_copy

        keep_copy(found.sent_copy, content)


def message_sources(settings: Settings, servers: Servers) -> list[MessageSource]:
    """Where messages with calendars in them are read: the Maildirs, then the accounts on servers."""
    from core.backends.maildir import MaildirSource

    accounts = settings.accounts.values()
    found: list[MessageSource] = [MaildirSource(o.name, o.path) for o in accounts if isinstance(o, MaildirAccount)]
    return found + [parts.messages for parts in servers.all_parts]
