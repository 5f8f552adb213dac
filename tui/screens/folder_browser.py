"""Folders of a server, to publish into one: what is there, into one, out again, a new one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import ClassVar
from urllib.parse import quote

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input

from core.errors import UsageError
from core.language import N_, _
from core.ports.publishing import Place
from core.values import dataclass
from tui.reporting import reporting
from tui.screens.dialog import DialogButton
from tui.screens.form_dialog import FormDialog
from tui.screens.list_page import ListPage
from tui.text import clean
from tui.widgets.form import Caption, TextLine
from tui.widgets.text_view import Line
from tui.wording import size_text

Listing = Callable[[str], Awaitable[Sequence[Place]]]
Making = Callable[[str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the list. `place` None: the folder above."""

    place: Place | None


class FolderBrowser(ListPage[Row, str]):
    """Ends with the address of a folder. `listing` and `making` ask the server."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("u,backspace,left", "up", N_("Folder above"), id="folder.up", show=False),
        Binding("n", "new", N_("New folder"), id="folder.new", show=False),
        Binding("o", "choose", N_("Publish here"), id="folder.choose", show=False),
    ]

    def __init__(self, folder: str, top: str, listing: Listing, making: Making) -> None:
        self._folder = folder
        self._top = top
        self._listing = listing
        self._making = making
        super().__init__(_("Choose a Folder"), id="folder-browser")

    def facts(self) -> str:
        """Where one is."""
        return clean(self._folder)

    def buttons(self) -> Sequence[DialogButton]:
        """Here, new, back."""
        return (
            DialogButton("here", _("Publish here"), main=True),
            DialogButton("new", _("New folder…")),
            DialogButton("back", _("Back")),
        )

    def keys(self) -> Sequence[tuple[str, str]]:
        """What works."""
        return (
            (_("Enter"), _("Open")),
            ("U", _("Above")),
            ("N", _("New")),
            ("O", _("Publish here")),
            (_("Esc"), _("Back")),
        )

    def nothing(self) -> str:
        """An empty folder."""
        return _("Nothing is in this folder. O publishes here.")

    async def read(self) -> Sequence[Row]:
        """The folder above first."""
        found = [Row(place) for place in await self._listing(self._folder)]
        return found if self._folder == self._top else [Row(None), *found]

    def columns(self, item: Row) -> Sequence[tuple[str, float]]:
        """Name and size."""
        place = item.place
        if place is None:
            return (("▸ ..", 1), (_("the folder above"), -20))
        size = "" if place.folder or place.size is None else size_text(place.size)
        return ((("▸ " if place.folder else "  ") + place.name, 1), (size, -20))

    async def describe(self, item: Row) -> Sequence[Line]:
        """Its address."""
        if item.place is None:
            return [Line(_("the folder above"))]
        kind = _("Folder") if item.place.folder else _("File: give another name, or choose a folder")
        return [Line(item.place.name, "title"), Line(kind), Line(""), Line(item.place.address)]

    def activated(self) -> None:
        """Enter goes into a folder."""
        item = self.marked
        if item is None:
            return
        if item.place is None:
            self.action_up()
        elif item.place.folder:
            self._go(item.place.address)

    def _go(self, folder: str) -> None:
        from textual.widgets import Static

        from tui.text import plain

        self._folder = folder
        self.query_one("#page-facts", Static).update(plain(self.facts()))
        self.action_read()

    def action_up(self) -> None:
        """Out of this folder; not beyond what the sign-in is for."""
        if self._folder != self._top:
            self._go(self._folder.rstrip("/").rpartition("/")[0] + "/")

    def action_choose(self) -> None:
        """This folder."""
        self.dismiss(self._folder)

    @work(group="folder", exclusive=True, exit_on_error=False)
    async def action_new(self) -> None:
        """Ask for a name, make it, go there."""
        name = await self.app.push_screen_wait(NewFolderDialog())
        if not name:
            return
        folder = self._folder + (name if self._folder.startswith("/") else quote(name)) + "/"
        with reporting(self.app):
            await self._making(folder)
            self._go(folder)

    def pressed(self, button: str) -> None:
        """As the letters."""
        match button:
            case "here":
                self.action_choose()
            case "new":
                self.action_new()
            case _other:
                self.action_back()


class NewFolderDialog(FormDialog[str]):
    """Asks for a name."""

    def __init__(self) -> None:
        super().__init__(_("New Folder"), id="new-folder")

    def compose_body(self) -> ComposeResult:
        """One field."""
        from textual.containers import Horizontal

        with Horizontal(classes="row"):
            yield Caption(_("&Name"), "name")
            yield TextLine("", id="name")

    def result(self) -> str:
        """The name. Raises UsageError for one that is none."""
        name = self.query_one("#name", Input).value.strip()
        if not name or "/" in name or name in (".", ".."):
            raise UsageError(_("A folder’s name has no / in it."), _("Write it as team or calendars."))
        return name
