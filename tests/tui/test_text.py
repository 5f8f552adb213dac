"""The one door: nothing that a terminal obeys comes through, and what comes through can still be read."""

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.widgets import Static

from tui.text import cell_width, cells, clean, in_ascii, json_text, plain, speaks_unicode, use_ascii

CONTROLS = [chr(code) for code in (*range(0x20), *range(0x7F, 0xA0))]
HIDING = [
    "\u202e",
    "\u2066",
    "\u2069",
    "\u200b",
    "\u200e",
    "\u2028",
    "\u2029",
    "\ufeff",
    "\u2060",
    "\U000e0041",
    "\ud800",
]


@pytest.fixture
def ascii_terminal():
    use_ascii()
    yield
    use_ascii(False)


def test_there_are_sixty_five_control_characters():
    assert len(CONTROLS) == 65


@pytest.mark.parametrize("character", CONTROLS, ids=lambda c: f"{ord(c):02x}")
def test_each_control_character_is_shown_as_something_visible(character: str):
    cleaned = clean(f"a{character}b")
    assert cleaned[0] == "a"
    assert cleaned[-1] == "b"
    assert len(cleaned) == 3
    assert unicodedata.category(cleaned[1]) not in ("Cc", "Cf")


@pytest.mark.parametrize("character", HIDING, ids=lambda c: f"{ord(c):04x}")
def test_what_reorders_or_hides_text_is_made_visible(character: str):
    cleaned = clean(f"a{character}b")
    assert character not in cleaned
    assert len(cleaned) == 3


def test_an_escape_sequence_stays_readable_and_does_nothing():
    assert clean("Budget \x1b]52;c;aGk=\x07 2026") == "Budget ␛]52;c;aGk=␇ 2026"


def test_of_all_of_unicode_no_control_format_or_surrogate_character_comes_through():
    visible = {0x070F, 0x08E2, 0x06DD, 0x110BD, 0x110CD, 0x0890, 0x0891, *range(0x600, 0x606), *range(0x13430, 0x13460)}
    hidden = [c for c in range(0x110000) if unicodedata.category(chr(c)) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
    through = [hex(c) for c in hidden if c not in visible and chr(c) in clean(f"a{chr(c)}b")]
    assert through == []


@given(st.text())
def test_cleaning_twice_changes_nothing_more(text: str):
    assert clean(clean(text)) == clean(text)


@pytest.mark.parametrize("text", ["Réunion – 日本語", "e\u0301té", "שלום", "مرحبا", "naïve\u00a0!"])
def test_ordinary_text_of_any_language_is_left_as_it_is(text: str):
    assert clean(text) == text


def test_line_breaks_stay_only_where_they_are_wanted():
    assert clean("a\r\nb\rc\nd", newline=True) == "a\nb\nc\nd"
    assert "\n" not in clean("a\nb")


def test_a_terminal_without_utf8_gets_ascii_replacements(ascii_terminal: None):
    assert clean("a\x1b\x9b\u202e\u200bb").isascii()
    assert clean("\x1b[2J") == "^[[2J"


def test_brackets_are_text_and_never_markup():
    assert plain("Budget [/2026] [@click=app.quit]x[/]").plain == "Budget [/2026] [@click=app.quit]x[/]"


def test_plain_content_can_be_drawn_where_markup_would_crash():
    assert Static(plain("Budget [/2026]")).content is not None


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("abc", 5, "abc  "),
        ("abcdef", 4, "abc…"),
        ("日本語", 6, "日本語"),
        ("日本語", 5, "日本…"),
        ("日本語", 4, "日… "),
        ("e\u0301te\u0301", 3, "e\u0301te\u0301"),
        ("e\u0301te\u0301s", 3, "e\u0301t…"),
        ("abc", 0, ""),
        ("abc", 1, "…"),
        ("a\x1bc", 3, "a␛c"),
    ],
)
def test_text_is_cut_and_padded_by_terminal_cells(text: str, width: int, expected: str):
    assert cells(text, width) == expected


@given(st.text(), st.integers(0, 40))
def test_cells_fills_exactly_the_width(text: str, width: int):
    assert cell_width(cells(text, width)) == width


def test_json_carries_every_character_and_none_that_steers():
    value = {"title": "".join(CONTROLS) + "é\u202e日"}
    written = json_text(value)
    assert written.isprintable()
    assert written.isascii()
    assert json.loads(written) == value


def test_json_of_a_lone_surrogate_can_be_read_by_everybody():
    assert json.loads(json_text(["a\ud800b"])) == ["a\ufffdb"]


@pytest.mark.parametrize(
    ("text", "plain_text"),
    [("9:00 – 10:00", "9:00 - 10:00"), ("Look again…", "Look again..."), ("“Review”", '"Review"')],
)
def test_our_own_signs_are_ascii_where_the_terminal_does_not_speak_unicode(text, plain_text):
    use_ascii()
    try:
        assert clean(text) == plain_text
    finally:
        use_ascii(False)


@pytest.mark.parametrize("text", ["Réunion", "日本", "┌─▌…", "a\u0301b", "Review"])
def test_text_in_ascii_has_as_many_cells(text):
    found = in_ascii(text)
    assert (found.isascii(), len(found)) == (True, cell_width(text))


def test_letters_lose_their_accents_in_ascii():
    assert in_ascii("Réunion à 9 h…") == "Reunion a 9 h."


@pytest.mark.parametrize(
    ("env", "speaks"),
    [
        ({}, True),
        ({"LANG": "C"}, False),
        ({"LANG": "fr_FR.UTF-8"}, True),
        ({"LC_ALL": "C", "LANG": "fr_FR.UTF-8"}, False),
    ],
)
def test_the_locale_says_whether_the_terminal_speaks_unicode(env, speaks):
    assert speaks_unicode(env) is speaks


def test_textual_breaks_no_line_where_a_space_holds_words_together():
    from textual.content import Content

    import tui.app  # noqa: F401 - it teaches Textual so

    lines = Content("aaaa aaaa «\u00a0b\u00a0» c").wrap(12)
    assert [line.plain.rstrip() for line in lines] == ["aaaa aaaa", "«\u00a0b\u00a0» c"]
