"""Passwords: from a command, from a file that is the person's alone, or from the desktop's key ring; never stored.

What was read is kept in memory for as long as the program runs, and told to the log's filter before it is used.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Mapping

from core.config.logs import redact, remember
from core.config.settings import ExchangeAccount, OtherAccount, Settings, SignIn, SmtpAccount
from core.errors import ConfigError, SignInFailed
from core.language import _

_TIME_LIMIT = 60.0
"""Seconds; a person may have to type a passphrase meanwhile."""
_LARGEST = 64 * 1024
KEYRING_SERVICE = "partagenda"


class ConfiguredSecrets:
    """The passwords that config.toml names, by account (or by the address of a WebDAV entry).

    Implements `core.ports.Secrets`.
    """

    def __init__(self, sign_ins: Mapping[str, SignIn], time_limit: float = _TIME_LIMIT) -> None:
        self._sign_ins = dict(sign_ins)
        self._time_limit = time_limit
        self._kept: dict[str, str] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    @classmethod
    def of(cls, settings: Settings) -> ConfiguredSecrets:
        """All that these settings can sign in to."""
        sign_ins = {entry.url: entry.sign_in for entry in settings.webdav}
        for name, account in settings.accounts.items():
            if isinstance(account, SmtpAccount | ExchangeAccount):
                sign_ins[name] = account.sign_in
            elif isinstance(account, OtherAccount):
                sign_ins[name] = _sign_in_of(account)
        return cls(sign_ins)

    async def password(self, account: str) -> str:
        """The password; read once, then kept. Raises SignInFailed with the reason when there is none."""
        async with self._locks.setdefault(account, asyncio.Lock()):
            if account not in self._kept:
                secret = await self._read(account)
                remember(secret)
                self._kept[account] = secret
            return self._kept[account]

    def forget(self, account: str) -> None:
        """Read it anew next time: it was refused, or the person signs out."""
        self._kept.pop(account, None)

    async def _read(self, account: str) -> str:
        sign_in = self._sign_ins.get(account, SignIn())
        if sign_in.password:
            return sign_in.password
        if sign_in.password_command:
            return await run_password_command(sign_in.password_command, account, self._time_limit)
        if sign_in.keyring:
            return await asyncio.to_thread(keyring_password, account, sign_in.username)
        raise SignInFailed(
            _("There is no password for “{account}”.").format(account=account),
            _('Set password_command for it in config.toml, as ["pass", "show", "mail"].'),
        )


def _sign_in_of(account: OtherAccount) -> SignIn:
    values = account.values
    command = values.get("password_command", ())
    return SignIn(
        str(values.get("username", "")),
        str(values.get("password", "")),
        tuple(str(word) for word in command) if isinstance(command, list) else (),
        bool(values.get("keyring", False)),
    )


async def run_password_command(command: tuple[str, ...], account: str, time_limit: float = _TIME_LIMIT) -> str:
    """The first line of what the command prints; no shell. Raises SignInFailed, never with what it printed."""
    process = await _start(command, account)
    try:
        async with asyncio.timeout(time_limit):
            output, complaint = await process.communicate()
    except TimeoutError:
        reason = _("it did not answer within {seconds} seconds").format(seconds=round(time_limit))
        raise _failed(account, command[0], reason) from None
    finally:
        await _end(process)
    secret = output[:_LARGEST].decode("utf-8", "surrogateescape").split("\n", 1)[0].rstrip("\r")
    if process.returncode:
        raise _failed(account, command[0], _complaint(complaint, output, process.returncode))
    if not secret:
        raise _failed(account, command[0], _("it printed nothing"))
    return secret


async def _start(command: tuple[str, ...], account: str) -> asyncio.subprocess.Process:
    try:
        return await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
    except OSError as error:
        raise _failed(account, command[0], error.strerror or str(error)) from None


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def _complaint(complaint: bytes, output: bytes, code: int) -> str:
    """The last line on standard error, unless a line of the output stands in it."""
    lines = [line.strip() for line in complaint[-2000:].decode("utf-8", "replace").splitlines() if line.strip()]
    printed = [line.strip() for line in output.decode("utf-8", "replace").splitlines() if line.strip()]
    if not lines or any(secret in lines[-1] for secret in printed):
        return _("it ended with code {code}").format(code=code)
    return redact(lines[-1][:200])


def _failed(account: str, program: str, reason: str) -> SignInFailed:
    return SignInFailed(
        _("The password for “{account}” could not be read: {program}: {reason}.").format(
            account=account, program=os.path.basename(program), reason=reason.rstrip(".")
        ),
        _("Run the password_command of this account by hand and look at what it says."),
    )


def keyring_password(account: str, username: str) -> str:
    """The password that the desktop's key ring holds (the extra `keyring`). Raises SignInFailed."""
    ring = _keyring()
    secret = ring.get_password(f"{KEYRING_SERVICE}:{account}", username)
    if not secret:
        raise SignInFailed(
            _("The key ring has no password for “{account}”.").format(account=account),
            _("Store it with: keyring set {service} {username}").format(
                service=f"{KEYRING_SERVICE}:{account}", username=username
            ),
        )
    return str(secret)


class _Ring:
    """The two calls of the key ring that are used, with its errors in our words."""

    def get_password(self, service: str, username: str) -> str | None:
        """None when the ring has none. Raises SignInFailed when it cannot be used."""
        import keyring
        import keyring.errors

        try:
            found = keyring.get_password(service, username)
        except keyring.errors.KeyringError as error:
            raise SignInFailed(_("The key ring cannot be used: {reason}").format(reason=redact(str(error)))) from error
        return None if found is None else str(found)

    def delete_password(self, service: str, username: str) -> bool:
        """False when there was none. Raises SignInFailed when it cannot be used."""
        import keyring
        import keyring.errors

        try:
            keyring.delete_password(service, username)
        except keyring.errors.PasswordDeleteError:
            return False
        except keyring.errors.KeyringError as error:
            raise SignInFailed(_("The key ring cannot be used: {reason}").format(reason=redact(str(error)))) from error
        return True


def _keyring() -> _Ring:
    """The key ring, refused where it would be a plain file."""
    try:
        import keyring
    except ImportError:
        raise ConfigError(
            _("The key ring needs an extra package."),
            _("Install partagenda[keyring], or use password_command."),
        ) from None
    if type(keyring.get_keyring()).__module__.startswith("keyrings.alt"):
        raise ConfigError(
            _("The key ring of this machine keeps passwords as plain text, so it is not used."),
            _("Use password_command."),
        )
    return _Ring()


def keyring_sign_out(account: str, username: str) -> bool:
    """Take the password out of the key ring; whether there was one. Raises SignInFailed, ConfigError."""
    return _keyring().delete_password(f"{KEYRING_SERVICE}:{account}", username)
