"""The handle of a batch: wait, cancel, retry, score, and its view at one moment. Knows the loop; draws nothing."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from lg_magics.errors import (
    AlreadyEnded,
    CommandError,
    DeploymentError,
    LgError,
    Unreachable,
    WaitInterrupted,
    WaitTimedOut,
)
from lg_magics.files import written_file
from lg_magics.follow.batch_launch import BatchLaunch
from lg_magics.follow.batch_pace import BatchPace
from lg_magics.follow.batch_requests import BatchCalls
from lg_magics.follow.batch_work import BatchWork
from lg_magics.follow.loop import BackgroundLoop, LoopFuture, interrupted
from lg_magics.follow.waiting import interruptible_wait, seconds_to_wait
from lg_magics.model.batch import LIVE, STATUSES, BatchView, Entry, Failure, RowView
from lg_magics.model.batch_plan import BatchPlan
from lg_magics.model.messages import shortened
from lg_magics.model.outcomes import Outcome, lines_of, outcome_of
from lg_magics.model.result import Result
from lg_magics.model.scores import Scored, Scorer, scorers_from
from lg_magics.model.template import checked_column
from lg_magics.server.connection import Connection
from lg_magics.tables.batch import batch_frame, renamed_columns, summary_table
from lg_magics.tables.table import Table

if TYPE_CHECKING:
    import pandas as pd

    from lg_magics.follow.run import Run

__all__ = ["Batch", "lost", "rows_of", "unexpected"]

log = logging.getLogger(__name__)
WAYS = "batch.wait() waits again, batch.cancel() stops it."
CANCEL_SECONDS = 5.0


class Batch(Result):
    """A run for each row of a frame, in the background. Wait for it with `batch.wait()`, `await batch` or `%lg_wait $batch`.

    Example:
        >>> batch = lg.batch({"city": ["Paris", "Tokyo"]}, input="weather in {city}", assistant="agent")
        >>> batch.wait().df[["city", "status"]]
            city   status
        0  Paris  success
        1  Tokyo  success
    """

    has_card = True

    def __init__(
        self,
        plan: BatchPlan,
        connection: Connection,
        loop: BackgroundLoop,
        *,
        headers: Mapping[str, str],
        entries: Sequence[Entry] = (),
        scorers: Sequence[Scorer] = (),
        is_written: bool = False,
        is_cancelled: bool = False,
        number_of_thread: Callable[[str], str] = lambda thread_id: "",
        run_of: Callable[[Entry], Run] | None = None,
        check: Callable[[Sequence[Entry]], None] = lambda entries: None,
    ) -> None:
        self.connection = connection
        self.loop = loop
        self.notes: tuple[str, ...] = ()
        self.was_awaited = False
        self._number_of_thread = number_of_thread
        self._run_of = run_of
        self._check = check
        self._observers: tuple[Callable[[Batch], None], ...] = ()
        self._lock = threading.Lock()
        self._done: Future[None] = _pending()
        self._problem: Exception | None = None
        calls = BatchCalls(connection, plan, BatchPace(connection, plan.per_minute, self._notify))
        launch = BatchLaunch(calls, plan, headers)
        self._work = BatchWork(
            calls, launch, plan, entries or plan.entries(), self._notify, scorers, is_written=is_written
        )
        self._work.is_cancelled = is_cancelled

    # -- what it is ---------------------------------------------------------------------------------------------

    def __repr__(self) -> str:
        return f"<Batch of {len(self)} runs: {self.counted}>"

    def __len__(self) -> int:
        return len(self._work.entries)

    @property
    def plan(self) -> BatchPlan:
        """The rows, assistants and settings of its runs."""
        return self._work.plan

    @property
    def id(self) -> str:
        """Its id on the deployment, for `%lg_batch --attach`."""
        return self.plan.id

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Its runs, in the order of the rows: each with its row, assistant, status, output, error, ids."""
        return tuple(self._work.entries)

    @property
    def counts(self) -> dict[str, int]:
        """How many runs are in which status, `not started` and `live` among them."""
        return self._progress().counted

    @property
    def counted(self) -> str:
        """The counts in words: `18 success, 2 error`."""
        return ", ".join(f"{count} {status}" for status, count in self.counts.items())

    @property
    def status(self) -> str:
        """One word for all: preparing, running, success, waiting, error, cancelled or stopped."""
        return self._progress().status

    @property
    def is_settled(self) -> bool:
        """Whether it is over: nothing changes any more unless a person retries."""
        return self._done.done()

    @property
    def can_retry(self) -> int:
        """How many runs `retry()` would launch again."""
        return len(self._work.table.select(self.plan.problems, self._work.to_retry))

    @property
    def can_attach(self) -> bool:
        """Whether another kernel can go on with it, or bring its frame back."""
        return self._work.is_kept or (self.plan.is_kept and not self.is_settled)

    @property
    def view(self) -> BatchView:
        """The batch as a card shows it now; frozen. The threads of its failures get numbers."""
        view, failures = self._progress(), failures_of(self._work, self._number_of_thread)
        return replace(view, notes=self.notes, failures=failures, rows=shown_rows(self._work))

    def _progress(self) -> BatchView:
        """The view without notes and runs."""
        view = progress_of(self._work)
        return view if view.phase != "ended" or self.is_settled else replace(view, phase="running")

    @property
    def df(self) -> pd.DataFrame:
        """The frame's columns and beside them assistant, status, output, error, seconds, tokens, tools, thread_id, run_id.

        Then a column for each score, and one for its comments and errors where there are any. One row for each run, in the order
        of the rows, at any time; `df.attrs` names deployment and batch.
        """
        attrs = {
            "deployment": self.connection.url,
            "batch": self.id,
            "input": self.plan.source,
            "is_settled": self.is_settled,
            "renamed": renamed_columns(self.plan.rows.columns),
        }
        return batch_frame(self.plan.rows, self.entries, has_repeats=self.plan.repeat > 1, attrs=attrs)

    @property
    def summary(self) -> Table:
        """For each score and assistant its mean over the rows, how many rows that are, and the interval of the mean (95 %)."""
        return summary_table(self.entries)

    @property
    def runs(self) -> Sequence[Run]:
        """The runs that were launched, in the order of the rows, as `lg.run` returns them: `batch.runs[3].messages`."""
        run_of = self._run_of
        assert run_of is not None
        return _Runs([entry for entry in self.entries if entry.run_id], run_of)

    def run_at(self, place: int) -> Run | None:
        """The run at a place among `entries`; None if it was not launched, or there is no such place."""
        entry = self._work.entries[place] if 0 <= place < len(self) else None
        return self._run_of(entry) if entry and entry.run_id and self._run_of else None

    def rows_at(self, places: Iterable[int]) -> Iterator[RowView]:
        """The runs at these places among `entries`, as a card shows them."""
        return rows_of(self._work, places)

    @property
    def outcomes(self) -> list[Outcome]:
        """The outcome of each run, with its row's cells as they are kept."""
        return [outcome_of(entry, self.plan.rows) for entry in self.entries]

    def to_jsonl(self) -> str:
        """The outcome of each run, as JSON Lines: its row, assistant, status, output, error, costs, tools and scores."""
        return "".join(lines_of(self.outcomes))

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write `to_jsonl()` to a file and return its path. `%lg_compare baseline.jsonl $batch` reads such a file.

        Raises:
            LgError: the batch is not over, or the file cannot be written.
        """
        if not self.is_settled:
            raise LgError(f"The batch is not over: {self.counted}.", hint='batch.wait().save("baseline.jsonl")')
        return written_file(path, self.to_jsonl())

    # -- waiting ------------------------------------------------------------------------------------------------

    def wait(self, timeout: float | None = None) -> Batch:
        """Wait until every run has ended, or waits for a person. A failed run is a row of the frame, not an error.

        Args:
            timeout: seconds; None waits as long as it takes.

        Returns:
            The batch itself.

        Raises:
            Unreachable: the deployment stopped answering before the end.
            DeploymentError: the deployment refused to store the batch, or to return what is scored.
            WaitTimedOut: `timeout` seconds have passed; the batch goes on.
            WaitInterrupted: a kernel interrupt; the batch goes on.
            LgError: following the batch failed; the message has the cause.
        """
        self._refuse_on_loop("wait", ": await the batch")
        try:
            self._done.result(seconds_to_wait(timeout))
        except FutureTimeout:
            raise WaitTimedOut(f"The batch is not over after {timeout:g} s: {self.counted}.", hint=WAYS) from None
        except KeyboardInterrupt:
            raise WaitInterrupted(f"Stopped waiting; the batch goes on: {self.counted}.", hint=WAYS) from None
        self.was_awaited = True
        self._raise_problem()
        return self

    def _refuse_on_loop(self, name: str, instead: str = "") -> None:
        if self.loop.is_here:
            raise LgError(f"batch.{name}() cannot be called on the background loop{instead}.")

    def __await__(self) -> Generator[Any, None, Batch]:
        return self._awaited().__await__()

    async def _awaited(self) -> Batch:
        with interruptible_wait("the batch", WAYS):
            await asyncio.wait({asyncio.wrap_future(self._done)})
        self.was_awaited = True
        self._raise_problem()
        return self

    def _raise_problem(self) -> None:
        if self._problem:
            raise unexpected(self._problem, self.id) from self._problem
        if problem := self._work.lost:
            if self._work.is_refused:
                raise problem
            raise lost(problem, self.id, self.counted, can_attach=self.can_attach) from problem

    # -- doing --------------------------------------------------------------------------------------------------

    def cancel(self) -> Batch:
        """Launch no more runs, cancel the live ones, and stop waiting for scorers. Waits at most 5 s for this.

        Raises:
            AlreadyEnded: it is over.
            WriteInterrupted: a kernel interrupt; it may be cancelled.
        """
        self._refuse_on_loop("cancel")
        if self.is_settled:
            raise AlreadyEnded(f"The batch is over: {self.counted}.")
        try:
            self.loop.wait(self._work.cancel())
            with contextlib.suppress(FutureTimeout):
                self._done.result(CANCEL_SECONDS)
        except KeyboardInterrupt:
            raise interrupted("cancel the batch", "batch.counts") from None
        return self

    def retry(self, *statuses: str) -> Batch:
        """Launch the failed runs again, each on a new thread. It returns at once.

        Args:
            statuses: runs with these statuses. Default: error, timeout, deleted and unknown, and "not started" if the
                deployment was lost. After `cancel`, for instance "cancelled" and "not started".

        Raises:
            LgError: no run has such a status, there is no such status, or the batch has used its `max_tokens`.
            CommandError: the graph surely cannot take their inputs any more. Nothing is launched.
        """
        self._refuse_on_loop("retry")
        wanted = statuses or self._work.to_retry
        if unknown := [each for each in wanted if each == LIVE or each not in STATUSES]:
            raise LgError(f"'{unknown[0]}' is no status that can be retried.", hint=self.counted)
        places = self._work.table.select(self.plan.problems, wanted)
        if not places:
            raise LgError(f"No run to retry: {self.counted}.")
        if self._work.is_spent and any(self.entries[place].status != "unknown" for place in places):
            attach = f"%lg_batch --attach {self.id}" if self.can_attach else "%lg_batch"
            raise LgError(
                f"The batch has used its {self.plan.max_tokens:,} tokens, so it launches no more runs: {self.counted}.",
                hint=f"{attach} --max-tokens N, with a larger number, launches those that have not started.",
            )
        self._check([self.entries[place] for place in places])
        self.loop.wait(self._again(wanted), doing="launch the runs again", check_with="batch.counts")
        return self

    def score(self, *scorers: object, reference: str | None = None) -> Batch:
        """Score the runs that have ended, from what the deployment holds. No graph runs. It replaces scores of the same name.

        Args:
            scorers: functions, or a mapping from names to functions, as for `%lg_batch --score`.
            reference: the column whose cells are `reference_outputs`; the batch's own otherwise.

        Raises:
            CommandError: a value is not a scorer, or there is no such column.
            LgError: the batch is not over, or a value cannot be read.

        Example:
            >>> batch.score(lambda output, row: row["city"] in output).summary
        """
        self._refuse_on_loop("score")
        reference = self._work.scores.reference if reference is None else reference
        checked_column(reference, self.plan.rows.columns)
        given = scorers[0] if len(scorers) == 1 else list(scorers)
        checked = scorers_from(given, has_reference=bool(reference))
        if not checked:
            raise CommandError("batch.score needs at least one scorer.", hint="batch.score(f)")
        if not self.is_settled:
            raise LgError(f"The batch is not over: {self.counted}.", hint="batch.wait().score(f)")
        again = self._work.scores.score_again(checked, reference)
        self.loop.wait(again, doing="score the batch", check_with="batch.df")
        return self

    async def _again(self, statuses: Sequence[str]) -> None:
        """Add the entries to a running batch, or start an ended one again. On the loop only."""
        if self.plan.unknown_values:
            raise self.plan.values_missing()
        await self._work.uncancel()
        if was_over := self.is_settled:
            with self._lock:
                self._done = _pending()
        begin = self._start if was_over else self._work.more
        begin(self._work.again(statuses))

    # -- being followed -----------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the batch. Call it once."""
        self._start([place for place, entry in enumerate(self._work.entries) if not entry.has_ended])

    def _start(self, places: Sequence[int]) -> None:
        self.loop.start(self._follow(places))

    async def _follow(self, places: Sequence[int]) -> None:
        self._problem = None
        try:
            await self._work.run(places)
        except Exception as problem:
            log.exception("the batch %s could not be followed", self.id)
            self._problem = problem
        finally:
            self._done.set_result(None)
            self._notify()

    def observe(self, observer: Callable[[Batch], None]) -> Callable[[], None]:
        """Call `observer(batch)` on the background loop at each change, the last included. Returns a function that stops it."""
        with self._lock:
            self._observers = (*self._observers, observer)
        if self.is_settled:
            observer(self)

        def unsubscribe() -> None:
            with self._lock:
                self._observers = tuple(each for each in self._observers if each is not observer)

        return unsubscribe

    def _notify(self) -> None:
        for observer in self._observers:
            try:
                observer(self)
            except Exception:
                log.exception("an observer of the batch %s failed", self.id)


