"""Measures a program in a pseudo-terminal: first paint, the time and the bytes that each key costs, memory, idle bytes.

The meter answers the questions that programs put to a modern terminal. `measure()` is for `run.py`; by hand:

    terminal_meter.py [--cols 120] [--rows 40] [--wait REGEX] [--key NAME=KEYS]… [--n 20] [--runs 1] [--burst K]
                      [--pre KEYS]… [--quit KEYS] -- COMMAND ARG…

KEYS understands \\t \\r \\x1b. Times are milliseconds, `settle` is from a key to the last byte before a silence.
"""

from __future__ import annotations

import argparse
import codecs
import contextlib
import fcntl
import json
import os
import pty
import re
import select
import signal
import statistics
import struct
import termios
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

ESCAPES = re.compile(
    rb"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1bP[^\x1b]*\x1b\\|\x1b[()][A-Za-z0-9]"
    rb"|\x1b[=>78MDEHc]|[\x00-\x08\x0e-\x1a]"
)
ANSWERS = {
    b"\x1b[c": b"\x1b[?62;22c",
    b"\x1b[0c": b"\x1b[?62;22c",
    b"\x1b[>c": b"\x1b[>41;377;0c",
    b"\x1b[6n": b"\x1b[1;1R",
    b"\x1b[5n": b"\x1b[0n",
    b"\x1b[?2026$p": b"\x1b[?2026;2$y",
    b"\x1b[?2048$p": b"\x1b[?2048;0$y",
    b"\x1b[?2027$p": b"\x1b[?2027;0$y",
    b"\x1b[?u": b"\x1b[?0u",
    b"\x1b]11;?\x07": b"\x1b]11;rgb:0000/0000/0000\x1b\\",
    b"\x1b]11;?\x1b\\": b"\x1b]11;rgb:0000/0000/0000\x1b\\",
    b"\x1b]10;?\x07": b"\x1b]10;rgb:ffff/ffff/ffff\x1b\\",
    b"\x1b]10;?\x1b\\": b"\x1b]10;rgb:ffff/ffff/ffff\x1b\\",
}
TICK = os.sysconf("SC_CLK_TCK")
now = time.perf_counter


class Terminal:
    """A program that runs in a pseudo-terminal of its own."""

    def __init__(self, command: Sequence[str], columns: int, rows: int, environment: Mapping[str, str]) -> None:
        self.started = now()
        self.raw = bytearray()
        self.first = self.last = 0.0
        self.closed = False
        self.pid, self.descriptor = pty.fork()
        if self.pid == 0:
            try:
                fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
                os.execvpe(command[0], list(command), {**environment, "COLUMNS": str(columns), "LINES": str(rows)})
            finally:
                os._exit(127)

    def read(self, seconds: float) -> bool:
        """Wait so long for output; whether some came. Questions to the terminal are answered."""
        if not select.select([self.descriptor], [], [], max(0.0, seconds))[0]:
            return False
        try:
            data = os.read(self.descriptor, 1 << 16)
        except OSError:  # Linux says EIO when the program has gone
            data = b""
        if not data:
            self.closed = True
            return False
        self.last = now()
        self.first = self.first or self.last
        tail = bytes(self.raw[-12:])
        self.raw += data
        for question, answer in ANSWERS.items():
            for _time in range((tail + data).count(question) - tail.count(question)):
                os.write(self.descriptor, answer)
        return True

    def settle(self, quiet: float, limit: float) -> None:
        """Read until nothing has come for `quiet` seconds, `limit` at most."""
        begin, end = now(), now() + limit
        while now() < end and not self.closed and (left := max(begin, self.last) + quiet - now()) > 0:
            self.read(min(left, end - now()))

    def wait_for(self, pattern: re.Pattern[bytes], limit: float) -> float:
        """Seconds from the start until the text on the screen matched; 0 when it never did."""
        end = now() + limit
        while now() < end and not self.closed:
            if self.read(0.5) and pattern.search(ESCAPES.sub(b"", bytes(self.raw))):
                return self.last - self.started
        return 0.0

    def send(
        self, keys: bytes, *, quiet: float = 0.25, limit: float = 20.0, patience: float = 1.0
    ) -> tuple[float, float, int]:
        """Type something: seconds until the first and the last byte of the answer, and how many bytes it was.

        An answer that has not begun after `patience` seconds is none: a key may change nothing.
        """
        before, begin = len(self.raw), now()
        os.write(self.descriptor, keys)
        first, last = 0.0, begin
        while now() < begin + limit and not self.closed:
            wait = last + quiet - now() if first else begin + max(patience, quiet) - now()
            if wait <= 0:
                break
            if self.read(wait):
                first, last = first or self.last, self.last
        return (first or begin) - begin, last - begin, len(self.raw) - before

    def processor(self) -> float:
        """Seconds of processor time that the program has used; 0 when it has gone."""
        try:
            with open(f"/proc/{self.pid}/stat", encoding="ascii") as file:
                fields = file.read().rpartition(")")[2].split()
        except OSError:
            return 0.0
        return (int(fields[11]) + int(fields[12])) / TICK

    def memory(self) -> float:
        """The most memory that the program has used, in MB; 0 when it has gone."""
        try:
            with open(f"/proc/{self.pid}/status", encoding="ascii") as file:
                return next((int(line.split()[1]) / 1024 for line in file if line.startswith("VmHWM")), 0.0)
        except OSError:
            return 0.0

    def stop(self, keys: bytes = b"") -> None:
        """End the program: politely, then by SIGTERM, then by SIGKILL to that one process."""
        if keys and not self.closed:
            with contextlib.suppress(OSError):
                os.write(self.descriptor, keys)
            self.settle(0.3, 3)
        for wait, number in ((1.0 if keys else 0.0, signal.SIGTERM), (0.0, signal.SIGKILL)):
            if self._gone(wait):
                break
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)
            if self._gone(2.0):
                break
        os.close(self.descriptor)

    def _gone(self, seconds: float) -> bool:
        end = now() + seconds
        while not os.waitpid(self.pid, os.WNOHANG)[0]:
            if now() >= end:
                return False
            if self.closed:
                time.sleep(0.02)
            else:
                self.read(0.02)
        return True


