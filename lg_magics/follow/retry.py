"""How long, and how often, to retry requests to a deployment that does not answer. Depends on errors; sends no request."""

from __future__ import annotations

from lg_magics.errors import DeploymentError, Unreachable
from lg_magics.server.connection import Connection
from lg_magics.server.errors import is_nobody_there

__all__ = ["LOST", "backoff_seconds", "should_give_up"]

LOST = "connection lost, trying again"
BACKOFF = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0)
RETRY_SECONDS = 60.0
LOOPBACK_RETRY_SECONDS = 10.0
PASSING = (429, 500, 502, 503, 504)


def should_give_up(connection: Connection, problem: DeploymentError, seconds: float) -> bool:
    """Whether to stop retrying: the error is permanent, or transient errors (no answer, 429, 5xx) have lasted too long."""
    is_passing = isinstance(problem, Unreachable) or (problem.status_code or 0) in PASSING
    if not is_passing:
        return True
    is_gone = connection.deployment.is_loopback and is_nobody_there(problem)
    return seconds > (LOOPBACK_RETRY_SECONDS if is_gone else RETRY_SECONDS)


def backoff_seconds(attempts: int) -> float:
    """Seconds to wait before the next attempt, after so many failed ones."""
    return BACKOFF[min(attempts, len(BACKOFF) - 1)]
