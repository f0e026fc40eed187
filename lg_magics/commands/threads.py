"""Threads: make, choose, show, rename, update."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

from lg_magics.actions.protected import refuse_if_protected
from lg_magics.commands.thread_table import thread_of_row
from lg_magics.errors import CommandError, NotFound, ReferenceError
from lg_magics.grammar.kinds import THREAD, Ttl
from lg_magics.grammar.parameters import KeyValues, Option, Positional
from lg_magics.grammar.registry import command
from lg_magics.model.assistant_settings import pairs_words
from lg_magics.model.messages import shortened
from lg_magics.model.moments import minutes_from
from lg_magics.model.records import ThreadRecord
from lg_magics.model.references import is_full_id
from lg_magics.model.run_info import ThreadInfo
from lg_magics.model.secrets import row_without_secrets
from lg_magics.resolve.thread_status import error_words
from lg_magics.resolve.threads import thread_id_from_name, which_thread
from lg_magics.session import Session
from lg_magics.tables.facts import Facts
from lg_magics.tables.table import time_from_iso
from lg_magics.tables.thread import TITLE_KEY, Thread, size_words, title_from_row

__all__ = ["new", "rename", "show", "update", "use"]


@command("thread new", group="Threads")
def new(
    session: Session,
    *,
    title: str | None = None,
    metadata: Annotated[Mapping[str, object] | None, KeyValues()] = None,
    id: Annotated[str | None, Option(value="UUID", everyday=False)] = None,
    graph: Annotated[str | None, Option(value="GRAPH", everyday=False)] = None,
    supersteps: Annotated[object, Option(value="$supersteps", completes="python", everyday=False)] = None,
    ttl: Ttl = None,
) -> Thread:
    """Make a thread, and make it the current one.

    Args:
        title: Its name; otherwise it is called by its first human message.
        metadata: What to keep beside it, as k=v; may be repeated.
        id: An id of your own, a UUID.
        graph: The graph that it belongs to, so that its state can be written before anything ran.
        supersteps: A history to begin with: [{"updates": [{"values": …, "as_node": "__start__"}]}]; wants --graph.
        ttl: Delete it after so long: 7d, or a number of minutes. What runs on it counts from anew.

    Raises:
        Conflict: a thread has this id already. InvalidRequest: the id is no UUID, or the history does not fit.

    Example:
        %lg_thread new
    """
    if supersteps is not None and not graph:
        raise CommandError("--supersteps wants to know whose: --graph NAME.")
    kept = {**(metadata or {}), **({TITLE_KEY: title} if title else {})}
    minutes = minutes_from(ttl, "--ttl")
    row = session.connection.threads.create(id, metadata=kept, graph_id=graph, supersteps=supersteps, ttl=minutes)
    return _switch(session, row, ", ".join(filter(None, ("new", _unsaid_ttl(session, row, minutes)))))


def _unsaid_ttl(session: Session, row: ThreadRecord, minutes: float | None) -> str:
    """What to say of a deployment that has taken a time to live and does not tell it: it may ignore it."""
    if minutes is None or row.get("ttl") or session.connection.threads.details(row.thread_id).get("ttl"):
        return ""
    return "--ttl was sent, and this deployment does not tell of it: it may keep the thread"


@command("thread update", group="Threads")
def update(
    session: Session,
    thread: Annotated[str | None, THREAD] = None,
    *,
    metadata: Annotated[Mapping[str, object] | None, KeyValues()] = None,
    ttl: Ttl = None,
    yes: bool = False,
) -> Thread:
    """Change what is kept beside a thread: new keys are added, known ones replaced, the others stay.

    Args:
        thread: Which thread; the current one otherwise.
        metadata: A pair, k=v or k:=JSON; may be repeated.
        ttl: Delete it after so long from now: 7d, or a number of minutes.
        yes: Do it on a protected deployment too.

    Example:
        %lg_thread update --metadata project=travel
    """
    minutes = minutes_from(ttl, "--ttl")
    if not (metadata or minutes):
        raise CommandError("Update what?", hint="%lg_thread update --metadata k=v")
    found = which_thread(session, thread)
    refuse_if_protected(session, f"thread {found} is not changed", yes=yes)
    row = session.connection.threads.update(found.id, metadata or {}, ttl=minutes, shown=found.shown)
    changed = [pairs_words({key: value}) for key, value in (metadata or {}).items()]
    note = ", ".join(filter(None, (*changed, _unsaid_ttl(session, row, minutes))))
    return replace(thread_of_row(session, row), note=note)


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
    """Say what is known of a thread: also what it failed with, how large it is, and when it goes.

    Args:
        thread: t2, a name, an id or a part of one, last; the current one otherwise.

    Example:
        %lg_thread show
    """
    found = which_thread(session, thread)
    row = session.connection.threads.details(found.id, found.shown)
    shown = thread_of_row(session, row)
    storage = session.connection.threads.storage(found.id)
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
    """When the deployment deletes a thread, as far as it says; "" if it does not say."""
    ttl = row.mapping("ttl")
    time = time_from_iso(ttl.get("expires_at"))
    minutes = ttl.get("ttl_minutes", ttl.get("ttl"))
    return _local(time) if time else f"{minutes} minutes after its last change" if minutes else ""


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
