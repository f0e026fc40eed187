"""Scores the runs of a batch: each when it ends, or all that have ended. On the background loop; runs no graph."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from lg_magics.errors import DeploymentError, NotFound
from lg_magics.follow.batch_requests import BatchCalls
from lg_magics.follow.scorer_threads import GIVEN_UP, Returned, ScorerThreads, words_of
from lg_magics.model.batch import BatchEntries, Entry
from lg_magics.model.batch_plan import BatchPlan
from lg_magics.model.scores import Scored, ScoreNames, Scorer, own_copy, replaced_scores, scores_from

__all__ = ["BatchScores", "Scoring"]


class Scoring:
    """Calls some scorers in the context in which this object was created."""

    def __init__(self, scorers: Sequence[Scorer]) -> None:
        self.scorers = tuple(scorers)
        self.threads = ScorerThreads()
        self.names = ScoreNames()

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
                    found |= scores_from(value, scorer, self.names)
                except Exception as problem:  # noqa: BLE001 - what it returned is the user's too
                    error = words_of(problem)
            if error:
                found |= self.names.failures(scorer.name, error)
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
        self.waited_for = 0
        self._calls = calls
        self._plan = plan
        self._refer_to(plan.reference)
        self._table = table
        self._scorings = [Scoring(scorers)] if scorers else []  # in the order in which they were given
        self._order: dict[int, tuple[str, ...]] = {}  # by place: the names of the scores, before some were replaced
        self._is_given_up = False
        self._limit = asyncio.Semaphore(plan.concurrency)
        # They ended in another kernel, or the batch was cancelled before they were scored.
        self._unscored = self._good()

    def _refer_to(self, column: str) -> None:
        self.reference, self._is_single = column, self._plan.has_single_references(column)

    def _good(self) -> list[int]:
        return [place for place, entry in enumerate(self._table.all) if entry.status == "success"]

    async def score(self, place: int, entry: Entry, values: object, scorings: Sequence[Scoring] | None = None) -> None:
        """Score a run that left these values, with some scorers or all; as many runs at a time as the batch runs.

        `entry` is the run's entry. Its scores are dropped if the row is retried meanwhile. If `values` is a NotFound, the
        scorers' errors are this.
        """
        scorings = self._scorings if scorings is None else scorings
        if not scorings:
            return
        async with self._limit:
            if not self._is_current(place, entry):
                return
            if isinstance(values, NotFound):
                self._set_missing(place, values, scorings)
                return
            given = self._plan.given(entry, values, self.reference, self._is_single)
            known = [scoring.names.known for scoring in scorings]
            found: dict[str, Scored] = {}
            self.waited_for += 1
            try:
                for scoring in scorings:
                    found |= await scoring.scores(given)
            finally:
                self.waited_for -= 1
            if self._is_current(place, entry):
                self._set_scores(place, found, {each.name for scoring in scorings for each in scoring.scorers})
            for scoring, before in zip(scorings, known, strict=True):
                self._rename_early_errors(scoring.names, scoring.names.known - before)

    def _set_missing(self, place: int, problem: NotFound, scorings: Sequence[Scoring]) -> None:
        """Record that a run cannot be scored, since its values are not on the deployment any more."""
        pairs = [(scoring, scorer.name) for scoring in scorings for scorer in scoring.scorers]
        found: dict[str, Scored] = {}
        for scoring, name in pairs:
            found |= scoring.names.failures(name, f"NotFound: {problem.message}")
        self._set_scores(place, found, {name for _, name in pairs})

    def _set_scores(self, place: int, found: Mapping[str, Scored], scorers: Collection[str]) -> None:
        if any(score.error == GIVEN_UP for score in found.values()):
            self._unscored.append(place)
        scores = replaced_scores(self._table.all[place].scores, found, scorers)
        order = (*self._order.get(place, ()), *scores)
        self._table.set(place, scores={name: scores[name] for name in order if name in scores})

    def _rename_early_errors(self, names: ScoreNames, scorers: Collection[str]) -> None:
        """Rename the errors that scorers raised in earlier rows, now that they have returned the names of their scores."""
        for place, entry in enumerate(self._table.all) if scorers else ():
            renamed = names.renamed(entry.scores, scorers)
            if renamed.keys() != entry.scores.keys():
                self._table.set(place, scores=renamed)

    def _is_current(self, place: int, entry: Entry) -> bool:
        return self._table.all[place].run_id == entry.run_id

    async def score_rest(self) -> DeploymentError | None:
        """Score the runs that were not scored when they ended. Return the problem if the deployment is away, or refuses."""
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
        """Score all successful runs with these scorers. A scorer replaces an earlier one of the same name, in all rows.

        Raises:
            DeploymentError: the deployment does not answer, or refuses.
        """
        self._refer_to(reference)
        names = {each.name for each in scorers}
        for scoring in self._scorings:
            scoring.scorers = tuple(each for each in scoring.scorers if each.name not in names)
        for place, entry in enumerate(self._table.all):
            if any(score.scorer in names for score in entry.scores.values()):
                self._order[place] = tuple(entry.scores)
                self._table.set(place, scores=replaced_scores(entry.scores, {}, names))
        scoring = Scoring(scorers)
        self._scorings = [*(each for each in self._scorings if each.scorers), scoring]
        try:
            await self._score_all(self._good(), [scoring])
        finally:
            scoring.threads.close()
            self._order.clear()

    async def _score_all(self, places: Sequence[int], scorings: Sequence[Scoring]) -> None:
        """Score the runs at these places, with values read from the deployment page by page and not kept."""
        entries = [(place, self._table.all[place]) for place in places]
        by_thread = {entry.thread_id: (place, entry) for place, entry in entries}
        async for page in self._calls.values_of(entry for _, entry in entries):
            await asyncio.gather(*(self.score(*by_thread[thread_id], values, scorings) for thread_id, values in page))

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
