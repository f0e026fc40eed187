"""Threads: delete one, or all of a table or a filter; keep only the newest state of each. Says first how many."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from typing import Annotated

from lg_magics.actions.protected import refuse_if_protected
from lg_magics.errors import CommandError, NotFound
from lg_magics.grammar.kinds import THREAD, Ago
from lg_magics.grammar.parameters import KeyValues
from lg_magics.grammar.registry import command
from lg_magics.model.moments import moment_before
from lg_magics.model.run_info import ThreadInfo
from lg_magics.model.thread_query import ThreadQuery
from lg_magics.resolve.many_threads import found_threads, is_many, which_threads
from lg_magics.resolve.thread_status import ThreadStatus
from lg_magics.resolve.threads import current_thread, which_thread
from lg_magics.session import Session
from lg_magics.tables.facts import Facts
from lg_magics.tables.thread import title_from_row

__all__ = ["delete", "prune"]

NAMED = 10
Pairs = Annotated[Mapping[str, object] | None, KeyValues()]


@command("thread delete", group="Threads")
def delete(
    session: Session,
    thread: Annotated[object, THREAD] = None,
    *,
    status: ThreadStatus | None = None,
    older_than: Ago = None,
    metadata: Pairs = None,
    yes: bool = False,
) -> Facts:
    """Delete a thread, or many, with all that they hold, and their crons. A live run is cancelled first.

    Of a list, a table or a filter, it says how many threads there are, and deletes them with --yes.

    Args:
        thread: t2, a name, an id or a part of one; a list, a table or a frame of threads; the current one otherwise.
        status: All that are idle, pending, running, waiting, cancelled, error or timeout.
        older_than: All that have not changed for so long, or since a date.
        metadata: All that carry this, as k=v; may be repeated.
        yes: Delete them, if they are many; and on a protected deployment too.

    Returns:
        What was deleted, or what would be: `.data["thread_ids"]`.

    Example:
        %lg_thread delete t2
    """
    if not _is_of_many(thread, status, older_than, metadata):
        found = which_thread(session, thread) if isinstance(thread, str) else _one(session, thread)
        refuse_if_protected(session, f"thread {found} is not deleted", yes=yes)
        return _deleted(session, found)
    chosen = _chosen(session, thread, status, older_than, metadata)
    if chosen:
        refuse_if_protected(session, f"{_counted(len(chosen))}: nothing is done", yes=yes)
    if not (chosen and yes):
        return _preview(chosen, "delete", "deleted")
    cancelled = _cancel_live_runs_of(session, chosen)
    count = session.connection.threads.delete_many([each.id for each in chosen])
    for each in chosen:
        session.crons.gone_with_thread(each.id)
    current = session.selection.thread
    is_current = current is not None and current.id in {each.id for each in chosen}
    if is_current:
        session.select(thread=None)
    first = f"Cancelled {cancelled} live run{'s' * (cancelled != 1)}. " if cancelled else ""
    return Facts(
        f"{first}Deleted {_counted(count)}.{' No thread is current now.' if is_current else ''}",
        data={"thread_ids": [each.id for each in chosen]},
    )


@command("thread prune", group="Threads")
def prune(
    session: Session,
    thread: Annotated[object, THREAD] = None,
    *,
    status: ThreadStatus | None = None,
    older_than: Ago = None,
    metadata: Pairs = None,
    yes: bool = False,
) -> Facts:
    """Delete the history of threads but the newest state of each. Nothing can be forked from what is gone.

    It says how many threads there are, and prunes them with --yes. The in-memory server cannot do it.

    Args:
        thread: t2, a name, an id or a part of one; a list, a table or a frame of threads; the current one otherwise.
        status: All that are idle, pending, running, waiting, cancelled, error or timeout.
        older_than: All that have not changed for so long, or since a date.
        metadata: All that carry this, as k=v; may be repeated.
        yes: Prune them; and on a protected deployment too.

    Raises:
        InvalidRequest: the deployment cannot prune.

    Example:
        %lg_thread prune --older-than 30d --yes
    """
    chosen = _chosen(session, thread, status, older_than, metadata)
    if chosen:
        refuse_if_protected(session, f"{_counted(len(chosen))}: nothing is done", yes=yes)
    if not (chosen and yes):
        return _preview(chosen, "prune", "pruned")
    count = session.connection.threads.prune([each.id for each in chosen])
    return Facts(f"Pruned {_counted(count)}.", data={"thread_ids": [each.id for each in chosen]})


def _is_of_many(thread: object, *filters: object) -> bool:
    return is_many(thread) or any(filters)


def _one(session: Session, thread: object) -> ThreadInfo:
    return current_thread(session) if thread is None else which_threads(session, thread)[0]


def _chosen(
    session: Session,
    thread: object,
    status: ThreadStatus | None,
    older_than: object,
    metadata: Mapping[str, object] | None,
) -> list[ThreadInfo]:
    """The threads that are named, or that fit the filter; the longest unchanged first."""
    if not any((status, older_than, metadata)):
        return which_threads(session, thread)
    if thread is not None:
        raise CommandError("Name threads, or filter them; not both.", hint="%lg_threads --ids $threads filters some.")
    until = None if older_than is None else moment_before(older_than, session.connection.now(), "--older-than")
    query = ThreadQuery(metadata=metadata or {}, until=until, order="asc" if until else "desc")
    rows, _, _ = found_threads(session, query, status, None)
    return [session.tracker.thread(row.thread_id, title_from_row(row)) for row in rows]


def _preview(chosen: Sequence[ThreadInfo], verb: str, done: str) -> Facts:
    if not chosen:
        return Facts(f"No thread fits: nothing is {done}.", data={"thread_ids": []})
    rest = len(chosen) - NAMED
    names = ", ".join(map(str, chosen[:NAMED])) + (f" and {rest} more" if rest > 0 else "")
    return Facts(
        f"{_counted(len(chosen))} would be {done}. Nothing is {done} yet.",
        (("threads", names),),
        ((f"%lg_thread {verb} … --yes", f"{verb} {'it' if len(chosen) == 1 else 'them'}"),),
        data={"thread_ids": [each.id for each in chosen]},
    )


def _counted(count: int) -> str:
    return f"{count:,} thread{'s' * (count != 1)}"


def _deleted(session: Session, found: ThreadInfo) -> Facts:
    cancelled = _cancel_live_runs(session, found)
    session.connection.threads.delete(found.id, found.shown)
    session.crons.gone_with_thread(found.id)
    is_current = session.selection.thread is not None and session.selection.thread.id == found.id
    if is_current:
        session.select(thread=None)
    names = ", ".join(run.number if (run := session.tracker.run(each)) else f"·{each[-5:]}" for each in cancelled)
    first = f"Cancelled {names}. " if cancelled else ""
    return Facts(f"{first}Deleted thread {found}.{' No thread is current now.' if is_current else ''}")


def _cancel_live_runs_of(session: Session, threads: Sequence[ThreadInfo]) -> int:
    """Cancel what is live on many threads; one search tells which are busy."""
    wanted = {each.id: each for each in threads}
    busy = session.connection.threads.find_all(ThreadQuery(status="busy")).rows
    return sum(len(_cancel_live_runs(session, wanted[row.thread_id])) for row in busy if row.thread_id in wanted)


def _cancel_live_runs(session: Session, thread: ThreadInfo) -> list[str]:
    """Cancel what is live on a thread: one that is deleted under a live run stays busy for good."""
    runs = session.connection.runs
    found = [row.run_id for row in runs.live(thread.id)]
    for run_id in found:
        with contextlib.suppress(NotFound):  # it may end meanwhile
            runs.cancel(thread.id, [run_id], wait=True)
    return found
