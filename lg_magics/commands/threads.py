"""Threads: list them, create, use, rename, copy, prune and delete them. Draws nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Annotated, overload

from lg_magics.actions.connect import open_other
from lg_magics.actions.many_writes import counted, unconfirmed
from lg_magics.actions.protected import refuse_if_protected
from lg_magics.actions.threads import copy_across, delete_thread, delete_threads, thread_of_row, update_threads
from lg_magics.errors import CommandError, NotFound, UnknownReference
from lg_magics.grammar.kinds import THREAD, Ago, Limit, Offset, Ttl
from lg_magics.grammar.parameters import AsJson, KeyValues, Option, Positional
from lg_magics.grammar.registry import command
from lg_magics.model.assistant_settings import pairs_words
from lg_magics.model.duration import minutes_from, moment_before
from lg_magics.model.messages import shortened
from lg_magics.model.records import ThreadRecord
from lg_magics.model.references import is_full_id
from lg_magics.model.run_info import ThreadInfo
from lg_magics.model.secrets import row_without_secrets, without_secrets
from lg_magics.model.supersteps import checked_supersteps
from lg_magics.model.thread_query import ThreadOrder, ThreadQuery, ThreadSort
from lg_magics.resolve.thread_status import ThreadStatus, error_words, thread_errors, thread_statuses
from lg_magics.resolve.threads import (
    found_threads,
    is_many,
    thread_id_from_name,
    thread_info,
    which_thread,
    which_threads,
)
from lg_magics.server.connection import Connection
from lg_magics.session import Session
from lg_magics.tables.facts import Facts
from lg_magics.tables.table import Table, local_words, time_from_iso
from lg_magics.tables.thread import (
    COLUMNS,
    ERROR,
    TITLE_KEY,
    Thread,
    size_words,
    threads_table,
    title_from_row,
)

__all__ = ["copy", "delete", "new", "prune", "rename", "show", "threads", "update", "use"]

ROOTS = ("values", "metadata", "config", "interrupts")
"""The first names that a path of --extract may have."""
RESERVED = re.compile(r"t\d+|new|last(~\d+)?")
"""Names that would be read as references."""
Pairs = Annotated[Mapping[str, object] | None, KeyValues()]


@command("threads", group="Threads")
def threads(
    session: Session,
    *,
    status: ThreadStatus | None = None,
    metadata: Pairs = None,
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
        status: Only those that are idle, pending, running, waiting (for a person), cancelled, error or timeout, by the status of
            the newest run. With error and timeout, a column has the error.
        metadata: Only those with this metadata, as k=v; may be repeated.
        values: Only those whose state has this, as k=v or k:=JSON; may be repeated.
        ids: Only these: a list, a table or a frame.
        since: Only those that have changed since then: 7d (ago), or a date; also a $date or $datetime.
        sort: The field to sort by.
        order: The largest or newest first (desc), or last (asc).
        extract: One more column, as last=values.messages[-1].content; may be repeated.
        limit: Show at most so many.
        offset: Skip so many first.
        all: All of them, regardless of --limit.
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
        name: [without_secrets({name: (row.extracted or {}).get(name)})[name] for row in rows] for name in query.extract
    }
    if status in ("error", "timeout"):
        further[ERROR] = thread_errors(session, rows)
    table = threads_table(
        [thread_of_row(session, row, status=words[row.thread_id]) for row in rows],
        further,
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
    """The requested columns by name, each with its path.

    Raises:
        CommandError: the name is a column already, or a path begins with another name than ROOTS.
    """
    taken = {column.name for column in COLUMNS} | {"first", ERROR}
    for name, path in extract.items():
        if name in taken:
            raise CommandError(f"--extract {name}=…: there is a column {name} already.", hint="Give it another name.")
        if not isinstance(path, str) or path.partition(".")[0].partition("[")[0] not in ROOTS:
            hint = "--extract last=values.messages[-1].content"
            raise CommandError(f"--extract {name}: a path begins with {', '.join(ROOTS)}.", hint=hint)
    return {name: str(path) for name, path in extract.items()}


@command("thread new", group="Threads")
def new(
    session: Session,
    *,
    title: str | None = None,
    metadata: Pairs = None,
    id: Annotated[str | None, Option(value="UUID", everyday=False)] = None,
    graph: Annotated[str | None, Option(value="GRAPH", everyday=False)] = None,
    supersteps: Annotated[object, Option(value="$supersteps", completes="python", everyday=False), AsJson()] = None,
    ttl: Ttl = None,
) -> Thread:
    """Create a thread, and make it the current one.

    Args:
        title: Its name; its first human message otherwise.
        metadata: Metadata, as k=v; may be repeated.
        id: An id of your own, a UUID.
        graph: Its graph, so that its state can be written before the first run.
        supersteps: A history to begin with: [{"updates": [{"values": …, "as_node": "__start__"}]}]; requires --graph.
        ttl: Delete it after so long: 7d, or a number of minutes. Each run on it restarts this time.

    Raises:
        Conflict: a thread has this id already. InvalidRequest: the id is not a UUID, or the history does not fit.

    Example:
        %lg_thread new
    """
    if supersteps is not None and not graph:
        raise CommandError("--supersteps needs the graph: --graph NAME.")
    steps = None if supersteps is None else checked_supersteps(supersteps)
    kept = {**(metadata or {}), **({TITLE_KEY: title} if title else {})}
    minutes = minutes_from(ttl)
    row = session.connection.threads.create(id, metadata=kept, graph_id=graph, supersteps=steps, ttl=minutes)
    return _switch(session, row, ", ".join(filter(None, ("new", _unsaid_ttl(session, row, minutes)))))


def _unsaid_ttl(session: Session, row: ThreadRecord, minutes: float | None) -> str:
    """A note if the deployment accepted a time to live and does not report it: it may ignore it."""
    if minutes is None or row.get("ttl") or session.connection.threads.details(row.thread_id).get("ttl"):
        return ""
    return "--ttl was sent, but this deployment does not report it: it may keep the thread"


@overload
def update(
    session: Session,
    thread: str | None = None,
    *,
    metadata: Mapping[str, object] | None = None,
    ttl: float | str | timedelta | None = None,
    yes: bool = False,
) -> Thread: ...


@overload
def update(
    session: Session,
    thread: object,
    *,
    metadata: Mapping[str, object] | None = None,
    ttl: float | str | timedelta | None = None,
    yes: bool = False,
) -> Thread | Facts: ...


@command("thread update", group="Threads")
def update(
    session: Session,
    thread: Annotated[object, THREAD] = None,
    *,
    metadata: Pairs = None,
    ttl: Ttl = None,
    yes: bool = False,
) -> Thread | Facts:
    """Change the metadata and time to live of a thread, or of many. Keys that are not named keep their values.

    Args:
        thread: t2, a name, an id or a part of one; a list, a table or a frame of threads; the current one otherwise.
        metadata: A pair, k=v or k:=JSON; may be repeated.
        ttl: Delete it after so long from now: 7d, or a number of minutes.
        yes: Also allow it on a protected deployment.

    Returns:
        The thread; for many, the number of changed threads.

    Example:
        %lg_thread update --metadata project=travel
    """
    minutes = minutes_from(ttl)
    if not (metadata or minutes):
        raise CommandError("%lg_thread update needs what to change.", hint="%lg_thread update --metadata k=v")
    chosen = which_threads(session, thread)
    if is_many(thread):
        refuse_if_protected(session, f"{counted(len(chosen), 'thread')}: nothing is changed", yes=yes)
        update_threads(session, chosen, metadata or {}, ttl=minutes)
        facts = (("metadata", pairs_words(metadata)),) if metadata else ()
        ids = [each.id for each in chosen]
        return Facts(f"Changed {counted(len(chosen), 'thread')}.", facts, data={"thread_ids": ids})
    (found,) = chosen
    refuse_if_protected(session, f"thread {found} is not changed", yes=yes)
    row = session.connection.threads.update(found.id, metadata or {}, ttl=minutes, shown=found.shown)
    changed = [pairs_words({key: row.metadata.get(key, value)}) for key, value in (metadata or {}).items()]
    note = ", ".join(filter(None, (*changed, _unsaid_ttl(session, row, minutes))))
    return replace(thread_of_row(session, row), note=note)


def _switch(session: Session, row: ThreadRecord, note: str = "") -> Thread:
    before = session.selection.thread
    info = thread_info(session, row)
    session.select(thread=info)
    was = f"was {before.number}" if before and before.id != info.id else ""
    return thread_of_row(session, row, ", ".join(filter(None, (note, was))))


@command("thread use", group="Threads")
def use(session: Session, thread: Annotated[str, THREAD], *, create: bool = False) -> Thread:
    """Make a thread the current one: runs use it from now on.

    Args:
        thread: t2, a name, an id or a part of one, last.
        create: Create it under this name if there is none, so that "Run all" uses the same thread again.

    Raises:
        UnknownReference: no match, or more than one match, for this name.

    Example:
        %lg_thread use trip --create
    """
    try:
        row = _row(session, which_thread(session, thread))
    except (UnknownReference, NotFound):
        if not create:
            raise
        return _create_named(session, thread)
    return _switch(session, row)


def _create_named(session: Session, name: str) -> Thread:
    if not name.strip():
        raise CommandError("A thread cannot have an empty name.")
    if RESERVED.fullmatch(name.strip()):
        raise CommandError(f"A thread cannot have the name '{name}': it means another one.", hint="%lg_thread new")
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
    """Show a thread's details: also its error, its size, and when the deployment deletes it.

    Args:
        thread: t2, a name, an id or a part of one, last; the current one otherwise.

    Example:
        %lg_thread show
    """
    found = which_thread(session, thread)
    row = session.connection.threads.details(found.id, found.shown)
    shown = thread_of_row(session, row)
    storage = session.connection.threads.storage(found.id)
    live = ", ".join(f"{run.number} {run.status}" for run in session.tracker.live_on(session.connection, found.id))
    facts = [
        ("thread", f"{shown.info.shown}{' (current)' if shown.is_current else ''}"),
        ("id", shown.thread_id),
        ("title", shown.title or "none"),
        ("status", shown.status),
        ("created", local_words(shown.created_at)),
        ("updated", local_words(shown.updated_at)),
        ("live runs", live or "none"),
        ("metadata", ", ".join(f"{key}={shortened(str(value))}" for key, value in shown.metadata.items()) or "none"),
        ("error", error_words(row)),
        ("size", size_words(storage)),
        ("goes", _goes(row)),
    ]
    return Facts(
        f"thread {shown.info}",
        tuple((label, words) for label, words in facts if words),
        (("%lg_messages", "read it"), ("%lg_runs", "its runs")),
        data={**row_without_secrets({name: row[name] for name in row if name != "values"}), "storage": dict(storage)},
    )


def _goes(row: ThreadRecord) -> str:
    """When the deployment deletes a thread; "" if it does not report this."""
    ttl = row.mapping("ttl")
    time = time_from_iso(ttl.get("expires_at"))
    minutes = ttl.get("ttl_minutes", ttl.get("ttl"))
    return local_words(time) if time else f"{minutes} minutes after its last change" if minutes else ""


@command("thread rename", group="Threads")
def rename(
    session: Session,
    name: Annotated[str, Positional(value="NAME")],
    *,
    thread: Annotated[str | None, Option("-t", value="THREAD", completes="thread")] = None,
    yes: bool = False,
) -> Thread:
    """Rename a thread.

    Args:
        name: The new name; in quotes if it has spaces.
        thread: Which thread; the current one otherwise.
        yes: Also allow it on a protected deployment.

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
    thread: Annotated[object, THREAD] = None,
    *,
    status: ThreadStatus | None = None,
    older_than: Ago = None,
    metadata: Pairs = None,
    yes: bool = False,
) -> Facts:
    """Delete a thread, or many, with everything on them, and their crons. Live runs are cancelled first.

    For a list, a table or a filter, it shows the number of threads, and deletes them with --yes.

    Args:
        thread: t2, a name, an id or a part of one; a list, a table or a frame of threads; the current one otherwise.
        status: All that are idle, pending, running, waiting, cancelled, error or timeout.
        older_than: All that have not changed for so long, or since a date.
        metadata: All with this metadata, as k=v; may be repeated.
        yes: Delete many threads; also allow it on a protected deployment.

    Returns:
        The threads that were deleted, or would be: `.data["thread_ids"]`.

    Example:
        %lg_thread delete t2
    """
    if not is_many(thread) and status is None and older_than is None and metadata is None:
        (found,) = which_threads(session, thread)
        refuse_if_protected(session, f"thread {found} is not deleted", yes=yes)
        return _deleted_one(session, found)
    chosen = _chosen(session, thread, status, older_than, metadata)
    if (preview := _unconfirmed(session, chosen, "delete", "deleted", yes=yes)) is not None:
        return preview
    current = session.selection.thread
    cancelled, count = delete_threads(session, chosen)
    first = f"Cancelled {counted(cancelled, 'live run')}. " if cancelled else ""
    return Facts(
        f"{first}Deleted {counted(count, 'thread')}.{_no_current(session, current)}",
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
    """Delete the history of threads, except the newest state of each. Deleted checkpoints cannot be forked.

    It shows the number of threads, and prunes them with --yes. The in-memory server cannot do it.

    Args:
        thread: t2, a name, an id or a part of one; a list, a table or a frame of threads; the current one otherwise.
        status: All that are idle, pending, running, waiting, cancelled, error or timeout.
        older_than: All that have not changed for so long, or since a date.
        metadata: All with this metadata, as k=v; may be repeated.
        yes: Prune them; also allow it on a protected deployment.

    Raises:
        InvalidRequest: the deployment cannot prune.

    Example:
        %lg_thread prune --older-than 30d --yes
    """
    chosen = _chosen(session, thread, status, older_than, metadata)
    if (preview := _unconfirmed(session, chosen, "prune", "pruned", yes=yes)) is not None:
        return preview
    count = session.connection.threads.prune([each.id for each in chosen])
    return Facts(f"Pruned {counted(count, 'thread')}.", data={"thread_ids": [each.id for each in chosen]})


@overload
def copy(session: Session, thread: str | None = None, *, from_: str | None = None, to: None = None) -> Thread: ...


@overload
def copy(session: Session, thread: str | None = None, *, from_: str | None = None, to: str) -> Facts: ...


@overload
def copy(
    session: Session, thread: str | None = None, *, from_: str | None = None, to: str | None = None
) -> Thread | Facts: ...


@command("thread copy", group="Threads")
def copy(
    session: Session,
    thread: Annotated[str | None, THREAD] = None,
    *,
    from_: Annotated[str | None, Option(value="URL|NAME|local", completes="other deployment")] = None,
    to: Annotated[str | None, Option(value="URL|NAME|local", completes="other deployment")] = None,
) -> Thread | Facts:
    """Copy a thread with its history. The copy is independent; the current thread does not change.

    From or to another deployment, the steps that led to its state are written again there, so it must have the graph. A
    message that was sent without an id gets another one. A warning states how the state of the copy differs. `local` is the
    embedded server that this session used last.

    Args:
        thread: Which thread; the current one otherwise. With --from, its whole id.
        from_: Copy it from that deployment, an address or a name of the settings; the copy becomes the current thread.
        to: Copy it to that deployment.

    Returns:
        The copy.

    Raises:
        NotFound: no such thread. InvalidRequest: the other deployment does not take its history.

    Example:
        %lg_thread copy t1
    """
    if from_ and to:
        raise CommandError("--from or --to, not both: one side is this session's deployment.")
    if from_:
        return _fetched(session, thread, from_)
    found = which_thread(session, thread)
    if to:
        with _other(session, to) as there:
            row, warning = copy_across(session.connection, found.id, there)
        return Facts(
            f"Copied {found} to {there.deployment.name}.",
            (("id", row.thread_id),),
            warning=warning,
            data={"thread_id": row.thread_id},
        )
    row = session.connection.threads.copy(found.id, found.shown)
    made = session.tracker.thread(row.thread_id, title_from_row(row) or found.title)
    return replace(thread_of_row(session, row), info=made, note=f"a copy of {found.number}")


def _fetched(session: Session, thread: str | None, source: str) -> Thread:
    if thread is None or not is_full_id(thread.strip()):
        raise CommandError(
            "A thread of another deployment is named by its whole id.", hint=f"%lg_thread copy ID --from {source}"
        )
    with _other(session, source) as there:
        row, warning = copy_across(there, thread.strip().lower(), session.connection)
    session.select(thread=thread_info(session, row))
    note = f"a copy of …{thread.strip()[-6:]} of {there.deployment.name}"
    return replace(thread_of_row(session, row), note=". ".join(filter(None, (note, warning))))


@contextmanager
def _other(session: Session, target: str) -> Iterator[Connection]:
    """Open a connection to another deployment, and close it after the block. Its background clients are not used."""
    there = open_other(session, target)
    try:
        if there.url == session.connection.url:
            raise CommandError(f"{target} is this session's own deployment.", hint="%lg_thread copy copies on it.")
        yield there
    finally:
        there.close()


def _chosen(
    session: Session,
    thread: object,
    status: ThreadStatus | None,
    older_than: object,
    metadata: Mapping[str, object] | None,
) -> list[ThreadInfo]:
    """The named threads, or those that match the filter, the longest unchanged first."""
    if status is None and older_than is None and metadata is None:
        return which_threads(session, thread)
    if thread is not None:
        raise CommandError("Name threads, or filter them; not both.", hint="%lg_threads --ids $threads filters some.")
    if metadata is not None and not metadata:
        raise CommandError("--metadata is empty: that would be every thread.", hint="--older-than 0s is every thread.")
    until = None if older_than is None else moment_before(older_than, session.connection.now(), "--older-than")
    query = ThreadQuery(metadata=metadata or {}, until=until, order="asc" if until else "desc")
    rows, _, _ = found_threads(session, query, status, None)
    return [thread_info(session, row) for row in rows]


def _unconfirmed(session: Session, chosen: Sequence[ThreadInfo], verb: str, done: str, *, yes: bool) -> Facts | None:
    ids = {"thread_ids": [each.id for each in chosen]}
    names = [str(each) for each in chosen]
    return unconfirmed(session, names, f"%lg_thread {verb}", noun="thread", done=done, data=ids, yes=yes)


def _deleted_one(session: Session, found: ThreadInfo) -> Facts:
    current = session.selection.thread
    cancelled = delete_thread(session, found)
    names = ", ".join(run.number if (run := session.tracker.run(each)) else f"·{each[-5:]}" for each in cancelled)
    first = f"Cancelled {names}. " if cancelled else ""
    return Facts(f"{first}Deleted thread {found}.{_no_current(session, current)}")


def _no_current(session: Session, before: ThreadInfo | None) -> str:
    return " No thread is current now." if before is not None and session.selection.thread is None else ""
