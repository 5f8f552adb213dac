"""Share Calendar and Calendar Permissions from beginning to end: choose, look, say yes once, see what came of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from textual.app import App

from core.calendar.people import Address
from core.calendar.span import Preset, preset_range
from core.errors import Cancelled, Conflict, PartagendaError
from core.language import _
from core.services.permissions import Proposed, Saved, Sheet
from core.services.share_plan import Shared, ShareOutcome, SharePlan, ShareRequest
from core.sharing.invitation import Purpose
from core.sharing.permission_table import PermissionTable, apply_changes, difference
from core.sharing.permissions import PermissionLevel
from tui.flows.working import working
from tui.reporting import reporting, show_error, show_notice
from tui.screens.choose_people import ChoosePeopleDialog
from tui.screens.confirm import ConfirmDialog
from tui.screens.confirm_share import ConfirmShareDialog, ShareAnswer
from tui.screens.permissions import PermissionsScreen, Wanted, added
from tui.screens.seen import SeenScreen
from tui.screens.share_calendar import ShareCalendarDialog, ShareStart
from tui.wording import range_text

if TYPE_CHECKING:
    from core.bootstrap import Services
    from core.ports.calendars import CalendarInfo


async def share_calendar(
    app: App[Any], services: Services, info: CalendarInfo, start: ShareStart | None = None
) -> None:
    """Share a calendar. Runs in a worker; what was begun goes on if the screen is left."""
    await tell_unfinished(app, services)

    async def look(people: tuple[Address, ...]) -> SharePlan:
        return await services.sharing.plan(ShareRequest(info.id, people))

    while True:
        dialog = ShareCalendarDialog(info, services.people.complete, look, start)
        request = await app.push_screen_wait(dialog)
        if request is None:
            return
        start = dialog.left
        if dialog.viewing and len(request.people) == 1:
            await _would_see(app, services, request)
            continue
        plan = await _planned(app, services, request)
        if plan is None:
            continue
        if not plan.granted:
            if await _offer_copy(app, services, plan):
                return
            continue
        if await _agreed(app, services, plan):
            await share(app, services, plan)
            return


async def _would_see(app: App[Any], services: Services, request: ShareRequest) -> None:
    """The next days as the only one of these people would see them; of several one is chosen in the confirmation."""
    plan = await _planned(app, services, request)
    if plan is not None:
        await _seen(app, services, plan, 0)


async def _seen(app: App[Any], services: Services, plan: SharePlan, place: int) -> None:
    days = preset_range(Preset.NEXT_7_DAYS, services.clock.now().date())
    with reporting(app):
        seen = await services.seeing.planned(plan, plan.people[place], days)
        await app.push_screen_wait(SeenScreen(seen, range_text(days)))


async def share(app: App[Any], services: Services, plan: SharePlan, purpose: Purpose = Purpose.INVITE) -> None:
    """Give and invite, say what came of it, and ask about whom was not told."""

    async def act(_progress: object) -> ShareOutcome:
        return await services.sharing.share(plan, purpose)

    title = _("Sharing “{name}”").format(name=plan.info.name)
    with reporting(app):
        outcome = await services.jobs.start(title, act).wait()
        _tell(app, outcome)
        for shared in outcome.unfinished:
            await _decide(app, services, shared)
        if outcome.refused:
            await _offer_after(app, services, outcome)


async def _planned(app: App[Any], services: Services, request: ShareRequest) -> SharePlan | None:
    try:
        return await working(app, _("Asking the server…"), services.sharing.plan(request))
    except Cancelled:
        return None
    except PartagendaError as error:
        show_error(app, error)
        return None


async def _agreed(app: App[Any], services: Services, plan: SharePlan) -> bool:
    """Each person with what they will be able to see, and a look at the calendar as any of them."""
    answer: ShareAnswer | None = ShareAnswer()
    while answer is not None and not answer.agreed:
        answer = await app.push_screen_wait(ConfirmShareDialog(plan, answer.view))
        if answer is not None and not answer.agreed:
            await _seen(app, services, plan, answer.view)
    return answer is not None


def _tell(app: App[Any], outcome: ShareOutcome) -> None:
    lines = [*(one.line for one in outcome.shared), *(one.line for one in outcome.refused)]
    clean = not outcome.unfinished and not outcome.refused
    show_notice(app, "\n".join(lines), severity="information" if clean else "warning")


async def _decide(app: App[Any], services: Services, shared: Shared) -> None:
    """The invitation has not left: the person says whether the permission stays."""
    question = [shared.line, *filter(None, [shared.reason, shared.hint]), "", _("Does the permission stay?")]
    title = _("{who} Was Not Told").format(who=shared.address.name or shared.address.address)
    dialog = ConfirmDialog(title, "\n".join(question), _("&Take it back"), _("&Keep it"), danger=True)
    if await app.push_screen_wait(dialog):
        await services.sharing.take_back(shared.token, shared.address.address, shared.message)
        show_notice(app, _("{who}: taken back").format(who=str(shared.address)))
    else:
        await services.sharing.keep(shared.token, shared.address.address)


async def _offer_copy(app: App[Any], services: Services, plan: SharePlan) -> bool:
    """Nobody of them may have it: Outlook's own question. Yes opens E-mail Calendar with these people."""
    lines = [_("The policy does not allow granting permissions at this level to one or more of the recipients."), ""]
    for one in plan.refused:
        lines += [one.line, *(f"  {line}" for line in one.refusal[1:])]
    return await _copy(app, services, plan, lines, [one.address for one in plan.refused])


