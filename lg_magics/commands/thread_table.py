"""A deployment's threads as a table, with the numbers that this session gave them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Annotated

from lg_magics.errors import CommandError
from lg_magics.grammar.kinds import Ago, Limit, Offset
from lg_magics.grammar.parameters import KeyValues, Option
from lg_magics.grammar.registry import command
from lg_magics.model.moments import moment_before
from lg_magics.model.records import ThreadRecord
from lg_magics.model.secrets import without_secrets
from lg_magics.model.thread_query import ThreadOrder, ThreadQuery, ThreadSort
from lg_magics.resolve.many_threads import found_threads, which_threads
from lg_magics.resolve.thread_status import ThreadStatus, thread_errors, thread_statuses
from lg_magics.session import Session
from lg_magics.tables.table import Table
from lg_magics.tables.thread import COLUMNS, ERROR, Thread, thread_from_row, threads_table, title_from_row

__all__ = ["thread_of_row", "threads"]

ROOTS = ("values", "metadata", "config", "interrupts")
"""What a path of --extract may begin with."""


@command("threads", group="Threads")
def threads(
    session: Session,
    *,
    status: ThreadStatus | None = None,
    metadata: Annotated[Mapping[str, object] | None, KeyValues()] = None,
    values: Annotated[Mapping[str, object] | None, KeyValues(everyday=False)] = None,
    ids: Annotated[object, Option(value="$threads", completes="python", everyday=False)] = None,
    since: Ago = None,
    sort: Annotated[ThreadSort, Option(everyday=False)] = "updated_at",
    order: Annotated[ThreadOrder, Option(everyday=False)] = "desc",
    extract: Annotated[Mapping[str, object] | None, KeyValues(value="COLUMN=PATH", everyday=False)] = None,
    limit: Limit = 10,
    offset: Offset = 0,
    all: bool = False,
    open: bool = False,
) -> Table:
    """List the deployment's threads, the newest change first.

    Args:
        status: Only those that are idle, pending, running, waiting (for a person), cancelled, error or timeout: how the newest
            run ended, or what it does now. With error and timeout, a column says why.
        metadata: Only those that carry this, as k=v; may be repeated.
        values: Only those whose state has this, as k=v or k:=JSON; may be repeated.
        ids: Only those of these: a list, a table or a frame.
        since: Only those that have changed since: 7d ago, or a date.
        sort: What to order them by.
        order: The largest or newest first (desc), or last (asc).
        extract: One more column, as last=values.messages[-1].content; may be repeated.
        limit: At most so many.
        offset: After so many.
        all: All of them, whatever --limit is.
        open: On a page: choose a row, and use, copy or delete the thread there; Close leaves the table.

    Returns:
        A table with each thread's number, title and status; `.df` is a pandas frame.

    Raises:
        Unsupported: the deployment does not know one of these options.

    Example:
        %lg_threads --status waiting
    """
    query = ThreadQuery(
        metadata=metadata or {},
        values=values or {},
        ids=None if ids is None else [each.id for each in which_threads(session, ids)],
        since=moment_before(since, session.connection.now(), "--since") if since is not None else None,
        sort=sort,
        order=order,
        extract=_paths(extract or {}),
    )
    rows, is_whole, total = found_threads(session, query, status, None if all else limit, offset)
    words = thread_statuses(session, rows)
    further: dict[str, Sequence[object]] = {
        name: [(row.extracted or {}).get(name) for row in rows] for name in query.extract
    }
    if status in ("error", "timeout"):
        further[ERROR] = thread_errors(session, rows)
    table = threads_table(
        [thread_of_row(session, row, status=words[row.thread_id]) for row in rows],
        without_secrets(further),
        total=total,
        is_whole=is_whole and not offset,
        more="" if is_whole else f"--limit N, --offset {offset + limit} or --all",
        attrs={"deployment": session.connection.url},
    )
    again = partial(
        threads,
        session,
        status=status,
        metadata=metadata,
        values=values,
        ids=ids,
        since=since,
        sort=sort,
        order=order,
        extract=extract,
        limit=limit,
        offset=offset,
        all=all,
    )
    return replace(table, offset=offset, again=again if open else None)


def _paths(extract: Mapping[str, object]) -> dict[str, str]:
    """The columns that are asked for, by name, each with its path.

    Raises:
        CommandError: a column of this name is there already, or a path begins with nothing that a thread has.
    """
    taken = {column.name for column in COLUMNS} | {"first", ERROR}
    for name, path in extract.items():
        if name in taken:
            raise CommandError(f"--extract {name}=…: there is a column {name} already.", hint="Give it another name.")
        if not isinstance(path, str) or path.partition(".")[0].partition("[")[0] not in ROOTS:
            hint = "--extract last=values.messages[-1].content"
            raise CommandError(f"--extract {name}: a path begins with {', '.join(ROOTS)}.", hint=hint)
    return {name: str(path) for name, path in extract.items()}


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
