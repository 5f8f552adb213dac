"""Who wants to hear of changes: Subscribe, GetEvents, GetStreamingEvents, Unsubscribe ([MS-OXWSNTIF]).

Events come from the journal of the organisation; a subscription remembers how far its owner has heard.
"""

from __future__ import annotations

import base64
import binascii
import time
from collections.abc import Iterable, Iterator
from secrets import token_bytes

from core.sandbox.exchange.errors import EwsError
from core.sandbox.exchange.folder_view import named_folder
from core.sandbox.exchange.ids import EwsId
from core.sandbox.exchange.model import Change, ChangeKind, Folder, Mailbox, Organisation
from core.sandbox.exchange.registry import Context, operation, respond, respond_messages, success
from core.sandbox.exchange.rights import rights_of
from core.sandbox.exchange.xml import Element, children, m, name_of, t, text_of
from core.sharing.permissions import ReadRight
from core.values import dataclass

MOST = 20
"""Subscriptions that one person may have at once, as Exchange's default policy."""
MOST_EVENTS = 50
"""Events in one answer of GetEvents."""
HEARTBEAT = 25.0
"""Seconds between signs of life on a stream."""
_STEP = 0.2
_NAMES = {ChangeKind.READ: "ModifiedEvent"}


@dataclass(slots=True)
class Subscription:
    """What somebody hears of. `folders` None: of everything in their own mailbox."""

    id: str
    who: Mailbox
    folders: frozenset[EwsId] | None
    events: frozenset[str]
    position: int
    streaming: bool


@operation("Subscribe")
def subscribe(context: Context) -> Element:
    """A new subscription, to be asked (pull) or listened to (streaming)."""

    def one(request: Element) -> Element:
        """It begins at its watermark, if it brings one, else with what happens from now on."""
        kind = name_of(request)
        if kind == "PushSubscriptionRequest":
            raise EwsError("ErrorInvalidSubscriptionRequest", "This server calls nobody back.")
        mine = [each for each in subscriptions(context.organisation).values() if each.who is context.who]
        if len(mine) >= MOST:
            raise EwsError("ErrorExceededSubscriptionCount", "You have exceeded the available subscriptions.")
        watermark = text_of(request, "Watermark")
        made = Subscription(
            base64.b64encode(context.who.guid.bytes + token_bytes(16)).decode(),
            context.who,
            _folders(context, request),
            frozenset(each.text or "" for each in children(request, "EventTypes")),
            position_of(watermark) if watermark else context.organisation.last_change,
            kind == "StreamingSubscriptionRequest",
        )
        subscriptions(context.organisation)[made.id] = made
        mark = None if made.streaming else m("Watermark", watermark_of(made.position))
        return success("Subscribe", m("SubscriptionId", made.id), mark)

    return respond("Subscribe", list(context.request), one)


def subscriptions(organisation: Organisation) -> dict[str, Subscription]:
    """All that there are, by id."""
    found: dict[str, Subscription] = organisation.settings.setdefault("subscriptions", {})  # type: ignore[assignment]
    return found


def _folders(context: Context, request: Element) -> frozenset[EwsId] | None:
    if request.get("SubscribeToAllFolders") == "true":
        return None
    folders = [named_folder(context, each) for each in children(request, "FolderIds")]
    if not folders:
        raise EwsError("ErrorInvalidSubscriptionRequest", "Folders are needed, or SubscribeToAllFolders.")
    for folder in folders:
        if rights_of(context.who, folder).read is not ReadRight.FULL:
            raise EwsError("ErrorSubscriptionAccessDenied", "The folder cannot be read.")
    return frozenset(folder.id for folder in folders)


def _mine(context: Context, number: str) -> Subscription:
    found = subscriptions(context.organisation).get(number)
    if found is None:
        raise EwsError("ErrorSubscriptionNotFound", "The subscription was not found.")
    if found.who is not context.who:
        raise EwsError("ErrorSubscriptionAccessDenied", "The subscription is somebody else's.")
    return found


@operation("Unsubscribe")
def unsubscribe(context: Context) -> Element:
    """End a subscription."""

    def one(number: str) -> Element:
        del subscriptions(context.organisation)[_mine(context, number).id]
        return success("Unsubscribe")

    return respond("Unsubscribe", [text_of(context.request, "SubscriptionId")], one)


@operation("GetEvents")
def get_events(context: Context) -> Element:
    """What happened since the watermark; nothing is an event of its own."""

    def one(number: str) -> Element:
        """At most `MOST_EVENTS`; MoreEvents says that there are others."""
        found = _mine(context, number)
        if found.streaming:
            raise EwsError("ErrorInvalidPullSubscriptionId", "The subscription is a streaming one.")
        since = position_of(text_of(context.request, "Watermark"))
        changes = _changes(context.organisation, found, since)
        some, more = changes[:MOST_EVENTS], len(changes) > MOST_EVENTS
        found.position = some[-1].number if some else context.organisation.last_change
        events = [_event(context.organisation, each, marked=True) for each in some]
        status = t("StatusEvent", t("Watermark", watermark_of(found.position)))
        head = [
            t("SubscriptionId", found.id),
            t("PreviousWatermark", watermark_of(since)),
            t("MoreEvents", more),
        ]
        return success("GetEvents", m("Notification", head, events or [status]))

    return respond("GetEvents", [text_of(context.request, "SubscriptionId")], one)


