"""Iterates a run's events in a `for` or an `async for`. Depends on threads and loops; folds and draws nothing.

- A stream that is opened before the first part listens to the run's own follower: one connection serves both. A later one
  reads the run's stream again from its beginning, as far as the server still has it.
- Items are buffered until they are taken. `break`, an exception, and garbage collection of the stream all stop the reading.
- A wait wakes every POLL_INTERVAL seconds, because asyncio delivers KeyboardInterrupt only at the loop's next event.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import time
import weakref
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Generic, TypeVar

from lg_magics.errors import LgError, WaitInterrupted
from lg_magics.follow.follower import Follower
from lg_magics.follow.loop import refuse_in_fork
from lg_magics.follow.outcome import error_for
from lg_magics.follow.tracked_run import TrackedRun
from lg_magics.follow.waiting import POLL_INTERVAL, only_the_wait_stops, ways_after
from lg_magics.model.events import Event, RunErrored, events_from_part
from lg_magics.model.run_view import RunView
from lg_magics.model.stream_parts import Mode, StreamPart, checked_modes, part_from_event, received_modes, wire_mode
from lg_magics.server.streams import Part

__all__ = ["EventStream", "events_of", "parts_of"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _End:
    problem: Exception | None = None


class _Feed(Generic[T]):
    """The items that have arrived and were not taken yet. Filled on the background loop, emptied on any thread."""

    def __init__(self) -> None:
        self.items: queue.SimpleQueue[T | _End] = queue.SimpleQueue()
        self._bell: tuple[asyncio.AbstractEventLoop, asyncio.Event] | None = None

    def put(self, item: T | _End) -> None:
        self.items.put(item)
        if bell := self._bell:
            self._bell = None
            with contextlib.suppress(RuntimeError):  # its loop is closed: no one waits any more
                bell[0].call_soon_threadsafe(bell[1].set)

    async def arrival(self) -> None:
        """Wait until an item has arrived; at most POLL_INTERVAL seconds."""
        event = asyncio.Event()
        self._bell = asyncio.get_running_loop(), event
        if self.items.empty():
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(event.wait(), POLL_INTERVAL)


class EventStream(Generic[T], Iterator[T], AsyncIterator[T]):
    """The events of a run, until it ends. Iterate it once, in a `for` or an `async for`; `close()` ends it sooner.

    A kernel interrupt in a `for` raises WaitInterrupted: the run goes on. Unreachable is raised if the deployment stopped
    answering, so that the run's end is not known.
    """

    def __init__(self, run: TrackedRun, feed: _Feed[T], reading: Future[None]) -> None:
        self._run = run
        self._feed = feed
        self._end: _End | None = None
        self._stop_reading = weakref.finalize(self, reading.cancel)
        self._stop_reading.atexit = False

    def __repr__(self) -> str:
        return f"<EventStream of {self._run.info.number}>"

    def close(self) -> None:
        """Stop reading; the run goes on."""
        self._end = self._end or _End()
        self._stop_reading()

    def __enter__(self) -> EventStream[T]:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __next__(self) -> T:
        if self._run.loop.is_here:
            raise LgError("A stream cannot be waited for on the background loop: iterate it with `async for`.")
        try:
            while self._end is None:
                if (item := self._taken(POLL_INTERVAL)) is not None:
                    return item
        except KeyboardInterrupt:
            self.close()
            number = self._run.info.number
            ways = f"%lg_wait {number} waits for it, %lg_cancel {number} stops it."
            raise WaitInterrupted(f"Stopped watching; {number} goes on.", hint=ways) from None
        self._raise_problem()
        raise StopIteration

    async def __anext__(self) -> T:
        while self._end is None:
            if (item := self._taken()) is not None:
                return item
            if self._end is None:
                number = self._run.info.number
                with only_the_wait_stops(number, ways_after(number)):
                    await self._feed.arrival()
        self._raise_problem()
        raise StopAsyncIteration

    def batches(self, seconds: float) -> Iterator[list[T]]:
        """The same in lists: the first item at once, then a list of the items of each `seconds`."""
        next_at = 0.0
        for item in self:
            time.sleep(max(0.0, next_at - time.monotonic()))
            batch = [item]
            while self._end is None and (more := self._taken()) is not None:
                batch.append(more)
            yield batch
            next_at = time.monotonic() + seconds

    def _taken(self, seconds: float = 0) -> T | None:
        """The next item, waited for at most so many seconds; None if there is none, or the stream has ended."""
        try:
            item = self._feed.items.get(timeout=seconds) if seconds else self._feed.items.get_nowait()
        except queue.Empty:
            return None
        if isinstance(item, _End):
            self._end = item
            return None
        return item

    def _raise_problem(self) -> None:
        problem = self._end and self._end.problem
        self._end = _End()
        if problem:
            raise problem


def events_of(run: TrackedRun) -> EventStream[Event]:
    """A run's typed events. The server does not replay an error, so one that was missed is added at the end."""
    has_seen_error = False

    def read(part: Part) -> Iterable[Event]:
        nonlocal has_seen_error
        has_seen_error = has_seen_error or part.event == "error"
        return events_from_part(part.event, part.data, part.id)

    def last(view: RunView) -> Iterable[Event]:
        if view.status == "error" and not has_seen_error:
            yield RunErrored(view.ended_at, view.error, view.error_message)

    return _opened(run, read, last)


