"""Ports on loopback for servers that must be told one, and for tests in which nobody listens.

A port that the system handed out and that was given back can be handed out again before the server listens there: to
another test's server, which then answers in its stead. So these lie outside of what the system hands out by itself,
and the process that asked for one keeps it until it ends: by a lock on that byte of a file that all processes share.
"""

from __future__ import annotations

import fcntl
import functools
import os
import random
import socket
import tempfile
from pathlib import Path
from typing import IO

_FIRST, _LAST = 10_240, 65_535
_HANDED_OUT = Path("/proc/sys/net/ipv4/ip_local_port_range")
_own: set[int] = set()


def free_port() -> int:
    """A port that no other test and no program of this machine uses, for the rest of this process."""
    for port in random.sample(_candidates(), 500):
        if port not in _own and _taken_by_us(port) and _silent(port):
            _own.add(port)
            return port
    raise AssertionError("none of 500 ports is free")


@functools.cache
def _candidates() -> list[int]:
    """The ports that the system never takes by itself; all of them where it takes nearly every one."""
    low, high = (int(word) for word in _HANDED_OUT.read_text().split()) if _HANDED_OUT.exists() else (32_768, 60_999)
    outside = [port for port in range(_FIRST, _LAST) if not low <= port <= high]
    return outside if len(outside) >= 1000 else list(range(_FIRST, _LAST))


@functools.cache
def _locks() -> IO[bytes]:
    """Never closed: that would give every port of this process back."""
    return Path(tempfile.gettempdir(), f"partagenda-ports-{os.getuid()}").open("ab")


def _taken_by_us(port: int) -> bool:
    try:
        fcntl.lockf(_locks(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except OSError:
        return False
    return True


def _silent(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True
