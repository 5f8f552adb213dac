"""The person's own editor ($VISUAL, $EDITOR) on a text of theirs, while the app steps aside."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from textual.app import App, SuspendNotSupported

from core.errors import NotFound, PartagendaError, StorageError, UsageError
from core.language import _
from core.private import make_private_folder

_USUAL = ("sensible-editor", "nano", "vim", "vi")
_LIMIT = 4 * 1024 * 1024


def editor_command(env: Mapping[str, str] = os.environ) -> list[str]:
    """The editor as a list of arguments: $VISUAL, else $EDITOR, else one that is usually there.

    Raises NotFound with what to set, UsageError when the quotes in the variable do not match.
    """
    wanted = (env.get("VISUAL") or env.get("EDITOR") or "").strip()
    try:
        command = shlex.split(wanted)
    except ValueError:
        raise UsageError(
            _("“{command}” cannot be started: its quotes do not match.").format(command=wanted),
            _("Set $EDITOR to the editor’s command, for example nano."),
        ) from None
    command = command or [name for name in _USUAL if shutil.which(name, path=env.get("PATH"))][:1]
    if not command or not shutil.which(command[0], path=env.get("PATH")):
        name = command[0] if command else "$EDITOR"
        raise NotFound(
            _("There is no editor “{name}”.").format(name=name),
            _("Set $EDITOR to the editor’s command, for example nano."),
        )
    return command


def edit_text(app: App[Any], text: str, folder: Path) -> str:
    """What the person made of `text`. The file is private, in our own folder, and gone afterwards.

    Raises PartagendaError; the text on the screen is then still as it was.
    """
    command = editor_command()
    path = _write(text, folder)
    try:
        with app.suspend():
            ended = subprocess.run([*command, str(path)], check=False).returncode
        if ended != 0:
            raise PartagendaError(
                _("The editor ended with an error; your text is as it was before."),
            )
        return _read(path)
    except SuspendNotSupported:
        raise PartagendaError(_("This terminal cannot be handed to an editor.")) from None
    except OSError as error:
        raise StorageError(_("The editor cannot be used: {reason}").format(reason=error.strerror or error)) from error
    finally:
        path.unlink(missing_ok=True)


def _write(text: str, folder: Path) -> Path:
    """A file that nobody else can read, with a name that nobody can foresee."""
    try:
        make_private_folder(folder)
        descriptor, name = tempfile.mkstemp(prefix="message-", suffix=".txt", dir=folder)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise StorageError(
            _("{path} cannot be written: {reason}").format(path=folder, reason=error.strerror or error)
        ) from error
    return Path(name)


def _read(path: Path) -> str:
    with path.open("rb") as file:
        data = file.read(_LIMIT)
    return data.decode("utf-8", "replace").replace("\r\n", "\n").removesuffix("\n")
