"""Batches concurrent thread lookups: those that arrive while a search is in flight, or soon after it, share the next one.

On the background loop only.
"""

from __future__ import annotations

import asyncio
import time

from lg_magics.model.records import ThreadRecord
from lg_magics.server.connection import Connection
from lg_magics.server.threads import thread_words

__all__ = ["ThreadBatcher"]


class ThreadBatcher:
    """Sends a lookup at once if there was none for a while; the others share the next call.

    Args:
        connection: the connection to the deployment.
        pause: the least time between two calls, in seconds. Where many look, a short one saves most calls.
    """

    def __init__(self, connection: Connection, pause: float = 0.0) -> None:
        self._connection = connection
        self._pause = pause
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
            await asyncio.sleep(self._next_at - time.monotonic())
            self._next_at = time.monotonic() + self._pause
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
