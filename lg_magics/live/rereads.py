"""The reads of a view that follow changes: one at a time, and the newest result stays. Depends on no page."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from lg_magics.errors import LgError
from lg_magics.live.workers import READS

__all__ = ["Rereads"]

T = TypeVar("T")


class Rereads(Generic[T]):
    """Reads something again, after an action or soon. However many changes come during a read, one more read follows it.

    Args:
        read: reads it.
        take: gets each result, except one that began before the result taken last.

    Attributes:
        failure: why the last read in the background failed; "" if it did not.
    """

    def __init__(self, read: Callable[[], T], take: Callable[[T], None]) -> None:
        self._read = read
        self._take = take
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._taken = 0
        self._is_due = self._is_reading = False
        self.failure = ""

    def after(self, done: str) -> str:
        """Read on this thread after an action; return the action's sentence, with the reason if the rows cannot be read."""
        number = next(self._numbers)
        try:
            self._take_if_newest(number, self._read())
        except LgError as problem:
            return f"{done} The rows cannot be read again: {problem.message}".lstrip()
        return done

    def soon(self, changed: Callable[[], None]) -> None:
        """Read on a worker, and call `changed` after it. From any thread; returns immediately."""
        with self._lock:
            self._is_due = True
            if self._is_reading:
                return
            self._is_reading = True
        if not READS.do(lambda: self._work(changed)):
            self._is_reading = False  # the next change causes a read

    def _work(self, changed: Callable[[], None]) -> None:
        while True:
            with self._lock:
                self._is_reading, self._is_due = self._is_due, False
                if not self._is_reading:
                    return
            number = next(self._numbers)
            try:
                self._take_if_newest(number, self._read())
            except LgError as problem:
                with self._lock:
                    self.failure = str(problem) if number > self._taken else self.failure
            except BaseException:
                self._is_reading = False
                raise
            changed()

    def _take_if_newest(self, number: int, found: T) -> None:
        with self._lock:
            if number > self._taken:
                self._taken, self.failure = number, ""
                self._take(found)
