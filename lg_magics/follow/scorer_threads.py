"""Calls the scorers of a batch on threads of their own. On the background loop; knows no batch and no score.

- A plain function runs on a thread of its own, for one row at a time, so that it need not be thread-safe; several functions run
  side by side. Async ones run on one loop, for several rows at a time. All batches of the process share it, and it ends with the
  process: a client that scorers share belongs to the loop of its first request.
- A scorer's exception never leaves its thread: a future cannot carry StopIteration, and SystemExit would end the background loop.
- The threads are daemons: a scorer that never returns does not keep the process alive. Waiting for one can stop at any time.
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

from lg_magics.follow.loop import BackgroundLoop

__all__ = ["GIVEN_UP", "Returned", "ScorerThreads", "words_of"]

Returned: TypeAlias = tuple[Any, str]
"""A scorer's return value, and its error in words ("" if it raised none)."""
GIVEN_UP = "Not scored: the batch was cancelled."
UNBLOCKED_SECONDS = 1.0
"""How long the loop may take for a turn after a scorer was given up."""


class _AsyncScorers:
    """The loop of all async scorers of the process. A loop that a scorer still blocks after it was given up is left to it."""

    def __init__(self) -> None:
        self._loop: BackgroundLoop | None = None
        self._turn: Future[None] | None = None  # the loop's next turn after a scorer was given up

    def given_up(self) -> None:
        """Note that scorers were given up, one of which may block the loop."""
        if self._loop:
            self._turn = self._loop.start(asyncio.sleep(0))

    async def start(self, value: Awaitable[Any], context: contextvars.Context) -> Future[Returned]:
        """Start to await what an async scorer returned, in this context."""
        if turn := self._turn:
            await asyncio.wait({asyncio.wrap_future(turn)}, timeout=UNBLOCKED_SECONDS)
            if self._turn is turn:
                self._turn, self._loop = None, self._loop if turn.done() else None
        self._loop = self._loop or BackgroundLoop("lg_magics async score")
        return context.run(self._loop.start, _awaited(value))


_async_scorers = _AsyncScorers()


class ScorerThreads:
    """The threads of one batch's scorers, each started when it is needed. Used on one event loop.

    Attributes:
        is_given_up: whether calls return an error at once and call no scorer.
    """

    def __init__(self) -> None:
        self._context = contextvars.copy_context()
        self._threads: dict[str, _CallingThread] = {}
        self._waiting: dict[asyncio.Future[Returned], Future[Returned]] = {}
        self.is_given_up = False

    async def called(self, name: str, call: Callable[[], Any]) -> Returned:
        """Call a scorer on the thread of this name; its return value, and its error in words."""
        if self.is_given_up:
            return None, GIVEN_UP
        if name not in self._threads:
            self._threads[name] = _CallingThread()
        run = self._context.copy().run
        value, error = await self._unless_given_up(self._threads[name].submit(lambda: run(_outcome, call)))
        if error or not inspect.isawaitable(value):
            return value, error
        return await self._unless_given_up(await _async_scorers.start(value, self._context.copy()))

    async def _unless_given_up(self, source: Future[Returned]) -> Returned:
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[Returned] = loop.create_future()

        def settle() -> None:
            if not waiter.done():
                waiter.set_result((None, GIVEN_UP) if source.cancelled() else source.result())

        def notify(_: Future[Returned]) -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(settle)

        self._waiting[waiter] = source
        source.add_done_callback(notify)
        if self.is_given_up:  # since the caller looked
            source.cancel()
        try:
            return await waiter
        except asyncio.CancelledError:
            source.cancel()
            raise
        finally:
            del self._waiting[waiter]

    def give_up(self) -> None:
        """Stop waiting for scorers, and call none any more. A plain function cannot be stopped: its thread runs on."""
        self.is_given_up = True
        for waiter, source in list(self._waiting.items()):
            source.cancel()
            if not waiter.done():
                waiter.set_result((None, GIVEN_UP))
        _async_scorers.given_up()
        self._leave_threads()

    def close(self) -> None:
        """End the threads when their calls are over; the next call starts new ones."""
        self._leave_threads()

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
            del each, future, call  # a scorer's arguments are not kept until the next call


def _outcome(call: Callable[[], Any]) -> Returned:
    try:
        return call(), ""
    except BaseException as problem:  # noqa: BLE001 - a user's function: its error belongs to its row
        return None, words_of(problem)


async def _awaited(value: Awaitable[Any]) -> Returned:
    try:
        return await value, ""
    except BaseException as problem:  # noqa: BLE001 - as above; a CancelledError may be the scorer's own
        return None, words_of(problem)


def words_of(problem: BaseException) -> str:
    """An exception's type and message; the type alone if its `__str__` fails."""
    try:
        words = str(problem)
    except Exception:  # noqa: BLE001 - its __str__ is the user's too
        words = ""
    return f"{type(problem).__name__}: {words}".removesuffix(": ")
