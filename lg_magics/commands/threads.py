"""Threads: make, choose, show, copy, rename, update, delete."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

from lg_magics.commands.grammar.kinds import THREAD
from lg_magics.commands.grammar.parameters import KeyValues, Option, Positional
from lg_magics.commands.grammar.registry import command
from lg_magics.commands.protected import refuse_if_protected
from lg_magics.commands.thread_table import thread_of_row
from lg_magics.commands.which import current_thread, thread_id_from_name, which_thread
from lg_magics.errors import CommandError, NotFound, ReferenceError
from lg_magics.model.messages import shortened
from lg_magics.model.records import ThreadRecord
from lg_magics.model.references import is_full_id
from lg_magics.model.run_info import ThreadInfo
from lg_magics.model.secrets import row_without_secrets
from lg_magics.session import Session
from lg_magics.tables.facts import Facts
from lg_magics.tables.thread import TITLE_KEY, Thread, title_from_row

__all__ = ["copy", "delete", "new", "rename", "show", "update", "use"]


@command("thread new", group="Threads")
def new(
    session: Session,
    *,
    title: str | None = None,
    metadata: Annotated[Mapping[str, object] | None, KeyValues()] = None,
    id: Annotated[str | None, Option(value="UUID", everyday=False)] = None,
    graph: Annotated[str | None, Option(value="GRAPH", everyday=False)] = None,
    supersteps: Annotated[object, Option(value="$supersteps", completes="python", everyday=False)] = None,
) -> Thread:
    """Make a thread, and make it the current one.

    Args:
        title: Its name; otherwise it is called by its first human message.
        metadata: What to keep beside it, as k=v; may be repeated.
        id: An id of your own, a UUID.
        graph: The graph that it belongs to, so that its state can be written before anything ran.
        supersteps: A history to begin with: [{"updates": [{"values": …, "as_node": "__start__"}]}]; wants --graph.

    Raises:
        Conflict: a thread has this id already. InvalidRequest: the id is no UUID, or the history does not fit.

    Example:
        %lg_thread new
    """
    if supersteps is not None and not graph:
        raise CommandError("--supersteps wants to know whose: --graph NAME.")
    kept = {**(metadata or {}), **({TITLE_KEY: title} if title else {})}
    row = session.connection.threads.create(id, metadata=kept, graph_id=graph, supersteps=supersteps)
    return _switch(session, row, "new")


@command("thread copy", group="Threads")
def copy(session: Session, thread: Annotated[str | None, THREAD] = None) -> Thread:
    """Copy a thread with its history. The copy goes its own way; the current thread stays the current one.

    Args:
        thread: Which thread; the current one otherwise.

    Returns:
        The copy.

    Example:
        %lg_thread copy t1
    """
    found = which_thread(session, thread)
    row = session.connection.threads.copy(found.id, found.shown)
    made = session.tracker.thread(row.thread_id, title_from_row(row) or found.title)
    return replace(thread_of_row(session, row), info=made, note=f"a copy of {found.number}")


@command("thread update", group="Threads")
def update(
    session: Session,
    thread: Annotated[str | None, THREAD] = None,
    *,
    metadata: Annotated[Mapping[str, object] | None, KeyValues()] = None,
    yes: bool = False,
) -> Thread:
    """Change what is kept beside a thread: new keys are added, known ones replaced, the others stay.

    Args:
        thread: Which thread; the current one otherwise.
        metadata: A pair, k=v or k:=JSON; may be repeated.
        yes: Do it on a protected deployment too.

    Example:
        %lg_thread update --metadata project=travel
    """
    if not metadata:
        raise CommandError("Update what?", hint="%lg_thread update --metadata k=v")
    found = which_thread(session, thread)
    refuse_if_protected(session, f"thread {found} is not changed", yes=yes)
    row = session.connection.threads.update(found.id, metadata, shown=found.shown)
    return replace(thread_of_row(session, row), note=", ".join(f"{key}={value}" for key, value in metadata.items()))


def _switch(session: Session, row: ThreadRecord, note: str = "") -> Thread:
    before = session.selection.thread
    info = session.tracker.thread(row.thread_id, title_from_row(row))
    session.select(thread=info)
    was = f"was {before.number}" if before and before.id != info.id else ""
    return thread_of_row(session, row, ", ".join(filter(None, (note, was))))


@command("thread use", group="Threads")
def use(session: Session, thread: Annotated[str, THREAD], *, create: bool = False) -> Thread:
    """Make a thread the current one: runs go there from now on.

    Args:
        thread: t2, a name, an id or a part of one, last.
        create: Make it if there is none, under this name, so that "Run all" comes back to the same thread.

    Raises:
        ReferenceError: nothing, or more than one thing, bears this name.

    Example:
        %lg_thread use trip --create
    """
    try:
        row = _row(session, which_thread(session, thread))
    except (ReferenceError, NotFound):
        if not create:
            raise
        return _create_named(session, thread)
    return _switch(session, row)


def _create_named(session: Session, name: str) -> Thread:
    identity = name if is_full_id(name) else thread_id_from_name(name)
    metadata = {} if is_full_id(name) else {TITLE_KEY: name}
    row = session.connection.threads.create(
        identity, metadata=metadata, is_found=True, doing=f"make the thread '{name}'"
    )
    return _switch(session, row, "new")


def _row(session: Session, thread: ThreadInfo) -> ThreadRecord:
    row = session.connection.threads.find(thread.id)
    if row is None:
        raise NotFound(f"No thread {thread.shown} on {session.connection.url}.", hint="%lg_threads lists them.")
    return row


@command("thread show", group="Threads")
def show(session: Session, thread: Annotated[str | None, THREAD] = None) -> Facts:
    """Say what is known of a thread.

    Args:
        thread: t2, a name, an id or a part of one, last; the current one otherwise.

    Example:
        %lg_thread show
    """
    found = which_thread(session, thread)
    row = _row(session, found)
    shown = thread_of_row(session, row)
    live = ", ".join(f"{run.number} {run.status}" for run in session.tracker.live_on(found.id))
    facts = [
        ("thread", f"{shown.info.shown}{' (current)' if shown.is_current else ''}"),
        ("id", shown.thread_id),
        ("title", shown.title or "none"),
        ("status", shown.status),
        ("created", _local(shown.created_at)),
        ("updated", _local(shown.updated_at)),
        ("live runs", live or "none"),
        ("metadata", ", ".join(f"{key}={shortened(str(value))}" for key, value in shown.metadata.items()) or "none"),
    ]
    return Facts(
        f"thread {shown.info}",
        tuple(facts),
        (("%lg_messages", "read it"), ("%lg_runs", "its runs")),
        data=row_without_secrets(row),
    )


def _local(time: Any) -> str:
    return f"{time.astimezone():%Y-%m-%d %H:%M:%S}" if time else "unknown"


@command("thread rename", group="Threads")
def rename(
    session: Session,
    name: Annotated[str, Positional(value="NAME")],
    *,
    thread: Annotated[str | None, Option("-t", value="THREAD", completes="thread")] = None,
    yes: bool = False,
) -> Thread:
    """Give a thread a name.

    Args:
        name: The new name; in quotes if it has spaces.
        thread: Which thread; the current one otherwise.
        yes: Do it on a protected deployment too.

    Example:
        %lg_thread rename "Trip to Hong Kong"
    """
    if not name.strip():
        raise CommandError("A thread cannot have an empty name.")
    found = which_thread(session, thread)
    refuse_if_protected(session, f"thread {found} is not renamed", yes=yes)
    row = session.connection.threads.update(found.id, {TITLE_KEY: name}, shown=found.shown, doing="rename the thread")
    info = session.tracker.thread(found.id, name)
    if session.selection.thread and session.selection.thread.id == info.id:
        session.select(thread=info, begins_thread=session.selection.begins_thread)
    return replace(thread_of_row(session, row), note=f"was “{found.title}”" if found.title else "")


@command("thread delete", group="Threads")
def delete(
    session: Session,
    thread: Annotated[str | None, THREAD] = None,
    *,
    yes: bool = False,
) -> Facts:
    """Delete a thread with all it holds, and its crons. A live run on it is cancelled first.

    Args:
        thread: t2, a name, an id or a part of one; the current one otherwise.
        yes: Do it on a protected deployment too.

    Example:
        %lg_thread delete t2
    """
    found = which_thread(session, thread) if thread else current_thread(session)
    refuse_if_protected(session, f"thread {found} is not deleted", yes=yes)
    cancelled = _cancel_live_runs(session, found)
    session.connection.threads.delete(found.id, found.shown)
    session.crons.gone_with_thread(found.id)
    is_current = session.selection.thread is not None and session.selection.thread.id == found.id
    if is_current:
        session.select(thread=None)
    first = f"Cancelled {cancelled}. " if cancelled else ""
    return Facts(f"{first}Deleted thread {found}.{' No thread is current now.' if is_current else ''}")


def _cancel_live_runs(session: Session, thread: ThreadInfo) -> str:
    """Cancel what is live on a thread: one that is deleted under a live run stays busy for good."""
    runs = session.connection.runs
    found = [row.run_id for row in runs.live(thread.id)]
    for run_id in found:
        with contextlib.suppress(NotFound):  # it may end meanwhile
            runs.cancel(thread.id, [run_id], wait=True)
    numbers = [run.number if (run := session.tracker.run(run_id)) else f"·{run_id[-5:]}" for run_id in found]
    return ", ".join(numbers)
