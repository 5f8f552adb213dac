"""Share Calendar, Calendar Permissions and the inbox, by the keys that a person presses, on a real Exchange."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Button, Input, OptionList, Static

from core.bootstrap import Services
from core.calendar.people import Address
from core.language import use_language
from core.sandbox.exchange.model import Entry
from core.services.share_plan import ShareRequest
from core.sharing.permissions import MATRIX, PermissionLevel
from tests.sharing_office import Office, office_at
from tests.tui.conftest import screen_text
from tui.app import PartagendaApp
from tui.screens.confirm import ConfirmDialog
from tui.screens.confirm_share import ConfirmShareDialog
from tui.screens.email_calendar import SendCalendarDialog
from tui.screens.inbox import InboxScreen
from tui.screens.permissions import PermissionsScreen
from tui.screens.seen import SeenScreen
from tui.screens.share_calendar import ShareCalendarDialog
from tui.widgets.form import Choice, Tick

BRUNO = "bruno@example.org"
pytestmark = pytest.mark.slow


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with office_at(tmp_path / "office") as made:
        yield made


@asynccontextmanager
async def opened(services: Services) -> AsyncIterator[Pilot[object]]:
    await services.library.refresh()
    app = PartagendaApp(services)
    try:
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: app.screen.id == "home" or bool(app.screen.query("#pane-1")))
            await until(pilot, lambda: getattr(app.screen, "active", None) is not None and app.screen.active.info)
            yield pilot
    finally:
        await services.close()


async def until(pilot: Pilot[object], holds: Callable[[], object]) -> None:
    """Wait for a condition, not for a time."""
    for _attempt in range(400):
        await pilot.pause(0.05)
        if holds():
            return
    raise AssertionError(f"never: {text_of(pilot)}")


def text_of(pilot: Pilot[object]) -> str:
    """Everything that stands in the screen's lines of text."""
    return "\n".join(str(one.render()) for one in pilot.app.screen.query(Static))


async def screen_is(pilot: Pilot[object], kind: type) -> None:
    await until(pilot, lambda: isinstance(pilot.app.screen, kind))


def rights(office: Office, address: str = BRUNO):
    folder = office.server.organisation.mailboxes["alice@example.org"].distinguished["calendar"]
    return next((one.rights for one in folder.permissions if one.user == address), None)


async def test_a_calendar_is_shared_by_keys_alone(office: Office):
    async with opened(office.services("alice")) as pilot:
        await pilot.press("S")
        await screen_is(pilot, ShareCalendarDialog)
        await pilot.press(*BRUNO)
        await until(pilot, lambda: "inside the organisation" in text_of(pilot))
        await pilot.press("tab", "tab", "down", "down", "enter")
        await screen_is(pilot, ConfirmShareDialog)
        assert "Sees all details" in " ".join(screen_text(pilot.app).split())
        await pilot.press("s")
        await until(pilot, lambda: rights(office) == MATRIX[PermissionLevel.REVIEWER])
        inbox = office.server.organisation.mailboxes[BRUNO].distinguished["inbox"]
        await until(pilot, lambda: inbox.items)
    [item] = await office.services("bruno").inbox.items()
    assert item.kind.value == "invitation"


async def test_what_they_would_see_is_shown_before_anything_is_shared(office: Office):
    async with opened(office.services("alice")) as pilot:
        await pilot.press("S")
        await screen_is(pilot, ShareCalendarDialog)
        await pilot.press(*BRUNO)
        await until(pilot, lambda: "inside the organisation" in text_of(pilot))
        await pilot.press("tab", "tab", "v")
        await screen_is(pilot, SeenScreen)
        assert "Free/Busy time" in text_of(pilot)
        await pilot.press("escape")
        await screen_is(pilot, ShareCalendarDialog)
        assert pilot.app.screen.query_one("#to-line", Input).value == BRUNO
        await pilot.press("escape")
    assert rights(office) is None


async def test_before_the_yes_each_person_can_be_seen_through_and_nothing_is_shared(office: Office):
    folder = office.server.organisation.mailboxes["alice@example.org"].distinguished["calendar"]
    async with opened(office.services("alice")) as pilot:
        await pilot.press("S")
        await screen_is(pilot, ShareCalendarDialog)
        await pilot.press(*f"{BRUNO}; clara@example.net")
        await until(pilot, lambda: "administrator" in text_of(pilot) or "outside the organisation" in text_of(pilot))
        await pilot.press("tab", "tab", "down", "down", "v")  # of several people one is chosen in the confirmation
        await screen_is(pilot, ConfirmShareDialog)
        await pilot.press("enter")
        await screen_is(pilot, SeenScreen)
        assert "Bruno Lefèvre: Reviewer" in text_of(pilot)
        assert "Budget" in screen_text(pilot.app)
        await pilot.press("escape")
        await screen_is(pilot, ConfirmShareDialog)
        await pilot.press("down", "enter")  # Clara is outside: refused at this level, she sees what she sees now
        await screen_is(pilot, SeenScreen)
        assert "clara@example.net" in text_of(pilot)
        assert "Budget" not in screen_text(pilot.app)
        await pilot.press("escape")
        await screen_is(pilot, ConfirmShareDialog)
        assert pilot.app.screen.query_one("#people", OptionList).highlighted == 1
        await pilot.press("v")
        await screen_is(pilot, SeenScreen)
        await pilot.press("escape")
        await screen_is(pilot, ConfirmShareDialog)
        assert rights(office) is None
        await pilot.press("escape")
        await screen_is(pilot, ShareCalendarDialog)
        await pilot.press("escape")
    assert [one.user for one in folder.permissions if one.user in (BRUNO, "clara@example.net")] == []


