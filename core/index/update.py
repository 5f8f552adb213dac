"""Keeps the index equal to the folders on disk.

What a look notices, and what it costs:

- a calendar of at most SMALL files: every file's stat (time, size, inode), each time anybody looks;
- a larger one: the folder's time, which changes when a file comes, goes or is replaced by rename, as khal, vdirsyncer
  and this program do. A file that is overwritten in place there is seen when it is shown or changed (its stat is
  compared, see `changed_files`), and by the next `look(full=True)`: the app, `sync` and `--refresh` do that;
- a file whose time is so near to the moment of reading that a second change could hide behind it is read once more.

Standard library only, light to import.
"""

from __future__ import annotations

import gc
import os
import sqlite3
import time

from core.index import folder as folders
from core.index.comparing import differences
from core.index.database import BUILDING, CACHE, DAY, keep_in_memory, meta, set_meta
from core.index.rows import Rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from core.index.scan import Item, Scanner, Span, Thing

    Stat = tuple[int, int, int]
    Fetch = Callable[[str, str], tuple[bytes, os.stat_result]]
    Told = Callable[[int, int, str], None]
    Beyond = tuple[int, Item, str, Span]

SMALL = 4_000
BATCH = 500
COUNTED = 10
"""So many batches of a large calendar are read between two counts of its events."""
RACY = 20_000_000
"""Nanoseconds: a file that was written this shortly before it was read may change without its stat changing."""

AHEAD, BACK = 800 * DAY, 400 * DAY
FARTHEST_AHEAD, FARTHEST_BACK = 2200 * DAY, 5500 * DAY
"""Series are kept expanded around today: at first this far, growing as somebody looks, and no further than this."""

_STEP = 370 * DAY


