"""The app's modules come out of one file, and whatever is wrong with that file, the right ones are loaded."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tui.pseudo_terminal import ROOT, env_of, running
from tui.quick_start import NAME, KeptModules

PROGRAM = """
import json, sys
sys.path[:0] = [*{path!r}, {library!r}]
from tui import quick_start
quick_start.begin({cache!r})
import sample.part
{meanwhile}
quick_start.started()
from importlib.resources import files
print(json.dumps({{
    "value": sample.part.VALUE,
    "kept": type(sample.part.__spec__.loader).__name__ == "_Loader",
    "file": sample.part.__file__,
    "path": list(sample.__path__),
    "data": files("sample").joinpath("data.txt").read_text(),
}}))
quick_start.keep()
"""


class Place:
    """A package, and a folder in which its code is kept."""

    def __init__(self, base: Path) -> None:
        self.library, self.cache = base / "library", base / "cache"
        (self.library / "sample").mkdir(parents=True)
        self.cache.mkdir(mode=0o700)
        self.write("__init__.py", "")
        self.write("data.txt", "words")
        self.write("part.py", "VALUE = 1\n")

    def write(self, name: str, text: str) -> None:
        (self.library / "sample" / name).write_text(text)

    @property
    def file(self) -> Path:
        return self.cache / NAME

    def start(self, *options: str, meanwhile: str = "", path: tuple[str, ...] = ()) -> dict[str, Any]:
        """What a program finds that begins like the app."""
        program = PROGRAM.format(library=str(self.library), cache=str(self.cache), meanwhile=meanwhile, path=path)
        env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
        command = [sys.executable, *options, "-c", program]
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        return found


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Nothing is kept yet."""
    return Place(tmp_path)


@pytest.fixture
def kept(place: Place) -> Place:
    """The program was started once."""
    place.start()
    return place


def test_the_first_start_loads_modules_as_ever(place: Place) -> None:
    found = place.start()
    assert (found["value"], found["kept"]) == (1, False)


def test_the_second_start_takes_them_out_of_the_file(kept: Place) -> None:
    found = kept.start()
    assert (found["value"], found["kept"]) == (1, True)


def test_a_module_out_of_the_file_knows_where_it_comes_from(kept: Place) -> None:
    folder = kept.library / "sample"
    found = kept.start()
    assert (found["file"], found["path"], found["data"]) == (str(folder / "part.py"), [str(folder)], "words")


def test_a_source_that_changed_is_read_anew(kept: Place) -> None:
    kept.write("part.py", "VALUE = 22\n")
    found = kept.start()
    assert (found["value"], found["kept"]) == (22, False)


def test_a_change_of_the_same_length_is_noticed(kept: Place) -> None:
    kept.write("part.py", "VALUE = 2\n")
    os.utime(kept.library / "sample" / "part.py", (1, 1))  # Python itself looks at whole seconds
    assert kept.start()["value"] == 2


def test_what_changed_is_kept_again(kept: Place) -> None:
    kept.write("part.py", "VALUE = 22\n")
    kept.start()
    found = kept.start()
    assert (found["value"], found["kept"]) == (22, True)


def test_code_that_was_replaced_while_the_program_ran_is_not_kept_for_the_new_source(kept: Place) -> None:
    kept.write("other.py", "")
    part = kept.library / "sample" / "part.py"
    kept.start(meanwhile=f"import sample.other; open({str(part)!r}, 'w').write('VALUE = 333')")
    assert kept.start()["value"] == 333


def test_a_damaged_module_is_kept_anew(kept: Place) -> None:
    data = kept.file.read_bytes()
    at = data.rindex(b"VALUE")
    kept.file.write_bytes(data[:at] + b"v" + data[at + 1 :])
    assert kept.start()["value"] == 1
    assert b"vALUE" not in kept.file.read_bytes()


def test_a_source_that_was_replaced_by_one_of_the_same_time_and_size_is_noticed(kept: Place) -> None:
    part = kept.library / "sample" / "part.py"
    before = part.stat()
    other = part.with_suffix(".new")
    other.write_text("VALUE = 4\n")
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    (kept.library / "sample" / "__pycache__" / f"part.{sys.implementation.cache_tag}.pyc").unlink()
    other.rename(part)
    assert kept.start()["value"] == 4


