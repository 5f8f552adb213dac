"""`demo`: the sandbox. Nothing of it touches the person's own configuration, calendars or accounts."""

from __future__ import annotations

import asyncio
import sys

from core.config import logs
from core.errors import UsageError
from core.language import N_, _, language, use_language
from tui.cli.grammar import Command, Given, Option
from tui.cli.output import Output


def _demo(out: Output, given: Given) -> int:
    if given.has("check") and given.has("servers-only"):
        raise UsageError(_("--check and --servers-only exclude each other."))
    if given.has("check"):
        return _check(out)
    if given.has("servers-only"):
        return _servers_only(out)
    return _open(given.text("as", "alice"))


def _check(out: Output) -> int:
    from core.sandbox.story import check

    lines: list[str] = []

    def write(line: str) -> None:
        lines.append(line)
        out.lines(line)
        out.flush()

    held = asyncio.run(check(write, language()))
    out.value({"held": held, "steps": lines})
    out.line(_("Every step held.") if held else _("Not every step held."))
    return 0 if held else 1


def _servers_only(out: Output) -> int:
    from core.sandbox.demo import servers_only

    def write(line: str) -> None:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    return servers_only(write, language())


def _open(person: str) -> int:
    """The app as one of the sandbox's people; everything is removed when it ends."""
    from core.sandbox.people import person_named
    from tui.cli.launch import need_terminal, open_app

    person_named(person)
    need_terminal(_("“partagenda demo --check” runs the story without one."))
    from core.sandbox.demo import prepare_demo

    sys.stderr.write(_("Starting the sandbox…") + "\n")
    with prepare_demo(person, language()) as home:
        logs.start(home.paths.state)
        use_language(home.settings.me.language)
        try:
            return open_app(home.settings, home.paths)
        finally:
            logs.stop()


COMMANDS = {
    "demo": {
        "": Command(
            "demo",
            N_("Try everything on sample calendars and servers of this machine."),
            None,
            options=(
                Option("as", N_("Open the app as alice, bruno or clara."), N_("PERSON")),
                Option("check", N_("Run the whole story without a screen, a line a step.")),
                Option("servers-only", N_("Print the servers’ addresses as JSON, and serve until stopped.")),
            ),
            standalone=_demo,
        )
    }
}
