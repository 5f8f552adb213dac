"""The story that `demo --check` tells holds, and a step that does not hold is told."""

from __future__ import annotations

import pytest

from core.language import use_language
from core.sandbox.story import StepFailed, Story, check
from core.services.email_calendar import EmailCalendar


@pytest.mark.slow
async def test_the_whole_story_holds_in_french():
    """In English: tests/hostile/test_watched_story.py."""
    use_language("fr")
    lines: list[str] = []
    assert await check(lines.append, "fr"), "\n".join(lines)


@pytest.mark.slow
async def test_a_story_in_which_more_is_seen_than_was_shown_does_not_hold(monkeypatch):
    usual = EmailCalendar.view_as

    async def less(self, level, calendar, days):
        return (await usual(self, level, calendar, days))[1:]

    monkeypatch.setattr(EmailCalendar, "view_as", less)
    assert not await check(lambda _line: None)


def test_a_step_that_does_not_hold_gives_its_reason():
    lines: list[str] = []
    with pytest.raises(StepFailed):
        Story(lines.append).step("The sky is green", False, "it is blue")
    assert lines == [" 1. FAILED  The sky is green: it is blue"]