def parts_of(run: TrackedRun, modes: Sequence[str]) -> EventStream[StreamPart]:
    """The parts that the server sends of a run in these modes.

    Raises:
        LgError: no such mode, or the run was launched without it.
    """
    wanted = _checked(run, modes)

    def read(part: Part) -> Iterable[StreamPart]:
        found = part_from_event(part.event, part.data, part.id)
        return (found,) if found and found.mode in wanted else ()

    return _opened(run, read, lambda view: (), wanted)


def _checked(run: TrackedRun, modes: Sequence[str]) -> tuple[Mode, ...]:
    known, wanted = received_modes(run.target.modes), checked_modes(modes)
    for mode in wanted:
        if mode not in known:
            raise LgError(
                f"{run.info.number} was launched without the mode {mode}: it has {', '.join(known)}.",
                hint=f"%lg_run --mode {mode} TEXT",
            )
    return wanted


def _opened(
    run: TrackedRun,
    read: Callable[[Part], Iterable[T]],
    last: Callable[[RunView], Iterable[T]],
    modes: Sequence[Mode] = (),
) -> EventStream[T]:
    refuse_in_fork(run.done)  # it would read the run's stream again if the parent had read a part, and raise if not
    feed: _Feed[T] = _Feed()
    launched = run.info.launch
    with_subgraphs = launched is None or launched.request.with_subgraphs  # a card asks for them too, for itself

    def wanted(part: Part) -> Iterable[T]:
        return read(part) if with_subgraphs or "|" not in part.event else ()

    return EventStream(run, feed, run.loop.start(_feed_it(run, feed, wanted, last, modes)))


async def _feed_it(
    run: TrackedRun,
    feed: _Feed[T],
    read: Callable[[Part], Iterable[T]],
    last: Callable[[RunView], Iterable[T]],
    modes: Sequence[Mode],
) -> None:
    def on_part(part: Part) -> None:
        for item in read(part):
            feed.put(item)

    problem: Exception | None = None
    try:
        view = await _followed(run, on_part, modes)
        for item in last(view):
            feed.put(item)
        problem = error_for(run.info.number, view) if view.status == "unknown" else None
    except Exception as failure:  # raised where the stream is iterated
        problem = failure
        raise
    finally:
        feed.put(_End(problem))


async def _followed(run: TrackedRun, on_part: Callable[[Part], None], modes: Sequence[Mode]) -> RunView:
    """Call `on_part` with every part of the run until its end; returns the run's view."""
    follower = run.follower
    if follower.listen(on_part, wants_tasks="tasks" in modes):
        try:
            await asyncio.wrap_future(run.done)
        finally:
            follower.stop_listening(on_part)
        return run.view
    own = Follower(follower.connection, follower.target, lambda view, note: None, modes=[*map(wire_mode, modes)])
    own.listen(on_part, wants_tasks="tasks" in modes)
    await own.follow()
    if run.info.is_stateless:
        await asyncio.wrap_future(run.done)  # its outcome is only in the stream, and in this session's own cancel
    return run.view if run.is_settled else own.view
