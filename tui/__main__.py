"""`partagenda`: without arguments or with files the app, with a command the command line.

What is imported here is paid by every command, so nearly nothing is: `--version` loads no more than this file and
`core`, and the reading commands (agenda, search, calendars) go straight to their own module.
"""

from __future__ import annotations

import sys

from core import __version__

READING = ("agenda", "search", "calendars")


def main(arguments: list[str] | None = None) -> int:
    """Run the program; the exit code of cli.md. Never a traceback."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given in (["--version"], ["-V"]):
        print(f"partagenda {__version__}")
        return 0
    try:
        code = _dispatch(given)
        sys.stdout.flush()
    except BrokenPipeError:
        return _reader_left()
    except KeyboardInterrupt:
        from tui.cli.run import interrupted

        return interrupted()
    except Exception as error:  # the last door: a person gets a line, the log gets the traceback
        from tui.cli.run import failed

        return failed(error, given)
    return code


def _dispatch(given: list[str]) -> int:
    from tui.cli import split_command

    command, rest = split_command(given)
    if command in READING and not {"--help", "-h"} & set(rest):
        from tui.cli import reading

        return reading.main(command, rest)
    from tui.cli.run import run

    return run(command, rest, given)


def _reader_left() -> int:
    """`partagenda … | head`: the reader had enough. Nothing is said, and Python must not complain at exit."""
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


if __name__ == "__main__":
    sys.exit(main())
