"""Streams: launch a run, and tell what comes of it as it comes. Knows runs and the words for them; prints nothing itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from lg_magics.commands.runs import run
from lg_magics.errors import AlreadyEnded, DeploymentError, LaunchInterrupted, WaitInterrupted
from lg_magics.follow.run import Run
from lg_magics.grammar.parameters import Option, Tail
from lg_magics.grammar.registry import command
from lg_magics.model.stream_parts import Mode, checked_modes
from lg_magics.model.stream_text import StreamText, text_of_questions
from lg_magics.session import Session

__all__ = ["stream"]

BATCH = 0.04  # seconds: at most 25 pieces of text a second


@command("stream", group="Runs", options_of=run, without=("card", "wait", "timeout"))
def stream(
    session: Session,
    text: Annotated[str | None, Tail(value="TEXT")] = None,
    *,
    mode: Annotated[Sequence[str] | None, Option(value="MODES")] = None,
    cancel_on_interrupt: bool = False,
    **launching: Any,
) -> Run:
    """Launch a run and print what its models say, token by token, until it ends.

    A dropped connection goes on where it was. A kernel interrupt ends the watching; the run goes on.

    Args:
        text: What to say, verbatim to the end of the line; it becomes one human message.
        mode: Print these stream modes, a,b: values, updates, messages, custom, tasks, checkpoints, debug, events.
        cancel_on_interrupt: Let a kernel interrupt cancel the run as well.
        launching: The other options are those of `run`.

    Returns:
        The run.

    Raises:
        RunFailed: the graph raised an error; likewise RunTimedOut and RunDeleted. What it said before is printed.
        WaitInterrupted: a kernel interrupt. LaunchInterrupted: it came while the run was launched.

    Example:
        %lg_stream -c user_id=Test What's on my list?
    """
    modes = checked_modes(mode or ())
    try:
        launched = run(session, text, card=False, mode=modes or ("messages",), **launching)
    except LaunchInterrupted as stopped:
        begun = session.tracker.run_called(stopped.number)
        raise _stopped(begun, cancels=True) if begun and cancel_on_interrupt else stopped from None
    try:
        _tell(session, launched, modes)
        launched.wait_quietly()
    except KeyboardInterrupt:
        raise _stopped(launched, cancel_on_interrupt) from None
    if launched.status == "waiting":
        session.tell(launched, text_of_questions(launched.interrupts))
    elif launched.status == "cancelled":
        session.tell(launched, f"{launched.number} was cancelled.\n")
    launched.raise_for_status()
    return launched


def _tell(session: Session, run: Run, modes: Sequence[Mode]) -> None:
    """Tell what comes of the run until it ends; `updates` say when a node has had its say."""
    made = StreamText(modes)
    try:
        with run.stream(*(modes or ("messages",)), "updates") as parts:
            for batch in parts.batches(BATCH):
                _tell_text(session, run, made.told(batch))
    finally:
        _tell_text(session, run, made.rest())


def _tell_text(session: Session, run: Run, text: str) -> None:
    if text:
        session.tell(run, text)


def _stopped(run: Run, cancels: bool) -> WaitInterrupted:
    """What to raise when somebody does not want to watch any more."""
    ways = f"%lg_wait {run.number} waits for it, %lg_cancel {run.number} stops it."
    if not cancels:
        return WaitInterrupted(f"Stopped watching; {run.number} goes on.", hint=ways)
    try:
        run.cancel()
    except AlreadyEnded as problem:
        return WaitInterrupted(f"Stopped watching. {problem}")
    except DeploymentError as problem:
        return WaitInterrupted(f"Stopped watching; {run.number} goes on: {problem.message}", hint=ways)
    except KeyboardInterrupt:
        return WaitInterrupted(f"Stopped watching; whether {run.number} was cancelled is not known yet.", hint=ways)
    return WaitInterrupted(f"Stopped watching, and cancelled {run.number}.")
