"""A thread's status, in the same words as a run's status. Must not depend on what shows it.

The server reports `interrupted` for a thread that waits for a person, stopped at a breakpoint, or was cancelled, and `error` for
one whose run failed or was stopped at its time limit. The newest run distinguishes them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Literal, TypeAlias

from lg_magics.errors import DeploymentError
from lg_magics.follow.tracked_run import tracked
from lg_magics.model.events import error_from_payload
from lg_magics.model.interrupts import interrupts_from_state, interrupts_from_thread
from lg_magics.model.records import ThreadRecord
from lg_magics.server.connection import Connection
from lg_magics.server.errors import is_away
from lg_magics.session import Session
from lg_magics.tables.table import time_from_iso

__all__ = ["SERVER_WORDS", "ThreadStatus", "error_words", "thread_errors", "thread_statuses"]

ThreadStatus: TypeAlias = Literal["idle", "pending", "running", "waiting", "cancelled", "error", "timeout"]
SERVER_WORDS = {
    "pending": "busy",
    "running": "busy",
    "waiting": "interrupted",
    "cancelled": "interrupted",
    "timeout": "error",
}
"""The server's status to search for."""
AT_ONCE = 16
NEWEST_READ = 10


def thread_statuses(session: Session, rows: Sequence[ThreadRecord]) -> dict[str, str]:
    """The status of each thread, by its id. A thread that is not idle, and asks nothing, costs a call.

    Runs of this session that waited there, and were resumed elsewhere, get a note.

    Raises:
        DeploymentError: the deployment does not answer, or is too busy: the status of no thread is guessed then.
    """
    open_rows = [row for row in rows if _needs_runs(row)]
    found = dict(
        zip(
            (row.thread_id for row in open_rows),
            session.loop.wait(_from_runs(session.connection, open_rows)) if open_rows else (),
            strict=True,
        )
    )
    words = {row.thread_id: found.get(row.thread_id) or _from_row(row) for row in rows}
    for row in rows:
        if words[row.thread_id] in ("idle", "running", "pending"):
            _end_waiting(session, row)
    return words


def _end_waiting(session: Session, row: ThreadRecord) -> None:
    """Note on waiting runs that their thread has gone on, unless the row was read before the run stopped."""
    changed = time_from_iso(row.updated_at)
    for run in session.tracker.runs_on(session.connection, row.thread_id):
        ended = run.view.ended_at
        if run.is_waiting and changed is not None and ended is not None and changed.timestamp() > ended:
            tracked(run).end_waiting("went on elsewhere")


def _needs_runs(row: ThreadRecord) -> bool:
    return row.status in ("busy", "error") or (row.status == "interrupted" and not interrupts_from_thread(row))


def _from_row(row: ThreadRecord) -> str:
    """The status as far as it is known without the runs."""
    return {"busy": "running", "interrupted": "waiting"}.get(row.status, row.status)


async def _from_runs(connection: Connection, rows: Sequence[ThreadRecord]) -> list[str]:
    at_once = asyncio.Semaphore(AT_ONCE)

    async def read(row: ThreadRecord) -> str:
        async with at_once:
            try:
                return await _word(connection, row)
            except DeploymentError as problem:
                if is_away(problem):
                    raise
                return _from_row(row)  # it is gone, or this server lists no runs of it

    return await asyncio.gather(*map(read, rows))


def error_words(row: ThreadRecord) -> str:
    """The error of a thread, as `ValueError: no results`; "" if it has none, or the field was not requested."""
    return ": ".join(filter(None, error_from_payload(row.get("error"))[:2]))


def thread_errors(session: Session, rows: Sequence[ThreadRecord]) -> list[str]:
    """The error of each thread, as `ValueError: no results`, with one call for each; "" if it is gone.

    Raises:
        DeploymentError: the deployment does not answer, or is too busy.
    """
    return session.loop.wait(_errors(session.connection, rows))


async def _errors(connection: Connection, rows: Sequence[ThreadRecord]) -> list[str]:
    at_once = asyncio.Semaphore(AT_ONCE)

    async def read(row: ThreadRecord) -> str:
        async with at_once:
            try:
                return error_words(await connection.background.threads.get(row.thread_id))
            except DeploymentError as problem:
                if is_away(problem):
                    raise
                return ""

    return await asyncio.gather(*map(read, rows))


async def _word(connection: Connection, row: ThreadRecord) -> str:
    runs = await connection.background.runs.newest(row.thread_id, NEWEST_READ, select=["run_id", "status"])
    statuses = [run.status for run in runs]
    match row.status:
        case "busy":
            return "pending" if "pending" in statuses and "running" not in statuses else "running"
        case "error":
            return "timeout" if statuses[:1] == ["timeout"] else "error"
        case _ if not statuses or statuses[0] == "success":
            return "waiting"
    if "interrupts" in row:
        return "cancelled"
    return "waiting" if interrupts_from_state(await connection.background.states.get(row.thread_id)) else "cancelled"
