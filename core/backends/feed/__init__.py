"""Calendars on the internet (http, https, webcal): fetched with care."""
