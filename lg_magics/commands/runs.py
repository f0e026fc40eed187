"""Runs: launch one, stream it, list them, wait for them, cancel them. Draws nothing."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Annotated, Any, Literal, TypeGuard, overload

from lg_magics.actions.attached import MOMENT, run_by_ids
from lg_magics.actions.cell_rerun import RewindTarget, annotate_reruns, check_cell, live_run_of, rewind_target
from lg_magics.actions.input_check import check_nodes, checked_request, way_to_send
from lg_magics.actions.launch import launch
from lg_magics.actions.many_writes import unconfirmed
from lg_magics.actions.multi_run import (
    cancel_batches,
    one_problem,
    outcomes_of,
    some,
    wait_for_batches,
    wait_for_runs,
)
from lg_magics.actions.pending import refuse_if_waiting
from lg_magics.actions.protected import refuse_if_protected
from lg_magics.actions.request import new_thread, request_for
from lg_magics.actions.run_rows import row_of_payload, table_of_runs, waiting_run
from lg_magics.actions.stream import print_until_end, stopped
from lg_magics.errors import (
    AlreadyEnded,
    CommandError,
    LaunchInterrupted,
    LgError,
    NotFound,
    UnknownReference,
)
from lg_magics.follow.batch import Batch
from lg_magics.follow.cancelling import cancel_runs
from lg_magics.follow.loop import interrupted
from lg_magics.follow.run import Run
from lg_magics.follow.tracked_run import tracked
from lg_magics.follow.waiting import seconds_to_wait
from lg_magics.grammar.kinds import Check, Durability, Key, Limit, Multitask, Offset, Timeout
from lg_magics.grammar.parameters import AsJson, AtLeast, KeyValues, Option, Positional, Tail
from lg_magics.grammar.registry import command
from lg_magics.model.cell import Cell
from lg_magics.model.references import is_full_id
from lg_magics.model.result import Result
from lg_magics.model.run_info import ThreadInfo
from lg_magics.model.run_input import input_from, title_of_input
from lg_magics.model.run_request import checked_mapping, checked_webhook
from lg_magics.model.run_view import LIVE
from lg_magics.model.stream_parts import checked_modes, wire_mode
from lg_magics.resolve.assistant_on_thread import NEW_THREAD, begins_thread
from lg_magics.resolve.assistant_versions import version_named, with_settings
from lg_magics.resolve.checkpoints import which_checkpoint
from lg_magics.resolve.many import id_in, rows_of
from lg_magics.resolve.own_runs import own_runs
from lg_magics.resolve.threads import last_run, which_run, which_thread
from lg_magics.session import Session
from lg_magics.tables.facts import Facts
from lg_magics.tables.runs import runs_table
from lg_magics.tables.table import Table

__all__ = ["cancel", "delete", "run", "runs", "stream", "wait"]

NEW = "new"
WAYS = "%lg_run TEXT, or --input $object"
ListedStatus = Literal["pending", "running", "success", "waiting", "cancelled", "error", "timeout"]
SERVER_WORDS: Mapping[str, str | None] = {"waiting": None, "cancelled": "interrupted"}
"""The server's status to search for. None for waiting: only the newest run can wait, and servers report it differently."""


