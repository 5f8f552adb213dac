"""Exchange Server over Exchange Web Services, by exchangelib, which is loaded in a thread when the server is asked.

session.py    signing in, threads, deadlines, trying again     wire.py   HTTP as we want it
translate.py  their errors in our words                        autodiscover.py
calendars.py  the port `RemoteCalendars`: asking.py reads, writing.py and building.py write, items.py converts
availability.py  directory.py  mail.py   the other ports
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.backends.exchange.availability import ExchangeFreeBusy
    from core.backends.exchange.calendars import ExchangeCalendars
    from core.backends.exchange.directory import ExchangeDirectory
    from core.backends.exchange.mail import ExchangeInbox, ExchangeTransport
    from core.backends.exchange.permissions import ExchangePermissions
    from core.backends.exchange.session import Limits
    from core.backends.exchange.sharing import ExchangeSharing
    from core.config.settings import ExchangeAccount
    from core.ports.world import Clock, Secrets

    Parts = tuple[
        ExchangeCalendars,
        ExchangeFreeBusy,
        ExchangeDirectory,
        ExchangeTransport,
        ExchangeInbox,
        ExchangePermissions,
        ExchangeSharing,
    ]


def open_account(account: ExchangeAccount, secrets: Secrets, clock: Clock, limits: Limits | None = None) -> Parts:
    """Everything that one account offers, over one session; nothing is asked yet."""
    from core.backends.exchange.availability import ExchangeFreeBusy
    from core.backends.exchange.calendars import ExchangeCalendars
    from core.backends.exchange.directory import ExchangeDirectory
    from core.backends.exchange.mail import ExchangeInbox, ExchangeTransport
    from core.backends.exchange.permissions import ExchangePermissions
    from core.backends.exchange.session import ExchangeSession
    from core.backends.exchange.sharing import ExchangeSharing
    from core.sharing.policy import parse_policy

    policy = parse_policy(account.sharing_policy) if account.sharing_policy is not None else None
    session = ExchangeSession(account, secrets, clock, limits)
    return (
        ExchangeCalendars(session),
        ExchangeFreeBusy(session),
        ExchangeDirectory(session),
        ExchangeTransport(session),
        ExchangeInbox(session),
        ExchangePermissions(session),
        ExchangeSharing(session, policy, account.partners),
    )


__all__ = ["open_account"]
