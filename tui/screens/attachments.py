"""The files of an event: add, take away, save. What reads and writes them is given by the caller."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Button, OptionList, Static
from textual.widgets.option_list import Option

from core.calendar.event import Attachment
from core.errors import PartagendaError, UsageError
from core.language import N_, _, ngettext
from core.services.attachments import MOST, AttachedFiles
from tui.screens.dialog import DialogButton
from tui.screens.form_dialog import FormDialog
from tui.screens.open_calendar import AttachFileDialog
from tui.text import clean, plain
from tui.widgets.marked_list import MarkedList
from tui.wording import attachment_text, size_text


class AttachmentsDialog(FormDialog[tuple[Attachment, ...]]):
    """Returns the files as they shall be. `can_edit` False: they can only be saved."""

    CSS_PATH = "attachments.tcss"
    AUTO_FOCUS: ClassVar[str | None] = "#files"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "enter", N_("OK"), id="attachments.ok", show=False, priority=True),
        Binding("a,insert", "add", N_("Add a file"), id="attachments.add", show=False),
        Binding("d,delete", "remove", N_("Remove"), id="attachments.remove", show=False),
        Binding("s", "save", N_("Save"), id="attachments.save", show=False),
        Binding("j", "walk(1)", N_("Next"), id="attachments.down", show=False),
        Binding("k", "walk(-1)", N_("Before"), id="attachments.up", show=False),
    ]

    def __init__(self, attached: Sequence[Attachment], files: AttachedFiles, *, can_edit: bool = True) -> None:
        super().__init__(_("Attachments"), id="attached")
        self._attached = list(attached)
        self._files = files
        self._can_edit = can_edit

    def compose_body(self) -> ComposeResult:
        """The files, and how much of the room they take."""
        yield MarkedList(id="files", markup=False, compact=True)
        yield Static("", id="files-room", classes="note", markup=False)

    def buttons(self) -> Sequence[DialogButton]:
        """OK, add, cancel; only to be closed where nothing can be changed."""
        if not self._can_edit:
            return (DialogButton("save", _("Save"), main=True), DialogButton("cancel", _("Close")))
        return (
            DialogButton("ok", _("OK"), main=True),
            DialogButton("add", _("Add a file…")),
            DialogButton("cancel", _("Cancel")),
        )

    def keys(self) -> Sequence[tuple[str, str]]:
        """What works now."""
        some = [("S", _("Save"))] if self._attached else []
        if not self._can_edit:
            return [*some, (_("Esc"), _("Close"))]
        some += [("D", _("Remove"))] if self._attached else []
        return [(_("Enter"), _("OK")), ("A", _("Add a file")), *some, (_("Esc"), _("Cancel"))]

    def on_mount(self) -> None:
        """The list."""
        super().on_mount()
        self._show(0)

    def _show(self, at: int) -> None:
        files = self.query_one("#files", OptionList)
        files.clear_options()
        files.add_options([Option(plain(attachment_text(one))) for one in self._attached])
        if self._attached:
            files.highlighted = min(max(at, 0), len(self._attached) - 1)
        used = sum(len(one.content or b"") for one in self._attached)
        count = len(self._attached)
        text = ngettext("{count} file, {used} of {most}", "{count} files, {used} of {most}", count)
        text = text.format(count=count, used=size_text(used), most=size_text(MOST))
        self.query_one("#files-room", Static).update(plain(text))
        self.show_keys()

    @property
    def _chosen(self) -> int | None:
        return self.query_one("#files", OptionList).highlighted if self._attached else None

    def result(self) -> tuple[Attachment, ...]:
        """The files."""
        return tuple(self._attached)

    def action_enter(self) -> None:
        """An empty list would keep the key to itself."""
        if isinstance(self.focused, Button):
            self.focused.press()
        else:
            self.accept()

    def accept(self) -> None:
        """Enter ends where files can be changed, else it saves the chosen one."""
        if self._can_edit:
            super().accept()
        else:
            self.action_save()

    def pressed(self, button: str) -> None:
        """Add, save."""
        if button == "add":
            self.action_add()
        else:
            self.action_save()

    @work(group="attach", exclusive=True, exit_on_error=False)
    async def action_add(self) -> None:
        """Choose a file and put it into the event."""
        if not self._can_edit:
            return
        path = await self.app.push_screen_wait(AttachFileDialog(Path.cwd()))
        if path is None:
            return
        try:
            self._attached.append(await asyncio.to_thread(self._files.read, path, self._attached))
        except PartagendaError as error:
            self.show_error(error)
        else:
            self.show_error("")
            self._show(len(self._attached))

    def action_remove(self) -> None:
        """Take the chosen file away; it stays until the event is saved."""
        at = self._chosen
        if at is not None and self._can_edit:
            del self._attached[at]
            self._show(at)

    @work(group="save", exclusive=True, exit_on_error=False)
    async def action_save(self) -> None:
        """Write the chosen file into the folder of downloads."""
        try:
            if self._chosen is None:
                raise UsageError(_("There is no file to save."))
            path = await asyncio.to_thread(self._files.save, self._attached[self._chosen])
        except PartagendaError as error:
            self.show_error(error)
            return
        self.show_error("")
        self.query_one("#files-room", Static).update(plain(clean(_("Saved as {path}").format(path=path))))

    def action_walk(self, by: int) -> None:
        """Up and down with letters."""
        files = self.query_one("#files", OptionList)
        (files.action_cursor_down if by > 0 else files.action_cursor_up)()

    @on(OptionList.OptionSelected, "#files")
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.accept()