@command("run", group="Runs")
def run(
    session: Session,
    text: Annotated[str | None, Tail(value="TEXT")] = None,
    *,
    assistant: Annotated[str | None, Option("-a", value="NAME", completes="assistant")] = None,
    thread: Annotated[str | None, Option("-t", value="THREAD|new", completes="thread")] = None,
    stateless: bool = False,
    input: Annotated[object, Option("-i", value="$object", completes="python"), AsJson()] = None,
    json: bool = False,
    configurable: Annotated[Mapping[str, object] | None, KeyValues("-c")] = None,
    wait: bool = False,
    timeout: Timeout = None,
    rewind: bool = False,
    once: bool = False,
    card: bool = True,
    config: Annotated[Mapping[str, object] | None, Option(value="$config", completes="python", everyday=False)] = None,
    context: Annotated[
        Mapping[str, object] | None, Option(value="$context", completes="python", everyday=False)
    ] = None,
    metadata: Annotated[Mapping[str, object] | None, KeyValues(everyday=False)] = None,
    header: Annotated[Mapping[str, object] | None, KeyValues(everyday=False)] = None,
    multitask: Annotated[Multitask | None, Option(everyday=False)] = None,
    checkpoint: Annotated[str | None, Option(value="CHECKPOINT", everyday=False)] = None,
    interrupt_before: Annotated[Sequence[str] | None, Option(value="NODES", everyday=False)] = None,
    interrupt_after: Annotated[Sequence[str] | None, Option(value="NODES", everyday=False)] = None,
    after: Annotated[int | None, Option(value="SECONDS", everyday=False), AtLeast(0, "seconds")] = None,
    webhook: Annotated[str | None, Option(value="URL", everyday=False)] = None,
    durability: Annotated[Durability | None, Option(everyday=False)] = None,
    goto: Annotated[str | None, Option(value="NODE", everyday=False)] = None,
    update: Annotated[object, Option(value="$values", completes="python", everyday=False), AsJson()] = None,
    trace_project: Annotated[str | None, Option(value="PROJECT", everyday=False)] = None,
    example: Annotated[str | None, Option(value="ID", everyday=False)] = None,
    subgraphs: Annotated[bool, Option(everyday=False)] = False,
    mode: Annotated[Sequence[str] | None, Option(value="MODES", everyday=False)] = None,
    keep: Annotated[bool, Option(everyday=False)] = False,
    discard_interrupt: Annotated[bool, Option(everyday=False)] = False,
    key: Key = None,
    check: Check = True,
    version: Annotated[int | None, Option(value="N", everyday=False)] = None,
) -> Run:
    """Launch a run in the background, and watch it live on a card.

    It returns at once. The run goes on, on the deployment, even if this kernel dies.

    Args:
        text: The message, verbatim to the end of the line; it becomes one human message.
        assistant: The assistant to run, even if the thread has another graph; NAME@2 with the config of that version. Otherwise
            one of the thread's graph: the current one, the one that this session last used there, or the graph's own. On a new
            thread it is the current one.
        thread: The thread for this run: t2, an id, or `new`, which becomes the current thread; the current one otherwise.
        stateless: Run without a thread: the server deletes the run when it ends.
        input: The graph's whole input, a Python object; without a text.
        json: Read the text as JSON, and send it as the graph's whole input.
        configurable: A configurable value, as user_id=Test or n:=3; may be repeated.
        wait: Wait until it has ended.
        timeout: With --wait: give up waiting after so many seconds. The run goes on.
        rewind: Start again where this cell's earlier run on the thread started; its answer is kept as a branch.
        once: If this cell's earlier run is still live, attach to it and launch nothing.
        card: Show a card; --no-card shows one line and requests fewer stream modes.
        config: A whole config, {"configurable": …, "tags": …, "recursion_limit": …}.
        context: The graph's static context, a mapping.
        metadata: Metadata of the run, as k=v; may be repeated.
        header: A header for this call, as x-user-id=lance; its value is never shown.
        multitask: What to do while a run is live on the thread: enqueue (the server's default) waits for it, reject launches
            nothing, interrupt cancels it and keeps its work, rollback cancels it and undoes its work.
        checkpoint: Go on from this checkpoint of the thread instead of its head: step:4, b2:4, or an id.
        interrupt_before: Stop before these nodes, a,b, or * for each; %lg_resume goes on.
        interrupt_after: Stop after these nodes, or after each.
        after: Start so many seconds from now.
        webhook: An address that the deployment calls when the run has ended.
        durability: When checkpoints are written: async (the server's way), sync before each next step, exit only at the end.
        goto: Without an input: go on at this node instead of the next one. An open question is left unanswered.
        update: Without an input: write this into the state first, a mapping or JSON; the graph's reducers apply.
        trace_project: The LangSmith project for the trace of this run, if the deployment traces runs.
        example: The id of the LangSmith example that the run is a result of.
        subgraphs: Include the nodes of subgraphs in `run.stream()` and %lg_stream. A card always shows them.
        mode: More stream modes for `run.stream()`, a,b: values, messages, checkpoints, debug, events.
        keep: With --stateless: keep the thread that the deployment makes for the run.
        discard_interrupt: Send new input even if the thread waits for an answer. Its question is lost.
        key: The key of the graph's input that takes the text as a message; otherwise that of its schema (`messages`).
        check: Check the input against the graph's schemas, and the breakpoints against its nodes, first; --no-check sends it
            unchecked.
        version: Use this version of a graph that was served from a notebook; the current one otherwise.

    Returns:
        The run: `.status`, `.wait()`, `.result`, `.messages`, `.cancel()`.

    Raises:
        NotConnected: there is no deployment yet.
        NotFound: no such thread. InvalidRequest: the deployment refuses the input or the assistant.
        CommandError: the input, or a setting, is surely wrong by the graph's schemas.
        RunFailed: with --wait, the graph raised an error.

    Example:
        %lg_run -c user_id=Test What's on my list?
    """
    if timeout is not None and not wait:
        raise CommandError("--timeout belongs to --wait.", hint="%lg_run --wait --timeout 30 TEXT")
    if keep and not stateless:
        raise CommandError(
            "--keep belongs to --stateless: a run on a thread is kept.", hint="%lg_run --stateless --keep TEXT"
        )
    if stateless and (thread or checkpoint or rewind or multitask):
        raise CommandError("A stateless run has no thread to go back or to queue on.", hint="Leave out --stateless.")
    if rewind and checkpoint:
        raise CommandError("--rewind finds its checkpoint itself.", hint="Leave out --checkpoint.")
    seconds_to_wait(timeout)
    modes = [wire_mode(each) for each in checked_modes(mode or ())]
    value = input_from(text, input, is_json=json)
    if example is not None and not is_full_id(example):
        raise CommandError("--example must be the id of a LangSmith example, a UUID.")
    steer = _steer(goto, update, value, is_elsewhere=stateless or thread == NEW)
    at = version_named(session, assistant) if assistant and "@" in assistant else None
    way = way_to_send("%lg_run", assistant)
    assistant = at.sent if at else assistant
    cell = session.cell()
    is_new = thread == NEW or (thread is None and _begins_thread(session, assistant, value, checkpoint))
    if once and (live := _live_run(session, cell, thread, stateless or is_new)):
        return _waited_for(session, live, wait, timeout)
    is_moved = is_new and thread is None and session.selection.thread is not None
    if stateless:
        target = None
    else:
        target = (
            new_thread() if is_new else _thread_to_go_on(session, thread, steer or value, discard_interrupt or rewind)
        )
    if value is None and not (target and target.number):
        raise CommandError("A run on a new thread needs text or --input.", hint=WAYS)
    back = _rewound(session, cell, target) if rewind and target else None
    request = request_for(
        session,
        target,
        assistant=assistant,
        config=config,
        configurable=configurable,
        context=context,
        metadata=metadata,
        header=header,
        input=value,
        command=steer,
        checkpoint_id=back.checkpoint_id if back else _checkpoint_id(session, target, checkpoint),
        interrupt_before=interrupt_before or (),
        interrupt_after=interrupt_after or (),
        multitask_strategy=multitask or "",
        after_seconds=after or 0,
        webhook=checked_webhook(webhook),
        durability=durability or "",
        tracing={
            **({"project_name": trace_project} if trace_project else {}),
            **({"example_id": example} if example else {}),
        },
        is_kept=keep,
        with_subgraphs=subgraphs,
        note=NEW_THREAD if is_moved and target else f"Version {at.number} of {at.name}." if at else "",
    )
    request = with_settings(at, request) if at else request
    if check:
        check_nodes(session, request)
    is_text = value is not None and input is None and not json
    request, unset = checked_request(session, request, is_text=is_text, key=key, check=check, way=way)
    launched = launch(
        session,
        request,
        target,
        card=card,
        modes=modes,
        title=partial(title_of_input, value),
        cell=cell,
        unset=unset,
        version=version,
    )
    annotate_reruns(session, launched, back)
    return _waited_for(session, launched, wait, timeout)