async def test_levels_that_the_policy_refuses_cannot_be_chosen_and_say_why(office: Office):
    async with opened(office.services("alice")) as pilot:
        await pilot.press("S")
        await screen_is(pilot, ShareCalendarDialog)
        await pilot.press(*"clara@example.net")
        await until(pilot, lambda: "administrator" in text_of(pilot))
        levels = pilot.app.screen.query_one("#detail", OptionList)
        assert [levels.get_option_at_index(n).disabled for n in range(3)] == [False, True, True]
        assert "Sharing policy: example.net: CalendarSharingFreeBusySimple" in text_of(pilot)
        await pilot.press("escape")


async def test_who_is_refused_is_offered_a_copy_that_opens_the_email_dialog(office: Office):
    office.server.organisation.federated = frozenset()
    async with opened(office.services("alice")) as pilot:
        await pilot.press("S")
        await screen_is(pilot, ShareCalendarDialog)
        await pilot.press(*"clara@example.net")
        await until(pilot, lambda: "federation" in text_of(pilot))
        await pilot.press("enter")
        await screen_is(pilot, ConfirmDialog)
        assert "Do you want to send them a copy" in text_of(pilot)
        await pilot.press("s")
        await screen_is(pilot, SendCalendarDialog)
        await pilot.press("escape")
    assert rights(office, "clara@example.net") is None


async def test_a_level_is_changed_shown_as_a_difference_and_written_once(office: Office):
    folder = office.server.organisation.mailboxes["alice@example.org"].distinguished["calendar"]
    folder.permissions.append(Entry(BRUNO, MATRIX[PermissionLevel.REVIEWER]))
    async with opened(office.services("alice")) as pilot:
        await pilot.press("P")
        await screen_is(pilot, PermissionsScreen)
        await pilot.press("down", "down", "tab", "right")
        await pilot.press("f9")
        await screen_is(pilot, ConfirmDialog)
        assert "Bruno Lefèvre: Reviewer → Nonediting Author" in text_of(pilot)
        before = office.server.counts["UpdateFolder"]
        await pilot.press("c")
        await until(pilot, lambda: rights(office) == MATRIX[PermissionLevel.NONEDITING_AUTHOR])
        assert office.server.counts["UpdateFolder"] == before + 1


async def test_ticking_one_right_makes_the_level_custom_and_back(office: Office):
    async with opened(office.services("alice")) as pilot:
        await pilot.press("P")
        await screen_is(pilot, PermissionsScreen)
        screen = pilot.app.screen
        screen.query_one("#visible", Tick).focus()
        await pilot.press("space")
        assert screen.query_one("#level", Choice).chosen is PermissionLevel.CUSTOM
        await pilot.press("space")
        assert screen.query_one("#level", Choice).chosen is PermissionLevel.FREE_BUSY
        await pilot.press("escape")
    assert office.server.counts["UpdateFolder"] == 0


async def test_default_cannot_be_removed_and_the_page_says_what_to_do(office: Office):
    async with opened(office.services("alice")) as pilot:
        await pilot.press("P")
        await screen_is(pilot, PermissionsScreen)
        await pilot.press("delete")
        await until(pilot, lambda: "Set it to None instead" in text_of(pilot))
        await pilot.press("escape")
    assert office.server.counts["UpdateFolder"] == 0


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_the_page_of_permissions_fits_a_small_terminal_and_no_two_buttons_have_one_word(office: Office, language):
    use_language(language)
    async with opened(office.services("alice")) as pilot:
        await pilot.press("P")
        await screen_is(pilot, PermissionsScreen)
        await pilot.pause()
        labels = [str(button.label) for button in pilot.app.screen.query(Button)]
        assert len(set(labels)) == len(labels)
        shown = screen_text(pilot.app)
        assert all(label in shown for label in labels)
        assert all(str(tick.label) in shown for tick in pilot.app.screen.query(Tick))
        await pilot.press("escape")


