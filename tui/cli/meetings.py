"""`inbox accept|tentative|decline`, `meetings`: invitations, what people have to be told, and answers."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2s

from core.calendar.event import CalendarObject, Response
from core.errors import NotFound, PartagendaError
from core.language import N_, _, ngettext
from core.services.inbox import InboxItem
from core.services.meetings import Answer, Due, Received, Written
from core.services.outbox import OutboxItem
from core.sharing.incoming import MessageKind
from tui.cli.context import Context
from tui.cli.files import absolute, text_or_stdin, write_private
from tui.cli.grammar import YES, Command, Given, Option, Word
from tui.cli.sending import STATES

# answers -------------------------------------------------------------------------------------------------------


async def accept(context: Context, given: Given) -> int:
    """`inbox accept ID`."""
    return await _answer(context, given, Response.ACCEPTED)


async def tentative(context: Context, given: Given) -> int:
    """`inbox tentative ID`."""
    return await _answer(context, given, Response.TENTATIVE)


async def decline(context: Context, given: Given) -> int:
    """`inbox decline ID`."""
    return await _answer(context, given, Response.DECLINED)


async def _answer(context: Context, given: Given, response: Response) -> int:
    service = context.services.meetings
    answer = await service.answer(given.text("id"), response, text_or_stdin(given.text("message")))
    for line in answer.lines:
        context.out.line(line)
    _preview(context, [answer.written])
    files = _save(given, answer.written)
    if given.has("dry-run"):
        context.out.value({**_answer_shape(answer), "state": "dry-run", "recipients": [], "files": files})
        context.out.line(_("Nothing was sent."))
        return 0
    to = ", ".join(answer.written.envelope.recipients)
    context.agree(_("Send this answer to {people}?").format(people=to), given)
    item = await service.send_answer(answer, given.text("account"))
    state, code = STATES[item.state]
    context.out.value({**_answer_shape(answer), "state": state, "recipients": _recipients([item]), "files": files})
    _told(context, [item])
    return code


def _answer_shape(answer: Answer) -> dict[str, object]:
    return {
        "id": answer.received.item.id,
        "answer": answer.response.value,
        "title": answer.received.meeting.main.title,
        "calendar": answer.calendar.name if answer.after else None,
    }


def _recipients(items: Sequence[OutboxItem]) -> list[dict[str, str]]:
    return [
        {"address": one.address, "state": one.delivery.value, "reason": one.reason}
        for item in items
        for one in item.recipients
    ]


def _preview(context: Context, letters: Sequence[Written]) -> None:
    for letter in letters:
        context.out.line()
        context.out.line(_("To: {people}").format(people=", ".join(letter.envelope.recipients)))
        context.out.line(_("Subject: {subject}").format(subject=letter.subject))
        context.out.line()
        context.out.lines(letter.text.rstrip("\n"))
    context.out.line()


def _save(given: Given, letter: Written) -> list[str]:
    if not given.has("save"):
        return []
    folder = absolute(given.text("save"))
    parts = {"message.eml": letter.envelope.content, "calendar.ics": letter.ics, "message.txt": letter.text.encode()}
    for name, data in parts.items():
        write_private(folder / name, data)
    return [str(folder / name) for name in parts]


def _told(context: Context, items: Sequence[OutboxItem]) -> None:
    for item in items:
        for one in item.recipients:
            line = f"{one.address}: {item.state.label}"
            context.out.line(f"{line} ({one.reason})" if one.reason else line)
        if item.hint:
            context.out.note(f"hint: {item.hint}")


# what a message means ------------------------------------------------------------------------------------------


async def explain(context: Context, item: InboxItem) -> tuple[str, ...]:
    """What a meeting message means for one's calendar, for `inbox show`; nothing for other messages."""
    if item.kind is not MessageKind.MEETING:
        return ()
    try:
        came = await context.services.meetings.received(item.id)
    except PartagendaError as error:
        return (error.message,)
    if came.can_answer:
        return came.verdict.words, _("Answer it: partagenda inbox accept|tentative|decline {id}").format(id=item.id)
    return (came.verdict.words,)


async def take_in(context: Context) -> list[Received]:
    """What came by mail about meetings, taken into the calendar; said in a line each."""
    found = await context.services.meetings.take_in_all(context.progress)
    for came in found:
        context.out.line(came.verdict.words)
    return found


def received_shape(came: Received) -> dict[str, object]:
    """One message that was taken in, for a program."""
    return {
        "id": came.item.id,
        "kind": came.meeting.method.value.lower(),
        "from": came.item.sender.address,
        "title": came.meeting.main.title,
        "effect": came.verdict.effect.value,
        "what": came.verdict.words,
    }


