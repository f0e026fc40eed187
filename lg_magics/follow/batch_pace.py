"""How fast the requests of a batch are sent: a rate of launches, and pauses that the deployment asks for. On the loop.

After a 429, or while the deployment does not answer, requests are sent one by one, each after a pause, until one is answered.
So a deployment that comes back does not get all of them at once. For a while after a 429, the rows are claimed and launched one
by one too: if each sent its claim first, the claims would use up what the deployment allows, and no row would be launched.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import TypeVar

from lg_magics.errors import DeploymentError
from lg_magics.follow import retry
from lg_magics.server.connection import Connection
from lg_magics.server.errors import is_away, is_nobody_there
from lg_magics.server.retries import without_retries

__all__ = ["BatchPace", "Line", "NotWanted"]

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


LIMITED = 60.0
"""Seconds after a pause for a 429 in which the rows are launched one by one."""


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
        self._limited_until = 0.0
        self._first = asyncio.Lock()  # held by the row that is launched now, while rows are launched one by one

    def reset(self) -> None:
        """Forget that the deployment was away: a person retries."""
        self._is_paused, self._again_at, self._step, self.pause = False, 0.0, 0, ""

    @property
    def is_paused(self) -> bool:
        """Whether no request is sent now, unless it tries whether the pause is over."""
        return self._is_paused

    @property
    def is_limited(self) -> bool:
        """Whether the deployment has answered 429 lately."""
        return time.monotonic() < self._limited_until

    def line(self) -> Line:
        """A place in the line of the rows that are launched one by one."""
        return Line(self, self._first)

    async def turn(self, may_launch: Callable[[], bool]) -> None:
        """Wait until the rate limit allows another launch, or `may_launch()` is false. A turn that is not used is not taken."""
        at = 0.0
        while self._seconds and may_launch():
            now = time.monotonic()
            if now >= self._next_launch:
                # One that waited counts from the moment that it waited for, so that late wake-ups do not add up.
                self._next_launch = (
                    max(now if at < self._next_launch else self._next_launch, now - MOMENT) + self._seconds
                )
                return
            at = self._next_launch
            await asyncio.sleep(min(at - now, MOMENT))

    async def once(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Return what `ask()` returns, without a retry. Call it while there is no pause.

        Raises:
            DeploymentError: the deployment does not answer, or refuses.
        """
        return await self._noted(ask)

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
        if is_busy:
            self._limited_until = self._again_at + LIMITED
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


class Line:
    """The place of one row in the line of those that are launched one by one, while the deployment limits the rate."""

    def __init__(self, pace: BatchPace, first: asyncio.Lock) -> None:
        self._pace = pace
        self._first = first
        self._is_first = False

    async def __aenter__(self) -> Line:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, where: TracebackType | None
    ) -> None:
        self.leave()

    @property
    def may_send(self) -> bool:
        """Whether this row's requests may be sent: its turn has come, or there is no line."""
        return self._is_first or not self._pace.is_limited

    async def wait(self, is_wanted: Callable[[], bool]) -> None:
        """Wait until this row's turn has come.

        Raises:
            NotWanted: `is_wanted()` became false meanwhile.
        """
        while not self.may_send:
            if not is_wanted():
                raise NotWanted
            with contextlib.suppress(TimeoutError):
                self._is_first = await asyncio.wait_for(self._first.acquire(), MOMENT)

    def leave(self) -> None:
        """Let the next row have its turn."""
        if self._is_first:
            self._is_first = False
            self._first.release()
