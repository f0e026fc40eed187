"""Looks at many threads with few calls: who asks while one call is under way shares the next. On the background loop."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from lg_magics.model.records import ThreadRecord
from lg_magics.server.connection import Connection
from lg_magics.server.thread_words import thread_words

__all__ = ["Look", "ThreadBatcher"]

GRAPH = {"graph": "metadata.graph_id"}


@dataclass(frozen=True, slots=True)
class Look:
    """A thread at one moment.

    Attributes:
        is_paused: whether it waits for a person, or at a breakpoint.
        may_have_run: False if no run was ever created on it: the server notes the graph of the first one.
        words: what the server says of it: status, time of the last change, interrupts.
    """

    is_paused: bool
    may_have_run: bool
    words: ThreadRecord


class ThreadBatcher:
    """Asks at once when nothing is under way, so that few who ask wait for nobody, and many share a call."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._wanted: dict[str, asyncio.Future[Look | None]] = {}
        self._asking: asyncio.Task[None] | None = None

    async def look(self, thread_id: str) -> Look | None:
        """A thread as it is now; None if it is not there.

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
            except Exception as problem:  # noqa: BLE001 - whoever asked must hear of it, whatever it is
                for future in wanted.values():
                    future.set_exception(problem)
                    future.exception()  # whoever asked may be gone
            else:
                for thread_id, future in wanted.items():
                    future.set_result(found.get(thread_id))

    async def _found(self, ids: list[str]) -> dict[str, Look]:
        found = await thread_words(self._connection, ids, extract=GRAPH)
        return {thread_id: _look(row) for thread_id, row in found.items()}


def _look(row: ThreadRecord) -> Look:
    has_none = row.status == "idle" and row.extracted is not None and not row.extracted.get("graph")
    return Look(row.status == "interrupted", not has_none, row)
