"""Microsoft 365 keeps every promise of a server that keeps calendars."""

from __future__ import annotations

import pytest

from tests.contracts.remote_calendars import RemoteCalendarsContract
from tests.core.backends.graph.conftest import Account


class TestGraph(RemoteCalendarsContract):
    @pytest.fixture
    def remote(self, account: Account):
        return account.calendars

    @pytest.fixture
    def calendar(self, default: str) -> str:
        return default
