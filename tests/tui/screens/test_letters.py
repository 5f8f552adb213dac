"""The underlined letters of a dialog lead to one place each, in every language."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest

from core.calendar.event import Event
from core.calendar.span import DateRange, WorkingHours
from core.language import LANGUAGES, use_language
from core.services.drafts import new_draft
from core.services.share_plan import SharePlan, ShareRequest
from tui.screens.accounts_hint import AccountsHint
from tui.screens.answer_meeting import AnswerMeetingDialog
from tui.screens.confirm_share import ConfirmShareDialog
from tui.screens.conflict import ConflictDialog
from tui.screens.date_range import DateRangeDialog
from tui.screens.email_calendar import SendCalendarDialog
from tui.screens.event_form import EventForm, FormFacts
from tui.screens.go_to_date import GoToDateDialog
from tui.screens.leave_message import LeaveMessageDialog
from tui.screens.meeting_messages import MeetingMessagesDialog
from tui.screens.preview import PreviewScreen
from tui.screens.repetition import RepetitionDialog
from tui.screens.resume_draft import ResumeDraftDialog

WHEN = datetime(2026, 11, 24, 9, tzinfo=UTC)


async def _save() -> None: ...


async def _nobody(_text: str) -> list[object]:
    return []


async def _true(_result: object) -> bool:
    return True


class _Clock:
    zone = UTC

    @staticmethod
    def now() -> datetime:
        return WHEN


NAMES = (
    *("send", "range", "go to", "leave", "resume", "preview", "accounts"),
    *("form", "recurrence", "conflict", "telling", "answer", "share"),
)


@pytest.fixture
def make(calendars, today, prepared, tmp_path):
    event = Event("", WHEN, WHEN)
    return {
        "send": lambda: SendCalendarDialog(calendars, "local/work", today, WorkingHours()),
        "range": lambda: DateRangeDialog(DateRange(today, today), today),
        "go to": lambda: GoToDateDialog(today, today),
        "leave": LeaveMessageDialog,
        "resume": lambda: ResumeDraftDialog(new_draft("c", prepared.request.options), "Work"),
        "preview": lambda: PreviewScreen(prepared, save=_save),
        "accounts": lambda: AccountsHint(tmp_path),
        "form": lambda: EventForm(event, FormFacts("x", _Clock, None, _nobody, str), _true),
        "recurrence": lambda: RepetitionDialog(WHEN, "", today, UTC),
        "conflict": lambda: ConflictDialog("x", None, None, UTC, both=True),
        "telling": lambda: MeetingMessagesDialog("x", [], []),
        "answer": lambda: AnswerMeetingDialog("x", [], ""),
        "share": lambda: ConfirmShareDialog(SharePlan(ShareRequest("local/work", ()), calendars[0], ())),
    }


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
async def test_no_letter_leads_to_two_places(stage, make, name, language):
    use_language(language)
    async with stage(make[name]) as (app, _pilot):
        letters = [widget.letter for widget in app.screen.query("Caption, Tick, LetterButton") if widget.letter]
        assert [letter for letter, times in Counter(letters).items() if times > 1] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("range", "go to")])
async def test_no_letter_is_taken_by_a_key_of_the_page(stage, make, name, language):
    use_language(language)
    async with stage(make[name]) as (app, _pilot):
        letters = [widget.letter for widget in app.screen.query("Caption, Tick, LetterButton") if widget.letter]
        assert [letter for letter in letters if letter in app.screen.active_bindings] == []


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_field_of_the_main_dialog_has_a_letter(stage, make, language):
    use_language(language)
    async with stage(make["send"]) as (app, _pilot):
        assert [str(widget.id) for widget in app.screen.query("Caption, Tick") if not widget.letter] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["send", "range", "go to", "leave", "resume", "preview", "accounts"])
async def test_at_80_by_24_no_button_is_off_the_screen(stage, make, name, language):
    use_language(language)
    async with stage(make[name]) as (app, pilot):
        await pilot.pause()
        screen = app.screen.region
        buttons = [button for button in app.screen.query("Button") if button.display and button.region.height]
        assert buttons
        assert [button.id for button in buttons if not screen.contains_region(button.region)] == []
