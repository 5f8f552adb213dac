"""Addresses: what is one, what is none, and what must never reach a header."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.calendar.people import Address, clean_name, parse_address, parse_addresses, unique
from core.errors import UsageError


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("alice@example.org", Address("alice@example.org")),
        (" <alice@example.org> ", Address("alice@example.org")),
        ("Alice Martin <alice@example.org>", Address("alice@example.org", "Alice Martin")),
        ('"Martin, Alice" <alice@example.org>', Address("alice@example.org", "Martin, Alice")),
        (r'"A \"M\"" <alice@example.org>', Address("alice@example.org", 'A "M"')),
        ("a.b+c@mail.example.org", Address("a.b+c@mail.example.org")),
        ("éva@exämple.org", Address("éva@exämple.org")),
    ],
)
def test_an_address_is_read_with_and_without_a_name(text: str, address: Address) -> None:
    assert parse_address(text) == address


@pytest.mark.parametrize(
    "text",
    ["", "alice", "@example.org", "alice@", "a@b@example.org", "alice@exa mple.org", "alice@-example.org",
     "a@example.org, b@example.org", "alice@example..org", "=?utf-8?q?a=0D=0ABcc:_x?=@example.org",
     "alice@example.org\r\nBcc: clara@example.net", "alice@example.org\x00", "x" * 65 + "@example.org", "<>", "a <b"],
)  # fmt: skip
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_address(text)


def test_the_refusal_shows_what_was_typed_without_its_control_characters() -> None:
    with pytest.raises(UsageError) as refused:
        parse_address("evil\x1b]52;c\x07")
    assert "\x1b" not in refused.value.message


def test_an_encoded_word_in_a_name_is_broken_up() -> None:
    assert parse_address("=?utf-8?q?Team=0D=0ABcc:_x?= <alice@example.org>").name.startswith("= ?")


@given(st.text(max_size=60))
def test_a_clean_name_is_one_line_without_encoded_words(name: str) -> None:
    cleaned = clean_name(name)
    assert "=?" not in cleaned and len(cleaned.splitlines()) <= 1


@given(st.text(max_size=60))
def test_cleaning_twice_changes_nothing_more(name: str) -> None:
    assert clean_name(clean_name(name)) == clean_name(name)


@given(st.text(st.characters(blacklist_categories=("Cc", "Cf", "Cs", "Zl", "Zp")), max_size=30))
def test_a_written_address_is_read_as_the_same(name: str) -> None:
    address = Address("alice@example.org", clean_name(name))
    assert parse_address(str(address)) == address


def test_a_list_is_cut_at_commas_semicolons_and_line_ends_outside_of_quotes() -> None:
    found = parse_addresses('"Martin, Alice" <alice@example.org>; bruno@example.org,\nClara <clara@example.net>,')
    assert [address.address for address in found] == ["alice@example.org", "bruno@example.org", "clara@example.net"]


def test_a_mailbox_that_is_named_twice_is_kept_once() -> None:
    assert parse_addresses("Alice@Example.org, alice@example.org") == (Address("Alice@Example.org"),)


def test_one_bad_address_refuses_the_list() -> None:
    with pytest.raises(UsageError, match="nobody"):
        parse_addresses("alice@example.org, nobody")


def test_the_first_of_two_spellings_stays() -> None:
    first = Address("alice@example.org", "Alice")
    assert unique([first, Address("ALICE@example.org")]) == (first,)


def test_the_domain_is_in_lower_case() -> None:
    assert Address("alice@Example.ORG").domain == "example.org"
