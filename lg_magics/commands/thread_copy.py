"""Copy a thread with its history: on its deployment, from another, or to another. Knows no settings file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Annotated, overload

from lg_magics.commands.deployment import open_other
from lg_magics.commands.thread_table import thread_of_row
from lg_magics.errors import CommandError, NotFound
from lg_magics.grammar.kinds import THREAD
from lg_magics.grammar.parameters import Option
from lg_magics.grammar.registry import command
from lg_magics.model.messages import messages_from_values
from lg_magics.model.records import StateRecord, ThreadRecord
from lg_magics.model.references import is_full_id
from lg_magics.model.supersteps import supersteps_from
from lg_magics.resolve.threads import which_thread
from lg_magics.server.connection import Connection
from lg_magics.session import Session
from lg_magics.tables.facts import Facts
from lg_magics.tables.thread import TITLE_KEY, Thread, title_from_row

__all__ = ["copy"]

COPIED_FROM = "lg_copied_from"
DIFFERS = "Its state is not that of the thread: what was written into the state by hand, or is not in the history, is missing."


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
    from_: Annotated[str | None, Option(value="URL|NAME", completes="deployment")] = None,
    to: Annotated[str | None, Option(value="URL|NAME", completes="deployment")] = None,
) -> Thread | Facts:
    """Copy a thread with its history. The copy goes its own way; the current thread stays the current one.

    From or to another deployment, the steps that led to its state are written anew there: the graph must be there too. A
    message that was sent without an id gets another one.

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
            row, warning = _copied(session.connection, found.id, there)
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
        row, warning = _copied(there, thread.strip().lower(), session.connection)
    session.select(thread=session.tracker.thread(row.thread_id, title_from_row(row)))
    note = f"a copy of …{thread.strip()[-6:]} of {there.deployment.name}"
    return replace(thread_of_row(session, row), note=". ".join(filter(None, (note, warning))))


@contextmanager
def _other(session: Session, target: str) -> Iterator[Connection]:
    """Another deployment, for a moment. Only the calls that are made at once are used: it has no background clients."""
    there = open_other(target)
    try:
        if there.url == session.connection.url:
            raise CommandError(f"{target} is this session's own deployment.", hint="%lg_thread copy copies on it.")
        yield there
    finally:
        there.close()


def _copied(source: Connection, thread_id: str, target: Connection) -> tuple[ThreadRecord, str]:
    """The new thread, and a warning if its state is another one."""
    row = source.threads.find(thread_id)
    if row is None:
        raise NotFound(f"No thread '{thread_id}' on {source.url}.", hint="%lg_threads lists them.")
    steps = supersteps_from([entry for page in source.history.pages(thread_id) for entry in page.rows])
    kept = {name: value for name, value in row.metadata.items() if name != "assistant_id"}
    metadata = {TITLE_KEY: title_from_row(row), **kept, COPIED_FROM: f"{source.url} {thread_id}"}
    made = target.threads.create(
        metadata=metadata, graph_id=row.graph_id or None, supersteps=steps or None, doing="copy the thread"
    )
    is_same = _seen(source.states.get(thread_id)) == _seen(target.states.get(made.thread_id))
    return made, "" if is_same else DIFFERS


def _seen(state: StateRecord) -> tuple[object, ...]:
    """What two states are compared by: a server may give a message another id, and keep its usage elsewhere."""
    values = state.get("values")
    said = [
        (each.role, each.text, [(call.name, dict(call.args)) for call in each.tool_calls])
        for each in messages_from_values(values)
    ]
    rest = (
        {name: held for name, held in values.items() if name != "messages"} if isinstance(values, Mapping) else values
    )
    return said, rest, state.next
