"""The stop button, pressed once the main thread waits for something: on a busy machine a timer may press before it does."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from httpcore._backends.sync import SyncStream

from .coming import until

__all__ = ["pressed"]

WAITS = {threading.Condition.wait.__code__, SyncStream.read.__code__}
LOOKS, EVERY = 5, 0.02  # seconds
AGAIN = 0.2  # seconds


@contextmanager
def pressed(times: int = 1) -> Iterator[None]:
    """Press it as soon as the main thread has waited for a while inside the block."""

    def press() -> None:
        until(lambda: is_over.is_set() or _is_waiting())
        for _ in range(times):
            if not is_over.is_set():
                os.kill(os.getpid(), signal.SIGINT)
                is_over.wait(AGAIN)

    is_over = threading.Event()
    pressing = threading.Thread(target=press)
    pressing.start()
    try:
        yield
    finally:
        is_over.set()
        pressing.join()


def _is_waiting() -> bool:
    """Whether the main thread is in the same wait at each of several looks."""
    seen = set()
    for _ in range(LOOKS):
        seen.add(_wait())
        time.sleep(EVERY)
    return len(seen) == 1 and seen != {0}


def _wait() -> int:
    """The identity of the wait that the main thread is in; 0 for none. It waits for a thread that it starts, too."""
    frame = innermost = sys._current_frames()[threading.main_thread().ident or 0]
    while frame.f_back is not None:
        if frame.f_code is threading.Thread.start.__code__:
            return 0
        frame = frame.f_back
    return id(innermost) if innermost.f_code in WAITS else 0
