"""Secrets are looked up by a few of their letters; that must find what looking for each of them finds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.sharing import canaries
from core.sharing.canaries import Canaries, Words

WORD = st.text("abcdé1日", min_size=1, max_size=12)
TEXTS = st.lists(st.lists(WORD, min_size=1, max_size=9).map(" ".join), max_size=12)


def secrets(texts: list[str]) -> Canaries:
    words = Words()
    for number, text in enumerate(texts):
        words.add(f"kind {number}", text, False)
    return Canaries(words, ())


@given(TEXTS, st.lists(WORD, max_size=12), st.sampled_from([" ", ""]))
def test_a_secret_is_found_by_its_letters_as_by_comparing_each(texts, own, between):
    text = between.join([*own, *texts[:1], *own])
    ours = secrets(texts)
    found = [one for one in ours._secrets if one.text in text]
    assert [one for one in ours._marks.within(text) if one.text in text] == found


def test_a_text_of_many_secrets_that_begin_alike_is_compared_with_few():
    ours = secrets([f"meeting with customer number {number:05}xyz" for number in range(2000)])
    assert len(list(ours._marks.within("meeting with customer number 00042xyz"))) < 20


def test_a_long_text_is_compared_with_every_secret(monkeypatch):
    monkeypatch.setattr(canaries, "_LONG", 10)
    assert secrets(["merger talks", "sick leave"]).find("nothing of them, sick leave") == "kind 1"
