"""What every command gets: settings, places, output, and the services, opened when they are first needed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, tzinfo
from typing import TYPE_CHECKING

from core.calendar.span import DateRange, parse_range
from core.config.paths import Paths
from core.config.settings import Settings
from tui.cli import consent
from tui.cli.grammar import Given
from tui.cli.output import Output
from tui.cli.progress import StillProgress

if TYPE_CHECKING:
    from core.bootstrap import Services
    from core.ports.world import Clock


@dataclass
class Context:
    """One run of one command."""

    settings: Settings
    paths: Paths
    clock: Clock
    out: Output
    progress: StillProgress = field(default_factory=StillProgress)
    _services: Services | None = None

    @property
    def services(self) -> Services:
        """The services; backends are set up at the first use."""
        if self._services is None:
            from core.bootstrap import open_services

            self._services = open_services(self.settings, self.paths, self.clock)
        return self._services

    @property
    def zone(self) -> tzinfo:
        """The person's time zone."""
        return self.clock.zone

    @property
    def today(self) -> date:
        """The day it is there."""
        return self.clock.now().date()

    def days(self, given: Given, default: str) -> DateRange:
        """What `--range` says. Raises UsageError."""
        return parse_range(given.text("range", default), self.today)

    def agree(self, question: str, given: Given) -> None:
        """Ask before something that needs consent. Raises Refused."""
        consent.ask(question, yes=given.has("yes"))

    async def close(self) -> None:
        """Close what was opened."""
        if self._services is not None:
            await self._services.close()
