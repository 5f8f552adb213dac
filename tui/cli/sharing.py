"""`share`, `permissions`, `revoke`: who may see and change a calendar, inside the organisation and outside."""

from __future__ import annotations

from core.calendar.people import parse_address, parse_addresses, unique
from core.errors import PartagendaError, UsageError
from core.language import N_, _
from core.services.permissions import Proposed, Saved
from core.services.share_plan import Invited, Shared, ShareOutcome, SharePlan, ShareRequest
from core.sharing.invitation import Purpose
from core.sharing.permission_table import ANONYMOUS, DEFAULT, PermissionEntry, Principal, Who, entry, person
from core.sharing.permission_words import rights_data
from core.sharing.permissions import PermissionLevel, level_for
from core.sharing.permissions import parse_level as parse_permission
from tui.cli import consent
from tui.cli.context import Context
from tui.cli.files import text_or_stdin
from tui.cli.grammar import YES, Command, Given, Option, Word
from tui.cli.sending import parse_level
from tui.cli.shapes import table

# share ---------------------------------------------------------------------------------------------------------


async def _share(context: Context, given: Given) -> int:
    people = unique(address for text in given.all("with") for address in parse_addresses(text))
    if not people:
        raise UsageError(_("Whom is it for?"), _("Give --with with one address or more."))
    await tell_unfinished(context)
    request = ShareRequest(
        calendar=given.text("calendar"),
        people=people,
        level=chosen_level(given),
        ask_theirs=given.has("ask-theirs"),
        subject=given.text("subject"),
        message=text_or_stdin(given.text("message")),
        account=given.text("account"),
    )
    return await give(context, given, request)


async def give(context: Context, given: Given, request: ShareRequest, purpose: Purpose = Purpose.INVITE) -> int:
    """Show what would happen for each person, ask, do it, and say what came of it."""
    service = context.services.sharing
    plan = await service.plan(request)
    _show_plan(context, plan)
    if given.has("dry-run") or not plan.granted:
        return _not_shared(context, plan, dry=given.has("dry-run"))
    names = ", ".join(one.address.address for one in plan.granted)
    question = _("Share “{calendar}” ({level}) with {people}?")
    context.agree(question.format(calendar=plan.info.name, level=request.level.label, people=names), given)
    outcome = await service.share(plan, purpose)
    return await finish(context, given, outcome)


def chosen_level(given: Given) -> PermissionLevel:
    """What `--detail` or `--level` says; availability without them. Raises UsageError."""
    if given.has("level") and given.has("detail"):
        raise UsageError(_("Give --detail or --level, not both."))
    if given.has("level"):
        return parse_permission(given.text("level"))
    return level_for(parse_level(given.text("detail", "availability")))


def _show_plan(context: Context, plan: SharePlan) -> None:
    for rule in plan.policy:
        context.out.line(_("Sharing policy: {rule}").format(rule=rule))
    for one in plan.people:
        context.out.line(one.line)
        for line in one.refusal[1:]:
            context.out.line(f"  {line}")


def _not_shared(context: Context, plan: SharePlan, *, dry: bool) -> int:
    """Nothing was asked of the server beyond what may be given."""
    planned = [{"address": one.address.address, "level": one.level.value, "invited": False} for one in plan.granted]
    refused = [
        {
            "address": one.address.address,
            "reason": one.refusal[0],
            "allowed": [level.value for level in one.standing.levels],
        }
        for one in plan.refused
    ]
    context.out.value({"shared": planned if dry else [], "refused": refused, **({"state": "dry-run"} if dry else {})})
    context.out.line(_("Nothing was shared."))
    if dry:
        return 0
    _offer_copy(context, plan.info.name, [one.address.address for one in plan.refused])
    return 1


def _offer_copy(context: Context, calendar: str, people: list[str]) -> None:
    """Outlook's own offer: a copy by e-mail instead; or an address, where it is published."""
    to = " ".join(people)
    context.out.note(
        _("hint: send them a copy: partagenda send “{calendar}” --to {to}").format(calendar=calendar, to=to)
    )
    context.out.note(
        _("hint: or publish it and give them the address: partagenda publish “{calendar}”").format(calendar=calendar)
    )


