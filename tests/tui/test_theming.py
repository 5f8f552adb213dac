"""Themes as files."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui.theming import DEFAULT, SHIPPED, BadTheme, load, load_all, own_folder, read, shipped_folder

GOOD = 'name = "mine"\nlabel = "Mine"\nprimary = "#336699"\n'


@pytest.fixture
def config(tmp_path: Path) -> Path:
    own_folder(tmp_path).mkdir()
    return tmp_path


def _write(config: Path, name: str, text: str) -> Path:
    path = own_folder(config) / f"{name}.toml"
    path.write_text(text)
    return path


def test_every_shipped_theme_can_be_read():
    assert [path.stem for path in sorted(shipped_folder().glob("*.toml"))] == sorted(SHIPPED)
    assert [read(shipped_folder() / f"{name}.toml").name for name in SHIPPED] == list(SHIPPED)


def test_without_a_wish_the_default_theme_is_taken(config):
    file, problem = load("", config)
    assert (file.name, problem) == (DEFAULT, "")


def test_a_person_s_own_theme_is_found_by_its_name(config):
    _write(config, "mine", GOOD)
    assert load("mine", config)[0].name == "mine"


def test_a_theme_whose_file_has_another_name_is_found_too(config):
    _write(config, "other", GOOD)
    assert load("mine", config)[0].name == "mine"


def test_an_own_theme_goes_before_a_shipped_one_of_the_same_name(config):
    _write(config, "midnight", GOOD.replace("mine", "midnight"))
    assert load("midnight", config)[0].label == "Mine"


def test_an_unknown_theme_is_said_and_the_default_taken(config):
    file, problem = load("nonsense", config)
    assert file.name == DEFAULT
    assert problem == "There is no theme “nonsense”; there are midnight, daylight, terminal, contrast."


def test_a_name_is_never_a_path(config):
    (config / "evil.toml").write_text(GOOD.replace("mine", "evil"))
    assert load("../evil", config)[0].name == DEFAULT


def test_a_broken_theme_is_said_and_the_default_taken(config):
    _write(config, "mine", "name = ")
    file, problem = load("mine", config)
    assert file.name == DEFAULT
    assert problem.startswith("mine.toml: ")


def test_every_broken_theme_is_in_the_list_of_problems(config):
    _write(config, "one", "name = ")
    _write(config, "two", 'name = "two"\nprimary = "no colour"\n')
    _write(config, "mine", GOOD)
    found = load_all(config)
    assert [problem.split(":")[0] for problem in found.problems] == ["one.toml", "two.toml"]
    assert "mine" in found.files


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('name = "a"\n', "“primary” is missing."),
        ('primary = "#123456"\ncolour = "red"\n', "“colour” is not a key of a theme."),
        ('primary = "#123456"\ndark = "yes"\n', "“dark” is true or false."),
        ('primary = "bluish"\n', "“primary” is no colour: bluish."),
        ('primary = "#123456"\nvariables = 3\n', "“variables” is a table."),
        ('primary = "#123456"\n[variables]\nmuted = "?"\n', "“muted” is no colour: ?."),
    ],
)
def test_a_bad_theme_says_what_is_wrong(config, text, problem):
    with pytest.raises(BadTheme, match=r"bad\.toml"):
        read(_write(config, "bad", text))
    assert problem in load_all(config).problems[0]


def test_a_theme_that_is_too_long_says_so_and_is_not_cut(config):
    long = "# " + "x" * 8_192 + '\nprimary = "#123456"\n'
    (own_folder(config) / "long.toml").write_text(long)
    assert "A theme has at most 8 KB." in load_all(config).problems[0]


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"a = " + b"[" * 5_000], ids=["no text", "nested"])
def test_bytes_that_are_no_theme_are_a_problem_and_no_crash(config, content):
    path = own_folder(config) / "bad.toml"
    path.write_bytes(content)
    assert load_all(config).problems


def test_escape_sequences_in_a_theme_never_come_through(config):
    _write(config, "bad", '"\\u001b]0;x\\u0007" = 1\nprimary = "\\u001b[31m"\n')
    assert "\x1b" not in "".join(load_all(config).problems)
