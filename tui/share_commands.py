"""The commands that share calendars on a server: Share Calendar, Calendar Permissions. Part of `tui.commands`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.language import N_, _
from tui.command import Command, Group

if TYPE_CHECKING:
    from tui.screens.home import HomeScreen


def _shareable(home: HomeScreen) -> str:
    info = home.active.info
    if info is None:
        return _("There is no calendar in this pane: choose one in the list.")
    if info.can.share:
        return ""
    if info.owner:
        return _("“{name}” belongs to {owner}: only an owner can share it.").format(name=info.name, owner=info.owner)
    return _("“{name}” is not on a server that shares calendars. E-mail a copy of it instead.").format(name=info.name)


def _has_permissions(home: HomeScreen) -> str:
    info = home.active.info
    if info is not None and info.can.permissions:
        return ""
    return _shareable(home) or _("This calendar has no permissions.")


SHARING: tuple[Command, ...] = (
    Command(
        "calendar.share",
        N_("Share Calendar…"),
        N_("Let people see this calendar on its server, and invite them."),
        ("S",),
        Group.SHARE,
        "flow('share_calendar')",
        weight=8,
        needs=_shareable,
    ),
    Command(
        "calendar.permissions",
        N_("Calendar Permissions…"),
        N_("Show and change who may do what with this calendar."),
        ("P",),
        Group.SHARE,
        "flow('calendar_permissions')",
        weight=7,
        needs=_has_permissions,
    ),
)
