"""Servers on loopback, and sources that may go there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.sandbox.servers import Certificates
from tests.core.backends.feed.scripted import ScriptedServer


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as found:
        yield found


@pytest.fixture
def other() -> Iterator[ScriptedServer]:
    with ScriptedServer() as found:
        yield found


@pytest.fixture
def certificates(tmp_path: Path) -> Certificates:
    return Certificates(tmp_path)


@pytest.fixture
def secure(certificates: Certificates) -> Iterator[ScriptedServer]:
    with ScriptedServer(certificates) as found:
        yield found
