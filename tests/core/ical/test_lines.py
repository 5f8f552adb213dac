"""Content lines: what comes in is unfolded before it is decoded, what goes out is folded where RFC 5545 allows it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ical.lines import LineError, escape, fold, parameter, parse_line, split_escaped, unescape, unfold

PRINTABLE = st.text(st.characters(blacklist_categories=("Cc", "Cs")))


def test_a_line_folded_inside_a_character_is_joined_before_it_is_decoded() -> None:
    raw = "SUMMARY:Déjeuner".encode()
    cut = raw.index(b"\xc3") + 1
    assert unfold(raw[:cut] + b"\r\n " + raw[cut:]) == [(1, "SUMMARY:Déjeuner")]


def test_a_logical_line_has_the_number_of_its_first_piece() -> None:
    assert unfold(b"A:1\r\nB:2\r\n 3\r\n\r\nC:4") == [(1, "A:1"), (2, "B:23"), (5, "C:4")]


@pytest.mark.parametrize("end", [b"\r\n", b"\n", b"\r"])
def test_any_line_ending_ends_a_line(end: bytes) -> None:
    assert unfold(b"A:1" + end + b"B:2" + end) == [(1, "A:1"), (2, "B:2")]


def test_a_tab_continues_a_line_too() -> None:
    assert unfold(b"A:1\n\t2") == [(1, "A:12")]


def test_a_byte_order_mark_is_no_part_of_the_first_name() -> None:
    assert unfold(b"\xef\xbb\xbfBEGIN:VCALENDAR") == [(1, "BEGIN:VCALENDAR")]


def test_utf_16_with_its_mark_is_read() -> None:
    assert unfold("BEGIN:VCALENDAR\r\n".encode("utf-16")) == [(1, "BEGIN:VCALENDAR")]


def test_bad_utf_8_is_read_as_the_windows_code_page() -> None:
    assert unfold(b"SUMMARY:Caf\xe9 \x80") == [(1, "SUMMARY:Café €")]


@given(PRINTABLE.filter(lambda text: not text.startswith((" ", "\ufeff"))))
def test_folding_and_unfolding_give_the_same_line(text: str) -> None:
    line = f"X:{text}"
    assert unfold(fold(line)) == [(1, line)]


@given(PRINTABLE)
def test_no_folded_piece_is_longer_than_75_octets(text: str) -> None:
    assert all(len(piece) <= 75 for piece in fold(f"X:{text}").split(b"\r\n"))


@given(PRINTABLE)
def test_no_fold_cuts_a_character(text: str) -> None:
    assert all(piece.decode("utf-8") is not None for piece in fold(f"X:{text}").split(b"\r\n"))


def test_a_line_break_inside_a_line_never_begins_another_property() -> None:
    assert fold("SUMMARY:a\r\nATTACH:file:///etc/passwd").count(b"\r\n") == 1


@given(
    st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="".join(map(chr, range(9))) + "\r\x7f"))
)
def test_an_escaped_text_comes_back(text: str) -> None:
    kept = "".join(c for c in text if c in "\t\n" or ord(c) >= 32)
    assert unescape(escape(text)) == kept


def test_an_escaped_text_has_no_bare_separator() -> None:
    assert escape("a,b;c\\d\ne") == "a\\,b\\;c\\\\d\\ne"


def test_control_characters_do_not_leave_in_a_text() -> None:
    assert escape("a\x1b]52;c\x07b") == "a]52\\;cb"


def test_an_escape_that_nobody_knows_keeps_its_backslash() -> None:
    assert unescape(r"C:\temp\\new \: \"x\" \N") == 'C:\\temp\\new : "x" \n'


def test_a_list_is_cut_only_at_commas_that_are_not_escaped() -> None:
    assert split_escaped(r"a\,b,c\\,d") == [r"a\,b", r"c\\", "d"]


def test_a_colon_inside_quotes_does_not_begin_the_value() -> None:
    assert parse_line('ORGANIZER;CN="a:b;c,d":mailto:a@example.org') == (
        "ORGANIZER",
        {"CN": ["a:b;c,d"]},
        "mailto:a@example.org",
    )


def test_names_of_properties_and_parameters_are_in_upper_case() -> None:
    assert parse_line("summary;language=fr:x") == ("SUMMARY", {"LANGUAGE": ["fr"]}, "x")


def test_a_parameter_may_have_several_values() -> None:
    assert parse_line('A;MEMBER="mailto:a@example.org",b:v')[1] == {"MEMBER": ["mailto:a@example.org", "b"]}


def test_quotes_that_are_never_closed_do_not_eat_the_value() -> None:
    assert parse_line('ATTENDEE;CN="Bruno:mailto:b@example.org')[2] == "mailto:b@example.org"


@pytest.mark.parametrize("line", ["", "no colon", ":value", " :x", "NA ME:x", "É:x"])
def test_what_has_no_name_and_value_is_no_line(line: str) -> None:
    with pytest.raises(LineError):
        parse_line(line)


@given(PRINTABLE)
def test_a_parameter_comes_back(value: str) -> None:
    assert parse_line(f"A;P={parameter(value)}:v")[1] == {"P": [value]}


def test_a_parameter_has_neither_quotes_nor_line_breaks() -> None:
    assert parameter('a"b\nc^') == "a^'b^nc^^"
