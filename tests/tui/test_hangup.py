from __future__ import annotations

import asyncio
import os
import signal

from tui.hangup import save_all, saving


class _App:
    def __init__(self) -> None:
        self.code = None

    def exit(self, *, return_code: int) -> None:
        self.code = return_code


async def test_a_dropped_connection_saves_first_and_then_ends_the_app():
    app, order = _App(), []
    with saving(app, lambda: order.append(app.code)):
        os.kill(os.getpid(), signal.SIGHUP)
        await asyncio.sleep(0.05)
    assert (order, app.code) == ([None], 129)


async def test_one_that_cannot_save_does_not_keep_the_others_from_it():
    app, saved = _App(), []

    def fails() -> None:
        raise OSError(28, "No space left on device")

    with saving(app, fails), saving(app, lambda: saved.append(1)):
        save_all()
    assert saved == [1]


async def test_afterwards_the_signal_is_not_ours_any_more():
    with saving(_App(), lambda: None):
        pass
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_DFL


async def test_who_had_the_signal_before_has_it_again():
    before = signal.signal(signal.SIGHUP, _somebody_elses)
    try:
        with saving(_App(), lambda: None), saving(_App(), lambda: None):
            assert signal.getsignal(signal.SIGHUP) is not _somebody_elses
        assert signal.getsignal(signal.SIGHUP) is _somebody_elses
    finally:
        signal.signal(signal.SIGHUP, before)


def _somebody_elses(_number: int, _frame: object) -> None:
    """Whatever it does."""
