"""`doctor`: this installation, the terminal and the accounts; or one file, with what was repaired and what is wrong."""

from __future__ import annotations

import os
import platform
import shutil
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

from core.calendar.event import Problem
from core.config.settings import OtherAccount
from core.errors import PartagendaError, Unreadable
from core.language import N_, _, language, ngettext
from core.values import dataclass
from tui.cli.context import Context
from tui.cli.files import absolute, read_file
from tui.cli.grammar import Command, Given, Word


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    what: str
    answer: str
    good: bool = True
    hint: str = ""


async def _doctor(context: Context, given: Given) -> int:
    if given.has("file"):
        return _file(context, absolute(given.text("file")))
    findings = [
        *_installation(),
        *_terminal(),
        *_places(context),
        *await _calendars(context),
        *await _accounts(context),
    ]
    context.out.value(
        [{"what": f.what, "ok": f.good, "answer": f.answer, "hint": f.hint} for f in findings],
    )
    for finding in findings:
        mark = _("ok") if finding.good else _("problem")
        context.out.line(f"{mark:<8} {finding.what}: {finding.answer}")
        if finding.hint and not finding.good:
            context.out.line(f"         {finding.hint}")
    return 0 if all(finding.good for finding in findings) else 3


def _installation() -> Iterator[Finding]:
    from importlib.metadata import PackageNotFoundError, version

    from core import __version__

    yield Finding("partagenda", __version__)
    yield Finding("Python", platform.python_version(), sys.version_info >= (3, 11))
    for package in ("textual", "icalendar", "aiosmtplib", "tzdata"):
        try:
            yield Finding(package, version(package))
        except PackageNotFoundError:
            yield Finding(package, _("is missing"), False, _("Install partagenda again."))


def _terminal() -> Iterator[Finding]:
    encoding = (sys.stdout.encoding or "ascii").lower()
    yield Finding(
        _("character set"),
        encoding,
        encoding.replace("-", "") == "utf8",
        _("Set LANG to one that ends in .UTF-8; letters that it lacks are replaced."),
    )
    yield Finding(_("language"), language())
    if sys.stdout.isatty():
        size = shutil.get_terminal_size()
        enough = size.columns >= 80 and size.lines >= 24
        shown = f"{os.environ.get('TERM', '?')}, {size.columns}×{size.lines}"
        yield Finding(_("terminal"), shown, enough, _("The app is made for 80×24 and more."))


def _places(context: Context) -> Iterator[Finding]:
    settings, paths = context.settings, context.paths
    there = settings.path.exists()
    yield Finding(_("configuration"), str(settings.path) if there else _("none; every setting has its default"))
    yield Finding(_("time zone"), str(context.zone))
    for what, folder in ((_("data"), paths.data), (_("state"), paths.state), (_("index"), paths.cache)):
        yield _folder(what, folder)


def _folder(what: str, folder: Path) -> Finding:
    if not folder.exists():
        return Finding(what, _("{folder} (made when it is needed)").format(folder=folder))
    if not os.access(folder, os.W_OK | os.X_OK):
        return Finding(what, str(folder), False, _("You may not write there."))
    if stat.S_IMODE(folder.stat().st_mode) & 0o077:
        return Finding(
            what, str(folder), False, _("Others may look into it; run: chmod 700 {folder}").format(folder=folder)
        )
    return Finding(what, str(folder))


async def _calendars(context: Context) -> list[Finding]:
    try:
        calendars = await context.services.library.calendars()
    except PartagendaError as error:
        return [Finding(_("calendars"), error.message, False, error.hint)]
    broken = [Finding(info.name, info.problem, False) for info in calendars if info.problem]
    count = ngettext("{count} calendar", "{count} calendars", len(calendars)).format(count=len(calendars))
    return [Finding(_("calendars"), count), *broken]


async def _accounts(context: Context) -> list[Finding]:
    from core.bootstrap import check_account

    found = []
    for name, account in context.settings.accounts.items():
        what = _("account {name}").format(name=name)
        if isinstance(account, OtherAccount):
            answer = _("The type {type} cannot be used in this version.").format(type=account.type)
            found.append(Finding(what, answer, False))
            continue
        try:
            found.append(Finding(what, await check_account(context.settings, account)))
        except PartagendaError as error:
            found.append(Finding(what, error.message, False, error.hint))
    if not context.settings.mail_accounts:
        found.append(Finding(_("mail"), _("No account can send mail yet; messages wait in the outbox.")))
    return found


def _file(context: Context, path: Path) -> int:
    """The problems of one file, in the order of its lines. Raises Unreadable, NotFound, StorageError."""
    parts = list(_calendars_of(path))
    if not parts:
        raise Unreadable(_("{file} holds no calendar.").format(file=path.name))
    problems: list[tuple[str, Problem]] = []
    events = 0
    for name, data in parts:
        count, found = _examine(data, context, name)
        events += count
        problems += [(name, problem) for problem in found]
    context.out.value(
        {
            "file": str(path),
            "events": events,
            "problems": [
                {"file": name, "line": p.line, "what": p.what, "uid": p.uid, "repaired": p.repaired}
                for name, p in problems
            ],
        }
    )
    for name, problem in problems:
        place = _("line {line}").format(line=problem.line) if problem.line else _("the file")
        fate = _("repaired") if problem.repaired else _("left out")
        context.out.line(f"{name}, {place}: {problem.what} ({fate})")
    summary = ngettext("{count} event", "{count} events", events).format(count=events)
    trouble = ngettext("{count} problem", "{count} problems", len(problems)).format(count=len(problems))
    context.out.line(f"{path.name}: {summary}, {trouble}")
    return 3 if problems else 0


def _calendars_of(path: Path) -> Iterator[tuple[str, bytes]]:
    data = read_file(path)
    if path.suffix.lower() != ".eml":
        yield path.name, data
        return
    from core.sharing.incoming import read_message

    for part in read_message(data).calendars:
        yield f"{path.name}: {part.name}", part.data


def _examine(data: bytes, context: Context, name: str) -> tuple[int, tuple[Problem, ...]]:
    from core.ical.decode import decode

    try:
        decoded = decode(data, now=context.clock.now())
    except Unreadable as error:
        raise Unreadable(f"{name}: {error.message}", error.hint) from None
    return sum(len(thing.events) for thing in decoded.objects), decoded.problems


COMMANDS = {
    "doctor": {
        "": Command(
            "doctor",
            N_("Check this installation, or one .ics file."),
            _doctor,
            (Word("file", N_("FILE"), required=False),),
        )
    }
}
