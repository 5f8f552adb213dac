"""A quick start: the code of the modules that the app loads before its first picture, in one file.

Python looks for each of six hundred modules, asks the disk five times about it, and opens and checks its compiled file:
a tenth of the start. Here they lie one behind another in the cache folder, as Python compiled them. One is taken from
there while its source has the times and size with which it was kept (Python's own `.pyc` files have a time and a size)
and nothing came or went in the folders in which Python looks; else, and for everything that is not in the file, Python
looks as ever. The file is written when the app is left, if anything was missing in it. Without it, or with a damaged
one, the app starts as it would without this module.

Light: it is loaded before everything else.
"""

from __future__ import annotations

import marshal
import os
import stat
import sys
from importlib.machinery import ModuleSpec, SourceFileLoader
from zlib import crc32

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from types import CodeType

    Source = tuple[int, int, int]
    """Times of its content and of its place (ns), and size."""
    Module = tuple[str, str, bool, Source]
    """Files of source and compiled code, whether it is a package, what is known of the source."""
    Key = tuple[str, str, int, tuple[tuple[str, int], ...]]
    Entry = tuple[Module, int, int, int]
    """A module; place, length and CRC of its code."""

NAME = "start.modules"
_HEAD = b"partagenda modules 3\n"
_MOST = 4_000_000
"""Bytes of the largest index that is read."""
_NUMBERS = 16
"""Bytes of the two numbers, in hexadecimal, that follow: CRC and length of the index."""


class KeptModules:
    """The file as a finder of modules."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._descriptor = -1
        self._index: dict[str, Entry] = {}
        self._codes = 0
        """Where the first code lies in the file."""
        self._key = _key()
        self._before = frozenset(sys.modules)
        self._damaged = False
        """Whether a module that is in the file could not be taken out of it."""
        self._wanted: tuple[str, ...] = ()
        """What to keep when the app is left; nothing where all of it is kept already."""

    def open(self) -> None:
        """Take modules from the file from now on. Whatever is wrong with it: it is as if there were none."""
        try:
            self._descriptor = os.open(self._path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
            about = os.fstat(self._descriptor)
            if stat.S_ISREG(about.st_mode) and about.st_uid == os.geteuid() and not about.st_mode & 0o022:
                self._index = self._read_index()
        except (OSError, ValueError, EOFError, TypeError):
            return
        sys.meta_path.insert(0, self)

    def _read_index(self) -> dict[str, Entry]:
        """Raises OSError, ValueError, EOFError or TypeError."""
        start = len(_HEAD) + _NUMBERS
        head = os.pread(self._descriptor, start, 0)
        if head[: len(_HEAD)] != _HEAD:
            return {}
        crc, length = int(head[len(_HEAD) : -8], 16), int(head[-8:], 16)
        data = os.pread(self._descriptor, min(length, _MOST), start)
        if len(data) != length or crc32(data) != crc:
            return {}
        self._codes = start + length
        key, index = marshal.loads(data)  # noqa: S302 - our own file, and whole
        return index if key == self._key else {}

    def find_spec(self, name: str, path: Collection[str] | None = None, _target: object = None) -> ModuleSpec | None:
        """What `importlib` asks of a finder; `path` are the folders of the package that it is in."""
        found = self._index.get(name)
        if found is None:
            return None
        file, cached, package, source = found[0]
        folder = os.path.dirname(file)
        if path is not None and (os.path.dirname(folder) if package else folder) not in path:
            return None
        try:
            if _source(file) != source:
                return None
        except OSError:
            return None
        spec = ModuleSpec(name, _Loader(name, file, self), origin=file, is_package=package)
        spec.has_location, spec.cached = True, cached  # else each one is worked out anew: 4 ms
        if package:
            spec.submodule_search_locations = [folder]
        return spec

    def code(self, name: str) -> bytes:
        """The compiled module; empty where it cannot be had."""
        _module, place, length, crc = self._index[name]
        try:
            data = os.pread(self._descriptor, length, self._codes + place)
        except OSError:
            data = b""
        if len(data) == length and crc32(data) == crc:
            return data
        self._damaged = True
        return b""

    def started(self) -> None:
        """The first picture stands: notes what was loaded for it, and lets Python look for the rest itself."""
        # a thread may be going through the list, which therefore stays as it is
        sys.meta_path = [finder for finder in sys.meta_path if finder is not self]
        new = [name for name in list(sys.modules) if name not in self._before and _loader(name) is not None]
        if self._damaged or not all(type(_loader(name)) is _Loader for name in new):
            self._wanted = tuple(dict.fromkeys([*new, *self._index]))

    def keep(self) -> None:
        """Write the file anew if anything was missing in it. Raises nothing: it is quicker with it, and no more."""
        if not self._wanted or sys.dont_write_bytecode:
            return
        from core.private import replace_file

        try:
            found = {name: kept for name in self._wanted if (kept := self._kept(name))}
            replace_file(self._path, _whole(self._key, found))
        except (OSError, ValueError):
            return

    def _kept(self, name: str) -> tuple[Module, bytes] | None:
        """A module and its code: as it was kept, where it was taken from there or not needed this time; else anew."""
        loader = _loader(name)
        if name in self._index and (loader is None or type(loader) is _Loader):
            module, data = self._index[name][0], self.code(name)
            if data and os.path.exists(module[0]):
                return module, data
        if loader is None:
            return None
        try:
            source = _source(loader.path)  # before the code is read: code that is newer than this is never taken
            code = SourceFileLoader.get_code(loader, name)
        except (OSError, ImportError, SyntaxError, EOFError, ValueError, TypeError):
            return None
        cached = sys.modules[name].__spec__.cached or ""  # type: ignore[union-attr]  # it has a loader
        return (loader.path, cached, loader.is_package(name), source), marshal.dumps(code)


class _Loader(SourceFileLoader):
    """Python's, but that the code comes out of the file."""

    def __init__(self, name: str, path: str, kept: KeptModules) -> None:
        super().__init__(name, path)
        self._kept = kept

    def get_code(self, name: str) -> CodeType | None:
        data = self._kept.code(name)
        if data:
            try:
                code: CodeType = marshal.loads(data)  # noqa: S302 - our own file, and whole
            except (ValueError, EOFError, TypeError):
                return super().get_code(name)
            return code
        return super().get_code(name)