async def finish(context: Context, given: Given, outcome: ShareOutcome) -> int:
    """Say what came of it; about whom was not told, ask whether the permission stays."""
    for shared in outcome.shared:
        told = shared.invited in (Invited.SENT, Invited.BY_SERVER)
        (context.out.line if told else context.out.note)(shared.line)
    for refused in outcome.refused:
        context.out.note(refused.line)
    stays: list[Shared] = []
    gone: list[Shared] = []
    for shared in outcome.shared:
        (gone if shared.unfinished and not await _stays(context, given, shared) else stays).append(shared)
    context.out.value(
        {
            "shared": [
                {
                    "address": one.address.address,
                    "level": one.level.value,
                    "invited": one.invited in (Invited.SENT, Invited.BY_SERVER),
                    "state": one.invited.value,
                    "reason": one.reason,
                }
                for one in stays
            ],
            "refused": [
                {
                    "address": one.address.address,
                    "reason": one.reason,
                    "allowed": [level.value for level in one.allowed],
                }
                for one in outcome.refused
            ],
            "taken_back": [one.address.address for one in gone],
        }
    )
    if outcome.refused:
        _offer_copy(context, outcome.plan.info.name, [one.address.address for one in outcome.refused])
    if not stays:
        return 1
    told = all(one.invited in (Invited.SENT, Invited.BY_SERVER) for one in stays)
    return 0 if told and not outcome.refused and not gone else 3


async def _stays(context: Context, given: Given, shared: Shared) -> bool:
    """The invitation has not left: does the permission stay? Without a terminal it does, and that is said."""
    service, who = context.services.sharing, shared.address.address
    if shared.hint:
        context.out.note(f"hint: {shared.hint}")
    if given.has("yes") or not consent.on_terminal():
        context.out.note(
            _("{who} has the permission and was not told. To take it back: partagenda revoke {who}").format(who=who)
        )
        await service.keep(shared.token, who)
        return True
    try:
        consent.ask(_("{who} was not told. Does the permission stay?").format(who=who), yes=False)
    except PartagendaError:
        await service.take_back(shared.token, who, shared.message)
        context.out.line(_("{who}: taken back").format(who=who))
        return False
    await service.keep(shared.token, who)
    return True


async def tell_unfinished(context: Context) -> None:
    """What an earlier run left half done."""
    for one in await context.services.sharing.unfinished():
        given = _("has") if one.given else _("may have")
        words = _("unfinished: {who} {has} {level} on “{calendar}” and was not told.")
        context.out.note(words.format(who=one.person, has=given, level=one.level.label, calendar=one.name))
        context.out.note(_("hint: take it back: partagenda revoke {who}").format(who=one.person))


# permissions ---------------------------------------------------------------------------------------------------


async def _permissions(context: Context, given: Given) -> int:
    match given.text("action"):
        case "":
            return await _show(context, given)
        case "set":
            return await _set(context, given)
        case "remove":
            return await _remove(context, given)
        case "undo":
            return await _undo(context, given)
        case other:
            raise UsageError(
                _("There is no command “{name}”.").format(name=f"permissions {other}"),
                "permissions CALENDAR, … set WHO PERMISSION, … remove WHO, … undo",
            )


async def _show(context: Context, given: Given) -> int:
    sheet = await context.services.permissions.open(given.text("calendar"))
    context.out.value([row_shape(row) for row in sheet.table.entries])
    for line in table([_row(row) for row in sheet.table.entries]):
        context.out.line(line)
    for name in sheet.table.unknown:
        context.out.line(_("{name}: cannot be shown or changed here; it stays").format(name=name))
    return 0


def row_shape(row: PermissionEntry) -> dict[str, object]:
    """One row of `permissions`."""
    shape: dict[str, object] = {
        "who": row.principal.address or (row.principal.who.value if row.principal.who is not Who.PERSON else row.key),
        "name": row.principal.label,
        "level": row.level.value,
        "rights": rights_data(row.rights),
    }
    if row.delegation is not None:
        shape["delegate"] = {"copies": row.delegation.copies, "private_items": row.delegation.private_items}
    return shape


def _row(row: PermissionEntry) -> list[str]:
    more = []
    if row.delegation is not None:
        more.append(_("delegate"))
        more += [_("sees private items")] if row.delegation.private_items else []
    return [row.principal.label, row.principal.address, row.level.label, ", ".join(more)]


def parse_who(text: str) -> Principal:
    """`default`, `anonymous` or an address. Raises UsageError."""
    match text.strip().lower():
        case "default":
            return DEFAULT
        case "anonymous":
            return ANONYMOUS
        case _:
            return person(parse_address(text))


async def _set(context: Context, given: Given) -> int:
    if not given.has("level"):
        raise UsageError(_("Say who gets which permission."), "permissions CALENDAR set WHO PERMISSION")
    row = entry(parse_who(given.text("who")), parse_permission(given.text("level")))
    return await _do(context, given, await context.services.permissions.set_level(given.text("calendar"), row))


