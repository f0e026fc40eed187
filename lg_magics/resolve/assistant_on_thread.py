"""Chooses the assistant for a run on a thread, which keeps its graph. Reads from the deployment; launches nothing.

Without a name, it is the first of these that applies:
1. the current assistant, if it has the thread's graph
2. the assistant that this session last used on the thread
3. the graph's own assistant

If the session launched the last run on the thread, it knows the graph, and no request is sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lg_magics.errors import NotFound, UnknownReference, Unsupported
from lg_magics.follow.run import Run
from lg_magics.model.plain_text import one_line
from lg_magics.model.references import is_full_id
from lg_magics.model.run_info import ThreadInfo
from lg_magics.resolve.assistants import assistant_name, assistant_rows, which_assistant
from lg_magics.resolve.own_runs import own_runs
from lg_magics.session import Session
from lg_magics.tables.assistants import is_system, name_of_row

__all__ = ["NEW_THREAD", "Chosen", "assistant_on", "begins_thread", "use_assistant"]

LONGEST = 60
NEW_THREAD = "A new thread: the current assistant has another graph than the last thread."


@dataclass(frozen=True, slots=True)
class Chosen:
    """The value to send as the assistant, and a sentence to show if it is not the current one ("" otherwise)."""

    sent: str
    note: str = ""


def assistant_on(
    session: Session, thread: ThreadInfo | None, name: str | None = None, *, row: Mapping[str, Any] | None = None
) -> Chosen:
    """The assistant for a run on a thread.

    Args:
        session: The session of the run.
        thread: The thread; None, or a thread without a number, has no graph yet.
        name: The assistant that a person named, if any. It is used even if its graph is another.
        row: The thread's row of a moment ago; it is read otherwise.

    Raises:
        UnknownReference: No such assistant; or the thread's graph has no assistant of its own any more.
        NotFound: No assistant has this id.
    """
    if thread is None or not thread.number:
        return Chosen(which_assistant(session, name))
    if row is None and (known := _chosen_by_memory(session, thread.id, name)):
        return known
    graph = _graph_of_thread(session, thread.id, row)
    if name:
        named = which_assistant(session, name)
        is_other = bool(graph) and _graph_of(session, named) != graph
        return Chosen(named, f"The thread's graph was {_short(graph)} until this run." if is_other else "")
    if not graph:
        return Chosen(which_assistant(session))
    current = _current(session)
    if current and _graph_of(session, current) == graph:
        return Chosen(current)
    sent = _last_used(session, thread.id, graph) or _own_assistant(session, thread, graph)
    return Chosen(sent, _note(session, graph, current))


def _note(session: Session, graph: str, current: str | None) -> str:
    other = f"; the current assistant, {_short(assistant_name(session, current))}, has another" if current else ""
    return f"The thread's graph is {_short(graph)}{other}."


def _chosen_by_memory(session: Session, thread_id: str, name: str | None) -> Chosen | None:
    """The choice if the session knows the graphs of the thread and the assistant; None if a request is needed.

    An assistant that is known only by its id may be gone: only the current one, or a named one, is used without a request.
    """
    graph = session.graphs.of_thread(thread_id)
    sent = which_assistant(session, name) if name and graph else session.selection.assistant
    has = session.graphs.of_assistant(sent) if sent else ""
    if not graph or not has:
        return None
    if sent and has == graph:
        return Chosen(sent)
    ran = _own_runs(session, thread_id)
    if name or not ran or _sent_for(session, ran[-1]) != graph:
        return None
    return Chosen(graph, _note(session, graph, sent))


def begins_thread(session: Session, name: str | None = None) -> bool:
    """Whether the next run without a thread begins one: the assistant was changed to one of another graph.

    A run that names an assistant of the thread's own graph stays on the thread.
    """
    thread = session.selection.thread
    if thread is None or not session.selection.begins_thread:
        return thread is None
    return not name or _graph_of(session, which_assistant(session, name)) != _graph_of_thread(session, thread.id)


def use_assistant(session: Session, sent: str) -> str:
    """Make an assistant the current one. Returns a sentence if the next run begins a new thread, else "".

    The current thread stays selected for reads. If its graph is another, the next run begins a new thread.
    """
    thread = session.selection.thread
    graph = _graph_of_thread(session, thread.id) if thread else ""
    begins = bool(graph) and _graph_of(session, sent) != graph
    session.select(assistant=sent, begins_thread=begins)
    if thread is None or not begins:
        return ""
    return f"begins a new thread: the graph of {session.tracker.thread(thread.id)} is {_short(graph)}"


def _short(name: str) -> str:
    return one_line(name, LONGEST)


def _current(session: Session) -> str | None:
    try:
        return which_assistant(session)
    except UnknownReference:
        return None  # none is chosen, and there are several


def _graph_of(session: Session, sent: str) -> str:
    """The graph of an assistant, from the value to send: for the graph's own assistant, this is the graph's name."""
    if not is_full_id(sent):
        return sent
    graph = session.connection.assistants.find(sent).graph_id
    session.graphs.saw_assistant(sent, graph)
    return graph


def _graph_of_thread(session: Session, thread_id: str, row: Mapping[str, Any] | None = None) -> str:
    """The name of a thread's graph; "" if nothing has run on it, or it is gone.

    The server writes it into the thread's metadata. For servers that do not, it is read from the last run.
    """
    row = session.connection.threads.find(thread_id) if row is None else row
    if row is None:
        return ""
    if graph := _graph_in(row.get("metadata")):
        return graph
    if (ran := _own_runs(session, thread_id)) and (sent := _sent_for(session, ran[-1])):
        return _graph_if_there(session, sent)
    for newest in session.connection.runs.newest(thread_id, 1):
        return newest.graph_id or (_graph_if_there(session, newest.assistant_id) if newest.assistant_id else "")
    return ""


def _graph_in(metadata: object) -> str:
    return str(metadata.get("graph_id") or "") if isinstance(metadata, Mapping) else ""


def _graph_if_there(session: Session, sent: str) -> str:
    try:
        return _graph_of(session, sent)
    except NotFound:
        return ""


def _own_runs(session: Session, thread_id: str) -> list[Run]:
    """The runs of this session on a thread, oldest first, with those of this notebook's earlier kernels that it follows."""
    return own_runs(session, session.tracker.runs_on(session.connection, thread_id))


def _sent_for(session: Session, run: Run) -> str:
    if run.info.launch:
        return run.info.launch.request.assistant
    return session.assistants.get(run.info.assistant, run.info.assistant)


def _last_used(session: Session, thread_id: str, graph: str) -> str:
    """The assistant that this session last used on a thread, if it is there and has this graph; "" otherwise."""
    ran = _own_runs(session, thread_id)
    sent = _sent_for(session, ran[-1]) if ran else ""
    return sent if is_full_id(sent) and _graph_if_there(session, sent) == graph else ""


def _own_assistant(session: Session, thread: ThreadInfo, graph: str) -> str:
    """The value to send for the graph's own assistant.

    Raises:
        UnknownReference: It does not exist: the graph is not served any more, or its assistant was deleted.
    """
    try:
        rows = [row for row in assistant_rows(session) if row.get("graph_id") == graph]
    except Unsupported:
        return graph  # the server raises an error if it has none
    if any(map(is_system, rows)):
        return graph
    others = ", ".join(_short(name_of_row(row)) for row in rows[:10])
    raise UnknownReference(
        f"The graph of {thread} is {_short(graph)}, which has no assistant of its own on {session.connection.url}.",
        hint=f"-a names another assistant of it: {others}."
        if others
        else "-a NAME runs an assistant of another graph.",
    )
