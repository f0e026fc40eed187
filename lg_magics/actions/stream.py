"""Prints a run's output while it runs, until it ends or a kernel interrupt stops that. Draws nothing."""

from __future__ import annotations

from collections.abc import Sequence

from lg_magics.errors import AlreadyEnded, DeploymentError, WaitInterrupted
from lg_magics.follow.run import Run
from lg_magics.follow.tracked_run import tracked
from lg_magics.model.stream_parts import Mode
from lg_magics.model.stream_text import StreamText, text_of_questions
from lg_magics.session import Session

__all__ = ["print_until_end", "stopped"]

BATCH = 0.04  # seconds: at most 25 pieces of text a second


def print_until_end(session: Session, run: Run, modes: Sequence[Mode], *, cancels: bool) -> None:
    """Print a run's output until it ends, and then its questions, or that it was cancelled.

    Args:
        session: the session of the run.
        run: the run.
        modes: the stream modes to print; only messages if there are none.
        cancels: whether a kernel interrupt cancels the run.

    Raises:
        RunFailed: the graph raised an error; likewise RunTimedOut and RunDeleted. WaitInterrupted: a kernel interrupt.
    """
    try:
        with tracked(run).being_awaited():
            _print_stream(session, run, modes)
            run.wait_quietly()
    except KeyboardInterrupt:
        raise stopped(run, cancels) from None
    if run.status == "waiting":
        session.write(run, text_of_questions(run.interrupts))
    elif run.status == "cancelled":
        session.write(run, f"{run.number} was cancelled.\n")
    run.raise_for_status()


def _print_stream(session: Session, run: Run, modes: Sequence[Mode]) -> None:
    """Print the run's output until it ends. Mode `updates` shows when a node has ended."""
    made = StreamText(modes)
    try:
        with run.stream(*(modes or ("messages",)), "updates") as parts:
            for batch in parts.batches(BATCH):
                _print_text(session, run, made.add(batch))
    finally:
        _print_text(session, run, made.rest())


def _print_text(session: Session, run: Run, text: str) -> None:
    if text:
        session.write(run, text)


def stopped(run: Run, cancels: bool) -> WaitInterrupted:
    """The error of a kernel interrupt; cancels the run first if `cancels`."""
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
