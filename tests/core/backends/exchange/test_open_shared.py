"""Opening what somebody shares, at each level and with a line that breaks at each request; nothing half is left."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.calendar.people import Address
from core.errors import NotFound, PartagendaError, Refused
from core.sandbox.exchange.model import Entry
from core.sandbox.http import Break, Fault
from core.services.share_plan import Invited, ShareRequest
from core.sharing.permissions import MATRIX, PermissionLevel
from tests.sharing_office import Office, office_at

ALICE, BRUNO = "alice@example.org", "bruno@example.org"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with office_at(tmp_path / "office") as made:
        yield made


def give(office: Office, level: PermissionLevel, name: str = "calendar"):
    mailbox = office.server.organisation.mailboxes[ALICE]
    folder = next(one for one in mailbox.folders.values() if name in (one.distinguished, one.name))
    folder.permissions[:] = [one for one in folder.permissions if one.user != BRUNO] + [Entry(BRUNO, MATRIX[level])]
    return folder


async def test_a_calendar_beside_the_default_one_is_invited_to_and_opened(office: Office):
    alice, bruno = office.services("alice"), office.services("bruno")
    await alice.library.refresh()
    store = next(one for one in alice.library.stores if one.account == "office")
    plans = await store.create("Plans")
    plan = await alice.sharing.plan(ShareRequest(plans.id, (Address(BRUNO),), PermissionLevel.EDITOR))
    outcome = await alice.sharing.share(plan)
    assert [one.invited for one in outcome.shared] == [Invited.SENT]
    [item] = await bruno.inbox.items()
    offer = await bruno.receiving.offer(item.id)
    assert not offer.message.default
    opened = await bruno.receiving.open(offer)
    assert (opened.name, opened.owner, opened.can.write) == ("Alice Martin – Plans", ALICE, True)
    await alice.close()
    await bruno.close()


@pytest.mark.parametrize("level", [PermissionLevel.NONE, PermissionLevel.FREE_BUSY, PermissionLevel.REVIEWER])
async def test_a_calendar_that_the_invitation_no_longer_opens_is_refused_in_words(office: Office, level):
    give(office, level)
    bruno = office.services("bruno")
    store = next(one for one in bruno.library.stores if one.account == "office")
    with pytest.raises((NotFound, Refused)):
        await store.open_shared(ALICE, "00" * 60)
    assert ALICE not in [info.owner for info in await bruno.library.calendars()]
    await bruno.close()


@pytest.mark.parametrize("kind", [Break.CUT_BEFORE, Break.HALF])
@pytest.mark.parametrize("operation", [b"GetFolder", b"ResolveNames", b"FindItem", b"SyncFolderItems", b"GetItem"])
async def test_a_line_that_breaks_while_it_is_opened_is_said_or_made_good(
    office: Office, kind: Break, operation: bytes
):
    """Either it is opened whole, or it is said why not; what is in the list is never a part that looks whole."""
    give(office, PermissionLevel.REVIEWER)
    bruno = office.services("bruno")
    await bruno.library.refresh()
    office.server.faults.add(Fault(kind, lambda request: operation in request.body, times=4))
    store = next(one for one in bruno.library.stores if one.account == "office")
    said = ""
    try:
        await store.open_shared(ALICE)
    except PartagendaError as error:
        said = error.message
    office.server.faults.clear()
    known = [info for info in await bruno.library.calendars() if info.owner == ALICE]
    assert said or [info.events for info in known] == [2]
    await bruno.library.refresh()
    there = [info.events for info in await bruno.library.calendars() if info.owner == ALICE]
    assert there in ([], [2])
    await bruno.close()
