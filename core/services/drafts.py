"""Messages that are being written: kept on disk while one types, so that a dropped connection loses no word.

One small JSON file a draft under `<state>/drafts`, 0600 in a 0700 folder, replaced whole (temporary file, fsync,
rename, fsync of the folder). Fields are kept as they were typed: a half-written address is no reason to lose a text.
Synchronous on purpose: a draft is a few kilobytes, and SIGHUP leaves no time for an event loop.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import secrets
import threading
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import date, datetime
from pathlib import Path

from core.calendar.span import DateRange
from core.errors import StorageError, UsageError
from core.json_text import read_json
from core.language import _
from core.private import make_private_folder, replace_file, sweep_private
from core.sharing.detail import DetailLevel, Layout
from core.sharing.snapshot import SnapshotOptions
from core.values import dataclass

_NAME = re.compile(r"[0-9a-f]{16}\.json")
_LIMIT = 4 * 1024 * 1024
"""No draft of ours is larger; a larger file is not read into memory."""


@dataclass(frozen=True, slots=True)
class SavedDraft:
    """A message that has not been sent: what to send of which calendar, and the fields as they were typed."""

    id: str
    calendar: str
    """The calendar's id."""
    options: SnapshotOptions
    time_zone: str = ""
    account: str = ""
    to: str = ""
    cc: str = ""
    bcc: str = ""
    subject: str = ""
    message: str = ""
    saved: datetime | None = None
    """When it was last written; None before."""

    @property
    def empty(self) -> bool:
        """Whether nothing was typed that would be missed."""
        return not any(text.strip() for text in (self.to, self.cc, self.bcc, self.message))


def new_draft(calendar: str, options: SnapshotOptions, time_zone: str = "") -> SavedDraft:
    """A draft with a fresh id, not yet on disk."""
    return SavedDraft(secrets.token_hex(8), calendar, options, time_zone)


class DraftStore:
    """The drafts of one person. Raises StorageError when the disk says no."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._writing = threading.Lock()
        """A save after a pause in typing and one at SIGHUP may meet."""

    def save(self, draft: SavedDraft, now: datetime) -> SavedDraft:
        """Write it durably and return it with its time. An empty draft is not kept."""
        if draft.empty:
            self.discard(draft.id)
            return draft
        draft = replace(draft, saved=now)
        with self._writing, _storing(self._path(draft.id)):
            replace_file(self._path(draft.id), json.dumps(_to_json(draft), ensure_ascii=True).encode())
        return draft

    def drafts(self) -> list[SavedDraft]:
        """All that can be read and that no other window holds, newest first; leftovers of a crash are swept."""
        sweep_private(self._folder)
        found = (self._load(name) for name in self._names(_NAME))
        free = [draft for draft in found if draft is not None and not self._held(draft.id)]
        return sorted(free, key=lambda draft: draft.saved.timestamp() if draft.saved else 0.0, reverse=True)

    def latest(self) -> SavedDraft | None:
        """The one that was written last."""
        return next(iter(self.drafts()), None)

    def discard(self, id: str) -> None:  # noqa: A002 - the word of the interface
        """Take it away: it was sent, or the person does not want it."""
        path = self._path(id)
        with _storing(path):
            path.unlink(missing_ok=True)

    @contextlib.contextmanager
    def holding(self, id: str) -> Iterator[None]:  # noqa: A002
        """While it is being written here, no other window offers it."""
        path = self._folder / f"{_checked(id)}.lock"
        with _storing(path):
            make_private_folder(self._folder)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        finally:
            path.unlink(missing_ok=True)
            os.close(descriptor)

    def _held(self, id: str) -> bool:  # noqa: A002
        try:
            descriptor = os.open(self._folder / f"{id}.lock", os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
        return False

    def _path(self, id: str) -> Path:  # noqa: A002
        return self._folder / f"{_checked(id)}.json"

    def _names(self, pattern: re.Pattern[str]) -> list[str]:
        try:
            return [name for name in os.listdir(self._folder) if pattern.fullmatch(name)]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise _refused(self._folder, error) from error

    def _load(self, name: str) -> SavedDraft | None:
        """None for what is no draft of ours (halved, edited by hand): it is left where it is."""
        path = self._folder / name
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            with os.fdopen(descriptor, "rb") as file:
                return _from_json(name.removesuffix(".json"), read_json(file.read(_LIMIT)))
        except (OSError, ValueError, KeyError, TypeError, UsageError):
            return None


def _checked(id: str) -> str:  # noqa: A002
    if not re.fullmatch(r"[0-9a-f]{16}", id):
        raise ValueError(id)
    return id


_TEXTS = ("calendar", "time_zone", "account", "to", "cc", "bcc", "subject", "message")
_SWITCHES = ("working_hours_only", "include_private", "include_attachments")


def _to_json(draft: SavedDraft) -> dict[str, object]:
    days = draft.options.days
    options: dict[str, object] = {key: getattr(draft.options, key) for key in _SWITCHES}
    options |= {"level": draft.options.level.value, "layout": draft.options.layout.value}
    options |= {"first": days.first and days.first.isoformat(), "last": days.last and days.last.isoformat()}
    values = {key: value for key, value in asdict(draft).items() if key in _TEXTS}
    return values | {"saved": draft.saved and draft.saved.isoformat(), "options": options}


def _from_json(id: str, value: dict[str, object]) -> SavedDraft:  # noqa: A002
    options = value["options"]
    if not isinstance(options, dict) or not all(isinstance(value[key], str) for key in _TEXTS):
        raise TypeError
    first, last = (date.fromisoformat(text) if (text := options[key]) else None for key in ("first", "last"))
    wanted = SnapshotOptions(
        days=DateRange(first, last),
        level=DetailLevel(options["level"]),
        layout=Layout(options["layout"]),
        **{key: options[key] is True for key in _SWITCHES},
    )
    texts = {key: str(value[key]) for key in _TEXTS}
    saved = datetime.fromisoformat(str(value["saved"])) if value["saved"] else None
    if saved is not None and (saved.tzinfo is None or not 1970 < saved.year < 9999):
        raise ValueError(saved)  # no time that was written here, and none that every zone's clock can show
    return SavedDraft(id=id, options=wanted, saved=saved, **texts)


@contextlib.contextmanager
def _storing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _refused(path, error) from error


def _refused(path: Path, error: OSError) -> StorageError:
    return StorageError(
        _("The draft cannot be kept in {path}: {reason}").format(path=path, reason=error.strerror or str(error)),
        _("Your words are still on the screen; make room or mend the folder, or copy them elsewhere."),
    )
