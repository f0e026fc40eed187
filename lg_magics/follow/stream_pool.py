"""Limits the open streams of a connection; the other runs are tracked by one shared poll of their threads. Follows no run.

On the background loop only. The rules
- At most STREAMS runs have a stream. Runs that a person watches come first, in the order of their requests.
- All others are members here. While there are any, their threads are polled together every INTERVAL seconds, PAGE threads
  per request: more threads make a round longer, not a request larger.
- When a thread is not busy, or is gone, its members are notified. Each follower then reads its own run's row.
- A busy thread proves nothing: another run may be live there, and a deleted run leaves it busy for good. So the runs are
  listed of each thread that has changed since its member was last known to be live, and of one more every CHECK_EVERY seconds.
- A deployment that does not answer is polled again until RETRY_SECONDS have passed. When it answers again, every member is
  notified, since a killed server has lost some. If a deployment refuses the poll, every member gets a stream.
- An independent server may have connections for a few streams only: one watched run has a stream, and the threads of
  the others are requested one by one.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from lg_magics.errors import DeploymentError, Unreachable
from lg_magics.follow.retry import LOST, backoff_seconds, should_give_up
from lg_magics.model.duration import seconds_from_iso
from lg_magics.model.records import ThreadRecord
from lg_magics.model.run_view import LIVE
from lg_magics.server.connection import Connection
from lg_magics.server.threads import MOST, thread_words

__all__ = ["STREAMS", "PollResult", "PolledRun", "StreamPool"]

log = logging.getLogger(__name__)
STREAMS = 64
STREAMS_FOR_ANYBODY = 32  # the others are reserved for runs that a person watches
INTERVAL = 0.22
LONGEST = 15.0  # seconds; a poll that takes longer is on a dead connection
PAGE = MOST
FEW = 16  # threads that are requested one by one
CHECKS_AT_ONCE = 8
CHECK_EVERY = 2.5
CHECK_AGAIN = 10.0
ASKED_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class PollResult:
    """Why a member is notified. Without an attribute: its row should be read now.

    Attributes:
        thread: its thread's row, which was not busy.
        has_stream: it holds a stream from now on.
        problem: the deployment stopped answering.
    """

    thread: ThreadRecord | None = None
    has_stream: bool = False
    problem: DeploymentError | None = None


@dataclass(eq=False)
class PolledRun:
    """A run in the pool.

    Attributes:
        wants_stream: whether it should get a stream when one is free.
        live_at: the server's time (seconds since the epoch) at which it was last known to be live.
        on_status: called with the server's status while it is live, and with LOST while the deployment does not answer.
    """

    run_id: str
    thread_id: str
    wants_stream: bool
    live_at: float
    on_status: Callable[[str], None]
    checked_at: float = 0.0
    round: int = 0
    notified: asyncio.Future[PollResult] = field(init=False)

    def notify(self, result: PollResult) -> None:
        """End its wait, once."""
        if not self.notified.done():
            self.notified.set_result(result)


class StreamPool:
    """Hands out streams to some of a connection's runs, and polls the others."""

    def __init__(self, connection: Connection) -> None:
        self.asking = asyncio.Semaphore(ASKED_AT_ONCE)
        """Hold it while the row of a member is read: thousands may have ended at once."""
        self._connection = connection
        self._streams = 0
        self._is_refused = False
        self._members: dict[str, PolledRun] = {}
        self._on_thread: dict[str, list[PolledRun]] = {}
        self._stamps: dict[str, str] = {}  # the server's time of a busy thread's last change
        self._changed: dict[str, float] = {}  # the threads to check, with the same time in seconds
        self._round = 0
        self._next_place = 0
        self._next_check = 0.0
        self._checks = 1  # threads at a time; more as long as they find ended runs
        self._lost_at: float | None = None
        self._failures = 0
        self._polling: asyncio.Task[None] | None = None

    # -- streams ------------------------------------------------------------------------------------------------

    def acquire_stream(self, *, wants: bool, must: bool = False) -> bool:
        """Take a stream for a run, if one is free; `must`: in any case. `release_stream` returns it."""
        most = STREAMS if wants else STREAMS_FOR_ANYBODY
        if self._connection.has_few_streams:
            most = 1 if wants else 0
        if not must and not self._is_refused and self._streams >= most:
            return False
        self._streams += 1
        return True

    def release_stream(self) -> None:
        """Return a stream: the member that has waited longest for one gets it."""
        self._streams -= 1
        waits = (each for each in self._members.values() if each.wants_stream and not each.notified.done())
        member = next(waits, None)
        if member is not None and self.acquire_stream(wants=True):
            member.notify(PollResult(has_stream=True))

    # -- members ------------------------------------------------------------------------------------------------

    async def watch(self, member: PolledRun) -> PollResult:
        """Wait until there is a reason to read the run's row."""
        member.notified = asyncio.get_running_loop().create_future()
        member.checked_at, member.round = time.monotonic(), self._round
        self._members[member.run_id] = member
        self._on_thread.setdefault(member.thread_id, []).append(member)
        if self._is_refused:
            self._offer_stream(member)
        elif self._polling is None:
            self._polling = asyncio.ensure_future(self._poll_while_needed())
        try:
            return await member.notified
        except asyncio.CancelledError:
            if member.notified.done() and not member.notified.cancelled() and member.notified.result().has_stream:
                self.release_stream()  # it got one at this very moment
            raise
        finally:
            del self._members[member.run_id]
            self._leave_thread(member)

    def _leave_thread(self, member: PolledRun) -> None:
        others = self._on_thread[member.thread_id]
        others.remove(member)
        if not others:
            del self._on_thread[member.thread_id]
            self._changed.pop(member.thread_id, None)
            self._stamps.pop(member.thread_id, None)

    # -- the poll -----------------------------------------------------------------------------------------------

    async def _poll_while_needed(self) -> None:
        pause = INTERVAL
        try:
            while True:
                await asyncio.sleep(pause)
                if not self._members:
                    return
                began = time.monotonic()
                pause = await self._poll_once()
                took = time.monotonic() - began
                pause = max(pause - took, pause / 2)  # however slow the deployment is
        finally:
            self._polling = None

    async def _poll_once(self) -> float:
        """Request one page of threads; returns the seconds to wait before the next."""
        try:
            async with asyncio.timeout(LONGEST):
                await self._check_page()
                await self._check_changed()
        except TimeoutError:
            return self._fail(Unreachable(f"{self._connection.url} has not answered for {LONGEST:g} s."))
        except DeploymentError as problem:
            return self._fail(problem)
        except Exception as problem:
            log.exception("the runs on %s could not be polled", self._connection.url)
            return self._fail(Unreachable(f"{self._connection.url} gives no list of threads: {problem}"))
        self._failures = 0
        if self._lost_at is not None:
            self._lost_at = None
            self._notify_all(PollResult())
        return INTERVAL

    async def _check_page(self) -> None:
        page = self._page()
        self._round += 1
        few = self._connection.has_few_streams
        found = await (
            thread_words(self._connection, page) if few else self._connection.background.threads.by_ids(page)
        )
        for thread_id in page:
            row = found.get(thread_id)
            if row is None or row.status != "busy":
                self._notify_thread(thread_id, PollResult(row))
            elif row.updated_at != self._stamps.get(thread_id):
                self._note_change(thread_id, row.updated_at)

    def _notify_thread(self, thread_id: str, result: PollResult) -> None:
        for member in self._on_thread.get(thread_id, ()):
            if member.round < self._round:  # else it was added after the request was sent
                member.notify(result)

    def _note_change(self, thread_id: str, stamp: str) -> None:
        """Note that a busy thread has changed, maybe after one of its members was last known to be live."""
        members = self._on_thread.get(thread_id, ())
        changed_at = seconds_from_iso(stamp) or 0.0
        if members:
            self._stamps[thread_id] = stamp
        if any(changed_at > each.live_at for each in members):
            self._changed[thread_id] = changed_at

    def _page(self) -> list[str]:
        """The next threads in turn."""
        threads, most = list(self._on_thread), FEW if self._connection.has_few_streams else PAGE
        if self._next_place >= len(threads):
            self._next_place = 0
        page = threads[self._next_place : self._next_place + most]
        self._next_place += most
        return page

    async def _check_changed(self) -> None:
        changed = [thread_id for thread_id in self._changed if thread_id in self._on_thread][: self._checks]
        chosen = [(thread_id, self._changed.pop(thread_id)) for thread_id in changed]
        if not chosen and (member := self._longest_unseen()):
            chosen = [(member.thread_id, member.live_at)]
        found = await asyncio.gather(*(self._check_thread(*each) for each in chosen))
        self._checks = CHECKS_AT_ONCE if any(found) else 1

    def _longest_unseen(self) -> PolledRun | None:
        """The member that was not checked for longest, if one is due."""
        now = time.monotonic()
        if now < self._next_check:
            return None
        self._next_check = now + CHECK_EVERY
        waiting = [each for each in self._members.values() if not each.notified.done()]
        longest = min(waiting, key=lambda each: each.checked_at, default=None)
        return longest if longest and now - longest.checked_at > CHECK_AGAIN else None

    async def _check_thread(self, thread_id: str, changed_at: float) -> bool:
        """List the runs of a thread, and notify the members that have ended; True if there are any."""
        members = tuple(self._on_thread.get(thread_id, ()))
        words = await self._connection.background.runs.statuses(thread_id)
        for member in members:
            member.checked_at = time.monotonic()
            member.live_at = max(member.live_at, changed_at)
        ended = [member for member in members if words.get(member.run_id) not in LIVE]
        for member in ended:
            member.notify(PollResult())
        for member in set(members) - set(ended):
            member.on_status(words[member.run_id])
        return bool(ended)

    # -- failures of the deployment -----------------------------------------------------------------------------

    def _fail(self, problem: DeploymentError) -> float:
        if should_give_up(self._connection, problem, 0):
            self._refuse()
            return INTERVAL
        self._lost_at = self._lost_at or time.monotonic()
        if should_give_up(self._connection, problem, time.monotonic() - self._lost_at):
            self._lost_at = None
            self._notify_all(PollResult(problem=problem))
            return INTERVAL
        for member in list(self._members.values()):
            member.on_status(LOST)
        self._failures += 1
        return backoff_seconds(self._failures)

    def _refuse(self) -> None:
        self._is_refused = True
        for member in list(self._members.values()):
            self._offer_stream(member)

    def _offer_stream(self, member: PolledRun) -> None:
        if not member.notified.done() and self.acquire_stream(wants=True):
            member.notify(PollResult(has_stream=True))

    def _notify_all(self, result: PollResult) -> None:
        for member in list(self._members.values()):
            member.notify(result)
