"""Reads which tools a run called and how it ended, for `%lg_check`. Depends on the run's handle; draws nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lg_magics.follow.tracked_run import tracked
from lg_magics.model.golden import Golden, golden_of
from lg_magics.model.records import StateRecord

if TYPE_CHECKING:
    from lg_magics.follow.run import Run

__all__ = ["golden_of_run"]

MOST = 1000


def golden_of_run(run: Run) -> Golden:
    """Return how a run ended and which tools it called, without what was on its thread before. Waits for its end.

    A run that resumes a question or a breakpoint includes the calls of the runs that it resumes.

    Raises:
        DeploymentError: the deployment does not answer, or refuses.
    """
    run.wait_quietly()
    if run.info.is_stateless:
        return golden_of(run.status, tracked(run).values_left())
    states = tracked(run).connection.history.of_run(run.thread_id, run.run_id, limit=MOST)
    if not states:
        return golden_of(run.status, None)
    return golden_of(run.status, states[0].get("values"), _begin(run, states[-1]).get("values"))


def _begin(run: Run, first: StateRecord) -> StateRecord:
    """The last checkpoint, at or before the run's first, at which a person sent input or the state was changed."""
    if not _goes_on(first):
        return first
    parent = _parent_of(first)
    for page in tracked(run).connection.history.pages(run.thread_id, before=first.checkpoint_id):
        for state in page.rows:
            if state.checkpoint_id == parent:
                if not _goes_on(state):
                    return state
                first, parent = state, _parent_of(state)
    return first


def _goes_on(state: StateRecord) -> bool:
    return state.metadata.get("source") == "loop"


def _parent_of(state: StateRecord) -> str:
    return str(state.mapping("parent_checkpoint").get("checkpoint_id") or "")
