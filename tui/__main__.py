"""`partagenda`: without arguments or with files the app, with a command the command line.

What is imported here is paid by every command, so nearly nothing is: `--version` loads no more than this file and
`core`, and the reading commands (agenda, search, calendars) go straight to their own module.
"""

from __future__ import annotations

import sys

from core import __version__

READING = ("agenda", "search", "calendars")
_LEFT_AT_ONCE = (*READING, "import")


def main(arguments: list[str] | None = None) -> int:
    """Run the program; the exit code of cli.md. Never a traceback."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    code = _run(given)
    if arguments is None and not code and given and given[0] in _LEFT_AT_ONCE:
        _leave()
    return code


def _run(given: list[str]) -> int:
    _need_streams()
    if sys.flags.utf8_mode:
        _keep_to_ascii()
    try:
        code = _dispatch(given)
    except BrokenPipeError:
        return _reader_left()
    except KeyboardInterrupt:
        from tui.cli.run import interrupted

        code = interrupted()
    except Exception as error:  # the last door: a person gets a line, the log gets the traceback
        from tui.cli.run import failed

        code = failed(error, given)
    return _handed_over(code, given)


def _dispatch(given: list[str]) -> int:
    if given in (["--version"], ["-V"]):
        print(f"partagenda {__version__}")
        return 0
    from tui.cli import split_command

    command, rest = split_command(given)
    if command in READING and not {"--help", "-h"} & set(rest):
        from tui.cli import reading

        return reading.main(command, rest)
    import gc

    if command:  # what is loaded stays, and to look through it after every 700 new objects costs 20 ms of an import
        gc.set_threshold(20_000, 50, 50)
    else:  # and the app a tenth of its start
        gc.disable()  # until the first picture
        from core.config.paths import folders
        from tui import quick_start

        quick_start.begin(folders()[3])
    _load_zones()
    from tui.cli.run import run

    return run(command, rest, given)


def _load_zones() -> None:
    """Load zoneinfo without sysconfig, which it asks (4 ms) where the zones lie: nearly everywhere they lie here."""
    import os

    folder = "/usr/share/zoneinfo"
    if "PYTHONTZPATH" in os.environ or not os.path.isdir(folder):
        return
    os.environ["PYTHONTZPATH"] = folder
    try:
        import zoneinfo  # noqa: F401 - it looks into the environment once
    finally:
        del os.environ["PYTHONTZPATH"]


def _leave() -> None:
    """End at once after an answer was written: to take Python apart costs a reading command a tenth of its time, and
    an import, which has loaded more, 15 ms; there is nothing left to be done in it."""
    import os

    sys.stderr.flush()
    os._exit(0)


def _need_streams() -> None:
    """A program that was started without standard output or error writes to nobody instead of failing."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open("/dev/null", "w", encoding="utf-8"))  # noqa: SIM115 - open until the end


def _keep_to_ascii() -> None:
    """In the C locale Python writes UTF-8 all the same; where the person asked for that locale, it must not."""
    import os

    from tui.text import speaks_unicode

    if not speaks_unicode(os.environ):
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(encoding="ascii", errors="replace")


def _handed_over(code: int, given: list[str]) -> int:
    """Hand the answer to its reader here, where it can still be said that it could not be."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        return _reader_left()
    except OSError as error:
        _reader_left()
        from tui.cli.run import failed

        return failed(error, given)
    return code


def _reader_left() -> int:
    """`partagenda … | head`: the reader had enough. Nothing is said, and Python must not complain at exit."""
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


if __name__ == "__main__":
    sys.exit(main())
