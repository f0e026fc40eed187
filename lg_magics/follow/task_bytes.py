"""How much of a stream's bytes are parts of mode `tasks`, each of which repeats a node's whole input. Pure."""

from __future__ import annotations

__all__ = ["TASKS", "TaskBytes"]

TASKS = 36_000
SHARE = 0.25


class TaskBytes:
    """Counts the bytes of a run's stream, over all its connections."""

    def __init__(self) -> None:
        self._tasks = self._others = self._so_far = 0

    def join(self) -> None:
        """A connection begins."""
        self._so_far = 0

    def add(self, event: str, so_far: int) -> None:
        """Count a part; `so_far` are the bytes of this connection, with it."""
        new, self._so_far = so_far - self._so_far, so_far
        if event.startswith("tasks"):
            self._tasks += new
        else:
            self._others += new

    @property
    def are_too_many(self) -> bool:
        """Whether `tasks` takes more than TASKS bytes, and more than SHARE of what the other modes take."""
        return self._tasks > max(TASKS, SHARE * self._others)
