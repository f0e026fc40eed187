"""How runs and batches end: wait for them, or cancel them; one, several, or all of this session. It launches nothing."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Literal, TypeGuard, overload

from lg_magics.actions.together import one_problem, some, wait_for_runs
from lg_magics.commands.run_table import table_of_runs
from lg_magics.errors import AlreadyEnded, CommandError, DeploymentError, LgError, ReferenceError, Unreachable
from lg_magics.follow.batch import Batch
from lg_magics.follow.cancelling import cancel_runs
from lg_magics.follow.run import Run
from lg_magics.follow.time_limit import seconds_to_wait
from lg_magics.grammar.kinds import Timeout
from lg_magics.grammar.parameters import Positional
from lg_magics.grammar.registry import command
from lg_magics.model.result import Result
from lg_magics.resolve.threads import which_run
from lg_magics.session import Session
from lg_magics.tables.facts import Facts
from lg_magics.tables.table import Table

__all__ = ["cancel", "wait"]


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
        all: All live runs and batches of this session.
        timeout: Give up waiting after so many seconds. The runs go on.

    Returns:
        The run, or the batch; a table where there are several.

    Raises:
        RunFailed: the graph raised an error; likewise RunTimedOut and RunDeleted. Of several runs all are waited for first,
            the table is shown, and one error names those that did not end well.
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
    lost = _wait_for_batches(batches, until)
    found = _told(session, chosen, batches)
    if problem := one_problem(chosen) or lost:
        session.announce(found)
        raise problem
    return found


def _wait_for_batches(batches: Sequence[Batch], until: float | None) -> LgError | None:
    """Wait for each of them; the first problem, if the deployment was lost: it hides no other batch."""
    lost: LgError | None = None
    for batch in batches:
        try:
            batch.wait(None if until is None else max(0.0, until - time.monotonic()))
        except Unreachable as problem:
            lost = lost or problem
    return lost


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
        mine: All live runs and batches of this session; never anybody else's.
        rollback: Also delete each run, and take back what it did to its thread. What a batch left is kept.

    Returns:
        The run, or the batch; a table where there are several, whose note names those that had ended before.

    Raises:
        AlreadyEnded: the run has ended, or each of several; not with --mine, which passes over them.

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
    over, refused = _cancel_batches(batches)
    found = cancelling.result()
    passed_over = set() if mine else set(found.ended)
    ended = [f"{run.number} {run.status}" for run in chosen if run in passed_over]
    ended += [] if mine else [f"batch {batch.id}" for batch in over]
    if ended and len(ended) == len(chosen) + len(batches):
        raise AlreadyEnded(f"There is nothing to cancel. Had ended before: {some(ended)}.")
    told = _told(session, chosen, batches, ended)
    if refused := [*((run.number, problem) for run, problem in found.problems), *refused]:
        session.announce(told)
        name, problem = refused[0]
        what = "runs and batches" if batches else "runs"
        words = f"{len(refused)} of {len(chosen) + len(batches)} {what} could not be cancelled, {name} the first"
        raise type(problem)(f"{words}: {problem.message}", status_code=problem.status_code)
    return told


def _cancel_batches(batches: Sequence[Batch]) -> tuple[list[Batch], list[tuple[str, DeploymentError]]]:
    """Cancel each of them; those that were over already, and those that the deployment did not cancel, each with its reason."""
    over, refused = [], []
    for batch in batches:
        try:
            batch.cancel()
        except AlreadyEnded:
            over.append(batch)
        except DeploymentError as problem:
            refused.append((f"batch {batch.id}", problem))
    return over, refused


def _told(session: Session, runs: Sequence[Run], batches: Sequence[Batch], ended: Sequence[str] = ()) -> Table | Facts:
    """What became of several: a table of the runs with a word on each batch, or that alone."""
    if batches and not runs:
        facts = [(batch.id, batch.counted) for batch in batches]
        facts += [("had ended before", some(ended))] if ended else []
        many = "1 batch" if len(batches) == 1 else f"{len(batches)} batches"
        return Facts(many, tuple(facts), data={batch.id: batch.counts for batch in batches})
    said = [f"Had ended before: {some(ended)}."] if ended else []
    said += [f"Batch {batch.id}: {batch.counted}." for batch in batches]
    return table_of_runs(session, runs, note=" ".join(said))


def _chosen(session: Session, references: Sequence[object], all_live: bool) -> tuple[list[Batch], list[Run]]:
    """What is meant, each once; the last run if nothing was said, and none if that is what was given."""
    if all_live:
        if references:
            raise CommandError("Name the runs, or take all of them; not both.")
        live = session.tracker.live()
        batches = [batch for batch in session.tracker.batches() if not batch.is_settled]
        if not (live or batches):
            raise ReferenceError("No run of this session is live.", hint="%lg_runs lists them.")
        return batches, live
    if not references:
        return [], [which_run(session)]
    flat: list[object] = []
    for reference in references:
        flat.extend(reference if _is_several(reference) else [reference])
    batches = list(dict.fromkeys(each for each in flat if isinstance(each, Batch)))
    runs = [which_run(session, each) for each in flat if not isinstance(each, Batch)]
    return batches, list(dict.fromkeys(runs))


def _is_several(reference: object) -> TypeGuard[Iterable[object]]:
    return isinstance(reference, Iterable) and not isinstance(reference, str | Mapping | Result)
