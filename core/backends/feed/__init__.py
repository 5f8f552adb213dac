"""Calendars on the internet (http, https, webcal): fetched with care."""

from core.backends.feed.source import Entry, Limits, WebFeedSource

__all__ = ["Entry", "Limits", "WebFeedSource"]