async def _offer_after(app: App[Any], services: Services, outcome: ShareOutcome) -> None:
    lines = [_("The calendar was shared with some of the recipients. It is not available to the following:"), ""]
    if not outcome.shared:
        lines = []
    lines += [one.line for one in outcome.refused]
    await _copy(app, services, outcome.plan, lines, [one.address for one in outcome.refused])


async def _copy(app: App[Any], services: Services, plan: SharePlan, lines: list[str], people: list[Address]) -> bool:
    from tui.flows.email_calendar import email_calendar

    question = [*lines, "", _("Do you want to send them a copy of this calendar in an e-mail message instead?")]
    dialog = ConfirmDialog(_("Not Shared"), "\n".join(question), _("&Send a copy"), _("&Back"))
    if not await app.push_screen_wait(dialog):
        return False
    await email_calendar(app, services, plan.info.id, people)
    return True


async def tell_unfinished(app: App[Any], services: Services) -> None:
    """What an earlier run left half done is finished or taken back first."""
    for one in await services.sharing.unfinished():
        words = [
            _("{who} was given {level} on “{calendar}”, or was about to be, and has not been told.").format(
                who=one.person, level=one.level.label, calendar=one.name
            ),
            "",
            _("Does the permission stay?"),
        ]
        dialog = ConfirmDialog(
            _("An Unfinished Share"), "\n".join(words), _("&Take it back"), _("&Keep it"), danger=True
        )
        with reporting(app):
            if await app.push_screen_wait(dialog):
                await services.sharing.take_back(one.token, one.person)
            else:
                await services.sharing.keep(one.token, one.person)


# Calendar Permissions ------------------------------------------------------------------------------------------


async def calendar_permissions(app: App[Any], services: Services, info: CalendarInfo) -> None:
    """Show and change who may do what."""
    try:
        sheet = await working(app, _("Asking the server…"), services.permissions.open(info.id))
    except Cancelled:
        return
    table, marked, notice = sheet.table, "", ""
    while True:
        wanted = await app.push_screen_wait(PermissionsScreen(sheet, table, marked, notice))
        notice = ""
        if wanted is None:
            return
        table, marked = wanted.table, wanted.marked
        if wanted.save:
            proposed = services.permissions.propose(sheet, table)
            if not proposed.changes:
                return
            done, sheet, table, notice = await _save(app, services, proposed)
            if done:
                return
        elif wanted.add:
            table, marked = await _add(app, services, sheet, table, marked)
        elif wanted.view_as:
            await _view_as(app, services, sheet, wanted)
        elif wanted.undo:
            sheet, table, notice = await _undo(app, services, sheet, table)


