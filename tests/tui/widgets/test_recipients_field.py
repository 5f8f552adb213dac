from __future__ import annotations

import pytest

from tui.widgets.recipients_field import last_part


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("bru", ("", "bru")),
        ("bruno@example.org, cla", ("bruno@example.org,", "cla")),
        ("a@b.c; d", ("a@b.c;", "d")),
        ('"Martin, Alice" <alice@example.org>, b', ('"Martin, Alice" <alice@example.org>,', "b")),
        ("", ("", "")),
    ],
)
def test_the_part_behind_the_last_comma_is_what_is_completed(text, parts):
    assert last_part(text) == parts
