"""Files at events and at messages: small ones in one request, large ones by an upload session."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote

from core.backends.graph.wire import Json
from core.calendar.event import Attachment, CalendarObject, Event
from core.errors import Refused
from core.language import _

if TYPE_CHECKING:
    from core.backends.graph.session import Session

AT_ONCE = 3 * 1024 * 1024 - 1
"""Bytes that fit into one request; larger files need a session."""
LARGEST = 150 * 1024 * 1024
_READ = 3 * 1024 * 1024
"""A larger one is named and not fetched when its event is read."""


def of(event: Event) -> tuple[Attachment, ...]:
    """The files inside an event."""
    return tuple(one for one in event.attachments if one.content is not None)


def vet(thing: CalendarObject) -> None:
    """Raise Refused for a file that is too large for Microsoft 365, and for files of a single instance."""
    for event in thing.events:
        for one in of(event):
            if len(one.content or b"") > LARGEST:
                raise Refused(
                    _("“{name}” is larger than 150 MB, the most that Microsoft 365 takes.").format(name=one.name)
                )
    master = thing.master
    if master is not None and any(of(one) and of(one) != of(master) for one in thing.overrides):
        raise Refused(
            _("In Microsoft 365 files belong to a whole series, not to one instance of it."),
            _("Attach them to the series, or make an event of its own of this instance."),
        )


async def read(session: Session, calendar: str, events: Sequence[Json]) -> dict[str, list[Json]]:
    """The attachments of these events, by the event's id; very large ones without their bytes."""
    if not events:
        return {}
    paths = [f"{calendar}/events/{quote(str(one['id']), safe='')}/attachments" for one in events]
    names = await session.batch([f"{path}?$select=id,name,contentType,size,isInline" for path in paths])
    found = {str(event["id"]): list(answer.json.get("value", [])) for event, answer in zip(events, names, strict=True)}
    small = [(path, one) for path, listing in zip(paths, found.values(), strict=True) for one in listing
             if int(one.get("size") or 0) <= _READ]  # fmt: skip
    whole = await session.batch([f"{path}/{quote(str(one['id']), safe='')}" for path, one in small])
    for (_path, one), answer in zip(small, whole, strict=True):
        one["contentBytes"] = answer.json.get("contentBytes")
    return found


async def bring(session: Session, path: str, event: Event) -> None:
    """Make the files of an event (or a draft) those of `event`: what is there already stays."""
    there = (await session.get(f"{path}/attachments", select="id,name,size")).get("value", [])
    wanted = list(of(event))
    for one in there:
        same = next(
            (file for file in wanted if (file.name, len(file.content or b"")) == (one["name"], one["size"])), None
        )
        if same is None:
            await session.ask("DELETE", f"{path}/attachments/{quote(str(one['id']), safe='')}")
        else:
            wanted.remove(same)
    for file in wanted:
        await add(session, path, file.name, file.media_type, file.content or b"")


async def add(session: Session, path: str, name: str, media_type: str, content: bytes) -> None:
    """One file more. Raises as `Session`."""
    name = name or "attachment"
    if len(content) <= AT_ONCE:
        body = {
            "@odata.type": "#microsoft.graph.fileAttachment",
            "name": name,
            "contentType": media_type,
            "contentBytes": base64.b64encode(content).decode(),
        }
        await session.send("POST", f"{path}/attachments", body)
        return
    item = {"attachmentType": "file", "name": name, "size": len(content), "contentType": media_type}
    opened = await session.send("POST", f"{path}/attachments/createUploadSession", {"AttachmentItem": item})
    await session.upload(str(opened.get("uploadUrl") or ""), content)
