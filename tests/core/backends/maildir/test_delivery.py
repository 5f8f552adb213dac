"""A message is in a Maildir whole or not at all, and only its owner can read it."""

from __future__ import annotations

import os
import stat

import pytest

from core.backends.maildir import deliver, keep_copy
from core.errors import StorageError

CONTENT = b"Message-ID: <1@example.org>\r\n\r\nHi\r\n"


def files(maildir):
    return sorted(str(path.relative_to(maildir)) for path in maildir.rglob("*") if path.is_file())


def test_a_delivered_message_is_in_new(tmp_path):
    path = deliver(tmp_path / "Maildir", CONTENT)
    assert (path.parent.name, path.read_bytes()) == ("new", CONTENT)


def test_two_deliveries_of_the_same_bytes_are_two_messages(tmp_path):
    assert deliver(tmp_path, CONTENT) != deliver(tmp_path, CONTENT)


def test_message_and_folders_are_their_owners_only(tmp_path):
    path = deliver(tmp_path / "mail" / "Maildir", CONTENT)
    modes = [stat.S_IMODE(p.stat().st_mode) for p in (path, *path.parents[:3])]
    assert modes == [0o600, 0o700, 0o700, 0o700]


def test_nothing_stays_in_tmp(tmp_path):
    deliver(tmp_path, CONTENT)
    assert not list((tmp_path / "tmp").iterdir())


def test_a_failure_leaves_nothing_and_names_the_folder(tmp_path, monkeypatch):
    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match=str(tmp_path)):
        deliver(tmp_path, CONTENT)
    assert files(tmp_path) == []


def test_the_lines_of_a_sent_copy_end_as_in_other_files(tmp_path):
    assert keep_copy(tmp_path / "Sent", CONTENT).read_bytes() == b"Message-ID: <1@example.org>\n\nHi\n"


def test_a_sent_copy_is_marked_as_read(tmp_path):
    path = keep_copy(tmp_path / "Sent", CONTENT)
    assert (path.parent.name, path.name.endswith(":2,S")) == ("cur", True)


def test_a_sent_copy_is_kept_once_for_a_message_id(tmp_path):
    keep_copy(tmp_path, CONTENT)
    keep_copy(tmp_path, CONTENT)
    assert len(files(tmp_path)) == 1


def test_a_sent_copy_that_another_program_marked_is_not_kept_again(tmp_path):
    path = keep_copy(tmp_path, CONTENT)
    path.rename(path.with_name(path.name + "T"))
    keep_copy(tmp_path, CONTENT)
    assert len(files(tmp_path)) == 1


def test_the_machines_name_is_in_no_file_name(tmp_path):
    import socket

    assert socket.gethostname() not in deliver(tmp_path, CONTENT).name
