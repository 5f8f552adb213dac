"""Cmdlets over WinRM (MS-PSRP). Exchange's endpoint is restricted: cmdlets with parameters, no scripts."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from core.calendar.people import clean_name
from core.concurrency import BlockingPool
from core.errors import (
    CertificateError,
    ConfigError,
    NotFound,
    PartagendaError,
    Refused,
    SignInFailed,
    TransportError,
    Unreachable,
)
from core.language import _
from core.ports.world import Secrets
from core.values import dataclass

CONFIGURATION = "Microsoft.Exchange"
STEP_SECONDS, TOTAL_SECONDS = 20, 90.0


@dataclass(frozen=True, slots=True)
class ShellSettings:
    """The endpoint of an account, as `https://mail.example.org/PowerShell/`. `secret`: its key among the passwords."""

    url: str
    username: str
    secret: str
    auth: str = "basic"
    ca: Path | None = None


class Runner(Protocol):
    """Runs one cmdlet and gives its objects' properties; blocks. What lies behind is pypsrp's."""

    def __call__(
        self, settings: ShellSettings, password: str, cmdlet: str, parameters: Mapping[str, object]
    ) -> Sequence[Mapping[str, object]]: ...


class ShellRefused(Exception):
    """The cmdlet ended with an error record: its text, and the kind that it names."""

    def __init__(self, text: str, kind: str = "") -> None:
        super().__init__(text)
        self.text, self.kind = text, kind


class RemoteShell:
    """Implements `core.ports.CalendarFolderShell`. `runner` is pypsrp's, but for tests."""

    def __init__(self, settings: ShellSettings, secrets: Secrets, runner: Runner | None = None) -> None:
        self._settings = settings
        self._secrets = secrets
        self._runner = runner or run_by_pypsrp
        self._pool = BlockingPool("powershell", 1)

    async def run(self, cmdlet: str, parameters: Mapping[str, object]) -> Sequence[Mapping[str, object]]:
        """Raises SignInFailed, CertificateError, Unreachable, Refused, NotFound, TransportError, ConfigError."""
        password = await self._secrets.password(self._settings.secret)
        try:
            async with asyncio.timeout(TOTAL_SECONDS):
                return await self._pool.run(self._runner, self._settings, password, cmdlet, parameters)
        except PartagendaError:
            raise
        except TimeoutError as error:
            raise _unreachable(self._host, _("it did not answer in time")) from error
        except Exception as error:
            raise self._translated(error) from error

    @property
    def _host(self) -> str:
        return urlsplit(self._settings.url).netloc.rpartition("@")[2]

    def _translated(self, error: Exception) -> PartagendaError:
        host, kind = self._host, type(error).__name__
        if isinstance(error, ShellRefused):
            return _refused(error)
        if kind == "AuthenticationError" or "401" in str(error):
            self._secrets.forget(self._settings.secret)
            return SignInFailed(
                _("{host} does not accept name and password.").format(host=host),
                _("Ask whether you may use remote PowerShell; else run the command that is shown by hand."),
            )
        if any(isinstance(cause, ssl.SSLError) for cause in (error, error.__cause__, error.__context__)) or (
            kind == "SSLError"
        ):
            return CertificateError(
                _("{host} could not prove who it is: {reason}.").format(host=host, reason=clean_name(str(error))[:120]),
                _("If it has an authority of its own, name its file as “ca” in config.toml."),
            )
        if kind in ("ConnectionError", "ConnectTimeout", "ReadTimeout", "ProxyError") or isinstance(error, OSError):
            return _unreachable(host, clean_name(str(error))[:120])
        return TransportError(
            _("{host} failed: {reason}").format(host=host, reason=clean_name(str(error))[:200]),
            _("Run the command that is shown by hand, or publish to a WebDAV server."),
        )


def _unreachable(host: str, reason: str) -> Unreachable:
    return Unreachable(
        _("{host} cannot be reached: {reason}.").format(host=host, reason=reason),
        _("Run the command that is shown by hand, or publish to a WebDAV server."),
    )


def _refused(error: ShellRefused) -> PartagendaError:
    text = clean_name(error.text)[:300]
    if "couldn't be found" in text or "NotFound" in error.kind:
        return NotFound(
            _("The server does not find the calendar: {reason}").format(reason=text),
            _("The folder has its name in the mailbox’s own language, as Calendar or Calendrier."),
        )
    return Refused(
        _("The server refused: {reason}").format(reason=text),
        _("Your organisation’s sharing policy may not allow it; an administrator can say."),
    )


def run_by_pypsrp(
    settings: ShellSettings, password: str, cmdlet: str, parameters: Mapping[str, object]
) -> Sequence[Mapping[str, object]]:
    """The real one. Raises ConfigError without the extra, ShellRefused, and pypsrp's errors."""
    try:
        from pypsrp.powershell import PowerShell, RunspacePool
        from pypsrp.wsman import WSMan
    except ImportError:
        raise ConfigError(
            _("Remote PowerShell needs an extra package."), _("Install partagenda[powershell].")
        ) from None
    parts = urlsplit(settings.url)
    secure = parts.scheme == "https"
    connection = WSMan(
        parts.hostname or "",
        port=parts.port or (443 if secure else 80),
        username=settings.username,
        password=password,
        ssl=secure,
        path=parts.path.strip("/") or "PowerShell",
        auth="ntlm" if settings.auth == "ntlm" else "basic" if settings.auth == "basic" else "negotiate",
        cert_validation=str(settings.ca) if settings.ca else True,  # type: ignore[arg-type] # requests takes a file too
        encryption="auto" if not secure else "never",
        connection_timeout=STEP_SECONDS,
        read_timeout=STEP_SECONDS + 10,
        operation_timeout=STEP_SECONDS,
    )
    with connection, RunspacePool(connection, configuration_name=CONFIGURATION) as pool:
        shell = PowerShell(pool)
        return invoke(shell, cmdlet, parameters)


def invoke(
    shell: Any,  # noqa: ANN401 - pypsrp is not typed
    cmdlet: str,
    parameters: Mapping[str, object],
) -> Sequence[Mapping[str, object]]:
    """One cmdlet on pypsrp's shell; its objects as plain properties, its first error as ShellRefused."""
    shell.add_cmdlet(cmdlet)
    for name, value in parameters.items():
        shell.add_parameter(name, value)
    found = shell.invoke()
    if shell.had_errors or shell.streams.error:
        record = shell.streams.error[0] if shell.streams.error else None
        raise ShellRefused(str(record or cmdlet), str(getattr(record, "fq_error", "") or ""))
    return [_properties(each) for each in found]


def _properties(thing: object) -> Mapping[str, object]:
    found: dict[str, object] = {}
    for source in ("adapted_properties", "extended_properties"):
        values = getattr(thing, source, None)
        if isinstance(values, Mapping):
            found |= {str(name): _plain(value) for name, value in values.items()}
    return found


def _plain(value: object) -> object:
    """Enumerations and the like by their text."""
    text = getattr(value, "to_string", None)
    return (
        text if isinstance(text, str) else value if isinstance(value, bool | int | str) or value is None else str(value)
    )
