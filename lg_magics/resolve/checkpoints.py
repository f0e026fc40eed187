"""Which checkpoint a person means: `step:4` on the current branch, `b2:4` on another, or its id. Changes nothing but names."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lg_magics.errors import NotFound, UnknownReference
from lg_magics.model.checkpoints import Checkpoint, checkpoint_from_payload
from lg_magics.model.records import StateRecord
from lg_magics.model.references import is_full_id
from lg_magics.model.run_info import ThreadInfo
from lg_magics.session import Session

__all__ = ["CHECKPOINT", "current_branch", "state_payload", "which_checkpoint"]

CHECKPOINT = re.compile(r"(step|b[1-9]\d*):(-?\d+)\Z")
TOLD = ("created_at", "metadata", "values")
"""What a server tells of each checkpoint. Of one that is not there it is empty; a server may leave it out."""


def which_checkpoint(session: Session, thread: ThreadInfo, reference: str) -> Checkpoint:
    """The checkpoint of a thread that a reference means.

    Raises:
        UnknownReference: nothing, or more than one thing, fits.
        NotFound: the thread has no such checkpoint.
    """
    text = reference.strip()
    if match := CHECKPOINT.match(text):
        return _by_step(session, thread, match[1], int(match[2]))
    if is_full_id(text):
        return checkpoint_from_payload(state_payload(session, thread, text))
    known = [each for each in session.tracker.branches_of(thread.id) if text and each.endswith(text.lstrip("…·"))]
    if len(known) == 1 and len(text) >= 4:
        return checkpoint_from_payload(state_payload(session, thread, known[0]))
    raise UnknownReference(
        f"No checkpoint '{text}' on {thread}.", hint="%lg_history lists them; say step:4, b2:4 or an id."
    )


def _by_step(session: Session, thread: ThreadInfo, branch: str, step: int) -> Checkpoint:
    if branch == "step":
        found = next((each for each in current_branch(session, thread) if each.step == step), None)
    else:
        found = _on_branch(session, thread, branch, step)
    if found is None:
        where = "the current branch" if branch == "step" else branch
        raise UnknownReference(f"No step {step} on {where} of {thread}.", hint="%lg_history --all lists them.")
    return found


def current_branch(session: Session, thread: ThreadInfo) -> Iterator[Checkpoint]:
    """From the newest checkpoint back along the parents. History comes newest first, so one pass does."""
    expected: str | None = None
    for checkpoint in _checkpoints(session, thread):
        if expected is None or checkpoint.id == expected:
            expected = checkpoint.parent_id
            yield checkpoint


def _on_branch(session: Session, thread: ThreadInfo, branch: str, step: int) -> Checkpoint | None:
    everything = list(_checkpoints(session, thread))
    named = session.tracker.name_branches(thread.id, everything)
    return next((each for each in everything if named[each.id] == branch and each.step == step), None)


def _checkpoints(session: Session, thread: ThreadInfo) -> Iterator[Checkpoint]:
    for page in session.connection.history.pages(thread.id):
        yield from map(checkpoint_from_payload, page.rows)


def state_payload(session: Session, thread: ThreadInfo, checkpoint_id: str | None = None) -> StateRecord:
    """What get_state answers, for the head or a checkpoint.

    Raises:
        NotFound: no such thread, or no such checkpoint: the server answers that with empty values.
    """
    payload = session.connection.states.get(thread.id, checkpoint_id, shown=thread.shown)
    told = [payload[name] for name in TOLD if name in payload]
    found = payload.checkpoint_id
    if checkpoint_id and ((told and not any(told)) or (found and found != checkpoint_id.lower())):
        raise NotFound(f"No checkpoint '{checkpoint_id}' on {thread}.", hint="%lg_history --all lists them.")
    return payload
