"""What `--help` says of the reading commands. They are answered by `tui.cli.reading`, which loads none of this."""

from __future__ import annotations

from core.language import N_
from tui.cli.grammar import RANGE, Command, Option, Word

_REFRESH = Option("refresh", N_("Look at every calendar again first."))
COMMANDS = {
    "calendars": {"": Command("calendars", N_("List your calendars."), None, options=(_REFRESH,))},
    "agenda": {
        "": Command(
            "agenda",
            N_("Show what is coming."),
            None,
            (Word("calendar", N_("CALENDAR"), many=True, required=False),),
            (RANGE, _REFRESH),
        )
    },
    "search": {
        "": Command(
            "search",
            N_("Find events."),
            None,
            (Word("word", N_("WORD"), many=True),),
            (RANGE, Option("calendar", N_("Only in this calendar."), N_("CALENDAR")), _REFRESH),
        )
    },
}
