"""The handle of a run: what a person holds, asks, waits for and cancels. Knows the connection and the loop; draws nothing."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections.abc import Callable, Generator, Iterator, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from inspect import iscoroutinefunction
from pathlib import Path
from typing import Any, NamedTuple, overload

from lg_magics.errors import (
    AlreadyEnded,
    CommandError,
    LgError,
    RunDeleted,
    WaitInterrupted,
    WaitTimedOut,
    type_phrase,
)
from lg_magics.files import written_file
from lg_magics.follow.callbacks import call_when_done
from lg_magics.follow.cancelling import cancel_runs
from lg_magics.follow.event_stream import EventStream, Source, events_of, parts_of
from lg_magics.follow.follower import CARD_MODES, Follower, Target
from lg_magics.follow.golden import golden_of_run
from lg_magics.follow.loop import BackgroundLoop, LoopFuture
from lg_magics.follow.outcome import error_for
from lg_magics.follow.step_data import StepData, step_data
from lg_magics.follow.stream_pool import StreamPool
from lg_magics.follow.waiting import interruptible_wait, seconds_to_wait
from lg_magics.model.again import Again
from lg_magics.model.events import Event
from lg_magics.model.golden import text_of_golden
from lg_magics.model.interrupts import Interrupt
from lg_magics.model.messages import Message, messages_from_values
from lg_magics.model.packed import Packed, Packer
from lg_magics.model.result import Result
from lg_magics.model.run_info import Launch, PackedLaunch, RunInfo
from lg_magics.model.run_steps import Step
from lg_magics.model.run_view import RunView, Status, settle
from lg_magics.model.secrets import row_without_secrets
from lg_magics.model.stream_parts import Mode, StreamPart
from lg_magics.server.connection import Connection
from lg_magics.tables.steps import steps_table
from lg_magics.tables.table import Table

__all__ = ["Run"]

ENDED: Future[None] = Future()
"""What all settled runs share in place of a future of their own."""
ENDED.set_result(None)
QUIET: frozenset[Status] = frozenset({"success", "cancelled", "rolled back", "deleted"})
"""How a run ends that is asked for nothing but its status from then on."""
log = logging.getLogger(__name__)
_lock = threading.RLock()
"""For what takes a moment, of any run: one of its own would take more memory than the rest of a settled run's state."""
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_lock.release)


class End(NamedTuple):
    """What is left of a run when it has ended."""

    view: RunView
    row: Mapping[str, Any] | None
    target: Target


class PackedEnd(Packed[End]):
    """The same in less memory."""

    __slots__ = ()