class Index:
    """Writes the index. One object for one connection; its caller sees to it that one thread uses it at a time."""

    def __init__(self, db: sqlite3.Connection, fetch: Fetch = folders.read_file, now: float | None = None) -> None:
        self.db = db
        self._fetch = fetch
        self._now = int(time.time() if now is None else now)
        self._scanner: Scanner | None = None

    # roots and calendars ---------------------------------------------------------------------------------

    def set_roots(self, roots: Sequence[tuple[str, str]]) -> None:
        """The (account, path) pairs where calendars lie; a path may have a pattern."""
        known = self.db.execute("SELECT account, pattern FROM root ORDER BY position").fetchall()
        if known != list(roots):
            self.db.execute("BEGIN IMMEDIATE")
            self.db.execute("DELETE FROM root")
            self.db.executemany("INSERT INTO root (account, pattern) VALUES (?, ?)", roots)
            self.db.execute("COMMIT")

    def discover(self, made: str = "") -> None:
        """Note calendars that came or went. New ones come last: others' by their path, then ours as they were made.

        Where they cannot be listed just now, those that are known, and the one just `made`, count as still there.
        """
        known = {path: (n, account) for n, path, account in self.db.execute("SELECT n, path, account FROM calendar")}
        found: dict[str, tuple[str, str]] = {}
        for account, pattern in self.db.execute("SELECT account, pattern FROM root ORDER BY position").fetchall():
            try:
                paths = folders.calendar_folders(pattern)
            except OSError:
                above = os.path.dirname(os.path.expanduser(pattern))
                paths = [path for path in (*known, made) if path and os.path.dirname(path) == above]
            found = {path: (account, path) for path in paths} | found
        gone = [n for path, (n, account) in known.items() if found.get(path, ("",))[0] != account]
        new = [place for path, place in found.items() if path not in known or known[path][0] in gone]
        if gone or new:
            self.db.execute("BEGIN IMMEDIATE")
            for n in gone:
                self.forget_calendar(n)
            for account, path in sorted(new, key=lambda place: folders.age(place[1])):
                self.add_calendar(account, path)
            self.db.execute("COMMIT")

    def add_calendar(self, account: str, path: str, identity: str = "") -> int:
        """A row for a calendar that is not known yet; its number. A second folder of one name gets another id."""
        name = os.path.basename(path) or account
        identity, number = identity or f"{account}/{name}", 2
        wanted = identity
        while self.db.execute("SELECT 1 FROM calendar WHERE id=?", (wanted,)).fetchone():
            wanted, number = f"{identity}~{number}", number + 1
        row = self.db.execute(
            "INSERT INTO calendar (id, account, path, name, position) VALUES (?, ?, ?, ?, "
            "(SELECT 1 + COALESCE(MAX(position), 0) FROM calendar))",
            (wanted, account, path, name),
        )
        return int(row.lastrowid or 0)

    def forget_calendar(self, n: int) -> None:
        """Forget a calendar and its events. Inside the caller's transaction."""
        numbers = [row[0] for row in self.db.execute("SELECT n FROM object WHERE cal=?", (n,))]
        self._forget(numbers)
        self.db.execute("DELETE FROM calendar WHERE n=?", (n,))

    # looking ---------------------------------------------------------------------------------------------

    def look(self, full: bool = False, progress: Told | None = None, *, only: str = "", account: str = "") -> int:
        """Notice what changed on disk: in one calendar (`only`, an id), in an account's, or in all.

        How many files were read anew.
        """
        if not only:
            self.discover()
        self._tidy(full)
        query = "SELECT n, id, path, folder, files, stamp, problem FROM calendar"
        where = " WHERE id=?" if only else " WHERE account=?" if account else ""
        rows = self.db.execute(query + where, tuple(filter(None, (only or account,)))).fetchall()
        return sum(self._look_at(row, full, progress) for row in rows if os.path.isabs(row[2]))

    def _look_at(self, row: tuple[int, str, str, int, int, str, str], full: bool, progress: Told | None) -> int:
        """How many files of one calendar were read anew.

        Up to SMALL files are listed at each look; above that, the time of the folder tells that none came or went. A
        mark that may be too young to be trusted (RACY) is not kept, so that the next look reads again.
        """
        n, identity, path, known, files, stamp, problem = row
        now_stamp = folders.stamp(path)
        if now_stamp != stamp:
            self._read_properties(n, path, now_stamp)
        try:
            if files > SMALL and not full and os.stat(path).st_mtime_ns == known:
                return 0
            moment = time.time_ns()
            folder_time = os.stat(path).st_mtime_ns
            there = folders.listing(path) if files <= SMALL else {}
        except OSError as error:
            return self._unreadable(n, error, problem)
        mark = _fingerprint(folder_time, there)
        if files <= SMALL and mark == known and not full and not problem:
            return 0
        try:
            found = there.items() if files <= SMALL else folders.each_file(path)
            changed, count = self._compare(n, identity, path, found, progress)
        except OSError as error:
            return self._unreadable(n, error, problem)
        racy = self.db.execute("SELECT 1 FROM object WHERE cal=? AND racy=1 LIMIT 1", (n,)).fetchone()
        fresh = folder_time if count > SMALL else mark if files <= SMALL else -1
        if racy or (count > SMALL and moment - folder_time < RACY):
            fresh = -1
        if changed or full or problem or fresh != known or files != count:
            self._note(n, folder=fresh, files=count, looked=self._now, problem="")
        return changed

    def _unreadable(self, n: int, error: OSError, known: str) -> int:
        if str(error.strerror) != known:
            self._note(n, problem=str(error.strerror))
        return 0

    def _compare(
        self, n: int, identity: str, path: str, there: Iterable[tuple[str, Stat]], progress: Told | None
    ) -> tuple[int, int]:
        """Read what is new or changed, forget what is gone; how many these were, and how many files there are."""
        due, gone, count = differences(self.db, n, path, there)
        self._read_due(n, identity, path, due, progress)
        if gone:
            self.db.execute("BEGIN IMMEDIATE")
            for href in gone:
                self._forget(self._numbers(n, href))
            self._count(n)
            self.db.execute("COMMIT")
        if progress and due:
            progress(len(due), len(due), identity)
        return len(due) + len(gone), count

    def _read_due(self, n: int, identity: str, path: str, due: dict[str, Stat], progress: Told | None) -> None:
        if len(due) <= BATCH:
            self._read_batches(n, identity, path, due, progress)
            return
        thresholds = gc.get_threshold()
        gc.set_threshold(20_000, 50, 50)  # rows are no cycles: to look for some costs a fortieth of the time
        keep_in_memory(self.db, BUILDING)
        try:
            self._read_batches(n, identity, path, due, progress)
        finally:
            keep_in_memory(self.db, CACHE)
            gc.set_threshold(*thresholds)

    def _read_batches(self, n: int, identity: str, path: str, due: dict[str, Stat], progress: Told | None) -> None:
        hrefs = list(due)
        for number, start in enumerate(range(0, len(due), BATCH)):
            if progress:
                progress(start, len(due), identity)
            some = hrefs[start : start + BATCH]
            self.read_in(n, identity, path, some, due, count=not number % COUNTED or start + BATCH >= len(due))

    def read_in(
        self,
        n: int,
        identity: str,
        path: str,
        hrefs: Sequence[str],
        there: dict[str, Stat] | None = None,
        *,
        count: bool = True,
    ) -> None:
        """Read files and replace their rows, in one transaction. With `there`, what another process did is skipped."""
        self.db.execute("BEGIN IMMEDIATE")
        try:
            rows = Rows(self.db, self._scanner_of_today(), (n, identity), hrefs)
            for href in hrefs:
                if there is None or not rows.knows(href, there.get(href)):
                    self._read_one(rows, path, href)
            rows.write()
            if count:
                self._count(n)
        except BaseException:
            if self.db.in_transaction:  # SQLite has ended it by itself where the disk failed
                self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")

    def _read_one(self, rows: Rows, path: str, href: str) -> None:
        moment = time.time_ns()
        try:
            data, stat = self._fetch(path, href)
        except FileNotFoundError:
            self._forget(rows.free(href))
            return
        except OSError as error:
            self._forget(rows.free(href))
            rows.add_object(href, "", (0, 0, 0, 0, None, None, str(error.strerror)))
            return
        racy = moment - stat.st_mtime_ns < RACY
        self._take(rows, href, data, (stat.st_mtime_ns, stat.st_size, stat.st_ino), racy=racy)

    # one file --------------------------------------------------------------------------------------------

    def _take(self, rows: Rows, href: str, data: bytes, stat: Stat, *, racy: bool = False) -> None:
        """Replace the rows of one file by what its bytes say. Inside the caller's transaction."""
        self._forget(rows.free(href))
        found, problem = _read(rows.scanner, data)
        if not found:
            rows.add_object(href, "", (*stat, racy, None, None, problem or "-"))
        for uid, items, first, last, trouble in found:
            number = rows.add_object(href, uid, (*stat, racy, first, last, trouble and ""))
            for item in items:
                rows.add_item(number, item)

    def take_in(self, n: int, identity: str, files: Sequence[tuple[str, bytes, Stat]]) -> None:
        """Replace the rows of files that this program wrote: (href, bytes, stat), without reading them again."""
        for start in range(0, len(files), BATCH):
            self.db.execute("BEGIN IMMEDIATE")
            some = files[start : start + BATCH]
            rows = Rows(self.db, self._scanner_of_today(), (n, identity), [href for href, _data, _stat in some])
            for href, data, stat in some:
                self._take(rows, href, data, stat)
            rows.write()
            self._count(n)
            self.db.execute("COMMIT")

    def made(self, n: int, there: Mapping[str, Stat]) -> None:
        """After `take_in` of all files of a new folder: what is there is known without looking at each again."""
        calendar = self.db.execute("SELECT id, path FROM calendar WHERE n=?", (n,)).fetchone()
        if calendar is None:  # another process was told meanwhile that it is gone
            return
        identity, path = calendar
        try:
            folder_time = os.stat(path).st_mtime_ns
        except OSError:
            there = {}
        if not 0 < len(there) <= SMALL:
            self.look(only=identity)
            return
        self._read_properties(n, path, folders.stamp(path))
        self._note(n, folder=_fingerprint(folder_time, there), files=len(there), looked=self._now, problem="")

    def _scanner_of_today(self) -> Scanner:
        """The scanner for today's horizon; the horizon is set at the first need."""
        from core.index.scan import Scanner

        low, high = self.horizon()
        if self._scanner is None or (self._scanner.low, self._scanner.high) != (low, high):
            self._scanner = Scanner(low, high)
        return self._scanner

    def horizon(self) -> tuple[int, int]:
        """Series are expanded from the first to before the second of these seconds."""
        text = meta(self.db, "horizon")
        if not text:
            text = f"{self._now - BACK} {self._now + AHEAD}"
            set_meta(self.db, "horizon", text)
        try:
            low, high = map(int, text.split())
        except ValueError as error:
            raise sqlite3.DatabaseError("the horizon is malformed") from error
        return low, high

    def _numbers(self, n: int, href: str) -> list[int]:
        return [row[0] for row in self.db.execute("SELECT n FROM object WHERE cal=? AND href=?", (n, href))]

    def drop(self, n: int, href: str) -> None:
        """Forget one file. Inside the caller's transaction."""
        self._forget(self._numbers(n, href))
        self._count(n)

    def _forget(self, objects: Iterable[int]) -> None:
        """Words of what is gone stay behind unreachable: item numbers are never used twice (see `_tidy`)."""
        for number in objects:
            self.db.execute("DELETE FROM occurrence WHERE item IN (SELECT n FROM item WHERE object=?)", (number,))
            self.db.execute("DELETE FROM item WHERE object=?", (number,))
            self.db.execute("DELETE FROM object WHERE n=?", (number,))

    def _count(self, n: int) -> None:
        self.db.execute(
            "UPDATE calendar SET events=(SELECT COUNT(*) FROM object WHERE cal=? AND uid<>'') WHERE n=?", (n, n)
        )

    def _tidy(self, full: bool) -> None:
        """When most of the words belong to nothing any more, begin again."""
        if not full:
            return
        row = self.db.execute("SELECT seq FROM sqlite_sequence WHERE name='item'").fetchone()
        alive = self.db.execute("SELECT COUNT(*) FROM item").fetchone()[0]
        if row and row[0] > 3 * alive + 20_000:
            self.clear()

    def clear(self) -> None:
        """Forget every event; the next look reads all files again."""
        self.db.execute("BEGIN IMMEDIATE")
        for statement in (
            "DELETE FROM occurrence",
            "DELETE FROM item",
            "DELETE FROM object",
            "DELETE FROM sqlite_sequence",
            "INSERT INTO words (words) VALUES ('delete-all')",
            "UPDATE calendar SET folder=-1, files=0, events=0",
            "DELETE FROM meta WHERE key='horizon'",
        ):
            self.db.execute(statement)
        self.db.execute("COMMIT")
        self._scanner = None

    # a calendar's own facts ------------------------------------------------------------------------------

    def _read_properties(self, n: int, path: str, stamp: str) -> None:
        """What of it cannot be read stays as it is known, and the next look tries again.

        Of a calendar that is new here its kind is then not known (empty), and it is not written to.
        """
        found, whole = folders.columns(path)
        if whole:
            found["stamp"] = stamp
        if "kind" not in found:
            self.db.execute("UPDATE calendar SET kind='' WHERE n=? AND stamp='' AND facts=''", (n,))
        if found:
            self._note(n, **found)

    def _note(self, n: int, **values: object) -> None:
        names = ", ".join(f"{name}=?" for name in values)
        self.db.execute(f"UPDATE calendar SET {names} WHERE n=?", (*values.values(), n))  # noqa: S608 - own names

    # the horizon -----------------------------------------------------------------------------------------

    def reach(self, low: int, high: int, progress: Told | None = None) -> None:
        """Expand series so far that [low, high) is covered, within FARTHEST_BACK and FARTHEST_AHEAD of today."""
        now_low, now_high = self.horizon()
        first, last = self._now - FARTHEST_BACK, self._now + FARTHEST_AHEAD
        new_low = max(low - _STEP, first) if first < high and low < now_low else now_low
        new_high = min(high + _STEP, last) if low < last and high > now_high else now_high
        new_low, new_high = min(new_low, now_low), max(new_high, now_high)
        if (new_low, new_high) == (now_low, now_high):
            return
        from core.index.scan import Scanner

        scanner = Scanner(new_low, new_high)
        rows = self._series(new_low, new_high, (now_low, now_high))
        self.db.execute("BEGIN IMMEDIATE")
        try:
            for done, (number, uid, path, href) in enumerate(rows):
                if progress and done % BATCH == 0:
                    progress(done, len(rows), "")
                self._respan(number, self._thing(scanner, path, href, uid))
            set_meta(self.db, "horizon", f"{new_low} {new_high}")
        except BaseException:
            if self.db.in_transaction:  # SQLite has ended it by itself where the disk failed
                self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")

    def _series(self, low: int, high: int, inside: tuple[int, int]) -> list[tuple[int, str, str, str]]:
        """Series that touch [low, high) and are not known whole from the stretch `inside`."""
        return self.db.execute(
            "SELECT o.n, o.uid, c.path, o.href FROM object o JOIN calendar c ON c.n=o.cal "
            "WHERE o.first IS NOT NULL AND o.first < ? AND (o.last IS NULL OR o.last >= ?) "
            "AND NOT (o.first >= ? AND o.last IS NOT NULL AND o.last < ?)",
            (high, low, *inside),
        ).fetchall()

    def _thing(self, scanner: Scanner, path: str, href: str, uid: str) -> Thing | None:
        try:
            data, _stat = self._fetch(path, href)
        except OSError:
            return None
        found, _problem = _read(scanner, data)
        return next((thing for thing in found if thing[0] == uid), None)

    def _respan(self, number: int, thing: Thing | None) -> None:
        """New occurrences for the items that are there; a file that changed meanwhile is left to the next look."""
        if thing is None:
            return
        known = {row[1:]: row[0] for row in self.db.execute("SELECT n, rid, title FROM item WHERE object=?", (number,))}
        for item in thing[1]:
            n = known.get((item[9][3], item[0]))
            if n is not None:
                self.db.execute("DELETE FROM occurrence WHERE item=?", (n,))
                self.db.executemany(
                    "INSERT OR IGNORE INTO occurrence VALUES (?, ?, ?, ?, ?)",
                    [(kind, start, n, rid, end) for kind, start, rid, end in item[10]],
                )

    def beyond(self, low: int, high: int, *, endless: bool = True) -> list[Beyond]:
        """Occurrences of series outside the horizon, expanded now and not kept: (object, item, uid, span).

        An override far away may be among them though it is stored: whoever joins the two drops doubles.
        """
        from core.index.scan import Scanner

        now_low, now_high = self.horizon()
        scanner = Scanner(low, high)
        found = []
        for number, uid, path, href in self._series(low, high, (now_low, now_high)):
            thing = self._thing(scanner, path, href, uid)
            if thing is None or (thing[3] is None and not endless):
                continue
            for item in thing[1]:
                found += [(number, item, uid, span) for span in item[10] if not now_low <= span[1] < now_high]
        return found


