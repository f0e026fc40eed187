"""Time limits of waits, and an `await` that a kernel interrupt can end. Depends on asyncio; on no run.

asyncio delivers KeyboardInterrupt only when the loop wakes, so a timer wakes it every POLL_INTERVAL seconds while one of our
objects is awaited.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from numbers import Real
from weakref import WeakKeyDictionary, WeakSet

from lg_magics.errors import CommandError, type_phrase

__all__ = ["POLL_INTERVAL", "interruptible_wait", "only_the_wait_stops", "seconds_to_wait", "ways_after"]

POLL_INTERVAL = 0.2
_waiting: WeakKeyDictionary[asyncio.AbstractEventLoop, int] = WeakKeyDictionary()
_ticking: WeakSet[asyncio.AbstractEventLoop] = WeakSet()  # no handles: those hold their loop


@contextmanager
def interruptible_wait(what: str, ways: str) -> Iterator[None]:
    """Wake the running loop every POLL_INTERVAL seconds inside the `with` block, in which `what` is awaited.

    Args:
        what: a run's number, or "the batch".
        ways: the hint of the error.

    Raises:
        CancelledError: a kernel interrupt, or other code, has cancelled the task; the message says that `what` goes on.
    """
    loop = asyncio.get_running_loop()
    _waiting[loop] = _waiting.get(loop, 0) + 1
    if loop not in _ticking:
        _tick(loop)
    try:
        with only_the_wait_stops(what, ways):
            yield
    finally:
        _waiting[loop] -= 1


@contextmanager
def only_the_wait_stops(what: str, ways: str) -> Iterator[None]:
    """Give a CancelledError of the block a message: without one it reads as if `what` were cancelled."""
    try:
        yield
    except asyncio.CancelledError:
        raise asyncio.CancelledError(f"Only the wait was stopped; {what} goes on. {ways}") from None


def ways_after(number: str) -> str:
    """The hint after the wait for a run was stopped."""
    return f"%lg_wait {number} waits again, %lg_cancel {number} stops it."


def _tick(loop: asyncio.AbstractEventLoop) -> None:
    if _waiting[loop]:
        _ticking.add(loop)
        loop.call_later(POLL_INTERVAL, _tick, loop)
    else:
        _ticking.discard(loop)


def seconds_to_wait(timeout: object) -> float | None:
    """Convert a time limit to seconds, at most `threading.TIMEOUT_MAX`, which Python's locks can wait.

    Raises:
        CommandError: `timeout` is not a number of seconds, or is below 0.

    >>> seconds_to_wait(None), seconds_to_wait(2), seconds_to_wait(float("inf")) == threading.TIMEOUT_MAX
    (None, 2.0, True)
    """
    if timeout is None:
        return None
    if not isinstance(timeout, Real) or isinstance(timeout, bool):
        got = repr(timeout) if isinstance(timeout, str) else type_phrase(timeout)
        raise CommandError(f"timeout must be a number of seconds, got {got}.", hint="timeout=30")
    seconds = float(timeout)
    if not seconds >= 0:  # False for NaN too
        raise CommandError(f"timeout must be >= 0 seconds, got {seconds:g}.")
    return min(seconds, threading.TIMEOUT_MAX)
