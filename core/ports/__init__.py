"""What services need from the world. Backends implement these protocols; services know nothing else of them.

Each protocol has one contract suite in `tests/contracts` that every backend passes.
"""

from __future__ import annotations

from core.ports.calendars import (
    CalendarInfo,
    CalendarKind,
    CalendarStore,
    Capabilities,
    SnapshotFacts,
    StoredObject,
)
from core.ports.feeds import FeedSource, Fetched, Known
from core.ports.mail import (
    Delivery,
    Envelope,
    MailTransport,
    MessageRef,
    MessageSource,
    RecipientResult,
)
from core.ports.publishing import (
    NOTHING,
    Place,
    PublishTarget,
    Stored,
    TargetAbilities,
    fingerprint,
)
from core.ports.servers import (
    AccountState,
    Availability,
    BusyBlock,
    FreeBusySource,
    PendingWrite,
    RemoteCalendar,
    RemoteCalendars,
    RemoteChanges,
    RemoteItem,
    RemoteRef,
    ServerReport,
    WriteState,
)
from core.ports.world import (
    Clock,
    Consent,
    Directory,
    Progress,
    Secrets,
)

__all__ = [
    "NOTHING",
    "AccountState",
    "Availability",
    "BusyBlock",
    "CalendarInfo",
    "CalendarKind",
    "CalendarStore",
    "Capabilities",
    "Clock",
    "Consent",
    "Delivery",
    "Directory",
    "Envelope",
    "FeedSource",
    "Fetched",
    "FreeBusySource",
    "Known",
    "MailTransport",
    "MessageRef",
    "MessageSource",
    "PendingWrite",
    "Place",
    "Progress",
    "PublishTarget",
    "RecipientResult",
    "RemoteCalendar",
    "RemoteCalendars",
    "RemoteChanges",
    "RemoteItem",
    "RemoteRef",
    "Secrets",
    "ServerReport",
    "SnapshotFacts",
    "Stored",
    "StoredObject",
    "TargetAbilities",
    "WriteState",
    "fingerprint",
]