def _steer(goto: str | None, update: object, value: object, *, is_elsewhere: bool) -> dict[str, object] | None:
    """The command of --goto and --update, in place of an input; None without them."""
    if update is not None:
        checked_mapping(update, "update")
    given = {"goto": goto, "update": update}
    steer = {name: each for name, each in given.items() if each is not None}
    if steer and (value is not None or is_elsewhere):
        raise CommandError(
            "--goto and --update need an existing thread and no input.", hint="%lg_run -t t2 --goto NODE"
        )
    return steer or None


def _waited_for(session: Session, run: Run, wait: bool, timeout: float | None) -> Run:
    if wait:
        session.announce(run)
        run.wait(timeout)
    return run


def _begins_thread(session: Session, assistant: str | None, value: object, checkpoint: str | None) -> bool:
    """Whether a run without --thread begins one. Without an input, or from a checkpoint, it uses the current thread."""
    goes_on = (value is None or checkpoint is not None) and session.selection.thread is not None
    return not goes_on and begins_thread(session, assistant)


def _live_run(session: Session, cell: Cell, thread: str | None, is_alone: bool) -> Run | None:
    """For --once: the cell's live run on the thread that this run would use; on any thread if it would make a new one."""
    check_cell(cell, "--once")
    if is_alone:
        return live_run_of(session, cell, None)
    return live_run_of(session, cell, which_thread(session, thread))


