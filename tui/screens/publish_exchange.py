"""Publish This Calendar: the server publishes it (outlook.md §5.2). Where no remote shell is configured, the command is
shown for the person or the administrator to run, and the two links are taken back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Input, Static

from core.language import N_, _
from core.services.publish_on_exchange import PublishOnExchange, Standing
from core.sharing.detail import DetailLevel
from core.sharing.exchange_publishing import ExchangeOptions, Period
from core.values import dataclass
from tui.clipboard import copy
from tui.screens.dialog import DialogButton
from tui.screens.form_dialog import FormDialog
from tui.text import plain
from tui.widgets.form import Caption, Choice, OwnWords, TextLine, unmarked


@dataclass(frozen=True, slots=True)
class ExchangeRequest:
    """What is wanted. `pasted`: what the command printed, where the person ran it. `stop`: publish no more."""

    identity: str
    options: ExchangeOptions
    pasted: str = ""
    stop: bool = False
    new_links: bool = False


class PublishExchangeDialog(FormDialog[ExchangeRequest]):
    """Outlook's page of the same name. `commands` writes what is to be run."""

    CSS_PATH = "publish_exchange.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f2", "copy", N_("Copy the command"), id="exchange.copy", show=False),
    ]

    def __init__(self, calendar: str, standing: Standing, service: PublishOnExchange) -> None:
        super().__init__(_("Publish This Calendar: {calendar}").format(calendar=calendar), id="publish-exchange")
        self._standing = standing
        self._commands = service.commands

    def compose_body(self) -> ComposeResult:
        """The fields, the command where it has to be run by hand, and the rule, which may be scrolled to."""
        most = self._standing.ways.most
        levels = list(DetailLevel)
        open_levels = levels if most is None else levels[: levels.index(most) + 1]
        with Horizontal(classes="row"):
            yield Caption(_("&Detail"), "detail")
            yield Choice([(level.label, level) for level in open_levels], DetailLevel.AVAILABILITY, id="detail")
        for name, caption in (("before", _("&Before today")), ("after", _("&After today"))):
            with Horizontal(classes="row"):
                yield Caption(caption, name)
                yield Choice([(period.label, period) for period in Period], Period.THREE_MONTHS, id=name)
        with Horizontal(classes="row"):
            yield Caption(_("Acc&ess"), "access")
            restricted = _("Restricted: who has the link")
            yield Choice([(restricted, False), (_("Public: people can search for it"), True)], False, id="access")
        with Horizontal(classes="row"):
            yield Caption(_("&Folder"), "identity")
            yield TextLine(self._standing.identity, id="identity")
        if not self._standing.configured:
            yield Static(plain(_("Run this in Exchange’s PowerShell, or send it to your administrator (F2 copies):")))
            yield Static("", id="command", markup=False)
            with Horizontal(id="paste"):
                yield Caption(_("What it p&rinted"), "pasted")
                yield OwnWords("", id="pasted")
        yield Static(plain(self._standing.ways.reason), classes="note spaced", id="rule", markup=False)

    def buttons(self) -> Sequence[DialogButton]:
        """As Outlook's: start, or change; new links and stop where it is published."""
        row = [DialogButton("ok", self._main, main=True)]
        if self._standing.links.ics:
            row.append(DialogButton("stop", _("Sto&p publishing"), danger=True))
        return [*row, DialogButton("cancel", _("Cancel"))]

    @property
    def _main(self) -> str:
        return _("&Start publishing") if self._standing.configured else _("&Keep the links")

    def keys(self) -> Sequence[tuple[str, str]]:
        """What works."""
        copying = [] if self._standing.configured else [("F2", _("Copy the command"))]
        return [(_("Enter"), unmarked(self._main)), *copying, (_("Esc"), _("Cancel"))]

    def on_mount(self) -> None:
        """Write the first command."""
        super().on_mount()
        self._write_command()

    @on(Choice.Changed)
    @on(Input.Changed)
    def _write_command(self) -> None:
        if not self._standing.configured:
            self.query_one("#command", Static).update(plain(self._text(), newline=True))

    def _text(self) -> str:
        return self._commands(self.query_one("#identity", Input).value, self._options())

    def _options(self) -> ExchangeOptions:
        return ExchangeOptions(
            self.query_one("#detail", Choice).chosen,
            self.query_one("#before", Choice).chosen,
            self.query_one("#after", Choice).chosen,
            public=self.query_one("#access", Choice).chosen,
        )

    def action_copy(self) -> None:
        """The command, ready to be pasted there."""
        if not self._standing.configured:
            copy(self.app, self._text())

    def result(self) -> ExchangeRequest:
        """What the fields say."""
        pasted = "" if self._standing.configured else self.query_one("#pasted", OwnWords).text
        return ExchangeRequest(self.query_one("#identity", Input).value.strip(), self._options(), pasted)

    def pressed(self, button: str) -> None:
        """Stop."""
        if button == "stop":
            self.dismiss(ExchangeRequest(self.query_one("#identity", Input).value.strip(), self._options(), stop=True))
