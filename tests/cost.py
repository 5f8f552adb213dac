"""What it costs to read bytes that are made to eat time or memory, in a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import gc
import inspect
import os
import re
import resource
from collections.abc import Callable
from pathlib import Path

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
            ctypes.CDLL(None).malloc_trim(0)  # what they gave back is not there to be used without being counted
            Path("/proc/self/clear_refs").write_text("5")  # the peak begins here
            resource.setrlimit(resource.RLIMIT_CPU, (10, 10))  # for a child that was just forked: its own seconds
            before, memory = resource.getrusage(resource.RUSAGE_SELF), _kilobytes("VmRSS")
            with contextlib.suppress(PartagendaError, *answers):
                answer = work(data)
                if inspect.iscoroutine(answer):
                    asyncio.run(answer)
            after = resource.getrusage(resource.RUSAGE_SELF)
            seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            os.write(start, f"{seconds} {(_kilobytes('VmHWM') - memory) / 1024}".encode())
        finally:
            os._exit(0)
    os.close(start)
    with os.fdopen(end) as said:
        words = said.read().split()
    os.waitpid(pid, 0)
    return (float(words[0]), float(words[1])) if words else (float("inf"), 0.0)


def _kilobytes(what: str) -> int:
    """Memory of this process, as /proc/self/status has it (https://man7.org/linux/man-pages/man5/proc_pid_status.5.html)."""
    return int(re.findall(rf"{what}:\s+(\d+)", Path("/proc/self/status").read_text())[0])
