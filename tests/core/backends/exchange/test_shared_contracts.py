"""Free/busy and sharing on Exchange keep what every server keeps: the suites that Microsoft 365 passes, too."""

from __future__ import annotations

import pytest

from core.bootstrap_servers import ServerParts
from core.config.settings import SignIn
from core.sandbox.people import BRUNO, PEOPLE, Accounts
from tests.contracts.free_busy import FreeBusyContract
from tests.contracts.sharing_gateway import Sharing, SharingGatewayContract


class TestFreeBusy(FreeBusyContract):
    @pytest.fixture
    def source(self, parts: ServerParts):
        return parts.free_busy

    @pytest.fixture
    def colleague(self, open_parts, accounts: Accounts):
        sign_in = SignIn("bruno", password=accounts.passwords["bruno"])
        return open_parts(name="bruno", address=BRUNO.address, sign_in=sign_in).calendars


class ExchangeSharing(Sharing):
    def __init__(self, parts: ServerParts, accounts: Accounts, calendar: str) -> None:
        self.parts, self.accounts, self.calendar = parts, accounts, calendar

    def gateway(self):
        return self.parts.sharing

    def store(self):
        return self.parts.permissions

    def letters(self, address: str) -> int:
        who = next(one for one in PEOPLE if one.address == address)
        folder = self.accounts.maildirs[who.key] / "new"
        return len(list(folder.iterdir())) if folder.is_dir() else 0


class TestSharing(SharingGatewayContract):
    @pytest.fixture
    async def sharing(self, parts: ServerParts, accounts: Accounts) -> ExchangeSharing:
        calendar = (await parts.calendars.calendars())[0].id
        return ExchangeSharing(parts, accounts, calendar)
