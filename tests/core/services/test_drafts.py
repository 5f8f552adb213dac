from __future__ import annotations

import json
import os
import stat
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from core.calendar.span import WHOLE_CALENDAR, DateRange
from core.errors import StorageError
from core.services.drafts import DraftStore, SavedDraft, new_draft
from core.sharing.detail import DetailLevel, Layout
from core.sharing.snapshot import SnapshotOptions

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
WEEK = SnapshotOptions(
    days=DateRange(date(2026, 11, 22), date(2026, 11, 28)),
    level=DetailLevel.FULL,
    layout=Layout.LIST,
    include_private=True,
    include_attachments=True,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state" / "drafts"


@pytest.fixture
def store(folder: Path) -> DraftStore:
    return DraftStore(folder)


def written(**changes: str) -> SavedDraft:
    from dataclasses import replace

    fields = {
        "to": "Bruno <bruno@example.org>, cla",
        "subject": "Alice Martin Calendar",
        "message": "Voilà.\n\n— Alice",
    }
    return replace(new_draft("local/work", WEEK, "Europe/Paris"), **(fields | changes))


def test_a_draft_comes_back_as_it_was_typed(store):
    draft = store.save(written(), NOW)
    assert store.latest() == draft
    assert draft.saved == NOW


def test_a_draft_of_the_whole_calendar_comes_back(store):
    draft = new_draft("local/work", SnapshotOptions(days=WHOLE_CALENDAR))
    from dataclasses import replace

    store.save(replace(draft, message="x"), NOW)
    assert store.latest().options.days.whole


def test_only_the_person_can_read_a_draft(store, folder):
    store.save(written(), NOW)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert (modes, stat.S_IMODE(folder.stat().st_mode)) == ({0o600}, 0o700)


def test_a_message_in_which_nothing_was_typed_is_not_kept(store):
    draft = store.save(written(), NOW)
    from dataclasses import replace

    store.save(replace(draft, to=" ", message="\n"), NOW)
    assert store.drafts() == []


def test_the_newest_draft_is_offered_first(store):
    store.save(written(message="old"), NOW)
    store.save(written(message="new"), NOW + timedelta(minutes=1))
    assert [draft.message for draft in store.drafts()] == ["new", "old"]


def test_a_draft_that_another_window_is_writing_is_not_offered(store, folder):
    draft = store.save(written(), NOW)
    with store.holding(draft.id):
        offered_meanwhile = DraftStore(folder).drafts()
    assert (offered_meanwhile, len(store.drafts())) == ([], 1)


def test_a_discarded_draft_is_gone_and_discarding_it_again_is_no_error(store):
    draft = store.save(written(), NOW)
    store.discard(draft.id)
    store.discard(draft.id)
    assert store.latest() is None


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"options": 1}', b"\xff", b'{"calendar": "x", "options": {}}', b"[" * 9_999]
)
def test_a_file_that_is_no_draft_is_passed_over_and_left_alone(store, folder, content):
    store.save(written(), NOW)
    damaged = folder / "00112233aabbccdd.json"
    damaged.write_bytes(content)
    assert (len(store.drafts()), damaged.read_bytes()) == (1, content)


def test_a_draft_whose_options_break_a_rule_is_passed_over(store, folder):
    draft = store.save(written(), NOW)
    path = folder / f"{draft.id}.json"
    value = json.loads(path.read_bytes())
    value["options"]["level"] = "availability"
    path.write_text(json.dumps(value))
    assert store.drafts() == []


@pytest.mark.parametrize(
    "saved", ["9999-12-31T23:59:59.999999", "9999-12-31T23:59:59+00:00", "0001-01-01T00:00:00+14:00"]
)
def test_a_draft_of_a_time_that_no_clock_shows_is_passed_over(store, folder, saved):
    store.save(written(message="good"), NOW)
    bad = store.save(written(message="bad"), NOW)
    path = folder / f"{bad.id}.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "saved": saved}))
    assert [draft.message for draft in store.drafts()] == ["good"]


def test_leftovers_of_a_crash_are_swept(store, folder):
    store.save(written(), NOW)
    (folder / ".partagenda-new-00112233aabbccdd-a.json").write_bytes(b"half")
    store.drafts()
    assert [name for name in os.listdir(folder) if name.startswith(".")] == []


def test_a_planted_link_is_not_written_through(store, folder, tmp_path):
    folder.mkdir(parents=True)
    victim = tmp_path / "victim"
    victim.write_text("mine")
    draft = written()
    (folder / f"{draft.id}.json").symlink_to(victim)
    store.save(draft, NOW)
    assert (victim.read_text(), store.latest().message) == ("mine", draft.message)


def test_a_disk_that_refuses_is_named_with_its_reason(tmp_path):
    (tmp_path / "drafts").write_text("a file where the folder should be")
    with pytest.raises(StorageError, match="drafts"):
        DraftStore(tmp_path / "drafts").save(written(), NOW)


def test_an_interrupted_save_leaves_the_draft_of_before(store, monkeypatch):
    draft = store.save(written(message="before"), NOW)
    from dataclasses import replace

    def die(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", die)
    with pytest.raises(StorageError, match="No space left"):
        store.save(replace(draft, message="after"), NOW)
    monkeypatch.undo()
    assert store.latest().message == "before"
