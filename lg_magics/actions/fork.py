"""Forks a thread: starts a branch at an earlier checkpoint, and writes changes there. Draws nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from lg_magics.actions.input_check import check_values, checked_request
from lg_magics.actions.launch import launch
from lg_magics.actions.protected import refuse_if_protected
from lg_magics.actions.request import request_for
from lg_magics.errors import CommandError, LgError, UnknownReference
from lg_magics.follow.run import Run
from lg_magics.model.checkpoints import Checkpoint, checkpoint_from_payload
from lg_magics.model.conversation import conversation_in
from lg_magics.model.message_content import content_with_text
from lg_magics.model.node_names import shown_node
from lg_magics.model.run_info import ThreadInfo
from lg_magics.model.subgraphs import Subgraph
from lg_magics.resolve.assistant_on_thread import assistant_on
from lg_magics.resolve.checkpoints import state_payload, which_checkpoint
from lg_magics.session import Session
from lg_magics.tables.facts import Facts

__all__ = [
    "Change",
    "fork_and_run",
    "head_facts",
    "move_head",
    "refuse_if_live",
    "refuse_if_over",
    "unknown_keys",
    "write_state",
]


PLACE = re.compile(r"-?[0-9]{1,9}\Z")


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

    Raises:
        UnknownReference: no such checkpoint or message. Conflict: a run is live on the thread.
        CommandError: the values are surely wrong by the graph's schemas, or the thread does not wait in the subgraph.
    """
    base = _base(session, thread, checkpoint, inside, yes=yes)
    rewritten = _rewritten(session, thread, base, change, inside)
    _check(session, thread, change, None, inside, check=check)
    write_state(session, thread, rewritten, change.as_node, base.id, inside)
    return head_facts(session, thread, checkpoint, inside=inside)


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
    """
    base = _base(session, thread, checkpoint, inside, yes=yes)
    rewritten = _rewritten(session, thread, base, change, inside)
    _check(session, thread, change, assistant, inside, check=check)
    request = request_for(session, thread, assistant=assistant, input=None, checkpoint_id=None if inside else base.id)
    unset = checked_request(session, request, is_text=False)[1] if check else ""
    is_replay = rewritten is None and change.as_node is None
    if inside and not (is_replay and state_payload(session, thread, inside=inside).checkpoint_id == base.id):
        write_state(session, thread, rewritten, change.as_node, base.id, inside)
    elif not inside and not is_replay:  # of a replay, the server makes the new branch itself
        start = write_state(session, thread, rewritten, change.as_node, base.id)
        request = replace(request, checkpoint_id=start)
    return launch(session, request, thread, card=card, unset=unset)


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


def _check(
    session: Session,
    thread: ThreadInfo,
    change: Change,
    assistant: str | None,
    inside: Subgraph | None,
    *,
    check: bool,
) -> None:
    if check and change.values is not None and inside is None:  # the schemas are of the graph, not of its subgraphs
        check_values(session, assistant_on(session, thread, assistant).sent, change.values)


def _rewritten(session: Session, thread: ThreadInfo, base: Checkpoint, change: Change, inside: Subgraph | None) -> Any:
    """The values to write: those given, or the message with its new text; None for none."""
    text = change.text
    if change.message is None:
        if text:
            raise CommandError("TEXT requires --message.", hint="%lg_fork --message 0 step:0 TEXT")
        return change.values
    if change.values is not None or not text:
        raise CommandError(
            "--message takes the message's new text, and no --values.", hint="%lg_fork --message 0 step:0 TEXT"
        )
    held = state_payload(session, thread, base.id, inside=inside).get("values")
    key, payloads = conversation_in(held)
    original = _message(list(payloads), str(change.message).strip(), thread)
    rewritten = [{**original, "content": content_with_text(original.get("content"), text)}]
    return {key: rewritten} if key else rewritten


def _message(payloads: list[Any], reference: str, thread: ThreadInfo) -> Mapping[str, Any]:
    named = [each for each in payloads if isinstance(each, Mapping) and each.get("id")]
    if PLACE.match(reference):
        place = int(reference)
        fitting = named[place:][:1] if -len(named) <= place < len(named) else []
    else:
        fitting = [each for each in named if reference in str(each["id"])]
    if len(fitting) == 1:
        return fitting[0]
    what = "No message" if not fitting else f"{len(fitting)} messages"
    where = f"at that checkpoint of {thread}, which has {len(named)}"
    raise UnknownReference(f"{what} '{reference}' {where}.", hint="Its place will do: --message 0")


def write_state(
    session: Session,
    thread: ThreadInfo,
    values: Any,
    as_node: str | None,
    checkpoint_id: str | None,
    inside: Subgraph | None = None,
) -> str:
    """Write values after a checkpoint, or after the head; returns the id of the new checkpoint."""
    return session.connection.states.update(
        thread.id,
        values,
        as_node=as_node,
        checkpoint_id=checkpoint_id,
        namespace=inside.namespace if inside else "",
        shown=thread.shown,
    )


def head_facts(
    session: Session, thread: ThreadInfo, base: str | None, warning: str = "", inside: Subgraph | None = None
) -> Facts:
    """Facts about the current head of the thread, or of a subgraph."""
    head = checkpoint_from_payload(state_payload(session, thread, inside=inside))
    after = f", forked from {base}" if base else ""
    then = (("next", ", ".join(map(shown_node, head.next))),) if head.next else ()
    whose, within = (f"{inside.path} of {thread}", f"--subgraph {inside.path} ") if inside else (str(thread), "")
    lines = (
        (f"%lg_fork --run {within}step:{head.step}", "run on from here"),
        (f"%lg_history {within}".strip(), "see the branches"),
    )
    data = {"checkpoint_id": head.id, "step": head.step, "next": list(head.next)}
    return Facts(f"The head of {whose} is step {head.step} now{after}.", then, lines, warning, data)


def unknown_keys(values: object, known: object) -> str:
    """A warning of keys that the graph does not know: the server accepts and drops them."""
    if not isinstance(values, Mapping) or not isinstance(known, Mapping) or not known:
        return ""
    unknown = [str(key) for key in values if key not in known]
    return (
        f"The state had no {', '.join(unknown)} before: the server drops keys that the graph does not know."
        if unknown
        else ""
    )
