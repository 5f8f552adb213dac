"""The port MessageSource: the inbox, of which only messages with a calendar in them are shown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

from core.backends.graph.boundary import reads
from core.backends.graph.wire import Json
from core.calendar.people import Address
from core.errors import Refused
from core.ports.mail import MessageRef
from core.ports.world import Progress

if TYPE_CHECKING:
    from core.backends.graph.session import Session

MOST = 1000
"""The newest messages that are looked at."""
_PAGE = 100
_KINDS = ("calendarSharingMessage", "eventMessage", "eventMessageRequest", "eventMessageResponse")
_TYPES = ("text/calendar", "text/x-vcalendar", "application/ics", "application/x-sharing-metadata-xml")
_FIELDS = "id,subject,from,receivedDateTime,hasAttachments"


class GraphMessages:
    """Implements `core.ports.MessageSource`. A message is looked into once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._carries: dict[str, bool] = {}

    @property
    def account(self) -> str:
        """The account's name in config.toml."""
        return self._session.account

    @reads
    async def messages(self, progress: Progress | None = None) -> Sequence[MessageRef]:
        """Oldest first: sharing and meeting messages by their type, others by the names of their attachments."""
        found: dict[str, Json] = {}
        async for page in self._session.pages(
            "me/mailFolders/inbox/messages", select=_FIELDS, top=str(_PAGE), orderby="receivedDateTime desc"
        ):
            found |= {str(one["id"]): one for one in page["value"]}
            if progress:
                progress(len(found), 0, self.account)
            if len(found) >= MOST:
                break
        await self._look_into([one for one in found.values() if str(one["id"]) not in self._carries])
        shown = [_ref(one, self.account) for key, one in found.items() if self._carries.get(key)]
        return sorted(shown, key=lambda ref: (ref.received, ref.id))

    @reads
    async def read(self, message: str) -> bytes:
        """The whole message as it came."""
        from core.errors import NotFound
        from core.language import _

        try:
            answer = await self._session.ask("GET", f"me/messages/{quote(message, safe='')}/$value", raw=True)
        except Refused as error:
            raise NotFound(_("The message is no longer there."), error.hint) from error
        return answer.body

    async def _look_into(self, new: Sequence[Json]) -> None:
        due = []
        for one in new:
            kind = str(one.get("@odata.type") or "").rpartition(".")[2]
            if kind in _KINDS or not one.get("hasAttachments"):
                self._carries[str(one["id"])] = kind in _KINDS
            else:
                due.append(str(one["id"]))
        paths = [f"me/messages/{quote(one, safe='')}/attachments?$select=id,name,contentType" for one in due]
        for key, answer in zip(due, await self._session.batch(paths), strict=True):
            self._carries[key] = any(_is_calendar(one) for one in answer.json.get("value", []))


def _is_calendar(one: Json) -> bool:
    kind, name = str(one.get("contentType") or "").lower(), str(one.get("name") or "").lower()
    return kind.partition(";")[0].strip() in _TYPES or name.endswith((".ics", ".vcs"))


def _ref(one: Json, account: str) -> MessageRef:
    sender = (one.get("from") or {}).get("emailAddress") or {}
    address = str(sender.get("address") or "")
    return MessageRef(
        str(one["id"]),
        account,
        Address(address, str(sender.get("name") or "")) if address else None,
        str(one.get("subject") or ""),
        datetime.fromisoformat(str(one["receivedDateTime"])[:19]).replace(tzinfo=UTC),
    )
