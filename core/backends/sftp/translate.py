"""What ssh, sftp and the server said, in words for a person. Their texts: OpenSSH 9 (sshconnect.c, sftp-client.c)."""

from __future__ import annotations

import re

from core.backends.sftp.address import SftpAddress
from core.backends.sftp.batch import Said
from core.calendar.people import clean_name
from core.errors import (
    CertificateError,
    Conflict,
    DeliveryUnknown,
    NotFound,
    PartagendaError,
    Refused,
    SignInFailed,
    TransportError,
    Unreachable,
)
from core.language import _

_UNREACHABLE = re.compile(
    r"(?im)^ssh: .*?(?:resolve hostname \S+|port \d+): (.+)$|^(connection (?:closed|reset|timed out).*)$"
)


def no_connection(said: Said, address: SftpAddress) -> PartagendaError:
    """ssh came to no session."""
    host, text = address.host, said.before
    if "IDENTIFICATION HAS CHANGED" in text:
        return CertificateError(
            _("{host} shows another host key than the one that you know it by.").format(host=host),
            _("Ask whoever runs it; if it is right: ssh-keygen -R {host}, then ssh {host}").format(host=host),
        )
    if "Host key verification failed" in text or "No matching host key" in text:
        return CertificateError(
            _("The host key of {host} is not known here, so nothing was sent.").format(host=host),
            _("Sign in once by hand and compare its fingerprint: ssh {login}").format(login=address.login),
        )
    if re.search(r"Permission denied \(|Too many authentication failures", text):
        return SignInFailed(
            _("{host} does not accept your key: permission denied.").format(host=host),
            _("It has to work without a question: ssh -o BatchMode=yes {login} (ssh-add, ssh-copy-id).").format(
                login=address.login
            ),
        )
    if re.search(r"(?i)subsystem request failed|message too long", text):
        return TransportError(
            _("{host} offers no SFTP.").format(host=host), _("Ask whoever runs it, or publish to another server.")
        )
    found = _UNREACHABLE.search(text)
    reason = next((part for part in found.groups() if part), "") if found else _last(text)
    return Unreachable(
        _("{host} cannot be reached: {reason}.").format(host=host, reason=clean_name(reason.strip()) or "ssh"),
        _("Look at the address and at the network."),
    )


def complaint(text: str, address: SftpAddress) -> PartagendaError:
    """A command failed."""
    host, name = address.host, address.name or address.shown
    if is_missing(text):
        return missing_folder(address)
    if "Permission denied" in text:
        return Refused(
            _("{host} does not let you write “{name}”.").format(host=host, name=name),
            _("Choose a folder of your own, or ask whoever runs the server."),
        )
    if "not a regular file" in text:
        return Refused(_("{path} is no file.").format(path=name), _("Give the name of a file at the end, as team.ics."))
    if re.search(r": Failure$|No space|quota", text.strip()):
        return Refused(
            _("{host} could not write “{name}”: its disk may be full.").format(host=host, name=name),
            _("Make room there, or publish fewer days."),
        )
    return TransportError(
        _("{host} answered: {reason}.").format(host=host, reason=clean_name(_last(text))), _("It may work later.")
    )


def is_missing(text: str) -> bool:
    """Whether the thing is not there."""
    return re.search(r"not found\.?$|No such file", text.strip()) is not None


def missing_folder(address: SftpAddress) -> NotFound:
    """The folder is not there."""
    return NotFound(
        _("The folder {folder} is not there on {host}.").format(folder=address.shown, host=address.host),
        _("Make it first, or choose another one."),
    )


def changed(address: SftpAddress, *, gone: bool = False) -> Conflict:
    """What lies there is not ours."""
    if gone:
        return Conflict(
            _("“{name}” is no longer on {host}: somebody removed it.").format(name=address.name, host=address.host),
            _("Publish it again if you want it there, or stop the publication."),
        )
    return Conflict(
        _("“{name}” on {host} is not what was published last: somebody else writes there.").format(
            name=address.name, host=address.host
        ),
        _("Choose another name, or overwrite it if it is yours from elsewhere."),
    )


def unknown(address: SftpAddress) -> DeliveryUnknown:
    """It broke after the rename was handed over."""
    return DeliveryUnknown(
        _("The connection to {host} broke: “{name}” may have been published.").format(
            host=address.host, name=address.name
        ),
        _("The next sync looks, and finishes it."),
    )


def _last(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip() and line.strip() != "Connection closed"]
    return lines[-1][:200] if lines else ""
