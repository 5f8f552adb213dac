"""The mirror keeps every promise of a store of calendars; the server in memory those of a server account."""

from __future__ import annotations

import pytest

from tests.contracts.calendar_store import CalendarStoreContract
from tests.contracts.remote_calendars import RemoteCalendarsContract
from tests.core.backends.mirror.memory_server import MemoryRemote


class TestMirrorOverMemory(CalendarStoreContract):
    pass


class TestMemoryServer(RemoteCalendarsContract):
    """What the mirror's own tests stand on is held to the same promises as Exchange and Microsoft 365."""

    @pytest.fixture
    def calendar(self, remote: MemoryRemote) -> str:
        return "main"
