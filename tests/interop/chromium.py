"""Chromium for tests, driven by its DevTools protocol over a pair of pipes; nothing leaves the machine.

Debian's `chromium` is taken where it is there; what asks for it is skipped by name elsewhere.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

_FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-extensions"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"),
    *("--disable-default-apps", "--mute-audio", "--hide-scrollbars", "--remote-debugging-pipe"),
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
PATIENCE = 60
"""Seconds for one answer: the machine may be loaded."""


def chromium_program() -> str:
    """Where Chromium is; skips the test where it is not."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.skip("Chromium is not installed (Debian: chromium)")
    return found


@dataclass(slots=True)
class Browser:
    """One tab. `requests` has every address that was asked for since the last `open`, `console` what was logged."""

    write: int
    read: int
    session: str = ""
    requests: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    _next: int = 0
    _pending: bytes = b""
    _events: list[dict[str, Any]] = field(default_factory=list)

    def call(self, method: str, **parameters: object) -> dict[str, Any]:
        """One command and its answer."""
        self._next += 1
        number = self._next
        message: dict[str, object] = {"id": number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._message()
            if answer.get("id") == number:
                assert "error" not in answer, answer
                return answer["result"]
            self._event(answer)

    def _message(self) -> dict[str, Any]:
        import select

        while b"\0" not in self._pending:
            ready, _w, _x = select.select([self.read], [], [], PATIENCE)
            assert ready, "Chromium does not answer"
            block = os.read(self.read, 1 << 20)
            assert block, "Chromium has ended"
            self._pending += block
        first, _zero, self._pending = self._pending.partition(b"\0")
        return json.loads(first)

    def _event(self, message: dict[str, Any]) -> None:
        method, what = message.get("method", ""), message.get("params", {})
        if method == "Network.requestWillBeSent":
            self.requests.append(what["request"]["url"])
        elif method == "Log.entryAdded":
            self.console.append(what["entry"]["text"])
        elif method == "Runtime.consoleAPICalled":
            self.console.append(json.dumps(what["args"]))
        elif method == "Page.javascriptDialogOpening":
            self.dialogs.append(what["message"])
            self._event_answer("Page.handleJavaScriptDialog", accept=False)
        self._events.append(message)

    def _event_answer(self, method: str, **parameters: object) -> None:
        self._next += 1
        message = {"id": self._next, "method": method, "params": parameters, "sessionId": self.session}
        os.write(self.write, json.dumps(message).encode() + b"\0")

    def attach(self) -> None:
        """Open the tab."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Log", "Runtime", "DOM"):
            self.call(f"{domain}.enable")

    def open(self, address: str) -> None:
        """Load a page and wait until it is there with everything that it asks for."""
        self._forget()
        self.call("Page.navigate", url=address)
        while not any(event.get("method") == "Page.loadEventFired" for event in self._events):
            self._event(self._message())

    def _forget(self) -> None:
        for seen in (self._events, self.requests, self.console, self.dialogs):
            seen.clear()

    def look(self, width: int, height: int, *, dark: bool = False, media: str = "") -> None:
        """The window's size, the colours that the person prefers, and `print` for paper."""
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", media=media, features=[scheme])

    def value(self, expression: str) -> Any:
        """What an expression says. It runs as the tester's own code, not as the page's."""
        found = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def picture(self, path: Path, *, whole: bool = False) -> None:
        """The window, or the whole page, as PNG."""
        shot = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(shot["data"]))

    def paper(self, path: Path, *, landscape: bool = False) -> None:
        """The page as PDF, A4."""
        pdf = self.call(
            "Page.printToPDF", paperWidth=8.27, paperHeight=11.69, preferCSSPageSize=True, landscape=landscape
        )
        path.write_bytes(base64.b64decode(pdf["data"]))


@contextmanager
def browser(profile: Path) -> Iterator[Browser]:
    """Chromium with a new, empty profile; ended afterwards."""
    program = chromium_program()
    to_child, write = os.pipe()
    read, from_child = os.pipe()

    def pipes() -> None:  # 3 and 4 are where Chromium looks for its commands and puts its answers
        os.dup2(to_child, 103)
        os.dup2(from_child, 104)
        os.dup2(103, 3)
        os.dup2(104, 4)

    child = subprocess.Popen(
        [program, *_FLAGS, f"--user-data-dir={profile}"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=pipes,
        close_fds=False,
        start_new_session=True,
    )
    os.close(to_child)
    os.close(from_child)
    tab = Browser(write, read)
    try:
        tab.attach()
        yield tab
    finally:
        os.close(write)
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        os.close(read)
