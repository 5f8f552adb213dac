"""Blocking work in bounded threads, and work that outlives the screen that started it."""

from __future__ import annotations

import asyncio
import itertools
import queue
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar

from core.errors import Cancelled
from core.language import _

T = TypeVar("T")


class BlockingPool:
    """At most `threads` threads for one server's blocking library; further work waits its turn.

    The threads are daemons: a server that never answers does not keep the program from ending. What a library blocks on
    needs time limits of its own: a caller that is cancelled leaves at once, the thread under it runs to its end.
    """

    def __init__(self, name: str, threads: int = 2) -> None:
        if threads < 1:
            raise ValueError("a pool needs a thread")
        self.name = name
        self._limit = threads
        self._work: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._idle = 0
        self._lock = threading.Lock()
        self._closed = False

    async def run(self, work: Callable[..., T], *arguments: object) -> T:
        """The result of `work(*arguments)`, computed in a thread of the pool; its exception is raised here."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()

        def answer(result: T | None, error: BaseException | None) -> None:
            """In the thread of the loop; the one who waits may have given up meanwhile."""
            if future.cancelled():
                return
            if error is not None:
                future.set_exception(error)
            else:
                future.set_result(result)  # type: ignore[arg-type]

        def job() -> None:
            """In a thread of the pool. A loop that was closed meanwhile is told nothing."""
            if future.cancelled():  # given up before its turn came
                return
            result, error = None, None
            try:
                result = work(*arguments)
            except BaseException as caught:  # handed to the one who waits
                error = caught
            if not loop.is_closed():
                loop.call_soon_threadsafe(answer, result, error)

        self._put(job)
        return await future

    def _put(self, job: Callable[[], None]) -> None:
        with self._lock:
            if self._closed:
                raise RuntimeError(f"the pool {self.name} is closed")
            self._work.put(job)
            if self._work.qsize() > self._idle and len(self._threads) < self._limit:
                name = f"{self.name}-{len(self._threads) + 1}"
                thread = threading.Thread(target=self._serve, name=name, daemon=True)
                self._threads.append(thread)
                thread.start()

    def _serve(self) -> None:
        while True:
            with self._lock:
                self._idle += 1
            job = self._work.get()
            with self._lock:
                self._idle -= 1
            if job is None:
                return
            job()

    def close(self, grace: float = 0.0) -> None:
        """Take no more work; wait up to `grace` seconds in all for what runs."""
        with self._lock:
            self._closed = True
            threads = list(self._threads)
        for _thread in threads:
            self._work.put(None)
        for thread in threads:
            thread.join(grace / len(threads))


class JobState(StrEnum):
    """How far a job is."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(eq=False)
class Job(Generic[T]):
    """Long work that somebody watches. Fields are read on the loop's thread; `total` is 0 while nobody knows."""

    id: int
    title: str
    state: JobState = JobState.RUNNING
    done: int = 0
    total: int = 0
    what: str = ""
    error: BaseException | None = None
    _task: asyncio.Task[T] | None = field(default=None, repr=False)
    _stop: threading.Event = field(default_factory=threading.Event, repr=False)

    def cancel(self) -> None:
        """Ask it to stop: its next report of progress raises Cancelled, and what it awaits is cancelled."""
        self._stop.set()
        if self._task is not None:
            self._task.cancel()

    async def wait(self) -> T:
        """Its result; raises what it raised, or Cancelled. A waiter that is cancelled does not stop the job."""
        assert self._task is not None
        await asyncio.wait([self._task])
        if self._task.cancelled():
            raise Cancelled(_("Stopped."))
        return self._task.result()


Work = Callable[["Reporter"], Awaitable[T]]
Watcher = Callable[[Job[object]], None]


class Reporter:
    """What a job reports its progress to (a `core.ports.Progress`); may be called from any thread."""

    def __init__(self, job: Job[object], loop: asyncio.AbstractEventLoop, changed: Watcher) -> None:
        self._job, self._loop, self._changed = job, loop, changed
        self._latest = (0, 0, "")
        self._pending = False

    def __call__(self, done: int, total: int, what: str) -> None:
        """Keep the newest figures; a burst of reports is told once. Raises Cancelled when the job is to stop."""
        if self._job._stop.is_set():
            raise Cancelled(_("Stopped."))
        self._latest = (done, total, what)
        if not self._pending:
            self._pending = True
            self._loop.call_soon_threadsafe(self._tell)

    def _tell(self) -> None:
        self._pending = False
        self._job.done, self._job.total, self._job.what = self._latest
        if self._job.state is JobState.RUNNING:
            self._changed(self._job)


class JobRunner:
    """Runs work that must not die with the screen that asked for it. One for each app or command."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._jobs: dict[int, Job[object]] = {}
        self._watchers: list[Watcher] = []

    @property
    def running(self) -> tuple[Job[object], ...]:
        """What runs now, oldest first."""
        return tuple(self._jobs.values())

    def watch(self, watcher: Watcher) -> Callable[[], None]:
        """Call `watcher(job)` whenever a job starts, reports or ends; returns what stops that."""
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher) if watcher in self._watchers else None

    def start(self, title: str, work: Work[T]) -> Job[T]:
        """Begin `work(progress)` and return at once."""
        job: Job[T] = Job(next(self._numbers), title)
        known: Job[object] = job  # type: ignore[assignment]
        reporter = Reporter(known, asyncio.get_running_loop(), self._changed)

        async def run() -> T:
            return await work(reporter)

        job._task = asyncio.get_running_loop().create_task(run(), name=title)
        job._task.add_done_callback(lambda task: self._ended(known, task))
        self._jobs[job.id] = known
        self._changed(known)
        return job

    def _ended(self, job: Job[object], task: asyncio.Task[T]) -> None:
        self._jobs.pop(job.id, None)
        if task.cancelled() or isinstance(task.exception(), Cancelled):
            job.state = JobState.CANCELLED
        elif (error := task.exception()) is not None:
            job.state, job.error = JobState.FAILED, error
        else:
            job.state = JobState.DONE
        self._changed(job)

    def _changed(self, job: Job[object]) -> None:
        for watcher in tuple(self._watchers):
            watcher(job)

    async def close(self, grace: float = 5.0) -> None:
        """Cancel what runs and wait up to `grace` seconds for it to put its things in order."""
        tasks = [job._task for job in self._jobs.values() if job._task is not None]
        for job in tuple(self._jobs.values()):
            job.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=grace)
