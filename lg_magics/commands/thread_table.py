"""A deployment's threads as a table, with the numbers that this session gave them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Annotated

from lg_magics.commands.grammar.kinds import Limit, Offset
from lg_magics.commands.grammar.parameters import KeyValues
from lg_magics.commands.grammar.registry import command
from lg_magics.commands.thread_status import SERVER_WORDS, ThreadStatus, thread_statuses
from lg_magics.model.records import ThreadRecord
from lg_magics.session import Session
from lg_magics.tables.table import Table
from lg_magics.tables.thread import Thread, thread_from_row, threads_table, title_from_row

__all__ = ["thread_of_row", "threads"]


@command("threads", group="Threads")
def threads(
    session: Session,
    *,
    status: ThreadStatus | None = None,
    metadata: Annotated[Mapping[str, object] | None, KeyValues()] = None,
    limit: Limit = 10,
    offset: Offset = 0,
    all: bool = False,
    open: bool = False,
) -> Table:
    """List the deployment's threads, the newest change first.

    Args:
        status: Only those that are idle, pending, running, waiting (for a person), cancelled, error or timeout: how the newest
            run ended, or what it does now.
        metadata: Only those that carry this, as k=v; may be repeated.
        limit: At most so many.
        offset: After so many.
        all: All of them, whatever --limit is.
        open: On a page: choose a row, and use, copy or delete the thread there; Close leaves the table.

    Returns:
        A table with each thread's number, title and status; `.df` is a pandas frame.

    Example:
        %lg_threads --status waiting
    """
    rows, is_whole = _found(session, status, metadata, None if all else limit, offset)
    words = thread_statuses(session, rows)
    table = threads_table(
        [thread_of_row(session, row, status=words[row.thread_id]) for row in rows],
        is_whole=is_whole and not offset,
        more="" if is_whole else f"--limit N, --offset {offset + limit} or --all",
        attrs={"deployment": session.connection.url},
    )
    again = partial(threads, session, status=status, metadata=metadata, limit=limit, offset=offset, all=all)
    return replace(table, offset=offset, again=again if open else None)


def _found(
    session: Session,
    status: ThreadStatus | None,
    metadata: Mapping[str, object] | None,
    limit: int | None,
    offset: int,
) -> tuple[list[ThreadRecord], bool]:
    """So many threads, and whether they are all. Where the server has one word for two of ours, all of its are looked through."""
    threads = session.connection.threads
    if status is None or status == "idle":
        found = threads.search(status=status, metadata=metadata, limit=limit, offset=offset)
        return found.rows, found.is_whole
    rows = threads.search(status=SERVER_WORDS.get(status, status), metadata=metadata).rows
    words = thread_statuses(session, rows)
    fitting = [row for row in rows if words[row.thread_id] == status][offset:]
    return (fitting, True) if limit is None else (fitting[:limit], len(fitting) <= limit)


def thread_of_row(session: Session, row: ThreadRecord, note: str = "", *, status: str = "") -> Thread:
    """A thread from the server's row, with its number in this session; what the row says of waiting is remembered.

    Its `status` is asked for where it is not given.
    """
    info = session.tracker.thread(row.thread_id, title_from_row(row))
    session.tracker.knows_waiting(info.id, row.status in ("interrupted", "error"))
    current = session.selection.thread
    status = status or thread_statuses(session, [row])[row.thread_id]
    is_current = current is not None and current.id == info.id
    return thread_from_row(row, info, status=status, note=note, is_current=is_current)
