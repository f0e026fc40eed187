"""A few threads that do what a page asks for, so that the comm's own thread never waits. Depends on no page.

They are daemons: a deployment that does not answer keeps no kernel from ending.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable

__all__ = ["ACTIONS", "READS", "Workers"]

log = logging.getLogger(__name__)


class Workers:
    """Does jobs in the order that they come in, so many at once. Its threads start with the first job.

    Args:
        count: how many threads.
        waiting: how many jobs may wait; one more is refused.
    """

    def __init__(self, count: int, waiting: int) -> None:
        self._count = count
        self._jobs: queue.Queue[Callable[[], None] | None] = queue.Queue(waiting)
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._is_closed = False

    def do(self, job: Callable[[], None]) -> bool:
        """Take on a job; False if too many wait, or all is over. From any thread, at once."""
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
        """Take on nothing more. What is under way goes on to its end."""
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
"""For what a person has pressed on a view. Reads have threads of their own, so that a slow one never delays an action."""

READS = Workers(3, 100)
"""For what a view only wants to see."""
