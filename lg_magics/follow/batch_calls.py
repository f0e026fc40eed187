"""What one run of a batch asks of the deployment once it is there: its row, its end, its values. On the background loop.

A run is followed by one `join`, whose answer is the thread's and not the run's: the run's own row has the last word, and the
thread says whether it paused (a pause is a `success` to the server, a breakpoint not even in the answer).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

from lg_magics.errors import DeploymentError, NotFound
from lg_magics.follow.batch_pace import BatchPace
from lg_magics.follow.outcome import Outcome, confirm, seconds_from_iso
from lg_magics.follow.retry import backoff_seconds, should_give_up
from lg_magics.follow.thread_batcher import ThreadBatcher
from lg_magics.model.batch import Entry
from lg_magics.model.batch_plan import BATCH, BatchPlan
from lg_magics.model.interrupts import interrupts_from_payload
from lg_magics.model.records import RunRecord
from lg_magics.model.run_view import LIVE, RunView, Status
from lg_magics.server.connection import Connection
from lg_magics.server.runs import WITHOUT_INPUT

__all__ = ["BatchCalls", "Ended"]

T = TypeVar("T")
Joined = Mapping[str, Any]
"""What a thread holds when a run has ended, or what the server says in its place."""
KEPT = ("success", "waiting")
GONE = "404: Run not found"
WORDS: Mapping[Status, str] = {
    "timeout": "The server stopped it at its time limit.",
    "deleted": "It is gone: deleted, rolled back, or lost with its server.",
}


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of a run: `values` of one that succeeded or waits, `error` of any other.

    `seconds` are by the server's clock, and `at` is when the server changed the run last, as it says it.
    """

    status: Status
    values: Any = None
    error: str = ""
    seconds: float | None = None
    at: str = ""


