"""Each fault of the server × signing in, mail, inbox, free/busy and the address book: never twice, never guessed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.bootstrap_servers import ServerParts
from core.errors import DeliveryUnknown, PartagendaError, TransportError
from core.ports.mail import Delivery, Envelope
from core.sandbox.exchange.server import ExchangeServer
from tests.core.backends.exchange.test_fault_matrix import FAULTS, HASTY, QUICK, asking
from tests.core.backends.exchange.test_other_ports import MESSAGE, WEEK, bruno, busy
from tests.soak import soak

__all__ = ["bruno", "busy"]  # fixtures
LETTER = Envelope("<1@example.org>", "alice@example.org", ("bruno@example.org",), MESSAGE)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.parametrize("fault", FAULTS),
    soak("feed or server answers: local copy kept whole, person asked", 1),
]


@pytest.fixture
async def alice(open_parts, fault: str) -> ServerParts:
    return open_parts(HASTY if "drip" in fault else QUICK)


def broken(server: ExchangeServer, fault: str, operation: str) -> None:
    server.faults.add(replace(FAULTS[fault], when=asking(operation), times=0))


async def test_a_message_is_never_sent_twice_and_never_called_sent_when_it_is_not(
    alice: ServerParts, bruno: ServerParts, server: ExchangeServer, fault: str
):
    broken(server, fault, "CreateItem")
    said = "refused"
    try:
        said = (await alice.transport.send(LETTER))[0].delivery.value
    except DeliveryUnknown as error:
        said = "unknown" if error.message else ""
    except TransportError as error:
        said = "not sent" if error.message else ""
    server.faults.clear()
    arrived = len(await bruno.messages.messages())
    allowed = {"not sent": (0,), "unknown": (0, 1), Delivery.SENT.value: (1,), Delivery.UNKNOWN.value: (0, 1)}
    assert arrived in allowed[said], said


async def test_free_busy_is_never_guessed(alice: ServerParts, busy: None, server: ExchangeServer, fault: str):
    broken(server, fault, "GetUserAvailability")
    try:
        (answer,) = await alice.free_busy.free_busy(["bruno@example.org"], WEEK)
    except TransportError as error:
        assert error.message
    else:
        assert answer.problem or len(answer.blocks) == 2


async def test_the_address_book_gives_nobody_or_the_right_one(alice: ServerParts, server: ExchangeServer, fault: str):
    broken(server, fault, "ResolveNames")
    assert [one.address for one in await alice.directory.complete("bru")] in ([], ["bruno@example.org"])


async def test_the_inbox_says_what_is_wrong(alice: ServerParts, server: ExchangeServer, fault: str):
    broken(server, fault, "FindItem")
    try:
        assert list(await alice.messages.messages()) == []
    except TransportError as error:
        assert error.message


async def test_a_check_of_the_account_says_what_is_wrong(alice: ServerParts, server: ExchangeServer, fault: str):
    broken(server, fault, "GetFolder")
    with pytest.raises(PartagendaError) as told:
        await alice.calendars.check()
    assert told.value.message
