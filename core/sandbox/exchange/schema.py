"""Each request and each answer held to Microsoft's messages.xsd, where its folder is at hand.

The schema is Microsoft's and not part of the project: `PARTAGENDA_EWS_SCHEMA` names the folder that it lies in. Then a
request that it does not allow is refused as Exchange refuses it, and an answer that it does not allow is a crash.
"""

from __future__ import annotations

import os
import threading
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

from core.sandbox.exchange.errors import SoapFault

VARIABLE = "PARTAGENDA_EWS_SCHEMA"
COUNTS: Counter[str] = Counter()
"""Messages of this process: `requests`, `answers`, and those that were `invalid requests` and `invalid answers`."""
_LOCK = threading.Lock()
_ENVELOPE = "{http://schemas.xmlsoap.org/soap/envelope/}"


class InvalidAnswer(Exception):
    """The server was about to say what the schema does not allow."""


class Schema:
    """messages.xsd, loaded."""

    def __init__(self, folder: Path) -> None:
        from lxml import etree

        self._etree: Any = etree
        self._schema: Any = etree.XMLSchema(etree.parse(str(folder / "messages.xsd")))
        self._lock = threading.Lock()

    def problems(self, envelope: bytes) -> list[str]:
        """What is wrong with the content of an envelope; faults have no schema."""
        parser = self._etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
        root = self._etree.fromstring(envelope, parser)
        found: list[str] = []
        for part in root.iterchildren(f"{_ENVELOPE}Header", f"{_ENVELOPE}Body"):
            for element in part.iterchildren("{*}*"):
                if not element.tag.startswith(_ENVELOPE):
                    found += self._check(element)
        return found

    def _check(self, element: object) -> list[str]:
        with self._lock:  # the log of errors is the schema's, not the call's
            if self._schema.validate(self._etree.ElementTree(element)):
                return []
            return [f"line {error.line}: {error.message}" for error in self._schema.error_log]

    def check_request(self, envelope: bytes) -> None:
        """Raises SoapFault: ErrorSchemaValidation."""
        found = self._counted("requests", envelope)
        if found:
            raise SoapFault("ErrorSchemaValidation", f"The request failed schema validation: {found[0]}")

    def check_answer(self, envelope: bytes) -> None:
        """Raises InvalidAnswer."""
        found = self._counted("answers", envelope)
        if found:
            raise InvalidAnswer("\n".join([*found, envelope.decode("utf-8", "replace")]))

    def _counted(self, what: str, envelope: bytes) -> list[str]:
        found = self.problems(envelope)
        with _LOCK:
            COUNTS[what] += 1
            if found:
                COUNTS[f"invalid {what}"] += 1
        return found


@cache
def _loaded(folder: str) -> Schema | None:
    path = Path(folder)
    return Schema(path) if (path / "messages.xsd").is_file() else None


def schema_at_hand() -> Schema | None:
    """The schema of the folder that the environment names; None without one."""
    folder = os.environ.get(VARIABLE, "")
    return _loaded(folder) if folder else None
