"""`publish`, `publications`, `republish`, `unpublish`: calendars on a server or in a folder, for others to fetch."""

from __future__ import annotations

import shlex
import shutil
import sys
from datetime import date, timedelta
from pathlib import Path

from core.calendar.durations import parse_duration
from core.errors import UsageError
from core.language import N_, _
from core.language.dates import date_and_time
from core.services import timers
from core.services.publish import Preview, Publication, PublishOptions, PublishRequest, whole_location
from core.services.publish_options import HOURLY, USUAL_RANGE
from tui.cli.context import Context
from tui.cli.grammar import RANGE, YES, Command, Given, Option, Word, nearest
from tui.cli.publishing_exchange import (
    end_on_server,
    found_on_server,
    publish_on_exchange,
    server_shape,
    tell_of_servers,
)
from tui.cli.sending import parse_level
from tui.cli.shapes import moment, table

KINDS = ("exchange", "webdav", "folder", "sftp")
_TIMERS = ("systemd", "cron")


def shape(publication: Publication, context: Context) -> dict[str, object]:
    """One publication of `publications`."""
    return {
        "id": publication.id,
        "calendar": publication.calendar_name,
        "url": publication.ics,
        "page": publication.page or None,
        "level": publication.options.level.value,
        "range": publication.options.range,
        "state": publication.state.value,
        "last_upload": moment(publication.last_upload.astimezone(context.zone)) if publication.last_upload else None,
        "result": publication.result,
        "hint": publication.hint,
        "wider_copy_out": publication.narrower,
        "next": moment(publication.next_due.astimezone(context.zone)) if publication.next_due else None,
    }


def urls(publication: Publication) -> dict[str, object]:
    """The addresses to give out; null for what there is not."""
    return {"ics": publication.ics, "webcal": publication.webcal or None, "page": publication.page or None}


