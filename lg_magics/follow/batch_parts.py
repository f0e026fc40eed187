"""Writes the plan of a batch and how its runs ended on the deployment, for other kernels. On the loop; launches nothing."""

from __future__ import annotations

import asyncio
import bisect
import time
import uuid
from collections.abc import Callable
from functools import partial

from lg_magics.errors import DeploymentError
from lg_magics.follow.batch_pace import BatchPace, NotWanted
from lg_magics.model.batch import Entry
from lg_magics.model.batch_plan import BatchPlan
from lg_magics.model.batch_written import CANCELLED, ENDED, Records, parts_of
from lg_magics.server.connection import Connection
from lg_magics.server.threads import thread_words

__all__ = ["BatchParts"]

WRITE_EVERY = 5.0
CLOSING = 60.0
"""Seconds for which an ended batch waits for a deployment that does not take the last records."""
AT_ONCE = 8
DOING = "write the batch"


class BatchParts:
    """The threads that hold the plan of one batch.

    Attributes:
        are_written: whether all of them are on the deployment, so that another kernel can go on with the batch.
    """

    def __init__(self, connection: Connection, plan: BatchPlan, pace: BatchPace, *, are_written: bool) -> None:
        self.are_written = are_written
        self._connection = connection
        self._threads = connection.background.threads
        self._pace = pace
        self._parts = parts_of(plan) if plan.is_kept else []
        self._to_write = set(range(len(self._parts)))
        self._first_rows = [part.rows.start for part in self._parts]
        self._key = f"{ENDED}{uuid.uuid4().hex[:8]}"  # two kernels that follow one batch do not overwrite each other
        self._records = [Records() for _ in self._parts]
        self._next_write = time.monotonic() + WRITE_EVERY
        self._writing: asyncio.Task[None] | None = None

    async def write(self, written: Callable[[int], None]) -> None:
        """Write the parts that are not there, and call `written(rows)` for each. The first part is written last.

        Another call writes only what the one before could not.

        Raises:
            DeploymentError: the deployment does not answer, or refuses.
        """
        if self.are_written or not self._parts:
            return
        limit = asyncio.Semaphore(AT_ONCE)
        problems: list[DeploymentError] = []

        async def one(place: int) -> None:
            async with limit:
                if problems:
                    return
                part = self._parts[place]
                try:
                    await self._threads.create(part.thread_id, metadata=part.metadata, is_found=True, doing=DOING)
                except DeploymentError as problem:
                    problems.append(problem)
                else:
                    self._to_write.discard(place)
                    written(len(part.rows))

        await asyncio.gather(*map(one, sorted(self._to_write - {0})))
        await one(0)
        if problems:
            raise problems[0]
        self.are_written = True

    # -- how the runs ended -------------------------------------------------------------------------------------

    def note(self, entry: Entry) -> None:
        """Record how a run ended, or that it is to run again. It is written later, together with others."""
        if not (self._parts and self.are_written):
            return
        self._records[bisect.bisect_right(self._first_rows, entry.row) - 1].note(entry)
        if self._writing is None and time.monotonic() >= self._next_write:
            self._next_write = time.monotonic() + WRITE_EVERY
            self._writing = asyncio.ensure_future(self._write_ended())

    async def close(self, may_wait: Callable[[], bool]) -> None:
        """Write the records that are left. If that fails, an attach reads the runs one by one.

        Args:
            may_wait: whether to wait for the end of a pause, and to retry; at most for CLOSING seconds.
        """
        if self._writing:
            await self._writing
        until = time.monotonic() + CLOSING
        await self._write_ended(lambda: may_wait() and time.monotonic() < until)

    async def _write_ended(self, may_wait: Callable[[], bool] = lambda: False) -> None:
        """Write the texts that have changed. One that cannot be written keeps no other from being written.

        During a pause that it may not wait for, nothing is sent.
        """
        for part, records in zip(self._parts, self._records, strict=True):
            for number in sorted(records.changed):
                records.changed.discard(number)  # before the text is made: the next change is written later
                write = partial(self._write_text, part.thread_id, records, number)
                try:
                    if self._pace.is_paused and not may_wait():
                        raise NotWanted
                    await (self._pace.with_retries(write, may_wait) if may_wait() else write())
                except (DeploymentError, NotWanted):
                    records.changed.add(number)
        self._writing = None

    async def _write_text(self, thread_id: str, records: Records, number: int) -> None:
        await self._threads.update(thread_id, {f"{self._key}_{number}": records.text(number)}, doing=DOING)

    # -- that it was cancelled ----------------------------------------------------------------------------------

    async def mark_cancelled(self, mark: str) -> None:
        """Mark the batch as cancelled, so that no other kernel goes on with it; "" removes the mark.

        Raises:
            DeploymentError: the deployment does not answer, or refuses.
        """
        if self.are_written and self._parts:
            await self._threads.update(self._parts[0].thread_id, {CANCELLED: mark}, doing=DOING)

    async def is_cancelled(self) -> bool:
        """Whether any kernel cancelled the batch.

        Raises:
            DeploymentError: the deployment does not answer, or refuses.
        """
        if not (self.are_written and self._parts):
            return False
        thread_id = self._parts[0].thread_id
        found = await thread_words(self._connection, [thread_id], extract={"mark": f"metadata.{CANCELLED}"})
        return thread_id in found and bool((found[thread_id].extracted or {}).get("mark"))
