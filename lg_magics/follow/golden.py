"""What a run did, read from what it left on the deployment. Depends on the run's handle; draws nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lg_magics.model.golden import Golden, golden_of

if TYPE_CHECKING:
    from lg_magics.follow.run import Run

__all__ = ["golden_of_run"]

MOST = 1000


def golden_of_run(run: Run) -> Golden:
    """How a run ended and which tools it called, without what was on its thread before. Waits for its end.

    Raises:
        DeploymentError: the deployment does not answer, or refuses.
    """
    run.wait_quietly()
    if run.info.is_stateless:
        return golden_of(run.status, run.values_left())
    states = run.connection.history.of_run(run.thread_id, run.run_id, limit=MOST)
    values, before = (states[0].get("values"), states[-1].get("values")) if states else (None, None)
    return golden_of(run.status, values, before)
