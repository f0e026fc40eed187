"""Follows one run: reads its stream, replays it after a drop, and confirms its end. Draws nothing.

The rules
- There is one way to detect that a run has ended: a signal, then `outcome.confirm`, which reads the server's row. The stream's
  end, the pool's poll and a cancel are signals only; if the row is still live, the follower waits for the next signal.
- A run in a pool (follow.stream_pool) may have to wait without a stream, until it gets one or the poll notifies it.
- Each part is passed on once: after a drop the whole stream is replayed and compared with what was seen.
- Where parts of mode `tasks` cost too much (follow.replay), the stream goes on without them, from where it was.
- A run that ended while its stream was broken off is still read to its end, with at most LAST_READS attempts. A stream that
  ended in order while a step was running is read once more.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import cast

from lg_magics.errors import DeploymentError, Unreachable
from lg_magics.follow.outcome import Outcome, confirm, final_message, left_anything
from lg_magics.follow.replay import Replay, TaskBytes
from lg_magics.follow.retry import LOST, backoff_seconds, should_give_up
from lg_magics.follow.stream_pool import PolledRun, PollResult, StreamPool
from lg_magics.model.events import MessageStreamed, RunErrored, RunStarted, events_from_part
from lg_magics.model.run_info import Target
from lg_magics.model.run_steps import ends_with_failure, is_step_running
from lg_magics.model.run_view import LIVE, RunView, Status, fold, settle, without_tasks
from lg_magics.server.connection import Connection
from lg_magics.server.streams import Part, run_parts

__all__ = ["CARD_MODES", "PLAIN_MODES", "Follower"]

CARD_MODES = ("tasks", "updates", "messages-tuple", "custom")
PLAIN_MODES = ("updates",)
ROLLBACK_BACKOFF = (0.05, 0.1, 0.2, 0.4, 0.8, 1.5)  # seconds that a rolled-back run may take to be gone
HEAD_START = 0.003  # seconds in which the launching thread returns: it shares Python's lock with the loop
LAST_READS = 5
UNSEEN = "its stream broke off before its end, and a stateless run leaves nothing else."
CUT = "its stream ended while a step was running, as after a cancel or a time limit, and a stateless run leaves nothing else."
LONG = 2.0  # seconds in the pool after which a run that is still live is no failed attempt


class Follower:
    """Calls `changed(view, note)` on every state change; `note` describes connection problems and is empty otherwise.

    `modes` is a subset of the stream modes that the run was created with. `values` is the newest state in the stream, if it
    carries mode `values` (of a stateless run it always does). `pool` hands out the streams; without a pool, it takes one.
    """

    def __init__(
        self,
        connection: Connection,
        target: Target,
        changed: Callable[[RunView, str], None],
        *,
        view: RunView | None = None,
        modes: Sequence[str] = (),
    ) -> None:
        self.connection, self.target = connection, target
        self.view, self._changed = view or RunView(), changed
        self._modes = tuple(modes) or None
        self._replay, self._task_bytes = Replay(), TaskBytes()
        self.parts_seen = 0
        self._listeners: tuple[Callable[[Part], None], ...] = ()
        self._may_narrow = self._is_whole = True
        self._is_cut_off = self._is_read_out = False
        self._after = self._note = ""
        self.is_cancelling = self.is_rolled_back = False
        self._poll_now, self.values = asyncio.Event(), cast("object", None)
        self.pool: StreamPool | None = None
        self._has_stream = True
        self._polled: PollResult | None = None
        self._member = PolledRun(
            target.run_id, target.thread_id, self._is_watched, self.view.created_at or 0.0, self._on_live_status
        )

    async def follow(self) -> Outcome:
        """Follow the run to its end.

        Returns:
            The run's outcome; the status is `unknown` if the deployment stopped answering.
        """
        pool, must = self.pool, self.target.is_stateless  # only its stream shows the end of a stateless run
        self._has_stream = pool is None or pool.acquire_stream(wants=self._is_watched, must=must)
        try:
            await asyncio.sleep(HEAD_START)
            self.connection.open_background()  # now, while the run is pending: it would delay the news of its end
            return await self._follow()
        finally:
            if pool is not None and self._has_stream:
                pool.release_stream()

    async def _follow(self) -> Outcome:
        attempt, lost_at = 0, None
        while True:
            self._polled = None
            progressed = await self._signal()
            if self._polled and self._polled.problem:
                return self._fail_unreachable(self._polled.problem)
            try:
                outcome = await self._confirm_whole()
            except DeploymentError as problem:
                lost_at = lost_at or time.monotonic()
                if should_give_up(self.connection, problem, time.monotonic() - lost_at):
                    return self._fail_unreachable(problem)
                self._set_note(LOST)
            else:
                if outcome.status not in LIVE and not self._may_lack_parts(outcome, attempt, progressed):
                    await self._backfill_text(outcome)
                    return self._end(outcome)
                lost_at = None
                self._on_live_status(outcome.status)
            attempt = 0 if progressed else attempt + 1
            await asyncio.sleep(backoff_seconds(attempt))
            self._replay.restart()

    def _may_lack_parts(self, outcome: Outcome, attempt: int, progressed: bool) -> bool:
        """Whether parts of an ended run may be unread: its stream broke off, or ended while a step was running."""
        if self._is_cut_off:
            return attempt < LAST_READS
        return progressed and self._has_stream and outcome.status == "success" and is_step_running(self.view.steps)

    def poll_now(self) -> None:
        """Read the run's row now: it was cancelled without a stream, or while pending, when its stream stays open for 0.5 s.

        On the loop only.
        """
        if self.view.status == "pending" or not self._has_stream:
            self._poll_now.set()

    def listen(self, listener: Callable[[Part], None], *, wants_tasks: bool) -> bool:
        """Call `listener` with every part from the beginning; False if it is too late for that. On the loop only."""
        if self.parts_seen or not self._has_stream:
            return False
        self._listeners = (*self._listeners, listener)
        self._may_narrow = self._may_narrow and not wants_tasks
        return True

    def stop_listening(self, listener: Callable[[Part], None]) -> None:
        """Stop calling `listener`. On the loop only."""
        self._listeners = tuple(each for each in self._listeners if each is not listener)

    async def _signal(self) -> bool:
        """Wait until the run may have ended; True if new parts came, or the wait was long."""
        working = asyncio.ensure_future(self._read_stream() if self._has_stream else self._wait_in_pool())
        polled = asyncio.ensure_future(self._poll_now.wait())
        try:
            await asyncio.wait({working, polled}, return_when=asyncio.FIRST_COMPLETED)
            self._poll_now.clear()
            return working.done() and working.result()
        finally:
            working.cancel()
            polled.cancel()
            await asyncio.gather(working, polled, return_exceptions=True)

    # -- in the pool -------------------------------------------------------------------------------------------

    @property
    def _is_watched(self) -> bool:
        """Whether it was launched to be watched, with more modes than `updates` and `values`."""
        return not set(self.target.modes) <= {"updates", "values"}

    async def _wait_in_pool(self) -> bool:
        """Wait for the poll, or for a stream, which is then read; True if new parts came, or the wait was long."""
        assert self.pool is not None
        self._set_note("")
        began = time.monotonic()
        self._polled = await self.pool.watch(self._member)
        if self._polled.has_stream:
            self._has_stream = True
            return await self._read_stream()
        return time.monotonic() - began > LONG

    def _on_live_status(self, word: str) -> None:
        """Show the status of a live run; or the note LOST."""
        if word == LOST:
            self._set_note(LOST)
        elif word == "running" and self.view.status == "pending":
            self.view = fold(self.view, RunStarted(None))
            self._changed(self.view, self._note)

    async def _read_stream(self) -> bool:
        """Read until the stream ends or breaks; True if new parts came."""
        known, self._is_cut_off, self._is_read_out = self.parts_seen, False, False
        try:
            while not await self._read_once():
                pass
            self._is_read_out = self._replay.has_output and self._replay.has_all
        except Unreachable:
            self._is_whole, self._is_cut_off = False, True
            self._set_note(LOST)
        except DeploymentError:
            self._is_whole = False  # the row is read next: the run is over or deleted, or the deployment has a problem
        return self.parts_seen > known

    async def _read_once(self) -> bool:
        """Read one connection; False if the stream must be joined again."""
        after, self._after = self._after, ""
        parts = run_parts(self.connection, self.target.thread_id, self.target.run_id, modes=self._modes, after=after)
        self._task_bytes.join()
        async with aclosing(parts):
            async for part in parts:
                place = self._replay.place(part.event, part.data, part.id)
                if place == "unsure":
                    self._replay.restart()
                    return False
                if place == "new":
                    self._take(part)
                is_counted = self._may_narrow and "tasks" in (self._modes or self.target.modes)
                if is_counted and self._task_bytes.too_many_with(part.event, part.data, part.bytes_so_far):
                    self._drop_tasks_mode()
                    return False
        return True

    def _take(self, part: Part) -> None:
        self.parts_seen += 1
        if part.event == "values":
            self.values = part.data
        for event in events_from_part(part.event, part.data, part.id):
            self.view = fold(self.view, event)
        for listener in self._listeners:
            listener(part)
        self._note = ""
        self._changed(self.view, "")

    def _drop_tasks_mode(self) -> None:
        self._modes = tuple(mode for mode in self.target.modes if mode != "tasks")
        self._after = self._replay.before_newest
        self._replay.restart(without="tasks")
        self.view = without_tasks(self.view)

    async def _confirm_whole(self) -> Outcome:
        """Read the run's outcome. A rollback is done when the thread holds nothing of the run: its row may stay `cancelled`."""
        outcome, target = await self._confirm(), self.target
        for pause in ROLLBACK_BACKOFF:
            if not (self.is_rolled_back and outcome.status == "cancelled"):
                break
            if not await left_anything(self.connection, target.thread_id, target.run_id):
                return replace(outcome, status="rolled back")
            await asyncio.sleep(pause)
            outcome = await self._confirm()
        is_gone = self.is_rolled_back and outcome.status == "deleted"
        return replace(outcome, status="rolled back") if is_gone else outcome

    async def _confirm(self) -> Outcome:
        target = self.target
        asking = self.pool.asking if self.pool and not self._has_stream else contextlib.nullcontext()
        async with asking:
            return await confirm(
                self.connection,
                target.thread_id,
                target.run_id,
                self.view,
                is_whole=self._is_whole and self.view.started_at is not None,
                vanished=self._status_when_missing() if target.is_stateless else "deleted",
                is_cancelling=self.is_cancelling,
                thread=self._polled.thread if self._polled else None,
            )

    def _status_when_missing(self) -> Status:
        """The status of a deleted stateless run, from its stream, which lacks `error` if it was joined after the end."""
        if self._replay.has_error or ends_with_failure(self.view.steps):
            return "error"
        if self.is_cancelling:
            return "cancelled"
        if self.view.is_paused and self._is_read_out:
            return "waiting"
        return "success" if self._is_read_out and not is_step_running(without_tasks(self.view).steps) else "unknown"

    async def _backfill_text(self, outcome: Outcome) -> None:
        """Read the text of a run whose stream was not read, or is not kept any more, from the state that the run left."""
        is_missed = self.target.is_attached or (self._is_watched and not self._has_stream)
        if is_missed and not self.view.text and outcome.status in ("success", "waiting", "cancelled"):
            text = await final_message(self.connection, self.target.thread_id, self.target.run_id)
            if text:
                self.view = fold(self.view, MessageStreamed(None, "", "", text, whole=True))

    def _fail_unreachable(self, problem: DeploymentError) -> Outcome:
        return self._end(Outcome("unknown", error="Unreachable", error_message=str(problem.message)))

    def _end(self, outcome: Outcome) -> Outcome:
        if outcome.status == "unknown" and not outcome.error:
            outcome = replace(outcome, error="Unreachable", error_message=CUT if self._is_read_out else UNSEEN)
        if outcome.error and (not self.view.error or self.view.is_error_hidden):
            self.view = fold(self.view, RunErrored(outcome.at, outcome.error, outcome.error_message, outcome.traceback))
        if outcome.interrupts or outcome.status == "error":
            is_paused = self.view.is_paused or bool(outcome.interrupts)
            asked = self.connection.question_numbers.numbered(self.target.thread_id, outcome.interrupts)
            self.view = replace(self.view, interrupts=asked, is_paused=is_paused)
        self.view = settle(self.view, outcome.status, at=outcome.at)
        return outcome

    def _set_note(self, note: str) -> None:
        if note != self._note:
            self._note = note
            self._changed(self.view, note)
