"""A server of the sandbox whose answers are mutants of its real ones."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from core.errors import PartagendaError
from core.sandbox.http import Answer, HttpServer, Request
from tests.hostile.mutants import mutant

Question = Callable[[], Awaitable[object]]


class Mutating:
    """Changes the answers of this kind, each as long as `on`; remembers the last bodies."""

    def __init__(self, server: HttpServer, kind: str, draw: random.Random) -> None:
        self._kind, self._draw, self._usual = kind, draw, server.answer
        self.on = False
        self.last: bytes = b""
        server.answer = self.answer  # type: ignore[method-assign]

    def answer(self, request: Request) -> Answer:
        usual = self._usual(request)
        if not self.on or not usual.body or self._kind not in usual.media_type:
            return usual
        self.last = mutant(self._draw, self._kind, usual.body)
        return replace(usual, body=self.last)


async def ask(mutating: Mutating, questions: Sequence[Question], trials: int, draw: random.Random) -> list[str]:
    """What was no error in words, and the answer that made it so."""
    wrong: dict[str, bytes] = {}
    mutating.on = True
    for _trial in range(trials):
        question = draw.choice(questions)
        try:
            await asyncio.wait_for(question(), 30)
        except PartagendaError as error:
            assert error.message
        except Exception as error:
            trace = error.__traceback__
            places = []
            while trace:
                places.append(f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}")
                trace = trace.tb_next
            wrong.setdefault(f"{type(error).__name__}: {error} ({' '.join(places[-4:])})"[:400], mutating.last)
    mutating.on = False
    return [f"{what}\n    {data[:1500]!r}" for what, data in list(wrong.items())[:12]]
