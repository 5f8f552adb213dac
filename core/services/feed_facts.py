"""What is remembered of a subscription, in the facts of its calendar's folder. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from core.errors import UsageError
from core.language import _
from core.values import dataclass

KEY = "feed"
USUAL = timedelta(hours=1)
"""How often it is refreshed when neither person nor calendar says anything, as Outlook does."""
SHORTEST_ADVISED, LONGEST_ADVISED = timedelta(minutes=15), timedelta(days=1)
"""Bounds for what a calendar recommends (REFRESH-INTERVAL of RFC 7986, X-PUBLISHED-TTL of [MS-OXCICAL])."""
SHORTEST, LONGEST = timedelta(minutes=5), timedelta(days=30)
"""Bounds for what the person chooses."""


@dataclass(frozen=True, slots=True)
class FeedFacts:
    """One subscription as it is written down. Moments are ISO texts in UTC, empty for never; intervals are minutes."""

    url: str = ""
    every: int = 0
    """The person's choice; 0: as the calendar recommends."""
    advised: int = 0
    etag: str = ""
    modified: str = ""
    digest: str = ""
    """SHA-256 of the answer that is kept here."""
    checked: str = ""
    """The last time somebody asked."""
    refreshed: str = ""
    """The last time that what is here was known to be what is there."""
    wait_until: str = ""
    """The server asked not to be asked before."""
    problem: str = ""
    hint: str = ""
    asked: str = ""
    """SHA-256 of a much smaller answer, which is not taken before the person says so."""
    asked_events: int = 0
    declined: str = ""
    """SHA-256 of a smaller answer that the person did not want: not asked about again."""
    allowed: tuple[str, ...] = ()
    """Hosts in private networks that the person said yes to."""

    @property
    def interval(self) -> timedelta:
        """How often it is refreshed."""
        if self.every:
            return timedelta(minutes=self.every)
        if self.advised:
            return min(max(timedelta(minutes=self.advised), SHORTEST_ADVISED), LONGEST_ADVISED)
        return USUAL

    @property
    def due(self) -> datetime:
        """When it is to be refreshed next."""
        checked = moment(self.checked)
        usual = checked + self.interval if checked else _LONG_AGO
        return max(usual, moment(self.wait_until) or _LONG_AGO)


_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def read_feed(facts: Mapping[str, Any]) -> FeedFacts | None:
    """The subscription in a calendar's facts; None when there is none. What is damaged counts as not said."""
    found = facts.get(KEY)
    if not isinstance(found, Mapping) or not isinstance(found.get("url"), str):
        return None
    known = {one.name: found[one.name] for one in fields(FeedFacts) if one.name in found}
    blank = FeedFacts()
    fitting = {name: value for name, value in known.items() if isinstance(value, type(getattr(blank, name)))}
    hosts = found.get("allowed", ())
    return replace(FeedFacts(**fitting), allowed=tuple(map(str, hosts)) if isinstance(hosts, list | tuple) else ())


def written(feed: FeedFacts) -> dict[str, Any]:
    """For the calendar's facts."""
    return {KEY: asdict(feed)}


def moment(text: str) -> datetime | None:
    """An ISO text as a moment; None for nothing or nonsense."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def stamp(when: datetime) -> str:
    """A moment as ISO text in UTC, whole seconds."""
    return when.astimezone(UTC).isoformat(timespec="seconds")


def chosen_minutes(every: timedelta | None) -> int:
    """The person's interval in minutes, 0 for none. Raises UsageError outside of the bounds."""
    if every is None:
        return 0
    if not SHORTEST <= every <= LONGEST:
        raise UsageError(
            _("A subscription can be refreshed every 5 minutes at the soonest and every 30 days at the latest."),
            _("Write it as 30m, 2h or 1d."),
        )
    return round(every.total_seconds() / 60)
