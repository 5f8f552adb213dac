"""What a command is: its id, names, keys, group and scope. `tui.commands` has them all."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING

from core.language import N_, _
from core.values import dataclass

if TYPE_CHECKING:
    from tui.screens.home import HomeScreen


class Group(StrEnum):
    """The ribbon's groups, from left to right: those of Outlook's Home tab, then ours."""

    NEW = N_("New")
    GO_TO = N_("Go To")
    ARRANGE = N_("Arrange")
    EDIT = N_("Edit")
    MANAGE = N_("Manage Calendars")
    SHARE = N_("Share")
    MESSAGES = N_("Messages")
    HELP = N_("Help")
    VIEW = N_("View")
    """Not on the ribbon: palette and help have these."""
    CHANGE = N_("Change an event")
    CURSOR = N_("In a calendar")
    LIST = N_("In the list of calendars")


RIBBON = (
    Group.NEW,
    Group.GO_TO,
    Group.ARRANGE,
    Group.EDIT,
    Group.MANAGE,
    Group.SHARE,
    Group.MESSAGES,
    Group.HELP,
)


class Scope(StrEnum):
    """Where a key works."""

    APP = "app"
    HOME = "home"
    PANE = "pane"
    LIST = "list"


Reason = Callable[["HomeScreen"], str]
"""Why a command cannot be used now; empty when it can."""


@dataclass(frozen=True, slots=True)
class Command:
    """One thing that can be done. `action` is a Textual action, run where its scope says.

    `weight` orders commands where the ribbon has room for some only: the highest stay. `hint` is its short name on
    the line of keys, empty when it is not shown there.
    """

    id: str
    label: str
    help: str
    keys: tuple[str, ...]
    group: Group
    action: str
    scope: Scope = Scope.HOME
    weight: int = 0
    hint: str = ""
    needs: Reason | None = None

    @property
    def name(self) -> str:
        """The label in the person's language."""
        return _(self.label)

    @property
    def sentence(self) -> str:
        """What it does, in the person's language."""
        return _(self.help)

    @property
    def of_list(self) -> bool:
        """Whether its hint belongs to the list of calendars; the keys of everywhere are not repeated there."""
        return self.scope is Scope.LIST or (self.group is Group.MANAGE and self.id != "calendar.choose")

    @property
    def checked(self) -> bool:
        """Whether it goes through `App.action_run`, which knows what is possible now; the cursor's moves do not."""
        return self.needs is not None or self.scope in (Scope.HOME, Scope.APP)

    def reason(self, home: HomeScreen | None) -> str:
        """Why it cannot be used now; empty when it can."""
        return self.needs(home) if self.needs and home else ""
