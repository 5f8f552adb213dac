"""The whole story under the eyes of the kernel: which files it makes, who may read them, where passwords go.

`demo --check` uses every server and every service; strace tells each file that it opens to write, each byte that it
writes, and each program that it starts. Without strace only its end is looked at.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.soak import soak

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.slow
CALLS = "openat,mkdir,rename,renameat2,link,linkat,symlink,symlinkat,write,pwrite64,execve,fchmod,chmod"
_LINE = re.compile(r"\d+ +(?P<call>\w+)\((?P<rest>.*)", re.DOTALL)
_NAME = re.compile(r'"((?:[^"\\]|\\.)*)"')
_RESUMED = re.compile(r"\d+ +<\.\.\. \w+ resumed>")
_ANSWER = re.compile(r"\) += (?P<answer>-?\d+)")
HARMLESS = ("/dev/null", "/dev/tty", "/dev/pts/", "/proc/self/")
FOR_OTHERS = re.compile(r"/webdav/|/\.part-")
"""What is published, by the sandbox's server too: with the rights that the umask leaves."""
OWN = re.compile(r"/password$|/state/partagenda/sign-in/accounts/[^/]*\.json$|^pipe:")
"""Where a secret may stand: the file that password_command reads, what it says, and the cache of tokens."""


@dataclass
class Seen:
    """What the kernel was asked for."""

    root: Path
    code: int
    said: str
    lines: list[tuple[str, str]] = field(default_factory=list)

    def opened_to_write(self) -> Iterator[tuple[str, str, bool]]:
        """Path, flags and mode, and whether it was made by it."""
        there: set[str] = set()
        for call, rest in self.lines:
            if call != "openat":
                continue
            name, answer = _NAME.search(rest), _ANSWER.search(rest)
            if not name or not answer or int(answer["answer"]) < 0:
                continue
            if re.search("O_WRONLY|O_RDWR|O_CREAT", rest):
                path = os.path.join(rest.partition("<")[2].partition(">")[0], name[1])  # in the folder that is open
                new = "O_CREAT" in rest and path not in there
                there.add(path)
                yield path, rest, new

    def secrets(self) -> set[str]:
        """Every password and token of this run."""
        found: set[str] = set()
        for path, text in self.written():
            if path.endswith("/password"):
                found.add(text)
            elif path.endswith(".json"):
                found.update(re.findall(r'\\"secret\\": \\"([^"\\]{8,})', text))
        return found

    def written(self) -> Iterator[tuple[str, str]]:
        """Path and bytes, as strace shows them."""
        for call, rest in self.lines:
            if call in ("write", "pwrite64"):
                path, _end, text = rest.partition("<")[2].partition(">")
                yield path, text[text.find('"') + 1 : text.rfind('"')]


def whole_calls(lines: Iterable[str]) -> Iterator[str]:
    """The lines of strace; a call that another thread interrupted stands in two of them, which are joined."""
    begun: dict[str, str] = {}
    for line in lines:
        thread = line.partition(" ")[0]
        if line.endswith(" <unfinished ...>"):
            begun[thread] = line.removesuffix(" <unfinished ...>")
        elif (resumed := _RESUMED.match(line)) and thread in begun:
            yield begun.pop(thread) + line[resumed.end() :]
        else:
            yield line
    yield from begun.values()  # who made it was killed


def run_story(base: Path) -> Seen:
    for name in ("home", "tmp"):
        (base / name).mkdir(mode=0o700)
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(base / "home"), "TMPDIR": str(base / "tmp"), "LANG": "C.UTF-8",
        "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip
    if "PARTAGENDA_EWS_SCHEMA" in os.environ:
        environment["PARTAGENDA_EWS_SCHEMA"] = os.environ["PARTAGENDA_EWS_SCHEMA"]
    strace = shutil.which("strace")
    log = base / "strace.log"
    watch = (
        [strace, "-f", "--seccomp-bpf", "-y", "-s", "20000", "-o", str(log), "-e", f"trace={CALLS}"] if strace else []
    )
    argv = [*watch, sys.executable, "-m", "tui", "demo", "--check"]
    done = subprocess.run(argv, cwd=base, env=environment, capture_output=True, text=True, timeout=300)
    made = Seen(base, done.returncode, done.stdout + done.stderr)
    if log.exists():
        found = (_LINE.match(line) for line in whole_calls(log.read_text(errors="replace").splitlines()))
        made.lines = [(one["call"], one["rest"]) for one in found if one]
        log.unlink()
    return made