def _rewound(session: Session, cell: Cell, thread: ThreadInfo) -> RewindTarget | None:
    check_cell(cell, "--rewind")
    return rewind_target(session, cell, thread) if thread.number else None


def _checkpoint_id(session: Session, thread: ThreadInfo | None, reference: str | None) -> str | None:
    if reference is None or thread is None:
        return None
    if not thread.number:
        raise CommandError("A new thread has no checkpoint yet.", hint="%lg_run -t THREAD --checkpoint step:1 TEXT")
    return which_checkpoint(session, thread, reference).id


def _thread_to_go_on(session: Session, reference: str | None, value: object, discards: bool) -> ThreadInfo:
    """The existing thread to run on."""
    thread = which_thread(session, reference)
    if value is not None and not discards and session.tracker.may_wait(session.connection, thread.id):
        refuse_if_waiting(session, thread)
    return thread


@command("stream", group="Runs", options_of=run, without=("card", "wait", "timeout"))
def stream(
    session: Session,
    text: Annotated[str | None, Tail(value="TEXT")] = None,
    *,
    mode: Annotated[Sequence[str] | None, Option(value="MODES")] = None,
    cancel_on_interrupt: bool = False,
    **launching: Any,
) -> Run:
    """Launch a run and print the output of its models, token by token, until it ends.

    After a dropped connection, printing resumes where it stopped. A kernel interrupt stops the printing; the run goes on.

    Args:
        text: The message, verbatim to the end of the line; it becomes one human message.
        mode: Print these stream modes, a,b: values, updates, messages, custom, tasks, checkpoints, debug, events.
        cancel_on_interrupt: Cancel the run on a kernel interrupt.
        launching: The other options are those of `run`.

    Returns:
        The run.

    Raises:
        RunFailed: the graph raised an error; likewise RunTimedOut and RunDeleted. Output before the error is printed.
        WaitInterrupted: a kernel interrupt. LaunchInterrupted: it came while the run was launched.

    Example:
        %lg_stream -c user_id=Test What's on my list?
    """
    modes = checked_modes(mode or ())
    try:
        launched = run(session, text, card=False, mode=modes or ("messages",), **launching)
    except LaunchInterrupted as problem:
        begun = session.tracker.run_called(problem.number)
        raise stopped(begun, cancels=True) if begun and cancel_on_interrupt else problem from None
    print_until_end(session, launched, modes, cancels=cancel_on_interrupt)
    return launched