class Run(Result):
    """A run in the background. Wait for it with `run.wait()`, `await run` or `%lg_wait`.

    Example:
        >>> run = lg.run("what's the weather in sf")
        >>> run.wait().status
        'success'
    """

    __slots__ = (
        "__weakref__",
        "_end",
        "_following",
        "_is_left",
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
        "_went_on",
        "again",
        "connection",
        "done",
        "ended_by",
        "info",
        "loop",
        "pending_note",
    )  # a session keeps thousands

    def __init__(
        self, info: RunInfo, target: Target, connection: Connection, loop: BackgroundLoop, view: RunView
    ) -> None:
        self.info = info
        self.pending_note = ""
        self.ended_by = ""
        self.again: Again | None = None
        self._note = ""
        self._went_on = False
        self._target: Target | None = target
        self.connection = connection
        self.loop = loop
        self._view: RunView | None = view
        self._status: Status = view.status
        self._row: Mapping[str, Any] | None = None
        self._end: PackedEnd | None = None  # in place of view, row and target, once it has ended
        self._packer: Packer | None = None
        self._observers: tuple[Callable[[Run], None], ...] = ()
        self.done: Future[None] = (
            LoopFuture()
        )  # when the last word is spoken; a person has `wait`, `await` and `on_finish`
        self.done.set_running_or_notify_cancel()  # so that nobody who waits can cancel it
        self._is_settled = False  # asked for each of a thousand runs: without a lock
        self._is_left = False
        self._waiters = 0
        self._was_awaited = False
        self._following: Follower | None = Follower(connection, target, self._changed, view=view)

    # -- what it is ---------------------------------------------------------------------------------------------

    def __repr__(self) -> str:
        return f"<Run {self.info.number}: {self.status} on {self.info.assistant}>"

    @property
    def number(self) -> str:
        """This session's number for it: `r7`."""
        return self.info.number

    @property
    def run_id(self) -> str:
        """Its id on the server."""
        return self.info.id

    @property
    def thread_id(self) -> str:
        """The id of its thread."""
        return self.info.thread.id

    @property
    def has_card(self) -> bool:
        """Whether it was launched to be watched on a card."""
        return set(CARD_MODES) - {"tasks"} <= set(self._ending().target.modes)

    @property
    def view(self) -> RunView:
        """What can be said of it now; frozen."""
        return self._view or self._ending().view

    def _ending(self) -> End:
        while True:  # it may be packed or unpacked meanwhile
            view, row, target, end = self._view, self._row, self._target, self._end
            if end is not None:
                return end.read()
            if view is not None and target is not None:
                return End(view, row, target)

    @property
    def status(self) -> Status:
        """pending, running, success, waiting, cancelled, error, timeout, rolled back, deleted or unknown."""
        return self._status

    @property
    def note(self) -> str:
        """A few words beside the status: of the connection, of what a pending run waits for, of what ended it."""
        if self.is_settled and self.ended_by and self.status in ("cancelled", "rolled back"):
            return f"{'interrupted ' if self.status == 'cancelled' else ''}by {self.ended_by}"
        return self._note or (self.pending_note if self.status == "pending" else "")

    @property
    def is_settled(self) -> bool:
        """Whether the last word on it is spoken."""
        return self._is_settled

    @property
    def raw(self) -> Mapping[str, Any]:
        """The server's own row of the run, as a dict; asked for again while the run is live.

        The server mirrors headers into the run's config: what looks secret there is hidden.

        Raises:
            RunDeleted: the run is gone.
        """
        row = self._ending().row
        if row is None:
            row = self.connection.runs.get(self.thread_id, self.run_id)
            if row is None:
                raise RunDeleted(f"{self.number} is gone.")
        return self._shown(row)

    @staticmethod
    def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
        """The row without the secrets of its settings; its input is the person's own and stays as it is."""
        shown, kwargs = row_without_secrets(row), row.get("kwargs")
        return {**shown, "kwargs": row_without_secrets(kwargs)} if isinstance(kwargs, Mapping) else shown

    # -- its outcome --------------------------------------------------------------------------------------------

    @property
    def error(self) -> str | None:
        """What went wrong, its type and its text; None if nothing did."""
        return self.view.whole_error or None

    @property
    def result(self) -> Any:
        """The state's values as this run left them (whatever ran on the thread since).

        Raises:
            LgError: the run is still live.
            RunFailed: it failed; likewise RunTimedOut, RunDeleted.
        """
        self._check_settled()
        self.raise_for_status()
        return self.values_left()

    def values_left(self) -> Any:
        """The state's values as the run left them, or has them now, however it ended; None if it left no checkpoint."""
        if self.info.is_stateless:
            return self._follower.values
        return self.connection.history.last_values(self.thread_id, self.run_id)

    @property
    def messages(self) -> tuple[Message, ...]:
        """The conversation as this run left it."""
        return messages_from_values(self.result)

    def freeze(self, path: str | os.PathLike[str]) -> Path:
        """Write which tools the run called, with their arguments, and how it ended: for `lg.check(run, path)`. Its path.

        Texts are not written. It waits for the run.

        Raises:
            LgError: the file cannot be written.
        """
        return written_file(path, text_of_golden(golden_of_run(self)))

    def _check_settled(self) -> None:
        if not self.is_settled:
            number = self.view.step_number
            step = f": this is step {number}" if number else ""
            raise LgError(f"{self.number} still {self.status}{step}.", hint=f"%lg_wait {self.number} waits for it.")

    def raise_for_status(self) -> None:
        """Raise if the run ended badly (error, timeout, deleted, unknown); a cancelled or waiting one did not."""
        if problem := error_for(self.number, self.view):
            raise problem

    # -- waiting ------------------------------------------------------------------------------------------------

    def wait(self, timeout: float | None = None) -> Run:
        """Wait until the run has ended or waits for a person.

        Args:
            timeout: seconds; None waits as long as it takes.

        Returns:
            The run itself.

        Raises:
            RunFailed: the graph raised an error; likewise RunTimedOut, RunDeleted.
            WaitTimedOut: `timeout` seconds have passed; the run goes on.
            WaitInterrupted: a kernel interrupt; the run goes on.
        """
        self.wait_quietly(timeout)
        self.raise_for_status()
        return self

    def wait_quietly(self, timeout: float | None = None) -> Run:
        """Wait like `wait`, but leave it to the caller to look at the status."""
        if self.loop.is_here:
            raise LgError("run.wait() cannot be called on the background loop: await the run.")
        ways = f"%lg_wait {self.number} waits again, %lg_cancel {self.number} stops it."
        try:
            with self.being_awaited():
                self.done.result(seconds_to_wait(timeout))
        except FutureTimeout:
            raise WaitTimedOut(f"{self.number} is still {self.status} after {timeout:g} s.", hint=ways) from None
        except KeyboardInterrupt:
            raise WaitInterrupted(f"Stopped waiting; {self.number} goes on.", hint=ways) from None
        return self

    def __await__(self) -> Generator[Any, None, Run]:
        return self._awaited().__await__()

    async def _awaited(self) -> Run:
        with interruptible_wait(), self.being_awaited():
            await asyncio.wait({asyncio.wrap_future(self.done)})
        self.raise_for_status()
        return self

    @property
    def is_awaited(self) -> bool:
        """Whether somebody waits for it, or did when it ended: then its end is no news."""
        return self._waiters > 0 or self._was_awaited

    @contextmanager
    def being_awaited(self) -> Iterator[None]:
        """Count as somebody who waits for it."""
        self._waiters += 1
        try:
            yield
        finally:
            self._was_awaited = self.done.done()
            self._waiters -= 1

    # -- doing --------------------------------------------------------------------------------------------------

    @property
    def steps(self) -> Table:
        """Its steps until now, those of subgraphs too: a table; `.df` has node, namespace, started, seconds, tokens, model, ….

        `run.data_of(run.view.steps[0])` reads what a step read and wrote.
        """
        return steps_table(self.view, self.number)

    def data_of(self, step: Step) -> StepData | None:
        """What one of its steps read and wrote; None if the deployment kept no checkpoint of it."""
        return step_data(self.connection, self.thread_id, self.run_id, self.view.steps, step)

    def cancel(self, *, rollback: bool = False) -> Run:
        """Ask the server to cancel the run, and wait a moment (at most 2 s) for it to stop.

        Args:
            rollback: also delete the run and what it did to the thread.

        Raises:
            AlreadyEnded: it has ended.
        """
        if self.loop.is_here:
            raise LgError("run.cancel() cannot be called on the background loop.")
        found = self.loop.wait(cancel_runs([self], rollback=rollback))
        for _, problem in found.problems:
            raise problem
        if found.ended:
            raise AlreadyEnded(f"{self.number} has already ended: {self.status}.")
        return self

    def request_cancel(self, failed: Callable[[str], None]) -> None:
        """Cancel from a button: returns at once; `failed` is told in words if it does not work."""
        if not self.is_settled:
            self.begin_cancel()
            self.loop.start(self._cancel_in_background(failed))

    async def _cancel_in_background(self, failed: Callable[[str], None]) -> None:
        for _, problem in (await cancel_runs([self])).problems:
            failed(str(problem))

    def begin_cancel(self, *, rollback: bool = False) -> None:
        """It is about to be cancelled: its end will mean that, and its note says so."""
        self._follower.is_cancelling = True
        self.expect_rollback(rollback)
        self.set_note("cancelling…")

    def end_cancel(self) -> None:
        """It was not cancelled after all."""
        self._follower.is_cancelling = False
        self.expect_rollback(False)
        self.set_note("")

    def expect_rollback(self, is_expected: bool) -> None:
        """It is about to be rolled back (or is not, after all): the server calls it cancelled before it is gone."""
        self._follower.is_rolled_back = is_expected

    def look_now(self) -> None:
        """Ask the server what became of it, as far as no stream is about to tell. On the background loop."""
        self._follower.look_now()

    @overload
    def stream(self) -> EventStream[Event]: ...
    @overload
    def stream(self, mode: Mode, /, *modes: Mode) -> EventStream[StreamPart]: ...
    def stream(self, *modes: Mode) -> EventStream[Event] | EventStream[StreamPart]:
        """What comes of the run from its beginning until it ends, in a `for` or an `async for`.

        Args:
            modes: Stream modes, "values", "custom", …: then it gives their parts as the server sends them, and no events.

        Example:
            >>> for event in run.stream():
            ...     print(event)
        """
        made = self.info.launch
        is_whole = made is None or made.request.with_subgraphs
        source = Source(self.number, self._follower, self.loop, self.done, lambda: self.view, is_whole)
        return parts_of(source, modes) if modes else events_of(source)

    def on_finish(self, callback: Callable[[Run], object]) -> Run:
        """Call `callback(run)` once, on a thread of its own, when the run has ended or waits for a person.

        What it prints, and an error that it raises, is shown in the cell that registers it; with nbclient or papermill at the end
        of the cell that runs then, which calls it. It is not called if the session ends first: the run goes on.

        Args:
            callback: a function of the run; of a run that has ended already it is called at once.

        Raises:
            CommandError: it is no function, or an async one.

        Example:
            >>> run.on_finish(lambda run: print(run.status))
        """
        if not callable(callback):
            raise CommandError(f"This cannot be called: it is {type_phrase(callback)}.", hint="run.on_finish(print)")
        if iscoroutinefunction(callback) or iscoroutinefunction(getattr(callback, "__call__", None)):  # noqa: B004
            raise CommandError("on_finish wants a plain function: nothing would await this one.", hint="await run")
        call_when_done(f"on_finish {self.number}", self.done, partial(callback, self), lambda: not self._is_left)
        return self

    # -- being followed -----------------------------------------------------------------------------------------

    def observe(self, observer: Callable[[Run], None]) -> Callable[[], None]:
        """Call `observer(run)` on the background loop at each change, the last one included; what is returned ends that."""
        with _lock:
            self._observers = (*self._observers, observer)
        if self.is_settled:
            observer(self)

        def unsubscribe() -> None:
            with _lock:
                self._observers = tuple(each for each in self._observers if each is not observer)

        return unsubscribe

    @property
    def interrupts(self) -> tuple[Interrupt, ...]:
        """What it asked a person when it stopped: `.question`, and of tool calls `.actions`, each with `.args` and `.ways`."""
        return self.view.interrupts

    def is_on(self, connection: Connection) -> bool:
        """Whether this is the deployment that it runs on."""
        return self.connection.url == connection.url

    @property
    def is_waiting(self) -> bool:
        """Whether it can be answered: it stopped for a person, or failed with its question open, and nothing ran since."""
        asks = self.status == "waiting" or (self.status == "error" and bool(self.view.interrupts))
        return self.is_settled and asks and not (self._went_on or self.info.is_stateless)

    @property
    def can_run_again(self) -> bool:
        """Whether what failed in it can run again: it asks nothing, and nothing ran on its thread since."""
        failed = self.is_settled and self.status in ("error", "timeout") and not self.view.interrupts
        return failed and not (self._went_on or self.info.is_stateless)

    @property
    def is_cancelling(self) -> bool:
        """Whether a person of this session has asked for its end, and the deployment has not refused."""
        return self._following is not None and self._following.is_cancelling

    def end_waiting(self, note: str) -> None:
        """Its thread has gone on: say so beside the status of one that waited, once."""
        if self.can_run_again:
            self._went_on = True
            self._tell()
        elif self.is_waiting:
            self._went_on = True
            if self.status == "waiting":
                self._see(settle(self.view, "success", at=self.view.ended_at))
            self.set_note(note)

    def set_note(self, note: str) -> None:
        """Put a few words beside the status ("" for none)."""
        self._note = note
        self._tell()

    def set_again(self, again: Again) -> None:
        """Say that its cell ran before on this thread."""
        self.again = again
        self._tell()

    def set_pending_note(self, note: str) -> None:
        """Say what it waits for while it is pending."""
        self.pending_note = note
        self._tell()

    def start_following(self, pool_of: Callable[[Connection], StreamPool], packer: Packer | None = None) -> None:
        """Begin to follow it on the background loop, as one of those that share the streams of its connection.

        Args:
            pool_of: what shares them out.
            packer: packs what is left of it when it has ended.
        """
        self._pool_of = pool_of
        self._packer = packer
        self._follower.pool = pool_of(self.connection)
        self.loop.start(self._follow())

    def follow_again(self) -> None:
        """Follow it from its beginning if its end was never known: its deployment may be there again."""
        with _lock:
            if not self._is_settled or self.status != "unknown":
                return
            self.done = LoopFuture()
            self.done.set_running_or_notify_cancel()
            self._is_settled = self._is_left = False
        self._see(RunView(created_at=self.view.created_at))
        target = replace(self._ending().target, is_attached=True)
        self._following = Follower(self.connection, target, self._changed, view=self.view)
        self.start_following(self._pool_of, self._packer)
        self._tell()

    async def _follow(self) -> None:
        try:
            outcome = await self._follower.follow()
            self._row = outcome.row
            self._see(self._follower.view)
        except BaseException as problem:  # whoever waits must hear of it
            self._is_left = isinstance(problem, asyncio.CancelledError)  # the session ends, and not the run
            why = "this session follows it no more." if self._is_left else f"following it failed: {problem}"
            lost = replace(self.view, error=type(problem).__name__, error_message=why)
            self._see(settle(lost, "unknown"))
            if not isinstance(problem, (Exception, asyncio.CancelledError)):
                raise
            if isinstance(problem, Exception):
                log.exception("following %s failed", self.number)
        finally:
            self._note = ""
            self._is_settled = True
            self.done.set_result(None)
            self._tell()
            self._slim_down()

    def _see(self, view: RunView) -> None:
        if self._end is not None:
            end = self._end.read()
            self._row, self._target = end.row, end.target
        self._view, self._status = view, view.status
        self._end = None

    def _slim_down(self) -> None:
        """Let go of what only following it needed, and pack what is seldom read: a session keeps thousands of settled runs."""
        kept = self._following
        if kept is not None and kept.values is None and not (kept.is_cancelling or kept.is_rolled_back):
            self._following = None
        with _lock:
            if self._is_settled:
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

    @property
    def _follower(self) -> Follower:
        if self._following is not None:
            return self._following
        ended = Follower(self.connection, self._ending().target, self._changed, view=self.view)
        ended.parts_told = 1  # whoever listens now comes too late
        return ended

    def _changed(self, view: RunView, note: str) -> None:
        self._see(view)
        if note or not self._follower.is_cancelling:
            self._note = note
        self._tell()

    def _tell(self) -> None:
        for observer in self._observers:
            try:
                observer(self)
            except Exception:
                log.exception("an observer of %s failed", self.number)
