"""The sandbox's Exchange for programs by others, and what they asked of it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

from core.calendar.event import CalendarObject
from core.calendar.span import TimeSpan
from core.ical.moments import to_utc
from core.ical.recurrence import expand
from core.sandbox.calendars import calendars_of
from core.sandbox.exchange.schema import Schema
from core.sandbox.exchange.seed import organisation
from core.sandbox.exchange.server import Exchanged, ExchangeServer
from core.sandbox.people import Accounts, Person
from tests.interop.peers import PARIS, midnight

Occurrence = tuple[datetime, datetime, str]
"""Start and end in UTC, and title."""


@dataclass
class Asked:
    """Requests by operation; those that the schema does not allow, with the reason; answers that it does not."""

    operations: Counter[str] = field(default_factory=Counter)
    invalid_requests: Counter[str] = field(default_factory=Counter)
    invalid_answers: list[str] = field(default_factory=list)
    checked: int = 0
    schema: Schema | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, seen: Exchanged) -> None:
        """One request and its answer; of a stream, each piece."""
        with self.lock:
            self.operations[seen.operation] += 1
            if self.schema is None:
                return
            self.checked += 1
            for problem in self.schema.problems(seen.request)[:1]:
                self.invalid_requests[f"{seen.operation}: {problem.partition(': ')[2]}"] += 1
            self.invalid_answers += [f"{seen.operation}: {problem}" for problem in self.schema.problems(seen.answer)]

    def table(self, name: str, did: list[str]) -> str:
        """What is shown at the end."""
        lines = [f"\n{name}: {sum(self.operations.values())} requests of {len(self.operations)} operations"]
        lines += [f"  {count:4} {operation}" for operation, count in self.operations.most_common()]
        lines += [f"  {line}" for line in did]
        lines.append(f"  schema: {self.checked} requests and answers, {len(self.invalid_answers)} answers invalid")
        lines += [f"  not by the schema ({count}): {what[:150]}" for what, count in self.invalid_requests.items()]
        return "\n".join(lines)


@dataclass
class Office:
    """A running Exchange with everybody's sample calendar."""

    server: ExchangeServer
    accounts: Accounts
    asked: Asked

    def calendar(self, key: str = "alice"):
        """The stored calendar of a person."""
        boxes = self.server.organisation.mailboxes.values()
        return next(box for box in boxes if box.key == key).distinguished["calendar"]

    def stored(self, title: str, key: str = "alice"):
        """The item of that title, None where there is none."""
        return next((item for item in self.calendar(key).items.values() if item.text("Subject") == title), None)


@contextmanager
def office(folder: Path) -> Iterator[Office]:
    """Over plain HTTP. The schema refuses nothing here: what is not by it is counted."""
    accounts = Accounts.fresh(folder)
    with ExchangeServer(organisation(), accounts) as server:
        asked = Asked(schema=server.schema)
        server.schema = None
        server.watchers.append(asked)
        yield Office(server, accounts, asked)
    assert server.crashes == []


def monday() -> date:
    """The Monday of the week that is read: next week's, so that each series is in it."""
    today = datetime.now(PARIS).date()
    return today + timedelta(days=7 - today.weekday())


def week() -> TimeSpan:
    """Seven days from that Monday."""
    return TimeSpan(midnight(monday()), midnight(monday() + timedelta(days=7)))


def occurrences(things: list[CalendarObject], span: TimeSpan) -> set[Occurrence]:
    """What takes place in a time, all-day items by the zone of Paris; cancelled ones too."""
    found: set[Occurrence] = set()
    for thing in things:
        for one in expand(thing, span, PARIS).occurrences:
            found.add((to_utc(one.start, PARIS), to_utc(one.end, PARIS), one.event.title))
    return found


def expected(person: Person, span: TimeSpan) -> set[Occurrence]:
    """What the person's sample calendar has then, from before it went into the server."""
    sample = calendars_of(person, datetime.now(PARIS).date(), "en")[0]
    return occurrences(list(sample.objects), span)
