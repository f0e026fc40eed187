"""Where scorers are called: a plain one on a thread of its own, async ones on a loop of their own. Knows no batch and no score.

The threads are daemons: a scorer without an end keeps no process from ending. What waits for one can be given up at any time.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import inspect
import queue
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from typing import Any, TypeAlias

__all__ = ["GIVEN_UP", "ScorerThreads", "words_of"]

Returned: TypeAlias = tuple[Any, str]
"""What a scorer returned, and what it raised, in words."""
GIVEN_UP = "Not scored: the batch was cancelled."


class ScorerThreads:
    """The threads of the scorers of one batch; each begins when it is needed. Used on one event loop."""

    def __init__(self) -> None:
        self._context = contextvars.copy_context()
        self._threads: dict[str, _CallingThread] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiting: dict[asyncio.Future[Returned], Future[Returned]] = {}

    async def called(self, name: str, call: Callable[[], Any]) -> Returned:
        """What a scorer of this name returns, and what it raises."""
        if name not in self._threads:
            self._threads[name] = _CallingThread()
        run = self._context.copy().run
        value, error = await self._unless_given_up(self._threads[name].submit(lambda: run(_outcome, call)))
        if error or not inspect.isawaitable(value):
            return value, error
        awaited = asyncio.run_coroutine_threadsafe(_awaited(value), self._own_loop())
        return await self._unless_given_up(awaited)

    async def _unless_given_up(self, source: Future[Returned]) -> Returned:
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[Returned] = loop.create_future()

        def settle() -> None:
            if not waiter.done():
                waiter.set_result((None, GIVEN_UP) if source.cancelled() else source.result())

        def tell(_: Future[Returned]) -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(settle)

        self._waiting[waiter] = source
        source.add_done_callback(tell)
        try:
            return await waiter
        finally:
            del self._waiting[waiter]

    def give_up(self) -> None:
        """Wait for no scorer any more. A plain function cannot be stopped: its thread is left to it."""
        for waiter, source in list(self._waiting.items()):
            source.cancel()
            if not waiter.done():
                waiter.set_result((None, GIVEN_UP))
        self._leave_threads()

    def _own_loop(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            run = self._context.copy().run
            threading.Thread(target=run, args=(_run, self._loop), name="lg_magics async score", daemon=True).start()
        return self._loop

    def close(self) -> None:
        """End the threads when their calls are over; the next call makes new ones."""
        self._leave_threads()
        if self._loop:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._loop = None

    def _leave_threads(self) -> None:
        for each in self._threads.values():
            each.end()
        self._threads = {}


class _CallingThread:
    """A thread that makes one call after another."""

    def __init__(self) -> None:
        self._calls: queue.SimpleQueue[tuple[Future[Returned], Callable[[], Returned]] | None] = queue.SimpleQueue()
        threading.Thread(target=self._run, name="lg_magics score", daemon=True).start()

    def submit(self, call: Callable[[], Returned]) -> Future[Returned]:
        future: Future[Returned] = Future()
        self._calls.put((future, call))
        return future

    def end(self) -> None:
        self._calls.put(None)

    def _run(self) -> None:
        while (each := self._calls.get()) is not None:
            future, call = each
            if future.set_running_or_notify_cancel():
                future.set_result(call())
            del each, future, call  # what a scorer was given is not kept until the next call


def _run(loop: asyncio.AbstractEventLoop) -> None:
    try:
        loop.run_forever()
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        if left:
            loop.run_until_complete(asyncio.wait(left))
    finally:
        loop.close()


def _outcome(call: Callable[[], Any]) -> Returned:
    try:
        return call(), ""
    except BaseException as problem:  # noqa: BLE001 - it is somebody else's function: what it raises belongs to its row
        return None, words_of(problem)


async def _awaited(value: Awaitable[Any]) -> Returned:
    try:
        return await value, ""
    except BaseException as problem:  # noqa: BLE001 - as above; a CancelledError may be the scorer's own
        return None, words_of(problem)


def words_of(problem: BaseException) -> str:
    """What was raised, in one line's words; an exception may fail to say what it is."""
    try:
        said = str(problem)
    except Exception:  # noqa: BLE001 - its __str__ is somebody else's too
        said = ""
    return f"{type(problem).__name__}: {said}".removesuffix(": ")
