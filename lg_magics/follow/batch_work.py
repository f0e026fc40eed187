"""Does the runs of a batch, so many at a time. Everything here happens on the background loop; knows no handle and no card.

First every row is written to the deployment, or, where that was done before, looked at; only then is anything launched. What is
written first holds all rows. So whatever becomes of this kernel, the deployment holds all that is needed to go on.
"""

from __future__ import annotations

import asyncio
import bisect
import contextlib
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, Literal

from lg_magics.errors import DeploymentError
from lg_magics.follow.batch_calls import BatchCalls, Ended
from lg_magics.follow.batch_marks import BatchMarks
from lg_magics.follow.batch_score import Score, Scorer
from lg_magics.model.batch import FAILED, LIVE, NOT_STARTED, Entry, output_of, tokens_of
from lg_magics.model.batch_plan import BatchPlan

__all__ = ["BatchWork"]

log = logging.getLogger(__name__)
WRITERS = 32


class BatchWork:
    """The entries of a batch, and what is done about them.

    Attributes:
        entries: one for each run, in the order of the rows; each is frozen and swapped.
        counts: how many are in which status.
        failed: the places of those that failed, in order.
        stopped: why no more are launched; "" as long as nothing is in the way.
        lost: the problem, if the deployment stopped answering.
    """

    def __init__(
        self,
        calls: BatchCalls,
        plan: BatchPlan,
        entries: Sequence[Entry],
        changed: Callable[[], None],
        score: Score | None = None,
    ) -> None:
        self.plan = plan
        self.entries = list(entries)
        self.counts = Counter(entry.status for entry in entries)
        self.failed = [place for place, entry in enumerate(entries) if entry.status in FAILED]
        self.phase: Literal["preparing", "running", "ended"] = "preparing"
        self.stopped = ""
        self.lost: DeploymentError | None = None
        self.is_cancelled = self.is_cancelling = False
        self.began_at: float | None = None
        self.ended_at: float | None = None
        self.ended_here = self.prepared = self.to_prepare = self.tokens = 0
        self._calls = calls
        self._marks = BatchMarks(calls.connection)
        self._holders = [] if plan.stateless else [n for n, entry in enumerate(self.entries) if plan.is_holder(entry)]
        self._changed = changed
        self._scorer = Scorer(score) if score else None
        self._queue: asyncio.Queue[int] = asyncio.Queue()
        self._queued: set[int] = set()  # the places in the queue, and those that are being done
        self._preparing: set[int] = set()  # the places that will be in it when all is written
        self._busy = 0

    @property
    def is_kept(self) -> bool:
        """Whether the deployment holds all rows, so that another kernel can go on with them."""
        return not self.plan.stateless and all(self.entries[place].thread_id for place in self._holders)

    # -- all of them --------------------------------------------------------------------------------------------

    async def run(self, places: Iterable[int]) -> None:
        """Do these entries, and those that `more` adds meanwhile."""
        chosen = list(places)
        self.phase, self.ended_at = "preparing", None
        self.prepared, self.to_prepare = 0, len(chosen)
        self._changed()
        try:
            await self._prepare(chosen)
            self.phase, self.began_at, self.ended_here = "running", time.time(), 0
            self._changed()
            ready, self._preparing = sorted(self._preparing), set()
            self.more(ready)
            while not self._queue.empty():  # somebody may ask for more while the servers are sent home
                await self._serve_all()
        finally:
            self._queue, self._queued, self._preparing = asyncio.Queue(), set(), set()
            self.phase, self.ended_at = "ended", time.time()
            self.is_cancelling = False
            if self._scorer:
                self._scorer.close()

    def more(self, places: Iterable[int]) -> None:
        """Do these too; what is to be done already is done once."""
        for place in places:
            if place not in self._queued:
                self._queued.add(place)
                self._queue.put_nowait(place)

    async def _serve_all(self) -> None:
        servers = [asyncio.ensure_future(self._serve()) for _ in range(self.plan.concurrency)]
        try:
            while self._busy or not self._queue.empty():
                await self._queue.join()
        finally:
            for each in servers:
                each.cancel()
            await asyncio.gather(*servers, return_exceptions=True)

    async def _serve(self) -> None:
        while True:
            place = await self._queue.get()
            self._busy += 1
            try:
                if not self._is_left(self.entries[place]):
                    await self._guarded(place, self._through)
            finally:
                self._busy -= 1
                self._queued.discard(place)
                self._queue.task_done()

    def _is_left(self, entry: Entry) -> bool:
        """Whether an entry is not to be launched any more."""
        return entry.status == NOT_STARTED and bool(self.is_cancelled or self.stopped or self._is_spent())

    def _is_spent(self) -> bool:
        most = self.plan.max_tokens
        if most is None or self.tokens < most:
            return False
        self.stopped = f"its {most:,} tokens are used"
        return True

    # -- before anything is launched ----------------------------------------------------------------------------

    async def _prepare(self, places: Sequence[int]) -> None:
        """Write the rows that are not on the deployment, and look at those that may have run."""
        limit = asyncio.Semaphore(WRITERS)
        self._preparing = set(places)

        async def one(place: int) -> None:
            async with limit:
                entry = self.entries[place]
                if entry.status == LIVE:
                    await self._guarded(place, self._look)
                elif not (self.plan.stateless or entry.thread_id or self.is_cancelled or self.lost):
                    await self._guarded(place, self._write)
                if self.entries[place].has_ended:
                    self._preparing.discard(place)
                self.prepared += 1
                self._changed()

        holders = [place for place in self._holders if place in self._preparing]
        for each in (holders[1:], holders[:1], [place for place in places if place not in holders]):
            await asyncio.gather(*map(one, each))
        await self._say_all_is_written()
        if self.is_cancelled:  # perhaps before there was a thread to write it on; who cancelled was told if it failed
            with contextlib.suppress(DeploymentError):
                await self._mark("cancelled")

    async def _say_all_is_written(self) -> None:
        if not all(entry.thread_id for entry in self.entries):
            return
        holders = [entry for entry in map(self.entries.__getitem__, self._holders) if self.plan.is_holder(entry)]
        with contextlib.suppress(
            DeploymentError
        ):  # then a row that somebody deletes is taken for one that never started
            await self._marks.all_written([entry.thread_id for entry in holders])
            self._holders = []

    async def _write(self, place: int) -> None:
        self._set(place, thread_id=await self._calls.write(self.entries[place]))

    async def _look(self, place: int) -> None:
        """What became of an entry that may have been launched: by another kernel, or before a connection was lost."""
        row = await self._calls.find(self.entries[place])
        if row is None:
            self._set(place, status=NOT_STARTED)
            return
        self._set(place, thread_id=row["thread_id"], run_id=row["run_id"])
        if row.get("status") not in ("pending", "running"):
            await self._end(place, await self._calls.end(row))

    # -- one of them --------------------------------------------------------------------------------------------

    async def _guarded(self, place: int, work: Callable[[int], Awaitable[None]]) -> None:
        """Do it; what goes wrong is kept in the entry and does not hide the others, unless the deployment is lost."""
        try:
            await work(place)
        except DeploymentError as problem:
            if self._calls.is_lost(problem):
                self._lose(place, problem)
            else:
                self._set(place, status="error", error=f"{type(problem).__name__}: {problem.message}")
        except Exception as problem:
            log.exception("a run of the batch %s could not be followed", self.plan.id)
            self._set(place, status="unknown", error=f"{type(problem).__name__}: {problem}")

    def _lose(self, place: int, problem: DeploymentError) -> None:
        self.lost, self.stopped = problem, "the deployment does not answer"
        if self.phase == "running" or self.entries[place].status == LIVE:  # else nothing of it was launched
            self._set(place, status="unknown", error=problem.message)

    async def _through(self, place: int) -> None:
        """From an entry to its end: its thread, its launch unless it runs already, its outcome."""
        if not (self.plan.stateless or self.entries[place].thread_id):
            await self._write(place)
        row = await self._calls.launch(self.entries[place])
        self._set(place, status=LIVE, thread_id=row["thread_id"], run_id=row["run_id"])
        if self.is_cancelled:
            await self._calls.cancel(self.entries[place])  # it was cancelled while this was being launched
        await self._end(place, await self._calls.end(row))

    async def _end(self, place: int, ended: Ended) -> None:
        entry, values = self.entries[place], ended.values
        is_kept = ended.status in ("success", "waiting")
        tokens = tokens_of(values, self.plan.sent(entry)) if is_kept else None
        self.tokens += tokens or 0
        self.ended_here += 1
        output = output_of(values) if is_kept else None
        scored = {}
        if self._scorer and ended.status == "success":
            scored = await self._scorer.found(output, self.plan.rows.row(entry.row))
        found = {"status": ended.status, "output": output, "error": ended.error}
        self._set(place, **{**found, "seconds": ended.seconds, "tokens": tokens, **scored})

    def _set(self, place: int, **changes: Any) -> None:
        before = self.entries[place]
        after = self.entries[place] = replace(before, **changes)
        if before.status != after.status:
            self.counts[before.status] -= 1
            self.counts[after.status] += 1
            was, has = before.status in FAILED, after.status in FAILED
            if has and not was:
                bisect.insort(self.failed, place)
            elif was and not has:
                self.failed.remove(place)
        self._changed()

    # -- what is asked for --------------------------------------------------------------------------------------

    async def cancel(self) -> None:
        """Launch no more, and cancel what is live.

        Raises:
            DeploymentError: the deployment does not answer, or refuses; no more are launched all the same.
        """
        self.is_cancelled = self.is_cancelling = True
        self._changed()
        live = [entry for entry in self.entries if entry.status == LIVE and entry.run_id]
        try:
            wanted = (self._mark("cancelled"), *map(self._calls.cancel, live))
            found = await asyncio.gather(*wanted, return_exceptions=True)
        finally:
            self.is_cancelling = False
        for each in found:
            if isinstance(each, BaseException):
                raise each

    async def _mark(self, mark: str) -> None:
        """Say on the deployment whether it was cancelled, on the first thread: whoever goes on reads them all."""
        thread_id = next((entry.thread_id for entry in self.entries if entry.thread_id), "")
        if thread_id and not self.plan.stateless and (self.counts[NOT_STARTED] or not mark):
            await self._calls.mark_cancelled(thread_id, mark)

    async def go_on(self) -> None:
        """Take back that it was cancelled.

        Raises:
            DeploymentError: the deployment does not answer, or refuses; it stays cancelled.
        """
        if self.is_cancelled:
            await self._mark("")
        self.is_cancelled, self.lost, self.stopped = False, None, ""

    def again(self, statuses: Sequence[str]) -> list[int]:
        """Make ready to do again what is in one of these statuses; the places.

        What cannot be sent stays as it is, and so does what is still to be done.
        """
        places = [
            place
            for place, entry in enumerate(self.entries)
            if entry.status in statuses and entry.status != LIVE and not self.plan.problems[entry.row]
        ]
        chosen = [place for place in places if not (place in self._queued or place in self._preparing)]
        for place in chosen:
            self._set(place, **_afresh(self.entries[place]))
        return chosen


def _afresh(entry: Entry) -> dict[str, Any]:
    """What changes for an entry that is done again. One whose end is not known is looked at; a new attempt has a new thread."""
    if entry.status == "unknown":
        return {"status": LIVE, "error": ""}
    if not entry.run_id:
        return {"status": NOT_STARTED, "error": "", "thread_id": ""}  # it is written again: that changes nothing
    blank = {"thread_id": "", "run_id": "", "output": None, "error": "", "seconds": None, "tokens": None, "score": None}
    return {"status": NOT_STARTED, "attempt": entry.attempt + 1, **blank}
