"""Sharing on the sandbox's Exchange: who people are, what they may be given, and what an invitation says."""

from __future__ import annotations

import pytest

from core.backends.exchange.sharing import ExchangeSharing
from core.calendar.people import Address
from core.errors import NotFound
from core.ports.sharing import Place
from core.sharing.permissions import MATRIX, NAMED_LEVELS, PermissionLevel, level_of
from core.sharing.policy import parse_policy
from tests.contracts.sharing_gateway import Gate, SharingGatewayContract
from tests.core.backends.exchange.test_permissions import ExchangeOffice, office  # noqa: F401 - the fixture

BRUNO = Address("bruno@example.org", "B.")
CLARA = Address("clara@example.net", "Clara Rossi")
SIMPLE = parse_policy(["example.net: CalendarSharingFreeBusySimple"])


def gateway(here: ExchangeOffice, *, federated: bool = False, policy=SIMPLE) -> ExchangeSharing:
    if federated:
        here.server.organisation.federated = frozenset(["example.net"])
    here.server.organisation.policy = policy or SIMPLE
    return ExchangeSharing(here.session, policy, ["example.net"] if federated else [])


class ExchangeGate(Gate):
    def __init__(self, here: ExchangeOffice) -> None:
        self.here = here
        self.calendar = here.calendar
        self.made = gateway(here, federated=True)

    def gateway(self) -> ExchangeSharing:
        return self.made

    async def level_of(self, address: str) -> PermissionLevel | None:
        found = self.here.on_server(address)
        return level_of(found) if found is not None else None


class TestContract(SharingGatewayContract):
    @pytest.fixture
    def gate(self, office: ExchangeOffice) -> ExchangeGate:  # noqa: F811
        return ExchangeGate(office)


async def test_somebody_inside_is_known_by_their_true_name_and_may_be_given_everything(office: ExchangeOffice):  # noqa: F811
    [bruno] = await gateway(office).standing(office.calendar, [BRUNO])
    name = office.server.organisation.mailboxes[BRUNO.address].name
    assert (bruno.place, bruno.address, bruno.levels) == (Place.INSIDE, Address(BRUNO.address, name), NAMED_LEVELS)


async def test_an_address_of_the_organisation_that_nobody_has_is_said_to_be_none(office: ExchangeOffice):  # noqa: F811
    [nobody] = await gateway(office).standing(office.calendar, [Address("nobody@example.org")])
    assert nobody.levels == ()
    assert "Nobody" in nobody.reason


async def test_without_federation_nobody_outside_is_given_anything_and_the_reason_is_said(office: ExchangeOffice):  # noqa: F811
    [clara] = await gateway(office).standing(office.calendar, [CLARA])
    assert (clara.place, clara.levels) == (Place.OUTSIDE, ())
    assert "federation" in clara.reason


async def test_a_partner_may_be_given_what_the_policy_allows(office: ExchangeOffice):  # noqa: F811
    [clara] = await gateway(office, federated=True).standing(office.calendar, [CLARA])
    assert clara.levels == (PermissionLevel.FREE_BUSY,)
    assert "Availability only" in clara.reason


async def test_a_partner_whom_the_policy_blocks_is_refused_by_the_server_also_where_its_rules_are_not_known(
    office: ExchangeOffice,  # noqa: F811
):
    made = gateway(office, federated=True, policy=None)
    office.server.organisation.policy = parse_policy(["elsewhere.example: CalendarSharingFreeBusySimple"])
    [clara] = await made.standing(office.calendar, [CLARA])
    assert clara.levels == ()
    assert "policy" in clara.reason


async def test_where_the_rules_are_not_known_that_is_said(office: ExchangeOffice):  # noqa: F811
    [clara] = await gateway(office, federated=True, policy=None).standing(office.calendar, [CLARA])
    assert len(clara.levels) == 3
    assert "known when the server answers" in clara.reason


async def test_several_are_granted_in_one_write(office: ExchangeOffice):  # noqa: F811
    before = office.server.counts["UpdateFolder"]
    granted = await gateway(office, federated=True).grant(office.calendar, [BRUNO, CLARA], PermissionLevel.FREE_BUSY)
    assert [one.level for one in granted] == [PermissionLevel.FREE_BUSY] * 2
    assert office.server.counts["UpdateFolder"] == before + 1
    assert office.on_server(CLARA.address) == MATRIX[PermissionLevel.FREE_BUSY]


async def test_what_is_sealed_for_a_partners_server_comes_along(office: ExchangeOffice):  # noqa: F811
    granted = await gateway(office, federated=True).grant(office.calendar, [BRUNO, CLARA], PermissionLevel.FREE_BUSY)
    assert [bool(one.sealed) for one in granted] == [False, True]
    assert "EncryptedData" in granted[1].sealed


async def test_a_refused_person_does_not_take_the_others_along(office: ExchangeOffice):  # noqa: F811
    granted = await gateway(office, federated=True).grant(office.calendar, [BRUNO, CLARA], PermissionLevel.REVIEWER)
    assert [one.level for one in granted] == [PermissionLevel.REVIEWER, None]
    assert "policy" in granted[1].reason
    assert office.on_server(CLARA.address) is None


async def test_the_row_that_was_there_before_is_told(office: ExchangeOffice):  # noqa: F811
    await office.somebody_else_sets(BRUNO.address, PermissionLevel.AUTHOR)
    [granted] = await gateway(office).grant(office.calendar, [BRUNO], PermissionLevel.REVIEWER)
    assert granted.before.level is PermissionLevel.AUTHOR


async def test_revoking_takes_the_row_away_once(office: ExchangeOffice):  # noqa: F811
    await office.somebody_else_sets(BRUNO.address, PermissionLevel.AUTHOR)
    assert await gateway(office).revoke(office.calendar, BRUNO.address)
    assert office.on_server(BRUNO.address) is None
    assert not await gateway(office).revoke(office.calendar, BRUNO.address)


async def test_an_invitation_names_folder_and_mailbox_by_entry_id(office: ExchangeOffice):  # noqa: F811
    found = await gateway(office).reference(office.calendar)
    assert int(found.folder, 16)
    assert bytes.fromhex(found.mailbox)[4:20].hex().upper() == "38A1BB1005E5101AA1BB08002B2A56C2"  # a store's EntryID
    assert (found.name, found.default) == ("Calendar", True)


async def test_a_calendar_that_is_gone_has_no_name_for_an_invitation(office: ExchangeOffice):  # noqa: F811
    with pytest.raises(NotFound):
        await gateway(office).reference(office.missing)
