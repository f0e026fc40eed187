"""The handle of a run: a person reads, awaits, iterates and cancels it. `tracked_run` follows the run; this draws nothing.

A handle can be pickled. Unpickled, it shows what was known then. On a request that needs more, it goes on in the session of its
process, with the function that was passed to `continue_unpickled_with`.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass, replace
from functools import partial
from inspect import iscoroutinefunction
from pathlib import Path
from typing import Any, overload

from lg_magics.errors import (
    AlreadyEnded,
    CommandError,
    LgError,
    NotConnected,
    WaitInterrupted,
    WaitTimedOut,
    type_phrase,
)
from lg_magics.files import written_file
from lg_magics.follow.callbacks import call_when_done
from lg_magics.follow.cancelling import cancel_runs
from lg_magics.follow.event_stream import EventStream, events_of, parts_of
from lg_magics.follow.golden import golden_of_run
from lg_magics.follow.outcome import error_for
from lg_magics.follow.step_data import StepData, step_data
from lg_magics.follow.tracked_run import TrackedRun
from lg_magics.follow.waiting import interruptible_wait, seconds_to_wait, ways_after
from lg_magics.model.cell_rerun import CellRerun
from lg_magics.model.events import Event
from lg_magics.model.golden import text_of_golden
from lg_magics.model.interrupts import Interrupt
from lg_magics.model.messages import Message, messages_from_values
from lg_magics.model.result import Result
from lg_magics.model.run_info import RunInfo, Target
from lg_magics.model.run_steps import Step
from lg_magics.model.run_view import RunView, Status
from lg_magics.model.secrets import row_without_secrets
from lg_magics.model.stream_parts import Mode, StreamPart
from lg_magics.tables.steps import steps_table
from lg_magics.tables.table import Table

__all__ = ["PickledRun", "Run", "continue_unpickled_with"]


@dataclass(frozen=True, slots=True)
class PickledRun:
    """The content of a pickled handle: no key, no header, nothing of the session.

    Attributes:
        url: the address of its deployment.
        values: the state that the run left, if it is stateless and has ended.
    """

    info: RunInfo
    target: Target
    url: str
    view: RunView
    note: str
    is_settled: bool
    is_waiting: bool
    has_card: bool
    rerun: CellRerun | None = None
    values: Any = None

    @property
    def status(self) -> Status:
        """The status that it had."""
        return self.view.status


_continue: Callable[[Run, PickledRun], TrackedRun] | None = None


def continue_unpickled_with(follow: Callable[[Run, PickledRun], TrackedRun] | None) -> None:
    """Make unpickled handles call `follow(handle, pickled)` to go on; it raises LgError where that is not possible."""
    global _continue
    _continue = follow


def _unpickled(pickled: PickledRun) -> Run:
    return Run(pickled)


class Run(Result):
    """A run in the background. Wait for it with `run.wait()`, `await run` or `%lg_wait`.

    It can be pickled: unpickled in a session that is connected to the same deployment, it goes on there.

    Example:
        >>> run = lg.run("what's the weather in sf")
        >>> run.wait().status
        'success'
    """

    __slots__ = ("__weakref__", "_held")

    def __init__(self, held: TrackedRun | PickledRun) -> None:
        self._held = held
        if isinstance(held, TrackedRun):
            held.handle = self

    def __repr__(self) -> str:
        held = self._held
        where = f" of {held.url}" if isinstance(held, PickledRun) else ""
        return f"<Run {held.info.number}{where}: {held.status} on {held.info.assistant}>"

    # -- what it is ---------------------------------------------------------------------------------------------

    @property
    def info(self) -> RunInfo:
        """What does not change about it: its thread, assistant, cell, how it was launched."""
        return self._held.info

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
    def view(self) -> RunView:
        """The run as a card shows it now; frozen."""
        return self._seen.view

    @property
    def status(self) -> Status:
        """pending, running, success, waiting, cancelled, error, timeout, rolled back, deleted or unknown."""
        return self._seen.status

    @property
    def note(self) -> str:
        """A few words beside the status: about the connection, what a pending run waits for, or what ended the run."""
        return self._seen.note

    @property
    def is_settled(self) -> bool:
        """Whether its outcome is known."""
        return self._seen.is_settled

    @property
    def is_waiting(self) -> bool:
        """Whether it can be answered: it stopped for a person, or failed with its question open, and nothing ran since."""
        return self._seen.is_waiting

    @property
    def interrupts(self) -> tuple[Interrupt, ...]:
        """The questions it asked when it stopped: `.question`, and for tool calls `.actions`, each with `.args` and `.ways`."""
        return self.view.interrupts

    @property
    def raw(self) -> Mapping[str, Any]:
        """The server's own row of the run, as a dict; read again while the run is live.

        The server copies headers into the run's config: values that look secret are hidden there.

        Raises:
            RunDeleted: the run is gone.
        """
        row = self._tracked.row
        kwargs = row.get("kwargs")  # its input is the person's own, and is not changed
        hidden = {"kwargs": row_without_secrets(kwargs)} if isinstance(kwargs, Mapping) else {}
        return {**row_without_secrets(row), **hidden}

    # -- its outcome --------------------------------------------------------------------------------------------

    @property
    def error(self) -> str | None:
        """The error's type and text; None if there is none."""
        return self.view.whole_error or None

    @property
    def result(self) -> Any:
        """The state's values as this run left them, even if other runs followed on the thread.

        Raises:
            LgError: the run is still live.
            RunFailed: it failed; likewise RunTimedOut, RunDeleted.
        """
        if not self.is_settled:
            number = self.view.step_number
            step = f": this is step {number}" if number else ""
            raise LgError(f"{self.number} still {self.status}{step}.", hint=f"%lg_wait {self.number} waits for it.")
        self.raise_for_status()
        held = self._held
        if isinstance(held, PickledRun) and held.info.is_stateless:
            return held.values
        return self._tracked.values_left()

    @property
    def messages(self) -> tuple[Message, ...]:
        """The conversation as this run left it."""
        return messages_from_values(self.result)

    @property
    def steps(self) -> Table:
        """Its steps until now, those of subgraphs too: a table; `.df` has node, namespace, started, seconds, tokens, model, ….

        `run.data_of(run.view.steps[0])` reads what a step read and wrote.
        """
        return steps_table(self.view, self.number)

    def data_of(self, step: Step) -> StepData | None:
        """Read what one of its steps read and wrote; None if the deployment kept no checkpoint of it."""
        return step_data(self._tracked.connection, self.thread_id, self.run_id, self.view.steps, step)

    def raise_for_status(self) -> None:
        """Raise if the run ended badly (error, timeout, rolled back, deleted, unknown). Cancelled and waiting are not errors."""
        if problem := error_for(self.number, self.view):
            raise problem

    def freeze(self, path: str | os.PathLike[str]) -> Path:
        """Write which tools the run called, with their arguments, and how it ended, for `lg.check(run, path)`; returns the path.

        Texts are not written. It waits for the run.

        Raises:
            LgError: the file cannot be written.
        """
        return written_file(path, text_of_golden(golden_of_run(self)))

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
        """Wait like `wait`, but do not raise if the run ended badly: `.status` and `.error` have the outcome."""
        if self._has_ended_for_good:
            return self
        run = self._tracked
        if run.loop.is_here:
            raise LgError("run.wait() cannot be called on the background loop: await the run.")
        hint = ways_after(self.number)
        try:
            with run.being_awaited():
                run.done.result(seconds_to_wait(timeout))
        except FutureTimeout:
            raise WaitTimedOut(f"{self.number} is still {self.status} after {timeout:g} s.", hint=hint) from None
        except KeyboardInterrupt:
            raise WaitInterrupted(f"Stopped waiting; {self.number} goes on.", hint=hint) from None
        return self

    def __await__(self) -> Generator[Any, None, Run]:
        return self._awaited().__await__()

    async def _awaited(self) -> Run:
        if not self._has_ended_for_good:
            run = self._tracked
            with interruptible_wait(run.info.number, ways_after(run.info.number)), run.being_awaited():
                await asyncio.wait({asyncio.wrap_future(run.done)})
        self.raise_for_status()
        return self

    # -- doing --------------------------------------------------------------------------------------------------

    def cancel(self, *, rollback: bool = False) -> Run:
        """Ask the server to cancel the run, and wait a moment (at most 2 s) for it to stop.

        Args:
            rollback: also delete the run and what it did to the thread.

        Raises:
            AlreadyEnded: it has ended.
            WriteInterrupted: a kernel interrupt; it may be cancelled.
        """
        loop = self._tracked.loop
        if loop.is_here:
            raise LgError("run.cancel() cannot be called on the background loop.")
        asking = cancel_runs([self], rollback=rollback)
        found = loop.wait(asking, doing=f"cancel {self.number}", check_with="%lg_runs")
        for _, problem in found.problems:
            raise problem
        if found.ended:
            raise AlreadyEnded(f"{self.number} has already ended: {self.status}.")
        return self

    @overload
    def stream(self) -> EventStream[Event]: ...
    @overload
    def stream(self, mode: Mode, /, *modes: Mode) -> EventStream[StreamPart]: ...
    def stream(self, *modes: Mode) -> EventStream[Event] | EventStream[StreamPart]:
        """Iterate the run's events from its beginning to its end, in a `for` or an `async for`.

        Args:
            modes: Stream modes, "values", "custom", …: yields their parts as the server sends them, and no events.

        Example:
            >>> for event in run.stream():
            ...     print(event)
        """
        return parts_of(self._tracked, modes) if modes else events_of(self._tracked)

    def on_finish(self, callback: Callable[[Run], object]) -> Run:
        """Call `callback(run)` once, on a thread of its own, when the run has ended or waits for a person.

        Its output and its error are shown in the cell that registers it. With nbclient or papermill, the cell that runs at that
        time calls it at its end. It is not called if the session ends first: the run goes on.

        Args:
            callback: a function of the run. It is called at once if the run has ended already.

        Raises:
            CommandError: it is not a function, or it is an async function.

        Example:
            >>> run.on_finish(lambda run: print(run.status))
        """
        if not callable(callback):
            raise CommandError(f"on_finish needs a function, got {type_phrase(callback)}.", hint="run.on_finish(print)")
        if iscoroutinefunction(callback) or iscoroutinefunction(getattr(callback, "__call__", None)):  # noqa: B004
            raise CommandError("on_finish needs a plain function: an async one would not be awaited.", hint="await run")
        run = self._tracked
        call_when_done(f"on_finish {self.number}", run.done, partial(callback, self), lambda: not run.is_detached)
        return self

    # -- pickled and unpickled ----------------------------------------------------------------------------------

    @property
    def _tracked(self) -> TrackedRun:
        """The tracked run; an unpickled handle starts to be followed here."""
        if isinstance(held := self._held, PickledRun):
            if _continue is None:
                words = f"{self.number} runs on {held.url}, and this process has no session."
                raise NotConnected(words, hint=f"%lg_connect {held.url}")
            self._held = held = _continue(self, held)
        return held

    @property
    def _seen(self) -> TrackedRun | PickledRun:
        """The known state of the run. A run that was live or waiting when pickled is followed again, where possible."""
        if isinstance(held := self._held, PickledRun) and (held.is_waiting or not held.is_settled):
            with contextlib.suppress(LgError):
                return self._tracked
        return held

    @property
    def _has_ended_for_good(self) -> bool:
        """Whether this is an unpickled handle of an ended run: there is nothing to wait for."""
        return isinstance(held := self._held, PickledRun) and held.is_settled and not held.is_waiting

    def __reduce__(self) -> tuple[Any, ...]:
        held = self._held
        if isinstance(held, PickledRun):
            return _unpickled, (held,)
        info = replace(held.info, launch=None)  # it holds headers
        has_values = info.is_stateless and held.is_settled
        pickled = PickledRun(
            info=info,
            target=held.target,
            url=held.connection.url,
            view=held.view,
            note=held.note,
            is_settled=held.is_settled,
            is_waiting=held.is_waiting,
            has_card=held.has_card,
            rerun=held.rerun,
            values=held.values_left() if has_values else None,
        )
        return _unpickled, (pickled,)

    def __copy__(self) -> Run:
        return self

    def __deepcopy__(self, memo: object) -> Run:
        return self
