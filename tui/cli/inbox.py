"""`inbox …`: calendars and invitations that came by mail. Nothing is fetched, and nothing but text is shown."""

from __future__ import annotations

from core.language import N_, _
from core.language.dates import date_and_time
from core.services.inbox import InboxItem
from tui.cli import consent, meetings, receiving, sharing
from tui.cli.context import Context
from tui.cli.grammar import YES, Command, Given, Word
from tui.cli.shapes import calendar as calendar_shape
from tui.cli.shapes import moment, table


def _shape(context: Context, item: InboxItem) -> dict[str, object]:
    return {
        "id": item.id,
        "kind": item.kind.value,
        "from": item.sender.address,
        "name": item.sender.name,
        "subject": item.subject,
        "calendar": item.calendar,
        "level": item.level,
        "received": moment(item.received.astimezone(context.zone)),
        "account": item.account,
    }


async def _list(context: Context, given: Given) -> int:
    """Exit code 3 when a mailbox could not be read; the messages of the others are shown."""
    inbox = context.services.inbox
    items = await inbox.items(context.progress)
    for problem in inbox.problems:
        context.out.error(problem)
    context.out.value([_shape(context, item) for item in items])
    rows = [
        [
            item.id,
            date_and_time(item.received.astimezone(context.zone)),
            item.kind.label,
            item.sender.address,
            item.subject,
        ]
        for item in items
    ]
    for line in table(rows):
        context.out.line(line)
    if not items:
        context.out.line(_("No message carries a calendar."))
    return 3 if inbox.problems else 0


async def _show(context: Context, given: Given) -> int:
    message = await context.services.inbox.show(given.text("id"))
    item = message.item
    offer = await receiving.offered(context, item)
    meaning = offer.lines[1:] if offer else await meetings.explain(context, item)
    context.out.value(
        {
            **_shape(context, item),
            "text": message.text,
            "calendars": list(message.calendars),
            "can_open": offer.can_open if offer else message.can_open,
            "explanation": message.explanation,
            "meaning": list(meaning),
        }
    )
    context.out.line(_("From: {sender}").format(sender=str(item.sender)))
    context.out.line(_("Subject: {subject}").format(subject=item.subject))
    context.out.line(_("Received: {when}").format(when=date_and_time(item.received.astimezone(context.zone))))
    for name in message.calendars:
        context.out.line(_("Calendar: {name}").format(name=name))
    for line in (message.explanation, *meaning):
        context.out.line(line)
    context.out.line()
    context.out.lines(message.text)
    return 0


async def _open(context: Context, given: Given) -> int:
    def ask(question: str) -> bool:
        consent.ask(question, yes=given.has("yes"))
        return True

    item, _message = await context.services.inbox.read(given.text("id"))
    if item.kind in receiving.SHARING:
        return await receiving.open_offer(context, given, await context.services.receiving.offer(item.id))
    info = await context.services.inbox.open(item.id, ask)
    context.out.value(calendar_shape(info))
    context.out.line(_("“{name}” is in your list of calendars now.").format(name=info.name))
    return 0


_ID = (Word("id", N_("ID")),)
COMMANDS = {
    "inbox": {
        "": Command("inbox", N_("List the messages that carry a calendar."), _list),
        "show": Command("inbox show", N_("Show one message, as text only."), _show, _ID),
        "open": Command("inbox open", N_("Open a message’s calendar beside yours."), _open, _ID, (YES,)),
        "accept": Command(
            "inbox accept",
            N_("Accept an invitation, open a shared calendar, or allow a request."),
            receiving.accept,
            _ID,
            (*meetings.ANSWER_OPTIONS, *sharing.LEVEL_OPTIONS),
        ),
        "tentative": Command(
            "inbox tentative", N_("Accept an invitation tentatively."), meetings.tentative, _ID, meetings.ANSWER_OPTIONS
        ),
        "decline": Command(
            "inbox decline",
            N_("Decline an invitation or a request."),
            receiving.decline,
            _ID,
            meetings.ANSWER_OPTIONS,
        ),
        "ask": Command(
            "inbox ask",
            N_("Ask a message’s sender for permission to view their calendar."),
            receiving.ask,
            _ID,
            (meetings.MESSAGE, meetings.ACCOUNT, YES),
        ),
    }
}
