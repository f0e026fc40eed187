"""Batches concurrent thread lookups: while a search is in flight or more lookups are expected, the next ones share a search.

On the background loop only.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from lg_magics.model.records import ThreadRecord
from lg_magics.server.connection import Connection
from lg_magics.server.threads import thread_words

__all__ = ["ThreadBatcher"]


PAUSE_FACTOR = 10
"""While more lookups are expected, the next search waits this many times as long as the last one took,"""
LONGEST = 0.25
"""but no lookup waits more seconds than this for others."""
MOMENT = 0.01


class ThreadBatcher:
    """Sends a lookup at once if none was sent just now; the others share the next search.

    Args:
        connection: the connection to the deployment.
        expects_more: whether other lookups are expected soon, so that it saves work to wait for them.
    """

    def __init__(self, connection: Connection, expects_more: Callable[[], bool] = lambda: False) -> None:
        self._connection = connection
        self._expects_more = expects_more
        self._next_at = 0.0
        self._wanted: dict[str, asyncio.Future[ThreadRecord | None]] = {}
        self._asking: asyncio.Task[None] | None = None

    async def load(self, thread_id: str) -> ThreadRecord | None:
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
            while time.monotonic() < self._next_at and self._expects_more():
                await asyncio.sleep(MOMENT)
            began = time.monotonic()
            wanted, self._wanted = self._wanted, {}
            try:
                found = await thread_words(self._connection, list(wanted))
            except Exception as problem:  # noqa: BLE001 - raised where the lookup is awaited
                for future in wanted.values():
                    future.set_exception(problem)
                    future.exception()  # mark it as retrieved: perhaps no one awaits it any more
            else:
                for thread_id, future in wanted.items():
                    future.set_result(found.get(thread_id))
            ended = time.monotonic()
            self._next_at = ended + min(LONGEST, PAUSE_FACTOR * (ended - began))
