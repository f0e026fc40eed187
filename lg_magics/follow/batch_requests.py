"""The requests of a batch's runs: find each run, follow it to its end, cancel it. On the loop.

One `join` waits for a run, but its answer is the thread's and not the run's. So the run's own row decides the status, and the
thread shows whether the run paused (the server reports a pause as `success`; a breakpoint is not even in the answer).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

from lg_magics.errors import DeploymentError, NotFound
from lg_magics.follow.batch_pace import BatchPace, NotWanted
from lg_magics.follow.outcome import Outcome, confirm
from lg_magics.follow.retry import backoff_seconds, should_give_up
from lg_magics.follow.thread_batcher import ThreadBatcher
from lg_magics.model.batch import Entry
from lg_magics.model.batch_plan import BATCH, BatchPlan
from lg_magics.model.duration import seconds_from_iso
from lg_magics.model.interrupts import interrupts_from_payload
from lg_magics.model.records import RunRecord
from lg_magics.model.run_view import LIVE, RunView, Status
from lg_magics.server.connection import Connection
from lg_magics.server.retries import without_retries
from lg_magics.server.runs import WITHOUT_INPUT

__all__ = ["BatchCalls", "Ended"]

T = TypeVar("T")
Joined = Mapping[str, Any]
"""The answer of a join: the thread's values, or the server's `__error__` or `__interrupt__`."""
KEPT = ("success", "waiting")
GONE = "404: Run not found"
WORDS: Mapping[Status, str] = {
    "timeout": "The server stopped it at its time limit.",
    "deleted": "It is gone: deleted, rolled back, or lost with its server.",
}


@dataclass(frozen=True, slots=True)
class Ended:
    """The outcome of a run: `values` if it succeeded or waits, else `error`.

    `seconds` are by the server's clock. `at` is the server's time stamp of the run's last change, verbatim.
    """

    status: Status
    values: Any = None
    error: str = ""
    seconds: float | None = None
    at: str = ""


class _Unconfirmed(Exception):
    """A cancelled run whose end the deployment does not confirm now."""


class BatchCalls:
    """The calls of one batch's runs.

    Attributes:
        cancelled: the ids of the runs whose cancel the deployment has accepted.
    """

    def __init__(self, connection: Connection, plan: BatchPlan, pace: BatchPace) -> None:
        self.connection = connection
        self.pace = pace
        self._plan = plan
        self._joining = 0
        self.cancelled: set[str] = set()
        self._batcher = ThreadBatcher(connection, lambda: self._joining > 0)

    # -- find a run ---------------------------------------------------------------------------------------------

    async def find(self, entry: Entry, is_wanted: Callable[[], bool] = lambda: True) -> RunRecord | None:
        """The server's row of an entry's run, launched by this kernel or another; None if there is none.

        Raises:
            DeploymentError: the deployment does not answer, or refuses.
            NotWanted: `is_wanted()` became false during a pause.
        """
        return await self.pace.with_retries(lambda: self.found(entry), is_wanted)

    async def found(self, entry: Entry) -> RunRecord | None:
        """The same, without retries."""
        thread_id = entry.thread_id or await self._thread_of(entry)
        if not thread_id:
            return None
        rows = await self.connection.background.runs.newest(thread_id, select=WITHOUT_INPUT)
        own = next((row for row in reversed(rows) if row.metadata.get(BATCH) == self._plan.id), None)
        if own is None or own.run_id == rows[0].run_id or not await self._was_paused(own):
            return own
        return rows[0]  # a person answered it: the newest run has the row's result

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

    # -- wait for its end ---------------------------------------------------------------------------------------

    async def end(self, row: RunRecord, free: Callable[[], Awaitable[object]] | None = None) -> Ended:
        """Wait for a run's end, and return its outcome.

        After a cancel that the deployment has accepted, it does not wait for the end of a pause.

        Args:
            row: the run.
            free: called when the run's row says that it has ended, so that the next run can be launched.

        Raises:
            DeploymentError: the deployment stopped answering, or refuses.
        """
        thread_id, run_id = row.thread_id, row.run_id
        attempt = 0
        while True:
            joined = await self._joined(thread_id, run_id) if _is_live(row) else None
            try:
                outcome = await self._read(run_id, partial(self._confirmed, row, joined, free))
                if outcome.status not in LIVE:
                    return await self._outcome_of(thread_id, run_id, outcome, joined)
            except _Unconfirmed as problem:
                return Ended("unknown", error=str(problem))
            await asyncio.sleep(backoff_seconds(attempt))
            attempt += 1

    async def _read(self, run_id: str, ask: Callable[[], Awaitable[T]]) -> T:
        """Return what `ask()` returns. During a pause, a run that was cancelled is requested once, at once.

        Raises:
            DeploymentError: the deployment stopped answering, or refuses.
            _Unconfirmed: the run was cancelled, and this request was not answered.
        """
        try:
            return await self.pace.with_retries(ask, lambda: run_id not in self.cancelled)
        except NotWanted:
            try:
                with without_retries():
                    return await ask()
            except DeploymentError as problem:
                raise _Unconfirmed(f"It was cancelled, but its end is not confirmed: {problem.message}") from problem

    async def _joined(self, thread_id: str, run_id: str) -> Joined | None:
        """Join the run. None if the connection broke, or the deployment has too few connections for joins."""
        if self.connection.has_few_streams:
            return None
        runs = self.connection.background.runs
        self._joining += 1
        try:
            return await runs.join(thread_id, run_id) or None  # aegra answers {} for some runs
        except (DeploymentError, ValueError):  # the run's row decides next; half a response is not JSON
            return None
        finally:
            self._joining -= 1

    async def _confirmed(
        self, row: RunRecord, joined: Joined | None, free: Callable[[], Awaitable[object]] | None
    ) -> Outcome:
        thread_id, has_ended = row.thread_id, not _is_live(row)
        before = await self._batcher.load(thread_id) if has_ended else None
        confirmed = confirm(
            self.connection,
            thread_id,
            row.run_id,
            _view(joined or {}),
            is_whole=joined is not None,
            row=row if has_ended else None,
            thread=before,
        )
        if joined is None:
            return await confirmed

        async def freed() -> Outcome:
            outcome = await confirmed
            if free is not None and outcome.status not in LIVE:
                await free()
            return outcome

        outcome, after = await asyncio.gather(freed(), self._batcher.load(thread_id))
        if outcome.status != "success":
            return outcome
        if after and after.status == "busy":  # it was read before the end
            after = await self._batcher.load(thread_id)
        return replace(outcome, status="waiting") if after and after.status == "interrupted" else outcome

    async def _outcome_of(self, thread_id: str, run_id: str, outcome: Outcome, joined: Joined | None) -> Ended:
        values, history = joined, self.connection.background.history
        if outcome.status in KEPT and (joined is None or "__error__" in joined or "__interrupt__" in joined):
            values = await self._read(run_id, lambda: history.last_values(thread_id, run_id))
        error = "" if outcome.status in KEPT else _error(outcome)
        kept = values if outcome.status in KEPT else None
        row = outcome.row
        return Ended(outcome.status, kept, error, _seconds(row or {}), row.updated_at if row else "")

    async def values_of(self, entries: Iterable[Entry]) -> AsyncIterator[list[tuple[str, Any]]]:
        """Yield the values that these entries' runs left, as pages of (thread_id, values).

        A run that the deployment does not have any more has a NotFound in place of its values.

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
        for entry in wanted.values():  # threads that the search by metadata did not find
            yield [(entry.thread_id, await self._values_left(entry))]

    async def _values_left(self, entry: Entry) -> Any:
        history = self.connection.background.history
        try:
            return await self.pace.with_retries(lambda: history.last_values(entry.thread_id, entry.run_id))
        except NotFound as problem:
            return problem

    # -- cancelling ---------------------------------------------------------------------------------------------

    async def cancel(self, entry: Entry) -> None:
        """Cancel an entry's run. Does nothing if it has ended."""
        with contextlib.suppress(NotFound):
            await self.connection.background.runs.cancel(entry.thread_id, [entry.run_id])
        self.cancelled.add(entry.run_id)

    def is_lost(self, problem: DeploymentError) -> bool:
        """Whether a problem concerns the whole deployment, and not one run only."""
        return not should_give_up(self.connection, problem, 0)


def _is_live(row: RunRecord) -> bool:
    return row.status in LIVE


def _view(joined: Joined) -> RunView:
    """The view of a run from a join's answer, as a stream would have made it."""
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
