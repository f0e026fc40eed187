"""How fast a batch may ask: so many launches a minute, a pause that the deployment asks for, a pause while it is away.

On the background loop; knows no row. After a 429, or while nothing answers, requests are sent one after another, each when the
pause is over, until one is answered. So a deployment that comes back is not met by all of them at once.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from lg_magics.errors import DeploymentError, Unreachable
from lg_magics.follow import retry
from lg_magics.server.connection import Connection
from lg_magics.server.errors import is_nobody_there

__all__ = ["BatchPace"]

T = TypeVar("T")
TOO_MANY = 429
MOMENT = 0.2
FORGOTTEN = 5.0
"""Seconds without a pause after which the next one is short again."""
LONGEST = 10.0
"""Seconds between two tries at most, unless the deployment asks for more."""
SHORTEST = 0.5
LONGEST_ASKED = 3600.0
"""The same where the deployment says how long: it may say 0, or a year."""
AWAY = 10
"""How many times longer a batch waits for a deployment than a single run does."""


class BatchPace:
    """The pace of one batch.

    Attributes:
        refused: how many requests were answered with 429, and sent again.
        pause: why nothing is asked at this moment; "" if it is.
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
        self._step = 0  # how often in a row it had to pause, within a while
        self._one = asyncio.Lock()

    def begin_again(self) -> None:
        """Forget that the deployment was away: somebody asks for it anew."""
        self._is_paused, self._again_at, self._step, self.pause = False, 0.0, 0, ""

    async def turn(self, may_launch: Callable[[], bool]) -> None:
        """Wait until another run may be launched, or none may any more."""
        if self._seconds:
            at = max(time.monotonic(), self._next_launch)
            self._next_launch = at + self._seconds
            while (left := at - time.monotonic()) > 0 and may_launch():
                await asyncio.sleep(min(left, MOMENT))

    async def patiently(self, ask: Callable[[], Awaitable[T]]) -> T:
        """What `ask()` gives; asked again for as long as the deployment may come back.

        Raises:
            DeploymentError: it refuses, or it was away for too long.
        """
        began, attempt = None, 0
        while True:
            try:
                return await self._asked(ask)
            except DeploymentError as problem:
                began = began or time.monotonic()
                if self._is_final(problem, time.monotonic() - began):
                    raise
                if not _is_away(problem):  # this request alone fails
                    await asyncio.sleep(retry.backoff_seconds(attempt))
                    attempt += 1

    async def _asked(self, ask: Callable[[], Awaitable[T]]) -> T:
        if not self._is_paused:
            return await self._noted(ask)
        async with self._one:
            while self._is_paused and (seconds := self._again_at - time.monotonic()) > 0:
                await asyncio.sleep(seconds)
            return await self._noted(ask)

    async def _noted(self, ask: Callable[[], Awaitable[T]]) -> T:
        sent_at = time.monotonic()
        try:
            found = await ask()
        except DeploymentError as problem:
            if _is_away(problem):
                self._wait_for(problem)
            else:
                self._go_on(sent_at)
            raise
        self._go_on(sent_at)
        return found

    def _go_on(self, sent_at: float) -> None:
        """A request was answered; one that was sent before the pause says nothing of what is now."""
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
        """Whether to stop asking. A deployment that answers 429 is never given up."""
        if problem.status_code == TOO_MANY:
            return False
        is_gone = self._connection.deployment.is_loopback and is_nobody_there(problem)
        is_long = _is_away(problem) and not is_gone
        return retry.should_give_up(self._connection, problem, seconds / AWAY if is_long else seconds)

    def _pause_after(self, problem: DeploymentError) -> float:
        if problem.retry_after is not None:
            return min(max(problem.retry_after, SHORTEST), LONGEST_ASKED)
        return min(LONGEST, 0.1 * 2.0 ** min(self._step, 12))


def _is_away(problem: DeploymentError) -> bool:
    """Whether a problem is that of all requests: the deployment is away, or has too many of them."""
    return isinstance(problem, Unreachable) or problem.status_code in (TOO_MANY, 502, 503, 504)
