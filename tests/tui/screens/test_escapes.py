"""Hostile text in every place where a dialog shows what others wrote: seen, and only seen."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from textual import events
from textual.widgets import TextArea

from core.calendar.entry import Entry
from core.calendar.event import Attachment, Attendee, BusyStatus, CalendarObject, Event, Occurrence
from core.calendar.people import Address
from core.calendar.span import WorkingHours
from core.ports.calendars import CalendarInfo, CalendarKind
from core.ports.mail import Delivery, RecipientResult
from core.services.drafts import new_draft
from core.services.edit_checks import Check
from core.services.history import Action, Doing, Facts, HistoryEntry, State
from core.services.inbox import InboxItem, InboxMessage
from core.services.ledger import LedgerEntry, LedgerState
from core.services.outbox_store import OutboxItem, OutboxState, ShareFacts
from core.sharing.incoming import MessageKind
from tests.soak import chance, scaled, soak
from tests.tui.cli.test_terminal import FAMILIES
from tui.screens.accounts_hint import AccountsHint
from tui.screens.answer_meeting import AnswerMeetingDialog
from tui.screens.compose import ComposeScreen
from tui.screens.confirm import ConfirmDialog
from tui.screens.conflict import ConflictDialog
from tui.screens.email_calendar import SendCalendarDialog
from tui.screens.event_details import EventDetailsDialog
from tui.screens.event_form import EventForm, FormFacts
from tui.screens.history import HistoryScreen
from tui.screens.inbox import InboxScreen
from tui.screens.ledger import LedgerScreen
from tui.screens.meeting_messages import MeetingMessagesDialog
from tui.screens.move_events import MoveEventsDialog, Transfer
from tui.screens.open_calendar import OpenCalendarDialog
from tui.screens.outbox import OutboxScreen
from tui.screens.preview import PreviewScreen
from tui.screens.quick_add import QuickAddDialog
from tui.screens.resume_draft import ResumeDraftDialog
from tui.screens.save_files import SaveFilesDialog
from tui.screens.scope import ScopeDialog
from tui.screens.working import WorkingDialog

CONTROLS = "".join(map(chr, [*range(0x20), 0x7F, *range(0x80, 0xA0)]))
HOSTILE = [
    "Budget [/2026]",
    "[@click=app.quit]x[/]",
    "[bold red]x[/bold red] [link=https://evil.example.net]y[/link]",
    "a\x1b]52;c;ZXZpbA==\x07b\x1b[2Jc\x9b31md\x1b]8;;https://evil.example.net\x1b\\e",
    "\u202eevil\u2066\u200b\u2028z",
    CONTROLS,
]
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
WHEN = (datetime(2026, 11, 23, 9, tzinfo=UTC), datetime(2026, 11, 23, 10, tzinfo=UTC))


class _Clock:
    zone = ZoneInfo("Europe/Paris")

    @staticmethod
    def now() -> datetime:
        return NOW


def _event(text: str) -> Event:
    person = Attendee(f"{text}@example.org", text)
    return Event(
        "u", *WHEN, text, text, text, organizer=person, attendees=(person,), categories=(text,), url=text, rrule=text,
        attachments=(Attachment(text, url=text),),
    )  # fmt: skip


def details(text: str, _prepared):
    event = _event(text)
    stored = SimpleNamespace(object=CalendarObject("u", (event,)))
    info = CalendarInfo("c", text, "local", CalendarKind.LOCAL)
    return EventDetailsDialog(
        SimpleNamespace(calendar=info, stored=stored, occurrence=Occurrence(event, *WHEN)), _Clock.zone
    )


def send(text: str, _prepared):
    infos = [CalendarInfo("c", text, "local", CalendarKind.LOCAL)]
    return SendCalendarDialog(infos, "c", date(2026, 11, 22), WorkingHours())


def preview(text: str, prepared):
    snapshot = replace(prepared.snapshot, calendar_name=text, owner=Address("a@example.org", text))
    return PreviewScreen(
        replace(
            prepared, snapshot=snapshot, text=text, ics=text.encode(), filename=text, leaves=(text,), warnings=(text,)
        )
    )


def compose(text: str, prepared):
    async def people(_text: str) -> list[Address]:
        return [Address("b@example.org", text)]

    snapshot = replace(prepared.snapshot, calendar_name=text, owner=Address("a@example.org", text))
    draft = replace(new_draft("c", prepared.request.options), to=text, cc=text, bcc=text, subject=text, message=text)
    return ComposeScreen(replace(prepared, snapshot=snapshot, filename=text), text, [text], people, draft)


def resume(text: str, prepared):
    draft = replace(new_draft("c", prepared.request.options), to=text, subject=text, message=text, saved=NOW)
    return ResumeDraftDialog(draft, text)


def inbox(text: str, _prepared):
    item = InboxItem("i", MessageKind.SNAPSHOT, Address("a@example.org", text), text, text, "full", NOW, "mail")

    class Fake:
        problems = ()

        async def items(self):
            return [item]

        async def show(self, _id):
            return InboxMessage(item, text, (text,), True, text)

    async def nothing():
        return []

    meetings = SimpleNamespace(take_in_all=nothing)
    return InboxScreen(SimpleNamespace(inbox=Fake(), clock=_Clock, meetings=meetings))


async def _true(_result: object) -> bool:
    return True


async def _nobody(_text: str) -> list[Address]:
    return []


def quick(text: str, _prepared):
    at = (datetime(2026, 11, 24, 9, tzinfo=UTC), datetime(2026, 11, 24, 10, tzinfo=UTC))
    return QuickAddDialog(text, NOW, at, _true)


def form(text: str, _prepared):
    facts = FormFacts(text, _Clock, None, _nobody, lambda words: words)
    return EventForm(_event(text), facts, _true)


def scope(text: str, _prepared):
    return ScopeDialog(text, text)


def conflict(text: str, _prepared):
    version = CalendarObject("u", (_event(text),))
    return ConflictDialog(text, version, version, UTC, both=True)


def transfer(text: str, _prepared):
    there = Entry("i", "u", "c", text, NOW, NOW, BusyStatus.BUSY)
    return MoveEventsDialog(text, [Transfer(text, Check((text,), (there,), (text,), (text,)))], move=True)


def telling(text: str, _prepared):
    return MeetingMessagesDialog(text, [text], [text])


def answer(text: str, _prepared):
    return AnswerMeetingDialog(text, [text], text)


def history(text: str, _prepared):
    entry = HistoryEntry(1, NOW, Facts(Action.MOVE, text, text, text), State.DONE, Doing.NOTHING)

    class Fake:
        async def history(self, _limit):
            return [entry]

    return HistoryScreen(SimpleNamespace(editing=Fake(), clock=_Clock), None, None)


def outbox(text: str, _prepared):
    results = (RecipientResult(text, Delivery.REFUSED, text),)
    facts = ShareFacts(text, text, text)
    item = OutboxItem(
        "i", "m", text, OutboxState.FAILED, results, 1, NOW, NOW, NOW, text, text, text, text, facts
    )  # fmt: skip

    class Fake:
        async def items(self):
            return [item]

    return OutboxScreen(SimpleNamespace(outbox=Fake(), jobs=None, clock=_Clock))


def ledger(text: str, _prepared):
    class Fake:
        async def entries(self, _person=None):
            return [LedgerEntry(text, text, text, text, text, NOW, LedgerState.SENT)]

    return LedgerScreen(SimpleNamespace(ledger=Fake(), clock=_Clock))


def files(text: str, _prepared):
    name = text.replace("/", "_").replace("\0", "")[:60]
    folder = Path.cwd() / "hostile"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.ics").write_text("x")
    return OpenCalendarDialog(folder)


def save(text: str, _prepared):
    return SaveFilesDialog(Path("/tmp") / text.replace("\0", ""), (text,))


SINKS = {
    "confirm": lambda text, _prepared: ConfirmDialog(text, text, text, text),
    "working": lambda text, _prepared: WorkingDialog(text),
    "accounts": lambda text, _prepared: AccountsHint(Path(text.replace("\0", ""))),
    "details": details,
    "send": send,
    "preview": preview,
    "compose": compose,
    "resume": resume,
    "inbox": inbox,
    "quick": quick,
    "form": form,
    "scope": scope,
    "conflict": conflict,
    "transfer": transfer,
    "telling": telling,
    "answer": answer,
    "history": history,
    "outbox": outbox,
    "ledger": ledger,
    "files": files,
    "save": save,
}


@pytest.mark.parametrize("text", HOSTILE, ids=["closing", "click", "style", "escapes", "bidi", "controls"])
@pytest.mark.parametrize("sink", SINKS)
async def test_hostile_text_is_shown_and_obeyed_by_nobody(stage, shown, prepared, tmp_path, monkeypatch, sink, text):
    monkeypatch.chdir(tmp_path)
    async with stage(lambda: SINKS[sink](text, prepared), (120, 40)) as (app, pilot):
        await pilot.pause(0.1)
        standing = shown(app)
        styles = [segment.style for strip in app.screen._compositor.render_strips() for segment in strip]
        assert not [c for c in standing if c != "\n" and not c.isprintable() and ord(c) < 0x1100], repr(standing)
        assert not [c for c in "\u202e\u2066\u200b\u2028" if c in standing]
        assert not [style for style in styles if style is not None and (style.link or style.meta.get("@click"))]


@pytest.mark.slow
@pytest.mark.parametrize("sink", SINKS)
@soak("escapes: 65 control characters × 9 families × every sink", scaled(1, 65))
async def test_no_control_character_in_any_family_leaves_a_dialog(stage, shown, prepared, tmp_path, monkeypatch, sink):
    monkeypatch.chdir(tmp_path)
    controls = [chr(code) for code in (*range(0x20), *range(0x7F, 0xA0))]
    for control in chance(40).sample(controls, scaled(1, 65)):
        families = chance(41).sample(FAMILIES, len(FAMILIES))
        text = "".join(family.format(c=control) for family in families) + "end"
        async with stage(lambda text=text: SINKS[sink](text, prepared), (120, 40)) as (app, pilot):
            await pilot.pause()
            standing = shown(app)
            assert not [c for c in standing if c != "\n" and not c.isprintable() and ord(c) < 0x1100], repr(standing)
            assert not [c for c in "\u202e\u2066\u200b\u2028" if c in standing]


@pytest.mark.parametrize(
    "sink",
    [
        "details",
        "send",
        "preview",
        "inbox",
        "form",
        "scope",
        "transfer",
        "history",
        "outbox",
        "ledger",
        "confirm",
        "files",
    ],
)
async def test_brackets_are_shown_as_they_are(stage, shown, prepared, tmp_path, monkeypatch, sink):
    monkeypatch.chdir(tmp_path)
    async with stage(lambda: SINKS[sink]("A [/2026] [b]", prepared), (120, 40)) as (app, pilot):
        await pilot.pause(0.1)
        assert ("A [/2026] [b]" if sink != "files" else "A [_2026] [b]") in shown(app)


async def test_a_notice_with_hostile_words_is_only_seen(stage, prepared, shown):
    async with stage(lambda: ConfirmDialog("a", "b", "c"), (120, 40)) as (app, pilot):
        from tui.clipboard import copy

        copy(app, "x\x1b]52;c;ZXZpbA==\x07[@click=app.quit]y[/]")
        await pilot.pause()
        assert app.copied == ["x␛]52;c;ZXZpbA==␇[@click=app.quit]y[/]"]


async def test_what_the_editor_brought_back_is_cleaned(stage, prepared):
    async def nobody(_text: str) -> list[Address]:
        return []

    make = lambda: ComposeScreen(prepared, "S", ["mail"], nobody, edit=lambda _text: "a\x1b[2Jb\nc")  # noqa: E731
    async with stage(make) as (app, pilot):
        await pilot.press("f4")
        await pilot.pause()
        assert app.screen.query_one("#words", TextArea).text == "a␛[2Jb\nc"


def test_a_range_that_nobody_wrote_is_shown_as_it_stands():
    from tui.wording import range_label

    assert [range_label(text) for text in ("2026-11-22..x", "..", "[b]", "all")] == [
        "2026-11-22..x",
        "..",
        "[b]",
        "Whole calendar",
    ]
    assert range_label("2026-11-22..2026-11-28") == "Nov 22 – 28, 2026"


@pytest.mark.parametrize("field", ["to-line", "subject", "words"])
async def test_what_is_pasted_is_cleaned_before_it_is_drawn(stage, prepared, shown, field):
    async def nobody(_text: str) -> list[Address]:
        return []

    async with stage(lambda: ComposeScreen(prepared, "S", ["mail"], nobody), (120, 40)) as (app, pilot):
        app.screen.query_one(f"#{field}").focus()
        await pilot.pause()
        app.post_message(events.Paste(CONTROLS.replace("\n", "").replace("\r", "") + "\u202eend"))
        await pilot.pause()
        standing = shown(app)
        assert "end" in standing
        assert not [c for c in standing if c != "\n" and not c.isprintable()]
