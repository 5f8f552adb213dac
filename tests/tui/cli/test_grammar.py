"""What one may write after a command, and how a mistake is explained."""

import pytest

from core.errors import UsageError
from core.language import use_language
from tui.cli.grammar import RANGE, YES, Command, Given, Option, Word, help_text, parse

SEND = Command(
    "send",
    "E-mail a calendar.",
    None,
    (Word("calendar", "CALENDAR"),),
    (Option("to", "Who gets it.", "ADDRESS", many=True), RANGE, YES, Option("message", "Words.", "TEXT")),
)
SEARCH = Command("search", "Find.", None, (Word("word", "WORD", many=True),))
OPTIONAL = Command("doctor", "Check.", None, (Word("file", "FILE", required=False),))


def refused(command: Command, *arguments: str) -> UsageError:
    with pytest.raises(UsageError) as error:
        parse(command, arguments)
    return error.value


def test_words_and_options_may_stand_in_any_order():
    given = parse(SEND, ["--range", "7d", "Work", "--to", "a@example.org"])
    assert (given.text("calendar"), given.text("range"), given.all("to")) == ("Work", "7d", ("a@example.org",))


def test_a_rolling_range_is_a_value_though_it_begins_with_a_minus():
    assert parse(SEND, ["Work", "--range", "-30d..+60d"]).text("range") == "-30d..+60d"


def test_a_value_may_stand_behind_an_equals_sign():
    assert parse(SEND, ["Work", "--range=-30d..+60d"]).text("range") == "-30d..+60d"


def test_an_option_with_several_values_ends_at_the_next_option():
    given = parse(SEND, ["Work", "--to", "a@example.org", "b@example.org", "--yes"])
    assert given.all("to") == ("a@example.org", "b@example.org")
    assert given.has("yes")


def test_an_option_given_twice_adds_up():
    assert parse(SEND, ["Work", "--to", "a@example.org", "--to", "b@example.org"]).all("to") == (
        "a@example.org",
        "b@example.org",
    )


def test_behind_two_dashes_everything_is_a_word():
    assert parse(SEARCH, ["--", "--json", "-x"]).all("word") == ("--json", "-x")


def test_a_single_dash_is_a_word_and_a_value():
    assert parse(SEARCH, ["-"]).all("word") == ("-",)
    assert parse(SEND, ["Work", "--message", "-"]).text("message") == "-"


def test_every_command_takes_json_and_config():
    given = parse(SEND, ["Work", "--json", "--config", "/c.toml"])
    assert given.has("json")
    assert given.text("config") == "/c.toml"


def test_help_is_given_even_where_words_are_missing():
    assert parse(SEND, ["-h"]).has("help")


def test_an_unknown_option_is_named_with_the_nearest_one():
    assert "--range" in refused(SEND, "Work", "--rage", "7d").hint


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("Work", "--range"), "--range"),
        (("Work", "--range", "--yes"), "--range"),
        (("Work", "--yes=1"), "--yes"),
        ((), "CALENDAR"),
        (("Work", "Home"), "Home"),
        (("Work", "-x"), "-x"),
    ],
)
def test_a_mistake_is_named(arguments: tuple[str, ...], part: str):
    assert part in refused(SEND, *arguments).message


def test_an_optional_word_may_be_missing():
    assert not parse(OPTIONAL, []).has("file")


def test_a_missing_option_has_its_default():
    assert Given({}).text("range", "today") == "today"


def test_help_names_every_option_in_the_persons_language():
    use_language("fr")
    text = help_text(SEND)
    assert all(f"--{name}" in text for name in ("to", "range", "yes", "message", "json", "config"))
