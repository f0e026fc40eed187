"""Scores the runs of a batch: each as it ends, or all that have ended. On the background loop; runs nothing.

- What a scorer raises never leaves its thread: a future can carry no StopIteration, a SystemExit would end the background loop.
- A plain function is called for one row at a time, so that it need not be thread-safe; several are called side by side. An async
  one runs on a loop of its own, for several rows at a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from lg_magics.errors import DeploymentError
from lg_magics.follow.batch_calls import BatchCalls
from lg_magics.follow.batch_entries import BatchEntries
from lg_magics.follow.scorer_threads import ScorerThreads, words_of
from lg_magics.model.batch_plan import BatchPlan
from lg_magics.model.scores import Scored, Scorer, scores_from

__all__ = ["BatchScores"]


class Scoring:
    """Calls scorers in the context in which this was made."""

    def __init__(self, scorers: Sequence[Scorer]) -> None:
        self.scorers = tuple(scorers)
        self.threads = ScorerThreads()
        self._keys: dict[str, tuple[str, ...]] = {}  # by scorer the names of its scores, for its errors

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
                    scores = scores_from(value, scorer, found)
                    self._keys[scorer.name] = tuple(scores) or self._keys.get(scorer.name, ())
                    found |= scores
                except Exception as problem:  # noqa: BLE001 - what it returned is somebody else's too
                    error = words_of(problem)
            if error:
                found |= {key: Scored(error=error) for key in self._keys.get(scorer.name) or (scorer.name,)}
        return found

    async def _called(self, scorer: Scorer, given: Mapping[str, Any]) -> tuple[Any, str]:
        """What a scorer returned, and what it raised."""
        arguments = {name: given[name] for name in scorer.takes}
        return await self.threads.called(scorer.name, lambda: scorer.call(**arguments))


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
        self._scoring = Scoring(scorers)
        self._unscored = self._good()  # they ended before there was somebody to score them: in another kernel

    def _good(self) -> list[int]:
        return [place for place, entry in enumerate(self._table.all) if entry.status == "success"]

    async def score(self, place: int, values: object) -> None:
        """Score a run that left these values."""
        if self._scoring.scorers:
            entry = self._table.all[place]
            self.waited_for += 1
            try:
                found = await self._scoring.scores(self._plan.given(entry, values, self.reference))
            finally:
                self.waited_for -= 1
            self._table.set(place, scores={**entry.scores, **found})

    async def score_rest(self) -> DeploymentError | None:
        """Score what ended elsewhere; what went wrong, if the deployment stopped answering."""
        if self._scoring.scorers and self._unscored:
            try:
                await self._score_all([place for place in self._unscored if self._table.all[place].status == "success"])
            except DeploymentError as problem:
                return problem
            self._unscored = []
        return None

    async def score_again(self, scorers: Sequence[Scorer], reference: str) -> None:
        """Score all that has ended with these scorers, beside the earlier ones.

        Raises:
            DeploymentError: the deployment does not answer, or refuses.
        """
        self.reference = reference
        before, self._scoring = self._scoring, Scoring(scorers)
        try:
            await self._score_all(self._good())
        finally:
            self._scoring.threads.close()
            self._scoring = Scoring((*before.scorers, *scorers))

    async def _score_all(self, places: Sequence[int]) -> None:
        """Score these from what the deployment holds. Values are read page by page, and not kept."""
        by_thread = {self._table.all[place].thread_id: place for place in places}
        limit = asyncio.Semaphore(self._plan.concurrency)

        async def one(place: int, values: object) -> None:
            async with limit:
                await self.score(place, values)

        async for page in self._calls.values_of(self._table.all[place] for place in places):
            await asyncio.gather(*(one(by_thread[thread_id], values) for thread_id, values in page))

    def give_up(self) -> None:
        """Wait for no scorer any more: what it was to score has an error in place of the score."""
        self._scoring.threads.give_up()

    def close(self) -> None:
        """End the scorers' threads; they come back when they are needed."""
        self._scoring.threads.close()
