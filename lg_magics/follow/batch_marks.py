"""What is said of a whole batch, on those of its threads that hold it: that all is written, that it was cancelled. No run."""

from __future__ import annotations

from collections.abc import Sequence

from lg_magics.model.batch_plan import CANCELLED, REST
from lg_magics.server.connection import Connection
from lg_magics.server.threads import thread_words

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
            await self._connection.background.threads.update(thread_id, {REST: ""}, doing="mark the batch")

    async def is_cancelled(self, thread_id: str) -> bool:
        """Whether a thread says that the batch was cancelled: by whichever kernel.

        Raises:
            DeploymentError: the deployment does not answer, or refuses.
        """
        found = await thread_words(self._connection, [thread_id], extract={"mark": f"metadata.{CANCELLED}"})
        told = found[thread_id].extracted if thread_id in found else None
        return told is not None and bool(told.get("mark"))
