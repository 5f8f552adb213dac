"""Writing an account into config.toml: the person's comments and order stay, and what would not load is not written."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from core.config import document, schema
from core.errors import ConfigError, StorageError, UsageError
from core.language import _
from core.private import replace_file

_LISTS = ("password_command", "command")


def parse_setting(text: str) -> tuple[str, object]:
    """Read `key=value`: whole numbers and true/false by their looks, a command split into its words.

    Raises UsageError; a password is refused, since every process list shows the command line.
    """
    key, equals, value = text.partition("=")
    key = key.strip()
    if not equals or not key:
        raise UsageError(_("“{text}” is no setting.").format(text=text), _("Write it as host=mail.example.org."))
    if key in schema.SECRETS:
        raise UsageError(
            _("A password does not belong on the command line: others can read it there."),
            _("Set password_command, as password_command='pass show mail'."),
        )
    return key, _value(key, value)


def _value(key: str, value: str) -> object:
    if key in _LISTS:
        import shlex

        try:
            return shlex.split(value.strip("[]").replace('", "', '" "') if value.startswith("[") else value)
        except ValueError:
            raise UsageError(_("The quotes of “{text}” do not match.").format(text=value)) from None
    if value in ("true", "false"):
        return value == "true"
    return int(value) if key == "port" and value.isdecimal() and value.isascii() else value


def add_account(file: Path, name: str, kind: str, values: Mapping[str, object]) -> None:
    """Add `[accounts.<name>]` to the file, which is made (0600) where it is missing. Durable and whole.

    Raises ConfigError when it is there already or when the result would not load, StorageError when the disk refuses.
    """
    import tomlkit
    from tomlkit.container import OutOfOrderTableProxy
    from tomlkit.exceptions import TOMLKitError

    document.read(str(file))  # what is there must load before it is touched
    try:
        written = tomlkit.parse(_text(file))
    except TOMLKitError as error:
        raise ConfigError(_("{file} is not TOML: {reason}").format(file=file, reason=error)) from None
    accounts = written.get("accounts")
    if accounts is not None and name in accounts:
        raise ConfigError(
            _("There is an account “{name}” already.").format(name=name), _("Change it in {file}.").format(file=file)
        )
    table = tomlkit.table()
    table.add("type", kind)
    for key, value in values.items():
        table.add(key, value)
    if isinstance(accounts, OutOfOrderTableProxy):  # other tables stand between them: tomlkit only reads such ones
        alone = tomlkit.document()
        alone.add("accounts", tomlkit.table(is_super_table=True).add(name, table))
        text = f"{tomlkit.dumps(written).rstrip()}\n\n{tomlkit.dumps(alone)}"
    else:
        if accounts is None:
            accounts = tomlkit.table(is_super_table=True)
            written.add("accounts", accounts)
        accounts.add(name, table)
        text = tomlkit.dumps(written)
    document.check(_plain(text, file), str(file))
    _replace(file, text.encode())


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise StorageError(_("{file} cannot be read: {reason}.").format(file=file, reason=error.strerror)) from error


def _plain(text: str, file: Path) -> document.Document:
    import tomllib

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:  # tomlkit and tomllib read the same; if not, nothing is written
        raise ConfigError(_("{file} is not TOML: {reason}").format(file=file, reason=error)) from None


def _replace(file: Path, content: bytes) -> None:
    """Temporary file, fsync, rename, fsync of the folder. A link stays one: what it points to is replaced."""
    target = Path(os.path.realpath(file))
    try:
        replace_file(target, content, target.stat().st_mode & 0o777 if target.exists() else 0o600)
    except OSError as error:
        raise StorageError(
            _("{file} cannot be written: {reason}.").format(file=target, reason=error.strerror)
        ) from error
