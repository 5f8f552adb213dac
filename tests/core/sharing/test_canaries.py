"""Secrets are looked up by a few of their letters; that must find what looking for each of them finds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.calendar.event import Event
from core.sharing import canaries
from core.sharing.canaries import Canaries, Words, collect
from tests.cost import SECONDS, cheapest

WORD = st.text("abcdé1日", min_size=1, max_size=12)
TEXTS = st.lists(st.lists(WORD, min_size=1, max_size=9).map(" ".join), max_size=12)


def make(html: str) -> Event:
    start = datetime(2026, 11, 23, 11, tzinfo=UTC)
    return Event("one", start, start + timedelta(hours=1), html=html)


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


@pytest.mark.parametrize("end", ["", "-->", "</p>", "</script>", "</p></script>"])
@pytest.mark.parametrize("unit", ["<!-- ", "<script>", "<title>", "<a b='", "<", "a-", "</", "&#"])
def test_notes_in_html_that_are_made_to_eat_time_are_sorted_in_less_than_a_second(unit, end):
    def sort(html: bytes) -> None:
        collect(Words(), make(html.decode()), title=True, details=True, attachments=True)

    seconds, _megabytes = cheapest(sort, b"<p>x</p>" + unit.encode() * 40_000 + end.encode())
    assert seconds < SECONDS


@pytest.mark.parametrize(
    ("html", "hidden", "shown"),
    [
        ("<p>a</p><!-- b --><p>c</p>", [" b "], ["a", "c"]),
        ("a<!-- b <script> c --> d </e>", [" b <script> c "], ["a d "]),
        ("a<script type='x'>b</script >c", ["b"], ["ac"]),
        ("a<!-- never closed", [], ["a<!-- never closed"]),
        ("<p title='b'><a href='http://x/'>a</a></p>", ["b"], ["http://x/", "a"]),
    ],
)
def test_what_notes_in_html_hide_and_what_they_show(html, hidden, shown):
    found = [(kind, text) for kind, text in canaries._html(html) if text]
    assert ([text for kind, text in found if kind != "notes"], [text for kind, text in found if kind == "notes"]) == (
        hidden,
        shown,
    )


def test_a_long_text_is_compared_with_every_secret(monkeypatch):
    monkeypatch.setattr(canaries, "_LONG", 10)
    assert secrets(["merger talks", "sick leave"]).find("nothing of them, sick leave") == "kind 1"
