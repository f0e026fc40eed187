"""Waits for several runs and batches, cancels batches, and makes one table or one short error of their ends. Draws nothing."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack

from lg_magics.actions.run_rows import table_of_runs
from lg_magics.errors import (
    AlreadyEnded,
    DeploymentError,
    LgError,
    RunError,
    WaitInterrupted,
    WaitTimedOut,
)
from lg_magics.follow.batch import Batch
from lg_magics.follow.outcome import error_for
from lg_magics.follow.run import Run
from lg_magics.follow.tracked_run import tracked
from lg_magics.follow.waiting import seconds_to_wait
from lg_magics.model.messages import shortened
from lg_magics.model.visible_text import visible_line
from lg_magics.session import Session
from lg_magics.tables.facts import Facts
from lg_magics.tables.table import Table

__all__ = ["cancel_batches", "one_problem", "outcomes_of", "some", "wait_for_batches", "wait_for_runs"]

NAMED = 10
PROGRESS_AFTER = 1.0
PROGRESS_EVERY = 0.5
WIDEST = 160
WAYS = "%lg_wait --all waits for all that is live, %lg_cancel stops a run."


def wait_for_runs(session: Session, runs: Sequence[Run], timeout: float | None) -> None:
    """Wait until all have ended, well or badly. Shows progress after PROGRESS_AFTER seconds.

    Raises:
        CommandError: `timeout` is not a number of seconds, or is below 0.
        WaitTimedOut: `timeout` seconds have passed; WaitInterrupted: a kernel interrupt. The runs go on.
    """
    timeout = seconds_to_wait(timeout)
    began = time.monotonic()
    show_at = began + PROGRESS_AFTER
    held = ExitStack()
    try:
        for run in runs:
            held.enter_context(tracked(run).being_awaited())
        for run in runs:
            while not run.is_settled:
                now = time.monotonic()
                if timeout is not None and now - began >= timeout:
                    raise WaitTimedOut(f"{_live_words(runs, 'still live')} after {timeout:g} s.", hint=WAYS)
                if now >= show_at:
                    session.progress(_progress(runs, now - began))
                    show_at = now + PROGRESS_EVERY
                until = show_at if timeout is None else min(show_at, began + timeout)
                _wait(run, until - now)
    except KeyboardInterrupt:
        raise WaitInterrupted(f"Stopped waiting. {_live_words(runs, 'still live')}.", hint=WAYS) from None
    finally:
        held.close()
        session.progress("")


def _wait(run: Run, seconds: float) -> None:
    try:
        run.wait_quietly(max(0.0, seconds))
    except WaitTimedOut:
        return


def _progress(runs: Sequence[Run], seconds: float) -> str:
    ended = sum(run.is_settled for run in runs)
    bad = len(_problems(runs))
    return f"{ended} of {len(runs)} runs have ended{f', {bad} not well' if bad else ''} · {seconds:.0f} s"


def _live_words(runs: Sequence[Run], words: str) -> str:
    """`3 of 20 runs are still live: r3, r5, r9`."""
    live = [run.number for run in runs if not run.is_settled]
    return f"{len(live)} of {len(runs)} runs {'is' if len(live) == 1 else 'are'} {words} ({some(live)})"


def some(words: Sequence[str]) -> str:
    """Join the first NAMED words: `r3, r5, r9 and 17 more`."""
    more = f" and {len(words) - NAMED} more" if len(words) > NAMED else ""
    return ", ".join(words[:NAMED]) + more


def one_problem(runs: Sequence[Run]) -> LgError | None:
    """The error to raise for runs that have all ended; None if all ended well.

    Its class is the one that all errors have in common. It lists the first ten.
    """
    problems = _problems(runs)
    if len(problems) < 2:
        return problems[0] if problems else None
    lines = [f"  {visible_line(shortened(problem.message, WIDEST))}" for problem in problems[:NAMED]]
    if len(problems) > NAMED:
        lines.append(f"  and {len(problems) - NAMED} more")
    kinds = {type(problem) for problem in problems}
    kind = (
        kinds.pop() if len(kinds) == 1 else RunError if all(issubclass(each, RunError) for each in kinds) else LgError
    )
    return kind(f"{len(problems)} of {len(runs)} runs did not end well:", listing="\n".join(lines))


def _problems(runs: Sequence[Run]) -> list[LgError]:
    found = (error_for(run.number, run.view) for run in runs if run.is_settled)
    return [problem for problem in found if problem]


def wait_for_batches(batches: Sequence[Batch], until: float | None) -> LgError | None:
    """Wait for each batch. Returns the first problem of one that was lost or refused, after waiting for the others.

    Raises:
        WaitTimedOut: `until` has passed; WaitInterrupted: a kernel interrupt. The batches go on.
    """
    lost: LgError | None = None
    for batch in batches:
        try:
            batch.wait(None if until is None else max(0.0, until - time.monotonic()))
        except (WaitTimedOut, WaitInterrupted):
            raise
        except LgError as problem:
            lost = lost or problem
    return lost


def cancel_batches(batches: Sequence[Batch]) -> tuple[list[Batch], list[tuple[str, DeploymentError]]]:
    """Cancel each batch. Returns those that were over, and those that the deployment did not cancel, each with its reason."""
    over, refused = [], []
    for batch in batches:
        try:
            batch.cancel()
        except AlreadyEnded:
            over.append(batch)
        except DeploymentError as problem:
            refused.append((f"batch {batch.id}", problem))
    return over, refused


def outcomes_of(
    session: Session, runs: Sequence[Run], batches: Sequence[Batch], ended: Sequence[str] = ()
) -> Table | Facts:
    """The outcomes of several: a table of the runs with a note on each batch, or facts on the batches alone."""
    if batches and not runs:
        facts = [(batch.id, batch.counted) for batch in batches]
        facts += [("had ended before", some(ended))] if ended else []
        many = "1 batch" if len(batches) == 1 else f"{len(batches)} batches"
        return Facts(many, tuple(facts), data={batch.id: batch.counts for batch in batches})
    words = [f"Had ended before: {some(ended)}."] if ended else []
    words += [f"Batch {batch.id}: {batch.counted}." for batch in batches]
    return table_of_runs(session, runs, note=" ".join(words))
