"""A person's budget of requests, as Exchange's throttling policies keep one."""

from __future__ import annotations

import threading
import time
from collections import deque

from core.sandbox.exchange.errors import SoapFault


class Budget:
    """At most `requests` of each person in `seconds`; 0 requests is no limit. A refused request costs nothing."""

    def __init__(self) -> None:
        self.requests = 0
        self.seconds = 60.0
        self._lock = threading.Lock()
        self._spent: dict[str, deque[float]] = {}

    def spend(self, who: str) -> None:
        """Raises SoapFault (ErrorServerBusy) with the time after which it is worth trying again."""
        if not self.requests:
            return
        now = time.monotonic()
        with self._lock:
            spent = self._spent.setdefault(who, deque())
            while spent and spent[0] <= now - self.seconds:
                spent.popleft()
            if len(spent) >= self.requests:
                wait = max(1, int((spent[0] + self.seconds - now) * 1000))
                raise SoapFault(
                    "ErrorServerBusy",
                    "The server cannot service this request right now. Try again later.",
                    {"BackOffMilliseconds": str(wait)},
                )
            spent.append(now)
