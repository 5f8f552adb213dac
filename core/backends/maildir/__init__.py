"""Reads a Maildir without changing it, and delivers into one (https://cr.yp.to/proto/maildir.html)."""

from __future__ import annotations

from core.backends.maildir.delivery import deliver, keep_copy
from core.backends.maildir.source import MaildirSource

__all__ = ["MaildirSource", "deliver", "keep_copy"]
