"""Runs: launch one. It is one call to the deployment; what comes of it is followed in the background."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from lg_magics.commands.grammar.parameters import KeyValues, Option, Tail
from lg_magics.commands.grammar.registry import command
from lg_magics.commands.launch import launch, new_thread, request_for
from lg_magics.commands.which import which_thread
from lg_magics.errors import CommandError, LgError
from lg_magics.follow.run import Run
from lg_magics.model.interrupts import interrupts_from_thread
from lg_magics.model.run_info import ThreadInfo
from lg_magics.model.run_input import input_from, title_of_input
from lg_magics.server.threads import find_threads
from lg_magics.session import Session

__all__ = ["run"]

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
