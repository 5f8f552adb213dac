"""Foreign text made fit for a message."""

from __future__ import annotations

import pytest

from core.sharing.wording import header_line, one_line, paragraphs


@pytest.mark.parametrize(
    ("foreign", "fit"),
    [
        ("a\r\nb", "a b"),
        ("a\x00b\x1b[31mc", "a b [31mc"),
        ("a\x85b\u2028c\u2029d\x0be", "a b c d e"),
        ("pay\u202etxt.exe", "paytxt.exe"),
        ("a\ud800b", "ab"),
        ("  a \t b  ", "a b"),
        ("👩\u200d💻 日本語", "👩\u200d💻 日本語"),
    ],
)
def test_a_title_is_one_clean_line(foreign: str, fit: str) -> None:
    assert one_line(foreign) == fit


def test_notes_keep_their_lines_and_lose_control_characters() -> None:
    assert paragraphs("\r\na\r\nb\rc\u2028d \x1b[0m\n\n") == "a\nb\nc\nd  [0m"


def test_encoded_words_are_broken_up() -> None:
    assert header_line("=?utf-8?q?Team=0D=0ABcc:_x?=") == "= ?utf-8?q?Team=0D=0ABcc:_x?="
