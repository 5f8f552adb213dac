"""Thunderbird without a window, subscribed to calendars, driven over Marionette (its remote protocol) on loopback.

Debian's `thunderbird` is taken where it is there; what asks for it is skipped by name elsewhere.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.interop.peers import plain_env
from tests.ports import free_port

PATIENCE = 120.0
"""Seconds for a start or an answer: the machine may be loaded."""

_PREFERENCES = {
    "datareporting.policy.dataSubmissionEnabled": False,
    "app.update.enabled": False,
    "mail.provider.suppress_dialog_on_startup": True,
    "network.proxy.type": 0,
    "calendar.timezone.local": "Europe/Paris",
}
_REFRESH = """
const resolve = arguments[arguments.length - 1], name = arguments[0];
(async () => {
  const { cal } = ChromeUtils.importESModule("resource:///modules/calendar/calUtils.sys.mjs");
  const calendar = cal.manager.getCalendars().find(one => one.name == name);
  const nothing = () => {};
  const loaded = new Promise(done => calendar.addObserver({
    QueryInterface: ChromeUtils.generateQI(["calIObserver"]),
    onLoad() { done(""); }, onError(_calendar, _number, message) { done("error: " + message); },
    onStartBatch: nothing, onEndBatch: nothing, onAddItem: nothing, onModifyItem: nothing, onDeleteItem: nothing,
    onPropertyChanged: nothing, onPropertyDeleting: nothing,
  }));
  calendar.refresh();
  const problem = await loaded;
  const filter = Ci.calICalendar.ITEM_FILTER_TYPE_EVENT | Ci.calICalendar.ITEM_FILTER_COMPLETED_ALL;
  const items = await calendar.getItemsAsArray(filter, 0, null, null);
  const zone = one => one.getInTimezone(cal.dtz.UTC).icalString;
  resolve([problem, items.map(one => [zone(one.startDate), zone(one.endDate), one.title])]);
})().catch(error => resolve(["exception: " + error, []]));
"""


class Thunderbird:
    """One running Thunderbird."""

    def __init__(self, port: int, child: subprocess.Popen[bytes]) -> None:
        self._socket = _connected(port, child)
        self._pending = b""
        self._number = 0
        self._receive()  # the greeting
        self._call("WebDriver:NewSession", capabilities={"alwaysMatch": {}})
        self._call("WebDriver:SetTimeouts", script=int(PATIENCE * 1000))
        self._call("Marionette:SetContext", value="chrome")

    def refreshed(self, calendar: str) -> set[tuple[str, str, str]]:
        """Refresh a calendar once; start, end (UTC, as iCalendar writes them) and title of what is in it then."""
        answer = self._call("WebDriver:ExecuteAsyncScript", script=_REFRESH, args=[calendar], sandbox="system")
        problem, items = answer["value"]
        assert not problem, problem
        return {(start, end, title) for start, end, title in items}

    def _receive(self) -> Any:
        while b":" not in self._pending:
            self._pending += self._more()
        size, _colon, rest = self._pending.partition(b":")
        while len(rest) < int(size):
            rest += self._more()
        self._pending = rest[int(size) :]
        return json.loads(rest[: int(size)])

    def _more(self) -> bytes:
        block = self._socket.recv(1 << 16)
        assert block, "Thunderbird has ended"
        return block

    def _call(self, name: str, **parameters: object) -> dict[str, Any]:
        self._number += 1
        data = json.dumps([0, self._number, name, parameters]).encode()
        self._socket.sendall(f"{len(data)}:".encode() + data)
        _kind, _number, error, result = self._receive()
        assert error is None, error
        return result if isinstance(result, dict) else {}

    def close(self) -> None:
        """Let go of it."""
        self._socket.close()


def _connected(port: int, child: subprocess.Popen[bytes]) -> socket.socket:
    until = time.monotonic() + PATIENCE
    while True:
        try:
            found = socket.create_connection(("127.0.0.1", port), 5)
        except OSError:
            assert child.poll() is None, "Thunderbird has ended"
            assert time.monotonic() < until, "Thunderbird does not listen"
            time.sleep(0.2)
        else:
            found.settimeout(PATIENCE)
            return found


@contextmanager
def thunderbird(home: Path, calendars: Mapping[str, str]) -> Iterator[Thunderbird]:
    """Thunderbird with a new profile that is subscribed to these addresses, by name."""
    program = shutil.which("thunderbird")
    if program is None:
        pytest.skip("Thunderbird is not installed (Debian: thunderbird)")
    port = free_port()
    wanted: dict[str, object] = {**_PREFERENCES, "marionette.port": port}
    for number, (name, address) in enumerate(calendars.items()):
        key = f"calendar.registry.feed-{number}"
        wanted |= {f"{key}.type": "ics", f"{key}.uri": address, f"{key}.name": name, f"{key}.readOnly": True}
    profile = home / "profile"
    profile.mkdir(parents=True)
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in wanted.items()]
    (profile / "user.js").write_text("".join(lines))
    options = ("--headless", "--marionette", "-remote-allow-system-access", "--no-remote", "--profile", str(profile))
    child = subprocess.Popen(
        [program, *options],
        env={**plain_env(home), "MOZ_HEADLESS": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    client: Thunderbird | None = None
    try:
        client = Thunderbird(port, child)
        yield client
    finally:
        if client is not None:
            client.close()
        os.killpg(child.pid, signal.SIGTERM)
        try:
            child.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
