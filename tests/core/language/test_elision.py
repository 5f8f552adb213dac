"""Whose calendar it is, in English and French."""

from __future__ import annotations

import pytest

from core.language import use_language
from core.language.elision import calendar_of


@pytest.mark.parametrize(
    ("language", "name", "said"),
    [
        ("en", "Alice Martin", "Alice Martin Calendar"),
        ("fr", "Alice Martin", "Calendrier d’Alice Martin"),
        ("fr", "Élodie", "Calendrier d’Élodie"),
        ("fr", "Yves", "Calendrier d’Yves"),
        ("fr", "Yann", "Calendrier de Yann"),
        ("fr", "Bruno Keller", "Calendrier de Bruno Keller"),
        ("fr", "Hugo", "Calendrier de Hugo"),
        ("fr", "", "Calendrier de "),
        ("fr", "O{0}", "Calendrier d’O{0}"),
    ],
)
def test_a_calendar_is_called_by_its_owner(language, name, said):
    use_language(language)
    assert calendar_of(name) == said