class BatchCalls:
    """The calls of one batch's runs."""

    def __init__(self, connection: Connection, plan: BatchPlan, pace: BatchPace) -> None:
        self.connection = connection
        self.pace = pace
        self._plan = plan
        self._batcher = ThreadBatcher(connection)

    # -- a run that is there ------------------------------------------------------------------------------------

    async def find(self, entry: Entry) -> RunRecord | None:
        """The server's row of an entry's run, if it was launched: by whomever."""
        return await self.pace.patiently(lambda: self.found(entry))

    async def found(self, entry: Entry) -> RunRecord | None:
        """The same, asked for once."""
        thread_id = entry.thread_id or await self._thread_of(entry)
        if not thread_id:
            return None
        rows = await self.connection.background.runs.newest(thread_id, select=WITHOUT_INPUT)
        own = next((row for row in reversed(rows) if row.metadata.get(BATCH) == self._plan.id), None)
        if own is None or own.run_id == rows[0].run_id or not await self._was_paused(own):
            return own
        return rows[0]  # somebody answered: what came of that is what came of the row

    async def _thread_of(self, entry: Entry) -> str:
        """The thread that a stateless run made for itself; "" if there is none."""
        threads = self.connection.background.threads
        found = await threads.ids(metadata=self._plan.tags(entry), limit=1, doing="look for a row")
        return found[0] if found else ""

    async def _was_paused(self, row: RunRecord) -> bool:
        if _is_live(row):
            return False
        left = await self.connection.background.history.last_of_run(row.thread_id, row.run_id)
        return left is not None and bool(left.next)

    # -- its end ------------------------------------------------------------------------------------------------

    async def end(self, row: RunRecord) -> Ended:
        """Wait for a run's end, and say what became of it.

        Raises:
            DeploymentError: the deployment stopped answering, or refuses.
        """
        thread_id, run_id = row.thread_id, row.run_id
        attempt = 0
        while True:
            joined = await self._joined(thread_id, run_id) if _is_live(row) else None
            outcome = await self.pace.patiently(partial(self._confirmed, row, joined))
            if outcome.status not in LIVE:
                return await self._told(thread_id, run_id, outcome, joined)
            await asyncio.sleep(backoff_seconds(attempt))
            attempt += 1

    async def _joined(self, thread_id: str, run_id: str) -> Joined | None:
        """What the thread holds when the run has ended; None if the connection broke, or there are few to wait on."""
        if self.connection.has_few_streams:
            return None
        try:
            return await self.connection.background.runs.join(thread_id, run_id) or None  # aegra says {} of some runs
        except (DeploymentError, ValueError):  # the row says next what it is; half an answer is no JSON
            return None

    async def _confirmed(self, row: RunRecord, joined: Joined | None) -> Outcome:
        thread_id, has_ended = row.thread_id, not _is_live(row)
        before = await self._batcher.load(thread_id) if has_ended else None
        outcome = await confirm(
            self.connection,
            thread_id,
            row.run_id,
            _view(joined or {}),
            is_whole=joined is not None,
            row=row if has_ended else None,
            thread=before.words if before else None,
        )
        if joined is None or outcome.status != "success":
            return outcome
        look = await self._batcher.load(thread_id)
        return replace(outcome, status="waiting") if look and look.is_paused else outcome

    async def _told(self, thread_id: str, run_id: str, outcome: Outcome, joined: Joined | None) -> Ended:
        values, history = joined, self.connection.background.history
        if outcome.status in KEPT and (joined is None or "__error__" in joined or "__interrupt__" in joined):
            values = await self.pace.patiently(lambda: history.last_values(thread_id, run_id))
        error = "" if outcome.status in KEPT else _error(outcome)
        kept = values if outcome.status in KEPT else None
        row = outcome.row
        return Ended(outcome.status, kept, error, _seconds(row or {}), row.updated_at if row else "")

    async def values_of(self, entries: Iterable[Entry]) -> AsyncIterator[list[tuple[str, Any]]]:
        """The values that these entries' runs left, by thread, in pages.

        Raises:
            DeploymentError: the deployment stopped answering, or refuses.
        """
        wanted = {entry.thread_id: entry for entry in entries}
        pages = aiter(self.connection.background.batches.pages({BATCH: self._plan.id}, ("updated_at", "values")))
        while wanted and (page := await anext(pages, None)) is not None:
            found = []
            for thread in page:
                if entry := wanted.pop(thread.thread_id, None):
                    is_its = seconds_from_iso(thread.updated_at) == seconds_from_iso(entry.ended_at)
                    found.append((entry.thread_id, thread.get("values") if is_its else await self._values_left(entry)))
            yield found
        for entry in wanted.values():  # what the deployment does not find by its metadata
            yield [(entry.thread_id, await self._values_left(entry))]

    async def _values_left(self, entry: Entry) -> Any:
        history = self.connection.background.history
        return await self.pace.patiently(lambda: history.last_values(entry.thread_id, entry.run_id))

    # -- cancelling ---------------------------------------------------------------------------------------------

    async def cancel(self, entry: Entry) -> None:
        """Ask for an end; one that has ended already is left alone."""
        try:
            await self.connection.background.runs.cancel(entry.thread_id, [entry.run_id])
        except NotFound:
            return

    def is_lost(self, problem: DeploymentError) -> bool:
        """Whether a problem is the whole deployment's, and not one run's."""
        return not should_give_up(self.connection, problem, 0)


def _is_live(row: RunRecord) -> bool:
    return row.status in LIVE


def _view(joined: Joined) -> RunView:
    """What a join's answer tells of a run, as a stream would have."""
    error = joined.get("__error__")
    error = error if isinstance(error, Mapping) and error.get("message") != GONE else {}
    asked = interrupts_from_payload(joined.get("__interrupt__"))
    return RunView(
        interrupts=asked,
        is_paused=bool(asked),
        error=str(error.get("error") or ""),
        error_message=str(error.get("message") or ""),
    )


def _error(outcome: Outcome) -> str:
    if not outcome.error:
        return WORDS.get(outcome.status, "")
    return f"{outcome.error}: {outcome.error_message}" if outcome.error_message else outcome.error


def _seconds(row: Mapping[str, Any]) -> float | None:
    began, ended = (seconds_from_iso(row.get(name)) for name in ("created_at", "updated_at"))
    return None if began is None or ended is None else max(0.0, ended - began)
