"""Open from Internet: the address of a calendar, what it shall be called here, and how often it is refreshed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Input, Static

from core.errors import PartagendaError, UsageError
from core.language import _
from core.values import dataclass
from tui.screens.dialog import DialogButton
from tui.screens.form_dialog import FormDialog
from tui.text import plain
from tui.widgets.form import Caption, Choice, TextLine
from tui.wording import every_text

_MINUTES = (15, 30, 60, 240, 1440)


@dataclass(frozen=True, slots=True)
class SubscribeRequest:
    """What the dialog asks for. `every` None: as the calendar recommends."""

    address: str
    name: str = ""
    every: timedelta | None = None


def intervals(current: timedelta | None = None) -> list[tuple[str, timedelta | None]]:
    """The entries of *Refresh*: as recommended, and some usual intervals; the current one is always among them."""
    found = {timedelta(minutes=minutes) for minutes in _MINUTES} | ({current} if current else set())
    return [(_("As the calendar recommends"), None), *((every_text(one).capitalize(), one) for one in sorted(found))]


class OpenFromInternetDialog(FormDialog[SubscribeRequest]):
    """Ends with a request. `host_of` says whose server an address is on and raises UsageError for what is none."""

    AUTO_FOCUS: ClassVar[str | None] = "#address"

    def __init__(
        self,
        host_of: Callable[[str], str],
        request: SubscribeRequest | None = None,
        error: PartagendaError | None = None,
    ) -> None:
        super().__init__(_("New Internet Calendar Subscription"), id="open-from-internet")
        self._host_of = host_of
        self._request = request or SubscribeRequest("")
        self._error = error

    def compose_body(self) -> ComposeResult:
        """Address, name, interval."""
        yield Static(plain(_("The address of the calendar, as its owner gave it to you.")), markup=False)
        with Horizontal(classes="row spaced"):
            yield Caption(_("&Address"), "address")
            yield TextLine(self._request.address, id="address")
        yield Static(plain(_("As webcal://example.org/alice.ics or https://…")), classes="note indented", markup=False)
        with Horizontal(classes="row spaced"):
            yield Caption(_("&Name"), "name")
            yield TextLine(self._request.name, id="name")
        yield Static(
            plain(_("Left empty, it has the name that its owner chose.")), classes="note indented", markup=False
        )
        with Horizontal(classes="row spaced"):
            yield Caption(_("&Refresh"), "every")
            yield Choice(intervals(self._request.every), self._request.every, id="every")
        yield Static(
            plain(_("It is fetched when you press Subscribe, and then again and again. You can look, not write.")),
            classes="note spaced",
            markup=False,
        )

    def on_mount(self) -> None:
        """Say what went wrong before."""
        super().on_mount()
        if self._error is not None:
            self.show_error(self._error)

    def buttons(self) -> Sequence[DialogButton]:
        """Subscribe is the person's yes."""
        return (DialogButton("ok", _("Subscribe"), main=True), DialogButton("cancel", _("Cancel")))

    def keys(self) -> Sequence[tuple[str, str]]:
        """What Enter does."""
        return ((_("Enter"), _("Subscribe")), (_("Esc"), _("Cancel")))

    def result(self) -> SubscribeRequest:
        """The request. Raises UsageError for what is no address."""
        address = self.query_one("#address", Input).value.strip()
        if not address:
            raise UsageError(
                _("Type the address of the calendar."), _("Write it as https://…, http://… or webcal://….")
            )
        self._host_of(address)
        every: Choice[timedelta | None] = self.query_one("#every", Choice)
        return SubscribeRequest(address, self.query_one("#name", Input).value.strip(), every.chosen)
