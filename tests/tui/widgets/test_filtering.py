"""Which events a filter lets through."""

from __future__ import annotations

import pytest

from core.calendar.event import Attendee, BusyStatus
from tui.widgets.filtering import EntryFilter


@pytest.mark.parametrize("text", ["budget", "BUDGET 2026", "room", ""])
def test_every_word_stands_in_title_or_place(at, text):
    assert EntryFilter(text).fits(at(0, 9, 10, "Budget 2026", place="Room 4"))


def test_a_word_that_is_missing_hides_the_event(at):
    assert not EntryFilter("budget 2027").fits(at(0, 9, 10, "Budget 2026"))


@pytest.mark.parametrize("person", ["bruno", "example.org", "Bruno Lef"])
def test_a_person_is_found_by_name_or_address(at, person):
    entry = at(0, 9, 10, attendees=(Attendee("bruno@example.org", "Bruno Lefèvre"),))
    assert EntryFilter(person=person).fits(entry)


def test_an_organizer_is_a_person_too(at):
    assert EntryFilter(person="clara").fits(at(0, 9, 10, organizer=Attendee("clara@example.net")))


def test_parts_of_two_people_are_nobody(at):
    people = (Attendee("a@example.org", "Alice Martin"), Attendee("b@example.org", "Bruno Lefèvre"))
    assert not EntryFilter(person="alice lefèvre").fits(at(0, 9, 10, attendees=people))


def test_a_status_lets_only_its_own_through(at):
    found = EntryFilter(status=BusyStatus.TENTATIVE).of(
        [at(0, 9, 10, "Busy"), at(0, 9, 10, "Perhaps", BusyStatus.TENTATIVE)]
    )
    assert [entry.title for entry in found] == ["Perhaps"]


def test_an_empty_filter_is_none():
    assert not EntryFilter("  ", " ")


def test_a_filter_says_in_words_what_is_shown():
    assert EntryFilter("budget", "bruno", BusyStatus.BUSY).words == "only budget, bruno, Busy"
