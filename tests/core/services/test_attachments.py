"""Files that go into an event and come out of it: bounded, and never at a name that the event chose alone."""

from __future__ import annotations

import os
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.calendar.event import Attachment
from core.errors import NotFound, Refused, UsageError
from core.services.attachments import MOST, AttachedFiles, safe_name


@pytest.fixture
def files(tmp_path):
    return AttachedFiles(tmp_path / "saved")


def test_a_file_is_read_with_its_name_and_kind(files, tmp_path):
    (tmp_path / "plan.pdf").write_bytes(b"%PDF")
    assert files.read(tmp_path / "plan.pdf") == Attachment("plan.pdf", "application/pdf", b"%PDF")


def test_the_files_of_an_event_have_a_bound_together(files, tmp_path):
    (tmp_path / "large.bin").write_bytes(bytes(MOST // 2 + 1))
    first = files.read(tmp_path / "large.bin")
    with pytest.raises(Refused, match="too large"):
        files.read(tmp_path / "large.bin", [first])


def test_a_file_as_large_as_the_bound_is_taken(files, tmp_path):
    (tmp_path / "large.bin").write_bytes(bytes(MOST))
    assert len(files.read(tmp_path / "large.bin").content) == MOST


def test_what_is_no_file_is_refused_and_never_waited_for(files, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path):
        with pytest.raises(UsageError, match="is not a file"):
            files.read(path)


def test_a_file_that_is_not_there_is_named(files, tmp_path):
    with pytest.raises(NotFound, match=r"none\.txt"):
        files.read(tmp_path / "none.txt")


def test_a_saved_file_has_its_bytes_and_is_the_persons_alone(files):
    path = files.save(Attachment("plan.pdf", content=b"%PDF"))
    assert (path.name, path.read_bytes()) == ("plan.pdf", b"%PDF")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_file_that_is_there_is_never_overwritten(files):
    paths = [files.save(Attachment("plan.pdf", content=bytes([n]))) for n in range(3)]
    assert [path.name for path in paths] == ["plan.pdf", "plan (2).pdf", "plan (3).pdf"]
    assert [path.read_bytes() for path in paths] == [b"\0", b"\1", b"\2"]


def test_a_link_that_waits_at_the_name_is_not_followed(files, tmp_path):
    files.folder.mkdir()
    (files.folder / "plan.pdf").symlink_to(tmp_path / "elsewhere")
    assert files.save(Attachment("plan.pdf", content=b"x")).name == "plan (2).pdf"
    assert not (tmp_path / "elsewhere").exists()


def test_a_link_to_elsewhere_is_not_saved(files):
    with pytest.raises(UsageError, match="link"):
        files.save(Attachment("page", url="https://example.org/page"))


@given(st.text(max_size=400))
def test_a_name_from_elsewhere_is_one_harmless_name(name):
    made = safe_name(Attachment(name, "text/plain", b""))
    assert made == os.path.basename(made) and not made.startswith(".") and made.strip()
    assert len(made.encode()) < 255 and made.isprintable()