@dataclass
class Plan:
    """What to measure. `keys` maps a name to what is typed; it is sent `burst` times at once, too.

    `bursts` says what else is sent at once: Esc and the key after it would be read as Alt and that key.
    """

    command: Sequence[str]
    wait: str = r"\S"
    keys: Mapping[str, bytes] = field(default_factory=dict)
    before: Sequence[bytes] = ()
    leave: bytes = b""
    columns: int = 120
    rows: int = 40
    count: int = 20
    runs: int = 1
    burst: int = 0
    patience: float = 1.0
    """Seconds in which an answer to a key has to begin."""
    bursts: Mapping[str, bytes] = field(default_factory=dict)
    idle: float = 1.0
    environment: Mapping[str, str] = field(default_factory=dict)


def measure(plan: Plan) -> dict[str, object]:
    """Run the plan; medians over all runs."""
    starts: list[dict[str, float]] = []
    keys: dict[str, list[tuple[float, float, int]]] = {}
    bursts: dict[str, list[tuple[float, float, int]]] = {}
    environment = {**os.environ, "TERM": "xterm-256color", **plan.environment}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # else a program is compiled at each start
    for _run in range(plan.runs):
        terminal = Terminal(plan.command, plan.columns, plan.rows, environment)
        try:
            starts.append(_start(terminal, plan))
            for name, typed in plan.keys.items():
                answers = (terminal.send(typed, patience=plan.patience) for _n in range(plan.count))
                keys.setdefault(name, []).extend(answers)
                if plan.burst:
                    at_once = plan.bursts.get(name, typed * plan.burst)
                    bursts.setdefault(name, []).append(terminal.send(at_once, quiet=0.5, limit=60))
            starts[-1]["memory_mb"] = terminal.memory()
        finally:
            terminal.stop(plan.leave)
    found: dict[str, object] = {name: _median([start[name] for start in starts]) for name in starts[0]}
    found["keys"] = {name: _summary(values) for name, values in keys.items()}
    if bursts:
        found["bursts"] = {name: _summary(values) for name, values in bursts.items()}
    return found


def _start(terminal: Terminal, plan: Plan) -> dict[str, float]:
    paint = terminal.wait_for(re.compile(plan.wait.encode()), 30)
    found = {"paint_ms": 1000 * paint, "paint_cpu_ms": 1000 * terminal.processor(), "paint_bytes": len(terminal.raw)}
    terminal.settle(0.8, 60)
    found["start_bytes"] = len(terminal.raw)
    found["settled_ms"] = 1000 * (terminal.last - terminal.started)
    for typed in plan.before:
        terminal.send(typed, quiet=0.4)
    before = len(terminal.raw)
    terminal.settle(plan.idle, plan.idle)
    found["idle_bytes"] = len(terminal.raw) - before
    return found


def _median(values: Sequence[float]) -> float:
    return round(statistics.median(values), 1)


def _summary(values: Sequence[tuple[float, float, int]]) -> dict[str, float]:
    settled = sorted(1000 * value[1] for value in values)
    return {
        "first_ms": _median([1000 * value[0] for value in values]),
        "settle_ms": _median(settled),
        "settle_p95_ms": round(settled[min(len(settled) - 1, int(0.95 * len(settled)))], 1),
        "bytes": _median([value[2] for value in values]),
    }


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("--cols", 120), ("--rows", 40), ("--n", 20), ("--runs", 1), ("--burst", 0)):
        parser.add_argument(name, type=int, default=default)
    parser.add_argument("--wait", default=r"\S")
    parser.add_argument("--key", action="append", default=[])
    parser.add_argument("--pre", action="append", default=[])
    parser.add_argument("--quit", default="")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    given = parser.parse_args()
    plan = Plan(
        command=[word for word in given.command if word != "--"],
        wait=given.wait,
        keys={key.partition("=")[0]: _keys(key.partition("=")[2]) for key in given.key},
        before=[_keys(text) for text in given.pre],
        leave=_keys(given.quit),
        columns=given.cols,
        rows=given.rows,
        count=given.n,
        runs=given.runs,
        burst=given.burst,
    )
    print(json.dumps(measure(plan)))


def _keys(text: str) -> bytes:
    return codecs.decode(text, "unicode_escape").encode("latin-1")


if __name__ == "__main__":
    main()