@command("runs", group="Runs")
def runs(
    session: Session,
    *,
    thread: Annotated[str | None, Option("-t", value="THREAD", completes="thread")] = None,
    mine: bool = False,
    status: ListedStatus | None = None,
    limit: Limit = 10,
    offset: Offset = 0,
    all: bool = False,
    open: bool = False,
) -> Table:
    """List the runs of a thread, newest first, or, if there is no thread yet, those that this session follows.

    Args:
        thread: Which thread; the current one otherwise.
        mine: The runs of this session or notebook, on all threads, and no others.
        status: Only these.
        limit: Show at most so many.
        offset: Skip so many first.
        all: All of them, regardless of --limit.
        open: On a page: choose a row, and cancel the run there; the rows follow the runs. Close leaves the table.

    Returns:
        A table; `.df` is a pandas frame.

    Example:
        %lg_runs
    """
    if open:
        chosen = which_thread(session, thread).id if thread is not None and not mine else thread
        again = partial(runs, session, thread=chosen, mine=mine, status=status, limit=limit, offset=offset, all=all)
        return replace(again(), again=again)
    if mine or (thread is None and session.selection.thread is None):
        session.connection  # noqa: B018 - raises if there is none
        followed = session.tracker.runs()
        listed = own_runs(session, followed) if mine else followed
        known = [each for each in reversed(listed) if status in (None, each.status)]
        shown = known[offset:] if all else known[offset : offset + limit]
        more = "" if offset + len(shown) >= len(known) else f"--limit {len(known)} or --all"
        is_whole = len(shown) == len(known)
        return table_of_runs(session, shown, total=len(known), is_whole=is_whole, more=more, offset=offset)
    return _runs_of_thread(session, which_thread(session, thread), status, None if all else limit, offset)


def _runs_of_thread(
    session: Session, thread: ThreadInfo, status: ListedStatus | None, limit: int | None, offset: int
) -> Table:
    connection = session.connection
    word = SERVER_WORDS.get(status, status) if status else None
    wanted = 1 if status == "waiting" else limit
    listed = connection.runs.search(thread.id, status=word, limit=wanted, offset=offset, shown=thread.shown)
    newest = listed.rows[:1] if word is None and not offset else connection.runs.newest(thread.id, 1)
    waiting = waiting_run(newest, connection.threads.find(thread.id)) if newest else ""
    rows = [row_of_payload(session, row, is_paused=row.run_id == waiting) for row in listed.rows]
    rows = [row for row in rows if status in (None, row.status)]
    is_last = listed.is_whole or status == "waiting"  # only the newest can wait
    table = runs_table(
        rows,
        noun=f"run of {thread.number}",
        is_whole=is_last and not offset,
        more="" if is_last or limit is None else f"--limit {limit * 5} or --all",
        attrs={"deployment": connection.url, "thread_id": thread.id},
    )
    return replace(table, offset=offset)


@overload
def wait(session: Session, batch: Batch, /, *, all: Literal[False] = False, timeout: float | None = None) -> Batch: ...


@overload
def wait(
    session: Session, run: Run | str = "last", /, *, all: Literal[False] = False, timeout: float | None = None
) -> Run: ...


@overload
def wait(
    session: Session,
    *references: Run | str | Sequence[Run | str],
    all: Literal[False] = False,
    timeout: float | None = None,
) -> Run | Table: ...


@overload
def wait(
    session: Session, *references: object, all: bool = False, timeout: float | None = None
) -> Run | Table | Facts | Batch: ...