def test_a_package_that_now_stands_in_an_earlier_folder_is_the_one_that_is_loaded(kept: Place) -> None:
    other = kept.library / "earlier"
    other.mkdir()
    before = kept.start(path=(str(other),))
    kept.start(path=(str(other),))
    (other / "sample").mkdir()
    for name, text in (("__init__.py", ""), ("data.txt", "words"), ("part.py", "VALUE = 5\n")):
        (other / "sample" / name).write_text(text)
    assert (before["value"], kept.start(path=(str(other),))["value"]) == (1, 5)


def test_a_module_that_is_gone_is_not_there(kept: Place) -> None:
    (kept.library / "sample" / "part.py").unlink()
    with pytest.raises(AssertionError, match=r"No module named 'sample.part'"):
        kept.start()


def test_a_start_that_misses_nothing_writes_nothing(kept: Place) -> None:
    before = kept.file.stat()
    kept.start()
    assert kept.file.stat().st_ino == before.st_ino


def test_the_file_is_the_persons_alone(kept: Place) -> None:
    assert stat.S_IMODE(kept.file.stat().st_mode) == 0o600


def test_a_file_that_others_may_write_is_not_used(kept: Place) -> None:
    kept.file.chmod(0o620)
    assert kept.start()["kept"] is False


def test_a_link_is_not_followed(kept: Place) -> None:
    kept.file.rename(kept.cache / "elsewhere")
    kept.file.symlink_to(kept.cache / "elsewhere")
    assert kept.start()["kept"] is False


def test_code_for_other_options_of_python_is_not_used(kept: Place) -> None:
    assert kept.start("-O")["kept"] is False


def test_nothing_is_written_where_python_is_to_write_no_code(place: Place) -> None:
    place.start("-B")
    assert not place.file.exists()


def test_a_folder_that_cannot_be_written_is_no_trouble(place: Place) -> None:
    place.cache.rmdir()
    place.cache.write_text("a file")
    assert place.start()["value"] == 1


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, bytes]]:
    """A good file, for spoiling copies of it."""
    place = Place(tmp_path_factory.mktemp("whole"))
    place.start()
    yield place.cache / "spoilt", place.file.read_bytes()


def _codes(path: Path, data: bytes, patch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """What of a file is taken."""
    path.write_bytes(data)
    path.chmod(0o600)
    patch.setattr("tui.quick_start._key", lambda: KEY)
    modules = KeptModules(str(path))
    try:
        modules.open()
        return {name: modules.code(name) for name in modules._index}
    finally:
        if modules in sys.meta_path:
            sys.meta_path.remove(modules)
        if modules._descriptor >= 0:
            os.close(modules._descriptor)


KEY: Any = None


@pytest.fixture(scope="module")
def good(whole: tuple[Path, bytes]) -> dict[str, bytes]:
    """All of its codes."""
    global KEY
    import marshal

    path, data = whole
    head = data.index(b"\n") + 17
    KEY = marshal.loads(data[head : head + int(data[head - 8 : head], 16)])[0]
    with pytest.MonkeyPatch.context() as patch:
        codes = _codes(path, data, patch)
    assert codes["sample.part"]
    return codes


@given(at=st.integers(0, 10**7), bits=st.integers(1, 255), cut=st.booleans())
@settings(max_examples=200, deadline=None)
def test_of_a_damaged_file_only_whole_modules_are_taken(
    whole: tuple[Path, bytes], good: dict[str, bytes], at: int, bits: int, cut: bool
) -> None:
    path, data = whole
    at %= len(data)
    spoilt = data[:at] if cut else data[:at] + bytes([data[at] ^ bits]) + data[at + 1 :]
    with pytest.MonkeyPatch.context() as patch:
        found = _codes(path, spoilt, patch)
    assert all(code in (b"", good[name]) for name, code in found.items())


def _left(home: Path) -> tuple[int, int]:
    """Start the app, leave it, and say which file was there then: inode and size."""
    with running([], env_of(home)) as terminal:
        terminal.wait_for("Calendar")
        terminal.press("q")
        terminal.read(20.0)  # until it has ended
    about = (home / "cache" / "partagenda" / NAME).stat()
    return about.st_ino, about.st_size


@pytest.mark.slow
def test_later_starts_of_the_app_find_every_module_in_the_file(tmp_path: Path) -> None:
    """Not the second one: the first one of all welcomes the person, and a picture may come before all is read."""
    seen = [_left(tmp_path), _left(tmp_path)]
    while seen[-1] != seen[-2] and len(seen) < 6:
        seen.append(_left(tmp_path))
    assert seen[-1] == seen[-2]
