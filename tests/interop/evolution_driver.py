"""Drives evolution-data-server and its Exchange backend over D-Bus, with Debian's Python; prints what it saw as JSON.

Started by `test_evolution` inside `dbus-run-session`, with a file that says what to do.
"""

import json
import sys
import time

import gi

gi.require_version("EDataServer", "1.2")
gi.require_version("ECal", "2.0")
gi.require_version("ICalGLib", "3.0")
from gi.repository import ECal, EDataServer, GLib, ICalGLib  # noqa: E402

PATIENCE = 90


def wait_for(what, condition):
    """The first true value of the condition, while D-Bus signals are handled."""
    context, end = GLib.MainContext.default(), time.monotonic() + PATIENCE
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        while context.iteration(False):
            pass
        time.sleep(0.05)
    raise SystemExit(f"{what} did not happen")


class Evolution:
    """One account, one of its calendars opened."""

    def __init__(self, wanted):
        self.registry = EDataServer.SourceRegistry.new_sync(None)
        self.login = EDataServer.NamedParameters.new()
        self.login.set("username", wanted["user"])
        self.login.set("password", wanted["password"])
        self.registry.connect("credentials-required", lambda _registry, source, *_more: self.sign_in(source))
        self.sign_in(self.registry.ref_source("office"))
        sources = wait_for("a calendar of the account", self.calendars)
        self.names = sorted(source.get_display_name() for source in sources)
        source = next(each for each in sources if each.get_display_name() == wanted["calendar"])
        self.client = ECal.Client.connect_sync(source, ECal.ClientSourceType.EVENTS, 1, None)
        connected = EDataServer.SourceConnectionStatus.CONNECTED
        wait_for("the connection", lambda: source.get_connection_status() == connected)

    def sign_in(self, source):
        """With the password at hand: no key ring is needed."""
        source.invoke_authenticate_sync(self.login, None)

    def calendars(self):
        """The account's calendars, once they are known."""
        return [each for each in self.registry.list_sources("Calendar") if each.get_parent() == "office"]

    def titles(self):
        """The titles of all objects."""
        _ok, found = self.client.get_object_list_sync("#t", None)
        return [each.get_summary() for each in found or ()]

    def occurrences(self, start, end):
        """Start, end, title of what takes place, as seconds since 1970."""
        found = []

        def note(component, begin, finish, *_more):
            zone = ICalGLib.Timezone.get_builtin_timezone("Europe/Paris")
            seconds = [each.as_timet_with_zone(each.get_timezone() or zone) for each in (begin, finish)]
            found.append([*seconds, component.get_summary() or ""])
            return True

        self.client.generate_instances_sync(start, end, None, note, None)
        return found


def main(path):
    """Read, make, change, delete, and ask for free time; the answers in order."""
    with open(path) as file:
        wanted = json.load(file)
    evolution = Evolution(wanted)
    client, seen = evolution.client, {"calendars": evolution.names}
    client.refresh_sync(None)
    wait_for("the sample calendar", lambda: len(evolution.titles()) >= wanted["objects"])
    seen["objects"] = len(evolution.titles())
    seen["week"] = evolution.occurrences(*wanted["week"])
    component = ICalGLib.Component.new_from_string(wanted["new"])
    _ok, uid = client.create_object_sync(component, ECal.OperationFlags.NONE, None)
    _ok, stored = client.get_object_sync(uid, None, None)
    seen["created"] = [stored.get_uid(), stored.get_summary(), stored.get_location()]
    stored.set_summary(wanted["title"])
    client.modify_object_sync(stored, ECal.ObjModType.ALL, ECal.OperationFlags.NONE, None)
    _ok, stored = client.get_object_sync(uid, None, None)
    moved = stored.clone()
    rule = moved.get_first_property(ICalGLib.PropertyKind.RRULE_PROPERTY)
    moved.remove_property(rule)
    replacement = ICalGLib.Component.new_from_string(wanted["moved"])
    moved.set_recurrenceid(replacement.get_recurrenceid())
    moved.set_dtstart(replacement.get_dtstart())
    moved.set_dtend(replacement.get_dtend())
    moved.set_summary(replacement.get_summary())
    client.modify_object_sync(moved, ECal.ObjModType.THIS, ECal.OperationFlags.NONE, None)
    client.remove_object_sync(uid, wanted["left out"], ECal.ObjModType.THIS, ECal.OperationFlags.NONE, None)
    seen["series"] = [each for each in evolution.occurrences(*wanted["weeks"]) if each[2] in wanted["own titles"]]
    _ok, busy = client.get_free_busy_sync(*wanted["week"], [wanted["colleague"]], None)
    seen["free/busy"] = [each.get_as_string() for each in busy]
    with open(wanted["at work"], "w") as file:
        file.write("the series is there")
    wait_for("what the server's own change brings", lambda: "Pushed by the server" in evolution.titles())
    seen["pushed"] = True
    client.remove_object_sync(uid, None, ECal.ObjModType.ALL, ECal.OperationFlags.NONE, None)
    seen["left"] = [title for title in evolution.titles() if title in wanted["own titles"]]
    print(json.dumps(seen))


if __name__ == "__main__":
    main(sys.argv[1])
