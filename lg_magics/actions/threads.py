"""Operations on threads: cancel their runs, delete or change many, copy one to another deployment. Draws nothing."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

from lg_magics.actions.many_writes import ManyWrites
from lg_magics.errors import DeploymentError, NotFound
from lg_magics.model.conversation import conversation_in
from lg_magics.model.messages import messages_from_values
from lg_magics.model.records import StateRecord, ThreadRecord
from lg_magics.model.run_info import ThreadInfo
from lg_magics.model.state_write import names_of_nodes
from lg_magics.model.supersteps import supersteps_from
from lg_magics.model.thread_query import ThreadQuery
from lg_magics.resolve.thread_status import thread_statuses
from lg_magics.resolve.threads import thread_info
from lg_magics.server.connection import Connection
from lg_magics.session import Session
from lg_magics.tables.thread import TITLE_KEY, Thread, thread_from_row, title_from_row

__all__ = ["copy_across", "delete_thread", "delete_threads", "thread_of_row", "update_threads"]

AT_ONCE = 100  # threads that one call deletes
COPIED_FROM = "lg_copied_from"
DIFFERS = (
    "The values of the copy differ: the history names no node for values that were written by hand, and for a node behind an "
    "edge from several nodes, so these were not copied."
)
NOT_COMPARED = "Its state was not compared with that of the thread."


def thread_of_row(session: Session, row: ThreadRecord, note: str = "", *, status: str = "") -> Thread:
    """A thread from the server's row, with its number in this session. Remembers whether it waits for a person.

    Its `status` is requested if it is not given.
    """
    info = thread_info(session, row)
    session.tracker.remember_waiting(session.connection, info.id, row.status in ("interrupted", "error"))
    current = session.selection.thread
    status = status or thread_statuses(session, [row])[row.thread_id]
    is_current = current is not None and current.id == info.id
    return thread_from_row(row, info, status=status, note=note, is_current=is_current)


def delete_thread(session: Session, thread: ThreadInfo) -> list[str]:
    """Delete a thread with everything on it. Cancels its live runs first, and returns their ids.

    Raises:
        NotFound: no such thread. DeploymentError: the deployment does not answer, or refuses.
    """
    cancelled = _cancel_live_runs(session, [thread])
    session.connection.threads.delete(thread.id, thread.shown)
    _forget(session, [thread])
    return cancelled


def delete_threads(session: Session, threads: Sequence[ThreadInfo]) -> tuple[int, int]:
    """Delete threads with everything on them. Cancels their live runs first.

    Returns:
        The number of cancelled runs, and of deleted threads, without those that were gone already.

    Raises:
        LoadInterrupted: a kernel interrupt; the message has the number of threads deleted.
        DeploymentError: the deployment does not answer, or refuses; the message has that number.
    """
    cancelled = _cancel_live_runs(session, threads)
    parts = [threads[start : start + AT_ONCE] for start in range(0, len(threads), AT_ONCE)]
    delete_many, counts = session.connection.background.threads.delete_many, list[int]()

    async def delete(part: Sequence[ThreadInfo]) -> None:
        counts.append(await delete_many([each.id for each in part]))

    writes = ManyWrites(parts, delete, noun="thread", verb="deleted", name=_part_name, size=len, at_once=1)
    try:
        writes.run(session)
    finally:
        _forget(session, [each for part in writes.done for each in part])
    return len(cancelled), sum(counts)


def _part_name(part: Sequence[ThreadInfo]) -> str:
    return str(part[0]) if len(part) == 1 else f"{part[0]} to {part[-1]}"


def _forget(session: Session, threads: Sequence[ThreadInfo]) -> None:
    """Forget deleted threads: their crons and branches, and the current thread if it is one of them."""
    for each in threads:
        session.crons.gone_with_thread(each.id)
        session.tracker.forget_branches(session.connection, each.id)
    current = session.selection.thread
    if current is not None and current.id in {each.id for each in threads}:
        session.select(thread=None)


def _cancel_live_runs(session: Session, threads: Sequence[ThreadInfo]) -> list[str]:
    """Cancel the live runs of threads, and return their ids: a thread that is deleted under a live run stays busy for good.

    For many threads, one search finds the busy ones.
    """
    runs, cancelled = session.connection.runs, list[str]()
    if len(threads) > 1:
        busy = {row.thread_id for row in session.connection.threads.find_all(ThreadQuery(status="busy")).rows}
        threads = [each for each in threads if each.id in busy]
    for thread in threads:
        for row in runs.live(thread.id):
            with contextlib.suppress(NotFound):  # it may end meanwhile
                runs.cancel(thread.id, [row.run_id], wait=True)
            cancelled.append(row.run_id)
    return cancelled


def update_threads(
    session: Session, threads: Sequence[ThreadInfo], metadata: Mapping[str, Any], *, ttl: float | None
) -> None:
    """Change the metadata and time to live of threads, several at a time.

    Raises:
        LoadInterrupted: a kernel interrupt; the message has the number of threads changed.
        DeploymentError: the deployment does not answer, or refuses; the message names the thread, and has that number.
    """
    update = session.connection.background.threads.update
    ManyWrites(
        threads,
        lambda thread: update(thread.id, metadata, ttl=ttl, shown=thread.shown),
        noun="thread",
        verb="changed",
        name=str,
    ).run(session)


def copy_across(source: Connection, thread_id: str, target: Connection) -> tuple[ThreadRecord, str]:
    """Copy a thread to another deployment; returns the new thread, and a warning if its state differs."""
    row = source.threads.find(thread_id)
    if row is None:
        raise NotFound(f"No thread '{thread_id}' on {source.url}.", hint="%lg_threads lists them.")
    steps = supersteps_from([entry for page in source.history.pages(thread_id) for entry in page.rows])
    kept = {name: value for name, value in row.metadata.items() if name != "assistant_id"}
    metadata = {TITLE_KEY: title_from_row(row), **kept, COPIED_FROM: f"{source.url} {thread_id}"}
    made = target.threads.create(
        metadata=metadata, graph_id=row.graph_id or None, supersteps=steps or None, doing="copy the thread"
    )
    try:
        here, there = source.states.get(thread_id), target.states.get(made.thread_id)
    except (DeploymentError, KeyboardInterrupt):  # the copy exists: return its id
        return made, NOT_COMPARED
    differs = "" if _compared(here) == _compared(there) else DIFFERS
    return made, " ".join(filter(None, (differs, _next_differs(here.next, there.next))))


def _next_differs(here: Sequence[str], there: Sequence[str]) -> str:
    if sorted(here) == sorted(there):
        return ""
    return f"Next on the thread is {names_of_nodes(here)}, and on the copy {names_of_nodes(there)}."


def _compared(state: StateRecord) -> tuple[object, ...]:
    """The parts of a state's values to compare: a server may give a message another id, and keep its usage elsewhere."""
    values = state.get("values")
    messages = [
        (each.role, each.text, [(call.name, dict(call.args)) for call in each.tool_calls])
        for each in messages_from_values(values)
    ]
    key, _ = conversation_in(values)
    rest = {name: held for name, held in values.items() if name != key} if isinstance(values, Mapping) else values
    return messages, rest
