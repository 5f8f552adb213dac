"""Reading config.toml: the file's bytes to a dictionary in which every key and value has been checked.

Errors name the file, the key in full (`accounts.mail.port`) and the nearest key there is. Light, as `schema`.
"""

from __future__ import annotations

import os
import stat

from core.config import schema
from core.config.schema import Checker, Wrong
from core.errors import ConfigError
from core.language import _

Document = dict[str, object]
_LARGEST = 1 << 20


def read(file: str, *, must_exist: bool = False) -> Document:
    """The checked content of a config.toml; empty when there is no such file, unless it must exist.

    Raises ConfigError.
    """
    data = _bytes(file, must_exist)
    if data is None:
        return {}
    document = _parse(file, data[0])
    if data[1] & 0o077 and schema.holds_secret(document):
        raise ConfigError(
            _("{file} holds a password and others may read it.").format(file=file),
            _("Run: chmod 600 {file}; or use password_command instead.").format(file=file),
        )
    return check(document, file)


def _bytes(file: str, must_exist: bool) -> tuple[bytes, int] | None:
    """The file's bytes and its permission bits."""
    try:
        with open(file, "rb") as opened:
            facts = os.fstat(opened.fileno())
            if not stat.S_ISREG(facts.st_mode):
                raise ConfigError(_("{file} is no file.").format(file=file))
            data = opened.read(_LARGEST + 1)
    except FileNotFoundError:
        if must_exist:
            raise ConfigError(_("There is no file {file}.").format(file=file)) from None
        return None
    except OSError as error:
        raise ConfigError(_("{file} cannot be read: {reason}.").format(file=file, reason=error.strerror)) from None
    if len(data) > _LARGEST:
        raise ConfigError(_("{file} is too large to be a configuration.").format(file=file))
    return data, stat.S_IMODE(facts.st_mode)


def _parse(file: str, data: bytes) -> Document:
    import tomllib

    try:
        return tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise ConfigError(_("{file} is not UTF-8 text.").format(file=file)) from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigError(_("{file} is not TOML: {reason}").format(file=file, reason=error)) from None


def check(document: Document, file: str) -> Document:
    """The document with every value in its plain form. Raises ConfigError at the first thing that is wrong."""
    checked: Document = {}
    for name, value in document.items():
        if name not in schema.TOP:
            raise _unknown(file, "", name, list(schema.TOP))
        table = _table(file, name, value)
        if name in schema.SECTIONS:
            checked[name] = _section(file, name, table, schema.SECTIONS[name])
        elif name == "keys":
            checked[name] = {
                key: _value(file, f"keys.{_quoted(key)}", schema.text, item) for key, item in table.items()
            }
        else:
            checked[name] = {key: _entry(file, name, key, item) for key, item in table.items()}
    return checked


def _entry(file: str, section: str, key: str, value: object) -> Document:
    """One table below `accounts`, `people` or `webdav`, whose name is part of what it says. Raises ConfigError."""
    where = f"{section}.{_quoted(key)}"
    table = _table(file, where, value)
    if section == "webdav":
        if not key.lower().startswith(("http://", "https://", "sftp://", "/")):
            raise _wrong(
                file,
                where,
                _("must be named after an address that begins with https://, http:// or sftp://, or after a folder"),
            )
        return _section(file, where, table, schema.WEBDAV)
    if section == "people":
        if key.count("@") != 1 or key.startswith("@") or key.endswith("@"):
            raise _wrong(file, where, _("must be named after an e-mail address as “bruno@example.org”"))
        return _section(file, where, table, schema.PEOPLE)
    if not key.isprintable() or not key.strip() or "/" in key:
        raise _wrong(file, where, _("must have a name of letters, digits and spaces"))
    if key == "local":
        raise _wrong(file, where, _("is the name of the built-in account: choose another one"))
    return _account(file, where, table)


def _account(file: str, where: str, table: Document) -> Document:
    """What its type allows and needs. Raises ConfigError, which names the key."""
    kinds = list(schema.ACCOUNTS)
    if "type" not in table:
        raise _wrong(file, f"{where}.type", _(schema.NEEDS), _("Types: {types}.").format(types=", ".join(kinds)))
    kind = table["type"]
    if not isinstance(kind, str) or kind not in kinds:
        close = schema.nearest(str(kind), kinds)
        hint = _("Did you mean “{name}”?").format(name=close) if close else ""
        raise _wrong(file, f"{where}.type", _("must be one of: {allowed}").format(allowed=", ".join(kinds)), hint)
    rest = {key: value for key, value in table.items() if key != "type"}
    checked = _section(file, where, rest, schema.ACCOUNTS[kind])
    for needed in schema.REQUIRED[kind]:
        if needed not in checked:
            raise _wrong(file, f"{where}.{needed}", _(schema.NEEDS))
    _safe_connection(file, where, checked)
    return {"type": kind, **checked}


def _safe_connection(file: str, where: str, account: Document) -> None:
    """Without encryption a password would be read on the way: loopback only."""
    if account.get("security") == "none" and account.get("host") not in schema.LOOPBACK:
        raise _wrong(
            file,
            f"{where}.security",
            _("may be “none” only for a server on this machine (127.0.0.1, ::1 or localhost)"),
            _("Use “tls” or “starttls”."),
        )


def _section(file: str, where: str, table: Document, known: dict[str, Checker]) -> Document:
    checked: Document = {}
    for key, value in table.items():
        if key not in known:
            raise _unknown(file, where, key, list(known))
        checked[key] = _value(file, f"{where}.{key}", known[key], value)
    return checked


def _value(file: str, key: str, checker: Checker, value: object) -> object:
    try:
        return checker(value)
    except Wrong as reason:
        raise _wrong(file, key, str(reason)) from None


def _table(file: str, where: str, value: object) -> Document:
    if not isinstance(value, dict):
        raise _wrong(file, where, _("must be a table, as [{name}]").format(name=where))
    return value


def _quoted(key: str) -> str:
    bare = key.isascii() and key.replace("-", "").replace("_", "").isalnum()
    return key if bare else f'"{key}"'


def _wrong(file: str, key: str, reason: str, hint: str = "") -> ConfigError:
    return ConfigError(_("{file}: “{key}” {reason}.").format(file=file, key=key, reason=reason.rstrip(".?")), hint)


def _unknown(file: str, where: str, key: str, known: list[str]) -> ConfigError:
    prefix = f"{where}." if where else ""
    close = schema.nearest(key, known)
    hint = (
        _("Did you mean “{name}”?").format(name=prefix + close)
        if close
        else _("Known here: {names}.").format(names=", ".join(known))
    )
    return ConfigError(_("{file}: “{key}” is not a known key.").format(file=file, key=prefix + _quoted(key)), hint)
