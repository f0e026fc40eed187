"""Runs: launch one. It is one call to the deployment; what comes of it is followed in the background."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from lg_magics.actions.again import Rewound, check_cell, live_run_of, look_around, rewound
from lg_magics.actions.input_check import check_nodes, checked_request, way_to_send
from lg_magics.actions.launch import launch, new_thread, request_for
from lg_magics.actions.pending import open_questions
from lg_magics.errors import CommandError, LgError
from lg_magics.follow.run import Run
from lg_magics.follow.time_limit import seconds_to_wait
from lg_magics.grammar.kinds import Check, Key, Timeout
from lg_magics.grammar.parameters import AtLeast, KeyValues, Option, Tail
from lg_magics.grammar.registry import command
from lg_magics.model.cell import Cell
from lg_magics.model.run_info import ThreadInfo
from lg_magics.model.run_input import input_from, title_of_input
from lg_magics.model.stream_parts import checked_modes, wire_mode
from lg_magics.resolve.assistant_on_thread import NEW_THREAD, begins_thread
from lg_magics.resolve.checkpoints import which_checkpoint
from lg_magics.resolve.threads import which_thread
from lg_magics.session import Session

__all__ = ["Durability", "Multitask", "checked_address", "run"]

NEW = "new"
WAYS = "%lg_run TEXT, or --input $object"
Multitask = Literal["reject", "enqueue", "interrupt", "rollback"]
Durability = Literal["sync", "async", "exit"]


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
    update: Annotated[object, Option(value="$values", completes="python", everyday=False)] = None,
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

    It returns at once. The run goes on, on the deployment, whatever becomes of this kernel.

    Args:
        text: What to say, verbatim to the end of the line; it becomes one human message.
        assistant: Which assistant runs, whatever the thread's graph is; otherwise one of the thread's graph: the current one,
            the one that this session last used there, or the graph's own. On a new thread it is the current one.
        thread: Which thread it runs on: t2, an id, `new`; the current one otherwise. For this run only, but for `new`.
        stateless: Without a thread: nothing is kept, and the run vanishes when it ends.
        input: The graph's whole input, a Python object; without a text.
        json: Read the text as JSON, and send it as the graph's whole input.
        configurable: A configurable value, as user_id=Test or n:=3; may be repeated.
        wait: Wait until it has ended.
        timeout: With --wait: give up waiting after so many seconds. The run goes on.
        rewind: Start again from where this cell's earlier run on the thread started; its answer stays as a branch.
        once: If this cell's earlier run is still live, attach to it and launch nothing.
        card: Show a card; --no-card shows one line and asks the deployment for less.
        config: A whole config, {"configurable": …, "tags": …, "recursion_limit": …}.
        context: The graph's static context, a mapping.
        metadata: Metadata to keep with the run, as k=v; may be repeated.
        header: A header for this call, as x-user-id=lance; its value is shown nowhere.
        multitask: What to do while a run is live on the thread: enqueue (the server's way) waits for it, reject launches
            nothing, interrupt cancels it and keeps what it did, rollback cancels it and takes that back.
        checkpoint: Go on from this checkpoint of the thread instead of its head: step:4, b2:4, or an id.
        interrupt_before: Stop before these nodes, a,b, or * for each; %lg_resume goes on.
        interrupt_after: Stop after these nodes, or after each.
        after: Start so many seconds from now.
        webhook: An address that the deployment calls when the run has ended.
        durability: When checkpoints are written: async (the server's way), sync before each next step, exit only at the end.
        goto: Without an input: go on at this node, whatever would run next. A question that waits there is left.
        update: Without an input: write this into the state first, a mapping or JSON; the graph's reducers apply.
        trace_project: The LangSmith project that the deployment traces this run to, where it traces runs at all.
        example: The id of the LangSmith example that the run is traced as a result of.
        subgraphs: Let `run.stream()` and %lg_stream tell of subgraphs' nodes too. A card shows them anyway.
        mode: More stream modes for `run.stream()` to have, a,b: values, messages, checkpoints, debug, events.
        keep: With --stateless: keep the thread that the deployment makes for the run.
        discard_interrupt: Send new input although the thread waits for an answer, which is then lost.
        key: The key of the graph's input that takes the text as a message; its schema tells it otherwise (`messages`).
        check: Hold the input against the graph's schemas, and the nodes to stop at against its nodes, first; --no-check sends it
            whatever it is.
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
    steer = _steer(goto, update, value, is_elsewhere=stateless or thread == NEW)
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
        raise CommandError("There is no text and no input, and a new thread has nothing to go on with.", hint=WAYS)
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
        webhook=checked_address(webhook),
        durability=durability or "",
        tracing={
            **({"project_name": trace_project} if trace_project else {}),
            **({"example_id": example} if example else {}),
        },
        is_kept=keep,
        with_subgraphs=subgraphs,
        note=NEW_THREAD if is_moved and target else "",
    )
    if check:
        check_nodes(session, request)
    is_text = value is not None and input is None and not json
    way = way_to_send("%lg_run", assistant)
    request, unset = checked_request(session, request, is_text=is_text, key=key, check=check, way=way)
    launched = launch(
        session,
        request,
        target,
        card=card,
        modes=modes,
        title=title_of_input(value),
        cell=cell,
        unset=unset,
        version=version,
    )
    look_around(session, launched, back)
    return _waited_for(session, launched, wait, timeout)


def _steer(goto: str | None, update: object, value: object, *, is_elsewhere: bool) -> dict[str, object] | None:
    """The command that --goto and --update make, in place of an input; None for none."""
    given = {"goto": goto, "update": update}
    steer = {name: each for name, each in given.items() if each is not None}
    if steer and (value is not None or is_elsewhere):
        raise CommandError(
            "--goto and --update go on on a thread that is there, without an input.", hint="%lg_run -t t2 --goto NODE"
        )
    return steer or None


def _waited_for(session: Session, run: Run, wait: bool, timeout: float | None) -> Run:
    if wait:
        session.announce(run)
        run.wait(timeout)
    return run


def _begins_thread(session: Session, assistant: str | None, value: object, checkpoint: str | None) -> bool:
    """Whether a run without --thread begins one. Without an input, or from a checkpoint, it goes on on the current thread."""
    goes_on = (value is None or checkpoint is not None) and session.selection.thread is not None
    return not goes_on and begins_thread(session, assistant)


def _live_run(session: Session, cell: Cell, thread: str | None, is_alone: bool) -> Run | None:
    """For --once: the cell's live run, on the thread that this run would be on; on any if that would be one of its own."""
    check_cell(cell, "--once")
    if is_alone:
        return live_run_of(session, cell, None)
    return live_run_of(session, cell, which_thread(session, thread))