# what people have to be told -----------------------------------------------------------------------------------


async def after_edit(context: Context, calendar: str, uid: str, before: CalendarObject | None) -> None:
    """After a change of an event: say whom it concerns who does not know of it yet. Sends nothing."""
    try:
        due = await context.services.meetings.watch(calendar, uid, before)
    except PartagendaError as error:  # the change itself is done
        context.out.error(error)
        return
    if due is None:
        return
    count = len({message.recipient.key for message in due.messages})
    text = ngettext("{count} person has not been told of it.", "{count} people have not been told of it.", count)
    context.out.note(text.format(count=count) + " " + _("Tell them: partagenda meetings send {id}").format(id=_id(due)))


def _id(due: Due) -> str:
    return blake2s(due.uid.encode("utf-8", "replace"), digest_size=4).hexdigest()


def _shape(due: Due) -> dict[str, object]:
    return {
        "id": _id(due),
        "uid": due.uid,
        "title": due.title,
        "calendar": due.calendar,
        "messages": [
            {
                "to": message.recipient.address,
                "kind": message.meeting.method.value.lower(),
                "update": message.update,
            }
            for message in due.messages
        ],
    }


async def _list(context: Context, given: Given) -> int:
    found = await context.services.meetings.all_due()
    context.out.value([_shape(due) for due in found])
    for due in found:
        context.out.line(f"{_id(due)}  {due.title}  {due.calendar}")
        for line in due.lines:
            context.out.line(f"  {line}")
    if not found:
        context.out.line(_("Everybody knows what is in your calendars."))
    return 0


async def _chosen(context: Context, given: Given) -> list[Due]:
    found = await context.services.meetings.all_due()
    if not given.has("id"):
        return found
    wanted = [due for due in found if _id(due).startswith(given.text("id"))]
    if len(wanted) != 1:
        raise NotFound(
            _("There is no meeting {id} of which people have to be told.").format(id=given.text("id")),
            _("“partagenda meetings” lists them."),
        )
    return wanted


async def _send(context: Context, given: Given) -> int:
    """Exit code 3 when some messages left and others did not."""
    service, found = context.services.meetings, await _chosen(context, given)
    note = text_or_stdin(given.text("message"))
    for due in found:
        for line in due.lines:
            context.out.line(f"{due.title}: {line}")
        _preview(context, service.preview(due, note))
    people = {message.recipient.address for due in found for message in due.messages}
    if given.has("dry-run") or not found:
        context.out.value(
            {"state": "dry-run" if found else "sent", "recipients": [], "meetings": list(map(_shape, found))}
        )
        context.out.line(_("Nothing was sent.") if found else _("Everybody knows what is in your calendars."))
        return 0
    context.agree(_("Send these messages to {people}?").format(people=", ".join(sorted(people))), given)
    items = [item for due in found for item in await service.send(due, note, given.text("account"))]
    worst = max((STATES[item.state] for item in items), key=lambda state: (state[1] != 0, state[1]))
    mixed = len({STATES[item.state][0] for item in items}) > 1
    state, code = ("partly", 3) if mixed else worst
    context.out.value({"state": state, "recipients": _recipients(items), "meetings": list(map(_shape, found))})
    _told(context, items)
    return code


async def _quiet(context: Context, given: Given) -> int:
    for due in await _chosen(context, given):
        await context.services.meetings.keep_quiet(due)
        context.out.line(_("Nobody is told of “{title}” as it is now.").format(title=due.title))
    context.out.value([])
    return 0


MESSAGE = Option("message", N_("Your own words; - reads them from standard input."), N_("TEXT"))
ACCOUNT = Option("account", N_("The account that sends it."), N_("NAME"))
_DRY_RUN = Option("dry-run", N_("Send nothing and show what would leave."))
ANSWER_OPTIONS = (
    MESSAGE,
    ACCOUNT,
    _DRY_RUN,
    Option("save", N_("Write message.eml, calendar.ics and message.txt there."), N_("DIR")),
    YES,
)
COMMANDS = {
    "meetings": {
        "": Command("meetings", N_("List the meetings of which people do not know the latest."), _list),
        "send": Command(
            "meetings send",
            N_("Send invitations, updates and cancellations."),
            _send,
            (Word("id", N_("ID"), required=False),),
            (MESSAGE, ACCOUNT, _DRY_RUN, YES),
        ),
        "quiet": Command(
            "meetings quiet", N_("Send nothing: they know it otherwise."), _quiet, (Word("id", N_("ID")),)
        ),
    }
}
