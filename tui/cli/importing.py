"""`import` and `export`: calendars in and out, with everything that is in them."""

from __future__ import annotations

import sys

from core.errors import NotFound, UsageError
from core.language import N_, _, ngettext
from core.services.library import ImportReport, Source
from tui.cli.context import Context
from tui.cli.files import absolute, write_private
from tui.cli.grammar import RANGE, YES, Command, Given, Option, Word


async def _import(context: Context, given: Given) -> int:
    if given.has("as") and given.has("into"):
        raise UsageError(_("--as makes a new calendar, --into fills one that is there: choose one of them."))
    library = context.services.library
    sources = [await _source(context, given, text) for text in given.all("source")]
    into = (await library.find(given.text("into"))).id if given.has("into") else ""
    report = await library.import_sources(sources, name=given.text("as"), into=into, progress=context.progress)
    _show(context, report)
    return _exit_code(report)


async def _source(context: Context, given: Given, text: str) -> Source:
    if text == "-":
        return Source(_("standard input"), sys.stdin.buffer.read())
    if text.lower().startswith(("http:", "https:", "webcal:", "webcals:")):
        from tui.cli.feeds import fetch_once

        return Source(text, data=await fetch_once(context, given, text), key=text)
    path = absolute(text)
    if not path.exists():
        raise NotFound(_("There is no file {file}.").format(file=text))
    return Source(text, path=path)


def _show(context: Context, report: ImportReport) -> None:
    context.out.value(
        {
            "calendars": list(report.calendars),
            "added": report.added,
            "updated": report.updated,
            "unchanged": report.unchanged,
            "problems": [{"file": p.file, "line": p.line, "what": p.what} for p in report.problems],
        }
    )
    for name in report.calendars:
        context.out.line(_("Calendar: {name}").format(name=name))
    context.out.line(
        _("{added} added, {updated} updated, {unchanged} unchanged").format(
            added=report.added, updated=report.updated, unchanged=report.unchanged
        )
    )
    for problem in report.problems:
        place = _("line {line}").format(line=problem.line) if problem.line else _("the file")
        context.out.problem(f"{problem.file}, {place}: {problem.what}")


def _exit_code(report: ImportReport) -> int:
    """3 when something was left out; where nothing at all came in, the service has raised the reason."""
    left_out = report.failed or any(problem.refused for problem in report.problems)
    return 3 if left_out else 0


async def _export(context: Context, given: Given) -> int:
    library = context.services.library
    info = await library.find(given.text("calendar"))
    data = await library.export(info.id, context.days(given, "all"))
    if given.text("file") == "-":
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        return 0
    path = absolute(given.text("file"))
    write_private(path, data)
    events = data.count(b"\nBEGIN:VEVENT")
    context.out.value({"calendar": info.name, "file": str(path), "events": events, "bytes": len(data)})
    count = ngettext("{count} event", "{count} events", events).format(count=events)
    context.out.line(_("{count} of “{name}” in {file}.").format(count=count, name=info.name, file=path))
    context.out.line(_("Everything is in it, private items too: it is for yourself. To share, use “partagenda send”."))
    return 0


COMMANDS = {
    "import": {
        "": Command(
            "import",
            N_("Take in calendars and events from files and addresses."),
            _import,
            (Word("source", N_("SOURCE"), many=True),),
            (
                Option("as", N_("The new calendar’s name."), N_("NAME")),
                Option("into", N_("Put the events into this calendar."), N_("CALENDAR")),
                YES,
            ),
        )
    },
    "export": {
        "": Command(
            "export",
            N_("Save a calendar with everything in it, for yourself."),
            _export,
            (Word("calendar", N_("CALENDAR")), Word("file", N_("FILE"))),
            (RANGE,),
        )
    },
}
