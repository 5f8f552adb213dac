"""Nothing leaves without a yes: asked on a terminal, given beforehand elsewhere."""

import io
import sys

import pytest

from core.errors import Refused
from core.language import use_language
from tui.cli import consent


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch):
    def typed(text: str) -> Terminal:
        monkeypatch.setattr(sys, "stdin", Terminal(text))
        screen = Terminal()
        monkeypatch.setattr(sys, "stderr", screen)
        return screen

    return typed


def test_elsewhere_than_on_a_terminal_the_hint_is_yes(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    with pytest.raises(Refused) as refused:
        consent.ask("Send it?", yes=False)
    assert "--yes" in refused.value.hint


def test_yes_beforehand_asks_nothing(answer):
    screen = answer("")
    consent.ask("Send it?", yes=True)
    assert screen.getvalue() == ""


@pytest.mark.parametrize("text", ["y\n", "yes\n", "Y\n"])
def test_on_a_terminal_yes_agrees(answer, text: str):
    screen = answer(text)
    consent.ask("Send it?", yes=False)
    assert screen.getvalue() == "Send it? [y/N] "


@pytest.mark.parametrize("text", ["n\n", "\n", "", "maybe\n"])
def test_everything_else_refuses(answer, text: str):
    answer(text)
    with pytest.raises(Refused):
        consent.ask("Send it?", yes=False)


def test_the_english_yes_is_understood_in_french_too(answer):
    use_language("fr")
    screen = answer("y\n")
    consent.ask("Envoyer ?", yes=False)
    assert screen.getvalue() == "Envoyer ? [o/N] "


def test_the_question_cannot_steer_the_terminal(answer):
    screen = answer("y\n")
    consent.ask("Send “\x1b]52;c;aGk=\x07” to you?", yes=False)
    assert "\x1b" not in screen.getvalue()
