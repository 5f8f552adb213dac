"""What can go wrong, in words for a person.

PartagendaError
├── UsageError            the command line or a dialog was filled in wrongly (exit 2)
├── ConfigError           config.toml: names file, key and the nearest known key
├── NotFound              a calendar, event, message or file that is not there
├── Refused               a rule forbids it (consent missing, read-only, policy)
│   ├── LeakFound         the finished bytes hold something that the level does not show
│   └── PrivateNetwork    an address inside a private network that the person has not said yes to
├── Conflict              somebody else changed it since it was read
├── Unreadable            foreign bytes that are no calendar, message, …
├── StorageError          the disk said no; names the file and the reason
├── Cancelled             the person stopped it; nothing half done
└── TransportError        the other side
    ├── SignInFailed      wrong name or password, or none
    ├── CertificateError  the server is not who it should be
    ├── Unreachable       refused, no such host, timed out: nothing was handed over
    ├── TryLater          the server is busy or the thing is locked: says after how many seconds to ask again
    └── DeliveryUnknown   the line broke after everything was handed over: nobody can know
"""

from __future__ import annotations


class PartagendaError(Exception):
    """Base of all errors that are shown to a person.

    `message` says what happened, `hint` (may be empty) what to do. Both are already in the person's language.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(PartagendaError):
    """The request itself was wrong: exit code 2."""


class ConfigError(PartagendaError):
    """The configuration cannot be used."""


class NotFound(PartagendaError):
    """There is no such calendar, event, message or file."""


class Refused(PartagendaError):
    """A rule forbids it, or consent was not given."""


class LeakFound(Refused):
    """The finished bytes hold what the chosen level does not show; nothing was sent."""


class PrivateNetwork(Refused):
    """The address leads into a private network, and the person has not said yes to that `host`.

    `led`: it was not the address that was given, but one to which the server sent on.
    """

    def __init__(self, message: str, hint: str = "", *, host: str = "", led: bool = False) -> None:
        super().__init__(message, hint)
        self.host = host
        self.led = led


class Conflict(PartagendaError):
    """Somebody else changed the same thing since it was read; nothing was overwritten."""


class Unreadable(PartagendaError):
    """Bytes from elsewhere that are not what they should be."""


class StorageError(PartagendaError):
    """The disk refused; the message names the file and the reason."""


class Cancelled(PartagendaError):
    """The person stopped it; nothing is half done."""


class TransportError(PartagendaError):
    """A server or a program that takes messages failed."""


class SignInFailed(TransportError):
    """Name or password were refused, or there is none."""


class CertificateError(TransportError):
    """The server could not prove who it is."""


class Unreachable(TransportError):
    """The server could not be reached, or stopped before anything was handed over."""


class TryLater(TransportError):
    """The server will not do it now, and may do it later; nothing was changed. `wait`: seconds, 0 if it did not say."""

    def __init__(self, message: str, hint: str = "", wait: float = 0.0) -> None:
        super().__init__(message, hint)
        self.wait = wait


class DeliveryUnknown(TransportError):
    """The line broke after the last byte was handed over: it may have been sent."""