async def test_a_foreign_change_brings_the_page_back_with_what_is_there_now(office: Office):
    folder = office.server.organisation.mailboxes["alice@example.org"].distinguished["calendar"]
    async with opened(office.services("alice")) as pilot:
        await pilot.press("P")
        await screen_is(pilot, PermissionsScreen)
        await pilot.press("tab", "right", "f9")
        await screen_is(pilot, ConfirmDialog)
        folder.permissions.append(Entry(BRUNO, MATRIX[PermissionLevel.EDITOR]))
        await pilot.press("c")
        await screen_is(pilot, PermissionsScreen)
        await until(pilot, lambda: "changed by somebody else" in text_of(pilot))
        assert pilot.app.screen.query_one("#rows", OptionList).option_count == 3
        await pilot.press("escape")
    assert rights(office) == MATRIX[PermissionLevel.EDITOR]


async def test_view_as_shows_what_the_marked_row_sees(office: Office):
    async with opened(office.services("alice")) as pilot:
        await pilot.press("P")
        await screen_is(pilot, PermissionsScreen)
        await pilot.press("s")
        await screen_is(pilot, SeenScreen)
        lines = [line.strip() for line in screen_text(pilot.app).splitlines()]
        assert "2 items" in text_of(pilot)
        assert len([line for line in lines if line.endswith(" Busy")]) == 2  # when, and not what
        assert not [line for line in lines if "Budget" in line or "Doctor" in line]
        await pilot.press("escape")
        await screen_is(pilot, PermissionsScreen)
        await pilot.press("escape")


async def test_an_invitation_is_opened_after_its_claims_were_shown(office: Office):
    alice = office.services("alice")
    await alice.library.refresh()
    own = next(info for info in await alice.library.calendars() if info.account == "office")
    plan = await alice.sharing.plan(ShareRequest(own.id, (Address(BRUNO),), PermissionLevel.REVIEWER))
    await alice.sharing.share(plan)
    await alice.close()
    bruno = office.services("bruno")
    async with opened(bruno) as pilot:
        await pilot.press("i")
        await screen_is(pilot, InboxScreen)
        await until(pilot, lambda: getattr(pilot.app.screen, "_offer", None) is not None)
        await pilot.press("enter")
        await screen_is(pilot, ConfirmDialog)
        assert "alice@example.org" in text_of(pilot)
        assert [info.owner for info in await bruno.library.calendars()] == [""]
        await pilot.press("o")
        await until(pilot, lambda: not isinstance(pilot.app.screen, ConfirmDialog | InboxScreen))
        assert "alice@example.org" in [info.owner for info in await bruno.library.calendars()]


@pytest.mark.parametrize(
    ("language", "heads"),
    [("en", ("My Calendars", "Shared with Me")), ("fr", ("Mes calendriers", "Partagés avec moi"))],
)
async def test_a_calendar_that_was_opened_stands_under_shared_with_me(office: Office, language: str, heads):
    alice, bruno = office.services("alice"), office.services("bruno")
    await alice.library.refresh()
    own = next(info for info in await alice.library.calendars() if info.account == "office")
    plan = await alice.sharing.plan(ShareRequest(own.id, (Address(BRUNO),), PermissionLevel.REVIEWER))
    await alice.sharing.share(plan)
    await alice.close()
    await bruno.library.refresh()
    [item] = await bruno.inbox.items()
    await bruno.receiving.open(await bruno.receiving.offer(item.id))
    use_language(language)
    async with opened(bruno) as pilot:
        await pilot.press("c")
        listing = pilot.app.screen.list
        await until(pilot, lambda: listing.has_focus and len(listing.rows) >= 5)
        assert [row.text for row in listing.rows if row.text in heads] == list(heads)
        shown = screen_text(pilot.app)
        assert shown.index(heads[0]) < shown.index(heads[1]) < shown.index("Alice Martin")
        owners = []
        for key in ("up", "down", "down", "up"):  # the cursor goes over headings, and stays at both ends
            await pilot.press(key)
            owners.append(listing.info.owner)
        assert owners == ["", "alice@example.org", "alice@example.org", ""]


async def test_a_request_is_allowed_at_a_level_that_is_chosen(office: Office):
    bruno = office.services("bruno")
    await bruno.sharing.ask(Address("alice@example.org"))
    await bruno.close()
    async with opened(office.services("alice")) as pilot:
        await pilot.press("i")
        await screen_is(pilot, InboxScreen)
        await until(pilot, lambda: getattr(pilot.app.screen, "_offer", None) is not None)
        await pilot.press("a")
        await until(pilot, lambda: pilot.app.screen.id == "choose-level")
        await pilot.press("enter")
        await until(pilot, lambda: rights(office) == MATRIX[PermissionLevel.FREE_BUSY])


async def test_a_calendar_of_this_machine_says_what_to_do_instead(office: Office):
    services = office.services("alice")
    await services.library.create("Plans")
    async with opened(services) as pilot:
        home = pilot.app.screen
        await until(pilot, lambda: home.active.info is not None and home.active.info.name == "Plans")
        await pilot.press("S")
        await pilot.pause(0.3)
        assert not isinstance(pilot.app.screen, ShareCalendarDialog)
