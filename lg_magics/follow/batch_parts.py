"""What is written of a whole batch: its plan, how its runs ended, that it was cancelled. On the background loop; knows no run."""

from __future__ import annotations

import asyncio
import bisect
import contextlib
import time
import uuid
from collections.abc import Callable

from lg_magics.errors import DeploymentError
from lg_magics.model.batch import Entry
from lg_magics.model.batch_plan import BatchPlan
from lg_magics.model.batch_written import CANCELLED, ENDED, parts_of, record_key, text_of_records
from lg_magics.server.connection import Connection
from lg_magics.server.thread_words import thread_words

__all__ = ["BatchParts"]

WRITE_EVERY = 5.0
AT_ONCE = 8
DOING = "write the batch"


class BatchParts:
    """The threads that hold the plan of one batch.

    Attributes:
        are_written: whether all of them are on the deployment, so that another kernel can go on with the batch.
    """

    def __init__(self, connection: Connection, plan: BatchPlan, *, are_written: bool) -> None:
        self.are_written = are_written
        self._connection = connection
        self._threads = connection.background.threads
        self._plan = plan
        self._parts = parts_of(plan) if plan.is_kept else []
        self._first_rows = [part.rows.start for part in self._parts]
        self._key = f"{ENDED}{uuid.uuid4().hex[:8]}"  # two kernels that follow one batch do not overwrite each other
        self._ended: list[dict[tuple[int, str, int, int], Entry]] = [{} for _ in self._parts]
        self._changed: set[int] = set()
        self._next_write = time.monotonic() + WRITE_EVERY
        self._writing: asyncio.Task[None] | None = None

    async def write(self, written: Callable[[int], None]) -> None:
        """Write those that are not there; `written(rows)` is called for each. The first one is written last.

        Raises:
            DeploymentError: the deployment does not answer, or refuses.
        """
        if self.are_written or not self._parts:
            return
        limit = asyncio.Semaphore(AT_ONCE)

        async def one(place: int) -> None:
            async with limit:
                part = self._parts[place]
                await self._threads.create(part.thread_id, metadata=part.metadata, is_found=True, doing=DOING)
                written(len(part.rows))

        await asyncio.gather(*map(one, range(1, len(self._parts))))
        await one(0)
        self.are_written = True

    # -- how the runs ended -------------------------------------------------------------------------------------

    def note(self, entry: Entry) -> None:
        """Remember how a run ended; it is written in a while, together with others."""
        if not (self._parts and self.are_written and entry.ended_at):
            return
        place = bisect.bisect_right(self._first_rows, entry.row) - 1
        self._ended[place][record_key(entry)] = entry
        self._changed.add(place)
        if self._writing is None and time.monotonic() >= self._next_write:
            self._next_write = time.monotonic() + WRITE_EVERY
            self._writing = asyncio.ensure_future(self._write_ended())

    async def close(self) -> None:
        """Write what is left. Where that fails, the runs are asked for one by one when somebody attaches."""
        if self._writing:
            await self._writing
        await self._write_ended()

    async def _write_ended(self) -> None:
        places, self._changed = self._changed, set()
        with contextlib.suppress(DeploymentError):
            for place in sorted(places):
                text = text_of_records(self._ended[place].values())
                await self._threads.update(self._parts[place].thread_id, {self._key: text}, doing=DOING)
        self._writing = None

    # -- that it was cancelled ----------------------------------------------------------------------------------

    async def mark_cancelled(self, mark: str) -> None:
        """Write that the batch was cancelled, so that nobody goes on with it unasked; "" takes it back.

        Raises:
            DeploymentError: the deployment does not answer, or refuses.
        """
        if self.are_written and self._parts:
            await self._threads.update(self._parts[0].thread_id, {CANCELLED: mark}, doing=DOING)

    async def is_cancelled(self) -> bool:
        """Whether the batch was cancelled: by whichever kernel.

        Raises:
            DeploymentError: the deployment does not answer, or refuses.
        """
        if not (self.are_written and self._parts):
            return False
        thread_id = self._parts[0].thread_id
        found = await thread_words(self._connection, [thread_id], extract={"mark": f"metadata.{CANCELLED}"})
        return thread_id in found and bool((found[thread_id].extracted or {}).get("mark"))
