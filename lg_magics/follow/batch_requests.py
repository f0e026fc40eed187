"""The requests of a batch's runs: how fast they are sent, each launch exactly once, each run until its end. On the loop.

Pace: after a 429, or while the deployment does not answer, requests are sent one by one, each after a pause, until one is
answered. So a deployment that comes back does not get all of them at once.

Launch, exactly once even if several kernels follow the batch:
- The id of a row's thread is made from its place in the batch. Only the kernel that creates this thread launches the run. The
  server answers another kernel that the thread exists; that kernel waits for the run to appear.
- An owner launches within OWNED seconds, or not at all; then it writes on the thread that others may launch. After ABANDONED
  seconds, other kernels assume that the owner died, and claim the next thread of that place.

End: one `join` waits for a run, but its answer is the thread's and not the run's. So the run's own row decides the status, and
the thread shows whether the run paused (the server reports a pause as `success`; a breakpoint is not even in the answer).
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import math
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal, TypeVar

from lg_magics.errors import Conflict, DeploymentError, NotFound
from lg_magics.follow import retry
from lg_magics.follow.follower import PLAIN_MODES
from lg_magics.follow.outcome import Outcome, confirm
from lg_magics.follow.retry import backoff_seconds, should_give_up
from lg_magics.follow.thread_batcher import ThreadBatcher
from lg_magics.model.batch import Entry
from lg_magics.model.batch_plan import BATCH, BatchPlan
from lg_magics.model.duration import seconds_from_iso
from lg_magics.model.interrupts import interrupts_from_payload
from lg_magics.model.records import RunRecord
from lg_magics.model.run_request import RunRequest
from lg_magics.model.run_view import LIVE, RunView, Status
from lg_magics.server.connection import Connection
from lg_magics.server.errors import is_away, is_nobody_there
from lg_magics.server.retries import without_retries
from lg_magics.server.runs import WITHOUT_INPUT
from lg_magics.server.threads import thread_words

__all__ = ["BatchCalls", "BatchLaunch", "BatchPace", "Ended", "NotWanted"]

T = TypeVar("T")
TOO_MANY = 429
MOMENT = 0.2
FORGOTTEN = 5.0
"""After so many seconds without a pause, the next pause is short again."""
LONGEST = 10.0
"""The longest pause in seconds, unless the deployment asks for more."""
SHORTEST = 0.5
LONGEST_ASKED = 3600.0
"""The limits of a pause that the deployment asks for with `Retry-After`, which may be 0 or a year."""
AWAY = 10
"""How many times longer a batch waits for a deployment than a single run does."""


class NotWanted(Exception):
    """A request that waited for the end of a pause is not needed any more."""


class BatchPace:
    """The pace of one batch.

    Attributes:
        refused: how many requests were answered with 429, and sent again.
        pause: why no request is sent now; "" if requests are sent.
    """

    def __init__(self, connection: Connection, per_minute: int | None, changed: Callable[[], None]) -> None:
        self.refused = 0
        self.pause = ""
        self._connection = connection
        self._seconds = 60 / per_minute if per_minute else 0.0
        self._next_launch = 0.0
        self._changed = changed
        self._is_paused = False
        self._again_at = 0.0
        self._step = 0  # how many pauses followed each other within FORGOTTEN seconds
        self._one = asyncio.Lock()

    def reset(self) -> None:
        """Forget that the deployment was away: a person retries."""
        self._is_paused, self._again_at, self._step, self.pause = False, 0.0, 0, ""

    async def turn(self, may_launch: Callable[[], bool]) -> None:
        """Wait until the rate limit allows another launch, or `may_launch()` is false."""
        if self._seconds:
            at = max(time.monotonic(), self._next_launch)
            self._next_launch = at + self._seconds
            while (left := at - time.monotonic()) > 0 and may_launch():
                await asyncio.sleep(min(left, MOMENT))

    async def with_retries(self, ask: Callable[[], Awaitable[T]], is_wanted: Callable[[], bool] = lambda: True) -> T:
        """Return what `ask()` returns. Retry it for as long as the deployment may come back.

        Raises:
            DeploymentError: the deployment refuses, or has not answered for too long.
            NotWanted: `is_wanted()` became false during a pause, which may last an hour.
        """
        began, attempt = None, 0
        while True:
            try:
                return await self._asked(ask, is_wanted)
            except DeploymentError as problem:
                began = began or time.monotonic()
                if self._is_final(problem, time.monotonic() - began):
                    raise
                if not is_away(problem):  # this request alone fails
                    await asyncio.sleep(retry.backoff_seconds(attempt))
                    attempt += 1

    async def _asked(self, ask: Callable[[], Awaitable[T]], is_wanted: Callable[[], bool]) -> T:
        while self._is_paused and (self._one.locked() or time.monotonic() < self._again_at):
            if not is_wanted():
                raise NotWanted
            await asyncio.sleep(min(MOMENT, max(0.0, self._again_at - time.monotonic())) or MOMENT / 10)
        if not self._is_paused:
            return await self._noted(ask)
        async with self._one:
            return await self._noted(ask)

    async def _noted(self, ask: Callable[[], Awaitable[T]]) -> T:
        sent_at = time.monotonic()
        try:
            with without_retries():
                found = await ask()
        except DeploymentError as problem:
            if is_away(problem):
                self._wait_for(problem)
            else:
                self._go_on(sent_at)
            raise
        self._go_on(sent_at)
        return found

    def _go_on(self, sent_at: float) -> None:
        """End the pause after an answer, unless the request was sent before the pause began."""
        if self._is_paused and sent_at >= self._again_at:
            self._is_paused, self.pause = False, ""
            self._changed()

    def _wait_for(self, problem: DeploymentError) -> None:
        is_busy = problem.status_code == TOO_MANY
        self.refused += is_busy
        now = time.monotonic()
        if now >= self._again_at:  # else another request was answered the same just now
            self._step = self._step + 1 if now < self._again_at + FORGOTTEN else 0
        seconds = self._pause_after(problem)
        self._is_paused, self._again_at = True, max(self._again_at, now + seconds)
        why = "the deployment asks for a pause (429)" if is_busy else "the deployment is away"
        self.pause = f"paused: {why}{f', tried again in {seconds:.0f} s' if seconds >= 1 else ''}"
        self._changed()

    def _is_final(self, problem: DeploymentError, seconds: float) -> bool:
        """Whether to stop retrying. A 429 is retried without limit."""
        if problem.status_code == TOO_MANY:
            return False
        is_gone = self._connection.deployment.is_loopback and is_nobody_there(problem)
        is_long = is_away(problem) and not is_gone
        return retry.should_give_up(self._connection, problem, seconds / AWAY if is_long else seconds)

    def _pause_after(self, problem: DeploymentError) -> float:
        if problem.retry_after is not None:
            return min(max(problem.retry_after, SHORTEST), LONGEST_ASKED)
        return min(LONGEST, 0.1 * 2.0 ** min(self._step, 12))


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


class BatchCalls:
    """The calls of one batch's runs."""

    def __init__(self, connection: Connection, plan: BatchPlan, pace: BatchPace) -> None:
        self.connection = connection
        self.pace = pace
        self._plan = plan
        self._joining = 0
        self._batcher = ThreadBatcher(connection, lambda: self._joining > 0)

    # -- find a run ---------------------------------------------------------------------------------------------

    async def find(self, entry: Entry) -> RunRecord | None:
        """The server's row of an entry's run, launched by this kernel or another; None if there is none."""
        return await self.pace.with_retries(lambda: self.found(entry))

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
            outcome = await self.pace.with_retries(partial(self._confirmed, row, joined, free))
            if outcome.status not in LIVE:
                return await self._outcome_of(thread_id, run_id, outcome, joined)
            await asyncio.sleep(backoff_seconds(attempt))
            attempt += 1

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
            values = await self.pace.with_retries(lambda: history.last_values(thread_id, run_id))
        error = "" if outcome.status in KEPT else _error(outcome)
        kept = values if outcome.status in KEPT else None
        row = outcome.row
        return Ended(outcome.status, kept, error, _seconds(row or {}), row.updated_at if row else "")

    async def values_of(self, entries: Iterable[Entry]) -> AsyncIterator[list[tuple[str, Any]]]:
        """Yield the values that these entries' runs left, as pages of (thread_id, values).

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
        return await self.pace.with_retries(lambda: history.last_values(entry.thread_id, entry.run_id))

    # -- cancelling ---------------------------------------------------------------------------------------------

    async def cancel(self, entry: Entry) -> None:
        """Cancel an entry's run. Does nothing if it has ended."""
        try:
            await self.connection.background.runs.cancel(entry.thread_id, [entry.run_id])
        except NotFound:
            return

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


