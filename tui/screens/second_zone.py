"""Which time zone stands beside one's own in the hours; typed by a part of its name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Input, Static

from core.calendar.zones import zone_for
from core.errors import UsageError
from core.language import _
from core.language.dates import time_of_day
from tui.screens.dialog import DialogButton
from tui.screens.form_dialog import FormDialog
from tui.text import clean, plain
from tui.widgets.form import Caption, TextLine

OFFERED = 4


def zones_like(text: str) -> list[str]:
    """Names of zones in which the text stands, cities that begin with it first: `york` is America/New_York."""
    wanted = text.strip().casefold().replace(" ", "_")
    if not wanted:
        return []
    found = sorted(name for name in available_timezones() if wanted in name.casefold() and "/" in name)
    usual = [name for name in found if not name.startswith(("Etc/", "posix/", "right/", "US/", "Canada/", "SystemV/"))]
    return sorted(usual, key=lambda name: not name.casefold().rpartition("/")[2].startswith(wanted))


def read_zone(text: str) -> str:
    """The one zone that is meant. Raises UsageError, which names some that fit."""
    if zone := zone_for(text.strip()):
        return str(zone)
    found = zones_like(text)
    city = [name for name in found if name.casefold().rpartition("/")[2] == text.strip().casefold().replace(" ", "_")]
    if len(found) == 1 or len(city) == 1:
        return (city or found)[0]
    hint = _("Type a city, as New York or Tokyo.") if not found else ", ".join(found[:OFFERED])
    message = _("There is no time zone “{text}”.") if not found else _("Several time zones fit “{text}”.")
    raise UsageError(message.format(text=clean(text)), hint)


class SecondZoneDialog(FormDialog[str]):
    """Ends with the name of a zone, or with an empty text to show one's own alone."""

    def __init__(self, current: str, now: datetime) -> None:
        super().__init__(_("Second Time Zone"), id="second-zone")
        self._current, self._now = current, now

    def compose_body(self) -> ComposeResult:
        """A line, and what it means."""
        with Horizontal(classes="row"):
            yield Caption(_("&Zone"), "zone")
            yield TextLine(self._current, id="zone", select_on_focus=True)
        yield Static(plain(self._meaning(self._current)), id="meaning", classes="note indented", markup=False)

    def buttons(self) -> Sequence[DialogButton]:
        """OK, and the way back to one zone."""
        return (
            DialogButton("ok", _("OK"), main=True),
            DialogButton("none", _("&None")),
            DialogButton("cancel", _("Cancel")),
        )

    def pressed(self, button: str) -> None:
        """One's own zone alone."""
        if button == "none":
            self.dismiss("")

    @on(Input.Changed, "#zone")
    def _typed(self, event: Input.Changed) -> None:
        self.query_one("#meaning", Static).update(plain(self._meaning(event.value)))
        self.show_error("")

    def _meaning(self, text: str) -> str:
        if not text.strip():
            return _("A city, as New York or Tokyo.")
        try:
            name = read_zone(text)
        except UsageError as error:
            return f"{error.message} {error.hint}"
        return _("{zone}, where it is {time} now").format(
            zone=name, time=time_of_day(self._now.astimezone(ZoneInfo(name)))
        )

    def result(self) -> str:
        """The zone. Raises UsageError."""
        text = self.query_one("#zone", Input).value
        return read_zone(text) if text.strip() else ""