def _options(given: Given) -> PublishOptions:
    if given.has("once") and given.has("every"):
        raise UsageError(_("--once and --every exclude each other."), _("Choose one of them."))
    every: timedelta | None = parse_duration(given.text("every")) if given.has("every") else HOURLY
    return PublishOptions(
        range=given.text("range", USUAL_RANGE),
        level=parse_level(given.text("detail", "availability")),
        working_hours_only=given.has("working-hours"),
        include_private=given.has("private"),
        page=given.has("page"),
        every=None if given.has("once") else every,
        expires=_day(given.text("expires")) if given.has("expires") else None,
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(_("“{text}” is no date.").format(text=text), _("Write it as 2027-02-01.")) from None


async def _location(context: Context, given: Given) -> str:
    if given.has("url"):
        place = whole_location(given.text("url"))
    elif not (place := await context.services.publishing.last_location()):
        raise UsageError(
            _("Where to?"), _("Give a WebDAV address or a folder, as https://dav.example.org/calendars/ or host:www/.")
        )
    kind = next((kind for begin, kind in (("/", "folder"), ("sftp://", "sftp")) if place.startswith(begin)), "webdav")
    if given.has("to") and given.text("to") != kind:
        raise UsageError(
            _("{address} is no place of the kind “{kind}”.").format(address=place, kind=given.text("to")),
            _("Leave --to out, or give an address of that kind."),
        )
    return place


def _check_words(given: Given) -> None:
    for name, known in (("to", KINDS), ("timer", _TIMERS)):
        word = given.text(name)
        if word and word not in known:
            close = nearest(word, list(known))
            raise UsageError(
                _("--{name} does not know “{word}”.").format(name=name, word=word),
                _("Did you mean “{name}”?").format(name=close) if close else ", ".join(known),
            )
    if given.has("timer") and not given.has("every"):
        raise UsageError(_("--timer needs --every: how often to upload."), _("Write 30m, 2h or 1d."))


async def _publish(context: Context, given: Given) -> int:
    _check_words(given)
    if given.text("to") == "exchange":
        return await publish_on_exchange(context, given, _options(given))
    info = await context.services.library.find(given.text("calendar"))
    request = PublishRequest(
        info.id, await _location(context, given), _options(given), unguessable=not given.has("plain-name")
    )
    preview = await context.services.publishing.preview(request)
    _show_what_leaves(context, preview)
    if given.has("dry-run"):
        return _dry_run(context, preview)
    context.agree(_question(info.name, request), given)
    published = await context.services.publishing.publish(request, overwrite=given.has("overwrite"))
    context.out.line()
    _told(context, published)
    timer = _timer(context, given, request.options)
    context.out.value({"id": published.id, "urls": urls(published), **({"timer": timer} if timer else {})})
    return 0


def _show_what_leaves(context: Context, preview: Preview) -> None:
    context.out.line(_("What others will see who know the address:"))
    for line in preview.leaves:
        context.out.line(f"  {line}")
    for warning in preview.warnings:
        context.out.note(_("note: {text}").format(text=warning))


def _dry_run(context: Context, preview: Preview) -> int:
    context.out.value(
        {
            "id": None,
            "urls": {"ics": None, "webcal": None, "page": None},
            "items": len(preview.entries),
            "bytes": len(preview.content.ics),
            "leaves": list(preview.leaves),
        }
    )
    context.out.line(_("Nothing was published."))
    return 0


def _question(calendar: str, request: PublishRequest) -> str:
    words = _("Publish “{calendar}” ({level}, {range}) at {address}? Whoever knows the address can read it.")
    return words.format(
        calendar=calendar,
        level=request.options.level.label,
        range=request.options.range,
        address=request.location,
    )


def _told(context: Context, publication: Publication) -> None:
    context.out.line(_("Published. The addresses to give out:"))
    for address in (publication.ics, publication.webcal, publication.page):
        if address:
            context.out.line(f"  {address}")
    if publication.options.every is not None:
        context.out.line(
            _("It is renewed while the app is open and by “partagenda sync”; --timer lets the system start that.")
        )


def _timer(context: Context, given: Given, options: PublishOptions) -> dict[str, object] | None:
    """On request: units for systemd, or the line for cron. Nothing is started without the person."""
    if not given.has("timer") or options.every is None:
        return None
    program = shutil.which("partagenda") or str(Path(sys.argv[0]).absolute())
    command = timers.sync_command(program, str(Path(given.text("config")).absolute()) if given.has("config") else "")
    if given.text("timer") == "cron":
        line = timers.cron_line(command, options.every)
        context.out.line(_("Add this line by “crontab -e”:"))
        context.out.line(f"  {line}")
        return {"cron": line}
    files = timers.write_units(timers.systemd_units(command, options.every))
    for file in files:
        context.out.line(_("Saved: {file}").format(file=file))
    enable = shlex.join(timers.ENABLE)
    context.out.line(_("Start it once with: {command}").format(command=enable))
    return {"files": [str(file) for file in files], "enable": enable}


async def _publications(context: Context, given: Given) -> int:
    found = await context.services.publishing.publications()
    by_server = await context.services.exchange_publishing.published()
    context.out.value([shape(one, context) for one in found] + [server_shape(one, context) for one in by_server])
    rows = [
        [
            one.id,
            one.calendar_name,
            one.options.level.label,
            one.options.range,
            date_and_time(one.last_upload.astimezone(context.zone)) if one.last_upload else "–",
            one.result,
            date_and_time(one.next_due.astimezone(context.zone)) if one.next_due else "–",
        ]
        for one in found
    ]
    for row, one in zip(table(rows), found, strict=True):
        context.out.line(row)
        for address in (one.ics, one.page):
            if address:
                context.out.line(f"    {address}")
        if one.narrower:
            context.out.line("    " + _("Others may still see what was there before it was narrowed."))
    tell_of_servers(context, by_server)
    if not found and not by_server:
        context.out.line(_("Nothing is published."))
    return 0


async def _republish(context: Context, given: Given) -> int:
    publishing = context.services.publishing
    publication = await publishing.publication(given.text("id"))
    if given.has("new-address"):
        context.agree(_("Give it a new address? Who has the old one reads nothing more."), given)
        done = await publishing.new_address(publication.id)
    elif given.has("overwrite"):
        context.agree(
            _("Overwrite what lies at {address}, whoever put it there?").format(address=publication.ics), given
        )
        done = await publishing.republish(publication.id, overwrite=True)
    else:
        done = await publishing.republish(publication.id)
    context.out.value({"id": done.id, "urls": urls(done), "result": done.result})
    context.out.line(f"{done.calendar_name}: {done.result}")
    for address in (done.ics, done.page):
        if address:
            context.out.line(f"  {address}")
    return 0


async def _unpublish(context: Context, given: Given) -> int:
    publishing = context.services.publishing
    if (by_server := await found_on_server(context, given.text("id"))) is not None:
        return await end_on_server(context, given, by_server)
    publication = await publishing.publication(given.text("id"))
    if given.has("stop"):
        stopped = await publishing.stop(publication.id)
        context.out.value({"id": stopped.id, "state": stopped.state.value})
        context.out.line(_("It stays where it is and is not renewed any more."))
        return 0
    words = _("Remove “{calendar}” from {address}? Copies that others kept stay with them.")
    context.agree(words.format(calendar=publication.calendar_name, address=publication.ics), given)
    await publishing.remove(publication.id, overwrite=given.has("overwrite"))
    context.out.value({"id": publication.id, "state": "removed"})
    context.out.line(_("Removed, and looked at: it is gone."))
    return 0


_OVERWRITE = Option("overwrite", N_("Replace what lies there, though somebody else put it there."))
COMMANDS = {
    "publish": {
        "": Command(
            "publish",
            N_("Publish a calendar on a server or in a folder, and keep it current."),
            _publish,
            (Word("calendar", N_("CALENDAR")), Word("url", N_("URL"), required=False)),
            (
                Option("to", N_("exchange, webdav, folder or sftp."), N_("KIND")),
                RANGE,
                Option("detail", N_("availability, limited or full."), N_("LEVEL")),
                Option("working-hours", N_("Show time within my working hours only.")),
                Option("private", N_("Include details of items marked private.")),
                Option("page", N_("A web page beside the calendar file.")),
                Option("once", N_("A single upload: it is not renewed.")),
                Option("every", N_("Upload it anew so often: 30m, 2h, 1d. Otherwise every hour."), N_("DURATION")),
                Option("expires", N_("The last day on which it is there."), N_("DATE")),
                Option(
                    "plain-name", N_("In a folder, under the calendar’s name and not under one that nobody guesses.")
                ),
                Option("timer", N_("Write what starts the uploads: systemd or cron. Needs --every."), N_("KIND")),
                Option("public", N_("On Exchange: people can search for it on the internet.")),
                Option("links", N_("On Exchange: what the command printed; - reads it."), N_("TEXT")),
                Option("dry-run", N_("Publish nothing and show what would be seen.")),
                _OVERWRITE,
                YES,
            ),
        )
    },
    "publications": {
        "": Command("publications", N_("List what is published where, and when it was last uploaded."), _publications)
    },
    "republish": {
        "": Command(
            "republish",
            N_("Upload a publication now, or move it to a new address."),
            _republish,
            (Word("id", N_("ID")),),
            (
                Option("new-address", N_("A new address that nobody can guess; the old one is taken away.")),
                _OVERWRITE,
                YES,
            ),
        )
    },
    "unpublish": {
        "": Command(
            "unpublish",
            N_("Take a publication away again, or stop renewing it."),
            _unpublish,
            (Word("id", N_("ID")),),
            (Option("stop", N_("Leave it there and stop renewing it.")), _OVERWRITE, YES),
        )
    },
}
