"""What a thread holds: its state and its messages."""

from __future__ import annotations

from typing import Annotated

from lg_magics.commands.grammar.parameters import Option, Positional
from lg_magics.commands.grammar.registry import command
from lg_magics.commands.pending import remember_shown
from lg_magics.commands.which import note_of_live_run, which_thread
from lg_magics.commands.which_checkpoint import state_payload, which_checkpoint
from lg_magics.model.run_info import ThreadInfo
from lg_magics.session import Session
from lg_magics.tables.conversation import Conversation, conversation
from lg_magics.tables.state import State, state_from_payload

__all__ = ["messages", "state"]


@command("state", group="State")
def state(
    session: Session,
    checkpoint: Annotated[str | None, Positional(value="CHECKPOINT")] = None,
    *,
    thread: Annotated[str | None, Option("-t", value="THREAD", completes="thread")] = None,
) -> State:
    """Show what a thread holds: its values, what would run next, errors, and what it waits for.

    Args:
        checkpoint: As it was then: step:4, b2:4, or an id; as it is now otherwise.
        thread: Which thread; the current one otherwise.

    Returns:
        The state: `.values`, `.next`, `.interrupts`, `.messages`.

    Raises:
        NotFound: the thread has no such checkpoint.

    Example:
        %lg_state step:1
    """
    found = which_thread(session, thread)
    shown = _state(session, found, checkpoint)
    if checkpoint is None:
        remember_shown(session, found.id, shown.interrupts)
    return shown


def _state(session: Session, thread: ThreadInfo, checkpoint: str | None = None) -> State:
    chosen = which_checkpoint(session, thread, checkpoint).id if checkpoint else None
    payload = state_payload(session, thread, chosen)
    return state_from_payload(payload, thread=str(thread), note=note_of_live_run(session, thread.id))


@command("messages", group="State")
def messages(
    session: Session,
    *,
    thread: Annotated[str | None, Option("-t", value="THREAD", completes="thread")] = None,
    last: Annotated[int | None, Option(value="N")] = None,
    role: Annotated[str | None, Option(value="human|ai|tool|system")] = None,
    search: Annotated[str | None, Option(value="TEXT")] = None,
    raw: bool = False,
) -> Conversation:
    """Show a thread's messages as a conversation.

    Args:
        thread: Which thread; the current one otherwise.
        last: Only the last N.
        role: Only those of human, ai, tool or system.
        search: Only those that say this.
        raw: As they came from the server.

    Returns:
        The messages; `.df` has one row for each.

    Example:
        %lg_messages --last 2
    """
    found = _state(session, which_thread(session, thread))
    return conversation(
        found.messages, last=last, role=role, search=search, thread=found.thread, note=found.note, is_raw=raw
    )
