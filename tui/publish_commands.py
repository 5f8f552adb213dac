"""The commands that publish calendars and look after what is published. Part of `tui.commands`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.language import N_, _
from tui.command import Command, Group

if TYPE_CHECKING:
    from tui.screens.home import HomeScreen


def _has_calendar(home: HomeScreen) -> str:
    if home.active.info is None:
        return _("There is no calendar in this pane: choose one in the list.")
    return ""


PUBLISHING: tuple[Command, ...] = (
    Command(
        "calendar.publish",
        N_("Publish Online…"),
        N_("Put this calendar on a server or into a folder, where others can subscribe to it."),
        ("W",),
        Group.SHARE,
        "flow('publish')",
        weight=4,
        needs=_has_calendar,
    ),
    Command(
        "publications.open",
        N_("Publications"),
        N_("Show what is published where; renew, change or remove it."),
        ("G",),
        Group.SHARE,
        "flow('publications')",
        weight=2,
    ),
)
