"""Exchange keeps the promises of a server account, and its calendars those that local ones keep."""

from __future__ import annotations

import pytest

from core.backends.exchange.calendars import ExchangeCalendars
from core.backends.mirror import MirrorStore
from tests.contracts.calendar_store import CalendarStoreContract
from tests.contracts.remote_calendars import RemoteCalendarsContract


class TestExchangeCalendars(RemoteCalendarsContract):
    @pytest.fixture
    async def calendar(self, remote: ExchangeCalendars) -> str:
        return (await remote.calendars())[0].id


class TestExchangeStore(CalendarStoreContract):
    @pytest.fixture
    async def calendar(self, store: MirrorStore) -> str:
        return (await store.create("Work")).id
