"""The background event loop, on a thread of its own. Depends on asyncio and threads; on no run and no server.

A coroutine started here carries a copy of the caller's context, so that its output appears in the caller's cell.
"""

from __future__ import annotations

import asyncio
import concurrent.futures.thread  # noqa: F401 - it must register its shutdown first: see the end of this module
import contextlib
import contextvars
import inspect
import os
import threading
import weakref
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import Future
from typing import Any, TypeVar

from lg_magics.errors import LgError, ReadInterrupted, WriteInterrupted
from lg_magics.server.waits import noted

__all__ = ["BackgroundLoop", "LoopFuture", "interrupted", "refuse_in_fork"]

T = TypeVar("T")
_left: list[asyncio.AbstractEventLoop | None] = []
_started: weakref.WeakSet[BackgroundLoop] = weakref.WeakSet()
_futures: weakref.WeakSet[LoopFuture[Any]] = weakref.WeakSet()


class LoopFuture(Future[T]):
    """A future that a background loop sets. In a forked child, where nothing sets it, waiting raises instead of blocking."""

    def __init__(self) -> None:
        super().__init__()
        self._pid = os.getpid()
        _futures.add(self)

    def renew_lock(self) -> None:
        """Take a new lock in a forked child: the loop's thread, which is not there, may have held the old one."""
        self._condition = threading.Condition()

    def result(self, timeout: float | None = None) -> T:
        """Wait for the result."""
        self._check()
        return super().result(timeout)

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """Wait for the exception."""
        self._check()
        return super().exception(timeout)

    def add_done_callback(self, fn: Callable[[Future[T]], object]) -> None:
        """Call `fn` when the future is set."""
        self._check()
        super().add_done_callback(fn)

    def _check(self) -> None:
        if self._pid != os.getpid() and not self.done():
            raise LgError(
                "This process was forked from the one that follows this run or batch: no result arrives here.",
                hint='Wait in that process, or start the run in this one. multiprocessing.get_context("spawn") does not fork.',
            )


def refuse_in_fork(future: Future[Any]) -> None:
    """Raise LgError if `future` is to be set by the process that this one was forked from."""
    if isinstance(future, LoopFuture):
        future._check()


