"""`agenda`, `search` and `calendars`: straight from the index to the terminal.

These are typed all day, and called from prompts and status lines, so they load next to nothing: no argparse, no
asyncio, no dataclasses, no services, and config.toml only when it is not the file that the index remembers.
"""

from __future__ import annotations

import os
import sys
import time

from core.config.paths import config_file, folders
from core.errors import NotFound, StorageError, UsageError
from core.index import read
from core.index.database import (
    ALL_DAY,
    DAY,
    has_misplaced_values,
    is_nonsense,
    meta,
    open_for_writing,
    remove,
    set_meta,
)
from core.index.looking import rows_in
from core.index.update import Index
from core.language import _, ngettext, use_language
from tui.cli.reading_times import bounds_of, days_of, offset, wall

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from core.index.read import Row
    from core.index.update import Told

_OPTIONS = {
    "agenda": {"--range": True, "--json": False, "--refresh": False, "--config": True},
    "search": {"--range": True, "--calendar": True, "--json": False, "--refresh": False, "--config": True},
    "calendars": {"--json": False, "--refresh": False, "--config": True},
}


def main(command: str, arguments: list[str]) -> int:
    """Run one of the three; the exit code. Raises PartagendaError."""
    use_language()
    words, options = _parse(command, arguments)
    _write(_answer(command, words, options))
    return 0


def _answer(command: str, words: list[str], options: dict[str, str]) -> str:
    """What to print. A damaged index is made anew: it is only a cache."""
    import sqlite3

    path = os.path.join(folders()[3], "index.sqlite3")
    try:
        return _run(command, words, options, path)
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError) and not _is_damaged(str(error)):
            raise _index_refused(path, error) from error
    except ValueError as error:
        if not is_nonsense(error):
            raise
    except (TypeError, AttributeError):
        from contextlib import closing

        with closing(sqlite3.connect(path)) as db:
            if not has_misplaced_values(db):
                raise
    except OSError as error:
        raise _index_refused(path, error) from error
    try:
        remove(path)
        return _run(command, words, options, path)
    except (sqlite3.Error, OSError) as error:
        raise _index_refused(path, error) from error


def _is_damaged(error: str) -> bool:
    """A table is missing, or a value is no text."""
    return "no such" in error or "decode" in error


def _index_refused(path: str, error: Exception) -> StorageError:
    reason = getattr(error, "strerror", None) or str(error)
    return StorageError(
        _("The index “{file}” cannot be used: {reason}.").format(file=path, reason=reason),
        _("It is a cache: it may be deleted, and needs room and the right to write."),
    )


def _run(command: str, words: list[str], options: dict[str, str], path: str) -> str:
    index = Index(open_for_writing(path))
    zone = _settings(index, options.get("--config", ""))
    if zone:
        _use_zone(zone)
    _ask_servers(index, options)
    index.look(full="--refresh" in options, progress=_told() if sys.stderr.isatty() else None)
    if command == "calendars":
        return _calendars(index, options)
    names = [options["--calendar"]] if options.get("--calendar") else words if command == "agenda" else []
    chosen = _chosen(index, names)
    rows = _agenda(index, chosen, options) if command == "agenda" else _search(index, words, chosen, options)
    return _rows(command, rows, chosen, options)


def _calendars(index: Index, options: dict[str, str]) -> str:
    if "--json" in options:
        from tui.cli.reading_json import calendars_json

        return calendars_json(index)
    from tui.cli.reading_text import calendars_text

    return calendars_text(index)


def _rows(command: str, rows: list[Row], chosen: dict[int, str], options: dict[str, str]) -> str:
    if "--json" in options:
        from tui.cli.reading_json import rows_json

        return rows_json(rows, chosen)
    from tui.cli.reading_text import rows_text

    return rows_text(command, rows, chosen, _range(options))


def _write(text: str) -> None:
    stream = sys.stdout
    try:
        try:
            stream.write(text)
        except UnicodeEncodeError:
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]
            stream.write(text)
        stream.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise StorageError(_("The answer cannot be written: {reason}.").format(reason=error.strerror)) from error


# what was asked ------------------------------------------------------------------------------------------


def _parse(command: str, arguments: list[str]) -> tuple[list[str], dict[str, str]]:
    """Words, and options by their name with `--`; by hand, as the grammar of the others takes long to load."""
    known = _OPTIONS[command]
    words: list[str] = []
    options: dict[str, str] = {}
    rest = list(arguments)
    while rest:
        argument = rest.pop(0)
        name, equals, value = argument.partition("=")
        if argument == "--":
            words += rest
            break
        if not argument.startswith("--") and not (argument.startswith("-") and len(argument) > 1):
            words.append(argument)
            continue
        if name not in known:
            raise UsageError(
                _("{command} has no option “{option}”.").format(command=command, option=name),
                _("It knows {options}.").format(options=" ".join(known)),
            )
        if known[name] and not equals:
            if not rest:
                raise UsageError(_("--{name} needs a value.").format(name=name[2:]))
            value = rest.pop(0)
        elif equals and not known[name]:
            raise UsageError(_("--{name} takes no value.").format(name=name[2:]))
        options[name] = value
    if command == "search" and not words:
        raise UsageError(_("What should be searched for?"), _("Write one word or more."))
    if command == "calendars" and words:
        raise UsageError(_("{command} takes no words.").format(command=command), "")
    return words, options


