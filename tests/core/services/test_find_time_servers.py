"""Finding a time with servers: their answer is of this moment; where none answers, a copy has to do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from core.calendar.event import BusyStatus
from core.calendar.span import DateRange, TimeSpan
from core.errors import Unreachable
from core.ports.servers import Availability, BusyBlock
from core.services.find_time import Freshness
from tests.core.services.test_find_time import Shelf, ask, finder, local, snapshot

NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)


class Server:
    """Answers for Bruno, or fails."""

    account = "office"

    def __init__(self, *blocks: BusyBlock, problem: str = "", error: Unreachable | None = None) -> None:
        self.blocks, self.problem, self.error = blocks, problem, error
        self.asked: list[str] = []

    async def free_busy(self, addresses: Sequence[str], span: TimeSpan) -> Sequence[Availability]:
        self.asked += addresses
        if self.error:
            raise self.error
        return [Availability(address, () if self.problem else self.blocks, None, self.problem) for address in addresses]


def busy(hours: int, status: BusyStatus = BusyStatus.BUSY) -> BusyBlock:
    return BusyBlock(TimeSpan(NINE + timedelta(hours=hours), NINE + timedelta(hours=hours + 1)), status)


MONDAY = DateRange(date(2026, 11, 23), date(2026, 11, 23))


async def test_the_servers_answer_is_live_and_goes_before_a_copy():
    shelf = Shelf()
    shelf.put("Bruno", **snapshot(MONDAY, timedelta(days=3)))
    found = await finder(shelf, servers=[Server(busy(1))]).find(ask("bruno@example.org", days=MONDAY))
    (source,) = found.sources
    assert (source.freshness, len(source.busy)) == (Freshness.LIVE, 1)
    assert ("23T10:00", "23T11:00") not in local(found.slots)


async def test_tentative_and_working_elsewhere_count_as_they_do_in_calendars():
    server = Server(busy(1, BusyStatus.TENTATIVE), busy(3, BusyStatus.WORKING_ELSEWHERE), busy(5, BusyStatus.FREE))
    strict = await finder(Shelf(), servers=[server]).find(ask("bruno@example.org", days=MONDAY))
    easy = await finder(Shelf(), servers=[server]).find(ask("bruno@example.org", days=MONDAY, tentative_is_free=True))
    assert (len(strict.sources[0].busy), len(easy.sources[0].busy)) == (1, 0)


async def test_where_the_server_does_not_answer_a_copy_has_to_do():
    shelf = Shelf()
    shelf.put("Bruno", **snapshot(MONDAY))
    found = await finder(shelf, servers=[Server(error=Unreachable("no answer"))]).find(
        ask("bruno@example.org", days=MONDAY)
    )
    assert found.sources[0].freshness is Freshness.COPY


async def test_whom_the_server_does_not_know_is_unknown_with_its_reason_and_never_free():
    found = await finder(Shelf(), servers=[Server(problem="nobody of this address")]).find(
        ask("bruno@example.org", days=MONDAY)
    )
    (source,) = found.sources
    assert (source.freshness, source.problem, found.slots) == (Freshness.UNKNOWN, "nobody of this address", ())


async def test_a_second_server_is_asked_for_whom_the_first_does_not_know():
    first, second = Server(problem="unknown"), Server(busy(1))
    found = await finder(Shelf(), servers=[first, second]).find(ask("bruno@example.org", days=MONDAY))
    assert found.sources[0].freshness is Freshness.LIVE
    assert second.asked == ["bruno@example.org"]


async def test_no_server_is_asked_for_ones_own_time_or_for_a_calendars_name():
    shelf, server = Shelf(), Server()
    shelf.put("Work")
    await finder(shelf, servers=[server]).find(ask("Work", "alice@example.org", days=MONDAY))
    assert server.asked == []
