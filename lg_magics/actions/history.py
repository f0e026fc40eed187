"""Reads a history, and implements the actions of an open one: show a checkpoint, fork, refresh. Draws nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from lg_magics.actions.fork import Change, fork_and_run, move_head
from lg_magics.actions.pending import remember_shown
from lg_magics.actions.protected import refuse_if_protected
from lg_magics.errors import LgError
from lg_magics.grammar.words import word_from_text
from lg_magics.model.answer_line import fits_a_line
from lg_magics.model.changes import Changes, changes
from lg_magics.model.checkpoints import checkpoint_from_payload
from lg_magics.model.collection import collection_paused
from lg_magics.model.history import HistoryBuilder, HistoryStep
from lg_magics.model.run_info import ThreadInfo
from lg_magics.model.subgraphs import Subgraph
from lg_magics.resolve.checkpoints import state_payload
from lg_magics.resolve.threads import note_of_live_run
from lg_magics.session import Session
from lg_magics.tables.history import History, reference_of
from lg_magics.tables.state import State, state_from_payload

__all__ = ["fork_at", "line_at", "read_again", "read_checkpoint", "read_history", "why_busy"]

IN_PYTHON = "lg.fork(…, message=…, text=…) takes it."


def read_checkpoint(session: Session, opened: History, checkpoint_id: str) -> tuple[Changes, State]:
    """Read a checkpoint in full: its changes against its parent, and its state.

    Raises:
        NotFound: the checkpoint is gone. DeploymentError: the deployment does not answer, or refuses.
    """
    thread = _thread_of(session, opened)
    payload = state_payload(session, thread, checkpoint_id, inside=opened.inside)
    values = payload.get("values")
    before: Any = {} if isinstance(values, Mapping) else None
    parent = checkpoint_from_payload(payload).parent_id
    if parent:
        before = state_payload(session, thread, parent, inside=opened.inside).get("values")
    return changes(before, values), state_from_payload(payload, thread=str(thread))


def fork_at(
    session: Session, opened: History, checkpoint_id: str, *, message: str = "", text: str = "", run: bool = False
) -> str:
    """Start a branch at this checkpoint, with or without a rewritten message. Returns a sentence with the result.

    Args:
        session: the session.
        opened: the open history.
        checkpoint_id: the checkpoint where the branch begins.
        message: the id of the message to rewrite; "" for none.
        text: its new text.
        run: whether to run on from there.

    Raises:
        LgError: a run is live on the thread, the deployment is protected, or it refuses.
    """
    thread = _thread_of(session, opened)
    inside, within = opened.inside, f" {opened.within}" if opened.within else ""
    hint = f"In a cell: %lg_fork --yes -t {thread.number}{within} {checkpoint_id}"
    refuse_if_protected(session, f"the head of {thread} stays where it is", yes=False, hint=hint)
    change = Change(message=message, text=text) if message else Change()
    try:
        if run:
            launched = fork_and_run(session, thread, checkpoint_id, change, inside=inside, card=False)
            remember_shown(session, thread.id, ())  # what the run asks is not shown anywhere
            return f"{launched.number} runs on from there; the old branch stays."
        done = move_head(session, thread, checkpoint_id, change, inside=inside)
    finally:
        session.events.emit("command", "fork")
    head = f"{inside.path} of {thread}" if inside else str(thread)
    moved = f"The head of {head} is step {done['step']} now. The next run goes on from there; the old branch stays."
    return f"{moved} {done.warning}".strip()


def line_at(opened: History, step: HistoryStep, *, elsewhere: str, message: str, text: str) -> str:
    """The line that does the same in a cell. `message` is the id of the message to rewrite; "" for none.

    Raises:
        LgError: a line cannot hold the text, or the id.
    """
    if not message.isprintable():
        raise LgError("A line cannot hold this message's id: it has characters that are not printable.", hint=IN_PYTHON)
    if text and not fits_a_line(text):
        raise LgError(
            "A line cannot hold this text: it has line breaks, begins with -, $ or a space, or ends with a backslash or a space.",
            hint=IN_PYTHON,
        )
    reference = reference_of(step, opened.branch_of[step.checkpoint.id], opened.current_branch)
    which = f"--message {word_from_text(message)}" if message else ""
    parts = ("%lg_fork --run", elsewhere, opened.within, which, reference, text)
    return " ".join(filter(None, parts))


def read_again(session: Session, opened: History) -> History:
    """The history as it is now, with as many rows, the newest first.

    Raises:
        DeploymentError: the deployment does not answer, or refuses.
    """
    thread = _thread_of(session, opened)
    limit = None if opened.is_whole else max(10, len(opened))
    return replace(read_history(session, thread, limit=limit, inside=opened.inside), is_open=True)


def why_busy(session: Session, opened: History) -> str:
    """The reason why a fork is not possible now; "" if it is."""
    live = session.tracker.live_on(session.connection, opened.thread_id)
    return f"{live[0].number} is still {live[0].status}: a fork waits for its end." if live else ""


def _thread_of(session: Session, opened: History) -> ThreadInfo:
    """The thread of the history; an error if the session is on another deployment."""
    deployment = opened.attrs.get("deployment")
    if deployment != session.connection.url:
        raise LgError(
            f"This history was opened on {deployment}, but the session is now connected to {session.connection.url}.",
            hint="%lg_history --open shows the one there.",
        )
    return session.tracker.thread(opened.thread_id)


WAIT_SECONDS = 1.0
COLLECTED_BYTES = 20_000_000  # of responses, between two collections of garbage


def read_history(
    session: Session,
    thread: ThreadInfo,
    *,
    limit: int | None,
    before: str | None = None,
    inside: Subgraph | None = None,
    progress: Callable[[str], None] = lambda words: None,
) -> History:
    """Read a thread's history. A kernel interrupt returns the part that has arrived.

    Args:
        session: the session.
        thread: the thread.
        limit: at most so many checkpoints; None for all.
        before: only checkpoints older than this id.
        inside: the history of this subgraph; the graph's own otherwise.
        progress: called with the progress once the read takes longer than a second, and with "" at the end.
    """
    builder, is_interrupted = HistoryBuilder(), False
    namespace = inside.namespace if inside else ""
    wanted = None if limit is None else limit + 1  # the last one's change is against its parent
    began, received, collected = time.monotonic(), 0, 0
    try:
        with collection_paused() as collect_new:
            for page in session.connection.history.pages(thread.id, limit=wanted, before=before, namespace=namespace):
                for entry in page.rows:
                    builder.add(entry)
                received += page.bytes
                if received - collected > COLLECTED_BYTES:
                    collect_new()
                    collected = received
                if time.monotonic() - began > WAIT_SECONDS:
                    progress(f"{len(builder.steps):,} checkpoints, {received / 1e6:,.1f} MB …")
    except KeyboardInterrupt:
        is_interrupted = True
    finally:
        progress("")
    named = session.tracker.name_branches(
        session.connection, thread.id, [step.checkpoint for step in builder.steps], namespace
    )
    steps = builder.steps if limit is None else builder.steps[:limit]
    is_whole = not is_interrupted and len(steps) == len(builder.steps)
    stopped = f"Stopped after {len(steps):,} checkpoints: older ones are missing." if is_interrupted else ""
    return History(
        steps=tuple(steps),
        branch_of=dict(named),
        thread=str(thread),
        thread_id=thread.id,
        is_whole=is_whole,
        note=stopped or note_of_live_run(session, thread.id),
        more="" if is_whole else "--limit N or --all",
        inside=inside,
        head_branch="" if before is not None else named[steps[0].checkpoint.id] if steps else None,
        attrs={"deployment": session.connection.url, "thread": str(thread)},
    )