async def _save(
    app: App[Any], services: Services, proposed: Proposed, *, undoing: bool = False
) -> tuple[bool, Sheet, PermissionTable, str]:
    """The difference first; then one write. A foreign change brings the page back with what is there now."""
    sheet = proposed.sheet
    wanted = apply_changes(sheet.table, proposed.changes)
    lines = [*proposed.lines, *([""] if proposed.warnings else []), *(f"! {line}" for line in proposed.warnings)]
    title = _("Change the Permissions of “{name}”?").format(name=sheet.info.name)
    if not await app.push_screen_wait(ConfirmDialog(title, "\n".join(lines), _("&Change"))):
        return False, sheet, wanted, ""

    async def write(_progress: object) -> Saved:
        return await services.permissions.save(proposed, undoing=undoing)

    try:
        saved = await services.jobs.start(title, write).wait()
    except Conflict as error:
        fresh = await services.permissions.open(sheet.info.id)
        return False, fresh, _again(fresh, proposed), f"{error.message} {error.hint}"
    except PartagendaError as error:
        show_error(app, error)
        return False, sheet, wanted, error.message
    return _told(app, saved)


def _again(fresh: Sheet, proposed: Proposed) -> PermissionTable:
    """What the person wanted, on the table as it is now; rows that somebody else changed stay theirs."""
    table = fresh.table
    for change in proposed.changes:
        try:
            table = apply_changes(table, [change])
        except Conflict:
            continue
    return table


def _told(app: App[Any], saved: Saved) -> tuple[bool, Sheet, PermissionTable, str]:
    if not saved.refused:
        show_notice(app, _("The permissions of “{name}” are changed.").format(name=saved.sheet.info.name))
        return True, saved.sheet, saved.sheet.table, ""
    lines = saved.lines[len(saved.lines) - len(saved.refused) :]
    return False, saved.sheet, saved.sheet.table, "\n".join(lines)


async def _add(
    app: App[Any], services: Services, sheet: Sheet, table: PermissionTable, marked: str
) -> tuple[PermissionTable, str]:
    people = await app.push_screen_wait(ChoosePeopleDialog(_("Add Users"), services.people.complete))
    for one in people or ():
        table = added(table, one.address, one.name, sheet.stored.offered.levels)
        marked = one.key
    return table, marked


async def _undo(
    app: App[Any], services: Services, sheet: Sheet, table: PermissionTable
) -> tuple[Sheet, PermissionTable, str]:
    """Take back the last change that was made here, after the difference was shown."""
    if difference(sheet.table, table):
        return sheet, table, _("Say OK or Cancel to what you changed first.")
    try:
        proposed = await services.permissions.undo(sheet.info.id)
    except PartagendaError as error:
        return sheet, table, f"{error.message} {error.hint}".strip()
    if not proposed.changes:
        return proposed.sheet, proposed.sheet.table, _("It is taken back already.")
    _done, fresh, _table, notice = await _save(app, services, proposed, undoing=True)
    return fresh, fresh.table, notice


async def _view_as(app: App[Any], services: Services, sheet: Sheet, wanted: Wanted) -> None:
    row = wanted.table.get(wanted.view_as)
    if row is None:
        return
    who = Address(row.principal.address or row.principal.label, row.principal.label)
    days = preset_range(Preset.NEXT_7_DAYS, services.clock.now().date())
    with reporting(app):
        seen = await services.seeing.with_row(sheet, who, row, days)
        await app.push_screen_wait(SeenScreen(seen, range_text(days)))


def least(levels: tuple[PermissionLevel, ...]) -> tuple[PermissionLevel, ...]:
    """Levels to choose from when somebody is let see a calendar: what gives nothing is no choice."""
    return tuple(level for level in levels if level is not PermissionLevel.NONE)


def prefilled(people: list[Address]) -> ShareStart:
    """Fields with these people in them."""
    return replace(ShareStart(), to=", ".join(map(str, people)))