def _rewound(session: Session, cell: Cell, thread: ThreadInfo) -> Rewound | None:
    check_cell(cell, "--rewind")
    return rewound(session, cell, thread) if thread.number else None


def _checkpoint_id(session: Session, thread: ThreadInfo | None, reference: str | None) -> str | None:
    if reference is None or thread is None:
        return None
    if not thread.number:
        raise CommandError("A new thread has no checkpoint yet.", hint="%lg_run -t THREAD --checkpoint step:1 TEXT")
    return which_checkpoint(session, thread, reference).id


def checked_address(webhook: str | None) -> str:
    """The address of a webhook; "" for none.

    Raises:
        CommandError: it is no address.
    """
    if webhook and not webhook.startswith(("http://", "https://", "/")):
        raise CommandError(f"--webhook wants an address, and '{webhook}' is none.", hint="--webhook https://HOST/PATH")
    return webhook or ""


def _thread_to_go_on(session: Session, reference: str | None, value: object, discards: bool) -> ThreadInfo:
    """A thread that is there, to run on."""
    thread = which_thread(session, reference)
    if value is not None and not discards and session.tracker.may_wait(thread.id):
        _refuse_if_waiting(session, thread)
    return thread


def _refuse_if_waiting(session: Session, thread: ThreadInfo) -> None:
    """New input on a thread that waits throws its question away, without a word from the server."""
    row = session.connection.threads.find(thread.id)
    is_waiting = row is not None and bool(open_questions(session, thread, row))
    session.tracker.knows_waiting(thread.id, is_waiting)
    if is_waiting:
        raise LgError(
            f"{thread} waits for an answer, which new input would throw away.",
            hint="%lg_resume answers it; --discard-interrupt sends the new input all the same.",
        )
