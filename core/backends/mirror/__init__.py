"""The calendars of a server account as a local copy that is read like any other, and a queue of what is to be written.

Built on `core.backends.vdir`: each remote calendar is a folder of .ics files below `<data>/accounts/<account>`, in the
one index. Any `core.ports.RemoteCalendars` can stand behind it.
"""

from __future__ import annotations

from core.backends.mirror.store import MirrorStore

__all__ = ["MirrorStore"]
