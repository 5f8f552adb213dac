"""How a sendmail-like program is told to whom a message goes.

With `-t` the program reads the recipients from To, Cc and Bcc and takes Bcc out again; addresses given beside `-t` are
added by one program and subtracted by another, so none are given. Whoever is not named in the message gets a Bcc header
that exists in this input only. If the message names somebody who must not get it now (a second attempt for one of
three), `-t` would send it to them again: then it is left out and the recipients are given as arguments.
Without `-t` the recipients are arguments, behind `--`.
"""

from __future__ import annotations

from collections.abc import Sequence
from email.parser import BytesHeaderParser
from email.utils import getaddresses

from core.errors import TransportError
from core.language import _
from core.ports.mail import Envelope
from core.values import dataclass

_WITH_T = ("-t", "-ti", "-it")


@dataclass(frozen=True, slots=True)
class Invocation:
    """What is started, and what it reads."""

    arguments: tuple[str, ...]
    content: bytes


def invocation(command: Sequence[str], envelope: Envelope) -> Invocation:
    """The command line and the input that reach exactly the envelope's recipients.

    Raises TransportError for an address with control characters: in a header it would be a header of its own.
    """
    if any(not character.isprintable() for address in envelope.recipients for character in address):
        raise TransportError(_("An address holds control characters; nothing was sent."))
    if not any(argument in _WITH_T for argument in command[1:]):
        return Invocation((*command, "--", *envelope.recipients), envelope.content)
    named = _named(envelope.content)
    wanted = {address.lower() for address in envelope.recipients}
    if not named <= wanted:
        return Invocation((*_without_t(command), "--", *envelope.recipients), envelope.content)
    hidden = [address for address in envelope.recipients if address.lower() not in named]
    return Invocation(tuple(command), _with_bcc(envelope.content, hidden))


def _named(content: bytes) -> set[str]:
    head = BytesHeaderParser().parsebytes(content)
    fields = [str(value) for name in ("To", "Cc", "Bcc") for value in head.get_all(name, [])]
    return {address.lower() for _spoken, address in getaddresses(fields) if address}


def _without_t(command: Sequence[str]) -> list[str]:
    rest = ["-i" if argument in ("-ti", "-it") else argument for argument in command[1:]]
    return [command[0], *(argument for argument in rest if argument != "-t")]


def _with_bcc(content: bytes, hidden: Sequence[str]) -> bytes:
    if not hidden:
        return content
    end = b"\r\n" if b"\r\n" in content[:2000] else b"\n"
    field = b"Bcc: " + (b"," + end + b" ").join(address.encode() for address in hidden) + end
    return field + content
