"""What if it had gone otherwise: go on from an earlier checkpoint, or write into the state. The old branch stays."""

from __future__ import annotations

from typing import Annotated, Literal, overload

from lg_magics.actions.fork import (
    Change,
    fork_and_run,
    head_facts,
    move_head,
    refuse_if_live,
    unknown_keys,
    write_state,
)
from lg_magics.actions.protected import refuse_if_protected
from lg_magics.errors import CommandError
from lg_magics.follow.run import Run
from lg_magics.grammar.kinds import Check
from lg_magics.grammar.parameters import Option, Positional, Tail
from lg_magics.grammar.registry import command
from lg_magics.resolve.checkpoints import state_payload, which_checkpoint
from lg_magics.resolve.threads import which_thread
from lg_magics.session import Session
from lg_magics.tables.facts import Facts

__all__ = ["fork", "update"]


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
    values: Annotated[object, Option("-v", value="$values", completes="python")] = None,
    as_node: Annotated[str | None, Option(value="NODE")] = None,
    message: Annotated[str | int | None, Option("-m", value="ID|N")] = None,
    run: bool = False,
    wait: bool = False,
    card: bool = True,
    assistant: Annotated[str | None, Option("-a", value="NAME", completes="assistant")] = None,
    thread: Annotated[str | None, Option("-t", value="THREAD", completes="thread")] = None,
    yes: bool = False,
    check: Check = True,
) -> Run | Facts:
    """Go on from an earlier checkpoint of the thread: with other values, or with a message rewritten.

    The head of the thread moves to the new branch, where the next run goes on. The old branch stays: %lg_history shows both.

    Args:
        checkpoint: Where to begin: step:1, b2:4, or an id.
        text: With --message: the message's new text.
        values: What to write into the state there, a mapping; the graph's reducers apply.
        as_node: Write it as if this node had.
        message: Rewrite this message: its id, a part of it, or its place (0 is the first, -1 the last).
        run: Run on from there, without new input.
        wait: With --run: wait until it has ended.
        card: With --run: show a card.
        assistant: With --run: which assistant runs, whatever the thread's graph is; otherwise one of the thread's graph, as
            with %lg_run.
        thread: Whose checkpoint it is; the current thread's otherwise.
        yes: Do it on a protected deployment too.
        check: Hold the values, and with --run the settings, against the graph's schemas first; --no-check sends them whatever
            they are.

    Returns:
        The run, with --run; what is the head now, otherwise.

    Raises:
        ReferenceError: no such checkpoint or message. Conflict: a run is live on the thread.
        CommandError: the values, or a setting, are surely wrong by the graph's schemas.

    Example:
        %lg_fork --run --message 0 step:0 Give me a summary of all ToDos due next week.
    """
    if wait and not run:
        raise CommandError("--wait belongs to --run.", hint="%lg_fork --run --wait step:1")
    if not run and (assistant or not card):
        raise CommandError("--assistant and --no-card belong to --run.", hint="%lg_fork --run -a NAME step:1")
    found = which_thread(session, thread)
    change = Change(values=values, as_node=as_node, message=message, text=text)
    if not run:
        return move_head(session, found, checkpoint, change, yes=yes, check=check)
    launched = fork_and_run(session, found, checkpoint, change, assistant=assistant, card=card, yes=yes, check=check)
    if wait:
        session.announce(launched)
        launched.wait()
    return launched


@command("state update", group="State")
def update(
    session: Session,
    values: Annotated[object, Positional(completes="python", value="$values")],
    *,
    as_node: Annotated[str | None, Option(value="NODE")] = None,
    at: Annotated[str | None, Option(value="CHECKPOINT")] = None,
    thread: Annotated[str | None, Option("-t", value="THREAD", completes="thread")] = None,
    yes: bool = False,
) -> Facts:
    """Write into a thread's state: a new checkpoint, which is the head from now on.

    Args:
        values: What to write, a mapping or JSON; the graph's reducers apply.
        as_node: Write it as if this node had, which decides what runs next.
        at: Write it after this checkpoint: step:4, b2:4, or an id; the head otherwise.
        thread: Which thread; the current one otherwise.
        yes: Do it on a protected deployment too.

    Raises:
        InvalidRequest: no such node, values that do not fit, or a thread that never ran.
        Conflict: a run is live on the thread.

    Example:
        %lg_state update $values --as-node agent
    """
    found = which_thread(session, thread)
    refuse_if_live(session, found, "write the state")
    refuse_if_protected(session, f"the state of {found} is not written", yes=yes)
    known = state_payload(session, found).get("values")
    base = which_checkpoint(session, found, at).id if at else None
    write_state(session, found, values, as_node, base)
    return head_facts(session, found, at, unknown_keys(values, known))
