"""Keeps an event loop awake while something of ours is awaited on it. Knows loops; knows nothing of what is awaited.

An `await` hears the stop button only at the loop's next event: so there is one every WAKE seconds, one for all that wait.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from weakref import WeakKeyDictionary, WeakSet

__all__ = ["interruptible_wait"]

WAKE = 0.2
_waiting: WeakKeyDictionary[asyncio.AbstractEventLoop, int] = WeakKeyDictionary()
_ticking: WeakSet[asyncio.AbstractEventLoop] = WeakSet()  # no handles: those hold their loop


@contextmanager
def interruptible_wait() -> Iterator[None]:
    """Keep the running loop awake inside."""
    loop = asyncio.get_running_loop()
    _waiting[loop] = _waiting.get(loop, 0) + 1
    if loop not in _ticking:
        _tick(loop)
    try:
        yield
    finally:
        _waiting[loop] -= 1


def _tick(loop: asyncio.AbstractEventLoop) -> None:
    if _waiting[loop]:
        _ticking.add(loop)
        loop.call_later(WAKE, _tick, loop)
    else:
        _ticking.discard(loop)
