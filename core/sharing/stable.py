"""UIDs of a publication: as random to a stranger as those of a message, and the same at each upload while an item is
the same, so that who subscribed does not get everything anew every hour. Pure.

A UID is made from what others see of the item and the publication's own key, never from the item's own UID: nothing
links two publications, or a publication and the calendar that it comes from.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from core.calendar.event import SharedEvent

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - a filler, never compared with a moment


def stable(events: Sequence[SharedEvent], key: bytes, stamp: datetime) -> tuple[SharedEvent, ...]:
    """The same events in the same order with UIDs of the key, and all with this DTSTAMP.

    Components of one series keep one UID among them. Items that look the same to others are told apart by their number.
    """
    groups: dict[str, list[SharedEvent]] = {}
    for event in events:
        groups.setdefault(event.uid, []).append(event)
    seen: Counter[bytes] = Counter()
    names: dict[str, str] = {}
    for uid, group in groups.items():
        said = "\n".join(repr(replace(event, uid="", stamp=_EPOCH)) for event in group).encode()
        digest = hashlib.sha256(said).digest()
        seen[digest] += 1
        names[uid] = _name(key, digest, seen[digest])
    return tuple(replace(event, uid=names[event.uid], stamp=stamp) for event in events)


def _name(key: bytes, digest: bytes, number: int) -> str:
    mac = hmac.new(key, digest + number.to_bytes(4, "big"), hashlib.sha256).digest()
    return b64encode(mac[:16]).decode("ascii")
