"""Inbox, outbox and ledger over real services."""

from __future__ import annotations

import email.policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from core.calendar.people import Address
from core.calendar.span import preset_range
from core.ports.calendars import CalendarKind
from core.services.email_calendar import Draft, SnapshotRequest
from core.services.outbox_store import OutboxState
from core.sharing.snapshot import SnapshotOptions
from tui.screens.confirm import ConfirmDialog
from tui.screens.inbox import InboxScreen
from tui.screens.ledger import LedgerScreen
from tui.screens.outbox import OutboxScreen
from tui.screens.save_files import SaveFilesDialog

BRUNO = Address("bruno@example.org", "Bruno")


async def message(world) -> tuple[Draft, object, object]:
    from core.calendar.span import Preset

    days = preset_range(Preset.TODAY, world.services.clock.now().date())
    request = SnapshotRequest(await world.calendar(), SnapshotOptions(days))
    prepared = await world.services.email.prepare(request)
    draft = Draft(request, (BRUNO,))
    return draft, prepared, world.services.email.compose(prepared, draft)


async def submit(world) -> None:
    draft, prepared, composed = await message(world)
    await world.services.email.send(composed, draft, prepared)


@pytest.fixture
def show(running):
    def run(make):
        async def flow(app):
            app.answer = await app.push_screen_wait(make())

        return running(flow)

    return run


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    folder = tmp_path / "Maildir"
    for part in ("new", "cur", "tmp"):
        (folder / part).mkdir(parents=True)
    return folder


@pytest.fixture
def receiver(tmp_path, maildir):
    """A machine whose inbox is `maildir`."""
    from core.bootstrap import open_services
    from core.config.paths import Paths
    from core.config.settings import load

    config = tmp_path / "receiver.toml"
    config.write_text(
        '[me]\nname = "Bruno"\naddress = "bruno@example.org"\ntime_zone = "Europe/Paris"\n'
        f'[accounts.inbox]\ntype = "maildir"\npath = "{maildir}"\n'
    )
    config.chmod(0o600)
    return open_services(load(config), Paths.below(tmp_path / "receiver"))


async def test_a_calendar_in_the_inbox_opens_as_a_snapshot(world, receiver, maildir, show):
    _draft, _prepared, composed = await message(world)
    (maildir / "new" / "1.eml").write_bytes(composed.message)
    async with show(lambda: InboxScreen(receiver)) as (app, pilot, until):
        await until(InboxScreen)
        await pilot.pause(0.5)
        await pilot.press("enter")
        await until(None)
        assert (app.answer.kind, app.answer.name) == (CalendarKind.SNAPSHOT, "Alice Martin – Work")


async def test_the_inbox_shows_the_true_address_the_level_and_the_text(world, receiver, maildir, show, shown):
    _draft, _prepared, composed = await message(world)
    (maildir / "new" / "1.eml").write_bytes(composed.message)
    async with show(lambda: InboxScreen(receiver)) as (app, pilot, until):
        await until(InboxScreen)
        await pilot.pause(0.5)
        text = shown(app)
        assert all(part in text for part in ("<alice@example.org>", "Availability only", "Alice Martin Calendar"))


async def test_a_message_that_is_no_calendar_says_why_it_cannot_be_opened(receiver, maildir, show, shown):
    invitation = EmailMessage(policy=email.policy.SMTP)
    invitation["From"], invitation["To"], invitation["Subject"] = "alice@example.org", "bruno@example.org", "Meeting"
    invitation["Message-ID"] = "<1@example.org>"
    invitation.set_content("Please come [@click=app.quit]x[/]")
    invitation.add_alternative(
        b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART:20261123T090000Z\r\n"
        b"SUMMARY:Meeting\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        "text",
        "calendar",
        params={"method": "REQUEST"},
    )
    (maildir / "new" / "1.eml").write_bytes(bytes(invitation))
    async with show(lambda: InboxScreen(receiver)) as (app, pilot, until):
        await until(InboxScreen)
        await pilot.pause(0.5)
        assert app.screen.query_one("#open").disabled
        assert "It is about one meeting." in " ".join(shown(app).split())


async def test_an_empty_inbox_says_how_to_name_a_maildir(world, show, shown):
    async with show(lambda: InboxScreen(world.services)) as (app, pilot, until):
        await until(InboxScreen)
        await pilot.pause(0.3)
        assert 'type = "maildir"' in shown(app)


async def test_what_waits_is_in_the_outbox_with_its_reason(without_account, show, shown):
    await submit(without_account)
    async with show(lambda: OutboxScreen(without_account.services)) as (app, pilot, until):
        await until(OutboxScreen)
        await pilot.pause(0.4)
        text = shown(app)
        assert "waiting for you" in text and "No account can send mail yet." in text


async def test_a_waiting_message_is_dropped_only_after_a_yes(without_account, show):
    await submit(without_account)
    outbox = without_account.services.outbox
    async with show(lambda: OutboxScreen(without_account.services)) as (_app, pilot, until):
        await until(OutboxScreen)
        await pilot.pause(0.4)
        await pilot.press("d")
        await until(ConfirmDialog)
        await pilot.press("enter")
        await until(OutboxScreen)
        kept = len(await outbox.items())
        await pilot.press("d")
        await until(ConfirmDialog)
        await pilot.press("d")
        await pilot.pause(0.4)
        waiting = [item for item in await outbox.items() if item.state is OutboxState.WAITING]
        assert (kept, waiting) == (1, [])


async def test_the_source_of_a_message_can_be_read_before_it_goes(without_account, show, shown):
    await submit(without_account)
    async with show(lambda: OutboxScreen(without_account.services)) as (app, pilot, until):
        await until(OutboxScreen)
        await pilot.pause(0.4)
        await pilot.press("m")
        await pilot.pause(0.3)
        assert "To: Bruno <bruno@example.org>" in shown(app)


async def test_a_waiting_message_can_be_written_as_a_file(without_account, show, tmp_path):
    await submit(without_account)
    async with show(lambda: OutboxScreen(without_account.services)) as (app, pilot, until):
        await until(OutboxScreen)
        await pilot.pause(0.4)
        await pilot.press("w")
        await until(SaveFilesDialog)
        app.screen.query_one("#folder").value = str(tmp_path / "saved")
        await pilot.press("enter")
        await until(OutboxScreen)
        await pilot.pause(0.3)
        assert (tmp_path / "saved" / "message.eml").read_bytes().startswith(b"From:")


async def test_the_ledger_names_person_calendar_level_and_range(world, show, shown):
    await submit(world)
    async with show(lambda: LedgerScreen(world.services)) as (app, pilot, until):
        await until(LedgerScreen)
        await pilot.pause(0.4)
        text = shown(app)
        assert all(part in text for part in ("bruno@example.org", "Work · Nov 22, 2026", "Availability only", "sent"))