@operation("GetStreamingEvents")
def get_streaming_events(context: Context) -> Iterator[Element]:
    """A stream of answers: the connection's state at once, then each change as it happens, and signs of life.

    Ids that are not there are named in the first answer, which then is the last.
    """
    numbers = [each.text or "" for each in children(context.request, "SubscriptionIds")]
    minutes = int(text_of(context.request, "ConnectionTimeout") or "30")
    known, wrong = [], []
    for number in numbers:
        try:
            known.append(_mine(context, number))
        except EwsError:
            wrong.append(number)
    if wrong:
        error = EwsError("ErrorInvalidSubscription", "Some subscriptions are not valid.")
        message = error.response("GetStreamingEventsResponseMessage")
        message.append(m("ErrorSubscriptionIds", [t("SubscriptionId", each) for each in wrong]))
        return iter([respond_messages("GetStreamingEvents", [message])])
    return _stream(context.organisation, known, time.monotonic() + minutes * 60)


def _stream(organisation: Organisation, known: Iterable[Subscription], end: float) -> Iterator[Element]:
    yield _status("OK")
    beat = time.monotonic() + HEARTBEAT
    while time.monotonic() < end and not organisation.closing.is_set():
        answer = _heard(organisation, known)
        if answer is not None:
            yield answer
        elif time.monotonic() >= beat:
            yield _status("OK")
        else:
            continue
        beat = time.monotonic() + HEARTBEAT
    yield _status("Closed")


def _heard(organisation: Organisation, known: Iterable[Subscription]) -> Element | None:
    """The news of all subscriptions, waiting a moment for some."""
    with organisation.lock:
        notes = [note for each in known if (note := _note(organisation, each)) is not None]
        if not notes:
            organisation.changed.wait(_STEP)
            notes = [note for each in known if (note := _note(organisation, each)) is not None]
    if not notes:
        return None
    message = success("GetStreamingEvents", m("Notifications", notes))
    return respond_messages("GetStreamingEvents", [message])


def _note(organisation: Organisation, found: Subscription) -> Element | None:
    changes = _changes(organisation, found, found.position)
    found.position = organisation.last_change
    if not changes:
        return None
    events = [_event(organisation, each, marked=False) for each in changes]
    return t("Notification", t("SubscriptionId", found.id), events)


def _status(state: str) -> Element:
    return respond_messages("GetStreamingEvents", [success("GetStreamingEvents", m("ConnectionStatus", state))])


# --- events ---------------------------------------------------------------------------------------------------------


def watermark_of(position: int) -> str:
    """A place in the journal, as clients hand it back."""
    return base64.b64encode(position.to_bytes(8, "big")).decode()


def position_of(watermark: str) -> int:
    """Raises EwsError: ErrorInvalidWatermark."""
    try:
        content = base64.b64decode(watermark, validate=True)
    except (binascii.Error, ValueError) as error:
        raise EwsError("ErrorInvalidWatermark", "The watermark is invalid.") from error
    if len(content) != 8:
        raise EwsError("ErrorInvalidWatermark", "The watermark is invalid.")
    return int.from_bytes(content, "big")


def _changes(organisation: Organisation, found: Subscription, since: int) -> list[Change]:
    """The changes that a subscription hears of, in order."""
    own = found.who.folders.values()
    wanted: list[Folder] = list(own) if found.folders is None else _by_id(organisation, found.folders)
    changes = [each for folder in wanted for each in _newer(folder.journal, since)]
    if found.folders is None:
        changes += _newer(found.who.journal, since)
    changes = [each for each in changes if found.events & set(_names(organisation, each))]
    return sorted(changes, key=lambda each: each.number)


def _newer(journal: list[Change], since: int) -> list[Change]:
    newer = []
    for each in reversed(journal):
        if each.number <= since:
            break
        newer.append(each)
    return newer


def _by_id(organisation: Organisation, ids: frozenset[EwsId]) -> list[Folder]:
    boxes = organisation.mailboxes.values()
    return [folder for box in boxes for number, folder in box.folders.items() if number in ids]


def _names(organisation: Organisation, change: Change) -> Iterator[str]:
    """The kinds of event that a change is: mail that arrives is created, and new mail."""
    yield _NAMES.get(change.kind, change.kind.value)
    inbox = change.mailbox.distinguished["inbox"]
    if change.kind is ChangeKind.CREATED and change.item is not None and change.folder == str(inbox.id):
        yield "NewMailEvent"


def _event(organisation: Organisation, change: Change, *, marked: bool) -> Element:
    folder = next((each for number, each in change.mailbox.folders.items() if str(number) == change.folder), None)
    key = folder.change_key if folder is not None else ""
    if change.item is not None:
        what = t("ItemId", Id=change.item, ChangeKey=_key_of(organisation, change))
        parent = t("ParentFolderId", Id=change.folder, ChangeKey=key)
    else:
        above = folder.parent if folder is not None and folder.parent is not None else folder
        what = t("FolderId", Id=change.folder, ChangeKey=key)
        parent = t("ParentFolderId", Id=above.id if above is not None else change.folder)
    mark = [t("Watermark", watermark_of(change.number))] if marked else []
    return t(_NAMES.get(change.kind, change.kind.value), mark, t("TimeStamp", change.at), what, parent)


def _key_of(organisation: Organisation, change: Change) -> str:
    try:
        return organisation.item(EwsId.parse(change.item or "")).change_key
    except EwsError:
        return ""
