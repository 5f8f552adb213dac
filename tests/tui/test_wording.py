from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from core.calendar.span import WHOLE_CALENDAR, DateRange, WorkingHours
from core.language import use_language
from core.ports.mail import Delivery, RecipientResult
from core.services.outbox_store import OutboxItem, OutboxState, ShareFacts
from tui.wording import hours_text, outcome_text, range_text, range_with_days, size_text

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("days", "short", "long"),
    [
        (WHOLE_CALENDAR, "Whole calendar", "Everything in it, past and future"),
        (DateRange(date(2026, 11, 22), date(2026, 11, 22)), "Nov 22, 2026", "Sunday, November 22, 2026"),
        (
            DateRange(date(2026, 11, 22), date(2026, 11, 28)),
            "Nov 22 – 28, 2026",
            "Sun, Nov 22 – Sat, Nov 28, 2026 · 7 days",
        ),
        (
            DateRange(date(2026, 12, 30), date(2027, 1, 2)),
            "Dec 30, 2026 – Jan 2, 2027",
            "Dec 30, 2026 – Jan 2, 2027 · 4 days",
        ),
    ],
)
def test_a_range_is_said_with_as_little_as_is_clear(days, short, long):
    assert (range_text(days), range_with_days(days)) == (short, long)


@pytest.mark.parametrize(
    ("hours", "text"),
    [
        (WorkingHours(), "Mon – Fri, 8:00 AM – 5:00 PM"),
        (WorkingHours(frozenset({0, 2}), time(9), time(12)), "Mon, Wed, 9:00 AM – 12:00 PM"),
        (WorkingHours(frozenset()), "no working days"),
    ],
)
def test_working_hours_are_said_in_a_line(hours, text):
    assert hours_text(hours) == text


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 bytes"), (1, "1 byte"), (999, "999 bytes"), (1001, "2 KB"), (1_300_000, "1.3 MB")]
)
def test_a_size_is_said_in_a_unit_that_one_can_grasp(count, text):
    assert size_text(count) == text


@pytest.mark.parametrize(
    ("state", "deliveries", "words", "severity"),
    [
        (OutboxState.SENT, "ss", "Sent to a@example.org, b@example.org.", "information"),
        (OutboxState.PARTLY, "sr", "Sent to some: b@example.org: no such person", "warning"),
        (OutboxState.UNKNOWN, "uu", "It may have been sent; nobody can know. the line broke", "warning"),
        (OutboxState.FAILED, "rr", "Not sent. the line broke", "error"),
        (OutboxState.WAITING, "qq", "Kept in the outbox. the line broke", "warning"),
        (OutboxState.PREPARED, "qq", "In the outbox; the next attempt is at 9:00 AM. the line broke", "warning"),
    ],
)
def test_each_end_of_a_message_is_told_in_its_own_words(state, deliveries, words, severity):
    use_language("en")
    kinds = {"s": Delivery.SENT, "r": Delivery.REFUSED, "u": Delivery.UNKNOWN, "q": Delivery.QUEUED}
    results = tuple(
        RecipientResult(f"{name}@example.org", kinds[kind], "no such person" if kind == "r" else "")
        for name, kind in zip("ab", deliveries, strict=True)
    )
    item = OutboxItem(
        "i", "m", "s", state, results, 1, NOW, NOW, NOW, "", "the line broke", "", "", ShareFacts("c", "full", "all")
    )  # fmt: skip
    assert outcome_text(item, UTC) == (words, severity)
