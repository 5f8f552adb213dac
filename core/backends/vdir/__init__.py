"""Calendars as folders of .ics files (a vdir, as khal and vdirsyncer have them) with the index beside them."""

from core.backends.vdir.looked_at import LookedAtStore
from core.backends.vdir.store import VdirStore

__all__ = ["LookedAtStore", "VdirStore"]
