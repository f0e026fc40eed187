"""Launches the runs of a batch, each exactly once even if several kernels follow the batch. On the loop.

`batch_claims.py` defines which kernel launches a row. A launch that is refused is sent again, under a new claim if need be.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from lg_magics.errors import Conflict, DeploymentError
from lg_magics.follow.batch_claims import LEFT, BatchClaims, seconds_of
from lg_magics.follow.batch_pace import Line, NotWanted
from lg_magics.follow.batch_requests import BatchCalls
from lg_magics.follow.follower import PLAIN_MODES
from lg_magics.follow.retry import backoff_seconds
from lg_magics.model.batch import Entry
from lg_magics.model.batch_plan import BatchPlan
from lg_magics.model.records import RunRecord
from lg_magics.model.run_request import RunRequest
from lg_magics.server.errors import is_nobody_there

__all__ = ["BatchLaunch"]

UNAVAILABLE = 503
TIMED_OUT = 408

MayLaunch = Callable[[], bool]


class _NotNow(NotWanted):
    """A launch was not sent: the claim must be written again, or it is another row's turn."""


class BatchLaunch:
    """Launches the runs of one batch, each with the same headers."""

    def __init__(self, calls: BatchCalls, plan: BatchPlan, headers: Mapping[str, str]) -> None:
        self._calls = calls
        self._pace = calls.pace
        self._plan = plan
        self._headers = headers
        self._threads, self._runs = calls.connection.background.threads, calls.connection.background.runs
        self._claims = BatchClaims(calls.connection, plan, calls.pace)
        self._unanswered: set[str] = set()  # the threads on which a launch may arrive late
        self._sent: set[str] = set()  # the threads on which there may be a run

    async def launch(self, entry: Entry, may_launch: MayLaunch = lambda: True) -> RunRecord | None:
        """Return the server's row of an entry's run. Launch the run if it does not exist.

        Args:
            entry: the entry to launch.
            may_launch: called before each attempt; if it returns False, nothing is launched and the result is None.

        Raises:
            DeploymentError: the deployment does not answer, or refuses this one.
        """
        if entry.run_id and (row := await self._calls.find(entry)):
            return row
        await self._pace.turn(may_launch)
        if not self._plan.is_kept:
            if not may_launch():
                return None
            return await self._launched(await self._on_copy(entry), lambda: True)
        row, numbers = None, itertools.count()
        earlier: dict[str, object] = {}  # the threads on which nobody launched it, each with its claim at that time
        with contextlib.suppress(NotWanted):
            while row is None and may_launch():
                row = await self._claim(entry, next(numbers), earlier, may_launch)
        return row

    async def _on_copy(self, entry: Entry) -> Entry:
        """Copy the thread that all runs begin from, if there is one, and return the entry with the copy's id."""
        source = self._plan.copied_from
        if not source:
            return entry
        copy = await self._pace.with_retries(lambda: self._threads.copy(source))
        await self._pace.with_retries(lambda: self._threads.update(copy.thread_id, self._plan.tags(entry)))
        return replace(entry, thread_id=copy.thread_id)

    async def _claim(
        self, entry: Entry, number: int, earlier: dict[str, object], may_launch: MayLaunch
    ) -> RunRecord | None:
        """Launch the run on an entry's thread with this number, or wait until its owner does; None if nobody launches it."""
        entry = replace(entry, thread_id=self._plan.thread_id(entry, number))
        async with self._pace.line() as line:
            await line.wait(may_launch)
            if await self._claims.is_owner(entry, may_launch):
                row = await self._launch_as_owner(
                    entry, self._plan.thread_id(entry, number + 1), earlier, line, may_launch
                )
                if row is not None or not may_launch():
                    return row
        row, earlier[entry.thread_id] = await self._await_other_launch(entry, may_launch)
        return row

    async def _launch_as_owner(
        self, entry: Entry, next_thread_id: str, earlier: dict[str, object], line: Line, may_launch: MayLaunch
    ) -> RunRecord | None:
        """Launch the run on a thread of this kernel. If that fails and no request can arrive late, leave it to others at once.

        Returns:
            The run's row; None if another kernel has created the next thread, or the launch was not answered in time.
        """
        thread_id, row = entry.thread_id, None
        try:
            if earlier:
                line.leave()
                row = await self._launched_before(entry, earlier, may_launch)
            while row is None and may_launch() and thread_id not in self._unanswered:
                await line.wait(may_launch)
                if not await self._claims.is_held(thread_id, next_thread_id, may_launch):
                    break
                with contextlib.suppress(_NotNow):
                    row = await self._launched(entry, may_launch, line)
        finally:
            is_there = row is not None and row.thread_id == thread_id
            if not is_there and thread_id not in self._unanswered:
                await self._claims.leave(thread_id)
        return row

    async def _launched_before(
        self, entry: Entry, earlier: dict[str, object], may_launch: MayLaunch
    ) -> RunRecord | None:
        """Wait for the launch on earlier threads whose owners have written new claims; None if there is none."""
        row, is_changed = None, True
        while row is None and is_changed and may_launch():
            claims = await self._claims.read(earlier, may_launch)
            changed = [thread_id for thread_id in earlier if claims[thread_id] != earlier[thread_id]]
            is_changed = bool(changed)
            for thread_id in changed:
                if row is None:
                    there = replace(entry, thread_id=thread_id)
                    row, earlier[thread_id] = await self._await_other_launch(there, may_launch)
        return row

    async def _launched(self, entry: Entry, may_launch: MayLaunch, line: Line | None = None) -> RunRecord | None:
        """Launch the run, unless an earlier request has.

        Raises:
            _NotNow: the claim has ended, or it is another row's turn.
            NotWanted: `may_launch()` is false.
        """
        until = self._claims.ends.get(entry.thread_id, math.inf)
        is_sent = entry.thread_id in self._sent

        async def ask() -> RunRecord:
            nonlocal is_sent
            if is_sent and (found := await self._calls.found(entry)):
                return found
            if not may_launch():
                raise NotWanted
            if time.monotonic() >= until or (line and not line.may_send):
                raise _NotNow
            try:
                return await self._create(entry)
            except DeploymentError as problem:
                is_sent = is_sent or not _is_not_there(problem)
                raise

        try:
            return await self._pace.with_retries(ask, lambda: may_launch() or entry.thread_id in self._unanswered)
        except Conflict:
            found = await self._calls.find(entry)
            if found is None:
                raise
            return found

    async def _create(self, entry: Entry) -> RunRecord:
        """Request the launch. Notes whether there may be a run, and whether there may be one later."""
        thread_id, arguments = entry.thread_id, self._arguments(entry)
        before = thread_id in self._sent, thread_id in self._unanswered
        if thread_id:
            self._sent.add(thread_id)
            self._unanswered.add(thread_id)
        try:
            row = await self._runs.create(thread_id or None, self._plan.assistants[entry.assistant], arguments)
        except DeploymentError as problem:
            if _is_not_there(problem) and not before[0]:
                self._sent.discard(thread_id)
            if (_is_not_there(problem) or problem.status_code == UNAVAILABLE) and not before[1]:
                self._unanswered.discard(thread_id)
            raise
        self._unanswered.discard(thread_id)
        return row

    async def _await_other_launch(self, entry: Entry, may_launch: MayLaunch) -> tuple[RunRecord | None, object]:
        """Poll for the run that another kernel or an earlier request launches.

        Returns:
            Its row, or None if nobody launches it; and the claim that was read last.
        """
        claim: object = None
        until, attempt = math.inf, 0
        while True:
            at = time.monotonic()
            now = (await self._claims.read([entry.thread_id], may_launch))[entry.thread_id]
            if now != claim or until == math.inf:
                claim, until = now, time.monotonic() + seconds_of(now)
            row = await self._calls.find(entry, may_launch)
            if row is not None or claim == LEFT or at >= until or not may_launch():
                return row, claim
            await asyncio.sleep(backoff_seconds(attempt))
            attempt += 1

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


def _is_not_there(problem: DeploymentError) -> bool:
    """Whether a request that failed has surely made no run: it was refused, or not even sent."""
    status = problem.status_code or 0
    return (400 <= status < 500 and status != TIMED_OUT) or is_nobody_there(problem)
