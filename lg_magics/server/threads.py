"""Rows of threads without their values, which may be large: 162 threads are 0.63 MB with them, 0.03 MB without."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lg_magics.errors import NotFound, Unsupported

if TYPE_CHECKING:
    from langgraph_sdk.schema import ThreadSelectField

    from lg_magics.server.connection import Connection

__all__ = ["MOST", "WORDS", "find_threads", "statuses_of_runs", "words_of_threads"]

MOST = 1000
SELECT: tuple[ThreadSelectField, ...] = ("thread_id", "status", "metadata", "created_at", "updated_at", "interrupts")
WORDS: tuple[ThreadSelectField, ...] = ("thread_id", "status", "updated_at", "interrupts")
"""What the server says of a thread in few words: all that tells whether a run on it paused."""
EXTRACT = {"first": "values.messages[0]"}


def find_threads(
    connection: Connection,
    *,
    ids: Sequence[str] | None = None,
    status: Any = None,
    metadata: dict[str, Any] | None = None,
    limit: int = MOST,
    offset: int = 0,
) -> list[dict[str, Any]]:
    """Rows of threads, newest change first: id, status, metadata, times, interrupts, and the first message (`extracted.first`).

    Args:
        connection: to the deployment.
        ids: only these.
        status: only those that are idle, busy, interrupted or error.
        metadata: only those that carry these.
        limit: at most so many, 1000 by the server's rule.
        offset: after so many.

    Raises:
        DeploymentError: the deployment does not answer, or refuses.
    """
    try:
        with connection.doing("list the threads", feature="list of threads"):
            found = connection.sync.threads.search(
                ids=ids,
                status=status,
                metadata=metadata,
                limit=limit,
                offset=offset,
                select=list(SELECT),
                extract=EXTRACT,
                sort_by="updated_at",
                sort_order="desc",
            )
    except Unsupported:
        if ids is None:
            raise
        return [row for each in ids if (row := _whole_row(connection, each))]
    return [dict(row) for row in found]


def _whole_row(connection: Connection, thread_id: str) -> dict[str, Any] | None:
    """The row of one thread with its values, where the deployment has no list of threads; None if there is no such thread."""
    try:
        with connection.doing("read the thread", missing=f"thread {thread_id}"):
            return dict(connection.sync.threads.get(thread_id))
    except NotFound:
        return None


async def words_of_threads(connection: Connection, ids: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """What the server says of threads, by id: status, time of the last change, interrupts. One that is gone is missing.

    Args:
        connection: to the deployment; on the background loop.
        ids: at most 1000 (MOST), whole ids.

    Raises:
        DeploymentError: the deployment does not answer, or refuses.
    """
    with connection.doing("look at the threads"):
        found = await connection.polls.threads.search(ids=ids, select=list(WORDS), limit=max(1, len(ids)))
    return {row["thread_id"]: row for row in found}


async def statuses_of_runs(connection: Connection, thread_id: str) -> dict[str, str]:
    """The server's word for each run of a thread (for the newest 1000), by run id; none of a thread that is gone.

    Raises:
        DeploymentError: the deployment does not answer, or refuses.
    """
    try:
        with connection.doing("list the runs", missing=f"thread {thread_id}"):
            found = await connection.polls.runs.list(thread_id, limit=MOST, select=["run_id", "status"])
    except NotFound:
        return {}
    return {row["run_id"]: row["status"] for row in found}
