"""`demo --check`: the whole story without a screen, over the services that the app uses."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path

from core.bootstrap import Services, open_services
from core.calendar.entry import Entry
from core.calendar.event import Moment
from core.calendar.span import DateRange, Preset, preset_range
from core.errors import PartagendaError
from core.language import _
from core.ports.calendars import CalendarInfo, CalendarKind
from core.sandbox.calendars import private_titles
from core.sandbox.home import Sandbox, sandbox
from core.sandbox.people import ALICE, BRUNO, CLARA, Person
from core.sandbox.story_exchange import tell_exchange
from core.sandbox.story_publishing import tell_publishing
from core.sandbox.story_sharing import tell_sharing
from core.sandbox.story_subscribe import tell_subscription
from core.services.email_calendar import Draft, SnapshotRequest
from core.services.inbox import InboxItem
from core.sharing.detail import DetailLevel, status_word
from core.sharing.mime import leaves
from core.sharing.snapshot import SnapshotOptions

Write = Callable[[str], None]
Seen = tuple[Moment, Moment, str, str, str]
"""Start, end, status, title, place."""


class StepFailed(Exception):
    """A step of the story did not hold."""


@dataclass
class Story:
    """Prints a line for each step. `held` turns false at the first that does not hold."""

    write: Write
    held: bool = True
    steps: int = 0

    def step(self, what: str, holds: bool, why: str = "") -> None:
        """One line; a step that does not hold ends the story with its reason."""
        self.steps += 1
        mark = _("ok") if holds else _("FAILED")
        self.write(f"{self.steps:2}. {mark}  {what}" + (f": {why}" if why and not holds else ""))
        if not holds:
            self.held = False
            raise StepFailed(what)


async def check(write: Write, language: str = "en") -> bool:
    """Alice e-mails seven days at each level to Bruno and Clara; each opens the .ics beside their own calendar.

    Then all of it once more on Microsoft 365, with sharing instead of files.

    True if every step held. The language is that of the sample data; the lines are in the program's own.
    """
    story = Story(write)
    with sandbox(language) as box:
        people: dict[str, Services] = {}
        try:
            for person in (ALICE, BRUNO, CLARA):
                home = await asyncio.to_thread(box.home, person)
                people[person.key] = open_services(home.settings, home.paths)
            await _tell(story, box, people, language)
        except StepFailed:
            pass
        except PartagendaError as error:
            story.held = False
            write(f"{_('FAILED')}  {error.message}" + (f"\n{error.hint}" if error.hint else ""))
        finally:
            for services in people.values():
                await services.close()
    if story.held:
        await _again_on_microsoft365(story, language)
    return story.held


async def _again_on_microsoft365(story: Story, language: str) -> None:
    from core.sandbox.story_graph import tell_graph

    try:
        await tell_graph(story, language)
    except StepFailed:
        return
    except PartagendaError as error:
        story.held = False
        story.write(f"{_('FAILED')}  {error.message}" + (f"\n{error.hint}" if error.hint else ""))


async def _tell(story: Story, box: Sandbox, people: dict[str, Services], language: str) -> None:
    alice = people[ALICE.key]
    own = await _own_calendars(story, alice)
    story.step(await _server(alice), True)
    days = preset_range(Preset.NEXT_7_DAYS, alice.clock.now().date())
    for level in DetailLevel:
        sent = await send(story, alice, own, level, days)
        for receiver in (BRUNO, CLARA):
            await receive(story, people[receiver.key], receiver, level, sent)
        if level is DetailLevel.AVAILABILITY:
            no_title(story, box, await alice.library.entries([own.id], days.span(sent.zone), sent.zone))
    await _look_back(story, alice, len(DetailLevel) * 2)
    nothing_private(story, box, language)
    await tell_subscription(story, box, alice, people[CLARA.key], own)
    await tell_sharing(story, box, people[CLARA.key])
    await tell_publishing(story, box, alice, people[CLARA.key])
    await tell_exchange(story, box, alice, people[BRUNO.key])


async def _own_calendars(story: Story, alice: Services) -> CalendarInfo:
    await alice.library.refresh()
    calendars = await alice.library.calendars()
    names = ", ".join(f"{info.name} ({info.events})" for info in calendars)
    story.step(_("Alice’s calendars: {names}").format(names=names), len(calendars) >= 2)
    return next(info for info in calendars if info.id.endswith("/calendar"))


async def _server(alice: Services) -> str:
    from core.bootstrap import check_account

    said = await check_account(alice.settings, alice.settings.accounts["mail"])
    return _("The mail server answers: {words}").format(words=said)


@dataclass(frozen=True)
class Sent:
    """What Alice sent, and what she was shown beforehand that others would see."""

    subject: str
    days: DateRange
    view: frozenset[Seen]
    zone: tzinfo


async def send(story: Story, alice: Services, own: CalendarInfo, level: DetailLevel, days: DateRange) -> Sent:
    """Alice e-mails a snapshot to Bruno and Clara, and looks beforehand at what they will see."""
    request = SnapshotRequest(own.id, SnapshotOptions(days, level))
    prepared = await alice.email.prepare(request)
    subject = f"{alice.email.default_subject(prepared)} ({level.label})"
    draft = Draft(request, (BRUNO.mailbox,), cc=(CLARA.mailbox,), subject=subject)
    outcome = await alice.email.send(alice.email.compose(prepared, draft), draft, prepared)
    story.step(
        _("Alice e-mails seven days to Bruno and Clara, {level}").format(level=level.label),
        outcome.state == "sent",
        outcome.item.reason or outcome.state,
    )
    entries = await alice.email.view_as(level, own.id, days)
    story.step(_("What they will see, shown beforehand: {count} items").format(count=len(entries)), bool(entries))
    return Sent(subject, days, seen(entries), alice.clock.zone)


async def receive(story: Story, services: Services, receiver: Person, level: DetailLevel, sent: Sent) -> None:
    """The message is in the inbox, opens beside one's own calendar, and shows exactly what was shown to Alice."""
    item = await _arrived(services, sent.subject)
    who = receiver.name.partition(" ")[0]
    story.step(_("{name} has the message in the inbox").format(name=who), item is not None)
    assert item is not None
    story.step(
        _("{name}’s inbox says: from {sender}, {level}").format(
            name=who, sender=item.sender.address, level=DetailLevel(item.level).label
        ),
        (item.sender.address, item.level) == (ALICE.address, level.value),
    )
    opened = await services.inbox.open(item.id, lambda _question: False)
    calendars = await services.library.calendars()
    beside = [info for info in calendars if info.kind in (CalendarKind.LOCAL, CalendarKind.MICROSOFT365)]
    story.step(
        _("{name} opens it beside “{own}”, as “{calendar}”").format(name=who, own=beside[0].name, calendar=opened.name),
        opened.kind is CalendarKind.SNAPSHOT and opened.id in {info.id for info in calendars},
    )
    entries = await services.library.entries([opened.id], sent.days.span(sent.zone), sent.zone)
    found = seen(entries)
    missing, more = len(sent.view - found), len(found - sent.view)
    story.step(
        _("{name} sees exactly what Alice was shown: {count} items").format(name=who, count=len(entries)),
        found == sent.view,
        _("{missing} missing, {more} too many").format(missing=missing, more=more),
    )


