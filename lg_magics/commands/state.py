"""State, messages and history of threads; fork from a checkpoint, and write into the state. Draws nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, overload

from lg_magics.actions.fork import (
    Change,
    check_write,
    fork_and_run,
    head_facts,
    move_head,
    refuse_if_live,
    refuse_if_over,
    write_state,
)
from lg_magics.actions.history import read_history
from lg_magics.actions.pending import remember_shown
from lg_magics.actions.protected import refuse_if_protected
from lg_magics.errors import CommandError, NotFound, UnknownReference
from lg_magics.files import path_of, replace_file
from lg_magics.follow.run import Run
from lg_magics.follow.tracked_run import tracked
from lg_magics.grammar.kinds import THREAD, Check, Limit, Offset
from lg_magics.grammar.parameters import AsJson, Option, Positional, Tail
from lg_magics.grammar.registry import command
from lg_magics.model.changes import changes
from lg_magics.model.long_text import with_long_texts
from lg_magics.model.records import StateRecord
from lg_magics.model.run_info import ThreadInfo
from lg_magics.model.state_write import dropped_keys, next_warning
from lg_magics.model.subgraphs import Subgraph
from lg_magics.resolve.checkpoints import CHECKPOINT, state_payload, which_checkpoint, which_subgraph
from lg_magics.resolve.threads import is_many, note_of_live_run, which_run, which_thread, which_threads
from lg_magics.server.connection import Connection
from lg_magics.session import Session
from lg_magics.tables.conversation import Conversation, conversation, messages_table
from lg_magics.tables.diff import Diff
from lg_magics.tables.facts import Facts
from lg_magics.tables.history import History
from lg_magics.tables.state import State, state_from_payload, states_table
from lg_magics.tables.table import Table
from lg_magics.tables.thread import Thread
from lg_magics.views.conversation_files import KINDS, file_text

__all__ = ["diff", "fork", "history", "messages", "read_history", "state", "update"]

AT_ONCE = 8


Inside = Annotated[str | None, Option(value="PATH")]
"""A subgraph by its path: `mail`, `team:mail`, `mail#2`."""


@overload
def state(
    session: Session,
    checkpoint: str | None = None,
    *,
    subgraphs: bool = False,
    subgraph: str | None = None,
    thread: str | None = None,
) -> State: ...


@overload
def state(
    session: Session,
    checkpoint: str | None = None,
    *,
    subgraphs: bool = False,
    subgraph: str | None = None,
    thread: object,
) -> State | Table: ...


@command("state", group="State")
def state(
    session: Session,
    checkpoint: Annotated[str | None, Positional(value="CHECKPOINT")] = None,
    *,
    subgraphs: bool = False,
    subgraph: Inside = None,
    thread: Annotated[object, Option("-t", value="THREAD|$threads", completes="thread")] = None,
) -> State | Table:
    """Show a thread's state: its values, next nodes, errors, and questions; or many threads as one table.

    Args:
        checkpoint: The state at this checkpoint: step:4, b2:4, or an id; the current state otherwise.
        subgraphs: Also show the states of the subgraphs that it waits in, at any depth.
        subgraph: Show only the state of this subgraph: mail, team:mail, or mail#2 of several in one step.
        thread: The thread; a list, a table or a frame of threads; the current one otherwise.

    Returns:
        The state: `.values`, `.next`, `.interrupts`, `.messages`, and with --subgraphs `.subgraphs["team:mail"].values`.
        For many threads, a table: `.df` has a column for each value.

    Raises:
        NotFound: the thread has no such checkpoint. UnknownReference: no such subgraph.

    Example:
        %lg_state step:1
    """
    if is_many(thread):
        if checkpoint is not None or subgraph or subgraphs:
            raise CommandError("A checkpoint or a subgraph needs a single thread.", hint="%lg_state CHECKPOINT -t t1")
        return _table_of_states(session, which_threads(session, thread))
    (found,) = which_threads(session, thread)
    inside = which_subgraph(session, found, subgraph) if subgraph else None
    shown = _state(session, found, checkpoint, inside, subgraphs=subgraphs)
    if checkpoint is None and inside is None:
        numbered = session.connection.question_numbers.numbered(found.id, shown.interrupts)
        shown = replace(shown, interrupts=numbered)
        remember_shown(session, found.id, shown.interrupts)
    return shown


def _table_of_states(session: Session, threads: Sequence[ThreadInfo]) -> Table:
    states = _states_of(session, threads)
    gone = len(threads) - len(states)
    note = f"{gone} of the {len(threads)} threads {'is' if gone == 1 else 'are'} gone." if gone else ""
    return states_table(states, note, deployment=session.connection.url)


def _state(
    session: Session,
    thread: ThreadInfo,
    checkpoint: str | None = None,
    inside: Subgraph | None = None,
    *,
    subgraphs: bool = False,
) -> State:
    chosen = which_checkpoint(session, thread, checkpoint, inside).id if checkpoint is not None else None
    payload = state_payload(session, thread, chosen, inside=inside, subgraphs=subgraphs)
    path = inside.path if inside else ""
    return state_from_payload(payload, thread=str(thread), note=note_of_live_run(session, thread.id), subgraph=path)


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
    subgraph: str | None = None,
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
    subgraph: str | None = None,
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
    subgraph: Inside = None,
) -> Conversation | Table:
    """Show a thread's messages as a conversation, or those of many threads as one table.

    Args:
        thread: The thread; a list, a table or a frame of threads; the current one otherwise.
        last: Only the last N of each thread.
        role: Only those of human, ai, tool or system.
        search: Only those that contain this text.
        raw: As they came from the server; for one thread.
        to: Also write them to this file: Markdown, a web page, or JSON with one message a line. An existing file is kept as
            FILE~.
        subgraph: The messages of this subgraph of one thread: mail, team:mail, or mail#2 of several in one step.

    Returns:
        The messages of one thread, or a table; `.df` has one row for each.

    Example:
        %lg_messages --last 2
    """
    path = _path(to)
    many = is_many(thread)
    if many and (raw or subgraph):
        raise CommandError("--raw and --subgraph are of one thread.", hint="%lg_messages -t t1 --raw")
    chosen = which_threads(session, thread)
    inside = which_subgraph(session, chosen[0], subgraph) if subgraph else None
    states = _states_of(session, chosen) if many else [(chosen[0], _state(session, chosen[0], inside=inside))]
    how: dict[str, Any] = {"last": last, "role": role, "search": search, "is_raw": raw}
    talks = [(info, conversation(each.messages, thread=each.thread, note=each.note, **how)) for info, each in states]
    found = messages_table(talks, deployment=session.connection.url) if many else talks[0][1]
    if path is None:
        return found
    replace_file(path, file_text(talks, path.suffix.lower()))
    return replace(found, note=". ".join(filter(None, (found.note, f"Written to {path}"))) + ".")


def _path(to: str | None) -> Path | None:
    path = path_of(to) if to else None
    if path and path.suffix.lower() not in KINDS:
        raise CommandError(f"--to: a file ends in {', '.join(KINDS)}.", hint="%lg_messages --to talk.md")
    if path and not path.parent.is_dir():
        raise CommandError(f"{path} cannot be written: there is no folder {path.parent}.")
    return path


def _states_of(session: Session, threads: Sequence[ThreadInfo]) -> list[tuple[ThreadInfo, State]]:
    """The state of each existing thread."""
    payloads = session.loop.wait(_states(session.connection, threads))
    return [
        (info, state_from_payload(payload, thread=str(info)))
        for info, payload in zip(threads, payloads, strict=True)
        if payload is not None
    ]


async def _states(connection: Connection, threads: Sequence[ThreadInfo]) -> list[StateRecord | None]:
    """The state of each thread; None for one that is gone."""
    at_once = asyncio.Semaphore(AT_ONCE)

    async def read(thread: ThreadInfo) -> StateRecord | None:
        async with at_once:
            try:
                return await connection.background.states.get(thread.id, shown=thread.shown)
            except NotFound:
                return None

    return await asyncio.gather(*map(read, threads))


@command("history", group="State")
def history(
    session: Session,
    thread: Annotated[str | None, THREAD] = None,
    *,
    limit: Limit = 10,
    offset: Offset = 0,
    all: bool = False,
    before: Annotated[str | None, Option(value="CHECKPOINT")] = None,
    subgraph: Inside = None,
    open: bool = False,
) -> History:
    """List a thread's checkpoints, newest first, each with its changes.

    A kernel interrupt keeps the rows that have arrived.

    Args:
        thread: Which thread; the current one otherwise.
        limit: Show at most so many.
        offset: Skip so many first.
        all: All of them, in pages, regardless of --limit; only the changes of each are kept.
        before: Only checkpoints older than this one: step:4, b2:4, or an id.
        subgraph: The checkpoints of this subgraph: mail, team:mail, or mail#2 of several in one step. The thread waits in it, or
            it is the last that ran.
        open: On a page: choose a row, see its change and state, fork from there; Close leaves the table.

    Returns:
        The history: `.df` has a row for each checkpoint, `.messages_df` one for each message.

    Raises:
        UnknownReference: no such thread, checkpoint or subgraph.

    Example:
        %lg_history --all
    """
    if open and offset:
        raise CommandError("--open begins with the newest checkpoint.", hint="Leave out --offset, or --open.")
    found = which_thread(session, thread)
    inside = which_subgraph(session, found, subgraph) if subgraph else None
    cursor = which_checkpoint(session, found, before, inside).id if before else None
    wanted = None if all else offset + limit
    shown = read_history(session, found, limit=wanted, before=cursor, inside=inside, progress=session.progress)
    if offset:
        shown = replace(shown, steps=shown.steps[offset:], offset=offset, is_whole=False)
    return replace(shown, is_open=open)


@command("diff", group="State")
def diff(
    session: Session,
    a: Annotated[object, Positional(completes="run", value="A")],
    b: Annotated[object, Positional(completes="run", value="B")],
    *,
    subgraph: Inside = None,
    thread: Annotated[str | None, Option("-t", value="THREAD", completes="thread")] = None,
) -> Diff:
    """Show the differences between two states: messages by their id, other values by their path.

    Args:
        a: The earlier one: a checkpoint (step:2, b1:2, an id), a thread (t1), a run (r3: the state that it left), or an object:
            a `State`, a thread, a run, or values.
        b: The later one.
        subgraph: The subgraph of the checkpoints: mail, team:mail, or mail#2 of several in one step.
        thread: The thread of the checkpoints; the current thread otherwise.

    Raises:
        CommandError: --thread without a checkpoint, or --subgraph with something else than checkpoints.

    Example:
        %lg_diff step:0 step:2
    """
    first = _side(session, a, thread, subgraph)
    # Before the other is read: two large states may not fit into memory.
    first = first._replace(values=with_long_texts(first.values))
    second = _side(session, b, thread, subgraph)
    checkpoints = first.is_checkpoint + second.is_checkpoint
    if subgraph and checkpoints < 2:
        raise CommandError("--subgraph belongs to checkpoints.", hint=f"%lg_diff step:0 step:2 --subgraph {subgraph}")
    if thread and not checkpoints:
        raise CommandError("--thread names the thread of checkpoints.", hint=f"%lg_diff step:0 step:2 -t {thread}")
    return Diff(first.name, second.name, changes(first.values, second.values))


class _Side(NamedTuple):
    """One of the two states."""

    name: str
    values: Any
    is_checkpoint: bool = False


def _side(session: Session, reference: object, thread: str | None, subgraph: str | None) -> _Side:
    if isinstance(reference, Run):
        return _Side(reference.number, tracked(reference).values_left())
    if isinstance(reference, State):
        step = "" if reference.step is None else f"step:{reference.step}"
        return _Side(" ".join(filter(None, (reference.thread, reference.subgraph, step))) or "State", reference.values)
    if isinstance(reference, Thread):
        reference = reference.thread_id
    if not isinstance(reference, str):
        return _Side(type(reference).__name__, reference)
    if subgraph:
        found = which_thread(session, thread)
        return _checkpoint_side(session, found, reference, which_subgraph(session, found, subgraph))
    if CHECKPOINT.match(reference):
        return _checkpoint_side(session, which_thread(session, thread), reference)
    if reference.startswith("r") and reference[1:].isdigit():
        run = which_run(session, reference)
        return _Side(run.number, tracked(run).values_left())
    return _thread_or_checkpoint(session, reference, thread)


def _thread_or_checkpoint(session: Session, reference: str, thread: str | None) -> _Side:
    try:
        found = which_thread(session, reference)
    except (UnknownReference, NotFound):
        return _checkpoint_side(session, which_thread(session, thread), reference)
    return _Side(str(found), state_payload(session, found).get("values"))


def _checkpoint_side(session: Session, thread: ThreadInfo, reference: str, inside: Subgraph | None = None) -> _Side:
    found = which_checkpoint(session, thread, reference, inside)
    name = reference if CHECKPOINT.match(reference) else f"…{found.id[-5:]}"
    whose = " ".join(filter(None, (thread.number, inside.path if inside else "", name)))
    return _Side(whose, state_payload(session, thread, found.id, inside=inside).get("values"), True)


@overload
def fork(
    session: Session,
    checkpoint: str,
    text: str | None = None,
    *,
    values: object = None,
    as_node: str | None = None,
    message: str | int | None = None,
    run: Literal[False] = False,
    subgraph: str | None = None,
    thread: str | None = None,
    yes: bool = False,
    check: bool = True,
) -> Facts: ...


@overload
def fork(
    session: Session,
    checkpoint: str,
    text: str | None = None,
    *,
    values: object = None,
    as_node: str | None = None,
    message: str | int | None = None,
    run: Literal[True],
    wait: bool = False,
    card: bool = True,
    assistant: str | None = None,
    subgraph: str | None = None,
    thread: str | None = None,
    yes: bool = False,
    check: bool = True,
) -> Run: ...


@overload
def fork(
    session: Session,
    checkpoint: str,
    text: str | None = None,
    *,
    values: object = None,
    as_node: str | None = None,
    message: str | int | None = None,
    run: bool = False,
    wait: bool = False,
    card: bool = True,
    assistant: str | None = None,
    subgraph: str | None = None,
    thread: str | None = None,
    yes: bool = False,
    check: bool = True,
) -> Run | Facts: ...


@command("fork", group="State")
def fork(
    session: Session,
    checkpoint: Annotated[str, Positional(value="CHECKPOINT")],
    text: Annotated[str | None, Tail(value="TEXT")] = None,
    *,
    values: Annotated[object, Option("-v", value="$values", completes="python"), AsJson()] = None,
    as_node: Annotated[str | None, Option(value="NODE")] = None,
    message: Annotated[str | int | None, Option("-m", value="ID|N")] = None,
    run: bool = False,
    wait: bool = False,
    card: bool = True,
    assistant: Annotated[str | None, Option("-a", value="NAME", completes="assistant")] = None,
    subgraph: Inside = None,
    thread: Annotated[str | None, Option("-t", value="THREAD", completes="thread")] = None,
    yes: bool = False,
    check: Check = True,
) -> Run | Facts:
    """Fork a thread at an earlier checkpoint, with other values, or with a rewritten message.

    The head of the thread moves to the new branch, where the next run goes on. Without a change, it is a copy of the checkpoint.
    The old branch is kept: %lg_history shows both.

    Args:
        checkpoint: The checkpoint: step:1, b2:4, or an id.
        text: With --message: the message's new text.
        values: Values to write into the state there, a mapping; the graph's reducers apply.
        as_node: Write them as if this node had, which decides the next node; otherwise, as the node that ran last.
        message: Rewrite this message: its id, its place (0 is the first, -1 the last), or a part of its id.
        run: Run on from there, without new input.
        wait: With --run: wait until it has ended.
        card: With --run: show a card.
        assistant: With --run: the assistant to run, even if the thread has another graph; otherwise one of the thread's graph,
            as with %lg_run.
        subgraph: The subgraph of the checkpoint, which the thread waits in: mail, team:mail, or mail#2 of several in one step.
        thread: The thread of the checkpoint; the current thread otherwise.
        yes: Also allow it on a protected deployment.
        check: Check the values, and with --run the settings, by the graph's schemas first; --no-check sends them unchecked.

    Returns:
        With --run, the run; otherwise the new head.

    Raises:
        UnknownReference: no such checkpoint, message or subgraph. Conflict: a run is live on the thread.
        CommandError: the values, or a setting, are surely wrong by the graph's schemas; the message has no id; the thread does
            not wait in the subgraph.
        LgError: with --run, after the change the message is not rewritten, or nothing runs next. Nothing was run.

    Example:
        %lg_fork --run --message 0 step:0 Give me a summary of all ToDos due next week.
    """
    if wait and not run:
        raise CommandError("--wait belongs to --run.", hint="%lg_fork --run --wait step:1")
    if not run and (assistant or not card):
        raise CommandError("--assistant and --no-card belong to --run.", hint="%lg_fork --run -a NAME step:1")
    found = which_thread(session, thread)
    inside = which_subgraph(session, found, subgraph) if subgraph else None
    change = Change(values=values, as_node=as_node, message=message, text=text)
    how: dict[str, Any] = {"inside": inside, "yes": yes, "check": check}
    if not run:
        return move_head(session, found, checkpoint, change, **how)
    launched = fork_and_run(session, found, checkpoint, change, assistant=assistant, card=card, **how)
    if wait:
        session.announce(launched)
        launched.wait()
    return launched


@command("state update", group="State")
def update(
    session: Session,
    values: Annotated[object, Positional(completes="python", value="$values"), AsJson()],
    *,
    as_node: Annotated[str | None, Option(value="NODE")] = None,
    at: Annotated[str | None, Option(value="CHECKPOINT")] = None,
    subgraph: Inside = None,
    thread: Annotated[str | None, Option("-t", value="THREAD", completes="thread")] = None,
    yes: bool = False,
    check: Check = True,
) -> Facts:
    """Write into a thread's state. This makes a new checkpoint, which becomes the head.

    Args:
        values: The values to write, a mapping or JSON; the graph's reducers apply.
        as_node: Write them as if this node had, which decides the next node; otherwise, as the node that ran last.
        at: Write them after this checkpoint: step:4, b2:4, or an id; the head otherwise.
        subgraph: Write into this subgraph, which the thread waits in: mail, team:mail, or mail#2 of several in one step.
        thread: Which thread; the current one otherwise.
        yes: Also allow it on a protected deployment.
        check: Check the values by the graph's schema first; --no-check sends them unchecked.

    Raises:
        InvalidRequest: no such node, values that do not fit, or a thread that never ran.
        Conflict: a run is live on the thread. UnknownReference: no such subgraph.
        CommandError: the values are None, or surely wrong by the graph's schema; the thread does not wait in the subgraph.

    Example:
        %lg_state update $values --as-node agent
    """
    if values is None:
        raise CommandError("values are needed, got None.", hint="%lg_state update {} --as-node NODE writes none.")
    found = which_thread(session, thread)
    refuse_if_live(session, found, "write the state")
    refuse_if_protected(session, f"the state of {found} is not written", yes=yes)
    inside = which_subgraph(session, found, subgraph) if subgraph else None
    refuse_if_over(found, inside)
    base = which_checkpoint(session, found, at, inside).id if at is not None else None
    before = state_payload(session, found, base, inside=inside)
    has_run = bool(before.checkpoint_id)  # otherwise the thread may have no graph, or not the current assistant's
    check_write(session, found, values, as_node, inside, check=check and has_run)
    write_state(session, found, values, as_node, base, inside)
    head = state_payload(session, found, inside=inside)
    moved = next_warning(before.next, head.next) if as_node is None and has_run else ""
    dropped = dropped_keys(values, before.get("values"), head.get("values"))
    return head_facts(found, head, at, " ".join(filter(None, (dropped, moved))), inside)