class BackgroundLoop:
    """An event loop that starts on first use, and ends for good with `close` or with the process.

    Args:
        name: the name of its thread.
    """

    def __init__(self, name: str = "lg_magics") -> None:
        self._name = name
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._is_closed = False

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._is_closed:
                raise LgError(
                    "The session of this has ended.", hint="%load_ext lg_magics begins another; %lg_attach finds runs."
                )
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=self._run, args=(self._loop,), name=self._name, daemon=True)
                self._thread.start()
                _started.add(self)
            return self._loop

    @staticmethod
    def _run(loop: asyncio.AbstractEventLoop) -> None:
        asyncio.set_event_loop(loop)
        is_stopped = False
        while not is_stopped:
            with contextlib.suppress(KeyboardInterrupt, SystemExit):  # a task's own: asyncio ends the loop with it
                loop.run_forever()
                is_stopped = True

    def reset_after_fork(self) -> None:
        """Drop the loop of the parent process. It is kept in `_left`: closing it would close the parent's."""
        _left.append(self._loop)
        self._lock = threading.Lock()
        self._loop = self._thread = None

    @property
    def is_closed(self) -> bool:
        """Whether it has ended for good."""
        return self._is_closed

    @property
    def is_here(self) -> bool:
        """Whether the caller is on the loop's own thread."""
        return threading.current_thread() is self._thread

    def start(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Start `work` in the background.

        Raises:
            LgError: the loop is closed.
        """
        try:
            return asyncio.run_coroutine_threadsafe(work, self._running())
        except LgError:
            work.close()
            raise

    def later(self, seconds: float, call: Callable[[], object], context: contextvars.Context) -> None:
        """Call `call()` on the loop in so many seconds, in `context`. From any thread; does nothing once the loop is closed."""

        def unless_closed() -> None:  # it may be closed between now and then
            if not self._is_closed:
                call()

        if self._is_closed:
            return
        loop = self._running()
        if seconds <= 0:
            loop.call_soon_threadsafe(unless_closed, context=context)
        elif self.is_here:
            loop.call_later(seconds, unless_closed, context=context)
        else:
            loop.call_soon_threadsafe(lambda: loop.call_later(seconds, unless_closed, context=context))

    def wait(
        self, work: Coroutine[Any, Any, T], timeout: float | None = None, *, doing: str = "", check_with: str = ""
    ) -> T:
        """Run `work` in the background and wait for its result. A kernel interrupt cancels it and raises.

        Args:
            work: requests to the deployment.
            timeout: seconds after which it is cancelled, and TimeoutError raised.
            doing: what they change, for the error of a kernel interrupt: "cancel r7"; "" if they only read.
            check_with: the command that shows whether it was done.

        Raises:
            ReadInterrupted, WriteInterrupted: a kernel interrupt.
        """
        future = self.start(work)
        try:
            with noted("the deployment"):
                return future.result(timeout)
        except KeyboardInterrupt:
            future.cancel()
            raise interrupted(doing, check_with) from None
        except BaseException:
            future.cancel()
            raise

    def close(self, *last: Callable[[], Coroutine[Any, Any, object]]) -> None:
        """Cancel all tasks, then run each of `last`, then stop the loop and its thread."""
        with self._lock:
            loop, self._loop = self._loop, None
            self._is_closed = True
        if loop is None or self._thread is None:
            return
        asyncio.run_coroutine_threadsafe(_wind_up(last), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        self._thread.join(5)
        loop.close()


def interrupted(doing: str = "", check_with: str = "") -> KeyboardInterrupt:
    """The error of a kernel interrupt: see `BackgroundLoop.wait`."""
    if not doing:
        return ReadInterrupted(
            "Stopped before the deployment answered: cannot read it.", hint="This request changes nothing."
        )
    words = f"Stopped before the deployment answered: it is not known whether it could {doing}."
    return WriteInterrupted(words, hint=f"It may have been done: {check_with}")


async def _wind_up(last: Sequence[Callable[[], Coroutine[Any, Any, object]]]) -> None:
    await _cancel_all()
    for work in last:
        await work()


async def _cancel_all() -> None:
    """Cancel every task, and those that they start as they end: asyncio warns about a pending task that is collected.

    No task is cancelled before its first step: Python warns about a coroutine that was never awaited (anyio wraps its tasks').
    """
    while tasks := asyncio.all_tasks() - {asyncio.current_task()}:
        begun = [task for task in tasks if not _is_new(task)]
        for task in begun:
            task.cancel()
        await (asyncio.gather(*begun, return_exceptions=True) if begun else asyncio.sleep(0))


def _is_new(task: asyncio.Task[Any]) -> bool:
    coroutine = task.get_coro()
    return inspect.iscoroutine(coroutine) and inspect.getcoroutinestate(coroutine) == inspect.CORO_CREATED


def _renew_after_fork() -> None:
    """Reset the loops in a forked child, which has them without their threads. Each starts on its next use."""
    for each in list(_started):
        each.reset_after_fork()
    for future in list(_futures):
        future.renew_lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_after_fork)


def _close_all() -> None:
    """Close every loop while the process ends, before the executors do.

    A loop that goes on meanwhile raises "cannot schedule new futures after interpreter shutdown" in each of its tasks.
    """
    for each in list(_started):
        with contextlib.suppress(Exception):
            each.close()


# atexit is too late: the executors are closed before it, by this private call, last registered first.
with contextlib.suppress(AttributeError, RuntimeError):
    threading._register_atexit(_close_all)  # type: ignore[attr-defined]
