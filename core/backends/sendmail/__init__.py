"""Sends mail through a local program: sendmail, msmtp, or whatever takes a message on its standard input."""

from __future__ import annotations

from core.backends.sendmail.transport import SendmailTransport

__all__ = ["SendmailTransport"]
