"""Launches the runs of a batch, each exactly once, whoever follows the batch. On the background loop; knows no card.

- The id of a row's thread is made from its place in the batch, and only the kernel that creates this thread launches the run. To
  another kernel the server answers that the thread is there: it waits for the run to appear.
- An owner launches within OWNED seconds, or not at all; then it writes on the thread that it is left to others. One that died is
  replaced after ABANDONED seconds. Who comes after it claims the next thread of that place.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import math
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Literal

from lg_magics.errors import Conflict, DeploymentError
from lg_magics.follow.batch_calls import BatchCalls
from lg_magics.follow.follower import PLAIN_MODES
from lg_magics.follow.retry import backoff_seconds
from lg_magics.model.batch import Entry
from lg_magics.model.batch_plan import BatchPlan
from lg_magics.model.records import RunRecord
from lg_magics.model.run_request import RunRequest
from lg_magics.server.thread_words import thread_words

__all__ = ["BatchLaunch"]

CLAIM, LEFT = "lg_claim", "left to others"
REFUSED = (429, 503)
OWNED = 10.0
"""Seconds after the creation of a thread in which its kernel may ask for the launch."""
ABANDONED = 20.0
"""Seconds for which other kernels wait for it. The difference is the time that a request may take to arrive."""


class BatchLaunch:
    """Launches the runs of one batch; the headers go with each launch."""

    def __init__(self, calls: BatchCalls, plan: BatchPlan, headers: Mapping[str, str]) -> None:
        self._calls = calls
        self._plan = plan
        self._headers = headers
        self._threads, self._runs = calls.connection.background.threads, calls.connection.background.runs
        self._owned_until: dict[str, float] = {}  # by thread that this kernel has created
        self._unanswered: set[str] = set()  # the threads on which a launch may arrive late

    async def launch(self, entry: Entry, may_launch: Callable[[], bool] = lambda: True) -> RunRecord | None:
        """The server's row of an entry's run: of the one that is there, or of a new one.

        Args:
            entry: whose run is launched.
            may_launch: asked before each attempt; when it says no, nothing is launched and the result is None.

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
        for claim in itertools.count():
            claimed = replace(entry, thread_id=self._plan.thread_id(entry, claim))
            whose = await self._whose(claimed) if may_launch() else "another's"
            row = (
                None if whose == "another's" else await self._launched_here(claimed, may_launch, is_new=whose == "new")
            )
            if row is None and (whose == "another's" or claimed.thread_id in self._unanswered):
                row = await self._launched_meanwhile(claimed, may_launch)
            if row is not None or not may_launch():
                return row
        return None

    async def _on_copy(self, entry: Entry) -> Entry:
        """The entry on its copy of the thread that all runs begin from, if there is one."""
        source = self._plan.copied_from
        if not source:
            return entry
        copy = await self._calls.pace.patiently(lambda: self._threads.copy(source))
        await self._calls.pace.patiently(lambda: self._threads.update(copy.thread_id, self._plan.tags(entry)))
        return replace(entry, thread_id=copy.thread_id)

    async def _whose(self, entry: Entry) -> Literal["new", "own", "another's"]:
        """Whose an entry's thread is: created now, created by this kernel before, or by another one."""
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

        if await self._calls.pace.patiently(ask):
            self._owned_until[thread_id] = tries[-1] + OWNED
            return "new"
        if await self._claim_on(thread_id) == mark:  # the answer to an earlier try was lost
            self._owned_until[thread_id] = tries[0] + OWNED
        return "own" if thread_id in self._owned_until else "another's"

    async def _launched_here(self, entry: Entry, may_launch: Callable[[], bool], *, is_new: bool) -> RunRecord | None:
        """Launch the run on a thread of this kernel, or leave it to others, at once where no request can arrive late."""
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
            return await self._calls.pace.patiently(ask)
        except Conflict:
            found = await self._calls.find(entry)
            if found is None:
                raise
            return found

    async def _launched_meanwhile(self, entry: Entry, may_launch: Callable[[], bool]) -> RunRecord | None:
        """The run that another kernel, or an earlier request, launches on a thread; None if there is none after a while."""
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
        found = (await self._calls.pace.patiently(asked)).get(thread_id)
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
