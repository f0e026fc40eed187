"""What can be said of a batch's work at one moment, frozen. Knows the work; asks nobody."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lg_magics.follow.batch_work import BatchWork
from lg_magics.model.batch import BatchView, Entry, Failure
from lg_magics.model.messages import shortened

__all__ = ["view_of"]

FAILURES = 5
ERROR_LENGTH = 200


def view_of(work: BatchWork, number_of_thread: Callable[[str], str], notes: Sequence[str]) -> BatchView:
    """The view of a batch now; only the threads of the failures that are shown get numbers."""
    return BatchView(
        counts=dict(work.counts),
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
        max_tokens=work.plan.max_tokens,
        notes=notes,
        failures=[_failure(work.entries[place], number_of_thread) for place in work.failed[:FAILURES]],
    )


def _failure(entry: Entry, number_of_thread: Callable[[str], str]) -> Failure:
    error = shortened(entry.error.strip().partition("\n")[0], ERROR_LENGTH)
    number = number_of_thread(entry.thread_id) if entry.run_id else ""
    return Failure(entry.row, entry.assistant, error, number, entry.thread_id if number else "")