class _Runs(Sequence["Run"]):
    """Handles of runs, each created on access."""

    def __init__(self, entries: Sequence[Entry], run_of: Callable[[Entry], Run]) -> None:
        self._entries = entries
        self._run_of = run_of

    def __repr__(self) -> str:
        return f"<{len(self)} run{'s' * (len(self) != 1)} of a batch>"

    def __len__(self) -> int:
        return len(self._entries)

    @overload
    def __getitem__(self, place: int) -> Run: ...
    @overload
    def __getitem__(self, place: slice) -> list[Run]: ...
    def __getitem__(self, place: int | slice) -> Run | list[Run]:
        if isinstance(place, slice):
            return [self._run_of(entry) for entry in self._entries[place]]
        return self._run_of(self._entries[place])


def _pending() -> Future[None]:
    future: Future[None] = LoopFuture()
    future.set_running_or_notify_cancel()  # so that no waiter can cancel it
    return future


FAILURES = 5
ERROR_LENGTH = 200
ROWS, LABEL_LENGTH, SHOWN_LENGTH, SCORE_LENGTH = 100, 100, 120, 60


def progress_of(work: BatchWork) -> BatchView:
    """How far a batch is: its view without notes and runs."""
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
    )


def failures_of(work: BatchWork, number_of_thread: Callable[[str], str]) -> list[Failure]:
    """The first failures; their threads get numbers."""
    return [_failure(work, place, number_of_thread) for place in work.table.failed[:FAILURES]]


