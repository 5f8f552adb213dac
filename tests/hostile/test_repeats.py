"""One thing thousands of times, in the middle of a file that is read otherwise: it costs no more than a second.

What a reader does again for each of them, from the first to the last, takes minutes then. The bombs that were thought
of by name are in tests/core/ical/test_bombs.py.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cost import MEGABYTES, SECONDS, cheapest
from tests.hostile.mutants import PIECES
from tests.hostile.test_readers import READERS
from tests.soak import chance, scaled, soak

pytestmark = pytest.mark.slow

SIZE, MOST = 100_000, 25_000
"""Bytes of what is repeated, and how often at most. `%d` in it is another number each time."""
TRIALS = scaled(4, 200)
"""For each reader."""
WHOLE = {
    "ics": (
        b"BEGIN:VTIMEZONE\nTZID:z%d\nEND:VTIMEZONE\n",
        b"BEGIN:VEVENT\nUID:%d\nDTSTART;TZID=z%d:20260101T000000\nEND:VEVENT\n",
        b"BEGIN:VALARM\n", b"BEGIN:VTIMEZONE\nTZID:x\n", b"BEGIN:STANDARD\n", b"BEGIN:X\n", b"BEGIN:VCALENDAR\n",
        b"UID:a\n", b"UID:\n", b"SUMMARY:x\n", b"RRULE:FREQ=DAILY\n", b"EXDATE:20260101T000000Z\n", b"METHOD:REQUEST\n",
        b"ATTENDEE:mailto:a@example.org\n", b"X-WR-CALNAME:x\n", b"CATEGORIES:a,b\n", b'X-A;B="', b";A=b", b"^n",
        b"DTSTART;TZID=W. Europe Standard Time:20260101T000000\n", b"\n y", b"=?", b"<a ",
    ),
    "mail": (
        b"Received: a; Sun, 22 Nov 2026 10:00:00 +0100\n", b"X: y\n", b" y\n", b"a@example.org, ", b"http://a ",
        b"From: a@example.org,\n", b"=?utf-8?q?a?= ", b"--b\n\n", b"; a=b", b";a*0=b", b"(", b")", b"\\(", b'"',
        b"--b\nContent-Type: text/calendar\n\nBEGIN:VCALENDAR\nEND:VCALENDAR\n", b"<div>", b"<b", b"&lt;", b"=3D",
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\n", b"Content-Type: message/rfc822\n\n--b\n", b"=\n",
    ),
    "xml": (b"<a>", b"<a/>", b"<a b='c'/>", b"&lt;", b"<!-- -->", b"<?a?>", b" a:b='c'", b"<![CDATA[a]]>"),
    "html": (
        b"<div>", b"<b>", b"<a href=x>", b"</div>", b"<!-- ", b"<!--a-->", b"<style>", b"<table>", b"<tr><td>", b"<ul>",
        b"&nbsp;", b"&#65;", b"<br>", b"<li>", b"\n", b"  ", b"<p", b"<script>", b"<blockquote>", b"<b><p>",
        b"<i c=%d><p>", b"<b c=%d><div>", b"<a href=%d><b c=%d><p>", b"<font color=%d><li>", b"&#9", b"9",
    ),
    "vcard": (
        b"BEGIN:VCARD\n", b"EMAIL:a@example.org\n", b"FN:a\n", b"alias a b\n", b"alias -group a ", b"-group a ", b"=\n",
        b"BEGIN:VCARD\nEMAIL:a@example.org\nEND:VCARD\n", b"N;CHARSET=x:a\n", b"a.", b"\\,",
    ),
    "toml": (b"[a]\n", b"a=1\n", b"a.", b"[[a]]\n", b"{", b"[", b'"""\n', b"#\n", b"a={b=1}\n", b"1_"),
    "json": (b"[", b'{"a":', b"1,", b'"a",', b"\\u0041", b"9"),
}  # fmt: skip
REPEATED = {name: reader for name, reader in READERS.items() if reader.kind in WHOLE and name != "config.toml"}
"""Whoever can write in config.toml can have any program run: that one is not read with such care."""


@pytest.mark.parametrize("name", REPEATED)
@soak("hostile files: one thing up to 25,000 times, answered under 1 s and 300 MB", TRIALS)
def test_one_thing_thousands_of_times_costs_no_more_than_a_second(name: str, tmp_path: Path) -> None:
    reader, draw = REPEATED[name], chance(22)
    seeds = reader.seeds(tmp_path)
    assert isinstance(seeds, list)
    seeds = [seed for seed in seeds if len(seed) < 20_000]
    dear: list[str] = []
    for _trial in range(TRIALS):
        seed, unit = draw.choice(seeds), draw.choice((*WHOLE[reader.kind], *PIECES[reader.kind]))
        lines = [place + 1 for place, byte in enumerate(seed) if byte == 10]
        at = draw.choice((draw.randrange(len(seed) + 1), draw.choice(lines or [0])))
        times = min(MOST, SIZE // len(unit))
        many = b"".join(unit.replace(b"%d", b"%d" % number) for number in range(times))
        seconds, megabytes = cheapest(
            lambda data: reader.read(data, tmp_path), seed[:at] + many + seed[at:], reader.allowed
        )
        if seconds >= SECONDS or megabytes >= MEGABYTES:
            dear.append(f"{times} times {unit!r} at {at} of {seed[:60]!r}…: {seconds:.2f} s, {megabytes:.0f} MB")
    assert not dear, "\n".join(dear)