def _range(options: dict[str, str]) -> str:
    """RANGE, or its default in cli.md."""
    return options.get("--range", "").strip().lower() or "7d"


def _settings(index: Index, given: str) -> str:
    """The person's zone (empty: the system's), from the index where config.toml is the file that it remembers."""
    file, data = config_file(given), folders()[1]
    try:
        stat = os.stat(file)
        stamp = f"{file}\n{data}\n{stat.st_mtime_ns} {stat.st_size} {stat.st_mode}"
    except OSError:
        stamp = f"{file}\n{data}\n-"
    if meta(index.db, "settings") != stamp:
        from core.config.roots import index_roots, server_folders
        from core.config.settings import load

        settings = load(given or None)
        index.set_roots(index_roots(settings, data))
        set_meta(index.db, "servers", "\n".join(folder for _account, folder in server_folders(settings, data)))
        set_meta(index.db, "zone", settings.me.time_zone)
        set_meta(index.db, "language", settings.me.language)
        set_meta(index.db, "settings", stamp)
    language = meta(index.db, "language")
    if language:
        use_language(language)
    return meta(index.db, "zone")


def _ask_servers(index: Index, options: dict[str, str]) -> None:
    """With --refresh every server is asked; one that was never read is read once. What fails is said, and no more."""
    servers = meta(index.db, "servers").splitlines()
    if servers and ("--refresh" in options or not all(map(os.path.isdir, servers))):
        from tui.cli.reading_servers import ask_servers

        ask_servers(options.get("--config", ""), only_new="--refresh" not in options)


def _use_zone(name: str) -> None:
    """Let the C library work in that zone: it reads the same files as zoneinfo and costs nothing to load."""
    if not os.path.exists(f"/usr/share/zoneinfo/{name}"):
        import tzdata  # type: ignore[import-untyped]

        name = f":{os.path.join(os.path.dirname(tzdata.__file__), 'zoneinfo', name)}"
    os.environ["TZ"] = name
    time.tzset()


def _told() -> Told:
    from tui.cli.progress import StillProgress

    return StillProgress()


def _chosen(index: Index, names: Sequence[str]) -> dict[int, str]:
    """Number and name of the calendars that are meant; all without names. An id is as good as a name."""
    known = read.calendars(index.db)
    if not names:
        return {row[0]: row[2] for row in known}
    found: dict[int, str] = {}
    for name in names:
        hits = [row for row in known if name in (row[1], row[2])]
        hits = hits or [row for row in known if name.casefold() in (row[1].casefold(), row[2].casefold())]
        if not hits:
            raise _no_calendar(name, [row[2] for row in known])
        found |= {row[0]: row[2] for row in hits}
    return found


def _no_calendar(name: str, known: Sequence[str]) -> NotFound:
    from difflib import get_close_matches

    close = get_close_matches(name.casefold(), [each.casefold() for each in known], 1, 0.5)
    meant = next((each for each in known if close and each.casefold() == close[0]), "")
    hint = _("Did you mean “{name}”?").format(name=meant) if meant else _("partagenda calendars lists them.")
    return NotFound(_("There is no calendar “{name}”.").format(name=name), hint)


# finding -------------------------------------------------------------------------------------------------


def _agenda(index: Index, chosen: dict[int, str], options: dict[str, str]) -> list[Row]:
    bounds = bounds_of(*days_of(_range(options)))
    rows = rows_in(index, chosen, bounds, int(time.time()))
    return sorted(rows, key=_order)


def _order(row: Row) -> tuple[Any, ...]:
    begin = wall(row, read.START)
    day = begin // DAY
    if row[read.FLAGS] & ALL_DAY:
        return day, 0, 0, row[read.TITLE], row[read.EID]
    return (
        day,
        1,
        begin - offset(row[read.START]) if row[read.LOCAL] else row[read.START],
        row[read.TITLE],
        row[read.EID],
    )


def _search(index: Index, words: list[str], chosen: dict[int, str], options: dict[str, str]) -> list[Row]:
    """Each occurrence in the range (seven days unless said otherwise) that matches, in order.

    In the whole calendar an event stands once, at its nearest occurrence. What matches outside the range is counted
    on standard error, so that nobody takes a short list for the whole answer.
    """
    rows = read.search(index.db, words, chosen, int(time.time()))
    first, last = days_of(_range(options))
    if not first:
        return rows
    events = {row[read.OBJECT] for row in rows}
    inside = rows_in(index, chosen, bounds_of(first, last), int(time.time()))
    found = [row for row in inside if row[read.OBJECT] in events]
    if "--json" not in options:
        _tell_of_others(len(events) - len({row[read.OBJECT] for row in found}))
    return sorted(found, key=_order)


def _tell_of_others(count: int) -> None:
    if count:
        told = ngettext(
            "{count} event outside these days matches too: --range all",
            "{count} events outside these days match too: --range all",
            count,
        )
        print(told.format(count=count), file=sys.stderr)
