"""The address book: one match, several, none."""

from __future__ import annotations

import pytest

from core.sandbox.exchange.xml import child, children, text_of

ASK = '<m:ResolveNames ReturnFullContactData="{full}"><m:UnresolvedEntry>{entry}</m:UnresolvedEntry></m:ResolveNames>'


def ask(exchange, entry, full="false"):
    (message,) = exchange.messages(ASK.format(entry=entry, full=full))
    return message


@pytest.mark.parametrize("entry", ["alice", "Alice Martin", "mart", "ALICE@example.org", "smtp:alice@example.org"])
def test_somebody_is_found_by_name_alias_and_address(empty, entry):
    (found,) = children(ask(empty, entry), "ResolutionSet")
    assert text_of(found, "Mailbox", "EmailAddress") == "alice@example.org"


@pytest.mark.parametrize("entry", ["nobody", "clara@example.net", "lice"])
def test_nobody_is_said_so(empty, entry):
    message = ask(empty, entry)
    assert (message.get("ResponseClass"), text_of(message, "ResponseCode")) == ("Error", "ErrorNameResolutionNoResults")


def test_several_are_a_warning_with_all_of_them(empty):
    empty.store.add_mailbox("alex", "Alex Martin", "alex@example.org", "Europe/Paris")
    message = ask(empty, "martin")
    code = "ErrorNameResolutionMultipleResults"
    assert (message.get("ResponseClass"), text_of(message, "ResponseCode")) == ("Warning", code)
    assert len(list(children(message, "ResolutionSet"))) == 2


def test_more_is_said_of_somebody_when_it_is_asked_for(empty):
    (found,) = children(ask(empty, "bruno", "true"), "ResolutionSet")
    contact = child(found, "Contact")
    assert (text_of(contact, "DisplayName"), text_of(contact, "Surname")) == ("Bruno Lefèvre", "Lefèvre")
