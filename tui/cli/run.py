"""Running a command: settings, language, log, services, and an exit code for whatever happens.

0 done · 1 refused or failed · 2 wrong usage · 3 partly done.
"""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.config import logs
from core.config.clock import SystemClock, iana_zone
from core.config.paths import Paths
from core.config.settings import Settings, load
from core.errors import Cancelled, NotFound, PartagendaError, UsageError
from core.language import _, use_language
from tui.cli.output import Output, prepare_streams

if TYPE_CHECKING:
    from core.services.sources import Source
    from tui.cli.context import Context
    from tui.cli.grammar import Given, Run

DONE, FAILED, USAGE, PARTLY = 0, 1, 2, 3
ADDRESSES = ("webcal:", "webcals:", "http:", "https:")


def run(command: str, rest: list[str], given: Sequence[str]) -> int:
    """Run a command, or the app when there is none. `rest` is `given` without the command's name."""
    prepare_streams()
    use_language()
    out = Output(json="--json" in given)
    try:
        if command in ("", "help") or _is_file(command):
            return _without_command(command, rest, given, out)
        return _command(command, rest, out)
    except UsageError as error:
        out.error(error)
        return USAGE
    except PartagendaError as error:
        out.error(error)
        return FAILED


def _without_command(command: str, rest: list[str], given: Sequence[str], out: Output) -> int:
    if command == "help" or {"--help", "-h"} & set(given):
        return _help(rest if command == "help" else [], out)
    return _open_app(given)


def _is_file(word: str) -> bool:
    from tui.cli import registry

    if word in registry.names():
        return False
    looks = word.lower().endswith((".ics", ".eml", ".ical", ".ifb")) or "/" in word
    return looks or word.lower().startswith(ADDRESSES) or os.path.exists(word)


def _help(rest: Sequence[str], out: Output) -> int:
    from tui.cli import registry
    from tui.cli.grammar import help_text

    words = [word for word in rest if not word.startswith("-")]
    if words:
        found = registry.variants(words[0])
        chosen = [found[words[1]]] if len(words) > 1 and words[1] in found else list(dict.fromkeys(found.values()))
        out.lines("\n\n".join(help_text(command) for command in chosen))
        return DONE
    width = max(map(len, registry.names()))
    listed = [f"  {name:<{width}}  {registry.summary(name)}" for name in registry.names()]
    head = [_("Usage: {usage}").format(usage=f"partagenda {_('[COMMAND | FILE…]')}"), ""]
    tail = ["", _("Without a command the app opens. “partagenda help COMMAND” says more about one.")]
    out.lines("\n".join([*head, *listed, *tail]))
    out.value({name: registry.summary(name) for name in registry.names()})
    return DONE


def settings_and_paths(config: str) -> tuple[Settings, Paths]:
    """The settings that `--config` (or the environment) names, with language and log started. Raises ConfigError."""
    paths = Paths.from_env()
    settings = load(config or None)
    use_language(settings.me.language)
    logs.start(paths.state)
    return settings, paths


def _command(name: str, rest: list[str], out: Output) -> int:
    from tui.cli import registry
    from tui.cli.context import Context
    from tui.cli.grammar import help_text, parse

    command, arguments = registry.choose(name, rest)
    given = parse(command, arguments)
    if command.standalone is not None and not given.has("help"):
        return command.standalone(out, given)
    if given.has("help") or command.run is None:
        out.lines(help_text(command))
        return DONE
    settings, paths = settings_and_paths(given.text("config"))
    context = Context(settings, paths, SystemClock(iana_zone(settings.me.time_zone)), out)
    return asyncio.run(_run(command.run, context, given, read=name not in _WITHOUT_CALENDARS))


_WITHOUT_CALENDARS = ("account", "doctor", "demo", "ledger", "outbox")
_PATIENCE = 30.0
"""Seconds that a command waits for a server to confirm what it wrote."""


async def _run(run: Run, context: Context, given: Given, *, read: bool) -> int:
    try:
        if read and context.settings.servers:
            await _read_new(context)
        code = await run(context, given)
        return code or await _sent(context)
    except asyncio.CancelledError:
        context.progress.stop()
        raise Cancelled(_("Stopped; nothing half done.")) from None
    finally:
        await context.close()


