"""A deployment's threads as a table, with the numbers that this session gave them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Literal

from lg_magics.commands.grammar.kinds import Limit, Offset
from lg_magics.commands.grammar.parameters import KeyValues
from lg_magics.commands.grammar.registry import command
from lg_magics.model.records import ThreadRecord
from lg_magics.session import Session
from lg_magics.tables.table import Table
from lg_magics.tables.thread import Thread, thread_from_row, threads_table, title_from_row

__all__ = ["thread_of_row", "threads"]


@command("threads", group="Threads")
def threads(
    session: Session,
    *,
    status: Literal["idle", "busy", "interrupted", "error"] | None = None,
    metadata: Annotated[Mapping[str, object] | None, KeyValues()] = None,
    limit: Limit = 10,
    offset: Offset = 0,
    all: bool = False,
) -> Table:
    """List the deployment's threads, the newest change first.

    Args:
        status: Only those that are idle, busy, interrupted (waiting for a person) or error.
        metadata: Only those that carry this, as k=v; may be repeated.
        limit: At most so many.
        offset: After so many.
        all: All of them, whatever --limit is.

    Returns:
        A table with each thread's number, title and status; `.df` is a pandas frame.

    Example:
        %lg_threads --status interrupted
    """
    found = session.connection.threads.search(
        status=status, metadata=metadata, limit=None if all else limit, offset=offset
    )
    table = threads_table(
        [thread_of_row(session, row) for row in found.rows],
        is_whole=found.is_whole and not offset,
        more="" if found.is_whole else f"--limit N, --offset {offset + limit} or --all",
        attrs={"deployment": session.connection.url},
    )
    return replace(table, offset=offset)


def thread_of_row(session: Session, row: ThreadRecord, note: str = "") -> Thread:
    """A thread from the server's row, with its number in this session; what the row says of waiting is remembered."""
    info = session.tracker.thread(row.thread_id, title_from_row(row))
    session.tracker.knows_waiting(info.id, row.status in ("interrupted", "error"))
    current = session.selection.thread
    return thread_from_row(row, info, note=note, is_current=current is not None and current.id == info.id)
