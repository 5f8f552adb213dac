"""Calendars as folders of .ics files (a vdir, as khal and vdirsyncer have them) with the index beside them."""
