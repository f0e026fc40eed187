"""Claims on the rows of a batch, so that one kernel of several launches each. On the loop; launches nothing.

- The id of a row's thread is made from its place in the batch. Only the kernel that creates this thread, its *owner*, launches
  a run on it. The server answers another kernel that the thread exists; that kernel waits for the run to appear.
- The thread carries the owner's claim: a text that is different each time, and the seconds for which others wait. The owner
  launches within these seconds, less ARRIVES; later, it first writes a new claim, and others wait again.
- Others that see the same claim for so long assume that the owner died. They create the row's next thread.
- An owner that writes a new claim then looks for the next thread, and launches only if there is none. Another kernel that
  creates the next thread then looks at the earlier claims, and waits again if one has changed. So whichever of the two is
  later sees the other, at any speed of the network. Only the launch itself must arrive within ARRIVES seconds.
- An owner does not write a new claim after a launch that was not answered: that may arrive at any time. After the seconds of
  its claim, it goes on to the next thread as others do.
"""

from __future__ import annotations

import contextlib
import math
import time
import uuid
from collections.abc import Callable, Iterable
from functools import partial

from lg_magics.errors import Conflict, DeploymentError, NotFound
from lg_magics.follow.batch_pace import BatchPace
from lg_magics.model.batch import Entry
from lg_magics.model.batch_plan import BatchPlan
from lg_magics.server.connection import Connection
from lg_magics.server.threads import thread_words

__all__ = ["LEFT", "BatchClaims", "seconds_of"]

CLAIM, LEFT = "lg_claim", "left to others"
OWNED = 10.0
"""Seconds after it sent its claim in which an owner may request the launch; more where requests take long."""
LONGEST_OWNED = 300.0
TIMES = 4
"""An owner claims a row for this many times as long as its last claim took."""
ARRIVES = 10.0
"""Seconds that a launch may take to arrive: others wait so much longer."""
ABANDONED = OWNED + ARRIVES
"""Seconds for which others wait if the claim does not contain them."""


class BatchClaims:
    """The claims of one kernel on the rows of one batch.

    Attributes:
        ends: by thread that this kernel has created: until when it may request the launch there.
    """

    def __init__(self, connection: Connection, plan: BatchPlan, pace: BatchPace) -> None:
        self.ends: dict[str, float] = {}
        self._connection = connection
        self._threads = connection.background.threads
        self._plan = plan
        self._pace = pace
        self._seconds = OWNED

    async def is_owner(self, entry: Entry, is_wanted: Callable[[], bool]) -> bool:
        """Create an entry's thread. Returns whether this kernel has created it, now or before.

        Raises:
            DeploymentError: the deployment does not answer, or refuses.
            NotWanted: `is_wanted()` became false during a pause.
        """
        thread_id, seconds = entry.thread_id, self._seconds
        claim = _claim(seconds)
        tries: list[float] = []

        async def ask() -> bool:
            tries.append(time.monotonic())
            try:
                await self._threads.create(thread_id, metadata={**self._plan.tags(entry), CLAIM: claim})
            except Conflict:
                return False
            return True

        if await self._pace.with_retries(ask, is_wanted):
            self._own(thread_id, tries[-1], seconds)
        elif thread_id not in self.ends and (await self.read([thread_id], is_wanted))[thread_id] == claim:
            self._own(thread_id, tries[0], seconds)  # the answer to an earlier try was lost
        return thread_id in self.ends

    async def is_held(self, thread_id: str, next_thread_id: str, is_wanted: Callable[[], bool]) -> bool:
        """Write a new claim if the one on the thread has ended. False if another kernel has created the next thread.

        Raises:
            DeploymentError: the deployment does not answer, or refuses.
            NotWanted: `is_wanted()` became false during a pause.
        """
        while time.monotonic() >= self.ends[thread_id]:
            sent_at, seconds = await self._pace.with_retries(partial(self._write, thread_id), is_wanted)
            if await self._pace.with_retries(partial(self._exists, next_thread_id), is_wanted):
                return False
            self._own(thread_id, sent_at, seconds)
        return True

    async def _write(self, thread_id: str) -> tuple[float, float]:
        """Write a new claim. Returns when it was sent, and for how many seconds it holds."""
        sent_at, seconds = time.monotonic(), self._seconds
        await self._threads.update(thread_id, {CLAIM: _claim(seconds)}, doing="claim a row")
        return sent_at, seconds

    async def _exists(self, thread_id: str) -> bool:
        try:
            await self._threads.get(thread_id)
        except NotFound:
            return False
        return True

    def _own(self, thread_id: str, sent_at: float, seconds: float) -> None:
        """Note until when a run may be launched on a thread, and how long the next claims must hold."""
        self.ends[thread_id] = sent_at + seconds
        self._seconds = min(LONGEST_OWNED, max(OWNED, TIMES * (time.monotonic() - sent_at)))

    async def read(self, thread_ids: Iterable[str], is_wanted: Callable[[], bool]) -> dict[str, object]:
        """Return the claims that threads carry now, each None if there is none.

        Raises:
            DeploymentError: the deployment does not answer, or refuses.
            NotWanted: `is_wanted()` became false during a pause.
        """
        ids = list(thread_ids)
        asked = partial(thread_words, self._connection, ids, extract={"claim": f"metadata.{CLAIM}"})
        found = await self._pace.with_retries(asked, is_wanted)
        return {each: (found[each].extracted or {}).get("claim") if each in found else None for each in ids}

    async def leave(self, thread_id: str) -> None:
        """Let others launch the row at once. During a pause nothing is sent: they wait until the claim has ended."""
        if self._pace.is_paused or self.ends.pop(thread_id, None) is None:
            return
        with contextlib.suppress(DeploymentError):
            await self._pace.once(lambda: self._threads.update(thread_id, {CLAIM: LEFT}, doing="leave a row to others"))
            self.ends[thread_id] = 0.0  # only after the answer: a late write would undo a new claim


def _claim(seconds: float) -> str:
    """A claim that lets its owner request the launch for so many seconds."""
    return f"{uuid.uuid4()} {math.ceil(seconds + ARRIVES)}"


def seconds_of(claim: object) -> float:
    """For how many seconds others wait for the launch of a claim."""
    seconds = str(claim).rpartition(" ")[2]
    is_number = seconds.isascii() and seconds.isdecimal()
    return min(float(seconds), LONGEST_OWNED + ARRIVES) if is_number else ABANDONED
