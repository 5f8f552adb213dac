"""Where other modules join in when items are made, changed and deleted: mail, meetings, attachments.

`creating` takes over a kind that is no plain item (a message that is sent, an answer to a meeting request, a response
object); `AFTER` hears of items that were written, with what the request said about telling people.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum

from core.sandbox.exchange.appointments import Thing
from core.sandbox.exchange.model import Folder, Item
from core.sandbox.exchange.registry import Context
from core.sandbox.exchange.xml import Element
from core.values import dataclass


class Written(StrEnum):
    """What was done to an item."""

    CREATED = "created"
    UPDATED = "updated"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a request says beside the item.

    `disposition` is MessageDisposition; `telling` is SendMeetingInvitations, SendMeetingInvitationsOrCancellations or
    SendMeetingCancellations; `folder` is SavedItemFolderId's.
    """

    disposition: str = ""
    telling: str = ""
    folder: Folder | None = None


Creator = Callable[[Context, Element, Wish], Iterable[Element]]
CREATORS: dict[str, Creator] = {}
"""By the element's name: what CreateItem answers with inside `m:Items`."""

After = Callable[[Context, Thing, Written, Wish], None]
AFTER: list[After] = []
"""Called in order when an item was written (when it is deleted: before it is gone). May raise EwsError."""

Attach = Callable[[Context, Item, Element], None]
ATTACH: list[Attach] = []
"""Takes the `t:Attachments` of an item that is created."""


def creating(*kinds: str) -> Callable[[Creator], Creator]:
    """The function makes what CreateItem is given as these elements."""

    def register(function: Creator) -> Creator:
        CREATORS.update(dict.fromkeys(kinds, function))
        return function

    return register


def tell(context: Context, thing: Thing, written: Written, wish: Wish) -> None:
    """Let the others know."""
    for hear in AFTER:
        hear(context, thing, written, wish)
