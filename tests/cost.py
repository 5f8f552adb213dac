"""What it costs to read bytes that are made to eat time or memory, in a process of its own."""

from __future__ import annotations

import contextlib
import gc
import os
import resource
from collections.abc import Callable

from core.errors import PartagendaError

SECONDS, MEGABYTES = 1.0, 300
"""What a hostile file may cost at most."""


def cheapest(
    work: Callable[[bytes], object], data: bytes, answers: tuple[type[Exception], ...] = ()
) -> tuple[float, float]:
    """Processor seconds and MB of memory at best: what others do on the machine only ever adds.

    An error of ours, and these, count as an answer; any other, and ten seconds, as no end.
    """
    found = cost(work, data, answers)
    for _attempt in range(2):
        if found[0] < SECONDS:
            break
        found = min(found, cost(work, data, answers))
    return found


def cost(
    work: Callable[[bytes], object], data: bytes, answers: tuple[type[Exception], ...] = ()
) -> tuple[float, float]:
    """What it costs once."""
    end, start = os.pipe()
    if not (pid := os.fork()):
        try:
            gc.freeze()  # what the tests hold in memory is not looked through again and again
            resource.setrlimit(resource.RLIMIT_CPU, (10, 10))  # for a child that was just forked: its own seconds
            before = resource.getrusage(resource.RUSAGE_SELF)
            with contextlib.suppress(PartagendaError, *answers):
                work(data)
            after = resource.getrusage(resource.RUSAGE_SELF)
            seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            os.write(start, f"{seconds} {(after.ru_maxrss - before.ru_maxrss) / 1024}".encode())
        finally:
            os._exit(0)
    os.close(start)
    with os.fdopen(end) as said:
        words = said.read().split()
    os.waitpid(pid, 0)
    return (float(words[0]), float(words[1])) if words else (float("inf"), 0.0)
