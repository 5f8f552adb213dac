"""Partagenda without a screen: calendars, what of them is shared, and how it gets there."""

__version__ = "0.1.0"
