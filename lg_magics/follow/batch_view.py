"""What can be said of a batch's work at one moment, frozen, and to who waits for it in vain. Knows the work; asks nobody."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence

from lg_magics.errors import DeploymentError, LgError, Unreachable
from lg_magics.follow.batch_work import BatchWork
from lg_magics.model.batch import BatchView, Entry, Failure, RowView
from lg_magics.model.messages import shortened
from lg_magics.model.scores import Scored

__all__ = ["lost", "rows_of", "unexpected", "view_of"]

FAILURES = 5
ERROR_LENGTH = 200
ROWS, LABEL_LENGTH, SAID_LENGTH, SCORE_LENGTH = 100, 100, 120, 60


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
        scoring=work.scores.waited_for,
        tokens=work.tokens,
        paused=work.pace.pause,
        refused=work.pace.refused,
        max_tokens=work.plan.max_tokens,
        notes=notes,
        rows=list(rows_of(work, work.table.shown(ROWS))),
        failures=[_failure(work.entries[place], number_of_thread) for place in work.table.failed[:FAILURES]],
    )


def rows_of(work: BatchWork, places: Iterable[int]) -> Iterator[RowView]:
    """The runs at these places, as rows of a card."""
    return (_row(work, place) for place in places)


def _row(work: BatchWork, place: int) -> RowView:
    entry, plan = work.entries[place], work.plan
    repeat = f" · {entry.repeat}" if plan.repeat > 1 else ""
    said = entry.error if entry.error or entry.output is None else entry.output
    return RowView(
        place,
        shortened(plan.asked(entry.row), LABEL_LENGTH) or f"row {entry.row}",
        f"{entry.assistant}{repeat}",
        entry.status,
        shortened(said if isinstance(said, str) else json.dumps(said, ensure_ascii=False, default=str), SAID_LENGTH),
        tuple(f"{name} {_score(score)}" for name, score in entry.scores.items()),
        entry.seconds,
        entry.tokens,
    )


def _score(score: Scored) -> str:
    if score.error:
        return "failed"
    value = score.value
    if isinstance(value, float):
        return f"{value:.2f}"
    return (
        {True: "yes", False: "no", None: "–"}[value]
        if value is None or isinstance(value, bool)
        else shortened(str(value), SCORE_LENGTH)
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
