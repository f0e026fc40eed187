"""Resolves checkpoints (`step:4`, `b2:4` on another branch, or an id) and subgraphs by path. Changes nothing on the server."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from lg_magics.errors import NotFound, UnknownReference
from lg_magics.model.checkpoints import Checkpoint, checkpoint_from_payload
from lg_magics.model.records import StateRecord
from lg_magics.model.references import is_full_id
from lg_magics.model.run_info import ThreadInfo
from lg_magics.model.subgraphs import (
    Subgraph,
    is_namespace,
    namespace_of,
    namespace_of_called,
    nodes_of_path,
    subgraphs_from_tasks,
    tasks_of,
)
from lg_magics.model.visible_text import visible_line
from lg_magics.session import Session

__all__ = ["CHECKPOINT", "current_branch", "state_payload", "which_checkpoint", "which_subgraph"]

CHECKPOINT = re.compile(r"(step|b[1-9]\d*):(-?\d+)\Z")
FIELDS = ("created_at", "metadata", "values")
"""The fields that a server fills for each checkpoint. If the checkpoint does not exist, they are empty or left out."""
SEARCHED = 200
"""The number of newest checkpoints to search for a subgraph that the thread does not wait in."""
MOST_LISTED = 10
ASKED = 20
"""The maximum number of tasks that are asked for the checkpoints of a graph that they called."""


def which_checkpoint(
    session: Session, thread: ThreadInfo, reference: str, inside: Subgraph | None = None
) -> Checkpoint:
    """The checkpoint of a thread, or of a subgraph of it, that a reference names.

    Raises:
        UnknownReference: no match, or more than one match.
        NotFound: the thread has no such checkpoint.
    """
    text = reference.strip()
    if match := CHECKPOINT.match(text):
        return _by_step(session, thread, match[1], int(match[2]), inside)
    if is_full_id(text):
        return checkpoint_from_payload(state_payload(session, thread, text, inside=inside))
    named = session.tracker.branches_of(session.connection, thread.id, _namespace(inside))
    known = [each for each in named if text and each.endswith(text.lstrip("…·"))]
    if len(known) == 1 and len(text) >= 4:
        return checkpoint_from_payload(state_payload(session, thread, known[0], inside=inside))
    raise UnknownReference(
        f"No checkpoint '{text}' {_where(thread, inside)}.",
        hint=f"{_listing(inside)} lists them; type step:4, b2:4 or an id.",
    )


def _by_step(session: Session, thread: ThreadInfo, branch: str, step: int, inside: Subgraph | None) -> Checkpoint:
    """The checkpoint of this step, on the current branch or a named one. The history is newest first, so one pass is enough."""
    passed: list[Checkpoint] = []
    expected: str | None = None
    for checkpoint in map(checkpoint_from_payload, _entries(session, thread, _namespace(inside))):
        passed.append(checkpoint)
        if branch == "step" and (expected is None or checkpoint.id == expected):
            expected = checkpoint.parent_id
            if checkpoint.step == step:
                return checkpoint
    named = session.tracker.name_branches(session.connection, thread.id, passed, _namespace(inside))
    there = {named[each.id]: each for each in reversed(passed) if each.step == step}
    if branch in there:
        return there[branch]
    where = "the current branch" if branch == "step" else branch
    of = f"{inside.path} of {thread}" if inside else str(thread)
    others = (
        f"{' or '.join(f'{name}:{step}' for name in list(there)[:3])} names one on another branch; " if there else ""
    )
    raise UnknownReference(
        f"No step {step} on {where} of {of}.", hint=f"{others}{_listing(inside, '--all')} lists them."
    )


def current_branch(session: Session, thread: ThreadInfo, inside: Subgraph | None = None) -> Iterator[Checkpoint]:
    """Iterate from the newest checkpoint back along the parents. The history is newest first, so one pass is enough."""
    yield from map(checkpoint_from_payload, _current_entries(session, thread, _namespace(inside)))


def _current_entries(session: Session, thread: ThreadInfo, namespace: str) -> Iterator[StateRecord]:
    expected: str | None = None
    for entry in _entries(session, thread, namespace):
        checkpoint = checkpoint_from_payload(entry)
        if expected is None or checkpoint.id == expected:
            expected = checkpoint.parent_id
            yield entry


def _entries(session: Session, thread: ThreadInfo, namespace: str) -> Iterator[StateRecord]:
    for page in session.connection.history.pages(thread.id, namespace=namespace):
        yield from page.rows


def state_payload(
    session: Session,
    thread: ThreadInfo,
    checkpoint_id: str | None = None,
    *,
    inside: Subgraph | None = None,
    subgraphs: bool = False,
) -> StateRecord:
    """Read the state of the head or of a checkpoint, if asked with the subgraphs that it waits in, also those that a tool called.

    Raises:
        NotFound: no such thread, or no such checkpoint (the server answers with empty values).
    """
    states = session.connection.states
    payload = states.get(
        thread.id, checkpoint_id, namespace=_namespace(inside), subgraphs=subgraphs, shown=thread.shown
    )
    fields = [payload[name] for name in FIELDS if name in payload]
    found = payload.checkpoint_id
    if checkpoint_id and ((fields and not any(fields)) or (found and found != checkpoint_id.lower())):
        raise NotFound(
            f"No checkpoint '{checkpoint_id}' {_where(thread, inside)}.",
            hint=f"{_listing(inside, '--all')} lists them.",
        )
    return StateRecord(_with_called(session, thread, payload, _namespace(inside))) if subgraphs else payload


# -- subgraphs --------------------------------------------------------------------------------------------------


def which_subgraph(session: Session, thread: ThreadInfo, reference: str) -> Subgraph:
    """The subgraph of a thread that a path names: one that the thread waits in, or else the last that ran on its current branch.

    Args:
        session: the session.
        thread: the thread.
        reference: `mail`, `team:mail`, `mail#2` of several in one step; or a checkpoint namespace as the server has it.

    Raises:
        UnknownReference: no subgraph, or several, have this path; the message lists the existing ones.
    """
    head = state_payload(session, thread, subgraphs=True)
    waiting = list(subgraphs_from_tasks(head, is_pending=True))
    if is_namespace(reference):
        return next((each for each in waiting if each.namespace == reference), Subgraph(reference, reference))
    nodes = nodes_of_path(reference)
    found = next((each for each in waiting if nodes_of_path(each.path) == nodes), None)
    found = found or _last_that_ran(session, thread, nodes)
    if found is not None:
        return found
    paths = [each.path for each in waiting]
    names = ", ".join(map(visible_line, paths[:MOST_LISTED])) or "none"
    more = f" and {len(paths) - MOST_LISTED} more" if len(paths) > MOST_LISTED else ""
    raise UnknownReference(
        f"No subgraph '{reference}' on {thread}. It waits in: {names}{more}.",
        hint="%lg_state --subgraphs shows them; %lg_graph --xray draws all that the graph has.",
    )


def _last_that_ran(session: Session, thread: ThreadInfo, nodes: Sequence[str]) -> Subgraph | None:
    """The subgraph of this path that ran last on the current branch, found level by level."""
    found: Subgraph | None = None
    for depth, node in enumerate(nodes):
        above = ":".join(nodes[:depth])
        wanted = f"{above}:{node}" if above else node
        entries = islice(_current_entries(session, thread, _namespace(found)), SEARCHED)
        found = _last_in(session, thread, entries, wanted, found)
        if found is None:
            return None
    return found


def _last_in(
    session: Session, thread: ThreadInfo, entries: Iterator[StateRecord], wanted: str, outer: Subgraph | None
) -> Subgraph | None:
    above, _, node = wanted.rpartition(":")
    asked = 0
    for entry in entries:
        listed = next((each for each in subgraphs_from_tasks(entry, above) if each.path == wanted), None)
        if listed:
            return listed
        for task in tasks_of(entry):
            if task.get("name") == node and not namespace_of(task) and asked < ASKED:
                asked += 1
                namespace = namespace_of_called(task, _namespace(outer))
                if session.connection.states.kept(thread.id, namespace):
                    return Subgraph(wanted, namespace)
    return None


def _with_called(
    session: Session, thread: ThreadInfo, payload: Mapping[str, Any], above: str = ""
) -> Mapping[str, Any]:
    """Add the states of graphs that tools or nodes called themselves to the tasks that wait or failed in them."""
    tasks: list[Mapping[str, Any]] = []
    for task in tasks_of(payload):
        state = task.get("state")
        if isinstance(state, Mapping):
            task = {**task, "state": _with_called(session, thread, state, namespace_of(task))}
        elif (task.get("interrupts") or task.get("error")) and not namespace_of(task) and len(tasks) < ASKED:
            called = session.connection.states.kept(thread.id, namespace_of_called(task, above))
            task = {**task, "state": called} if called else task
        tasks.append(task)
    return {**payload, "tasks": tasks} if tasks else payload


def _namespace(inside: Subgraph | None) -> str:
    return inside.namespace if inside else ""


def _where(thread: ThreadInfo, inside: Subgraph | None) -> str:
    return f"in {inside.path} of {thread}" if inside else f"on {thread}"


def _listing(inside: Subgraph | None, *options: str) -> str:
    return " ".join(("%lg_history", *options, *((f"--subgraph {inside.path}",) if inside else ())))
