"""What a page asked for, done on a worker thread: while a cell is running too. Knows threads and contexts; knows no widget."""

from __future__ import annotations

import asyncio
import contextvars
import logging
from collections.abc import Callable

from lg_magics.errors import LgError
from lg_magics.follow.loop import BackgroundLoop

__all__ = ["PageWork"]

log = logging.getLogger(__name__)


class PageWork:
    """Does jobs in the context of the cell that it was made in.

    Args:
        loop: whose threads they run on.
        fail: told what a job was about and why it could not be done, on that thread.
    """

    def __init__(self, loop: BackgroundLoop, fail: Callable[[str, str], None]) -> None:
        self.context = contextvars.copy_context()
        self._loop = loop
        self._fail = fail

    def do(self, job: Callable[[], None], about: str = "") -> None:
        """Begin `job` and return. From any thread."""
        self._loop.start(asyncio.to_thread(self.context.copy().run, self._told, job, about))

    def _told(self, job: Callable[[], None], about: str) -> None:
        try:
            job()
        except LgError as problem:
            self._fail(about, str(problem))
        except Exception as problem:
            log.exception("what a page asked for could not be done")
            self._fail(about, f"{type(problem).__name__}: {problem}")
