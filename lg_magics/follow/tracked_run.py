"""A run as the session tracks it: its follower, its observers, and what is kept when it has ended. Draws nothing.

A person holds a `Run`, which exposes what people use. `tracked(run)` returns the object of this module behind that handle.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from lg_magics.errors import LgError, RunDeleted
from lg_magics.follow.follower import CARD_MODES, Follower
from lg_magics.follow.loop import BackgroundLoop, LoopFuture
from lg_magics.follow.stream_pool import StreamPool
from lg_magics.model.cell_rerun import CellRerun
from lg_magics.model.packed import Packed, Packer
from lg_magics.model.run_info import Launch, PackedLaunch, RunInfo, Target
from lg_magics.model.run_view import RunView, Status, settle
from lg_magics.server.connection import Connection

if TYPE_CHECKING:
    from lg_magics.follow.run import PickledRun, Run

__all__ = ["TrackedRun", "seen", "tracked"]

ENDED: Future[None] = Future()
"""The future that all settled runs share."""
ENDED.set_result(None)
QUIET: frozenset[Status] = frozenset({"success", "cancelled", "rolled back", "deleted"})
"""Statuses of runs that are packed: they cannot be answered or retried."""
log = logging.getLogger(__name__)
_lock = threading.RLock()
"""Shared by all runs, for short changes: a lock for each would take more memory than the rest of a settled run."""
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_lock.release)


class End(NamedTuple):
    """What is kept of a run when it has ended."""

    view: RunView
    row: Mapping[str, Any] | None
    target: Target


class PackedEnd(Packed[End]):
    """The same in less memory."""

    __slots__ = ()


def tracked(run: Run) -> TrackedRun:
    """The tracked run behind a handle.

    Raises:
        LgError: the handle was unpickled, and this session is not connected to its deployment.
    """
    return run._tracked


def seen(run: Run) -> TrackedRun | PickledRun:
    """The readable state of a run, also of an unpickled handle whose deployment this session is not connected to."""
    return run._seen


class TrackedRun:
    """One run that this session follows, or has followed.

    Attributes:
        info: what does not change about it.
        connection: the deployment that it runs on.
        done: a future that is set when the run has settled.
        superseded_by: the number of the run whose launch ended this one; "" if none did.
        rerun: its place among the runs of its cell; None if it is the only one, or not known yet.
        handle: the handle that a person holds.
    """

    __slots__ = (
        "_detached",
        "_end",
        "_following",
        "_is_settled",
        "_note",
        "_observers",
        "_packer",
        "_pool_of",
        "_row",
        "_status",
        "_target",
        "_view",
        "_waiters",
        "_was_awaited",
        "_was_resumed",
        "connection",
        "done",
        "handle",
        "info",
        "loop",
        "pending_note",
        "rerun",
        "superseded_by",
    )  # a session keeps thousands

    def __init__(
        self,
        info: RunInfo,
        target: Target,
        connection: Connection,
        loop: BackgroundLoop,
        view: RunView,
        *,
        has_ended: bool = False,
    ) -> None:
        self.info = info
        self.connection = connection
        self.loop = loop
        self.handle: Run
        self.pending_note = ""
        self.superseded_by = ""
        self.rerun: CellRerun | None = None
        self._note = ""
        self._was_resumed = False
        self._target: Target | None = target
        self._view: RunView | None = view
        self._status: Status = view.status
        self._row: Mapping[str, Any] | None = None
        self._end: PackedEnd | None = None  # in place of view, row and target, once it has ended
        self._packer: Packer | None = None
        self._observers: tuple[Callable[[Run], None], ...] = ()
        self.done = ENDED if has_ended else _new_future()
        self._is_settled = has_ended  # read for each of a thousand runs: without a lock
        self._detached = False
        self._waiters = 0
        self._was_awaited = False
        self._following = None if has_ended else Follower(connection, target, self._changed, view=view)

    # -- what it is ---------------------------------------------------------------------------------------------

    @property
    def view(self) -> RunView:
        """The run as a card shows it now; frozen."""
        return self._view or self._ending().view

    @property
    def target(self) -> Target:
        """Its ids and stream modes."""
        return self._ending().target

    def _ending(self) -> End:
        while True:  # it may be packed or unpacked meanwhile
            view, row, target, end = self._view, self._row, self._target, self._end
            if end is not None:
                return end.read()
            if view is not None and target is not None:
                return End(view, row, target)

    @property
    def status(self) -> Status:
        """Its status."""
        return self._status

    @property
    def is_settled(self) -> bool:
        """Whether its outcome is known."""
        return self._is_settled

    @property
    def note(self) -> str:
        """A few words beside the status."""
        if self.is_settled and self.superseded_by and self.status in ("cancelled", "rolled back"):
            return f"{'interrupted ' if self.status == 'cancelled' else ''}by {self.superseded_by}"
        return self._note or (self.pending_note if self.status == "pending" else "")

    @property
    def row(self) -> Mapping[str, Any]:
        """The server's row of it; read again while the run is live.

        Raises:
            RunDeleted: the run is gone.
        """
        row = self._ending().row
        if row is None:
            row = self.connection.runs.get(self.info.thread.id, self.info.id)
        if row is None:
            raise RunDeleted(f"{self.info.number} is gone.")
        return row

    @property
    def has_card(self) -> bool:
        """Whether it was launched to be watched on a card."""
        return set(CARD_MODES) - {"tasks"} <= set(self.target.modes)

    @property
    def is_waiting(self) -> bool:
        """Whether it can be answered: it stopped for a person, or failed with its question open, and nothing ran since."""
        asks = self.status == "waiting" or (self.status == "error" and bool(self.view.interrupts))
        return self.is_settled and asks and not (self._was_resumed or self.info.is_stateless)

    @property
    def can_run_again(self) -> bool:
        """Whether what failed in it can run again: it asks nothing, and nothing ran on its thread since."""
        failed = self.is_settled and self.status in ("error", "timeout") and not self.view.interrupts
        return failed and not (self._was_resumed or self.info.is_stateless)

    def is_on(self, connection: Connection) -> bool:
        """Whether it runs on this deployment."""
        return self.connection.url == connection.url

    def values_left(self) -> Any:
        """The state's values as the run left them, or has them now, however it ended; None if it left no checkpoint."""
        if self.info.is_stateless:
            return self.follower.values
        return self.connection.history.last_values(self.info.thread.id, self.info.id)

    # -- notes and observers ------------------------------------------------------------------------------------

    def observe(self, observer: Callable[[Run], None]) -> Callable[[], None]:
        """Call `observer(run)` on the background loop at each change, the last included. Returns a function that stops it."""
        with _lock:
            self._observers = (*self._observers, observer)
        if self.is_settled:
            observer(self.handle)

        def unsubscribe() -> None:
            with _lock:
                self._observers = tuple(each for each in self._observers if each is not observer)

        return unsubscribe

    def set_rerun_info(self, rerun: CellRerun) -> None:
        """Note that its cell ran before on this thread."""
        self.rerun = rerun
        self._notify()

    def set_pending_note(self, note: str) -> None:
        """Note what it waits for while it is pending."""
        self.pending_note = note
        self._notify()

    def end_waiting(self, note: str) -> None:
        """Note that its thread has gone on. If the run waited, `note` is shown beside the status."""
        if self.can_run_again:
            self._was_resumed = True
            self._notify()
        elif self.is_waiting:
            self._was_resumed = True
            if self.status == "waiting":
                self._see(settle(self.view, "success", at=self.view.ended_at))
            self._set_note(note)

    def mark_deleted(self) -> None:
        """Note that the run was deleted after it had ended."""
        self._see(settle(self.view, "deleted", at=self.view.ended_at))
        self._set_note("")

    def _set_note(self, note: str) -> None:
        self._note = note
        self._notify()

    # -- waiters ------------------------------------------------------------------------------------------------

    @property
    def is_awaited(self) -> bool:
        """Whether code waits for it, or did when it ended: then no notification of its end is needed."""
        return self._waiters > 0 or self._was_awaited

    @property
    def is_detached(self) -> bool:
        """Whether the session ended before the run did."""
        return self._detached

    @contextmanager
    def being_awaited(self) -> Iterator[None]:
        """Count as a waiter inside the `with` block."""
        self._waiters += 1
        try:
            yield
        finally:
            self._was_awaited = self.done.done()
            self._waiters -= 1

    # -- cancelling ---------------------------------------------------------------------------------------------

    @property
    def is_cancelling(self) -> bool:
        """Whether this session has sent a cancel that the deployment has not refused."""
        return self._following is not None and self._following.is_cancelling

    def begin_cancel(self, *, rollback: bool = False) -> None:
        """Note that a cancel is about to be sent: it explains the run's end, and the note shows it."""
        self.follower.is_cancelling = True
        self.expect_rollback(rollback)
        self._set_note("cancelling…")

    def end_cancel(self) -> None:
        """Note that the deployment refused the cancel."""
        self.follower.is_cancelling = False
        self.expect_rollback(False)
        self._set_note("")

    def expect_rollback(self, is_expected: bool) -> None:
        """Mark a rollback as expected. The server reports `cancelled` until the run has been deleted."""
        self.follower.is_rolled_back = is_expected

    def poll_now(self) -> None:
        """Read the run's row now, unless its stream is about to end. On the background loop."""
        self.follower.poll_now()

    # -- being followed -----------------------------------------------------------------------------------------

    @property
    def follower(self) -> Follower:
        """Its follower; for a settled run, one that accepts no listeners."""
        if self._following is not None:
            return self._following
        ended = Follower(self.connection, self.target, self._changed, view=self.view)
        ended.parts_seen = 1
        return ended

    def start_following(self, pool_of: Callable[[Connection], StreamPool], packer: Packer | None = None) -> None:
        """Follow it on the background loop, in the stream pool of its connection. Does nothing to a settled run.

        Args:
            pool_of: the pool of a connection.
            packer: packs what is kept of it when it has ended.
        """
        self._pool_of = pool_of
        self._packer = packer
        if not self._is_settled:
            follower = self.follower
            follower.pool = pool_of(self.connection)
            self.loop.start(self._follow(follower, self.done))

    def follow_again(self) -> None:
        """Follow it again from its beginning if its status is `unknown`: its deployment may be back.

        Raises:
            LgError: the session has ended; the run stays as it is.
        """
        with _lock:
            if not self._is_settled or self.status != "unknown":
                return
            before = self.done, self._following, self._detached, self.view
            self._see(RunView(created_at=self.view.created_at))
            target = replace(self.target, is_attached=True)
            self._following = Follower(self.connection, target, self._changed, view=self.view)
            self.done = _new_future()
            self._is_settled = self._detached = False
            try:
                self.start_following(self._pool_of, self._packer)
            except LgError:
                self.done.set_result(None)
                self.done, self._following, self._detached, view = before
                self._see(view)
                self._is_settled = True
                raise
        self._notify()

    async def _follow(self, follower: Follower, done: Future[None]) -> None:
        try:
            outcome = await follower.follow()
            self._row = outcome.row
            self._see(follower.view)
        except BaseException as problem:  # waiters get it as the run's error
            self._detached = isinstance(problem, asyncio.CancelledError)  # the session ends, and not the run
            why = "this session follows it no more." if self._detached else f"following it failed: {problem}"
            lost = replace(self.view, error=type(problem).__name__, error_message=why)
            self._see(settle(lost, "unknown"))
            if not isinstance(problem, (Exception, asyncio.CancelledError)):
                raise
            if isinstance(problem, Exception):
                log.exception("following %s failed", self.info.number)
        finally:
            self._note = ""
            self._is_settled = True
            done.set_result(None)
            self._notify()
            self._slim_down()

    def _changed(self, view: RunView, note: str) -> None:
        self._see(view)
        if note or not self.follower.is_cancelling:
            self._note = note
        self._notify()

    def _see(self, view: RunView) -> None:
        if self._end is not None:
            end = self._end.read()
            self._row, self._target = end.row, end.target
        self._view, self._status = view, view.status
        self._end = None

    def _notify(self) -> None:
        for observer in self._observers:
            try:
                observer(self.handle)
            except Exception:
                log.exception("an observer of %s failed", self.info.number)

    # -- when it has ended --------------------------------------------------------------------------------------

    def _slim_down(self) -> None:
        """Drop the follower, and pack what is seldom read: a session keeps thousands of settled runs.

        Does nothing to a run that is followed again: waiters and listeners of its end may have done so meanwhile.
        """
        with _lock:
            if not self._is_settled:
                return
            kept = self._following
            if kept is not None and kept.values is None and not (kept.is_cancelling or kept.is_rolled_back):
                self._following = None
            self.done = ENDED
            self._pack()

    def _pack(self) -> None:
        packer, view = self._packer, self._view
        if packer is None or view is None or view.interrupts or view.status not in QUIET:
            return
        end = packer.packed(PackedEnd, self._ending())
        if end is not None:
            self._end = end
            self._view = self._row = self._target = None
        launch = self.info.launch
        if isinstance(launch, Launch) and (packed := packer.packed(PackedLaunch, launch)) is not None:
            self.info = replace(self.info, launch=packed)


def _new_future() -> Future[None]:
    """A future to set when a run has settled. No waiter can cancel it."""
    future: Future[None] = LoopFuture()
    future.set_running_or_notify_cancel()
    return future
