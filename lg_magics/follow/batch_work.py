"""Runs a batch with a pool of workers. On the loop; depends on no handle and no card.

First the plan is written to the deployment, or, where that was done before, the runs that may exist are read. Only then are
runs launched. So if this kernel dies, the deployment holds all that another kernel needs to go on.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from typing import Literal

from lg_magics.errors import DeploymentError
from lg_magics.follow.batch_launch import BatchLaunch
from lg_magics.follow.batch_pace import NotWanted
from lg_magics.follow.batch_parts import BatchParts
from lg_magics.follow.batch_requests import BatchCalls, Ended
from lg_magics.follow.batch_score import BatchScores
from lg_magics.model.batch import (
    FAILED,
    LIVE,
    NOT_STARTED,
    BatchEntries,
    Entry,
    EntryStatus,
    RowView,
    output_of,
    tokens_of,
    tools_of,
)
from lg_magics.model.batch_plan import BatchPlan
from lg_magics.model.scores import Scorer

__all__ = ["BatchWork"]

log = logging.getLogger(__name__)
MOST_LOOKUPS = 32
CHECK_EVERY = 1.0
AWAY = "the deployment does not answer"
WORKERS_PER_SLOT = 4
"""Workers for each run at a time: while one run is live, others read how the runs before it ended, and score them."""


class BatchWork:
    """The entries of a batch, and the work on them.

    Attributes:
        table: the entries, and how many are in which status.
        row_views: the rows that the card listed last, by place, each with its entry at that time.
        scores: scores the runs that have ended.
        pace: how fast requests are sent, and whether they are paused.
        stopped: why no more runs are launched; "" if they are.
        lost: the problem, if the deployment stopped answering, or refused what all runs need: the plan, or values to score.
    """

    def __init__(
        self,
        calls: BatchCalls,
        launch: BatchLaunch,
        plan: BatchPlan,
        entries: Sequence[Entry],
        changed: Callable[[], None],
        scorers: Sequence[Scorer] = (),
        *,
        is_written: bool = False,
    ) -> None:
        self.plan = plan
        self.table = BatchEntries(entries, changed)
        self.entries, self._set = self.table.all, self.table.set
        self.row_views: dict[int, tuple[Entry, RowView]] = {}
        self.phase: Literal["preparing", "running", "ended"] = "preparing"
        self.stopped = ""
        self.lost: DeploymentError | None = None
        self.is_cancelled = self.is_cancelling = False
        self.began_at: float | None = None
        self.ended_at: float | None = None
        self.ended_here = self.prepared = self.to_prepare = 0
        self.tokens = sum(entry.tokens or 0 for entry in entries)
        self._uncancel_count = 0  # how often a cancel was undone: a check that began before the last one does not count
        self._next_check = 0.0
        self._calls = calls
        self.pace = calls.pace
        self._launch = launch
        self._parts = BatchParts(calls.connection, plan, calls.pace, are_written=is_written)
        self._changed = changed
        self.scores = BatchScores(calls, plan, self.table, scorers)
        self._queue: asyncio.Queue[int] = asyncio.Queue()
        self._queued: set[int] = set()  # the places in the queue, and those that are being done
        self._preparing: set[int] = set()  # the places that will be in it when all is written
        self._busy = 0
        self._slots = asyncio.Semaphore(plan.concurrency)

    @property
    def is_kept(self) -> bool:
        """Whether the deployment holds all rows, so that another kernel can go on with them."""
        return self._parts.are_written and self.plan.is_kept

    @property
    def to_retry(self) -> tuple[EntryStatus, ...]:
        """The statuses that a retry takes by default: failed ones, and "not started" if the deployment was lost."""
        return (*FAILED, NOT_STARTED) if self.lost else FAILED

    @property
    def is_refused(self) -> bool:
        """Whether the problem is the deployment's refusal, and not its absence."""
        return self.lost is not None and not self._calls.is_lost(self.lost)

    # -- all of them --------------------------------------------------------------------------------------------

    async def run(self, places: Iterable[int]) -> None:
        """Run the entries at these places, and those that `more` adds meanwhile."""
        self.phase, self.ended_at, self.prepared, self.to_prepare = "preparing", None, 0, 0
        try:
            await self._prepare(list(places))
            self.phase, self.began_at, self.ended_here = "running", time.time(), 0
            self._next_check = time.monotonic() + CHECK_EVERY
            self._changed()
            ready, self._preparing = sorted(self._preparing), set()
            self.more(ready)
            await self._work_until_nothing_is_left()
        except BaseException:
            await self._parts.close(lambda: False)
            raise
        finally:  # nothing is awaited from the last look at the queue to here: a retry of that moment would be lost
            self._queue, self._queued, self._preparing = asyncio.Queue(), set(), set()
            self.phase, self.ended_at, self.is_cancelling = "ended", time.time(), False
            self.scores.close()

    def more(self, places: Iterable[int]) -> None:
        """Add places to the queue, except those that are in it already."""
        for place in places:
            if place not in self._queued:
                self._queued.add(place)
                self._queue.put_nowait(place)

    async def _work_until_nothing_is_left(self) -> None:
        """Work on the queue, score the other runs, and write the records, until no retry has added more meanwhile."""
        is_left = True
        while is_left:
            while not self._queue.empty():
                await self._work_all()
            problem = self.lost or await self.scores.score_rest()
            await self._parts.close(partial(self._may_wait, is_lost=problem is not None))
            is_left = not self._queue.empty()
        self.lost = problem

    def _may_wait(self, *, is_lost: bool) -> bool:
        """Whether the last records may wait for the end of a pause."""
        return not (is_lost or self.is_cancelled)

    async def _work_all(self) -> None:
        workers = [asyncio.ensure_future(self._worker()) for _ in range(WORKERS_PER_SLOT * self.plan.concurrency)]
        try:
            while self._busy or not self._queue.empty():
                await self._queue.join()
        finally:
            for each in workers:
                each.cancel()
            await asyncio.gather(*workers, return_exceptions=True)

    async def _worker(self) -> None:
        while True:
            place = await self._queue.get()
            self._busy += 1
            try:
                await self._catch(place, self._process_unless_stopped)
            finally:
                self._busy -= 1
                self._queued.discard(place)
                self._queue.task_done()

    async def _process_unless_stopped(self, place: int) -> None:
        """Run an entry when there is a slot for it. Its slot is free when its run has ended; then its outcome is read."""
        async with contextlib.AsyncExitStack() as slot:
            await slot.enter_async_context(self._slots)
            if self.entries[place].status == NOT_STARTED:
                await self._check_remote_cancel()
            if not self._is_stopped(self.entries[place]):
                is_counted = self.plan.max_tokens is not None  # then the outcome decides about the next launch
                await self._run_entry(place, None if is_counted else slot.aclose)

    async def _check_remote_cancel(self) -> None:
        """Every CHECK_EVERY seconds, before a launch, read whether another kernel has cancelled the batch."""
        if time.monotonic() < self._next_check:
            return
        self._next_check = time.monotonic() + CHECK_EVERY
        uncancel_count = self._uncancel_count
        with contextlib.suppress(DeploymentError):  # the launch reports the problem
            if await self._parts.is_cancelled() and uncancel_count == self._uncancel_count:
                await self.cancel()

    def _is_stopped(self, entry: Entry) -> bool:
        """Whether an entry is not to be launched any more."""
        return entry.status == NOT_STARTED and bool(self.is_cancelled or self.stopped or self._is_spent())

    @property
    def is_spent(self) -> bool:
        """Whether the batch has used its tokens, so that no more runs are launched."""
        most = self.plan.max_tokens
        return most is not None and self.tokens >= most

    def _is_spent(self) -> bool:
        if self.is_spent:
            self.stopped = f"its {self.plan.max_tokens:,} tokens are used"
        return self.is_spent

    # -- before anything is launched ----------------------------------------------------------------------------

    async def _prepare(self, places: Sequence[int]) -> None:
        """Write the plan if it is not on the deployment, and read the runs that may have been launched."""
        self._preparing = set(places)
        live = [place for place in places if self.entries[place].status == LIVE]
        self.to_prepare = len(live) + (0 if self._parts.are_written else len(self.plan.rows))
        self._changed()
        try:
            with contextlib.suppress(NotWanted):
                write = partial(self._parts.write, self._prepared_more)
                await self.pace.with_retries(write, lambda: not self.is_cancelled)
        except DeploymentError as problem:
            self.lost = problem
            self.stopped = problem.message if self.is_refused else AWAY
        limit = asyncio.Semaphore(MOST_LOOKUPS)

        async def one(place: int) -> None:
            async with limit:
                await self._catch(place, self._look_up)
                if self.entries[place].has_ended:
                    self._preparing.discard(place)
                self._prepared_more(1)

        await asyncio.gather(*map(one, live))
        if self.is_cancelled:  # perhaps before there was a thread to write it on; cancel() raised if it failed
            with contextlib.suppress(DeploymentError):
                await self._write_mark("cancelled")

    def _prepared_more(self, count: int) -> None:
        self.prepared += count
        self._changed()

    async def _look_up(self, place: int) -> None:
        """Read the state of an entry that may have been launched by another kernel, or before the connection was lost."""
        row = await self._calls.find(self.entries[place])
        if row is None:
            self._set(place, status=NOT_STARTED)
        else:
            self._set(place, thread_id=row.thread_id, run_id=row.run_id)
            if row.status not in ("pending", "running"):
                await self._end(place, await self._calls.end(row))

    # -- one of them --------------------------------------------------------------------------------------------

    async def _catch(self, place: int, work: Callable[[int], Awaitable[None]]) -> None:
        """Run `work(place)`. Record its error on the entry, so that others continue; a lost deployment stops the batch."""
        try:
            await work(place)
        except DeploymentError as problem:
            if self._calls.is_lost(problem):
                self._lose(place, problem)
            else:
                self._set(place, status="error", error=f"{type(problem).__name__}: {problem.message}")
                self._parts.note(self.entries[place])
        except Exception as problem:
            log.exception("a run of the batch %s could not be followed", self.plan.id)
            self._set(place, status="unknown", error=f"{type(problem).__name__}: {problem}")

    def _lose(self, place: int, problem: DeploymentError) -> None:
        self.lost, self.stopped = problem, AWAY
        if self.phase == "running" or self.entries[place].status == LIVE:  # else nothing of it was launched
            self._set(place, status="unknown", error=problem.message)

    async def _run_entry(self, place: int, free: Callable[[], Awaitable[object]] | None) -> None:
        """Launch an entry's run unless it runs already, wait for its end, call `free`, and record the outcome."""
        row = await self._launch.launch(self.entries[place], lambda: not self._is_stopped(self.entries[place]))
        if row is None:
            return
        self._set(place, status=LIVE, thread_id=row["thread_id"], run_id=row["run_id"])
        if self.is_cancelled:
            await self._calls.cancel(self.entries[place])  # it was cancelled while this was being launched
        await self._end(place, await self._calls.end(row, free))

    async def _end(self, place: int, ended: Ended) -> None:
        values, before = ended.values, (self.plan.sent(self.entries[place]), self.plan.before)
        is_kept = ended.status in ("success", "waiting")
        tokens = tokens_of(values, *before) if is_kept else None
        self.tokens += tokens or 0
        self.ended_here += 1
        self._set(
            place,
            status=ended.status,
            output=output_of(values, *before) if is_kept else None,
            error=ended.error,
            seconds=ended.seconds,
            tokens=tokens,
            tools=tools_of(values, *before) if is_kept else (),
            ended_at=ended.at,
        )
        self._parts.note(self.entries[place])
        if ended.status == "success":
            await self.scores.score(place, self.entries[place], values)

    # -- cancel and retry ---------------------------------------------------------------------------------------

    async def cancel(self) -> None:
        """Launch no more runs, cancel the live ones, and stop waiting for scorers.

        Raises:
            DeploymentError: the deployment does not answer, or refuses. No more runs are launched all the same.
        """
        self.is_cancelled = self.is_cancelling = True
        self.scores.give_up()
        self._changed()
        live = [entry for entry in self.entries if entry.status == LIVE and entry.run_id]
        try:
            wanted = (self._write_mark("cancelled"), *map(self._calls.cancel, live))
            found = await asyncio.gather(*wanted, return_exceptions=True)
        finally:
            self.is_cancelling = False
        for each in found:
            if isinstance(each, BaseException):
                raise each

    async def _write_mark(self, mark: str) -> None:
        """Write to the deployment whether the batch was cancelled, for other kernels."""
        if self.table.counts[NOT_STARTED] or not mark:
            await self._parts.mark_cancelled(mark)

    async def uncancel(self) -> None:
        """Undo a cancel, so that a retry can launch runs.

        Raises:
            DeploymentError: the deployment does not answer, or refuses; it stays cancelled.
        """
        if self.is_cancelled:
            await self._write_mark("")
            self._uncancel_count += 1
        self.is_cancelled, self.lost, self.stopped = False, None, ""
        self.scores.resume()
        self._calls.cancelled.clear()
        self.pace.reset()

    def again(self, statuses: Sequence[str]) -> list[int]:
        """Reset the entries with these statuses that are not queued; returns their places."""
        busy = self._queued | self._preparing
        places = [place for place in self.table.select(self.plan.problems, statuses) if place not in busy]
        self.table.again(places)
        for place in places:
            self._parts.note(self.entries[place])
        return places
