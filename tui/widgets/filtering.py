"""Which events a person wants to see: by text, by person, by status. Pure; what is filtered out is only not shown."""

from __future__ import annotations

from collections.abc import Iterable

from core.calendar.entry import Entry
from core.calendar.event import BusyStatus
from core.language import _
from core.sharing.detail import status_word
from core.values import dataclass
from tui.text import clean


@dataclass(frozen=True, slots=True)
class EntryFilter:
    """Everything that is named has to fit; what is empty fits always. Capital letters make no difference."""

    text: str = ""
    """Words that stand in title or place."""
    person: str = ""
    """A part of the name or address of an organizer or attendee."""
    status: BusyStatus | None = None

    def __bool__(self) -> bool:
        return bool(self.text.strip() or self.person.strip() or self.status)

    def fits(self, entry: Entry) -> bool:
        """Whether an event is shown."""
        if self.status is not None and entry.status is not self.status:
            return False
        words = f"{entry.title} {entry.place}".casefold()
        if not all(word in words for word in self.text.casefold().split()):
            return False
        return not self.person.strip() or self._meets(entry)

    def _meets(self, entry: Entry) -> bool:
        wanted = self.person.casefold().split()
        people = [*entry.attendees, *([entry.organizer] if entry.organizer else [])]
        return any(all(word in f"{p.name} {p.address}".casefold() for word in wanted) for p in people)

    def of(self, entries: Iterable[Entry]) -> tuple[Entry, ...]:
        """The events that fit."""
        return tuple(entries) if not self else tuple(entry for entry in entries if self.fits(entry))

    @property
    def words(self) -> str:
        """What is shown, in a few words; empty without a filter."""
        parts = [clean(self.text.strip()), clean(self.person.strip())]
        if self.status:
            parts.append(status_word(self.status))
        named = ", ".join(part for part in parts if part)
        return _("only {words}").format(words=named) if self else ""
