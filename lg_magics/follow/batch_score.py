"""A person's score function, called on a thread of its own. Knows a function, an output and a row; no run and no batch.

What it raises never leaves that thread: a future can carry no StopIteration, and a SystemExit would end the background loop.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

__all__ = ["Score", "Scorer"]

Score = Callable[[Any, Mapping[str, Any]], Any]


class Scorer:
    """Calls the function in the context it was made in; one call at a time, so that the function need not meet itself."""

    def __init__(self, score: Score) -> None:
        self._score = score
        self._context = contextvars.copy_context()
        self._thread: ThreadPoolExecutor | None = None

    async def found(self, output: Any, row: Mapping[str, Any]) -> dict[str, Any]:
        """The `score` of a row's output, or the `error` that says what the function raised."""
        self._thread = self._thread or ThreadPoolExecutor(1, "lg_magics score")
        call = self._context.copy().run
        return await asyncio.get_running_loop().run_in_executor(self._thread, call, self._called, output, row)

    def _called(self, output: Any, row: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return {"score": self._score(output, row)}
        except BaseException as problem:  # noqa: BLE001 - it is somebody else's function: what it raises belongs to its row
            return {"error": f"score: {type(problem).__name__}: {problem}".removesuffix(": ")}

    def close(self) -> None:
        """End the thread when its call is over; the next call makes a new one."""
        if self._thread:
            self._thread.shutdown(wait=False)
            self._thread = None