@command("wait", group="Runs")
def wait(
    session: Session,
    *references: Annotated[object, Positional(completes="run", value="RUN")],
    all: bool = False,
    timeout: Timeout = None,
) -> Run | Table | Facts | Batch:
    """Wait for runs to end, and show how they ended.

    Args:
        references: Runs: r7, $run, last, an id, a list of them; the last one otherwise. Or batches: $batch.
        all: All live runs and batches of this session or notebook.
        timeout: Give up waiting after so many seconds. The runs go on.

    Returns:
        The run, or the batch; a table if there are several.

    Raises:
        RunFailed: the graph raised an error; likewise RunTimedOut and RunDeleted. With several runs, it waits for all, shows
            the table, and raises one error that names those that did not end well.
        WaitTimedOut: the time is over; the runs go on.
        WaitInterrupted: a kernel interrupt; the runs go on.

    Example:
        %lg_wait r7 --timeout 30
    """
    timeout = seconds_to_wait(timeout)
    batches, chosen = _chosen(session, references, all)
    if len(batches) == 1 and not chosen:
        return batches[0].wait(timeout)
    if len(chosen) == 1 and not batches:
        return chosen[0].wait(timeout)
    until = None if timeout is None else time.monotonic() + timeout
    wait_for_runs(session, chosen, timeout)
    lost = wait_for_batches(batches, until)
    found = outcomes_of(session, chosen, batches)
    if problem := one_problem(chosen) or lost:
        session.announce(found)
        raise problem
    return found


@overload
def cancel(session: Session, batch: Batch, /, *, mine: Literal[False] = False) -> Batch: ...


@overload
def cancel(
    session: Session, run: Run | str = "last", /, *, mine: Literal[False] = False, rollback: bool = False
) -> Run: ...


@overload
def cancel(session: Session, *, mine: Literal[True], rollback: bool = False) -> Table | Facts: ...


@overload
def cancel(
    session: Session,
    *references: Run | str | Sequence[Run | str],
    mine: Literal[False] = False,
    rollback: bool = False,
) -> Run | Table: ...


@overload
def cancel(
    session: Session, *references: object, mine: bool = False, rollback: bool = False
) -> Run | Table | Facts | Batch: ...


@command("cancel", group="Runs")
def cancel(
    session: Session,
    *references: Annotated[object, Positional(completes="run", value="RUN")],
    mine: bool = False,
    rollback: bool = False,
) -> Run | Table | Facts | Batch:
    """Cancel runs. What they did to their thread is kept, unless it is rolled back.

    Args:
        references: Runs: r7, $run, last, an id, a list of them; the last one otherwise. Or batches: $batch.
        mine: All live runs and batches of this session or notebook, and no others.
        rollback: Also delete each run, and undo its changes of its thread. The results of a batch are kept.

    Returns:
        The run, or the batch; a table if there are several, whose note names those that had ended before.

    Raises:
        AlreadyEnded: the run has ended, or all of several have; not with --mine, which skips them.
        WriteInterrupted: a kernel interrupt; they may be cancelled.

    Example:
        %lg_cancel r7
    """
    batches, chosen = _chosen(session, references, mine)
    if batches and rollback and not mine:
        raise CommandError(
            "A batch is not rolled back: each of its rows has a thread of its own.", hint="%lg_cancel $batch"
        )
    if len(batches) == 1 and not (chosen or mine):
        return batches[0].cancel()
    if len(chosen) == 1 and not (batches or mine):
        return chosen[0].cancel(rollback=rollback)
    cancelling = session.loop.start(
        cancel_runs(chosen, rollback=rollback)
    )  # none of them waits for a batch that is slow
    try:
        over, refused = cancel_batches(batches)
        cancelled = cancelling.result()
    except KeyboardInterrupt:
        named = [*(run.number for run in chosen), *(f"batch {batch.id}" for batch in batches)]
        raise interrupted(f"cancel {some(named)}", "%lg_runs") from None
    passed_over = set() if mine else set(cancelled.ended)
    ended = [f"{run.number} {run.status}" for run in chosen if run in passed_over]
    ended += [] if mine else [f"batch {batch.id}" for batch in over]
    if ended and len(ended) == len(chosen) + len(batches):
        raise AlreadyEnded(f"There is nothing to cancel. Had ended before: {some(ended)}.")
    found = outcomes_of(session, chosen, batches, ended)
    if refused := [*((run.number, problem) for run, problem in cancelled.problems), *refused]:
        session.announce(found)
        name, problem = refused[0]
        what = "runs and batches" if batches else "runs"
        words = f"{len(refused)} of {len(chosen) + len(batches)} {what} could not be cancelled, {name} the first"
        raise type(problem)(f"{words}: {problem.message}", status_code=problem.status_code)
    return found