def changed_files(rows: Iterable[tuple[str, str, int, int, int]]) -> list[tuple[str, str]]:
    """Which of these (folder, href, mtime, size, inode) are not on disk as they were read: the shown ones of a look."""
    changed = []
    for path, href, mtime, size, inode in rows:
        try:
            stat = os.lstat(os.path.join(path, href))
        except OSError:
            changed.append((path, href))
            continue
        if (stat.st_mtime_ns, stat.st_size, stat.st_ino) != (mtime, size, inode):
            changed.append((path, href))
    return changed


def _read(scanner: Scanner, data: bytes) -> tuple[list[Thing], str]:
    """What the bytes hold, and why nothing if so: by the scanner, or by the tolerant codec."""
    from core.index.blocks import Unusual

    try:
        return scanner.scan(data), ""
    except Unusual:
        return _exactly(data, scanner.low, scanner.high)


def _exactly(data: bytes, low: int, high: int) -> tuple[list[Thing], str]:
    from core.errors import PartagendaError
    from core.index.exact import things

    try:
        return things(data, low, high), ""
    except PartagendaError as error:
        return [], error.message


def _fingerprint(folder_time: int, there: Mapping[str, Stat]) -> int:
    return (hash((folder_time, len(there))) + sum(map(hash, there.values()))) & 0x7FFF_FFFF_FFFF_FFFF