@soak("files: none that the story makes can be read by others, none is outside its folders", 1)
@soak("secrets: no password or token in command lines, output or other files", 1)
def test_the_whole_story_holds_and_keeps_its_files_and_secrets_to_itself(tmp_path: Path) -> None:
    """One run for all, as it takes its time."""
    (tmp_path / "watched").mkdir()
    seen = run_story(tmp_path / "watched")
    assert (seen.code, "Every step held." in seen.said) == (0, True), seen.said[-2000:]
    if shutil.which("strace") is None:
        pytest.skip("strace, which sees what the story does to files, is not installed (Debian: strace)")
    assert seen.lines
    nothing_outside(seen)
    nothing_for_others(seen)
    no_secret_elsewhere(seen)


def nothing_outside(watched: Seen) -> None:
    """Nothing is written outside the folders that are ours, and nothing stays."""
    ours = (f"{watched.root}/tmp/", f"{watched.root}/home/")
    names = {path for path, _flags, _new in watched.opened_to_write()}
    assert [path for path in sorted(names) if not path.startswith((*ours, *HARMLESS))] == []
    assert len(names) > 200
    assert [str(path) for name in ("home", "tmp") for path in (watched.root / name).iterdir()] == []


def nothing_for_others(watched: Seen) -> None:
    """No file or folder is made that others may read, but for what is published."""
    wide = []
    for path, rest, new in watched.opened_to_write():
        mode = re.search(r", 0([0-7]+)\) = ", rest)
        if new and mode and int(mode[1], 8) & 0o077 and not FOR_OTHERS.search(path):
            wide.append(path)
    for call, rest in watched.lines:
        if call not in ("mkdir", "chmod", "fchmod"):
            continue
        name, mode = _NAME.search(rest), re.search(r", 0([0-7]+)\) += 0", rest)
        if mode and int(mode[1], 8) & 0o077:
            path = name[1] if name else rest
            if not FOR_OTHERS.search(path):
                wide.append(f"{call} {path}")
    assert wide == []


def no_secret_elsewhere(watched: Seen) -> None:
    """No password and no token is in a command line, in the output or in another file."""
    secrets = watched.secrets()
    assert len(secrets) > 5
    started = [rest for call, rest in watched.lines if call == "execve"]
    assert len(started) > 1

    def told(text: str) -> bool:
        return any(secret in text for secret in secrets)

    assert [rest[:200] for rest in started if told(rest)] == []
    assert not told(watched.said)
    assert {path for path, text in watched.written() if not OWN.search(path) and told(text)} == set()


def test_a_call_that_never_came_back_is_seen_too() -> None:
    lines = ['1 write(1</a>, "x" <unfinished ...>', "2 close(3) = 0", '3 execve("/bin/pass", ["pass"] <unfinished ...>']
    lines += ["1 <... write resumed>) = 1", "3 +++ killed by SIGKILL +++"]
    assert 'write(1</a>, "x") = 1' in " ".join(whole_calls(lines))
    assert 'execve("/bin/pass", ["pass"]' in " ".join(whole_calls(lines))


@pytest.mark.parametrize(
    "call",
    ['openat(7</home/a>, "b.ics", O_WRONLY|O_CREAT, 0600) = 8', 'openat(AT_FDCWD</x>, "/home/a/b.ics", O_RDWR) = 8'],
)
def test_a_file_that_is_opened_in_a_folder_is_known_by_its_whole_name(call: str) -> None:
    one = _LINE.match(f"12 {call}")
    assert one is not None
    seen = Seen(Path("/"), 0, "", [(one["call"], one["rest"])])
    assert [path for path, _flags, _new in seen.opened_to_write()] == ["/home/a/b.ics"]
