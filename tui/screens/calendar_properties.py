"""A calendar's name and colour, and whether new events go to it; for a new calendar and one that is there."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Input, Static

from core.errors import UsageError
from core.language import _
from core.ports.calendars import CalendarInfo
from core.values import dataclass
from tui.screens.acting import ActingDialog
from tui.text import clean
from tui.widgets.form import Caption, Choice, TextLine, Tick

OWN = "own"
_PALETTE = ("#4f8fd9", "#58a65c", "#c9803d", "#a272d0", "#3ba7a7", "#d0647a", "#9c9a3c", "#7d8bb5")


@dataclass(frozen=True, slots=True)
class CalendarFields:
    """What a person wants of a calendar. `colour` is `#rrggbb`; empty: the theme's."""

    name: str
    colour: str
    default: bool


class CalendarPropertiesDialog(ActingDialog[CalendarFields]):
    """Returns the fields once `act` has done what they say. `info` None: the calendar is new."""

    CSS_PATH = "calendar_properties.tcss"
    AUTO_FOCUS: ClassVar[str | None] = "#name"

    def __init__(self, info: CalendarInfo | None, act: Callable[[CalendarFields], Awaitable[bool]]) -> None:
        title = _("Calendar Properties") if info else _("New Calendar")
        super().__init__(title, act, id="calendar-properties")
        self._info = info

    def compose_body(self) -> ComposeResult:
        """Name, colour, default."""
        info = self._info
        colour = info.colour.lower() if info else ""
        with Horizontal(classes="row"):
            yield Caption(_("&Name"), "name")
            yield TextLine(clean(info.name) if info else "", id="name", select_on_focus=True)
        with Horizontal(classes="row"):
            yield Caption(_("&Colour"), "colour")
            known = colour in ("", *_PALETTE)
            yield Choice([*_colours(), (_("Of your own"), OWN)], colour if known else OWN, id="colour")
            yield TextLine("" if known else colour, id="own-colour")
            yield Static("#rrggbb", classes="beside", markup=False)
        with Horizontal(classes="row"):
            yield Caption("", "default")
            writable = info is None or info.can.write
            yield Tick(_("New events go &here"), bool(info and info.default), id="default")
            if not writable:
                self.call_after_refresh(self._cannot_be_default)

    def _cannot_be_default(self) -> None:
        self.query_one("#default", Tick).disabled = True

    def result(self) -> CalendarFields:
        """The fields. Raises UsageError."""
        name = self.query_one("#name", Input).value.strip()
        if not name:
            raise UsageError(_("A calendar needs a name."))
        typed = self.query_one("#own-colour", Input).value.strip().lower()
        chosen = self.query_one("#colour", Choice).chosen
        colour = typed if chosen == OWN or typed else str(chosen)
        if colour and not re.fullmatch(r"#[0-9a-f]{6}", colour):
            raise UsageError(_("“{colour}” is no colour.").format(colour=colour), _("Write it as #3366cc."))
        return CalendarFields(name, colour, self.query_one("#default", Tick).value)


def _colours() -> list[tuple[str, str]]:
    names = (_("Blue"), _("Green"), _("Orange"), _("Purple"), _("Teal"), _("Red"), _("Olive"), _("Grey"))
    return [(_("Of the theme"), ""), *zip(names, _PALETTE, strict=True)]
