"""Runs: launch, wait, cancel. Launching is one call to the deployment; what comes of it is followed in the background."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping, Sequence
from typing import Annotated

from lg_magics.commands.grammar.parameters import KeyValues, Option, Positional, Tail
from lg_magics.commands.grammar.registry import command
from lg_magics.commands.launch import launch, new_thread, request_for
from lg_magics.commands.run_table import table_of_runs
from lg_magics.commands.which import which_run, which_thread
from lg_magics.errors import AlreadyEnded, CommandError, LgError, ReferenceError, WaitTimedOut
from lg_magics.follow.run import Run
from lg_magics.model.interrupts import interrupts_from_thread
from lg_magics.model.run_info import ThreadInfo
from lg_magics.model.run_input import input_from, title_of_input
from lg_magics.server.threads import find_threads
from lg_magics.session import Session
from lg_magics.tables.table import Table

__all__ = ["cancel", "run", "wait"]

NEW = "new"


@command("run", group="Runs")
def run(
    session: Session,
    text: Annotated[str | None, Tail(value="TEXT")] = None,
    *,
    assistant: Annotated[str | None, Option("-a", value="NAME", completes="assistant")] = None,
    thread: Annotated[str | None, Option("-t", value="THREAD|new", completes="thread")] = None,
    stateless: bool = False,
    input: Annotated[object, Option("-i", value="$object", completes="python")] = None,
    json: bool = False,
    configurable: Annotated[Mapping[str, object] | None, KeyValues("-c")] = None,
    wait: bool = False,
    timeout: Annotated[float | None, Option(value="SECONDS")] = None,
    card: bool = True,
    config: Annotated[Mapping[str, object] | None, Option(value="$config", completes="python", everyday=False)] = None,
    context: Annotated[
        Mapping[str, object] | None, Option(value="$context", completes="python", everyday=False)
    ] = None,
    metadata: Annotated[Mapping[str, object] | None, KeyValues(everyday=False)] = None,
    interrupt_before: Annotated[Sequence[str] | None, Option(value="NODES", everyday=False)] = None,
    interrupt_after: Annotated[Sequence[str] | None, Option(value="NODES", everyday=False)] = None,
    discard_interrupt: Annotated[bool, Option(everyday=False)] = False,
) -> Run:
    """Launch a run in the background, and watch it live on a card.

    It returns at once. The run goes on, on the deployment, whatever becomes of this kernel.

    Args:
        text: What to say, verbatim to the end of the line; it becomes one human message.
        assistant: Which assistant runs; the current one otherwise.
        thread: Which thread it runs on: t2, an id, `new`; the current one otherwise. For this run only, but for `new`.
        stateless: Without a thread: nothing is kept, and the run vanishes when it ends.
        input: The graph's whole input, a Python object; without a text.
        json: Read the text as JSON, and send it as the graph's whole input.
        configurable: A configurable value, as user_id=Test or n:=3; may be repeated.
        wait: Wait until it has ended.
        timeout: With --wait: give up waiting after so many seconds. The run goes on.
        card: Show a card; --no-card shows one line and asks the deployment for less.
        config: A whole config, {"configurable": …, "tags": …, "recursion_limit": …}.
        context: The graph's static context, a mapping.
        metadata: Metadata to keep with the run, as k=v; may be repeated.
        interrupt_before: Stop before these nodes, a,b; %lg_resume goes on.
        interrupt_after: Stop after these nodes.
        discard_interrupt: Send new input although the thread waits for an answer, which is then lost.

    Returns:
        The run: `.status`, `.wait()`, `.result`, `.messages`, `.cancel()`.

    Raises:
        NotConnected: there is no deployment yet.
        NotFound: no such thread. InvalidRequest: the deployment refuses the input or the assistant.
        RunFailed: with --wait, the graph raised an error.

    Example:
        %lg_run -c user_id=Test What's on my list?
    """
    if timeout is not None and not wait:
        raise CommandError("--timeout belongs to --wait.", hint="%lg_run --wait --timeout 30 TEXT")
    value = input_from(text, input, is_json=json)
    target = None if stateless else _target_thread(session, thread, value, discard_interrupt)
    if stateless and thread:
        raise CommandError("A stateless run has no thread.", hint="Leave out --thread or --stateless.")
    request = request_for(
        session,
        target,
        assistant=assistant,
        config=config,
        configurable=configurable,
        context=context,
        metadata=metadata,
        input=value,
        interrupt_before=interrupt_before or (),
        interrupt_after=interrupt_after or (),
    )
    launched = launch(session, request, target, card=card, title=title_of_input(value))
    if wait:
        session.announce(launched)
        launched.wait(timeout)
    return launched


def _target_thread(session: Session, reference: str | None, value: object, discards: bool) -> ThreadInfo:
    """The thread to run on. A new one gets its id here and is made by the same call that launches the run."""
    if reference == NEW or (reference is None and session.selection.thread is None):
        return new_thread()
    thread = which_thread(session, reference)
    if value is not None and not discards and session.tracker.may_wait(thread.id):
        _refuse_if_waiting(session, thread)
    return thread


def _refuse_if_waiting(session: Session, thread: ThreadInfo) -> None:
    """New input on a thread that waits throws its question away, without a word from the server."""
    rows = find_threads(session.connection, ids=[thread.id], limit=1)
    is_waiting = bool(rows) and rows[0].get("status") == "interrupted" and bool(interrupts_from_thread(rows[0]))
    session.tracker.knows_waiting(thread.id, is_waiting)
    if is_waiting:
        raise LgError(
            f"{thread} waits for an answer, which new input would throw away.",
            hint="%lg_resume answers it; --discard-interrupt sends the new input all the same.",
        )


@command("wait", group="Runs")
def wait(
    session: Session,
    *references: Annotated[object, Positional(completes="run", value="RUN")],
    all: bool = False,
    timeout: Annotated[float | None, Option(value="SECONDS")] = None,
) -> Run | Table:
    """Wait for runs to end, and show how they ended.

    Args:
        references: Runs: r7, $run, last, an id; the last one otherwise.
        all: All live runs of this session.
        timeout: Give up waiting after so many seconds. The runs go on.

    Returns:
        The run; a table where there are several.

    Raises:
        RunFailed: the graph raised an error; likewise RunTimedOut and RunDeleted. Several are all waited for first.
        WaitTimedOut: the time is over; the runs go on.
        WaitInterrupted: a kernel interrupt; the runs go on.

    Example:
        %lg_wait r7 --timeout 30
    """
    chosen = _chosen(session, references, all)
    until = None if timeout is None else time.monotonic() + timeout
    for each in chosen:
        left = None if until is None else max(0.0, until - time.monotonic())
        try:
            each.wait_quietly(left)
        except WaitTimedOut as problem:
            raise WaitTimedOut(
                f"{each.number} is still {each.status} after {timeout:g} s.", hint=problem.hint
            ) from None
    for each in chosen:
        each.raise_for_status()
    return chosen[0] if len(chosen) == 1 else table_of_runs(session, chosen)


@command("cancel", group="Runs")
def cancel(
    session: Session,
    *references: Annotated[object, Positional(completes="run", value="RUN")],
    mine: bool = False,
    rollback: bool = False,
) -> Run | Table:
    """Cancel runs. What they did to their thread is kept, unless it is rolled back.

    Args:
        references: Runs: r7, $run, last, an id; the last one otherwise.
        mine: All live runs of this session; never anybody else's.
        rollback: Also delete each run, and take back what it did to its thread.

    Raises:
        AlreadyEnded: the run has ended; not with --mine, which passes over it.

    Example:
        %lg_cancel r7
    """
    chosen = _chosen(session, references, mine)
    for each in chosen:
        with contextlib.suppress(AlreadyEnded) if mine else contextlib.nullcontext():
            each.cancel(rollback=rollback)
    return chosen[0] if len(chosen) == 1 else table_of_runs(session, chosen)


def _chosen(session: Session, references: Sequence[object], all_live: bool) -> list[Run]:
    if all_live:
        if references:
            raise CommandError("Name the runs, or take all of them; not both.")
        live = session.tracker.live()
        if not live:
            raise ReferenceError("No run of this session is live.", hint="%lg_runs lists them.")
        return live
    flat: list[object] = []
    for reference in references:
        flat.extend(reference if isinstance(reference, list | tuple) else [reference])
    return [which_run(session, reference) for reference in flat] or [which_run(session)]
