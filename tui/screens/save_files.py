"""Where the message and its parts are written."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Static

from core.errors import UsageError
from core.language import _
from tui.screens.form_dialog import FormDialog
from tui.text import plain
from tui.widgets.form import Caption, TextLine


class SaveFilesDialog(FormDialog[Path]):
    """Returns the folder that is to be made or used. `names` are the files that will be in it."""

    CSS_PATH = "save_files.tcss"

    def __init__(self, start: Path, names: Sequence[str]) -> None:
        super().__init__(_("Save as Files"), id="save-files")
        self._start = start
        self._names = names

    def compose_body(self) -> ComposeResult:
        """The folder, and what will be in it."""
        with Horizontal(classes="row"):
            yield Caption(_("Folder"), "folder")
            yield TextLine(str(self._start), id="folder")
        words = _("Written there, readable by you alone: {names}").format(names=", ".join(self._names))
        yield Static(plain(words), classes="note spaced", markup=False)

    def result(self) -> Path:
        """The folder, absolute. Raises UsageError when nothing is typed."""
        typed = self.query_one("#folder", TextLine).value.strip()
        if not typed:
            raise UsageError(_("Type a folder."))
        return Path(os.path.abspath(os.path.expanduser(typed)))