def _loader(name: str) -> SourceFileLoader | None:
    """The loader of a module that has a source; others are not kept."""
    loader = getattr(getattr(sys.modules.get(name), "__spec__", None), "loader", None)
    if not isinstance(loader, SourceFileLoader) or type(loader) not in (SourceFileLoader, _Loader):
        return None  # an import hook's, too
    return loader if loader.name == name else None


def _source(file: str) -> Source:
    """What changes when a source does, or is replaced by another one. Raises OSError."""
    now = os.stat(file)
    return now.st_mtime_ns, now.st_ctime_ns, now.st_size


def _key() -> Key:
    """What the code is compiled for; the folders in which modules are looked for, and when something came or went."""
    return sys.version, sys.prefix, sys.flags.optimize, tuple((folder, _time_of(folder)) for folder in sys.path)


def _time_of(folder: str) -> int:
    try:
        return os.stat(folder or ".").st_mtime_ns
    except OSError:
        return 0


def _whole(key: Key, modules: Mapping[str, tuple[Module, bytes]]) -> bytes:
    """The bytes of the file: head, index, codes. Places count from the first code."""
    index: dict[str, Entry] = {}
    place = 0
    for name, (module, code) in modules.items():
        index[name] = (module, place, len(code), crc32(code))
        place += len(code)
    data = marshal.dumps((key, index))
    head = _HEAD + f"{crc32(data):08x}{len(data):08x}".encode()
    return b"".join((head, data, *(code for _module, code in modules.values())))


_modules: KeptModules | None = None


def begin(folder: str) -> None:
    """Take what the app loads from now on out of this folder's file, if it is there. The first call counts."""
    global _modules  # noqa: PLW0603 - there is one start
    if _modules is None:
        _modules = KeptModules(os.path.join(folder, NAME))
        _modules.open()


def started() -> None:
    """The first picture stands."""
    if _modules is not None:
        _modules.started()


def keep() -> None:
    """The app is left, and the terminal is the shell's again."""
    if _modules is not None:
        _modules.keep()
