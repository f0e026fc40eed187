"""What can be said of a batch's work at one moment, frozen, and to who waits for it in vain. Knows the work; asks nobody."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lg_magics.errors import DeploymentError, LgError, Unreachable
from lg_magics.follow.batch_work import BatchWork
from lg_magics.model.batch import BatchView, Entry, Failure
from lg_magics.model.messages import shortened

__all__ = ["lost", "unexpected", "view_of"]

FAILURES = 5
ERROR_LENGTH = 200


def view_of(work: BatchWork, number_of_thread: Callable[[str], str], notes: Sequence[str]) -> BatchView:
    """The view of a batch now; only the threads of the failures that are shown get numbers."""
    return BatchView(
        counts=dict(work.table.counts),
        phase=work.phase,
        stopped=work.stopped,
        is_cancelled=work.is_cancelled,
        is_cancelling=work.is_cancelling,
        began_at=work.began_at,
        ended_at=work.ended_at,
        ended_here=work.ended_here,
        prepared=work.prepared,
        to_prepare=work.to_prepare,
        tokens=work.tokens,
        paused=work.pace.pause,
        refused=work.pace.refused,
        max_tokens=work.plan.max_tokens,
        notes=notes,
        failures=[_failure(work.entries[place], number_of_thread) for place in work.table.failed[:FAILURES]],
    )


def _failure(entry: Entry, number_of_thread: Callable[[str], str]) -> Failure:
    error = shortened(entry.error.strip().partition("\n")[0], ERROR_LENGTH)
    number = number_of_thread(entry.thread_id) if entry.run_id else ""
    return Failure(entry.row, entry.assistant, error, number, entry.thread_id if number else "")


def lost(problem: DeploymentError, batch_id: str, counted: str, *, can_attach: bool) -> Unreachable:
    """What to say where the deployment stopped answering."""
    way = f"batch.retry(), or in any kernel %lg_batch --attach {batch_id}," if can_attach else "batch.retry()"
    return Unreachable(
        f"The deployment stopped answering: {counted}. {problem.message}", hint=f"{way} goes on when it is back."
    )


def unexpected(problem: Exception, batch_id: str) -> LgError:
    """What to say where the batch itself failed."""
    said = f"{type(problem).__name__}: {problem}"
    return LgError(f"The batch could not be followed: {said}.", hint=f"%lg_batch --attach {batch_id}")
