"""Processes that are cheap to start, so that they can be killed by the thousand.

A process of its own imports the program once; each child is a fork of it (some milliseconds, where a new interpreter
needs most of a second), runs one function and says on a socket what it has done. A child can be killed, and waited for
until the kernel has let go of everything that it held.
"""

from __future__ import annotations

import array
import contextlib
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import Popen

ROOT = Path(__file__).resolve().parents[1]
_LONGEST = 1 << 17


class Voice:
    """The child's end: what it says arrives whole or not at all, and outlives it; not by a call that tests fail."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line

    def say(self, text: str) -> None:
        self._line.send(text.encode())

    def hear(self) -> str:
        return self._line.recv(_LONGEST).decode()


class Child:
    """The parent's end of a process that runs one function."""

    def __init__(self, pid: int, handle: int, line: socket.socket) -> None:
        self.pid = pid
        self._handle = handle
        self._line = line

    def tell(self, text: str) -> None:
        self._line.send(text.encode())

    def next(self, seconds: float = 60) -> str | None:
        """The next thing that it says; None when it has ended."""
        self._line.settimeout(seconds)
        with contextlib.suppress(ConnectionResetError):
            return self._line.recv(_LONGEST).decode() or None
        return None

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._handle, signal.SIGKILL)

    def rest(self, seconds: float = 60) -> list[str]:
        """Wait for its end; what it had still said."""
        said = []
        while (text := self.next(seconds)) is not None:
            said.append(text)
        ended = select.poll()  # select() knows no more than 1,024 descriptors
        ended.register(self._handle, select.POLLIN)
        assert ended.poll(seconds * 1000), f"{self.pid} does not end"
        self.close()
        return said

    def close(self) -> None:
        os.close(self._handle)
        self._line.close()


class Nursery:
    """Starts children that have these modules already."""

    def __init__(self, *modules: str) -> None:
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            argv = [sys.executable, "-m", "tests.nursery", str(theirs.fileno()), *modules]
            self._process = Popen(argv, pass_fds=[theirs.fileno()], cwd=ROOT)
        assert self._line.recv(10) == b"ready"

    def start(self, function: str, *arguments: object) -> Child:
        """`package.module:name`, called with a Voice and these arguments."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            socket.send_fds(self._line, [json.dumps([function, *map(_plain, arguments)]).encode()], [theirs.fileno()])
        pid, handles, _flags, _address = socket.recv_fds(self._line, 100, 1)
        return Child(int(pid), handles[0], ours)

    def close(self) -> None:
        self._line.close()
        self._process.wait(30)


def _plain(value: object) -> object:
    return os.fspath(value) if isinstance(value, os.PathLike) else value


@contextlib.contextmanager
def nursery(*modules: str) -> Iterator[Nursery]:
    made = Nursery(*modules)
    try:
        yield made
    finally:
        made.close()


def _serve(line: socket.socket, modules: list[str]) -> None:
    for module in modules:
        importlib.import_module(module)
    gc.collect()
    gc.freeze()
    line.send(b"ready")
    while True:
        order, ends, _flags, _address = socket.recv_fds(line, _LONGEST, 1)
        if not order:
            return
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        if not (pid := os.fork()):
            line.close()
            _live(socket.socket(fileno=ends[0]), json.loads(order))
        os.close(ends[0])
        handle = os.pidfd_open(pid)
        line.sendmsg([str(pid).encode()], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [handle]))])
        os.close(handle)


def _live(line: socket.socket, order: list[object]) -> None:
    """Run the function and end, whatever comes of it."""
    code = 1
    try:
        module, _colon, name = str(order[0]).partition(":")
        getattr(importlib.import_module(module), name)(Voice(line), *order[1:])
        code = 0
    except BaseException:
        sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]
    finally:
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _serve(socket.socket(fileno=int(sys.argv[1])), sys.argv[2:])
