from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.graph_world import GraphWorld, graph_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[GraphWorld]:
    """Two mailboxes with empty calendars."""
    with graph_world(tmp_path) as made:
        yield made


@pytest.fixture
def year(tmp_path: Path) -> Iterator[GraphWorld]:
    """Two mailboxes with the sample year around 23 November 2026."""
    with graph_world(tmp_path, day=date(2026, 11, 23)) as made:
        yield made
