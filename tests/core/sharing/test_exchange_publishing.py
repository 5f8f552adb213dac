"""Publish This Calendar: the commands, the links that come back, and the rule about Anonymous."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import UsageError
from core.sharing.detail import DetailLevel
from core.sharing.exchange_publishing import (
    SET,
    ExchangeOptions,
    FolderState,
    Period,
    command,
    folder_identity,
    parameters,
    period_for,
    quoted,
    read_links,
    ways,
)
from core.sharing.policy import parse_policy

WHO = folder_identity("alice@example.org", "Calendar")
PRINTED = """
PublishedCalendarUrl : https://mail.example.org/owa/calendar/1f@example.org/9e/S-1-8-2/calendar.html
PublishedICalUrl     : https://mail.example.org/owa/calendar/1f@example.org/9e/S-1-8-2/calendar.ics
"""


def test_the_command_says_everything_that_was_chosen() -> None:
    options = ExchangeOptions(DetailLevel.LIMITED, Period.ONE_MONTH, Period.SIX_MONTHS, public=True)
    assert command(SET, parameters(WHO, options)) == (
        "Set-MailboxCalendarFolder -Identity 'alice@example.org:\\Calendar' -PublishEnabled $true"
        " -DetailLevel LimitedDetails -PublishDateRangeFrom OneMonth -PublishDateRangeTo SixMonths"
        " -SearchableUrlEnabled $true"
    )


def test_stopping_says_nothing_else() -> None:
    stop = command(SET, parameters(WHO, None))
    assert stop == "Set-MailboxCalendarFolder -Identity 'alice@example.org:\\Calendar' -PublishEnabled $false"


def test_new_links_are_a_switch() -> None:
    assert command(SET, parameters(WHO, ExchangeOptions(), new_links=True)).endswith(" -ResetUrl")


@pytest.mark.parametrize(
    ("folder", "identity"),
    [("Calendrier", "a@x:\\Calendrier"), ("Calendar/Team", "a@x:\\Calendar\\Team"), ("", "a@x:\\Calendar")],
)
def test_a_folder_has_its_own_name(folder, identity) -> None:
    assert folder_identity("a@x", folder) == identity


@given(st.text(max_size=40))
def test_no_name_of_a_folder_ends_its_quotes(text) -> None:
    inner = quoted(text)[1:-1]
    for sign in "'\u2018\u2019\u201a\u201b":
        inner = inner.replace(sign * 2, "")
    assert not set(inner) & set("'\u2018\u2019\u201a\u201b\n\r")


@pytest.mark.parametrize(
    ("days", "period"), [(0, "OneDay"), (1, "OneDay"), (30, "OneMonth"), (60, "ThreeMonths"), (400, "OneYear")]
)
def test_a_span_becomes_the_shortest_period_that_holds_it(days, period) -> None:
    assert period_for(days).value == period


def test_the_links_are_found_in_what_the_command_printed() -> None:
    links = read_links(PRINTED)
    assert links.page.endswith("calendar.html")
    assert links.webcal == "webcal://mail.example.org/owa/calendar/1f@example.org/9e/S-1-8-2/calendar.ics"


def test_links_that_the_shell_broke_are_joined() -> None:
    assert read_links(PRINTED.replace("S-1-8-2/", "S-1-8-2/\r\n                       ")).ics.endswith("2/calendar.ics")


@pytest.mark.parametrize("text", ["", "https://mail.example.org/calendar.html", "javascript:alert(1).ics x.html"])
def test_what_holds_no_two_links_is_refused_with_a_hint(text) -> None:
    with pytest.raises(UsageError) as caught:
        read_links(text)
    assert caught.value.hint


def test_what_the_server_says_is_read_with_its_defaults() -> None:
    state = FolderState.read({"PublishEnabled": True, "DetailLevel": "FullDetails", "PublishDateRangeTo": "Unknown"})
    assert (state.enabled, state.options.level, state.options.after) == (True, DetailLevel.FULL, Period.THREE_MONTHS)


def test_with_an_anonymous_rule_the_server_publishes_and_webdav_is_closed() -> None:
    found = ways(parse_policy(["Anonymous: CalendarSharingFreeBusyDetail"]))
    assert (found.exchange, found.webdav, found.most) == (True, False, DetailLevel.LIMITED)
    assert "Anonymous" in found.reason


def test_without_one_webdav_is_the_way() -> None:
    found = ways(parse_policy(["*: CalendarSharingFreeBusySimple"]))
    assert (found.exchange, found.webdav) == (False, True)
    assert "WebDAV" in found.reason


def test_an_unknown_policy_closes_nothing() -> None:
    found = ways(None)
    assert (found.exchange, found.webdav) == (True, True)
