"""Watch a thread on which others run: each of its runs gets its card here. Launches nothing."""

from __future__ import annotations

import queue
import time
from typing import Annotated

from lg_magics.actions.attached import attached
from lg_magics.commands.run_table import table_of_runs
from lg_magics.errors import DeploymentError
from lg_magics.follow.run import Run
from lg_magics.follow.time_limit import seconds_to_wait
from lg_magics.grammar.kinds import THREAD, Timeout
from lg_magics.grammar.parameters import AtLeast
from lg_magics.grammar.registry import command
from lg_magics.resolve.threads import which_thread
from lg_magics.server.connection import Connection
from lg_magics.server.streams import thread_runs
from lg_magics.session import Session
from lg_magics.tables.table import Table

__all__ = ["watch"]

LOOKS_EVERY = 5.0
MOMENT = 0.2
NEWEST = 20


@command("watch", group="Runs")
def watch(
    session: Session,
    thread: Annotated[str | None, THREAD] = None,
    *,
    runs: Annotated[int | None, AtLeast(1)] = None,
    timeout: Timeout = None,
) -> Table:
    """Watch a thread: each run that is live there, and each that begins, gets its card here, whoever launched it.

    A kernel interrupt ends it; the runs go on.

    Args:
        thread: Which thread; the current one otherwise.
        runs: End when so many runs were shown and have ended.
        timeout: End after so many seconds.

    Returns:
        A table of the runs that were shown.

    Raises:
        NotFound: no such thread.

    Example:
        %lg_watch t2
    """
    seconds = seconds_to_wait(timeout)
    until = None if seconds is None else time.monotonic() + seconds
    found = which_thread(session, thread)
    watching = _Watch(session, found.id, runs)
    try:
        while not watching.is_over and (until is None or time.monotonic() < until):
            watching.look()
    except KeyboardInterrupt:
        pass
    finally:
        watching.close()
    return table_of_runs(session, watching.shown)


class _Watch:
    """The runs of one thread as they come: told by the thread's stream at once, and looked for now and then beside it."""

    def __init__(self, session: Session, thread_id: str, count: int | None) -> None:
        self._session, self._thread_id, self._count = session, thread_id, count
        self._told: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._stream = session.loop.start(_tell(session.connection, thread_id, self._told))
        self._before = {row.run_id for row in session.connection.runs.newest(thread_id, NEWEST)}
        self._looked = time.monotonic()
        self.shown: list[Run] = []
        for row in reversed(session.connection.runs.live(thread_id)):
            self._show(row.run_id)

    def look(self) -> None:
        """Wait a moment for the next run, and show it."""
        try:
            self._show(self._told.get(timeout=MOMENT))
        except queue.Empty:
            if time.monotonic() - self._looked > LOOKS_EVERY:
                self._looked = time.monotonic()
                rows = self._session.connection.runs.newest(self._thread_id, NEWEST)
                for row in reversed([row for row in rows if row.run_id not in self._before]):
                    self._show(row.run_id)

    @property
    def is_over(self) -> bool:
        """Whether so many runs were shown, and have ended."""
        enough = self._count is not None and len(self.shown) >= self._count
        return enough and all(run.is_settled for run in self.shown)

    def close(self) -> None:
        """End the stream."""
        self._stream.cancel()

    def _show(self, run_id: str) -> None:
        if run_id in {run.run_id for run in self.shown}:
            return
        row = self._session.connection.runs.get(self._thread_id, run_id)
        if row is not None:
            run = attached(self._session, row, self._thread_id)
            self.shown.append(run)
            self._session.announce(run)


async def _tell(connection: Connection, thread_id: str, told: queue.SimpleQueue[str]) -> None:
    """Put the id of each run that begins into `told`. Where that stream ends, looking now and then goes on without it."""
    try:
        async for run_id in thread_runs(connection, thread_id):
            told.put(run_id)
    except DeploymentError:
        return
