"""Sends mail through a server (RFC 5321, submission RFC 6409), by aiosmtplib."""

from __future__ import annotations

from core.backends.smtp.settings import Limits, Security, SmtpSettings
from core.backends.smtp.transport import SmtpTransport

__all__ = ["Limits", "Security", "SmtpSettings", "SmtpTransport"]
