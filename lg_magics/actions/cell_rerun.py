"""A cell that runs again: its live run, the start of its earlier run, and the notes on the card. Launches nothing."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lg_magics.actions.attached import attached
from lg_magics.errors import CommandError, DeploymentError, LgError
from lg_magics.follow.run import Run
from lg_magics.follow.tracked_run import tracked
from lg_magics.model.cell import Cell, cell_from_tags
from lg_magics.model.cell_rerun import CellRerun
from lg_magics.model.checkpoints import Checkpoint
from lg_magics.model.records import RunRecord
from lg_magics.model.references import short_id
from lg_magics.model.run_info import ThreadInfo
from lg_magics.model.run_view import LIVE
from lg_magics.resolve.checkpoints import current_branch
from lg_magics.session import Session

__all__ = ["RewindTarget", "annotate_reruns", "check_cell", "live_run_of", "rewind_target", "run_of_cell"]

log = logging.getLogger(__name__)
LISTED = 100


@dataclass(frozen=True, slots=True)
class RewindTarget:
    """The checkpoint where an earlier run of the cell started, and how many later cells ran on the branch that is left."""

    checkpoint_id: str
    later_cells: int


def check_cell(cell: Cell, option: str) -> None:
    """Refuse an option of the running cell outside a notebook."""
    if not cell:
        raise CommandError(f"{option} needs a running cell.", hint="Use it in a notebook.")


# -- the cell's live run ----------------------------------------------------------------------------------------


def live_run_of(session: Session, cell: Cell, thread: ThreadInfo | None) -> Run | None:
    """The live run of this cell: on this thread, or without one on any thread that the cell made.

    Searches this session first, then the server, whose rows include runs of an earlier kernel.
    """
    for run in reversed(session.tracker.live()):
        is_there = tracked(run).is_on(session.connection) and (thread is None or run.thread_id == thread.id)
        if run.info.cell == cell and is_there:
            return run
    for thread_id in [thread.id] if thread else _busy_threads(session, cell):
        for row in session.connection.runs.live(thread_id):
            if cell_from_tags(row.metadata) == cell:
                return attached(session, row, thread_id)
    return None


def _busy_threads(session: Session, cell: Cell) -> list[str]:
    """The busy threads that runs of this cell made: a thread has the tags of the run that made it."""
    threads = session.connection.threads
    return threads.ids(metadata=cell.tags, status="busy", limit=LISTED, doing="look for the cell's run")


# -- back to where it started -----------------------------------------------------------------------------------


def rewind_target(session: Session, cell: Cell, thread: ThreadInfo) -> RewindTarget | None:
    """Where the cell's newest run on the current branch started; None if it has not run there.

    Raises:
        LgError: that run is still live, or kept no checkpoint of its start.
    """
    live = live_run_of(session, cell, thread)
    if live is not None:
        raise LgError(
            f"{live.number}, the earlier run of this cell, is still {live.status}.",
            hint=f"--once attaches to it; %lg_cancel {live.number} stops it.",
        )
    later: set[str] = set()
    first: Checkpoint | None = None
    for checkpoint in current_branch(session, thread):
        if first is None:
            if checkpoint.cell == cell and checkpoint.source in ("input", "loop"):
                first = checkpoint
            elif checkpoint.cell and checkpoint.cell.notebook == cell.notebook:
                later.add(checkpoint.cell.id.partition("#")[0])
        elif checkpoint.run_id == first.run_id:
            first = checkpoint
        else:
            break
    if first is None:
        return None
    return RewindTarget(_start_of(first, thread), len(later - {cell.id.partition("#")[0]}))


def _start_of(first: Checkpoint, thread: ThreadInfo) -> str:
    """The checkpoint where a run started, from its first checkpoint. The first input of a thread can be replaced."""
    if first.parent_id:
        return first.parent_id
    if first.source == "input":
        return first.id
    raise LgError(
        f"The earlier run of this cell kept no checkpoint of its beginning on {thread}.",
        hint="%lg_thread new begins another; --durability exit keeps only the end.",
    )


# -- the notes on the card --------------------------------------------------------------------------------------


def annotate_reruns(session: Session, run: Run, back: RewindTarget | None) -> None:
    """Read in the background what else ran on the run's thread, and note it on the run's card."""
    if tracked(run).has_card and run.info.cell and not run.info.makes_thread and not run.info.is_stateless:
        session.loop.start(_annotate_reruns(session, run, back))


async def _annotate_reruns(session: Session, run: Run, back: RewindTarget | None) -> None:
    connection = session.connection
    try:
        rows = await connection.background.runs.newest(
            run.thread_id, LISTED, select=["run_id", "status", "metadata", "created_at"]
        )
    except DeploymentError as problem:
        log.debug("the other runs beside %s could not be read: %s", run.number, problem)
        return
    before = _before(rows, run)
    of_cell = [row for row in before if cell_from_tags(row.metadata) == run.info.cell]
    if of_cell:
        ids = [*(row.run_id for row in reversed(of_cell)), run.run_id]
        live = next((_called(session, row) for row in of_cell if row.status in LIVE), "")
        tracked(run).set_rerun_info(CellRerun(ids, len(ids), live, back is not None, back.later_cells if back else 0))
    ahead = [row for row in before if row.status in LIVE]
    if ahead and not tracked(run).pending_note:
        tracked(run).set_pending_note(f"queued behind {_called(session, ahead[0])}")


def run_of_cell(session: Session, run: Run, number: object) -> Run:
    """Return another run of a run's cell, by its place among them. It is followed from now on, with its rerun info set.

    Raises:
        LgError: there is no such run, or not any more.
    """
    again = tracked(run).rerun
    if again is None or not isinstance(number, int) or not 1 <= number <= len(again.run_ids):
        raise LgError(f"There is no run {number} of this cell.")
    run_id = again.run_ids[number - 1]
    other = session.tracker.run(run_id)
    if other is None:
        row = session.connection.runs.get(run.thread_id, run_id)
        if row is None:
            raise LgError(f"Run {number} of this cell is gone: {short_id('', run_id).strip()}.")
        other = attached(session, row, run.thread_id)
    held = tracked(other)
    held.follow_again()
    if held.rerun is None or len(held.rerun.run_ids) < len(again.run_ids):
        later = held.rerun.later_cells if held.rerun else 0
        held.set_rerun_info(CellRerun(again.run_ids, number, is_rewound=True, later_cells=later))
    return other


def _before(rows: Sequence[RunRecord], run: Run) -> list[RunRecord]:
    """The rows of the runs that were launched before this one, newest first."""
    ids = [row.run_id for row in rows]
    return list(rows[ids.index(run.run_id) + 1 :]) if run.run_id in ids else list(rows)


def _called(session: Session, row: Mapping[str, Any]) -> str:
    known = session.tracker.run(row["run_id"])
    return known.number if known else short_id("", row["run_id"]).strip()
