"""Forks a thread: starts a branch at an earlier checkpoint, and writes changes there. Draws nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from lg_magics.actions.input_check import check_values, checked_request
from lg_magics.actions.launch import launch
from lg_magics.actions.protected import refuse_if_protected
from lg_magics.actions.request import request_for
from lg_magics.errors import CommandError, DeploymentError, LgError, NotFound, UnknownReference
from lg_magics.follow.run import Run
from lg_magics.model.checkpoints import Checkpoint, checkpoint_from_payload
from lg_magics.model.node_names import shown_node
from lg_magics.model.records import StateRecord
from lg_magics.model.run_info import ThreadInfo
from lg_magics.model.state_write import Rewritten, next_warning, rewritten_message
from lg_magics.model.subgraphs import Subgraph
from lg_magics.resolve.assistant_on_thread import assistant_on
from lg_magics.resolve.checkpoints import state_payload, which_checkpoint
from lg_magics.session import Session
from lg_magics.tables.facts import Facts

__all__ = [
    "Change",
    "check_write",
    "fork_and_run",
    "head_facts",
    "move_head",
    "refuse_if_live",
    "refuse_if_over",
    "write_state",
]


def refuse_if_live(session: Session, thread: ThreadInfo, doing: str) -> None:
    """Refuse a change that a live run on the thread would undo; the hint names the line to type first."""
    live = session.tracker.live_on(session.connection, thread.id)
    if live:
        number = live[0].number
        raise LgError(
            f"{number} is still {live[0].status} on {thread}: cannot {doing} now.",
            hint=f"%lg_wait {number} or %lg_cancel {number}",
        )


@dataclass(frozen=True, slots=True)
class Change:
    """The change at the start of a branch: values as a node writes them, or a message with its new text."""

    values: object = None
    as_node: str | None = None
    message: str | int | None = None
    text: str | None = None


def move_head(
    session: Session,
    thread: ThreadInfo,
    checkpoint: str,
    change: Change,
    *,
    inside: Subgraph | None = None,
    yes: bool = False,
    check: bool = True,
) -> Facts:
    """Begin a branch at a checkpoint, of the thread or of a subgraph that it waits in, and make it the head there.

    Without a change, the head is a copy of the checkpoint: with its values, and the nodes that it would run next.

    Raises:
        UnknownReference: no such checkpoint or message. Conflict: a run is live on the thread.
        CommandError: the values are surely wrong by the graph's schemas, or the thread does not wait in the subgraph.
    """
    base = _base(session, thread, checkpoint, inside, yes=yes)
    rewritten = _rewritten(session, thread, base, change, inside)
    check_write(session, thread, change.values, change.as_node, inside, check=check)
    values = rewritten.values if rewritten else change.values
    write_state(session, thread, values, change.as_node, base.id, inside)
    head = state_payload(session, thread, inside=inside)
    warnings = _left_by(head, base, change, rewritten)
    return head_facts(thread, head, checkpoint, " ".join(filter(None, warnings)), inside)


def fork_and_run(
    session: Session,
    thread: ThreadInfo,
    checkpoint: str,
    change: Change,
    *,
    inside: Subgraph | None = None,
    assistant: str | None = None,
    card: bool = True,
    yes: bool = False,
    check: bool = True,
) -> Run:
    """Begin a branch at a checkpoint, of the thread or of a subgraph that it waits in, and run from there without new input.

    A run that names a subgraph's checkpoint would begin the subgraph again, because LangGraph makes a new task for it. A run from
    the head goes on at the newest checkpoint of each subgraph, so the branch begins there.

    Raises:
        As `move_head` does; CommandError also for a setting that is surely wrong.
        LgError: after the change, the graph has not rewritten the message, or has nothing to run. Nothing was run.
    """
    base = _base(session, thread, checkpoint, inside, yes=yes)
    rewritten = _rewritten(session, thread, base, change, inside)
    check_write(session, thread, change.values, change.as_node, inside, check=check, assistant=assistant)
    request = request_for(session, thread, assistant=assistant, input=None, checkpoint_id=None if inside else base.id)
    unset = checked_request(session, request, is_text=False)[1] if check else ""
    values = rewritten.values if rewritten else change.values
    is_replay = values is None and change.as_node is None
    if inside and is_replay and state_payload(session, thread, inside=inside).checkpoint_id == base.id:
        return launch(session, request, thread, card=card, unset=unset)
    if inside or not is_replay:  # of a replay, the server makes the new branch itself
        start = write_state(session, thread, values, change.as_node, base.id, inside)
        head = state_payload(session, thread, inside=inside)
        problem, moved = _left_by(head, base, change, rewritten)
        if problem or (moved and not head.next):
            raise LgError(f"Nothing was run. {problem or moved}", hint="%lg_history shows the branches.")
        note = " ".join(filter(None, (request.note, moved)))
        request = replace(request, checkpoint_id=None if inside else start, note=note)
    return launch(session, request, thread, card=card, unset=unset)


def _left_by(head: StateRecord, base: Checkpoint, change: Change, rewritten: Rewritten | None) -> tuple[str, str]:
    """Sentences about a new head: how it lacks the rewritten message, and how its next nodes differ from those of its base."""
    problem = rewritten.problem(head.get("values")) if rewritten else ""
    return problem, next_warning(base.next, head.next) if change.as_node is None else ""


def _base(session: Session, thread: ThreadInfo, checkpoint: str, inside: Subgraph | None, *, yes: bool) -> Checkpoint:
    refuse_if_live(session, thread, "fork")
    refuse_if_over(thread, inside)
    refuse_if_protected(session, f"the head of {thread} stays where it is", yes=yes)
    return which_checkpoint(session, thread, checkpoint, inside)


def refuse_if_over(thread: ThreadInfo, inside: Subgraph | None) -> None:
    """Refuse to write into a subgraph in which no run would continue."""
    if inside and not inside.is_pending:
        raise CommandError(
            f"{thread} does not wait in {inside.path}: what is written there changes no run.",
            hint="%lg_state --subgraphs shows where it waits; %lg_fork --run step:N begins again before the subgraph.",
        )


def check_write(
    session: Session,
    thread: ThreadInfo,
    values: object,
    as_node: str | None,
    inside: Subgraph | None,
    *,
    check: bool,
    assistant: str | None = None,
) -> None:
    """Refuse values that are surely wrong by the schema of the graph's state.

    A subgraph, and the input of a graph, have schemas of their own. A graph that is not served any more has none.

    Raises:
        CommandError: such a value; the message names it.
    """
    if not check or values is None or inside is not None or as_node == "__start__":
        return
    try:
        sent = assistant_on(session, thread, assistant).sent
    except (UnknownReference, NotFound):
        if assistant:
            raise
        return
    check_values(session, sent, values)


def _rewritten(
    session: Session, thread: ThreadInfo, base: Checkpoint, change: Change, inside: Subgraph | None
) -> Rewritten | None:
    """The message with its new text; None if the change names no message."""
    if change.message is None:
        if change.text:
            raise CommandError("TEXT requires --message.", hint="%lg_fork --message 0 step:0 TEXT")
        return None
    if change.values is not None or not change.text:
        raise CommandError(
            "--message takes the message's new text, and no --values.", hint="%lg_fork --message 0 step:0 TEXT"
        )
    held = state_payload(session, thread, base.id, inside=inside).get("values")
    return rewritten_message(held, str(change.message), change.text, f"at that checkpoint of {thread}")


def write_state(
    session: Session,
    thread: ThreadInfo,
    values: Any,
    as_node: str | None,
    checkpoint_id: str | None,
    inside: Subgraph | None = None,
) -> str:
    """Write values after a checkpoint, or after the head; returns the id of the new checkpoint.

    Without values and a node, the new checkpoint is a copy of the given one.

    Raises:
        DeploymentError: the deployment does not answer, or refuses. If no node is named, the hint names --as-node.
    """
    states, namespace = session.connection.states, inside.namespace if inside else ""
    if checkpoint_id and values is None and as_node is None:
        return states.copy(thread.id, checkpoint_id, namespace=namespace, shown=thread.shown)
    try:
        return states.update(
            thread.id,
            values,
            as_node=as_node,
            checkpoint_id=checkpoint_id,
            namespace=namespace,
            shown=thread.shown,
        )
    except DeploymentError as problem:
        if as_node is not None or not (problem.status_code == 500 or "as_node" in problem.message):
            raise
        hint = f"{problem.hint}. " if problem.hint else ""
        hint += "--as-node NODE names the node that writes; without it, the deployment chooses the one that ran last."
        raise type(problem)(problem.message, hint=hint, status_code=problem.status_code) from problem


def head_facts(
    thread: ThreadInfo, payload: StateRecord, base: str | None, warning: str = "", inside: Subgraph | None = None
) -> Facts:
    """Facts about the new head of the thread, or of a subgraph. `payload` is its state, `base` where it was forked from."""
    head = checkpoint_from_payload(payload)
    after = f", forked from {base}" if base else ""
    then = (("next", ", ".join(map(shown_node, head.next))),) if head.next else ()
    whose, within = (f"{inside.path} of {thread}", f"--subgraph {inside.path} ") if inside else (str(thread), "")
    lines = (
        (f"%lg_fork --run {within}step:{head.step}", "run on from here"),
        (f"%lg_history {within}".strip(), "see the branches"),
    )
    data = {"checkpoint_id": head.id, "step": head.step, "next": list(head.next)}
    return Facts(f"The head of {whose} is step {head.step} now{after}.", then, lines, warning, data)
