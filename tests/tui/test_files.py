from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import StorageError
from tui.files import list_folder, split_typed


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "folder"
    made.mkdir()
    return made


@pytest.mark.parametrize(
    ("typed", "parts"),
    [
        ("", ("/start", "")),
        ("wo", ("/start", "wo")),
        ("sub/", ("/start/sub", "")),
        ("sub/wo", ("/start/sub", "wo")),
        ("/etc/x", ("/etc", "x")),
        ("..", ("/", "")),
    ],
)
def test_a_typed_path_is_a_folder_and_the_beginning_of_a_name(typed, parts):
    folder, name = split_typed(typed, Path("/start"))
    assert (str(folder), name) == parts


def test_a_tilde_is_the_persons_home(own_home):
    assert split_typed("~/x", Path("/start")) == (own_home, "x")


def test_folders_come_first_and_names_match_whatever_their_case(folder):
    (folder / "Work").mkdir()
    for name in ("work.ICS", "other.ics", "word.txt"):
        (folder / name).write_text("x")
    assert [entry.name for entry in list_folder(folder, "wo").entries] == ["Work/", "work.ICS"]


def test_a_hidden_name_is_shown_when_its_dot_is_typed(folder):
    (folder / ".a.ics").write_text("x")
    assert ([e.name for e in list_folder(folder).entries], [e.name for e in list_folder(folder, ".").entries]) == (
        [],
        [".a.ics"],
    )


def test_a_link_that_leads_nowhere_is_left_out(folder):
    (folder / "gone.ics").symlink_to(folder / "nothing")
    assert list_folder(folder).entries == ()


def test_a_folder_that_cannot_be_read_is_named_with_the_reason(tmp_path):
    with pytest.raises(StorageError, match="gone"):
        list_folder(tmp_path / "gone")
