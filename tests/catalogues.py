"""Collects the English strings of core and tui, brings the French catalogue up to date, and compiles it.

`make catalogues` runs this. What has no French yet is left empty in `fr/LC_MESSAGES/partagenda.po`, and a test fails
until it is filled in. Both the .po and the .mo are kept in the repository, so that an installation needs no tools.
"""

from __future__ import annotations

import ast
import io
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
LOCALE = ROOT / "core" / "language" / "locale"
TEMPLATE = LOCALE / "partagenda.pot"
LANGUAGES = ("fr",)
PACKAGES = ("core", "tui")
KEYWORDS = {"_": 1, "N_": 1, "ngettext": 2}
"""The functions that mark a string, and how many of their arguments are strings."""
_HOLE = re.compile(r"\{[^{}]*\}")


def po_file(language: str) -> Path:
    """Where a language's catalogue is."""
    return LOCALE / language / "LC_MESSAGES" / "partagenda.po"


def extract() -> Catalog:
    """All strings of the source, sorted, each with the files it comes from.

    Read from the syntax tree, because babel's own extractor does not look into f-strings on every Python.
    """
    found: dict[str | tuple[str, str], set[str]] = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            for message in messages_of(ast.parse(path.read_text(encoding="utf-8"))):
                found.setdefault(message, set()).add(path.relative_to(ROOT).as_posix())
    catalog = _empty(None)
    for message in sorted(found, key=str):
        catalog.add(message, locations=[(file, 1) for file in sorted(found[message])])
    return catalog


def messages_of(tree: ast.AST) -> Iterator[str | tuple[str, str]]:
    """The literals that are handed to `_`, `N_` and `ngettext`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KEYWORDS:
            texts = [a.value for a in node.args[: KEYWORDS[node.func.id]] if isinstance(a, ast.Constant)]
            if len(texts) == KEYWORDS[node.func.id] and all(isinstance(text, str) and text for text in texts):
                yield texts[0] if len(texts) == 1 else (texts[0], texts[1])


def _empty(language: str | None) -> Catalog:
    return Catalog(locale=language, project="partagenda", version="", fuzzy=False, header_comment="# Messages.")


def read(language: str) -> Catalog:
    """A language's catalogue as it stands."""
    path = po_file(language)
    if not path.exists():
        return _empty(language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def updated(language: str, template: Catalog) -> Catalog:
    """The template's strings with what is already translated; nothing is guessed, what is gone is dropped."""
    old = read(language)
    catalog = _empty(language)
    for message in template:
        if message.id:
            known = old.get(message.id)
            text = known.string if known is not None and not known.fuzzy else ""
            catalog.add(message.id, text, locations=message.locations, flags=message.flags)
    return catalog


def po_bytes(catalog: Catalog) -> bytes:
    """The catalogue as a file, without dates: it changes only when a string does."""
    buffer = io.BytesIO()
    write_po(buffer, catalog, width=120, include_lineno=False, sort_output=True, ignore_obsolete=True)
    lines = buffer.getvalue().splitlines(keepends=True)
    dropped = (
        b'"POT-Creation-Date',
        b'"PO-Revision-Date',
        b'"Last-Translator',
        b'"Generated-By',
        b'"Language-Team',
        b'"Report-Msgid',
    )
    return b"".join(line for line in lines if not line.startswith(dropped))


def mo_bytes(catalog: Catalog) -> bytes:
    """The compiled catalogue; the time of compiling, which its header would hold, is a fixed one."""
    catalog.creation_date = catalog.revision_date = datetime(2026, 1, 1, tzinfo=UTC)
    buffer = io.BytesIO()
    write_mo(buffer, catalog)
    return buffer.getvalue()


def missing(catalog: Catalog) -> list[str]:
    """The strings without a translation."""
    return [_first(message) for message in catalog if message.id and not _whole(message)]


def _whole(message: Message) -> bool:
    strings = message.string if isinstance(message.string, list | tuple) else (message.string,)
    return bool(strings) and all(strings) and not message.fuzzy


def _first(message: Message) -> str:
    return message.id[0] if isinstance(message.id, list | tuple) else str(message.id)


def wrong_holes(catalog: Catalog) -> list[str]:
    """The strings whose translation has other placeholders than the source."""
    found = []
    for message in catalog:
        if not message.id or not _whole(message):
            continue
        ids = message.id if isinstance(message.id, list | tuple) else (message.id,)
        strings = message.string if isinstance(message.string, list | tuple) else (message.string,)
        allowed = {hole for text in ids for hole in _HOLE.findall(text)}
        needed = set(_HOLE.findall(ids[-1]))
        if any(not needed <= set(_HOLE.findall(text)) <= allowed for text in strings[-1:]) or any(
            not set(_HOLE.findall(text)) <= allowed for text in strings
        ):
            found.append(_first(message))
    return found


def main() -> int:
    """Write the template, each language's .po and .mo, and say what is missing."""
    template = extract()
    LOCALE.mkdir(exist_ok=True)
    TEMPLATE.write_bytes(po_bytes(template))
    empty = 0
    for language in LANGUAGES:
        catalog = updated(language, template)
        path = po_file(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(po_bytes(catalog))
        path.with_suffix(".mo").write_bytes(mo_bytes(read(language)))
        lacking = missing(catalog)
        empty += len(lacking)
        print(f"{language}: {len(catalog)} strings, {len(lacking)} without a translation")
    return 0 if not empty else 3


if __name__ == "__main__":
    sys.exit(main())
