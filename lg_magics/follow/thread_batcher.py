"""Batches concurrent thread lookups: those that arrive while a search is in flight are sent together in the next one.

On the background loop only.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from lg_magics.model.records import ThreadRecord
from lg_magics.server.connection import Connection
from lg_magics.server.threads import thread_words

__all__ = ["ThreadBatcher", "ThreadSnapshot"]

GRAPH = {"graph": "metadata.graph_id"}


@dataclass(frozen=True, slots=True)
class ThreadSnapshot:
    """A thread at one moment.

    Attributes:
        is_paused: whether it waits for a person, or at a breakpoint.
        may_have_run: False if no run was ever created on it: the server notes the graph of the first one.
        words: the server's row of it: status, time of the last change, interrupts.
    """

    is_paused: bool
    may_have_run: bool
    words: ThreadRecord


class ThreadBatcher:
    """Sends a lookup at once if none is in flight; the others share the next call."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._wanted: dict[str, asyncio.Future[ThreadSnapshot | None]] = {}
        self._asking: asyncio.Task[None] | None = None

    async def load(self, thread_id: str) -> ThreadSnapshot | None:
        """Return a thread as it is now; None if there is no such thread.

        Raises:
            DeploymentError: the deployment does not answer, or refuses.
        """
        if thread_id not in self._wanted:
            self._wanted[thread_id] = asyncio.get_running_loop().create_future()
        found = self._wanted[thread_id]
        if self._asking is None or self._asking.done():
            self._asking = asyncio.ensure_future(self._ask_all())
        return await asyncio.shield(found)

    async def _ask_all(self) -> None:
        while self._wanted:
            wanted, self._wanted = self._wanted, {}
            try:
                found = await self._found(list(wanted))
            except Exception as problem:  # noqa: BLE001 - raised where the lookup is awaited
                for future in wanted.values():
                    future.set_exception(problem)
                    future.exception()  # mark it as retrieved: perhaps no one awaits it any more
            else:
                for thread_id, future in wanted.items():
                    future.set_result(found.get(thread_id))

    async def _found(self, ids: list[str]) -> dict[str, ThreadSnapshot]:
        found = await thread_words(self._connection, ids, extract=GRAPH)
        return {thread_id: _snapshot(row) for thread_id, row in found.items()}


def _snapshot(row: ThreadRecord) -> ThreadSnapshot:
    has_none = row.status == "idle" and row.extracted is not None and not row.extracted.get("graph")
    return ThreadSnapshot(row.status == "interrupted", not has_none, row)
