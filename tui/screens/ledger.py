"""The ledger: who has been given what, when, at which level."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Protocol

from textual.binding import Binding, BindingType

from core.language import N_, _
from core.language.dates import date_and_time, short_date
from core.ports.world import Clock
from core.services.ledger import Ledger, LedgerEntry
from core.sharing.detail import DetailLevel
from core.sharing.permissions import level_label
from tui.clipboard import copy
from tui.screens.dialog import DialogButton
from tui.screens.list_page import ListPage
from tui.text import cell_width
from tui.widgets.text_view import Line
from tui.wording import range_label


class _Services(Protocol):
    @property
    def ledger(self) -> Ledger: ...

    @property
    def clock(self) -> Clock: ...


class LedgerScreen(ListPage[LedgerEntry, None]):
    """One line for each person and share; beside it everything that this person was given."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy", N_("Copy the address"), id="ledger.copy", show=False),
    ]

    def __init__(self, services: _Services) -> None:
        super().__init__(_("Who Has Been Given What"), id="ledger")
        self._ledger = services.ledger
        self._zone = services.clock.zone

    def facts(self) -> str:
        """What this place is."""
        return _("What left this machine, for whom. A copy that was sent cannot be taken back.")

    def buttons(self) -> Sequence[DialogButton]:
        """Back."""
        return (DialogButton("back", _("Back"), main=True),)

    def pressed(self, button: str) -> None:
        """Back."""
        self.action_back()

    def keys(self) -> Sequence[tuple[str, str]]:
        """What works."""
        choosing = [("Y", _("Copy address")), ("↑↓", _("Choose"))] if self._read_once and self.items else []
        return [*choosing, ("F5", _("Look again")), (_("Esc"), _("Back"))]

    def nothing(self) -> str:
        """Nobody has anything."""
        return _("Nobody has been given anything yet.")

    async def read(self) -> Sequence[LedgerEntry]:
        """Newest first."""
        return sorted(await self._ledger.entries(), key=lambda entry: entry.when, reverse=True)

    def columns(self, item: LedgerEntry) -> Sequence[tuple[str, float]]:
        """When, whom, what, how much, state."""
        return (
            (short_date(item.when.astimezone(self._zone)), -13),
            (item.person, 24),
            (item.calendar, 16),
            (level_label(item.level), -level_width()),
            (item.state.label, 14),
        )

    async def describe(self, item: LedgerEntry) -> Sequence[Line]:
        """Everything that this person was given."""
        entries = await self._ledger.entries(item.person)
        lines = [Line(item.person, "title"), Line("")]
        for entry in sorted(entries, key=lambda one: one.when, reverse=True):
            lines.append(Line(f"{entry.calendar} · {range_label(entry.range)}"))
            how = f"{level_label(entry.level)} · {entry.how} · {entry.state.label}"
            lines += [Line(f"  {how} · {date_and_time(entry.when.astimezone(self._zone))}", "quiet")]
        return lines

    def action_copy(self) -> None:
        """The person's address."""
        if self.marked is not None:
            copy(self.app, self.marked.person)


def level_width() -> int:
    """Cells that the longest name of a level takes."""
    return max(cell_width(level.label) for level in DetailLevel)
