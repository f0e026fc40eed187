"""Follows one run: reads its stream, replays it after a drop, and confirms its end. Draws and decides nothing else.

The rules
- A part is told once, whatever the connection does: after a drop the whole is replayed and laid against what was seen.
- Past BUDGET bytes the stream is joined anew without `tasks`, whose every event repeats the node's whole input.
- The last word is the server's own row of the run, never the stream's end.
- A run that ended while its stream was broken off is read to its end all the same; after LAST_READS vain tries no more.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

from lg_magics.errors import DeploymentError, Unreachable
from lg_magics.follow.outcome import Outcome, confirm, last_words
from lg_magics.follow.replay import Replay
from lg_magics.model.events import MessageStreamed, RunErrored, events_from_part
from lg_magics.model.run_view import LIVE, RunView, Status, fold, settle, without_tasks
from lg_magics.server.connection import Connection
from lg_magics.server.streams import Part, run_parts

__all__ = ["BACKOFF", "BUDGET", "CARD_MODES", "PLAIN_MODES", "Follower", "Target", "is_hopeless"]

CARD_MODES = ("tasks", "updates", "messages-tuple", "custom")
PLAIN_MODES = ("updates",)
BUDGET = 4_000_000
BACKOFF = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0)
PATIENCE = 60.0
LOOPBACK_PATIENCE = 10.0
LAST_READS = 5
PASSING = (429, 500, 502, 503, 504)


@dataclass(frozen=True, slots=True)
class Target:
    """The run to follow, and the stream modes that it was created with.

    `is_attached`: it was launched elsewhere, and its stream may not be there from its beginning, or not at all.
    """

    run_id: str
    thread_id: str
    modes: Sequence[str]
    is_stateless: bool = False
    is_attached: bool = False


class Follower:
    """Tells `changed` of every new view of one run, and of a note about the connection ("" when all is well).

    `modes` are fewer stream modes than the run was created with. `values` is the newest state in the stream, where it carries
    mode `values` (of a stateless run it always does).
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
        self.connection = connection
        self.target = target
        self.view = view or RunView()
        self._changed = changed
        self._modes = tuple(modes) or None
        self._replay = Replay()
        self._parts_told = 0
        self._listeners: tuple[Callable[[Part], None], ...] = ()
        self._may_narrow = True
        self._is_whole = True
        self._is_cut_off = False
        self._note = ""
        self.is_cancelling = False
        self._look_now = asyncio.Event()
        self.values: object = None

    async def follow(self) -> Outcome:
        """Follow the run to its end.

        Returns:
            What became of it; the status is `unknown` if the deployment stopped answering.
        """
        attempt, lost_at = 0, None
        self.connection.polls  # noqa: B018 - made now, while the run is pending, and not when its end is news
        while True:
            progressed = await self._read_until_told()
            try:
                outcome = await self._confirm()
            except DeploymentError as problem:
                lost_at = lost_at or time.monotonic()
                if is_hopeless(self.connection, problem, time.monotonic() - lost_at):
                    return self._end(Outcome("unknown", error="Unreachable", error_message=str(problem.message)))
                self._tell_note("connection lost, trying again")
            else:
                if outcome.status not in LIVE and (not self._is_cut_off or attempt >= LAST_READS):
                    await self._recall(outcome)
                    return self._end(outcome)
                lost_at = None
            attempt = 0 if progressed else attempt + 1
            await asyncio.sleep(BACKOFF[min(attempt, len(BACKOFF) - 1)])
            self._replay.restart()

    def look_now(self) -> None:
        """Do not wait for the stream's end: the run was cancelled while it was pending, and its stream stays open 0.5 s.

        On the loop only.
        """
        if self.view.status == "pending":
            self._look_now.set()

    def listen(self, hear: Callable[[Part], None], *, wants_tasks: bool) -> bool:
        """Let `hear` have every part from the beginning; False if it is too late for that. On the loop only."""
        if self._parts_told:
            return False
        self._listeners = (*self._listeners, hear)
        self._may_narrow = self._may_narrow and not wants_tasks
        return True

    def stop_listening(self, hear: Callable[[Part], None]) -> None:
        """Let `hear` have no more. On the loop only."""
        self._listeners = tuple(each for each in self._listeners if each is not hear)

    async def _read_until_told(self) -> bool:
        reading = asyncio.ensure_future(self._read_stream())
        told = asyncio.ensure_future(self._look_now.wait())
        try:
            await asyncio.wait({reading, told}, return_when=asyncio.FIRST_COMPLETED)
            self._look_now.clear()
            return reading.done() and reading.result()
        finally:
            reading.cancel()
            told.cancel()
            await asyncio.gather(reading, told, return_exceptions=True)

    async def _read_stream(self) -> bool:
        """Read until the stream ends or breaks; whether anything new came."""
        known, self._is_cut_off = self._parts_told, False
        try:
            while not await self._read_once():
                pass
        except Unreachable:
            self._is_whole, self._is_cut_off = False, True
            self._tell_note("connection lost, trying again")
        except DeploymentError:
            self._is_whole = False  # confirmed next: over, deleted, or a deployment that is not well
        return self._parts_told > known

    async def _read_once(self) -> bool:
        """Read one connection; whether to its end, and not only until it must be joined anew."""
        parts = run_parts(self.connection, self.target.thread_id, self.target.run_id, modes=self._modes)
        async with aclosing(parts):
            async for part in parts:
                place = self._replay.place(part.event, part.data, part.id)
                if place == "unsure":
                    self._replay.restart()
                    return False
                if place == "new":
                    self._take(part)
                if self._is_over_budget(part):
                    self._narrow()
                    return False
        return True

    def _take(self, part: Part) -> None:
        self._parts_told += 1
        if part.event == "values":
            self.values = part.data
        for event in events_from_part(part.event, part.data, part.id):
            self.view = fold(self.view, event)
        for hear in self._listeners:
            hear(part)
        self._note = ""
        self._changed(self.view, "")

    def _is_over_budget(self, part: Part) -> bool:
        modes = self.target.modes if self._modes is None else self._modes
        return part.bytes_so_far > BUDGET and "tasks" in modes and self._may_narrow

    def _narrow(self) -> None:
        self._modes = tuple(mode for mode in self.target.modes if mode != "tasks")
        self._replay.restart(without="tasks")
        self.view = without_tasks(self.view)

    async def _confirm(self) -> Outcome:
        target = self.target
        return await confirm(
            self.connection,
            target.thread_id,
            target.run_id,
            self.view,
            is_whole=self._is_whole and self.view.started_at is not None,
            vanished=self._meaning_of_gone(),
        )

    def _meaning_of_gone(self) -> Status:
        """A stateless run vanishes as it ends: its stream is the only witness."""
        if not self.target.is_stateless:
            return "deleted"
        if self.view.error:
            return "error"
        if self.is_cancelling:
            return "cancelled"
        return "waiting" if self.view.is_paused else "success"

    async def _recall(self, outcome: Outcome) -> None:
        """What was said on a run whose stream is not kept any more, from the state that it left."""
        if self.target.is_attached and not self.view.text and outcome.status in ("success", "waiting", "cancelled"):
            said = await last_words(self.connection, self.target.thread_id, self.target.run_id)
            if said:
                self.view = fold(self.view, MessageStreamed(None, "", "", said, whole=True))

    def _end(self, outcome: Outcome) -> Outcome:
        if outcome.error and not self.view.error:
            self.view = fold(self.view, RunErrored(outcome.at, outcome.error, outcome.error_message))
        if outcome.interrupts:
            self.view = replace(self.view, interrupts=outcome.interrupts, is_paused=True)
        self.view = settle(self.view, outcome.status, at=outcome.at)
        return outcome

    def _tell_note(self, note: str) -> None:
        if note != self._note:
            self._note = note
            self._changed(self.view, note)


def is_hopeless(connection: Connection, problem: DeploymentError, seconds: float) -> bool:
    """Whether to stop asking: it refuses for good, or it has not answered, or only with 429 and 5xx, for too long."""
    is_passing = isinstance(problem, Unreachable) or (problem.status_code or 0) in PASSING
    if not is_passing:
        return True
    return seconds > (LOOPBACK_PATIENCE if connection.deployment.is_loopback else PATIENCE)