async def _remove(context: Context, given: Given) -> int:
    if not given.has("who") or given.has("level"):
        raise UsageError(_("Say whose permission is removed."), "permissions CALENDAR remove WHO")
    key = parse_who(given.text("who")).key
    return await _do(context, given, await context.services.permissions.remove(given.text("calendar"), key))


async def _undo(context: Context, given: Given) -> int:
    proposed = await context.services.permissions.undo(given.text("calendar"))
    return await _do(context, given, proposed, undoing=True)


async def _do(context: Context, given: Given, proposed: Proposed, *, undoing: bool = False) -> int:
    for line in proposed.lines:
        context.out.line(line)
    for warning in proposed.warnings:
        context.out.note(_("note: {text}").format(text=warning))
    if not proposed.changes or given.has("dry-run"):
        context.out.value([row_shape(row) for row in proposed.sheet.table.entries])
        context.out.line(_("Nothing was changed."))
        return 0
    name = proposed.sheet.info.name
    context.agree(_("Change the permissions of “{name}”?").format(name=name), given)
    saved = await context.services.permissions.save(proposed, undoing=undoing)
    return _told(context, saved)


def _told(context: Context, saved: Saved) -> int:
    context.out.value([row_shape(row) for row in saved.sheet.table.entries])
    for refused in saved.lines[len(saved.lines) - len(saved.refused) :] if saved.refused else ():
        context.out.note(refused)
    if not saved.made:
        return 1
    context.out.line(_("Done; this is what the server has now:"))
    for line in table([_row(row) for row in saved.sheet.table.entries]):
        context.out.line(line)
    return 3 if saved.refused else 0


# revoke --------------------------------------------------------------------------------------------------------


async def _revoke(context: Context, given: Given) -> int:
    """Exit code 3 when a part could not be taken back or looked at, 1 when nothing could."""
    service, address = context.services.revoking, parse_address(given.text("address")).address
    held = await service.held(address)
    for problem in service.problems:
        context.out.error(problem)
    for one in held:
        context.out.line(one.text)
    if not held:
        context.out.value([])
        context.out.line(_("{who} has nothing of yours that is known here.").format(who=address))
        return 3 if service.problems else 0
    if any(one.can_be_taken_back for one in held):
        context.agree(_("Take back from {who} what can be taken back?").format(who=address), given)
    taken = await service.revoke(address, held)
    context.out.value(
        [
            {"what": one.held.what.value, "calendar": one.held.calendar, "done": one.done, "reason": one.reason}
            for one in taken
        ]
    )
    for each in taken:
        (context.out.line if each.done else context.out.note)(each.line)
    if service.problems:
        return 3
    return 0 if all(one.done for one in taken) else 3 if any(one.done for one in taken) else 1


_CALENDAR = Word("calendar", N_("CALENDAR"))
_DRY_RUN = Option("dry-run", N_("Change nothing and show what would happen."))
LEVEL_OPTIONS = (
    Option("detail", N_("availability, limited or full."), N_("LEVEL")),
    Option("level", N_("A permission, as reviewer or editor."), N_("PERMISSION")),
)
COMMANDS = {
    "share": {
        "": Command(
            "share",
            N_("Share a calendar: give a permission and invite."),
            _share,
            (_CALENDAR,),
            (
                Option("with", N_("Who gets it."), N_("ADDRESS"), many=True),
                *LEVEL_OPTIONS,
                Option("ask-theirs", N_("Also ask for permission to view theirs.")),
                Option("subject", N_("The message’s subject."), N_("TEXT")),
                Option("message", N_("Your own words; - reads them from standard input."), N_("TEXT")),
                Option("account", N_("The account that sends it."), N_("NAME")),
                _DRY_RUN,
                YES,
            ),
        )
    },
    "permissions": {
        "": Command(
            "permissions",
            N_("Show or change who may do what with a calendar."),
            _permissions,
            (
                _CALENDAR,
                Word("action", N_("set|remove|undo"), required=False),
                Word("who", N_("WHO"), required=False),
                Word("level", N_("PERMISSION"), required=False),
            ),
            (_DRY_RUN, YES),
        )
    },
    "revoke": {
        "": Command(
            "revoke",
            N_("Take back what somebody has been given."),
            _revoke,
            (Word("address", N_("ADDRESS")),),
            (YES,),
        )
    },
}
