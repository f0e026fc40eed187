"""A few threads that perform a page's requests, so that the comm's own thread never waits. Depends on no page.

They are daemon threads: a deployment that does not answer cannot keep a kernel from ending.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable

__all__ = ["ACTIONS", "READS", "Workers"]

log = logging.getLogger(__name__)


class Workers:
    """Runs jobs in order, `count` at once. Its threads start with the first job.

    Args:
        count: the number of threads.
        waiting: the maximum number of queued jobs; further ones are rejected.
    """

    def __init__(self, count: int, waiting: int) -> None:
        self._count = count
        self._jobs: queue.Queue[Callable[[], None] | None] = queue.Queue(waiting)
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._is_closed = False

    def do(self, job: Callable[[], None]) -> bool:
        """Queue a job; return False if the queue is full, or closed. From any thread; returns immediately."""
        with self._lock:
            if self._is_closed:
                return False
            if not self._threads:
                self._threads = [
                    threading.Thread(target=self._work, name="lg_magics worker", daemon=True)
                    for _ in range(self._count)
                ]
                for thread in self._threads:
                    thread.start()
        try:
            self._jobs.put_nowait(job)
        except queue.Full:
            return False
        return True

    def close(self) -> None:
        """Accept no more jobs. Jobs in progress run to their end."""
        with self._lock:
            if self._is_closed:
                return
            self._is_closed = True
            started = len(self._threads)
        while not self._jobs.empty():
            try:
                self._jobs.get_nowait()
            except queue.Empty:
                break
        for _ in range(started):
            self._jobs.put(None)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                job()
            except Exception:
                log.exception("a job for the page failed")


ACTIONS = Workers(3, 100)
"""For user actions on a view. Reads have threads of their own, so that a slow read never delays an action."""

READS = Workers(3, 100)
"""For requests that only read."""
