"""The day that it is for the people of the tests, who live in Paris: for an hour or two it is not UTC's."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo


def today_in_paris() -> date:
    """Today in Europe/Paris, whatever the zone of the machine is."""
    return datetime.now(ZoneInfo("Europe/Paris")).date()
