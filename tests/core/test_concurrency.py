"""Blocking work stays in its threads, and long work outlives the screen that started it."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from core.concurrency import BlockingPool, JobRunner, JobState
from core.errors import Cancelled
from tests.patience import cancelled_within
from tests.soak import soak


async def test_a_pool_gives_the_result_of_the_work():
    assert await BlockingPool("test").run(pow, 2, 5) == 32


async def test_a_pool_raises_what_the_work_raised():
    with pytest.raises(ZeroDivisionError):
        await BlockingPool("test").run(lambda: 1 // 0)


async def test_no_more_threads_work_than_the_pool_has():
    running, most, lock = 0, 0, threading.Lock()

    def work() -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.02)
        with lock:
            running -= 1

    pool = BlockingPool("test", threads=2)
    await asyncio.gather(*(pool.run(work) for _n in range(10)))
    assert most == 2


@soak("time-outs: cancelled under 0.3 s", 1)
async def test_a_caller_that_is_cancelled_leaves_at_once():
    gate = threading.Event()
    try:
        assert isinstance(
            await cancelled_within(lambda: BlockingPool("test").run(gate.wait, 10)), asyncio.CancelledError
        )
    finally:
        gate.set()


async def test_work_that_was_given_up_before_its_turn_is_not_begun():
    gate, begun = threading.Event(), []
    pool = BlockingPool("test", threads=1)
    first = asyncio.create_task(pool.run(gate.wait, 10))
    second = asyncio.create_task(pool.run(begun.append, 1))
    await asyncio.sleep(0.05)
    second.cancel()
    await asyncio.wait([second])
    gate.set()
    await first
    await pool.run(int)
    assert begun == []


async def test_a_closed_pool_takes_no_work():
    pool = BlockingPool("test")
    await pool.run(int)
    pool.close(1)
    with pytest.raises(RuntimeError):
        await pool.run(int)


def test_a_pool_needs_a_thread():
    with pytest.raises(ValueError, match="thread"):
        BlockingPool("test", threads=0)


# --- jobs -------------------------------------------------------------------------------------------------------------


async def test_a_job_gives_its_result_to_whoever_waits():
    async def work(_progress) -> int:
        return 7

    job = JobRunner().start("count", work)
    assert (await job.wait(), job.state) == (7, JobState.DONE)


async def test_a_job_goes_on_when_the_one_who_waited_is_cancelled():
    gate = asyncio.Event()

    async def work(_progress) -> str:
        await gate.wait()
        return "done"

    job = JobRunner().start("long", work)
    waiter = asyncio.create_task(job.wait())
    await asyncio.sleep(0)
    waiter.cancel()
    await asyncio.wait([waiter])
    gate.set()
    assert await job.wait() == "done"


async def test_progress_is_told_from_a_thread():
    told = []
    runner = JobRunner()
    runner.watch(lambda job: told.append((job.done, job.total, job.what)))

    async def work(progress) -> None:
        await asyncio.to_thread(progress, 3, 10, "reading")
        await asyncio.sleep(0.01)

    await runner.start("read", work).wait()
    assert (3, 10, "reading") in told


async def test_a_burst_of_progress_is_told_once():
    told = []
    runner = JobRunner()

    async def work(progress) -> None:
        for number in range(1000):
            progress(number, 1000, "x")
        await asyncio.sleep(0.01)

    job = runner.start("burst", work)
    runner.watch(lambda job: told.append(job.done))
    await job.wait()
    await asyncio.sleep(0)
    assert len(told) <= 2


async def test_a_cancelled_job_stops_what_it_awaits():
    async def work(_progress) -> None:
        await asyncio.sleep(60)

    job = JobRunner().start("sleep", work)
    await asyncio.sleep(0)
    job.cancel()
    with pytest.raises(Cancelled):
        await job.wait()
    assert job.state is JobState.CANCELLED


async def test_a_cancelled_job_stops_in_its_thread_at_the_next_report():
    begun = threading.Event()

    async def work(progress) -> None:
        def count() -> None:
            for number in range(10_000):
                begun.set()
                progress(number, 10_000, "x")
                time.sleep(0.001)

        await asyncio.to_thread(count)

    job = JobRunner().start("count", work)
    await asyncio.to_thread(begun.wait)
    job.cancel()
    with pytest.raises(Cancelled):
        await job.wait()


async def test_a_failed_job_keeps_its_error():
    async def work(_progress) -> None:
        raise OSError("disk")

    job = JobRunner().start("fail", work)
    with pytest.raises(OSError, match="disk"):
        await job.wait()
    await asyncio.sleep(0)
    assert (job.state, str(job.error)) == (JobState.FAILED, "disk")


async def test_closing_the_runner_lets_jobs_put_their_things_in_order():
    tidy = []

    async def work(_progress) -> None:
        try:
            await asyncio.sleep(60)
        finally:
            tidy.append(1)

    runner = JobRunner()
    runner.start("long", work)
    await asyncio.sleep(0)
    await runner.close()
    assert (tidy, runner.running) == ([1], ())