async def _arrived(services: Services, subject: str) -> InboxItem | None:
    """The message with that subject, as soon as it is there; five seconds at most."""
    for _attempt in range(50):
        found = [item for item in await services.inbox.items() if item.subject == subject]
        if found:
            return found[0]
        await asyncio.sleep(0.1)
    return None


def seen(entries: Iterable[Entry]) -> frozenset[Seen]:
    """What one can tell from the entries. At Availability only the title is the status word, or none."""
    return frozenset(
        (entry.start, entry.end, entry.status.value, entry.title or status_word(entry.status), entry.place)
        for entry in entries
    )


async def _look_back(story: Story, alice: Services, expected: int) -> None:
    entries = await alice.ledger.entries()
    story.step(
        _("Alice’s ledger has who was given what: {count} lines").format(count=len(entries)), len(entries) == expected
    )
    items = await alice.outbox.items()
    story.step(_("Nothing is left in the outbox"), all(item.state == "sent" for item in items))


def no_title(story: Story, box: Sandbox, entries: Iterable[Entry]) -> None:
    """While only the message at Availability only has arrived: no word of Alice's is in it."""
    words = {word for entry in entries for word in (entry.title, entry.place) if word}
    files = [path for person in (BRUNO, CLARA) for path in _files(box.home(person).maildir)]
    found = sorted(word for word in words if any(_holds(path, word) for path in files))
    story.step(
        _("None of Alice’s {count} titles and places is in it").format(count=len(words)), not found, ", ".join(found)
    )


def nothing_private(story: Story, box: Sandbox, language: str) -> None:
    """The last look: into the receivers' files themselves, decoded, and into the snapshots made from them."""
    titles = private_titles(language)
    found = []
    for person in (BRUNO, CLARA):
        home = box.home(person)
        files = [*_files(home.maildir), *_files(home.paths.data / "calendars" / "", own="calendar")]
        found += [title for path in files for title in titles if _holds(path, title)]
    story.step(
        _("No private title of Alice’s is in any file that they received"), not found, ", ".join(sorted(set(found)))
    )


def _files(folder: Path, own: str = "") -> Sequence[Path]:
    """All files below, without what is below the person's own calendar."""
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return [path for path in paths if not own or path.relative_to(folder).parts[0] != own]


def _holds(path: Path, title: str) -> bool:
    data = path.read_bytes()
    texts = [data, *(part.data(10**7) for part in leaves(data))]
    unfolded = [re.sub(rb"\r?\n[ \t]", b"", text) for text in texts]
    return any(title.encode() in text for text in (*texts, *unfolded))