async def _read_new(context: Context) -> None:
    """An account on a server that was never read is read once (cli.md)."""
    from tui.cli.reading_servers import new_accounts, read_accounts

    if due := new_accounts(context.settings, context.paths):
        await read_accounts(context.services, due)


async def _sent(context: Context) -> int:
    """What was written to a server's calendar is confirmed before the command ends, or it is said that it waits."""
    if not context.settings.servers:
        return DONE
    await context.services.accounts.pushed(_PATIENCE)
    from tui.wording import waiting_words

    for state in await context.services.accounts.states():
        if state.waiting or state.conflicts:
            context.out.problem(waiting_words(state), state.problem)
    return DONE


def _open_app(given: Sequence[str]) -> int:
    from tui import quick_start
    from tui.cli.launch import need_terminal, open_app

    config, files = _app_arguments(given)  # a file that is not there is said even where the app cannot open
    need_terminal(_("partagenda help lists the commands that work without one."))
    settings, paths = settings_and_paths(config)
    quick_start.begin(str(paths.cache))
    return open_app(settings, paths, [_fetched(settings, paths, one) if isinstance(one, str) else one for one in files])


def _fetched(settings: Settings, paths: Paths, address: str) -> Source:
    """The calendar at an address, to be looked at; asked about before the app takes the terminal."""
    from core.services.sources import Source
    from tui.cli.context import Context
    from tui.cli.feeds import fetch_once
    from tui.cli.grammar import Given

    context = Context(settings, paths, SystemClock(iana_zone(settings.me.time_zone)), Output())

    async def run(context: Context, given: Given) -> int:
        fetched.append(await fetch_once(context, given, address))
        return DONE

    fetched: list[bytes] = []
    asyncio.run(_run(run, context, Given({}), read=False))
    return Source(address, data=fetched[0], key=address)


def _app_arguments(given: Sequence[str]) -> tuple[str, list[Path | str]]:
    """The configuration file, and what is to be looked at: files, and addresses as they were typed."""
    config: str = ""
    files: list[Path | str] = []
    rest = list(given)
    while rest:
        argument = rest.pop(0)
        name, equals, inline = argument.partition("=")
        if name == "--config":
            if not equals and not rest:
                raise UsageError(_("--{name} needs a value.").format(name="config"))
            config = inline if equals else rest.pop(0)
        elif argument.startswith("-") and argument != "-":
            raise UsageError(
                _("{command} has no option “{option}”.").format(command="partagenda", option=argument),
                _("partagenda help lists what there is."),
            )
        else:
            files.append(_file(argument))
    return config, files


def _file(argument: str) -> Path | str:
    if argument.lower().startswith(ADDRESSES):
        return argument
    path = Path(_of_file_url(argument) if argument.startswith("file:///") else argument)
    if not path.exists():
        raise NotFound(_("There is no file {file}.").format(file=argument))
    return path.absolute()


def _of_file_url(address: str) -> str:
    from urllib.parse import unquote

    return unquote(address.removeprefix("file://"))


def interrupted() -> int:
    """Ctrl-C: what was begun is whole or was not begun at all."""
    Output().problem(_("Stopped; nothing half done."))
    return FAILED


def failed(error: Exception, given: Sequence[str]) -> int:
    """An error that nobody foresaw, or one of ours from a place without a door of its own."""
    out = Output()
    if isinstance(error, PartagendaError):
        out.error(error)
        return USAGE if isinstance(error, UsageError) else FAILED
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO):
        out.problem(_("The answer cannot be written: {reason}.").format(reason=error.strerror))
        return FAILED
    paths = Paths.from_env()
    words = [word for word in given if not word.startswith("-")][:1]
    logs.start(paths.state).error("unexpected error in %s", words, exc_info=error)
    out.problem(
        _("Something went wrong that should not: {kind}.").format(kind=type(error).__name__),
        _("The details are in {file}.").format(file=paths.state / logs.FILE),
    )
    return FAILED
