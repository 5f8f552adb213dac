"""`inbox accept|decline|ask` for sharing messages; meetings are answered in `meetings`."""

from __future__ import annotations

from core.errors import Refused, UsageError
from core.language import _
from core.services.inbox import InboxItem
from core.services.receiving import Offer
from core.services.share_plan import ShareRequest
from core.sharing.incoming import MessageKind
from core.sharing.invitation import Purpose
from tui.cli import meetings, sharing
from tui.cli.context import Context
from tui.cli.files import text_or_stdin
from tui.cli.grammar import Given
from tui.cli.sending import STATES
from tui.cli.shapes import calendar as calendar_shape

SHARING = (MessageKind.INVITATION, MessageKind.REQUEST, MessageKind.RESPONSE)


async def _kind(context: Context, given: Given) -> MessageKind:
    return (await context.services.inbox.read(given.text("id")))[0].kind


async def offered(context: Context, item: InboxItem) -> Offer | None:
    """What a sharing message offers, for `inbox show`; None for other messages."""
    return await context.services.receiving.offer(item.id) if item.kind in SHARING else None


async def accept(context: Context, given: Given) -> int:
    """`inbox accept ID`: a meeting is accepted, a shared calendar opened, a request allowed."""
    if await _kind(context, given) not in SHARING:
        return await meetings.accept(context, given)
    offer = await context.services.receiving.offer(given.text("id"))
    if offer.message.purpose is Purpose.REQUEST:
        return await _allow(context, given, offer)
    return await open_offer(context, given, offer)


async def decline(context: Context, given: Given) -> int:
    """`inbox decline ID`: a meeting or a request is declined; an invitation to a calendar needs no answer."""
    if await _kind(context, given) not in SHARING:
        return await meetings.decline(context, given)
    offer = await context.services.receiving.offer(given.text("id"))
    if not offer.message.purpose.asks:
        raise Refused(
            _("An invitation to a calendar needs no refusal: nothing is sent, and nothing was opened."),
            _("Delete the message if you do not want it."),
        )
    for line in offer.lines:
        context.out.line(line)
    context.agree(_("Decline the request of {who}?").format(who=offer.sender.address), given)
    service = context.services.sharing
    item = await service.deny(offer.sender, text_or_stdin(given.text("message")), given.text("account"))
    return _sent(context, offer, item.state)


async def ask(context: Context, given: Given) -> int:
    """`inbox ask ID`: ask the sender for permission to view their calendar."""
    item, _message = await context.services.inbox.read(given.text("id"))
    if not item.sender.address:
        raise UsageError(_("This message names no sender."))
    context.agree(_("Ask {who} for permission to view their calendar?").format(who=item.sender.address), given)
    service = context.services.sharing
    sent = await service.ask(item.sender, text_or_stdin(given.text("message")), given.text("account"))
    state, code = STATES[sent.state]
    context.out.value({"id": item.id, "state": state, "to": item.sender.address})
    context.out.line(f"{item.sender.address}: {sent.state.label}")
    return code


def _sent(context: Context, offer: Offer, state: object) -> int:
    word, code = STATES[state]  # type: ignore[index]
    context.out.value({"id": offer.item.id, "answer": "declined", "state": word, "to": offer.sender.address})
    context.out.line(_("Declined; {who} is told.").format(who=offer.sender.address))
    return code


async def _allow(context: Context, given: Given, offer: Offer) -> int:
    """Share one's default calendar with whoever asked, at the level that is chosen here."""
    services = context.services
    mine = next((info for info in await services.library.calendars() if info.can.share and not info.owner), None)
    if mine is None:
        raise Refused(
            _("You have no calendar on a server that could be shared."), _("Send a copy instead: partagenda send.")
        )
    for line in offer.lines:
        context.out.line(line)
    request = ShareRequest(
        calendar=mine.id,
        people=(offer.sender,),
        level=sharing.chosen_level(given),
        message=text_or_stdin(given.text("message")),
        account=given.text("account"),
    )
    return await sharing.give(context, given, request, Purpose.ALLOW)


async def open_offer(context: Context, given: Given, offer: Offer) -> int:
    """*Open this calendar*, after what the message claims was shown and the person agreed."""
    for line in offer.lines:
        context.out.line(line)
    if not offer.can_open:
        raise Refused(offer.problem or _("There is no calendar to open in this message."))
    context.agree(_("Open “{name}”?").format(name=offer.name), given)
    private = False
    if offer.private:
        context.agree(
            _("It leads into a private network ({host}). Fetch from there?").format(host=offer.private), given
        )
        private = True
    info = await context.services.receiving.open(offer, private=private)
    context.out.value(calendar_shape(info))
    context.out.line(_("“{name}” is in your list of calendars now.").format(name=info.name))
    return 0
