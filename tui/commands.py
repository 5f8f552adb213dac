"""The one registry of commands: bindings, ribbon, command palette, help and the keys table of the docs come from it.

Each command can be reached by a plain key: under tmux and in many terminals shift with arrows, ctrl+shift and alt
combinations never arrive (trap 29). Keys are Textual's names (`comma`, `f1`); a person changes them in `[keys]` of
config.toml by the command's id.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from textual.binding import Binding

from core.language import N_, _
from tui.account_commands import ACCOUNTS
from tui.command import RIBBON, Command, Group, Reason, Scope
from tui.edit_commands import EDITING
from tui.feed_commands import FEEDS
from tui.publish_commands import PUBLISHING
from tui.share_commands import SHARING

if TYPE_CHECKING:
    from tui.screens.home import HomeScreen

__all__ = [
    "ALL",
    "HINTS",
    "RIBBON",
    "Command",
    "Group",
    "Reason",
    "Scope",
    "bindings",
    "commands",
    "grouped",
    "keys_table",
]


def _calendar(home: HomeScreen) -> str:
    return "" if home.active.info else _("There is no calendar in this pane: choose one in the list.")


def _event(home: HomeScreen) -> str:
    if home.active.selected or home.active.shows_whole_days or (home.suggested and home.suggested.here(home)):
        return ""
    return _("No event is chosen here.")


def _file(home: HomeScreen) -> str:
    info = home.active.info
    return "" if info and info.kind == "file" else _("Only a file that is looked at can be kept.")


def _filtered(home: HomeScreen) -> str:
    return "" if home.only else _("Everything is shown.")


def _grid(home: HomeScreen) -> str:
    return "" if home.active.shows_hours else _("This view has no hours.")


_HOME: tuple[Command, ...] = (
    Command("go.today", N_("Today"), N_("Show today."), ("t",), Group.GO_TO, "today", weight=9),
    Command(
        "go.date",
        N_("Go to Date…"),
        N_("Show a date that you type or pick."),
        ("g",),
        Group.GO_TO,
        "flow('go_to_date')",
        weight=7,
    ),
    Command(
        "go.next-7-days",
        N_("Next 7 Days"),
        N_("Show seven days, beginning with today."),
        ("7",),
        Group.GO_TO,
        "next_7_days",
    ),
    Command(
        "go.next",
        N_("Next"),
        N_("Show the next day, week, month or year."),
        ("n", "greater_than_sign"),
        Group.VIEW,
        "turn(1)",
        hint=N_("Next"),
    ),
    Command(
        "go.previous",
        N_("Previous"),
        N_("Show the previous day, week, month or year."),
        ("p", "less_than_sign"),
        Group.VIEW,
        "turn(-1)",
        hint=N_("Previous"),
    ),
    Command("view.day", N_("Day"), N_("Show one day."), ("1",), Group.ARRANGE, "arrange('day')", weight=5),
    Command(
        "view.work-week",
        N_("Work Week"),
        N_("Show the days of a week on which you work."),
        ("2",),
        Group.ARRANGE,
        "arrange('work-week')",
    ),
    Command(
        "view.week", N_("Week"), N_("Show seven days of a week."), ("3",), Group.ARRANGE, "arrange('week')", weight=7
    ),
    Command(
        "view.month",
        N_("Month"),
        N_("Show the weeks of a month."),
        ("4",),
        Group.ARRANGE,
        "arrange('month')",
        weight=5,
    ),
    Command(
        "view.agenda",
        N_("Agenda"),
        N_("Show four weeks as a list of events."),
        ("5",),
        Group.ARRANGE,
        "arrange('agenda')",
        weight=3,
    ),
    Command(
        "view.year",
        N_("Year"),
        N_("Show how busy each day of a year is."),
        ("6",),
        Group.ARRANGE,
        "arrange('year')",
    ),
    Command(
        "calendar.open",
        N_("Open Calendar…"),
        N_("Open an .ics file, an .eml message or a folder in the other pane."),
        ("o",),
        Group.MANAGE,
        "flow('open_calendar')",
        weight=8,
    ),
    Command(
        "calendar.choose",
        N_("Calendars"),
        N_("Go to the list of calendars and choose what this pane shows."),
        ("c",),
        Group.MANAGE,
        "choose_calendar",
        weight=6,
        hint=N_("Calendars"),
    ),
    Command(
        "calendar.email",
        N_("E-mail Calendar…"),
        N_("Send some days of a calendar by mail, at the detail you choose."),
        ("e",),
        Group.SHARE,
        "flow('email_calendar')",
        weight=10,
        needs=_calendar,
    ),
    Command(
        "ledger.open",
        N_("Shared With…"),
        N_("Show who has been given what, and when."),
        ("L",),
        Group.SHARE,
        "flow('ledger')",
        weight=1,
    ),
    Command(
        "inbox.open",
        N_("Inbox"),
        N_("Show calendars and invitations that came by mail."),
        ("i",),
        Group.MESSAGES,
        "flow('inbox')",
        weight=8,
    ),
    Command(
        "outbox.open",
        N_("Outbox"),
        N_("Show what has not left yet, and why."),
        ("O",),
        Group.MESSAGES,
        "flow('outbox')",
        weight=1,
    ),
    Command(
        "event.details",
        N_("Details"),
        N_("Show everything about the chosen event; in a month or a year without one, the day."),
        ("enter",),
        Group.CURSOR,
        "screen.flow('details')",
        Scope.PANE,
        hint=N_("Details"),
        needs=_event,
    ),
    Command(
        "pane.other",
        N_("Other Pane"),
        N_("Go to the other pane."),
        ("tab", "shift+tab"),
        Group.VIEW,
        "other_pane",
        hint=N_("Other Pane"),
    ),
    Command(
        "view.panes",
        N_("One or Two Panes"),
        N_("Show one calendar or two side by side."),
        ("v",),
        Group.VIEW,
        "toggle_panes",
    ),
    Command(
        "view.overlay",
        N_("Overlay"),
        N_("Show calendars on one another in one pane, or side by side."),
        ("V",),
        Group.ARRANGE,
        "toggle_overlay",
        weight=2,
        needs=_calendar,
    ),
    Command(
        "view.together",
        N_("Scroll Together"),
        N_("Move both panes together, or each on its own."),
        ("s",),
        Group.VIEW,
        "toggle_together",
    ),
    Command(
        "view.scale",
        N_("Hour Scale"),
        N_("Change between 60, 30 and 15 minutes a line."),
        ("z",),
        Group.VIEW,
        "scale",
        needs=_grid,
    ),
    Command(
        "view.list",
        N_("List of Calendars"),
        N_("Show or hide the list of calendars."),
        ("b",),
        Group.VIEW,
        "toggle_list",
    ),
    Command(
        "view.search",
        N_("Search…"),
        N_("Find events by words, and go to one."),
        ("slash",),
        Group.GO_TO,
        "flow('search')",
        weight=4,
    ),
    Command(
        "view.filter",
        N_("Filter…"),
        N_("Show only events of a text, a person or a status."),
        ("f",),
        Group.VIEW,
        "flow('filter')",
    ),
    Command(
        "view.all",
        N_("Show All Events"),
        N_("Take the filter away."),
        ("A",),
        Group.VIEW,
        "show_all_events",
        needs=_filtered,
    ),
    Command(
        "view.weeks", N_("Week Numbers"), N_("Show or hide the numbers of weeks."), ("w",), Group.VIEW, "number_weeks"
    ),
    Command(
        "view.zone",
        N_("Second Time Zone…"),
        N_("Show the hours of another time zone beside yours."),
        ("Z",),
        Group.VIEW,
        "flow('second_zone')",
    ),
    Command("view.ribbon", N_("Ribbon"), N_("Show or hide the ribbon."), ("f2",), Group.VIEW, "toggle_ribbon"),
    Command(
        "calendar.keep",
        N_("Keep as Calendar"),
        N_("Make a calendar of your own from a file that is looked at."),
        ("K",),
        Group.VIEW,
        "flow('keep')",
        needs=_file,
    ),
    Command(
        "calendar.refresh",
        N_("Refresh"),
        N_("Look again at what is stored, and fetch calendars from the internet."),
        ("r", "f5"),
        Group.VIEW,
        "refresh_calendars",
    ),
)

_APP: tuple[Command, ...] = (
    Command(
        "app.commands",
        N_("Commands"),
        N_("Find any command or theme by its name."),
        ("colon", "ctrl+p"),
        Group.HELP,
        "commands",
        Scope.APP,
        weight=7,
        hint=N_("Commands"),
    ),
    Command(
        "app.help",
        N_("Help"),
        N_("Show all keys."),
        ("f1", "question_mark"),
        Group.HELP,
        "help",
        Scope.APP,
        weight=5,
        hint=N_("Help"),
    ),
    Command("app.theme", N_("Next Theme"), N_("Change the colours."), ("T",), Group.VIEW, "next_theme", Scope.APP),
    Command("app.quit", N_("Quit"), N_("Leave Partagenda."), ("q", "ctrl+q"), Group.VIEW, "quit", Scope.APP),
)


def _cursor(name: str, label: str, sentence: str, *keys: str, hint: str = "") -> Command:
    return Command(f"cursor.{name}", label, sentence, keys, Group.CURSOR, f"move('{name}')", Scope.PANE, hint=hint)


_PANE: tuple[Command, ...] = (
    _cursor("up", N_("Up"), N_("Earlier on the same day; above midnight, to what lasts all day."), "up"),
    _cursor("down", N_("Down"), N_("Later on the same day."), "down"),
    _cursor("left", N_("Left"), N_("The event beside, or the day before."), "left", "h"),
    _cursor("right", N_("Right"), N_("The event beside, or the day after."), "right", "l"),
    _cursor("next", N_("Next Event"), N_("To the next event."), "j", hint=N_("Next Event")),
    _cursor("previous", N_("Previous Event"), N_("To the event before."), "k"),
    _cursor("page-up", N_("Page Up"), N_("A screen earlier."), "pageup"),
    _cursor("page-down", N_("Page Down"), N_("A screen later."), "pagedown"),
    _cursor("home", N_("Start of Work"), N_("To the first working hour; from there to what lasts all day."), "home"),
    _cursor("end", N_("End of Work"), N_("To the last working hour."), "end"),
)


def _list(name: str, label: str, sentence: str, action: str, *keys: str, hint: str = "") -> Command:
    return Command(f"list.{name}", label, sentence, keys, Group.LIST, action, Scope.LIST, hint=hint)


_LIST: tuple[Command, ...] = (
    _list("up", N_("Up"), N_("To the calendar above."), "move(-1)", "up", "k"),
    _list("down", N_("Down"), N_("To the calendar below."), "move(1)", "down", "j"),
    _list(
        "show",
        N_("Show Here"),
        N_("Show this calendar in the pane you came from."),
        "show",
        "enter",
        hint=N_("Show Here"),
    ),
    _list(
        "tick",
        N_("Show or Hide"),
        N_("Tick a calendar to show it beside the other one, or take it away."),
        "tick",
        "space",
        hint=N_("Show or Hide"),
    ),
    _list("back", N_("Back"), N_("Back to the calendar."), "back", "escape", hint=N_("Back")),
)

HINTS = (
    "calendar.smaller",
    *("list.show", "list.tick", "calendar.new", "calendar.properties", "calendar.delete", "list.back"),
    *("event.details", "cursor.next", "go.next", "go.previous", "pane.other", "app.help", "app.commands"),
    "calendar.choose",
)
"""The line of keys, the most useful ones first: what does not fit is left out."""

_EVERY = (*EDITING, *ACCOUNTS, *_HOME, *SHARING, *PUBLISHING, *FEEDS, *_APP, *_PANE, *_LIST)
ALL: Mapping[str, Command] = {command.id: command for command in _EVERY}


def commands(*scopes: Scope) -> Iterator[Command]:
    """The commands of these scopes (all without one), in the order of the registry."""
    return (command for command in ALL.values() if not scopes or command.scope in scopes)


def bindings(scope: Scope) -> list[Binding]:
    """Textual's bindings for one scope."""
    return [
        Binding(
            ",".join(command.keys),
            f"app.run('{command.id}')" if command.checked else command.action,
            command.label,
            show=False,
            id=command.id,
            priority=command.id == "pane.other",
        )
        for command in commands(scope)
    ]


def grouped(found: Iterable[Command]) -> dict[Group, list[Command]]:
    """Commands by group, groups in the ribbon's order."""
    table: dict[Group, list[Command]] = {group: [] for group in Group}
    for command in found:
        table[command.group].append(command)
    return {group: members for group, members in table.items() if members}


def keys_table() -> str:
    """All commands as Markdown, for the docs: group by group, with ids for `[keys]`."""
    from tui.keymap import key_name

    lines: list[str] = []
    for group, members in grouped(ALL.values()).items():
        lines += [
            f"### {_(group)}",
            "",
            f"| {_('Key')} | {_('Command')} | {_('What it does')} | `[keys]` |",
            "|---|---|---|---|",
        ]
        for command in members:
            keys = ", ".join(f"`{key_name(key)}`" for key in command.keys)
            lines.append(f"| {keys} | {command.name} | {command.sentence} | `{command.id}` |")
        lines.append("")
    return "\n".join(lines)
