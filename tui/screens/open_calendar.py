"""Open calendar: a path that completes itself, and the folder's calendars and messages below it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Button, Input, OptionList, Static
from textual.widgets.option_list import Option

from core.errors import NotFound, PartagendaError, UsageError
from core.language import N_, _, ngettext
from core.language.dates import short_date
from tui.files import SUFFIXES, FileEntry, Listing, list_folder, split_typed
from tui.screens.dialog import DialogButton
from tui.screens.form_dialog import FormDialog
from tui.text import cells, plain
from tui.widgets.form import Caption, TextLine
from tui.widgets.marked_list import MarkedList
from tui.wording import size_text


class OpenCalendarDialog(FormDialog[Path]):
    """Returns the path of an .ics file, an .eml file, or a folder of .ics files. Begins in `start`."""

    CSS_PATH = "open_calendar.tcss"
    AUTO_FOCUS: ClassVar[str | None] = "#path"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "walk(1)", N_("Next entry"), id="open.next", show=False),
        Binding("up", "walk(-1)", N_("Entry before"), id="open.previous", show=False),
        Binding("pagedown", "walk(10)", N_("Ten on"), id="open.page-down", show=False),
        Binding("pageup", "walk(-10)", N_("Ten back"), id="open.page-up", show=False),
        Binding("tab", "complete", N_("Complete"), id="open.complete", show=False, priority=True),
        Binding("f6", "open_folder", N_("Open this folder"), id="open.folder", show=False),
    ]

    ABOUT: ClassVar[str] = N_("A calendar (.ics), a message (.eml) or a folder of .ics files.")
    ENDINGS: ClassVar[tuple[str, ...]] = SUFFIXES
    """What the files that are listed end with."""
    TAKES_FOLDERS: ClassVar[bool] = True

    def __init__(self, start: Path, title: str = "") -> None:
        super().__init__(title or _("Open Calendar"), id="open-calendar")
        self._start = start
        self._listing = Listing(start, ())
        self._seen: str | None = None
        """The line for which the list stands."""

    def compose_body(self) -> ComposeResult:
        """The line, the folder it stands in, and what is there."""
        yield Static(plain(_(self.ABOUT)), markup=False)
        with Horizontal(classes="row spaced"):
            yield Caption(_("File"), "path")
            yield TextLine(f"{self._start}/" if str(self._start) != "/" else "/", id="path")
        entries = MarkedList(id="entries", markup=False, compact=True)
        entries.can_focus = False
        yield entries
        yield Static("", id="here", classes="note", markup=False)

    def buttons(self) -> Sequence[DialogButton]:
        """Open the entry, or the folder as it is."""
        if not self.TAKES_FOLDERS:
            return (DialogButton("ok", _("Choose"), main=True), DialogButton("cancel", _("Cancel")))
        return (
            DialogButton("ok", _("Open"), main=True),
            DialogButton("folder", _("Open this folder")),
            DialogButton("cancel", _("Cancel")),
        )

    def keys(self) -> Sequence[tuple[str, str]]:
        """What works."""
        return (
            (_("Enter"), _("Open") if self.TAKES_FOLDERS else _("Choose")),
            ("↑↓", _("Choose")),
            (_("Tab"), _("Complete")),
            *((("F6", _("Folder")),) if self._folder_counts else ()),
            (_("Esc"), _("Cancel")),
        )

    def result(self) -> Path:
        """The file that is marked or typed. Raises NotFound, or UsageError for one that is no calendar."""
        entry = self._marked()
        if entry is not None and not entry.folder:
            return entry.path
        _folder, name = split_typed(self._typed(), self._start)
        if not name:
            hint = _("F6 opens the folder itself as a calendar.") if self.TAKES_FOLDERS else ""
            raise UsageError(_("Choose a file."), hint)
        if not self.TAKES_FOLDERS:
            raise NotFound(_("There is no file {file}.").format(file=name))
        raise NotFound(_("There is no calendar or message “{name}” in this folder.").format(name=name))

    def accept(self) -> None:
        """Enter on a folder goes into it."""
        self._accept_seen()

    @work(group="look", exclusive=True, exit_on_error=False)
    async def _accept_seen(self) -> None:
        """Somebody who types fast means the line, not the list of before."""
        if self._seen != self._typed():
            await self._read()
        entry = self._marked()
        if entry is not None and entry.folder:
            self._type(f"{entry.path}/")
            self.query_one("#path").focus()
        else:
            super().accept()

    def pressed(self, button: str) -> None:
        """The folder itself."""
        self.action_open_folder()

    def action_open_folder(self) -> None:
        """The folder itself is the calendar."""
        if self._folder_counts:
            self.dismiss(self._listing.folder)
        elif self.TAKES_FOLDERS:
            self.show_error(_("There is no .ics file in this folder."))

    @property
    def _folder_counts(self) -> bool:
        return self.TAKES_FOLDERS and bool(self._listing.calendars)

    def action_complete(self) -> None:
        """Put the marked entry into the line."""
        entry = self._marked()
        whole = "" if entry is None else f"{entry.path}/" if entry.folder else str(entry.path)
        if whole and whole != self._typed() and self.focused is self.query_one("#path"):
            self._type(whole)
        else:
            self.focus_next()

    def action_walk(self, by: int) -> None:
        """Move the mark."""
        entries = self.query_one(OptionList)
        if entries.option_count:
            entries.highlighted = min(max((entries.highlighted or 0) + by, 0), entries.option_count - 1)

    def on_mount(self) -> None:
        """Look at the first folder."""
        super().on_mount()
        self._look()

    def _typed(self) -> str:
        return self.query_one("#path", Input).value

    def _type(self, text: str) -> None:
        line = self.query_one("#path", Input)
        line.value = text
        line.cursor_position = len(text)

    def _marked(self) -> FileEntry | None:
        at = self.query_one(OptionList).highlighted
        return self._listing.entries[at] if at is not None and at < len(self._listing.entries) else None

    @on(Input.Changed, "#path")
    def _changed(self) -> None:
        self.show_error("")
        self._look()

    @work(group="look", exclusive=True, exit_on_error=False)
    async def _look(self) -> None:
        await self._read()

    async def _read(self) -> None:
        typed = self._typed()
        folder, beginning = split_typed(typed, self._start)
        try:
            self._listing = await asyncio.to_thread(list_folder, folder, beginning, self.ENDINGS)
        except PartagendaError as error:
            self._listing = Listing(folder, ())
            self.show_error(error)
        self._seen = typed
        self._show(beginning)

    def _show(self, beginning: str) -> None:
        listing, entries = self._listing, self.query_one(OptionList)
        entries.clear_options()
        entries.add_options([Option(plain(_row(entry, self.size.width))) for entry in listing.entries])
        if listing.entries:
            files = [at for at, entry in enumerate(listing.entries) if not entry.folder]
            entries.highlighted = 0 if beginning or not files else files[0]
        text = str(listing.folder)
        if self.TAKES_FOLDERS:
            count = ngettext("{count} calendar file", "{count} calendar files", listing.calendars)
            text = f"{listing.folder} · {count.format(count=listing.calendars)}"
            self.query_one("#folder", Button).disabled = not listing.calendars
        self.query_one("#here", Static).update(plain(text))
        self.show_keys()

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.query_one(OptionList).highlighted = event.option_index
        self.accept()


class AttachFileDialog(OpenCalendarDialog):
    """The same for any file, to be attached to an event."""

    ABOUT: ClassVar[str] = N_("The file becomes part of the event.")
    ENDINGS: ClassVar[tuple[str, ...]] = ("",)
    TAKES_FOLDERS: ClassVar[bool] = False

    def __init__(self, start: Path) -> None:
        super().__init__(start, _("Attach a File"))


def _row(entry: FileEntry, width: int) -> str:
    room = min(width, 76) - 36
    if entry.folder or entry.changed is None:
        return cells(entry.name, room)
    return f"{cells(entry.name, room)} {size_text(entry.size):>10}  {short_date(entry.changed):>13}"
