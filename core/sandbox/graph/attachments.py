"""Attachments of events and drafts: small ones in one request, large ones by an upload session."""

from __future__ import annotations

import base64
import re
import secrets
from dataclasses import dataclass, field

from core.sandbox.graph.times import offset
from core.sandbox.graph.wire import Call, GraphError, Json, Reply, bad, not_found

LARGEST_AT_ONCE = 3 * 1024 * 1024
_STEP = 4 * 1024 * 1024


@dataclass(eq=False)
class _Session:
    target: dict[str, Json]
    name: str
    kind: str
    size: int
    received: bytearray = field(default_factory=bytearray)


def attachment(name: str, kind: str, data: bytes, *, inline: bool = False) -> Json:
    """A file attachment as it is sent."""
    from datetime import UTC, datetime

    return {
        "@odata.type": "#microsoft.graph.fileAttachment",
        "@odata.mediaContentType": kind,
        "id": f"AAMkATT{secrets.token_urlsafe(12)}",
        "name": name,
        "contentType": kind,
        "size": len(data),
        "isInline": inline,
        "lastModifiedDateTime": offset(datetime.now(UTC)),
        "contentId": None,
        "contentLocation": None,
        "contentBytes": base64.b64encode(data).decode(),
    }


def add(target: dict[str, Json], call: Call) -> Reply:
    """POST …/attachments. Raises 400, 413."""
    body = call.json()
    if body.get("@odata.type") != "#microsoft.graph.fileAttachment" or not body.get("name"):
        raise bad("The attachment needs a type and a name.", "ErrorPropertyValidationFailure")
    data = base64.b64decode(body.get("contentBytes") or "")
    if len(data) > LARGEST_AT_ONCE:
        raise GraphError(413, "RequestEntityTooLarge", "The attachment is too large for one request.")
    kind = str(body.get("contentType") or "application/octet-stream")
    made = attachment(str(body["name"]), kind, data, inline=bool(body.get("isInline")))
    target[made["id"]] = made
    return Reply.json({"@odata.context": f"{call.base}/v1.0/$metadata#attachments/$entity", **made}, 201)


class Uploads:
    """Sessions that are open, by the secret in their address."""

    def __init__(self) -> None:
        self._open: dict[str, _Session] = {}

    def begin(self, target: dict[str, Json], call: Call) -> Reply:
        """POST …/attachments/createUploadSession. Raises 400."""
        given = {name.lower(): value for name, value in call.json().items()}.get("attachmentitem")
        if not isinstance(given, dict) or given.get("attachmentType") != "file" or not given.get("size"):
            raise bad("An AttachmentItem with attachmentType, name and size is required.", "ErrorInvalidArgument")
        if int(given["size"]) < LARGEST_AT_ONCE:
            raise bad(
                "The attachment is small enough for one request.", "ErrorAttachmentSizeShouldNotBeLessThanMinimumSize"
            )
        secret = secrets.token_urlsafe(24)
        kind = str(given.get("contentType") or "application/octet-stream")
        self._open[secret] = _Session(target, str(given["name"]), kind, int(given["size"]))
        return Reply.json({"@odata.context": f"{call.base}/v1.0/$metadata#microsoft.graph.uploadSession",
                           "uploadUrl": f"{call.base}/upload/{secret}", "nextExpectedRanges": ["0-"],
                           "expirationDateTime": "2099-01-01T00:00:00Z"}, 201)  # fmt: skip

    def put(self, secret: str, call: Call) -> Reply:
        """PUT of one range; the address itself is the permission. Raises 400, 401, 404, 416."""
        session = self._open.get(secret)
        if session is None:
            raise not_found("The upload session was not found")
        if "authorization" in call.headers:
            raise GraphError(401, "InvalidAuthenticationToken", "Do not send a token to an upload address.")
        match = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", call.headers.get("content-range", ""))
        if not match or int(match[3]) != session.size or int(match[2]) - int(match[1]) + 1 != len(call.body):
            raise bad("Invalid Content-Range.", "ErrorInvalidRange")
        if int(match[1]) != len(session.received) or len(call.body) > _STEP:
            raise GraphError(416, "ErrorInvalidRange", f"Expected {len(session.received)}-")
        session.received += call.body
        if len(session.received) < session.size:
            return Reply.json({"nextExpectedRanges": [f"{len(session.received)}-"],
                               "expirationDateTime": "2099-01-01T00:00:00Z"})  # fmt: skip
        del self._open[secret]
        made = attachment(session.name, session.kind, bytes(session.received))
        session.target[made["id"]] = made
        return Reply(201, b"", {"Location": f"{call.base}/attachments/{made['id']}"})
