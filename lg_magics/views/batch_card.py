"""A batch's card: the shape of its JSON, and how a batch's view becomes it. Pure; draws nothing.

`batch_html.py`, `batch_text.py` and the page draw it; labextension/shared/batch.ts mirrors the shape. Every string in it is
untrusted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, TypedDict, cast

from lg_magics.model.batch import LIVE, NOT_STARTED, BatchView, EntryStatus, Failure
from lg_magics.model.bounds import fitted
from lg_magics.views.words import duration

__all__ = ["CELLS", "BatchCard", "BatchFailure", "batch_card", "begun_line", "cells_of_bar", "roughly"]

LARGEST = 70_000  # bytes of a card as JSON
CELLS = 60
SOURCE_LENGTH = 60


class FailureThread(TypedDict):
    """The thread of a run that failed: its number in this session, its whole id, its title or ''."""

    number: str
    id: str
    title: str


class BatchFailure(TypedDict):
    """A run that failed: which row, by whom, why (one line), and its thread if there is one."""

    row: int
    assistant: str
    error: str
    thread: FailureThread | None


class BatchCard(TypedDict):
    """A batch, ready to be drawn. See labextension/shared/batch.ts for what each part means."""

    protocol: Literal[1]
    status: str
    settled: bool
    deployment: str
    protected: bool
    assistants: str
    source: str
    id: str
    runs: int
    ended: int
    bar: list[tuple[str, int]]
    counts: list[tuple[str, int]]
    progress: str
    elapsed: float | None
    notes: list[str]
    failures: list[BatchFailure]
    more_failures: int
    line: str
    line_does: str
    live: int
    can_cancel: bool
    can_retry: int


def batch_card(
    view: BatchView,
    *,
    id: str,
    deployment: str,
    assistants: Sequence[str],
    source: str,
    now: float,
    is_protected: bool = False,
    can_attach: bool = True,
    can_retry: int = 0,
) -> BatchCard:
    """The card of a batch at the time `now` (seconds since the epoch)."""
    is_over = view.phase == "ended"
    card = BatchCard(
        protocol=1,
        status=view.status,
        settled=is_over,
        deployment=deployment,
        protected=is_protected,
        assistants=", ".join(assistants),
        source=source if len(source) <= SOURCE_LENGTH else source[: SOURCE_LENGTH - 1] + "…",
        id=id,
        runs=view.total,
        ended=view.ended,
        bar=cells_of_bar(view.counted, min(CELLS, view.total)),
        counts=list(view.counted.items()),
        progress=" · ".join(_progress(view, now)),
        elapsed=view.elapsed(now),
        notes=[*_notes(view), *view.notes],
        failures=[_failure(each) for each in view.failures],
        more_failures=view.failed - len(view.failures),
        line=_line(view, id) if can_attach else "",
        line_does="goes on with it in any kernel" if _can_go_on(view) else "brings its frame back in any kernel",
        live=view.count(LIVE),
        can_cancel=not (is_over or view.is_cancelled),
        can_retry=can_retry,
    )
    return cast(BatchCard, fitted(card, LARGEST))


def _can_go_on(view: BatchView) -> bool:
    return not view.is_cancelled and view.ended < view.total


def _line(view: BatchView, id: str) -> str:
    """What to type to go on with it elsewhere, or to have its frame there."""
    is_spent = view.max_tokens is not None and view.tokens >= view.max_tokens and _can_go_on(view)
    return f"%lg_batch --attach {id}{' --max-tokens N' if is_spent else ''}"


def cells_of_bar(counts: Mapping[str, int], cells: int) -> list[tuple[str, int]]:
    """How many of the bar's cells each status gets: in proportion, none that is there without one, all cells given.

    >>> cells_of_bar({"success": 997, "error": 3}, 10)
    [('success', 9), ('error', 1)]
    """
    total = sum(counts.values())
    exact = {status: count * cells / total for status, count in counts.items() if count}
    given = {status: max(1, int(share)) for status, share in exact.items()}
    while (missing := cells - sum(given.values())) != 0:
        step = 1 if missing > 0 else -1
        movable = [status for status in given if step > 0 or given[status] > 1]
        if not movable:
            break
        wanting = max(movable, key=lambda status: step * (exact[status] - given[status]))
        given[wanting] += step
    return list(given.items())


def _progress(view: BatchView, now: float) -> Iterator[str]:
    if view.phase == "preparing":
        yield f"rows on the deployment: {view.prepared:,} of {view.to_prepare:,}"
        return
    yield f"{view.ended:,} of {view.total:,} ended"
    if rate := view.rate(now):
        yield _rate(rate)
    if (left := view.seconds_left(now)) is not None:
        yield f"{roughly(left)} left"
    if view.tokens:
        most = f" of {view.max_tokens:,}" if view.max_tokens else ""
        yield f"{view.tokens:,}{most} tokens"


def _rate(rate: float) -> str:
    """How many in a second, or a minute, or an hour, whichever can be read."""
    for seconds, word in ((1, "a second"), (60, "a minute")):
        if rate * seconds >= 1:
            return f"{rate * seconds:.1f} {word}"
    return f"{rate * 3600:.1f} an hour"


def roughly(seconds: float) -> str:
    """A length of time that is only guessed.

    >>> roughly(3), roughly(42), roughly(200), roughly(7512)
    ('a few seconds', 'about 40 s', 'about 3 min', 'about 2 h 05 min')
    """
    if seconds < 8:
        return "a few seconds"
    if seconds < 58:
        return f"about {round(seconds / 5) * 5} s"
    minutes = round(seconds / 60)
    return f"about {minutes} min" if minutes < 60 else f"about {duration(minutes * 60)}"


def _notes(view: BatchView) -> Iterator[str]:
    left: EntryStatus = NOT_STARTED
    count = view.count(left)
    if view.is_cancelling or (view.is_cancelled and view.count(LIVE)):
        yield "cancelling…"
    elif view.is_cancelled and count:
        yield f"cancelled: {count:,} not started. batch.retry('cancelled', 'not started') goes on."
    elif view.stopped and count:
        yield f"{view.stopped}: {count:,} not started"
    elif view.stopped:
        yield view.stopped
    if view.phase == "ended" and view.count("waiting"):
        yield "%lg_inbox lists what waits for an answer"


def _failure(failure: Failure) -> BatchFailure:
    thread: FailureThread | None = None
    if failure.thread_number:
        thread = {"number": failure.thread_number, "id": failure.thread_id, "title": ""}
    return {"row": failure.row, "assistant": failure.assistant, "error": failure.error, "thread": thread}


def begun_line(runs: int, assistants: Sequence[str], id: str = "") -> str:
    """One line on a batch that was just begun; without its id it is the same each time."""
    name = f"batch {id}" if id else "batch"
    return f"{name} of {runs:,} run{'s' * (runs != 1)} started on {', '.join(assistants)}"
