"""GetUserConfiguration: what Outlook keeps in folders about a person."""

from __future__ import annotations

import base64

import pytest

from core.sandbox.exchange.xml import children, parse, text_of


def ask(name: str, folder: str, wanted: str = "All", owner: str = "") -> str:
    mailbox = f"<t:Mailbox><t:EmailAddress>{owner}</t:EmailAddress></t:Mailbox>" if owner else ""
    return (
        f'<m:GetUserConfiguration><m:UserConfigurationName Name="{name}"><t:DistinguishedFolderId Id="{folder}">'
        f"{mailbox}</t:DistinguishedFolderId></m:UserConfigurationName><m:UserConfigurationProperties>{wanted}"
        "</m:UserConfigurationProperties></m:GetUserConfiguration>"
    )


def test_the_options_say_the_persons_time_zone(empty):
    (message,) = empty.messages(ask("OWA.UserOptions", "root"))
    entries = {
        text_of(each, "DictionaryKey", "Value"): text_of(each, "DictionaryValue", "Value")
        for each in children(message, "UserConfiguration", "Dictionary")
    }
    assert entries["timezone"] == "Romance Standard Time"


def test_the_working_hours_are_a_file_of_xml(empty):
    (message,) = empty.messages(ask("WorkHours", "calendar", "XmlData"))
    content = parse(base64.b64decode(text_of(message, "UserConfiguration", "XmlData")))
    assert "Monday Tuesday Wednesday Thursday Friday" in "".join(content.itertext())
    assert list(children(message, "UserConfiguration", "Dictionary")) == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (ask("Nonsense", "calendar"), "ErrorItemNotFound"),
        (ask("OWA.UserOptions", "root", owner="bruno@example.org"), "ErrorAccessDenied"),
    ],
)
def test_what_is_not_there_or_somebody_elses_is_not_given(empty, body, code):
    assert empty.code(body) == code
