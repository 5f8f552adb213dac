"""One process that has the program imported, and has children."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.nursery import Nursery, nursery


@pytest.fixture(scope="session")
def children() -> Iterator[Nursery]:
    with nursery("tests.durability.children") as made:
        yield made
