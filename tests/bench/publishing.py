"""Rows of the bench for publishing: `python tests/bench/publishing.py [COUNT]`.

A calendar of COUNT events (10,000) is published to the sandbox's WebDAV server, published again without a change (which
must upload nothing) and once more after one change. For each: seconds, requests that write, bytes that they carry.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from core.backends.webdav.session import Session  # noqa: E402
from core.bootstrap import Services, open_services  # noqa: E402
from core.sandbox.home import sandbox  # noqa: E402
from core.sandbox.people import ALICE  # noqa: E402
from core.services.publish import Publication, PublishOptions, PublishRequest  # noqa: E402
from core.services.publish_options import USUAL_RANGE  # noqa: E402
from core.services.sources import Source  # noqa: E402
from core.sharing.detail import DetailLevel  # noqa: E402

ONE = b"""BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//example//bench//EN\r
BEGIN:VEVENT\r
UID:one-change@example.org\r
DTSTAMP:20260101T000000Z\r
DTSTART:%s\r
DURATION:PT1H\r
SUMMARY:One change\r
END:VEVENT\r
END:VCALENDAR\r
"""


class Written:
    """What goes to the server: counted at the session, on its way."""

    def __init__(self) -> None:
        self.requests, self.bytes = 0, 0
        usual = Session.ask

        def ask(session, method, url, *, headers=None, content=b""):
            if method in ("PUT", "MOVE", "DELETE"):
                self.requests += 1
                self.bytes += len(content)
            return usual(session, method, url, headers=headers, content=content)

        Session.ask = ask

    def row(self, name: str, seconds: float) -> dict[str, object]:
        """One row, and the counters begin anew."""
        found = {"work": name, "ms": round(seconds * 1000), "writes": self.requests, "bytes": self.bytes}
        self.requests = self.bytes = 0
        return found


async def measure(count: int, range_: str = USUAL_RANGE) -> list[dict[str, object]]:
    """The rows: first publication, unchanged, one change; then unchanged as `sync` looks."""
    with tempfile.TemporaryDirectory() as folder, sandbox("en") as box:
        subprocess.run([sys.executable, ROOT / "tests/bench/corpus.py", str(count), folder], check=True)
        home = await asyncio.to_thread(box.home, ALICE)
        services = open_services(home.settings, home.paths)
        (corpus,) = list(Path(folder).glob("*.ics"))[:1]
        await services.library.import_sources([Source(corpus.name, path=corpus)], name="Large")
        written, rows = Written(), []
        request = PublishRequest(
            (await services.library.find("Large")).id,
            box.webdav.address(ALICE),
            PublishOptions(range=range_, level=DetailLevel.LIMITED),
        )
        published, seconds = await timed(services.publishing.publish(request))
        rows.append(written.row("publish a calendar", seconds))
        again, seconds = await timed(services.publishing.republish(published.id))
        rows.append(written.row("publish again, unchanged", seconds))
        assert again.last_upload == published.last_upload
        await change(services)
        _done, seconds = await timed(services.publishing.republish(published.id))
        rows.append(written.row("publish again, one change", seconds))
        rows.append(
            {"work": "size of the file", "bytes": sum(p.stat().st_size for p in box.webdav.folder(ALICE).iterdir())}
        )
        await services.close()
    return rows


async def change(services: Services) -> None:
    start = services.clock.now().strftime("%Y%m%dT%H0000Z").encode()
    await services.library.import_sources([Source("one", data=ONE % start)], into="Large")


async def timed(work) -> tuple[Publication, float]:
    before = time.perf_counter()
    return await work, time.perf_counter() - before


if __name__ == "__main__":
    for row in asyncio.run(measure(int(sys.argv[1]) if sys.argv[1:] else 10_000)):
        print(json.dumps(row))
