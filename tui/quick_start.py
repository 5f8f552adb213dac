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
    from collections.abc import Sequence
    from types import CodeType

    Entry = tuple[str, bool, int, int, int, int, int]
    """File of the source, whether it is a package, its mtime (ns) and size; place, length and CRC of the code."""

NAME = "start.modules"
_HEAD = b"partagenda modules 1\n"
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
        data = os.pread(self._descriptor, length, start)
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
        file, package, mtime, size, *_place = found
        try:
            now = os.stat(file)
        except OSError:
            return None
        if (now.st_mtime_ns, now.st_size) != (mtime, size):
            return None
        spec = ModuleSpec(name, _Loader(name, file, self), origin=file, is_package=package)
        spec.has_location = True
        if package:
            spec.submodule_search_locations = [os.path.dirname(file)]
        return spec

    def code(self, name: str) -> bytes:
        """The compiled module; empty where it cannot be had."""
        *_about, place, length, crc = self._index[name]
        try:
            data = os.pread(self._descriptor, length, self._codes + place)
        except OSError:
            return b""
        return data if len(data) == length and crc32(data) == crc else b""

    def started(self) -> None:
        """The first picture stands: notes what was loaded for it, and lets Python look for the rest itself."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)
        new = [name for name in sys.modules if name not in self._before and _loader(name) is not None]
        if not all(type(_loader(name)) is _Loader for name in new):
            self._wanted = tuple(dict.fromkeys([*new, *self._index]))

    def keep(self) -> None:
        """Write the file anew if anything was missing in it. Raises nothing: it is quicker with it, and no more."""
        if not self._wanted or sys.dont_write_bytecode:
            return
        from core.private import replace_file

        try:
            replace_file(self._path, _whole([(name, *found) for name in self._wanted if (found := self._kept(name))]))
        except (OSError, ValueError):
            return

    def _kept(self, name: str) -> tuple[str, bool, int, int, bytes] | None:
        """File, whether it is a package, mtime, size and code of a module: as it is now, else as it was kept."""
        loader = _loader(name)
        if loader is None:
            found = self._index.get(name)
            data = self.code(name) if found is not None and os.path.exists(found[0]) else b""
            return (*found[:4], data) if found is not None and data else None
        try:
            about = os.stat(loader.path)  # before the code is read: code that is newer than this is never taken
            code = loader.get_code(name)
        except (OSError, ImportError, SyntaxError):
            return None
        return loader.path, loader.is_package(name), about.st_mtime_ns, about.st_size, marshal.dumps(code)


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


def _whole(modules: Sequence[tuple[str, str, bool, int, int, bytes]]) -> bytes:
    """The bytes of the file: head, index, codes. Places count from the first code."""
    index: dict[str, Entry] = {}
    place = 0
    for name, file, package, mtime, size, code in modules:
        index[name] = (file, package, mtime, size, place, len(code), crc32(code))
        place += len(code)
    data = marshal.dumps((_key(), index))
    return _HEAD + f"{crc32(data):08x}{len(data):08x}".encode() + data + b"".join(module[-1] for module in modules)


_modules: KeptModules | None = None


def begin(folder: str) -> None:
    """Take what the app loads from now on out of the file in this folder, as far as it is there."""
    global _modules  # noqa: PLW0603 - there is one start
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
