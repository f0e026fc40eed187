"""Scores the runs of a batch: each when it ends, or all that have ended. On the background loop; runs nothing on the deployment.

- A plain function runs on a thread of its own, for one row at a time, so that it need not be thread-safe; several functions run
  side by side. An async one runs on a loop of its own, for several rows at a time.
- A scorer's exception never leaves its thread: a future cannot carry StopIteration, and SystemExit would end the background loop.
- The threads are daemons: a scorer that never returns does not keep the process alive. Waiting for one can stop at any time.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import inspect
import queue
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import Future
from typing import Any, TypeAlias

from lg_magics.errors import DeploymentError
from lg_magics.follow.batch_requests import BatchCalls
from lg_magics.model.batch import BatchEntries
from lg_magics.model.batch_plan import BatchPlan
from lg_magics.model.scores import Scored, ScoreNames, Scorer, own_copy, scores_from

__all__ = ["BatchScores", "ScorerThreads", "Scoring"]

Returned: TypeAlias = tuple[Any, str]
"""A scorer's return value, and its error in words ("" if it raised none)."""
GIVEN_UP = "Not scored: the batch was cancelled."


class ScorerThreads:
    """The threads of one batch's scorers, each started when it is needed. Used on one event loop.

    Attributes:
        is_given_up: whether calls return an error at once and call no scorer.
    """

    def __init__(self) -> None:
        self._context = contextvars.copy_context()
        self._threads: dict[str, _CallingThread] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiting: dict[asyncio.Future[Returned], Future[Returned]] = {}
        self.is_given_up = False

    async def called(self, name: str, call: Callable[[], Any]) -> Returned:
        """Call a scorer on the thread of this name; its return value, and its error in words."""
        if self.is_given_up:
            return None, GIVEN_UP
        if name not in self._threads:
            self._threads[name] = _CallingThread()
        run = self._context.copy().run
        value, error = await self._unless_given_up(self._threads[name].submit(lambda: run(_outcome, call)))
        if error or not inspect.isawaitable(value):
            return value, error
        awaited = asyncio.run_coroutine_threadsafe(_awaited(value), self._own_loop())
        return await self._unless_given_up(awaited)

    async def _unless_given_up(self, source: Future[Returned]) -> Returned:
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[Returned] = loop.create_future()

        def settle() -> None:
            if not waiter.done():
                waiter.set_result((None, GIVEN_UP) if source.cancelled() else source.result())

        def notify(_: Future[Returned]) -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(settle)

        self._waiting[waiter] = source
        source.add_done_callback(notify)
        if self.is_given_up:  # since the caller looked
            source.cancel()
        try:
            return await waiter
        finally:
            del self._waiting[waiter]

    def give_up(self) -> None:
        """Stop waiting for scorers, and call none any more. A plain function cannot be stopped: its thread runs on."""
        self.is_given_up = True
        for waiter, source in list(self._waiting.items()):
            source.cancel()
            if not waiter.done():
                waiter.set_result((None, GIVEN_UP))
        self._leave_threads()

    def _own_loop(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            run = self._context.copy().run
            threading.Thread(target=run, args=(_run, self._loop), name="lg_magics async score", daemon=True).start()
        return self._loop

    def close(self) -> None:
        """End the threads when their calls are over; the next call starts new ones."""
        self._leave_threads()
        if self._loop:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._loop = None

    def _leave_threads(self) -> None:
        for each in self._threads.values():
            each.end()
        self._threads = {}


class _CallingThread:
    """A thread that makes one call after another."""

    def __init__(self) -> None:
        self._calls: queue.SimpleQueue[tuple[Future[Returned], Callable[[], Returned]] | None] = queue.SimpleQueue()
        threading.Thread(target=self._run, name="lg_magics score", daemon=True).start()

    def submit(self, call: Callable[[], Returned]) -> Future[Returned]:
        future: Future[Returned] = Future()
        self._calls.put((future, call))
        return future

    def end(self) -> None:
        self._calls.put(None)

    def _run(self) -> None:
        while (each := self._calls.get()) is not None:
            future, call = each
            if future.set_running_or_notify_cancel():
                future.set_result(call())
            del each, future, call  # a scorer's arguments are not kept until the next call


def _run(loop: asyncio.AbstractEventLoop) -> None:
    try:
        loop.run_forever()
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        if left:
            loop.run_until_complete(asyncio.wait(left))
    finally:
        loop.close()


def _outcome(call: Callable[[], Any]) -> Returned:
    try:
        return call(), ""
    except BaseException as problem:  # noqa: BLE001 - a user's function: its error belongs to its row
        return None, words_of(problem)


async def _awaited(value: Awaitable[Any]) -> Returned:
    try:
        return await value, ""
    except BaseException as problem:  # noqa: BLE001 - as above; a CancelledError may be the scorer's own
        return None, words_of(problem)


def words_of(problem: BaseException) -> str:
    """An exception's type and message; the type alone if its `__str__` fails."""
    try:
        words = str(problem)
    except Exception:  # noqa: BLE001 - its __str__ is the user's too
        words = ""
    return f"{type(problem).__name__}: {words}".removesuffix(": ")


class Scoring:
    """Calls some scorers in the context in which this object was created."""

    def __init__(self, scorers: Sequence[Scorer]) -> None:
        self.scorers = tuple(scorers)
        self.threads = ScorerThreads()
        self._names = ScoreNames()

    async def scores(self, given: Mapping[str, Any]) -> dict[str, Scored]:
        """The scores of a run, by name; where a scorer fails, its error.

        Args:
            given: what scorers take, by name: `outputs`, `row`, ….
        """
        found: dict[str, Scored] = {}
        returned = await asyncio.gather(*(self._called(scorer, given) for scorer in self.scorers))
        for scorer, (value, error) in zip(self.scorers, returned, strict=True):
            if not error:
                try:
                    found |= scores_from(value, scorer, self._names)
                except Exception as problem:  # noqa: BLE001 - what it returned is the user's too
                    error = words_of(problem)
            if error:
                found |= {name: Scored(error=error) for name in self._names.failed(scorer.name)}
        return found

    async def _called(self, scorer: Scorer, given: Mapping[str, Any]) -> Returned:
        """Call a scorer with copies of its arguments, which it may change."""
        return await self.threads.called(
            scorer.name, lambda: scorer.call(**{name: own_copy(given[name]) for name in scorer.takes})
        )


class BatchScores:
    """The scores of one batch.

    Attributes:
        reference: the column whose cells are compared with; "" if there is none.
        waited_for: how many runs are being scored.
    """

    def __init__(self, calls: BatchCalls, plan: BatchPlan, table: BatchEntries, scorers: Sequence[Scorer]) -> None:
        self.reference = plan.reference
        self.waited_for = 0
        self._calls = calls
        self._plan = plan
        self._table = table
        self._scorings = [Scoring(scorers)] if scorers else []  # in the order in which they were given
        self._is_given_up = False
        self._limit = asyncio.Semaphore(plan.concurrency)
        # They ended in another kernel, or the batch was cancelled before they were scored.
        self._unscored = self._good()

    def _good(self) -> list[int]:
        return [place for place, entry in enumerate(self._table.all) if entry.status == "success"]

    async def score(self, place: int, values: object, scorings: Sequence[Scoring] | None = None) -> None:
        """Score a run that left these values, with some scorers or all; as many runs at a time as the batch runs."""
        scorings = self._scorings if scorings is None else scorings
        if not scorings:
            return
        async with self._limit:
            entry = self._table.all[place]
            given = self._plan.given(entry, values, self.reference)
            found: dict[str, Scored] = {}
            self.waited_for += 1
            try:
                for scoring in scorings:
                    found |= await scoring.scores(given)
            finally:
                self.waited_for -= 1
            if any(score.error == GIVEN_UP for score in found.values()):
                self._unscored.append(place)
            self._table.set(place, scores={**entry.scores, **found})

    async def score_rest(self) -> DeploymentError | None:
        """Score the runs that were not scored when they ended. Returns the problem if the deployment stopped answering."""
        if self._is_given_up:
            return None
        wanted, self._unscored = self._unscored, []
        places = [place for place in wanted if self._table.all[place].status == "success"]
        if self._scorings and places:
            try:
                await self._score_all(places, self._scorings)
            except DeploymentError as problem:
                self._unscored = wanted
                return problem
        return None

    async def score_again(self, scorers: Sequence[Scorer], reference: str) -> None:
        """Score all successful runs with these scorers. A scorer replaces an earlier one of the same name.

        Raises:
            DeploymentError: the deployment does not answer, or refuses.
        """
        self.reference = reference
        names = {each.name for each in scorers}
        for scoring in self._scorings:
            scoring.scorers = tuple(each for each in scoring.scorers if each.name not in names)
        scoring = Scoring(scorers)
        self._scorings = [*(each for each in self._scorings if each.scorers), scoring]
        try:
            await self._score_all(self._good(), [scoring])
        finally:
            scoring.threads.close()

    async def _score_all(self, places: Sequence[int], scorings: Sequence[Scoring]) -> None:
        """Score the runs at these places, with values read from the deployment page by page and not kept."""
        by_thread = {self._table.all[place].thread_id: place for place in places}
        async for page in self._calls.values_of(self._table.all[place] for place in places):
            await asyncio.gather(*(self.score(by_thread[thread_id], values, scorings) for thread_id, values in page))

    def give_up(self) -> None:
        """Stop waiting for scorers and call none until `resume`. The runs concerned get an error in place of the score."""
        self._is_given_up = True
        for each in self._scorings:
            each.threads.give_up()

    def resume(self) -> None:
        """Call scorers again. Runs that were not scored meanwhile are scored at the end."""
        self._is_given_up = False
        for each in self._scorings:
            each.threads.is_given_up = False

    def close(self) -> None:
        """End the scorers' threads; the next call starts new ones."""
        for each in self._scorings:
            each.threads.close()
