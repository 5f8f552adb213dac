"""The mirror keeps every promise of a store of calendars."""

from __future__ import annotations

from tests.contracts.calendar_store import CalendarStoreContract


class TestMirrorOverMemory(CalendarStoreContract):
    pass
