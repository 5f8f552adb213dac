"""The log: one rotating file that only the person can read, without a credential in it and without anybody's events.

Everything that is logged goes through `redact`, after formatting, so that tracebacks of libraries are covered too.
"""

from __future__ import annotations

import io
import logging
import os
import re
from functools import cache
from pathlib import Path

from core.private import make_private_folder

NAME = "partagenda"
FILE = "partagenda.log"
LARGEST = 1_000_000
"""Bytes after which a new file is begun."""
_KEPT = 2
_HIDDEN = "[…]"

_known: set[str] = set()


@cache
def _rules() -> tuple[tuple[re.Pattern[str], str], ...]:
    """What is hidden, and what of it stays; made when something is logged."""
    return (
        # Header lines and SMTP's AUTH: the rest of the line is the credential.
        (
            re.compile(r"(?im)\b((?:proxy-)?authorization|cookie|set-cookie|x-auth-token)(['\"]?\s*[:=]\s*)[^\r\n]+"),
            r"\1\2",
        ),
        (re.compile(r"(?i)\b(AUTH\s+(?:PLAIN|LOGIN|XOAUTH2|OAUTHBEARER|CRAM-MD5))\s+\S+"), r"\1 "),
        (re.compile(r"(?i)\b(bearer|basic|digest|negotiate|ntlm)\s+[A-Za-z0-9+/=._~-]{6,}"), r"\1 "),
        # name = value, "name": "value", name=value&…
        (
            re.compile(
                r"(?i)([\w-]*(?:password|passwd|passphrase|secret|token|api_?key|assertion|code_verifier|device_code)[\w-]*)"
                r"(['\"]?\s*[:=]\s*)(?!\s*\[…\])(\[[^\]\r\n]*\]|\"[^\"\r\n]*\"|'[^'\r\n]*'|[^\s,;&}\])]+)"
            ),
            r"\1\2",
        ),
    )


@cache
def _url() -> re.Pattern[str]:
    return re.compile(
        r"(?i)\b((?:https?|webcal|ftp|smtp|imap)s?://)(?:[^\s/@\"'<>]*@)?([^\s/?#\"'<>)\]]+)([^\s\"'<>)\]]*)"
    )


def remember(secret: str) -> None:
    """Never let this text into the log again. Very short ones would blacken every line: they are left to the rules."""
    if len(secret) >= 4:
        _known.add(secret)


def redact(text: str) -> str:
    """The text without credentials: headers, passwords and tokens by name, what was remembered, secret parts of URLs.

    Of a URL scheme and host stay: who knows the path of a published calendar can read it.
    """
    for secret in sorted(_known, key=len, reverse=True):
        text = text.replace(secret, _HIDDEN)
    text = _url().sub(_without_path, text)
    for pattern, kept in _rules():
        text = pattern.sub(kept + _HIDDEN, text)
    return text


def _without_path(match: re.Match[str]) -> str:
    scheme, host, rest = match.groups()
    return scheme + host + (rest if rest in ("", "/") else f"/{_HIDDEN}")


class _Redacting(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        """The line without secrets, also in the traceback of an error."""
        return redact(super().format(record))


def _rotating(path: Path) -> logging.Handler:
    """The file. Its class is made when something is logged: it brings pickle and sockets, and most runs log nothing."""
    from logging.handlers import RotatingFileHandler

    class OwnFile(RotatingFileHandler):
        """A rotating file that is created 0600 and is never somebody else's: symbolic links are not followed."""

        def _open(self) -> io.TextIOWrapper:
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
            descriptor = os.open(self.baseFilename, flags, 0o600)
            os.fchmod(descriptor, 0o600)
            return open(descriptor, "a", encoding="utf-8", errors="backslashreplace")

    return OwnFile(path, maxBytes=LARGEST, backupCount=_KEPT, encoding="utf-8")


class _Log(logging.Handler):
    """Opens the file for the first line. Where there can be none, lines go nowhere: without any handler the standard
    library would write on the terminal, and all of it."""

    def __init__(self, state: Path) -> None:
        super().__init__()
        self._state = state
        self._file: logging.Handler | None = None
        self._tried = False

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line."""
        if not self._tried:
            self._tried = True
            self._file = self._opened()
        if self._file is not None:
            self._file.handle(record)

    def _opened(self) -> logging.Handler | None:
        try:
            make_private_folder(self._state)
            file = _rotating(self._state / FILE)
        except OSError:
            return None
        file.setFormatter(_Redacting("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        return file

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
        super().close()


def start(state: Path) -> logging.Logger:
    """Log to `<state>/partagenda.log`, also what libraries report. Without a place to write nothing is logged.

    Safe to call again: there is one file, the last one asked for.
    """
    logger = logging.getLogger()
    stop()
    logger.addHandler(_Log(state))
    logger.setLevel(logging.INFO)
    logging.raiseExceptions = False  # a full disk must not write over the screen
    return logging.getLogger(NAME)


def stop() -> None:
    """Close the file."""
    logger = logging.getLogger()
    for handler in [h for h in logger.handlers if isinstance(h, _Log)]:
        logger.removeHandler(handler)
        handler.close()
