from __future__ import annotations

from datetime import date

import pytest

from core.errors import UsageError
from core.language import use_language
from core.language.typed_date import read_date

SUNDAY = date(2026, 11, 22)


@pytest.fixture(autouse=True)
def english():
    use_language("en")
    yield
    use_language("en")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2026-12-01", date(2026, 12, 1)),
        ("20261201", date(2026, 12, 1)),
        (" today ", SUNDAY),
        ("Tomorrow", date(2026, 11, 23)),
        ("yesterday", date(2026, 11, 21)),
        ("+7", date(2026, 11, 29)),
        ("-2w", date(2026, 11, 8)),
        ("monday", date(2026, 11, 23)),
        ("sun", SUNDAY),
        ("next sunday", date(2026, 11, 29)),
        ("8/14", date(2027, 8, 14)),
        ("12/31/26", date(2026, 12, 31)),
        ("14.8.", date(2027, 8, 14)),
        ("14.8.2030", date(2030, 8, 14)),
        ("Aug 14", date(2027, 8, 14)),
        ("14 august 2028", date(2028, 8, 14)),
        ("25", date(2026, 11, 25)),
        ("3", date(2026, 12, 3)),
        ("31", date(2026, 12, 31)),
        ("2/29", date(2028, 2, 29)),
        ("22", SUNDAY),
    ],
)
def test_a_date_is_understood_as_an_english_speaker_types_it(text, wanted):
    assert read_date(text, SUNDAY) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("14/8", date(2027, 8, 14)),
        ("14 août", date(2027, 8, 14)),
        ("1er février 2027", date(2027, 2, 1)),
        ("aujourd’hui", SUNDAY),
        ("demain", date(2026, 11, 23)),
        ("lundi prochain", date(2026, 11, 23)),
        ("dimanche prochain", date(2026, 11, 29)),
        ("mar", date(2026, 11, 24)),
        ("tomorrow", date(2026, 11, 23)),
    ],
)
def test_a_date_is_understood_as_a_french_speaker_types_it(text, wanted):
    use_language("fr")
    assert read_date(text, SUNDAY) == wanted


@pytest.mark.parametrize(
    "text", ["", "soon", "2026-13-01", "30/30", "32", "+9999999", "ju 3", "m", "0/0", "+3x", "\x1b[31m"]
)
def test_what_is_no_date_is_refused_with_the_forms_that_are_understood(text):
    with pytest.raises(UsageError) as caught:
        read_date(text, SUNDAY)
    assert "2026-11-22" in caught.value.hint


def test_the_last_day_there_is_cannot_be_passed():
    with pytest.raises(UsageError):
        read_date("+99999", date.max)
