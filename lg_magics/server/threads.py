"""Rows of threads without their values, which may be large: 162 threads are 0.63 MB with them, 0.03 MB without."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from lg_magics.errors import InvalidRequest, NotFound, Unsupported

if TYPE_CHECKING:
    from langgraph_sdk.schema import ThreadSelectField

    from lg_magics.server.connection import Connection

__all__ = [
    "MOST",
    "find_thread",
    "find_thread_words",
    "find_threads",
    "statuses_of_runs",
    "words_of_threads",
]

Row = Mapping[str, Any]
MOST = 1000
AT_ONCE = 16
SELECT: tuple[ThreadSelectField, ...] = ("thread_id", "status", "metadata", "created_at", "updated_at", "interrupts")
WORDS: tuple[ThreadSelectField, ...] = ("thread_id", "status", "updated_at", "interrupts")
"""What the server says of a thread in few words: all that tells whether a run on it paused."""
FIRST_MESSAGE = {"first": "values.messages[0]"}


def find_threads(
    connection: Connection,
    *,
    status: Any = None,
    metadata: dict[str, Any] | None = None,
    limit: int = MOST,
    offset: int = 0,
) -> list[dict[str, Any]]:
    """Rows of threads, newest change first: id, status, metadata, times, interrupts, and the first message (`extracted.first`).

    Args:
        connection: to the deployment.
        status: only those that are idle, busy, interrupted or error.
        metadata: only those that carry these.
        limit: at most so many, 1000 by the server's rule.
        offset: after so many.

    Raises:
        DeploymentError: the deployment does not answer, or refuses.
    """
    with connection.doing("list the threads", feature="list of threads"):
        found = connection.sync.threads.search(
            status=status,
            metadata=metadata,
            limit=limit,
            offset=offset,
            select=list(SELECT),
            extract=FIRST_MESSAGE,
            sort_by="updated_at",
            sort_order="desc",
        )
    return [dict(row) for row in found]


def find_thread(connection: Connection, thread_id: str) -> dict[str, Any] | None:
    """The row of the thread that has this id, with the fields of `find_threads`; None if there is no such thread.

    Some servers ignore the ids in a search, and answer with the newest threads; others have no search. They are asked for
    the thread itself: that row has the thread's values too, which may be large.

    Raises:
        DeploymentError: the deployment does not answer, or refuses.
    """
    if connection.finds_by_id:
        try:
            with connection.doing("read the thread", feature="list of threads"):
                found = connection.sync.threads.search(
                    ids=[thread_id], limit=1, select=list(SELECT), extract=FIRST_MESSAGE
                )
            rows = _rows_by_id(connection, found, [thread_id])
            return dict(rows[thread_id]) if thread_id in rows else None
        except (Unsupported, InvalidRequest):
            pass  # it has no such search
    try:
        with connection.doing("read the thread", missing=f"thread {thread_id}"):
            return _row_if(connection.sync.threads.get(thread_id), thread_id)
    except NotFound:
        return None


def _rows_by_id(connection: Connection, found: Iterable[Mapping[str, Any]], ids: Sequence[str]) -> dict[str, Row]:
    """The rows that a search by ids gave, by thread id.

    Raises:
        Unsupported: there is a row that nobody asked for, so the server ignores the ids: what is missing may be there.
    """
    rows = {str(row.get("thread_id")): row for row in found}
    if rows.keys() <= set(ids):
        return rows
    connection.finds_by_id = False
    raise _ignores_ids(connection)


def _ignores_ids(connection: Connection) -> Unsupported:
    return Unsupported(f"This deployment ({connection.url}) does not find threads by their ids.")


def _row_if(row: Mapping[str, Any], thread_id: str) -> dict[str, Any] | None:
    return dict(row) if row.get("thread_id") == thread_id else None


async def find_thread_words(
    connection: Connection, ids: Sequence[str], *, extract: Mapping[str, str] | None = None
) -> dict[str, Row]:
    """Status, time of the last change and interrupts of threads, by id, with one call. A thread that is gone is missing.

    Args:
        connection: to the deployment; on the background loop.
        ids: at most 1000 (MOST), whole ids.
        extract: more to ask for, by name: {"graph": "metadata.graph_id"}; it comes as `extracted`.

    Raises:
        Unsupported: the deployment does not find threads by their ids: `words_of_threads` asks it in another way.
        DeploymentError: the deployment does not answer, or refuses.
    """
    if not connection.finds_by_id:
        raise _ignores_ids(connection)
    with connection.doing("look at the threads"):
        found = await connection.polls.threads.search(
            ids=ids, select=list(WORDS), limit=max(1, len(ids)), extract=dict(extract) if extract else None
        )
    return _rows_by_id(connection, found, ids)


async def words_of_threads(
    connection: Connection, ids: Sequence[str], *, extract: Mapping[str, str] | None = None
) -> dict[str, Row]:
    """The same as `find_thread_words` from any deployment: each thread that a search does not find is asked for itself.

    Raises:
        DeploymentError: the deployment does not answer, or refuses.
    """
    found: dict[str, Row] = {}
    with suppress(Unsupported, InvalidRequest, NotFound):
        found = await find_thread_words(connection, ids, extract=extract)
    at_once = asyncio.Semaphore(AT_ONCE)

    async def read(thread_id: str) -> Row | None:
        try:
            async with at_once:
                with connection.doing("look at a thread", missing=f"thread {thread_id}"):
                    return _row_if(await connection.polls.threads.get(thread_id), thread_id)
        except NotFound:
            return None

    rows = await asyncio.gather(*(read(each) for each in ids if each not in found))
    return {**found, **{str(row["thread_id"]): _with_extracted(row, extract or {}) for row in rows if row}}


def _with_extracted(row: Row, extract: Mapping[str, str]) -> Row:
    """A thread's own row with what a search would have extracted from its metadata."""
    metadata = row.get("metadata")
    if not extract or not isinstance(metadata, Mapping):
        return row
    return {**row, "extracted": {name: metadata.get(path.removeprefix("metadata.")) for name, path in extract.items()}}


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
