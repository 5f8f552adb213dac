"""Microsoft's schema is held against what comes and what goes."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

from core.sandbox.exchange.errors import SoapFault
from core.sandbox.exchange.schema import VARIABLE, InvalidAnswer, schema_at_hand
from core.sandbox.exchange.xml import Element, m, s, t, to_bytes


@pytest.fixture
def schema():
    found = schema_at_hand()
    if found is None:
        pytest.skip(
            f"Microsoft's schema of Exchange Web Services is not there: {VARIABLE} names the folder of messages.xsd"
        )
    return found


def envelope(content: Element) -> bytes:
    return to_bytes(s("Envelope", s("Body", content)))


def get_folder(*parts: Element) -> Element:
    ids = m("FolderIds", t("DistinguishedFolderId", Id="calendar"))
    return m("GetFolder", *(parts or (m("FolderShape", t("BaseShape", "IdOnly")), ids)))


def test_what_the_schema_allows_has_no_problem(schema):
    assert schema.problems(envelope(get_folder())) == []


@pytest.mark.parametrize(
    "wrong",
    [
        get_folder(m("FolderIds", t("DistinguishedFolderId", Id="calendar"))),
        get_folder(m("FolderShape", t("BaseShape", "Everything"))),
        m("Nonsense"),
    ],
)
def test_a_request_that_it_does_not_allow_is_a_fault(schema, wrong):
    with pytest.raises(SoapFault) as fault:
        schema.check_request(envelope(wrong))
    assert fault.value.code == "ErrorSchemaValidation"


def test_an_answer_that_it_does_not_allow_says_what_is_wrong(schema, monkeypatch):
    monkeypatch.setattr("core.sandbox.exchange.schema.COUNTS", Counter())  # the suite's own count stays at none
    with pytest.raises(InvalidAnswer) as error:
        schema.check_answer(envelope(m("GetFolderResponse", m("Folders"))))
    assert "Folders" in str(error.value)


def test_the_header_is_looked_at_too(schema):
    version = t("RequestServerVersion", Version="Exchange1999")
    wrong = to_bytes(s("Envelope", s("Header", version), s("Body", get_folder())))
    assert any("Exchange1999" in problem for problem in schema.problems(wrong))


def test_without_the_folder_nothing_is_checked(monkeypatch, tmp_path: Path):
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    assert schema_at_hand() is None
    monkeypatch.delenv(VARIABLE)
    assert VARIABLE not in os.environ
    assert schema_at_hand() is None


def test_a_running_server_refuses_what_the_schema_does_not_allow(schema, exchange):
    status, content = exchange.post("<m:GetFolder><m:FolderIds/></m:GetFolder>")
    assert (status, b"ErrorSchemaValidation" in content) == (500, True)
