"""How a thread got where it is: its checkpoints, and what lies between two states."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from lg_magics.actions.history import read_history
from lg_magics.errors import CommandError, NotFound, ReferenceError
from lg_magics.follow.run import Run
from lg_magics.grammar.kinds import THREAD, Limit, Offset
from lg_magics.grammar.parameters import Option, Positional
from lg_magics.grammar.registry import command
from lg_magics.model.changes import changes
from lg_magics.model.long_text import with_long_texts
from lg_magics.model.run_info import ThreadInfo
from lg_magics.resolve.checkpoints import CHECKPOINT, state_payload, which_checkpoint
from lg_magics.resolve.threads import which_run, which_thread
from lg_magics.session import Session
from lg_magics.tables.diff import Diff
from lg_magics.tables.history import History

__all__ = ["diff", "history", "read_history"]


@command("history", group="State")
def history(
    session: Session,
    thread: Annotated[str | None, THREAD] = None,
    *,
    limit: Limit = 10,
    offset: Offset = 0,
    all: bool = False,
    before: Annotated[str | None, Option(value="CHECKPOINT")] = None,
    open: bool = False,
) -> History:
    """List a thread's checkpoints, newest first, each with what it changed.

    A kernel interrupt keeps the rows that have come so far.

    Args:
        thread: Which thread; the current one otherwise.
        limit: At most so many.
        offset: After so many.
        all: All of them, whatever --limit is, in pages; only what changed is kept of each.
        before: Only those older than this one: step:4, b2:4, or an id.
        open: On a page: choose a row, see its change and state, fork from there; Close leaves the table.

    Returns:
        The history: `.df` has a row for each checkpoint, `.messages_df` one for each message.

    Raises:
        ReferenceError: no such thread or checkpoint.

    Example:
        %lg_history --all
    """
    if open and offset:
        raise CommandError("--open begins with the newest checkpoint.", hint="Leave out --offset, or --open.")
    found = which_thread(session, thread)
    cursor = which_checkpoint(session, found, before).id if before else None
    wanted = None if all else offset + limit
    shown = read_history(session, found, limit=wanted, before=cursor, progress=session.progress)
    if offset:
        shown = replace(shown, steps=shown.steps[offset:], offset=offset, is_whole=False)
    return replace(shown, is_open=open)


@command("diff", group="State")
def diff(
    session: Session,
    a: Annotated[object, Positional(completes="run", value="A")],
    b: Annotated[object, Positional(completes="run", value="B")],
    *,
    thread: Annotated[str | None, Option("-t", value="THREAD", completes="thread")] = None,
) -> Diff:
    """Show what differs between two states: messages by their id, other values by their path.

    Args:
        a: The earlier one: a checkpoint (step:2, b1:2, an id), a thread (t1), or a run (r3: the state that it left).
        b: The later one.
        thread: Whose checkpoints are meant; the current thread's otherwise.

    Example:
        %lg_diff step:0 step:2
    """
    name_a, values_a = _values(session, a, thread)
    values_a = with_long_texts(values_a)  # before the other is read: two large states may not fit into memory
    name_b, values_b = _values(session, b, thread)
    return Diff(name_a, name_b, changes(values_a, values_b))


def _values(session: Session, reference: object, thread: str | None) -> tuple[str, Any]:
    """A state's name and values."""
    if isinstance(reference, Run):
        return reference.number, reference.values_left()
    if not isinstance(reference, str):
        return type(reference).__name__, reference
    if CHECKPOINT.match(reference):
        return _checkpoint_values(session, which_thread(session, thread), reference)
    if reference.startswith("r") and reference[1:].isdigit():
        run = which_run(session, reference)
        return run.number, run.values_left()
    return _thread_or_checkpoint(session, reference, thread)


def _thread_or_checkpoint(session: Session, reference: str, thread: str | None) -> tuple[str, Any]:
    try:
        found = which_thread(session, reference)
    except (ReferenceError, NotFound):
        return _checkpoint_values(session, which_thread(session, thread), reference)
    return str(found), state_payload(session, found).get("values")


def _checkpoint_values(session: Session, thread: ThreadInfo, reference: str) -> tuple[str, Any]:
    found = which_checkpoint(session, thread, reference)
    name = reference if CHECKPOINT.match(reference) else f"…{found.id[-5:]}"
    return f"{thread.number} {name}", state_payload(session, thread, found.id).get("values")
