"""What a thread holds: its state and its messages, shown or written into a file."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, overload

from lg_magics.actions.pending import remember_shown
from lg_magics.errors import CommandError, NotFound
from lg_magics.file_replacement import replace_file
from lg_magics.grammar.parameters import Option, Positional
from lg_magics.grammar.registry import command
from lg_magics.model.records import StateRecord
from lg_magics.model.run_info import ThreadInfo
from lg_magics.resolve.checkpoints import state_payload, which_checkpoint
from lg_magics.resolve.many_threads import is_many, which_threads
from lg_magics.resolve.threads import note_of_live_run, which_thread
from lg_magics.server.connection import Connection
from lg_magics.session import Session
from lg_magics.tables.conversation import Conversation, conversation
from lg_magics.tables.conversations import KINDS, messages_table, text_of
from lg_magics.tables.state import State, state_from_payload
from lg_magics.tables.table import Table

__all__ = ["messages", "state"]

AT_ONCE = 8


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


@overload
def messages(
    session: Session,
    *,
    thread: str | None = None,
    last: int | None = None,
    role: str | None = None,
    search: str | None = None,
    raw: bool = False,
    to: str | None = None,
) -> Conversation: ...
@overload
def messages(
    session: Session,
    *,
    thread: object,
    last: int | None = None,
    role: str | None = None,
    search: str | None = None,
    raw: bool = False,
    to: str | None = None,
) -> Conversation | Table: ...
@command("messages", group="State")
def messages(
    session: Session,
    *,
    thread: Annotated[object, Option("-t", value="THREAD|$threads", completes="thread")] = None,
    last: Annotated[int | None, Option(value="N")] = None,
    role: Annotated[str | None, Option(value="human|ai|tool|system")] = None,
    search: Annotated[str | None, Option(value="TEXT")] = None,
    raw: bool = False,
    to: Annotated[str | None, Option(value="FILE.md|.html|.jsonl")] = None,
) -> Conversation | Table:
    """Show a thread's messages as a conversation, or those of many threads as one table.

    Args:
        thread: Which thread; a list, a table or a frame of threads; the current one otherwise.
        last: Only the last N of each thread.
        role: Only those of human, ai, tool or system.
        search: Only those that say this.
        raw: As they came from the server; of one thread.
        to: Write them to this file too: Markdown, a web page, or JSON with one message a line. A file that is there is kept as
            FILE~.

    Returns:
        The messages of one thread, or a table; `.df` has one row for each.

    Example:
        %lg_messages --last 2
    """
    path = _path(to)
    many = is_many(thread)
    if many and raw:
        raise CommandError("--raw is of one thread.", hint="%lg_messages -t t1 --raw")
    chosen = which_threads(session, thread)
    states = _states_of(session, chosen) if many else [(chosen[0], _state(session, chosen[0]))]
    how: dict[str, Any] = {"last": last, "role": role, "search": search, "is_raw": raw}
    talks = [(info, conversation(each.messages, thread=each.thread, note=each.note, **how)) for info, each in states]
    if path is not None:
        replace_file(path, text_of(talks, path.suffix))
    return messages_table(talks, deployment=session.connection.url) if many else talks[0][1]


def _path(to: str | None) -> Path | None:
    path = Path(to).expanduser() if to else None
    if path and path.suffix not in KINDS:
        raise CommandError(f"--to: a file ends in {', '.join(KINDS)}.", hint="%lg_messages --to talk.md")
    if path and not path.parent.is_dir():
        raise CommandError(f"{path} cannot be written: there is no folder {path.parent}.")
    return path


def _states_of(session: Session, threads: Sequence[ThreadInfo]) -> list[tuple[ThreadInfo, State]]:
    """The state of each thread that is there."""
    payloads = session.loop.wait(_states(session.connection, threads))
    return [
        (info, state_from_payload(payload, thread=str(info)))
        for info, payload in zip(threads, payloads, strict=True)
        if payload is not None
    ]


async def _states(connection: Connection, threads: Sequence[ThreadInfo]) -> list[StateRecord | None]:
    """The state of each thread; None of one that is gone."""
    at_once = asyncio.Semaphore(AT_ONCE)

    async def read(thread: ThreadInfo) -> StateRecord | None:
        async with at_once:
            try:
                return await connection.background.states.get(thread.id, shown=thread.shown)
            except NotFound:
                return None

    return await asyncio.gather(*map(read, threads))
