"""The choices of the dialog, and which of them exclude each other."""

from __future__ import annotations

import pytest

from core.calendar.event import BusyStatus
from core.sharing.detail import (
    DetailLevel,
    attachments_choice,
    hours_choice,
    private_choice,
    status_word,
    strongest,
)


@pytest.mark.parametrize(("level", "enabled"), list(zip(DetailLevel, [False, True, True], strict=True)))
def test_private_items_can_be_chosen_where_details_are_shown(level: DetailLevel, enabled: bool) -> None:
    assert private_choice(level).enabled is enabled


@pytest.mark.parametrize(("level", "enabled"), list(zip(DetailLevel, [False, False, True], strict=True)))
def test_attachments_can_be_chosen_at_full_details(level: DetailLevel, enabled: bool) -> None:
    assert attachments_choice(level).enabled is enabled


def test_what_cannot_be_chosen_says_why() -> None:
    assert all(
        choice.reason for choice in (private_choice(DetailLevel.AVAILABILITY), attachments_choice(DetailLevel.LIMITED))
    )


def test_working_hours_can_always_be_chosen() -> None:
    assert hours_choice().enabled


def test_the_stronger_status_wins() -> None:
    order = [
        BusyStatus.FREE,
        BusyStatus.WORKING_ELSEWHERE,
        BusyStatus.TENTATIVE,
        BusyStatus.BUSY,
        BusyStatus.OUT_OF_OFFICE,
    ]
    assert [strongest(order[: count + 1]) for count in range(5)] == order


def test_nothing_is_free() -> None:
    assert strongest([]) is BusyStatus.FREE


def test_the_words_are_outlooks() -> None:
    words = ["Free", "Tentative", "Busy", "Out of Office", "Working Elsewhere"]
    assert [status_word(status) for status in BusyStatus] == words
