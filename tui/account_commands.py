"""The command that shows the accounts. Part of `tui.commands`."""

from __future__ import annotations

from core.language import N_
from tui.command import Command, Group

ACCOUNTS: tuple[Command, ...] = (
    Command(
        "account.list",
        N_("Accounts…"),
        N_("Set up accounts, try them, and see what waits for their servers."),
        ("X",),
        Group.MANAGE,
        "flow('accounts')",
        weight=3,
    ),
)
