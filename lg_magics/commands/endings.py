"""How runs end: wait for them, or cancel them; one, several, or all of this session. Knows handles; launches nothing."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, TypeGuard

from lg_magics.commands.grammar.parameters import Option, Positional
from lg_magics.commands.grammar.registry import command
from lg_magics.commands.run_table import table_of_runs
from lg_magics.commands.together import one_problem, some, wait_for_runs
from lg_magics.commands.which import which_run
from lg_magics.errors import AlreadyEnded, CommandError, ReferenceError
from lg_magics.follow.batch import Batch
from lg_magics.follow.cancelling import cancel_runs
from lg_magics.follow.run import Run
from lg_magics.model.result import Result
from lg_magics.session import Session
from lg_magics.tables.table import Table

__all__ = ["cancel", "wait"]


@command("wait", group="Runs")
def wait(
    session: Session,
    *references: Annotated[object, Positional(completes="run", value="RUN")],
    all: bool = False,
    timeout: Annotated[float | None, Option(value="SECONDS")] = None,
) -> Run | Table | Batch:
    """Wait for runs to end, and show how they ended.

    Args:
        references: Runs: r7, $run, last, an id, a list of them; the last one otherwise. Or a $batch.
        all: All live runs of this session.
        timeout: Give up waiting after so many seconds. The runs go on.

    Returns:
        The run; a table where there are several.

    Raises:
        RunFailed: the graph raised an error; likewise RunTimedOut and RunDeleted. Of several runs all are waited for first,
            the table is shown, and one error names those that did not end well.
        WaitTimedOut: the time is over; the runs go on.
        WaitInterrupted: a kernel interrupt; the runs go on.

    Example:
        %lg_wait r7 --timeout 30
    """
    if len(references) == 1 and isinstance(references[0], Batch) and not all:
        return references[0].wait(timeout)
    chosen = _chosen(session, references, all)
    if len(chosen) == 1:
        return chosen[0].wait(timeout)
    wait_for_runs(session, chosen, timeout)
    table = table_of_runs(session, chosen)
    if problem := one_problem(chosen):
        session.announce(table)
        raise problem
    return table


@command("cancel", group="Runs")
def cancel(
    session: Session,
    *references: Annotated[object, Positional(completes="run", value="RUN")],
    mine: bool = False,
    rollback: bool = False,
) -> Run | Table | Batch:
    """Cancel runs. What they did to their thread is kept, unless it is rolled back.

    Args:
        references: Runs: r7, $run, last, an id, a list of them; the last one otherwise. Or a $batch.
        mine: All live runs and batches of this session; never anybody else's.
        rollback: Also delete each run, and take back what it did to its thread.

    Returns:
        The run; a table where there are several, whose note names those that had ended before.

    Raises:
        AlreadyEnded: the run has ended, or each of several; not with --mine, which passes over them.

    Example:
        %lg_cancel r7
    """
    if len(references) == 1 and isinstance(references[0], Batch) and not (mine or rollback):
        return references[0].cancel()
    batches = [batch for batch in session.tracker.batches() if not batch.is_settled] if mine else []
    for batch in batches:
        with contextlib.suppress(AlreadyEnded):
            batch.cancel()
    chosen = [] if batches and not session.tracker.live() else _chosen(session, references, mine)
    if len(chosen) == 1 and not mine:
        return chosen[0].cancel(rollback=rollback)
    found = session.loop.wait(cancel_runs(chosen, rollback=rollback))
    passed_over = set() if mine else set(found.ended)
    ended = [f"{run.number} {run.status}" for run in chosen if run in passed_over]
    had_ended = f"Had ended before: {some(ended)}." if ended else ""
    if ended and len(ended) == len(chosen):
        raise AlreadyEnded(f"There is nothing to cancel. {had_ended}")
    stopped = " ".join(f"Batch {batch.id}: {batch.counted}." for batch in batches)
    table = table_of_runs(session, chosen, note=had_ended or stopped)
    if found.problems:
        session.announce(table)
        run, problem = found.problems[0]
        words = f"{len(found.problems)} of {len(chosen)} runs could not be cancelled, {run.number} the first"
        raise type(problem)(f"{words}: {problem.message}", status_code=problem.status_code)
    return table


def _chosen(session: Session, references: Sequence[object], all_live: bool) -> list[Run]:
    """The runs that are meant, each once; the last one if nothing was said, and none if that is what was given."""
    if all_live:
        if references:
            raise CommandError("Name the runs, or take all of them; not both.")
        live = session.tracker.live()
        if not live:
            raise ReferenceError("No run of this session is live.", hint="%lg_runs lists them.")
        return live
    if not references:
        return [which_run(session)]
    flat: list[object] = []
    for reference in references:
        flat.extend(reference if _is_several(reference) else [reference])
    return list(dict.fromkeys(which_run(session, reference) for reference in flat))


def _is_several(reference: object) -> TypeGuard[Iterable[object]]:
    return isinstance(reference, Iterable) and not isinstance(reference, str | Mapping | Result)
