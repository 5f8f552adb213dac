"""Sharing policies as Exchange writes them: who gets how much, and the words for it."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Unreadable
from core.sharing.detail import DetailLevel
from core.sharing.permissions import NAMED_LEVELS, PermissionLevel, level_for
from core.sharing.policy import SharingAction, parse_policy, parse_rule

STOCK = ["Anonymous:CalendarSharingFreeBusyReviewer", "*:CalendarSharingFreeBusySimple"]


def test_a_rule_is_read_as_exchange_writes_it():
    rule = parse_rule("mail.example.net: CalendarSharingFreeBusyDetail, ContactsSharing")
    assert rule.domain == "mail.example.net"
    assert rule.actions == {SharingAction.DETAIL, SharingAction.CONTACTS}
    assert str(rule) == "mail.example.net: CalendarSharingFreeBusyDetail, ContactsSharing"


@pytest.mark.parametrize(
    "text", ["", "example.net", "example.net:", "example.net: Everything", ": ContactsSharing", "a b: ContactsSharing"]
)
def test_what_is_no_rule_is_refused_and_never_read_as_allowing(text: str):
    with pytest.raises(Unreadable):
        parse_rule(text)


@given(st.text(max_size=60))
def test_any_text_is_a_rule_or_refused(text: str):
    with contextlib.suppress(Unreadable):
        assert parse_rule(text).actions


def test_several_actions_for_one_domain_add_up_to_the_most():
    policy = parse_policy(
        ["example.net: CalendarSharingFreeBusySimple", "example.net: CalendarSharingFreeBusyDetail, ContactsSharing"]
    )
    assert policy.decide("clara@example.net").most is DetailLevel.LIMITED


def test_the_exact_domain_beats_the_star_and_the_star_beats_anonymous():
    policy = parse_policy([*STOCK, "example.net: CalendarSharingFreeBusyDetail"])
    federated = ["partner.example"]
    assert policy.decide("clara@EXAMPLE.net", federated).most is DetailLevel.LIMITED
    assert policy.decide("x@partner.example", federated).most is DetailLevel.AVAILABILITY
    assert policy.decide("x@elsewhere.example", federated).most is DetailLevel.FULL


def test_a_domain_does_not_include_its_subdomains():
    policy = parse_policy(["example.net: CalendarSharingFreeBusyReviewer"])
    assert policy.decide("clara@mail.example.net").most is None


def test_a_star_says_nothing_about_organisations_that_are_not_federated():
    assert parse_policy(["*: CalendarSharingFreeBusyReviewer"]).decide("clara@example.net").most is None


def test_a_rule_about_contacts_lets_no_calendar_through():
    decision = parse_policy(["example.net: ContactsSharing"]).decide("clara@example.net")
    assert decision.most is None
    assert "example.net" in decision.reason


def test_a_policy_that_is_switched_off_lets_nothing_through():
    policy = parse_policy(STOCK, enabled=False)
    decision = policy.decide("clara@example.net")
    assert decision.levels == ()
    assert "switched off" in decision.reason
    assert policy.most_published is None


@pytest.mark.parametrize("most", DetailLevel)
def test_levels_over_the_most_cannot_be_chosen_and_the_reason_says_what_can(most: DetailLevel):
    action = list(SharingAction)[list(DetailLevel).index(most)]
    decision = parse_policy([f"Anonymous:{action}"]).decide("clara@example.net")
    order = list(DetailLevel)
    for detail in order:
        choice = decision.choice(detail)
        assert choice.enabled == (order.index(detail) <= order.index(most))
        assert choice.enabled or most.label in choice.reason
    assert decision.levels == tuple(level_for(detail) for detail in order[: order.index(most) + 1])


def test_nobody_outside_is_ever_let_write():
    decision = parse_policy(STOCK).decide("clara@example.net")
    allowed = [level for level in NAMED_LEVELS if decision.allows(level)]
    assert allowed == [
        PermissionLevel.NONE,
        PermissionLevel.FREE_BUSY,
        PermissionLevel.FREE_BUSY_DETAILED,
        PermissionLevel.REVIEWER,
    ]


def test_publishing_by_the_server_and_to_webdav_exclude_each_other():
    with_rule, without = parse_policy(STOCK), parse_policy(["*:CalendarSharingFreeBusySimple"])
    assert (with_rule.most_published, with_rule.webdav_allowed) == (DetailLevel.FULL, False)
    assert (without.most_published, without.webdav_allowed) == (None, True)


def test_the_reason_names_whom_the_rule_is_about():
    policy = parse_policy(["*:CalendarSharingFreeBusySimple", "example.net: CalendarSharingFreeBusyDetail"])
    assert "example.net" in policy.decide("clara@example.net").reason
    assert "partner organisations" in policy.decide("x@partner.example", ["partner.example"]).reason
    assert "no rule" in policy.decide("x@elsewhere.example").reason
