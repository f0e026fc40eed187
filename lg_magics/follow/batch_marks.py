"""What is said of a whole batch, on those of its threads that hold it: that all is written. Knows no run."""

from __future__ import annotations

from collections.abc import Sequence

from lg_magics.model.batch_plan import REST
from lg_magics.server.connection import Connection

__all__ = ["BatchMarks"]


class BatchMarks:
    """The marks of one batch. On the background loop."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def all_written(self, holders: Sequence[str]) -> None:
        """Say that every row has its thread: these need not hold them any more. The first of them is told last.

        Raises:
            DeploymentError: the deployment does not answer, or refuses.
        """
        for thread_id in reversed(holders):
            with self._connection.doing("mark the batch"):
                await self._connection.polls.threads.update(thread_id, metadata={REST: ""})
