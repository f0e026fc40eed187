"""How runs end: wait for them, or cancel them; one, several, or all of this session. Knows handles; launches nothing."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from typing import Annotated

from lg_magics.commands.grammar.parameters import Option, Positional
from lg_magics.commands.grammar.registry import command
from lg_magics.commands.run_table import table_of_runs
from lg_magics.commands.which import which_run
from lg_magics.errors import AlreadyEnded, CommandError, ReferenceError, WaitTimedOut
from lg_magics.follow.batch import Batch
from lg_magics.follow.run import Run
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
        references: Runs: r7, $run, last, an id; the last one otherwise. Or a $batch.
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
    if len(references) == 1 and isinstance(references[0], Batch) and not all:
        return references[0].wait(timeout)
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
) -> Run | Table | Batch:
    """Cancel runs. What they did to their thread is kept, unless it is rolled back.

    Args:
        references: Runs: r7, $run, last, an id; the last one otherwise. Or a $batch.
        mine: All live runs of this session; never anybody else's.
        rollback: Also delete each run, and take back what it did to its thread.

    Raises:
        AlreadyEnded: the run has ended; not with --mine, which passes over it.

    Example:
        %lg_cancel r7
    """
    if len(references) == 1 and isinstance(references[0], Batch) and not (mine or rollback):
        return references[0].cancel()
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