@command("runs delete", group="Runs")
def delete(
    session: Session,
    *references: Annotated[object, Positional(completes="run", value="RUN")],
    yes: bool = False,
) -> Facts:
    """Delete runs that have ended, with their checkpoints: their thread returns to its state before them.

    Checkpoints of later runs are kept. For several runs, it shows their number, and deletes them with --yes.

    Args:
        references: Runs: r7, $run, last, an id, a list of them; the last one otherwise.
        yes: Delete several runs; also allow it on a protected deployment.

    Returns:
        The runs that were deleted, or would be: `.data["run_ids"]`.

    Raises:
        UnknownReference: no such run. LgError: one is still live.

    Example:
        %lg_runs delete r7
    """
    batches, chosen = _chosen(session, references, False)
    if batches:
        raise CommandError("A batch's runs are deleted with their threads.", hint="%lg_thread delete $batch.df --yes")
    if live := [run for run in chosen if _is_live(run)]:
        raise LgError(
            f"{some([run.number for run in live])} {'is' if len(live) == 1 else 'are'} still live. Nothing was deleted.",
            hint=f"%lg_cancel --rollback {live[0].number} cancels and deletes it.",
        )
    ids = {"run_ids": [run.run_id for run in chosen]}
    numbers, written = [run.number for run in chosen], [tracked(run).connection for run in chosen]
    if len(chosen) == 1:
        refuse_if_protected(session, f"{numbers[0]} is not deleted", yes=yes, written=written)
    else:
        words = {"noun": "run", "done": "deleted"}
        preview = unconfirmed(session, numbers, "%lg_runs delete", **words, data=ids, yes=yes, written=written)
        if preview is not None:
            return preview
    for run in chosen:
        tracked(run).connection.runs.delete(run.thread_id, run.run_id, run.number)
        tracked(run).mark_deleted()
    return Facts(f"Deleted {some(numbers)}.", data=ids)


def _is_live(run: Run) -> bool:
    """Whether a run is live, by its deployment if this session has not seen its end."""
    if run.is_settled and run.status != "unknown":
        return False
    if tracked(run).row.get("status") in LIVE:
        return True
    run.wait_quietly(MOMENT)
    return False


def _chosen(session: Session, references: Sequence[object], all_live: bool) -> tuple[list[Batch], list[Run]]:
    """The named batches and runs, each once. The last run without a reference; none for an empty list."""
    if all_live:
        if references:
            raise CommandError("Name the runs, or take all of them; not both.")
        live = own_runs(session, session.tracker.live())
        batches = [batch for batch in session.tracker.batches() if not batch.is_settled]
        if not (live or batches):
            raise UnknownReference("No run of this session is live.", hint="%lg_runs lists them.")
        return batches, live
    if not references:
        return [], [last_run(session)]
    flat: list[object] = []
    for reference in map(rows_of, references):
        flat.extend(reference if _is_several(reference) else [reference])
    batches = list(dict.fromkeys(each for each in flat if isinstance(each, Batch)))
    runs = [_one(session, each) for each in flat if not isinstance(each, Batch)]
    return batches, list(dict.fromkeys(runs))


def _one(session: Session, reference: object) -> Run:
    """A run by a reference, or by a row of a table, which may list a run that this session does not follow."""
    thread_id, run_id = id_in(reference, "thread_id"), id_in(reference, "run_id")
    if isinstance(reference, Run) or thread_id is None or run_id is None:
        return which_run(session, reference)
    found = run_by_ids(session, thread_id, run_id)
    if found is None:
        raise NotFound(f"No run ·{run_id[-5:]} on {session.connection.url}.", hint="%lg_runs lists them.")
    return found


def _is_several(reference: object) -> TypeGuard[Iterable[object]]:
    is_one = isinstance(reference, str | Mapping) or (
        isinstance(reference, Result) and not isinstance(reference, Table)
    )
    return isinstance(reference, Iterable) and not is_one
