"""A quick start: the code of the modules that the app loads before its first picture, in one file.

Python looks for each of six hundred modules, asks the disk five times about it, and opens and checks its compiled file:
a tenth of the start. Here they lie one behind another in the cache folder, as Python compiled them. One is taken from
there while its source has the time and size with which it was kept, which is the rule of Python's own `.pyc` files;
else, and for everything that is not in the file, Python looks as ever. The file is written when the app is left, if
anything was missing in it. Without it, or with a damaged one, the app starts as it would without this module.

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
    from collections.abc import Mapping
    from types import CodeType

    Module = tuple[str, str, bool, int, int]
    """Files of source and compiled code, whether it is a package, the time (ns) and size of the source."""
    Entry = tuple[Module, int, int, int]
    """A module; place, length and CRC of its code."""

NAME = "start.modules"
_HEAD = b"partagenda modules 2\n"
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
                self._index = self._read_index(about.st_size)
        except (OSError, ValueError, EOFError, TypeError):
            return
        sys.meta_path.insert(0, self)

    def _read_index(self, size: int) -> dict[str, Entry]:
        """Of a file of so many bytes. Raises OSError, ValueError, EOFError or TypeError."""
        start = len(_HEAD) + _NUMBERS
        head = os.pread(self._descriptor, start, 0)
        if head[: len(_HEAD)] != _HEAD:
            return {}
        crc, length = int(head[len(_HEAD) : -8], 16), int(head[-8:], 16)
        data = os.pread(self._descriptor, min(length, size), start)
        if len(data) != length or crc32(data) != crc:
            return {}
        self._codes = start + length
        key, index = marshal.loads(data)  # noqa: S302 - our own file, and whole
        return index if key == _key() else {}

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> ModuleSpec | None:
        """What `importlib` asks of a finder."""
        found = self._index.get(name)
        if found is None:
            return None
        file, cached, package, mtime, size = found[0]
        try:
            now = os.stat(file)
        except OSError:
            return None
        if (now.st_mtime_ns, now.st_size) != (mtime, size):
            return None
        spec = ModuleSpec(name, _Loader(name, file, self), origin=file, is_package=package)
        spec.has_location, spec.cached = True, cached  # else each one is worked out anew: 4 ms
        if package:
            spec.submodule_search_locations = [os.path.dirname(file)]
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
        if self in sys.meta_path:
            sys.meta_path.remove(self)
        new = [name for name in sys.modules if name not in self._before and _loader(name) is not None]
        if self._damaged or not all(type(_loader(name)) is _Loader for name in new):
            self._wanted = tuple(dict.fromkeys([*new, *self._index]))

    def keep(self) -> None:
        """Write the file anew if anything was missing in it. Raises nothing: it is quicker with it, and no more."""
        if not self._wanted or sys.dont_write_bytecode:
            return
        from core.private import replace_file

        try:
            found = {name: kept for name in self._wanted if (kept := self._kept(name))}
            replace_file(self._path, _whole(found))
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
            about = os.stat(loader.path)  # before the code is read: code that is newer than this is never taken
            code = SourceFileLoader.get_code(loader, name)
        except (OSError, ImportError, SyntaxError):
            return None
        cached = sys.modules[name].__spec__.cached or ""  # type: ignore[union-attr]  # it has a loader
        package = loader.is_package(name)
        return (loader.path, cached, package, about.st_mtime_ns, about.st_size), marshal.dumps(code)


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
    return loader if isinstance(loader, SourceFileLoader) and loader.name == name else None


def _key() -> tuple[str, str, int, tuple[str, ...]]:
    """What the code was compiled for, and where modules are looked for."""
    return sys.version, sys.prefix, sys.flags.optimize, tuple(sys.path)


def _whole(modules: Mapping[str, tuple[Module, bytes]]) -> bytes:
    """The bytes of the file: head, index, codes. Places count from the first code."""
    index: dict[str, Entry] = {}
    place = 0
    for name, (module, code) in modules.items():
        index[name] = (module, place, len(code), crc32(code))
        place += len(code)
    data = marshal.dumps((_key(), index))
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
