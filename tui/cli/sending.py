"""`send`: e-mails a snapshot of a calendar, or shows what would leave."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from core.calendar.people import Address, parse_addresses, unique
from core.errors import UsageError
from core.language import N_, _
from core.ports.mail import Delivery
from core.services.email_calendar import Composed, Draft, Prepared, SnapshotRequest
from core.services.outbox import OutboxItem, OutboxState, add_account_hint
from core.sharing.detail import DetailLevel, Layout
from core.sharing.snapshot import SnapshotOptions
from tui.cli.context import Context
from tui.cli.files import absolute, text_or_stdin, write_private
from tui.cli.grammar import RANGE, YES, Command, Given, Option, Word, nearest


def parse_level(text: str) -> DetailLevel:
    """A level as the contract writes it. Raises UsageError."""
    try:
        return DetailLevel(text.strip().lower())
    except ValueError:
        known = [level.value for level in DetailLevel]
        close = nearest(text, known)
        raise UsageError(
            _("“{text}” is no level of detail.").format(text=text),
            _("Did you mean “{name}”?").format(name=close) if close else ", ".join(known),
        ) from None


def _layout(text: str) -> Layout:
    try:
        return Layout(text.strip().lower())
    except ValueError:
        raise UsageError(_("“{text}” is no layout.").format(text=text), _("Write schedule or list.")) from None


def _addresses(given: Given, name: str) -> tuple[Address, ...]:
    return unique(address for text in given.all(name) for address in parse_addresses(text))


async def _request(context: Context, given: Given) -> SnapshotRequest:
    info = await context.services.library.find(given.text("calendar"))
    options = SnapshotOptions(
        days=context.days(given, "today"),
        level=parse_level(given.text("detail", "availability")),
        layout=_layout(given.text("layout", "schedule")),
        working_hours_only=given.has("working-hours"),
        include_private=given.has("private"),
        include_attachments=given.has("attachments"),
    )
    return SnapshotRequest(info.id, options, given.text("time-zone"))


async def _send(context: Context, given: Given) -> int:
    email = context.services.email
    to, cc, bcc = (_addresses(given, name) for name in ("to", "cc", "bcc"))
    everybody = unique((*to, *cc, *bcc))
    if not everybody and not given.has("dry-run"):
        raise UsageError(_("Whom is it for?"), _("Give --to with one address or more."))
    _check_account(context, given.text("account"))
    request = await _request(context, given)
    prepared = await email.prepare(request)
    draft = Draft(
        request,
        to,
        cc,
        bcc,
        subject=given.text("subject") or email.default_subject(prepared),
        message=text_or_stdin(given.text("message")),
        account=given.text("account"),
    )
    composed = email.compose(prepared, draft) if everybody else None
    _show_what_leaves(context, prepared, composed)
    if given.has("dry-run") or composed is None:
        return _dry_run(context, _save(given, prepared, composed), prepared, everybody)
    context.agree(_question(prepared, everybody), given)
    files = _save(given, prepared, composed)
    return _outcome(context, await _submitted(context, composed, draft, prepared), files)


def _check_account(context: Context, name: str) -> None:
    """A name that is mistyped must not leave a message in the outbox that no account ever takes. Raises UsageError."""
    able = [account.name for account in context.settings.mail_accounts]
    if not name or name in able:
        return
    message = _("There is no account “{name}” that can send.").format(name=name)
    if close := nearest(name, able):
        raise UsageError(message, _("Did you mean “{name}”?").format(name=close))
    raise UsageError(message, ", ".join(able) or add_account_hint())


async def _submitted(context: Context, composed: Composed, draft: Draft, prepared: Prepared) -> OutboxItem:
    """Send it. When that is interrupted, a message that is journalled would still leave later: say so."""
    try:
        return (await context.services.email.send(composed, draft, prepared)).item
    except asyncio.CancelledError:
        waiting = await context.services.outbox.items()
        item = next((one for one in waiting if one.message_id == composed.envelope.message_id), None)
        if item is None:
            raise
        if item.open_recipients:
            context.out.note(
                _("Stopped. The message waits in the outbox; “partagenda outbox drop {id}” takes it out.").format(
                    id=item.id
                )
            )
        return item


def _show_what_leaves(context: Context, prepared: Prepared, composed: Composed | None) -> None:
    context.out.line(_("What leaves this machine:"))
    for line in prepared.leaves:
        context.out.line(f"  {line}")
    for warning in (*prepared.warnings, *(composed.warnings if composed else ())):
        context.out.note(_("note: {text}").format(text=warning))


def _question(prepared: Prepared, people: Sequence[Address]) -> str:
    options = prepared.request.options
    asked = _("Send “{calendar}” ({level}) to {people}?").format(
        calendar=prepared.snapshot.calendar_name,
        level=options.level.label,
        people=", ".join(address.address for address in people),
    )
    return _("Nothing lies in these days. {question}").format(question=asked) if prepared.empty else asked


def _dry_run(context: Context, files: list[str], prepared: Prepared, people: Sequence[Address]) -> int:
    recipients = [{"address": address.address, "state": "dry-run", "reason": ""} for address in people]
    context.out.value({"state": "dry-run", "recipients": recipients, "files": files})
    context.out.line()
    context.out.lines(prepared.text)
    context.out.line()
    for file in files:
        context.out.line(_("Saved: {file}").format(file=file))
    context.out.line(_("Nothing was sent."))
    return 0


def _save(given: Given, prepared: Prepared, composed: Composed | None) -> list[str]:
    if not given.has("save"):
        return []
    folder = absolute(given.text("save"))
    contents = {
        "message.eml": composed.message if composed else b"",
        "calendar.ics": prepared.ics,
        "calendar.html": prepared.html.encode(),
        "calendar.txt": prepared.text.encode(),
    }
    written = {name: content for name, content in contents.items() if content}
    for name, content in written.items():
        write_private(folder / name, content)
    return [str(folder / name) for name in written]


STATES = {
    OutboxState.SENT: ("sent", 0),
    OutboxState.PREPARED: ("queued", 3),
    OutboxState.WAITING: ("queued", 3),
    OutboxState.SENDING: ("queued", 3),
    OutboxState.PARTLY: ("partly", 3),
    OutboxState.UNKNOWN: ("partly", 3),
    OutboxState.FAILED: ("refused", 1),
}
"""A message that is kept but has not left is partly done: the answer says so. "May have been sent" is, too."""


def _outcome(context: Context, item: OutboxItem, files: list[str]) -> int:
    state, code = STATES[item.state]
    context.out.value(
        {
            "state": state,
            "recipients": [
                {"address": r.address, "state": r.delivery.value, "reason": r.reason} for r in item.recipients
            ],
            "files": files,
            "id": item.id,
            "reason": item.reason,
        }
    )
    for result in item.recipients:
        context.out.line(_told(result.address, result.delivery, result.reason))
    if item.reason and not any(result.reason for result in item.recipients):
        context.out.note(item.reason)
    if item.hint:
        context.out.note(f"hint: {item.hint}")
    for file in files:
        context.out.line(_("Saved: {file}").format(file=file))
    return code


def _told(address: str, delivery: Delivery, reason: str) -> str:
    match delivery:
        case Delivery.SENT:
            words = _("{address}: sent")
        case Delivery.QUEUED:
            words = _("{address}: waits in the outbox")
        case Delivery.REFUSED:
            words = _("{address}: refused")
        case Delivery.UNKNOWN:
            words = _("{address}: may have been sent")
    told = words.format(address=address)
    return f"{told} ({reason})" if reason else told


COMMANDS = {
    "send": {
        "": Command(
            "send",
            N_("E-mail a calendar."),
            _send,
            (Word("calendar", N_("CALENDAR")),),
            (
                Option("to", N_("Who gets it."), N_("ADDRESS"), many=True),
                Option("cc", N_("Who gets a copy."), N_("ADDRESS"), many=True),
                Option("bcc", N_("Who gets a copy that nobody sees."), N_("ADDRESS"), many=True),
                Option("account", N_("The account that sends it."), N_("NAME")),
                RANGE,
                Option("detail", N_("availability, limited or full."), N_("LEVEL")),
                Option("working-hours", N_("Show time within my working hours only.")),
                Option("private", N_("Include details of items marked private.")),
                Option("attachments", N_("Include attachments within calendar items.")),
                Option("layout", N_("schedule or list."), N_("LAYOUT")),
                Option("subject", N_("The message’s subject."), N_("TEXT")),
                Option("message", N_("Your own words; - reads them from standard input."), N_("TEXT")),
                Option("time-zone", N_("The zone in which the message is written."), N_("ZONE")),
                Option("dry-run", N_("Send nothing and show what would leave.")),
                Option("save", N_("Write message.eml, calendar.ics, calendar.html and calendar.txt there."), N_("DIR")),
                YES,
            ),
        )
    }
}
