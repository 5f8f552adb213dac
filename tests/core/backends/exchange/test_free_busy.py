"""Free/busy on Exchange keeps what every server keeps: the suite that Microsoft 365 passes, too."""

from __future__ import annotations

import pytest

from core.bootstrap_servers import ServerParts
from core.config.settings import SignIn
from core.sandbox.people import BRUNO, Accounts
from tests.contracts.free_busy import FreeBusyContract


class TestFreeBusy(FreeBusyContract):
    @pytest.fixture
    def source(self, parts: ServerParts):
        return parts.free_busy

    @pytest.fixture
    def colleague(self, open_parts, accounts: Accounts):
        sign_in = SignIn("bruno", password=accounts.passwords["bruno"])
        return open_parts(name="bruno", address=BRUNO.address, sign_in=sign_in).calendars
