"""The commands for calendars from the internet. Part of `tui.commands`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.language import N_, _
from tui.command import Command, Group

if TYPE_CHECKING:
    from core.ports.calendars import CalendarInfo
    from tui.screens.home import HomeScreen


def meant(home: HomeScreen) -> CalendarInfo | None:
    """The calendar under the cursor of the list while one is there, else that of the active pane."""
    return home.list.info if home.focused is home.list else home.active.info


def _feed(home: HomeScreen) -> str:
    info = meant(home)
    return "" if info and info.kind == "feed" else _("Only a calendar from the internet has a subscription.")


def _smaller(home: HomeScreen) -> str:
    info = meant(home)
    return "" if info and info.smaller else _("This calendar is not suddenly much smaller where it comes from.")


FEEDS: tuple[Command, ...] = (
    Command(
        "calendar.internet",
        N_("Open from Internet…"),
        N_("Add a calendar by its address; it refreshes itself from then on."),
        ("B",),
        Group.MANAGE,
        "flow('open_from_internet')",
        weight=4,
    ),
    Command(
        "calendar.subscription",
        N_("Subscription…"),
        N_("Refresh a calendar from the internet, change how often that is done, or stop it."),
        ("y",),
        Group.MANAGE,
        "flow('subscription')",
        needs=_feed,
    ),
    Command(
        "calendar.smaller",
        N_("Much Smaller Calendar…"),
        N_("Decide about a calendar that suddenly is much smaller on its server: take that, or keep your copy."),
        ("x",),
        Group.VIEW,
        "flow('smaller')",
        hint=N_("Take or Keep"),
        needs=_smaller,
    ),
)
