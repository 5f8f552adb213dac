"""Writes the table of what each kind of account can do into README.md: `.venv/bin/python docs/matrix.py`.

It asks the backends themselves, over the sandbox's servers: the capabilities that they give their calendars, the parts
that they offer, what their permissions tables let one choose. A test holds README to it.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from core.bootstrap import Services, open_services  # noqa: E402
from core.bootstrap_servers import ServerParts  # noqa: E402
from core.calendar.event import CalendarObject, Event  # noqa: E402
from core.errors import PartagendaError, Refused  # noqa: E402
from core.language import use_language  # noqa: E402
from core.ports.calendars import CalendarInfo, CalendarKind, Capabilities  # noqa: E402
from core.ports.sharing import Offered  # noqa: E402
from core.sandbox.cloud import ACCOUNT, cloud_home, sign_in_by_code  # noqa: E402
from core.sandbox.home import sandbox  # noqa: E402
from core.sandbox.people import ALICE  # noqa: E402
from core.sharing.permission_table import person  # noqa: E402
from core.sharing.permissions import PermissionLevel  # noqa: E402

BEGIN, END = "<!-- matrix -->", "<!-- /matrix -->"
YES, NO = "yes", "no"


@dataclass(frozen=True)
class Column:
    """What one kind of account answered."""

    name: str
    calendars: Capabilities
    """Everything that some calendar of the person's own there can do."""
    parts: ServerParts | None
    offered: Offered | None
    odd_rules: bool


async def columns() -> list[Column]:
    """Local, Exchange Server, Microsoft 365, in the sandbox."""
    use_language("en")
    with sandbox("en") as box:
        home = await asyncio.to_thread(box.home, ALICE)
        cloud = await asyncio.to_thread(cloud_home, box, ALICE)
        usual, distant = open_services(home.settings, home.paths), open_services(cloud.settings, cloud.paths)
        try:
            door = distant.sign_in(ACCOUNT)
            assert door is not None
            await sign_in_by_code(box, ALICE, door)
            return [
                await column("Local", usual, CalendarKind.LOCAL),
                await column("Exchange Server", usual, CalendarKind.EXCHANGE),
                await column("Microsoft 365", distant, CalendarKind.MICROSOFT365),
            ]
        finally:
            await usual.close()
            await distant.close()


async def column(name: str, services: Services, kind: CalendarKind) -> Column:
    """What this kind says of itself: of the calendars that are there, and of one that is made."""
    await services.library.refresh()
    own = [info for info in await services.library.calendars() if info.kind is kind and not info.owner]
    configured = next((one for one in services.settings.servers if one.name == own[0].account), None)
    parts = services._servers.parts(configured) if configured else None
    cans = [info.can for info in own]
    if parts is not None:
        cans = [one.can for one in await parts.calendars.calendars() if not one.owner]
        cans.append((await parts.calendars.create_calendar("Another")).can)
    can = Capabilities(**{field: any(getattr(one, field) for one in cans) for field in Capabilities.__slots__})
    return Column(name, can, parts, await _offered(services, own[0]), _holds_odd_rules(parts))


async def _offered(services: Services, info: CalendarInfo) -> Offered | None:
    try:
        return (await services.permissions.open(info.id)).stored.offered
    except PartagendaError:
        return None


def _holds_odd_rules(parts: ServerParts | None) -> bool:
    """A rule that Outlook's dialog does not have: the first and the fifteenth of each month."""
    start = datetime(2027, 1, 1, 9, tzinfo=UTC)
    event = Event("odd@example.org", start, start + timedelta(hours=1), "Odd", rrule="FREQ=MONTHLY;BYMONTHDAY=1,15")
    try:
        if parts is not None:
            parts.calendars.vet(CalendarObject(event.uid, (event,)))
    except Refused:
        return False
    return True


def table(found: Sequence[Column]) -> str:
    """The table in Markdown."""
    lines = ["| What | " + " | ".join(one.name for one in found) + " |", "|---|" + "---|" * len(found)]
    lines += [f"| {what} | " + " | ".join(answer(one) for one in found) + " |" for what, answer in ACTIONS]
    return "\n".join(lines)


def _can(field: str):
    return lambda one: YES if getattr(one.calendars, field) else NO


def _part(words: str, without: str = NO):
    return lambda one: words if one.parts is not None else without


def _share(one: Column) -> str:
    if not one.calendars.share or one.parts is None:
        return "no: send a copy, or publish"
    return "yes; the server invites" if one.parts.sharing.invites else "yes; Partagenda invites"


def _permissions(one: Column) -> str:
    if one.offered is None or not one.calendars.permissions:
        return NO
    levels = len(dict.fromkeys((PermissionLevel.NONE, *one.offered.levels_for(person("bruno@example.org")))))
    return f"{levels} levels" + (", single rights" if one.offered.custom else "")


def _delegates(one: Column) -> str:
    return YES if one.offered is not None and one.offered.delegates else NO


def _publish(one: Column) -> str:
    if one.parts is None:
        return NO
    return "the steps of Outlook on the web" if one.parts.sign_in else "its shell, or a command to run"


ACTIONS = (
    ("Read and search, also without a network", lambda one: YES),
    ("Add, change, delete, move, undo", _can("write")),
    ("Repetitions", lambda one: "every rule" if one.odd_rules else "those of Outlook's dialog"),
    ("Rename and delete calendars", _can("delete")),
    ("E-mail Calendar from it", lambda one: YES),
    ("Send the mail itself", _part(YES, "by a mail account")),
    ("Invitations and snapshots from its inbox", _part(YES, "from a Maildir")),
    ("Share Calendar", _share),
    ("Calendar Permissions", _permissions),
    ("Delegates", _delegates),
    ("Open a colleague's calendar", _part(YES)),
    ("When somebody is free", _part("asked of the server", "from their calendars")),
    ("Names from the organisation's directory", _part(YES)),
    ("Publish Online: WebDAV server, web page", lambda one: YES),
    ("Publish This Calendar", _publish),
    ("Sign-in", lambda one: "browser" if one.parts and one.parts.sign_in else "password" if one.parts else "none"),
)


def with_table(text: str, made: str) -> str:
    """README with the table between its marks."""
    head, _begin, rest = text.partition(BEGIN)
    _old, _end, tail = rest.partition(END)
    return f"{head}{BEGIN}\n{made}\n{END}{tail}"


def main() -> None:
    """Write it."""
    readme = ROOT / "README.md"
    readme.write_text(with_table(readme.read_text(encoding="utf-8"), table(asyncio.run(columns()))), encoding="utf-8")


if __name__ == "__main__":
    main()
