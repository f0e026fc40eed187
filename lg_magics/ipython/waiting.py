"""`lg.sync`: wait for an awaitable in a cell that cannot await. The only module that patches a loop, and only when it must.

Our own handles wait on the background loop, so nothing is patched for them. For the rest, a running loop is made re-entrant on
first use, by nest_asyncio2. nest_asyncio 1.6 is the fallback: with ipykernel 7 it silently drops the cells that are queued behind
the wait, and on Python 3.14 it breaks `asyncio.run(loop_factory=…)`.
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Awaitable
from typing import Protocol, TypeVar, cast, runtime_checkable

from lg_magics.model.result import Result

__all__ = ["sync"]

T = TypeVar("T")


@runtime_checkable
class _Handle(Protocol):
    def wait(self) -> object: ...


def sync(awaitable: Awaitable[T]) -> T:
    """Wait for an awaitable and give back its result, also where a loop is running already, as in every notebook.

    Args:
        awaitable: A run of ours, or any coroutine, task or future.

    Raises:
        KeyboardInterrupt: A kernel interrupt ended the waiting; the awaitable was cancelled (a run goes on).

    Example:
        >>> import asyncio, lg_magics as lg
        >>> lg.sync(asyncio.sleep(0.01, "done"))
        'done'
    """
    if isinstance(awaitable, Result) and isinstance(awaitable, _Handle):
        return cast(T, awaitable.wait())
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(_awaited(awaitable))
    _make_reentrant(loop)
    task = asyncio.ensure_future(awaitable, loop=loop)
    try:
        return loop.run_until_complete(task)
    except KeyboardInterrupt:
        task.cancel()
        raise


async def _awaited(awaitable: Awaitable[T]) -> T:
    return await awaitable


def _make_reentrant(loop: asyncio.AbstractEventLoop) -> None:
    if hasattr(loop, "_nest_patched"):  # by either package: a second patch only warns
        return
    try:
        patch = importlib.import_module("nest_asyncio2")
    except ImportError:
        patch = importlib.import_module("nest_asyncio")
    patch.apply(loop)
