from __future__ import annotations

import stat
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.errors import NotFound, PartagendaError, UsageError
from tui.editor import edit_text, editor_command


class Suspended:
    """An app that only steps aside."""

    def __init__(self) -> None:
        self.away = 0

    @contextmanager
    def suspend(self):
        self.away += 1
        yield


@pytest.fixture
def editor(tmp_path, monkeypatch):
    def install(script: str) -> Path:
        path = tmp_path / "my editor"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o700)
        monkeypatch.setenv("EDITOR", f"'{path}' --wait")
        return path

    return install


def test_what_the_editor_wrote_is_the_text(editor, tmp_path):
    editor('printf "more\\n" >> "$2"')
    app = Suspended()
    assert (edit_text(app, "Hello ", tmp_path / "state"), app.away) == ("Hello more", 1)


def test_the_file_is_private_while_it_is_edited_and_gone_afterwards(editor, tmp_path):
    editor(f'stat -c %a "$2" > {tmp_path}/mode; stat -c %a "$(dirname "$2")" >> {tmp_path}/mode')
    edit_text(Suspended(), "Hello", tmp_path / "state")
    assert (tmp_path / "mode").read_text().split() == ["600", "700"]
    assert list((tmp_path / "state").iterdir()) == []


def test_an_editor_that_fails_changes_nothing(editor, tmp_path):
    editor('printf "lost" > "$2"; exit 3')
    with pytest.raises(PartagendaError, match="your text is as it was before"):
        edit_text(Suspended(), "Hello", tmp_path / "state")
    assert list((tmp_path / "state").iterdir()) == []


def test_bytes_that_are_no_utf8_do_not_lose_the_text(editor, tmp_path):
    editor("printf 'caf\\351\\n' > \"$2\"")
    assert edit_text(Suspended(), "", tmp_path / "state") == "caf\ufffd"


def test_visual_goes_before_editor():
    assert editor_command({"VISUAL": "cat -n", "EDITOR": "false", "PATH": "/bin:/usr/bin"}) == ["cat", "-n"]


@pytest.mark.parametrize(
    ("env", "error"),
    [
        ({"EDITOR": "no-such-editor", "PATH": "/bin"}, NotFound),
        ({"EDITOR": "vi 'x", "PATH": "/bin"}, UsageError),
        ({"PATH": "/nowhere"}, NotFound),
    ],
)
def test_an_editor_that_cannot_be_started_says_what_to_set(env, error):
    with pytest.raises(error) as caught:
        editor_command(env)
    assert "$EDITOR" in caught.value.hint


def test_a_folder_that_cannot_be_written_is_named(editor, tmp_path):
    editor("true")
    (tmp_path / "state").write_text("a file")
    with pytest.raises(PartagendaError, match="state"):
        edit_text(Suspended(), "Hello", tmp_path / "state")
    assert stat.S_ISREG((tmp_path / "state").stat().st_mode)