CLAIM, LEFT = "lg_claim", "left to others"
REFUSED = (429, 503)
OWNED = 10.0
"""Seconds after the creation of a thread in which its kernel may request the launch."""
ABANDONED = 20.0
"""Seconds for which other kernels wait for it. The difference is the time that a request may take to arrive."""


class BatchLaunch:
    """Launches the runs of one batch, each with the same headers."""

    def __init__(self, calls: BatchCalls, plan: BatchPlan, headers: Mapping[str, str]) -> None:
        self._calls = calls
        self._plan = plan
        self._headers = headers
        self._threads, self._runs = calls.connection.background.threads, calls.connection.background.runs
        self._owned_until: dict[str, float] = {}  # by thread that this kernel has created
        self._unanswered: set[str] = set()  # the threads on which a launch may arrive late

    async def launch(self, entry: Entry, may_launch: Callable[[], bool] = lambda: True) -> RunRecord | None:
        """Return the server's row of an entry's run. Launch the run if it does not exist.

        Args:
            entry: the entry to launch.
            may_launch: called before each attempt; if it returns False, nothing is launched and the result is None.

        Raises:
            DeploymentError: the deployment does not answer, or refuses this one.
        """
        if entry.run_id and (row := await self._calls.find(entry)):
            return row
        await self._calls.pace.turn(may_launch)
        if not self._plan.is_kept:
            if not may_launch():
                return None
            return await self._launched(await self._on_copy(entry), lambda: True)
        row, claims = None, itertools.count()
        with contextlib.suppress(NotWanted):
            while row is None and may_launch():
                claimed = replace(entry, thread_id=self._plan.thread_id(entry, next(claims)))
                row = await self._claim(claimed, may_launch)
        return row

    async def _claim(self, entry: Entry, may_launch: Callable[[], bool]) -> RunRecord | None:
        """Launch the run on an entry's thread, or wait until the thread's owner does; None if nobody launches it."""
        whose = await self._owner_of(entry, may_launch)
        if whose != "another's":
            row = await self._launch_as_owner(entry, may_launch, is_new=whose == "new")
            if row is not None or entry.thread_id not in self._unanswered:
                return row
        return await self._await_other_launch(entry, may_launch)

    async def _on_copy(self, entry: Entry) -> Entry:
        """Copy the thread that all runs begin from, if there is one, and return the entry with the copy's id."""
        source = self._plan.copied_from
        if not source:
            return entry
        copy = await self._calls.pace.with_retries(lambda: self._threads.copy(source))
        await self._calls.pace.with_retries(lambda: self._threads.update(copy.thread_id, self._plan.tags(entry)))
        return replace(entry, thread_id=copy.thread_id)

    async def _owner_of(self, entry: Entry, may_launch: Callable[[], bool]) -> Literal["new", "own", "another's"]:
        """Create an entry's thread. Returns who owns it: "new" (created now), "own" (by this kernel before), "another's"."""
        mark = str(uuid.uuid4())
        thread_id = entry.thread_id
        tries: list[float] = []

        async def ask() -> bool:
            tries.append(time.monotonic())
            try:
                await self._threads.create(thread_id, metadata={**self._plan.tags(entry), CLAIM: mark})
            except Conflict:
                return False
            return True

        if await self._calls.pace.with_retries(ask, may_launch):
            self._owned_until[thread_id] = tries[-1] + OWNED
            return "new"
        if await self._claim_on(thread_id) == mark:  # the answer to an earlier try was lost
            self._owned_until[thread_id] = tries[0] + OWNED
        return "own" if thread_id in self._owned_until else "another's"

    async def _launch_as_owner(self, entry: Entry, may_launch: Callable[[], bool], *, is_new: bool) -> RunRecord | None:
        """Launch the run on a thread of this kernel. If that fails and no request can arrive late, leave it to others at once."""
        row = None
        try:
            row = await self._launched(entry, may_launch, is_new=is_new)
        finally:
            if row is None and entry.thread_id not in self._unanswered:
                self._owned_until[entry.thread_id] = 0.0
                with contextlib.suppress(DeploymentError):
                    await self._threads.update(entry.thread_id, {CLAIM: LEFT}, doing="leave a row to others")
        return row

    async def _launched(self, entry: Entry, may_launch: Callable[[], bool], *, is_new: bool = True) -> RunRecord | None:
        """Launch the run on a thread of this kernel; None if that took so long that another kernel may have taken over."""
        arguments, assistant = self._arguments(entry), self._plan.assistants[entry.assistant]
        until = self._owned_until.get(entry.thread_id, math.inf)
        may_be_there = not is_new

        async def ask() -> RunRecord | None:
            nonlocal may_be_there
            if may_be_there and (found := await self._calls.found(entry)):
                return found
            if not may_launch() or time.monotonic() > until:
                return None
            may_be_there = True
            try:
                return await self._runs.create(entry.thread_id or None, assistant, arguments)
            except DeploymentError as problem:
                if problem.status_code not in REFUSED:
                    self._unanswered.add(entry.thread_id)
                raise

        try:
            return await self._calls.pace.with_retries(ask, lambda: may_launch() or entry.thread_id in self._unanswered)
        except Conflict:
            found = await self._calls.find(entry)
            if found is None:
                raise
            return found

    async def _await_other_launch(self, entry: Entry, may_launch: Callable[[], bool]) -> RunRecord | None:
        """Poll for the run that another kernel or an earlier request launches; None if there is none after ABANDONED seconds."""
        until = time.monotonic() + ABANDONED
        attempt = 0
        while (row := await self._calls.find(entry)) is None and time.monotonic() < until and may_launch():
            if await self._claim_on(entry.thread_id) == LEFT:
                return None
            await asyncio.sleep(backoff_seconds(attempt))
            attempt += 1
        return row

    async def _claim_on(self, thread_id: str) -> object:
        asked = partial(thread_words, self._calls.connection, [thread_id], extract={"claim": f"metadata.{CLAIM}"})
        found = (await self._calls.pace.with_retries(asked)).get(thread_id)
        return found.extracted.get("claim") if found and found.extracted else None

    def _arguments(self, entry: Entry) -> dict[str, Any]:
        plan = self._plan
        config, context = plan.settings_of(entry)
        request = RunRequest(
            plan.assistants[entry.assistant],
            entry.thread_id or None,
            plan.sent(entry),
            config,
            context,
            plan.run_metadata(entry),
            self._headers,
            multitask_strategy="reject" if entry.thread_id else "",
            is_kept=plan.stateless,
        )
        return {**request.arguments(), "stream_mode": list(PLAIN_MODES)}
