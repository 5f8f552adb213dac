"""The commands by name. A command's module is imported when it is used, so that listing them costs nothing."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

from core.errors import UsageError
from core.language import N_, _
from tui.cli import split_command
from tui.cli.grammar import Command, nearest

# name: (module below tui.cli, what it does)
_COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("demo", N_("Try everything on sample calendars and servers of this machine.")),
    "calendars": ("reading_help", N_("List your calendars.")),
    "new": ("calendars", N_("Make an empty calendar.")),
    "calendar": ("calendars", N_("Rename, colour, choose as default, delete or restore a calendar.")),
    "import": ("importing", N_("Take in calendars and events from files and addresses.")),
    "agenda": ("reading_help", N_("Show what is coming.")),
    "search": ("reading_help", N_("Find events.")),
    "add": ("editing", N_("Add an event.")),
    "edit": ("editing", N_("Change an event.")),
    "delete": ("editing", N_("Delete an event.")),
    "copy": ("editing", N_("Copy an event to another calendar.")),
    "move": ("editing", N_("Move an event to another calendar.")),
    "undo": ("editing", N_("Take back the last change.")),
    "redo": ("editing", N_("Do again what was undone.")),
    "history": ("editing", N_("List what was changed.")),
    "export": ("importing", N_("Save a calendar with everything in it, for yourself.")),
    "send": ("sending", N_("E-mail a calendar.")),
    "outbox": ("outbox", N_("Show what has not left yet; send it, try again, or drop it.")),
    "view-as": ("viewing", N_("Show exactly what somebody else can see.")),
    "inbox": ("inbox", N_("Show the calendars that came by mail, and open them.")),
    "meetings": ("meetings", N_("Show whom your changes to meetings concern, and tell them.")),
    "publish": ("publishing", N_("Publish a calendar on a server or in a folder, and keep it current.")),
    "publications": ("publishing", N_("List what is published where, and when it was last uploaded.")),
    "republish": ("publishing", N_("Upload a publication now, or move it to a new address.")),
    "unpublish": ("publishing", N_("Take a publication away again, or stop renewing it.")),
    "subscribe": ("feeds", N_("Add a calendar from the internet, which refreshes itself.")),
    "unsubscribe": ("feeds", N_("Stop refreshing a calendar from the internet and take it out of the list.")),
    "sync": ("syncing", N_("Send what waits and look at every calendar again; for cron and timers.")),
    "free": ("free", N_("Find common free time.")),
    "share": ("sharing", N_("Share a calendar: give a permission and invite.")),
    "permissions": ("sharing", N_("Show or change who may do what with a calendar.")),
    "revoke": ("sharing", N_("Take back what somebody has been given.")),
    "ledger": ("ledger", N_("Show who has been given what.")),
    "account": ("accounts", N_("Add, list and check accounts.")),
    "doctor": ("doctor", N_("Check this installation, or one .ics file.")),
}


def names() -> tuple[str, ...]:
    """Every command there is, in the order of help."""
    return tuple(_COMMANDS)


def summary(name: str) -> str:
    """What a command does, in a line."""
    return _(_COMMANDS[name][1])


def variants(name: str) -> Mapping[str, Command]:
    """The command by its second word; a command without one is under the empty word. Raises UsageError."""
    if name not in _COMMANDS:
        raise _no_such(name)
    module = import_module(f"tui.cli.{_COMMANDS[name][0]}")
    found: Mapping[str, Mapping[str, Command]] = module.COMMANDS
    return found[name]


def _no_such(name: str) -> UsageError:
    message = _("There is no command “{name}”.").format(name=name)
    if close := nearest(name, names()):
        return UsageError(message, _("Did you mean “{name}”?").format(name=close))
    return UsageError(message, _("partagenda help lists what there is."))


def choose(name: str, arguments: list[str]) -> tuple[Command, list[str]]:
    """The command that the arguments ask for, and the arguments without its second word. Raises UsageError."""
    found = variants(name)
    if set(found) == {""}:
        return found[""], arguments
    word, rest = split_command(arguments)
    if word in found:
        return found[word], rest if word else arguments
    if not word and {"--help", "-h"} & set(arguments):
        return next(iter(found.values())), arguments
    raise _no_such_variant(name, word, found)


def _no_such_variant(name: str, given: str, known: Mapping[str, Command]) -> UsageError:
    choices = ", ".join(f"{name} {word}" for word in known if word)
    if not given:
        return UsageError(_("“{name}” needs to know what to do.").format(name=name), choices)
    full = f"{name} {given}"
    message = _("There is no command “{name}”.").format(name=full)
    if close := nearest(given, [word for word in known if word]):
        return UsageError(message, _("Did you mean “{name}”?").format(name=f"{name} {close}"))
    return UsageError(message, choices)