def shown_rows(work: BatchWork) -> list[RowView]:
    """The rows that the card lists. A row whose run has not changed since the last time is the same object."""
    known, entries = work.row_views, work.entries
    work.row_views = {
        place: known[place]
        if place in known and known[place][0] is entries[place]
        else (entries[place], _row(work, place))
        for place in work.table.shown(ROWS)
    }
    return [row for _, row in work.row_views.values()]


def rows_of(work: BatchWork, places: Iterable[int]) -> Iterator[RowView]:
    """The runs at these places, as rows of a card."""
    return (_row(work, place) for place in places)


def _row(work: BatchWork, place: int) -> RowView:
    entry, plan = work.entries[place], work.plan
    shown = entry.error if entry.error or entry.output is None else entry.output
    return RowView(
        place,
        shortened(plan.asked(entry.row), LABEL_LENGTH) or f"row {entry.row}",
        _assistant(work, entry),
        entry.status,
        shortened(
            shown if isinstance(shown, str) else json.dumps(shown, ensure_ascii=False, default=str), SHOWN_LENGTH
        ),
        tuple((name, _score(score)) for name, score in entry.scores.items()),
        entry.seconds,
        entry.tokens,
    )


def _assistant(work: BatchWork, entry: Entry) -> str:
    """A run's assistant, with the number of the repetition if there are several."""
    return f"{entry.assistant} · {entry.repeat}" if work.plan.repeat > 1 else entry.assistant


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


def _failure(work: BatchWork, place: int, number_of_thread: Callable[[str], str]) -> Failure:
    entry = work.entries[place]
    error = shortened(entry.error.strip().partition("\n")[0], ERROR_LENGTH)
    number = number_of_thread(entry.thread_id) if entry.run_id else ""
    return Failure(entry.row, _assistant(work, entry), error, number, entry.thread_id if number else "")


def lost(problem: DeploymentError, batch_id: str, counted: str, *, can_attach: bool) -> Unreachable:
    """The error of a batch whose deployment stopped answering."""
    way = f"batch.retry(), or in any kernel %lg_batch --attach {batch_id}," if can_attach else "batch.retry()"
    return Unreachable(
        f"The deployment stopped answering: {counted}. {problem.message}", hint=f"{way} goes on when it is back."
    )


def unexpected(problem: Exception, batch_id: str) -> LgError:
    """The error of a batch that failed in this package's own code."""
    cause = f"{type(problem).__name__}: {problem}"
    return LgError(f"The batch could not be followed: {cause}.", hint=f"%lg_batch --attach {batch_id}")
